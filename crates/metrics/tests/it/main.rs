mod classification;
mod entities;

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
