//! Texts that occur more than once.

use corpus::{IssueKind, Options, load};
use std::fs;

#[test]
fn the_later_of_two_equal_texts_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, rows: &str| fs::write(folder.path().join(name), format!("text,label\n{rows}")).unwrap();
    write("train.csv", "Chest  pain,a\ncough,b\nchest pain,a\nCOUGH,a\nfever,b\n");
    write("dev.csv", "fever,b\nrash,a\n");
    write("test.csv", "rash,b\nnew,a\n");
    let dataset = load(folder.path(), &Options::default()).unwrap();
    let found: Vec<_> = dataset
        .issues
        .iter()
        .map(|issue| (issue.file.file_stem().unwrap().to_str().unwrap(), issue.line, issue.kind, issue.rejected))
        .collect();
    assert_eq!(
        found,
        [
            ("train", 4, IssueKind::Duplicate, false),
            ("train", 5, IssueKind::Conflict, false),
            ("dev", 2, IssueKind::Overlap, false),
            // Another label and another part: it counts for both.
            ("test", 2, IssueKind::Conflict, false),
            ("test", 2, IssueKind::Overlap, false),
        ]
    );
    assert_eq!((dataset.train.len(), dataset.dev.len(), dataset.test.len()), (5, 2, 2), "nothing is left out");
    assert!(dataset.issues[2].message.contains("line 6 of train"), "{}", dataset.issues[2].message);
}
