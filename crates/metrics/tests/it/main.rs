mod blurb;
mod classification;
mod entities;
mod intervals;
mod labelling;
mod multilabel;
mod regression;
mod relation;
mod statistics;
mod words;

use metrics::{ClassScores, MicroScores};
use serde_json::Value;

/// The golden values in `tests/data`, written by `tests/golden/metrics.py` with scikit-learn, seqeval and SciPy.
fn golden(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read<T: serde::de::DeserializeOwned>(case: &Value, key: &str) -> T {
    serde_json::from_value(case[key].clone()).unwrap_or_else(|error| panic!("{key} of {case}: {error}"))
}

fn assert_close(ours: f64, case: &Value, key: &str) {
    let theirs = case[key].as_f64().unwrap_or_else(|| panic!("{key} is missing in {case}"));
    assert!((ours - theirs).abs() <= 1e-12, "{key}: ours {ours}, reference {theirs}, in {case}");
}

/// Against `[precision, recall, f1]`.
fn assert_micro(ours: &MicroScores, case: &Value) {
    let theirs: [f64; 3] = read(case, "micro");
    for (ours, theirs) in [ours.precision, ours.recall, ours.f1].into_iter().zip(theirs) {
        assert!((ours - theirs).abs() <= 1e-12, "ours {ours}, reference {theirs}, in {case}");
    }
}

/// Against `[precision, recall, f1, support, predicted]` of each class.
fn assert_classes(ours: &[ClassScores], case: &Value, key: &str) {
    let theirs: Vec<(f64, f64, f64, usize, usize)> = read(case, key);
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours.precision - theirs.0).abs() <= 1e-12, "{ours:?} {theirs:?}");
        assert!((ours.recall - theirs.1).abs() <= 1e-12, "{ours:?} {theirs:?}");
        assert!((ours.f1 - theirs.2).abs() <= 1e-12, "{ours:?} {theirs:?}");
        assert_eq!((ours.support, ours.predicted), (theirs.3, theirs.4));
    }
}

/// Against a number or null.
fn assert_close_or_none(ours: Option<f64>, theirs: Option<f64>, case: &Value) {
    let close = match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours - theirs).abs() <= 1e-12,
        (None, None) => true,
        _ => false,
    };
    assert!(close, "ours {ours:?}, reference {theirs:?}, in {case}");
}

fn labels(count: usize) -> Vec<String> {
    (0..count).map(|class| format!("class {class}")).collect()
}
