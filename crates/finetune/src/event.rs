//! What a run reports while it goes on. Every consumer (terminal, window, `events.jsonl`) sees the same stream.

use crate::collapse::Sign;
use crate::recipe::Remedy;
use metrics::{ClassificationScores, EntityScores, MultilabelScores, RegressionScores, RelationScores, WordScores};
use serde::{Deserialize, Serialize};

/// Scores of one split. The first number a user sees is [`Scores::main`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum Scores {
    Classification(ClassificationScores),
    Ner(EntityScores),
    Pico(WordScores),
    Relation(RelationScores),
    Similarity(RegressionScores),
    Multilabel(MultilabelScores),
    Qa(ClassificationScores),
}

impl Scores {
    /// The task's score, from 0 to 1 (a correlation from -1), as BLURB prescribes it (Gu et al. 2020, section 2.4), and for
    /// classification macro F1. Selection of the best epoch and early stopping go by it. A correlation that is undefined
    /// counts as none.
    pub fn main(&self) -> f64 {
        match self {
            Scores::Classification(scores) => scores.macro_f1,
            Scores::Ner(scores) => scores.exact.f1,
            Scores::Pico(scores) => scores.macro_f1,
            Scores::Relation(scores) => scores.micro.f1,
            Scores::Similarity(scores) => scores.pearson.unwrap_or(0.0),
            Scores::Multilabel(scores) => scores.micro.f1,
            Scores::Qa(scores) => scores.accuracy,
        }
    }

    /// The same, but nothing where a correlation is undefined.
    pub fn defined(&self) -> Option<f64> {
        match self {
            Scores::Similarity(scores) => scores.pearson,
            other => Some(other.main()),
        }
    }

    pub fn main_name(&self) -> &'static str {
        match self {
            Scores::Classification(_) => "macro F1",
            Scores::Ner(_) => "entity F1",
            Scores::Pico(_) => "word macro F1",
            Scores::Relation(_) | Scores::Multilabel(_) => "micro F1",
            Scores::Similarity(_) => "Pearson",
            Scores::Qa(_) => "accuracy",
        }
    }

    /// Whether a run with these scores on dev, with its last weights, has failed: by the measure of its task no better than
    /// the best constant answer; no entity or word right; or scores that do not go with the gold ones or are no closer to
    /// them than their mean.
    pub fn failed(&self) -> bool {
        match self {
            Scores::Classification(scores) | Scores::Qa(scores) => scores.accuracy <= scores.constant_accuracy,
            Scores::Ner(scores) => scores.exact.f1 == 0.0,
            Scores::Pico(scores) => scores.macro_f1 == 0.0,
            Scores::Relation(scores) => scores.micro.f1 <= scores.constant_f1,
            Scores::Similarity(scores) => {
                scores.pearson.is_none_or(|pearson| pearson <= 0.0) || scores.mse >= scores.gold_variance
            }
            Scores::Multilabel(scores) => scores.micro.f1 <= scores.constant_f1,
        }
    }
}

/// The norm of the gradient of one part of the encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct PartNorm {
    pub part: String,
    pub norm: f64,
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
        /// Mean norms of the gradients since the last one, one a part that learns, bottom to top.
        #[serde(default)]
        gradients: Vec<PartNorm>,
    },
    /// The run shows signs of having collapsed; said once.
    Collapse {
        step: usize,
        epoch: usize,
        signs: Vec<Sign>,
        remedy: Remedy,
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
    /// Still no better than guessing after the recipe's share of the epochs.
    GivenUp,
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
