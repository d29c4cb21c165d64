//! Documents: one with all that is marked in it, and lists of many.

use crate::edit::{AnswerRow, Place, answer, relations, spans};
use crate::{LabellingError, Project, Result};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use specta::Type;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SpanMark {
    pub id: u32,
    /// Characters (Unicode scalar values) of the text, the end excluded.
    pub start: u32,
    pub end: u32,
    pub label: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RelationMark {
    pub id: u32,
    /// Ids of spans.
    pub head: u32,
    pub tail: u32,
    pub label: u32,
}

/// What was decided on a document as a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct DocumentAnswer {
    pub labels: Vec<u32>,
    pub score: Option<f64>,
    pub done: bool,
}

/// What a model says and nobody has decided on yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Suggestion {
    pub id: u32,
    /// `None` for a score.
    pub label: Option<u32>,
    /// `None` for the text as a whole.
    pub start: Option<u32>,
    pub end: Option<u32>,
    /// Of a relation, which goes from the span at `start` and `end` to the one here.
    pub tail_start: Option<u32>,
    pub tail_end: Option<u32>,
    pub score: Option<f64>,
    pub confidence: f64,
}

impl Suggestion {
    pub fn span(&self) -> Option<(u32, u32)> {
        self.start.zip(self.end)
    }

    pub fn tail(&self) -> Option<(u32, u32)> {
        self.tail_start.zip(self.tail_end)
    }
}

/// One document as one annotator sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct DocumentView {
    pub id: u32,
    pub name: String,
    pub text: String,
    pub pair: Option<String>,
    pub patient: Option<String>,
    pub spans: Vec<SpanMark>,
    pub relations: Vec<RelationMark>,
    pub answer: DocumentAnswer,
    pub suggestions: Vec<Suggestion>,
    pub can_undo: bool,
    pub can_redo: bool,
}

/// A document in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct DocumentCard {
    pub id: u32,
    pub name: String,
    /// Its first characters.
    pub beginning: String,
    pub done: bool,
    /// How sure the model is of it, where it has been asked.
    pub confidence: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentFilter {
    #[default]
    All,
    Open,
    Done,
    /// Done by somebody else, and open: what two annotators can be compared on.
    Others,
}

/// Whether the annotator who is the first value of the query has done a document of the queue.
const DONE: &str = "EXISTS (SELECT 1 FROM answers
    WHERE answers.document = queue.document AND answers.annotator = ?1 AND answers.done = 1)";

/// Whether somebody else has.
const DONE_BY_OTHERS: &str = "EXISTS (SELECT 1 FROM answers
    WHERE answers.document = queue.document AND answers.annotator <> ?1 AND answers.done = 1)";

impl DocumentFilter {
    fn condition(self) -> String {
        match self {
            DocumentFilter::All => "?1 IS NOT NULL".into(),
            DocumentFilter::Open => format!("NOT {DONE}"),
            DocumentFilter::Done => DONE.into(),
            DocumentFilter::Others => format!("NOT {DONE} AND {DONE_BY_OTHERS}"),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct DocumentQuery {
    pub annotator: u32,
    pub filter: DocumentFilter,
    /// What must stand in the name or the text, small and capital letters alike.
    pub search: String,
    pub first: u32,
    pub count: u32,
}

/// Some of the documents that a query finds, in the order of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct DocumentPage {
    /// How many it finds in all.
    pub total: usize,
    pub documents: Vec<DocumentCard>,
}

/// What a search of three characters and more asks of the index; shorter ones read every text.
const SHORTEST: usize = 3;

/// Of more that is found the index is not asked once more for the list.
const MANY: usize = 2000;

/// Whether a document holds what is searched for, the second value of the query as a pattern.
const HOLDS: &str = "(name LIKE ?2 ESCAPE '\\' OR text LIKE ?2 ESCAPE '\\' OR pair LIKE ?2 ESCAPE '\\')";

fn within(document: &str) -> String {
    format!("EXISTS (SELECT 1 FROM documents WHERE documents.id = {document} AND {HOLDS})")
}

impl Project {
    pub fn document(&self, annotator: u32, id: u32) -> Result<DocumentView> {
        let failed = self.database();
        let place = Place { document: id, annotator };
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let found = self
            .connection
            .prepare_cached("SELECT name, text, pair, patient FROM documents WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id], read).optional())
            .map_err(&failed)?;
        let (name, text, pair, patient) = found.ok_or(LabellingError::NoDocument { id: id.into() })?;
        let mark =
            |(id, row): (u32, crate::edit::SpanRow)| SpanMark { id, start: row.start, end: row.end, label: row.label };
        let joined = |(id, row): (u32, crate::edit::RelationRow)| RelationMark {
            id,
            head: row.head,
            tail: row.tail,
            label: row.label,
        };
        let AnswerRow { labels, score, done } = answer(&self.connection, place).map_err(&failed)?.unwrap_or_default();
        let steps = |undone: u8| {
            self.connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM history WHERE annotator = ?1 AND undone = ?2)")
                .and_then(|mut statement| statement.query_row([annotator, undone.into()], |row| row.get(0)))
                .map_err(&failed)
        };
        Ok(DocumentView {
            id,
            name,
            text,
            pair,
            patient,
            spans: spans(&self.connection, place).map_err(&failed)?.into_iter().map(mark).collect(),
            relations: relations(&self.connection, place).map_err(&failed)?.into_iter().map(joined).collect(),
            answer: DocumentAnswer { labels, score, done },
            suggestions: undecided(&self.connection, place)
                .map_err(&failed)?
                .into_iter()
                .filter_map(|(found, said)| (!said).then_some(found))
                .collect(),
            can_undo: steps(0)?,
            can_redo: steps(1)?,
        })
    }

    /// The first document of the queue that the annotator has not done, after the one given where that is not the last; with
    /// `shared` only of those that somebody else has done.
    pub fn next(&self, annotator: u32, after: Option<u32>, shared: bool) -> Result<Option<u32>> {
        let failed = self.database();
        let filter = if shared { DocumentFilter::Others } else { DocumentFilter::Open };
        let mut statement = self
            .connection
            .prepare_cached(&format!(
                "SELECT document FROM queue WHERE document IS NOT ?2 AND {}
                 ORDER BY place <= coalesce((SELECT place FROM queue WHERE document = ?2), -1), place LIMIT 1",
                filter.condition()
            ))
            .map_err(&failed)?;
        statement.query_row((annotator, after), |row| row.get(0)).optional().map_err(failed)
    }

    pub fn documents(&self, query: &DocumentQuery) -> Result<DocumentPage> {
        let failed = self.database();
        let filter = query.filter.condition();
        let search = query.search.trim();
        let literal = search.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let (by_index, by_text) = (format!("\"{}\"", search.replace('"', "\"\"")), format!("%{literal}%"));
        let count = |of: &str, searched: &str| -> Result<usize> {
            let sql = format!("SELECT count(*) FROM {of} AS queue WHERE {filter} AND ?2 IS NOT NULL");
            let mut statement = self.connection.prepare_cached(&sql).map_err(&failed)?;
            statement.query_row(params![query.annotator, searched], |row| row.get(0)).map_err(&failed)
        };
        let (total, found, searched) = if search.is_empty() {
            (count("queue", "")?, String::new(), "")
        } else if search.chars().count() >= SHORTEST {
            let total = count("(SELECT rowid AS document FROM search WHERE search MATCH ?2)", &by_index)?;
            // Of much that is found the first are met soon on the way through the queue; the index folds case beyond ASCII.
            if total > MANY && search.is_ascii() {
                (total, format!("AND {}", within("queue.document")), by_text.as_str())
            } else {
                let found = "AND queue.document IN (SELECT rowid FROM search WHERE search MATCH ?2)";
                (total, found.to_string(), by_index.as_str())
            }
        } else {
            let of = format!("(SELECT id AS document FROM documents WHERE {HOLDS})");
            (count(&of, &by_text)?, format!("AND {}", within("queue.document")), by_text.as_str())
        };
        let sql = format!(
            "WITH part AS MATERIALIZED (SELECT place, document, {DONE} AS done FROM queue
                                        WHERE {filter} {found} AND ?2 IS NOT NULL
                                        ORDER BY place LIMIT {} OFFSET {})
             SELECT documents.id, name, substr(text, 1, 120), part.done,
                    (SELECT confidence FROM doubts WHERE doubts.document = documents.id)
             FROM part JOIN documents ON documents.id = part.document ORDER BY part.place",
            query.count, query.first
        );
        let card = |row: &Row| {
            Ok(DocumentCard {
                id: row.get(0)?,
                name: row.get(1)?,
                beginning: row.get(2)?,
                done: row.get(3)?,
                confidence: row.get(4)?,
            })
        };
        let mut statement = self.connection.prepare_cached(&sql).map_err(&failed)?;
        let rows = statement.query_map(params![query.annotator, searched], card);
        Ok(DocumentPage { total, documents: rows.and_then(Iterator::collect).map_err(failed)? })
    }
}

/// Whether the annotator says what the suggestion `own` says, of the answer in `answers` where there is one. Which way round a
/// relation goes is not asked: of two entities of one kind a model is asked once.
pub(crate) const STANDS: &str = "
    CASE WHEN own.start IS NULL
        THEN EXISTS (SELECT 1 FROM json_each(answers.labels) WHERE value = own.label)
    WHEN own.tail_start IS NULL
        THEN EXISTS (SELECT 1 FROM spans
                     WHERE spans.document = answers.document AND spans.annotator = answers.annotator
                       AND spans.start = own.start AND spans.end = own.end AND spans.label = own.label)
        ELSE EXISTS (SELECT 1 FROM relations
                     JOIN spans AS head ON head.id = relations.head JOIN spans AS tail ON tail.id = relations.tail
                     WHERE relations.document = answers.document AND relations.annotator = answers.annotator
                       AND relations.label = own.label
                       AND ((head.start = own.start AND head.end = own.end
                             AND tail.start = own.tail_start AND tail.end = own.tail_end)
                         OR (tail.start = own.start AND tail.end = own.end
                             AND head.start = own.tail_start AND head.end = own.tail_end)))
    END";

/// The suggestions of a document's last round on which the annotator has not decided, each with whether he says the same by
/// himself. A relation is suggested to him between entities that he has.
pub(crate) fn undecided(connection: &Connection, place: Place) -> rusqlite::Result<Vec<(Suggestion, bool)>> {
    let has = |start: &str, end: &str| {
        format!(
            "EXISTS (SELECT 1 FROM spans WHERE document = ?1 AND annotator = ?2
                     AND spans.start = own.{start} AND spans.end = own.{end})"
        )
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, own.label, start, end, tail_start, tail_end, own.score, confidence, {STANDS} FROM suggestions AS own
         LEFT JOIN (SELECT ?1 AS document, ?2 AS annotator,
                           (SELECT labels FROM answers WHERE document = ?1 AND annotator = ?2) AS labels) AS answers
         WHERE own.document = ?1
           AND round = (SELECT max(round) FROM suggestions WHERE document = ?1)
           AND NOT EXISTS (SELECT 1 FROM decisions WHERE suggestion = own.id AND annotator = ?2)
           AND (tail_start IS NULL OR ({} AND {}))
         ORDER BY start, end, confidence DESC",
        has("start", "end"),
        has("tail_start", "tail_end")
    ))?;
    let made = statement.query_map([place.document, place.annotator], |row| {
        let own = Suggestion {
            id: row.get(0)?,
            label: row.get(1)?,
            start: row.get(2)?,
            end: row.get(3)?,
            tail_start: row.get(4)?,
            tail_end: row.get(5)?,
            score: row.get(6)?,
            confidence: row.get(7)?,
        };
        Ok((own, row.get(8)?))
    })?;
    made.collect()
}
