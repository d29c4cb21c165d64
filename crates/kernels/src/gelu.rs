//! The activation between the two linear layers of a feed-forward block, forward and backward.

use crate::math::{exp, fma};
use crate::processor::for_each_level;
use crate::rows;
use crate::shared::Shared;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// x Φ(x) with Φ the normal distribution (Hendrycks and Gimpel 2016): BERT's `gelu`.
    Gelu,
    /// The same with a tanh in place of Φ: `gelu_new`.
    GeluTanh,
    Relu,
}

/// y ← f(x), both `[rows, width]`.
pub fn forward(activation: Activation, x: &[f32], y: &mut [f32], width: usize) {
    let y = Shared::new(y);
    rows::for_each(x.len() / width, |rows| {
        // SAFETY: tasks have rows of their own.
        let y = unsafe { y.part(rows.start * width, rows.len() * width) };
        forward_rows(activation, &x[rows.start * width..rows.end * width], y);
    });
}

/// x ← f(x) and dy ← dy · f′(x): what the next product of the backward pass reads and the gradient of x, in one go. `sums`,
/// `[width]`, receives that gradient summed over the rows.
pub fn backward(activation: Activation, x: &mut [f32], dy: &mut [f32], sums: &mut [f32]) {
    let width = sums.len();
    let count = x.len() / width;
    let (x, dy) = (Shared::new(x), Shared::new(dy));
    rows::with_sums(count, sums, |rows, sums| {
        let (start, len) = (rows.start * width, rows.len() * width);
        // SAFETY: tasks have rows of their own.
        let (x, dy) = unsafe { (x.part(start, len), dy.part(start, len)) };
        backward_rows(activation, x, dy, sums);
    });
}

for_each_level! {
    fn forward_rows(activation: Activation, x: &[f32], y: &mut [f32]) {
        let values = y.iter_mut().zip(x);
        match activation {
            Activation::Gelu => values.for_each(|(y, &x)| *y = x * normal::<FMA>(x).0),
            Activation::GeluTanh => values.for_each(|(y, &x)| *y = x * tanh_normal::<FMA>(x).0),
            Activation::Relu => values.for_each(|(y, &x)| *y = if x < 0.0 { 0.0 } else { x }),
        }
    }
}

for_each_level! {
    fn backward_rows(activation: Activation, x: &mut [f32], dy: &mut [f32], sums: &mut [f32]) {
        let width = sums.len();
        for (x, dy) in x.chunks_exact_mut(width).zip(dy.chunks_exact_mut(width)) {
            let values = x.iter_mut().zip(dy.iter_mut());
            match activation {
                Activation::Gelu => values.for_each(|(x, dy)| {
                    let (share, slope) = normal::<FMA>(*x);
                    *dy *= fma::<FMA>(*x, slope, share);
                    *x *= share;
                }),
                Activation::GeluTanh => values.for_each(|(x, dy)| {
                    let (share, slope) = tanh_normal::<FMA>(*x);
                    *dy *= fma::<FMA>(*x, slope, share);
                    *x *= share;
                }),
                Activation::Relu => values.for_each(|(x, dy)| {
                    *dy = if *x > 0.0 { *dy } else { 0.0 };
                    *x = if *x < 0.0 { 0.0 } else { *x };
                }),
            }
            sums.iter_mut().zip(&*dy).for_each(|(sum, value)| *sum += value);
        }
    }
}

/// Φ(x) and its slope. Φ by formula 7.1.26 of Abramowitz and Stegun 1964, within 1e-7.
#[inline(always)]
fn normal<const FMA: bool>(x: f32) -> (f32, f32) {
    let size = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / fma::<FMA>(0.327_591_1, size, 1.0);
    let mut series = 1.061_405_4;
    for factor in [-1.453_152_1, 1.421_413_8, -0.284_496_72, 0.254_829_6] {
        series = fma::<FMA>(series, t, factor);
    }
    let bell = exp::<FMA>(-0.5 * x * x);
    let tail = 0.5 * series * t * bell;
    let share = if x < 0.0 { tail } else { 1.0 - tail };
    (share, bell * 0.398_942_3)
}

/// (1 + tanh z) / 2 with z = √(2/π) (x + 0.044715 x³), and its slope.
#[inline(always)]
fn tanh_normal<const FMA: bool>(x: f32) -> (f32, f32) {
    const ROOT: f32 = 0.797_884_6;
    let square = x * x;
    let z = ROOT * x * fma::<FMA>(0.044_715, square, 1.0);
    let share = 1.0 - 1.0 / (exp::<FMA>(2.0 * z) + 1.0);
    let slope = 2.0 * share * (1.0 - share) * ROOT * fma::<FMA>(3.0 * 0.044_715, square, 1.0);
    (share, slope)
}
