//! Answers to many texts, kept until all are written, so that a labelling that was stopped or killed goes on where it was. They
//! hold no text.

use crate::StudioError;
use crate::record::model_folder;
use crate::workspace::{create, workspace};
use corpus::Example;
use finetune::Prediction;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What nobody went on with for so long goes.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

pub(crate) struct Kept {
    path: PathBuf,
    file: File,
}

impl Kept {
    /// What is kept of a model's answers to these texts, from the first on. `None` where another process is at them.
    pub fn open(run: &Path, examples: &[Example]) -> Result<Option<(Self, Vec<Prediction>)>, StudioError> {
        let folder = workspace()?.join("answers");
        create(&folder)?;
        sweep(&folder);
        let path = folder.join(format!("{}.jsonl", key(run, examples)?));
        let failed = |error| StudioError::file(&path, error);
        let opened = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = opened.map_err(failed)?;
        if matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let text = String::from_utf8_lossy(&bytes);
        let (mut found, mut whole) = (Vec::new(), 0);
        // A kill may have torn the last line.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let Ok(prediction) = serde_json::from_str(line) else { break };
            found.push(prediction);
            whole += line.len();
        }
        file.set_len(whole as u64).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        Ok(Some((Self { path, file }, found)))
    }

    pub fn add(&mut self, predictions: &[Prediction]) -> Result<(), StudioError> {
        let line = |prediction| serde_json::to_string(prediction).map(|line| line + "\n");
        let lines: Result<String, _> = predictions.iter().map(line).collect();
        let written = lines.map_err(std::io::Error::other).and_then(|lines| self.file.write_all(lines.as_bytes()));
        written.map_err(|error| StudioError::file(&self.path, error))
    }

    /// All is written: nothing has to be gone on with.
    pub fn forget(self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Stands for a model as it is now and texts in their order.
fn key(run: &Path, examples: &[Example]) -> Result<String, StudioError> {
    let model = model_folder(run)?;
    let mut hash = Sha256::new();
    hash.update(model.to_string_lossy().as_bytes());
    for name in ["config.json", "model.safetensors"] {
        let path = model.join(name);
        let facts = fs::metadata(&path).map_err(|error| StudioError::file(&path, error))?;
        let written = facts.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        hash.update(facts.len().to_le_bytes());
        hash.update(written.unwrap_or_default().as_nanos().to_le_bytes());
    }
    for Example { id, text, pair, .. } in examples {
        for part in [id, text, pair.as_ref().unwrap_or(&String::new())] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn sweep(folder: &Path) {
    let old = |path: &PathBuf| {
        let written = fs::metadata(path).and_then(|facts| facts.modified()).ok();
        written.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > LONGEST)
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(old) {
        let _ = fs::remove_file(path);
    }
}
