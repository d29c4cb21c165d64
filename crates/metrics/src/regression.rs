use crate::mean;
use serde::{Deserialize, Serialize};

/// A side whose values differ by no more than this share of the largest of them is constant: the rest is rounding.
const ROUNDING: f64 = 1e-12;

/// Scores of a task whose answers are numbers, such as the similarity of two sentences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct RegressionScores {
    /// Number of examples.
    pub n: usize,
    /// From -1 to 1; see [`pearson`].
    pub pearson: Option<f64>,
    /// From -1 to 1; see [`spearman`].
    pub spearman: Option<f64>,
    /// Mean squared error.
    pub mse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// Population variance of gold: the mean squared error of the best constant answer, which is the mean of gold.
    pub gold_variance: f64,
}

/// Scores `predicted` against `gold`.
///
/// # Panics
/// When the slices differ in length.
pub fn regression(gold: &[f64], predicted: &[f64]) -> RegressionScores {
    let (pearson, spearman) = (pearson(gold, predicted), spearman(gold, predicted));
    let errors = || gold.iter().zip(predicted).map(|(gold, predicted)| predicted - gold);
    let center = mean(gold.iter().copied());
    RegressionScores {
        n: gold.len(),
        pearson,
        spearman,
        mse: mean(errors().map(|error| error * error)),
        mae: mean(errors().map(f64::abs)),
        gold_variance: mean(gold.iter().map(|value| (value - center).powi(2))),
    }
}

/// Pearson's correlation. There is none of fewer than two examples, with a constant side (differences that only rounding
/// makes are none), or with a value that is no finite number.
///
/// # Panics
/// When the slices differ in length.
pub fn pearson(gold: &[f64], predicted: &[f64]) -> Option<f64> {
    assert_eq!(gold.len(), predicted.len(), "every example needs one gold and one predicted value");
    let (gold, predicted) = (centered(gold)?, centered(predicted)?);
    let product = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let norms = (product(&gold, &gold) * product(&predicted, &predicted)).sqrt();
    Some((product(&gold, &predicted) / norms).clamp(-1.0, 1.0))
}

/// Spearman's correlation: Pearson's of the ranks, where equal values share the mean of theirs. There is none where
/// Pearson's of the values is undefined.
///
/// # Panics
/// When the slices differ in length.
pub fn spearman(gold: &[f64], predicted: &[f64]) -> Option<f64> {
    // Ranks would make full steps of rounding, so the values decide whether a side is constant.
    pearson(gold, predicted)?;
    pearson(&ranks(gold), &ranks(predicted))
}

/// The deviations from the mean in units of the range, in which no square over- or underflows; `None` of a constant.
fn centered(values: &[f64]) -> Option<Vec<f64>> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = high - low;
    // `min` and `max` pass over values that are no number.
    let defined = range.is_finite() && values.iter().all(|value| value.is_finite());
    if !defined || range <= ROUNDING * low.abs().max(high.abs()) {
        return None;
    }
    let scaled = || values.iter().map(|value| (value - low) / range);
    let center = mean(scaled());
    Some(scaled().map(|value| value - center).collect())
}

/// Ranks from 1, equal values with the mean of the ranks they take up.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (tied.len() + 1) as f64 / 2.0;
        tied.iter().for_each(|&index| ranks[index] = rank);
        before += tied.len();
    }
    ranks
}
