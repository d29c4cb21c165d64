//! Files that are one JSON value.

use crate::real_data;
use corpus::tabular::json::{Json, Kind, kind, read};
use corpus::tabular::{Table, spans, write_labelstudio};
use corpus::{DataError, Document, Issue, IssueKind, Mention, Relation, Section};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn table(text: &str) -> Table {
    match read(text, Path::new("data.json")) {
        Ok(Json::Table(table)) => table,
        Ok(Json::Documents(..)) => panic!("documents in {text}"),
        Err(error) => panic!("{error}\n{text}"),
    }
}

fn documents(text: &str) -> (Vec<Document>, Vec<Issue>) {
    match read(text, Path::new("export.json")) {
        Ok(Json::Documents(documents, issues)) => (documents, issues),
        Ok(Json::Table(_)) => panic!("a table in {text}"),
        Err(error) => panic!("{error}\n{text}"),
    }
}

fn rows(table: &Table) -> Vec<(usize, Value)> {
    table.rows.iter().map(|row| (row.line, Value::Array(row.cells.clone()))).collect()
}

#[test]
fn kinds() {
    let check = |text: &str, wanted: Kind| assert_eq!(kind(text), wanted, "{text}");
    check("{\"text\": \"a\"}\n{\"text\": \"b\"}\n", Kind::Lines);
    check("\n{\"text\": \"a\"}\n\n{\"text\": \"cut\n", Kind::Lines);
    check("{\"text\": \"cut\n{\"text\": \"b\"}\n", Kind::Lines);
    check("{\"text\": \"a\"}\nnonsense", Kind::Lines);
    check("{\"text\": \"a\", \"label\": \"b\"}", Kind::Lines);
    check("{\"text\": \"a\", \"entities\": [{\"start\": 0, \"end\": 1, \"label\": \"X\"}]}", Kind::Lines);
    check("[{\"text\": \"a\"}]", Kind::Records);
    check("[\n  {\"text\": \"a\"},\n  {\"text\": \"b\"}\n]", Kind::Records);
    check("{\"data\": [{\"text\": \"a\"}]}", Kind::Records);
    check("{\n  \"text\": \"a\"\n}\n", Kind::Records);
    check("{\"source\": \"PubTator\", \"documents\": [{\"id\": \"1\", \"passages\": []}]}", Kind::BioC);
    check("{\n\"documents\": []\n}", Kind::BioC);
    check("{\"documents\": [{\"text\": \"a\"}]}", Kind::Records);
    check("{\"1\": {\"QUESTION\": \"?\", \"CONTEXTS\": []}}", Kind::PubmedQa);
    check("[{\"id\": 1, \"data\": {\"text\": \"a\"}, \"annotations\": []}]", Kind::LabelStudio);
    check("[{\"id\": 1, \"data\": {\"text\": \"a\"}}]", Kind::Records);
    check("[1", Kind::Records);
    check("", Kind::Records);
}

#[test]
fn records_and_their_lines() {
    let list = "\u{feff}[\r\n  {\"text\": \"🫀 \\\"flu\\\"\\r\\n\",\r\n   \"label\": 1},\r\n  7, [1, 2],\r\n  {\"label\": null, \"more\": [1]}, {}\r\n]";
    let list = list.trim_start_matches('\u{feff}');
    let wanted =
        [(2, json!(["🫀 \"flu\"\r\n", 1, null])), (5, json!([null, null, [1]])), (5, json!([null, null, null]))];
    let issues = [(4, IssueKind::BadJson, true), (4, IssueKind::BadJson, true)];
    for (before, after, lines) in
        [("", "", 0), ("{\"version\": \"1\",\n \"data\": ", "}", 1), ("{\"notes\":\n", "\n}\n", 1)]
    {
        let table = table(&format!("{before}{list}{after}"));
        assert_eq!(table.columns, ["text", "label", "more"]);
        let moved: Vec<_> = wanted.iter().map(|(line, cells)| (line + lines, cells.clone())).collect();
        assert_eq!(rows(&table), moved);
        let found: Vec<_> = table.issues.iter().map(|i| (i.line - lines, i.kind, i.rejected)).collect();
        assert_eq!(found, issues);
    }
    assert!(table("[]").rows.is_empty());
    let one = table("{\n\"text\": \"a\", \"entities\": [{\"start\": 0, \"end\": 1, \"label\": \"X\"}]}");
    assert_eq!(rows(&one), [(1, json!(["a", [{"start": 0, "end": 1, "label": "X"}]]))]);
    // Each under its id, in the order of the file.
    let keyed = table("{\n\"z\": {\"text\": \"a\"},\n\"a\": {\"text\": \"b\", \"id\": 7}\n}");
    assert_eq!(keyed.columns, ["id", "text"]);
    assert_eq!(rows(&keyed), [(2, json!(["z", "a"])), (3, json!([7, "b"]))]);
}

#[test]
fn training_data_of_spacy() {
    let table = table("[\n[\"Acute flu\", {\"entities\": [[6, 9, \"X\"]]}],\n[\"🫀\", {\"entities\": []}]]");
    assert_eq!(table.columns, ["text", "entities"]);
    assert_eq!(rows(&table), [(2, json!(["Acute flu", [[6, 9, "X"]]])), (3, json!(["🫀", []]))]);
    assert_eq!(spans::spans_in(&table.rows[0].cells[1]), Some(vec![(6, 9, "X".into())]));
}

#[test]
fn broken_json() {
    let check = |text: &str, wanted: usize, why: &str| match read(text, Path::new("data.json")).map(|_| ()) {
        Err(DataError::Malformed { path, line, reason }) => {
            assert_eq!((path.to_str(), line), (Some("data.json"), wanted), "{reason}\n{text}");
            assert!(reason.contains(why), "{reason}, wanted {why}\n{text}");
        }
        other => panic!("{other:?}\n{text}"),
    };
    check("[\n{\"text\": \"a\"},\n{\"text\": \"b\",}\n]", 3, "character 14: key must be a string");
    check("[\n{\"text\": \"a\"},\n{\"text\": \"b\"", 3, "EOF");
    check("[{\"text\": \"a\"}]\n]", 2, "trailing characters");
    check("{\"a\": [{\"x\": 1}],\n \"b\": [{\"x\": 1}]}", 1, "several lists (a, b)");
    check("{\"text\": {\"0\": \"a\"}, \"label\": {\"0\": \"b\"}}", 1, "one column after the other");
    check("{}", 1, "no list of records");
    check("\"text\"", 1, "neither a list nor an object");
    check("not json", 1, "the JSON is broken here");
    // What cannot be told apart from text is no reason to refuse the rest.
    let table = table("[{\"text\": \"a\"},\n{\"text\":\n\"\\ud800\"}]");
    assert_eq!((table.rows.len(), table.issues.len(), table.issues[0].kind), (1, 1, IssueKind::BadJson));
}

#[test]
fn pubmedqa() {
    let text = "{\n \"9\": {\"QUESTION\": \"Is it?\",\n  \"CONTEXTS\": [\"One.\", \"Two 🫀.\"], \"LONG_ANSWER\": \"It is.\", \"final_decision\": \"yes\"},\n \"1\": {\"QUESTION\": \"Or?\", \"CONTEXTS\": []},\n \"2\": {\"QUESTION\": \"Or?\"}\n}";
    let table = table(text);
    assert_eq!(table.columns, ["id", "question", "context", "final_decision"]);
    assert_eq!(rows(&table), [(2, json!(["9", "Is it?", "One. Two 🫀.", "yes"])), (4, json!(["1", "Or?", "", null]))]);
    assert_eq!((table.issues.len(), table.issues[0].line, table.issues[0].rejected), (1, 5, true));
}

#[test]
fn pubmedqa_as_published() {
    let Some(folder) = real_data("pubmedqa") else { return };
    let text = fs::read_to_string(folder.join("ori_pqal.json")).unwrap();
    assert_eq!(kind(&text), Kind::PubmedQa);
    let table = table(&text);
    assert_eq!((table.rows.len(), table.issues.len()), (1000, 0));
    let whole: Value = serde_json::from_str(&text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut decisions = std::collections::BTreeMap::new();
    for (row, (id, entry)) in table.rows.iter().zip(whole.as_object().unwrap()) {
        let [found, question, context, decision] = row.cells.as_slice() else { panic!() };
        assert_eq!((found, question), (&json!(id), &entry["QUESTION"]));
        assert!(lines[row.line - 1].contains(&format!("\"{id}\": {{")), "line {}", row.line);
        let contexts: Vec<&str> = entry["CONTEXTS"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(context, &contexts.join(" "));
        assert!(!context.as_str().unwrap().contains(entry["LONG_ANSWER"].as_str().unwrap()));
        *decisions.entry(decision.as_str().unwrap()).or_insert(0) += 1;
    }
    assert_eq!(Vec::from_iter(decisions), [("maybe", 110), ("no", 338), ("yes", 552)]);
}

/// A task as Label Studio exports it, with all that is not read.
fn task(id: usize, text: &str, result: Value) -> Value {
    json!({
        "id": id,
        "annotations": [{
            "id": 100 + id, "completed_by": 1, "result": result, "was_cancelled": false, "ground_truth": false,
            "created_at": "2024-03-01T08:30:00.000000Z", "lead_time": 12.5, "prediction": {}, "result_count": 0,
        }],
        "file_upload": "1-notes.csv", "drafts": [], "predictions": [], "data": {"text": text}, "meta": {},
        "created_at": "2024-03-01T08:30:00.000000Z", "inner_id": id, "total_annotations": 1, "project": 1,
    })
}

fn region(id: &str, start: usize, end: usize, text: &str, labels: &[&str]) -> Value {
    json!({
        "id": id, "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual",
        "value": {"start": start, "end": end, "text": text, "labels": labels},
    })
}

fn export(tasks: &[Value]) -> String {
    format!("{:#}", Value::Array(tasks.to_vec()))
}

/// Mentions as id, type and text.
fn mentions(document: &Document) -> Vec<(&str, &str, String)> {
    let one = |mention| document.surface(mention);
    document.mentions.iter().map(|mention| (mention.id.as_str(), mention.kind.as_str(), one(mention))).collect()
}

#[test]
fn an_export_of_label_studio() {
    let text = "🫀 Aspirin for 𝛼-thalassaemia pain";
    let result = json!([
        region("aX_1", 3, 10, "Aspirin", &["Drug"]),
        region("b", 15, 30, "𝛼-thalassaemia", &["Disease", "Finding"]),
        region("c", 18, 35, "thalassaemia pain", &["Disease"]),
        {"id": "d", "from_name": "choice", "to_name": "text", "type": "choices", "value": {"choices": ["treatment", "pain"]}},
        {"from_id": "aX_1", "to_id": "b", "type": "relation", "direction": "right", "labels": ["treats"]},
        {"from_id": "aX_1", "to_id": "c", "type": "relation", "direction": "right"},
        {"id": "e", "from_name": "note", "to_name": "text", "type": "textarea", "value": {"text": ["unsure"]}},
    ]);
    let (documents, issues) = documents(&export(&[task(12, text, result), task(13, "Nothing.", json!([]))]));
    assert!(issues.is_empty(), "{issues:?}");
    let [first, second] = documents.as_slice() else { panic!("{documents:?}") };
    assert_eq!((first.id.as_str(), first.text.as_str(), first.line), ("12", text, 2));
    let wanted = [
        ("aX_1", "Drug", "Aspirin".to_string()),
        ("b", "Disease", "𝛼-thalassaemia".to_string()),
        ("b#2", "Finding", "𝛼-thalassaemia".to_string()),
        ("c", "Disease", "thalassaemia pain".to_string()),
    ];
    assert_eq!(mentions(first), wanted);
    assert_eq!(first.labels, ["treatment", "pain"]);
    let related =
        |kind: &str, to: &str| (kind.to_string(), vec![("from".into(), "aX_1".into()), ("to".into(), to.into())]);
    let found: Vec<_> = first.relations.iter().map(|it| (it.kind.clone(), it.arguments.clone())).collect();
    assert_eq!(found, [related("treats", "b"), related("relation", "c")]);
    assert!(first.rest[0].contains("unsure"), "{:?}", first.rest);
    assert_eq!((second.id.as_str(), second.mentions.len(), second.labels.len()), ("13", 0, 0));
    assert!(second.line > 50, "{}", second.line);
}

#[test]
fn offsets_are_those_under_which_the_text_agrees() {
    let check = |text: &str, start: usize, end: usize, told: &str| {
        let (documents, issues) = documents(&export(&[task(1, text, json!([region("a", start, end, told, &["X"])]))]));
        assert!(issues.is_empty(), "{issues:?}");
        assert_eq!(documents[0].surface(&documents[0].mentions[0]).replace("\r\n", "\n"), told.replace("\\n", "\n"));
    };
    check("flu", 0, 3, "flu");
    check("🫀🫀 flu, no flu", 5, 8, "flu");
    check("🫀🫀 flu, no flu", 3, 6, "flu");
    check("one\r\ntwo flu", 9, 12, "flu");
    check("one\r\ntwo flu", 8, 11, "flu");
    check("one\ntwo flu", 0, 7, "one\\ntwo");
}

#[test]
fn what_is_wrong_with_tasks_is_told() {
    let good = task(1, "flu", json!([region("a", 0, 3, "flu", &["X"])]));
    let mut skipped = task(2, "skipped", json!([]));
    skipped["annotations"][0]["was_cancelled"] = json!(true);
    let mut twice = task(3, "gout", json!([region("b", 0, 4, "gout", &["first"])]));
    let second = task(3, "gout", json!([region("c", 0, 4, "gout", &["second"])]))["annotations"][0].clone();
    twice["annotations"].as_array_mut().unwrap().push(second);
    twice["annotations"].as_array_mut().unwrap().insert(0, skipped["annotations"][0].clone());
    let mut nobody = task(4, "nobody", json!([]));
    nobody["annotations"] = json!([]);
    let outside = task(5, "flu", json!([region("d", 0, 9, "flu", &["X"]), region("e", 1, 3, "flu", &["X"])]));
    let textless = task(6, " ", json!([]));
    let all = [good, skipped.clone(), twice, nobody.clone(), outside, textless, json!("no task")];
    let (found, issues) = documents(&export(&all));
    assert_eq!(found.iter().map(|document| document.id.as_str()).collect::<Vec<_>>(), ["1", "3", "5"]);
    assert_eq!(mentions(&found[1]), [("b", "first", "gout".to_string())]);
    assert_eq!(mentions(&found[2]), [("e", "X", "lu".to_string())]);
    let told: Vec<_> = issues.iter().map(|issue| (issue.kind, issue.rejected)).collect();
    let wanted = [
        (IssueKind::BadRecord, false),
        (IssueKind::BadSpan, false),
        (IssueKind::BadSpan, false),
        (IssueKind::EmptyText, true),
        (IssueKind::BadRecord, true),
        (IssueKind::EmptyLabel, true),
        (IssueKind::EmptyLabel, true),
    ];
    assert_eq!(told, wanted, "{issues:?}");
    assert!(issues.iter().all(|issue| issue.line > 1 && issue.file == Path::new("export.json")));
    // Where nobody has annotated anything, these are texts to be read by a model.
    let (found, issues) = documents(&export(&[nobody, skipped]));
    assert_eq!((found.len(), issues.len()), (2, 0));
}

#[test]
fn what_is_written_is_read() {
    let text = "🫀 Aspirin for\r\n\"𝛼-thalassaemia\" pain";
    let mention = |id: &str, kind: &str, range| Mention {
        id: id.into(),
        kind: kind.into(),
        ranges: vec![range],
        concept: None,
        line: 0,
    };
    let relation = Relation {
        id: "R1".into(),
        kind: "treats".into(),
        arguments: vec![("from".into(), "T1".into()), ("to".into(), "T2".into())],
        line: 0,
    };
    let full = Document {
        id: "PMC1".into(),
        text: text.into(),
        mentions: vec![mention("T1", "Drug", 2..9), mention("T2", "Disease", 16..30), mention("T3", "Sign", 18..36)],
        relations: vec![relation],
        labels: vec!["a".into(), "b".into()],
        rest: vec![json!({"data": {"patient": "p1", "n": 3}, "text": "note"}).to_string()],
        ..Document::default()
    };
    let empty = Document { id: "17".into(), text: "Nothing.".into(), ..Document::default() };
    let set = [full.clone(), empty.clone()];
    let (written, lost) = write_labelstudio::write(&set);
    assert!(lost.is_empty(), "{lost:?}");
    let (again, issues) = documents(&written);
    assert!(issues.is_empty(), "{issues:?}");
    let bare = |documents: &[Document]| -> Vec<Document> {
        let mut documents = documents.to_vec();
        for document in &mut documents {
            (document.file, document.line) = Default::default();
            document.mentions.iter_mut().for_each(|mention| mention.line = 0);
            document.relations.iter_mut().for_each(|relation| relation.line = 0);
        }
        documents
    };
    assert_eq!(bare(&again), bare(&set));
    assert_eq!(write_labelstudio::write(&again).0, written);
    // Offsets in the file are those of JavaScript.
    let tasks: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(tasks[0]["annotations"][0]["result"][0]["value"]["start"], 3);
    assert_eq!(tasks[0]["data"]["note"], text);

    // Ids that are numbers are the tasks' own.
    let (written, _) = write_labelstudio::write(std::slice::from_ref(&empty));
    let tasks: Value = serde_json::from_str(&written).unwrap();
    assert_eq!((&tasks[0]["id"], tasks[0]["data"].get("id")), (&json!(17), None));

    let mut more = full;
    more.mentions[1].ranges = vec![16..17, 19..30];
    more.mentions[0].concept = Some("MESH:D001241".into());
    more.sections.push(Section { kind: "title".into(), range: 0..5 });
    more.relations[0].arguments[0].0 = "Arg1".into();
    more.relations.push(Relation { arguments: vec![("a".into(), "MESH:D1".into())], ..more.relations[0].clone() });
    let (_, lost) = write_labelstudio::write(&[more]);
    assert_eq!(lost.len(), 5, "{lost:?}");
}
