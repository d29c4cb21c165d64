//! Encoders, and what a recipe would do with one.

use super::{Held, apart};
use std::path::Path;
use studio::{EncoderCard, Estimate, Failure, Proposal, Wish};

#[tauri::command]
#[specta::specta]
pub async fn encoders(shell: Held<'_>) -> Result<Vec<EncoderCard>, Failure> {
    apart(shell, |_| Ok(studio::encoder_cards()?)).await
}

/// Takes an encoder into the library from its folder or a zip of it, checked whole before.
#[tauri::command]
#[specta::specta]
pub async fn add_encoder(shell: Held<'_>, path: String) -> Result<EncoderCard, Failure> {
    apart(shell, move |_| Ok(studio::encoder_card(&studio::add_encoder(Path::new(&path))?))).await
}

#[tauri::command]
#[specta::specta]
pub async fn remove_encoder(shell: Held<'_>, name: String) -> Result<(), Failure> {
    apart(shell, move |_| Ok(studio::remove_encoder(&name)?)).await
}

/// What a wish comes to on the data that is open. A value out of its limits fails with `recipe`, and `data.key` names it.
#[tauri::command]
#[specta::specta]
pub async fn propose(shell: Held<'_>, wish: Wish) -> Result<Proposal, Failure> {
    apart(shell, move |shell| Ok(shell.data.propose(&wish)?)).await
}

/// Time and memory. The first question about a device takes a second or two, in which its speed is measured.
#[tauri::command]
#[specta::specta]
pub async fn estimate(shell: Held<'_>, wish: Wish) -> Result<Estimate, Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.estimate(&shell.data, &wish)?)).await
}
