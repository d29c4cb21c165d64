//! From documents with entities, relations and labels to the examples of a task.

use super::candidates::{self, candidates};
use super::marking::Marking;
use super::spans::align;
use super::{Named, NamedAnswer, from_text};
use crate::{DataError, Document, Issue, IssueKind, Options, Task};
use std::path::Path;

pub fn examples(
    documents: Vec<Document>,
    mut issues: Vec<Issue>,
    task: Task,
    (options, labelled): (&Options, bool),
    path: &Path,
    ahead: &dyn Fn(usize) -> bool,
) -> Result<(Vec<Named>, Vec<Issue>), DataError> {
    let signatures = match task {
        Task::Relation if !options.pairs.is_empty() => options.pairs.iter().cloned().collect(),
        // Without relations every pair of types may be related.
        Task::Relation if !labelled => candidates::all_signatures(&documents),
        Task::Relation => candidates::signatures(&documents),
        _ => Default::default(),
    };
    let mut named = Vec::new();
    for (number, document) in documents.into_iter().enumerate() {
        if number % 256 == 0 && !ahead(number) {
            return Err(DataError::Cancelled);
        }
        let file = if document.file.as_os_str().is_empty() { path.to_path_buf() } else { document.file.clone() };
        let mut issue = |line, kind, rejected, message| {
            issues.push(Issue { file: file.clone(), line, column: None, kind, rejected, message });
        };
        if document.text.trim().is_empty() {
            issue(document.line, IssueKind::EmptyText, true, format!("the text of {} is empty", document.id));
            continue;
        }
        if !labelled && task != Task::Relation {
            named.push(from_text(document.text, document.id, document.line, task));
            continue;
        }
        match task {
            Task::Ner | Task::Pico => named.extend(of_spans(document, task, &mut issue)),
            Task::Relation => {
                let marking = options.marking.unwrap_or(Marking::Dummies);
                let (found, notes) = candidates(&document, &signatures, marking);
                if labelled {
                    notes
                        .into_iter()
                        .for_each(|(line, message)| issue(line, IssueKind::RelationLeftOut, false, message));
                }
                for (place, candidate) in found.into_iter().enumerate() {
                    let id = format!("{}-{}", document.id, place + 1);
                    let mut one = from_text(candidate.text, id, candidate.line, task);
                    one.example.group = Some(document.id.clone());
                    one.answer = labelled.then_some(NamedAnswer::Class(candidate.label));
                    named.push(one);
                }
            }
            Task::Multilabel => {
                let labels = document.labels.clone();
                let one = from_text(document.text, document.id, document.line, task);
                named.push(Named { answer: Some(NamedAnswer::Labels(labels)), ..one });
            }
            Task::Classification | Task::Similarity | Task::Qa => match document.labels.as_slice() {
                [label] => {
                    let answer = Some(NamedAnswer::Class(label.clone()));
                    named.push(Named { answer, ..from_text(document.text, document.id, document.line, task) });
                }
                [] => issue(document.line, IssueKind::EmptyLabel, true, format!("{} has no label", document.id)),
                labels => {
                    let message = format!("{} has {} labels where one is wanted", document.id, labels.len());
                    issue(document.line, IssueKind::UnknownLabel, true, message);
                }
            },
        }
    }
    Ok((named, issues))
}

/// A whole document with its entities. One that is wrong costs the document, since an entity that is merely left away would
/// teach the model that it is none.
fn of_spans(document: Document, task: Task, issue: &mut dyn FnMut(usize, IssueKind, bool, String)) -> Option<Named> {
    let mut spans = Vec::new();
    for mention in &document.mentions {
        let Some(range) = mention.hull() else { continue };
        if mention.ranges.len() > 1 {
            let message = format!("{} ({}) lies in {} parts", mention.id, mention.kind, mention.ranges.len());
            let message = format!("{message}; read as one, {}..{}", range.start, range.end);
            issue(mention.line, IssueKind::SpanDiscontinuous, false, message);
        }
        spans.push((range.start, range.end, mention.kind.clone()));
    }
    let mut named = from_text(document.text, document.id, document.line, task);
    match align(spans, named.example.text.chars().count(), &named.example.words) {
        Ok((spans, repairs)) => {
            repairs.into_iter().for_each(|(kind, message)| issue(document.line, kind, false, message));
            named.answer = Some(NamedAnswer::Entities(spans));
            Some(named)
        }
        Err((kind, message)) => {
            issue(document.line, kind, true, message);
            None
        }
    }
}
