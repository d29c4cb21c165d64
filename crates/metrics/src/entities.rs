use crate::classification::ClassScores;
use crate::{mean, ratio};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A typed span in one sentence (or document). Both ends count the same unit, words or characters, as the caller chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entity {
    pub start: usize,
    /// Exclusive.
    pub end: usize,
    /// Index into the list of types.
    pub kind: usize,
}

/// Precision, recall and F1 over pooled counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct MatchScores {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// Number of gold entities.
    pub gold: usize,
    /// Number of predicted entities.
    pub predicted: usize,
    /// Credit: 1 for an exact match, 0.5 for a partial one where these count.
    pub correct: f64,
}

impl MatchScores {
    fn new(correct: f64, gold: usize, predicted: usize) -> Self {
        Self {
            precision: ratio(correct, predicted as f64),
            recall: ratio(correct, gold as f64),
            f1: ratio(2.0 * correct, (gold + predicted) as f64),
            gold,
            predicted,
            correct,
        }
    }
}

/// Entity-level scores over many sentences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct EntityScores {
    pub sentences: usize,
    /// Start, end and type must be equal; counts pooled over sentences and types (micro). seqeval's default mode.
    pub exact: MatchScores,
    /// Mean of the per-type exact F1 over the types that occur in gold or predictions.
    pub macro_f1: f64,
    /// The "partial" measure of SemEval-2013 task 9.1 (Segura-Bedmar et al. 2013, section 4): boundaries alone count,
    /// the type does not. Each predicted entity is paired with at most one gold entity and the reverse; a pair with equal
    /// boundaries counts 1, a pair that only overlaps 0.5. Then precision = credit / predicted, recall = credit / gold.
    pub partial: MatchScores,
    /// Exact scores of each type, in the order of `types`, types that do not occur included.
    pub per_type: Vec<ClassScores>,
}

/// Scores predicted entities against gold ones, sentence by sentence. The same entity given twice in a sentence counts once.
///
/// # Panics
/// When the slices differ in length or a `kind` lies outside `types`.
pub fn entities(gold: &[Vec<Entity>], predicted: &[Vec<Entity>], types: &[String]) -> EntityScores {
    assert_eq!(gold.len(), predicted.len(), "every sentence needs its gold and its predicted entities");
    let mut support = vec![0usize; types.len()];
    let mut claimed = vec![0usize; types.len()];
    let mut correct = vec![0usize; types.len()];
    let mut credit = 0.0;
    for (gold, predicted) in gold.iter().zip(predicted) {
        let gold: BTreeSet<Entity> = gold.iter().copied().collect();
        let predicted: BTreeSet<Entity> = predicted.iter().copied().collect();
        gold.iter().for_each(|entity| support[entity.kind] += 1);
        predicted.iter().for_each(|entity| claimed[entity.kind] += 1);
        gold.intersection(&predicted).for_each(|entity| correct[entity.kind] += 1);
        credit += partial_credit(&gold, &predicted);
    }
    let per_type: Vec<ClassScores> = types
        .iter()
        .enumerate()
        .map(|(kind, label)| ClassScores::new(label, correct[kind], support[kind], claimed[kind]))
        .collect();
    let (gold_total, claimed_total) = (support.iter().sum(), claimed.iter().sum());
    EntityScores {
        sentences: gold.len(),
        exact: MatchScores::new(correct.iter().sum::<usize>() as f64, gold_total, claimed_total),
        macro_f1: mean(per_type.iter().filter(|class| class.occurs()).map(|class| class.f1)),
        partial: MatchScores::new(credit, gold_total, claimed_total),
        per_type,
    }
}

/// Pairs equal boundaries first, then, from left to right, the overlapping rest that ends first. Where entities of one
/// side do not overlap each other, as in any tag sequence, no other pairing gives more credit.
fn partial_credit(gold: &BTreeSet<Entity>, predicted: &BTreeSet<Entity>) -> f64 {
    let by_end = |side: &BTreeSet<Entity>| {
        let mut spans: Vec<(usize, usize)> = side.iter().map(|entity| (entity.end, entity.start)).collect();
        spans.sort_unstable();
        spans
    };
    let (mut gold, mut unmatched) = (by_end(gold), by_end(predicted));
    let mut credit = 0.0;
    gold.retain(|span| {
        let equal = unmatched.iter().position(|other| other == span);
        if let Some(found) = equal {
            unmatched.remove(found);
            credit += 1.0;
        }
        equal.is_none()
    });
    for (end, start) in gold {
        if let Some(found) = unmatched.iter().position(|&(other_end, other)| start < other_end && other < end) {
            unmatched.remove(found);
            credit += 0.5;
        }
    }
    credit
}

/// The entities (start, end exclusive, type) that seqeval's default mode, `get_entities`, reads from a tag sequence.
///
/// It takes any sequence, whatever the scheme and however malformed. The first character of a tag is its position: B, I,
/// E, S; O or `.` for outside; others, such as L and U of BILOU, only split where the type changes. What follows the first
/// hyphen is its type (without a hyphen, all but the first character; `_` when that is nothing). An `I` with no entity of
/// its type before it starts one. An empty tag counts as outside.
pub fn entities_of_tags(tags: &[&str]) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    let (mut last, mut last_type) = ('O', "");
    let mut begin = 0;
    for (index, tag) in tags.iter().copied().chain(["O"]).enumerate() {
        let mut rest = tag.chars();
        let position = rest.next().unwrap_or('O');
        let kind = rest.as_str().split_once('-').map_or(rest.as_str(), |(_, kind)| kind);
        let kind = if kind.is_empty() { "_" } else { kind };
        if ends(last, position, last_type != kind) {
            found.push((begin, index, last_type.to_owned()));
        }
        if starts(last, position, last_type != kind) {
            begin = index;
        }
        (last, last_type) = (position, kind);
    }
    found
}

fn outside(position: char) -> bool {
    matches!(position, 'O' | '.')
}

/// Whether an entity ends before the tag at `position`, after a tag at `last`.
fn ends(last: char, position: char, type_changes: bool) -> bool {
    matches!((last, position), ('E' | 'S', _) | ('B' | 'I', 'B' | 'S' | 'O')) || (!outside(last) && type_changes)
}

/// Whether an entity starts with the tag at `position`, after a tag at `last`.
fn starts(last: char, position: char, type_changes: bool) -> bool {
    matches!((last, position), (_, 'B' | 'S') | ('E' | 'S' | 'O', 'E' | 'I')) || (!outside(position) && type_changes)
}
