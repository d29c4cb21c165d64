//! What is in the data, before anything is done with it.

use crate::dataset::label_counts;
use crate::{Columns, DataError, Dataset, Example, Issue, Options, Source, Split, Task, load};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Lowest, middle, 95th of a hundred, highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Quantiles {
    pub min: usize,
    pub median: usize,
    pub p95: usize,
    pub max: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct SplitFacts {
    pub split: Split,
    pub examples: usize,
    /// How often each label occurs, in the order of the labels.
    pub labels: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    pub task: Task,
    pub labels: Vec<String>,
    pub columns: Columns,
    pub sources: Vec<Source>,
    pub drawn_split: bool,
    pub splits: Vec<SplitFacts>,
    pub words: Quantiles,
    pub characters: Quantiles,
    pub issues: Vec<Issue>,
    /// The first examples of training, as the model will see them.
    pub preview: Vec<Example>,
}

pub fn inspect(data: &Path, options: &Options) -> Result<Inspection, DataError> {
    load(data, options).map(|dataset| facts(&dataset))
}

/// The facts of a dataset that is already read.
pub fn facts(dataset: &Dataset) -> Inspection {
    let all = || dataset.train.iter().chain(&dataset.dev).chain(&dataset.test);
    let facts = |split| SplitFacts {
        split,
        examples: dataset.split(split).len(),
        labels: label_counts(dataset.split(split), dataset.labels.len()),
    };
    Inspection {
        task: dataset.task,
        labels: dataset.labels.clone(),
        columns: dataset.columns.clone(),
        sources: dataset.sources.clone(),
        drawn_split: dataset.drawn_split,
        splits: [Split::Train, Split::Dev, Split::Test].map(facts).to_vec(),
        words: quantiles(all().map(|example| example.text.split_whitespace().count()).collect()),
        characters: quantiles(all().map(|example| example.text.chars().count()).collect()),
        issues: dataset.issues.clone(),
        preview: dataset.train.iter().take(5).cloned().collect(),
    }
}

fn quantiles(mut values: Vec<usize>) -> Quantiles {
    values.sort_unstable();
    let at = |share: f64| values.get(((values.len().max(1) - 1) as f64 * share).round() as usize).copied().unwrap_or(0);
    Quantiles { min: at(0.0), median: at(0.5), p95: at(0.95), max: at(1.0) }
}
