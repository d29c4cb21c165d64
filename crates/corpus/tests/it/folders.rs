//! A folder for each class.

use corpus::tabular::folders;
use corpus::{DataError, IssueKind};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

#[test]
fn texts_with_their_classes() {
    let both: &[(&str, &[u8])] = &[
        ("pos/b.txt", "🫀 Fieber,\r\n\"Husten\"\r\n".as_bytes()),
        ("pos/a.TXT", "Schüttelfrost".as_bytes()),
        ("neg/empty.txt", b" \r\n"),
        ("neg/näch.ste.txt", b"M\xe9ni\xe8re"),
        ("neg/scan.txt", b"\x00\x01\x02\x03\xff\xfe\xfd\x00\x00"),
        ("neg/notes.md", b"not read"),
        ("neg/.hidden.txt", b"not read"),
        ("neg/deeper/c.txt", b"not read"),
        ("readme.txt", b"not read"),
    ];
    let data = folder(both);
    assert!(folders::looks_like(data.path()));
    let (table, sha256, bytes) = folders::read(data.path(), None).unwrap();
    assert_eq!(table.columns, ["text", "label", "id"]);
    let rows: Vec<_> = table
        .rows
        .iter()
        .map(|row| (row.line, row.cells.iter().map(|cell| cell.as_str().unwrap()).collect::<Vec<_>>()))
        .collect();
    let wanted = [
        (1, vec!["Ménière", "neg", "neg/näch.ste"]),
        (1, vec!["Schüttelfrost", "pos", "pos/a"]),
        (1, vec!["🫀 Fieber,\r\n\"Husten\"\r\n", "pos", "pos/b"]),
    ];
    assert_eq!(rows, wanted);
    let issues: Vec<_> =
        table.issues.iter().map(|issue| (issue.file.as_path(), issue.line, issue.kind, issue.rejected)).collect();
    let (empty, scan) = (data.path().join("neg/empty.txt"), data.path().join("neg/scan.txt"));
    let wanted: [(&Path, usize, IssueKind, bool); 2] =
        [(&empty, 1, IssueKind::EmptyText, true), (&scan, 1, IssueKind::BadRecord, true)];
    assert_eq!(issues, wanted);
    assert_eq!(bytes, both[..5].iter().map(|(_, content)| content.len() as u64).sum::<u64>());

    // The same files have the same digest wherever they lie, others another.
    let digest = |files: &[(&str, &[u8])]| folders::read(folder(files).path(), None).unwrap().1;
    assert_eq!((digest(both), sha256.len()), (sha256.clone(), 64));
    assert_eq!(digest(&both[..5]), sha256, "files that are not read");
    let mut renamed = both.to_vec();
    renamed[0].0 = "pos/c.txt";
    assert_ne!(digest(&renamed), sha256);
    let mut changed = both.to_vec();
    changed[0].1 = b"other";
    assert_ne!(digest(&changed), sha256);
}

#[test]
fn encodings_can_be_named() {
    let data = folder(&[("a/1.txt", b"\xcf\xf0\xe8"), ("b/1.txt", b"x")]);
    let (table, ..) = folders::read(data.path(), Some("windows-1251")).unwrap();
    assert_eq!(table.rows[0].cells[0], "При");
    let error = folders::read(data.path(), Some("klingon")).map(|_| ()).unwrap_err();
    assert!(matches!(error, DataError::UnknownEncoding { .. }), "{error}");
    let error = folders::read(&data.path().join("no"), None).map(|_| ()).unwrap_err();
    assert!(matches!(error, DataError::FileMissing { .. }), "{error}");
}

#[test]
fn other_folders() {
    let check = |wanted: bool, names: &[&str]| {
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, b"x".as_slice())).collect();
        assert_eq!(folders::looks_like(folder(&files).path()), wanted, "{names:?}");
    };
    check(true, &["a/1.txt", "b/1.txt"]);
    check(true, &["a/1.txt", "b/1.txt", "c/readme.md"]);
    check(false, &["a/1.txt", "b/1.csv"]);
    check(false, &["a/1.txt", "2.txt"]);
    check(false, &["train/1.txt", "test/1.txt"]);
    check(false, &["a/1.txt", "b/1.txt", "Dev/1.txt"]);
    check(false, &["a/1.txt", "a/1.ann", "b/1.txt", "b/1.ann"]);
    check(false, &["a/x/1.txt", "b/x/1.txt"]);
    check(false, &["train.csv"]);
    assert!(!folders::looks_like(Path::new("no such folder")));
}
