//! What a user has chosen so far on the way to a run. It outlives the window.

use crate::workspace::{create, read_json, workspace, write_json};
use crate::{DataRequest, StudioError, Wish};
use serde::{Deserialize, Serialize};
use specta::Type;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Draft {
    pub data: Option<DataRequest>,
    pub wish: Option<Wish>,
}

/// The draft as it was last kept; an empty one where there is none that this version reads.
pub fn draft() -> Result<Draft, StudioError> {
    Ok(read_json(&workspace()?.join("draft.json")).unwrap_or_default())
}

pub fn keep_draft(draft: &Draft) -> Result<(), StudioError> {
    let folder = workspace()?;
    create(&folder)?;
    write_json(&folder.join("draft.json"), draft)
}
