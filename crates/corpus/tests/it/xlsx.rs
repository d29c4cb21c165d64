//! Spreadsheets of other programs, and Ballast's own there and back.

use crate::fixture;
use corpus::tabular::{Table, write_xlsx, xlsx};
use corpus::{DataError, IssueKind};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// Lines and cells; no cell of a spreadsheet is anything but a string.
fn rows(table: &Table) -> Vec<(usize, Vec<&str>)> {
    table.rows.iter().map(|row| (row.line, row.cells.iter().map(|cell| cell.as_str().unwrap()).collect())).collect()
}

fn written(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn a_workbook_of_openpyxl() {
    let table = xlsx::read(&fixture("tables/openpyxl.xlsx"), None).unwrap();
    assert_eq!(table.columns, ["id", "text", "label", "#4", "seen", "score"]);
    let wanted: [(usize, [&str; 6]); 4] = [
        (4, ["1", "Acute flu 🫀, 37.5 °C", "true", "x", "2024-02-29", "0.25"]),
        (5, ["2", "line one\nline \"two\"", "false", "", "2024-03-01T08:30:05", "0.0000001"]),
        // openpyxl does not escape what in a workbook stands for a carriage return.
        (7, ["0003", "\r & <b>", "", "", "08:30:00", "12345678901234"]),
        (8, ["4", "", "", "", "26:05:00", ""]),
    ];
    let found = rows(&table);
    for (found, (line, cells)) in found.iter().zip(&wanted) {
        assert_eq!(found, &(*line, cells.to_vec()));
    }
    assert_eq!(found.len(), wanted.len());
    let issues: Vec<_> = table.issues.iter().map(|i| (i.line, i.column.as_deref(), i.kind, i.rejected)).collect();
    let wanted = [
        (7, Some("label"), IssueKind::BadRecord, false),
        (8, Some("score"), IssueKind::BadRecord, false),
        (0, None, IssueKind::Files, false),
    ];
    assert_eq!(issues, wanted, "{:?}", table.issues);
    assert!(table.issues[0].message.contains("#N/A"), "{}", table.issues[0].message);
    let told = &table.issues[2].message;
    assert!(told.contains("\"Notes\" was read") && told.contains("\"More\", \"Lists\""), "{told}");
}

#[test]
fn a_sheet_can_be_named() {
    let path = fixture("tables/openpyxl.xlsx");
    let table = xlsx::read(&path, Some("More")).unwrap();
    assert_eq!((table.columns, rows_of(&table.rows), table.issues.len()), (vec!["text".into()], vec![2], 0));
    let table = xlsx::read(&path, Some("Lists")).unwrap();
    assert_eq!(table.columns, ["value"]);
    for (name, reason) in [("Cover", "holds no row"), ("more", "there is: \"Cover\", \"Notes\", \"More\", \"Lists\"")] {
        let error = xlsx::read(&path, Some(name)).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

fn rows_of(rows: &[corpus::tabular::Row]) -> Vec<usize> {
    rows.iter().map(|row| row.line).collect()
}

#[test]
fn older_and_open_formats() {
    for name in ["odfpy.ods", "xlwt.xls"] {
        let table = xlsx::read(&fixture("tables").join(name), None).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(table.columns, ["text", "n", "sure"], "{name}");
        let wanted = [(2, vec!["flu 🫀", "1", "true"]), (3, vec!["two\nlines", "2.5", "false"])];
        assert_eq!(rows(&table), wanted, "{name}");
        assert!(table.issues.is_empty(), "{name}: {:?}", table.issues);
    }
}

#[test]
fn what_is_written_is_read() {
    let columns = ["id", "text", "a <b> & \"c\"", "🫀"].map(String::from);
    let cells: [[&str; 4]; 8] = [
        ["1", "plain", "0012", "=1+1"],
        ["1.50", "line one\r\nline two\n\nend\n", "\ttab", "TRUE"],
        ["", "  spaces around  ", "", "{=SUM(A1)}"],
        ["-5", "𝛼🫀👩🏽‍⚕️ e\u{301} \u{feff}\u{ad}", "+1", "@x"],
        ["_x000D_", "_x005F_x000D_ \u{1}\u{1f}", "<a href='x'>", "https://example.org"],
        ["\u{fffd}", "\"quoted\", 'so'", "2024-01-01", "#N/A"],
        ["last", "", "", ""],
        ["\r", "a\rb", "mailto:x", "1e5"],
    ];
    let cells: Vec<Vec<String>> = cells.iter().map(|row| row.map(String::from).to_vec()).collect();
    let bytes = write_xlsx::write(&columns, &cells).unwrap();
    assert!(bytes == write_xlsx::write(&columns, &cells).unwrap(), "the same table gave other bytes");
    let (_folder, path) = written("table.xlsx", &bytes);
    let table = xlsx::read(&path, None).unwrap();
    assert_eq!(table.columns, columns);
    for ((line, found), (index, wanted)) in rows(&table).into_iter().zip(cells.iter().enumerate()) {
        assert_eq!((line, found), (index + 2, wanted.iter().map(String::as_str).collect()));
    }
    assert_eq!((table.rows.len(), table.issues.len()), (cells.len(), 0));
}

/// What was typed by mistake into the last cell of a sheet makes a row and a column, not seventeen billion cells.
#[test]
fn a_cell_far_out() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, column, text) in [(0, 0, "text"), (1, 0, "flu"), (1_048_575, 16_383, "x")] {
        sheet.write_string(row, column, text).unwrap();
    }
    let (_folder, path) = written("far.xlsx", &book.save_to_buffer().unwrap());
    let table = xlsx::read(&path, None).unwrap();
    assert_eq!(table.columns, ["text", "#2"]);
    assert_eq!(rows(&table), [(2, vec!["flu", ""]), (1_048_576, vec!["", "x"])]);
}

#[test]
fn what_excel_cannot_hold_is_refused() {
    let columns = ["id", "text"].map(String::from);
    let long = |character: &str, times: usize| vec![vec!["1".to_string(), character.repeat(times)]];
    let check = |rows: &[Vec<String>]| write_xlsx::write(&columns, rows).map(|bytes| bytes.len());
    assert!(check(&long("x", 32_767)).is_ok());
    for rows in [long("x", 32_768), long("🫀", 16_384)] {
        let error = check(&rows).unwrap_err();
        assert!(error.contains("row 2") && error.contains("\"text\""), "{error}");
    }
}

/// The line and reason why a file cannot be read.
fn refused(name: &str, bytes: &[u8]) -> String {
    let (_folder, path) = written(name, bytes);
    match xlsx::read(&path, None) {
        Err(DataError::Malformed { path: told, line: 1, reason }) => {
            assert_eq!(told, path);
            reason
        }
        Err(other) => panic!("{other}"),
        Ok(table) => panic!("read {:?}", table.columns),
    }
}

#[test]
fn damaged_workbooks() {
    let whole = fs::read(fixture("tables/openpyxl.xlsx")).unwrap();
    for length in [whole.len() - 30, whole.len() / 2, 100, 4] {
        let reason = refused("cut.xlsx", &whole[..length]);
        assert!(reason.contains("damaged or was not copied whole"), "{length}: {reason}");
    }
    assert!(refused("csv.xlsx", b"text,label\nfever,a\n").contains("it is no spreadsheet"));
    let (legacy, docx) = (fs::read(fixture("tables/xlwt.xls")).unwrap(), b"PK\x03\x04word/document.xml PK\x05\x06");
    assert!(refused("cut.xls", &legacy[..1000]).contains("damaged"));
    assert!(refused("note.xlsx", docx).contains("it is no spreadsheet"));
    let empty = write_xlsx::write(&[], &[]).unwrap();
    assert_eq!(refused("empty.xlsx", &empty), "no sheet holds any row");
    let (_folder, path) = written("none.xlsx", b"");
    assert!(matches!(xlsx::read(&path, None), Err(DataError::FileEmpty { .. })));
    assert!(matches!(xlsx::read(&path.with_extension("no"), None), Err(DataError::FileMissing { .. })));
}

/// Whatever a byte is changed to, reading ends in a table or an error that names the file.
#[test]
fn changed_bytes_do_no_harm() {
    let whole = fs::read(fixture("tables/xlwt.xls")).unwrap();
    for place in (0..whole.len()).step_by(23) {
        let mut changed = whole.clone();
        changed[place] ^= 0x5a;
        let (_folder, path) = written("changed.xls", &changed);
        if let Err(error) = xlsx::read(&path, None) {
            assert!(error.to_string().contains("changed.xls"), "{error}");
        }
    }
}
