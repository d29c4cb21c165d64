//! How long things take, to be compared with other programs.

mod predict;
mod step;

pub use predict::bench_predict;
pub use step::{StepShape, bench_step};

/// The median of some seconds, of which there is at least one.
fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}
