//! How far annotators agree beyond what chance would bring.

use std::collections::BTreeMap;

/// Cohen's kappa of two annotators' answers to the same items (Cohen 1960): `(po - pe) / (1 - pe)`, where `po` is the share of
/// items on which they agree and `pe` what it would be if each answered at random by his own frequencies. `None` without
/// items, or where both always give one and the same answer. Both slices must be equally long.
pub fn cohens_kappa(first: &[usize], second: &[usize]) -> Option<f64> {
    assert_eq!(first.len(), second.len(), "answers to the same items");
    let n = first.len() as f64;
    let same = first.iter().zip(second).filter(|(a, b)| a == b).count() as f64;
    let (mut by_first, mut by_second) = (BTreeMap::new(), BTreeMap::new());
    first.iter().for_each(|&answer| *by_first.entry(answer).or_insert(0.0) += 1.0);
    second.iter().for_each(|&answer| *by_second.entry(answer).or_insert(0.0) += 1.0);
    let chance: f64 = by_first.iter().map(|(answer, count)| count * by_second.get(answer).unwrap_or(&0.0)).sum();
    let (observed, expected) = (same / n, chance / (n * n));
    (n > 0.0 && expected < 1.0).then(|| (observed - expected) / (1.0 - expected))
}

/// What makes two answers differ, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Classes: 1 where they are not the same.
    Nominal,
    /// Scores: the square of their distance.
    Interval,
}

/// Krippendorff's alpha (Krippendorff 2004, chapter 11): 1 - observed / expected disagreement, for any number of annotators and
/// with answers missing. Each unit holds the answers that were given to one item; those with fewer than two count for nothing.
/// `None` where nothing can be paired or all answers are the same.
pub fn krippendorffs_alpha(units: &[Vec<f64>], difference: Difference) -> Option<f64> {
    let paired: Vec<&Vec<f64>> = units.iter().filter(|unit| unit.len() > 1).collect();
    let all: Vec<f64> = paired.iter().flat_map(|unit| unit.iter().copied()).collect();
    let n = all.len() as f64;
    let observed: f64 =
        paired.iter().map(|unit| sum_of_differences(unit, difference) / (unit.len() as f64 - 1.0)).sum::<f64>() / n;
    let expected = sum_of_differences(&all, difference) / (n * (n - 1.0));
    (n > 0.0 && expected > 0.0).then(|| 1.0 - observed / expected)
}

/// Over all ordered pairs of answers.
fn sum_of_differences(answers: &[f64], difference: Difference) -> f64 {
    let n = answers.len() as f64;
    match difference {
        Difference::Nominal => {
            let mut counts: BTreeMap<u64, f64> = BTreeMap::new();
            // Minus zero is zero.
            answers.iter().for_each(|answer| *counts.entry((answer + 0.0).to_bits()).or_insert(0.0) += 1.0);
            n * n - counts.values().map(|count| count * count).sum::<f64>()
        }
        Difference::Interval => {
            // From their mean, lest large numbers swallow small distances.
            let mean = answers.iter().sum::<f64>() / n;
            2.0 * n * answers.iter().map(|answer| (answer - mean).powi(2)).sum::<f64>()
        }
    }
}
