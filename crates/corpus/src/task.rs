use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a model learns to do with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One label a text.
    Classification,
    /// Named entities: labelled spans in a text.
    Ner,
}

impl Task {
    pub const ALL: [Task; 2] = [Task::Classification, Task::Ner];

    pub fn name(self) -> &'static str {
        match self {
            Task::Classification => "classification",
            Task::Ner => "ner",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Task {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Task::ALL
            .into_iter()
            .find(|task| task.name() == name)
            .ok_or_else(|| format!("there is no task \"{name}\"; choose classification or ner"))
    }
}
