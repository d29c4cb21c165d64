//! Linear layers on flattened rows, with weights as PyTorch keeps them: `[output, input]`.

use crate::matmul::{Matrix, Onto, matmul};
use crate::rows;
use crate::shared::Shared;

#[derive(Clone, Copy)]
pub struct Linear<'a> {
    pub weight: &'a [f32],
    pub bias: &'a [f32],
    pub input: usize,
}

impl Linear<'_> {
    pub fn output(&self) -> usize {
        self.bias.len()
    }

    /// y ← x Wᵀ + b; the rows of y begin `stride` elements apart.
    pub fn forward(&self, x: &[f32], y: &mut [f32], stride: usize) {
        let (input, output) = (self.input, self.output());
        let count = x.len() / input;
        if count == 0 {
            return;
        }
        let place = Shared::new(y);
        rows::for_each(count, |rows| {
            for row in rows {
                // SAFETY: tasks have rows of their own.
                unsafe { place.part(row * stride, output) }.copy_from_slice(self.bias);
            }
        });
        let weight = Matrix::rows(self.weight, input).transposed();
        matmul([count, output, input], Matrix::rows(x, input), weight, Onto::Add, y, stride);
    }

    /// dx ← dy W, or dx + dy W; the rows of dy begin `stride` elements apart.
    pub fn backward(&self, dy: &[f32], stride: usize, onto: Onto, dx: &mut [f32]) {
        let (input, output) = (self.input, self.output());
        let count = dx.len() / input;
        matmul([count, input, output], Matrix::rows(dy, stride), Matrix::rows(self.weight, input), onto, dx, input);
    }
}

/// dW ← dyᵀ x, `[output, input]`; the rows of dy begin `stride` elements apart.
pub fn weight_gradient(dy: &[f32], stride: usize, x: &[f32], input: usize, gradient: &mut [f32]) {
    let output = gradient.len() / input;
    let (dy, x) = (Matrix::rows(dy, stride).transposed(), (x.len() / input, Matrix::rows(x, input)));
    matmul([output, input, x.0], dy, x.1, Onto::Replace, gradient, input);
}
