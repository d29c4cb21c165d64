//! BioC in JSON, as the Python library `bioc` and the services of NCBI write it: a collection, a list of them, or one
//! document a line.

use super::bioc::{self, Annotation, Collection, Infons, Linked, Passage, Text};
use super::offsets::Lines;
use super::standoff::issue;
use crate::{DataError, Document, Issue, IssueKind};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::path::Path;

/// Parts that are read one by one, so that a bad one is told by its line and spoils no other.
type Parts<'a> = Option<Vec<&'a RawValue>>;

#[derive(Deserialize)]
struct RawCollection<'a> {
    source: Option<Value>,
    date: Option<Value>,
    key: Option<Value>,
    infons: Option<Infons>,
    #[serde(borrow)]
    documents: Parts<'a>,
    #[serde(borrow)]
    passages: Parts<'a>,
}

#[derive(Deserialize)]
struct RawDocument<'a> {
    id: Option<Value>,
    infons: Option<Infons>,
    #[serde(borrow)]
    passages: Parts<'a>,
    #[serde(borrow)]
    annotations: Parts<'a>,
    #[serde(borrow)]
    relations: Parts<'a>,
}

#[derive(Deserialize)]
struct RawPassage<'a> {
    offset: usize,
    infons: Option<Infons>,
    text: Option<String>,
    #[serde(borrow)]
    sentences: Parts<'a>,
    #[serde(borrow)]
    annotations: Parts<'a>,
    #[serde(borrow)]
    relations: Parts<'a>,
}

#[derive(Deserialize)]
struct RawAnnotation {
    id: Option<Value>,
    infons: Option<Infons>,
    text: Option<String>,
    locations: Vec<RawLocation>,
}

#[derive(Deserialize)]
struct RawLocation {
    offset: usize,
    length: usize,
}

#[derive(Deserialize)]
struct RawRelation {
    id: Option<Value>,
    infons: Option<Infons>,
    nodes: Option<Vec<RawNode>>,
}

#[derive(Deserialize)]
struct RawNode {
    refid: Value,
    role: Option<Value>,
}

/// A line and what is wrong there.
type Bad = (usize, String);

struct Reading<'a> {
    text: &'a str,
    lines: Lines,
    path: &'a Path,
    issues: Vec<Issue>,
}

pub fn read(text: &str, path: &Path) -> Result<(Vec<Document>, Vec<Issue>), DataError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reading = Reading { text, lines: Lines::new(text), path, issues: Vec::new() };
    let collection =
        parse(&mut reading).map_err(|(line, reason)| DataError::Malformed { path: path.into(), line, reason })?;
    Ok(bioc::documents(collection, path, reading.issues))
}

fn parse(reading: &mut Reading) -> Result<Collection, Bad> {
    let mut collection = Collection::default();
    let mut found = false;
    for value in serde_json::Deserializer::from_str(reading.text.trim_end()).into_iter::<&RawValue>() {
        let unread = |error| (line_of(&error), format!("this is no JSON that can be read: {}", plain(&error)));
        let value = value.map_err(unread)?;
        let list = if value.get().starts_with('[') { reading.take(value, "list")? } else { vec![value] };
        for value in list {
            let raw: RawCollection = reading.take(value, "collection")?;
            let documents = match (raw.documents, raw.passages) {
                (Some(documents), _) => {
                    if collection.head.is_empty() {
                        collection.head = head([raw.source, raw.date, raw.key], raw.infons);
                    }
                    documents
                }
                (None, Some(_)) => vec![value],
                (None, None) => {
                    let reason = "there are no documents in it; BioC in JSON is an object with a list \"documents\"";
                    return Err((reading.line(value), reason.into()));
                }
            };
            found = true;
            for value in documents {
                match reading.document(value, collection.documents.len() + 1) {
                    Ok(document) => collection.documents.push(document),
                    Err((line, reason)) => reading.left_out(line, format!("{reason}; its document is left out")),
                }
            }
        }
    }
    if found { Ok(collection) } else { Err((1, "there is no JSON in it".into())) }
}

fn head(said: [Option<Value>; 3], infons: Option<Infons>) -> Infons {
    let infons = infons.filter(|infons| !infons.is_empty()).map(Value::Object);
    let said = ["source", "date", "key", "infons"].into_iter().zip(said.into_iter().chain([infons]));
    let said = said.filter_map(|(key, value)| Some((key.to_string(), value?)));
    said.filter(|(_, value)| !value.is_null() && value.as_str() != Some("")).collect()
}

/// The error without its place, which is counted from the beginning of a part.
fn plain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(message.clone(), |(reason, _)| reason.to_string())
}

fn line_of(error: &serde_json::Error) -> usize {
    error.line().max(1)
}

/// An id, which some write as a number.
fn id_of(id: Option<Value>) -> String {
    match id {
        Some(Value::String(id)) => id,
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    }
}

impl<'a> Reading<'a> {
    /// The line where a part of the text begins.
    fn line(&self, part: &RawValue) -> usize {
        self.lines.at((part.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize))
    }

    fn take<T: Deserialize<'a>>(&self, part: &'a RawValue, what: &str) -> Result<T, Bad> {
        serde_json::from_str(part.get()).map_err(|error| {
            let line = self.line(part) + line_of(&error) - 1;
            (line, format!("this is no {what} that can be read: {}", plain(&error)))
        })
    }

    fn left_out(&mut self, line: usize, message: String) {
        self.issues.push(issue(self.path, line, IssueKind::BadRecord, true, message));
    }

    fn document(&mut self, part: &'a RawValue, number: usize) -> Result<Text, Bad> {
        let raw: RawDocument = self.take(part, "document")?;
        let line = self.line(part);
        let mut id = id_of(raw.id);
        if id.is_empty() {
            let message = format!("this document has no id; it is named by its place, {number}");
            self.issues.push(issue(self.path, line, IssueKind::BadRecord, false, message));
            id = number.to_string();
        }
        let passages: Result<_, _> = raw.passages.into_iter().flatten().map(|part| self.passage(part)).collect();
        let (passages, infons) = (passages?, raw.infons.unwrap_or_default());
        let (annotations, relations) = (self.annotations(raw.annotations), self.relations(raw.relations));
        Ok(Text { id, line, infons, passages, annotations, relations })
    }

    /// A passage or a sentence.
    fn passage(&mut self, part: &'a RawValue) -> Result<Passage, Bad> {
        let raw: RawPassage = self.take(part, "passage")?;
        let (line, offset, text) = (self.line(part), raw.offset, raw.text.unwrap_or_default());
        let sentences: Result<_, _> = raw.sentences.into_iter().flatten().map(|part| self.passage(part)).collect();
        let (sentences, infons) = (sentences?, raw.infons.unwrap_or_default());
        let (annotations, relations) = (self.annotations(raw.annotations), self.relations(raw.relations));
        Ok(Passage { line, infons, offset, text, sentences, annotations, relations })
    }

    fn annotations(&mut self, parts: Parts<'a>) -> Vec<Annotation> {
        let mut annotations = Vec::new();
        for part in parts.into_iter().flatten() {
            let line = self.line(part);
            match self.take::<RawAnnotation>(part, "annotation") {
                Ok(raw) if raw.locations.is_empty() => {
                    self.left_out(
                        line,
                        format!("it has no location; the annotation \"{}\" is left out", id_of(raw.id)),
                    );
                }
                Ok(raw) => {
                    // What ends beyond any text is told as outside of its text.
                    let range = |at: &RawLocation| at.offset..at.offset.saturating_add(at.length);
                    let (locations, infons) =
                        (raw.locations.iter().map(range).collect(), raw.infons.unwrap_or_default());
                    annotations.push(Annotation { id: id_of(raw.id), line, infons, locations, text: raw.text });
                }
                Err((line, reason)) => self.left_out(line, format!("{reason}; it is left out")),
            }
        }
        annotations
    }

    fn relations(&mut self, parts: Parts<'a>) -> Vec<Linked> {
        let mut relations = Vec::new();
        for part in parts.into_iter().flatten() {
            let line = self.line(part);
            match self.take::<RawRelation>(part, "relation") {
                Ok(raw) => {
                    let node = |node: RawNode| (id_of(Some(node.refid)), id_of(node.role));
                    let nodes = raw.nodes.into_iter().flatten().map(node).collect();
                    relations.push(Linked { id: id_of(raw.id), line, infons: raw.infons.unwrap_or_default(), nodes });
                }
                Err((line, reason)) => self.left_out(line, format!("{reason}; it is left out")),
            }
        }
        relations
    }
}
