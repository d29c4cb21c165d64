//! Every step that people took, who and when: the last can be taken back and done again, and all can be looked at.

use crate::edit::{Edit, Place};
use crate::project::now;
use crate::{Project, Result};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A step that was taken back or done again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// `None` where it was about no document, or about many.
    pub document: Option<u32>,
    /// As in [`Step`].
    pub action: String,
}

/// One step of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Step {
    pub id: u32,
    /// As RFC 3339 says.
    pub at: String,
    pub annotator: String,
    pub document: Option<u32>,
    /// The document's name.
    pub name: Option<String>,
    /// The kind of an [`Action`](crate::Action), or `open`, `add-label`, `change-label`, `remove-label`, `settle-all`.
    pub action: String,
    /// Whether it was taken back.
    pub undone: bool,
}

/// Some of the steps, the last ones first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct History {
    pub total: usize,
    pub steps: Vec<Step>,
}

/// Puts a step into the history. What was taken back before cannot be done again after it.
pub(crate) fn note(
    connection: &Connection,
    (annotator, document): (u32, Option<u32>),
    action: &str,
    edits: &[Edit],
) -> rusqlite::Result<()> {
    if edits.is_empty() {
        return Ok(());
    }
    connection
        .prepare_cached("UPDATE history SET undone = 2 WHERE annotator = ?1 AND undone = 1")?
        .execute([annotator])?;
    let edits = serde_json::to_string(edits).unwrap_or_default();
    connection
        .prepare_cached(
            "INSERT INTO history (at, annotator, document, action, edits, undone) VALUES (?1, ?2, ?3, ?4, ?5, 0)",
        )?
        .execute(params![now(), annotator, document, action, edits])
        .map(|_| ())
}

impl Project {
    /// Takes back the annotator's last step. Answers with what it was, or `None` where there is nothing to take back.
    pub fn undo(&mut self, annotator: u32) -> Result<Option<Turned>> {
        self.turn(annotator, "undone = 0 ORDER BY id DESC", 1, |edits| {
            edits.into_iter().rev().map(Edit::reversed).collect()
        })
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self, annotator: u32) -> Result<Option<Turned>> {
        self.turn(annotator, "undone = 1 ORDER BY id", 0, |edits| edits)
    }

    fn turn(
        &mut self,
        annotator: u32,
        which: &str,
        undone: u8,
        turned: impl Fn(Vec<Edit>) -> Vec<Edit>,
    ) -> Result<Option<Turned>> {
        let failed = self.database();
        let sql = format!("SELECT id, document, action, edits FROM history WHERE annotator = ?1 AND {which} LIMIT 1");
        self.whole(|transaction| {
            let turn = || -> rusqlite::Result<Option<Turned>> {
                let read = |row: &Row| {
                    let step = Turned { document: row.get(1)?, action: row.get(2)? };
                    Ok((row.get::<_, i64>(0)?, step, row.get::<_, String>(3)?))
                };
                let mut last = transaction.prepare_cached(&sql)?;
                let mut mark = transaction.prepare_cached("UPDATE history SET undone = ?2 WHERE id = ?1")?;
                while let Some((id, step, edits)) = last.query_row([annotator], read).optional()? {
                    let edits = turned(serde_json::from_str(&edits).unwrap_or_default());
                    // Edits of no document in particular name theirs.
                    let place = Place { document: step.document.unwrap_or_default(), annotator };
                    transaction.execute_batch("SAVEPOINT turned")?;
                    match edits.iter().try_for_each(|edit| edit.apply(transaction, place)) {
                        Ok(()) => {
                            transaction.execute_batch("RELEASE turned")?;
                            mark.execute(params![id, undone])?;
                            return Ok(Some(step));
                        }
                        // It needs a label or a text that has been removed since, or a label that is in use: no way back to it.
                        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                            transaction.execute_batch("ROLLBACK TO turned; RELEASE turned")?;
                            mark.execute(params![id, 2])?;
                        }
                        Err(error) => return Err(error),
                    }
                }
                Ok(None)
            };
            turn().map_err(&failed)
        })
    }

    /// Steps of all annotators, the last ones first, after so many of them.
    pub fn history(&self, first: u32, count: u32) -> Result<History> {
        let failed = self.database();
        let total = self.connection.query_row("SELECT count(*) FROM history", [], |row| row.get(0)).map_err(&failed)?;
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT history.id, at, annotators.name, document, documents.name, action, undone > 0 FROM history
                 JOIN annotators ON annotators.id = annotator LEFT JOIN documents ON documents.id = document
                 ORDER BY history.id DESC LIMIT ?2 OFFSET ?1",
            )
            .map_err(&failed)?;
        let read = |row: &Row| {
            Ok(Step {
                id: row.get(0)?,
                at: row.get(1)?,
                annotator: row.get(2)?,
                document: row.get(3)?,
                name: row.get(4)?,
                action: row.get(5)?,
                undone: row.get(6)?,
            })
        };
        let steps = statement.query_map([first, count], read).and_then(Iterator::collect).map_err(failed)?;
        Ok(History { total, steps })
    }
}
