//! How a long text whose words are labelled is divided among windows.
//!
//! It is divided where the text itself says (content-defined chunking; Muthitacharoen, Chen and Mazières, SOSP 2001): before a
//! word that hashes lower than all others near it. So what stands far before a place has no influence on how it is read, and
//! a line that is added at the top of a note does not move every border below it.

use std::ops::Range;

/// Pieces over which the place of a border is hashed.
const HASHED: usize = 8;

/// A window and the pieces in it that are scored there: each piece of a text is scored in exactly one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub window: Range<usize>,
    pub owned: Range<usize>,
}

/// Windows of `room` pieces, or one of all pieces where they fit. What a window owns lies in its middle, an eighth of the room
/// or more from its edges, unless these are an end of the text. `starts_word` tells where a border may be.
pub fn stretches(ids: &[u32], room: usize, starts_word: &dyn Fn(usize) -> bool) -> Vec<Stretch> {
    let length = ids.len();
    if length <= room {
        return vec![Stretch { window: 0..length, owned: 0..length }];
    }
    let mut found: Vec<Stretch> = Vec::new();
    for owned in segments(ids, room, starts_word) {
        let around = room - owned.len();
        let before = (around / 2).min(owned.start);
        let end = (owned.end + around - before).min(length);
        let window = end - room..end;
        match found.last_mut() {
            Some(last) if last.window == window => last.owned.end = owned.end,
            _ => found.push(Stretch { window, owned }),
        }
    }
    found
}

/// The text in parts of three quarters of the room at most.
fn segments(ids: &[u32], room: usize, starts_word: &dyn Fn(usize) -> bool) -> Vec<Range<usize>> {
    let length = ids.len();
    let longest = (room * 3 / 4).max(1);
    let mut borders = vec![0];
    for border in borders_in(ids, (room / 4).max(1), starts_word).into_iter().chain([length]) {
        let from = borders[borders.len() - 1];
        // Where the text repeats itself nothing stands out; such a stretch is divided evenly.
        let parts = (border - from).div_ceil(longest);
        let even = (1..parts).map(|part| from + (border - from) * part / parts);
        let at_word = |place: usize| (place..border.min(place + room / 16 + 1)).find(|&at| starts_word(at));
        borders.extend(even.map(|place| at_word(place).unwrap_or(place)));
        borders.push(border);
    }
    borders.dedup();
    let mut segments: Vec<Range<usize>> = borders.windows(2).map(|pair| pair[0]..pair[1]).collect();
    // A stub at either end is not worth a window of its own.
    let fits = |a: &Range<usize>, b: &Range<usize>| b.end - a.start <= longest;
    if segments.len() > 1 && fits(&segments[0], &segments[1]) {
        segments[1].start = 0;
        segments.remove(0);
    }
    let last = segments.len() - 1;
    if last > 0 && fits(&segments[last - 1], &segments[last]) {
        segments[last - 1].end = length;
        segments.truncate(last);
    }
    segments
}

/// Words that hash lower than all others up to `near` pieces away.
fn borders_in(ids: &[u32], near: usize, starts_word: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let hashes: Vec<Option<u64>> = (0..ids.len()).map(|at| starts_word(at).then(|| hash(&ids[at..]))).collect();
    let is_lowest = |&at: &usize| {
        let Some(own) = hashes[at] else { return false };
        let around = at.saturating_sub(near)..(at + near + 1).min(ids.len());
        around.into_iter().all(|other| other == at || hashes[other].is_none_or(|hash| hash > own))
    };
    // Near an end there are fewer to be lower than.
    (near..ids.len().saturating_sub(near)).filter(is_lowest).collect()
}

/// FNV-1a over the next pieces, mixed so that its order is not theirs.
fn hash(ids: &[u32]) -> u64 {
    let fold = |hash: u64, id: &u32| (hash ^ u64::from(*id)).wrapping_mul(0x0100_0000_01b3);
    let hash = ids.iter().take(HASHED).fold(0xcbf2_9ce4_8422_2325, fold);
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}
