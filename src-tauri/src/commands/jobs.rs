//! Runs in the making. Their progress comes through `watch`.

use super::{Held, apart};
use studio::{DataRequest, Failure, Wish};

/// Puts a run in the queue and answers with its id.
#[tauri::command]
#[specta::specta]
pub async fn start(shell: Held<'_>, data: DataRequest, wish: Wish) -> Result<String, Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.start(&shell.data, data, wish)?)).await
}

/// The whole way on the starter encoder and the sample notes; an empty draft is set to them as well.
#[tauri::command]
#[specta::specta]
pub async fn start_sample(shell: Held<'_>) -> Result<String, Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.start_sample()?)).await
}

/// Writes the run down after the present step and makes room for the next in the queue.
#[tauri::command]
#[specta::specta]
pub async fn pause(shell: Held<'_>, id: String) -> Result<(), Failure> {
    Ok(shell.jobs()?.pause(&id)?)
}

/// Goes on with a run that was paused, interrupted, stopped, or failed, on its own device unless another is named; it waits
/// its turn.
#[tauri::command]
#[specta::specta]
pub async fn resume(shell: Held<'_>, id: String, device: Option<String>) -> Result<(), Failure> {
    Ok(shell.jobs()?.resume(&id, device.as_deref())?)
}

/// Stops after the present step, scores what was learnt and keeps it. A queued run is taken off the queue.
#[tauri::command]
#[specta::specta]
pub async fn stop(shell: Held<'_>, id: String) -> Result<(), Failure> {
    Ok(shell.jobs()?.stop(&id)?)
}

/// Stops and deletes the run with its folder.
#[tauri::command]
#[specta::specta]
pub async fn discard(shell: Held<'_>, id: String) -> Result<(), Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.discard(&id)?)).await
}
