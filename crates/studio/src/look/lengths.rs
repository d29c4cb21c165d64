//! How long texts are in an encoder's word pieces.

use super::view::Lengths;
use crate::StudioError;
use crate::library::{find_encoder, inspect};
use corpus::{Dataset, Example, Tokenizer};
use finetune::TrainError;
use rayon::prelude::*;
use std::sync::Arc;

/// More texts than this are counted by an even sample.
const MOST: usize = 5000;

const BINS: usize = 40;

/// The longest window that is usual, in pieces.
const USUAL: usize = 256;

/// The lengths of texts for one encoder.
pub struct Counted {
    pub encoder: String,
    pub dataset: Arc<Dataset>,
    of: usize,
    /// In pieces, special tokens included.
    lengths: Vec<usize>,
    words: usize,
    unknown: usize,
    positions: usize,
}

pub fn count(dataset: &Arc<Dataset>, encoder: &str) -> Result<Counted, StudioError> {
    let folder = find_encoder(encoder)?.folder;
    let tokenizer = Tokenizer::load(&folder).map_err(TrainError::from)?;
    let positions = inspect(&folder)?.config.max_position_embeddings;
    let all: Vec<&Example> = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test).collect();
    let every = all.len().div_ceil(MOST).max(1);
    let sample: Vec<&Example> = all.iter().step_by(every).copied().collect();
    let counts: Vec<(usize, usize, usize)> = sample
        .par_iter()
        .map(|example| {
            let texts = std::iter::once(&example.text).chain(&example.pair);
            let (mut pieces, mut unknown, mut words, mut parts) = (0, 0, 0, 1);
            for text in texts {
                let found = tokenizer.encode_text(text);
                pieces += found.ids.len();
                unknown += found.ids.iter().filter(|&&id| id == tokenizer.unk()).count();
                words += corpus::words_of(text).len();
                parts += 1;
            }
            (pieces + parts, unknown, words)
        })
        .collect();
    Ok(Counted {
        encoder: encoder.into(),
        dataset: dataset.clone(),
        of: all.len(),
        lengths: counts.iter().map(|count| count.0).collect(),
        unknown: counts.iter().map(|count| count.1).sum(),
        words: counts.iter().map(|count| count.2).sum(),
        positions,
    })
}

impl Counted {
    pub fn lengths(&self, max_length: Option<usize>) -> Lengths {
        let max_length = max_length.unwrap_or(USUAL.min(self.positions));
        let longest = self.lengths.iter().copied().max().unwrap_or(0);
        let width = (longest + 1).div_ceil(BINS).max(1);
        let mut bins = vec![0; (longest + 1).div_ceil(width)];
        self.lengths.iter().for_each(|length| bins[length / width] += 1);
        let pieces: usize = self.lengths.iter().sum();
        Lengths {
            counted: self.lengths.len(),
            of: self.of,
            bins,
            width,
            longest,
            max_length,
            windowed: self.lengths.iter().filter(|&&length| length > max_length).count(),
            positions: self.positions,
            pieces_per_word: pieces as f64 / self.words.max(1) as f64,
            unknown_share: self.unknown as f64 / pieces.max(1) as f64,
        }
    }
}
