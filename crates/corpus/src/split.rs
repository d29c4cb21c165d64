//! Drawing dev and test from examples, or the folds of a cross-validation: seeded, with about the same share of each label,
//! and groups kept together.

use crate::{Example, Gold, Split};
use random::{Purpose, Stream};
use std::collections::BTreeMap;

/// Divides examples into (train, dev, test), each in the order they came.
pub fn draw(examples: Vec<Example>, shares: [f64; 2], seed: u64) -> [Vec<Example>; 3] {
    let shares = [1.0 - shares[0] - shares[1], shares[0], shares[1]];
    let units = units(&examples);
    let home = assign(&examples, units, &shares, &[], Stream::new(seed, Purpose::Split, [0, 0]));
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for (example, split) in examples.into_iter().zip(home) {
        parts[split].push(example);
    }
    parts
}

/// For each example the fold, from 0, in which it is held out. Where there are fewer units (examples or groups) than folds,
/// an error with their number.
pub fn folds(examples: &[Example], of: usize, seed: u64, repeat: usize) -> Result<Vec<usize>, usize> {
    let units = units(examples);
    if units.len() < of {
        return Err(units.len());
    }
    let stream = Stream::new(seed, Purpose::Split, [1, repeat as u32]);
    Ok(assign(examples, units, &vec![1.0 / of as f64; of], &[], stream))
}

/// For each example its split, where data grow: what `known` has a split for keeps it, with its whole group, and the others are
/// drawn so that the shares of dev and test hold over all. A model that goes on from an earlier one is thus scored on nothing
/// that the earlier one learnt from.
pub fn grow(examples: &[Example], known: &[Option<Split>], shares: [f64; 2], seed: u64) -> Vec<Split> {
    let shares = [1.0 - shares[0] - shares[1], shares[0], shares[1]];
    let all = [Split::Train, Split::Dev, Split::Test];
    let known: Vec<Option<usize>> =
        known.iter().map(|split| split.and_then(|split| all.iter().position(|own| *own == split))).collect();
    let home = assign(examples, units(examples), &shares, &known, Stream::new(seed, Purpose::Split, [2, 0]));
    home.into_iter().map(|place| all[place]).collect()
}

/// What must not be divided: an example, or all of a group.
fn units(examples: &[Example]) -> Vec<Vec<usize>> {
    let mut units: BTreeMap<(bool, String), Vec<usize>> = BTreeMap::new();
    for (index, example) in examples.iter().enumerate() {
        let key = match &example.group {
            Some(group) => (true, group.clone()),
            None => (false, format!("{index:012}")),
        };
        units.entry(key).or_default().push(index);
    }
    units.into_values().collect()
}

/// For each example the part to which it goes, where the parts are to have these shares of all.
///
/// Units are visited in random order, the largest first, and each goes where its label is needed most (after iterative
/// stratification, Sechidis et al. 2011). The last ones go where there is still nothing. A unit of which `known` has the part of
/// an example, the first that has one, goes there before all others.
fn assign(
    examples: &[Example],
    mut units: Vec<Vec<usize>>,
    shares: &[f64],
    known: &[Option<usize>],
    mut stream: Stream,
) -> Vec<usize> {
    let settled = |unit: &[usize]| unit.iter().find_map(|&index| known.get(index).copied().flatten());
    stream.shuffle(&mut units);
    units.sort_by_key(|unit| (settled(unit).is_none(), std::cmp::Reverse(unit.len())));

    let strata = strata(examples);
    let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
    strata.iter().for_each(|&stratum| *counts.entry(stratum).or_default() += 1.0);
    let of = |count: f64| -> Vec<f64> { shares.iter().map(|share| share * count).collect() };
    let mut needs: BTreeMap<usize, Vec<f64>> = counts.iter().map(|(&stratum, &count)| (stratum, of(count))).collect();
    let mut total = of(examples.len() as f64);
    let parts = shares.len();
    let mut held = vec![0; parts];
    let mut home = vec![0; examples.len()];
    let mut units_left = units.len();
    for unit in units {
        let mut wanted = vec![0.0; parts];
        for &index in &unit {
            let need = &needs[&strata[index]];
            (0..parts).for_each(|split| wanted[split] += need[split]);
        }
        let bare: Vec<usize> = (0..parts).filter(|&split| shares[split] > 0.0 && held[split] == 0).collect();
        let open = if bare.len() >= units_left { bare } else { (0..parts).collect() };
        units_left -= 1;
        let better = |a: usize, b: usize| (wanted[a], total[a]) > (wanted[b], total[b]);
        let drawn = || open.into_iter().reduce(|best, split| if better(split, best) { split } else { best });
        let split = settled(&unit).or_else(drawn).unwrap_or(0);
        held[split] += unit.len();
        for index in unit {
            home[index] = split;
            total[split] -= 1.0;
            if let Some(need) = needs.get_mut(&strata[index]) {
                need[split] -= 1.0;
            }
        }
    }
    home
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
