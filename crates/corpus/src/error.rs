use crate::{Fold, Issue, Task};
use std::io;
use std::path::PathBuf;

/// Why data cannot be used. Every message says where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("there is no file or folder {}; check the path", path.display())]
    FileMissing { path: PathBuf },
    #[error("{} is empty; give a file with at least a header and a few rows", path.display())]
    FileEmpty { path: PathBuf },
    #[error("{} is not a text file; save it as CSV, TSV, JSONL or CoNLL (from a spreadsheet: \"save as CSV\")", path.display())]
    NotText { path: PathBuf },
    #[error(
        "there is no text encoding \"{name}\"; write utf-8, utf-16le, windows-1252, gb18030 or another of its kind"
    )]
    UnknownEncoding { name: String },
    #[error("{delimiter:?} cannot separate the fields of a table; usual are a comma, a semicolon, a tab and |")]
    BadDelimiter { delimiter: char },
    #[error("reading was ended before the whole was read; read it again")]
    Cancelled,
    #[error("{} cannot be read or written: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}, line {line}: {found} columns where the file has {expected}; a CoNLL line holds a word and its tag (2 columns) or 4 columns, separated alike", path.display())]
    ConllColumns { path: PathBuf, line: usize, expected: usize, found: usize },
    #[error("{} holds {format}, from which no {task} can be learnt; choose another task, or give another file", path.display())]
    TaskUnfit { path: PathBuf, format: String, task: Task },
    #[error("no label is called \"{name}\"; the labels are: {}", available.join(", "))]
    NegativeMissing { name: String, available: Vec<String> },
    #[error("all pairs in {} have the one score {score}; a model needs different ones to learn from", path.display())]
    OneScoreOnly { path: PathBuf, score: f64 },
    #[error("{}, line {line}: {reason}", path.display())]
    Malformed { path: PathBuf, line: usize, reason: String },
    #[error("{bad} of {total} rows in {} cannot be used, more than a tenth; the first: line {}, {}", path.display(), first.line, first.message)]
    TooManyBadRows { path: PathBuf, bad: usize, total: usize, first: Box<Issue>, issues: Vec<Issue> },
    #[error("{}, line {}: {} (strict mode stops at the first bad row)", issue.file.display(), issue.line, issue.message)]
    BadRow { issue: Box<Issue> },
    #[error("{} has no column \"{name}\"; it has: {}", path.display(), available.join(", "))]
    ColumnMissing { path: PathBuf, name: String, available: Vec<String> },
    #[error("cannot tell which column of {} is the {role}; say which (on the command line: --{role}). There is: {}", path.display(), available.join(", "))]
    ColumnUnclear { path: PathBuf, role: &'static str, available: Vec<String> },
    #[error("all examples in {} have the one label \"{label}\"; a model needs at least two to tell apart", path.display())]
    OneClassOnly { path: PathBuf, label: String },
    #[error("{} has {count} different labels, more than a model can learn to tell apart; choose another column for the label", path.display())]
    TooManyLabels { path: PathBuf, count: usize },
    #[error("{} holds no label at all; check which column is the label", path.display())]
    NoLabels { path: PathBuf },
    #[error("no entity is labelled in {}; a model needs examples of what to find", path.display())]
    NoEntities { path: PathBuf },
    #[error("{} holds no row with a text that is not empty", path.display())]
    NoUsableText { path: PathBuf },
    #[error("{} holds no file named train (.csv, .tsv, .jsonl, .conll); name the files train, dev and test, or give one file", path.display())]
    TrainMissing { path: PathBuf },
    #[error("{} holds {count} usable examples, too few to set some aside for dev and test; at least {needed} are needed", path.display())]
    TooFew { path: PathBuf, count: usize, needed: usize },
    #[error("the examples in {} belong to {count} groups, too few to keep each whole in train, dev or test; name another group column, or give a file for each", path.display())]
    TooFewGroups { path: PathBuf, count: usize },
    #[error("{fold} is no fold; folds count from 1, and there are two or more of them")]
    FoldInvalid { fold: Fold },
    #[error("{} holds {count} examples (or groups of them, which stay whole), too few for {folds} folds with something left to learn from; choose fewer folds, or give a file for each split", path.display())]
    TooFewForFolds { path: PathBuf, folds: usize, count: usize },
    #[error("the shares for dev ({dev}) and test ({test}) must be above 0 and leave at least half for training")]
    Shares { dev: f64, test: f64 },
}

impl DataError {
    /// A stable name for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FileMissing { .. } => "data-missing",
            Self::FileEmpty { .. } => "data-empty",
            Self::NotText { .. } => "data-not-text",
            Self::UnknownEncoding { .. } => "encoding-unknown",
            Self::BadDelimiter { .. } => "delimiter-bad",
            Self::Cancelled => "cancelled",
            Self::File { .. } => "data-file",
            Self::ConllColumns { .. } => "conll-columns",
            Self::Malformed { .. } => "malformed",
            Self::TaskUnfit { .. } => "task-unfit",
            Self::NegativeMissing { .. } => "negative-missing",
            Self::OneScoreOnly { .. } => "one-score-only",
            Self::TooManyBadRows { .. } => "too-many-bad-rows",
            Self::BadRow { .. } => "bad-row",
            Self::ColumnMissing { .. } => "column-missing",
            Self::ColumnUnclear { .. } => "column-unclear",
            Self::OneClassOnly { .. } => "one-class-only",
            Self::TooManyLabels { .. } => "too-many-labels",
            Self::NoLabels { .. } => "no-labels",
            Self::NoEntities { .. } => "no-entities",
            Self::NoUsableText { .. } => "no-usable-text",
            Self::TrainMissing { .. } => "train-missing",
            Self::TooFew { .. } => "too-few-examples",
            Self::TooFewGroups { .. } => "too-few-groups",
            Self::FoldInvalid { .. } => "fold-invalid",
            Self::TooFewForFolds { .. } => "too-few-for-folds",
            Self::Shares { .. } => "split-shares",
        }
    }
}
