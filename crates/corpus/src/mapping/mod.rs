//! Which column means what, and from rows, sentences and documents to examples.

mod candidates;
mod documents;
mod guess;
mod labels;
mod marking;
mod sentences;
mod spans;

pub use candidates::{Candidate, Signatures, UNRELATED, candidates, signatures};
pub use guess::{columns, task as guess_task};
pub use marking::{MARKERS, Marking, dummies, dummy_spans, negative};

use crate::dataset::Answers;
use crate::read::{Content, Row, Sentence, Table};
use crate::words::words_of;
use crate::{DataError, Example, Gold, Issue, IssueKind, Options, Span, Task, scheme};
use labels::Writing;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spans::{NamedSpan, tags_in};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;

/// Rows between two beats of the progress.
const BEAT_EVERY: usize = 4096;

/// The columns in use. All are empty for formats that have none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Columns {
    pub text: Option<String>,
    pub pair: Option<String>,
    pub label: Option<String>,
    /// For `multilabel`, where each label has a column of its own.
    #[serde(default)]
    pub labels: Vec<String>,
    pub group: Option<String>,
    pub id: Option<String>,
    /// For `multilabel`: which sentences belong together.
    pub document: Option<String>,
}

/// An example whose labels are still names.
#[derive(Debug, Clone)]
pub struct Named {
    pub example: Example,
    pub answer: Option<NamedAnswer>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum NamedAnswer {
    Class(String),
    Labels(Vec<String>),
    Score(f64),
    Entities(Vec<NamedSpan>),
}

fn is_blank(cell: &Value) -> bool {
    match cell {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// As much of a cell as an issue may quote.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(30) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

fn plain(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Turns a file's content into examples; what cannot be used becomes an issue.
///
/// `ahead` hears the number of the row now and then and ends the work with `false`.
pub fn examples(
    content: Content,
    task: Task,
    columns: &Columns,
    (options, answers): (&Options, Answers),
    path: &Path,
    ahead: &dyn Fn(usize) -> bool,
) -> Result<(Vec<Named>, Vec<Issue>), DataError> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_string()).unwrap_or_default();
    let unfit = |format: &str| DataError::TaskUnfit { path: path.into(), format: format.into(), task };
    let (mut named, issues) = match content {
        Content::Sentences(..) if task.is_about_pairs() || (answers != Answers::Ignored && !task.labels_words()) => {
            return Err(unfit("words with tags"));
        }
        Content::Sentences(sentences, issues) => {
            let named =
                sentences.into_iter().enumerate().map(|(index, sentence)| from_sentence(sentence, &stem, index));
            (named.collect(), issues)
        }
        Content::Texts(texts, issues) => {
            let named = texts.into_iter().map(|(line, text)| from_text(text, format!("{stem}-{line}"), line, task));
            (named.collect(), issues)
        }
        Content::Documents(..) if task.is_about_pairs() => return Err(unfit("documents with entities")),
        Content::Documents(documents, issues) => {
            documents::examples(documents, issues, task, (options, answers != Answers::Ignored), path, ahead)?
        }
        Content::Table(table) => from_table(table, task, columns, (options, answers), path, &stem, ahead)?,
    };
    if options.merge_types {
        named.iter_mut().for_each(merge_types);
    }
    if options.whole_documents && task == Task::Multilabel {
        named = whole_documents(named);
    }
    Ok((named, issues))
}

/// A text about which nothing else is known.
pub fn from_text(text: String, id: String, line: usize, task: Task) -> Named {
    let words = if task.labels_words() { words_of(&text) } else { Vec::new() };
    let example = Example { id, text, pair: None, words, gold: None, group: None, document: None, line };
    Named { example, answer: None }
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
    let (group, line) = (sentence.document, sentence.line);
    let example = Example { id, text, pair: None, words, gold: None, group, document: None, line };
    Named { example, answer }
}

/// The document of which `PMID_s3` is a sentence.
fn document_of_sentence(id: &str) -> Option<&str> {
    let (document, number) = id.rsplit_once("_s")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !document.is_empty()).then_some(document)
}

/// The places of the columns in a row.
struct Places {
    text: Option<usize>,
    pair: Option<usize>,
    label: Option<usize>,
    labels: Vec<(usize, String)>,
    group: Option<usize>,
    id: Option<usize>,
    document: Option<usize>,
}

fn places(table: &Table, columns: &Columns) -> Places {
    let at = |name: &String| table.columns.iter().position(|column| column == name);
    let place = |name: &Option<String>| name.as_ref().and_then(at);
    Places {
        text: place(&columns.text),
        pair: place(&columns.pair),
        label: place(&columns.label),
        labels: columns.labels.iter().filter_map(|name| Some((at(name)?, name.clone()))).collect(),
        group: place(&columns.group),
        id: place(&columns.id),
        document: place(&columns.document),
    }
}

fn from_table(
    table: Table,
    task: Task,
    columns: &Columns,
    (options, answers): (&Options, Answers),
    path: &Path,
    stem: &str,
    ahead: &dyn Fn(usize) -> bool,
) -> Result<(Vec<Named>, Vec<Issue>), DataError> {
    let places = places(&table, columns);
    let scheme =
        scheme::detect(table.rows.iter().filter_map(|row| places.label.and_then(|index| tags_in(&row.cells[index]))));
    let writing = match (task, places.label) {
        (Task::Multilabel, Some(index)) => labels::writing(&table, index, options.separator.as_deref()),
        _ => Writing::Alone,
    };
    let mut issues = table.issues;
    let mut named = Vec::new();
    for (number, row) in table.rows.into_iter().enumerate() {
        if number % BEAT_EVERY == 0 && !ahead(number) {
            return Err(DataError::Cancelled);
        }
        let mut issue = |column: &Option<String>, kind, rejected, message: String| {
            let (file, line) = (row.file.as_deref().unwrap_or(path).into(), row.line);
            issues.push(Issue { file, line, column: column.clone(), kind, rejected, message });
        };
        let filled = |place: Option<usize>| place.and_then(|index| said(&row.cells[index]));
        let (body, words) = body(&row, places.text, task);
        if body.trim().is_empty() || (columns.pair.is_some() && filled(places.pair).is_none()) {
            issue(&columns.text, IssueKind::EmptyText, true, "the text is empty".into());
            continue;
        }
        let open = answers == Answers::Possible && unanswered(&row, task, &places);
        let answered =
            if open { Ok((None, vec![])) } else { answer(&row, task, &places, (&body, &words), scheme, &writing) };
        let answer = match answered {
            Ok((answer, repairs)) => {
                repairs.into_iter().for_each(|(kind, message)| issue(&columns.label, kind, false, message));
                answer
            }
            Err((kind, message)) => {
                issue(&columns.label, kind, true, message);
                continue;
            }
        };
        let id = filled(places.id).unwrap_or_else(|| format!("{stem}-{}", row.line));
        let document = filled(places.document)
            .map(|name| document_of_sentence(&name).map_or(name.clone(), String::from))
            .filter(|_| task == Task::Multilabel);
        let example = Example {
            text: if task == Task::Relation { marked(body, options.marking) } else { body },
            pair: filled(places.pair),
            words,
            gold: None,
            group: filled(places.group).or_else(|| document.clone()),
            document,
            line: row.line,
            id,
        };
        named.push(Named { example, answer });
    }
    Ok((named, issues))
}

/// A sentence with its entities marked as the user wants it.
fn marked(text: String, marking: Option<Marking>) -> String {
    match (marking::with_markers(&text), marking) {
        (Some(text), Some(Marking::Dummies)) => marking::with_dummies(&text),
        (Some(text), _) => text,
        (None, _) => text,
    }
}

/// A sentence as a model of relations reads it; `None` where no entities are marked in it.
pub fn marked_sentence(text: &str, marking: Option<Marking>) -> Option<String> {
    let text = marked(text.into(), marking);
    let has_pair = marking::with_markers(&text).is_some() || !marking::dummies(&text).is_empty();
    has_pair.then_some(text)
}

/// What divides the labels in the cells of a table.
pub fn separator(table: &Table, columns: &Columns, options: &Options) -> Option<String> {
    let index = places(table, columns).label?;
    match labels::writing(table, index, options.separator.as_deref()) {
        Writing::Separated(separator) => Some(separator),
        Writing::Flags | Writing::Alone => None,
    }
}

/// The text of a cell; a list is joined by spaces. Of PubMedQA's contexts beside their sections and the annotators' answers the
/// contexts alone are read, and of other objects nothing.
fn joined(cell: &Value) -> String {
    match cell {
        Value::Object(fields) => {
            let contexts = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("contexts"));
            contexts.map_or_else(String::new, |(_, contexts)| joined(contexts))
        }
        Value::Array(parts) if parts.iter().all(Value::is_string) => {
            parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        other => plain(other),
    }
}

/// What stands in a cell, without white space around it; `None` where nothing does.
pub fn said(cell: &Value) -> Option<String> {
    Some(joined(cell).trim().to_string()).filter(|said| !said.is_empty())
}

/// The text of a row and its words: tokens joined by spaces where the cell is a list.
fn body(row: &Row, text: Option<usize>, task: Task) -> (String, Vec<Range<usize>>) {
    let Some(cell) = text.map(|index| &row.cells[index]) else { return Default::default() };
    if let (Value::Array(tokens), true) = (cell, task.labels_words()) {
        let words: Vec<String> = tokens.iter().map(plain).collect();
        let sentence = Sentence { words, entities: vec![], document: None, line: row.line };
        let named = from_sentence(sentence, "", 0);
        return (named.example.text, named.example.words);
    }
    let body = joined(cell);
    let words = if task.labels_words() { words_of(&body) } else { Vec::new() };
    (body, words)
}

/// Whether a row says nothing of its answer. An empty list of labels or entities says that there are none, as an empty cell may.
fn unanswered(row: &Row, task: Task, places: &Places) -> bool {
    let Some(cell) = places.label.map(|index| &row.cells[index]) else { return false };
    let one = !task.labels_words() && task != Task::Multilabel;
    cell.is_null() || (one && plain(cell).trim().is_empty())
}

/// An answer with what had to be repaired in it, or why there is none.
type Answered = Result<(Option<NamedAnswer>, Vec<spans::Repair>), spans::Repair>;

fn answer(
    row: &Row,
    task: Task,
    places: &Places,
    (body, words): (&str, &[Range<usize>]),
    scheme: scheme::Scheme,
    writing: &Writing,
) -> Answered {
    if task == Task::Multilabel && !places.labels.is_empty() {
        let mut set = Vec::new();
        for (index, name) in &places.labels {
            if labels::holds(&row.cells[*index])? {
                set.push(name.clone());
            }
        }
        return Ok((Some(NamedAnswer::Labels(set)), vec![]));
    }
    let Some(index) = places.label else { return Ok((None, vec![])) };
    let cell = &row.cells[index];
    let text = plain(cell);
    let text = text.trim();
    let empty = || (IssueKind::EmptyLabel, "the label is empty".to_string());
    Ok(match task {
        Task::Multilabel => (Some(NamedAnswer::Labels(labels::labels_in(cell, writing)?)), vec![]),
        Task::Classification | Task::Relation | Task::Qa if text.is_empty() => return Err(empty()),
        Task::Classification | Task::Relation | Task::Qa => (Some(NamedAnswer::Class(text.into())), vec![]),
        Task::Similarity if text.is_empty() => return Err(empty()),
        Task::Similarity => match text.parse::<f64>() {
            Ok(score) if score.is_finite() => (Some(NamedAnswer::Score(score)), vec![]),
            _ => return Err((IssueKind::BadScore, format!("\"{}\" is no number", beginning(text)))),
        },
        Task::Ner | Task::Pico => {
            let (spans, repairs) = spans::entities(row, index, places.text, (body, words), scheme)?;
            (Some(NamedAnswer::Entities(spans)), repairs)
        }
    })
}

/// The name of what entities of all types are read as.
const ANY_TYPE: &str = "entity";

fn merge_types(named: &mut Named) {
    if let Some(NamedAnswer::Entities(spans)) = &mut named.answer {
        spans.iter_mut().for_each(|span| span.2 = ANY_TYPE.into());
    }
}

/// Sentences of a document as one text with the labels of all.
fn whole_documents(named: Vec<Named>) -> Vec<Named> {
    let mut whole: Vec<Named> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for Named { mut example, answer } in named {
        let Some(document) = example.document.take() else {
            whole.push(Named { example, answer });
            continue;
        };
        match places.get(&document) {
            None => {
                places.insert(document.clone(), whole.len());
                example.id = document;
                whole.push(Named { example, answer });
            }
            Some(&place) => {
                let known = &mut whole[place];
                known.example.text = format!("{} {}", known.example.text, example.text);
                if let (Some(NamedAnswer::Labels(all)), Some(NamedAnswer::Labels(more))) = (&mut known.answer, answer) {
                    all.extend(more);
                }
            }
        }
    }
    whole
}

/// The names of all labels in use, sorted.
pub fn label_names<'a>(examples: impl IntoIterator<Item = &'a Named>) -> Vec<String> {
    let mut names = BTreeSet::new();
    for named in examples {
        match &named.answer {
            Some(NamedAnswer::Class(name)) => drop(names.insert(name.clone())),
            Some(NamedAnswer::Labels(set)) => names.extend(set.iter().cloned()),
            Some(NamedAnswer::Entities(spans)) => names.extend(spans.iter().map(|span| span.2.clone())),
            Some(NamedAnswer::Score(_)) | None => {}
        }
    }
    names.into_iter().collect()
}

/// Turns names into indices of `labels`; `Err` with the line and the name that is not among them.
pub fn resolve(named: Named, labels: &[String]) -> Result<Example, (usize, String)> {
    let Named { mut example, answer } = named;
    let line = example.line;
    let index = |name: &String| labels.iter().position(|label| label == name).ok_or_else(|| (line, name.clone()));
    example.gold = match answer {
        None => None,
        Some(NamedAnswer::Score(score)) => Some(Gold::Score(score)),
        Some(NamedAnswer::Class(name)) => Some(Gold::Class(index(&name)?)),
        Some(NamedAnswer::Labels(names)) => {
            let set = names.iter().map(index).collect::<Result<BTreeSet<usize>, _>>()?;
            Some(Gold::Labels(set.into_iter().collect()))
        }
        Some(NamedAnswer::Entities(spans)) => {
            let span = |(start, end, name): NamedSpan| Ok(Span { start, end, label: index(&name)? });
            Some(Gold::Entities(spans.into_iter().map(span).collect::<Result<_, _>>()?))
        }
    };
    Ok(example)
}
