//! A project as a whole: its file, its facts, its annotators.

use crate::label::Label;
use crate::schema::migrations;
use crate::{LabellingError, Result};
use corpus::Task;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::{Path, PathBuf};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub struct Project {
    path: PathBuf,
    pub(crate) connection: Connection,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Annotator {
    pub id: u32,
    pub name: String,
    /// How many documents are done.
    pub done: usize,
}

/// What a list or a headline says of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Facts {
    pub name: String,
    pub task: Task,
    pub created: String,
    pub documents: usize,
    /// Documents that somebody has done.
    pub done: usize,
    pub labels: Vec<Label>,
    pub annotators: Vec<Annotator>,
}

pub(crate) fn now() -> String {
    OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default()
}

impl Project {
    /// A new project in a file that does not exist yet.
    pub fn create(path: &Path, name: &str, task: Task) -> Result<Self> {
        let project = Self::open(path)?;
        let task =
            serde_json::to_value(task).ok().and_then(|task| Some(task.as_str()?.to_string())).unwrap_or_default();
        project
            .connection
            .execute("INSERT INTO project (name, task, created) VALUES (?1, ?2, ?3)", params![name, task, now()])
            .map_err(project.database())?;
        Ok(project)
    }

    /// Opens a project and brings its tables up to date.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |source| LabellingError::Database { path: path.into(), source };
        let mut connection = Connection::open(path).map_err(failed)?;
        // While many texts come in, others wait.
        connection.busy_timeout(Duration::from_secs(60)).map_err(failed)?;
        // What is answered is on the disk, even when the power fails.
        for (name, value) in [("journal_mode", "wal"), ("synchronous", "full"), ("foreign_keys", "on")] {
            connection.pragma_update(None, name, value).map_err(failed)?;
        }
        connection.set_prepared_statement_cache_capacity(64);
        migrations()
            .to_latest(&mut connection)
            .map_err(|error| LabellingError::Schema { path: path.into(), reason: error.to_string() })?;
        Ok(Self { path: path.into(), connection })
    }

    pub(crate) fn database(&self) -> impl Fn(rusqlite::Error) -> LabellingError + use<> {
        let path = self.path.clone();
        move |source| LabellingError::Database { path: path.clone(), source }
    }

    /// Does something whole or not at all.
    pub(crate) fn whole<T>(&mut self, work: impl FnOnce(&Transaction) -> Result<T>) -> Result<T> {
        let failed = self.database();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
        let made = work(&transaction)?;
        transaction.commit().map_err(failed)?;
        Ok(made)
    }

    /// Whether every page, index and reference of the file is sound.
    pub fn check(&self) -> Result<()> {
        let failed = self.database();
        let damaged = |reason: String| LabellingError::Damaged { path: self.path.clone(), reason };
        let said: String =
            self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(&failed)?;
        if said != "ok" {
            return Err(damaged(said));
        }
        let broken: Option<String> =
            self.connection.query_row("PRAGMA foreign_key_check", [], |row| row.get(0)).optional().map_err(failed)?;
        broken.map_or(Ok(()), |table| Err(damaged(format!("a row of {table} refers to nothing"))))
    }

    pub fn task(&self) -> Result<Task> {
        let task: String =
            self.connection.query_row("SELECT task FROM project", [], |row| row.get(0)).map_err(self.database())?;
        serde_json::from_value(task.clone().into()).map_err(|error| LabellingError::Schema {
            path: self.path.clone(),
            reason: format!("its task is \"{task}\": {error}"),
        })
    }

    pub fn facts(&self) -> Result<Facts> {
        let failed = self.database();
        let count = |sql: &str| self.connection.query_row(sql, [], |row| row.get(0)).map_err(&failed);
        let (name, created) = self
            .connection
            .query_row("SELECT name, created FROM project", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(&failed)?;
        Ok(Facts {
            name,
            task: self.task()?,
            created,
            documents: count("SELECT count(*) FROM documents")?,
            done: count("SELECT count(DISTINCT document) FROM answers WHERE done = 1")?,
            labels: self.labels()?,
            annotators: self.annotators()?,
        })
    }

    pub fn annotators(&self) -> Result<Vec<Annotator>> {
        let failed = self.database();
        let mut rows = self
            .connection
            .prepare_cached(
                "SELECT id, name, (SELECT count(*) FROM answers WHERE annotator = annotators.id AND done = 1)
                 FROM annotators ORDER BY id",
            )
            .map_err(&failed)?;
        let made = rows.query_map([], |row| Ok(Annotator { id: row.get(0)?, name: row.get(1)?, done: row.get(2)? }));
        made.and_then(Iterator::collect).map_err(failed)
    }

    /// The annotator of that name, who is added where there is none.
    pub fn annotator(&mut self, name: &str) -> Result<u32> {
        let failed = self.database();
        let name = name.trim();
        self.connection
            .execute("INSERT INTO annotators (name) VALUES (?1) ON CONFLICT (name) DO NOTHING", [name])
            .map_err(&failed)?;
        self.connection.query_row("SELECT id FROM annotators WHERE name = ?1", [name], |row| row.get(0)).map_err(failed)
    }
}
