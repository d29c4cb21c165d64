//! What a screen sees of jobs.

use crate::Failure;
use corpus::Task;
use finetune::{PartNorm, Preset, Remedy, Sign};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A run in the queue, or one that has just ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct JobView {
    /// The name of its run folder in the workspace.
    pub id: String,
    /// The name of the file or folder it learns from.
    pub data: String,
    pub task: Task,
    pub encoder: String,
    pub presets: Vec<Preset>,
    pub seed: u64,
    pub device: String,
    pub state: JobState,
    /// Why it failed.
    pub problem: Option<Failure>,
    pub progress: Progress,
    /// Where it is a study rather than one run. The progress is then that of its present run, but for the time.
    pub study: Option<StudyProgress>,
}

/// How far a study has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct StudyProgress {
    /// The arm of the present run.
    pub arm: String,
    pub seed: u64,
    /// The folder of the present run.
    pub run: String,
    /// Runs that are over, those of them that broke off, and all.
    pub over: usize,
    pub broken: usize,
    pub runs: usize,
    /// Optimizer steps in the runs that are over, and in all.
    pub steps_over: usize,
    pub steps: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    Queued,
    /// Reading data, loading the encoder.
    Preparing,
    /// Computing what the frozen layers give, once for all epochs.
    Freezing,
    Training,
    /// Scoring on dev, or at the end on test.
    Evaluating,
    /// Asked to pause; it does after the present step.
    Pausing,
    /// Written down; it waits to be resumed.
    Paused,
    /// Asked to stop; it does after the present step, and what was learnt is scored and kept.
    Stopping,
    Completed,
    StoppedEarly,
    GivenUp,
    Stopped,
    Failed,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Progress {
    pub step: usize,
    pub steps: usize,
    /// From 1.
    pub epoch: usize,
    pub epochs: usize,
    /// Within the present stage (freezing, evaluating): examples done, and all.
    pub done: usize,
    pub of: usize,
    /// Seconds since it began, pauses not counted.
    pub elapsed: f64,
    /// Seconds to go, as far as can be told.
    pub remaining: Option<f64>,
    pub examples_per_second: Option<f64>,
    /// Bytes that this program holds.
    pub memory: Option<u64>,
    /// The best score on dev so far, and its epoch.
    pub best: Option<f64>,
    pub best_epoch: Option<usize>,
}

/// Points of the curves of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Curves {
    pub steps: Vec<StepPoint>,
    pub evaluations: Vec<EvaluationPoint>,
    pub warnings: Vec<WarningPoint>,
    pub collapses: Vec<CollapsePoint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct StepPoint {
    pub step: usize,
    pub loss: f64,
    pub learning_rate: f64,
    pub gradient_norm: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct EvaluationPoint {
    pub step: usize,
    pub epoch: usize,
    pub loss: f64,
    /// From 0 to 1.
    pub score: f64,
    pub best: bool,
    /// Mean norms of the gradients since the last one, one a part that learns, bottom to top.
    pub gradients: Vec<PartNorm>,
}

/// Signs that the run has collapsed, and what usually helps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CollapsePoint {
    pub step: usize,
    pub epoch: usize,
    pub signs: Vec<Sign>,
    pub remedy: Remedy,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct WarningPoint {
    pub step: usize,
    pub message: String,
}

/// What a screen hears, at most 20 times a second: every job, and the points that are new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Bulletin {
    pub jobs: Vec<JobView>,
    pub curves: Vec<CurveUpdate>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CurveUpdate {
    /// The job.
    pub id: String,
    /// Whether these points replace all that were known before, rather than follow them.
    pub fresh: bool,
    pub points: Curves,
}
