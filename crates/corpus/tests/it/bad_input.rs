//! What cannot be used is refused with a stable code and a message that says where and what to do.

use crate::{is_repeat, issues_of, load_as};
use corpus::IssueKind::{EmptyLabel, EmptyText, UnknownLabel};
use corpus::{Dataset, Options, Task, load, load_labelled};
use std::fs;

/// Asserts the code and that the message holds every one of `says`.
fn check_refused<T>(result: Result<T, corpus::DataError>, code: &str, says: &[&str]) {
    let Err(error) = result else { panic!("{code}: nothing was refused") };
    assert_eq!(error.code(), code, "{error}");
    for part in says {
        assert!(error.to_string().contains(part), "\"{error}\" does not say \"{part}\"");
    }
}

fn refused_as(extension: &str, content: impl AsRef<[u8]>, code: &str, says: &[&str]) {
    let file = format!("train.{extension}");
    check_refused(load_as(extension, content, &Options::default()), code, &[&[file.as_str()], says].concat());
}

#[test]
fn a_path_to_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::default();
    check_refused(load(&folder.path().join("notes.csv"), &options), "data-missing", &["notes.csv", "check the path"]);
    check_refused(load(folder.path(), &options), "train-missing", &["name the files train, dev and test"]);
    fs::write(folder.path().join("test.csv"), "text,label\na,b\n").unwrap();
    fs::write(folder.path().join("device.csv"), "text,label\na,b\n").unwrap();
    check_refused(load(folder.path(), &options), "train-missing", &["name the files train, dev and test"]);
}

#[test]
fn nothing_in_the_file() {
    for empty in [b"".as_slice(), b" \n\r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe"] {
        refused_as("csv", empty, "data-empty", &["at least a header and a few rows"]);
        refused_as("conll", empty, "data-empty", &["is empty"]);
    }
}

#[test]
fn files_that_are_not_text() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4";
    let zip = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0b\xee\x9dh^\x01\0\0\x90\x04\0\0\x13\0\x08\x02[Content_Types].xml \xa2\x04\x02(\xa0\0\x02";
    // Compressed data without a zero byte.
    let dense: Vec<u8> = (0..4000u32).map(|i| (i.wrapping_mul(2654435761) >> 24) as u8).filter(|&b| b > 0).collect();
    for binary in [png.as_slice(), zip, &dense] {
        for extension in ["csv", "tsv", "jsonl", "conll"] {
            refused_as(extension, binary, "data-not-text", &["save it as CSV"]);
        }
    }
}

#[test]
fn more_than_a_tenth_of_the_rows() {
    let table = |good: usize, bad: usize| {
        let good: String = (0..good).map(|row| format!("text {row},{}\n", ["a", "b"][row % 2])).collect();
        format!("text,label\n{good}{}", "one,two,three\n".repeat(bad))
    };
    let says = ["3 of 29 rows", "more than a tenth", "line 28", "3 fields where the header has 2"];
    refused_as("csv", table(26, 3), "too-many-bad-rows", &says);
    let dataset = load_as("csv", table(27, 3), &Options::default()).unwrap();
    assert_eq!((dataset.train.len(), dataset.sources[0].rejected), (27, 3));

    let strict = Options { strict: true, ..Options::default() };
    check_refused(load_as("csv", table(99, 1), &strict), "bad-row", &["train.csv, line 101", "strict mode"]);
    assert_eq!(load_as("csv", table(99, 0), &strict).unwrap().train.len(), 99);

    // A file that is no JSON lines at all is told as that, not as one that lacks a column.
    let pretty = "[\n  {\n    \"text\": \"fever\",\n    \"label\": \"a\"\n  }\n]\n";
    refused_as("jsonl", pretty, "too-many-bad-rows", &["line 1", "not a JSON object"]);
}

#[test]
fn columns_that_are_not_there() {
    let table = "note,ward\nfever,a\ncough,b\n";
    let with = |options| load_as("csv", table, &options);
    let label = Options { label: Some("diagnosis".into()), ..Options::default() };
    check_refused(with(label), "column-missing", &["train.csv", "no column \"diagnosis\"", "note, ward"]);
    let text = Options { text: Some("Note".into()), label: Some("ward".into()), ..Options::default() };
    check_refused(with(text), "column-missing", &["no column \"Note\"", "note, ward"]);
    check_refused(with(Options::default()), "column-unclear", &["label", "--label", "note, ward"]);
    let ner = Options { task: Some(Task::Ner), ..Options::default() };
    check_refused(with(ner), "column-unclear", &["train.csv", "--label"]);
}

#[test]
fn nothing_to_learn() {
    refused_as("csv", "text,label\n,a\n \t,b\n\"\",a\n", "no-usable-text", &["no row with a text that is not empty"]);
    refused_as("csv", "text,label\n", "no-usable-text", &["no row"]);
    refused_as("jsonl", "{\"text\": null, \"label\": \"a\"}\n", "no-usable-text", &["no row"]);
    let says = ["label \"a\"", "at least two"];
    check_refused(load_as("csv", "text,label\nx,a\ny,a\n", &Options::default()), "one-class-only", &says);
    let says = ["no entity is labelled", "examples of what to find"];
    check_refused(load_as("conll", "x\tO\ny\tO\n", &Options::default()), "no-entities", &says);
}

#[test]
fn too_few_to_set_some_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("few.csv");
    fs::write(&path, "text,label\none,a\ntwo,b\nthree,a\n").unwrap();
    check_refused(load(&path, &Options::default()), "too-few-examples", &["few.csv", "3 usable", "at least 10"]);
    for (dev_share, test_share) in [(0.0, 0.1), (0.1, 0.0), (0.3, 0.3), (f64::NAN, 0.1)] {
        let options = Options { dev_share, test_share, ..Options::default() };
        check_refused(load(&path, &options), "split-shares", &["at least half for training"]);
    }
    let rows: String = (0..30).map(|row| format!("p{},text {row},{}\n", row % 2, row % 3)).collect();
    fs::write(&path, format!("patient,text,label\n{rows}")).unwrap();
    check_refused(load(&path, &Options::default()), "too-few-groups", &["few.csv", "2 groups", "another group column"]);
}

#[test]
fn a_conll_line_with_another_number_of_columns() {
    let says = ["line 3", "3 columns where the file has 2", "a word and its tag (2 columns) or 4"];
    for file in ["a\tB-X\nb\tO\nc\tNN\tO\nd\tO\n", "a B-X\nb O\nc NN O\nd O\n"] {
        refused_as("conll", file, "conll-columns", &says);
        refused_as("bio", file, "conll-columns", &says);
    }
    refused_as("conll", "a\tB-X\nb\tO\nc\nd\tO\n", "conll-columns", &["line 3", "1 columns"]);
    refused_as("conll", "a\tNN\tB-X\nb\tNN\tO\n", "conll-columns", &["line 1", "3 columns"]);
}

fn rows(dataset: &Dataset) -> Vec<usize> {
    dataset.train.iter().map(|example| example.line).collect()
}

#[test]
fn rows_without_text_or_label_are_listed() {
    let good: String = (0..28).map(|row| format!("text {row},{}\n", ["a", "b"][row % 2])).collect();
    let dataset = load_as("csv", format!("text,label\n{good},a\nlonely,\n"), &Options::default()).unwrap();
    assert_eq!(issues_of(&dataset), [(30, EmptyText, true), (31, EmptyLabel, true)]);
    assert_eq!(rows(&dataset), (2..30).collect::<Vec<_>>());
    assert_eq!(dataset.issues[0].column.as_deref(), Some("text"));
    assert_eq!(dataset.issues[1].column.as_deref(), Some("label"));
}

#[test]
fn labels_that_training_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    write("train.csv", "text,label\nx,a\ny,b\n");
    write("dev.csv", "text,label\nx,a\ny,c\n");
    write("test.csv", "text,label\nx,b\n");
    let dataset = load(folder.path(), &Options::default()).unwrap();
    assert_eq!((dataset.train.len(), dataset.dev.len(), dataset.test.len()), (2, 1, 1));
    let found: Vec<_> = dataset.issues.iter().filter(|issue| !is_repeat(issue)).collect();
    let [issue] = &found[..] else { panic!("{found:?}") };
    assert_eq!((issue.line, issue.kind, issue.rejected), (3, UnknownLabel, true));
    assert!(issue.file.ends_with("dev.csv") && issue.message.contains("\"c\""));
    let strict = Options { strict: true, ..Options::default() };
    check_refused(load(folder.path(), &strict), "bad-row", &["dev.csv, line 3", "\"c\""]);

    let labels = ["a".to_string(), "z".to_string()];
    let options = Options::default();
    let (examples, issues) =
        load_labelled(&folder.path().join("dev.csv"), &options, Task::Classification, &labels).unwrap();
    assert_eq!((examples.len(), issues.len(), issues[0].kind), (1, 1, UnknownLabel));
}
