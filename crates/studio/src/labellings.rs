//! Labellings of many texts that have begun and are not over: what was asked for, so that it goes on where it was. The answers
//! themselves are in `kept`.

use crate::StudioError;
use crate::workspace::{create, read_json, workspace, write_json};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::PathBuf;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Labelling {
    /// The id of the run whose model labels.
    pub run: String,
    /// The file or folder of texts.
    pub input: String,
    /// Where the answers go; no two labellings go to the same place.
    pub output: String,
    /// Whether the texts go with them.
    pub texts: bool,
    /// Whether it goes on by itself when the program is started again: not if the user has ended it.
    pub goes_on: bool,
}

fn path() -> Result<PathBuf, StudioError> {
    Ok(workspace()?.join("answers").join("labellings.json"))
}

/// All of them, in the order in which they were asked for.
pub fn labellings() -> Result<Vec<Labelling>, StudioError> {
    let path = path()?;
    // One that cannot be read was torn by a full disk: its answers are still kept, and are found when the same is asked for.
    if path.is_file() { Ok(read_json(&path).unwrap_or_default()) } else { Ok(Vec::new()) }
}

/// Keeps a labelling in the place of an earlier one with the same output.
pub(crate) fn keep_labelling(labelling: &Labelling) -> Result<(), StudioError> {
    let mut all = labellings()?;
    match all.iter_mut().find(|own| own.output == labelling.output) {
        Some(own) => own.clone_from(labelling),
        None => all.push(labelling.clone()),
    }
    write(&all)
}

/// Forgets one: it is over, or not wanted any more.
pub fn forget_labelling(output: &str) -> Result<(), StudioError> {
    let mut all = labellings()?;
    let before = all.len();
    all.retain(|own| own.output != output);
    if all.len() == before { Ok(()) } else { write(&all) }
}

fn write(all: &[Labelling]) -> Result<(), StudioError> {
    let path = path()?;
    if let Some(folder) = path.parent() {
        create(folder)?;
    }
    write_json(&path, &all)
}
