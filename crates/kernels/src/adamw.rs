//! One step of AdamW (Loshchilov and Hutter 2019, algorithm 2), and the sum of squares by which gradients are clipped.

use crate::fused::{is_fused, numbers, numbers_mut, take};
use crate::math::{fma, sum};
use crate::memory::Buffer;
use crate::processor::for_each_level;
use burn::prelude::*;
use burn_flex::Flex;
use rayon::prelude::*;

/// Elements of one task.
const CHUNK: usize = 1 << 14;

/// What a step does to one parameter.
#[derive(Debug, Clone, Copy)]
pub struct AdamW {
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    /// How many steps this one makes together with those before it, from 1.
    pub updates: usize,
    /// Whether the moments are corrected for their start at 0; without it, as in Devlin et al. (2019), both are taken as they
    /// are.
    pub bias_correction: bool,
    pub learning_rate: f64,
    pub weight_decay: f64,
    /// Factor on the gradient, below 1 when it is clipped.
    pub scale: f64,
}

/// First and second moments of a gradient, flat.
pub type Moments = (Tensor<1>, Tensor<1>);

impl AdamW {
    /// Moves a parameter and its moments; `gradient` is flat. On the CPU all three change where they lie.
    pub fn step<const D: usize>(
        &self,
        parameter: &mut Tensor<D>,
        gradient: Tensor<1>,
        moments: Option<Moments>,
    ) -> Moments {
        if is_fused(&gradient) {
            self.fused(parameter, gradient, moments)
        } else {
            self.composed(parameter, gradient, moments)
        }
    }

    fn fused<const D: usize>(
        &self,
        parameter: &mut Tensor<D>,
        gradient: Tensor<1>,
        moments: Option<Moments>,
    ) -> Moments {
        let gradient = take(gradient);
        let gradient = numbers(&gradient);
        let size = gradient.len();
        let (mut first, mut second) = match moments {
            Some((first, second)) => (take(first), take(second)),
            None => (Buffer::zeros(size).into_tensor([size]), Buffer::zeros(size).into_tensor([size])),
        };
        let device = parameter.device();
        let mut values = take(std::mem::replace(parameter, Tensor::empty([0; D], &device)));
        let factors = self.factors().narrow();
        numbers_mut(&mut values)
            .par_chunks_mut(CHUNK)
            .zip(gradient.par_chunks(CHUNK))
            .zip(numbers_mut(&mut first).par_chunks_mut(CHUNK))
            .zip(numbers_mut(&mut second).par_chunks_mut(CHUNK))
            .for_each(|(((values, gradient), first), second)| step_chunk(&factors, values, gradient, first, second));
        *parameter = Tensor::from_primitive::<Flex>(values).autodiff().require_grad();
        (Tensor::from_primitive::<Flex>(first), Tensor::from_primitive::<Flex>(second))
    }

    fn composed<const D: usize>(
        &self,
        parameter: &mut Tensor<D>,
        gradient: Tensor<1>,
        moments: Option<Moments>,
    ) -> Moments {
        let Factors { scale, keep1, take1, keep2, take2, root, epsilon, rate, shrink } = self.factors();
        let gradient = gradient * scale;
        let square = gradient.clone() * gradient.clone();
        let (first, second) = match moments {
            Some((first, second)) => (first * keep1 + gradient * take1, second * keep2 + square * take2),
            None => (gradient * take1, square * take2),
        };
        let change = first.clone() / (second.clone().sqrt() * root + epsilon) * rate;
        let shape = parameter.dims();
        let old = parameter.clone().without_autodiff();
        *parameter = (old * shrink - change.reshape(shape)).autodiff().require_grad();
        (first, second)
    }

    fn factors(&self) -> Factors<f64> {
        let updates = self.updates as i32;
        let corrected = |beta: f64| if self.bias_correction { 1.0 - beta.powi(updates) } else { 1.0 };
        Factors {
            scale: self.scale,
            keep1: self.beta1,
            take1: 1.0 - self.beta1,
            keep2: self.beta2,
            take2: 1.0 - self.beta2,
            root: 1.0 / corrected(self.beta2).sqrt(),
            epsilon: self.epsilon,
            rate: self.learning_rate / corrected(self.beta1),
            shrink: 1.0 - self.learning_rate * self.weight_decay,
        }
    }
}

/// The same for every element.
struct Factors<T> {
    scale: T,
    keep1: T,
    take1: T,
    keep2: T,
    take2: T,
    root: T,
    epsilon: T,
    rate: T,
    shrink: T,
}

impl Factors<f64> {
    fn narrow(&self) -> Factors<f32> {
        Factors {
            scale: self.scale as f32,
            keep1: self.keep1 as f32,
            take1: self.take1 as f32,
            keep2: self.keep2 as f32,
            take2: self.take2 as f32,
            root: self.root as f32,
            epsilon: self.epsilon as f32,
            rate: self.rate as f32,
            shrink: self.shrink as f32,
        }
    }
}

for_each_level! {
    fn step_chunk(factors: &Factors<f32>, values: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
        let &Factors { scale, keep1, take1, keep2, take2, root, epsilon, rate, shrink } = factors;
        for (((value, gradient), first), second) in values.iter_mut().zip(gradient).zip(first).zip(second) {
            let gradient = gradient * scale;
            *first = fma::<FMA>(*first, keep1, gradient * take1);
            *second = fma::<FMA>(*second, keep2, gradient * gradient * take2);
            let change = *first / fma::<FMA>(second.sqrt(), root, epsilon);
            *value = fma::<FMA>(*value, shrink, -rate * change);
        }
    }
}

/// The sum of squares of each gradient, flat and with its number of rows, in an order that does not depend on threads. All
/// lie on one device.
pub fn sums_of_squares<'a>(gradients: impl IntoIterator<Item = (&'a Tensor<1>, usize)>) -> Vec<f64> {
    let mut sums = Vec::new();
    let mut elsewhere = Vec::new();
    for (gradient, rows) in gradients {
        if is_fused(gradient) {
            let values = take(gradient.clone());
            let parts: Vec<f32> = numbers(&values).par_chunks(CHUNK).map(sum_of_squares_chunk).collect();
            sums.push(parts.into_iter().map(f64::from).sum::<f64>());
        } else {
            let gradient = gradient.clone().reshape([rows as i64, -1]);
            elsewhere.push((gradient.clone() * gradient).sum_dim(1).sum());
        }
    }
    if !elsewhere.is_empty() {
        let parts: Vec<f32> = Tensor::cat(elsewhere, 0).try_into_vec_as().expect("a device that computes can be read");
        sums.extend(parts.into_iter().map(f64::from));
    }
    sums
}

for_each_level! {
    fn sum_of_squares_chunk(values: &[f32]) -> f32 {
        sum(values.len(), |i| values[i] * values[i])
    }
}
