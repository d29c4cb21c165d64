//! The private folder in which Ballast keeps encoders, prepared datasets, runs and verdicts.

use crate::StudioError;
use directories::ProjectDirs;
use encoder::EncoderError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Where the choice of a workspace is kept, among the settings.
const CHOICE: &str = "workspace.json";

/// The workspace of this process. It is settled once: a choice made meanwhile holds from the next start on.
static SETTLED: OnceLock<PathBuf> = OnceLock::new();

/// `BALLAST_WORKSPACE`, else the folder that the user chose, else the platform's folder for this user's data.
pub fn workspace() -> Result<PathBuf, StudioError> {
    if let Some(folder) = env::var_os("BALLAST_WORKSPACE") {
        return Ok(folder.into());
    }
    let folders = project().ok_or(StudioError::NoWorkspace)?;
    let chosen = || read_json::<PathBuf>(&folders.config_dir().join(CHOICE)).ok();
    Ok(SETTLED.get_or_init(|| chosen().unwrap_or_else(|| folders.data_dir().to_path_buf())).clone())
}

/// Chooses a folder to work in from the next start on; `None` goes back to the platform's.
pub fn set_workspace(folder: Option<&Path>) -> Result<(), StudioError> {
    let settings = project().ok_or(StudioError::NoWorkspace)?.config_dir().to_path_buf();
    let choice = settings.join(CHOICE);
    let Some(folder) = folder else {
        return match fs::remove_file(&choice) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StudioError::file(&choice, error)),
            _ => Ok(()),
        };
    };
    // Found out now rather than at the next start.
    create(folder)?;
    tempfile::tempfile_in(folder).map_err(|error| StudioError::file(folder, error))?;
    create(&settings)?;
    write_json(&choice, &folder)
}

/// `BALLAST_CACHE`, else the platform's folder for what can be fetched again.
pub(crate) fn cache() -> Option<PathBuf> {
    match env::var_os("BALLAST_CACHE") {
        Some(folder) => Some(folder.into()),
        None => project().map(|folders| folders.cache_dir().to_path_buf()),
    }
}

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "ballast")
}

pub(crate) fn create(folder: &Path) -> Result<(), StudioError> {
    fs::create_dir_all(folder).map_err(|error| StudioError::file(folder, error))
}

/// Refuses a folder that holds anything, so that no result overwrites another.
pub(crate) fn refuse_filled(folder: &Path) -> Result<(), StudioError> {
    let filled = folder.is_file() || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if filled { Err(StudioError::OutputExists { path: folder.into() }) } else { Ok(()) }
}

pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StudioError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| StudioError::file(path, error.into()))?;
    write_file(path, (text + "\n").as_bytes())
}

/// Writes a file whole or not at all. That it cannot be written is no fault of what the user gave.
pub(crate) fn write_file(path: &Path, content: &[u8]) -> Result<(), StudioError> {
    encoder::write_file(path, content).map_err(|error| match error {
        EncoderError::File { path, source } => StudioError::file(&path, source),
        other => other.into(),
    })
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, StudioError> {
    let text = fs::read_to_string(path).map_err(|error| StudioError::file(path, error))?;
    serde_json::from_str(&text).map_err(|error| StudioError::file(path, error.into()))
}

/// An empty folder in the workspace that goes away with the value, unless it is moved to its place.
pub(crate) fn scratch() -> Result<tempfile::TempDir, StudioError> {
    let folder = workspace()?;
    create(&folder)?;
    tempfile::tempdir_in(&folder).map_err(|error| StudioError::file(&folder, error))
}

/// The moment as the beginning of a folder's name: `2026-11-26-091348`, UTC.
pub(crate) fn stamp() -> String {
    let now = OffsetDateTime::now_utc();
    let (date, clock) = (now.date(), now.time());
    format!("{date}-{:02}{:02}{:02}", clock.hour(), clock.minute(), clock.second())
}

/// The time in RFC 3339, UTC.
pub(crate) fn now() -> String {
    OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default()
}
