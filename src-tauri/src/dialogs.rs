//! Native dialogs, behind one seam.
//!
//! Where `BALLAST_PICKS` names a file, no dialog opens: each request takes the first line of that file as the path picked
//! (an empty line: the dialog was closed) and nothing is shown in a file manager. So a test can pick a file.

use crate::commands::app::Pick;
use std::path::{Path, PathBuf};
use std::{env, fs, io};
use tauri::AppHandle;
use tauri::async_runtime::channel;

/// What the user picked, or `None` when the dialog was closed.
pub async fn pick(app: &AppHandle, what: Pick) -> Option<PathBuf> {
    if let Some(picks) = env::var_os("BALLAST_PICKS") {
        return next_line(Path::new(&picks)).ok().filter(|path| !path.as_os_str().is_empty());
    }
    let (answer, mut answered) = channel(1);
    // GTK and macOS open dialogs on the window's own thread only; waiting for the answer must not block it.
    let open = move || {
        let dialog = rfd::AsyncFileDialog::new();
        let chosen: std::pin::Pin<Box<dyn Future<Output = Option<rfd::FileHandle>> + Send>> = match what {
            Pick::DataFile => Box::pin(
                dialog
                    .add_filter(
                        "CSV, TSV, JSONL, CoNLL",
                        &["csv", "tsv", "tab", "jsonl", "ndjson", "conll", "bio", "iob", "txt"],
                    )
                    .add_filter("*", &["*"])
                    .pick_file(),
            ),
            Pick::EncoderZip => Box::pin(dialog.add_filter("zip", &["zip"]).pick_file()),
            Pick::InputFile => Box::pin(dialog.pick_file()),
            Pick::DataFolder | Pick::EncoderFolder | Pick::Folder => Box::pin(dialog.pick_folder()),
            Pick::SaveAs { name } => Box::pin(dialog.set_file_name(name).save_file()),
        };
        tauri::async_runtime::spawn(async move {
            let path = chosen.await.map(|file| file.path().to_path_buf());
            let _ = answer.send(path).await;
        });
    };
    app.run_on_main_thread(open).ok()?;
    answered.recv().await.flatten()
}

/// Shows a folder in the system's file manager.
pub fn show(folder: &Path) -> io::Result<()> {
    if env::var_os("BALLAST_PICKS").is_some() { Ok(()) } else { open::that_detached(folder) }
}

fn next_line(picks: &Path) -> io::Result<PathBuf> {
    let text = fs::read_to_string(picks)?;
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    fs::write(picks, rest)?;
    Ok(first.trim().into())
}
