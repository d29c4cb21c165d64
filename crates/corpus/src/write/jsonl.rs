//! One document a line in Ballast's own shape: `{"id", "text", "entities": [{"start", "end", "label"}], "label"}`.

use super::places;
use crate::Document;
use serde_json::{Map, Value, json};

/// The lines, and a sentence for everything the documents hold that such lines cannot.
///
/// `entities` is there where any document has some, or none has a label; `label` is a name, or a list of names.
pub fn write(documents: &[Document]) -> (String, Vec<String>) {
    let labelled = documents.iter().any(|document| !document.labels.is_empty());
    let marked = !labelled || documents.iter().any(|document| !document.mentions.is_empty());
    let mut lines = String::new();
    for document in documents {
        let mut line = Map::new();
        line.insert("id".into(), json!(document.id));
        line.insert("text".into(), json!(document.text));
        if marked {
            let entities = document.mentions.iter().filter_map(|mention| {
                let range = mention.hull()?;
                Some(json!({"start": range.start, "end": range.end, "label": mention.kind}))
            });
            line.insert("entities".into(), entities.collect());
        }
        match document.labels.as_slice() {
            [] => {}
            [label] => drop(line.insert("label".into(), json!(label))),
            labels => drop(line.insert("label".into(), json!(labels))),
        }
        lines.push_str(&Value::Object(line).to_string());
        lines.push('\n');
    }
    let mut lost = places::lost(documents);
    let relations: usize = documents.iter().map(|document| document.relations.len()).sum();
    if relations > 0 {
        lost.push(format!("{relations} relations between entities were left out"));
    }
    (lines, lost)
}
