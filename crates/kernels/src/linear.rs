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

    /// y ← x Wᵀ + b.
    pub fn forward(&self, x: &[f32], y: &mut [f32]) {
        let (input, output) = (self.input, self.output());
        let count = x.len() / input;
        if input > output && count >= output {
            return forward_side_by_side(&[*self], x, y);
        }
        fill(&[*self], y);
        let weight = Matrix::rows(self.weight, input).transposed();
        matmul([count, output, input], Matrix::rows(x, input), weight, Onto::Add, y, output);
    }

    /// dx ← dy W, or dx + dy W; the rows of dy begin `stride` elements apart.
    pub fn backward(&self, dy: &[f32], stride: usize, onto: Onto, dx: &mut [f32]) {
        let (input, output) = (self.input, self.output());
        let count = dx.len() / input;
        matmul([count, input, output], Matrix::rows(dy, stride), Matrix::rows(self.weight, input), onto, dx, input);
    }
}

/// The outputs of several layers on the same x, beside one another in the rows of y.
///
/// A product whose right factor lies in rows is so much faster that it pays to turn the weights over first, and one product
/// is faster than several.
pub fn forward_side_by_side(layers: &[Linear], x: &[f32], y: &mut [f32]) {
    let input = layers[0].input;
    let output: usize = layers.iter().map(Linear::output).sum();
    let mut turned = Buffer::any(input * output);
    turned.par_chunks_mut(TILE * output).enumerate().for_each(|(block, turned)| {
        let mut column = 0;
        for layer in layers {
            transpose(layer.weight, input, block * TILE, &mut turned[column..], output);
            column += layer.output();
        }
    });
    fill(layers, y);
    let size = [x.len() / input, output, input];
    matmul(size, Matrix::rows(x, input), Matrix::rows(&turned, output), Onto::Add, y, output);
}

/// Every row of y becomes the biases, one after the other.
fn fill(layers: &[Linear], y: &mut [f32]) {
    let output: usize = layers.iter().map(Linear::output).sum();
    let count = y.len() / output;
    let y = Shared::new(y);
    rows::for_each(count, |rows| {
        // SAFETY: tasks have rows of their own.
        for mut row in unsafe { y.part(rows.start * output, rows.len() * output) }.chunks_exact_mut(output) {
            for layer in layers {
                let (place, rest) = row.split_at_mut(layer.output());
                place.copy_from_slice(layer.bias);
                row = rest;
            }
        }
    });
}

/// dW ← dyᵀ x, `[output, input]`; the rows of dy begin `stride` elements apart.
pub fn weight_gradient(dy: &[f32], stride: usize, x: &[f32], input: usize, gradient: &mut [f32]) {
    let output = gradient.len() / input;
    let (dy, x) = (Matrix::rows(dy, stride).transposed(), (x.len() / input, Matrix::rows(x, input)));
    matmul([output, input, x.0], dy, x.1, Onto::Replace, gradient, input);
}

/// Columns of a weight that are turned over at a time.
const TILE: usize = 16;

for_each_level! {
    /// The columns of x, which has rows of `columns` elements, become rows that begin `stride` elements apart: those from
    /// `first` on, [`TILE`] at most.
    fn transpose(x: &[f32], columns: usize, first: usize, turned: &mut [f32], stride: usize) {
        let rows = x.len() / columns;
        let width = TILE.min(columns - first);
        for start in (0..rows).step_by(TILE) {
            let height = TILE.min(rows - start);
            let mut tile = [[0.0; TILE]; TILE];
            for (row, tile) in tile[..height].iter_mut().enumerate() {
                tile[..width].copy_from_slice(&x[(start + row) * columns + first..][..width]);
            }
            for column in 0..width {
                let turned = &mut turned[column * stride + start..][..height];
                turned.iter_mut().zip(&tile).for_each(|(to, row)| *to = row[column]);
            }
        }
    }
}
