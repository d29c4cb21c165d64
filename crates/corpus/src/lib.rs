//! Labelled text before it is a tensor: readers, mapping to a task, validation, splits, tokens, windows, batches.

mod batch;
mod dataset;
mod document;
mod error;
mod example;
mod file;
mod head;
mod inspect;
mod issue;
mod mapping;
mod read;
mod repeats;
mod scheme;
mod single;
mod split;
mod tags;
mod task;
mod tokens;
mod window;
mod words;
mod write;

pub use batch::{Batch, Padding, WindowRows, collate, epoch_batches, sorted_batches};
pub use dataset::{Dataset, Options, Source, Split, label_counts, load, load_labelled, load_told, load_unlabelled};
pub use document::{Document, Mention, Relation, Section};
pub use error::DataError;
pub use example::{Example, Gold, Span};
pub use head::{Head, HeadFile, HeadRow, head};
pub use inspect::{Inspection, Quantiles, SplitFacts, facts, inspect};
pub use issue::{Issue, IssueKind};
pub use mapping::Columns;
pub use read::Format;
pub use single::single;
pub use tags::{spans_of, tag_names, tags_of};
pub use task::Task;
pub use tokens::{Pieces, Tokenizer, TokenizerError};
pub use window::{Encoded, Window, encode};
pub use words::words_of;

/// Readers and writers of tables and documents, format by format.
pub mod tabular {
    pub use crate::read::{Row, Table, folders, json, parquet, spans, xlsx};
    pub use crate::write::{jsonl as write_jsonl, labelstudio as write_labelstudio};
    pub use crate::write::{parquet as write_parquet, xlsx as write_xlsx};
}
