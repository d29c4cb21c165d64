use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum IssueKind {
    /// A row with another number of fields than the header.
    RaggedRow,
    /// A line that is no JSON object.
    BadJson,
    /// A part of a file, as an annotation, that its format does not allow.
    BadRecord,
    EmptyText,
    EmptyLabel,
    /// A label that does not occur in the training data, or is not among the given ones.
    UnknownLabel,
    BadTag,
    /// A score that is no number.
    BadScore,
    /// A relation that no sentence holds whole, or that contradicts another.
    RelationLeftOut,
    /// A tag that the scheme does not allow here; it was read as the nearest that it does.
    TagRepaired,
    /// A span that lies outside of its text or is no span.
    BadSpan,
    /// A span that cuts through a word; it was widened to whole words.
    SpanWidened,
    /// A span that overlaps a longer one; it was left out.
    SpanOverlaps,
    /// A span in several parts; it was read as one from its first to its last character.
    SpanDiscontinuous,
    /// Bytes that the encoding does not know; each was read as the replacement character.
    EncodingRepaired,
    /// The same text with the same label again.
    Duplicate,
    /// The same text with another label.
    Conflict,
    /// The same text in two splits.
    Overlap,
    /// Something about the files as a whole.
    Files,
}

/// Something in the data that was left out, repaired, or is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Issue {
    pub file: PathBuf,
    /// From 1; 0 when the whole file is meant.
    pub line: usize,
    pub column: Option<String>,
    pub kind: IssueKind,
    /// Whether the row was left out; else it was repaired or only noted.
    pub rejected: bool,
    pub message: String,
}
