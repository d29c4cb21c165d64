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
        // A line that was torn by a kill or a full disk says nothing; the others say how far they go.
        let told = old.lines().filter_map(|line| Some((line, serde_json::from_str::<Event>(line).ok()?)));
        for (line, event) in told.filter(|_| step > 0) {
            if step_of(&event).is_some_and(|at| at > step) {
                break;
            }
            kept.push_str(line);
            kept.push('\n');
        }
        write_file(&self.path, kept.as_bytes())?;
        *self = Self::open(&self.path)?;
        Ok(())
    }
}

/// The step after which an event came.
fn step_of(event: &Event) -> Option<usize> {
    match event {
        Event::Started { from_step, .. } => Some(*from_step),
        Event::Step { step, .. }
        | Event::Evaluation { step, .. }
        | Event::Collapse { step, .. }
        | Event::Warning { step, .. }
        | Event::Checkpoint { step } => Some(*step),
        Event::Ended { .. } => Some(usize::MAX),
        Event::ComputingFrozen { .. } | Event::Evaluating { .. } => None,
    }
}
