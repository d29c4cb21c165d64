//! Texts for people to label, with whatever their files mark in them already.

use crate::dataset::{Answers, Options, part_of};
use crate::mapping::{self, Columns, Named, NamedAnswer};
use crate::read::{self, Content, Table, spans};
use crate::trained::unlabelled;
use crate::{DataError, Document, Issue, IssueKind, Mention, Relation, Task, files};
use serde_json::Value;
use std::ops::Range;
use std::path::Path;

/// A text and what is known of it. Entities and relations are in the document, as are labels of the text as a whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Marked {
    pub document: Document,
    pub pair: Option<String>,
    pub group: Option<String>,
    pub score: Option<f64>,
    /// Whether its file says what is marked in it, if only that nothing is.
    pub labelled: bool,
}

/// Reads texts in any format, with or without labels: a file, the files of a folder, whatever split they are, or a folder of
/// notes. `tell` hears how many texts have been read and may end the reading.
pub fn load_marked(
    data: &Path,
    options: &Options,
    task: Task,
    tell: &dyn Fn(usize) -> bool,
) -> Result<(Vec<Marked>, Vec<Issue>), DataError> {
    let (mut all, mut issues) = (Vec::new(), Vec::new());
    let notes = data.is_dir() && read::format::of_folder(data).is_none() && files::of(data).is_err();
    if notes {
        let (examples, found) = unlabelled(data, options, task)?;
        all.extend(examples.into_iter().map(|example| marked(Named { example, answer: None }, false)));
        issues.extend(found);
    } else {
        for (path, split) in files::of(data)?.files {
            let beat = |_| tell(all.len());
            let file = read::read(&path, options, &beat)?;
            if let Content::Documents(documents, found) = file.content {
                // Where a file marks anything, a text without marks is one that has none.
                let labelled = documents.iter().any(|document| says(document, task));
                let whole = |document| Marked { document, labelled, ..Marked::default() };
                all.extend(documents.into_iter().map(whole));
                for issue in found {
                    match not_marked_up(&issue, options)? {
                        Some(document) => all.push(Marked { document, ..Marked::default() }),
                        None => issues.push(issue),
                    }
                }
                continue;
            }
            if let Content::Table(table) = &file.content
                && let Some(columns) = of_spans(table, task, options, &path)
            {
                issues.extend(table.issues.iter().cloned());
                let mut found = from_spans(table, &columns, &path, &mut issues);
                if task == Task::Relation && !found.iter().any(|own| says(&own.document, task)) {
                    found.iter_mut().for_each(|own| own.labelled = false);
                }
                all.extend(found);
                continue;
            }
            let part = part_of(file, &path, (split, Some(task)), options, Answers::Possible, &beat)?;
            // Words under `O` alone may be a text that nobody has looked at; a whole file of them is.
            let entities =
                |named: &Named| matches!(&named.answer, Some(NamedAnswer::Entities(spans)) if !spans.is_empty());
            let any = part.named.iter().any(entities);
            all.extend(part.named.into_iter().map(|named| {
                let labelled = match named.answer {
                    Some(NamedAnswer::Entities(_)) => any,
                    Some(_) => true,
                    None => false,
                };
                marked(named, labelled)
            }));
            issues.extend(part.issues);
        }
    }
    if all.is_empty() {
        return Err(DataError::NoUsableText { path: data.into() });
    }
    if !tell(all.len()) {
        return Err(DataError::Cancelled);
    }
    Ok((all, issues))
}

fn marked(named: Named, labelled: bool) -> Marked {
    let Named { example, answer } = named;
    let mut document = Document { id: example.id, text: example.text, line: example.line, ..Document::default() };
    let mut score = None;
    match answer {
        Some(NamedAnswer::Class(name)) => match related(&document.text, &name, document.line) {
            Some((mentions, relations)) => (document.mentions, document.relations) = (mentions, relations),
            None => document.labels = vec![name],
        },
        Some(NamedAnswer::Labels(names)) => document.labels = names,
        Some(NamedAnswer::Score(own)) => score = Some(own),
        Some(NamedAnswer::Entities(spans)) => {
            let place = |(place, (start, end, kind))| mention(place, start..end, kind, document.line);
            document.mentions = spans.into_iter().enumerate().map(place).collect();
        }
        None => {}
    }
    Marked { document, pair: example.pair, group: example.group, score, labelled }
}

/// A note in a folder of brat's that has no annotations beside it: nobody has looked at it yet.
fn not_marked_up(issue: &Issue, options: &Options) -> Result<Option<Document>, DataError> {
    if issue.kind != IssueKind::Files || read::format::extension(&issue.file) != "txt" {
        return Ok(None);
    }
    let (text, _) = match read::text_of(&issue.file, options) {
        Err(DataError::FileEmpty { .. }) => return Ok(None),
        read => read?,
    };
    let id = issue.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Some(Document { id, text, file: issue.file.clone(), line: 1, ..Document::default() }))
}

/// Whether something is marked in a document of what a task asks for: entities alone do not say which of them are related.
fn says(document: &Document, task: Task) -> bool {
    !document.labels.is_empty()
        || !document.relations.is_empty()
        || (task != Task::Relation && !document.mentions.is_empty())
}

fn mention(place: usize, range: Range<usize>, kind: String, line: usize) -> Mention {
    Mention { id: format!("T{}", place + 1), kind, ranges: std::iter::once(range).collect(), concept: None, line }
}

fn relation(place: usize, kind: String, [head, tail]: [usize; 2], line: usize) -> Relation {
    let argument = |role: &str, at: usize| (role.to_string(), format!("T{}", at + 1));
    Relation {
        id: format!("R{}", place + 1),
        kind,
        arguments: vec![argument("Arg1", head), argument("Arg2", tail)],
        line,
    }
}

/// The two entities for which dummy tokens stand in a sentence, and what joins them unless the label says that nothing does.
/// The first is the one whose type comes first by its name, so that all pairs of two types go the same way.
fn related(text: &str, label: &str, line: usize) -> Option<(Vec<Mention>, Vec<Relation>)> {
    let found = mapping::dummy_spans(text);
    let [(_, first), (_, second)] = found.as_slice() else { return None };
    let ends = if first <= second { [0, 1] } else { [1, 0] };
    let joined = mapping::negative(&[label.to_string()]).is_none();
    let relations = joined.then(|| relation(0, label.into(), ends, line)).into_iter().collect();
    let place = |(place, (range, kind))| mention(place, range, kind, line);
    Some((found.into_iter().enumerate().map(place).collect(), relations))
}

/// The columns of a table of running texts with lists of spans, as tools for labelling write them: what is marked in those
/// comes in as it stands, also where it overlaps or ends within a word.
fn of_spans(table: &Table, task: Task, options: &Options, path: &Path) -> Option<Columns> {
    if !task.labels_words() && task != Task::Relation {
        return None;
    }
    let columns = mapping::columns(table, Task::Ner, options, Answers::Possible, path).ok()?;
    let (text, label) = (place_of(table, &columns.text)?, place_of(table, &columns.label)?);
    let running = table.rows.iter().all(|row| row.cells[text].is_string());
    let is_list = |cell: &Value| spans::spans_in(cell).is_some_and(|spans| !spans.is_empty() || cell.is_array());
    let listed = |cell: &Value| cell.is_null() || is_list(cell);
    let lists = table.rows.iter().all(|row| listed(&row.cells[label]));
    (running && lists && table.rows.iter().any(|row| is_list(&row.cells[label]))).then_some(columns)
}

fn place_of(table: &Table, name: &Option<String>) -> Option<usize> {
    table.columns.iter().position(|column| Some(column) == name.as_ref())
}

fn from_spans(table: &Table, columns: &Columns, path: &Path, issues: &mut Vec<Issue>) -> Vec<Marked> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let place = |name| place_of(table, name);
    let [text, label, id, group] = [&columns.text, &columns.label, &columns.id, &columns.group].map(place);
    let joined = place(&Some("relations".into()));
    let mut all = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let said = |place: Option<usize>| place.and_then(|place| mapping::said(&row.cells[place]));
        let cell = |place: Option<usize>| place.map_or(&Value::Null, |place| &row.cells[place]);
        let text = cell(text).as_str().unwrap_or_default();
        if text.trim().is_empty() {
            let (file, message) = (path.into(), "the text is empty".to_string());
            let (column, kind) = (columns.text.clone(), IssueKind::EmptyText);
            issues.push(Issue { file, line: row.line, column, kind, rejected: true, message });
            continue;
        }
        let spans = spans::spans_in(cell(label));
        let relations = spans::relations_in(cell(joined), cell(label));
        let mentions = spans.iter().flatten().cloned().enumerate();
        let relations = relations.into_iter().enumerate();
        let document = Document {
            id: said(id).unwrap_or_else(|| format!("{stem}-{}", row.line)),
            text: text.into(),
            line: row.line,
            mentions: mentions.map(|(place, (start, end, kind))| mention(place, start..end, kind, row.line)).collect(),
            relations: relations.map(|(place, (ends, kind))| relation(place, kind, ends, row.line)).collect(),
            ..Document::default()
        };
        all.push(Marked { document, group: said(group), labelled: spans.is_some(), ..Marked::default() });
    }
    all
}
