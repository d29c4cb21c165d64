use serde::{Deserialize, Serialize};

/// The best of so many tried runs, as far as it is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct ExpectedBest {
    pub runs: usize,
    pub mean: f64,
    pub sd: f64,
}

/// The expected best of 1, 2, … all of the runs, with its standard deviation (Dodge et al. 2019, section 3.1): with the
/// scores in order, the best of n draws is the i-th with chance (i / N)^n − ((i − 1) / N)^n. Scores that are no
/// finite number do not count.
pub fn expected_best(scores: &[f64]) -> Vec<ExpectedBest> {
    let mut sorted: Vec<f64> = scores.iter().copied().filter(|score| score.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let total = sorted.len() as f64;
    let of = |runs: usize| {
        let share = |place: usize| (place as f64 / total).powi(runs as i32);
        let weighted = |of_score: &dyn Fn(f64) -> f64| -> f64 {
            sorted.iter().zip(1..).map(|(&score, place)| of_score(score) * (share(place) - share(place - 1))).sum()
        };
        let mean = weighted(&|score| score);
        ExpectedBest { runs, mean, sd: weighted(&|score| (score - mean).powi(2)).sqrt() }
    };
    (1..=sorted.len()).map(of).collect()
}
