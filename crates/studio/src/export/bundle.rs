//! A run as one file for another Ballast: model, recipe, scores, curves, and what its study found. No text, no ids of examples, no
//! path of this machine.

use super::{files, whole_zip};
use crate::StudioError;
use crate::library::unzip;
use crate::record::{FINDINGS, RunRecord, model_folder, read_run};
use crate::study::{StudyFindings, StudyReport, is_study, study_folder, study_report};
use crate::workspace::{create, read_json, workspace, write_file, write_json};
use encoder::Compute;
use finetune::{Predictor, TrainError};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// What a bundle's name ends in.
pub(crate) const ENDING: &str = "ballast";

/// Files of a run that say nothing of any one example.
const KEPT: [&str; 2] = ["metrics.json", "events.jsonl"];

/// Packs a run that has ended: whole, or not at all.
pub fn export_bundle(run: &Path, out: &Path) -> Result<(), StudioError> {
    let model = files(&model_folder(run)?)?;
    let record = nameless(read_run(run)?);
    let study = record.study.as_deref().map(found_by).transpose()?.flatten();
    whole_zip(out, |zip| {
        put(zip, "run.json", &serde_json::to_vec_pretty(&record).map_err(io::Error::other)?)?;
        for name in KEPT.into_iter().filter(|name| run.join(name).is_file()) {
            put(zip, name, &fs::read(run.join(name))?)?;
        }
        if let Some(study) = &study {
            put(zip, FINDINGS, &serde_json::to_vec_pretty(study).map_err(io::Error::other)?)?;
        }
        for path in &model {
            begin(zip, &format!("model/{}", path.file_name().unwrap_or_default().to_string_lossy()))?;
            io::copy(&mut File::open(path)?, zip)?;
        }
        Ok(())
    })
}

fn begin(zip: &mut ZipWriter<&mut File>, name: &str) -> io::Result<()> {
    // Weights above 4 GB need the larger format.
    Ok(zip.start_file(name, SimpleFileOptions::default().large_file(true))?)
}

fn put(zip: &mut ZipWriter<&mut File>, name: &str, content: &[u8]) -> io::Result<()> {
    begin(zip, name)?;
    zip.write_all(content)
}

/// The record without folders.
fn nameless(record: RunRecord) -> RunRecord {
    let name = |path: &Path| PathBuf::from(path.file_name().unwrap_or_default());
    let mut record = RunRecord { problem: None, ..record };
    record.dataset.data = name(&record.dataset.data);
    record.dataset.sources.iter_mut().for_each(|source| source.path = name(&source.path));
    record.encoder.folder = name(&record.encoder.folder);
    record
}

/// What a study in the workspace found, without what flips from seed to seed, which names examples.
fn found_by(study: &str) -> Result<Option<StudyFindings>, StudioError> {
    let folder = study_folder(study)?;
    if !is_study(&folder) {
        return Ok(None);
    }
    let StudyReport { arms, comparisons, verdict, methods, references, .. } = study_report(&folder)?;
    Ok(Some(StudyFindings { arms, comparisons, verdict, methods, references }))
}

/// Takes a bundle into the runs of the workspace. Answers with the run's id there. Its examples did not come with it.
pub fn import_bundle(path: &Path) -> Result<String, StudioError> {
    let bad = |reason: &str| StudioError::BadBundle { path: path.into(), reason: reason.into() };
    let runs = workspace()?.join("runs");
    create(&runs)?;
    // Beside the runs, lest half a run shows among them.
    let beside = workspace()?;
    let made = tempfile::Builder::new()
        .prefix(".tmp")
        .tempdir_in(&beside)
        .map_err(|error| StudioError::file(&beside, error))?;
    unzip(path, made.path()).map_err(|error| bad(&error.to_string()))?;
    let mut record: RunRecord = read_json(&made.path().join("run.json")).map_err(|_| bad("it holds no run.json"))?;
    read_json::<Value>(&made.path().join("metrics.json")).map_err(|_| bad("it holds no metrics.json"))?;
    let model = made.path().join("model");
    Predictor::load(&model, &Compute::cpu()).map_err(|error: TrainError| bad(&error.to_string()))?;
    record.study = None;
    write_json(&made.path().join("run.json"), &record)?;
    write_file(&made.path().join("predictions.jsonl"), b"")?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let plain: String = stem.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '-' }).collect();
    let mut names = (1..).map(|number| if number == 1 { plain.clone() } else { format!("{plain}-{number}") });
    let id = names.find(|name| !runs.join(name).exists()).unwrap_or(plain.clone());
    let target = runs.join(&id);
    fs::rename(made.path(), &target).map_err(|error| StudioError::file(&target, error))?;
    let _ = made.keep();
    Ok(id)
}
