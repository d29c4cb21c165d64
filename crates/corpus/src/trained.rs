//! Data for a model that is already trained: to be scored on, or to be labelled.

use crate::dataset::{Answers, Options, Split, read_part, unknown_label};
use crate::files::{self, Files};
use crate::mapping;
use crate::read::{self, Format};
use crate::{DataError, Example, Issue, IssueKind, Task};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Labelled examples for a model that is already trained: a file, or the test files of a folder (all of it where none is
/// called test). Labels are those of the model.
pub fn load_labelled(
    data: &Path,
    options: &Options,
    task: Task,
    labels: &[String],
) -> Result<(Vec<Example>, Vec<Issue>), DataError> {
    let Files { files: mut chosen, lists } = files::of(data)?;
    let mut wanted: Option<HashSet<String>> = None;
    for (path, _) in lists.iter().filter(|(_, split)| *split == Split::Test) {
        wanted.get_or_insert_default().extend(files::ids(path)?.0);
    }
    if chosen.iter().any(|(_, split)| *split == Some(Split::Test)) {
        chosen.retain(|(_, split)| *split == Some(Split::Test));
    }
    let (mut examples, mut issues) = (Vec::new(), Vec::new());
    for (path, split) in chosen {
        let part = read_part(&path, split, Some(task), options, Answers::Required, &|_| true)?;
        issues.extend(part.issues);
        for named in part.named {
            match mapping::resolve(named, labels) {
                Ok(example) => examples.push(example),
                Err((line, name)) => issues.push(unknown_label(&path, line, &name)),
            }
        }
    }
    // Others may have been trained on.
    examples.retain(|example| wanted.as_ref().is_none_or(|ids| ids.contains(&example.id)));
    if examples.is_empty() {
        return Err(DataError::NoUsableText { path: data.into() });
    }
    Ok((examples, issues))
}

/// Texts to label: a file in any format, or a folder of `.txt` notes, also in folders of it (one example a file, named after
/// it). Labels that may
/// be there are not read.
pub fn load_unlabelled(input: &Path, options: &Options, task: Task) -> Result<(Vec<Example>, Vec<Issue>), DataError> {
    let (mut examples, mut issues) = unlabelled(input, options, task)?;
    if task == Task::Relation {
        let mut unmarked = |example: &Example| {
            let message = format!("no two entities are marked in {}", example.id);
            let (file, kind) = (input.into(), IssueKind::BadRecord);
            issues.push(Issue { file, line: example.line, column: None, kind, rejected: true, message });
        };
        examples.retain_mut(|example| match mapping::marked_sentence(&example.text, options.marking) {
            Some(text) => {
                example.text = text;
                true
            }
            None => {
                unmarked(example);
                false
            }
        });
    }
    if examples.is_empty() {
        return Err(DataError::NoUsableText { path: input.into() });
    }
    Ok((examples, issues))
}

pub(crate) fn unlabelled(input: &Path, options: &Options, task: Task) -> Result<(Vec<Example>, Vec<Issue>), DataError> {
    let has_entities = task == Task::Relation && read::format::of_folder(input) == Some(Format::Brat);
    if !input.is_dir() || has_entities {
        let options = Options { label: None, labels: Vec::new(), ..options.clone() };
        let part = read_part(input, None, Some(task), &options, Answers::Ignored, &|_| true)?;
        let examples = part.named.into_iter().map(|named| named.example).collect();
        return Ok((examples, part.issues));
    }
    let mut paths = Vec::new();
    notes_below(input, &mut paths)?;
    paths.sort();
    let (mut examples, mut issues) = (Vec::new(), Vec::new());
    for path in paths {
        // Named by its way from the folder, the same on every system.
        let below = path.strip_prefix(input).unwrap_or(&path).with_extension("");
        let parts: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let name = parts.join("/");
        match read::text_of(&path, options) {
            Ok((text, issue)) => {
                issues.extend(issue);
                examples.push(mapping::from_text(text, name, 1, task).example);
            }
            Err(DataError::FileEmpty { path }) => {
                let message = "the file is empty; it is left out".to_string();
                let kind = IssueKind::EmptyText;
                issues.push(Issue { file: path, line: 0, column: None, kind, rejected: true, message });
            }
            Err(error) => return Err(error),
        }
    }
    Ok((examples, issues))
}

/// Every `.txt` file below a folder. Hidden folders and links are left alone.
fn notes_below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), DataError> {
    let entries = fs::read_dir(folder).map_err(|source| DataError::File { path: folder.into(), source })?;
    for entry in entries.flatten() {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !hidden => notes_below(&path, found)?,
            Ok(kind) if !kind.is_dir() && path.extension().is_some_and(|own| own.eq_ignore_ascii_case("txt")) => {
                found.push(path);
            }
            _ => {}
        }
    }
    Ok(())
}
