//! The label set of a project.

use crate::{LabellingError, Project, Result};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params};
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
    pub fn label(&mut self, kind: LabelKind, name: &str) -> Result<u32> {
        let failed = self.database();
        if name.trim().is_empty() {
            return Err(LabellingError::LabelUnnamed);
        }
        label_named(&self.connection, kind, name.trim()).map_err(failed)
    }

    /// Changes everything but the id and the kind.
    pub fn change_label(&mut self, label: &Label) -> Result<()> {
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
        let changed = self
            .connection
            .execute(
                "UPDATE labels SET name = ?2, description = ?3, colour = ?4, key = ?5 WHERE id = ?1",
                params![label.id, name, label.description, label.colour, label.key],
            )
            .map_err(failed)?;
        if changed == 0 { Err(LabellingError::NoLabel { id: label.id.into() }) } else { Ok(()) }
    }

    /// Removes a label that nobody uses; what models suggest with it goes as well.
    pub fn remove_label(&mut self, id: u32) -> Result<()> {
        let failed = self.database();
        let name = self.labels()?.into_iter().find(|label| label.id == id).map(|label| label.name);
        let name = name.ok_or(LabellingError::NoLabel { id: id.into() })?;
        self.whole(|transaction| {
            let count = |sql: &str| transaction.query_row(sql, [id], |row| row.get::<_, usize>(0)).map_err(&failed);
            let uses = count("SELECT count(*) FROM spans WHERE label = ?1")?
                + count("SELECT count(*) FROM relations WHERE label = ?1")?
                + count("SELECT count(*) FROM answers, json_each(answers.labels) WHERE json_each.value = ?1")?;
            if uses > 0 {
                return Err(LabellingError::LabelInUse { name, uses });
            }
            transaction.execute("DELETE FROM suggestions WHERE label = ?1", [id]).map_err(&failed)?;
            transaction.execute("DELETE FROM labels WHERE id = ?1", [id]).map_err(&failed)?;
            Ok(())
        })
    }
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
