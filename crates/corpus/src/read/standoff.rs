//! What the readers of standoff formats share.

use super::offsets::{Counted, Unit};
use crate::{Issue, IssueKind};
use std::ops::Range;
use std::path::Path;

pub fn issue(path: &Path, line: usize, kind: IssueKind, rejected: bool, message: impl Into<String>) -> Issue {
    Issue { file: path.into(), line, column: None, kind, rejected, message: message.into() }
}

/// The parts of a span in order, or what is wrong with them.
pub fn parts(mut ranges: Vec<Range<usize>>, length: usize) -> Result<Vec<Range<usize>>, String> {
    if let Some(range) = ranges.iter().find(|range| range.start >= range.end) {
        return Err(format!("a span from {} to {} holds nothing", range.start, range.end));
    }
    if let Some(range) = ranges.iter().find(|range| range.end > length) {
        return Err(format!("the span from {} to {} ends outside of the text of {length}", range.start, range.end));
    }
    ranges.sort_by_key(|range| range.start);
    match ranges.windows(2).find(|pair| pair[0].end > pair[1].start) {
        Some(pair) => {
            Err(format!("the parts of the span that begin at {} and {} overlap", pair[0].start, pair[1].start))
        }
        None => Ok(ranges),
    }
}

/// What to say where something else stands at a span than the file says.
pub fn differs(text: &Counted, ranges: &[Range<usize>], surface: &str) -> String {
    let found = text.surface(ranges).unwrap_or_default().replace(char::is_control, " ");
    let place = ranges.first().map_or(0, |range| range.start);
    format!("at {place} stands \"{found}\" where the file says \"{surface}\"; the offsets were kept")
}

/// Said once of a file that counts in something other than characters.
pub fn counts_in(path: &Path, unit: Unit) -> Option<Issue> {
    let message = format!("its offsets count {}; they were read so", unit.name());
    (unit != Unit::Characters).then(|| issue(path, 0, IssueKind::Files, false, message))
}
