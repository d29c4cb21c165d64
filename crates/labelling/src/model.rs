//! What models say of a project's documents: rounds of training, suggestions, doubts and embeddings.

use crate::documents::STANDS;
use crate::label::{LabelKind, labels};
use crate::project::now;
use crate::{NewSpan, Project, Result};
use corpus::Split;
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashMap;

/// The splits by their numbers in the file.
const PARTS: [Split; 3] = [Split::Train, Split::Dev, Split::Test];

/// A model that was trained on what had been labelled by then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Round {
    pub id: u32,
    pub run: String,
    /// Documents that it learnt from.
    pub labelled: u32,
    /// Its score on dev, from 0 to 1.
    pub score: Option<f64>,
    /// Its mean confidence in the documents that were not labelled yet.
    pub confidence: Option<f64>,
    pub at: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SuggestedSpan {
    pub start: usize,
    pub end: usize,
    pub label: String,
    pub confidence: f64,
}

/// Between two entities of a text, each by its place.
#[derive(Debug, Clone, PartialEq)]
pub struct SuggestedRelation {
    pub head: (usize, usize),
    pub tail: (usize, usize),
    pub label: String,
    pub confidence: f64,
}

/// How unsure a model is of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Doubt {
    /// Probability of the answer; of words the geometric mean (Shen et al. 2017, section 4).
    pub confidence: f64,
    /// As a share of the largest possible; of words the mean.
    pub entropy: f64,
    /// Between the two likeliest answers; of words the smallest.
    pub margin: f64,
    /// Of an ensemble: how far its members disagree.
    pub disagreement: Option<f64>,
}

/// All that a model says of one document.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelAnswer {
    pub document: u32,
    pub spans: Vec<SuggestedSpan>,
    pub relations: Vec<SuggestedRelation>,
    /// Labels of the text as a whole, each with its probability.
    pub labels: Vec<(String, f64)>,
    pub score: Option<f64>,
    /// `None` where there was nothing to ask about, as of relations in a text with fewer than two entities.
    pub doubt: Option<Doubt>,
    pub embedding: Option<Vec<f32>>,
}

/// How many suggestions of some confidence and more turned out right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Precision {
    pub confidence: f64,
    pub decided: usize,
    pub right: usize,
}

impl Project {
    pub fn rounds(&self) -> Result<Vec<Round>> {
        let failed = self.database();
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, run, labelled, score, confidence, at FROM rounds ORDER BY id")
            .map_err(&failed)?;
        let read = |row: &Row| {
            Ok(Round {
                id: row.get(0)?,
                run: row.get(1)?,
                labelled: row.get(2)?,
                score: row.get(3)?,
                confidence: row.get(4)?,
                at: row.get(5)?,
            })
        };
        statement.query_map([], read).and_then(Iterator::collect).map_err(failed)
    }

    /// Notes that a model was trained. Answers with the round's id.
    pub fn add_round(&mut self, run: &str, labelled: u32, score: Option<f64>) -> Result<u32> {
        let failed = self.database();
        self.connection
            .execute(
                "INSERT INTO rounds (run, labelled, score, at) VALUES (?1, ?2, ?3, ?4)",
                params![run, labelled, score, now()],
            )
            .map_err(failed)?;
        Ok(self.connection.last_insert_rowid() as u32)
    }

    /// Between entities of which labels somebody has marked a relation, the first one's label first.
    pub fn related_labels(&self) -> Result<Vec<(String, String)>> {
        let failed = self.database();
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT first.name, second.name FROM relations
                 JOIN spans AS head ON head.id = relations.head JOIN labels AS first ON first.id = head.label
                 JOIN spans AS tail ON tail.id = relations.tail JOIN labels AS second ON second.id = tail.label",
            )
            .map_err(&failed)?;
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?));
        statement.query_map([], read).and_then(Iterator::collect).map_err(failed)
    }

    /// What is marked in a document: by one annotator, or by whoever has marked something.
    pub fn marked(&self, document: u32, annotator: Option<u32>) -> Result<Vec<NewSpan>> {
        let failed = self.database();
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT start, end, labels.name FROM spans JOIN labels ON labels.id = spans.label
                 WHERE document = ?1 AND (?2 IS NULL OR annotator = ?2) ORDER BY start, end",
            )
            .map_err(&failed)?;
        let read = |row: &Row| Ok(NewSpan { start: row.get(0)?, end: row.get(1)?, label: row.get(2)? });
        statement.query_map(params![document, annotator], read).and_then(Iterator::collect).map_err(failed)
    }

    /// For which split of the training data a document stands, where it has been in one.
    pub fn parts(&self) -> Result<HashMap<u32, Split>> {
        let failed = self.database();
        let mut statement = self.connection.prepare_cached("SELECT document, part FROM parts").map_err(&failed)?;
        let read = |row: &Row| {
            let part: i64 = row.get(1)?;
            let split = usize::try_from(part).ok().and_then(|part| PARTS.get(part));
            Ok((row.get(0)?, *split.ok_or(rusqlite::Error::IntegralValueOutOfRange(1, part))?))
        };
        statement.query_map([], read).and_then(Iterator::collect).map_err(failed)
    }

    /// Keeps for which split documents stand. One that is kept already stays as it is.
    pub fn put_parts(&mut self, parts: &[(u32, Split)]) -> Result<()> {
        let failed = self.database();
        self.whole(|transaction| {
            let write = || -> rusqlite::Result<()> {
                let mut add =
                    transaction.prepare_cached("INSERT OR IGNORE INTO parts (document, part) VALUES (?1, ?2)")?;
                for (document, split) in parts {
                    add.execute(params![document, PARTS.iter().position(|own| own == split)])?;
                }
                Ok(())
            };
            write().map_err(&failed)
        })
    }

    /// Takes in what a round's model says of some documents. What earlier rounds suggested for them and nobody decided on goes.
    pub fn suggest(&mut self, round: u32, answers: &[ModelAnswer]) -> Result<()> {
        let failed = self.database();
        self.whole(|transaction| {
            let write = || -> rusqlite::Result<()> {
                // A label that was renamed or removed since the model was trained is none of its any more.
                let known = labels(transaction)?;
                let named = |kind: LabelKind, name: &str| {
                    known.iter().find(|label| label.kind == kind && label.name == name).map(|label| label.id)
                };
                let mut clear = transaction.prepare_cached(
                    "DELETE FROM suggestions WHERE document = ?1
                     AND NOT EXISTS (SELECT 1 FROM decisions WHERE suggestion = suggestions.id)",
                )?;
                let mut add = transaction.prepare_cached(
                    // What was decided on is not asked again.
                    "INSERT INTO suggestions (document, round, label, start, end, tail_start, tail_end, score, confidence)
                     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (
                         SELECT 1 FROM suggestions WHERE document = ?1 AND round = ?2 AND label IS ?3 AND start IS ?4
                         AND end IS ?5 AND tail_start IS ?6 AND tail_end IS ?7 AND score IS ?8)",
                )?;
                let mut doubt = transaction.prepare_cached(
                    "INSERT OR REPLACE INTO doubts (document, confidence, entropy, margin, disagreement)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?;
                let mut put = |document: u32, label: Option<u32>, places: [Option<usize>; 4], score: Option<f64>, sure: f64| {
                    let [start, end, tail_start, tail_end] = places;
                    add.execute(params![document, round, label, start, end, tail_start, tail_end, score, sure])
                };
                for answer in answers {
                    let document = answer.document;
                    clear.execute([document])?;
                    for SuggestedSpan { start, end, label, confidence } in &answer.spans {
                        let Some(label) = named(LabelKind::Span, label) else { continue };
                        put(document, Some(label), [Some(*start), Some(*end), None, None], None, *confidence)?;
                    }
                    for SuggestedRelation { head, tail, label, confidence } in &answer.relations {
                        let Some(label) = named(LabelKind::Relation, label) else { continue };
                        let places = [head.0, head.1, tail.0, tail.1].map(Some);
                        put(document, Some(label), places, None, *confidence)?;
                    }
                    for (name, share) in &answer.labels {
                        let Some(label) = named(LabelKind::Document, name) else { continue };
                        put(document, Some(label), [None; 4], None, *share)?;
                    }
                    if let Some(score) = answer.score {
                        let sure = answer.doubt.map_or(1.0, |doubt| doubt.confidence);
                        put(document, None, [None; 4], Some(score), sure)?;
                    }
                    if let Some(Doubt { confidence, entropy, margin, disagreement }) = answer.doubt {
                        doubt.execute(params![document, confidence, entropy, margin, disagreement])?;
                    }
                    if let Some(vector) = &answer.embedding {
                        put_embedding(transaction, answer.document, vector)?;
                    }
                }
                Ok(())
            };
            write().map_err(&failed)
        })
    }

    /// Keeps the mean confidence of a round over the documents that it was asked about; none of scores, of which a model is never
    /// more or less sure.
    pub fn end_round(&mut self, round: u32, confidence: Option<f64>) -> Result<()> {
        self.connection
            .execute("UPDATE rounds SET confidence = ?2 WHERE id = ?1", params![round, confidence])
            .map(|_| ())
            .map_err(self.database())
    }

    /// Forgets how unsure a model was of the documents and what vectors it made of them: another one is about to be asked, and
    /// what two of them say cannot be compared.
    pub fn forget_looks(&mut self) -> Result<()> {
        let failed = self.database();
        self.whole(|transaction| {
            transaction.execute_batch("DELETE FROM doubts; DELETE FROM embeddings").map_err(&failed)
        })
    }

    pub fn put_embeddings(&mut self, vectors: &[(u32, Vec<f32>)]) -> Result<()> {
        let failed = self.database();
        self.whole(|transaction| {
            vectors.iter().try_for_each(|(id, vector)| put_embedding(transaction, *id, vector)).map_err(&failed)
        })
    }

    /// In the documents that are done, how much of what was suggested turned out right, from each percent of confidence on: what
    /// "accept all above" would have brought so far. Right is what was accepted and still stands, so that what was accepted at
    /// one go counts only once somebody has gone over its document, and as wrong where he took it back.
    pub fn precision(&self) -> Result<Vec<Precision>> {
        let failed = self.database();
        let mut statement = self
            .connection
            .prepare_cached(&format!(
                "SELECT confidence, accepted AND {STANDS} FROM decisions
                 JOIN suggestions AS own ON own.id = decisions.suggestion
                 JOIN answers ON answers.document = own.document AND answers.annotator = decisions.annotator
                 WHERE own.label IS NOT NULL AND answers.done = 1"
            ))
            .map_err(&failed)?;
        let read = |row: &Row| Ok((row.get::<_, f64>(0)?, row.get::<_, bool>(1)?));
        let decided: Vec<(f64, bool)> = statement.query_map([], read).and_then(Iterator::collect).map_err(failed)?;
        let at = |percent: u32| {
            let confidence = f64::from(percent) / 100.0;
            let reached: Vec<bool> =
                decided.iter().filter(|(own, _)| *own >= confidence).map(|(_, right)| *right).collect();
            Precision { confidence, decided: reached.len(), right: reached.iter().filter(|right| **right).count() }
        };
        Ok((0..100).map(at).collect())
    }
}

fn put_embedding(connection: &rusqlite::Connection, document: u32, vector: &[f32]) -> rusqlite::Result<()> {
    let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
    connection
        .prepare_cached("INSERT OR REPLACE INTO embeddings (document, vector) VALUES (?1, ?2)")?
        .execute(params![document, bytes])
        .map(|_| ())
}

pub(crate) fn embedding_of(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|chunk| f32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]])).collect()
}
