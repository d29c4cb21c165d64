//! Entities as tags, one a word: BIO (Ramshaw and Marcus 1995, in the IOB2 form), and IO for PICO, as in EBM-NLP.

use crate::{Span, Task};
use std::ops::Range;

/// The names of the tags for entity types: `O`, then `B-` and `I-` of each type in turn, or `I-` alone for PICO.
pub fn tag_names(task: Task, types: &[String]) -> Vec<String> {
    let prefixes: &[&str] = if task == Task::Pico { &["I"] } else { &["B", "I"] };
    let tags = types.iter().flat_map(|name| prefixes.iter().map(move |prefix| format!("{prefix}-{name}")));
    std::iter::once("O".to_string()).chain(tags).collect()
}

/// The tag of each word, as an index into [`tag_names`]. Spans must be aligned with words and must not overlap.
pub fn tags_of(task: Task, words: &[Range<usize>], spans: &[Span]) -> Vec<usize> {
    let mut tags = vec![0; words.len()];
    for span in spans {
        let inside = words.iter().zip(&mut tags).filter(|(word, _)| word.start >= span.start && word.end <= span.end);
        for (place, (_, tag)) in inside.enumerate() {
            *tag = match task {
                Task::Pico => 1 + span.label,
                _ => 1 + 2 * span.label + usize::from(place > 0),
            };
        }
    }
    tags
}

/// The entities that tags spell. As in seqeval's default mode an `I-` that follows no entity of its type begins one; so
/// neighbouring words of one type are one entity where there are no `B-` tags.
pub fn spans_of(task: Task, words: &[Range<usize>], tags: &[usize]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut open = false;
    for (word, &tag) in words.iter().zip(tags) {
        if tag == 0 {
            open = false;
            continue;
        }
        let (label, inside) = match task {
            Task::Pico => (tag - 1, true),
            _ => ((tag - 1) / 2, (tag - 1) % 2 == 1),
        };
        match spans.last_mut() {
            Some(last) if open && inside && last.label == label => last.end = word.end,
            _ => spans.push(Span { start: word.start, end: word.end, label }),
        }
        open = true;
    }
    spans
}
