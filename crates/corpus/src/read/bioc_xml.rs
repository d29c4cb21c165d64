//! BioC in XML. Only the five entities of XML itself and numbered characters are resolved; a document type is not looked at.

use super::bioc::{self, Annotation, Collection, Infons, Linked, Passage, Text};
use super::offsets::Lines;
use super::standoff::issue;
use crate::{DataError, Document, Issue, IssueKind};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::Value;
use std::path::Path;

/// Deeper than any BioC; what is deeper is not read, as it could exhaust the stack.
const DEEPEST: usize = 64;

#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
    line: usize,
}

impl Element {
    fn all(&self, name: &'static str) -> impl Iterator<Item = &Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn text_of(&self, name: &'static str) -> Option<&str> {
        self.all(name).next().map(|child| child.text.as_str())
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn infons(&self) -> Infons {
        let infon =
            |child: &Element| (child.attribute("key").unwrap_or_default().to_string(), child.text.clone().into());
        self.all("infon").map(infon).collect()
    }
}

pub fn read(text: &str, path: &Path) -> Result<(Vec<Document>, Vec<Issue>), DataError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut issues = Vec::new();
    let collection = parse(text, path, &mut issues).map_err(|(line, reason)| DataError::Malformed {
        path: path.into(),
        line,
        reason,
    })?;
    Ok(bioc::documents(collection, path, issues))
}

/// Takes the file apart; elements live no longer than their document. The error is a line and a reason.
fn parse(text: &str, path: &Path, issues: &mut Vec<Issue>) -> Result<Collection, (usize, String)> {
    let lines = Lines::new(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut collection = Collection::default();
    let mut seen = 0;
    let mut open: Vec<Element> = Vec::new();
    let mut done = false;
    loop {
        let line = lines.at(reader.buffer_position() as usize);
        let event = reader.read_event();
        let event = event.map_err(|error| {
            let reason = format!("this is no XML that can be read: {error}");
            (lines.at(reader.error_position() as usize), reason)
        })?;
        let mut add = |text: &str| match open.last_mut() {
            Some(element) => {
                element.text += text;
                Ok(())
            }
            None if text.trim().is_empty() => Ok(()),
            None => Err((line, "there is text outside of the XML; this is no BioC in XML".to_string())),
        };
        match event {
            Event::Text(text) => add(&text.xml10_content())?,
            Event::CData(text) => add(&text.xml10_content())?,
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(character)) => add(character.encode_utf8(&mut [0; 4]))?,
                Ok(None) if let Some(text) = resolve_predefined_entity(&name) => add(text)?,
                _ => return Err((line, format!("&{}; is no character that XML knows", &*name))),
            },
            Event::Start(start) if open.is_empty() => {
                let root = element(&start, line)?;
                if done || root.name != "collection" {
                    let reason = format!("here begins <{}>; BioC is one <collection> of documents", root.name);
                    return Err((line, reason));
                }
                open.push(root);
            }
            Event::Start(_) if open.len() == DEEPEST => {
                return Err((line, format!("elements are nested deeper than {DEEPEST}; BioC never is")));
            }
            Event::Start(start) => open.push(element(&start, line)?),
            Event::End(_) => {
                let Some(element) = open.pop() else { continue };
                let is_document = open.len() == 1 && element.name == "document";
                match open.last_mut() {
                    None => {
                        done = true;
                        collection.head = head(&element);
                    }
                    Some(_) if is_document => {
                        seen += 1;
                        match document(&element, seen, path, issues) {
                            Ok(document) => collection.documents.push(document),
                            Err((line, reason)) => {
                                let message = format!("{reason}; its document is left out");
                                issues.push(issue(path, line, IssueKind::BadRecord, true, message));
                            }
                        }
                    }
                    Some(parent) => parent.children.push(element),
                }
            }
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match open.last() {
        Some(element) => {
            let reason = format!("the file ends within <{}>, which begins in line {}", element.name, element.line);
            Err((lines.at(text.trim_end().len()), reason))
        }
        None if !done => Err((1, "there is no <collection> in it; this is no BioC in XML".into())),
        None => Ok(collection),
    }
}

fn element(start: &BytesStart, line: usize) -> Result<Element, (usize, String)> {
    let name = start.local_name().into_inner().to_string();
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let bad = |reason: String| (line, format!("an attribute of <{name}> cannot be read: {reason}"));
        let attribute = attribute.map_err(|error| bad(error.to_string()))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| bad(error.to_string()))?;
        attributes.push((attribute.key.local_name().into_inner().to_string(), value.into_owned()));
    }
    Ok(Element { name, attributes, line, ..Element::default() })
}

fn head(root: &Element) -> Infons {
    let mut head = Infons::new();
    for key in ["source", "date", "key"] {
        if let Some(text) = root.text_of(key).filter(|text| !text.is_empty()) {
            head.insert(key.into(), text.into());
        }
    }
    let infons = root.infons();
    if !infons.is_empty() {
        head.insert("infons".into(), Value::Object(infons));
    }
    head
}

fn document(element: &Element, number: usize, path: &Path, issues: &mut Vec<Issue>) -> Result<Text, (usize, String)> {
    let line = element.line;
    let id = element.text_of("id").map(str::trim).filter(|id| !id.is_empty()).map(String::from);
    let id = id.unwrap_or_else(|| {
        let message = format!("this document has no id; it is named by its place, {number}");
        issues.push(issue(path, line, IssueKind::BadRecord, false, message));
        number.to_string()
    });
    let passages: Result<_, _> = element.all("passage").map(|child| passage(child, path, issues)).collect();
    let (infons, passages) = (element.infons(), passages?);
    let annotations = annotations(element, path, issues);
    Ok(Text { id, line, infons, passages, annotations, relations: relations(element) })
}

/// A passage or a sentence.
fn passage(element: &Element, path: &Path, issues: &mut Vec<Issue>) -> Result<Passage, (usize, String)> {
    let (name, line) = (&element.name, element.line);
    let offset = element.text_of("offset").ok_or_else(|| (line, format!("this {name} has no offset")))?;
    let offset = offset.trim().parse().map_err(|_| (line, format!("\"{offset}\" is no offset of a {name}")))?;
    let sentences: Result<_, _> = element.all("sentence").map(|child| passage(child, path, issues)).collect();
    let (infons, sentences) = (element.infons(), sentences?);
    let text = element.text_of("text").unwrap_or_default().into();
    let annotations = annotations(element, path, issues);
    Ok(Passage { line, infons, offset, text, sentences, annotations, relations: relations(element) })
}

fn annotations(element: &Element, path: &Path, issues: &mut Vec<Issue>) -> Vec<Annotation> {
    let mut annotations = Vec::new();
    for child in element.all("annotation") {
        let id = child.attribute("id").unwrap_or_default().to_string();
        match locations(child) {
            Ok(locations) => {
                let (line, infons) = (child.line, child.infons());
                let text = child.text_of("text").map(String::from);
                annotations.push(Annotation { id, line, infons, locations, text });
            }
            Err(reason) => {
                let message = format!("{reason}; the annotation \"{id}\" is left out");
                issues.push(issue(path, child.line, IssueKind::BadRecord, true, message));
            }
        }
    }
    annotations
}

fn locations(annotation: &Element) -> Result<Vec<std::ops::Range<usize>>, String> {
    let mut ranges = Vec::new();
    for location in annotation.all("location") {
        let number = |key: &str| {
            let text = location.attribute(key).ok_or_else(|| format!("a location has no {key}"))?;
            text.trim().parse::<usize>().map_err(|_| format!("\"{text}\" is no {key}"))
        };
        let (offset, length) = (number("offset")?, number("length")?);
        ranges.push(offset..offset.checked_add(length).ok_or("a location ends beyond any text")?);
    }
    if ranges.is_empty() { Err("it has no location".into()) } else { Ok(ranges) }
}

fn relations(element: &Element) -> Vec<Linked> {
    let text = |element: &Element, key: &str| element.attribute(key).unwrap_or_default().to_string();
    let relation = |child: &Element| Linked {
        id: text(child, "id"),
        line: child.line,
        infons: child.infons(),
        nodes: child.all("node").map(|node| (text(node, "refid"), text(node, "role"))).collect(),
    };
    element.all("relation").map(relation).collect()
}
