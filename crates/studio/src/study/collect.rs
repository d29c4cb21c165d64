//! What has come of the runs of a study so far, from their folders.

use super::{RunSpec, StudyRecord, run_path};
use crate::Failure;
use crate::StudioError;
use crate::history::{RunState, curves, events, state};
use crate::jobs::EvaluationPoint;
use crate::record::{RunRecord, read_run};
use crate::workspace::read_json;
use finetune::{Event, Scores};
use metrics::Outcomes;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::{Path, PathBuf};

/// One run of a study as far as it has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RunRow {
    pub spec: RunSpec,
    /// `None` where it has not begun.
    pub state: Option<RunState>,
    /// The task's score, from 0 to 1, with the weights kept.
    pub dev: Option<f64>,
    pub test: Option<f64>,
    /// Whether with its last weights it was no better than guessing.
    pub failed: Option<bool>,
    /// Whether it showed signs of a collapse on the way.
    pub collapsed: bool,
    pub kept_epoch: Option<usize>,
    /// Seconds of its training steps.
    pub seconds: f64,
    /// Scores on dev, epoch by epoch.
    pub curve: Vec<EvaluationPoint>,
    pub problem: Option<Failure>,
}

#[derive(Deserialize)]
struct Metrics {
    kept_epoch: usize,
    failed: bool,
    dev: Scores,
    test: Scores,
}

impl RunRow {
    /// Whether nothing more is to come of it.
    pub fn is_over(&self) -> bool {
        self.has_ended() || self.problem.is_some()
    }

    /// Whether it came to an end with scores.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, Some(RunState::Completed | RunState::StoppedEarly | RunState::GivenUp))
    }

    /// Whether it broke off, or ended no better than guessing.
    pub fn counts_as_failed(&self) -> bool {
        self.problem.is_some() || self.failed == Some(true)
    }
}

/// Every run that was planned, in the plan's order.
pub fn rows(study: &Path, record: &StudyRecord) -> Result<Vec<RunRow>, StudioError> {
    record.plan.runs().into_iter().map(|spec| row(study, record, spec)).collect()
}

fn row(study: &Path, record: &StudyRecord, spec: RunSpec) -> Result<RunRow, StudioError> {
    let folder = run_path(study, &spec.name)?;
    let mut row = RunRow {
        problem: record.failures.get(&spec.name).cloned(),
        spec,
        state: None,
        dev: None,
        test: None,
        failed: None,
        collapsed: false,
        kept_epoch: None,
        seconds: 0.0,
        curve: Vec::new(),
    };
    let Ok(run) = read_run(&folder) else { return Ok(row) };
    if let Some(problem) = stranger(record, &row.spec, &run) {
        (row.state, row.problem) = (Some(RunState::Failed), Some(Failure::from(&problem)));
        return Ok(row);
    }
    row.state = Some(state(&folder, &run.outcome));
    if row.state == Some(RunState::Failed) {
        row.problem = run.problem.or(row.problem);
    }
    if let Ok(events) = events(&folder) {
        let seconds = |event: &Event| if let Event::Step { seconds, .. } = event { *seconds } else { 0.0 };
        row.seconds = events.iter().map(seconds).sum();
        let curves = curves(events);
        row.collapsed = !curves.collapses.is_empty();
        row.curve = curves.evaluations;
    }
    if row.has_ended() {
        let metrics: Metrics = read_json(&folder.join("metrics.json"))?;
        row.dev = metrics.dev.defined();
        row.test = metrics.test.defined();
        // It may have broken off once and been gone on with since.
        row.problem = None;
        (row.failed, row.kept_epoch) = (Some(metrics.failed), Some(metrics.kept_epoch));
    }
    Ok(row)
}

/// Why a run that lies in the place of a planned one is another: what `starter` or a path names may differ between machines.
fn stranger(record: &StudyRecord, spec: &RunSpec, run: &RunRecord) -> Option<StudioError> {
    let (plan, arm) = (&record.plan, &record.plan.arms[spec.arm]);
    if run.encoder.sha256 != arm.encoder_sha256 {
        return Some(StudioError::OtherEncoder { path: run.encoder.folder.clone() });
    }
    let same = run.dataset.sources.iter().map(|source| &source.sha256).eq(&plan.files);
    (!same).then(|| StudioError::OtherData { path: run.dataset.data.clone() })
}

/// What each example of the test split contributes to a run's score.
pub fn outcomes(study: &Path, run: &str) -> Result<Outcomes, StudioError> {
    read_json(&outcomes_path(&run_path(study, run)?))
}

pub fn outcomes_path(run: &Path) -> PathBuf {
    run.join("outcomes.json")
}
