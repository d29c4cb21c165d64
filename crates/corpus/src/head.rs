//! The first rows of data, found without reading further.

use crate::dataset::{Answers, Options, Split};
use crate::files;
use crate::mapping::{self, Columns, NamedAnswer};
use crate::read::{self, Content, File, Format};
use crate::{DataError, Example, Task};
use std::path::{Path, PathBuf};

/// How one file is written, by its beginning.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadFile {
    pub path: PathBuf,
    pub split: Option<Split>,
    pub format: Format,
    pub encoding: String,
    pub delimiter: Option<char>,
    pub columns: Vec<String>,
    pub bytes: u64,
}

/// An example with its labels by name, since the indices are settled by the whole of the data only.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadRow {
    pub example: Example,
    pub split: Option<Split>,
    /// The class, all the labels, or the score.
    pub label: Option<String>,
    /// Start, end and label, in characters.
    pub entities: Vec<(usize, usize, String)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub files: Vec<HeadFile>,
    pub task: Task,
    pub columns: Columns,
    /// What the user must say, because neither names nor content tell which column it is: `text` or `label`.
    pub unclear: Option<&'static str>,
    pub rows: Vec<HeadRow>,
}

/// Reads the beginning of each file, about a megabyte, and maps up to `rows` of its rows. What only the whole can tell (too
/// few rows, a single class) is no error here.
pub fn head(data: &Path, options: &Options, rows: usize) -> Result<Head, DataError> {
    let mut head =
        Head { files: vec![], task: Task::Classification, columns: Columns::default(), unclear: None, rows: vec![] };
    for (path, split) in files::of(data)?.files {
        let file = read::read_beginning(&path, options)?;
        if head.files.is_empty() {
            head.task = options.task.unwrap_or_else(|| mapping::guess_task(&file.content, options));
        }
        let columns = match columns(&file, head.task, options, &path) {
            Ok(columns) => Some(columns),
            Err(DataError::ColumnUnclear { role, .. }) => {
                head.unclear = Some(role);
                None
            }
            Err(error) => return Err(error),
        };
        head.files.push(facts(&path, split, &file));
        let Some(columns) = columns else { continue };
        let (named, _) =
            mapping::examples(file.content, head.task, &columns, (options, Answers::Required), &path, &|_| true)?;
        if head.files.len() == 1 {
            head.columns = columns;
        }
        let left = rows.saturating_sub(head.rows.len());
        head.rows.extend(named.into_iter().take(left).map(|named| {
            let (label, entities) = match named.answer {
                Some(NamedAnswer::Class(name)) => (Some(name), vec![]),
                Some(NamedAnswer::Labels(names)) => (Some(names.join("; ")), vec![]),
                Some(NamedAnswer::Score(score)) => (Some(score.to_string()), vec![]),
                Some(NamedAnswer::Entities(spans)) => (None, spans),
                None => (None, vec![]),
            };
            HeadRow { example: named.example, split, label, entities }
        }));
    }
    Ok(head)
}

fn columns(file: &File, task: Task, options: &Options, path: &Path) -> Result<Columns, DataError> {
    match &file.content {
        Content::Table(table) => mapping::columns(table, task, options, Answers::Required, path),
        Content::Sentences(..) | Content::Texts(..) | Content::Documents(..) => Ok(Columns::default()),
    }
}

fn facts(path: &Path, split: Option<Split>, file: &File) -> HeadFile {
    let columns = match &file.content {
        Content::Table(table) => table.columns.clone(),
        Content::Sentences(..) | Content::Texts(..) | Content::Documents(..) => vec![],
    };
    HeadFile {
        path: path.into(),
        split,
        format: file.format,
        encoding: file.encoding.clone(),
        delimiter: file.delimiter,
        columns,
        bytes: file.bytes,
    }
}
