//! Dropout, residual sum and layer normalization in one pass: y = LayerNorm(residual + dropout(x)) (Ba et al. 2016).

use crate::dropout::Site;
use crate::math::{fma, sum};
use crate::processor::for_each_level;
use crate::rows;
use crate::shared::Shared;

/// Scale and shift of a layer normalization, `[width]` each.
#[derive(Clone, Copy)]
pub struct Norm<'a> {
    pub weight: &'a [f32],
    pub bias: &'a [f32],
    pub epsilon: f32,
}

/// Writes y and leaves the normalized rows, before scale and shift, where x was; `deviations`, `[rows]`, receives one over
/// each row's standard deviation. Everything else is `[rows, width]`.
pub fn forward(
    x: &mut [f32],
    residual: Option<&[f32]>,
    norm: Norm,
    site: Option<&Site>,
    y: &mut [f32],
    deviations: &mut [f32],
) {
    let width = norm.weight.len();
    let (count, x, y, deviations) = (deviations.len(), Shared::new(x), Shared::new(y), Shared::new(deviations));
    rows::for_each(count, |rows| {
        let (start, len) = (rows.start * width, rows.len() * width);
        // SAFETY: tasks have rows of their own.
        let (x, y, deviations) =
            unsafe { (x.part(start, len), y.part(start, len), deviations.part(rows.start, rows.len())) };
        let residual = residual.map(|residual| &residual[start..start + len]);
        forward_rows(rows.start, x, residual, norm, site, y, deviations);
    });
}

/// y from what [`forward`] left in x.
pub fn rescale(normalized: &[f32], norm: Norm, y: &mut [f32]) {
    let width = norm.weight.len();
    let y = Shared::new(y);
    rows::for_each(normalized.len() / width, |rows| {
        let (start, len) = (rows.start * width, rows.len() * width);
        // SAFETY: tasks have rows of their own.
        rescale_rows(&normalized[start..start + len], norm, unsafe { y.part(start, len) });
    });
}

/// From the gradient of y to that of the residual, which takes its place, and that of x, which takes the place of the
/// normalized rows. `sums`, `[3 · width]`, receives the gradients of weight and bias, and the sum of x's over the rows.
pub fn backward(
    dy: &mut [f32],
    normalized: &mut [f32],
    weight: &[f32],
    deviations: &[f32],
    site: Option<&Site>,
    sums: &mut [f32],
) {
    let width = weight.len();
    let (dy, normalized) = (Shared::new(dy), Shared::new(normalized));
    rows::with_sums(deviations.len(), sums, |rows, sums| {
        let (start, len) = (rows.start * width, rows.len() * width);
        // SAFETY: tasks have rows of their own.
        let (dy, normalized) = unsafe { (dy.part(start, len), normalized.part(start, len)) };
        backward_rows(rows.start, dy, normalized, weight, &deviations[rows], site, sums);
    });
}

for_each_level! {
    fn forward_rows(first: usize, x: &mut [f32], residual: Option<&[f32]>, norm: Norm, site: Option<&Site>, y: &mut [f32], deviations: &mut [f32]) {
        let Norm { weight, bias, epsilon } = norm;
        let width = weight.len();
        let bias = &bias[..width];
        for (row, deviation) in deviations.iter_mut().enumerate() {
            let place = row * width..(row + 1) * width;
            let (x, y) = (&mut x[place.clone()], &mut y[place.clone()]);
            if let Some(site) = site {
                site.apply((first + row) as u32, x);
            }
            if let Some(residual) = residual {
                x.iter_mut().zip(&residual[place]).for_each(|(x, residual)| *x += residual);
            }
            let mean = sum(width, |i| x[i]) / width as f32;
            let variance = sum(width, |i| (x[i] - mean) * (x[i] - mean)) / width as f32;
            *deviation = 1.0 / (variance + epsilon).sqrt();
            for (((x, y), weight), bias) in x.iter_mut().zip(y).zip(weight).zip(bias) {
                *x = (*x - mean) * *deviation;
                *y = fma::<FMA>(*x, *weight, *bias);
            }
        }
    }
}

for_each_level! {
    fn rescale_rows(normalized: &[f32], norm: Norm, y: &mut [f32]) {
        let width = norm.weight.len();
        for (y, normalized) in y.chunks_exact_mut(width).zip(normalized.chunks_exact(width)) {
            for (((y, x), weight), bias) in y.iter_mut().zip(normalized).zip(norm.weight).zip(norm.bias) {
                *y = fma::<FMA>(*x, *weight, *bias);
            }
        }
    }
}

for_each_level! {
    fn backward_rows(first: usize, dy: &mut [f32], normalized: &mut [f32], weight: &[f32], deviations: &[f32], site: Option<&Site>, sums: &mut [f32]) {
        let width = weight.len();
        let (weights, rest) = sums.split_at_mut(width);
        let (biases, totals) = rest.split_at_mut(width);
        for (row, &deviation) in deviations.iter().enumerate() {
            let place = row * width..(row + 1) * width;
            let (dy, x) = (&mut dy[place.clone()], &mut normalized[place]);
            for (((dy, x), weight), (weights, biases)) in
                dy.iter_mut().zip(&*x).zip(weight).zip(weights.iter_mut().zip(biases.iter_mut()))
            {
                *weights = fma::<FMA>(*dy, *x, *weights);
                *biases += *dy;
                *dy *= weight;
            }
            let mean = sum(width, |i| dy[i]) / width as f32;
            let slope = sum(width, |i| dy[i] * x[i]) / width as f32;
            for (dy, x) in dy.iter_mut().zip(x.iter_mut()) {
                *dy = (*dy - mean - *x * slope) * deviation;
                *x = *dy;
            }
            if let Some(site) = site {
                site.apply((first + row) as u32, x);
            }
            totals.iter_mut().zip(&*x).for_each(|(total, x)| *total += x);
        }
    }
}
