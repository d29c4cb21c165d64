//! Scaled dot-product attention over several heads (Vaswani et al. 2017, equation 1), with dropout on its shares. The shares
//! are not kept for the backward pass: it computes them again from one number a row and head.

use crate::dropout::Site;
use crate::math::{exp, fma, largest, sum};
use crate::matmul::{Matrix, Onto, matmul_alone};
use crate::memory::Buffer;
use crate::processor::for_each_level;
use crate::shared::Shared;
use crate::texts::{Text, Texts};
use rayon::prelude::*;

/// What all texts and heads have in common.
#[derive(Clone, Copy)]
pub struct Attention<'a> {
    pub texts: &'a Texts,
    pub heads: usize,
    pub hidden: usize,
    pub site: Option<&'a Site>,
}

/// From queries, keys and values side by side, `[rows, 3 · hidden]`, to the context, `[rows, hidden]`. `log_sums`,
/// `[heads, rows]`, receives the logarithm of the sum of the exponentiated scores of each row.
///
/// A text of which nothing is visible attends to all of its rows alike, as in Hugging Face.
pub fn forward(attention: Attention, qkv: &[f32], context: &mut [f32], log_sums: &mut [f32]) {
    let (context, log_sums) = (Shared::new(context), Shared::new(log_sums));
    attention.for_each_head(|head| {
        let Head { text, width, keys, .. } = head;
        let mut shares = head.scores(qkv);
        // SAFETY: every text and head has log sums of its own.
        let log_sums = unsafe { log_sums.part(head.log_sums_start(), text.length) };
        soften(&head, &mut shares, log_sums);
        let mut block = Buffer::any(text.length * width);
        let values = head.of(qkv, 2);
        matmul_alone([text.length, width, keys], Matrix::rows(&shares, keys), values, Onto::Replace, &mut block, width);
        head.put(&block, &context, attention.hidden, head.column());
    });
}

/// From the gradient of the context to that of queries, keys and values, `[rows, 3 · hidden]`.
pub fn backward(attention: Attention, qkv: &[f32], log_sums: &[f32], d_context: &[f32], d_qkv: &mut [f32]) {
    let d_qkv = Shared::new(d_qkv);
    attention.for_each_head(|head| {
        let Head { text, width, keys, .. } = head;
        let length = text.length;
        let (query, key, value) = (head.of(qkv, 0), head.of(qkv, 1), head.of(qkv, 2));
        let d_context = Matrix::rows(&d_context[text.start * attention.hidden + head.column()..], attention.hidden);
        let mut shares = head.scores(qkv);
        let mut d_scores = Buffer::any(length * keys);
        let to_shares = value.transposed();
        matmul_alone([length, keys, width], d_context, to_shares, Onto::Replace, &mut d_scores, keys);
        soften_backward(&head, &mut shares, &mut d_scores, &log_sums[head.log_sums_start()..][..length]);
        let (shares, d_scores) = (Matrix::rows(&shares, keys), Matrix::rows(&d_scores, keys));
        let mut block = Buffer::any(length * width);
        let put = |block: &[f32], part| {
            head.put(block, &d_qkv, 3 * attention.hidden, part * attention.hidden + head.column())
        };
        matmul_alone([length, width, keys], d_scores, key, Onto::Replace, &mut block, width);
        put(&block, 0);
        // Rows that are not attended to have no part in the scores.
        block[keys * width..].fill(0.0);
        matmul_alone([keys, width, length], d_scores.transposed(), query, Onto::Replace, &mut block, width);
        put(&block, 1);
        matmul_alone([keys, width, length], shares.transposed(), d_context, Onto::Replace, &mut block, width);
        put(&block, 2);
    });
}

impl Attention<'_> {
    fn for_each_head(&self, task: impl Fn(Head) + Sync) {
        let width = self.hidden / self.heads;
        let rows = self.texts.rows();
        (0..self.texts.count() * self.heads).into_par_iter().for_each(|index| {
            let text = self.texts.get(index / self.heads);
            let keys = if text.visible == 0 { text.length } else { text.visible };
            let (index, heads) = (index % self.heads, self.heads);
            if text.length > 0 {
                task(Head { text, index, heads, width, keys, rows, site: self.site.copied() });
            }
        });
    }
}

/// One head over one text.
struct Head {
    text: Text,
    index: usize,
    heads: usize,
    width: usize,
    /// Rows that are attended to.
    keys: usize,
    /// Of the whole batch.
    rows: usize,
    site: Option<Site>,
}

impl Head {
    fn column(&self) -> usize {
        self.index * self.width
    }

    fn log_sums_start(&self) -> usize {
        self.index * self.rows + self.text.start
    }

    /// By what scores are multiplied.
    #[inline(always)]
    fn scale(&self) -> f32 {
        1.0 / (self.width as f32).sqrt()
    }

    /// The number of a row in the dropout of the shares.
    #[inline(always)]
    fn dropout_row(&self, row: usize) -> u32 {
        ((self.text.start + row) * self.heads + self.index) as u32
    }

    /// This head's queries (0), keys (1) or values (2).
    fn of<'a>(&self, qkv: &'a [f32], part: usize) -> Matrix<'a> {
        let hidden = self.heads * self.width;
        Matrix::rows(&qkv[self.text.start * 3 * hidden + part * hidden + self.column()..], 3 * hidden)
    }

    fn scores(&self, qkv: &[f32]) -> Buffer {
        let (length, keys) = (self.text.length, self.keys);
        let mut scores = Buffer::any(length * keys);
        if self.text.visible == 0 {
            scores.fill(0.0);
        } else {
            let (query, key) = (self.of(qkv, 0), self.of(qkv, 1).transposed());
            matmul_alone([length, keys, self.width], query, key, Onto::Replace, &mut scores, keys);
        }
        scores
    }

    /// Puts `[length, width]` where it belongs in rows of `stride`, from `column` on.
    fn put(&self, block: &[f32], to: &Shared, stride: usize, column: usize) {
        for (row, values) in block.chunks_exact(self.width).enumerate() {
            // SAFETY: every text has rows of its own, and every head columns of its own.
            unsafe { to.part((self.text.start + row) * stride + column, self.width) }.copy_from_slice(values);
        }
    }
}

for_each_level! {
    /// Scores to shares, and what is left of them after dropout.
    fn soften(head: &Head, scores: &mut [f32], log_sums: &mut [f32]) {
        let scale = head.scale();
        for (row, (scores, log_sum)) in scores.chunks_exact_mut(head.keys).zip(log_sums).enumerate() {
            let highest = largest(scores);
            scores.iter_mut().for_each(|score| *score = exp::<FMA>((*score - highest) * scale));
            let total = sum(scores.len(), |i| scores[i]);
            let share = 1.0 / total;
            scores.iter_mut().for_each(|score| *score *= share);
            *log_sum = fma::<FMA>(highest, scale, total.ln());
            if let Some(site) = head.site {
                site.apply(head.dropout_row(row), scores);
            }
        }
    }
}

for_each_level! {
    /// Scores to shares after dropout, and the gradient of those to the gradient of the products of queries and keys.
    fn soften_backward(head: &Head, scores: &mut [f32], d_shares: &mut [f32], log_sums: &[f32]) {
        let scale = head.scale();
        let rows = scores.chunks_exact_mut(head.keys).zip(d_shares.chunks_exact_mut(head.keys)).zip(log_sums);
        for (row, ((scores, d_shares), log_sum)) in rows.enumerate() {
            scores.iter_mut().for_each(|score| *score = exp::<FMA>(fma::<FMA>(*score, scale, -log_sum)));
            if let Some(site) = head.site {
                site.apply(head.dropout_row(row), d_shares);
            }
            let mean = sum(scores.len(), |i| scores[i] * d_shares[i]);
            for (share, d_share) in scores.iter().zip(d_shares.iter_mut()) {
                *d_share = share * (*d_share - mean) * scale;
            }
            if let Some(site) = head.site {
                site.apply(head.dropout_row(row), scores);
            }
        }
    }
}
