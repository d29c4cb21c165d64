//! `events.jsonl`: one line an event of a run, cut back to the checkpoint when a run goes on.

use crate::StudioError;
use crate::workspace::write_file;
use finetune::Event;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    pub fn open(path: &Path) -> Result<Self, StudioError> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Ok(Self { path: path.into(), file: file.map_err(|error| StudioError::file(path, error))? })
    }

    /// Writes an event down. When a run starts, what lies behind its checkpoint is forgotten first.
    pub fn note(&mut self, event: &Event) -> Result<(), StudioError> {
        match event {
            Event::Evaluating { .. } | Event::ComputingFrozen { .. } => return Ok(()),
            Event::Started { from_step, .. } => self.cut_back(*from_step)?,
            _ => {}
        }
        let line = serde_json::to_string(event).map_err(|error| StudioError::file(&self.path, error.into()))?;
        let write = || {
            self.file.write_all((line + "\n").as_bytes())?;
            if matches!(event, Event::Checkpoint { .. } | Event::Ended { .. }) { self.file.sync_all() } else { Ok(()) }
        };
        write().map_err(|error| StudioError::file(&self.path, error))
    }

    fn cut_back(&mut self, step: usize) -> Result<(), StudioError> {
        let old = std::fs::read_to_string(&self.path).map_err(|error| StudioError::file(&self.path, error))?;
        let mut kept = String::new();
        let mut length = 0;
        for line in old.lines() {
            // A line that was torn by the kill is the last one and lies behind the checkpoint.
            let Ok(event) = serde_json::from_str::<Event>(line) else { break };
            kept.push_str(line);
            kept.push('\n');
            if matches!(event, Event::Checkpoint { step: at } if at == step) {
                length = kept.len();
            }
        }
        if step == 0 {
            length = 0;
        }
        kept.truncate(length);
        write_file(&self.path, kept.as_bytes())?;
        *self = Self::open(&self.path)?;
        Ok(())
    }
}
