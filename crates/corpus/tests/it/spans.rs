//! Spans in the shapes of several tools, and documents as JSON lines.

use corpus::tabular::{spans, write_jsonl};
use corpus::{Document, Mention, Options, Relation, Section, Task, load};
use serde_json::{Value, json};
use std::fs;

fn check(cell: Value, wanted: &[(usize, usize, &str)]) {
    let wanted: Vec<_> = wanted.iter().map(|&(start, end, label)| (start, end, label.to_string())).collect();
    assert_eq!(spans::spans_in(&cell), Some(wanted.clone()), "{cell}");
    assert_eq!(spans::spans_in(&Value::String(cell.to_string())), Some(wanted), "{cell} in a string");
}

#[test]
fn shapes_of_tools() {
    let two = [(0, 5, "Drug"), (3, 9, "Krankheit 🫀")];
    check(json!([{"start": 0, "end": 5, "label": "Drug"}, {"start": 3, "end": 9, "label": "Krankheit 🫀"}]), &two);
    // doccano, its older and its newer shape.
    check(json!([[0, 5, "Drug"], [3, 9, "Krankheit 🫀"]]), &two);
    let doccano = json!([
        {"id": 7, "label": "Drug", "start_offset": 0, "end_offset": 5},
        {"id": 8, "label": "Krankheit 🫀", "start_offset": 3, "end_offset": 9},
    ]);
    check(doccano.clone(), &two);
    check(json!({"entities": doccano, "relations": [{"id": 1, "from_id": 7, "to_id": 8, "type": "treats"}]}), &two);
    // spaCy, with and without the id of a concept.
    check(json!({"entities": [[0, 5, "Drug"], [3, 9, "Krankheit 🫀", "Q12"]], "cats": {}}), &two);
    // Prodigy.
    check(
        json!({"spans": [
            {"start": 0, "end": 5, "token_start": 0, "token_end": 0, "label": "Drug"},
            {"start": 3, "end": 9, "label": "Krankheit 🫀"},
        ]}),
        &two,
    );
    // Label Studio's short JSON: one stretch with two labels.
    let both = json!([{"start": 0, "end": 5, "text": "Fever", "labels": ["Sign", "Finding"]}]);
    check(both, &[(0, 5, "Sign"), (0, 5, "Finding")]);
    // Hugging Face's pipelines.
    check(json!([{"entity_group": "Drug", "score": 0.9, "word": "x", "start": 0, "end": 5}]), &two[..1]);
    check(json!([{"start": 0.0, "end": 5.0, "type": 3}]), &[(0, 5, "3")]);
    check(json!([]), &[]);
    check(json!({"entities": []}), &[]);
}

#[test]
fn what_is_no_list_of_spans() {
    for cell in [
        json!(null),
        json!(5),
        json!("flu"),
        json!("\"[[0, 5, \\\"X\\\"]]\""),
        json!(["B-X", "O"]),
        json!([[0, 5]]),
        json!([[0, 5, null]]),
        json!([[-1, 5, "X"]]),
        json!([[0.5, 5, "X"]]),
        json!([{"start": 0, "label": "X"}]),
        json!([{"start": "0", "end": 5, "label": "X"}]),
        json!([{"start": 0, "end": 5, "label": ["X", 3, null]}]),
        json!({"cats": {"a": 1}}),
    ] {
        assert_eq!(spans::spans_in(&cell), None, "{cell}");
    }
}

fn mention(id: &str, kind: &str, range: std::ops::Range<usize>) -> Mention {
    Mention { id: id.into(), kind: kind.into(), ranges: vec![range], concept: None, line: 1 }
}

#[test]
fn documents_as_lines() {
    let text = "Ménière 🫀\r\n\"left\" and right ear";
    let mut document = Document { id: "1".into(), text: text.into(), ..Document::default() };
    document.mentions = vec![mention("T1", "Disease", 0..7), mention("T2", "Site", 0..9)];
    let empty = Document { id: "2".into(), text: "Nothing.".into(), ..Document::default() };
    let (lines, lost) = write_jsonl::write(&[document.clone(), empty.clone()]);
    assert!(lost.is_empty(), "{lost:?}");
    let read: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), 2);
    assert_eq!((&read[0]["id"], &read[0]["text"]), (&json!("1"), &json!(text)));
    let found = spans::spans_in(&read[0]["entities"]);
    assert_eq!(found, Some(vec![(0, 7, "Disease".into()), (0, 9, "Site".into())]));
    assert_eq!(read[1], json!({"id": "2", "text": "Nothing.", "entities": []}));

    // Labels of whole texts.
    let named = |labels: &[&str]| Document { labels: labels.iter().map(|&l| l.into()).collect(), ..empty.clone() };
    let (lines, _) = write_jsonl::write(&[named(&["a"]), named(&[]), named(&["a", "b"])]);
    let read: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read[0], json!({"id": "2", "text": "Nothing.", "label": "a"}));
    assert_eq!((read[1].get("label"), &read[2]["label"]), (None, &json!(["a", "b"])));

    // What lines cannot hold is told.
    document.mentions[1].ranges = vec![13..17, 28..31];
    document.mentions[0].concept = Some("MESH:D008575".into());
    document.sections.push(Section { kind: "title".into(), range: 0..9 });
    let arguments = vec![("Arg1".into(), "T1".into()), ("Arg2".into(), "T2".into())];
    document.relations.push(Relation { id: "R1".into(), kind: "at".into(), arguments, line: 1 });
    let (lines, lost) = write_jsonl::write(&[document]);
    let read: Value = serde_json::from_str(&lines).unwrap();
    assert_eq!(read["entities"][1], json!({"start": 13, "end": 31, "label": "Site"}));
    let wanted = [
        "1 entities in several parts were written as one from first to last character",
        "the concepts of 1 entities were left out",
        "the division of 1 documents into sections was left out",
        "1 relations between entities were left out",
    ];
    assert_eq!(lost, wanted);
}

/// What is written is what training reads.
#[test]
fn lines_are_training_data() {
    let document = |number: usize| {
        let before = format!("🫀 case {number} with ");
        let start = before.chars().count();
        Document {
            id: format!("d{number}"),
            text: before + "gout",
            mentions: vec![mention("T1", "Disease", start..start + 4)],
            ..Document::default()
        }
    };
    let documents: Vec<Document> = (0..30).map(document).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("train.jsonl");
    fs::write(&path, write_jsonl::write(&documents).0).unwrap();
    let dataset = load(&path, &Options::default()).unwrap();
    assert_eq!((dataset.task, dataset.labels.as_slice()), (Task::Ner, ["Disease".to_string()].as_slice()));
    let all: Vec<_> = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test).collect();
    assert_eq!(all.len(), 30);
    assert!(all.iter().all(|example| crate::entities(&dataset, example) == [("gout".into(), "Disease".into())]));
}
