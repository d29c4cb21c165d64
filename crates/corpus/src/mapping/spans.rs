//! Entities of a row: spans, or tags beside tokens; fitted to whole words, and never overlapping.

use super::is_blank;
use crate::IssueKind;
use crate::read::Row;
use crate::read::spans::spans_in;
use crate::scheme::{self, Scheme};
use serde_json::Value;
use std::ops::Range;

pub type NamedSpan = (usize, usize, String);
pub type Repair = (IssueKind, String);

/// The names in a cell that lists tags.
pub fn tags_in(cell: &Value) -> Option<Vec<&str>> {
    cell.as_array().filter(|tags| !tags.is_empty())?.iter().map(Value::as_str).collect()
}

/// The entities of a row: spans, or a list of tags beside a list of tokens.
pub fn entities(
    row: &Row,
    label: usize,
    text: Option<usize>,
    (body, words): (&str, &[Range<usize>]),
    scheme: Scheme,
) -> Result<(Vec<NamedSpan>, Vec<Repair>), Repair> {
    let cell = &row.cells[label];
    if let Some(tags) = tags_in(cell) {
        return entities_of_tags(&tags, words, scheme);
    }
    let tokens = text.is_some_and(|index| row.cells[index].is_array());
    match spans_in(cell) {
        Some(spans) if !tokens || !spans.is_empty() => align(spans, body.chars().count(), words),
        _ if is_blank(cell) && !tokens => Ok(Default::default()),
        _ if tokens => Err((IssueKind::BadTag, format!("no list of {} tags, one a token", words.len()))),
        _ => Err((IssueKind::BadSpan, "no list of spans with start, end and label".into())),
    }
}

fn entities_of_tags(
    tags: &[&str],
    words: &[Range<usize>],
    scheme: Scheme,
) -> Result<(Vec<NamedSpan>, Vec<Repair>), Repair> {
    if tags.len() != words.len() {
        return Err((IssueKind::BadTag, format!("{} tags for {} tokens", tags.len(), words.len())));
    }
    if let Some(tag) = tags.iter().find(|tag| scheme::parse(tag).is_none()) {
        return Err((IssueKind::BadTag, format!("\"{tag}\" is no tag")));
    }
    let mut repairs = Vec::new();
    let found = scheme::entities(tags, scheme, |place| {
        let message =
            format!("\"{}\" at token {place} follows no entity of its type; read as its beginning", tags[place]);
        repairs.push((IssueKind::TagRepaired, message));
    });
    let spans = found.into_iter().map(|(first, end, kind)| (words[first].start, words[end - 1].end, kind));
    Ok((spans.collect(), repairs))
}

/// Widens spans to whole words and leaves out those that overlap a longer one.
pub fn align(
    mut spans: Vec<NamedSpan>,
    length: usize,
    words: &[Range<usize>],
) -> Result<(Vec<NamedSpan>, Vec<Repair>), Repair> {
    let mut repairs = Vec::new();
    for (start, end, label) in &mut spans {
        if *start >= *end || *end > length {
            let message = format!("the span {start}..{end} ({label}) lies outside of the text of {length} characters");
            return Err((IssueKind::BadSpan, message));
        }
        let touched: Vec<_> = words.iter().filter(|word| word.start < *end && word.end > *start).collect();
        let (Some(first), Some(last)) = (touched.first(), touched.last()) else {
            return Err((IssueKind::BadSpan, format!("the span {start}..{end} ({label}) holds no word")));
        };
        if (first.start, last.end) != (*start, *end) {
            let widened =
                format!("the span {start}..{end} ({label}) was fitted to whole words, {}..{}", first.start, last.end);
            repairs.push((IssueKind::SpanWidened, widened));
            (*start, *end) = (first.start, last.end);
        }
    }
    spans.sort_by_key(|(start, end, _)| (std::cmp::Reverse(end - start), *start));
    let mut kept: Vec<NamedSpan> = Vec::new();
    for span in spans {
        if kept.iter().any(|other| other.0 < span.1 && span.0 < other.1) {
            let message =
                format!("the span {}..{} ({}) overlaps a longer one and was left out", span.0, span.1, span.2);
            repairs.push((IssueKind::SpanOverlaps, message));
        } else {
            kept.push(span);
        }
    }
    kept.sort();
    Ok((kept, repairs))
}
