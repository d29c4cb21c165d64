//! The label set of a project.

use crate::edit::{Edit, LabelRow};
use crate::history::note;
use crate::{LabellingError, Project, Result};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, ffi, params};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What a label may be put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum LabelKind {
    Span,
    Document,
    Relation,
}

impl LabelKind {
    fn name(self) -> &'static str {
        match self {
            LabelKind::Span => "span",
            LabelKind::Document => "document",
            LabelKind::Relation => "relation",
        }
    }
}

impl ToSql for LabelKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for LabelKind {
    fn column_result(value: ValueRef) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        let kinds = [LabelKind::Span, LabelKind::Document, LabelKind::Relation];
        kinds.into_iter().find(|kind| kind.name() == name).ok_or(FromSqlError::InvalidType)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Label {
    pub id: u32,
    pub name: String,
    pub kind: LabelKind,
    pub description: String,
    /// As `#3b7dd8`.
    pub colour: String,
    /// What is pressed for it; empty where there is none.
    pub key: String,
}

/// Told apart in light and dark, also by most who are colour-blind (after Okabe and Ito 2008).
const COLOURS: [&str; 10] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c564b", "#7f3fbf", "#a0a000", "#606060"];

const KEYS: &str = "1234567890";

impl Project {
    /// Every label, in the order in which they were arranged.
    pub fn labels(&self) -> Result<Vec<Label>> {
        labels(&self.connection).map_err(self.database())
    }

    /// The label of that name and kind, which is added where there is none, with the next free colour and key.
    pub fn add_label(&mut self, annotator: u32, kind: LabelKind, name: &str) -> Result<u32> {
        let failed = self.database();
        let name = name.trim();
        if name.is_empty() {
            return Err(LabellingError::LabelUnnamed);
        }
        self.whole(|transaction| {
            let known = labels(transaction).map_err(&failed)?;
            let id = label_named(transaction, kind, name).map_err(&failed)?;
            if known.iter().all(|label| label.id != id) {
                let after = Some(row_of(transaction, id).map_err(&failed)?);
                let edit = Edit::Label { id, before: None, after };
                note(transaction, (annotator, None), "add-label", &[edit]).map_err(&failed)?;
            }
            Ok(id)
        })
    }

    /// Changes everything but the id and the kind.
    pub fn change_label(&mut self, annotator: u32, label: &Label) -> Result<()> {
        let failed = self.database();
        let name = label.name.trim();
        if name.is_empty() {
            return Err(LabellingError::LabelUnnamed);
        }
        let twin = self
            .labels()?
            .into_iter()
            .any(|other| other.id != label.id && other.kind == label.kind && other.name == name);
        if twin {
            return Err(LabellingError::LabelExists { name: name.into() });
        }
        self.whole(|transaction| {
            let before = row_of(transaction, label.id).optional().map_err(&failed)?;
            let before = before.ok_or(LabellingError::NoLabel { id: label.id.into() })?;
            let Label { description, colour, key, .. } = label.clone();
            let after = LabelRow { name: name.into(), description, colour, key, ..before.clone() };
            if after == before {
                return Ok(());
            }
            change(transaction, annotator, "change-label", label.id, Some(before), Some(after)).map_err(&failed)
        })
    }

    /// Removes a label that nobody uses; what models suggest with it goes as well.
    pub fn remove_label(&mut self, annotator: u32, id: u32) -> Result<()> {
        let failed = self.database();
        self.whole(|transaction| {
            let before = row_of(transaction, id).optional().map_err(&failed)?;
            let before = before.ok_or(LabellingError::NoLabel { id: id.into() })?;
            let uses = uses(transaction, id).map_err(&failed)?;
            if uses > 0 {
                return Err(LabellingError::LabelInUse { name: before.name, uses });
            }
            change(transaction, annotator, "remove-label", id, Some(before), None).map_err(&failed)
        })
    }
}

fn change(
    connection: &Connection,
    annotator: u32,
    action: &str,
    id: u32,
    before: Option<LabelRow>,
    after: Option<LabelRow>,
) -> rusqlite::Result<()> {
    write_label(connection, id, after.as_ref())?;
    note(connection, (annotator, None), action, &[Edit::Label { id, before, after }])
}

/// How often people have put a label.
fn uses(connection: &Connection, id: u32) -> rusqlite::Result<usize> {
    connection.query_row(
        "SELECT (SELECT count(*) FROM spans WHERE label = ?1) + (SELECT count(*) FROM relations WHERE label = ?1)
              + (SELECT count(*) FROM answers, json_each(answers.labels) WHERE json_each.value = ?1)",
        [id],
        |row| row.get(0),
    )
}

/// Puts a label into a state; one that is in use stays, as a reference to it would keep it.
pub(crate) fn write_label(connection: &Connection, id: u32, row: Option<&LabelRow>) -> rusqlite::Result<()> {
    let Some(LabelRow { name, kind, description, colour, key, place }) = row else {
        if uses(connection, id)? > 0 {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CONSTRAINT), None));
        }
        connection.execute("DELETE FROM suggestions WHERE label = ?1", [id])?;
        return connection.execute("DELETE FROM labels WHERE id = ?1", [id]).map(|_| ());
    };
    let mut statement = connection.prepare_cached(
        "INSERT INTO labels (id, name, kind, description, colour, key, place) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET name = ?2, description = ?4, colour = ?5, key = ?6",
    )?;
    statement.execute(params![id, name, kind, description, colour, key, place]).map(|_| ())
}

fn row_of(connection: &Connection, id: u32) -> rusqlite::Result<LabelRow> {
    let mut statement =
        connection.prepare_cached("SELECT name, kind, description, colour, key, place FROM labels WHERE id = ?1")?;
    statement.query_row([id], |row| {
        Ok(LabelRow {
            name: row.get(0)?,
            kind: row.get(1)?,
            description: row.get(2)?,
            colour: row.get(3)?,
            key: row.get(4)?,
            place: row.get(5)?,
        })
    })
}

pub(crate) fn labels(connection: &Connection) -> rusqlite::Result<Vec<Label>> {
    let mut rows = connection
        .prepare_cached("SELECT id, name, kind, description, colour, key FROM labels ORDER BY kind, place, id")?;
    let made = rows.query_map([], |row| {
        Ok(Label {
            id: row.get(0)?,
            name: row.get(1)?,
            kind: row.get(2)?,
            description: row.get(3)?,
            colour: row.get(4)?,
            key: row.get(5)?,
        })
    })?;
    made.collect()
}

pub(crate) fn label_named(connection: &Connection, kind: LabelKind, name: &str) -> rusqlite::Result<u32> {
    let known = labels(connection)?;
    if let Some(label) = known.iter().find(|label| label.kind == kind && label.name == name) {
        return Ok(label.id);
    }
    let colour = COLOURS[known.len() % COLOURS.len()];
    let free = |key: &char| !known.iter().any(|label| label.key == key.to_string());
    let key = KEYS.chars().find(free).map(String::from).unwrap_or_default();
    connection.execute(
        "INSERT INTO labels (name, kind, description, colour, key, place) VALUES (?1, ?2, '', ?3, ?4, ?5)",
        params![name, kind, colour, key, known.len()],
    )?;
    Ok(connection.last_insert_rowid() as u32)
}
