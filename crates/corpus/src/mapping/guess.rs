//! What a file is about and which column means what, from names and content, where the user does not say.

use super::marking;
use super::{Columns, is_blank, labels, plain};
use crate::dataset::Answers;
use crate::read::spans::spans_in;
use crate::read::{Content, Sentence, Table};
use crate::{DataError, Document, Options, Task};
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;

/// Names under which people keep these columns, the most telling first.
const TEXT_NAMES: [&str; 15] = [
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
    "text1",
    "section_text",
    "question",
    "title",
];
const FIRST_NAMES: [&str; 6] = ["sent1", "sentence1", "text1", "s1", "sentence_a", "sentence 1"];
const SECOND_NAMES: [&str; 6] = ["sent2", "sentence2", "text2", "s2", "sentence_b", "sentence 2"];
const QUESTION_NAMES: [&str; 2] = ["question", "query"];
const CONTEXT_NAMES: [&str; 8] =
    ["context", "contexts", "passage", "abstract", "snippet", "evidence", "text", "document"];
const LABEL_NAMES: [&str; 14] = [
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
    "relation",
    "relation_type",
    "tag",
    "y",
];
const ANSWER_NAMES: [&str; 3] = ["final_decision", "answer", "decision"];
const SCORE_NAMES: [&str; 7] = ["score", "similarity", "rating", "relatedness", "gold", "label", "target"];
const SPAN_NAMES: [&str; 6] = ["entities", "spans", "annotations", "label", "labels", "mentions"];
const TOKEN_NAMES: [&str; 2] = ["tokens", "words"];
const TAG_NAMES: [&str; 4] = ["tags", "ner_tags", "labels", "ner"];
const ID_NAMES: [&str; 6] = ["id", "index", "pmid", "uid", "pair_id", "note_id"];
const GROUP_NAMES: [&str; 6] = ["group", "patient", "patient_id", "subject", "subject_id", "document_id"];
const DOCUMENT_NAMES: [&str; 3] = ["document_id", "doc_id", "abstract_id"];

/// What EBM-NLP and its like call their types.
const PICO_TYPES: [&str; 12] = [
    "par",
    "int",
    "out",
    "participants",
    "participant",
    "population",
    "interventions",
    "intervention",
    "outcomes",
    "outcome",
    "comparator",
    "control",
];

/// More distinct values than this are no classes.
pub const MOST_CLASSES: usize = 100;

/// Rows that are looked at to tell what a column holds.
const SAMPLE: usize = 500;

/// Columns whose names say that they hold an answer, which is never input.
const NEVER_INPUT: [&str; 4] = ["long_answer", "ideal_answer", "exact_answer", "reasoning"];

pub fn task(content: &Content, options: &Options) -> Task {
    match content {
        Content::Sentences(sentences, _) => of_sentences(sentences),
        Content::Texts(..) => Task::Classification,
        Content::Documents(documents, _) => of_documents(documents),
        Content::Table(table) => of_table(table, options),
    }
}

fn of_sentences(sentences: &[Sentence]) -> Task {
    let types: HashSet<String> =
        sentences.iter().flat_map(|sentence| &sentence.entities).map(|entity| entity.2.to_lowercase()).collect();
    let pico = types.len() >= 2 && types.iter().all(|name| PICO_TYPES.contains(&name.as_str()));
    if pico { Task::Pico } else { Task::Ner }
}

fn of_documents(documents: &[Document]) -> Task {
    let any = |fits: fn(&Document) -> bool| documents.iter().any(fits);
    if any(|document| !document.relations.is_empty()) {
        Task::Relation
    } else if any(|document| !document.mentions.is_empty()) {
        Task::Ner
    } else if any(|document| document.labels.len() > 1) {
        Task::Multilabel
    } else {
        Task::Classification
    }
}

fn of_table(table: &Table, options: &Options) -> Task {
    if !options.labels.is_empty() {
        return Task::Multilabel;
    }
    let has = |names: &[&str]| find(table, names).is_some();
    if (has(&TOKEN_NAMES) && has(&TAG_NAMES)) || span_column(table).is_some() {
        return Task::Ner;
    }
    if has(&QUESTION_NAMES) && has(&CONTEXT_NAMES) && (has(&ANSWER_NAMES) || has(&LABEL_NAMES)) {
        return Task::Qa;
    }
    let named = options.label.as_ref().and_then(|name| table.columns.iter().position(|column| column == name));
    if has(&FIRST_NAMES)
        && has(&SECOND_NAMES)
        && named.or_else(|| find(table, &SCORE_NAMES)).is_some_and(is_graded(table))
    {
        return Task::Similarity;
    }
    let label = named.or_else(|| find(table, &LABEL_NAMES));
    let binary = binary_columns(table);
    let has_class = || class_column(table).is_some_and(|index| !binary.contains(&table.columns[index]));
    if label.is_some_and(|index| labels::holds_several(table, index))
        || (label.is_none() && binary.len() > 1 && !has_class())
    {
        return Task::Multilabel;
    }
    let text = guess_text(table, label.map(|index| table.columns[index].as_str()));
    if text.is_some_and(|index| marking::is_marked(table, index)) { Task::Relation } else { Task::Classification }
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

/// Whether a column holds grades rather than the numbers of a few classes.
fn is_graded(table: &Table) -> impl Fn(usize) -> bool + '_ {
    |index: usize| {
        let cells = || table.rows.iter().map(|row| plain(&row.cells[index]));
        let filled: Vec<String> = cells().filter(|cell| !cell.trim().is_empty()).collect();
        let numbers: Vec<f64> = filled.iter().filter_map(|cell| cell.trim().parse().ok()).collect();
        let different: HashSet<u64> = numbers.iter().map(|number| number.to_bits()).collect();
        let name = table.columns[index].to_lowercase();
        let telling = ["score", "similarity", "rating", "relatedness"].contains(&name.as_str());
        let graded = numbers.iter().any(|number| number.fract() != 0.0) || different.len() > 10;
        !filled.is_empty() && numbers.len() * 10 >= filled.len() * 9 && (telling || graded)
    }
}

/// The last column of numbers that are no ids.
fn number_column(table: &Table) -> Option<usize> {
    let id = find(table, &ID_NAMES);
    (0..table.columns.len()).rev().find(|&index| Some(index) != id && is_number(table, index))
}

fn is_number(table: &Table, index: usize) -> bool {
    let filled = || table.rows.iter().take(SAMPLE).map(|row| plain(&row.cells[index]));
    let filled = || filled().filter(|cell| !cell.trim().is_empty());
    let (all, numbers) = (filled().count(), filled().filter(|cell| cell.trim().parse::<f64>().is_ok()).count());
    all > 0 && numbers * 10 >= all * 9
}

/// Columns that hold nothing but 0 and 1.
fn binary_columns(table: &Table) -> Vec<String> {
    let is_binary = |index: usize| {
        let mut cells = table.rows.iter().map(|row| &row.cells[index]).filter(|cell| !is_blank(cell));
        let mut seen = false;
        let all = cells.by_ref().all(|cell| {
            seen = true;
            matches!(plain(cell).trim(), "0" | "1" | "true" | "false" | "True" | "False")
        });
        seen && all
    };
    (0..table.columns.len()).filter(|&index| is_binary(index)).map(|index| table.columns[index].clone()).collect()
}

/// The columns in use: those the user named, else guessed from names, else from content. An empty name says
/// that there is no such column, however the others are called.
pub fn columns(
    table: &Table,
    task: Task,
    options: &Options,
    answers: Answers,
    path: &Path,
) -> Result<Columns, DataError> {
    let known = |name: &String| match table.columns.iter().find(|column| *column == name) {
        Some(column) => Ok(column.clone()),
        None => {
            Err(DataError::ColumnMissing { path: path.into(), name: name.clone(), available: table.columns.clone() })
        }
    };
    let named = |wanted: &Option<String>| wanted.as_ref().filter(|name| !name.is_empty()).map(known).transpose();
    let name_at = |index: usize| table.columns[index].clone();
    let unclear = |role| DataError::ColumnUnclear { path: path.into(), role, available: table.columns.clone() };
    let mut several = options.labels.iter().map(known).collect::<Result<Vec<String>, _>>()?;
    let has_tokens = task.labels_words() && options.text.is_none() && find(table, &TOKEN_NAMES).is_some();
    let label = match named(&options.label)? {
        Some(label) => Some(label),
        None if answers == Answers::Ignored || !several.is_empty() => None,
        None if answers == Answers::Possible => label_by_name(table, task, has_tokens)
            .filter(|_| options.label.is_none())
            .map(name_at)
            .filter(|name| Some(name) != options.text.as_ref() && Some(name) != options.pair.as_ref()),
        None => match guess_label(table, task, has_tokens).map(name_at) {
            None if task == Task::Multilabel && !binary_columns(table).is_empty() => {
                several = binary_columns(table);
                None
            }
            guessed => Some(guessed.ok_or_else(|| unclear("label"))?),
        },
    };
    let first_names: &[&str] = match task {
        Task::Similarity => &FIRST_NAMES,
        Task::Qa => &QUESTION_NAMES,
        _ => &[],
    };
    let text = match named(&options.text)? {
        Some(text) => text,
        None if has_tokens => find(table, &TOKEN_NAMES).map(name_at).ok_or_else(|| unclear("text"))?,
        None => find(table, first_names)
            .or_else(|| guess_text(table, label.as_deref()))
            .map(name_at)
            .ok_or_else(|| unclear("text"))?,
    };
    let taken = |name: &String| *name == text || Some(name) == label.as_ref() || several.contains(name);
    let pair = match named(&options.pair)? {
        None if task.is_about_pairs() && options.pair.is_none() => {
            let names: &[&str] = if task == Task::Qa { &CONTEXT_NAMES } else { &SECOND_NAMES };
            let by_name = names.iter().filter_map(|name| find(table, &[name])).map(name_at).find(|name| !taken(name));
            let is_input = |name: &String| !NEVER_INPUT.contains(&name.to_lowercase().as_str());
            let free = |name: &String| !taken(name) && is_input(name) && is_text(table, name);
            let longest = || (0..table.columns.len()).map(name_at).filter(free);
            let by_length = || longest().max_by_key(|name| mean_length(table, name));
            Some(by_name.or_else(by_length).ok_or_else(|| unclear("pair"))?)
        }
        pair => pair,
    };
    let spare = |wanted: &Option<String>, names: &[&str]| {
        let open = wanted.is_none();
        let found = open.then(|| find(table, names)).flatten().map(name_at);
        found.filter(|name| !taken(name) && Some(name) != pair.as_ref())
    };
    let id = named(&options.id)?.or_else(|| spare(&options.id, &ID_NAMES));
    let document = match named(&options.document)? {
        None if task == Task::Multilabel => spare(&options.document, &DOCUMENT_NAMES)
            .or_else(|| id.clone().filter(|id| options.document.is_none() && names_sentences(table, id))),
        document => document,
    };
    Ok(Columns {
        group: named(&options.group)?.or_else(|| spare(&options.group, &GROUP_NAMES)),
        id,
        pair,
        text: Some(text),
        label,
        labels: several,
        document,
    })
}

/// Whether ids say which sentence of which document a row is, as `20110274_s3`.
fn names_sentences(table: &Table, column: &str) -> bool {
    let Some(index) = table.columns.iter().position(|name| name == column) else { return false };
    let ids: Vec<String> = table.rows.iter().take(SAMPLE).map(|row| plain(&row.cells[index])).collect();
    let documents: HashSet<&str> = ids.iter().filter_map(|id| super::document_of_sentence(id)).collect();
    let fitting = ids.iter().filter(|id| super::document_of_sentence(id).is_some()).count();
    !ids.is_empty() && fitting == ids.len() && documents.len() < ids.len()
}

fn mean_length(table: &Table, column: &str) -> usize {
    let Some(index) = table.columns.iter().position(|name| name == column) else { return 0 };
    table.rows.iter().take(SAMPLE).map(|row| plain(&row.cells[index]).len()).sum()
}

/// Whether a column holds more than numbers.
fn is_text(table: &Table, column: &str) -> bool {
    let Some(index) = table.columns.iter().position(|name| name == column) else { return false };
    let cells = || table.rows.iter().take(SAMPLE).map(|row| plain(&row.cells[index]));
    cells().any(|cell| cell.trim().parse::<f64>().is_err() && cell.split_whitespace().count() > 1)
}

fn guess_text(table: &Table, label: Option<&str>) -> Option<usize> {
    let free = |&index: &usize| Some(table.columns[index].as_str()) != label;
    find(table, &TEXT_NAMES).filter(free).or_else(|| {
        let mean = |index: usize| mean_length(table, &table.columns[index]);
        (0..table.columns.len()).filter(free).max_by_key(|&index| mean(index)).filter(|&index| mean(index) > 0)
    })
}

fn guess_label(table: &Table, task: Task, has_tokens: bool) -> Option<usize> {
    label_by_name(table, task, has_tokens).or_else(|| match task {
        Task::Ner | Task::Pico => None,
        Task::Similarity => number_column(table),
        Task::Multilabel => (0..table.columns.len()).find(|&index| labels::holds_several(table, index)),
        Task::Classification | Task::Relation | Task::Qa => class_column(table),
    })
}

/// The column of the answers by its usual name.
fn label_by_name(table: &Table, task: Task, has_tokens: bool) -> Option<usize> {
    match task {
        Task::Ner | Task::Pico if has_tokens => find(table, &TAG_NAMES),
        Task::Ner | Task::Pico => span_column(table),
        Task::Similarity => {
            SCORE_NAMES.iter().filter_map(|name| find(table, &[*name])).find(|&index| is_number(table, index))
        }
        Task::Qa => find(table, &ANSWER_NAMES).or_else(|| find(table, &LABEL_NAMES)),
        Task::Multilabel | Task::Classification | Task::Relation => find(table, &LABEL_NAMES),
    }
}

fn class_column(table: &Table) -> Option<usize> {
    find(table, &LABEL_NAMES).or_else(|| {
        let text = find(table, &TEXT_NAMES);
        let candidates = (0..table.columns.len()).rev().filter(|&index| Some(index) != text);
        candidates.into_iter().find(|&index| {
            let values: HashSet<String> = table.rows.iter().map(|row| plain(&row.cells[index])).collect();
            (2..=MOST_CLASSES).contains(&values.len()) && values.len() * 2 <= table.rows.len()
        })
    })
}

/// Whether a value is a list of names rather than of spans.
pub fn is_list_of_names(cell: &Value) -> bool {
    cell.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(|name| name.is_string() || name.is_number()))
}
