//! How far several runs disagree about one example: 0 when all say the same.

use crate::{mean, ratio, spread};

/// The share of answers that are not the most frequent one: the variation ratio (Freeman 1965).
pub fn of_classes<T: PartialEq>(answers: &[T]) -> f64 {
    let count = |answer: &T| answers.iter().filter(|other| *other == answer).count();
    let most = answers.iter().map(count).max().unwrap_or(0);
    ratio((answers.len() - most) as f64, answers.len() as f64)
}

/// One minus the mean, over all pairs of runs, of the F1 between their answers; two empty answers agree (Hripcsak and
/// Rothschild 2005 for F1 as a measure of agreement). What a run says twice counts once.
pub fn of_spans<T: PartialEq>(answers: &[Vec<T>]) -> f64 {
    let sets: Vec<Vec<&T>> = answers.iter().map(|answer| distinct(answer)).collect();
    let f1 = |a: &[&T], b: &[&T]| {
        let shared = a.iter().filter(|item| b.contains(item)).count();
        if a.is_empty() && b.is_empty() { 1.0 } else { ratio(2.0 * shared as f64, (a.len() + b.len()) as f64) }
    };
    let pairs = (0..answers.len()).flat_map(|i| (i + 1..answers.len()).map(move |j| (i, j)));
    let agreements: Vec<f64> = pairs.map(|(i, j)| f1(&sets[i], &sets[j])).collect();
    if agreements.is_empty() { 0.0 } else { 1.0 - mean(agreements.into_iter()) }
}

fn distinct<T: PartialEq>(answer: &[T]) -> Vec<&T> {
    let first = |place: &usize| !answer[..*place].contains(&answer[*place]);
    (0..answer.len()).filter(first).map(|place| &answer[place]).collect()
}

/// Of sets of labels, likewise.
pub fn of_sets<T: PartialEq>(answers: &[Vec<T>]) -> f64 {
    of_spans(answers)
}

/// The standard deviation of the scores, in their own unit; 0 where one is no finite number.
pub fn of_scores(answers: &[f64]) -> f64 {
    spread(answers).and_then(|spread| spread.sd).unwrap_or(0.0)
}
