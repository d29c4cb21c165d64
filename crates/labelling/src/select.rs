//! What to label next.

use crate::model::embedding_of;
use crate::{Project, Result};
use random::{Purpose, Stream};
use rusqlite::params;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashSet;

/// By what documents are put in order; each but the first two asks a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// As they came in.
    Given,
    Random,
    /// The answer in which the model trusts least (Lewis and Gale 1994).
    LeastConfidence,
    /// The most even probabilities (Settles and Craven 2008).
    Entropy,
    /// The closest two answers (Scheffer et al. 2001).
    Margin,
    /// The members of an ensemble differ most (query by committee, Seung et al. 1992).
    Disagreement,
    /// The most unlike what is labelled or chosen already.
    Diversity,
    /// By entropy, each weighed by how unlike what is chosen before it: ten copies of one note do not fill the queue.
    EntropyAndDiversity,
}

impl Strategy {
    pub const ALL: [Strategy; 8] = [
        Strategy::Given,
        Strategy::Random,
        Strategy::LeastConfidence,
        Strategy::Entropy,
        Strategy::Margin,
        Strategy::Disagreement,
        Strategy::Diversity,
        Strategy::EntropyAndDiversity,
    ];

    pub fn needs_model(self) -> bool {
        !matches!(self, Strategy::Given | Strategy::Random | Strategy::Diversity)
    }

    pub fn needs_embeddings(self) -> bool {
        matches!(self, Strategy::Diversity | Strategy::EntropyAndDiversity)
    }
}

/// A document that may be chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Candidate {
    pub id: u32,
    /// What the strategy goes by, the higher the sooner; 0 where the model was not asked.
    pub doubt: f64,
    pub embedding: Option<Vec<f32>>,
}

/// This many are weighed against each other where likeness counts; the rest follows by doubt alone.
const WEIGHED: usize = 2000;

/// And so many of them are chosen one by one.
const CHOSEN: usize = 200;

/// The candidates in the order in which they should be labelled. `labelled` are embeddings of what is labelled already. Ties
/// are broken by the seed.
pub fn order(strategy: Strategy, mut candidates: Vec<Candidate>, labelled: &[Vec<f32>], seed: u64) -> Vec<u32> {
    candidates.sort_by_key(|candidate| candidate.id);
    if strategy == Strategy::Given {
        return candidates.iter().map(|candidate| candidate.id).collect();
    }
    Stream::new(seed, Purpose::Order, [0, 0]).shuffle(&mut candidates);
    if !matches!(strategy, Strategy::Random | Strategy::Diversity) {
        candidates.sort_by(|a, b| b.doubt.total_cmp(&a.doubt));
    }
    if strategy.needs_embeddings() {
        // What no model has looked at is neither like nor unlike anything.
        candidates.sort_by_key(|candidate| candidate.embedding.is_none());
        let rest = candidates.split_off(candidates.len().min(WEIGHED));
        // Of scores no model is more or less sure.
        let by_doubt = strategy != Strategy::Diversity && candidates.iter().any(|candidate| candidate.doubt > 0.0);
        candidates = unlike_first(candidates, labelled, by_doubt);
        candidates.extend(rest);
    }
    candidates.iter().map(|candidate| candidate.id).collect()
}

/// Always the one that is furthest from all chosen before (Sener and Savarese 2018, algorithm 1), its distance weighed by doubt
/// where that counts.
fn unlike_first(mut open: Vec<Candidate>, labelled: &[Vec<f32>], by_doubt: bool) -> Vec<Candidate> {
    let mut nearest: Vec<f64> = open
        .iter()
        .map(|candidate| labelled.iter().map(|other| distance(candidate, other)).fold(1.0, f64::min))
        .collect();
    let mut chosen: Vec<Candidate> = Vec::new();
    while chosen.len() < CHOSEN && !open.is_empty() {
        let worth = |place: usize| if by_doubt { nearest[place] * open[place].doubt } else { nearest[place] };
        // The first of equals: they are in order already.
        let best = (1..open.len()).fold(0, |best, place| if worth(place) > worth(best) { place } else { best });
        let next = open.remove(best);
        nearest.remove(best);
        if let Some(vector) = &next.embedding {
            open.iter().zip(&mut nearest).for_each(|(other, nearest)| *nearest = nearest.min(distance(other, vector)));
        }
        chosen.push(next);
    }
    chosen.extend(open);
    chosen
}

/// From 0 (the same direction) to 1 (opposite or unknown).
fn distance(candidate: &Candidate, other: &[f32]) -> f64 {
    let Some(own) = &candidate.embedding else { return 1.0 };
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let lengths = (dot(own, own) * dot(other, other)).sqrt();
    if lengths == 0.0 { 1.0 } else { (1.0 - dot(own, other) / lengths).clamp(0.0, 2.0) / 2.0 }
}

/// Where nothing is labelled yet: the texts most like many others, from groups that differ (k-means from far-apart
/// beginnings, one text a group, the largest group first; as in Yuan et al. 2020, section 3). Answers with `count` ids.
pub fn cold_start(vectors: &[(u32, Vec<f32>)], count: usize, seed: u64) -> Vec<u32> {
    let mut sample: Vec<&(u32, Vec<f32>)> = vectors.iter().collect();
    Stream::new(seed, Purpose::Order, [1, 0]).shuffle(&mut sample);
    sample.truncate(WEIGHED.max(count));
    let count = count.min(sample.len());
    if count == 0 {
        return Vec::new();
    }
    let square = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
    let mut centres: Vec<Vec<f32>> = vec![sample[0].1.clone()];
    let mut nearest: Vec<f64> = sample.iter().map(|(_, vector)| square(vector, &centres[0])).collect();
    while centres.len() < count {
        let farthest =
            (1..sample.len()).fold(0, |best, place| if nearest[place] > nearest[best] { place } else { best });
        centres.push(sample[farthest].1.clone());
        let centre = &centres[centres.len() - 1];
        sample.iter().zip(&mut nearest).for_each(|((_, vector), near)| *near = near.min(square(vector, centre)));
    }
    let closest = |vector: &[f32], centres: &[Vec<f32>]| {
        let mut best = (0, f64::INFINITY);
        for (place, centre) in centres.iter().enumerate() {
            let apart = square(vector, centre);
            if apart < best.1 {
                best = (place, apart);
            }
        }
        best
    };
    for _ in 0..10 {
        let mut sums = vec![(vec![0.0f32; sample[0].1.len()], 0usize); centres.len()];
        for (_, vector) in &sample {
            let (sum, number) = &mut sums[closest(vector, &centres).0];
            sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
            *number += 1;
        }
        for (centre, (sum, number)) in centres.iter_mut().zip(sums).filter(|(_, (_, number))| *number > 0) {
            *centre = sum.into_iter().map(|value| value / number as f32).collect();
        }
    }
    let mut groups: Vec<(usize, Option<(u32, f64)>)> = vec![(0, None); centres.len()];
    for (id, vector) in &sample {
        let (place, apart) = closest(vector, &centres);
        let (number, middle) = &mut groups[place];
        *number += 1;
        if middle.is_none_or(|(_, best)| apart < best) {
            *middle = Some((*id, apart));
        }
    }
    groups.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    let mut chosen: Vec<u32> = groups.iter().filter_map(|(_, middle)| middle.map(|(id, _)| id)).collect();
    let taken: HashSet<u32> = chosen.iter().copied().collect();
    // Texts that are all the same make fewer groups than were asked for.
    let others = sample.iter().map(|(id, _)| *id).filter(|id| !taken.contains(id));
    chosen.extend(others.take(count - chosen.len()));
    chosen
}

impl Project {
    /// Puts the documents that nobody has done in the order of a strategy; the others follow as they stand.
    pub fn reorder(&mut self, strategy: Strategy, seed: u64) -> Result<()> {
        let candidates = self.candidates(strategy)?;
        let labelled = if strategy.needs_embeddings() { self.labelled_embeddings()? } else { Vec::new() };
        let nobody_asked = labelled.is_empty() && candidates.iter().all(|candidate| candidate.doubt == 0.0);
        let mut ids = Vec::new();
        if strategy == Strategy::Diversity && nobody_asked {
            let vectors: Vec<(u32, Vec<f32>)> =
                candidates.iter().filter_map(|candidate| Some((candidate.id, candidate.embedding.clone()?))).collect();
            ids = cold_start(&vectors, CHOSEN, seed);
        }
        let first: HashSet<u32> = ids.iter().copied().collect();
        let rest = candidates.into_iter().filter(|candidate| !first.contains(&candidate.id)).collect();
        ids.extend(order(strategy, rest, &labelled, seed));
        self.set_queue(&ids)
    }

    /// Puts these documents first, in this order.
    fn set_queue(&mut self, first: &[u32]) -> Result<()> {
        let failed = self.database();
        self.whole(|transaction| {
            let write = || -> rusqlite::Result<()> {
                let mut statement = transaction.prepare("SELECT document FROM queue ORDER BY place")?;
                let all: Vec<u32> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
                let taken: HashSet<u32> = first.iter().copied().collect();
                let rest = all.iter().filter(|id| !taken.contains(id));
                transaction.execute("DELETE FROM queue", [])?;
                let mut add = transaction.prepare_cached("INSERT INTO queue (place, document) VALUES (?1, ?2)")?;
                for (place, document) in first.iter().chain(rest).enumerate() {
                    add.execute(params![place, document])?;
                }
                Ok(())
            };
            write().map_err(&failed)
        })
    }

    fn candidates(&self, strategy: Strategy) -> Result<Vec<Candidate>> {
        let failed = self.database();
        let doubt = match strategy {
            Strategy::Given | Strategy::Random => "0.0",
            Strategy::LeastConfidence => "1.0 - confidence",
            Strategy::Margin => "1.0 - margin",
            Strategy::Disagreement => "disagreement",
            Strategy::Entropy | Strategy::EntropyAndDiversity | Strategy::Diversity => "entropy",
        };
        let vector = if strategy.needs_embeddings() { "vector" } else { "NULL" };
        let sql = format!(
            "SELECT documents.id, coalesce({doubt}, 0.0), {vector} FROM documents
             LEFT JOIN doubts ON doubts.document = documents.id
             LEFT JOIN embeddings ON embeddings.document = documents.id
             WHERE NOT EXISTS (SELECT 1 FROM answers WHERE answers.document = documents.id AND done = 1)"
        );
        let read = |row: &rusqlite::Row| {
            let vector: Option<Vec<u8>> = row.get(2)?;
            let embedding = vector.map(|bytes| embedding_of(&bytes));
            Ok(Candidate { id: row.get(0)?, doubt: row.get(1)?, embedding })
        };
        let mut statement = self.connection.prepare_cached(&sql).map_err(&failed)?;
        statement.query_map([], read).and_then(Iterator::collect).map_err(failed)
    }

    fn labelled_embeddings(&self) -> Result<Vec<Vec<f32>>> {
        let failed = self.database();
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT vector FROM embeddings
                 WHERE EXISTS (SELECT 1 FROM answers WHERE answers.document = embeddings.document AND done = 1)",
            )
            .map_err(&failed)?;
        let read = |row: &rusqlite::Row| Ok(embedding_of(&row.get::<_, Vec<u8>>(0)?));
        statement.query_map([], read).and_then(Iterator::collect).map_err(failed)
    }
}
