//! Where two annotators differ, and what a third takes over of it: the settled version stands beside theirs, so that how far they
//! agreed can still be told.

use crate::edit::{AnswerRow, Edit, Place, RelationRow, SpanRow, answer, new_id, relations, spans};
use crate::history::note;
use crate::{LabellingError, Project, Result};
use corpus::{AnswerForm, Task};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Something that an annotator says of a document, whatever ids it has.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Said {
    Span { span: SpanRow },
    Relation { head: SpanRow, tail: SpanRow, label: u32 },
    Label { label: u32 },
    Score { score: f64 },
}

/// One place where two differ: spans that overlap one another belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Dispute {
    pub first: Vec<Said>,
    pub second: Vec<Said>,
}

/// All that one annotator says of a document.
#[derive(Debug, Clone, Default, PartialEq)]
struct Opinion {
    spans: Vec<SpanRow>,
    relations: Vec<(SpanRow, SpanRow, u32)>,
    labels: Vec<u32>,
    score: Option<f64>,
}

impl Project {
    /// Where two annotators differ on a document, in the order of the text.
    pub fn differences(&self, document: u32, first: u32, second: u32) -> Result<Vec<Dispute>> {
        disputes(&self.connection, self.task()?, document, first, second).map_err(self.database())
    }

    /// Has a third annotator take over what two agree on, in every document that both have done and the third has not begun.
    /// Those without a difference are done with that.
    pub fn settle(&mut self, settler: u32, first: u32, second: u32) -> Result<()> {
        if settler == first || settler == second {
            return Err(LabellingError::SettledByOneOfThem);
        }
        let (failed, task) = (self.database(), self.task()?);
        self.whole(|transaction| {
            let write = || -> rusqlite::Result<()> {
                let mut both = transaction.prepare(
                    "SELECT document FROM answers AS own WHERE annotator = ?1 AND done = 1
                     AND EXISTS (SELECT 1 FROM answers WHERE document = own.document AND annotator = ?2 AND done = 1)
                     AND NOT EXISTS (SELECT 1 FROM answers WHERE document = own.document AND annotator = ?3)
                     AND NOT EXISTS (SELECT 1 FROM spans WHERE document = own.document AND annotator = ?3)",
                )?;
                let documents = both.query_map([first, second, settler], |row| row.get(0))?;
                let mut all = Vec::new();
                for document in documents.collect::<rusqlite::Result<Vec<u32>>>()? {
                    let [a, b] = [first, second].map(|annotator| opinion(transaction, Place { document, annotator }));
                    let (a, b) = (a?, b?);
                    let done = differences(task, &a, &b).is_empty();
                    let edits =
                        adopt(transaction, Place { document, annotator: settler }, &common(task, &a, &b), done)?;
                    all.extend(edits.into_iter().map(|edit| Edit::In { document, edit: Box::new(edit) }));
                }
                note(transaction, (settler, None), "settle-all", &all)
            };
            write().map_err(&failed)
        })
    }
}

pub(crate) fn disputes(
    connection: &Connection,
    task: Task,
    document: u32,
    first: u32,
    second: u32,
) -> rusqlite::Result<Vec<Dispute>> {
    let [a, b] = [first, second].map(|annotator| opinion(connection, Place { document, annotator }));
    Ok(differences(task, &a?, &b?))
}

fn opinion(connection: &Connection, place: Place) -> rusqlite::Result<Opinion> {
    let spans = spans(connection, place)?;
    let span = |id: u32| spans.iter().find(|(own, _)| *own == id).map(|(_, row)| *row);
    let joined = |(_, row): (u32, RelationRow)| Some((span(row.head)?, span(row.tail)?, row.label));
    let relations = relations(connection, place)?.into_iter().filter_map(joined).collect();
    let AnswerRow { labels, score, .. } = answer(connection, place)?.unwrap_or_default();
    Ok(Opinion { spans: spans.iter().map(|(_, row)| *row).collect(), relations, labels, score })
}

/// What both say. Of several classes a text has one: there the labels are the same or none.
fn common(task: Task, a: &Opinion, b: &Opinion) -> Opinion {
    fn shared<T: PartialEq + Copy>(a: &[T], b: &[T]) -> Vec<T> {
        a.iter().filter(|item| b.contains(item)).copied().collect()
    }
    let whole = task.form() == AnswerForm::Labels || a.labels == b.labels;
    Opinion {
        spans: shared(&a.spans, &b.spans),
        relations: shared(&a.relations, &b.relations),
        labels: if whole { shared(&a.labels, &b.labels) } else { Vec::new() },
        score: a.score.filter(|_| a.score == b.score),
    }
}

fn differences(task: Task, a: &Opinion, b: &Opinion) -> Vec<Dispute> {
    let mut found = span_differences(&a.spans, &b.spans);
    let relation = |&(head, tail, label): &(SpanRow, SpanRow, u32)| Said::Relation { head, tail, label };
    found.extend(alone(&a.relations, &b.relations, relation));
    let label = |&label: &u32| Said::Label { label };
    if task.form() == AnswerForm::Labels {
        found.extend(alone(&a.labels, &b.labels, label));
    } else if a.labels != b.labels {
        found.push(Dispute {
            first: a.labels.iter().map(label).collect(),
            second: b.labels.iter().map(label).collect(),
        });
    }
    if a.score != b.score {
        let said = |score: Option<f64>| score.map(|score| Said::Score { score }).into_iter().collect();
        found.push(Dispute { first: said(a.score), second: said(b.score) });
    }
    found
}

/// What only one of the two has, each for itself.
fn alone<T: PartialEq>(a: &[T], b: &[T], said: impl Fn(&T) -> Said) -> Vec<Dispute> {
    let first =
        a.iter().filter(|item| !b.contains(item)).map(|item| Dispute { first: vec![said(item)], second: vec![] });
    let second =
        b.iter().filter(|item| !a.contains(item)).map(|item| Dispute { first: vec![], second: vec![said(item)] });
    first.chain(second).collect()
}

fn span_differences(a: &[SpanRow], b: &[SpanRow]) -> Vec<Dispute> {
    let first = a.iter().filter(|row| !b.contains(row)).map(|row| (*row, true));
    let mut own: Vec<(SpanRow, bool)> =
        first.chain(b.iter().filter(|row| !a.contains(row)).map(|row| (*row, false))).collect();
    own.sort_by_key(|(row, _)| (row.start, row.end));
    let mut found: Vec<Dispute> = Vec::new();
    let mut reached = 0;
    for (row, is_first) in own {
        if found.is_empty() || row.start >= reached {
            found.push(Dispute { first: Vec::new(), second: Vec::new() });
        }
        reached = reached.max(row.end);
        if let Some(last) = found.last_mut() {
            let side = if is_first { &mut last.first } else { &mut last.second };
            side.push(Said::Span { span: row });
        }
    }
    found
}

/// Says what two others say, in a document of which nothing has been said. Answers with what that changed.
fn adopt(connection: &Connection, place: Place, opinion: &Opinion, done: bool) -> rusqlite::Result<Vec<Edit>> {
    let (mut ids, mut edits) = (Vec::with_capacity(opinion.spans.len()), Vec::new());
    let mut put = |edit: Edit| -> rusqlite::Result<()> {
        edit.apply(connection, place)?;
        edits.push(edit);
        Ok(())
    };
    for row in &opinion.spans {
        let id = new_id(connection, "spans")?;
        put(Edit::Span { id, before: None, after: Some(*row) })?;
        ids.push(id);
    }
    let id_of = |row: &SpanRow| opinion.spans.iter().position(|own| own == row).map(|at| ids[at]);
    for (head, tail, label) in &opinion.relations {
        if let (Some(head), Some(tail)) = (id_of(head), id_of(tail)) {
            let id = new_id(connection, "relations")?;
            let after = Some(RelationRow { head, tail, label: *label });
            put(Edit::Relation { id, before: None, after })?;
        }
    }
    let Opinion { labels, score, .. } = opinion;
    let after = Some(AnswerRow { labels: labels.clone(), score: *score, done });
    put(Edit::Answer { before: None, after })?;
    Ok(edits)
}
