//! A file that is one JSON value: records, exports of Label Studio, and PubMedQA as its authors published it.

use super::{Row, Table, jsonl, labelstudio};
use crate::{DataError, Document, Issue, IssueKind};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// What the JSON of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One value a line, which `jsonl` reads.
    Lines,
    /// BioC, an object with `documents` in `passages`, which is read elsewhere.
    BioC,
    LabelStudio,
    PubmedQa,
    /// Records, or what else there is: reading says what is wrong with it.
    Records,
}

pub enum Json {
    Table(Table),
    Documents(Vec<Document>, Vec<Issue>),
}

/// The list of records goes by one of these names, where an object holds several lists.
const LIST_NAMES: [&str; 8] = ["data", "records", "rows", "examples", "instances", "items", "documents", "results"];

/// Finds out what a text in JSON is, also where it is broken further down.
pub fn kind(text: &str) -> Kind {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let second = lines.next();
    // Among the lines of one value none begins with { right after another.
    if first.starts_with('{') && second.is_some_and(|line| line.starts_with('{') || is_value(first)) {
        return Kind::Lines;
    }
    if let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(text) {
        return if list.first().is_some_and(|task| labelstudio::looks_like(task)) {
            Kind::LabelStudio
        } else {
            Kind::Records
        };
    }
    let Ok(object) = fields(text) else { return Kind::Records };
    let is_bioc = |documents: &RawValue| match serde_json::from_str::<Vec<BTreeMap<String, &RawValue>>>(documents.get())
    {
        Ok(documents) => documents.first().is_none_or(|document| document.contains_key("passages")),
        Err(_) => false,
    };
    match object.values().next().map(|value| fields(value.get())) {
        _ if object.get("documents").is_some_and(|documents| is_bioc(documents)) => Kind::BioC,
        Some(Ok(entry)) if entry.contains_key("QUESTION") && entry.contains_key("CONTEXTS") => Kind::PubmedQa,
        // A single record on a single line.
        _ if second.is_none() && matches!(records(&object), Ok(Records::One)) => Kind::Lines,
        _ => Kind::Records,
    }
}

/// Reads records, a Label Studio export or PubMedQA; a row or document has the line on which its record begins.
pub fn read(text: &str, path: &Path) -> Result<Json, DataError> {
    let broken = |error: serde_json::Error| DataError::Malformed {
        path: path.into(),
        line: error.line().max(1),
        reason: format!("the JSON is broken here, at character {}: {}", error.column(), plainly(&error)),
    };
    serde_json::from_str::<&RawValue>(text).map_err(broken)?;
    let file = File { text, path };
    if text.trim_start().starts_with('[') {
        let list: Vec<&RawValue> = serde_json::from_str(text).map_err(broken)?;
        if kind(text) == Kind::LabelStudio {
            let (documents, issues) = labelstudio::read(&located(&file, &list), path);
            return Ok(Json::Documents(documents, issues));
        }
        return Ok(Json::Table(file.table(&list)));
    }
    let malformed = |reason: String| DataError::Malformed { path: path.into(), line: 1, reason };
    let object = fields(text).map_err(|_| malformed("it holds neither a list nor an object".into()))?;
    if kind(text) == Kind::PubmedQa {
        return Ok(Json::Table(pubmedqa(&file, &object)));
    }
    let table = match records(&object).map_err(malformed)? {
        Records::Named(name) => {
            let list: Vec<&RawValue> = serde_json::from_str(object[&name].get()).map_err(broken)?;
            file.table(&list)
        }
        Records::Keyed => file.keyed(&object),
        Records::One => file.table(&[serde_json::from_str(text).map_err(broken)?]),
    };
    Ok(Json::Table(table))
}

/// The fields of an object as they stand in the text.
fn fields(text: &str) -> serde_json::Result<BTreeMap<String, &RawValue>> {
    serde_json::from_str(text)
}

fn is_value(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// An error without its place, which is told before it.
fn plainly(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line ").next().unwrap_or_default().to_string()
}

/// Where the records of an object are.
enum Records {
    /// In a list of that name.
    Named(String),
    /// Each under its id.
    Keyed,
    /// It is the only one.
    One,
}

/// `Err` is why there are none to be told.
fn records(object: &BTreeMap<String, &RawValue>) -> Result<Records, String> {
    let is_list = |value: &RawValue| {
        let list: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
        list.first().is_some_and(|first| first.get().starts_with('{'))
    };
    let lists: Vec<&String> = object.iter().filter(|(_, value)| is_list(value)).map(|(name, _)| name).collect();
    let usual = LIST_NAMES.iter().find(|name| lists.iter().any(|list| list == *name));
    let is_text = |name: &str| object.get(name).is_some_and(|value| value.get().starts_with('"'));
    if let Some(name) = usual.filter(|_| !is_text("text")) {
        return Ok(Records::Named(name.to_string()));
    }
    if !object.is_empty() && object.values().all(|value| value.get().starts_with('{')) {
        let is_number = |key: &String| key.bytes().all(|byte| byte.is_ascii_digit());
        let numbered = |value: &&RawValue| fields(value.get()).is_ok_and(|keys| keys.keys().all(is_number));
        if object.values().all(numbered) {
            return Err("it lists one column after the other; write one record after the other (in pandas: to_json(orient=\"records\"))".into());
        }
        return Ok(Records::Keyed);
    }
    match lists.as_slice() {
        [name] if !object.values().any(|value| value.get().starts_with('"')) => Ok(Records::Named(name.to_string())),
        [] | [_] if object.values().any(|value| value.get().starts_with('"')) => Ok(Records::One),
        [] | [_] => Err("it holds no list of records, such as [{\"text\": \"...\", \"label\": \"...\"}, ...]".into()),
        several => {
            let names: Vec<&str> = several.iter().map(|name| name.as_str()).collect();
            Err(format!("it holds several lists ({}); save each as a file of its own", names.join(", ")))
        }
    }
}

/// A text that is taken apart, and where it comes from.
struct File<'a> {
    text: &'a str,
    path: &'a Path,
}

/// Parts of the text in their order, each with the line on which it begins.
fn located<'a>(file: &File, parts: &[&'a RawValue]) -> Vec<(usize, &'a RawValue)> {
    let (mut byte, mut line) = (0, 1);
    let mut located = Vec::with_capacity(parts.len());
    for part in parts {
        // Parts borrow from the text, so that where they lie in memory tells where they stand in it.
        let start = (part.get().as_ptr() as usize).saturating_sub(file.text.as_ptr() as usize);
        line += file.text.as_bytes()[byte..start].iter().filter(|&&byte| byte == b'\n').count();
        byte = start;
        located.push((line, *part));
    }
    located
}

impl File<'_> {
    fn table(&self, list: &[&RawValue]) -> Table {
        let mut table = Table::default();
        let mut objects = Vec::with_capacity(list.len());
        for (line, record) in located(self, list) {
            match serde_json::from_str(record.get()) {
                Ok(Value::Object(object)) => objects.push((line, object)),
                Ok(Value::Array(pair)) => match training_pair(pair) {
                    Some(object) => objects.push((line, object)),
                    None => table.issues.push(self.no_object(line, "it is a list")),
                },
                Ok(_) => table.issues.push(self.no_object(line, "it is no object")),
                Err(error) => table.issues.push(self.no_object(line + error.line() - 1, &plainly(&error))),
            }
        }
        jsonl::fill(&mut table, objects);
        table
    }

    /// Records by their id, which becomes the column `id` where they have none.
    fn keyed(&self, object: &BTreeMap<String, &RawValue>) -> Table {
        let mut table = Table::default();
        let mut objects = Vec::with_capacity(object.len());
        for (line, key, record) in in_order(self, object) {
            match serde_json::from_str::<Map<String, Value>>(record.get()) {
                Ok(record) => {
                    let mut whole = Map::from_iter([("id".to_string(), Value::String(key.clone()))]);
                    whole.extend(record);
                    objects.push((line, whole));
                }
                Err(error) => table.issues.push(self.no_object(line + error.line() - 1, &plainly(&error))),
            }
        }
        jsonl::fill(&mut table, objects);
        table
    }

    fn no_object(&self, line: usize, reason: &str) -> Issue {
        let message = format!("not a JSON object: {reason}");
        Issue { file: self.path.into(), line, column: None, kind: IssueKind::BadJson, rejected: true, message }
    }
}

/// The fields of an object as the file has them, not by name.
fn in_order<'a>(file: &File, object: &'a BTreeMap<String, &'a RawValue>) -> Vec<(usize, &'a String, &'a RawValue)> {
    let mut entries: Vec<(&String, &RawValue)> = object.iter().map(|(key, value)| (key, *value)).collect();
    entries.sort_by_key(|(_, value)| value.get().as_ptr() as usize);
    let values: Vec<&RawValue> = entries.iter().map(|(_, value)| *value).collect();
    let lines = located(file, &values).into_iter().map(|(line, _)| line);
    lines.zip(entries).map(|(line, (key, value))| (line, key, value)).collect()
}

/// `["text", {"entities": ...}]`, as spaCy's training data was written.
fn training_pair(pair: Vec<Value>) -> Option<Map<String, Value>> {
    let [Value::String(text), Value::Object(answers)] = <[Value; 2]>::try_from(pair).ok()? else { return None };
    let mut object = Map::from_iter([("text".to_string(), Value::String(text))]);
    object.extend(answers);
    Some(object)
}

/// A question of PubMedQA. `LONG_ANSWER` is left away on purpose: it is the abstract's conclusion, which gives the answer away.
#[derive(Deserialize)]
struct Question {
    #[serde(rename = "QUESTION")]
    question: String,
    #[serde(rename = "CONTEXTS")]
    contexts: Vec<String>,
    final_decision: Option<String>,
}

fn pubmedqa(file: &File, object: &BTreeMap<String, &RawValue>) -> Table {
    let columns = ["id", "question", "context", "final_decision"].map(String::from).to_vec();
    let mut table = Table { columns, ..Table::default() };
    for (line, id, entry) in in_order(file, object) {
        match serde_json::from_str::<Question>(entry.get()) {
            Ok(entry) => {
                let context = entry.contexts.join(" ");
                let decision = entry.final_decision.map_or(Value::Null, Value::String);
                let cells = vec![id.clone().into(), entry.question.into(), context.into(), decision];
                table.rows.push(Row { line, file: None, cells });
            }
            Err(error) => {
                let message = format!("no question of PubMedQA: {}", plainly(&error));
                let (file, kind) = (file.path.into(), IssueKind::BadRecord);
                table.issues.push(Issue { file, line, column: None, kind, rejected: true, message });
            }
        }
    }
    table
}
