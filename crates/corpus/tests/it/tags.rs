//! Entities as tags and back.

use corpus::{Span, Task, spans_of, tag_names, tags_of};
use random::{Purpose, Stream};
use std::ops::Range;

/// Words of random length with random gaps between them.
fn words(stream: &mut Stream, count: u32) -> Vec<Range<usize>> {
    let mut at = 0;
    (0..count)
        .map(|_| {
            let start = at + stream.below(3) as usize;
            at = start + 1 + stream.below(6) as usize;
            start..at
        })
        .collect()
}

#[test]
fn names_stand_in_the_order_of_the_types() {
    let types = ["Disease".to_string(), "Drug".to_string()];
    assert_eq!(tag_names(Task::Ner, &types), ["O", "B-Disease", "I-Disease", "B-Drug", "I-Drug"]);
}

#[test]
fn spans_come_back() {
    for round in 0..2000 {
        let stream = &mut Stream::new(7, Purpose::Sample, [round, 0]);
        let count = stream.below(20);
        let words = words(stream, count);
        let mut spans = Vec::new();
        let mut place = 0;
        while place < words.len() {
            let length = stream.below(4) as usize;
            let end = (place + length).min(words.len());
            if end > place {
                let label = stream.below(3) as usize;
                spans.push(Span { start: words[place].start, end: words[end - 1].end, label });
            }
            place = end.max(place + 1);
        }
        let tags = tags_of(Task::Ner, &words, &spans);
        assert_eq!(tags.len(), words.len());
        assert_eq!(spans_of(Task::Ner, &words, &tags), spans, "{tags:?}");
    }
}

/// A second reading of seqeval's default mode, by the boundary rules of conlleval: an entity begins at `B-`, and at an `I-`
/// after `O` or after another type; it ends before `O`, `B-` and another type.
fn conlleval(words: &[Range<usize>], tags: &[usize]) -> Vec<Span> {
    let part = |place: usize| tags.get(place).filter(|&&tag| tag > 0).map(|tag| ((tag - 1) / 2, (tag - 1) % 2 == 0));
    let begins = |place: usize| match (part(place), place.checked_sub(1).and_then(part)) {
        (None, _) => false,
        (Some((_, true)), _) | (Some(_), None) => true,
        (Some((kind, _)), Some((before, _))) => kind != before,
    };
    let starts = (0..tags.len()).filter(|&place| begins(place));
    let whole = starts.map(|start| {
        let end = (start + 1..=tags.len()).find(|&place| part(place).is_none() || begins(place)).unwrap();
        Span { start: words[start].start, end: words[end - 1].end, label: (tags[start] - 1) / 2 }
    });
    whole.collect()
}

#[test]
fn any_tags_can_be_read() {
    for round in 0..5000 {
        let stream = &mut Stream::new(8, Purpose::Sample, [round, 0]);
        let count = stream.below(15);
        let words = words(stream, count);
        let tags: Vec<usize> = words.iter().map(|_| stream.below(7) as usize).collect();
        let spans = spans_of(Task::Ner, &words, &tags);
        assert_eq!(spans, conlleval(&words, &tags), "{tags:?}");
        assert_eq!(spans_of(Task::Ner, &words, &tags_of(Task::Ner, &words, &spans)), spans, "{tags:?}");
    }
    let words: Vec<Range<usize>> = (0..5).map(|at| 2 * at..2 * at + 1).collect();
    let span = |start, end, label| Span { start, end, label };
    assert_eq!(spans_of(Task::Ner, &words, &[2, 2, 4, 0, 2]), [span(0, 3, 0), span(4, 5, 1), span(8, 9, 0)]);
}
