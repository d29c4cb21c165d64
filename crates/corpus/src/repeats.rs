//! Texts that occur more than once: in the same split, in two splits, or with two labels.

use crate::{Dataset, Example, Issue, IssueKind, Split};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

/// Notes every later occurrence of a text. Two texts are the same when they differ in nothing but white space and capitals.
pub fn note(dataset: &mut Dataset) {
    let mut issues = Vec::new();
    let mut first: HashMap<u64, (Split, &Example)> = HashMap::new();
    for split in [Split::Train, Split::Dev, Split::Test] {
        let file = file_of(dataset, split);
        for example in dataset.split(split) {
            let (other, twin) = *first.entry(key(example)).or_insert((split, example));
            if std::ptr::eq(twin, example) {
                continue;
            }
            let place = if other == split {
                format!("line {}", twin.line)
            } else {
                format!("line {} of {}", twin.line, name(other))
            };
            let mut issue = |kind, message| {
                issues.push(Issue {
                    file: file.clone(),
                    line: example.line,
                    column: None,
                    kind,
                    rejected: false,
                    message,
                });
            };
            let (conflict, overlap) = (twin.gold != example.gold, other != split);
            if conflict {
                issue(IssueKind::Conflict, format!("the same text as in {place}, with another label"));
            }
            if overlap {
                issue(IssueKind::Overlap, format!("the same text as in {place}; scores on it say little"));
            }
            if !conflict && !overlap {
                issue(IssueKind::Duplicate, format!("the same text as in {place}"));
            }
        }
    }
    dataset.issues.append(&mut issues);
}

fn name(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::Dev => "dev",
        Split::Test => "test",
    }
}

fn file_of(dataset: &Dataset, split: Split) -> PathBuf {
    let own = dataset.sources.iter().find(|source| source.split == Some(split));
    own.or(dataset.sources.first()).map(|source| source.path.clone()).unwrap_or_default()
}

/// A hash of the text without regard to white space and capitals. Among a million texts the odds that two different ones
/// share it are below one in ten million.
fn key(example: &Example) -> u64 {
    let mut hash = DefaultHasher::new();
    for text in [Some(&example.text), example.pair.as_ref()].into_iter().flatten() {
        for word in text.split_whitespace() {
            word.chars().flat_map(char::to_lowercase).for_each(|character| character.hash(&mut hash));
            0u8.hash(&mut hash);
        }
        1u8.hash(&mut hash);
    }
    hash.finish()
}
