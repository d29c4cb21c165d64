//! What becomes of a dataset whose files do not give every split, or of which one fold is to be held out.

use crate::dataset::{Dataset, Options};
use crate::{DataError, Fold, Issue, IssueKind, split};
use std::collections::HashSet;
use std::path::Path;

/// Examples below which no split can be drawn.
const FEWEST: usize = 10;

/// Draws dev and test from training where no file gives them.
pub fn draw_missing(dataset: &mut Dataset, data: &Path) -> Result<(), DataError> {
    let (no_dev, no_test) = (dataset.dev.is_empty(), dataset.test.is_empty());
    if !no_dev && !no_test {
        return Ok(());
    }
    if dataset.train.len() < FEWEST {
        return Err(DataError::TooFew { path: data.into(), count: dataset.train.len(), needed: FEWEST });
    }
    let Options { dev_share, test_share, seed, .. } = dataset.options;
    let shares = [if no_dev { dev_share } else { 0.0 }, if no_test { test_share } else { 0.0 }];
    let [train, dev, test] = split::draw(std::mem::take(&mut dataset.train), shares, seed);
    dataset.train = train;
    if no_dev {
        dataset.dev = dev;
    }
    if no_test {
        dataset.test = test;
    }
    dataset.drawn_split = true;
    if dataset.train.is_empty() || dataset.dev.is_empty() || dataset.test.is_empty() {
        // There are enough examples, so only their groups can have left a split empty.
        let drawn = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test);
        let groups: HashSet<_> = drawn.map(|example| &example.group).collect();
        return Err(DataError::TooFewGroups { path: data.into(), count: groups.len() });
    }
    if dataset.sources.len() > 1 {
        let what = match (no_dev, no_test) {
            (true, true) => "dev and test",
            (true, false) => "dev",
            _ => "test",
        };
        let message = format!("there is no {what} file; it was drawn from train");
        let (file, kind) = (data.into(), IssueKind::Files);
        dataset.issues.push(Issue { file, line: 0, column: None, kind, rejected: false, message });
    }
    Ok(())
}

/// Holds out one fold of the examples that no test file or list claims. Without a given test split it is what the run is
/// tested on, and dev is drawn from the rest, so that test plays no part in any choice (Cawley and Talbot 2010).
pub fn hold_out(dataset: &mut Dataset, fold: Fold, data: &Path) -> Result<(), DataError> {
    if !fold.is_valid() {
        return Err(DataError::FoldInvalid { fold });
    }
    let mut pool = std::mem::take(&mut dataset.train);
    let given = dataset.dev.len();
    pool.append(&mut dataset.dev);
    if pool.len() < FEWEST {
        return Err(DataError::TooFew { path: data.into(), count: pool.len(), needed: FEWEST });
    }
    let Options { dev_share, test_share, seed, .. } = dataset.options;
    let no_test = dataset.test.is_empty();
    let too_few = |count| DataError::TooFewForFolds { path: data.into(), folds: fold.of, count };
    let homes = split::folds(&pool, fold.of, seed, fold.repeat).map_err(too_few)?;
    // Whatever fold is held out, the rest has to be enough for training, and for dev where that is drawn from it.
    let units: HashSet<(usize, Option<&String>, usize)> = pool
        .iter()
        .enumerate()
        .map(|(index, example)| (homes[index], example.group.as_ref(), example.group.as_ref().map_or(index, |_| 0)))
        .collect();
    let outside = |index: usize| units.iter().filter(|(home, ..)| *home != index).count();
    if (0..fold.of).any(|index| outside(index) < 1 + usize::from(no_test)) {
        return Err(too_few(units.len()));
    }
    let (mut held, mut rest) = (Vec::new(), Vec::new());
    for (example, home) in pool.into_iter().zip(homes) {
        if home + 1 == fold.index { held.push(example) } else { rest.push(example) }
    }
    dataset.drawn_split = true;
    if no_test {
        // Training and dev stand to each other as they would without folds.
        let [train, dev, _] = split::draw(rest, [dev_share / (1.0 - test_share), 0.0], seed);
        (dataset.train, dataset.dev, dataset.test) = (train, dev, held);
    } else {
        (dataset.train, dataset.dev) = (rest, held);
    }
    if given > 0 {
        let message = format!("the {given} examples of dev are divided into folds together with those of training");
        let (file, kind) = (data.into(), IssueKind::Files);
        dataset.issues.push(Issue { file, line: 0, column: None, kind, rejected: false, message });
    }
    Ok(())
}
