//! The desktop shell: it opens the window and hands the page's calls to `studio`. No logic lives here.

pub mod commands;

use std::process::ExitCode;

use tauri::Wry;
use tauri_specta::{Builder, collect_commands};

/// Every call the page can make, with its types: what `ui/src/lib/bindings.ts` is written from.
pub fn calls() -> Builder<Wry> {
    Builder::new().commands(collect_commands![commands::about, commands::devices])
}

/// Opens the window and runs until it is closed.
pub fn main() -> ExitCode {
    let outcome = tauri::Builder::default().invoke_handler(calls().invoke_handler()).run(tauri::generate_context!());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "Ballast cannot open its window: {error}. The `ballast` command does the same jobs in a terminal."
            );
            ExitCode::FAILURE
        }
    }
}
