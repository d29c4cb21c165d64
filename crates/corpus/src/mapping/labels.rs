//! Several labels in one cell, or one label a column.

use super::{beginning, guess, is_blank, plain};
use crate::IssueKind;
use crate::read::Table;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// What divides labels in a cell, the least ambiguous first.
const SEPARATORS: [&str; 4] = ["|", ";", ",", "\n"];

/// How the labels of a column are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writing {
    /// `0_0,1_1,2_0`: every label with a 1 where it holds, as BLURB writes the hallmarks of cancer.
    Flags,
    Separated(String),
    /// One label a cell.
    Alone,
}

/// The hallmarks of cancer in the order of BLURB's numbers (Baker et al. 2016).
const HALLMARKS: [&str; 10] = [
    "sustaining invasion and metastasis",
    "avoiding immune destruction",
    "cellular energetics",
    "enabling replicative immortality",
    "evading growth suppressors",
    "genomic instability and mutation",
    "inducing angiogenesis",
    "resisting cell death",
    "sustaining proliferative signaling",
    "tumor promoting inflammation",
];

fn flags(cell: &str) -> Option<Vec<(&str, bool)>> {
    cell.trim()
        .split(',')
        .map(|part| match part.trim().rsplit_once('_')? {
            (name, "0") if !name.is_empty() => Some((name, false)),
            (name, "1") if !name.is_empty() => Some((name, true)),
            _ => None,
        })
        .collect()
}

fn filled(table: &Table, index: usize) -> Vec<String> {
    table.rows.iter().map(|row| plain(&row.cells[index])).filter(|cell| !cell.trim().is_empty()).collect()
}

/// How a column's labels are written, with the separator that the user may have named.
pub fn writing(table: &Table, index: usize, separator: Option<&str>) -> Writing {
    if let Some(separator) = separator.filter(|separator| !separator.is_empty()) {
        return Writing::Separated(separator.into());
    }
    let cells = filled(table, index);
    if !cells.is_empty() && cells.iter().all(|cell| flags(cell).is_some()) {
        return Writing::Flags;
    }
    let uses = |separator: &&str| cells.iter().filter(|cell| cell.contains(*separator)).count();
    // The least ambiguous that is more than a slip, else the one that is used most.
    let plain = SEPARATORS.into_iter().find(|separator| uses(separator) * 10 >= cells.len().max(1));
    let found = plain.or_else(|| SEPARATORS.into_iter().max_by_key(uses)).filter(|separator| uses(separator) > 0);
    found.map_or(Writing::Alone, |separator| Writing::Separated(separator.into()))
}

/// Whether a column plainly holds several labels a cell: lists, flags, or parts that recur in other combinations.
pub fn holds_several(table: &Table, index: usize) -> bool {
    let raw = || table.rows.iter().map(|row| &row.cells[index]).filter(|cell| !is_blank(cell));
    if raw().next().is_none() {
        return false;
    }
    if raw().all(guess::is_list_of_names) {
        return true;
    }
    let cells = filled(table, index);
    if cells.iter().all(|cell| cell.trim().starts_with('[') && cell.trim().ends_with(']')) {
        return true;
    }
    if cells.iter().all(|cell| flags(cell).is_some_and(|flags| flags.len() > 1)) {
        return true;
    }
    let values: HashSet<&str> = cells.iter().map(String::as_str).collect();
    // A comma may well belong to a name, so only these divide labels unasked.
    ["|", ";"].into_iter().any(|separator| {
        let divided = cells.iter().filter(|cell| cell.contains(separator)).count();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for part in values.iter().flat_map(|value| value.split(separator)) {
            *seen.entry(part.trim()).or_default() += 1;
        }
        divided * 10 >= cells.len() && seen.len() <= guess::MOST_CLASSES && seen.values().any(|&times| times > 1)
    })
}

/// The labels in a cell. None at all is an answer too.
pub fn labels_in(cell: &Value, writing: &Writing) -> Result<Vec<String>, (IssueKind, String)> {
    if let Some(list) = cell.as_array() {
        return Ok(list
            .iter()
            .map(plain)
            .map(|name| name.trim().to_string())
            .filter(|name| !name.is_empty())
            .collect());
    }
    let text = plain(cell);
    // Python writes lists with other quotes.
    let listed = text.trim().starts_with('[').then(|| text.replace('\'', "\""));
    if let Some(Ok(Value::Array(list))) = listed.map(|text| serde_json::from_str::<Value>(&text)) {
        return labels_in(&Value::Array(list), writing);
    }
    match writing {
        _ if text.trim().is_empty() => Ok(vec![]),
        Writing::Alone => Ok(vec![text.trim().into()]),
        Writing::Separated(separator) => Ok(text
            .split(separator.as_str())
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(String::from)
            .collect()),
        Writing::Flags => {
            let reason =
                || (IssueKind::UnknownLabel, format!("\"{}\" is no list of labels with 0 or 1", beginning(&text)));
            let flags = flags(&text).ok_or_else(reason)?;
            let set = flags.iter().filter(|flag| flag.1).map(|flag| flag.0);
            let are_hallmarks = flags.len() == HALLMARKS.len()
                && flags.iter().enumerate().all(|(place, flag)| flag.0 == place.to_string());
            Ok(set
                .map(|name| match name.parse::<usize>() {
                    Ok(number) if are_hallmarks => HALLMARKS[number].into(),
                    _ => name.to_string(),
                })
                .collect())
        }
    }
}

/// Whether a cell of a label's own column says that the label holds.
pub fn holds(cell: &Value) -> Result<bool, (IssueKind, String)> {
    match plain(cell).trim().to_lowercase().as_str() {
        "1" | "1.0" | "true" | "yes" | "y" | "x" => Ok(true),
        "" | "0" | "0.0" | "false" | "no" | "n" => Ok(false),
        other => Err((IssueKind::UnknownLabel, format!("\"{}\" is neither 0 nor 1", beginning(other)))),
    }
}
