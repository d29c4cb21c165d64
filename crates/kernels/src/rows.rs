//! Work over the rows of a matrix, shared out in chunks whose size is fixed, so that sums over rows are added up in the same
//! order whatever the number of threads.

use crate::memory::Buffer;
use rayon::prelude::*;
use std::ops::Range;

/// Rows of one task.
const CHUNK: usize = 32;

pub fn for_each(rows: usize, task: impl Fn(Range<usize>) + Sync) {
    (0..rows.div_ceil(CHUNK)).into_par_iter().for_each(|chunk| task(chunk * CHUNK..rows.min((chunk + 1) * CHUNK)));
}

/// [`for_each`], where every task also adds to sums of its own, which end up added together in `sums`.
pub fn with_sums(rows: usize, sums: &mut [f32], task: impl Fn(Range<usize>, &mut [f32]) + Sync) {
    let width = sums.len();
    let mut partial = Buffer::zeros(rows.div_ceil(CHUNK) * width);
    partial.par_chunks_mut(width).enumerate().for_each(|(chunk, partial)| {
        task(chunk * CHUNK..rows.min((chunk + 1) * CHUNK), partial);
    });
    sums.fill(0.0);
    for partial in partial.chunks(width) {
        sums.iter_mut().zip(partial).for_each(|(sum, part)| *sum += part);
    }
}

/// The sum of each column of `x`, whose rows begin `stride` elements apart.
pub fn sum_columns(x: &[f32], stride: usize, sums: &mut [f32]) {
    let width = sums.len();
    with_sums(x.len().div_ceil(stride), sums, |rows, sums| {
        for row in rows {
            sums.iter_mut().zip(&x[row * stride..][..width]).for_each(|(sum, value)| *sum += value);
        }
    });
}
