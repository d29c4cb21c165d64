//! Tasks with annotations for Label Studio, for a labelling configuration like
//!
//! ```xml
//! <View>
//!   <Labels name="label" toName="text"><Label value="Disease"/></Labels>
//!   <Choices name="choice" toName="text"><Choice value="a class"/></Choices>
//!   <Text name="text" value="$text"/>
//! </View>
//! ```

use super::places;
use crate::{Document, Relation};
use serde_json::{Map, Value, json};

/// The tasks as JSON, and a sentence for everything the documents hold that Label Studio does not.
pub fn write(documents: &[Document]) -> (String, Vec<String>) {
    // Label Studio numbers its tasks; ids that are no numbers go along as data.
    let numbers: Option<Vec<u64>> = documents.iter().map(|document| number_of(&document.id)).collect();
    let tell_ids = numbers.is_none();
    let numbers = numbers.unwrap_or_else(|| (1..=documents.len() as u64).collect());
    let tasks: Vec<Value> =
        documents.iter().zip(numbers).map(|(document, number)| task(document, number, tell_ids)).collect();
    let mut lost = places::lost(documents);
    let relations = || documents.iter().flat_map(|document| document.relations.iter().map(move |it| (document, it)));
    let left_out = relations().filter(|(document, relation)| between(document, relation).is_none()).count();
    if left_out > 0 {
        lost.push(format!("{left_out} relations that are not between two marked entities were left out"));
    }
    let named = |relation: &Relation| relation.arguments.iter().map(|(role, _)| role.as_str()).ne(["from", "to"]);
    let renamed = relations().filter(|(document, it)| between(document, it).is_some() && named(it)).count();
    if renamed > 0 {
        lost.push(format!("the roles of the arguments of {renamed} relations were written as from and to"));
    }
    (format!("{:#}\n", Value::Array(tasks)), lost)
}

fn number_of(id: &str) -> Option<u64> {
    id.parse().ok().filter(|number: &u64| number.to_string() == id)
}

/// The first and second argument, where there are no others and both are mentions.
fn between<'a>(document: &Document, relation: &'a Relation) -> Option<(&'a str, &'a str)> {
    let [(_, from), (_, to)] = relation.arguments.as_slice() else { return None };
    let is_mention = |id: &String| document.mentions.iter().any(|mention| mention.id == *id);
    (is_mention(from) && is_mention(to)).then_some((from.as_str(), to.as_str()))
}

/// With the task's number, and the document's id beside its text where that is no number.
fn task(document: &Document, number: u64, tell_id: bool) -> Value {
    let mut data = Map::new();
    let mut text_name = "text".to_string();
    let mut result = Vec::new();
    if tell_id {
        data.insert("id".into(), json!(document.id));
    }
    for rest in &document.rest {
        // What the reader kept: other fields of the task, and what it did not read of the annotation.
        let Ok(rest) = serde_json::from_str::<Value>(rest) else { continue };
        if let Value::Object(fields) = &rest["data"] {
            data.extend(fields.clone());
            text_name = rest["text"].as_str().unwrap_or("text").to_string();
        } else if rest["type"].is_string() && rest.get("value").is_some() {
            result.push(rest);
        }
    }
    data.insert(text_name, json!(document.text));
    let mut units = vec![0];
    for character in document.text.chars() {
        units.push(units[units.len() - 1] + character.len_utf16());
    }
    let characters: Vec<char> = document.text.chars().collect();
    for mention in &document.mentions {
        let Some(range) = mention.hull().filter(|range| range.end < units.len() && range.start <= range.end) else {
            continue;
        };
        let text: String = characters[range.clone()].iter().collect();
        result.push(json!({
            "id": mention.id, "from_name": "label", "to_name": "text", "type": "labels",
            "value": {"start": units[range.start], "end": units[range.end], "text": text, "labels": [mention.kind]},
        }));
    }
    if !document.labels.is_empty() {
        result.push(json!({
            "from_name": "choice", "to_name": "text", "type": "choices", "value": {"choices": document.labels},
        }));
    }
    for relation in &document.relations {
        if let Some((from, to)) = between(document, relation) {
            result.push(json!({
                "type": "relation", "from_id": from, "to_id": to, "direction": "right", "labels": [relation.kind],
            }));
        }
    }
    json!({
        "id": number,
        "data": data,
        "annotations": [{"result": result, "was_cancelled": false}],
    })
}
