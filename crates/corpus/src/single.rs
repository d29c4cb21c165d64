use crate::words::words_of;
use crate::{Example, Task};

/// A text of its own, to be labelled.
pub fn single(text: &str, pair: Option<&str>, task: Task) -> Example {
    Example {
        id: String::new(),
        text: text.into(),
        pair: pair.map(String::from),
        words: if task.labels_words() { words_of(text) } else { Vec::new() },
        gold: None,
        group: None,
        document: None,
        line: 1,
    }
}
