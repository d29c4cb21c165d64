//! The first rows, found without reading further.

use corpus::{DataError, Options, Task, head};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn file(name: &str, content: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn a_small_file_is_shown_whole_with_labels_by_name() {
    let (_folder, path) = file("notes.csv", b"id,text,label\n7,first note,cardiology\n8,second note,surgery\n");
    let head = head(&path, &Options::default(), 100).unwrap();
    assert_eq!((head.task, head.unclear, head.files.len()), (Task::Classification, None, 1));
    assert_eq!(head.files[0].columns, ["id", "text", "label"]);
    let rows: Vec<_> =
        head.rows.iter().map(|row| (row.example.line, row.example.id.as_str(), row.label.as_deref())).collect();
    assert_eq!(rows, [(2, "7", Some("cardiology")), (3, "8", Some("surgery"))]);
}

#[test]
fn of_a_large_file_only_the_beginning_is_read() {
    let mut content = "text,label\n".to_string();
    (0..200_000).for_each(|row| content.push_str(&format!("note number {row} of the ward,{}\n", ["a", "b"][row % 2])));
    let whole = content.len() as u64;
    // Nothing behind the first megabyte can be text, and nothing must mind.
    let mut bytes = content.into_bytes();
    bytes.truncate(2 << 20);
    bytes.extend([0u8; 4096]);
    let (_folder, path) = file("large.csv", &bytes);
    let head = head(&path, &Options::default(), 50_000).unwrap();
    assert_eq!(head.files[0].bytes, bytes.len() as u64);
    assert!(whole > 4 << 20 && (10_000..40_000).contains(&head.rows.len()), "{} rows", head.rows.len());
    let last = &head.rows.last().unwrap().example;
    assert_eq!(last.text, format!("note number {} of the ward", head.rows.len() - 1), "the last row is whole");
}

#[test]
fn a_row_that_the_cut_tears_is_left_away() {
    let filler = "x".repeat(1 << 10);
    let mut content = "text,label\n".to_string();
    for row in 0..900 {
        content.push_str(&format!("\"{row} {filler}\",{}\n", ["a", "b"][row % 2]));
    }
    // One quoted field with line ends inside lies across the first megabyte.
    content.push_str(&format!("\"{}\",a\nlast,b\n", "line\n".repeat(60_000)));
    let (_folder, path) = file("torn.csv", content.as_bytes());
    let head = head(&path, &Options::default(), 10_000).unwrap();
    assert!((899..=900).contains(&head.rows.len()), "{}", head.rows.len());
    assert!(head.rows.iter().all(|row| row.example.text.ends_with('x')));
}

#[test]
fn utf_16_is_cut_between_letters() {
    let text: String = (0..60_000).map(|row| format!("Grüße {row},{}\r\n", ["a", "b"][row % 2])).collect();
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(format!("text,label\r\n{text}").encode_utf16().flat_map(u16::to_le_bytes));
    let (_folder, path) = file("wide.csv", &bytes);
    let head = head(&path, &Options::default(), 100_000).unwrap();
    assert!(head.rows.len() > 20_000 && head.rows.len() < 60_000, "{}", head.rows.len());
    assert_eq!(head.files[0].encoding, "UTF-16LE");
    assert!(head.rows.iter().all(|row| row.example.text.starts_with("Grüße ")));
}

#[test]
fn a_column_that_nothing_tells_is_asked_for() {
    let (_folder, path) = file("plain.csv", b"a,b\n1,2\n3,4\n");
    let head = head(&path, &Options::default(), 100).unwrap();
    assert!(head.unclear.is_some() && head.rows.is_empty());
    assert_eq!(head.files[0].columns, ["a", "b"]);
    let named = Options { text: Some("a".into()), label: Some("none".into()), ..Options::default() };
    assert!(matches!(corpus::head(&path, &named, 100), Err(DataError::ColumnMissing { .. })));
}

#[test]
fn a_reading_ends_when_it_is_asked_to() {
    let content: String = (0..20_000).map(|row| format!("note {row},{}\n", ["a", "b"][row % 2])).collect();
    let (_folder, path) = file("notes.csv", format!("text,label\n{content}").as_bytes());
    let told = std::cell::RefCell::new(Vec::new());
    let tell = |done, of| {
        told.borrow_mut().push((done, of));
        told.borrow().len() < 3
    };
    assert!(matches!(corpus::load_told(&path, &Options::default(), &tell), Err(DataError::Cancelled)));
    assert_eq!(told.borrow().len(), 3);
    let size = fs::metadata(&path).unwrap().len();
    assert!(told.borrow().iter().all(|(done, of)| done <= of && *of == size), "{told:?}");
}
