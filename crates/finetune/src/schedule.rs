//! The learning rate over a run: linear warm-up, then linear decay to 0.

/// The factor on the peak learning rate at step `step` (from 0) of `steps`, with W = ⌈`warmup` · steps⌉ warm-up steps:
/// t / W while t < W, then (N − t) / (N − W), as in Hugging Face's `get_linear_schedule_with_warmup`.
pub fn rate_at(step: usize, steps: usize, warmup: f64) -> f64 {
    let rising = (warmup * steps as f64).ceil() as usize;
    if step < rising {
        return step as f64 / rising as f64;
    }
    steps.saturating_sub(step) as f64 / (steps - rising).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::rate_at;

    #[test]
    fn rises_to_the_peak_and_falls_to_zero() {
        let rates: Vec<f64> = (0..=20).map(|step| rate_at(step, 20, 0.1)).collect();
        assert_eq!(rates[..3], [0.0, 0.5, 1.0]);
        assert!((rates[11] - 0.5).abs() < 1e-12);
        assert_eq!(rates[20], 0.0);
        assert!(rates[2..].is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn runs_without_warm_up_or_of_a_single_step_have_a_rate() {
        assert_eq!(rate_at(0, 10, 0.0), 1.0);
        assert_eq!(rate_at(0, 1, 0.1), 0.0);
        assert_eq!(rate_at(1, 2, 0.1), 1.0);
    }
}
