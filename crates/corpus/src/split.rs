//! Drawing dev and test from examples: seeded, with about the same share of each label, and groups kept together.

use crate::{Example, Gold};
use random::{Purpose, Stream};
use std::collections::BTreeMap;

/// Divides examples into (train, dev, test), each in the order they came.
///
/// Units (an example, or a group of them) are visited in random order, the largest first, and each goes where its label is
/// needed most (after iterative stratification, Sechidis et al. 2011). The last ones go where there is still nothing.
pub fn draw(examples: Vec<Example>, shares: [f64; 2], seed: u64) -> [Vec<Example>; 3] {
    let shares = [1.0 - shares[0] - shares[1], shares[0], shares[1]];
    let mut units: BTreeMap<(bool, String), Vec<usize>> = BTreeMap::new();
    for (index, example) in examples.iter().enumerate() {
        let key = match &example.group {
            Some(group) => (true, group.clone()),
            None => (false, format!("{index:012}")),
        };
        units.entry(key).or_default().push(index);
    }
    let mut units: Vec<Vec<usize>> = units.into_values().collect();
    Stream::new(seed, Purpose::Split, [0, 0]).shuffle(&mut units);
    units.sort_by_key(|unit| std::cmp::Reverse(unit.len()));

    let strata = strata(&examples);
    let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
    strata.iter().for_each(|&stratum| *counts.entry(stratum).or_default() += 1.0);
    let mut needs: BTreeMap<usize, [f64; 3]> =
        counts.iter().map(|(&stratum, &count)| (stratum, shares.map(|share| share * count))).collect();
    let mut total = shares.map(|share| share * examples.len() as f64);
    let mut held = [0; 3];
    let mut home = vec![0; examples.len()];
    let mut units_left = units.len();
    for unit in units {
        let mut wanted = [0.0; 3];
        for &index in &unit {
            let need = needs[&strata[index]];
            (0..3).for_each(|split| wanted[split] += need[split]);
        }
        let bare: Vec<usize> = (0..3).filter(|&split| shares[split] > 0.0 && held[split] == 0).collect();
        let open = if bare.len() >= units_left { bare } else { vec![0, 1, 2] };
        units_left -= 1;
        let better = |a: usize, b: usize| (wanted[a], total[a]) > (wanted[b], total[b]);
        let split = open.into_iter().reduce(|best, split| if better(split, best) { split } else { best }).unwrap_or(0);
        held[split] += unit.len();
        for index in unit {
            home[index] = split;
            total[split] -= 1.0;
            if let Some(need) = needs.get_mut(&strata[index]) {
                need[split] -= 1.0;
            }
        }
    }
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for (example, split) in examples.into_iter().zip(home) {
        parts[split].push(example);
    }
    parts
}

/// What is to be spread evenly, one number an example: the class, the rarest of its labels or the first of its entity types
/// (0 for none), or a fifth of the scores.
fn strata(examples: &[Example]) -> Vec<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut scores: Vec<f64> = Vec::new();
    for example in examples {
        match &example.gold {
            Some(Gold::Labels(set)) => set.iter().for_each(|&label| *counts.entry(label).or_default() += 1),
            Some(Gold::Score(score)) => scores.push(*score),
            _ => {}
        }
    }
    scores.sort_by(f64::total_cmp);
    let fifth = |score: f64| scores.partition_point(|other| *other < score) * 5 / scores.len().max(1);
    let stratum = |example: &Example| match &example.gold {
        Some(Gold::Class(class)) => *class,
        Some(Gold::Labels(set)) => set.iter().min_by_key(|&label| (counts[label], *label)).map_or(0, |label| label + 1),
        Some(Gold::Score(score)) => fifth(*score),
        Some(Gold::Entities(spans)) => spans.first().map_or(0, |span| span.label + 1),
        None => 0,
    };
    examples.iter().map(stratum).collect()
}
