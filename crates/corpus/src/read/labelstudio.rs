//! Exports of Label Studio (JSON): tasks with the annotations people made of them.

use crate::{Document, Issue, IssueKind, Mention, Relation};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::path::Path;

/// A task as far as it is read.
#[derive(Deserialize)]
struct Task {
    #[serde(default)]
    id: Value,
    data: Map<String, Value>,
    #[serde(alias = "completions")]
    annotations: Vec<Annotation>,
}

#[derive(Deserialize)]
struct Annotation {
    #[serde(default)]
    result: Vec<Value>,
    #[serde(default)]
    was_cancelled: bool,
}

/// Whether a record is a task with its annotations.
pub fn looks_like(record: &RawValue) -> bool {
    let record: Value = serde_json::from_str(record.get()).unwrap_or_default();
    let annotations = record.get("annotations").or_else(|| record.get("completions"));
    record["data"].is_object() && annotations.is_some_and(Value::is_array)
}

/// The tasks, each with its line, as documents. Of several annotations the first counts that was not skipped; tasks without
/// any are left out, unless no task has one. What is known of a text but not read is kept as JSON in `rest`.
pub fn read(tasks: &[(usize, &RawValue)], path: &Path) -> (Vec<Document>, Vec<Issue>) {
    let mut issues = Vec::new();
    let mut documents = Vec::new();
    for &(line, task) in tasks {
        let mut note = |kind, rejected, message: String| {
            issues.push(Issue { file: path.into(), line, column: None, kind, rejected, message });
        };
        let task: Task = match serde_json::from_str(task.get()) {
            Ok(task) => task,
            Err(error) => {
                note(IssueKind::BadRecord, true, format!("no task of Label Studio: {error}"));
                continue;
            }
        };
        let made: Vec<&Annotation> = task.annotations.iter().filter(|annotation| !annotation.was_cancelled).collect();
        if made.len() > 1 {
            note(
                IssueKind::BadRecord,
                false,
                format!("{} people annotated this text; the first was taken", made.len()),
            );
        }
        let Some(name) = text_field(&task.data, made.first().map_or(&[], |annotation| &annotation.result)) else {
            note(IssueKind::EmptyText, true, "the task has no text".into());
            continue;
        };
        let mut data = task.data;
        let text = data.shift_remove(&name).and_then(|text| text.as_str().map(str::to_string)).unwrap_or_default();
        let told = data.get("id").and_then(scalar);
        if told.is_some() {
            data.shift_remove("id");
        }
        let id = told.or_else(|| scalar(&task.id)).unwrap_or_default();
        let mut document = Document { id, text, file: path.into(), line, ..Document::default() };
        if !data.is_empty() || name != "text" {
            document.rest.push(json!({"data": data, "text": name}).to_string());
        }
        if let Some(annotation) = made.first() {
            take(&mut document, &annotation.result, &mut note);
        }
        documents.push((document, !made.is_empty()));
    }
    let any = documents.iter().any(|(_, annotated)| *annotated);
    let mut kept = Vec::with_capacity(documents.len());
    for (document, annotated) in documents {
        if any && !annotated {
            let message = "nobody has annotated this text, so that it does not tell what is in it".to_string();
            let (file, line) = (path.into(), document.line);
            issues.push(Issue { file, line, column: None, kind: IssueKind::EmptyLabel, rejected: true, message });
        } else {
            kept.push(document);
        }
    }
    (kept, issues)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The field that holds the text: what the labels are put on goes by its name more often than not, else it is the longest.
fn text_field(data: &Map<String, Value>, result: &[Value]) -> Option<String> {
    let target = result.iter().find_map(|region| region["to_name"].as_str());
    let filled = |name: &&str| data.get(*name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    if let Some(name) = ["text"].into_iter().chain(target).find(filled) {
        return Some(name.into());
    }
    let texts = data.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
    let longest = texts.filter(|(_, text)| !text.trim().is_empty()).max_by_key(|(_, text)| text.len());
    longest.map(|(name, _)| name.clone())
}

/// Takes over what one person marked.
fn take(document: &mut Document, result: &[Value], note: &mut impl FnMut(IssueKind, bool, String)) {
    let characters: Vec<char> = document.text.chars().collect();
    let places = places(&characters, result);
    for region in result {
        let value = &region["value"];
        let names = region["type"].as_str().map(|kind| strings(&value[kind])).unwrap_or_default();
        match region["type"].as_str() {
            Some("labels" | "hypertextlabels") => {
                let (Some(start), Some(end)) = (offset(value, "start"), offset(value, "end")) else {
                    note(IssueKind::BadSpan, false, "a marked entity has no start and end; it was left out".into());
                    continue;
                };
                let range = places.get(start).copied().zip(places.get(end).copied());
                let Some(range) = range.filter(|(first, last)| first < last).map(|(first, last)| first..last) else {
                    let message = format!("the span {start}..{end} lies outside of the text; it was left out");
                    note(IssueKind::BadSpan, false, message);
                    continue;
                };
                if value["text"].as_str().is_some_and(|told| !is_same(told, &characters[range.clone()])) {
                    let found: String = characters[range.clone()].iter().collect();
                    let message =
                        format!("the span {start}..{end} is said to be {} but holds {found:?}", value["text"]);
                    note(IssueKind::BadSpan, false, message);
                }
                let id =
                    region["id"].as_str().map_or_else(|| format!("T{}", document.mentions.len() + 1), str::to_string);
                for (number, kind) in names.into_iter().enumerate() {
                    let id = if number == 0 { id.clone() } else { format!("{id}#{}", number + 1) };
                    let line = document.line;
                    document.mentions.push(Mention { id, kind, ranges: vec![range.clone()], concept: None, line });
                }
            }
            Some("choices") if value.get("start").is_none() && region.get("parentID").is_none() => {
                document.labels.extend(names)
            }
            Some("relation") => {
                let end = |name: &str| region[name].as_str().unwrap_or_default().to_string();
                let mut kinds = strings(&region["labels"]);
                if kinds.is_empty() {
                    kinds.push("relation".into());
                }
                for kind in kinds {
                    let id = format!("R{}", document.relations.len() + 1);
                    let arguments = vec![("from".into(), end("from_id")), ("to".into(), end("to_id"))];
                    document.relations.push(Relation { id, kind, arguments, line: document.line });
                }
            }
            _ => document.rest.push(region.to_string()),
        }
    }
}

/// An offset; of hypertext that in the text without its tags.
fn offset(value: &Value, name: &str) -> Option<usize> {
    let number = value[name].as_u64().or_else(|| value["globalOffsets"][name].as_u64());
    number.and_then(|number| usize::try_from(number).ok())
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect()
}

/// Whether a span holds what the file says; Label Studio writes line ends as `\n` in two characters.
fn is_same(told: &str, found: &[char]) -> bool {
    let found: String = found.iter().collect();
    told == found || told.replace("\\n", "\n") == found.replace("\r\n", "\n")
}

/// The character at which each unit of the file's offsets begins, one more for the end.
///
/// Label Studio counts as JavaScript does, in UTF-16 code units, but what was imported from elsewhere is often counted in
/// characters, and browsers take `\r\n` for one. Of these the one counts under which most spans hold what they are said to.
fn places(characters: &[char], result: &[Value]) -> Vec<usize> {
    let units = |width: &dyn Fn(usize) -> usize| {
        let places = (0..characters.len()).flat_map(|place| std::iter::repeat_n(place, width(place)));
        places.chain([characters.len()]).collect::<Vec<usize>>()
    };
    let is_pair = |place: usize| characters[place] == '\r' && characters.get(place + 1) == Some(&'\n');
    let ways = [
        units(&|place| characters[place].len_utf16()),
        units(&|_| 1),
        units(&|place| if is_pair(place) { 0 } else { characters[place].len_utf16() }),
    ];
    let agreeing = |places: &Vec<usize>| {
        let agrees = |value: &Value| {
            let (start, end) = (offset(value, "start")?, offset(value, "end")?);
            let found = characters.get(*places.get(start)?..*places.get(end)?)?;
            Some(is_same(value["text"].as_str()?, found))
        };
        result.iter().filter(|region| agrees(&region["value"]) == Some(true)).count()
    };
    // Of equals the first.
    let [first, second, third] = ways;
    let best = |one: Vec<usize>, other: Vec<usize>| if agreeing(&other) > agreeing(&one) { other } else { one };
    best(best(first, second), third)
}
