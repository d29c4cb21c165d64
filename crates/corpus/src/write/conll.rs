//! Words with tags, one a line, and a blank line between texts.

use crate::{Example, Span, Task, tag_names, tags_of};

/// Writes texts with spans in them. Documents are told by `-DOCSTART-` where texts belong to one.
pub fn write<'a>(task: Task, labels: &[String], texts: impl Iterator<Item = (&'a Example, &'a [Span])>) -> String {
    let names = tag_names(task, labels);
    let mut lines = String::new();
    let mut document: Option<&str> = None;
    for (example, spans) in texts {
        if let Some(group) = example.group.as_deref().filter(|group| document != Some(group)) {
            lines += &format!("-DOCSTART- ({group})\n\n");
            document = Some(group);
        }
        let characters: Vec<char> = example.text.chars().collect();
        for (word, tag) in example.words.iter().zip(tags_of(task, &example.words, spans)) {
            lines.extend(&characters[word.clone()]);
            lines += "\t";
            lines += &names[tag];
            lines += "\n";
        }
        lines += "\n";
    }
    lines
}
