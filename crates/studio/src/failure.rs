//! An error as it crosses to a screen: a code, a sentence, and what the sentence speaks of.

use crate::StudioError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Failure {
    /// A stable name for the kind of error, by which a screen finds its own words.
    pub code: String,
    /// One English sentence that says what happened, where, and what to do.
    pub message: String,
    /// What the sentence speaks of, by name; lists are joined with commas.
    pub data: BTreeMap<String, String>,
}

impl Failure {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), data: BTreeMap::new() }
    }
}

impl From<StudioError> for Failure {
    fn from(error: StudioError) -> Self {
        Self::from(&error)
    }
}

impl From<&StudioError> for Failure {
    fn from(error: &StudioError) -> Self {
        let mut data = BTreeMap::new();
        if let Value::Object(details) = error.data() {
            data.extend(details.iter().map(|(name, value)| (name.clone(), plain(value))));
        }
        Self { code: error.code().into(), message: error.to_string(), data }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}: {}", plain(value))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
