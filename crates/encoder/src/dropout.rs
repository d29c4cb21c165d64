//! Dropout (Srivastava et al. 2014) whose masks follow from (seed, step, place) alone.

use burn::prelude::*;
use burn::tensor::Distribution;
use random::{Purpose, philox};
use rayon::prelude::*;

/// Dropout of one training step. On the CPU masks come from the counter-based generator, so that a resumed run draws the
/// same ones whatever the number of threads. On a GPU, where no bits are promised, the device draws them.
#[derive(Debug, Clone)]
pub struct Dropout {
    rate: f64,
    seed: u64,
    step: u32,
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

    /// Zeroes each element with probability `rate` and scales the rest by 1 / (1 − rate). `place` tells the sites of one
    /// pass apart.
    pub fn apply<const D: usize>(&self, x: Tensor<D>, place: u32) -> Tensor<D> {
        let mask = if self.on_host {
            let shape = x.dims();
            let data = TensorData::new(self.mask(place, shape.iter().product()), shape);
            Tensor::from_data(data, &x.device())
        } else {
            let kept = Tensor::random(x.dims(), Distribution::Bernoulli(1.0 - self.rate), &x.device());
            kept * (1.0 / (1.0 - self.rate))
        };
        x * mask
    }

    fn mask(&self, place: u32, size: usize) -> Vec<f32> {
        const BLOCKS: usize = 4096;
        let key = [self.seed as u32, (self.seed >> 32) as u32];
        let threshold = (self.rate * f64::from(u32::MAX)) as u32;
        let scale = (1.0 / (1.0 - self.rate)) as f32;
        let mut mask = vec![0.0; size];
        mask.par_chunks_mut(4 * BLOCKS).enumerate().for_each(|(chunk, values)| {
            for (block, four) in values.chunks_mut(4).enumerate() {
                let counter = [(chunk * BLOCKS + block) as u32, place, self.step, Purpose::Dropout as u32];
                for (value, bits) in four.iter_mut().zip(philox(counter, key)) {
                    *value = if bits < threshold { 0.0 } else { scale };
                }
            }
        });
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_keeps_the_mean_and_follows_from_its_coordinates() {
        let device = Device::flex();
        let dropout = |step| Dropout::new(0.1, 3, step, &device, true).unwrap();
        let mask = dropout(1).mask(0, 100_003);
        let dropped = mask.iter().filter(|&&value| value == 0.0).count() as f64 / mask.len() as f64;
        assert!((dropped - 0.1).abs() < 0.005, "{dropped}");
        assert!(mask.iter().all(|&value| value == 0.0 || (value - 1.0 / 0.9).abs() < 1e-6));
        assert_eq!(mask, dropout(1).mask(0, 100_003));
        assert_ne!(mask, dropout(2).mask(0, 100_003));
        assert_ne!(mask, dropout(1).mask(1, 100_003));
        assert!(Dropout::new(0.0, 3, 1, &device, true).is_none());
    }
}
