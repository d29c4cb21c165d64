//! `run.json`: what a run was made from and how it ended; and where its model is.

use crate::workspace::read_json;
use crate::{Failure, StudioError};
use corpus::{Columns, Options, Source};
use finetune::Recipe;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// In the folder of a run that came in a bundle: what its study has found.
pub(crate) const FINDINGS: &str = "study.json";

/// What `run.json` says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunRecord {
    pub recipe: Recipe,
    pub seed: u64,
    /// The study to which it belongs.
    #[serde(default)]
    pub study: Option<String>,
    /// Of an ensemble: the runs whose models answer together.
    #[serde(default)]
    pub members: Vec<String>,
    pub encoder: EncoderRecord,
    pub dataset: DatasetRecord,
    pub device: String,
    /// Version of the program.
    pub program: String,
    pub started: String,
    pub ended: Option<String>,
    /// `running`, `paused`, `completed`, `stopped-early`, `given-up`, `stopped` or `failed`.
    pub outcome: String,
    /// What went wrong, when it failed.
    pub problem: Option<Failure>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EncoderRecord {
    pub name: String,
    pub folder: PathBuf,
    pub sha256: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DatasetRecord {
    pub data: PathBuf,
    pub sources: Vec<Source>,
    /// SHA-256 over the files and how they were read; also its folder's name in the workspace.
    pub sha256: String,
    pub options: Options,
    /// The columns that were used, guessed ones too.
    #[serde(default)]
    pub columns: Option<Columns>,
    pub train: usize,
    pub dev: usize,
    pub test: usize,
    pub labels: Vec<String>,
    /// Whether dev or test were drawn rather than given.
    pub drawn_split: bool,
}

impl DatasetRecord {
    /// The options with every column by its name.
    pub fn named_columns(self) -> Options {
        let (used, given) = (self.columns.unwrap_or_default(), self.options);
        Options {
            text: given.text.or(used.text),
            pair: given.pair.or(used.pair),
            label: given.label.or(used.label),
            labels: if given.labels.is_empty() { used.labels } else { given.labels },
            id: given.id.or(used.id),
            document: given.document.or(used.document),
            ..given
        }
    }
}

/// Reads the record of a run folder.
pub fn read_run(folder: &Path) -> Result<RunRecord, StudioError> {
    let path = folder.join("run.json");
    if !path.is_file() {
        return Err(StudioError::NotARun { path: folder.into(), reason: "it holds no run.json".into() });
    }
    read_json(&path).map_err(|error| StudioError::NotARun { path: folder.into(), reason: error.to_string() })
}

/// The model of a run, where it has one.
pub(crate) fn model_folder(run: &Path) -> Result<PathBuf, StudioError> {
    read_run(run)?;
    let model = run.join("model");
    if model.join("model.safetensors").is_file() {
        return Ok(model);
    }
    Err(StudioError::NotARun { path: run.into(), reason: "it has no model yet; resume it first".into() })
}
