use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One fold of a cross-validation: the part that is held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
pub struct Fold {
    /// From 1.
    pub index: usize,
    /// How many there are, at least 2.
    pub of: usize,
    /// Which division into folds, from 1; each is drawn anew.
    pub repeat: usize,
}

impl Fold {
    pub fn is_valid(&self) -> bool {
        self.of >= 2 && (1..=self.of).contains(&self.index) && self.repeat >= 1
    }
}

/// `2/5`, or `2/5/3` of the third division.
impl fmt::Display for Fold {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)?;
        if self.repeat == 1 { Ok(()) } else { write!(f, "/{}", self.repeat) }
    }
}

impl FromStr for Fold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Option<Vec<usize>> = text.split('/').map(|part| part.trim().parse().ok()).collect();
        let fold = match parts.as_deref() {
            Some([index, of]) => Some(Self { index: *index, of: *of, repeat: 1 }),
            Some([index, of, repeat]) => Some(Self { index: *index, of: *of, repeat: *repeat }),
            _ => None,
        };
        let wrong = "write the fold and how many there are, as 2/5, and behind it which division, as 2/5/3; all from 1";
        fold.filter(Fold::is_valid).ok_or_else(|| wrong.into())
    }
}
