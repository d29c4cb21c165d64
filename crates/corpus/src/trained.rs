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

/// Texts to label: a file in any format, or a folder of `.txt` notes (one example a file, named after it). Labels that may
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
    let entries = fs::read_dir(input).map_err(|source| DataError::File { path: input.into(), source })?;
    let is_note = |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_note).collect();
    paths.sort();
    let (mut examples, mut issues) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().to_string()).unwrap_or_default();
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
