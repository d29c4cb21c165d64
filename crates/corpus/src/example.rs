use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A labelled stretch of a text, in characters (Unicode scalar values), the end excluded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    /// Index into the dataset's labels.
    pub label: usize,
}

/// The right answer for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gold {
    /// Index into the dataset's labels.
    Class(usize),
    /// Indices into the dataset's labels, ascending; none is an answer too.
    Labels(Vec<usize>),
    /// As it stands in the data, on whatever scale.
    Score(f64),
    /// In order, not overlapping, aligned with words.
    Entities(Vec<Span>),
}

/// One text with what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Example {
    pub id: String,
    pub text: String,
    /// A second text that is read together with the first.
    pub pair: Option<String>,
    /// Where words are labelled: those that get a tag, as character ranges in `text`.
    pub words: Vec<Range<usize>>,
    pub gold: Option<Gold>,
    /// What must not be divided between splits: a patient, a document.
    pub group: Option<String>,
    /// For `multilabel`: the document of which this is a sentence, and whose labels are scored as one.
    #[serde(default)]
    pub document: Option<String>,
    /// The line of its file, from 1.
    pub line: usize,
}
