//! Projects in which people label texts: an SQLite file with the texts, the label set, what each annotator decided, what
//! models suggest, and every step, so that it can be taken back. Each action is one transaction that is on the disk before it
//! is answered.

mod action;
mod agreement;
mod documents;
mod edit;
mod error;
mod history;
mod import;
mod label;
mod model;
mod project;
mod schema;
mod select;
mod settle;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use agreement::{Agreement, Disagreeing, form_of};
pub use documents::{
    DocumentAnswer, DocumentCard, DocumentFilter, DocumentPage, DocumentQuery, DocumentView, RelationMark, SpanMark,
    Suggestion,
};
pub use edit::SpanRow;
pub use error::LabellingError;
pub use history::{History, Step, Turned};
pub use import::{ImportCard, Imported, Labelled, NewDocument, NewRelation, NewSpan};
pub use label::{Label, LabelKind};
pub use model::{Doubt, ModelAnswer, Precision, Round, SuggestedRelation, SuggestedSpan};
pub use project::{Annotator, Facts, Project};
pub use select::{Candidate, Strategy, cold_start, order};
pub use settle::{Dispute, Said};

type Result<T> = std::result::Result<T, LabellingError>;
