//! The datasets that Ballast brings along: synthetic, written by `cargo xtask sample`, free of any real patient.

use crate::StudioError;
use crate::workspace::{create, workspace, write_file};
use std::path::{Path, PathBuf};

const SAMPLES: [(&str, &str, &str); 2] = [
    ("notes", "notes.csv", include_str!("../samples/notes.csv")),
    ("sentences", "sentences.jsonl", include_str!("../samples/sentences.jsonl")),
];

/// The path behind what a user gave as data: `sample:notes` and `sample:sentences` are put into the workspace.
pub fn data_path(data: &str) -> Result<PathBuf, StudioError> {
    let Some(name) = data.strip_prefix("sample:") else { return Ok(data.into()) };
    let (_, file, content) = SAMPLES
        .into_iter()
        .find(|(sample, ..)| *sample == name)
        .ok_or_else(|| StudioError::UnknownSample { name: name.into() })?;
    let folder = workspace()?.join("samples");
    create(&folder)?;
    let path = folder.join(file);
    if std::fs::read(&path).is_ok_and(|known| known == content.as_bytes()) {
        return Ok(path);
    }
    write_file(&path, content.as_bytes())?;
    Ok(path)
}

/// The name of a file, folder or sample without its place.
pub(crate) fn data_name(data: &str) -> String {
    let sample = data.strip_prefix("sample:").and_then(|name| SAMPLES.into_iter().find(|(sample, ..)| *sample == name));
    match (sample, Path::new(data).file_name()) {
        (Some((_, file, _)), _) => file.into(),
        (None, Some(name)) => name.to_string_lossy().into_owned(),
        (None, None) => data.into(),
    }
}

/// All words of the samples, lower case, with how often each occurs.
pub(crate) fn words() -> std::collections::BTreeMap<String, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for (.., content) in SAMPLES {
        for word in content.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            *counts.entry(word.to_string()).or_insert(0) += 1;
        }
    }
    counts
}
