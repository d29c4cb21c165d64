//! Documents in, with or without labels, and what annotators decided out.

use crate::edit::{AnswerRow, Edit, Place, RelationRow, SpanRow, answer, new_id, relations, spans};
use crate::label::{LabelKind, label_named};
use crate::project::now;
use crate::{LabellingError, Project, Result};
use random::{Purpose, Stream};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashMap;

/// A document to take in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewDocument {
    pub name: String,
    pub text: String,
    pub pair: Option<String>,
    pub patient: Option<String>,
    pub spans: Vec<NewSpan>,
    pub relations: Vec<NewRelation>,
    pub labels: Vec<String>,
    pub score: Option<f64>,
    /// Whether it counts as labelled: one without any entity may be.
    pub done: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NewSpan {
    pub start: usize,
    pub end: usize,
    pub label: String,
}

/// Between two of a document's spans, by their places in its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRelation {
    pub head: usize,
    pub tail: usize,
    pub label: String,
}

/// What came in together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportCard {
    pub id: u32,
    /// As RFC 3339 says.
    pub at: String,
    pub annotator: String,
    /// The name of the file or folder.
    pub source: String,
    /// Texts of it that are in the project.
    pub documents: usize,
    /// Of these, how many somebody has done.
    pub done: usize,
}

/// What has come of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Imported {
    pub added: usize,
    /// Were there already, with the same name and text.
    pub known: usize,
    pub labelled: usize,
}

/// A document and what one annotator decided on it, with labels by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    pub id: u32,
    pub document: NewDocument,
}

impl Project {
    /// Takes in documents, all or none: labels that they bring are added to the label set, and what is marked in them counts as
    /// the annotator's. `tell` hears how many are in, and may stop the import by answering `false`; then `None` comes back and
    /// nothing is changed. `source` is what the import is called.
    pub fn import(
        &mut self,
        annotator: u32,
        source: &str,
        documents: impl IntoIterator<Item = NewDocument>,
        tell: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Option<Imported>> {
        let failed = self.database();
        // Dropping a transaction takes it back.
        let transaction = self.connection.transaction().map_err(&failed)?;
        let mut made = Imported::default();
        transaction
            .execute(
                "INSERT INTO imports (at, annotator, source) VALUES (?1, ?2, ?3)",
                params![now(), annotator, source],
            )
            .map_err(&failed)?;
        let import = transaction.last_insert_rowid();
        for document in documents {
            add(&transaction, (annotator, import), document, &mut made, &failed)?;
            if !tell(made.added + made.known) {
                return Ok(None);
            }
        }
        transaction.commit().map_err(failed)?;
        Ok(Some(made))
    }

    /// The imports of which texts are in the project, the last one first.
    pub fn imports(&self) -> Result<Vec<ImportCard>> {
        let failed = self.database();
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT imports.id, at, annotators.name, source,
                        (SELECT count(*) FROM documents WHERE import = imports.id) AS held,
                        (SELECT count(*) FROM documents WHERE import = imports.id AND EXISTS
                            (SELECT 1 FROM answers WHERE answers.document = documents.id AND done = 1))
                 FROM imports JOIN annotators ON annotators.id = annotator WHERE held > 0 ORDER BY imports.id DESC",
            )
            .map_err(&failed)?;
        let read = |row: &Row| {
            Ok(ImportCard {
                id: row.get(0)?,
                at: row.get(1)?,
                annotator: row.get(2)?,
                source: row.get(3)?,
                documents: row.get(4)?,
                done: row.get(5)?,
            })
        };
        statement.query_map([], read).and_then(Iterator::collect).map_err(failed)
    }

    /// Takes the texts of an import out of the project, with everything that anybody has said of them: there is no way back.
    /// Labels stay. Answers with how many texts that were.
    pub fn remove_import(&mut self, import: u32) -> Result<usize> {
        self.remove("DELETE FROM documents WHERE import = ?1", import)
    }

    /// Takes one text out, with everything that anybody has said of it.
    pub fn remove_document(&mut self, document: u32) -> Result<()> {
        match self.remove("DELETE FROM documents WHERE id = ?1", document)? {
            0 => Err(LabellingError::NoDocument { id: document.into() }),
            _ => Ok(()),
        }
    }

    fn remove(&mut self, sql: &str, id: u32) -> Result<usize> {
        let failed = self.database();
        self.whole(|transaction| {
            // Ids of texts may be given again: what was done to many at one go can no longer be taken back one by one.
            let steps = "UPDATE history SET undone = 2 WHERE document IS NULL AND action = 'settle-all'";
            transaction.execute(steps, []).and_then(|_| transaction.execute(sql, [id])).map_err(&failed)
        })
    }

    /// What an annotator has done, in the order in which the documents came in.
    pub fn labelled(&self, annotator: u32) -> Result<Vec<Labelled>> {
        let failed = self.database();
        let names: HashMap<u32, String> = self.labels()?.into_iter().map(|label| (label.id, label.name)).collect();
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT id, name, text, pair, patient FROM documents
                 JOIN answers ON answers.document = documents.id AND answers.annotator = ?1 AND answers.done = 1
                 ORDER BY documents.id",
            )
            .map_err(&failed)?;
        let rows = statement.query_map([annotator], |row| {
            let document = NewDocument {
                name: row.get(1)?,
                text: row.get(2)?,
                pair: row.get(3)?,
                patient: row.get(4)?,
                done: true,
                ..NewDocument::default()
            };
            Ok(Labelled { id: row.get(0)?, document })
        });
        let mut all: Vec<Labelled> = rows.and_then(Iterator::collect).map_err(&failed)?;
        for Labelled { id, document } in &mut all {
            fill(&self.connection, Place { document: *id, annotator }, &names, document).map_err(&failed)?;
        }
        Ok(all)
    }

    /// Up to `most` of the documents that somebody (`done`) or nobody has done, in the order of the queue: what a model may be asked
    /// about. Of more the seed draws some, so that those at the end of the queue have their turn.
    pub fn documents_to_ask(&self, done: bool, most: usize, seed: u64) -> Result<Vec<u32>> {
        let failed = self.database();
        let mut places = self
            .connection
            .prepare_cached(
                "SELECT place, document FROM queue
                 WHERE EXISTS (SELECT 1 FROM answers WHERE answers.document = queue.document AND done = 1) = ?1",
            )
            .map_err(&failed)?;
        let mut asked: Vec<(u32, u32)> = places
            .query_map([done], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect)
            .map_err(&failed)?;
        if asked.len() > most {
            Stream::new(seed, Purpose::Order, [2, 0]).shuffle(&mut asked);
            asked.truncate(most);
        }
        asked.sort_unstable();
        Ok(asked.into_iter().map(|(_, document)| document).collect())
    }

    /// Those of the documents that are there, without what anybody has said of them.
    pub fn texts(&self, documents: &[u32]) -> Result<Vec<Labelled>> {
        let failed = self.database();
        let mut statement = self
            .connection
            .prepare_cached("SELECT name, text, pair, patient FROM documents WHERE id = ?1")
            .map_err(&failed)?;
        let mut read = |&id: &u32| {
            statement.query_row([id], |row| {
                let document = NewDocument {
                    name: row.get(0)?,
                    text: row.get(1)?,
                    pair: row.get(2)?,
                    patient: row.get(3)?,
                    ..NewDocument::default()
                };
                Ok(Labelled { id, document })
            })
        };
        let found = documents.iter().filter_map(|id| read(id).optional().transpose());
        found.collect::<rusqlite::Result<_>>().map_err(failed)
    }
}

fn add(
    connection: &Connection,
    (annotator, import): (u32, i64),
    document: NewDocument,
    made: &mut Imported,
    failed: &impl Fn(rusqlite::Error) -> LabellingError,
) -> Result<()> {
    let (id, is_new) = insert(connection, &document, import).map_err(failed)?;
    let place = Place { document: id, annotator };
    if is_new {
        made.added += 1;
    } else {
        made.known += 1;
        // Another annotator's work on a text that is there is taken in; one's own is not overwritten.
        let touched = !spans(connection, place).map_err(failed)?.is_empty()
            || answer(connection, place).map_err(failed)?.is_some();
        if touched {
            return Ok(());
        }
    }
    let length = document.text.chars().count();
    let put = |edit: Edit| edit.apply(connection, place).map_err(failed);
    let mut ids = Vec::with_capacity(document.spans.len());
    for NewSpan { start, end, label } in document.spans {
        if start >= end || end > length {
            return Err(LabellingError::OutOfText { document: id.into(), start, end, length });
        }
        let label = label_named(connection, LabelKind::Span, &label).map_err(failed)?;
        let own = new_id(connection, "spans").map_err(failed)?;
        put(Edit::Span {
            id: own,
            before: None,
            after: Some(SpanRow { start: start as u32, end: end as u32, label }),
        })?;
        ids.push(own);
    }
    for NewRelation { head, tail, label } in document.relations {
        let (Some(&head), Some(&tail)) = (ids.get(head), ids.get(tail)) else { return Err(LabellingError::Gone) };
        if head == tail {
            return Err(LabellingError::RelationToItself);
        }
        let label = label_named(connection, LabelKind::Relation, &label).map_err(failed)?;
        let own = new_id(connection, "relations").map_err(failed)?;
        put(Edit::Relation { id: own, before: None, after: Some(RelationRow { head, tail, label }) })?;
    }
    if document.done || !document.labels.is_empty() || document.score.is_some() {
        let named = |name: &String| label_named(connection, LabelKind::Document, name).map_err(failed);
        let labels = document.labels.iter().map(named).collect::<Result<Vec<u32>>>()?;
        put(Edit::Answer {
            before: None,
            after: Some(AnswerRow { labels, score: document.score, done: document.done }),
        })?;
        made.labelled += usize::from(document.done);
    }
    Ok(())
}

/// Answers with the document's id, and whether it is new.
fn insert(connection: &Connection, document: &NewDocument, import: i64) -> rusqlite::Result<(u32, bool)> {
    let mut find = connection.prepare_cached("SELECT id, text = ?2 AND pair IS ?3 FROM documents WHERE name = ?1")?;
    let mut name = document.name.clone();
    let read = |row: &rusqlite::Row| Ok((row.get::<_, u32>(0)?, row.get::<_, bool>(1)?));
    for number in 2.. {
        match find.query_row(params![name, document.text, document.pair], read).optional()? {
            None => break,
            Some((id, true)) => return Ok((id, false)),
            // Another text of the same name.
            Some((_, false)) => name = format!("{} ({number})", document.name),
        }
    }
    connection
        .prepare_cached("INSERT INTO documents (name, text, pair, patient, import) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![name, document.text, document.pair, document.patient, import])?;
    let id = connection.last_insert_rowid() as u32;
    connection
        .prepare_cached("INSERT INTO queue (place, document) SELECT coalesce(max(place), 0) + 1, ?1 FROM queue")?
        .execute([id])?;
    Ok((id, true))
}

/// Puts in what an annotator decided.
fn fill(
    connection: &Connection,
    place: Place,
    names: &HashMap<u32, String>,
    document: &mut NewDocument,
) -> rusqlite::Result<()> {
    let name = |label: &u32| names.get(label).cloned().unwrap_or_default();
    let own = spans(connection, place)?;
    let at = |id: u32| own.iter().position(|(other, _)| *other == id).unwrap_or_default();
    document.relations = relations(connection, place)?
        .into_iter()
        .map(|(_, row)| NewRelation { head: at(row.head), tail: at(row.tail), label: name(&row.label) })
        .collect();
    document.spans = own
        .iter()
        .map(|(_, row)| NewSpan { start: row.start as usize, end: row.end as usize, label: name(&row.label) })
        .collect();
    let whole = answer(connection, place)?.unwrap_or_default();
    // Taking a step back may have brought back a label that was removed since.
    document.labels = whole.labels.iter().filter(|label| names.contains_key(label)).map(name).collect();
    document.score = whole.score;
    Ok(())
}
