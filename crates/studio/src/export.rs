//! Taking a trained model elsewhere. An export holds no path of this machine and no text of the dataset.

use crate::StudioError;
use crate::record::model_folder;
use crate::workspace::{create, refuse_filled};
use std::fs;
use std::path::Path;

/// Copies the model folder of a run, which `transformers` loads as it is, to a place of its own: whole, or not at all.
pub fn export_hf(run: &Path, out: &Path) -> Result<(), StudioError> {
    let model = model_folder(run)?;
    refuse_filled(out)?;
    let failed = |error| StudioError::file(out, error);
    let parent = std::path::absolute(out).map_err(failed)?.parent().map(Path::to_path_buf).unwrap_or_default();
    create(&parent)?;
    let copy = tempfile::tempdir_in(&parent).map_err(failed)?;
    let entries = fs::read_dir(&model).map_err(|error| StudioError::file(&model, error))?;
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        fs::copy(&path, copy.path().join(path.file_name().unwrap_or_default())).map_err(failed)?;
    }
    if out.is_dir() {
        fs::remove_dir(out).map_err(failed)?;
    }
    fs::rename(copy.path(), out).map_err(failed)?;
    let _ = copy.keep();
    Ok(())
}
