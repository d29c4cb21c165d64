//! Dropout (Srivastava et al. 2014) whose masks follow from (seed, step, place, row, column) alone: nothing is stored, the
//! backward pass draws the same mask again, and neither threads nor an interruption change it.

use crate::processor::for_each_level;
use burn::prelude::*;
use burn::tensor::Distribution;
use random::{Purpose, philox_lanes};
use rayon::prelude::*;

/// Draws that are made together.
const LANES: usize = 16;

/// Mask elements that one round of draws gives: 4 words of 2 halves from each lane.
const GROUP: usize = 8 * LANES;

/// Dropout of one training step. On the CPU masks come from the counter-based generator. On a GPU, where no bits are
/// promised, the device draws them.
#[derive(Debug, Clone)]
pub struct Dropout {
    seed: u64,
    step: u32,
    rate: f64,
    on_host: bool,
}

impl Dropout {
    /// `step` counts every forward pass of a run. `None` when nothing is to be dropped.
    pub fn new(rate: f64, seed: u64, step: u32, device: &Device, on_host: bool) -> Option<Self> {
        if rate == 0.0 {
            return None;
        }
        if !on_host {
            device.seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::from(step));
        }
        Some(Self { rate, seed, step, on_host })
    }

    /// The masks of one site of the pass; `place`, below 2^24, tells sites apart.
    pub fn site(&self, place: u32) -> Site {
        // A half word is compared, so the rate is one of 65536; the scale goes by the rate that it really is.
        let threshold = (self.rate * 65536.0).round().clamp(1.0, 65535.0) as u32;
        Site {
            key: [self.seed as u32, (self.seed >> 32) as u32],
            step: self.step,
            place: place << 8 | Purpose::Dropout as u32,
            threshold,
            scale: 65536.0 / (65536 - threshold) as f32,
        }
    }

    /// Zeroes each element with probability `rate` and scales the rest by 1 / (1 − rate).
    pub fn apply<const D: usize>(&self, x: Tensor<D>, place: u32) -> Tensor<D> {
        let shape = x.dims();
        let rows = shape[..D - 1].iter().product::<usize>() as u32;
        let mask = self.mask(place, shape, 0..rows, &x.device()).cast(x.dtype());
        x * mask
    }

    /// The mask of a tensor of `shape` whose rows, along the last dimension, have the numbers `rows`.
    pub(crate) fn mask<const D: usize>(
        &self,
        place: u32,
        shape: [usize; D],
        rows: impl IntoIterator<Item = u32>,
        device: &Device,
    ) -> Tensor<D> {
        if !self.on_host {
            let kept = Tensor::random(shape, Distribution::Bernoulli(1.0 - self.rate), device);
            return kept * (1.0 / (1.0 - self.rate));
        }
        let site = self.site(place);
        let width = shape[D - 1];
        let mut values = vec![1.0; shape.iter().product()];
        let rows: Vec<u32> = rows.into_iter().collect();
        values.par_chunks_mut(width.max(1)).zip(&rows).for_each(|(values, &row)| site.apply_to_row(row, values));
        Tensor::from_data(TensorData::new(values, shape), device)
    }
}

/// Where in a pass something is dropped, and how much.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    key: [u32; 2],
    step: u32,
    place: u32,
    threshold: u32,
    scale: f32,
}

impl Site {
    /// Multiplies the elements of a row by its mask: 0, or 1 / (1 − rate).
    #[inline(always)]
    pub fn apply(&self, row: u32, values: &mut [f32]) {
        for (group, values) in values.chunks_mut(GROUP).enumerate() {
            let factors = self.factors(row, group);
            for (value, factor) in values.iter_mut().zip(&factors) {
                *value *= factor;
            }
        }
    }

    /// [`Site::apply`] for callers that are not themselves compiled for a level.
    pub fn apply_to_row(&self, row: u32, values: &mut [f32]) {
        drop_row(self, row, values);
    }

    #[inline(always)]
    fn factors(&self, row: u32, group: usize) -> [f32; GROUP] {
        let words = philox_lanes::<LANES>((group * LANES) as u32, [row, self.step, self.place], self.key);
        let mut factors = [0.0; GROUP];
        for (word, pair) in words.iter().zip(factors.chunks_exact_mut(2 * LANES)) {
            let (low, high) = pair.split_at_mut(LANES);
            for ((low, high), bits) in low.iter_mut().zip(high).zip(word) {
                *low = if bits & 0xFFFF < self.threshold { 0.0 } else { self.scale };
                *high = if bits >> 16 < self.threshold { 0.0 } else { self.scale };
            }
        }
        factors
    }
}

for_each_level! {
    fn drop_row(site: &Site, row: u32, values: &mut [f32]) {
        site.apply(row, values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_keeps_the_mean_and_follows_from_its_coordinates() {
        let device = Device::flex();
        let mask = |rate, seed, step, place, row: u32| -> Vec<f32> {
            let dropout = Dropout::new(rate, seed, step, &device, true).unwrap();
            dropout.mask(place, [100, 1003], row..row + 100, &device).try_into_vec_as().unwrap()
        };
        for rate in [0.1, 0.5] {
            let values = mask(rate, 3, 1, 0, 0);
            let dropped = values.iter().filter(|&&value| value == 0.0).count() as f64 / values.len() as f64;
            assert!((dropped - rate).abs() < 0.005, "{dropped} dropped");
            let kept = (1.0 / (1.0 - rate)) as f32;
            assert!(values.iter().all(|&value| value == 0.0 || (value - kept).abs() < 1e-4));
        }
        let first = mask(0.1, 3, 1, 0, 0);
        assert_eq!(first, mask(0.1, 3, 1, 0, 0));
        assert_eq!(first[1003..], mask(0.1, 3, 1, 0, 1)[..99 * 1003]);
        for other in [mask(0.1, 4, 1, 0, 0), mask(0.1, 3, 2, 0, 0), mask(0.1, 3, 1, 1, 0)] {
            let same = first.iter().zip(&other).filter(|(a, b)| a == b).count() as f64 / first.len() as f64;
            assert!(
                (same - 0.82).abs() < 0.01,
                "{same} alike: two masks of 0.1 that know nothing of one another are 0.82"
            );
        }
        assert!(Dropout::new(0.0, 3, 1, &device, true).is_none());
    }
}
