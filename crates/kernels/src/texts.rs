//! Which rows of a flattened batch are which text.

use std::sync::Arc;

/// One text: `length` rows from `start` on, of which the first `visible` are attended to and the rest is padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    pub start: usize,
    pub length: usize,
    pub visible: usize,
}

/// The texts of a batch, whose rows follow one another without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts(Arc<[Text]>);

impl Texts {
    /// From the length of each text and how much of it is no padding.
    pub fn new(lengths: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut start = 0;
        let place = |(length, visible)| {
            assert!(visible <= length, "a text of {length} rows cannot have {visible} that are seen");
            let text = Text { start, length, visible };
            start += length;
            text
        };
        Self(lengths.into_iter().map(place).collect())
    }

    /// Texts padded to one length, with a mask that is 1 where there is no padding.
    pub fn padded(mask: &[i32], length: usize) -> Self {
        Self::new(mask.chunks(length).map(|row| (length, row.iter().filter(|&&real| real == 1).count())))
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All rows together.
    pub fn rows(&self) -> usize {
        self.0.last().map_or(0, |text| text.start + text.length)
    }

    pub fn iter(&self) -> impl Iterator<Item = Text> + '_ {
        self.0.iter().copied()
    }

    pub fn get(&self, index: usize) -> Text {
        self.0[index]
    }

    /// The length that all texts have, if it is the same.
    pub fn common_length(&self) -> Option<usize> {
        let length = self.0.first()?.length;
        self.0.iter().all(|text| text.length == length).then_some(length)
    }
}
