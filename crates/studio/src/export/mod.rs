//! Taking a trained model elsewhere. An export holds no path of this machine and no text of the dataset.

mod bundle;
mod onnx;

pub use bundle::{export_bundle, import_bundle};
pub use onnx::{OnnxExport, export_onnx};

use crate::StudioError;
use crate::record::model_folder;
use crate::workspace::{create, refuse_filled};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Copies the model of a run to `out`: into a folder, into a zip, or into a bundle, as the name ends. Answers with the bytes
/// written.
pub fn export(run: &Path, out: &Path) -> Result<u64, StudioError> {
    let ends = |ending: &str| out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending));
    if ends("zip") || ends(bundle::ENDING) {
        if ends("zip") {
            export_zip(run, out)?
        } else {
            export_bundle(run, out)?
        }
        return Ok(fs::metadata(out).map_or(0, |file| file.len()));
    }
    export_hf(run, out)?;
    Ok(files(out)?.iter().filter_map(|path| fs::metadata(path).ok()).map(|file| file.len()).sum())
}

/// The files of a model folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, StudioError> {
    let entries = fs::read_dir(folder).map_err(|error| StudioError::file(folder, error))?;
    // A kill in the middle of writing leaves temporary files behind.
    let whole = |path: &PathBuf| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".tmp"));
    Ok(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file() && whole(path)).collect())
}

/// Packs the model folder of a run, in a folder named after the zip: whole, or not at all.
pub fn export_zip(run: &Path, out: &Path) -> Result<(), StudioError> {
    let (model, top) = (files(&model_folder(run)?)?, out.file_stem().unwrap_or_default().to_string_lossy());
    whole_zip(out, |zip| {
        for path in &model {
            let name = format!("{top}/{}", path.file_name().unwrap_or_default().to_string_lossy());
            // Weights above 4 GB need the larger format.
            zip.start_file(name, SimpleFileOptions::default().large_file(true))?;
            io::copy(&mut File::open(path)?, zip)?;
        }
        Ok(())
    })
}

/// A new zip with what `fill` puts into it: whole, or not at all.
fn whole_zip(out: &Path, fill: impl FnOnce(&mut ZipWriter<&mut File>) -> io::Result<()>) -> Result<(), StudioError> {
    if out.exists() {
        return Err(StudioError::OutputExists { path: out.into() });
    }
    let failed = |error| StudioError::file(out, error);
    let parent = std::path::absolute(out).map_err(failed)?.parent().map(Path::to_path_buf).unwrap_or_default();
    create(&parent)?;
    let mut copy = for_others(0o666).tempfile_in(&parent).map_err(failed)?;
    let mut zip = ZipWriter::new(copy.as_file_mut());
    fill(&mut zip).and_then(|()| Ok(zip.finish().map(|_| ())?)).map_err(failed)?;
    copy.as_file().sync_all().map_err(failed)?;
    copy.persist_noclobber(out).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Copies the model folder of a run, which `transformers` loads as it is, to a place of its own: whole, or not at all.
pub fn export_hf(run: &Path, out: &Path) -> Result<(), StudioError> {
    let model = files(&model_folder(run)?)?;
    whole_folder(out, |folder| model.iter().try_for_each(|path| copy(path, folder)))
}

fn copy(path: &Path, folder: &Path) -> Result<(), StudioError> {
    let target = folder.join(path.file_name().unwrap_or_default());
    let failed = |error| StudioError::file(&target, error);
    let mut whole = File::create(&target).map_err(failed)?;
    io::copy(&mut File::open(path).map_err(failed)?, &mut whole).map_err(failed)?;
    Ok(())
}

/// A new folder with what `fill` puts into it: whole, or not at all.
fn whole_folder<T>(out: &Path, fill: impl FnOnce(&Path) -> Result<T, StudioError>) -> Result<T, StudioError> {
    refuse_filled(out)?;
    let failed = |error| StudioError::file(out, error);
    let parent = std::path::absolute(out).map_err(failed)?.parent().map(Path::to_path_buf).unwrap_or_default();
    create(&parent)?;
    let made = for_others(0o777).tempdir_in(&parent).map_err(failed)?;
    let filled = fill(made.path())?;
    if out.is_dir() {
        fs::remove_dir(out).map_err(failed)?;
    }
    fs::rename(made.path(), out).map_err(failed)?;
    let _ = made.keep();
    Ok(filled)
}

/// Temporary files and folders that others may read once they are in their place, as far as the user lets them: colleagues
/// and services get exports from shared drives.
fn for_others(mode: u32) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    builder
}
