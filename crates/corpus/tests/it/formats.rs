//! The same data in every format gives the same dataset; splits by folders and lists; relations from entities.

use crate::{entities, real_data};
use corpus::IssueKind::{RelationLeftOut, SpanDiscontinuous, SpanOverlaps};
use corpus::{
    DataError, Dataset, Document, Format, Gold, Marking, Mention, Options, Relation, Task, head, load, standoff,
    tabular,
};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Notes with characters beyond the BMP and line ends of two characters before their entities.
fn documents(count: usize) -> Vec<Document> {
    let document = |number: usize| {
        let text =
            format!("🩺 Note {number}.\r\nAspirin caused 𝛽-rash in case {number}. Ibuprofen did not cause fever.");
        let place = |word: &str| {
            let start = text[..text.find(word).unwrap()].chars().count();
            start..start + word.chars().count()
        };
        let mention = |id: &str, kind: &str, word: &str| Mention {
            id: id.into(),
            kind: kind.into(),
            ranges: vec![place(word)],
            concept: None,
            line: 0,
        };
        let mentions = vec![
            mention("T1", "Drug", "Aspirin"),
            mention("T2", "Effect", "𝛽-rash"),
            mention("T3", "Drug", "Ibuprofen"),
            mention("T4", "Effect", "fever"),
        ];
        let arguments = vec![("Arg1".to_string(), "T1".to_string()), ("Arg2".to_string(), "T2".to_string())];
        let relations = vec![Relation { id: "R1".into(), kind: "causes".into(), arguments, line: 0 }];
        Document { id: format!("n{number}"), text, mentions, relations, ..Document::default() }
    };
    (0..count).map(document).collect()
}

/// The documents as a file or a folder of a format.
fn written(documents: &[Document], format: Format, folder: &Path) -> std::path::PathBuf {
    let file = |name: &str, content: String| {
        fs::write(folder.join(name), content).unwrap();
        folder.join(name)
    };
    match format {
        Format::Brat => {
            let folder = folder.join("notes");
            fs::create_dir_all(&folder).unwrap();
            for document in documents {
                fs::write(folder.join(format!("{}.txt", document.id)), &document.text).unwrap();
                fs::write(folder.join(format!("{}.ann", document.id)), standoff::write_brat(document).0).unwrap();
            }
            folder
        }
        Format::BiocXml => file("notes.xml", standoff::write_bioc_xml(documents).0),
        Format::BiocJson => file("notes.json", standoff::write_bioc_json(documents).0),
        Format::Jsonl => file("notes.jsonl", tabular::write_jsonl::write(documents).0),
        Format::LabelStudio => file("tasks.json", tabular::write_labelstudio::write(documents).0),
        other => panic!("no documents in {other:?}"),
    }
}

fn answers(dataset: &Dataset) -> Vec<(String, Vec<(String, String)>)> {
    let all = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test);
    let mut found: Vec<_> = all.map(|example| (example.id.clone(), entities(dataset, example))).collect();
    found.sort();
    found
}

#[test]
fn every_format_gives_the_same_entities() {
    let documents = documents(20);
    let mut expected = None;
    for format in [Format::Brat, Format::BiocXml, Format::BiocJson, Format::Jsonl, Format::LabelStudio] {
        let folder = tempfile::tempdir().unwrap();
        let path = written(&documents, format, folder.path());
        let options = Options { task: Some(Task::Ner), ..Options::default() };
        let dataset = load(&path, &options).unwrap_or_else(|error| panic!("{format:?}: {error}"));
        assert_eq!(dataset.sources[0].format, format);
        assert_eq!(dataset.labels, ["Drug", "Effect"]);
        let found = answers(&dataset);
        assert_eq!(found.len(), 20);
        let of_first = &found.iter().find(|(id, _)| id == "n0").unwrap_or_else(|| panic!("{format:?}: {found:?}")).1;
        assert_eq!(of_first[1], ("𝛽-rash".to_string(), "Effect".to_string()), "{format:?}");
        assert_eq!(&found, expected.get_or_insert(found.clone()), "{format:?}");
        assert!(!head(&path, &options, 5).unwrap().rows.is_empty(), "{format:?}");
    }
}

#[test]
fn pairs_of_a_sentence_become_candidates_related_or_not() {
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Brat, Format::BiocXml, Format::LabelStudio] {
        let path = written(&documents(10), format, folder.path());
        let dataset = load(&path, &Options::default()).unwrap();
        assert_eq!(
            (dataset.task, dataset.labels.as_slice()),
            (Task::Relation, &["causes", "none"].map(String::from)[..])
        );
        assert_eq!(dataset.negative, Some(1));
        let all: Vec<_> = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test).collect();
        // Two sentences with a drug and an effect each; a pair never reaches over a full stop.
        assert_eq!(all.len(), 20, "{format:?}");
        let first = all.iter().find(|example| example.id == "n0-1").unwrap();
        assert_eq!((first.text.as_str(), &first.gold), ("@DRUG$ caused @EFFECT$ in case 0.", &Some(Gold::Class(0))));
        let second = all.iter().find(|example| example.id == "n0-2").unwrap();
        assert_eq!((second.text.as_str(), &second.gold), ("@DRUG$ did not cause @EFFECT$.", &Some(Gold::Class(1))));
        let splits = |id: &str| {
            let of = |examples: &[corpus::Example]| examples.iter().any(|example| example.group.as_deref() == Some(id));
            [of(&dataset.train), of(&dataset.dev), of(&dataset.test)].into_iter().filter(|&held| held).count()
        };
        assert!((0..10).all(|number| splits(&format!("n{number}")) == 1), "a document stays in one split");
    }
}

#[test]
fn markers_keep_the_entities_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&documents(10), Format::Brat, folder.path());
    let dataset = load(&path, &Options { marking: Some(Marking::Markers), ..Options::default() }).unwrap();
    assert_eq!(dataset.markers, ["[E1]", "[/E1]", "[E2]", "[/E2]"]);
    let text = &dataset.train.iter().find(|example| example.id.ends_with("-1")).unwrap().text;
    assert!(text.starts_with("[E1] Aspirin [/E1] caused [E2] 𝛽-rash [/E2] in case"), "{text}");
}

fn brat(documents: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, (text, annotations)) in documents.iter().enumerate() {
        fs::write(folder.path().join(format!("{number:02}.txt")), text).unwrap();
        fs::write(folder.path().join(format!("{number:02}.ann")), annotations).unwrap();
    }
    folder
}

#[test]
fn overlapping_mentions_become_one_dummy_and_lost_relations_are_told() {
    let plain = ("Aspirin caused rash.", "T1\tDrug 0 7\tAspirin\nT2\tEffect 15 19\trash\nR1\tcauses Arg1:T1 Arg2:T2\n");
    let mut documents = vec![plain; 20];
    documents[0] = (
        "Aspirin asthma is known. Rash too.",
        "T1\tDrug 0 7\tAspirin\nT2\tEffect 0 14\tAspirin asthma\nT3\tEffect 25 29\tRash\nR1\tcauses Arg1:T1 Arg2:T2\nR2\tcauses Arg1:T1 Arg2:T3\n",
    );
    let folder = brat(&documents);
    let dataset = load(folder.path(), &Options::default()).unwrap_err();
    // All pairs are related here, which teaches nothing.
    assert!(matches!(dataset, DataError::OneClassOnly { .. }), "{dataset}");
    documents[1] = ("Aspirin and rash.", "T1\tDrug 0 7\tAspirin\nT2\tEffect 12 16\trash\n");
    documents[2] = documents[1];
    let folder = brat(&documents);
    let dataset = load(folder.path(), &Options::default()).unwrap();
    let all = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test);
    assert!(all.clone().any(|example| example.text == "@DRUG-EFFECT$ is known."));
    let lost: Vec<_> = dataset.issues.iter().filter(|issue| issue.kind == RelationLeftOut).collect();
    assert_eq!(lost.len(), 1);
    assert!(lost[0].file.ends_with("00.ann") && lost[0].line == 5 && lost[0].message.contains("R2"), "{lost:?}");
}

#[test]
fn nested_and_divided_entities_are_told() {
    let text = "Fever of unknown origin and pain in left and right arm.";
    let marks = "T1\tSign 0 5\tFever\nT2\tSign 0 23\tFever of unknown origin\nT3\tSign 28 40;51 54\tpain in left arm\n";
    let folder = brat(&[(text, marks); 12]);
    let dataset = load(folder.path(), &Options { task: Some(Task::Ner), ..Options::default() }).unwrap();
    let of = |kind| dataset.issues.iter().filter(|issue| issue.kind == kind).count();
    assert_eq!((of(SpanOverlaps), of(SpanDiscontinuous)), (12, 12));
    let found = entities(&dataset, &dataset.train[0]);
    let found: Vec<&str> = found.iter().map(|(surface, _)| surface.as_str()).collect();
    assert_eq!(found, ["Fever of unknown origin", "pain in left and right arm"]);
}

#[test]
fn tables_in_every_format_give_the_same_examples() {
    let columns = ["text", "label"].map(String::from);
    let rows: Vec<Vec<String>> =
        (0..20).map(|n| vec![format!("𝛽 \"{n}\",\nline two 🩺"), ["ill", "well"][n % 2].into()]).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.xlsx"), tabular::write_xlsx::write(&columns, &rows).unwrap()).unwrap();
    let optional: Vec<Vec<_>> = rows.iter().map(|row| row.iter().cloned().map(Some).collect()).collect();
    fs::write(path("a.parquet"), tabular::write_parquet::write(&columns, &optional).unwrap()).unwrap();
    let object = |row: &Vec<String>| serde_json::json!({ "text": row[0], "label": row[1] });
    fs::write(path("a.json"), serde_json::to_string_pretty(&rows.iter().map(object).collect::<Vec<_>>()).unwrap())
        .unwrap();
    let quoted = |row: &Vec<String>| format!("\"{}\",{}\n", row[0].replace('"', "\"\""), row[1]);
    fs::write(path("a.csv"), "text,label\n".to_string() + &rows.iter().map(quoted).collect::<String>()).unwrap();
    let classes = path("classes");
    for (number, row) in rows.iter().enumerate() {
        fs::create_dir_all(classes.join(&row[1])).unwrap();
        fs::write(classes.join(&row[1]).join(format!("{number}.txt")), &row[0]).unwrap();
    }
    for (name, format) in [
        ("a.csv", Format::Csv),
        ("a.xlsx", Format::Xlsx),
        ("a.parquet", Format::Parquet),
        ("a.json", Format::Json),
        ("classes", Format::Folders),
    ] {
        let dataset = load(&path(name), &Options::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((dataset.task, dataset.sources[0].format), (Task::Classification, format));
        let all = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test);
        let mut found: Vec<Vec<String>> = all
            .map(|example| match example.gold {
                Some(Gold::Class(class)) => vec![example.text.clone(), dataset.labels[class].clone()],
                _ => panic!("no class"),
            })
            .collect();
        found.sort();
        let mut expected = rows.clone();
        expected.sort();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn folders_named_after_splits_are_splits() {
    let folder = tempfile::tempdir().unwrap();
    for (split, count) in [("train", 8), ("dev", 2), ("test", 3)] {
        let path = written(&documents(count), Format::Brat, folder.path());
        fs::rename(path, folder.path().join(split)).unwrap();
    }
    let dataset = load(folder.path(), &Options { task: Some(Task::Ner), ..Options::default() }).unwrap();
    assert_eq!([dataset.train.len(), dataset.dev.len(), dataset.test.len()], [8, 2, 3]);
    assert!(!dataset.drawn_split);
}

#[test]
fn pubmedqa_as_its_authors_published_it() {
    let Some(folder) = real_data("pubmedqa") else { return };
    let dataset = load(&folder, &Options::default()).unwrap();
    assert_eq!((dataset.task, dataset.drawn_split), (Task::Qa, false));
    assert_eq!(dataset.labels, ["maybe", "no", "yes"]);
    assert_eq!([dataset.train.len(), dataset.dev.len(), dataset.test.len()], [450, 50, 500]);
    let file = fs::read_to_string(folder.join("ori_pqal.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    for example in dataset.train.iter().chain(&dataset.test) {
        let entry = &file[&example.id];
        assert_eq!(example.text, entry["QUESTION"].as_str().unwrap());
        let pair = example.pair.as_ref().unwrap();
        let contexts: Vec<&str> = entry["CONTEXTS"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
        assert_eq!(*pair, contexts.join(" "));
        assert!(!pair.contains(entry["LONG_ANSWER"].as_str().unwrap()), "the long answer is never input");
    }
}

#[test]
fn several_columns_a_label_each_and_cells_with_several_labels() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let rows: String = (0..20).map(|n| format!("note {n},{},{}\n", n % 2, usize::from(n % 3 == 0))).collect();
    fs::write(&path, format!("text,fever,pain\n{rows}")).unwrap();
    let columns = load(&path, &Options::default()).unwrap();
    assert_eq!(
        (columns.task, columns.columns.labels.as_slice()),
        (Task::Multilabel, &["fever", "pain"].map(String::from)[..])
    );
    let set = |n: usize| {
        let names = [(n % 2 == 1, "fever"), (n.is_multiple_of(3), "pain")];
        names.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect::<Vec<_>>()
    };
    let cells: String = (0..20).map(|n| format!("note {n},{}\n", set(n).join(" / "))).collect();
    fs::write(&path, format!("text,label\n{cells}")).unwrap();
    let options = Options { task: Some(Task::Multilabel), separator: Some("/".into()), ..Options::default() };
    let separated = load(&path, &options).unwrap();
    assert_eq!(separated.labels, columns.labels);
    let golds = |dataset: &Dataset| {
        let all = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test);
        let mut golds: Vec<_> = all.map(|example| (example.text.clone(), format!("{:?}", example.gold))).collect();
        golds.sort();
        golds
    };
    assert_eq!(golds(&separated), golds(&columns));
}

#[test]
fn what_a_format_cannot_hold_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&documents(12), Format::Brat, folder.path());
    let error = load(&path, &Options { task: Some(Task::Similarity), ..Options::default() }).unwrap_err();
    assert!(error.code() == "task-unfit" && error.to_string().contains("similarity"), "{error}");
    let rows: String = (0..20).map(|n| format!("one {n},two {n},3\n")).collect();
    let path = folder.path().join("a.csv");
    fs::write(&path, format!("sent1,sent2,score\n{rows}")).unwrap();
    assert_eq!(load(&path, &Options::default()).unwrap_err().code(), "one-score-only");
    fs::write(&path, format!("sent1,sent2,score\n{}", rows.replacen(",3", ",three", 1).replacen(",3", ",2", 5)))
        .unwrap();
    let dataset = load(&path, &Options::default()).unwrap();
    let bad = dataset.issues.iter().find(|issue| issue.rejected).unwrap();
    assert_eq!((bad.kind, bad.line), (corpus::IssueKind::BadScore, 2));
}

#[test]
fn texts_to_label_need_no_labels_in_any_format() {
    for format in [Format::BiocXml, Format::BiocJson, Format::LabelStudio, Format::Jsonl] {
        let folder = tempfile::tempdir().unwrap();
        let bare: Vec<Document> =
            documents(5).into_iter().map(|document| Document { relations: vec![], ..document }).collect();
        let path = written(&bare, format, folder.path());
        for task in [Task::Classification, Task::Multilabel, Task::Ner] {
            let (examples, _) = corpus::load_unlabelled(&path, &Options::default(), task)
                .unwrap_or_else(|error| panic!("{format:?} {task}: {error}"));
            assert_eq!(examples.len(), 5, "{format:?} {task}");
            assert!(examples.iter().all(|example| example.gold.is_none() && example.text.contains("𝛽-rash")));
        }
        if format != Format::Jsonl {
            let (pairs, _) = corpus::load_unlabelled(&path, &Options::default(), Task::Relation).unwrap();
            assert!(pairs.iter().any(|example| example.text == "@DRUG$ caused @EFFECT$ in case 0."), "{format:?}");
        }
    }
}

fn table(name: &str, content: &str) -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn what_used_to_be_classification_still_is() {
    let task = |content: &str, options: &Options| load(&table("a.csv", content).1, options).map(|data| data.task);
    let rows = |row: &dyn Fn(usize) -> String| (0..30).map(row).collect::<String>();
    let flags = rows(&|n| format!("note {n},{},{},{}\n", n % 2, n % 3 % 2, ["heart", "bone"][n % 2]));
    let flags = format!("text,male,smoker,ward\n{flags}");
    assert_eq!(task(&flags, &Options::default()).unwrap(), Task::Classification);
    let named = Options { label: Some("ward".into()), ..Options::default() };
    assert_eq!(task(&flags, &named).unwrap(), Task::Classification);
    let several = Options { labels: ["male", "smoker"].map(String::from).to_vec(), ..Options::default() };
    assert_eq!(task(&flags, &several).unwrap(), Task::Multilabel);
    // Paraphrases are classes, not grades.
    let pairs = rows(&|n| format!("one {n},two {n},{}\n", n % 2));
    let pairs = format!("sentence1,sentence2,label\n{pairs}");
    assert_eq!(task(&pairs, &Options::default()).unwrap(), Task::Classification);
}

#[test]
fn a_note_may_begin_with_a_bracket() {
    let (_folder, path) = table("notes.txt", "[**2101-10-20**] Patient admitted.\nNo fever.\n");
    let (examples, _) = corpus::load_unlabelled(&path, &Options::default(), Task::Classification).unwrap();
    assert_eq!(examples.len(), 2);
}

#[test]
fn lists_of_ids_divide_whatever_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<_> = (0..30)
        .map(|n| serde_json::json!({ "id": n.to_string(), "text": format!("note {n}"), "label": if n % 2 == 0 { "a" } else { "b" } }))
        .collect();
    let write = |name: &str, value: serde_json::Value| fs::write(folder.path().join(name), value.to_string()).unwrap();
    write("notes.json", rows.into());
    write("train_ids.json", (0..20).map(|n| n.to_string()).collect());
    write("val_ids.json", (20..24).map(|n| n.to_string()).collect());
    write("test_ids.json", (24..29).map(|n| n.to_string()).collect());
    let dataset = load(folder.path(), &Options::default()).unwrap();
    assert_eq!([dataset.train.len(), dataset.dev.len(), dataset.test.len()], [20, 4, 5]);
    assert!(
        dataset.issues.iter().any(|issue| issue.message.starts_with("1 rows are in no list")),
        "{:?}",
        dataset.issues
    );
    let (scored, _) = corpus::load_labelled(folder.path(), &Options::default(), dataset.task, &dataset.labels).unwrap();
    assert_eq!(scored.len(), 5, "what was trained on is not scored");
}

#[test]
fn a_test_file_alone_is_not_trained_on() {
    let (folder, _) = table("test.csv", "text,label\na,x\nb,y\n");
    assert_eq!(load(folder.path(), &Options::default()).unwrap_err().code(), "train-missing");
}

#[test]
fn dev_and_test_are_read_as_training_was() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, rows: &str| fs::write(folder.path().join(name), format!("text,labels\n{rows}")).unwrap();
    let cell = |n: usize| ["\"heart failure, acute;copd\"", "copd", "\"heart failure, acute\""][n % 3];
    write("train.csv", &(0..30).map(|n| format!("note {n},{}\n", cell(n))).collect::<String>());
    write("dev.csv", &(30..40).map(|n| format!("note {n},{}\n", cell(n % 2 + 1))).collect::<String>());
    write("test.csv", &(40..50).map(|n| format!("note {n},{}\n", cell(n % 2 + 1))).collect::<String>());
    let dataset = load(folder.path(), &Options::default()).unwrap();
    assert_eq!(dataset.labels, ["copd", "heart failure, acute"]);
    assert_eq!([dataset.train.len(), dataset.dev.len(), dataset.test.len()], [30, 10, 10]);
}

#[test]
fn candidates_are_those_of_training() {
    let folder = tempfile::tempdir().unwrap();
    let pair = "T1\tGene 0 4\tTP53\nT2\tChem 14 21\tAspirin\n";
    let related = format!("{pair}R1\tbinds Arg1:T1 Arg2:T2\n");
    for (split, count, marks) in [("train", 12, &related), ("dev", 3, &related), ("test", 4, &pair.to_string())] {
        fs::create_dir_all(folder.path().join(split)).unwrap();
        for number in 0..count {
            let marks = if number % 2 == 1 { pair } else { marks.as_str() };
            fs::write(folder.path().join(split).join(format!("{number}.txt")), "TP53 does bind Aspirin.").unwrap();
            fs::write(folder.path().join(split).join(format!("{number}.ann")), marks).unwrap();
        }
    }
    let options = Options { marking: Some(Marking::Markers), ..Options::default() };
    let error = load(folder.path(), &options);
    let dataset = error.unwrap();
    // Nothing is related in test, and yet its pairs are asked about, in the direction of training.
    assert_eq!(dataset.test.len(), 4);
    let options = dataset.options.clone();
    let (found, _) = corpus::load_unlabelled(&folder.path().join("test"), &options, Task::Relation).unwrap();
    assert_eq!(found.len(), 4);
    assert!(found[0].text.starts_with("[E1] TP53 [/E1]"), "{}", found[0].text);
}

#[test]
fn sentences_are_marked_for_prediction_as_they_were_for_training() {
    let (_folder, path) = table("a.txt", "<e1>TP53</e1> binds <e2>Aspirin</e2>.\nNothing is marked here.\n");
    let read = |marking| {
        let options = Options { marking, ..Options::default() };
        corpus::load_unlabelled(&path, &options, Task::Relation).unwrap()
    };
    let (found, issues) = read(None);
    assert_eq!((found.len(), found[0].text.as_str()), (1, "[E1]TP53[/E1] binds [E2]Aspirin[/E2]."));
    assert!(issues.iter().any(|issue| issue.rejected && issue.line == 2), "{issues:?}");
    assert_eq!(read(Some(Marking::Dummies)).0[0].text, "@E1$ binds @E2$.");
}
