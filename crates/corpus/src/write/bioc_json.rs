//! BioC in JSON, in the order of the Python library `bioc`.

use super::bioc;
use crate::Document;
use crate::read::bioc::{Annotation, Linked, Passage, Text};
use serde_json::{Value, json};

/// The collection, and what BioC cannot say.
pub fn write(documents: &[Document]) -> (String, Vec<String>) {
    let (collection, lost) = bioc::collection(documents);
    let said = |key: &str, other: Value| collection.head.get(key).cloned().unwrap_or(other);
    let documents: Vec<Value> = collection.documents.iter().map(document).collect();
    let value = json!({
        "source": said("source", json!("")),
        "date": said("date", json!("")),
        "key": said("key", json!("")),
        "infons": said("infons", json!({})),
        "documents": documents,
    });
    (format!("{value:#}\n"), lost)
}

fn document(text: &Text) -> Value {
    json!({
        "id": text.id,
        "infons": text.infons,
        "passages": text.passages.iter().map(passage).collect::<Vec<_>>(),
        "annotations": text.annotations.iter().map(annotation).collect::<Vec<_>>(),
        "relations": text.relations.iter().map(relation).collect::<Vec<_>>(),
    })
}

fn passage(passage: &Passage) -> Value {
    json!({
        "offset": passage.offset,
        "infons": passage.infons,
        "text": passage.text,
        "sentences": [],
        "annotations": passage.annotations.iter().map(annotation).collect::<Vec<_>>(),
        "relations": [],
    })
}

fn annotation(annotation: &Annotation) -> Value {
    let location = |range: &std::ops::Range<usize>| json!({ "offset": range.start, "length": range.len() });
    json!({
        "id": annotation.id,
        "infons": annotation.infons,
        "text": annotation.text,
        "locations": annotation.locations.iter().map(location).collect::<Vec<_>>(),
    })
}

fn relation(relation: &Linked) -> Value {
    let node = |(id, role): &(String, String)| json!({ "refid": id, "role": role });
    json!({
        "id": relation.id,
        "infons": relation.infons,
        "nodes": relation.nodes.iter().map(node).collect::<Vec<_>>(),
    })
}
