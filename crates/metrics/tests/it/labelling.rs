//! Agreement and calibration, beside scikit-learn, SciPy and krippendorff (`tests/golden/labelling.py`).

use metrics::{
    Difference, cohens_kappa, expected_calibration_error, krippendorffs_alpha, reliability, temperature, tempered,
    tempered_alone,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    kappa: Vec<Kappa>,
    alpha: Vec<Alpha>,
    temperature: Vec<Temperature>,
    reliability: Vec<Reliability>,
}

#[derive(Deserialize)]
struct Kappa {
    first: Vec<usize>,
    second: Vec<usize>,
    kappa: f64,
}

#[derive(Deserialize)]
struct Alpha {
    units: Vec<Vec<f64>>,
    level: String,
    alpha: f64,
}

#[derive(Deserialize)]
struct Temperature {
    probabilities: Vec<Vec<f32>>,
    gold: Vec<usize>,
    temperature: f64,
    tempered: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Reliability {
    confidence: Vec<f64>,
    right: Vec<bool>,
    error: f64,
    accuracy: Vec<f64>,
    mean: Vec<f64>,
}

fn cases() -> Cases {
    let path = format!("{}/tests/data/labelling.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
}

#[test]
fn kappa_is_that_of_scikit_learn() {
    for case in cases().kappa {
        close(cohens_kappa(&case.first, &case.second).unwrap(), case.kappa, 1e-12);
    }
    assert_eq!(cohens_kappa(&[], &[]), None);
    assert_eq!(cohens_kappa(&[1, 1], &[1, 1]), None, "there is nothing to disagree about");
    assert_eq!(cohens_kappa(&[0, 1], &[0, 1]), Some(1.0));
}

#[test]
fn alpha_is_that_of_krippendorff() {
    for case in cases().alpha {
        let difference = if case.level == "nominal" { Difference::Nominal } else { Difference::Interval };
        close(krippendorffs_alpha(&case.units, difference).unwrap(), case.alpha, 1e-10);
    }
    assert_eq!(krippendorffs_alpha(&[], Difference::Nominal), None);
    assert_eq!(krippendorffs_alpha(&[vec![1.0], vec![2.0]], Difference::Nominal), None, "nobody else answered");
    assert_eq!(krippendorffs_alpha(&[vec![1.0, 1.0]], Difference::Interval), None, "no answer differs");
    let far: Vec<Vec<f64>> = [[1e9, 1e9 + 1.0], [1e9 + 2.0, 1e9 + 2.0]].map(Vec::from).to_vec();
    close(krippendorffs_alpha(&far, Difference::Interval).unwrap(), 1.0 - 0.5 / (22.0 / 12.0), 1e-6);
}

#[test]
fn the_temperature_is_the_likeliest() {
    for case in cases().temperature {
        let rows = case.probabilities.iter().map(Vec::as_slice);
        close(temperature(rows.zip(case.gold.iter().copied())).unwrap(), case.temperature, 1e-5);
        for (row, expected) in case.probabilities.iter().zip(&case.tempered) {
            tempered(row, 1.7).iter().zip(expected).for_each(|(&found, &expected)| close(found.into(), expected, 1e-6));
        }
    }
    assert_eq!(temperature([]), None);
    assert_eq!(temperature([(&[0.5, 0.5][..], 1)]), None, "an even answer stays even at every temperature");
    close(tempered_alone(0.9, 1.0).into(), 0.9, 1e-6);
    close(tempered_alone(0.5, 3.0).into(), 0.5, 1e-6);
    close(tempered(&[1.0, 0.0], 2.0)[1].into(), 1e-6, 1e-9);
}

#[test]
fn reliability_is_that_of_scikit_learn() {
    for case in cases().reliability {
        let answers: Vec<(f64, bool)> = case.confidence.into_iter().zip(case.right).collect();
        let bins = reliability(&answers, 10);
        close(expected_calibration_error(&bins), case.error, 1e-12);
        let filled: Vec<_> = bins.iter().filter(|bin| bin.count > 0).collect();
        assert_eq!(filled.len(), case.mean.len());
        for (bin, (accuracy, mean)) in filled.iter().zip(case.accuracy.iter().zip(&case.mean)) {
            close(bin.accuracy, *accuracy, 1e-12);
            close(bin.confidence, *mean, 1e-12);
        }
    }
    assert_eq!(expected_calibration_error(&reliability(&[], 10)), 0.0);
    let edges = reliability(&[(0.0, false), (1.0, true), (0.5, true)], 10);
    assert_eq!((edges[0].count, edges[9].count, edges[4].count), (1, 1, 1));
}
