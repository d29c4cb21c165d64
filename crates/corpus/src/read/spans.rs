//! Marked stretches of text in a cell of a table, in the shapes of several tools.

use serde_json::{Map, Value};

/// Start and end in characters, and the label.
type Span = (usize, usize, String);

const START_NAMES: [&str; 4] = ["start", "start_offset", "begin", "start_char"];
const END_NAMES: [&str; 4] = ["end", "end_offset", "stop", "end_char"];
const LABEL_NAMES: [&str; 6] = ["label", "type", "entity", "entity_group", "tag", "labels"];

const HEAD_NAMES: [&str; 3] = ["head", "from_id", "from"];
const TAIL_NAMES: [&str; 3] = ["tail", "to_id", "to"];

/// Under these an object keeps its list of spans.
const LIST_NAMES: [&str; 4] = ["entities", "spans", "label", "labels"];

/// The spans in a cell; `None` where it holds anything else.
///
/// A cell is a list, an object that holds one (spaCy's `{"entities": [...]}`), or a string with either in JSON. A span is an
/// object with start, end and label, under the names of Ballast, doccano, Prodigy, Label Studio or Hugging Face, or a list
/// `[start, end, label]` (doccano, spaCy; what follows the label says nothing more of it). One with a list of labels is one
/// span for each.
pub fn spans_in(cell: &Value) -> Option<Vec<Span>> {
    match cell {
        Value::String(text) => match serde_json::from_str(text).ok()? {
            Value::String(_) => None,
            parsed => spans_in(&parsed),
        },
        Value::Object(fields) => spans_in(LIST_NAMES.iter().find_map(|name| fields.get(*name))?),
        Value::Array(list) => {
            let found: Option<Vec<Vec<Span>>> = list.iter().map(spans_of).collect();
            Some(found?.into_iter().flatten().collect())
        }
        _ => None,
    }
}

fn spans_of(item: &Value) -> Option<Vec<Span>> {
    let (start, end, label) = match item {
        Value::Object(fields) => {
            let first = |names: &[&str]| first_of(fields, names);
            (first(&START_NAMES)?, first(&END_NAMES)?, first(&LABEL_NAMES)?)
        }
        Value::Array(parts) => (parts.first()?, parts.get(1)?, parts.get(2)?),
        _ => return None,
    };
    let (start, end) = (place(start)?, place(end)?);
    let labels = match label {
        Value::Array(labels) => labels.iter().map(name).collect(),
        label => name(label).map(|name| vec![name]),
    };
    Some(labels?.into_iter().map(|label| (start, end, label)).collect())
}

/// The relations in a cell beside the spans in another: each with the places of its two ends in the list of spans, and its
/// label. Ends are named by the ids that spans have (doccano, Label Studio), or by their places (Ballast); what names none is
/// left out. An object that holds the spans may hold the relations as well (doccano).
pub fn relations_in(cell: &Value, spans: &Value) -> Vec<([usize; 2], String)> {
    if let Value::Object(fields) = spans {
        let list = LIST_NAMES.iter().find_map(|name| fields.get(*name));
        return relations_in(fields.get("relations").unwrap_or(cell), list.unwrap_or(&Value::Null));
    }
    let parsed = |cell: &Value| match cell {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        other => other.clone(),
    };
    let (Value::Array(relations), Value::Array(spans)) = (parsed(cell), parsed(spans)) else { return Vec::new() };
    // One that has several labels has become several spans.
    if spans.iter().any(|span| spans_of(span).is_none_or(|own| own.len() != 1)) {
        return Vec::new();
    }
    let ids: Vec<Option<&Value>> = spans.iter().map(|span| span.get("id")).collect();
    let end = |value: &Value| {
        let named = ids.iter().position(|id| *id == Some(value));
        named.or_else(|| place(value).filter(|&place| ids.iter().all(Option::is_none) && place < spans.len()))
    };
    let relation = |item: &Value| {
        let fields = item.as_object()?;
        let ends = [end(first_of(fields, &HEAD_NAMES)?)?, end(first_of(fields, &TAIL_NAMES)?)?];
        Some((ends, name(first_of(fields, &LABEL_NAMES)?)?))
    };
    relations.iter().filter_map(relation).collect()
}

fn first_of<'a>(fields: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| fields.get(*name).filter(|value| !value.is_null()))
}

/// A whole number, also where it went through a spreadsheet or pandas and came back as 5.0.
fn place(value: &Value) -> Option<usize> {
    let whole = |number: f64| (number >= 0.0 && number.fract() == 0.0).then_some(number as usize);
    value.as_u64().map(|number| number as usize).or_else(|| whole(value.as_f64()?))
}

fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(name) => Some(name.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
