//! BioC in XML, an element a line and no spaces that are not the text's.

use super::{Lost, bioc};
use crate::Document;
use crate::read::bioc::{Annotation, Collection, Infons, Linked, Passage};
use serde_json::Value;

/// The collection, and what BioC in XML cannot say.
pub fn write(documents: &[Document]) -> (String, Vec<String>) {
    let (collection, mut lost) = bioc::collection(documents);
    for document in documents {
        let mut of_document = Lost { document: &document.id, said: Vec::new() };
        let count = document.text.chars().filter(|&character| !is_allowed(character)).count();
        if count > 0 {
            of_document.say(format!("{count} characters of its text that XML does not allow are written as spaces"));
        }
        lost.extend(of_document.said);
    }
    (xml(&collection), lost)
}

fn xml(collection: &Collection) -> String {
    let mut out =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE collection SYSTEM \"BioC.dtd\">\n");
    out += "<collection>\n";
    for key in ["source", "date", "key"] {
        let said = collection.head.get(key).map(plain).unwrap_or_default();
        out += &format!("<{key}>{}</{key}>\n", escape(&said));
    }
    if let Some(Value::Object(said)) = collection.head.get("infons") {
        infons(said, &mut out);
    }
    for document in &collection.documents {
        out += &format!("<document>\n<id>{}</id>\n", escape(&document.id));
        infons(&document.infons, &mut out);
        for part in &document.passages {
            passage(part, &mut out);
        }
        for marked in &document.annotations {
            annotation(marked, &mut out);
        }
        for linked in &document.relations {
            relation(linked, &mut out);
        }
        out += "</document>\n";
    }
    out + "</collection>\n"
}

fn passage(passage: &Passage, out: &mut String) {
    *out += "<passage>\n";
    infons(&passage.infons, out);
    *out += &format!("<offset>{}</offset>\n<text>{}</text>\n", passage.offset, escape(&passage.text));
    for marked in &passage.annotations {
        annotation(marked, out);
    }
    *out += "</passage>\n";
}

fn annotation(annotation: &Annotation, out: &mut String) {
    *out += &format!("<annotation id=\"{}\">\n", attribute(&annotation.id));
    infons(&annotation.infons, out);
    for range in &annotation.locations {
        *out += &format!("<location offset=\"{}\" length=\"{}\"/>\n", range.start, range.len());
    }
    let surface = annotation.text.as_deref().unwrap_or_default();
    *out += &format!("<text>{}</text>\n</annotation>\n", escape(surface));
}

fn relation(relation: &Linked, out: &mut String) {
    *out += &format!("<relation id=\"{}\">\n", attribute(&relation.id));
    infons(&relation.infons, out);
    for (id, role) in &relation.nodes {
        *out += &format!("<node refid=\"{}\" role=\"{}\"/>\n", attribute(id), attribute(role));
    }
    *out += "</relation>\n";
}

fn infons(infons: &Infons, out: &mut String) {
    for (key, value) in infons {
        *out += &format!("<infon key=\"{}\">{}</infon>\n", attribute(key), escape(&plain(value)));
    }
}

/// A value of JSON as text: a string as it is, all else as JSON writes it.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

/// Whether a character may stand in XML 1.0, be it as a reference.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The value of an attribute, where a line end that is written as it is would be read as a space.
fn attribute(value: &str) -> String {
    escape(value).replace('\n', "&#10;")
}

/// The text of an element. A carriage return that is written as it is would be read as a line end.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\t' | '\r' => out += &format!("&#{};", character as u32),
            other => out.push(if is_allowed(other) { other } else { ' ' }),
        }
    }
    out
}
