//! The window itself: what it is, what it remembers, what happens around it.

use super::{Held, apart};
use crate::dialogs;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::{Path, PathBuf};
use studio::{Bulletin, DeviceReport, Draft, Failure, StudioError};
use tauri::ipc::Channel;
use tauri::{AppHandle, WebviewWindow};

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct About {
    pub version: String,
    /// The folder in which encoders, datasets and runs lie.
    pub workspace: String,
}

/// What the page hears without having asked for it.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "notice", rename_all = "kebab-case")]
pub enum Notice {
    Jobs {
        bulletin: Bulletin,
    },
    /// Files are held over the window, or were taken away again.
    Hovering {
        over: bool,
    },
    /// Files or folders were dropped on the window.
    Dropped {
        paths: Vec<String>,
    },
    /// The user wants to close the window while a run is going on.
    Closing,
}

/// What a dialog is to pick.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Pick {
    DataFile,
    DataFolder,
    EncoderFolder,
    EncoderZip,
    /// Any file with texts to label.
    InputFile,
    Folder,
    /// Where to write a file; the name is what is proposed.
    SaveAs {
        name: String,
    },
}

/// A folder that the file manager can show.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Workspace,
    Run {
        id: String,
    },
    /// The folder of a file that was just written, or the folder itself.
    Written {
        path: String,
    },
}

#[tauri::command]
#[specta::specta]
pub async fn about() -> Result<About, Failure> {
    let workspace = studio::workspace()?.to_string_lossy().into_owned();
    Ok(About { version: env!("CARGO_PKG_VERSION").into(), workspace })
}

/// Everything that the page hears without asking comes through `notices`; the first is the present state of all jobs.
#[tauri::command]
#[specta::specta]
pub async fn watch(shell: Held<'_>, notices: Channel<Notice>) -> Result<(), Failure> {
    shell.watch(notices)
}

#[tauri::command]
#[specta::specta]
pub async fn draft() -> Result<Draft, Failure> {
    Ok(studio::draft()?)
}

#[tauri::command]
#[specta::specta]
pub async fn keep_draft(draft: Draft) -> Result<(), Failure> {
    Ok(studio::keep_draft(&draft)?)
}

/// Opens a native dialog; `None` when the user closed it.
#[tauri::command]
#[specta::specta]
pub async fn pick(app: AppHandle, what: Pick) -> Result<Option<String>, Failure> {
    Ok(dialogs::pick(&app, what).await.map(|path| path.to_string_lossy().into_owned()))
}

#[tauri::command]
#[specta::specta]
pub async fn show_place(place: Place) -> Result<(), Failure> {
    let folder = match place {
        Place::Workspace => studio::workspace()?,
        Place::Run { id } => studio::run_folder(&id)?,
        Place::Written { path } => {
            let path = PathBuf::from(path);
            if path.is_dir() { path } else { path.parent().map(Path::to_path_buf).unwrap_or_default() }
        }
    };
    Ok(dialogs::show(&folder).map_err(|error| StudioError::file(&folder, error))?)
}

/// Every device with its last verdict. Asking the graphics drivers can take seconds.
#[tauri::command]
#[specta::specta]
pub async fn devices(shell: Held<'_>) -> Result<Vec<DeviceReport>, Failure> {
    apart(shell, |_| Ok(studio::devices())).await
}

/// Checks one device against the processor: a minute or two. Refused while a run trains.
#[tauri::command]
#[specta::specta]
pub async fn check_device(shell: Held<'_>, name: String) -> Result<Vec<DeviceReport>, Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.check_device(&name)?)).await
}

/// Moves to another workspace folder, from the next start on; `None` is the platform's own.
#[tauri::command]
#[specta::specta]
pub async fn set_workspace(folder: Option<String>) -> Result<(), Failure> {
    Ok(studio::set_workspace(folder.as_deref().map(Path::new))?)
}

/// Shows everything larger; 1 is as usual.
#[tauri::command]
#[specta::specta]
pub async fn set_zoom(window: WebviewWindow, factor: f64) -> Result<(), Failure> {
    window.set_zoom(factor.clamp(0.5, 3.0)).map_err(|error| Failure::new("zoom", error.to_string()))
}

/// What helps to find a fault, without paths and texts.
#[tauri::command]
#[specta::specta]
pub async fn diagnostics(shell: Held<'_>) -> Result<String, Failure> {
    apart(shell, |_| Ok(studio::diagnostics()?)).await
}

/// Pauses what is running, writes it down, and closes the window. The next start goes on with it.
#[tauri::command]
#[specta::specta]
pub async fn leave(app: AppHandle, shell: Held<'_>) -> Result<(), Failure> {
    apart(shell, |shell| {
        shell.jobs()?.leave();
        Ok(())
    })
    .await?;
    app.exit(0);
    Ok(())
}
