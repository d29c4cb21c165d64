//! The runs in the workspace: their list, what one of them is made of, and how several differ.

use crate::jobs::{CollapsePoint, Curves, EvaluationPoint, StepPoint, WarningPoint};
use crate::record::{FINDINGS, RunRecord, model_folder, read_run};
use crate::study::StudyFindings;
use crate::workspace::{read_json, workspace};
use crate::{Failure, StudioError};
use corpus::Task;
use finetune::{Calibration, Event, Preset, Recipe, Scores};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use std::fs::{self, File, TryLockError};
use std::path::{Component, Path, PathBuf};

/// Steps of a curve that are shown; a longer one is thinned evenly.
const MOST_STEPS: usize = 4000;

/// A run in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RunCard {
    /// The name of its folder in the workspace.
    pub id: String,
    /// RFC 3339, UTC.
    pub started: String,
    pub ended: Option<String>,
    pub state: RunState,
    pub task: Task,
    pub encoder: String,
    pub presets: Vec<Preset>,
    pub seed: u64,
    /// The study to which it belongs.
    pub study: Option<String>,
    /// Of an ensemble: how many runs answer together.
    pub members: usize,
    pub device: String,
    /// The name of the file or folder it learnt from.
    pub data: String,
    pub dataset: String,
    pub train: usize,
    pub dev: usize,
    pub test: usize,
    /// Whether it reads two texts together.
    pub pair: bool,
    /// The task's score (macro F1, entity F1) on dev and on test, from 0 to 1.
    pub score: Option<CardScore>,
    /// Whether it is no better than guessing; `None` before its end.
    pub failed: Option<bool>,
    pub problem: Option<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct CardScore {
    /// `None` for a correlation that is undefined.
    pub dev: Option<f64>,
    pub test: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    Running,
    /// Paused, or cut off by a crash or a power cut; it can be gone on with.
    Interrupted,
    Completed,
    StoppedEarly,
    /// Ended before its last epoch since it was still no better than guessing.
    GivenUp,
    /// Stopped by the user, with what was learnt kept; it can be gone on with.
    Stopped,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RunDetails {
    pub card: RunCard,
    pub recipe: Recipe,
    pub labels: Vec<String>,
    /// For `multilabel`: the probability from which on a label holds.
    pub threshold: Option<f64>,
    pub drawn_split: bool,
    pub results: Option<RunScores>,
    pub curves: Curves,
    /// Whether the texts of its examples are still in the workspace.
    pub has_texts: bool,
    pub has_model: bool,
    /// What its study found, where it came in a bundle.
    pub study: Option<StudyFindings>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RunScores {
    pub kept_epoch: usize,
    pub steps: usize,
    pub dev: Scores,
    pub test: Scores,
    /// How far its probabilities can be trusted; none of scores, and of runs before this was measured.
    #[serde(default)]
    pub calibration: Option<Calibration>,
    pub notes: Vec<String>,
}

/// A setting in which runs differ: one value a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Difference {
    /// A key of the recipe, or `encoder`, `data`, `device`.
    pub key: String,
    pub values: Vec<String>,
}

/// The folder of a run in the workspace.
pub fn run_folder(id: &str) -> Result<PathBuf, StudioError> {
    let mut parts = Path::new(id).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) => Ok(workspace()?.join("runs").join(id)),
        _ => Err(StudioError::NotARun { path: id.into(), reason: "that is no name of a run".into() }),
    }
}

/// Every run in the workspace, the latest first.
pub fn runs() -> Result<Vec<RunCard>, StudioError> {
    let entries = fs::read_dir(workspace()?.join("runs")).into_iter().flatten().flatten();
    let mut cards: Vec<RunCard> = entries.filter_map(|entry| card(&entry.path()).ok()).collect();
    cards.sort_by(|a, b| (&b.started, &b.id).cmp(&(&a.started, &a.id)));
    Ok(cards)
}

fn card(folder: &Path) -> Result<RunCard, StudioError> {
    Ok(card_of(folder, &read_run(folder)?))
}

fn card_of(folder: &Path, record: &RunRecord) -> RunCard {
    let results = scores(folder).ok();
    let failed = read_json::<Value>(&folder.join("metrics.json")).ok().and_then(|value| value["failed"].as_bool());
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let data = &record.dataset;
    RunCard {
        id: name(folder),
        started: record.started.clone(),
        ended: record.ended.clone(),
        state: state(folder, &record.outcome),
        task: record.recipe.task,
        encoder: record.encoder.name.clone(),
        presets: record.recipe.presets.clone(),
        seed: record.seed,
        study: record.study.clone(),
        members: record.members.len(),
        device: record.device.clone(),
        data: name(&data.data),
        dataset: data.sha256.clone(),
        train: data.train,
        dev: data.dev,
        test: data.test,
        pair: record.recipe.task.is_about_pairs()
            || data.options.pair.as_ref().is_some_and(|column| !column.is_empty()),
        score: results.map(|results| CardScore { dev: results.dev.defined(), test: results.test.defined() }),
        failed,
        problem: record.problem.clone(),
    }
}

pub(crate) fn state(folder: &Path, outcome: &str) -> RunState {
    match outcome {
        "completed" => RunState::Completed,
        "stopped-early" => RunState::StoppedEarly,
        "given-up" => RunState::GivenUp,
        "stopped" => RunState::Stopped,
        "failed" => RunState::Failed,
        "running" if is_held(folder) => RunState::Running,
        _ => RunState::Interrupted,
    }
}

/// Whether some process, this one included, is working on a run.
fn is_held(folder: &Path) -> bool {
    let lock = File::open(folder.join("checkpoint").join("lock"));
    lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

pub fn run_details(id: &str) -> Result<RunDetails, StudioError> {
    let folder = run_folder(id)?;
    let record = read_run(&folder)?;
    Ok(RunDetails {
        card: card_of(&folder, &record),
        labels: record.dataset.labels.clone(),
        threshold: crate::threshold(&folder),
        drawn_split: record.dataset.drawn_split,
        results: scores(&folder).ok(),
        curves: thinned(events(&folder).map(curves).unwrap_or_default()),
        has_texts: kept_dataset(&record)?.is_file(),
        has_model: model_folder(&folder).is_ok(),
        study: read_json(&folder.join(FINDINGS)).ok(),
        recipe: record.recipe,
    })
}

/// What `metrics.json` says.
pub(crate) fn scores(folder: &Path) -> Result<RunScores, StudioError> {
    read_json(&folder.join("metrics.json"))
}

/// Where the prepared dataset of a run is kept.
pub(crate) fn kept_dataset(record: &RunRecord) -> Result<PathBuf, StudioError> {
    Ok(workspace()?.join("datasets").join(&record.dataset.sha256).join("dataset.json"))
}

/// What `events.jsonl` tells. A line that a kill has torn ends it.
pub(crate) fn events(folder: &Path) -> Result<Vec<Event>, StudioError> {
    let path = folder.join("events.jsonl");
    let text = fs::read_to_string(&path).map_err(|error| StudioError::file(&path, error))?;
    Ok(text.lines().map_while(|line| serde_json::from_str(line).ok()).collect())
}

/// The points of a run's curves.
pub(crate) fn curves(events: Vec<Event>) -> Curves {
    let mut curves = Curves::default();
    for event in events {
        match event {
            Event::Step { step, loss, learning_rate, gradient_norm, .. } => {
                curves.steps.push(StepPoint { step, loss, learning_rate, gradient_norm });
            }
            Event::Evaluation { step, epoch, loss, score, best, gradients, .. } => {
                curves.evaluations.push(EvaluationPoint { step, epoch, loss, score, best, gradients });
            }
            Event::Collapse { step, epoch, signs, remedy } => {
                curves.collapses.push(CollapsePoint { step, epoch, signs, remedy });
            }
            Event::Warning { step, message } => curves.warnings.push(WarningPoint { step, message }),
            _ => {}
        }
    }
    curves
}

fn thinned(mut curves: Curves) -> Curves {
    let every = curves.steps.len().div_ceil(MOST_STEPS).max(1);
    let last = curves.steps.len().saturating_sub(1);
    let mut place = 0;
    curves.steps.retain(|_| {
        place += 1;
        (place - 1) % every == 0 || place - 1 == last
    });
    curves
}

/// The settings of the recipe, encoder, data and device in which runs differ.
pub fn compare_runs(ids: &[String]) -> Result<Vec<Difference>, StudioError> {
    let records = ids.iter().map(|id| read_run(&run_folder(id)?)).collect::<Result<Vec<_>, _>>()?;
    let settings: Vec<Vec<(String, String)>> = records.iter().map(settings).collect();
    let keys = settings.first().map(|first| first.iter().map(|(key, _)| key.clone())).into_iter().flatten();
    let all = keys.enumerate().map(|(place, key)| {
        let values = settings.iter().map(|settings| settings[place].1.clone()).collect();
        Difference { key, values }
    });
    Ok(all.filter(|difference| difference.values.iter().any(|value| *value != difference.values[0])).collect())
}

fn settings(record: &RunRecord) -> Vec<(String, String)> {
    let mut settings = vec![
        ("encoder".into(), record.encoder.name.clone()),
        ("data".into(), record.dataset.sha256.get(..12).unwrap_or_default().into()),
        ("device".into(), record.device.clone()),
    ];
    if let Ok(Value::Object(recipe)) = serde_json::to_value(&record.recipe) {
        settings.extend(recipe.into_iter().map(|(key, value)| (key, plain(&value))));
    }
    settings
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" + "),
        other => other.to_string(),
    }
}

/// Deletes a run with all that belongs to it alone.
pub fn delete_run(id: &str) -> Result<(), StudioError> {
    let folder = run_folder(id)?;
    if is_held(&folder) {
        return Err(StudioError::RunBusy { path: folder });
    }
    let dataset = read_run(&folder).ok().map(|record| record.dataset.sha256);
    fs::remove_dir_all(&folder).map_err(|error| StudioError::file(&folder, error))?;
    if let Some(sha256) = dataset.filter(|own| runs().is_ok_and(|cards| cards.iter().all(|card| card.dataset != *own)))
    {
        // No other run names these texts.
        let texts = workspace()?.join("datasets").join(sha256);
        if texts.is_dir() {
            fs::remove_dir_all(&texts).map_err(|error| StudioError::file(&texts, error))?;
        }
    }
    Ok(())
}

/// Deletes the texts of a run's dataset from the workspace, for all runs that learnt from it.
pub fn forget_texts(id: &str) -> Result<(), StudioError> {
    let path = kept_dataset(&read_run(&run_folder(id)?)?)?;
    let folder = path.parent().unwrap_or(&path);
    fs::remove_dir_all(folder).map_err(|error| StudioError::file(folder, error))
}
