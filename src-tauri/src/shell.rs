//! What the shell holds for as long as the window is open.

use crate::commands::app::Notice;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use studio::{Failure, Jobs, OpenData, OpenProject, Reviewer};
use tauri::ipc::Channel;

pub struct Shell {
    /// Why there is no job thread, where there is none.
    jobs: Result<Jobs, Failure>,
    pub data: OpenData,
    pub reviewer: Reviewer,
    pub project: OpenProject,
    /// One for each kind of long work that the page waits for: it grows with everything that ends the work that is under way,
    /// another of its kind or the wish to end it.
    pub turns: [AtomicU64; 4],
    /// How many such works are under way.
    pub works: AtomicUsize,
    page: Arc<Mutex<Option<Channel<Notice>>>>,
}

impl Shell {
    pub fn open() -> Self {
        Self {
            jobs: Jobs::open().map_err(Failure::from),
            data: OpenData::default(),
            reviewer: Reviewer::default(),
            project: OpenProject::default(),
            turns: Default::default(),
            works: AtomicUsize::new(0),
            page: Arc::default(),
        }
    }

    pub fn jobs(&self) -> Result<&Jobs, Failure> {
        self.jobs.as_ref().map_err(Failure::clone)
    }

    /// Whether something would be cut off if the window were closed now.
    pub fn is_busy(&self) -> bool {
        self.works.load(Ordering::Relaxed) > 0 || self.jobs.as_ref().is_ok_and(Jobs::is_busy)
    }

    /// Sends notices to the page from now on, in place of what it was before it was loaded again.
    pub fn watch(&self, notices: Channel<Notice>) -> Result<(), Failure> {
        *self.page.lock().unwrap_or_else(PoisonError::into_inner) = Some(notices.clone());
        self.jobs()?.watch(move |bulletin| {
            // A page that is gone hears nothing, and the next one asks again.
            let _ = notices.send(Notice::Jobs { bulletin });
        });
        Ok(())
    }

    pub fn tell(&self, notice: Notice) {
        if let Some(page) = self.page.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            let _ = page.send(notice);
        }
    }
}
