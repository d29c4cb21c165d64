//! Scores of predictions against gold answers: pure functions on slices, with no knowledge of tensors or files.
//!
//! All scores are fractions from 0 to 1 (correlations from -1 to 1, errors of numbers in the unit of these), never
//! percent. A ratio whose denominator is 0 counts as 0, as scikit-learn and seqeval do with `zero_division=0`.

mod blurb;
mod classification;
mod entities;
mod micro;
mod multilabel;
mod regression;
mod relation;
mod words;

pub use blurb::{BlurbDataset, BlurbScore, BlurbTask, blurb_score};
pub use classification::{ClassScores, ClassificationScores, classification};
pub use entities::{Entity, EntityScores, MatchScores, entities, entities_of_tags};
pub use micro::MicroScores;
pub use multilabel::{CurvePoint, MultilabelScores, multilabel};
pub use regression::{RegressionScores, pearson, regression, spearman};
pub use relation::{RelationScores, relation};
pub use words::{WordScores, words};

/// `part / whole`, or 0 when there is no whole.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

/// The mean, or 0 of nothing.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
    ratio(sum, count as f64)
}
