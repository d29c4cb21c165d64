//! Whether a probability means what it says: of the answers given with 80 %, are 80 in 100 right?

use serde::{Deserialize, Serialize};

/// Answers whose confidence lies in one range, `low` excluded and `high` included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct ReliabilityBin {
    pub low: f64,
    pub high: f64,
    pub count: usize,
    /// Mean confidence, 0 of nothing.
    pub confidence: f64,
    /// The share that is right, 0 of nothing.
    pub accuracy: f64,
}

/// `bins` ranges of equal width from 0 to 1 (Guo et al. 2017, section 2). Each answer is its confidence and whether it is
/// right.
pub fn reliability(answers: &[(f64, bool)], bins: usize) -> Vec<ReliabilityBin> {
    let of = |confidence: f64| ((confidence * bins as f64).ceil() as usize).clamp(1, bins) - 1;
    let bin = |place: usize| {
        let inside: Vec<&(f64, bool)> = answers.iter().filter(|(confidence, _)| of(*confidence) == place).collect();
        ReliabilityBin {
            low: place as f64 / bins as f64,
            high: (place + 1) as f64 / bins as f64,
            count: inside.len(),
            confidence: crate::mean(inside.iter().map(|(confidence, _)| *confidence)),
            accuracy: crate::mean(inside.iter().map(|(_, right)| f64::from(u8::from(*right)))),
        }
    };
    (0..bins).map(bin).collect()
}

/// The mean distance of confidence and accuracy, each range weighted by its answers (Guo et al. 2017, equation 3). 0 of nothing.
pub fn expected_calibration_error(bins: &[ReliabilityBin]) -> f64 {
    let of = |bin: &ReliabilityBin| bin.count as f64 * (bin.confidence - bin.accuracy).abs();
    crate::ratio(bins.iter().map(of).sum(), bins.iter().map(|bin| bin.count as f64).sum())
}

/// Probabilities of 0 have no logarithm.
const LEAST: f64 = 1e-12;

/// The temperature by which logits are divided so that the gold answers are most likely (Guo et al. 2017, section 4.2), between
/// 0.05 and 20; logits may be logarithms of probabilities. Each case is the probabilities of the choices and the gold one.
/// `None` without cases, or where every temperature fits alike.
pub fn temperature<'a>(cases: impl IntoIterator<Item = (&'a [f32], usize)>) -> Option<f64> {
    let cases: Vec<(Vec<f64>, usize)> = cases
        .into_iter()
        .map(|(probabilities, gold)| {
            (probabilities.iter().map(|&share| f64::from(share).max(LEAST).ln()).collect(), gold)
        })
        .collect();
    // The likelihood is concave in the inverse of the temperature: where its slope is zero it is highest.
    let slope = |inverse: f64| -> f64 {
        let of_case = |(logits, gold): &(Vec<f64>, usize)| {
            let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let shares: Vec<f64> = logits.iter().map(|logit| (inverse * (logit - most)).exp()).collect();
            let mean =
                shares.iter().zip(logits).map(|(share, logit)| share * logit).sum::<f64>() / shares.iter().sum::<f64>();
            logits[*gold] - mean
        };
        cases.iter().map(of_case).sum()
    };
    let (mut low, mut high) = (0.05, 20.0);
    if cases.is_empty() || slope(low).abs().max(slope(high).abs()) < 1e-12 {
        return None;
    }
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    Some(1.0 / f64::midpoint(low, high))
}

/// Probabilities as they are at another temperature: of exclusive choices.
pub fn tempered(probabilities: &[f32], temperature: f64) -> Vec<f32> {
    let logits: Vec<f64> = probabilities.iter().map(|&share| f64::from(share).max(LEAST).ln() / temperature).collect();
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f64 = shares.iter().sum();
    shares.iter().map(|share| (share / sum) as f32).collect()
}

/// The same of one choice that holds or does not.
pub fn tempered_alone(probability: f32, temperature: f64) -> f32 {
    tempered(&[probability, 1.0 - probability], temperature)[0]
}
