//! Batches of about equal length, in an order that is random and yet repeatable.

use crate::{Encoded, Task};
use random::{Purpose, Stream};

/// Batches that are sorted by length together. Larger neighbourhoods mean less padding and less randomness.
const NEIGHBOURHOOD: usize = 50;

/// Flat vectors for one pass through the encoder, `rows · length` each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The examples in it.
    pub examples: Vec<usize>,
    /// Windows in it.
    pub rows: usize,
    pub length: usize,
    pub ids: Vec<i32>,
    pub segments: Vec<i32>,
    /// 1 for a piece, 0 for padding.
    pub mask: Vec<i32>,
    pub words: Vec<i32>,
    /// For `ner` one tag a place, −100 where none counts; for `classification` one class an example.
    pub targets: Vec<i32>,
    /// To which entry of `examples` each row belongs.
    pub row_example: Vec<usize>,
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
    for neighbourhood in order.chunks_mut(NEIGHBOURHOOD * batch_size) {
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

/// Puts the windows of some examples side by side, padded to the longest, rounded up to a multiple of `multiple` but never
/// beyond `longest`.
pub fn collate(encoded: &Encoded, examples: &[usize], pad_id: u32, multiple: usize, longest: usize) -> Batch {
    let needed = examples.iter().map(|&example| longest_window(encoded, example)).max().unwrap_or(0);
    let length = needed.next_multiple_of(multiple.max(1)).min(longest.max(needed));
    let mut batch = Batch {
        examples: examples.to_vec(),
        rows: 0,
        length,
        ids: Vec::new(),
        segments: Vec::new(),
        mask: Vec::new(),
        words: Vec::new(),
        targets: Vec::new(),
        row_example: Vec::new(),
    };
    for (place, &example) in examples.iter().enumerate() {
        for window in encoded.of(example) {
            let padding = length - window.ids.len();
            let padded = |values: &[i32], filler: i32| {
                values.iter().copied().chain(std::iter::repeat_n(filler, padding)).collect::<Vec<_>>()
            };
            batch.ids.extend(window.ids.iter().map(|&id| id as i32).chain(std::iter::repeat_n(pad_id as i32, padding)));
            batch
                .segments
                .extend(window.segments.iter().map(|&segment| segment as i32).chain(std::iter::repeat_n(0, padding)));
            batch.mask.extend(padded(&vec![1; window.ids.len()], 0));
            batch.words.extend(padded(&window.words, -1));
            if encoded.task == Task::Ner {
                batch.targets.extend(padded(&window.targets, -100));
            }
            batch.row_example.push(place);
            batch.rows += 1;
        }
        if encoded.task == Task::Classification {
            batch.targets.push(encoded.classes[example]);
        }
    }
    batch
}
