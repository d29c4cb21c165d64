//! Which column means what, and from rows to examples.

use crate::read::{Content, Row, Sentence, Table};
use crate::scheme::{self, Scheme};
use crate::words::words_of;
use crate::{DataError, Example, Gold, Issue, IssueKind, Options, Span, Task};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::path::Path;

/// Names under which people keep these columns, the most telling first.
const TEXT_NAMES: [&str; 14] = [
    "text",
    "sentence",
    "note",
    "report",
    "abstract",
    "document",
    "dialogue",
    "content",
    "body",
    "sent1",
    "sentence1",
    "section_text",
    "question",
    "title",
];
const LABEL_NAMES: [&str; 12] = [
    "label",
    "labels",
    "class",
    "category",
    "section_header",
    "target",
    "gold",
    "annotation",
    "diagnosis",
    "department",
    "tag",
    "y",
];
const SPAN_NAMES: [&str; 5] = ["entities", "spans", "annotations", "label", "labels"];
const TOKEN_NAMES: [&str; 2] = ["tokens", "words"];
const TAG_NAMES: [&str; 4] = ["tags", "ner_tags", "labels", "ner"];
const ID_NAMES: [&str; 6] = ["id", "index", "pmid", "uid", "pair_id", "note_id"];
const GROUP_NAMES: [&str; 6] = ["group", "patient", "patient_id", "subject", "subject_id", "document_id"];

/// Rows between two beats of the progress.
const BEAT_EVERY: usize = 4096;

/// More distinct values than this are no classes.
const MOST_CLASSES: usize = 100;

/// The columns in use. All are `None` for CoNLL, which has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Columns {
    pub text: Option<String>,
    pub pair: Option<String>,
    pub label: Option<String>,
    pub group: Option<String>,
    pub id: Option<String>,
}

/// An example whose labels are still names.
#[derive(Debug, Clone)]
pub struct Named {
    pub example: Example,
    pub answer: Option<NamedAnswer>,
}

#[derive(Debug, Clone)]
pub enum NamedAnswer {
    Class(String),
    Entities(Vec<(usize, usize, String)>),
}

/// What the file is about, when the user does not say.
pub fn guess_task(content: &Content) -> Task {
    match content {
        Content::Sentences(..) => Task::Ner,
        Content::Texts(..) => Task::Classification,
        Content::Table(table) => {
            let has_tokens = find(table, &TOKEN_NAMES).is_some() && find(table, &TAG_NAMES).is_some();
            if has_tokens || span_column(table).is_some() { Task::Ner } else { Task::Classification }
        }
    }
}

fn find(table: &Table, names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| table.columns.iter().position(|column| column.eq_ignore_ascii_case(name)))
}

/// The column whose first filled cells hold spans, but for a few.
fn span_column(table: &Table) -> Option<usize> {
    let holds_spans = |&index: &usize| {
        let filled = || table.rows.iter().map(|row| &row.cells[index]).filter(|cell| !is_blank(cell)).take(20);
        let (all, fitting) = (filled().count(), filled().filter(|cell| spans_in(cell).is_some()).count());
        all > 0 && fitting * 10 >= all * 9
    };
    SPAN_NAMES
        .iter()
        .filter_map(|name| table.columns.iter().position(|column| column.eq_ignore_ascii_case(name)))
        .find(holds_spans)
}

fn is_blank(cell: &Value) -> bool {
    match cell {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn plain(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The columns of a table for a task: those the user named, else guessed from names, else from content. An empty name says
/// that there is no such column, however the others are called.
pub fn columns(
    table: &Table,
    task: Task,
    options: &Options,
    labelled: bool,
    path: &Path,
) -> Result<Columns, DataError> {
    let named = |wanted: &Option<String>| match wanted {
        None => Ok(None),
        Some(name) if name.is_empty() => Ok(None),
        Some(name) => match table.columns.iter().find(|column| *column == name) {
            Some(column) => Ok(Some(column.clone())),
            None => Err(DataError::ColumnMissing {
                path: path.into(),
                name: name.clone(),
                available: table.columns.clone(),
            }),
        },
    };
    let name_at = |index: usize| table.columns[index].clone();
    let unclear = |role| DataError::ColumnUnclear { path: path.into(), role, available: table.columns.clone() };
    let has_tokens = task == Task::Ner && options.text.is_none() && find(table, &TOKEN_NAMES).is_some();
    let label = match named(&options.label)? {
        Some(label) => Some(label),
        None if !labelled => None,
        None => Some(guess_label(table, task, has_tokens).map(name_at).ok_or_else(|| unclear("label"))?),
    };
    let text = match named(&options.text)? {
        Some(text) => text,
        None if has_tokens => find(table, &TOKEN_NAMES).map(name_at).ok_or_else(|| unclear("text"))?,
        None => guess_text(table, label.as_deref()).map(name_at).ok_or_else(|| unclear("text"))?,
    };
    let spare = |wanted: &Option<String>, names: &[&str]| {
        let open = wanted.is_none();
        let found = open.then(|| find(table, names)).flatten().map(name_at);
        found.filter(|name| *name != text && Some(name) != label.as_ref())
    };
    Ok(Columns {
        pair: named(&options.pair)?,
        group: named(&options.group)?.or_else(|| spare(&options.group, &GROUP_NAMES)),
        id: named(&options.id)?.or_else(|| spare(&options.id, &ID_NAMES)),
        text: Some(text),
        label,
    })
}

fn guess_text(table: &Table, label: Option<&str>) -> Option<usize> {
    let free = |&index: &usize| Some(table.columns[index].as_str()) != label;
    find(table, &TEXT_NAMES).filter(free).or_else(|| {
        let mean = |index: usize| table.rows.iter().take(500).map(|row| plain(&row.cells[index]).len()).sum::<usize>();
        (0..table.columns.len()).filter(free).max_by_key(|&index| mean(index)).filter(|&index| mean(index) > 0)
    })
}

fn guess_label(table: &Table, task: Task, has_tokens: bool) -> Option<usize> {
    match task {
        Task::Ner if has_tokens => find(table, &TAG_NAMES),
        Task::Ner => span_column(table),
        Task::Classification => find(table, &LABEL_NAMES).or_else(|| {
            let text = find(table, &TEXT_NAMES);
            let candidates = (0..table.columns.len()).rev().filter(|&index| Some(index) != text);
            candidates.into_iter().find(|&index| {
                let values: HashSet<String> = table.rows.iter().map(|row| plain(&row.cells[index])).collect();
                (2..=MOST_CLASSES).contains(&values.len()) && values.len() * 2 <= table.rows.len()
            })
        }),
    }
}

/// Turns a file's content into examples; what cannot be used becomes an issue.
///
/// `ahead` hears the number of the row now and then; `None` when it ended the work.
pub fn examples(
    content: Content,
    task: Task,
    columns: &Columns,
    path: &Path,
    ahead: &dyn Fn(usize) -> bool,
) -> Option<(Vec<Named>, Vec<Issue>)> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_string()).unwrap_or_default();
    match content {
        Content::Sentences(sentences, issues) => {
            let named =
                sentences.into_iter().enumerate().map(|(index, sentence)| from_sentence(sentence, &stem, index));
            Some((named.collect(), issues))
        }
        Content::Texts(texts, issues) => {
            let named = texts.into_iter().map(|(line, text)| from_text(text, format!("{stem}-{line}"), line, task));
            Some((named.collect(), issues))
        }
        Content::Table(table) => from_table(table, task, columns, path, &stem, ahead),
    }
}

/// A text about which nothing else is known.
pub fn from_text(text: String, id: String, line: usize, task: Task) -> Named {
    let words = if task == Task::Ner { words_of(&text) } else { Vec::new() };
    Named { example: Example { id, text, pair: None, words, gold: None, group: None, line }, answer: None }
}

fn from_sentence(sentence: Sentence, stem: &str, index: usize) -> Named {
    let mut words = Vec::with_capacity(sentence.words.len());
    let mut start = 0;
    for word in &sentence.words {
        let end = start + word.chars().count();
        words.push(start..end);
        start = end + 1;
    }
    let spans =
        sentence.entities.into_iter().map(|(first, last, kind)| (words[first].start, words[last - 1].end, kind));
    let answer = Some(NamedAnswer::Entities(spans.collect()));
    let text = sentence.words.join(" ");
    let id = format!("{stem}-{}", index + 1);
    let example = Example { id, text, pair: None, words, gold: None, group: sentence.document, line: sentence.line };
    Named { example, answer }
}

fn from_table(
    table: Table,
    task: Task,
    columns: &Columns,
    path: &Path,
    stem: &str,
    ahead: &dyn Fn(usize) -> bool,
) -> Option<(Vec<Named>, Vec<Issue>)> {
    let place =
        |name: &Option<String>| name.as_ref().and_then(|name| table.columns.iter().position(|column| column == name));
    let (text, pair, label) = (place(&columns.text), place(&columns.pair), place(&columns.label));
    let (group, id) = (place(&columns.group), place(&columns.id));
    let scheme = scheme::detect(table.rows.iter().filter_map(|row| label.and_then(|index| tags_in(&row.cells[index]))));
    let mut issues = table.issues;
    let mut named = Vec::new();
    for (number, row) in table.rows.into_iter().enumerate() {
        if number % BEAT_EVERY == 0 && !ahead(number) {
            return None;
        }
        let mut issue = |column: &Option<String>, kind, rejected, message: String| {
            let (file, line) = (path.into(), row.line);
            issues.push(Issue { file, line, column: column.clone(), kind, rejected, message });
        };
        let filled = |place: Option<usize>| {
            place.map(|index| plain(&row.cells[index]).trim().to_string()).filter(|value| !value.is_empty())
        };
        let (body, words) = body(&row, text, task);
        if body.trim().is_empty() || (columns.pair.is_some() && filled(pair).is_none()) {
            issue(&columns.text, IssueKind::EmptyText, true, "the text is empty".into());
            continue;
        }
        let answer = match (task, label) {
            (_, None) => None,
            (Task::Classification, Some(_)) => match filled(label) {
                Some(name) => Some(NamedAnswer::Class(name)),
                None => {
                    issue(&columns.label, IssueKind::EmptyLabel, true, "the label is empty".into());
                    continue;
                }
            },
            (Task::Ner, Some(index)) => match entities(&row, index, text, (&body, &words), scheme) {
                Ok((spans, repairs)) => {
                    repairs.into_iter().for_each(|(kind, message)| issue(&columns.label, kind, false, message));
                    Some(NamedAnswer::Entities(spans))
                }
                Err((kind, message)) => {
                    issue(&columns.label, kind, true, message);
                    continue;
                }
            },
        };
        let example = Example {
            id: filled(id).unwrap_or_else(|| format!("{stem}-{}", row.line)),
            text: body,
            pair: filled(pair),
            words,
            gold: None,
            group: filled(group),
            line: row.line,
        };
        named.push(Named { example, answer });
    }
    Some((named, issues))
}

/// The text of a row and its words: tokens joined by spaces where the cell is a list.
fn body(row: &Row, text: Option<usize>, task: Task) -> (String, Vec<Range<usize>>) {
    let Some(cell) = text.map(|index| &row.cells[index]) else { return Default::default() };
    if let (Value::Array(tokens), Task::Ner) = (cell, task) {
        let words: Vec<String> = tokens.iter().map(plain).collect();
        let sentence = Sentence { words, entities: vec![], document: None, line: row.line };
        let named = from_sentence(sentence, "", 0);
        return (named.example.text, named.example.words);
    }
    let body = plain(cell);
    let words = if task == Task::Ner { words_of(&body) } else { Vec::new() };
    (body, words)
}

type NamedSpan = (usize, usize, String);
type Repair = (IssueKind, String);

/// The names in a cell that lists tags.
fn tags_in(cell: &Value) -> Option<Vec<&str>> {
    cell.as_array().filter(|tags| !tags.is_empty())?.iter().map(Value::as_str).collect()
}

/// The entities of a row: spans, or a list of tags beside a list of tokens.
fn entities(
    row: &Row,
    label: usize,
    text: Option<usize>,
    (body, words): (&str, &[Range<usize>]),
    scheme: Scheme,
) -> Result<(Vec<NamedSpan>, Vec<Repair>), Repair> {
    let cell = &row.cells[label];
    if let Some(tags) = tags_in(cell) {
        return entities_of_tags(&tags, words, scheme);
    }
    let tokens = text.is_some_and(|index| row.cells[index].is_array());
    match spans_in(cell) {
        Some(spans) if !tokens || !spans.is_empty() => align(spans, body.chars().count(), words),
        _ if is_blank(cell) && !tokens => Ok(Default::default()),
        _ if tokens => Err((IssueKind::BadTag, format!("no list of {} tags, one a token", words.len()))),
        _ => Err((IssueKind::BadSpan, "no list of spans with start, end and label".into())),
    }
}

fn entities_of_tags(
    tags: &[&str],
    words: &[Range<usize>],
    scheme: Scheme,
) -> Result<(Vec<NamedSpan>, Vec<Repair>), Repair> {
    if tags.len() != words.len() {
        return Err((IssueKind::BadTag, format!("{} tags for {} tokens", tags.len(), words.len())));
    }
    if let Some(tag) = tags.iter().find(|tag| scheme::parse(tag).is_none()) {
        return Err((IssueKind::BadTag, format!("\"{tag}\" is no tag")));
    }
    let mut repairs = Vec::new();
    let found = scheme::entities(tags, scheme, |place| {
        let message =
            format!("\"{}\" at token {place} follows no entity of its type; read as its beginning", tags[place]);
        repairs.push((IssueKind::TagRepaired, message));
    });
    let spans = found.into_iter().map(|(first, end, kind)| (words[first].start, words[end - 1].end, kind));
    Ok((spans.collect(), repairs))
}

/// Spans as objects or triples, in JSON or in a string that holds JSON.
fn spans_in(cell: &Value) -> Option<Vec<NamedSpan>> {
    let parsed;
    let list = match cell {
        Value::String(text) => {
            parsed = serde_json::from_str::<Value>(text).ok()?;
            parsed.as_array()?
        }
        other => other.as_array()?,
    };
    let number = |value: &Value| value.as_u64().map(|number| number as usize);
    list.iter()
        .map(|span| match span {
            Value::Object(fields) => {
                let label = ["label", "type", "entity"].iter().find_map(|name| fields.get(*name)?.as_str())?;
                Some((number(fields.get("start")?)?, number(fields.get("end")?)?, label.to_string()))
            }
            Value::Array(triple) if triple.len() == 3 => {
                Some((number(&triple[0])?, number(&triple[1])?, triple[2].as_str()?.to_string()))
            }
            _ => None,
        })
        .collect()
}

/// Widens spans to whole words and leaves out those that overlap a longer one.
fn align(
    mut spans: Vec<NamedSpan>,
    length: usize,
    words: &[Range<usize>],
) -> Result<(Vec<NamedSpan>, Vec<Repair>), Repair> {
    let mut repairs = Vec::new();
    for (start, end, label) in &mut spans {
        if *start >= *end || *end > length {
            let message = format!("the span {start}..{end} ({label}) lies outside of the text of {length} characters");
            return Err((IssueKind::BadSpan, message));
        }
        let touched: Vec<_> = words.iter().filter(|word| word.start < *end && word.end > *start).collect();
        let (Some(first), Some(last)) = (touched.first(), touched.last()) else {
            return Err((IssueKind::BadSpan, format!("the span {start}..{end} ({label}) holds no word")));
        };
        if (first.start, last.end) != (*start, *end) {
            let widened =
                format!("the span {start}..{end} ({label}) was fitted to whole words, {}..{}", first.start, last.end);
            repairs.push((IssueKind::SpanWidened, widened));
            (*start, *end) = (first.start, last.end);
        }
    }
    spans.sort_by_key(|(start, end, _)| (std::cmp::Reverse(end - start), *start));
    let mut kept: Vec<NamedSpan> = Vec::new();
    for span in spans {
        if kept.iter().any(|other| other.0 < span.1 && span.0 < other.1) {
            let message =
                format!("the span {}..{} ({}) overlaps a longer one and was left out", span.0, span.1, span.2);
            repairs.push((IssueKind::SpanOverlaps, message));
        } else {
            kept.push(span);
        }
    }
    kept.sort();
    Ok((kept, repairs))
}

/// The names of all labels in use, sorted.
pub fn label_names<'a>(examples: impl IntoIterator<Item = &'a Named>) -> Vec<String> {
    let mut names = BTreeSet::new();
    for named in examples {
        match &named.answer {
            Some(NamedAnswer::Class(name)) => {
                names.insert(name.clone());
            }
            Some(NamedAnswer::Entities(spans)) => names.extend(spans.iter().map(|span| span.2.clone())),
            None => {}
        }
    }
    names.into_iter().collect()
}

/// Turns names into indices of `labels`; `Err` with the line and the name that is not among them.
pub fn resolve(named: Named, labels: &[String]) -> Result<Example, (usize, String)> {
    let Named { mut example, answer } = named;
    let index = |name: &str| labels.iter().position(|label| label == name);
    match answer {
        None => {}
        Some(NamedAnswer::Class(name)) => match index(&name) {
            Some(class) => example.gold = Some(Gold::Class(class)),
            None => return Err((example.line, name)),
        },
        Some(NamedAnswer::Entities(spans)) => {
            let mut resolved = Vec::with_capacity(spans.len());
            for (start, end, name) in spans {
                match index(&name) {
                    Some(label) => resolved.push(Span { start, end, label }),
                    None => return Err((example.line, name)),
                }
            }
            example.gold = Some(Gold::Entities(resolved));
        }
    }
    Ok(example)
}
