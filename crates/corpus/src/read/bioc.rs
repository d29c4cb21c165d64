//! BioC, whether in XML or JSON (Comeau et al., "BioC: a minimalist approach to interoperability for biomedical text
//! processing", Database 2013): what both say, and the documents it means.
//!
//! A document's text is its passages at their offsets, a gap filled by a line end and spaces. Sentences are parts of their
//! passage's text. What is said of a collection, document, passage, annotation or relation in infons that have no place in
//! a [`Document`] becomes a line of JSON in `rest`.

use super::offsets::{Counted, Evidence, Unit};
use super::standoff::{counts_in, differs, issue, parts};
use crate::{Document, Issue, IssueKind, Mention, Relation, Section};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

pub type Infons = Map<String, Value>;

#[derive(Default)]
pub struct Collection {
    /// `source`, `date`, `key` and `infons`, as far as they say something.
    pub head: Infons,
    pub documents: Vec<Text>,
}

/// A document.
#[derive(Default)]
pub struct Text {
    pub id: String,
    pub line: usize,
    pub infons: Infons,
    pub passages: Vec<Passage>,
    pub annotations: Vec<Annotation>,
    pub relations: Vec<Linked>,
}

/// A passage, or a sentence within one.
#[derive(Default)]
pub struct Passage {
    pub line: usize,
    pub infons: Infons,
    pub offset: usize,
    pub text: String,
    pub sentences: Vec<Passage>,
    pub annotations: Vec<Annotation>,
    pub relations: Vec<Linked>,
}

pub struct Annotation {
    pub id: String,
    pub line: usize,
    pub infons: Infons,
    pub locations: Vec<Range<usize>>,
    pub text: Option<String>,
}

/// A relation with the annotation and role of each of its nodes.
pub struct Linked {
    pub id: String,
    pub line: usize,
    pub infons: Infons,
    pub nodes: Vec<(String, String)>,
}

/// The widest gap between passages that is filled as it is.
pub const WIDEST_GAP: usize = 1 << 20;

/// A text that is put together, and how long it is as the file counts.
#[derive(Default)]
struct Growing {
    text: String,
    characters: usize,
    counted: usize,
}

impl Growing {
    /// Adds a text at an offset behind a filled gap, says at which character, and what was wrong with the offset.
    fn add(&mut self, offset: usize, text: &str, filler: char, unit: Unit) -> (usize, Option<&'static str>) {
        let gap = offset.checked_sub(self.counted);
        let trouble = match gap {
            None => Some("begins before the end of what precedes it"),
            Some(gap) if gap > WIDEST_GAP => Some("begins far behind what precedes it"),
            Some(_) => None,
        };
        let width = match gap {
            Some(gap) if trouble.is_none() => gap,
            _ => usize::from(!self.text.is_empty()),
        };
        self.text.extend((0..width).map(|place| if place == 0 { filler } else { ' ' }));
        let place = self.characters + width;
        self.text += text;
        self.characters = place + Unit::Characters.length(text);
        self.counted = offset.saturating_add(unit.length(text));
        (place, trouble)
    }
}

/// A text that annotations are in: where it begins as the file counts and in characters of the document.
struct Container<'a> {
    offset: usize,
    place: usize,
    text: Counted<'a>,
}

impl Container<'_> {
    fn characters(&self, locations: &[Range<usize>], unit: Unit) -> Option<Vec<Range<usize>>> {
        let inner = self.text.characters(&within(locations, self.offset)?, unit)?;
        Some(inner.iter().map(|range| range.start + self.place..range.end + self.place).collect())
    }
}

fn within(locations: &[Range<usize>], offset: usize) -> Option<Vec<Range<usize>>> {
    locations.iter().map(|range| Some(range.start.checked_sub(offset)?..range.end.checked_sub(offset)?)).collect()
}

pub fn documents(collection: Collection, path: &Path, mut issues: Vec<Issue>) -> (Vec<Document>, Vec<Issue>) {
    let mut evidence = Evidence::default();
    let passages = || collection.documents.iter().flat_map(|document| &document.passages);
    for container in passages().chain(passages().flat_map(|passage| &passage.sentences)) {
        let text = Counted::new(&container.text);
        for annotation in &container.annotations {
            if let (Some(given), Some(ranges)) = (&annotation.text, within(&annotation.locations, container.offset)) {
                evidence.add(&text, &ranges, given);
            }
        }
    }
    let unit = evidence.unit();
    issues.extend(counts_in(path, unit));
    let texts = collection.documents.into_iter();
    let mut documents: Vec<Document> = texts.map(|text| document(text, unit, path, &mut issues)).collect();
    if let (Some(first), false) = (documents.first_mut(), collection.head.is_empty()) {
        first.rest.insert(0, json!({ "collection": collection.head }).to_string());
    }
    issues.sort_by_key(|issue| issue.line);
    (documents, issues)
}

fn document(mut text: Text, unit: Unit, path: &Path, issues: &mut Vec<Issue>) -> Document {
    let mut document = Document { id: text.id, file: path.into(), line: text.line, ..Document::default() };
    keep(&mut document, "document", Value::Null, text.infons);
    text.passages.sort_by_key(|passage| passage.offset);
    let mut growing = Growing::default();
    // The text, offset and place of each passage and sentence, and its annotations.
    let mut containers: Vec<(String, usize, usize, Vec<Annotation>)> = Vec::new();
    let mut relations = Vec::new();
    for (index, mut passage) in text.passages.into_iter().enumerate() {
        let first = containers.len();
        let mut moved = |line, what, trouble: Option<&str>| {
            if let Some(trouble) = trouble {
                let message = format!("by its offset this {what} {trouble}; it was read as following it");
                issues.push(issue(path, line, IssueKind::BadRecord, false, message));
            }
        };
        if passage.text.is_empty() {
            let mut inner = Growing::default();
            for sentence in std::mem::take(&mut passage.sentences) {
                let offset = sentence.offset.saturating_sub(passage.offset);
                let (place, trouble) = inner.add(offset, &sentence.text, ' ', unit);
                moved(sentence.line, "sentence", trouble);
                containers.push((sentence.text, sentence.offset, place, sentence.annotations));
                relations.extend(sentence.relations);
            }
            passage.text = inner.text;
        }
        for sentence in std::mem::take(&mut passage.sentences) {
            passage.annotations.extend(sentence.annotations);
            relations.extend(sentence.relations);
        }
        let (place, trouble) = growing.add(passage.offset, &passage.text, '\n', unit);
        moved(passage.line, "passage", trouble);
        containers[first..].iter_mut().for_each(|container| container.2 += place);
        let kind = take_string(&mut passage.infons, "type").unwrap_or_default();
        let range = place..place + Unit::Characters.length(&passage.text);
        document.sections.push(Section { kind, range });
        keep(&mut document, "passage", json!(index), passage.infons);
        containers.push((passage.text, passage.offset, place, passage.annotations));
        relations.extend(passage.relations);
    }
    document.text = growing.text;
    // A text in one piece of which nothing is said is not divided.
    let named = document.rest.iter().any(|line| line.starts_with("{\"passage\""));
    if let ([only], false) = (&document.sections[..], named)
        && only.kind.is_empty()
        && only.range.start == 0
    {
        document.sections.clear();
    }
    let whole_text = document.text.clone();
    let whole = Container { offset: 0, place: 0, text: Counted::new(&whole_text) };
    let mut ids = HashSet::new();
    for (text, offset, place, annotations) in containers {
        let container = Container { offset, place, text: Counted::new(&text) };
        for annotation in annotations {
            mention(annotation, [&container, &whole], unit, &mut document, &mut ids, path, issues);
        }
    }
    for annotation in text.annotations {
        mention(annotation, [&whole, &whole], unit, &mut document, &mut ids, path, issues);
    }
    let sections: Vec<Range<usize>> = document.sections.iter().map(|section| section.range.clone()).collect();
    document.mentions.sort_by_key(|mention| home(&sections, mention));
    relations.extend(text.relations);
    related(relations, &mut document, &ids, path, issues);
    document
}

/// The first range that holds the whole mention, as a place among them; their number where none does.
pub fn home(ranges: &[Range<usize>], mention: &Mention) -> usize {
    let inside = |outer: &Range<usize>| mention.ranges.iter().all(|r| outer.start <= r.start && r.end <= outer.end);
    ranges.iter().position(inside).unwrap_or(ranges.len())
}

/// Adds an annotation, whose places are those of its container or, where they lie outside of that, of the whole text.
fn mention(
    mut annotation: Annotation,
    [container, whole]: [&Container; 2],
    unit: Unit,
    document: &mut Document,
    ids: &mut HashSet<String>,
    path: &Path,
    issues: &mut Vec<Issue>,
) {
    let (line, locations) = (annotation.line, &annotation.locations);
    let ranges = container.characters(locations, unit).or_else(|| whole.characters(locations, unit));
    let ranges = match parts(ranges.unwrap_or_else(|| locations.clone()), whole.text.length()) {
        Ok(ranges) => ranges,
        Err(reason) => {
            let message = format!("{reason}; the annotation \"{}\" is left out", annotation.id);
            issues.push(issue(path, line, IssueKind::BadSpan, true, message));
            return;
        }
    };
    if let Some(given) = annotation.text.filter(|given| !whole.text.fits(&ranges, given)) {
        issues.push(issue(path, line, IssueKind::BadSpan, false, differs(&whole.text, &ranges, &given)));
    }
    let id = own_id(annotation.id, "annotation", 'T', ids, line, path, issues);
    let kind = take_string(&mut annotation.infons, "type").unwrap_or_default();
    let concept = take_string(&mut annotation.infons, "identifier").filter(|concept| !concept.is_empty());
    keep(document, "annotation", json!(id), annotation.infons);
    document.mentions.push(Mention { id, kind, ranges, concept, line });
}

fn related(
    relations: Vec<Linked>,
    document: &mut Document,
    annotations: &HashSet<String>,
    path: &Path,
    issues: &mut Vec<Issue>,
) {
    let mut ids = HashSet::new();
    for mut relation in relations {
        let line = relation.line;
        let id = own_id(relation.id, "relation", 'R', &mut ids, line, path, issues);
        let kind = take_string(&mut relation.infons, "type").unwrap_or_default();
        keep(document, "relation", json!(id), relation.infons);
        let arguments = relation.nodes.into_iter().map(|(annotation, role)| (role, annotation)).collect();
        document.relations.push(Relation { id, kind, arguments, line });
    }
    for relation in &document.relations {
        // A relation may relate others.
        if let Some((_, id)) = relation.arguments.iter().find(|(_, id)| !annotations.contains(id) && !ids.contains(id))
        {
            let message = format!("the relation \"{}\" relates \"{id}\", which is no annotation here", relation.id);
            issues.push(issue(path, relation.line, IssueKind::BadRecord, false, message));
        }
    }
}

/// An id that no other annotation, or no other relation, of the document has.
fn own_id(
    given: String,
    what: &str,
    letter: char,
    ids: &mut HashSet<String>,
    line: usize,
    path: &Path,
    issues: &mut Vec<Issue>,
) -> String {
    let mut id = given.clone();
    let mut next = ids.len();
    while id.is_empty() || ids.contains(&id) {
        next += 1;
        id = format!("{letter}{next}");
    }
    if !given.is_empty() && id != given {
        let message = format!("there is another \"{given}\" before; this {what} is read as \"{id}\"");
        issues.push(issue(path, line, IssueKind::BadRecord, false, message));
    }
    ids.insert(id.clone());
    id
}

/// Takes an infon that is a string or a number.
fn take_string(infons: &mut Infons, key: &str) -> Option<String> {
    let text = match infons.get(key)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    infons.shift_remove(key);
    Some(text)
}

/// Keeps infons as a line that says whose they are.
fn keep(document: &mut Document, what: &str, which: Value, infons: Infons) {
    if infons.is_empty() {
        return;
    }
    let line = match which {
        Value::Null => json!({ what: infons }),
        which => json!({ what: which, "infons": infons }),
    };
    document.rest.push(line.to_string());
}
