use crate::mean;
use serde::{Deserialize, Serialize};

/// How values are spread: the scores of several runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Spread {
    pub n: usize,
    pub mean: f64,
    /// Standard deviation of the sample, with n − 1; `None` of a single value.
    pub sd: Option<f64>,
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

/// `None` of nothing, and where a value is no finite number.
pub fn spread(values: &[f64]) -> Option<Spread> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let n = values.len();
    let center = mean(values.iter().copied());
    let squares: f64 = values.iter().map(|value| (value - center).powi(2)).sum();
    Some(Spread {
        n,
        mean: center,
        sd: (n > 1).then(|| (squares / (n - 1) as f64).sqrt()),
        median: quantile(values, 0.5),
        min: values.iter().copied().fold(f64::INFINITY, f64::min),
        max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    })
}

/// The value below which a share `q` of all lies, between two of them linearly: type 7 of Hyndman and Fan (1996), as NumPy's
/// `quantile`. 0 of nothing; values that are no finite number do not count, and a share that is none is 0.
pub fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = if q.is_nan() { 0.0 } else { q.clamp(0.0, 1.0) } * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}
