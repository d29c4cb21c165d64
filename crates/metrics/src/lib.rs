//! Scores of predictions against gold answers: pure functions on slices, with no knowledge of tensors or files.
//!
//! All scores are fractions from 0 to 1 (correlations from -1 to 1, errors of numbers in the unit of these), never
//! percent. A ratio whose denominator is 0 counts as 0, as scikit-learn and seqeval do with `zero_division=0`.

mod agreement;
mod blurb;
mod bootstrap;
mod calibration;
mod classification;
mod correction;
pub mod disagreement;
mod entities;
mod expected;
mod micro;
mod multilabel;
mod outcomes;
mod permutation;
mod regression;
mod relation;
mod spread;
mod variance;
mod words;

pub use agreement::{Difference, cohens_kappa, krippendorffs_alpha};
pub use blurb::{BlurbDataset, BlurbScore, BlurbTask, blurb_score};
pub use bootstrap::{Interval, Resampling, interval_over_both, interval_over_examples, interval_over_runs};
pub use calibration::{ReliabilityBin, expected_calibration_error, reliability, temperature, tempered, tempered_alone};
pub use classification::{ClassScores, ClassificationScores, classification};
pub use correction::holm;
pub use entities::{Entity, EntityScores, MatchScores, entities, entities_of_tags};
pub use expected::{ExpectedBest, expected_best};
pub use micro::MicroScores;
pub use multilabel::{CurvePoint, MultilabelScores, multilabel};
pub use outcomes::{
    Count, Measure, Outcomes, Unit, outcomes_of_answers, outcomes_of_classes, outcomes_of_scores, outcomes_of_words,
};
pub use permutation::{PermutationResult, paired_permutation};
pub use regression::{RegressionScores, pearson, regression, spearman};
pub use relation::{RelationScores, relation};
pub use spread::{Spread, quantile, spread};
pub use variance::{TestResult, brown_forsythe};
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
