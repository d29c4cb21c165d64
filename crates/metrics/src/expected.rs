use serde::{Deserialize, Serialize};

/// The best of so many tried runs, as far as it is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct ExpectedBest {
    pub runs: usize,
    pub mean: f64,
    pub sd: f64,
}

/// The expected best of 1, 2, … all of the runs, with its standard deviation (Dodge et al. 2019, section 3.1): with the
/// scores in order, the best of n draws is the i-th with chance (i / N)^n − ((i − 1) / N)^n.
pub fn expected_best(scores: &[f64]) -> Vec<ExpectedBest> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let total = sorted.len() as f64;
    let of = |runs: usize| {
        let share = |place: usize| (place as f64 / total).powi(runs as i32);
        let weighted = |power: i32| -> f64 {
            sorted.iter().zip(1..).map(|(score, place)| score.powi(power) * (share(place) - share(place - 1))).sum()
        };
        let mean = weighted(1);
        ExpectedBest { runs, mean, sd: (weighted(2) - mean * mean).max(0.0).sqrt() }
    };
    (1..=sorted.len()).map(of).collect()
}
