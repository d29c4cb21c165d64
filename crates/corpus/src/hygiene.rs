//! What may spoil a result before anything is trained: texts that occur again, alike or nearly so, in the same split or in
//! another; patients in two splits; labels too rare to learn.

use crate::dataset::label_counts;
use crate::near::near_duplicates;
use crate::{Dataset, Example, IssueKind, Split};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Texts from this similarity on are told as almost the same.
const ALIKE: f64 = 0.8;

/// Fewer examples in training than this are too few to learn a label from.
const FEW: usize = 10;

/// As many of a kind are listed; all are counted.
const MOST_LISTED: usize = 200;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Hygiene {
    /// Texts that occur again with the same answer in the same split, with another answer, and in another split.
    pub duplicates: usize,
    pub conflicts: usize,
    pub overlaps: usize,
    /// The most similar first, at most 200.
    pub near: Vec<NearTwin>,
    /// Training texts almost the same as an earlier one, and dev and test texts almost the same as one in training.
    pub near_within: usize,
    pub near_across: usize,
    /// Patients or documents with texts in several splits, at most 200 of them.
    pub groups: Vec<SharedGroup>,
    pub groups_shared: usize,
    pub rare: Vec<RareLabel>,
    /// How many times as frequent the most frequent label is as the rarest, in training.
    pub imbalance: Option<f64>,
}

/// A text and another that is almost the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct NearTwin {
    pub split: Split,
    pub id: String,
    pub text: String,
    pub pair: Option<String>,
    pub other_split: Split,
    pub other_id: String,
    pub other_text: String,
    /// The share of their four-letter pieces that both have.
    pub similarity: f64,
    pub same_answer: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct SharedGroup {
    pub group: String,
    pub splits: Vec<Split>,
    pub texts: usize,
}

/// A label with fewer than ten examples in training, or none in dev or test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct RareLabel {
    pub label: String,
    pub train: usize,
    pub dev: usize,
    pub test: usize,
}

/// Looks for all of it. `tell` hears how far the search for near duplicates is and may end it, which gives `None`.
pub fn hygiene(dataset: &Dataset, tell: &(dyn Fn(usize, usize) -> bool + Sync)) -> Option<Hygiene> {
    let count = |kind| dataset.issues.iter().filter(|issue| issue.kind == kind).count();
    let (near, near_within, near_across) = near_twins(dataset, tell)?;
    let (groups, groups_shared) = shared_groups(dataset);
    let counts =
        [Split::Train, Split::Dev, Split::Test].map(|split| label_counts(dataset.split(split), dataset.labels.len()));
    let [train, dev, test] = &counts;
    let rare = (dataset.labels.iter().enumerate())
        .filter(|&(label, _)| train[label] < FEW || dev[label] == 0 || test[label] == 0)
        .map(|(label, name)| RareLabel {
            label: name.clone(),
            train: train[label],
            dev: dev[label],
            test: test[label],
        });
    let rarest = train.iter().copied().filter(|&count| count > 0).min();
    let imbalance = rarest.zip(train.iter().copied().max()).map(|(least, most)| most as f64 / least as f64);
    Some(Hygiene {
        duplicates: count(IssueKind::Duplicate),
        conflicts: count(IssueKind::Conflict),
        overlaps: count(IssueKind::Overlap),
        near,
        near_within,
        near_across,
        groups,
        groups_shared,
        rare: rare.collect(),
        imbalance: imbalance.filter(|_| dataset.labels.len() > 1),
    })
}

type Twins = (Vec<NearTwin>, usize, usize);

fn near_twins(dataset: &Dataset, tell: &(dyn Fn(usize, usize) -> bool + Sync)) -> Option<Twins> {
    let splits = [Split::Train, Split::Dev, Split::Test];
    let examples: Vec<(Split, &Example)> =
        splits.into_iter().flat_map(|split| dataset.split(split).iter().map(move |example| (split, example))).collect();
    let texts: Vec<String> = examples
        .iter()
        .map(|(_, example)| match &example.pair {
            Some(pair) => format!("{} {pair}", example.text),
            None => example.text.clone(),
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut pairs = near_duplicates(&texts, dataset.train.len(), ALIKE, tell)?;
    let within = pairs.iter().filter(|pair| pair.second < dataset.train.len()).count();
    let across = pairs.len() - within;
    // What reaches across splits matters most.
    pairs.sort_by(|a, b| {
        let key = |pair: &crate::NearPair| (pair.second < dataset.train.len(), pair.second);
        (key(a).0, b.similarity).partial_cmp(&(key(b).0, a.similarity)).unwrap_or(key(a).cmp(&key(b)))
    });
    let twin = |pair: &crate::NearPair| {
        let ((split, example), (other_split, other)) = (examples[pair.second], examples[pair.first]);
        NearTwin {
            split,
            id: example.id.clone(),
            text: example.text.clone(),
            pair: example.pair.clone(),
            other_split,
            other_id: other.id.clone(),
            other_text: other.text.clone(),
            similarity: pair.similarity,
            same_answer: example.gold == other.gold,
        }
    };
    Some((pairs.iter().take(MOST_LISTED).map(twin).collect(), within, across))
}

/// Groups that several splits hold, and how many there are.
fn shared_groups(dataset: &Dataset) -> (Vec<SharedGroup>, usize) {
    let mut seen: BTreeMap<&str, (Vec<Split>, usize)> = BTreeMap::new();
    for split in [Split::Train, Split::Dev, Split::Test] {
        for group in dataset.split(split).iter().filter_map(|example| example.group.as_deref()) {
            let (splits, texts) = seen.entry(group).or_default();
            if !splits.contains(&split) {
                splits.push(split);
            }
            *texts += 1;
        }
    }
    let shared = || seen.iter().filter(|(_, (splits, _))| splits.len() > 1);
    let listed = shared().take(MOST_LISTED).map(|(group, (splits, texts))| SharedGroup {
        group: group.to_string(),
        splits: splits.clone(),
        texts: *texts,
    });
    (listed.collect(), shared().count())
}
