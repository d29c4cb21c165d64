//! What the page can ask for. A command is a few lines that call `studio`; what takes time happens off the window's thread.

pub mod app;
pub mod data;
pub mod jobs;
pub mod model;
pub mod projects;
pub mod results;
pub mod studies;

use crate::shell::Shell;
use std::sync::Arc;
use studio::Failure;
use tauri::State;

/// What the window holds, as a command receives it.
pub type Held<'a> = State<'a, Arc<Shell>>;

/// Runs what may take time on a thread that may wait.
pub async fn apart<T: Send + 'static>(
    shell: Held<'_>,
    work: impl FnOnce(&Shell) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let shell = shell.inner().clone();
    let ended = tauri::async_runtime::spawn_blocking(move || work(&shell)).await;
    ended.unwrap_or_else(|_| Err(studio::StudioError::BrokenOff.into()))
}
