use crate::{assert_close, assert_close_or_none, golden, read};
use metrics::{RegressionScores, pearson, regression, spearman};

#[test]
fn equals_scipy_also_with_ties_and_constant_sides() {
    let cases = golden("regression");
    assert!(cases.len() >= 100);
    let (mut some, mut none) = (0, 0);
    for case in &cases {
        let (gold, predicted): (Vec<f64>, Vec<f64>) = (read(case, "gold"), read(case, "predicted"));
        let scores = regression(&gold, &predicted);
        assert_eq!(scores.n, gold.len());
        assert_close_or_none(scores.pearson, read(case, "pearson"), case);
        assert_close_or_none(scores.spearman, read(case, "spearman"), case);
        assert_close(scores.mse, case, "mse");
        assert_close(scores.mae, case, "mae");
        assert_close(scores.gold_variance, case, "gold_variance");
        *if scores.pearson.is_some() { &mut some } else { &mut none } += 1;
    }
    assert!(some > 50 && none > 20, "{some} {none}");
}

#[test]
fn what_only_rounding_tells_apart_is_constant() {
    let gold = [1.0, 2.0, 3.0, 4.0];
    for constant in [[0.3, 0.1 + 0.2, 0.3, 0.1 + 0.2], [7.7; 4], [0.0, -0.0, 0.0, -0.0]] {
        assert_eq!((pearson(&gold, &constant), spearman(&gold, &constant)), (None, None));
        assert_eq!((pearson(&constant, &gold), spearman(&constant, &gold)), (None, None));
    }
    // The mean of many equal numbers is none of them.
    assert_eq!(pearson(&[0.1; 1000], &(0..1000).map(f64::from).collect::<Vec<_>>()), None);
}

#[test]
fn tiny_huge_and_shifted_numbers_correlate_all_the_same() {
    let gold = [1.0, 2.0, 3.0, 5.0];
    let predicted = [1.0, 3.0, 2.0, 5.0];
    let expected = pearson(&gold, &predicted).expect("neither is constant");
    for (scale, shift) in [(1e-200, 0.0), (1e200, 0.0), (1.0, 1e9)] {
        let changed = gold.map(|value| value * scale + shift);
        let found = pearson(&changed, &predicted).expect("neither is constant");
        assert!((found - expected).abs() < 1e-12, "{scale} {shift}: {found} {expected}");
    }
}

#[test]
fn no_number_and_no_second_example_have_no_correlation() {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(pearson(&[1.0, odd, 3.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[1.0, odd, 2.0]), None);
    }
    let nothing = RegressionScores { n: 0, pearson: None, spearman: None, mse: 0.0, mae: 0.0, gold_variance: 0.0 };
    assert_eq!(regression(&[], &[]), nothing);
    assert_eq!(regression(&[2.0], &[5.0]), RegressionScores { n: 1, mse: 9.0, mae: 3.0, ..nothing });
}

#[test]
fn the_mean_of_gold_reaches_its_variance() {
    let gold = [0.0, 1.0, 2.0, 5.0];
    let scores = regression(&gold, &[2.0; 4]);
    assert_eq!((scores.mse, scores.gold_variance, scores.pearson), (3.5, 3.5, None));
}

#[test]
fn a_missing_correlation_survives_json() {
    let scores = regression(&[1.0, 1.0], &[1.0, 2.0]);
    let text = serde_json::to_string(&scores).expect("scores are plain data");
    assert!(text.contains("\"pearson\":null"));
    assert_eq!(serde_json::from_str::<RegressionScores>(&text).expect("its own output"), scores);
}
