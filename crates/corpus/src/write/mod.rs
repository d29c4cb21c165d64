//! Writers: tables and documents in the formats of other tools.

mod bioc;
pub mod bioc_json;
pub mod bioc_xml;
pub mod brat;
pub mod conll;
pub mod jsonl;
pub mod labelstudio;
pub mod parquet;
mod places;
pub mod pubtator;
pub mod xlsx;

use crate::{Document, Mention};
use std::collections::{BTreeSet, HashSet};

/// What a format cannot say, in sentences that begin with the document.
struct Lost<'a> {
    document: &'a str,
    said: Vec<String>,
}

impl Lost<'_> {
    fn say(&mut self, what: impl AsRef<str>) {
        self.said.push(format!("document {}: {}", self.document, what.as_ref()));
    }
}

/// Says what is left out of every format that has no place for it.
fn say_labels(document: &Document, lost: &mut Lost) {
    if !document.labels.is_empty() {
        lost.say(format!("its labels are left out: {}", document.labels.join(", ")));
    }
}

/// Whether a mention can be written at all: it has a type and lies within the text.
fn is_sound(mention: &Mention, length: usize, lost: &mut Lost) -> bool {
    let fault = if mention.ranges.is_empty() {
        "marks nothing"
    } else if mention.ranges.iter().any(|range| range.start >= range.end || range.end > length) {
        "lies outside of the text"
    } else {
        return true;
    };
    lost.say(format!("the mention {} {fault} and is left out", mention.id));
    false
}

/// A value without the characters that would end it; each becomes `instead`, which is said.
fn cleaned(value: &str, what: &str, ends: impl Fn(char) -> bool, instead: &str, lost: &mut Lost) -> String {
    if !value.contains(&ends) {
        return value.into();
    }
    let clean = value.replace(&ends, instead);
    lost.say(format!("the {what} \"{}\" is written {clean}", value.replace(char::is_control, " ")));
    clean
}

/// Sentences without those that occur again.
fn once(sentences: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    sentences.into_iter().filter(|sentence| seen.insert(sentence.clone())).collect()
}

/// Ids of a letter and a number: those given where they are so, new ones for the others and for those that occur again.
fn numbered<'a>(given: impl Iterator<Item = &'a str> + Clone, letter: char) -> Vec<String> {
    let number = |id: &str| {
        let digits = id.strip_prefix(letter)?;
        let plain = !digits.is_empty() && digits.len() < 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u64>().ok())?
    };
    let mut next = given.clone().filter_map(number).max().unwrap_or(0);
    let mut used = BTreeSet::new();
    let own = |id: &str| {
        if number(id).is_some() && used.insert(id.to_string()) {
            return id.to_string();
        }
        next += 1;
        format!("{letter}{next}")
    };
    given.map(own).collect()
}
