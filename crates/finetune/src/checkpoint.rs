//! Everything a run needs to go on as if it had never been interrupted, in one file that is replaced atomically:
//! weights, the optimizer's moments, and the position in the run.

use crate::collapse::Gathered;
use crate::event::Scores;
use crate::optimizer::AdamW;
use crate::{Recipe, TrainError};
use burn::tensor::Device;
use encoder::{Checkpoint, Model};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where a run stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Steps done, skipped ones included.
    pub step: usize,
    /// Steps in a row whose loss or gradient was not finite.
    pub broken_steps: usize,
    /// The best epoch so far, from 1, and its scores on dev.
    pub best: Option<(usize, Scores)>,
    /// Epochs since then.
    pub epochs_without_better: usize,
    /// Scores on dev of the last epoch that was evaluated.
    pub last: Option<(usize, Scores)>,
    /// Since then.
    #[serde(default)]
    pub gathered: Gathered,
    /// Whether signs of a collapse have been told.
    #[serde(default)]
    pub collapsed: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    recipe: Recipe,
    fingerprint: String,
    updates: usize,
    position: Position,
}

const STATE: &str = "state.safetensors";

fn best_path(folder: &Path, epoch: usize) -> PathBuf {
    folder.join(format!("best-{epoch}.safetensors"))
}

/// Writes the state of a run. `fingerprint` names the data it is trained on.
pub fn write(
    folder: &Path,
    model: &Model,
    optimizer: &AdamW,
    position: &Position,
    recipe: &Recipe,
    fingerprint: &str,
) -> Result<(), TrainError> {
    let mut names = Vec::new();
    let mut tensors = Vec::new();
    model.clone().visit(&mut |name, parameter| {
        names.push(name.to_string());
        tensors.push((name.to_string(), parameter.shape(), parameter.values()));
    });
    for (name, moments) in names.iter().zip(optimizer.moments()) {
        if let Some((first, second)) = moments {
            tensors.push((format!("first/{name}"), vec![first.len()], first));
            tensors.push((format!("second/{name}"), vec![second.len()], second));
        }
    }
    let header = Header {
        recipe: recipe.clone(),
        fingerprint: fingerprint.into(),
        updates: optimizer.updates,
        position: position.clone(),
    };
    let header = serde_json::to_string(&header).expect("plain data is always writable");
    create(folder)?;
    encoder::write_tensors(&folder.join(STATE), &tensors, HashMap::from([("ballast".to_string(), header)]))?;
    forget_other_bests(folder, position)
}

/// Puts a saved state back into `model`. `None` when the run was killed before its first checkpoint.
pub fn read(
    folder: &Path,
    model: &mut Model,
    device: &Device,
    recipe: &Recipe,
    fingerprint: &str,
) -> Result<Option<(AdamW, Position)>, TrainError> {
    let path = folder.join(STATE);
    if !path.is_file() {
        return Ok(None);
    }
    let mismatch = |reason: &str| TrainError::CheckpointMismatch { path: path.clone(), reason: reason.into() };
    let (file, metadata) = Checkpoint::open_file(&path)?;
    let header: Header = metadata
        .get("ballast")
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| mismatch("it has no header of Ballast"))?;
    if header.fingerprint != fingerprint {
        return Err(mismatch("the data has changed since the run began; start a new run"));
    }
    if header.recipe != *recipe {
        return Err(mismatch("the recipe has changed since the run began; start a new run"));
    }
    let mut moments = Vec::new();
    let mut problem = None;
    let mut fits = true;
    model.visit(&mut |name, mut parameter| {
        if file.shape(name) != Some(&parameter.shape()) {
            fits = false;
            return;
        }
        let mut values =
            |key: String| file.values(&key).and_then(|result| result.map_err(|error| problem = Some(error)).ok());
        if let Some(weights) = values(name.into()) {
            parameter.set(weights);
        }
        moments.push(values(format!("first/{name}")).zip(values(format!("second/{name}"))));
    });
    match problem {
        Some(error) => Err(error.into()),
        None if !fits => Err(mismatch("the encoder has changed since the run began; start a new run")),
        None => Ok(Some((AdamW::restore(header.updates, moments, device), header.position))),
    }
}

/// Keeps the weights of an epoch as the best so far, beside the state. They count once the state names that epoch.
pub fn write_best(folder: &Path, model: &Model, epoch: usize) -> Result<(), TrainError> {
    create(folder)?;
    Ok(encoder::save_weights(model, &best_path(folder, epoch))?)
}

/// Puts the weights of the best epoch into `model`.
pub fn read_best(folder: &Path, model: &mut Model, epoch: usize) -> Result<(), TrainError> {
    let (file, _) = Checkpoint::open_file(&best_path(folder, epoch))?;
    let mut problem = None;
    model.visit(&mut |name, mut parameter| match file.values(name) {
        Some(Ok(values)) => parameter.set(values),
        Some(Err(error)) => problem = Some(error),
        None => {}
    });
    problem.map_or(Ok(()), |error| Err(error.into()))
}

fn create(folder: &Path) -> Result<(), TrainError> {
    fs::create_dir_all(folder).map_err(|source| TrainError::File { path: folder.into(), source })
}

fn forget_other_bests(folder: &Path, position: &Position) -> Result<(), TrainError> {
    let kept = position.best.as_ref().map(|(epoch, _)| best_path(folder, *epoch));
    let entries = fs::read_dir(folder).map_err(|source| TrainError::File { path: folder.into(), source })?;
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_best = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("best-"));
        if is_best && Some(&path) != kept.as_ref() {
            fs::remove_file(&path).map_err(|source| TrainError::File { path, source })?;
        }
    }
    Ok(())
}
