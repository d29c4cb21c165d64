//! What a screen sees of data.

use corpus::{Columns, Format, Issue, IssueKind, Options, Quantiles, Split, SplitFacts, Task};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A dataset as a user names it: a file, a folder, or `sample:NAME`, and how it is to be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct DataRequest {
    pub data: String,
    pub options: Options,
}

/// How one file is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct FileFacts {
    /// The file's name without its folder.
    pub name: String,
    /// The split for which it stands, when it is one of several.
    pub split: Option<Split>,
    pub format: Format,
    pub encoding: String,
    pub delimiter: Option<char>,
    pub columns: Vec<String>,
    pub bytes: u64,
}

/// What the first rows show, found without reading further.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct DataHead {
    pub files: Vec<FileFacts>,
    pub task: Task,
    /// The columns in use, guessed or named; all empty for CoNLL.
    pub columns: Columns,
    /// The column that only the user can name: `text`, `pair` or `label`.
    pub unclear: Option<String>,
    pub rows: Vec<RowView>,
}

/// One row as the model will see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RowView {
    pub id: String,
    /// The line of its file, from 1.
    pub line: usize,
    /// `None` as long as the split is not drawn.
    pub split: Option<Split>,
    pub group: Option<String>,
    pub text: String,
    pub pair: Option<String>,
    /// The gold label of a text.
    pub label: Option<String>,
    /// The gold entities.
    pub entities: Vec<Mention>,
}

/// A labelled stretch of a text, in characters (Unicode scalar values, not UTF-16 units), the end excluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Mention {
    pub start: usize,
    pub end: usize,
    pub label: String,
}

/// How far reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct Reading {
    /// Bytes of all files that have been read, and all there are.
    pub done: u64,
    pub of: u64,
}

/// Everything that was found when all rows were read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct DataReport {
    pub sha256: String,
    pub files: Vec<FileFacts>,
    pub task: Task,
    pub columns: Columns,
    /// Class names or entity types, sorted; none for scores.
    pub labels: Vec<String>,
    /// For `relation`: the label that says that there is none.
    pub negative: Option<usize>,
    /// For `relation`: what marks entities and becomes pieces of the vocabulary.
    pub markers: Vec<String>,
    /// For `multilabel`: documents whose sentences are scored as one; 0 where rows are none.
    pub documents: usize,
    /// For `similarity`.
    pub scores: Option<ScoreFacts>,
    /// Train, dev, test.
    pub splits: Vec<SplitFacts>,
    /// Whether dev or test were drawn rather than given.
    pub drawn_split: bool,
    pub groups: usize,
    pub words: Quantiles,
    pub characters: Quantiles,
    /// Rows that are left out.
    pub rejected: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct IssueCount {
    pub kind: IssueKind,
    pub rejected: bool,
    pub count: usize,
}

/// Which rows to show. Empty fields do not narrow the choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RowQuery {
    pub split: Option<Split>,
    pub label: Option<String>,
    pub search: String,
    pub from: usize,
    pub count: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RowPage {
    /// All rows that fit the query.
    pub total: usize,
    pub rows: Vec<RowView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct IssueQuery {
    pub kind: Option<IssueKind>,
    pub search: String,
    pub from: usize,
    pub count: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct IssuePage {
    /// How many there are of each kind, whatever the query.
    pub kinds: Vec<IssueCount>,
    /// Those that fit the query.
    pub total: usize,
    pub issues: Vec<Issue>,
}

/// How gold scores are spread: ten bins of equal width from the lowest to the highest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ScoreFacts {
    pub min: f64,
    pub median: f64,
    pub max: f64,
    pub bins: Vec<usize>,
}

/// How well an encoder's vocabulary fits the texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct DomainFit {
    pub encoder: String,
    pub title: String,
    /// Mean word pieces a word: the closer to 1, the better the vocabulary fits.
    pub pieces_per_word: f64,
    /// The share of words that are taken to pieces.
    pub split_words: f64,
    /// The share of pieces that the vocabulary does not know.
    pub unknown: f64,
    /// The share of texts that are longer than the encoder can read at once, and how many pieces that is.
    pub longer: f64,
    pub positions: usize,
}

/// How long the texts are in an encoder's word pieces, special tokens included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Lengths {
    /// Texts that were counted: all, or an even sample of them.
    pub counted: usize,
    pub of: usize,
    /// Texts of 0 to below `width` pieces, of `width` to below twice that, and so on.
    pub bins: Vec<usize>,
    pub width: usize,
    pub longest: usize,
    /// The longest window that was asked about, and how many of the counted texts are longer.
    pub max_length: usize,
    pub windowed: usize,
    /// The most pieces that the encoder can read at once.
    pub positions: usize,
    /// Mean word pieces a word: the closer to 1, the better the vocabulary fits.
    pub pieces_per_word: f64,
    /// Share of pieces that the vocabulary does not know.
    pub unknown_share: f64,
}
