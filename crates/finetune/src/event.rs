//! What a run reports while it goes on. Every consumer (terminal, window, `events.jsonl`) sees the same stream.

use metrics::{ClassificationScores, EntityScores};
use serde::{Deserialize, Serialize};

/// Scores of one split. The first number a user sees is [`Scores::main`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum Scores {
    Classification(ClassificationScores),
    Ner(EntityScores),
}

impl Scores {
    /// The task's score, from 0 to 1: macro F1 for classification, exact entity F1 for `ner`. Selection of the best epoch
    /// and early stopping go by it.
    pub fn main(&self) -> f64 {
        match self {
            Scores::Classification(scores) => scores.macro_f1,
            Scores::Ner(scores) => scores.exact.f1,
        }
    }

    pub fn main_name(&self) -> &'static str {
        match self {
            Scores::Classification(_) => "macro F1",
            Scores::Ner(_) => "entity F1",
        }
    }

    /// Whether a run with these scores on dev, with its last weights, has failed: no better than the best constant answer
    /// (classification), or no entity right (`ner`).
    pub fn failed(&self) -> bool {
        match self {
            Scores::Classification(scores) => scores.accuracy <= scores.constant_accuracy,
            Scores::Ner(scores) => scores.exact.f1 == 0.0,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run is prepared and the first step is next.
    Started {
        steps: usize,
        steps_per_epoch: usize,
        train_examples: usize,
        /// Share of the training examples that are longer than one window.
        windowed_share: f64,
        /// Step from which a resumed run goes on; 0 for a new one.
        from_step: usize,
    },
    /// Progress in computing what the frozen layers give for the texts, before the first step; for the bar alone.
    ComputingFrozen {
        done: usize,
        of: usize,
    },
    /// One optimizer step. `learning_rate` is that of the head, before layerwise decay.
    Step {
        step: usize,
        epoch: usize,
        loss: f64,
        learning_rate: f64,
        gradient_norm: f64,
        seconds: f64,
        examples: usize,
    },
    /// Progress within an evaluation, for the bar alone.
    Evaluating {
        done: usize,
        of: usize,
    },
    Evaluation {
        step: usize,
        epoch: usize,
        loss: f64,
        score: f64,
        scores: Scores,
        best: bool,
    },
    Warning {
        step: usize,
        message: String,
    },
    Checkpoint {
        step: usize,
    },
    Ended {
        outcome: Outcome,
        step: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All epochs done.
    Completed,
    /// No better dev score for `patience` epochs.
    StoppedEarly,
    /// The user asked to stop; the weights so far are kept.
    Stopped,
}

/// What the receiver of an event wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    Continue,
    /// Stop after this step, score what was learnt and keep it.
    Stop,
    /// Write a checkpoint after this step and leave at once, without scores: the run will be gone on with.
    Pause,
}
