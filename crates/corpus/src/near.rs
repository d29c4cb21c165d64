//! Texts that are almost the same: a sentence copied with another dose, a note from the same template.
//!
//! Two texts are as similar as the sets of their shingles: what these share, divided by what they hold together (Jaccard). A
//! shingle is four characters in a row, so that a changed digit or a changed word counts for what it is within its text, and
//! a text of two words still has some.
//!
//! The search is a set-similarity join by prefixes: where sets are sorted by how rare their members are, two similar ones
//! must share one of the first few (Chaudhuri, Ganti and Kaushik, ICDE 2006; Bayardo, Ma and Srikant, WWW 2007), and where
//! these stand bounds how similar the two can be (PPJoin: Xiao, Wang, Lin and Yu, WWW 2008). So does a small bitmap of each
//! set (Sandes, Teodoro and Melo, 2020). What is left is counted out; no similarity is estimated. As only the nearest twin is
//! asked for, the bound rises with what has been found (after Xiao, Wang, Lin and Shang, ICDE 2009), which is what keeps a
//! hundred thousand texts from one template from being compared pairwise.

use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Characters in a shingle. A `u128` has room for six.
const SHINGLE: usize = 4;

/// Steps that the search for one text may take, and more of them for each of its shingles. A step looks at one text, or at
/// one group of texts to pass over it.
const STEPS: usize = 2000;
const STEPS_A_SHINGLE: usize = 30;

/// What it costs in steps to compare two texts shingle by shingle.
const COMPARISON: usize = 32;

/// Texts between two words to the caller.
const CHUNK: usize = 256;

/// A text and its nearest twin before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearPair {
    /// Index of the earlier text.
    pub first: usize,
    /// Index of the later one.
    pub second: usize,
    /// From the threshold to 1. It is 1 where the texts differ but the sets of their shingles do not.
    pub similarity: f64,
}

/// For each text the most similar one before it and among the first `known`, where one is at least as similar as `threshold` (above 0, at most 1); in the
/// order of the later text. `None` if `tell`, which hears how much of all is done, ended it.
///
/// Capitals and white space do not count. A text that occurs again stands for nothing but its first occurrence: equal texts
/// are no pair, and only the first of them appears in one. Of several that are equally similar one is named, always the same.
///
/// The result does not depend on the number of threads. It is exact as long as a text has no more than some thousand
/// candidates. In a family of tens of thousands whose members are all about as similar as the threshold, there can be more:
/// then the best of those that share the rarest shingles is named, and a twin can be missed.
pub fn near_duplicates(
    texts: &[&str],
    known: usize,
    threshold: f64,
    tell: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Option<Vec<NearPair>> {
    let steps = 2 * texts.len();
    let (origins, sets) = shingled(texts, &|done| tell(done, steps))?;
    let known = origins.partition_point(|&origin| origin < known);
    let index = Index::new(sets, threshold);
    let count = index.sets.len();
    let done = AtomicUsize::new(steps - count);
    let starts: Vec<usize> = (0..count).step_by(CHUNK).collect();
    let search = |met: &mut Vec<u32>, start: usize| {
        let end = (start + CHUNK).min(count);
        let twins = (start..end).filter_map(|own| {
            let (twin, similarity) = index.nearest(own, known, met)?;
            Some(NearPair { first: origins[twin], second: origins[own], similarity })
        });
        let twins: Vec<NearPair> = twins.collect();
        let done = done.fetch_add(end - start, Ordering::Relaxed) + end - start;
        tell(done, steps).then_some(twins)
    };
    let found: Option<Vec<_>> = starts.into_par_iter().map_init(|| vec![u32::MAX; count], search).collect();
    Some(found?.concat())
}

/// The first occurrence of each different text and its shingles, numbered from the rarest on and sorted. Texts without any
/// are left out.
fn shingled(texts: &[&str], tell: &dyn Fn(usize) -> bool) -> Option<(Vec<usize>, Vec<Vec<u32>>)> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut numbers: HashMap<u128, u32> = HashMap::new();
    let mut counts: Vec<u32> = Vec::new();
    let (mut origins, mut sets) = (Vec::new(), Vec::new());
    for start in (0..texts.len()).step_by(16 * CHUNK) {
        if !tell(start) {
            return None;
        }
        let chunk = &texts[start..(start + 16 * CHUNK).min(texts.len())];
        let plain: Vec<String> = chunk.par_iter().map(|text| normalized(text)).collect();
        let is_new = |(_, text): &(usize, String)| !text.is_empty() && seen.insert(text.clone());
        let fresh: Vec<(usize, String)> = (start..).zip(plain).filter(is_new).collect();
        let shingles: Vec<_> = fresh.par_iter().map(|(_, text)| shingles(text)).collect();
        for ((index, _), shingles) in fresh.into_iter().zip(shingles) {
            let number_of = |shingle| {
                let number = *numbers.entry(shingle).or_insert(counts.len() as u32);
                if number as usize == counts.len() {
                    counts.push(0);
                }
                counts[number as usize] += 1;
                number
            };
            sets.push(shingles.into_iter().map(number_of).collect::<Vec<u32>>());
            origins.push(index);
        }
    }
    let mut by_count: Vec<u32> = (0..counts.len() as u32).collect();
    by_count.sort_by_key(|&number| counts[number as usize]);
    let mut ranks = vec![0; counts.len()];
    by_count.iter().zip(0..).for_each(|(&number, rank)| ranks[number as usize] = rank);
    sets.par_iter_mut().for_each(|set| {
        set.iter_mut().for_each(|shingle| *shingle = ranks[*shingle as usize]);
        set.sort_unstable();
    });
    Some((origins, sets))
}

/// The text in lower case, with one space between words.
fn normalized(text: &str) -> String {
    let mut normalized = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !normalized.is_empty() {
            normalized.push(' ');
        }
        normalized.extend(word.chars().flat_map(char::to_lowercase));
    }
    normalized
}

/// All runs of four characters, spaces before and after the text included, each once. A text too short for one is one.
fn shingles(text: &str) -> Vec<u128> {
    let characters: Vec<u128> = [' '].into_iter().chain(text.chars()).chain([' ']).map(u128::from).collect();
    let packed = |window: &[u128]| window.iter().fold(0, |packed, character| packed << 21 | character);
    let mut shingles: Vec<u128> = characters.windows(SHINGLE).map(packed).collect();
    if shingles.is_empty() {
        shingles.push(packed(&characters));
    }
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

/// How similar two sets are, from their sizes and what they share.
fn jaccard(shared: usize, left: usize, right: usize) -> f64 {
    shared as f64 / (left + right - shared) as f64
}

/// How many members two sorted sets share; too few where it is clear that they are fewer than `least`.
fn shared(left: &[u32], right: &[u32], least: usize) -> usize {
    let (mut a, mut b, mut shared) = (0, 0, 0);
    while a < left.len() && b < right.len() && shared + (left.len() - a).min(right.len() - b) >= least {
        let (x, y) = (left[a], right[b]);
        shared += usize::from(x == y);
        a += usize::from(x <= y);
        b += usize::from(y <= x);
    }
    shared
}

/// For each of 512 places, whether an odd number of a set's members fall on it.
type Bitmap = [u64; 8];

fn bitmap(set: &[u32]) -> Bitmap {
    let mut bitmap = [0; 8];
    for shingle in set {
        let place = shingle.wrapping_mul(0x9E37_79B9) >> 23;
        bitmap[place as usize / 64] ^= 1 << (place % 64);
    }
    bitmap
}

/// How many members only one of two sets has, at the least: members of both cancel out.
fn apart(left: &Bitmap, right: &Bitmap) -> usize {
    left.iter().zip(right).map(|(left, right)| (left ^ right).count_ones() as usize).sum()
}

/// That a shingle is among the rarest of a text, so that the text is found by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    shingle: u32,
    /// Shingles of the text.
    size: u32,
    /// Where among them this one stands.
    at: u32,
    text: u32,
}

struct Index {
    threshold: f64,
    /// The shingles of each text, the rarest first.
    sets: Vec<Vec<u32>>,
    bitmaps: Vec<Bitmap>,
    /// Sorted, so that those that bound a similarity alike lie together.
    entries: Vec<Entry>,
    /// Where the entries of each shingle begin, and after the last where they end.
    starts: Vec<usize>,
}

impl Index {
    fn new(sets: Vec<Vec<u32>>, threshold: f64) -> Self {
        let of_text = |(text, set): (usize, &Vec<u32>)| {
            let size = set.len();
            // A twin without the first `at` shingles can share no more than the others.
            let prefix = (0..size).take_while(|at| jaccard(size - at, size, size - at) >= threshold).count();
            let entry = |at| Entry { shingle: set[at], size: size as u32, at: at as u32, text: text as u32 };
            (0..prefix).map(entry).collect::<Vec<_>>()
        };
        let mut entries: Vec<Entry> = sets.par_iter().enumerate().flat_map_iter(of_text).collect();
        entries.par_sort_unstable();
        let shingles = entries.last().map_or(0, |entry| entry.shingle as usize + 1);
        let mut starts = vec![0; shingles + 1];
        entries.iter().for_each(|entry| starts[entry.shingle as usize + 1] += 1);
        (0..shingles).for_each(|shingle| starts[shingle + 1] += starts[shingle]);
        let bitmaps = sets.par_iter().map(|set| bitmap(set)).collect();
        Self { threshold, sets, bitmaps, entries, starts }
    }

    fn entries(&self, shingle: u32) -> &[Entry] {
        match self.starts.get(shingle as usize..shingle as usize + 2) {
            Some(&[start, end]) => &self.entries[start..end],
            _ => &[],
        }
    }

    /// The text before `own` and among the first `known` that is most similar to it, and how similar. `met` holds for each text which one met it last.
    fn nearest(&self, own: usize, known: usize, met: &mut [u32]) -> Option<(usize, f64)> {
        let set = &self.sets[own];
        let mut twin = None;
        // The threshold itself is enough; what has been found must be outdone.
        let mut most = self.threshold.next_down();
        let mut steps = STEPS + STEPS_A_SHINGLE * set.len();
        'search: for (at, &shingle) in set.iter().enumerate() {
            let left = set.len() - at;
            if jaccard(left, set.len(), left) <= most {
                break;
            }
            let mut list = self.entries(shingle);
            let too_small = |entry: &Entry| {
                let size = set.len().min(entry.size as usize);
                jaccard(size, size, set.len()) <= most
            };
            list = &list[list.partition_point(too_small)..];
            while let Some(&Entry { size, at: place, .. }) = list.first() {
                let alike = list.partition_point(|entry| (entry.size, entry.at) <= (size, place));
                let (group, rest) = list.split_at(alike);
                list = rest;
                let (size, place) = (size as usize, place as usize);
                if size > set.len() && jaccard(set.len(), set.len(), size) <= most {
                    break;
                }
                steps = steps.saturating_sub(1);
                for text in group.iter().map(|entry| entry.text as usize) {
                    if text >= own.min(known) || jaccard(left.min(size - place), set.len(), size) <= most {
                        break;
                    }
                    if steps == 0 {
                        break 'search;
                    }
                    steps -= 1;
                    if met[text] == own as u32 {
                        continue;
                    }
                    met[text] = own as u32;
                    let apart = apart(&self.bitmaps[own], &self.bitmaps[text]);
                    if jaccard((set.len() + size).saturating_sub(apart) / 2, set.len(), size) <= most {
                        continue;
                    }
                    steps = steps.saturating_sub(COMPARISON);
                    let least = (most * (set.len() + size) as f64 / (1.0 + most)) as usize;
                    let shared = shared(&set[at..], &self.sets[text][place..], least);
                    let similarity = jaccard(shared, set.len(), size);
                    if similarity > most {
                        (twin, most) = (Some(text), similarity);
                    }
                }
            }
        }
        twin.map(|twin| (twin, most))
    }
}
