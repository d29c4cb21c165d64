mod bad_input;
mod batches;
mod bioc;
mod brat;
mod conll;
mod folders;
mod folds;
mod formats;
mod head;
mod hygiene;
mod json;
mod mapping;
mod near;
mod parity;
mod parquet;
mod pubtator;
mod readers;
mod real;
mod repeats;
mod spans;
mod split;
mod standoff;
mod tags;
mod tokens;
mod windows;
mod xlsx;

use corpus::{DataError, Dataset, Example, Gold, Issue, IssueKind, Options, load};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The root of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file or a folder of files written by this crate's authors.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A folder of the real data beside the project, or `None`, said aloud, where there is none.
fn real_data(name: &str) -> Option<PathBuf> {
    let folder = root().join("../shared/data").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: the data set {name} is not at {}", folder.display());
    None
}

/// An encoder that set-up fetched into the cache, or `None`, said aloud, where it could not.
fn fetched_encoder(name: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("BALLAST_CACHE").map(PathBuf::from).or_else(|| {
        directories::ProjectDirs::from("", "", "ballast").map(|folders| folders.cache_dir().to_path_buf())
    })?;
    let folder = cache.join("encoders").join(name);
    if folder.join("config.json").is_file() {
        return Some(folder);
    }
    eprintln!("skipped: the encoder {name} is not at {}; `cargo xtask test` fetches it", folder.display());
    None
}

/// A folder in which train, dev and test are the same file.
fn thrice(extension: &str, content: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for stem in ["train", "dev", "test"] {
        fs::write(folder.path().join(format!("{stem}.{extension}")), content).unwrap();
    }
    folder
}

/// What a file gives as training data; nothing is drawn from it, so that its order stays.
fn load_as(extension: &str, content: impl AsRef<[u8]>, options: &Options) -> Result<Dataset, DataError> {
    load(thrice(extension, content.as_ref()).path(), options)
}

/// The issues of the training file as (line, kind, whether the row was left out), but for texts that occur again.
fn issues_of(dataset: &Dataset) -> Vec<(usize, IssueKind, bool)> {
    let of_train = |issue: &&Issue| issue.file.file_stem().is_some_and(|stem| stem == "train") && !is_repeat(issue);
    dataset.issues.iter().filter(of_train).map(|issue| (issue.line, issue.kind, issue.rejected)).collect()
}

/// Whether an issue says that a text occurs more than once, as all do in data that is `thrice` the same.
fn is_repeat(issue: &Issue) -> bool {
    matches!(issue.kind, IssueKind::Duplicate | IssueKind::Conflict | IssueKind::Overlap)
}

/// The characters of a text from `start` to `end`.
fn slice(text: &str, start: usize, end: usize) -> String {
    text.chars().skip(start).take(end - start).collect()
}

/// The entities of an example as their text and the name of their type.
fn entities(dataset: &Dataset, example: &Example) -> Vec<(String, String)> {
    let Some(Gold::Entities(spans)) = &example.gold else { panic!("{} has no entities", example.id) };
    spans.iter().map(|span| (slice(&example.text, span.start, span.end), dataset.labels[span.label].clone())).collect()
}

/// The class of an example by its name.
fn class<'a>(dataset: &'a Dataset, example: &Example) -> &'a str {
    let Some(Gold::Class(class)) = example.gold else { panic!("{} has no class", example.id) };
    &dataset.labels[class]
}
