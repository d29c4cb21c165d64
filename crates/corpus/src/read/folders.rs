//! A folder for each class with its texts as files.

use super::{Row, Table, encoding};
use crate::{DataError, Issue, IssueKind};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of these names divide data into splits, not into classes.
const SPLIT_NAMES: [&str; 9] = ["train", "training", "dev", "devel", "val", "valid", "validation", "test", "testing"];

/// Whether at least two folders in this one hold text files, none of them is a split's, and nothing is annotated beside its
/// text as brat does.
pub fn looks_like(folder: &Path) -> bool {
    let Ok(classes) = entries(folder, Path::is_dir) else { return false };
    let is_split = |class: &PathBuf| SPLIT_NAMES.contains(&name_of(class).to_lowercase().as_str());
    let with = |extension: &str| classes.iter().filter(|class| holds(class, extension)).count();
    with("txt") >= 2 && with("ann") == 0 && !classes.iter().any(is_split)
}

/// The texts under columns `text`, `label` (the folder) and `id` (`folder/file`), the SHA-256 of the sorted names and contents
/// of all files, and how many bytes they have together. Every row has line 1, the beginning of its file; what is wrong with a
/// file becomes an issue that names it.
///
/// `name` is that of the encoding, where it is given rather than found.
pub fn read(folder: &Path, name: Option<&str>) -> Result<(Table, String, u64), DataError> {
    if !folder.is_dir() {
        return Err(DataError::FileMissing { path: folder.into() });
    }
    let columns = ["text", "label", "id"].map(String::from).to_vec();
    let mut table = Table { columns, ..Table::default() };
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    for class in entries(folder, Path::is_dir)? {
        for path in entries(&class, |path| has_extension(path, "txt") && path.is_file())? {
            let content = fs::read(&path).map_err(|source| DataError::File { path: path.clone(), source })?;
            digest.update(format!("{}/{}\0{}\0", name_of(&class), name_of(&path), content.len()));
            digest.update(&content);
            bytes += content.len() as u64;
            let mut issue = |column: &str, kind, message: &str| {
                let (file, column) = (path.clone(), Some(column.to_string()));
                table.issues.push(Issue { file, line: 1, column, kind, rejected: true, message: message.into() });
            };
            match encoding::decode_file(&path, name) {
                Ok(decoded) => {
                    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                    table.issues.extend(decoded.issue(&path));
                    let label = name_of(&class);
                    let id = format!("{label}/{stem}");
                    let cells = [decoded.text, label, id].map(Value::String).to_vec();
                    table.rows.push(Row { line: 1, file: Some(path.clone()), cells });
                }
                Err(DataError::FileEmpty { .. }) => issue("text", IssueKind::EmptyText, "the file is empty"),
                Err(DataError::NotText { .. }) => issue("text", IssueKind::BadRecord, "the file is no text file"),
                Err(error) => return Err(error),
            }
        }
    }
    Ok((table, digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), bytes))
}

/// What a folder holds, hidden files aside, sorted by name.
fn entries(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, DataError> {
    let failed = |source| DataError::File { path: folder.into(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if !name_of(&path).starts_with('.') && wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn holds(folder: &Path, extension: &str) -> bool {
    entries(folder, |path| has_extension(path, extension)).is_ok_and(|found| !found.is_empty())
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_string()
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension.to_string_lossy().eq_ignore_ascii_case(wanted))
}
