//! Labelled text before it is a tensor: readers, mapping to a task, validation, splits, tokens, windows, batches.

mod batch;
mod dataset;
mod divide;
mod document;
mod error;
mod example;
mod file;
mod files;
mod fold;
mod head;
mod hygiene;
mod inspect;
mod issue;
mod mapping;
mod marked;
mod near;
mod read;
mod repeats;
mod scheme;
mod segment;
mod single;
pub mod split;
mod tags;
mod task;
mod tokens;
mod trained;
mod window;
mod words;
mod write;

pub use batch::{Batch, Padding, WindowRows, collate, epoch_batches, sorted_batches};
pub use dataset::{Dataset, Options, Source, Split, label_counts, load, load_told};
pub use document::{Document, Mention, Relation, Section};
pub use error::DataError;
pub use example::{Example, Gold, Span};
pub use fold::Fold;
pub use head::{Head, HeadFile, HeadRow, head};
pub use hygiene::{Hygiene, NearTwin, RareLabel, SharedGroup, hygiene};
pub use inspect::{Inspection, Quantiles, SplitFacts, facts, inspect};
pub use issue::{Issue, IssueKind};
pub use mapping::{Candidate, Columns, Marking, UNRELATED, candidates, marked_sentence};
pub use marked::{Marked, load_marked};
pub use near::{NearPair, near_duplicates};
pub use read::Format;
pub use single::single;
pub use tags::{spans_of, tag_names, tags_of};
pub use task::{AnswerForm, Task};
pub use tokens::{Pieces, Tokenizer, TokenizerError};
pub use trained::{load_labelled, load_unlabelled};
pub use window::{Encoded, Window, encode, encode_cut};
pub use words::words_of;

/// Texts with what is marked in them: the readers and writers of each standoff format.
///
/// A writer gives what it wrote and a sentence for everything that its format cannot say.
pub mod standoff {
    pub use crate::read::bioc_json::read as read_bioc_json;
    pub use crate::read::bioc_xml::read as read_bioc_xml;
    pub use crate::read::brat::read as read_brat;
    pub use crate::read::offsets::{Counted, Evidence, Unit};
    pub use crate::read::pubtator::read as read_pubtator;
    pub use crate::write::bioc_json::write as write_bioc_json;
    pub use crate::write::bioc_xml::write as write_bioc_xml;
    pub use crate::write::brat::write as write_brat;
    pub use crate::write::pubtator::write as write_pubtator;
}

/// Readers and writers of tables and documents, format by format.
pub mod tabular {
    pub use crate::read::{Row, Table, folders, json, parquet, spans, xlsx};
    pub use crate::write::conll as write_conll;
    pub use crate::write::{jsonl as write_jsonl, labelstudio as write_labelstudio};
    pub use crate::write::{parquet as write_parquet, xlsx as write_xlsx};
}
