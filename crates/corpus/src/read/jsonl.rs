//! One JSON object a line.

use super::{Row, Table};
use crate::{Issue, IssueKind};
use serde_json::{Map, Value};
use std::path::Path;

pub fn read(text: &str, path: &Path) -> Table {
    let mut table = Table::default();
    let mut objects: Vec<(usize, Map<String, Value>)> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line_number = number + 1;
        match serde_json::from_str(line) {
            Ok(Value::Object(object)) => objects.push((line_number, object)),
            other => {
                let reason = other.map_or_else(|error| error.to_string(), |_| "it is no object".into());
                let (kind, message) = (IssueKind::BadJson, format!("not a JSON object: {reason}"));
                let file = path.into();
                table.issues.push(Issue { file, line: line_number, column: None, kind, rejected: true, message });
            }
        }
    }
    fill(&mut table, objects);
    table
}

/// Lays objects, each with its line, out as rows under the names that occur in any of them.
pub(super) fn fill(table: &mut Table, objects: Vec<(usize, Map<String, Value>)>) {
    for name in objects.iter().flat_map(|(_, object)| object.keys()) {
        if !table.columns.contains(name) {
            table.columns.push(name.clone());
        }
    }
    for (line, mut object) in objects {
        let cells = table.columns.iter().map(|name| object.remove(name).unwrap_or_default()).collect();
        table.rows.push(Row { line, file: None, cells });
    }
}
