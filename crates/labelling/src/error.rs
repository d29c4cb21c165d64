use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum LabellingError {
    #[error("the project in {} cannot be read or written: {source}", path.display())]
    Database { path: PathBuf, source: rusqlite::Error },
    #[error("the project in {} was made by a newer Ballast, or is none: {reason}", path.display())]
    Schema { path: PathBuf, reason: String },
    #[error("the project in {} is damaged: {reason}; put a copy of it back", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("there is no document {id} in this project")]
    NoDocument { id: i64 },
    #[error("there is no label {id} of this kind in this project")]
    NoLabel { id: i64 },
    #[error("there is already a label \"{name}\"")]
    LabelExists { name: String },
    #[error("the label \"{name}\" is in use {uses} times; remove these first")]
    LabelInUse { name: String, uses: usize },
    #[error("a label needs a name")]
    LabelUnnamed,
    #[error("characters {start} to {end} are no part of document {document}, which has {length}")]
    OutOfText { document: i64, start: usize, end: usize, length: usize },
    #[error("there is no such span, relation or suggestion in this document any more")]
    Gone,
    #[error("a relation joins two different spans")]
    RelationToItself,
    #[error("the score {score} is no number")]
    NoScore { score: f64 },
    #[error(
        "what two people differ on is settled under a third name, so that the work of each stays as it is; give another name"
    )]
    SettledByOneOfThem,
}

impl LabellingError {
    /// A stable name for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Database { .. } => "project-database",
            Self::Schema { .. } => "project-schema",
            Self::Damaged { .. } => "project-damaged",
            Self::NoDocument { .. } => "document-missing",
            Self::NoLabel { .. } => "label-missing",
            Self::LabelExists { .. } => "label-exists",
            Self::LabelInUse { .. } => "label-in-use",
            Self::LabelUnnamed => "label-unnamed",
            Self::OutOfText { .. } => "out-of-text",
            Self::Gone => "mark-gone",
            Self::RelationToItself => "relation-to-itself",
            Self::NoScore { .. } => "score-bad",
            Self::SettledByOneOfThem => "settled-by-one-of-them",
        }
    }
}
