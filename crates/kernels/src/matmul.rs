//! Matrix products in f32 by the `gemm` crate.
//!
//! Threads share out tiles of the result, never the depth over which an element is summed, so the bits do not depend on
//! how many threads there are.

use gemm::Parallelism;

/// Products with fewer multiplications than this stay on one thread.
const WORTH_SHARING: usize = 1 << 18;

/// A matrix that is read: element (i, j) lies at `data[i * row + j * column]`.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    row: usize,
    column: usize,
}

impl<'a> Matrix<'a> {
    /// Rows that begin `width` elements apart.
    pub fn rows(data: &'a [f32], width: usize) -> Self {
        Self { data, row: width, column: 1 }
    }

    pub fn transposed(self) -> Self {
        Self { data: self.data, row: self.column, column: self.row }
    }

    fn holds(&self, rows: usize, columns: usize) -> bool {
        rows * columns == 0 || (rows - 1) * self.row + (columns - 1) * self.column < self.data.len()
    }
}

/// What becomes of the values that stand where the product goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Onto {
    Replace,
    Add,
}

/// C ← A·B (or C + A·B), with A `[m, k]`, B `[k, n]` and C `[m, n]` in rows that begin `row` elements apart.
pub fn matmul([m, n, k]: [usize; 3], a: Matrix, b: Matrix, onto: Onto, c: &mut [f32], row: usize) {
    let threads = if m * n * k < WORTH_SHARING { Parallelism::None } else { Parallelism::Rayon(0) };
    product([m, n, k], a, b, onto, c, row, threads);
}

/// [`matmul`] on the calling thread alone, for callers that are one of many tasks themselves.
pub fn matmul_alone(size: [usize; 3], a: Matrix, b: Matrix, onto: Onto, c: &mut [f32], row: usize) {
    product(size, a, b, onto, c, row, Parallelism::None);
}

fn product([m, n, k]: [usize; 3], a: Matrix, b: Matrix, onto: Onto, c: &mut [f32], row: usize, threads: Parallelism) {
    if m == 0 || n == 0 {
        return;
    }
    assert!(a.holds(m, k) && b.holds(k, n), "the factors hold what is multiplied");
    assert!(row >= n && (m - 1) * row + n <= c.len(), "the result fits its place");
    // SAFETY: the assertions above say that every element read or written lies inside its slice.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            1,
            row as isize,
            onto == Onto::Add,
            a.data.as_ptr(),
            a.column as isize,
            a.row as isize,
            b.data.as_ptr(),
            b.column as isize,
            b.row as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            threads,
        );
    }
}
