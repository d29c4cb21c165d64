use crate::{mean, quantile};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

/// A test statistic and the chance of one as large when nothing differs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct TestResult {
    pub statistic: f64,
    pub p: f64,
}

/// Whether groups have equal variances: Levene's test around the medians (Brown and Forsythe 1974), as Mosbach et al. (2021)
/// compare how far fine-tuning varies. Equal to SciPy's `levene(center="median")`. `None` of fewer than two groups, of a
/// group with fewer than two values, and where all values lie equally far from their medians.
pub fn brown_forsythe(groups: &[Vec<f64>]) -> Option<TestResult> {
    let k = groups.len();
    let finite = groups.iter().flatten().all(|value| value.is_finite());
    if k < 2 || groups.iter().any(|group| group.len() < 2) || !finite {
        return None;
    }
    let deviations: Vec<Vec<f64>> = groups
        .iter()
        .map(|group| {
            let median = quantile(group, 0.5);
            group.iter().map(|value| (value - median).abs()).collect()
        })
        .collect();
    let n: usize = groups.iter().map(Vec::len).sum();
    let grand = mean(deviations.iter().flatten().copied());
    let (mut between, mut within) = (0.0, 0.0);
    for group in &deviations {
        let center = mean(group.iter().copied());
        between += group.len() as f64 * (center - grand).powi(2);
        within += group.iter().map(|value| (value - center).powi(2)).sum::<f64>();
    }
    let (above, below) = ((k - 1) as f64, (n - k) as f64);
    // What is left of equal numbers by rounding is nothing.
    if within <= 1e-24 * grand * grand || below == 0.0 {
        return None;
    }
    let statistic = (between / above) / (within / below);
    let distribution = FisherSnedecor::new(above, below).ok()?;
    Some(TestResult { statistic, p: distribution.sf(statistic) })
}
