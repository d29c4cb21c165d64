//! The data a user is looking at.

use super::{Held, apart};
use std::path::Path;
use studio::{
    DataHead, DataReport, DataRequest, DomainFit, Failure, Hygiene, IssuePage, IssueQuery, Lengths, Reading, RowPage,
    RowQuery,
};
use tauri::ipc::Channel;

/// The first rows, at once. What was opened before is put away, and its reading ends.
#[tauri::command]
#[specta::specta]
pub async fn data_open(shell: Held<'_>, request: DataRequest) -> Result<DataHead, Failure> {
    apart(shell, move |shell| Ok(shell.data.open(&request)?)).await
}

/// Reads all that was opened. Asked again for the same data, it answers from memory.
#[tauri::command]
#[specta::specta]
pub async fn data_read(
    shell: Held<'_>,
    request: DataRequest,
    progress: Channel<Reading>,
) -> Result<DataReport, Failure> {
    let tell = move |reading| {
        let _ = progress.send(reading);
    };
    apart(shell, move |shell| Ok(shell.data.read(&request, &tell)?)).await
}

/// Ends a reading that is going on; its call fails with `cancelled`.
#[tauri::command]
#[specta::specta]
pub async fn data_cancel(shell: Held<'_>) -> Result<(), Failure> {
    shell.data.cancel();
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub async fn data_rows(shell: Held<'_>, query: RowQuery) -> Result<RowPage, Failure> {
    apart(shell, move |shell| Ok(shell.data.rows(&query)?)).await
}

#[tauri::command]
#[specta::specta]
pub async fn data_issues(shell: Held<'_>, query: IssueQuery) -> Result<IssuePage, Failure> {
    apart(shell, move |shell| Ok(shell.data.issues(&query)?)).await
}

/// Writes all issues to a CSV file.
#[tauri::command]
#[specta::specta]
pub async fn data_issues_save(shell: Held<'_>, path: String) -> Result<(), Failure> {
    apart(shell, move |shell| Ok(shell.data.save_issues(Path::new(&path))?)).await
}

/// What may spoil a result on the data that were read. [`data_cancel`] ends it.
#[tauri::command]
#[specta::specta]
pub async fn data_hygiene(shell: Held<'_>) -> Result<Hygiene, Failure> {
    apart(shell, move |shell| Ok(shell.data.hygiene()?)).await
}

/// How well the vocabulary of each encoder in the library fits the texts.
#[tauri::command]
#[specta::specta]
pub async fn data_fit(shell: Held<'_>) -> Result<Vec<DomainFit>, Failure> {
    apart(shell, move |shell| Ok(shell.data.fits()?)).await
}

/// How long the texts are for an encoder whose windows hold `max_length` pieces (`None`: as many as is usual).
#[tauri::command]
#[specta::specta]
pub async fn data_lengths(shell: Held<'_>, encoder: String, max_length: Option<usize>) -> Result<Lengths, Failure> {
    apart(shell, move |shell| Ok(shell.data.lengths(&encoder, max_length)?)).await
}
