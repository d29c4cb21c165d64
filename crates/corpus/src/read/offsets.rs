//! Places in a text as other programs count them, and lines as people count them.

use std::ops::Range;

/// What an offset counts. Formats mean characters, but programs in Java or JavaScript count the halves of those beyond the
/// basic plane, and some in C the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Characters,
    Utf16,
    Bytes,
}

impl Unit {
    pub fn name(self) -> &'static str {
        match self {
            Unit::Characters => "characters",
            Unit::Utf16 => "UTF-16 code units",
            Unit::Bytes => "UTF-8 bytes",
        }
    }

    /// How many of it a text is long.
    pub fn length(self, text: &str) -> usize {
        match self {
            Unit::Characters => text.chars().count(),
            Unit::Utf16 => text.chars().map(char::len_utf16).sum(),
            Unit::Bytes => text.len(),
        }
    }
}

/// A text with the place of each of its characters in every unit.
pub struct Counted<'a> {
    text: &'a str,
    /// Where each character begins and the last one ends.
    bytes: Vec<usize>,
    utf16: Vec<usize>,
}

impl<'a> Counted<'a> {
    pub fn new(text: &'a str) -> Self {
        let bytes = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let mut utf16 = vec![0];
        let mut end = 0;
        utf16.extend(text.chars().map(|character| {
            end += character.len_utf16();
            end
        }));
        Self { text, bytes, utf16 }
    }

    /// Its length in characters.
    pub fn length(&self) -> usize {
        self.bytes.len() - 1
    }

    /// The character at an offset; `None` outside of the text and within a character.
    pub fn character(&self, offset: usize, unit: Unit) -> Option<usize> {
        match unit {
            Unit::Characters => (offset <= self.length()).then_some(offset),
            Unit::Utf16 => self.utf16.binary_search(&offset).ok(),
            Unit::Bytes => self.bytes.binary_search(&offset).ok(),
        }
    }

    /// The characters that ranges of a unit mean.
    pub fn characters(&self, ranges: &[Range<usize>], unit: Unit) -> Option<Vec<Range<usize>>> {
        ranges.iter().map(|r| Some(self.character(r.start, unit)?..self.character(r.end, unit)?)).collect()
    }

    /// What stands in ranges of characters, joined by spaces; `None` where one lies outside of the text.
    pub fn surface(&self, ranges: &[Range<usize>]) -> Option<String> {
        let part = |range: &Range<usize>| self.text.get(*self.bytes.get(range.start)?..*self.bytes.get(range.end)?);
        let parts: Option<Vec<&str>> = ranges.iter().map(part).collect();
        Some(parts?.join(" "))
    }

    /// Whether that is what stands in the ranges. Formats write line ends and tabs as spaces, and differ in how they join
    /// the parts of what is discontinuous.
    pub fn fits(&self, ranges: &[Range<usize>], surface: &str) -> bool {
        let space = |character: char| character.is_whitespace() || character.is_control();
        let words = |text: &str| text.split(space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let ends = |text: &str| (text.starts_with(space), text.ends_with(space));
        self.surface(ranges).is_some_and(|found| {
            if ranges.len() > 1 {
                return words(&found).replace(' ', "") == words(surface).replace(' ', "");
            }
            found == surface || (words(&found) == words(surface) && ends(&found) == ends(surface))
        })
    }
}

/// How many of a file's spans fit what the file says stands there, by unit.
#[derive(Default)]
pub struct Evidence {
    characters: usize,
    utf16: usize,
    bytes: usize,
}

impl Evidence {
    pub fn add(&mut self, text: &Counted, ranges: &[Range<usize>], surface: &str) {
        for (unit, count) in
            [(Unit::Characters, &mut self.characters), (Unit::Utf16, &mut self.utf16), (Unit::Bytes, &mut self.bytes)]
        {
            *count += usize::from(text.characters(ranges, unit).is_some_and(|ranges| text.fits(&ranges, surface)));
        }
    }

    /// What the file counts in: characters unless more spans fit otherwise.
    pub fn unit(&self) -> Unit {
        match self.characters.max(self.utf16).max(self.bytes) {
            most if most == self.characters => Unit::Characters,
            most if most == self.utf16 => Unit::Utf16,
            _ => Unit::Bytes,
        }
    }
}

/// Where the lines of a text begin.
pub struct Lines(Vec<usize>);

impl Lines {
    pub fn new(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    /// The line, from 1, of a byte.
    pub fn at(&self, byte: usize) -> usize {
        self.0.partition_point(|&start| start <= byte) + 1
    }
}
