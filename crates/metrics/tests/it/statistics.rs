//! Statistics over runs, beside SciPy, NumPy and statsmodels (`tests/golden/statistics.py`).

use metrics::{
    brown_forsythe, disagreement, expected_best, holm, interval_over_runs, paired_permutation, quantile, spread,
};
use serde_json::Value;

fn cases() -> Value {
    let path = format!("{}/tests/data/statistics.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[track_caller]
fn close(found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "{found} instead of {expected}");
}

#[test]
fn spread_is_that_of_numpy() {
    for case in cases()["spread"].as_array().unwrap() {
        let values = numbers(&case["values"]);
        let found = spread(&values).unwrap();
        close(found.mean, &case["mean"], 1e-12);
        close(found.median, &case["median"], 1e-12);
        assert_eq!(found.sd.is_none(), case["sd"].is_null());
        found.sd.iter().for_each(|&sd| close(sd, &case["sd"], 1e-12));
        for pair in case["quantiles"].as_array().unwrap() {
            close(quantile(&values, pair[0].as_f64().unwrap()), &pair[1], 1e-12);
        }
    }
    assert_eq!(spread(&[]), None);
    assert_eq!(spread(&[0.5, f64::NAN]), None);
    assert_eq!(quantile(&[], 0.5), 0.0);
    assert_eq!(quantile(&[1.0, f64::NAN, f64::INFINITY, 2.0], 0.75), 1.75);
    assert_eq!(quantile(&[1.0, 2.0], f64::NAN), 1.0);
}

#[test]
fn brown_and_forsythe_s_test_is_that_of_scipy() {
    for case in cases()["levene"].as_array().unwrap() {
        let groups: Vec<Vec<f64>> = case["groups"].as_array().unwrap().iter().map(numbers).collect();
        let found = brown_forsythe(&groups).unwrap();
        close(found.statistic, &case["statistic"], 1e-9);
        close(found.p, &case["p"], 1e-9);
    }
    assert_eq!(brown_forsythe(&[vec![0.1, 0.2]]), None, "one group");
    assert_eq!(brown_forsythe(&[vec![0.1, 0.2], vec![0.3]]), None, "a single value");
    assert_eq!(brown_forsythe(&[vec![0.5; 4], vec![0.5; 4]]), None, "no spread at all");
    assert_eq!(brown_forsythe(&[vec![0.1, 0.2], vec![0.3, f64::NAN]]), None);
}

#[test]
fn the_permutation_test_is_that_of_scipy() {
    for case in cases()["permutation"].as_array().unwrap() {
        let differences = numbers(&case["differences"]);
        let found = paired_permutation(&differences, 1000, 0).unwrap();
        assert!(found.exact);
        close(found.p, &case["p"], 1e-9);
        assert_eq!(found.smallest, 2.0 / f64::from(1 << differences.len()));
    }
    assert_eq!(paired_permutation(&[], 10, 0), None);
    assert_eq!(paired_permutation(&[0.1, f64::NAN], 10, 0), None);
    assert_eq!(paired_permutation(&[1e308, 1e308], 10, 0), None);
    let nothing = paired_permutation(&[0.0, 0.0], 10, 0).unwrap();
    assert_eq!((nothing.p, nothing.difference), (1.0, 0.0));
}

#[test]
fn too_many_sign_patterns_are_sampled() {
    let same: Vec<f64> = (0..40).map(|i| 0.01 + 0.001 * f64::from(i)).collect();
    let found = paired_permutation(&same, 2000, 1).unwrap();
    assert!(!found.exact);
    assert_eq!(found.p, 1.0 / 2001.0, "no pattern reaches what all signs alike give");
    let mixed: Vec<f64> = (0..40).map(|i| if i % 2 == 0 { 0.01 } else { -0.01 }).collect();
    assert_eq!(paired_permutation(&mixed, 2000, 1).unwrap().p, 1.0);
}

#[test]
fn the_expected_best_is_that_of_the_empirical_distribution() {
    for case in cases()["expected"].as_array().unwrap() {
        let found = expected_best(&numbers(&case["scores"]));
        let rows = case["rows"].as_array().unwrap();
        assert_eq!(found.len(), rows.len());
        for (found, row) in found.iter().zip(rows) {
            assert_eq!(found.runs as u64, row[0].as_u64().unwrap());
            close(found.mean, &row[1], 1e-9);
            close(found.sd, &row[2], 1e-12);
        }
        assert!(found.is_sorted_by(|a, b| a.mean <= b.mean), "more runs are never worse");
    }
    assert_eq!(expected_best(&[0.5, f64::NAN]), expected_best(&[0.5]));
    assert!(expected_best(&[]).is_empty());
    assert!(expected_best(&[0.9; 5]).iter().all(|best| best.sd < 1e-15), "equal scores do not vary");
}

#[test]
fn holm_s_correction_is_that_of_statsmodels() {
    for case in cases()["holm"].as_array().unwrap() {
        for (found, expected) in holm(&numbers(&case["p"])).into_iter().zip(case["adjusted"].as_array().unwrap()) {
            close(found, expected, 1e-12);
        }
    }
    assert!(holm(&[]).is_empty());
}

#[test]
fn intervals_of_runs_are_student_s_of_scipy() {
    for case in cases()["runs"].as_array().unwrap() {
        let found = interval_over_runs(&numbers(&case["values"]), 0.95).unwrap();
        close(found.low, &case["low"], 1e-9);
        close(found.high, &case["high"], 1e-9);
    }
}

#[test]
fn runs_that_say_the_same_do_not_disagree() {
    assert_eq!(disagreement::of_classes(&["a", "a", "a"]), 0.0);
    assert_eq!(disagreement::of_classes(&["a", "b", "a", "c"]), 0.5);
    assert_eq!(disagreement::of_classes::<u8>(&[]), 0.0);
    assert_eq!(disagreement::of_sets(&[vec![1, 2], vec![2, 1]]), 0.0);
    assert_eq!(disagreement::of_spans(&[vec![(0, 4)], vec![]]), 1.0);
    assert_eq!(disagreement::of_spans::<u8>(&[vec![], vec![]]), 0.0);
    assert!((disagreement::of_spans(&[vec![1, 2], vec![1], vec![1]]) - (1.0 - 7.0 / 9.0)).abs() < 1e-12);
    assert_eq!(disagreement::of_spans(&[vec![1, 1], vec![1]]), 0.0);
    assert_eq!(disagreement::of_scores(&[2.0]), 0.0);
    assert_eq!(disagreement::of_scores(&[2.0, f64::NAN]), 0.0);
    assert_eq!(disagreement::of_scores(&[1.0, 3.0]), 2f64.sqrt());
}
