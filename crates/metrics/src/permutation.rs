use crate::mean;
use random::{Purpose, Stream};
use serde::{Deserialize, Serialize};

/// Up to so many permutations all are tried.
const EXACT: u64 = 1 << 16;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct PermutationResult {
    /// Mean of the differences.
    pub difference: f64,
    /// Two-sided.
    pub p: f64,
    /// Whether every permutation was tried.
    pub exact: bool,
    /// The smallest p that so few pairs can give.
    pub smallest: f64,
}

/// Whether the mean of paired differences could be 0: every difference may as well have the other sign (Fisher 1935). All
/// sign patterns are tried where they are few, else `draws` random ones, with one added to both counts (Phipson and Smyth
/// 2010). Equal to SciPy's `permutation_test(permutation_type="samples")`. `None` of no pairs, and where a difference or
/// the sum of all is no finite number.
pub fn paired_permutation(differences: &[f64], draws: usize, seed: u64) -> Option<PermutationResult> {
    let n = differences.len();
    let difference = mean(differences.iter().copied());
    let observed = differences.iter().sum::<f64>().abs();
    let scale: f64 = differences.iter().map(|value| value.abs()).sum();
    if n == 0 || !scale.is_finite() {
        return None;
    }
    // Sums that differ by rounding alone are equal.
    let as_large = |sum: f64| sum.abs() >= observed - 1e-12 * scale;
    let patterns = if n < 63 { 1u64 << n } else { u64::MAX };
    let exact = patterns <= EXACT;
    let p = if exact {
        let sum = |pattern: u64| -> f64 {
            let signed = |(place, value): (usize, &f64)| if pattern >> place & 1 == 1 { -value } else { *value };
            differences.iter().enumerate().map(signed).sum()
        };
        (0..patterns).filter(|&pattern| as_large(sum(pattern))).count() as f64 / patterns as f64
    } else {
        let drawn = |number: u32| {
            let mut stream = Stream::new(seed, Purpose::Resampling, [number, 2]);
            as_large(differences.iter().map(|value| if stream.bits() & 1 == 1 { -value } else { *value }).sum())
        };
        let found = (0..draws as u32).filter(|&number| drawn(number)).count();
        (found + 1) as f64 / (draws + 1) as f64
    };
    let smallest = if exact { 2.0 / patterns as f64 } else { 1.0 / (draws + 1) as f64 };
    Some(PermutationResult { difference, p, exact, smallest: smallest.min(1.0) })
}
