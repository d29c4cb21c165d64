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
    /// Population, intervention and outcome: labelled words in a text.
    Pico,
    /// How the two entities marked in a sentence are related.
    Relation,
    /// How alike two sentences are, as a number.
    Similarity,
    /// Any number of labels a text.
    Multilabel,
    /// A question answered from a context by one of a few answers.
    Qa,
}

/// The form of the right answer, which decides head, loss and decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerForm {
    /// Exactly one of the labels.
    Class,
    /// Any of the labels.
    Labels,
    /// A number.
    Score,
    /// Labelled spans.
    Spans,
}

impl Task {
    pub const ALL: [Task; 7] =
        [Task::Classification, Task::Ner, Task::Pico, Task::Relation, Task::Similarity, Task::Multilabel, Task::Qa];

    pub fn name(self) -> &'static str {
        match self {
            Task::Classification => "classification",
            Task::Ner => "ner",
            Task::Pico => "pico",
            Task::Relation => "relation",
            Task::Similarity => "similarity",
            Task::Multilabel => "multilabel",
            Task::Qa => "qa",
        }
    }

    pub fn form(self) -> AnswerForm {
        match self {
            Task::Classification | Task::Relation | Task::Qa => AnswerForm::Class,
            Task::Multilabel => AnswerForm::Labels,
            Task::Similarity => AnswerForm::Score,
            Task::Ner | Task::Pico => AnswerForm::Spans,
        }
    }

    /// Whether words of a text are labelled rather than the text as a whole.
    pub fn labels_words(self) -> bool {
        self.form() == AnswerForm::Spans
    }

    /// Whether an example is always two texts.
    pub fn is_about_pairs(self) -> bool {
        matches!(self, Task::Similarity | Task::Qa)
    }

    /// The outputs of the head: the labels, the tags that spell entities of these types, or a single score.
    pub fn outputs(self, labels: &[String]) -> Vec<String> {
        match self.form() {
            AnswerForm::Class | AnswerForm::Labels => labels.to_vec(),
            AnswerForm::Score => vec!["score".into()],
            AnswerForm::Spans => crate::tag_names(self, labels),
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
        let names = || Task::ALL.map(Task::name).join(", ");
        Task::ALL
            .into_iter()
            .find(|task| task.name() == name)
            .ok_or_else(|| format!("there is no task \"{name}\"; choose one of {}", names()))
    }
}
