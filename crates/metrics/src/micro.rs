use crate::ratio;
use serde::{Deserialize, Serialize};

/// Precision, recall and F1 over the pooled counts of several labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct MicroScores {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// How many answers gold has.
    pub gold: usize,
    /// How many were predicted.
    pub predicted: usize,
    /// How many of these are right.
    pub correct: usize,
}

impl MicroScores {
    pub(crate) fn new(correct: usize, gold: usize, predicted: usize) -> Self {
        Self {
            precision: ratio(correct as f64, predicted as f64),
            recall: ratio(correct as f64, gold as f64),
            f1: ratio(2.0 * correct as f64, (gold + predicted) as f64),
            gold,
            predicted,
            correct,
        }
    }
}
