//! From examples to windows that fit an encoder. Nothing is cut off: a text that is too long becomes several windows that
//! overlap, and where words are labelled each is owned by one of them.

use crate::segment::{self, Stretch};
use crate::{AnswerForm, Example, Gold, Pieces, Task, Tokenizer, tags_of};
use rayon::prelude::*;
use std::ops::Range;

/// Pieces of one example that go through the encoder together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub example: usize,
    /// Special tokens included.
    pub ids: Vec<u32>,
    pub segments: Vec<u32>,
    /// The characters that each piece stands for, of the text in segment 0 and of the pair in segment 1; none of a special
    /// token.
    pub characters: Vec<Option<Range<usize>>>,
    /// Where words are labelled: the index of the word whose first piece stands here and which this window owns, else −1.
    pub words: Vec<i32>,
    /// Where words are labelled: the tag at those places, else −100.
    pub targets: Vec<i32>,
}

/// Examples made ready for an encoder.
#[derive(Debug, Clone)]
pub struct Encoded {
    pub task: Task,
    /// In the order of the examples.
    pub windows: Vec<Window>,
    /// Where the windows of each example begin, and at last their number: those of example i are
    /// `first_window[i]..first_window[i + 1]`.
    pub first_window: Vec<usize>,
    /// Where one of several classes is right: that of each example, −100 where it is not known.
    pub classes: Vec<i32>,
    /// For `multilabel`: the labels of each example.
    pub sets: Vec<Vec<usize>>,
    /// For `similarity`: the score of each example, NaN where it is not known.
    pub scores: Vec<f32>,
    /// Examples that need more than one window.
    pub windowed: usize,
    pub pieces: usize,
    /// Share of the pieces that the vocabulary does not know.
    pub unknown_share: f64,
}

impl Encoded {
    pub fn examples(&self) -> usize {
        self.first_window.len() - 1
    }

    /// The windows of an example.
    pub fn of(&self, example: usize) -> &[Window] {
        &self.windows[self.first_window[example]..self.first_window[example + 1]]
    }
}

/// Tokenizes examples and cuts them into windows of at most `max_length` pieces, special tokens included (at least 8).
pub fn encode(tokenizer: &Tokenizer, examples: &[Example], task: Task, max_length: usize) -> Encoded {
    encoded(tokenizer, examples, task, max_length, false)
}

/// The same with the first window alone of texts that get labels as a whole: what stands behind it is cut off.
pub fn encode_cut(tokenizer: &Tokenizer, examples: &[Example], task: Task, max_length: usize) -> Encoded {
    encoded(tokenizer, examples, task, max_length, !task.labels_words())
}

fn encoded(tokenizer: &Tokenizer, examples: &[Example], task: Task, max_length: usize, cut: bool) -> Encoded {
    let max_length = max_length.max(8);
    let parts: Vec<(Vec<Window>, usize, usize)> = examples
        .par_iter()
        .enumerate()
        .map(|(index, example)| {
            let pieces = if task.labels_words() {
                tokenizer.encode_words(&example.text, &example.words)
            } else {
                tokenizer.encode_text(&example.text)
            };
            let pair = example.pair.as_ref().map(|text| tokenizer.encode_text(text));
            let all = pieces.ids.iter().chain(pair.iter().flat_map(|pair| &pair.ids));
            let unknown = all.clone().filter(|&&id| id == tokenizer.unk()).count();
            let total = all.count();
            let mut windows = match pair {
                _ if task.labels_words() => tagged_windows(tokenizer, index, example, &pieces, task, max_length),
                None => single_windows(tokenizer, index, &pieces, max_length),
                Some(pair) => pair_windows(tokenizer, index, &pieces, &pair, max_length),
            };
            if cut {
                windows.truncate(1);
            }
            (windows, unknown, total)
        })
        .collect();
    let mut encoded = Encoded {
        task,
        windows: Vec::new(),
        first_window: vec![0],
        classes: if task.form() == AnswerForm::Class { examples.iter().map(class_of).collect() } else { vec![] },
        sets: if task.form() == AnswerForm::Labels { examples.iter().map(set_of).collect() } else { vec![] },
        scores: if task.form() == AnswerForm::Score { examples.iter().map(score_of).collect() } else { vec![] },
        windowed: parts.iter().filter(|(windows, ..)| windows.len() > 1).count(),
        pieces: parts.iter().map(|(_, _, total)| total).sum(),
        unknown_share: 0.0,
    };
    let unknown: usize = parts.iter().map(|(_, unknown, _)| unknown).sum();
    encoded.unknown_share = unknown as f64 / encoded.pieces.max(1) as f64;
    for (windows, ..) in parts {
        encoded.windows.extend(windows);
        encoded.first_window.push(encoded.windows.len());
    }
    encoded
}

fn class_of(example: &Example) -> i32 {
    match example.gold {
        Some(Gold::Class(class)) => class as i32,
        _ => -100,
    }
}

fn set_of(example: &Example) -> Vec<usize> {
    match &example.gold {
        Some(Gold::Labels(set)) => set.clone(),
        _ => vec![],
    }
}

fn score_of(example: &Example) -> f32 {
    match example.gold {
        Some(Gold::Score(score)) => score as f32,
        _ => f32::NAN,
    }
}

/// Stretches of at most `room` that cover `0..length` and overlap by about a quarter; of equal steps, so that the last one
/// is not a stub. One stretch when all fits, even when there is nothing.
fn stretches(length: usize, room: usize) -> Vec<Range<usize>> {
    if length <= room {
        return std::iter::once(0..length).collect();
    }
    let step = (room - (room / 4).max(1)).max(1);
    let count = (length - room).div_ceil(step) + 1;
    let last = length - room;
    (0..count)
        .map(|index| {
            let start = index * last / (count - 1);
            start..start + room
        })
        .collect()
}

fn single_windows(tokenizer: &Tokenizer, example: usize, pieces: &Pieces, max_length: usize) -> Vec<Window> {
    stretches(pieces.ids.len(), max_length - 2)
        .into_iter()
        .map(|stretch| assemble(tokenizer, example, (pieces, stretch), None))
        .collect()
}

/// Windows over a pair of texts: over the longer one while the shorter stays whole, or, when the shorter alone takes more
/// than half of the room, over both.
fn pair_windows(
    tokenizer: &Tokenizer,
    example: usize,
    first: &Pieces,
    second: &Pieces,
    max_length: usize,
) -> Vec<Window> {
    let room = max_length - 3;
    let (a, b) = (first.ids.len(), second.ids.len());
    let half = room / 2;
    let (room_a, room_b) = match (a + b <= room, a <= half, b <= half) {
        (true, ..) => (a, b),
        (_, true, _) => (a, room - a),
        (_, _, true) => (room - b, b),
        _ => (half, room - half),
    };
    let mut windows = Vec::new();
    for left in stretches(a, room_a) {
        for right in stretches(b, room_b) {
            windows.push(assemble(tokenizer, example, (first, left.clone()), Some((second, right))));
        }
    }
    windows
}

fn tagged_windows(
    tokenizer: &Tokenizer,
    index: usize,
    example: &Example,
    pieces: &Pieces,
    task: Task,
    max_length: usize,
) -> Vec<Window> {
    let tags = match &example.gold {
        Some(Gold::Entities(spans)) => Some(tags_of(task, &example.words, spans)),
        _ => None,
    };
    let is_first = |place: usize| place == 0 || pieces.words[place] != pieces.words[place - 1];
    segment::stretches(&pieces.ids, max_length - 2, &is_first)
        .into_iter()
        .map(|Stretch { window: stretch, owned }| {
            let mut window = assemble(tokenizer, index, (pieces, stretch.clone()), None);
            for place in owned.filter(|&place| is_first(place)) {
                let Some(word) = pieces.words[place] else { continue };
                let at = 1 + place - stretch.start;
                window.words[at] = word as i32;
                if let Some(tags) = &tags {
                    window.targets[at] = tags[word as usize] as i32;
                }
            }
            window
        })
        .collect()
}

/// `[CLS] first [SEP]`, and `second [SEP]` as segment 1.
fn assemble(
    tokenizer: &Tokenizer,
    example: usize,
    first: (&Pieces, Range<usize>),
    second: Option<(&Pieces, Range<usize>)>,
) -> Window {
    let (mut ids, mut characters) = (vec![tokenizer.cls()], vec![None]);
    let mut add = |(pieces, stretch): (&Pieces, Range<usize>)| {
        ids.extend(&pieces.ids[stretch.clone()]);
        ids.push(tokenizer.sep());
        characters.extend(pieces.offsets[stretch].iter().cloned().map(Some));
        characters.push(None);
        ids.len()
    };
    let mut segments = vec![0; add(first)];
    if let Some(second) = second {
        segments.resize(add(second), 1);
    }
    let length = segments.len();
    Window { example, ids, segments, characters, words: vec![-1; length], targets: vec![-100; length] }
}
