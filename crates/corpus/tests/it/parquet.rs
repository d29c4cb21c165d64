//! Parquet files of pyarrow, pandas and Hugging Face datasets, and Ballast's own there and back.

use crate::fixture;
use corpus::tabular::{Table, parquet, write_parquet};
use corpus::{DataError, IssueKind};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn read(name: &str) -> Table {
    parquet::read(&fixture("tables").join(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn written(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.parquet");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// A column's cells.
fn column(table: &Table, name: &str) -> Value {
    let place = table.columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("no {name}"));
    table.rows.iter().map(|row| row.cells[place].clone()).collect()
}

#[test]
fn every_type_and_compression_of_pyarrow() {
    for compression in ["snappy", "gzip", "zstd", "none"] {
        let table = read(&format!("types-{compression}.parquet"));
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 2, 3, 4]);
        let check = |name: &str, wanted: Value| assert_eq!(column(&table, name), wanted, "{name}, {compression}");
        check("text", json!(["Acute flu 🫀, 37.5 °C", "line one\r\nline \"two\"", "", "=not a formula"]));
        check("label", json!(["a", "b", null, "a"]));
        check("large", json!(["a", "b", null, "𝛼"]));
        check("small", json!([-1, 0, null, 127]));
        check("count", json!([0, 9223372036854775808u64, 18446744073709551615u64, null]));
        check("score", json!([0.1, 1.0, null, null]));
        check("sure", json!([true, false, null, true]));
        let flu = json!([{"start": 6, "end": 9, "label": "X"}]);
        check("entities", json!([flu, [], null, [{"start": 0, "end": 4, "label": null}]]));
        check("nested", json!([[["a", null], []], [], null, [["b"]]]));
        check("day", json!(["2024-02-29", "1969-12-31", null, "2000-01-01"]));
        check("seen", json!(["2024-03-01T08:30:00", "1969-12-31T23:59:59.0005", null, "2100-01-01T00:00:00"]));
        check("price", json!(["1.50", "-0.05", null, "0.00"]));
        check("raw", json!(["text", null, null, ""]));
        check("pairs", json!([{"a": 1}, {}, null, {"b": 2}]));
        let issues: Vec<_> = table.issues.iter().map(|i| (i.line, i.column.as_deref(), i.kind, i.rejected)).collect();
        assert_eq!(issues, [(0, Some("raw"), IssueKind::Files, false)]);
    }
    let table = read("types-v2.parquet");
    assert_eq!(column(&table, "label"), json!(["a", "b", null, "a"]));
    let table = read("pandas.parquet");
    assert_eq!(column(&table, "text")[3], "=not a formula");
    assert_eq!(column(&table, "label"), json!(["a", "b", null, "a"]));
}

#[test]
fn class_labels_of_hugging_face() {
    let table = read("datasets.parquet");
    let check = |name: &str, wanted: Value| assert_eq!(column(&table, name), wanted, "{name}");
    check("id", json!(["1", "2"]));
    check("tokens", json!([["Acute", "flu", "🫀"], []]));
    check("ner_tags", json!([["B-Disease", "I-Disease", "O"], []]));
    check("label", json!(["yes", null]));
    check("spans", json!([[{"start": 0, "end": 9, "label": "B-Disease"}], []]));
    check("meta", json!([{"answer": "maybe"}, {"answer": "no"}]));
    let parts = column(&table, "parts");
    let kinds = |parts: &Value| match parts {
        Value::Array(parts) => parts.iter().map(|part| part["kind"].clone()).collect(),
        parts => parts["kind"].clone(),
    };
    assert_eq!((kinds(&parts[0]), kinds(&parts[1])), (json!(["no", "maybe"]), json!([])), "{parts}");
}

#[test]
fn what_is_written_is_read() {
    let columns = ["id", "text", "a.b 🫀"].map(String::from);
    let cell = |text: &str| Some(text.to_string());
    let mut rows = vec![
        vec![cell("1"), cell("line one\r\nline \"two\""), None],
        vec![cell(""), cell("𝛼🫀 e\u{301}\u{0}"), cell("[]")],
        vec![None, None, None],
    ];
    // So many that there are several groups.
    rows.extend((0..70_000).map(|number| vec![Some(number.to_string()), cell("again"), None]));
    let (_folder, path) = written(&write_parquet::write(&columns, &rows).unwrap());
    let table = parquet::read(&path).unwrap();
    assert_eq!(table.columns, columns);
    assert_eq!((table.rows.len(), table.issues.len()), (rows.len(), 0));
    for (index, (found, wanted)) in table.rows.iter().zip(&rows).enumerate() {
        assert_eq!((found.line, &found.cells), (index + 1, &wanted.iter().map(|cell| json!(cell)).collect::<Vec<_>>()));
    }
    let short = write_parquet::write(&columns, &[vec![cell("1")]]).unwrap();
    let (_folder, path) = written(&short);
    assert_eq!(parquet::read(&path).unwrap().rows[0].cells, [json!("1"), Value::Null, Value::Null]);
    let (_folder, path) = written(&write_parquet::write(&columns, &[]).unwrap());
    assert_eq!(parquet::read(&path).unwrap().columns, columns);
}

/// The reason why a file cannot be read.
fn refused(bytes: &[u8]) -> String {
    let (_folder, path) = written(bytes);
    match parquet::read(&path) {
        Err(DataError::Malformed { path: told, line, reason }) => {
            assert_eq!((told, line), (path, 1));
            reason
        }
        Err(other) => panic!("{other}"),
        Ok(table) => panic!("read {:?}", table.columns),
    }
}

#[test]
fn damaged_files() {
    let whole = fs::read(fixture("tables/types-snappy.parquet")).unwrap();
    assert!(refused(&whole[..whole.len() / 2]).contains("its end is missing"));
    assert!(refused(b"text,label\nfever,a\n").contains("it is no Parquet file"));
    assert!(refused(b"PAR1").contains("it is no Parquet file"));
    assert!(refused(&[b"PAR1", [0; 100].as_slice(), b"PAR1"].concat()).contains("damaged"));
    let brotli = fs::read(fixture("tables/types-brotli.parquet")).unwrap();
    assert!(refused(&brotli).contains("BROTLI"), "{}", refused(&brotli));
    let (_folder, path) = written(b"");
    assert!(matches!(parquet::read(&path), Err(DataError::FileEmpty { .. })));
    assert!(matches!(parquet::read(&path.with_extension("no")), Err(DataError::FileMissing { .. })));
}

/// Whatever a byte is changed to, reading ends in a table or an error that names the file.
#[test]
fn changed_bytes_do_no_harm() {
    let whole = fs::read(fixture("tables/types-v2.parquet")).unwrap();
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 0x5a;
        let (_folder, path) = written(&changed);
        if let Err(error) = parquet::read(&path) {
            assert!(error.to_string().contains("table.parquet"), "{error}");
        }
    }
}
