//! Bootstrap intervals of a mean score (Efron and Tibshirani 1993): with other examples, with other runs, with others of
//! both.
//!
//! Resampling few runs makes too little of their spread: the sample's variance has n − 1 for n, and its tails are those of a
//! normal rather than of Student's t distribution. The percentiles are therefore taken further out, at
//! Φ(−√(n / (n − 1)) · t(α/2, n − 1)) in place of α/2: the expanded percentile interval (Hesterberg 2015, section 5.3.2).

use crate::{Outcomes, mean, quantile};
use random::{Purpose, Stream};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
    /// The share of such intervals that are to hold the true value.
    pub level: f64,
}

/// How samples are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Resampling {
    pub seed: u64,
    pub replicates: usize,
    pub level: f64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { seed: 0, replicates: 2000, level: 0.95 }
    }
}

/// The interval of the mean of runs' scores over other runs. `None` of fewer than two.
pub fn interval_over_runs(scores: &[f64], how: &Resampling) -> Option<Interval> {
    if scores.len() < 2 || scores.iter().any(|score| !score.is_finite()) {
        return None;
    }
    let replicate = |number: u32| {
        let mut stream = Stream::new(how.seed, Purpose::Resampling, [number, 0]);
        Some(mean((0..scores.len()).map(|_| scores[stream.below(scores.len() as u32) as usize])))
    };
    interval(how, expanded(how.level, scores.len()), replicate)
}

/// The interval of the mean score of these runs over other examples. All runs have answered the same examples, in the same
/// order. `None` of fewer than two examples.
pub fn interval_over_examples(runs: &[Outcomes], how: &Resampling) -> Option<Interval> {
    let examples = examples_of(runs)?;
    let replicate = |number: u32| {
        let sample = draw(how.seed, number, 1, examples);
        mean_score(runs.iter(), &sample)
    };
    interval(how, expanded(how.level, examples), replicate)
}

/// The interval of the mean score over other runs and other examples, both drawn anew each time. `None` of fewer than two
/// runs or examples.
pub fn interval_over_both(runs: &[Outcomes], how: &Resampling) -> Option<Interval> {
    let examples = examples_of(runs).filter(|_| runs.len() > 1)?;
    let replicate = |number: u32| {
        let chosen = draw(how.seed, number, 0, runs.len());
        let sample = draw(how.seed, number, 1, examples);
        mean_score(chosen.iter().map(|&run| &runs[run]), &sample)
    };
    interval(how, expanded(how.level, runs.len()), replicate)
}

/// How many examples all of the runs have answered; `None` where they differ, or where there are fewer than two.
fn examples_of(runs: &[Outcomes]) -> Option<usize> {
    let examples = runs.first()?.len();
    (examples > 1 && runs.iter().all(|run| run.len() == examples)).then_some(examples)
}

fn draw(seed: u64, number: u32, what: u32, size: usize) -> Vec<usize> {
    let mut stream = Stream::new(seed, Purpose::Resampling, [number, what]);
    (0..size).map(|_| stream.below(size as u32) as usize).collect()
}

/// `None` where no run has a score on the sample.
fn mean_score<'a>(runs: impl Iterator<Item = &'a Outcomes>, sample: &[usize]) -> Option<f64> {
    let scores: Vec<f64> = runs.filter_map(|run| run.score(sample.iter().copied())).collect();
    (!scores.is_empty()).then(|| mean(scores.iter().copied()))
}

fn interval(how: &Resampling, tail: f64, replicate: impl Fn(u32) -> Option<f64>) -> Option<Interval> {
    let found: Vec<f64> = (0..how.replicates as u32).filter_map(replicate).collect();
    if found.is_empty() {
        return None;
    }
    Some(Interval { low: quantile(&found, tail), high: quantile(&found, 1.0 - tail), level: how.level })
}

/// The share beyond which the replicates are cut off on each side.
fn expanded(level: f64, n: usize) -> f64 {
    let tail = (1.0 - level) / 2.0;
    let freedom = (n - 1) as f64;
    let (Ok(student), Ok(normal)) = (StudentsT::new(0.0, 1.0, freedom), Normal::new(0.0, 1.0)) else { return tail };
    normal.cdf((n as f64 / freedom).sqrt() * student.inverse_cdf(tail))
}
