//! How long the texts are that go through the encoder, as far as it is known.

use crate::Lengths;
use corpus::{Dataset, Example, words_of};

/// Texts that are looked at when nothing better is known.
const SAMPLE: usize = 500;

/// Word pieces a word of English clinical text has in the vocabularies of BERT, about.
const PIECES_PER_WORD: f64 = 1.5;

/// A batch is cut from this many batches that are sorted by length together (see [`corpus::epoch_batches`]).
const SORTED_TOGETHER: f64 = 50.0;

/// Lengths of texts in word pieces, special tokens included, each with how often it occurs; sorted, the longest first.
pub(super) struct Texts {
    lengths: Vec<(usize, usize)>,
}

/// What one text comes to on average, when it is cut into windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mean {
    pub windows: f64,
    /// Rows that go through the encoder.
    pub tokens: f64,
    /// Their number times the length of the window they stand in: what attention costs.
    pub pairs: f64,
}

/// How texts are cut: the longest window, and the number to whose multiples windows are padded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub max_length: usize,
    pub multiple: usize,
    pub labels_words: bool,
}

impl Texts {
    /// From counted texts. The middle of a bin stands for it.
    pub fn counted(lengths: &Lengths) -> Self {
        let middle = |bin: usize| (bin * lengths.width + lengths.width / 2).clamp(2, lengths.longest.max(2));
        let bins = lengths.bins.iter().enumerate().map(|(bin, &count)| (middle(bin), count));
        Self::new(bins.filter(|(_, count)| *count > 0).chain([(lengths.longest.max(2), 1)]).collect())
    }

    /// From the words of an even sample of the training texts.
    pub fn guessed(dataset: &Dataset) -> Self {
        let every = dataset.train.len().div_ceil(SAMPLE).max(1);
        Self::new(dataset.train.iter().step_by(every).map(|example| (guessed_length(example), 1)).collect())
    }

    fn new(mut lengths: Vec<(usize, usize)>) -> Self {
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        Self { lengths }
    }

    fn count(&self) -> f64 {
        self.lengths.iter().map(|(_, count)| *count as f64).sum()
    }

    pub fn mean(&self, cut: Cut) -> Mean {
        let mut sum = Mean { windows: 0.0, tokens: 0.0, pairs: 0.0 };
        for &(length, count) in &self.lengths {
            let (windows, length) = cut.windows(length);
            let (windows, length) = (windows as f64 * count as f64, length as f64);
            sum.windows += windows;
            sum.tokens += windows * length;
            sum.pairs += windows * length * length;
        }
        let count = self.count().max(1.0);
        Mean { windows: sum.windows / count, tokens: sum.tokens / count, pairs: sum.pairs / count }
    }

    /// Rows, and the longest window, of the largest batch to be expected of `batch` texts among `examples`: texts of about
    /// equal length come together, so that it holds the longest of all it is sorted with.
    pub fn largest_batch(&self, cut: Cut, batch: usize, examples: usize) -> (f64, usize) {
        let together = (SORTED_TOGETHER * batch as f64).min(examples as f64).max(1.0);
        let wanted = self.count() * (batch as f64 / together).min(1.0);
        let (mut taken, mut tokens) = (0.0, 0.0);
        for &(length, count) in &self.lengths {
            let (windows, length) = cut.windows(length);
            let part = (count as f64).min(wanted - taken);
            taken += part;
            tokens += part * (windows * length) as f64;
        }
        let longest = self.lengths.first().map_or(0, |&(length, _)| cut.windows(length).1);
        (tokens / taken.max(f64::MIN_POSITIVE) * batch.min(examples) as f64, longest)
    }
}

impl Cut {
    /// How many windows a text of `length` pieces becomes, and their length; they overlap by a quarter, or, where words are
    /// labelled, by about a half (see [`corpus::encode`]).
    fn windows(self, length: usize) -> (usize, usize) {
        let room = self.max_length - 2;
        let overlap = if self.labels_words { room / 2 } else { room / 4 };
        let windows = (length - 2).saturating_sub(room).div_ceil(room - overlap.max(1)) + 1;
        (windows, length.min(self.max_length).next_multiple_of(self.multiple))
    }
}

fn guessed_length(example: &Example) -> usize {
    let words = if example.words.is_empty() { words_of(&example.text).len() } else { example.words.len() };
    let pair = example.pair.as_ref().map_or(0, |text| words_of(text).len() + 1);
    (PIECES_PER_WORD * (words + pair) as f64).ceil() as usize + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(max_length: usize) -> Cut {
        Cut { max_length, multiple: 1, labels_words: false }
    }

    #[test]
    fn long_texts_are_several_windows() {
        assert_eq!(cut(128).windows(20), (1, 20));
        assert_eq!(cut(128).windows(128), (1, 128));
        assert_eq!(cut(128).windows(300), (3, 128));
        assert_eq!(Cut { max_length: 128, multiple: 32, labels_words: false }.windows(33), (1, 64));
        let mean = Texts::new(vec![(300, 1), (128, 1)]).mean(cut(128));
        assert_eq!((mean.windows, mean.tokens, mean.pairs), (2.0, 256.0, 32768.0));
    }

    #[test]
    fn the_largest_batch_holds_the_longest_texts() {
        let texts = Texts::new(vec![(10, 90), (100, 10)]);
        assert_eq!(texts.largest_batch(cut(128), 10, 100), (1000.0, 100));
        // Of many examples, a batch is the longest fiftieth of those that it is sorted with.
        assert_eq!(texts.largest_batch(cut(128), 10, 10_000), (1000.0, 100));
        assert_eq!(texts.largest_batch(cut(128), 20, 100), (20.0 * 55.0, 100));
    }
}
