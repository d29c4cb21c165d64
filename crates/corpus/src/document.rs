//! A text with what is marked in it, whatever standoff format it came in.

use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::path::PathBuf;

/// One text and everything its file says of it. All places are characters (Unicode scalar values) of `text`, ends excluded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub id: String,
    pub text: String,
    pub file: PathBuf,
    /// The line of the file where it begins, from 1.
    pub line: usize,
    /// The parts into which the file itself divides the text, as title and abstract; none where it does not.
    pub sections: Vec<Section>,
    pub mentions: Vec<Mention>,
    pub relations: Vec<Relation>,
    /// Labels of the text as a whole.
    pub labels: Vec<String>,
    /// What the format says beyond this, as it stands there, so that it can be written again.
    pub rest: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub kind: String,
    pub range: Range<usize>,
}

/// A marked entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    pub id: String,
    /// Its type.
    pub kind: String,
    /// In order, not empty; several where the entity is discontinuous.
    pub ranges: Vec<Range<usize>>,
    /// What it is in a vocabulary of concepts, as `MESH:D003920`.
    pub concept: Option<String>,
    pub line: usize,
}

/// A relation between marked entities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    pub id: String,
    /// Its type.
    pub kind: String,
    /// The role of each argument and the id of the mention (or concept, where the format relates these) that plays it.
    pub arguments: Vec<(String, String)>,
    pub line: usize,
}

impl Mention {
    /// From its first to its last character.
    pub fn hull(&self) -> Option<Range<usize>> {
        Some(self.ranges.first()?.start..self.ranges.last()?.end)
    }
}

impl Document {
    /// The text of a mention, its parts joined by spaces.
    pub fn surface(&self, mention: &Mention) -> String {
        let characters: Vec<char> = self.text.chars().collect();
        let parts: Vec<String> =
            mention.ranges.iter().map(|range| characters[range.clone()].iter().collect()).collect();
        parts.join(" ")
    }
}
