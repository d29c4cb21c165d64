//! Which column means what, and from cells to examples.

use crate::{class, entities, issues_of, load_as, slice};
use corpus::IssueKind::{BadSpan, BadTag, SpanOverlaps, SpanWidened, TagRepaired};
use corpus::{Columns, Example, Gold, IssueKind, Options, Task, load, load_unlabelled, words_of};
use serde_json::{Value, json};
use std::fs;

/// Columns by their names: text, label, id, group.
fn check_columns(extension: &str, content: &str, options: &Options, task: Task, wanted: [Option<&str>; 4]) {
    let dataset = load_as(extension, content, options).unwrap_or_else(|error| panic!("{error}\n{content}"));
    let [text, label, id, group] = wanted.map(|name| name.map(str::to_string));
    assert_eq!(dataset.columns, Columns { text, label, id, group, ..Default::default() }, "{content}");
    assert_eq!(dataset.task, task, "{content}");
}

#[test]
fn columns_are_guessed() {
    use Task::{Classification, Ner};
    let guess = |extension, content: &str, task, wanted| {
        check_columns(extension, content, &Options::default(), task, wanted);
    };
    let gad = "index\tsentence\tlabel\n0\t@GENE$ and @DISEASE$ are related\t1\n1\t@GENE$ is not\t0\n";
    guess("tsv", gad, Task::Relation, [Some("sentence"), Some("label"), Some("index"), None]);
    let mts = "ID,section_header,section_text,dialogue\n0,GENHX,\"A man, 76.\",\"Doctor: Hi.\nPatient: Hi.\"\n1,ALLERGY,None.,Doctor: Any?\n";
    guess("csv", mts, Classification, [Some("dialogue"), Some("section_header"), Some("ID"), None]);
    let hoc = "labels\tsentence\tindex\n0_0,1_0\tHypoxic events .\t22_s0\n0_0,1_1\tOnly a few .\t22_s1\n";
    let dataset = load_as("tsv", hoc, &Options::default()).unwrap();
    assert_eq!((dataset.task, dataset.columns.document.as_deref()), (Task::Multilabel, Some("index")));
    let notes = "id,patient,text,label\nn1,p1,fever,a\nn2,p1,cough,b\n";
    guess("csv", notes, Classification, [Some("text"), Some("label"), Some("id"), Some("patient")]);
    let spans = "{\"id\":\"s1\",\"text\":\"a flu\",\"entities\":[{\"start\":2,\"end\":5,\"label\":\"X\"}]}\n";
    guess("jsonl", spans, Ner, [Some("text"), Some("entities"), Some("id"), None]);
    let tokens = "{\"tokens\":[\"a\",\"flu\"],\"ner_tags\":[\"O\",\"B-X\"],\"document_id\":\"d\"}\n";
    guess("jsonl", tokens, Ner, [Some("tokens"), Some("ner_tags"), None, Some("document_id")]);
    // By content where names tell nothing: the label is what repeats, the text what is long.
    let nameless = "what,who\nfever since the weekend,a\ndry cough at night,b\nfever again today,a\nno cough now,b\n";
    guess("csv", nameless, Classification, [Some("what"), Some("who"), None, None]);
    // Names whatever their case.
    guess("csv", "Text,LABEL\nfever,a\ncough,b\n", Classification, [Some("Text"), Some("LABEL"), None, None]);
}

#[test]
fn named_columns_come_before_guesses() {
    let mts = "ID,section_header,section_text,dialogue\n0,x,a b,c d\n1,y,e f,g h\n";
    let named = |name: &str| Some(name.to_string());
    let options = Options { text: named("section_text"), group: named("ID"), ..Options::default() };
    let wanted = [Some("section_text"), Some("section_header"), Some("ID"), Some("ID")];
    check_columns("csv", mts, &options, Task::Classification, wanted);
    let options = Options { pair: named("section_text"), label: named("section_header"), ..Options::default() };
    let dataset = load_as("csv", mts, &options).unwrap();
    let read = |example: &Example| (example.text.clone(), example.pair.clone(), example.id.clone());
    assert_eq!(read(&dataset.train[0]), ("c d".into(), named("a b"), "0".into()));
    assert_eq!(read(&dataset.train[1]), ("g h".into(), named("e f"), "1".into()));
    assert_eq!((class(&dataset, &dataset.train[0]), class(&dataset, &dataset.train[1])), ("x", "y"));
    let twice = load_as(
        "csv",
        "text,text,,label\na,b,c,x\nd,e,f,y\n",
        &Options { text: named("text#2"), ..options_of("label") },
    );
    assert_eq!(twice.unwrap().train[1].text, "e");
}

fn options_of(label: &str) -> Options {
    Options { label: Some(label.into()), ..Options::default() }
}

/// What a JSON line about entities is read as: entities by text and type, issues by kind and whether the row was left out.
/// Good rows stand around it, so that one bad row is left out rather than all refused.
fn check_entities(row: Value, wanted: &[(&str, &str)], issues: &[(IssueKind, bool)]) {
    let good = if row.get("tokens").is_some() {
        json!({"tokens": ["good"], "tags": ["B-X"]}).to_string()
    } else {
        json!({"text": "good", "entities": [[0, 4, "X"]]}).to_string()
    };
    let content = format!("{}\n{row}\n", vec![good; 19].join("\n"));
    let dataset = load_as("jsonl", &content, &Options::default()).unwrap_or_else(|error| panic!("{error}\n{row}"));
    let found: Vec<_> = dataset.train.iter().filter(|e| e.line == 20).flat_map(|e| entities(&dataset, e)).collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(text, kind)| (text.as_str(), kind.as_str())).collect();
    assert_eq!(found, wanted, "{row}");
    let wanted: Vec<_> = issues.iter().map(|&(kind, rejected)| (20, kind, rejected)).collect();
    assert_eq!(issues_of(&dataset), wanted, "{row}");
    let left_out = issues.iter().any(|&(_, rejected)| rejected);
    assert_eq!(dataset.train.len(), if left_out { 19 } else { 20 }, "{row}");
}

#[test]
fn spans_in_json() {
    let text = "Acute flu, then gout.";
    let flu = json!({"start": 6, "end": 9, "label": "X"});
    let spans = |spans: Value| json!({"text": text, "entities": spans});
    check_entities(spans(json!([flu])), &[("flu", "X")], &[]);
    check_entities(spans(json!([{"start": 6, "end": 9, "type": "X"}])), &[("flu", "X")], &[]);
    check_entities(spans(json!([[16, 20, "Y"], [0, 9, "X"]])), &[("Acute flu", "X"), ("gout", "Y")], &[]);
    check_entities(spans(json!("[[6, 9, \"X\"]]")), &[("flu", "X")], &[]);
    check_entities(spans(json!([])), &[], &[]);
    check_entities(spans(Value::Null), &[], &[]);
    // Neighbours touch without overlapping.
    check_entities(spans(json!([[0, 5, "X"], [6, 9, "X"]])), &[("Acute", "X"), ("flu", "X")], &[]);
}

#[test]
fn spans_are_fitted_to_words() {
    let spans = |spans: Value| json!({"text": "Acute flu, then gout.", "entities": spans});
    check_entities(spans(json!([[7, 9, "X"]])), &[("flu", "X")], &[(SpanWidened, false)]);
    check_entities(spans(json!([[5, 10, "X"]])), &[("flu,", "X")], &[(SpanWidened, false)]);
    check_entities(spans(json!([[2, 7, "X"]])), &[("Acute flu", "X")], &[(SpanWidened, false)]);
    check_entities(spans(json!([[5, 6, "X"]])), &[], &[(BadSpan, true)]);
    check_entities(spans(json!([[6, 99, "X"]])), &[], &[(BadSpan, true)]);
    check_entities(spans(json!([[9, 6, "X"]])), &[], &[(BadSpan, true)]);
    check_entities(spans(json!([[6, 6, "X"]])), &[], &[(BadSpan, true)]);
    check_entities(spans(json!([[-1, 6, "X"]])), &[], &[(BadSpan, true)]);
    check_entities(spans(json!([[6, "flu"]])), &[], &[(BadSpan, true)]);
    check_entities(spans(json!("flu")), &[], &[(BadSpan, true)]);
}

#[test]
fn of_overlapping_spans_the_longest_stays() {
    let spans = |spans: Value| json!({"text": "Acute flu, then gout.", "entities": spans});
    check_entities(spans(json!([[6, 9, "X"], [0, 9, "Y"]])), &[("Acute flu", "Y")], &[(SpanOverlaps, false)]);
    check_entities(spans(json!([[6, 9, "X"], [6, 9, "X"]])), &[("flu", "X")], &[(SpanOverlaps, false)]);
    // They may come to overlap by being fitted.
    let issues = [(SpanWidened, false), (SpanWidened, false), (SpanOverlaps, false)];
    check_entities(spans(json!([[0, 2, "X"], [3, 5, "Y"]])), &[("Acute", "X")], &issues);
}

#[test]
fn tokens_with_tags_in_json() {
    let tags = |tags: Value| json!({"tokens": ["Acute", "flu", ",", "gout"], "tags": tags});
    check_entities(tags(json!(["B-X", "I-X", "O", "B-Y"])), &[("Acute flu", "X"), ("gout", "Y")], &[]);
    check_entities(tags(json!(["O", "O", "O", "O"])), &[], &[]);
    check_entities(
        tags(json!(["B-X", "I-X", "O", "I-Y"])),
        &[("Acute flu", "X"), ("gout", "Y")],
        &[(TagRepaired, false)],
    );
    check_entities(tags(json!(["B-X", "O", "O", "X-Y"])), &[], &[(BadTag, true)]);
    check_entities(tags(json!(["B-X", "O", "O"])), &[], &[(BadTag, true)]);
    check_entities(tags(json!([1, 2, 0, 1])), &[], &[(BadTag, true)]);
    check_entities(tags(json!([])), &[], &[(BadTag, true)]);
    check_entities(tags(Value::Null), &[], &[(BadTag, true)]);

    let rows = "{\"tokens\":[\"a\",\"b\",\"c\"],\"tags\":[\"S-X\",\"B-Y\",\"E-Y\"]}\n{\"tokens\":[\"d\"],\"tags\":[\"U-X\"]}\n";
    let dataset = load_as("jsonl", rows, &Options::default()).unwrap();
    assert_eq!(entities(&dataset, &dataset.train[0]), [("a".into(), "X".into()), ("b c".into(), "Y".into())]);
    assert!(issues_of(&dataset).is_empty(), "{:?}", dataset.issues);
    let rows = "{\"tokens\":[\"a\",\"b\",\"c\"],\"tags\":[\"I-X\",\"I-X\",\"O\"]}\n";
    let dataset = load_as("jsonl", rows, &Options::default()).unwrap();
    assert_eq!(entities(&dataset, &dataset.train[0]), [("a b".into(), "X".into())]);
    assert!(issues_of(&dataset).is_empty(), "{:?}", dataset.issues);
}

#[test]
fn spans_in_delimited_text() {
    let csv = "text,entities\n\"flu, gout\",\"[{\"\"start\"\":5,\"\"end\"\":9,\"\"label\"\":\"\"X\"\"}]\"\nnothing,[]\nnone either,\n";
    let dataset = load_as("csv", csv, &Options::default()).unwrap();
    assert_eq!(dataset.task, Task::Ner);
    let found: Vec<_> = dataset.train.iter().map(|example| entities(&dataset, example)).collect();
    assert_eq!(found, [vec![("gout".into(), "X".into())], vec![], vec![]]);
}

#[test]
fn offsets_are_characters() {
    for (before, entity) in [
        ("🫀🫁 Status post ", "Ménière"),
        ("e\u{301}tat fe\u{301}brile, ", "cafe\u{301}-au-lait"),
        ("患者有", "糖尿病"),
        ("👩🏽‍⚕️: ", "β-thalassämie"),
        ("\u{feff}soft\u{ad}hyphen ", "flu"),
        ("𝛼-fetoprotein — ", "ﬁbrosis"),
    ] {
        let (start, length) = (before.chars().count(), entity.chars().count());
        let text = format!("{before}{entity}, 5 µg/dL");
        let row = json!({"text": text, "entities": [[start, start + length, "X"]]});
        check_entities(row, &[(entity, "X")], &[]);
        assert_eq!(slice(&text, start, start + length), entity);
    }
}

#[test]
fn words_are_those_of_bert() {
    let check = |text: &str, wanted: &[&str]| {
        let found: Vec<String> = words_of(text).into_iter().map(|word| slice(text, word.start, word.end)).collect();
        assert_eq!(found, wanted, "{text}");
    };
    check("", &[]);
    check(" \t\n", &[]);
    check("BP 157/78, afebrile.", &["BP", "157", "/", "78", ",", "afebrile", "."]);
    check("IL-2 “alone”…", &["IL", "-", "2", "“", "alone", "”", "…"]);
    check("37\u{a0}°C\u{2009}±0.5", &["37", "°C", "±0", ".", "5"]);
    check("患者 2型糖尿病。", &["患", "者", "2", "型", "糖", "尿", "病", "。"]);
    check("ألم، حمى؟", &["ألم", "،", "حمى", "؟"]);
    check("🫀ok 👍", &["🫀ok", "👍"]);
    check("cafe\u{301} co\u{ad}op", &["cafe\u{301}", "co\u{ad}op"]);
}

#[test]
fn ids_name_one_example_each() {
    let csv = "id,text,label\n1,a,x\n1,b,y\n1 (2),c,x\n1,d,y\n,e,x\n";
    let dataset = load_as("csv", csv, &Options::default()).unwrap();
    let all = || dataset.train.iter().chain(&dataset.dev).chain(&dataset.test).map(|example| example.id.as_str());
    let distinct: std::collections::HashSet<&str> = all().collect();
    assert_eq!(distinct.len(), all().count(), "{:?}", all().collect::<Vec<_>>());
    assert_eq!(dataset.train[0].id, "1");
    assert_eq!(dataset.train[4].id, "train-6");
}

#[test]
fn files_of_a_folder_go_to_one_split_each() {
    let load_names = |names: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let content = format!("text,label\n{name},a\n{name} again,b\n");
            fs::write(folder.path().join(name), content).unwrap();
        }
        let dataset = load(folder.path(), &Options::default()).unwrap();
        [&dataset.train, &dataset.dev, &dataset.test]
            .map(|split| split.iter().step_by(2).map(|example| example.text.clone()).collect::<Vec<_>>())
    };
    let plain = [["train.csv"], ["devel.csv"], ["test.csv"]];
    assert_eq!(load_names(&["devel.csv", "test.csv", "train.csv", "train_small.csv", "readme.txt"]), plain);
    let device = [["device_train.csv"], ["device_val.csv"], ["device_latest_test.csv"]];
    assert_eq!(load_names(&["device_train.csv", "device_val.csv", "device_latest_test.csv"]), device);
    let [train, dev, test] =
        load_names(&["A-TestSet-1.csv", "A-TestSet-2.csv", "A-TrainingSet.csv", "A-ValidationSet.csv"]);
    assert_eq!((train.len(), dev.len(), test.len()), (1, 1, 2));
    assert_eq!(load_names(&["train.csv", "my_dev.csv", "test.csv"]), [["train.csv"], ["my_dev.csv"], ["test.csv"]]);
}

#[test]
fn unlabelled_texts() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    write("b.txt", "Fever since\nMonday.\n");
    write("a.TXT", "Cough.");
    write("empty.txt", "");
    write("other.csv", "text\nnot read\n");
    let read = |path: &str, task| load_unlabelled(&folder.path().join(path), &options_of("not there"), task).unwrap();
    let (notes, issues) = read("", Task::Ner);
    let found: Vec<_> = notes.iter().map(|e| (e.id.as_str(), e.text.as_str(), e.words.len())).collect();
    assert_eq!(found, [("a", "Cough.", 2), ("b", "Fever since\nMonday.\n", 4)]);
    assert_eq!((issues.len(), issues[0].kind), (1, IssueKind::EmptyText));

    let (rows, _) = read("other.csv", Task::Classification);
    assert_eq!((rows.len(), rows[0].text.as_str(), rows[0].gold.clone()), (1, "not read", None));
    write("lines.txt", "one\n\n  two \n");
    let (lines, _) = read("lines.txt", Task::Classification);
    let found: Vec<_> = lines.iter().map(|e| (e.id.as_str(), e.text.as_str(), e.line)).collect();
    assert_eq!(found, [("lines-1", "one", 1), ("lines-3", "two", 3)]);
    // A label column may be there, and is not read.
    write("labelled.jsonl", "{\"text\": \"a flu\", \"entities\": [[2, 5, \"X\"]]}\n");
    let (rows, _) = read("labelled.jsonl", Task::Ner);
    assert!(rows.iter().all(|example| !matches!(example.gold, Some(Gold::Entities(_)))));
}
