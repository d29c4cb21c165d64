//! What a screen sees of answers.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Which examples to show, and in which order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ExampleQuery {
    pub filter: ExampleFilter,
    /// Only examples of this gold label (classification: the text's; entities: of any span).
    pub gold: Option<String>,
    /// Only examples with this predicted label.
    pub predicted: Option<String>,
    pub search: String,
    pub sort: ExampleSort,
    pub from: usize,
    pub count: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ExampleFilter {
    All,
    /// Nothing wrong in it.
    Right,
    /// Anything wrong in it.
    Wrong,
    /// A gold entity that no predicted one touches, or a gold label that was not predicted.
    Missed,
    /// A predicted entity that touches no gold one, or a predicted label that is not gold.
    Spurious,
    /// The right borders with the wrong type.
    WrongType,
    /// Overlapping, with other borders.
    WrongBorders,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ExampleSort {
    /// As in the data.
    Order,
    LeastConfident,
    MostConfident,
    /// Most wrong first: wrong answers by confidence, then right ones by doubt; entities by the number of mistakes.
    Worst,
    Best,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ExamplePage {
    /// Examples that fit the query.
    pub total: usize,
    /// Examples under each filter, other parts of the query applied.
    pub counts: Vec<FilterCount>,
    pub examples: Vec<ReviewedExample>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct FilterCount {
    pub filter: ExampleFilter,
    pub count: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ReviewedExample {
    pub id: String,
    /// `None` once the dataset has been deleted from the workspace.
    pub text: Option<String>,
    pub pair: Option<String>,
    /// Classification: the two labels.
    pub gold: Option<String>,
    pub predicted: Option<String>,
    /// For `multilabel`.
    pub gold_labels: Vec<String>,
    pub predicted_labels: Vec<String>,
    /// For `similarity`.
    pub gold_score: Option<f64>,
    pub predicted_score: Option<f64>,
    /// Of the predicted label; for entities the lowest of its predicted spans, 1 when there is none.
    pub confidence: f64,
    /// One a label, in the order of the labels, where the text as a whole gets labels.
    pub probabilities: Vec<f64>,
    pub gold_spans: Vec<JudgedSpan>,
    pub predicted_spans: Vec<JudgedSpan>,
    pub right: bool,
}

/// For `similarity`: a point of the scatter plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ScorePair {
    pub id: String,
    pub gold: f64,
    pub predicted: f64,
}

/// An entity with what became of it. Start and end are characters (Unicode scalar values), the end excluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct JudgedSpan {
    pub start: usize,
    pub end: usize,
    pub label: String,
    /// Of a predicted span.
    pub confidence: Option<f64>,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Right,
    /// A gold span that no predicted one touches.
    Missed,
    /// A predicted span that touches no gold one.
    Spurious,
    WrongType,
    WrongBorders,
}
