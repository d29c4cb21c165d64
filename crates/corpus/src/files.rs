//! Which files of a folder are the data, and for which split each stands.

use crate::read::format::{self, Format};
use crate::{DataError, Split};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The data in a folder.
pub struct Files {
    /// Files, or folders that are one dataset, with the split for which each stands; a single one stands for none.
    pub files: Vec<(PathBuf, Option<Split>)>,
    /// Lists of the ids that belong to a split, as PubMedQA has them.
    pub lists: Vec<(PathBuf, Split)>,
}

pub fn of(data: &Path) -> Result<Files, DataError> {
    if !data.exists() {
        return Err(DataError::FileMissing { path: data.into() });
    }
    let one = |path: &Path| Ok(Files { files: vec![(path.into(), None)], lists: vec![] });
    if data.is_file() {
        return one(data);
    }
    // Documents may be named after splits, as train_001.
    if format::of_folder(data) == Some(Format::Brat) {
        return one(data);
    }
    let entries = fs::read_dir(data).map_err(|source| DataError::File { path: data.into(), source })?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let is_data = |path: &&PathBuf| match path.is_dir() {
        true => format::of_folder(path).is_some(),
        false => format::EXTENSIONS.contains(&format::extension(path).as_str()),
    };
    let found: Vec<&PathBuf> = paths.iter().filter(is_data).collect();
    let lists: Vec<(PathBuf, Split)> = (found.iter())
        .filter_map(|path| Some(((*path).clone(), split_of(path)?.0)))
        .filter(|(path, _)| is_list(path))
        .collect();
    let listed = |path: &PathBuf| lists.iter().any(|(list, _)| list == path);
    let candidates: Vec<&PathBuf> = found.iter().copied().filter(|path| !listed(path)).collect();
    let order = |path: &Path| format::EXTENSIONS.iter().position(|other| *other == format::extension(path));
    let named = |split| {
        let of = |exact| -> Vec<&PathBuf> {
            candidates.iter().copied().filter(|path| split_of(path) == Some((split, exact))).collect()
        };
        let fitting = if of(true).is_empty() { of(false) } else { of(true) };
        // The same data in two formats counts once.
        let first = |path: &&PathBuf| {
            let mut same = fitting.iter().filter(|other| other.file_stem() == path.file_stem());
            same.all(|other| order(path) <= order(other))
        };
        fitting.iter().copied().filter(first).map(|path| (path.clone(), Some(split))).collect::<Vec<_>>()
    };
    let chosen: Vec<_> = [Split::Train, Split::Dev, Split::Test].into_iter().flat_map(named).collect();
    if chosen.iter().any(|(_, split)| *split == Some(Split::Train)) {
        return Ok(Files { files: chosen, lists: vec![] });
    }
    if format::of_folder(data).is_some() {
        return one(data);
    }
    let texts = |path: &&&PathBuf| format::extension(path) != "txt";
    match candidates.iter().filter(texts).collect::<Vec<_>>().as_slice() {
        [only] if split_of(only).is_none() => Ok(Files { files: vec![((**only).clone(), None)], lists }),
        _ => Err(DataError::TrainMissing { path: data.into() }),
    }
}

/// The split that a file's name speaks of, and whether it says nothing else. Words count, not parts of words: "device" is no
/// dev file. A name that speaks of several splits is taken for the first, so that no file counts twice.
fn split_of(path: &Path) -> Option<(Split, bool)> {
    let names: [(Split, &[&str]); 3] = [
        (Split::Train, &["train", "training"]),
        (Split::Dev, &["dev", "devel", "valid", "validation", "val", "development"]),
        (Split::Test, &["test", "testing"]),
    ];
    let stem = path.file_stem()?.to_string_lossy().to_lowercase();
    let bare = |word: &str| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        word.strip_suffix("set").or_else(|| word.strip_suffix("data")).unwrap_or(word).to_string()
    };
    let words: Vec<String> = stem.split(|c: char| !c.is_alphanumeric()).map(bare).collect();
    let (split, names) =
        names.into_iter().find(|(_, names)| words.iter().any(|word| names.contains(&word.as_str())))?;
    Some((split, names.contains(&stem.as_str())))
}

/// Whether a JSON file holds nothing but ids: a list of them, or each with its answer.
fn is_list(path: &Path) -> bool {
    format::extension(path) == "json" && path.is_file() && ids(path).is_ok_and(|(ids, ..)| !ids.is_empty())
}

/// The ids that a list names, the SHA-256 of the file and its size.
pub fn ids(path: &Path) -> Result<(HashSet<String>, String, u64), DataError> {
    let bytes = fs::read(path).map_err(|source| DataError::File { path: path.into(), source })?;
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let malformed = |line, reason: String| DataError::Malformed { path: path.into(), line, reason };
    let value: Value =
        serde_json::from_slice(&bytes).map_err(|error| malformed(error.line(), format!("no JSON: {error}")))?;
    let id = |value: &Value| match value {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    let ids: Option<HashSet<String>> = match &value {
        Value::Array(list) => list.iter().map(id).collect(),
        Value::Object(answers) if answers.values().all(Value::is_string) => Some(answers.keys().cloned().collect()),
        _ => None,
    };
    let size = bytes.len() as u64;
    ids.map(|ids| (ids, sha256, size)).ok_or_else(|| malformed(1, "no list of ids".into()))
}
