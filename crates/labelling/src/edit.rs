//! What an action changes, row by row, so that it can be taken back and done again.

use crate::label::{LabelKind, write_label};
use crate::project::now;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use specta::Type;

/// One row before and after; `None` where there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub(crate) enum Edit {
    Span {
        id: u32,
        before: Option<SpanRow>,
        after: Option<SpanRow>,
    },
    Relation {
        id: u32,
        before: Option<RelationRow>,
        after: Option<RelationRow>,
    },
    Answer {
        before: Option<AnswerRow>,
        after: Option<AnswerRow>,
    },
    Decision {
        suggestion: u32,
        before: Option<bool>,
        after: Option<bool>,
    },
    /// Of the label set, which is the same for all documents and annotators.
    Label {
        id: u32,
        before: Option<LabelRow>,
        after: Option<LabelRow>,
    },
    /// In another document than the step is about.
    In {
        document: u32,
        edit: Box<Edit>,
    },
}

/// What is marked, whatever id it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SpanRow {
    /// Characters of the text, the end excluded.
    pub start: u32,
    pub end: u32,
    pub label: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RelationRow {
    pub head: u32,
    pub tail: u32,
    pub label: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct AnswerRow {
    pub labels: Vec<u32>,
    pub score: Option<f64>,
    pub done: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LabelRow {
    pub name: String,
    pub kind: LabelKind,
    pub description: String,
    pub colour: String,
    pub key: String,
    pub place: usize,
}

/// Whose work on which document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub document: u32,
    pub annotator: u32,
}

impl Edit {
    /// Puts the row into its new state.
    pub fn apply(&self, connection: &Connection, place: Place) -> rusqlite::Result<()> {
        match self {
            Edit::Span { id, after, .. } => write_span(connection, place, *id, *after),
            Edit::Relation { id, after, .. } => write_relation(connection, place, *id, *after),
            Edit::Answer { after, .. } => write_answer(connection, place, after.as_ref()),
            Edit::Decision { suggestion, after, .. } => write_decision(connection, place, *suggestion, *after),
            Edit::Label { id, after, .. } => write_label(connection, *id, after.as_ref()),
            Edit::In { document, edit } => edit.apply(connection, Place { document: *document, ..place }),
        }
    }

    /// The edit that takes this one back.
    pub fn reversed(self) -> Edit {
        match self {
            Edit::Span { id, before, after } => Edit::Span { id, before: after, after: before },
            Edit::Relation { id, before, after } => Edit::Relation { id, before: after, after: before },
            Edit::Answer { before, after } => Edit::Answer { before: after, after: before },
            Edit::Decision { suggestion, before, after } => Edit::Decision { suggestion, before: after, after: before },
            Edit::Label { id, before, after } => Edit::Label { id, before: after, after: before },
            Edit::In { document, edit } => Edit::In { document, edit: Box::new(edit.reversed()) },
        }
    }
}

fn write_span(connection: &Connection, place: Place, id: u32, row: Option<SpanRow>) -> rusqlite::Result<()> {
    let Some(SpanRow { start, end, label }) = row else {
        return connection.prepare_cached("DELETE FROM spans WHERE id = ?1")?.execute([id]).map(|_| ());
    };
    let mut statement = connection.prepare_cached(
        "INSERT INTO spans (id, document, annotator, label, start, end, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET label = ?4, start = ?5, end = ?6, at = ?7",
    )?;
    statement.execute(params![id, place.document, place.annotator, label, start, end, now()]).map(|_| ())
}

fn write_relation(connection: &Connection, place: Place, id: u32, row: Option<RelationRow>) -> rusqlite::Result<()> {
    let Some(RelationRow { head, tail, label }) = row else {
        return connection.prepare_cached("DELETE FROM relations WHERE id = ?1")?.execute([id]).map(|_| ());
    };
    let mut statement = connection.prepare_cached(
        "INSERT INTO relations (id, document, annotator, label, head, tail, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET label = ?4, head = ?5, tail = ?6, at = ?7",
    )?;
    statement.execute(params![id, place.document, place.annotator, label, head, tail, now()]).map(|_| ())
}

fn write_answer(connection: &Connection, place: Place, row: Option<&AnswerRow>) -> rusqlite::Result<()> {
    let Some(row) = row else {
        let mut statement = connection.prepare_cached("DELETE FROM answers WHERE document = ?1 AND annotator = ?2")?;
        return statement.execute(params![place.document, place.annotator]).map(|_| ());
    };
    let labels = serde_json::to_string(&row.labels).unwrap_or_default();
    let mut statement = connection.prepare_cached(
        "INSERT INTO answers (document, annotator, labels, score, done, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (document, annotator) DO UPDATE SET labels = ?3, score = ?4, done = ?5, at = ?6",
    )?;
    statement.execute(params![place.document, place.annotator, labels, row.score, row.done, now()]).map(|_| ())
}

/// A suggestion may have gone with a later round; then there is nothing to decide any more.
fn write_decision(connection: &Connection, place: Place, suggestion: u32, row: Option<bool>) -> rusqlite::Result<()> {
    let Some(accepted) = row else {
        let mut statement =
            connection.prepare_cached("DELETE FROM decisions WHERE suggestion = ?1 AND annotator = ?2")?;
        return statement.execute(params![suggestion, place.annotator]).map(|_| ());
    };
    let mut statement = connection.prepare_cached(
        "INSERT INTO decisions (suggestion, annotator, accepted, at)
         SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM suggestions WHERE id = ?1)
         ON CONFLICT (suggestion, annotator) DO UPDATE SET accepted = ?3, at = ?4",
    )?;
    statement.execute(params![suggestion, place.annotator, accepted, now()]).map(|_| ())
}

/// An id that no row of the table has or ever had.
pub(crate) fn new_id(connection: &Connection, table: &str) -> rusqlite::Result<u32> {
    connection
        .prepare_cached("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?1), 0) + 1")?
        .query_row([table], |row| row.get(0))
}

pub(crate) fn spans(connection: &Connection, place: Place) -> rusqlite::Result<Vec<(u32, SpanRow)>> {
    let mut rows = connection.prepare_cached(
        "SELECT id, start, end, label FROM spans WHERE document = ?1 AND annotator = ?2 ORDER BY start, end DESC, id",
    )?;
    let made = rows.query_map([place.document, place.annotator], |row| {
        Ok((row.get(0)?, SpanRow { start: row.get(1)?, end: row.get(2)?, label: row.get(3)? }))
    })?;
    made.collect()
}

pub(crate) fn relations(connection: &Connection, place: Place) -> rusqlite::Result<Vec<(u32, RelationRow)>> {
    let mut rows = connection.prepare_cached(
        "SELECT id, head, tail, label FROM relations WHERE document = ?1 AND annotator = ?2 ORDER BY id",
    )?;
    let made = rows.query_map([place.document, place.annotator], |row| {
        Ok((row.get(0)?, RelationRow { head: row.get(1)?, tail: row.get(2)?, label: row.get(3)? }))
    })?;
    made.collect()
}

pub(crate) fn answer(connection: &Connection, place: Place) -> rusqlite::Result<Option<AnswerRow>> {
    let mut rows =
        connection.prepare_cached("SELECT labels, score, done FROM answers WHERE document = ?1 AND annotator = ?2")?;
    let read = |row: &rusqlite::Row| {
        let labels: String = row.get(0)?;
        Ok(AnswerRow {
            labels: serde_json::from_str(&labels).unwrap_or_default(),
            score: row.get(1)?,
            done: row.get(2)?,
        })
    };
    rows.query_row([place.document, place.annotator], read).optional()
}
