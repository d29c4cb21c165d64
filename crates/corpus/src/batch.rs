//! Batches of about equal length, in an order that is random and yet repeatable.

use crate::{AnswerForm, Encoded};
use random::{Purpose, Stream};

/// Batches that are sorted by length together, at the most. Larger neighbourhoods mean less padding and less randomness.
const NEIGHBOURHOOD: usize = 50;

/// Neighbourhoods that an epoch has at the least: few examples sorted as a whole would meet the same others in every epoch.
const FEWEST_NEIGHBOURHOODS: usize = 8;

/// Flat vectors for one pass through the encoder, one entry a row, window after window.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The examples in it.
    pub examples: Vec<usize>,
    pub windows: Vec<WindowRows>,
    pub ids: Vec<i32>,
    pub segments: Vec<i32>,
    /// The word of a row, −1 where there is none.
    pub words: Vec<i32>,
    /// Where words are labelled one tag a row, −100 where none counts; where one of several classes is right, one class an
    /// example.
    pub targets: Vec<i32>,
    /// For `multilabel`: the labels of each example.
    pub sets: Vec<Vec<usize>>,
    /// For `similarity`: the score of each example.
    pub scores: Vec<f32>,
}

/// The rows of one window in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowRows {
    /// Its place among all windows.
    pub index: usize,
    /// To which entry of `examples` it belongs.
    pub example: usize,
    pub length: usize,
    /// How many of the rows, from the first, are no padding.
    pub pieces: usize,
}

/// How windows are made equally long, for devices that want it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Padding {
    /// The vocabulary's padding piece.
    pub id: u32,
    /// Lengths are rounded up to a multiple of it,
    pub multiple: usize,
    /// but never beyond this.
    pub longest: usize,
}

fn longest_window(encoded: &Encoded, example: usize) -> usize {
    encoded.of(example).iter().map(|window| window.ids.len()).max().unwrap_or(0)
}

/// The batches of an epoch, as indices of examples; every example once. Within a shuffled neighbourhood batches are of
/// about equal length, and their order is shuffled again.
pub fn epoch_batches(encoded: &Encoded, batch_size: usize, seed: u64, epoch: usize) -> Vec<Vec<usize>> {
    let mut stream = Stream::new(seed, Purpose::Order, [epoch as u32, 0]);
    let mut order: Vec<usize> = (0..encoded.examples()).collect();
    stream.shuffle(&mut order);
    let batches = order.len().div_ceil(batch_size);
    let together = (batches / FEWEST_NEIGHBOURHOODS).clamp(1, NEIGHBOURHOOD);
    for neighbourhood in order.chunks_mut(together * batch_size) {
        neighbourhood.sort_by_key(|&example| longest_window(encoded, example));
    }
    let mut batches: Vec<Vec<usize>> = order.chunks(batch_size).map(<[usize]>::to_vec).collect();
    stream.shuffle(&mut batches);
    batches
}

/// All examples by length, the longest first, so that a batch too large for the memory is met at once.
pub fn sorted_batches(encoded: &Encoded, batch_size: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..encoded.examples()).collect();
    order.sort_by_key(|&example| std::cmp::Reverse(longest_window(encoded, example)));
    order.chunks(batch_size).map(<[usize]>::to_vec).collect()
}

/// Puts the windows of some examples one after the other, all of their own length when there is no padding.
pub fn collate(encoded: &Encoded, examples: &[usize], padding: Option<Padding>) -> Batch {
    let needed = examples.iter().map(|&example| longest_window(encoded, example)).max().unwrap_or(0);
    let common =
        padding.map(|padding| needed.next_multiple_of(padding.multiple.max(1)).min(padding.longest.max(needed)));
    let filler = padding.map_or(0, |padding| padding.id as i32);
    let mut batch = Batch {
        examples: examples.to_vec(),
        windows: Vec::new(),
        ids: Vec::new(),
        segments: Vec::new(),
        words: Vec::new(),
        targets: Vec::new(),
        sets: Vec::new(),
        scores: Vec::new(),
    };
    for (place, &example) in examples.iter().enumerate() {
        for (index, window) in (encoded.first_window[example]..).zip(encoded.of(example)) {
            let pieces = window.ids.len();
            let length = common.unwrap_or(pieces);
            let end = batch.ids.len() + length;
            batch.ids.extend(window.ids.iter().map(|&id| id as i32));
            batch.ids.resize(end, filler);
            batch.segments.extend(window.segments.iter().map(|&segment| segment as i32));
            batch.segments.resize(end, 0);
            batch.words.extend(&window.words);
            batch.words.resize(end, -1);
            if encoded.task.labels_words() {
                batch.targets.extend(&window.targets);
                batch.targets.resize(end, -100);
            }
            batch.windows.push(WindowRows { index, example: place, length, pieces });
        }
        match encoded.task.form() {
            AnswerForm::Class => batch.targets.push(encoded.classes[example]),
            AnswerForm::Labels => batch.sets.push(encoded.sets[example].clone()),
            AnswerForm::Score => batch.scores.push(encoded.scores[example]),
            AnswerForm::Spans => {}
        }
    }
    batch
}
