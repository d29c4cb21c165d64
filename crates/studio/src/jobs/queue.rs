//! The queue as it outlives the program: what is waiting or going on, in the workspace.

use super::view::JobView;
use crate::workspace::{create, read_json, workspace, write_json};
use crate::{DataRequest, StudioError, Wish};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

/// How often a run is begun without a user asking before it is left alone: one that brings the program down would otherwise
/// do so at every start.
pub const TRIES: u32 = 3;

/// Where a queue that cannot be read is put aside.
const UNREADABLE: &str = "queue.unreadable.json";

/// What is to be done for a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    Start {
        data: Box<DataRequest>,
        wish: Box<Wish>,
    },
    /// Its folder says everything.
    Resume,
    /// A study, whose folder says everything.
    Study,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    pub view: JobView,
    pub ask: Ask,
    /// How often it has been begun since a user asked for it or it last wrote a checkpoint.
    pub tries: u32,
}

/// `queue.json`. Only one program at a time keeps it; others run what they are asked to and forget it at their end.
pub struct Queue {
    path: PathBuf,
    lock: Option<File>,
}

impl Queue {
    pub fn open() -> Result<Self, StudioError> {
        let folder = workspace()?;
        create(&folder)?;
        let lock = folder.join("queue.lock");
        let file = OpenOptions::new().create(true).append(true).open(&lock);
        let file = file.map_err(|error| StudioError::file(&lock, error))?;
        Ok(Self { path: folder.join("queue.json"), lock: file.try_lock().is_ok().then_some(file) })
    }

    pub fn read(&self) -> Vec<Saved> {
        if self.lock.is_none() {
            return Vec::new();
        }
        if !self.path.is_file() {
            return Vec::new();
        }
        let entries: Option<Vec<Value>> = read_json(&self.path).ok();
        let saved: Vec<Saved> = entries.iter().flatten().filter_map(|entry| Saved::deserialize(entry).ok()).collect();
        if entries.is_none_or(|entries| entries.len() > saved.len()) {
            let _ = fs::copy(&self.path, self.path.with_file_name(UNREADABLE));
        }
        saved
    }

    /// Keeps the queue. Where the disk is full the runs themselves say so; the queue has nothing to add.
    pub fn write(&self, saved: &[Saved]) {
        if self.lock.is_some() {
            let _ = write_json(&self.path, &saved);
        }
    }
}
