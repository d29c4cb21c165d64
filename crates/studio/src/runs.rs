//! Runs and their folders: from what a user asked for to `run.json`, `events.jsonl`, `metrics.json`, `predictions.jsonl`
//! and `model/`.

use crate::card::card_of_run;
use crate::devices::choose_device;
use crate::history::kept_dataset;
use crate::journal::Journal;
use crate::library::{EncoderEntry, encoders, find_encoder, inspect};
use crate::recommended::recommended;
use crate::record::{DatasetRecord, EncoderRecord, RunRecord, read_run};
use crate::sample::data_path;
use crate::study::outcomes_path;
use crate::workspace::{create, now, read_json, refuse_filled, stamp, workspace, write_file, write_json};
use crate::{Failure, StudioError};
use corpus::{Dataset, Gold, Options};
use encoder::Compute;
use finetune::{
    Choices, Control, Event, Outcome, Prediction, Recipe, Run, Scores, Session, Shared, TrainError, Trained, resolve,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

/// What a user asks for. What is `None` or empty is decided, and said.
#[derive(Debug, Clone, Default)]
pub struct TrainJob {
    /// A file, a folder, or `sample:NAME`.
    pub data: String,
    pub options: Options,
    /// A name in the library, a folder, or `starter`.
    pub encoder: String,
    /// Without presets the recommended ones are used.
    pub choices: Choices,
    pub device: Option<String>,
    /// Without it the run gets a folder in the workspace.
    pub out: Option<PathBuf>,
}

/// A run on which everything is decided and nothing has been written.
pub struct Plan {
    pub data: PathBuf,
    pub dataset: Arc<Dataset>,
    pub encoder: EncoderEntry,
    pub recipe: Recipe,
    /// Why these presets, when they were recommended.
    pub reason: Option<String>,
    pub compute: Compute,
    pub out: PathBuf,
}

/// How a run ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunSummary {
    pub run: PathBuf,
    pub outcome: Outcome,
    pub steps: usize,
    pub kept_epoch: usize,
    pub dev: Scores,
    pub test: Scores,
    /// Whether the run, with its last weights, is no better than guessing.
    pub failed: bool,
    pub labels: Vec<String>,
    pub notes: Vec<String>,
}

/// Decides what the user left open, and checks everything that can be checked without training. `checking` hears the name
/// of a device whose self-check begins.
pub fn plan(job: &TrainJob, checking: &mut dyn FnMut(&str)) -> Result<Plan, StudioError> {
    if let Some(out) = &job.out {
        refuse_filled(out)?;
    }
    let dataset = corpus::load(&data_path(&job.data)?, &job.options)?;
    plan_on(dataset.into(), job, checking)
}

/// The same on data that has been read already.
pub fn plan_on(dataset: Arc<Dataset>, job: &TrainJob, checking: &mut dyn FnMut(&str)) -> Result<Plan, StudioError> {
    let data = data_path(&job.data)?;
    let encoder = find_encoder(&job.encoder)?;
    let config = inspect(&encoder.folder)?.config;
    let mut choices = job.choices.clone();
    let mut reason = None;
    if choices.presets.is_empty() {
        let recommended = recommended(&dataset, &encoder, &config);
        reason = Some(recommended.sentences());
        choices.presets = recommended.presets;
    }
    let recipe = resolve(&choices, dataset.task, &config)?;
    let compute = choose_device(job.device.as_deref(), checking)?;
    let out = match &job.out {
        Some(out) => out.clone(),
        None => new_run_folder(&recipe)?,
    };
    Ok(Plan { data, dataset, encoder, recipe, reason, compute, out })
}

/// A folder of its own in the workspace, named after the moment and the recipe.
fn new_run_folder(recipe: &Recipe) -> Result<PathBuf, StudioError> {
    Ok(workspace()?.join("runs").join(new_run_name(recipe, &|_| false)?))
}

/// The name of a folder for a new run that neither exists nor is `taken`.
pub(crate) fn new_run_name(recipe: &Recipe, taken: &dyn Fn(&str) -> bool) -> Result<String, StudioError> {
    let presets: Vec<&str> = recipe.presets.iter().map(|preset| preset.name()).collect();
    let stem = format!("{}-{}-{}-seed{}", stamp(), recipe.task, presets.join("+"), recipe.seed);
    let folder = workspace()?.join("runs");
    let free = (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
    let mut names = free.filter(|name| !folder.join(name).exists() && !taken(name));
    Ok(names.next().unwrap_or(stem.clone()))
}

/// Trains what was planned. Nothing is written before the encoder is loaded and the texts are ready.
pub fn start(plan: &Plan, report: &mut dyn FnMut(&Event) -> Control) -> Result<RunSummary, StudioError> {
    start_among(plan, None, &shared()?, report)
}

/// The same as one of several runs that share what they can, most often of a study.
pub(crate) fn start_among(
    plan: &Plan,
    study: Option<String>,
    shared: &Shared,
    report: &mut dyn FnMut(&Event) -> Control,
) -> Result<RunSummary, StudioError> {
    let Plan { data, dataset, encoder, recipe, compute, out, .. } = plan;
    let run = Run { recipe, encoder: &encoder.folder, dataset, compute, folder: out, shared };
    let session = Session::prepare(&run)?;
    refuse_filled(out)?;
    let hold = hold(out)?;
    let sha256 = dataset.fingerprint();
    keep_dataset(dataset, &sha256)?;
    let record = RunRecord {
        recipe: recipe.clone(),
        seed: recipe.seed,
        study,
        members: Vec::new(),
        encoder: EncoderRecord {
            name: encoder.title.clone(),
            folder: absolute(&encoder.folder),
            sha256: encoder.sha256.clone(),
        },
        dataset: DatasetRecord {
            data: absolute(data),
            sources: dataset.sources.clone(),
            sha256,
            options: dataset.options.clone(),
            columns: Some(dataset.columns.clone()),
            train: dataset.train.len(),
            dev: dataset.dev.len(),
            test: dataset.test.len(),
            labels: dataset.labels.clone(),
            drawn_split: dataset.drawn_split,
        },
        device: compute.name.clone(),
        program: env!("CARGO_PKG_VERSION").into(),
        started: now(),
        ended: None,
        outcome: "running".into(),
        problem: None,
    };
    conduct(session, hold, record, dataset, out, report)
}

/// Goes on with a run that was stopped or killed, from its last checkpoint; on the same device, unless another is named.
pub fn resume(
    folder: &Path,
    device: Option<&str>,
    checking: &mut dyn FnMut(&str),
    report: &mut dyn FnMut(&Event) -> Control,
) -> Result<RunSummary, StudioError> {
    resume_among(folder, device, &shared()?, checking, report)
}

/// The same as one of several runs that share what they can.
pub(crate) fn resume_among(
    folder: &Path,
    device: Option<&str>,
    shared: &Shared,
    checking: &mut dyn FnMut(&str),
    report: &mut dyn FnMut(&Event) -> Control,
) -> Result<RunSummary, StudioError> {
    unfinished(folder)?;
    let hold = hold(folder)?;
    // Another process may have ended the run in the meantime.
    let mut record = unfinished(folder)?;
    let dataset = same_dataset(&record)?;
    let encoder = same_encoder(&record.encoder)?;
    let compute = choose_device(Some(device.unwrap_or(&record.device)), checking)?;
    let recipe = record.recipe.clone();
    let run = Run { recipe: &recipe, encoder: &encoder, dataset: &dataset, compute: &compute, folder, shared };
    let mut session = Session::prepare(&run)?;
    session.resume()?;
    record.outcome = "running".into();
    record.device = compute.name.clone();
    (record.ended, record.problem) = (None, None);
    conduct(session, hold, record, &dataset, folder, report)
}

/// The folder of the encoder that a run began with, unchanged: where it lay, or, since a workspace or a program may have
/// been moved, wherever the library has it now.
fn same_encoder(record: &EncoderRecord) -> Result<PathBuf, StudioError> {
    let found = encoder::inspect_folder(&record.folder);
    if found.as_ref().is_ok_and(|report| report.sha256 == record.sha256) {
        return Ok(record.folder.clone());
    }
    if let Some(entry) = encoders()?.into_iter().find(|entry| entry.sha256 == record.sha256) {
        return Ok(entry.folder);
    }
    found?;
    Err(StudioError::EncoderChanged { path: record.folder.clone() })
}

/// What runs share, with files in the workspace.
pub(crate) fn shared() -> Result<Shared, StudioError> {
    let folder = workspace()?.join("frozen");
    create(&folder)?;
    Ok(Shared::new(folder))
}

/// The record of a run that can be gone on with.
fn unfinished(folder: &Path) -> Result<RunRecord, StudioError> {
    let record = read_run(folder)?;
    if matches!(record.outcome.as_str(), "completed" | "stopped-early" | "given-up") {
        return Err(StudioError::RunEnded { path: folder.into(), outcome: record.outcome });
    }
    Ok(record)
}

/// Keeps other processes from a run folder as long as the value lives: two that go on with one run would ruin its
/// checkpoint. The system lets go when a process ends, however it ends.
fn hold(folder: &Path) -> Result<File, StudioError> {
    let checkpoint = folder.join("checkpoint");
    create(&checkpoint)?;
    let path = checkpoint.join("lock");
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.map_err(|error| StudioError::file(&path, error))?;
    // A list of runs looks at the lock for a moment.
    for _ in 0..10 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(20)),
            // Some network file systems know no locks; a run on one goes unguarded rather than not at all.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
    Err(StudioError::RunBusy { path: folder.into() })
}

/// Runs a prepared session and keeps the run folder true while it goes on.
fn conduct(
    session: Session,
    hold: File,
    mut record: RunRecord,
    dataset: &Dataset,
    folder: &Path,
    report: &mut dyn FnMut(&Event) -> Control,
) -> Result<RunSummary, StudioError> {
    let run_file = folder.join("run.json");
    write_json(&run_file, &record)?;
    let mut journal = Journal::open(&folder.join("events.jsonl"))?;
    let mut journal_error = None;
    let result = session.train(&mut |event| {
        if let Err(error) = journal.note(&event) {
            journal_error.get_or_insert(error);
        }
        let control = report(&event);
        // Without a record there is no use in going on: most likely the disk is full.
        if journal_error.is_some() { Control::Pause } else { control }
    });
    record.ended = Some(now());
    if matches!(result, Err(TrainError::Paused)) && journal_error.is_none() {
        record.outcome = "paused".into();
        write_json(&run_file, &record)?;
        return Err(TrainError::Paused.into());
    }
    let written = match (result, journal_error) {
        (_, Some(error)) => Err(error),
        (Err(error), None) => Err(error.into()),
        (Ok(trained), None) => write_results(folder, dataset, &trained).map(|()| trained),
    };
    let trained = match written {
        Ok(trained) => trained,
        Err(error) => {
            (record.outcome, record.problem) = ("failed".into(), Some(Failure::from(&error)));
            // On a full disk this fails as well; the run then counts as interrupted, and can be gone on with.
            let _ = write_json(&run_file, &record);
            return Err(error);
        }
    };
    record.outcome = outcome_name(trained.outcome).into();
    write_json(&run_file, &record)?;
    if trained.outcome != Outcome::Stopped {
        let checkpoint = folder.join("checkpoint");
        drop(hold);
        // The run has ended well; what is left behind only takes room.
        let _ = fs::remove_dir_all(&checkpoint);
    }
    Ok(RunSummary {
        run: folder.into(),
        outcome: trained.outcome,
        steps: trained.steps,
        kept_epoch: trained.kept_epoch,
        dev: trained.dev,
        test: trained.test,
        failed: trained.failed,
        labels: record.dataset.labels,
        notes: trained.notes,
    })
}

pub(crate) fn write_results(folder: &Path, dataset: &Dataset, trained: &Trained) -> Result<(), StudioError> {
    write_json(&folder.join("metrics.json"), &metrics(trained))?;
    write_json(&outcomes_path(folder), &trained.outcomes)?;
    write_predictions(&folder.join("predictions.jsonl"), dataset, &trained.predictions)?;
    write_file(&folder.join("model").join("README.md"), card_of_run(folder)?.as_bytes())
}

/// Notes that a run broke off without being able to say so itself.
pub(crate) fn note_failure(folder: &Path, problem: &Failure) -> Result<(), StudioError> {
    let mut record = read_run(folder)?;
    (record.outcome, record.problem, record.ended) = ("failed".into(), Some(problem.clone()), Some(now()));
    write_json(&folder.join("run.json"), &record)
}

fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "completed",
        Outcome::StoppedEarly => "stopped-early",
        Outcome::GivenUp => "given-up",
        Outcome::Stopped => "stopped",
    }
}

fn metrics(trained: &Trained) -> Value {
    json!({
        "kept_epoch": trained.kept_epoch,
        "steps": trained.steps,
        "failed": trained.failed,
        "score": { "name": trained.test.main_name(), "dev": trained.dev.main(), "test": trained.test.main() },
        "dev": trained.dev,
        "test": trained.test,
        "calibration": trained.calibration,
        "notes": trained.notes,
    })
}

/// One line an example of the test split, without its text.
fn write_predictions(path: &Path, dataset: &Dataset, predictions: &[Prediction]) -> Result<(), StudioError> {
    let mut lines = String::new();
    for (example, prediction) in dataset.test.iter().zip(predictions) {
        let mut line = json!({ "id": example.id });
        line["gold"] = match &example.gold {
            Some(Gold::Class(class)) => dataset.labels[*class].as_str().into(),
            Some(Gold::Labels(set)) => set.iter().map(|&label| dataset.labels[label].as_str()).collect(),
            Some(Gold::Score(score)) => json!(score),
            Some(Gold::Entities(spans)) => spans
                .iter()
                .map(|span| json!({ "start": span.start, "end": span.end, "label": dataset.labels[span.label] }))
                .collect(),
            None => Value::Null,
        };
        line["predicted"] = crate::forms::plain_answer(prediction, &dataset.labels);
        if !prediction.probabilities.is_empty() {
            line["probabilities"] = crate::forms::probabilities(prediction, &dataset.labels);
        }
        if let Some(disagreement) = prediction.disagreement {
            line["disagreement"] = json!(disagreement);
        }
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    write_file(path, lines.as_bytes())
}

/// Keeps the prepared dataset once in the workspace, under its fingerprint.
fn keep_dataset(dataset: &Dataset, sha256: &str) -> Result<(), StudioError> {
    let folder = workspace()?.join("datasets").join(sha256);
    let path = folder.join("dataset.json");
    if path.is_file() {
        return Ok(());
    }
    create(&folder)?;
    write_json(&path, dataset)
}

/// The dataset of a run, unchanged: read again from where it lay, or, where that is gone, the copy in the workspace.
pub(crate) fn same_dataset(record: &RunRecord) -> Result<Dataset, StudioError> {
    let DatasetRecord { data, sha256, options, .. } = &record.dataset;
    if !data.exists() {
        return read_json(&workspace()?.join("datasets").join(sha256).join("dataset.json"));
    }
    let dataset = corpus::load(data, options)?;
    if dataset.fingerprint() == *sha256 { Ok(dataset) } else { Err(StudioError::DataChanged { path: data.clone() }) }
}

/// The copy of a run's dataset in the workspace, unless its texts were deleted.
pub(crate) fn texts_of(record: &RunRecord) -> Result<Dataset, StudioError> {
    let path = kept_dataset(record)?;
    if !path.is_file() {
        return Err(StudioError::TextsGone);
    }
    read_json(&path)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}
