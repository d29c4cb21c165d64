//! Linear layers on flattened rows, with weights as PyTorch keeps them: `[output, input]`.

use crate::matmul::{Matrix, Onto, matmul};
use crate::memory::Buffer;
use crate::processor::for_each_level;
use crate::rows;
use crate::shared::Shared;
use rayon::prelude::*;

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
        let size = [count, output, input];
        if input > output && count >= output {
            // A product with rows of the right factor is so much faster here that it pays to turn the weight over first.
            let mut turned = Buffer::any(input * output);
            transpose(self.weight, input, &mut turned);
            matmul(size, Matrix::rows(x, input), Matrix::rows(&turned, output), Onto::Add, y, stride);
        } else {
            let weight = Matrix::rows(self.weight, input).transposed();
            matmul(size, Matrix::rows(x, input), weight, Onto::Add, y, stride);
        }
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

/// Rows of `columns` elements to columns, in tiles that fit the first-level cache.
fn transpose(x: &[f32], columns: usize, turned: &mut [f32]) {
    let rows = x.len() / columns;
    turned.par_chunks_mut(TILE * rows).enumerate().for_each(|(block, turned)| {
        transpose_block(x, columns, block * TILE, turned);
    });
}

const TILE: usize = 16;

for_each_level! {
    /// The columns from `first` on become the rows of `turned`, at most [`TILE`].
    fn transpose_block(x: &[f32], columns: usize, first: usize, turned: &mut [f32]) {
        let rows = x.len() / columns;
        let width = turned.len() / rows;
        for start in (0..rows).step_by(TILE) {
            let height = TILE.min(rows - start);
            let mut tile = [[0.0; TILE]; TILE];
            for (row, tile) in tile[..height].iter_mut().enumerate() {
                tile[..width].copy_from_slice(&x[(start + row) * columns + first..][..width]);
            }
            for (column, turned) in turned.chunks_exact_mut(rows).enumerate() {
                for (to, row) in turned[start..start + height].iter_mut().zip(&tile) {
                    *to = row[column];
                }
            }
        }
    }
}
