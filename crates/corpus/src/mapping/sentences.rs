//! Sentences of a running text.

use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// What ends in a full stop without ending a sentence.
const ABBREVIATIONS: [&str; 24] = [
    "dr.", "mr.", "mrs.", "ms.", "prof.", "st.", "vs.", "approx.", "no.", "fig.", "figs.", "e.g.", "i.e.", "cf.",
    "ca.", "al.", "resp.", "ref.", "refs.", "spp.", "sp.", "inc.", "pt.", "eq.",
];

/// The sentences of a text as character ranges, without the white space around them: Unicode's boundaries (UAX 29), but for
/// those behind an abbreviation or inside of one of `whole`, stretches that must stay in one piece.
pub fn sentences_of(text: &str, whole: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut sentences: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    let mut joins = false;
    for part in text.split_sentence_bounds() {
        let length = part.chars().count();
        let (start, end) = (at, at + length);
        at = end;
        match sentences.last_mut() {
            Some(last) if joins => last.end = end,
            _ => sentences.push(start..end),
        }
        let last_word = part.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
        let initial =
            last_word.chars().count() == 2 && last_word.ends_with('.') && last_word.starts_with(char::is_alphabetic);
        let line_ends = part.ends_with(['\n', '\r']);
        joins = whole.iter().any(|range| range.start < end && end < range.end)
            || (!line_ends && (initial || ABBREVIATIONS.contains(&last_word.trim_start_matches('('))));
    }
    let characters: Vec<char> = text.chars().collect();
    let trimmed = |range: Range<usize>| {
        let inside = &characters[range.clone()];
        let lead = inside.iter().take_while(|c| c.is_whitespace()).count();
        let tail = inside[lead..].iter().rev().take_while(|c| c.is_whitespace()).count();
        range.start + lead..range.end - tail
    };
    sentences.into_iter().map(trimmed).filter(|range| !range.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, whole: &[Range<usize>]) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        sentences_of(text, whole).into_iter().map(|range| characters[range].iter().collect()).collect()
    }

    #[test]
    fn sentences_end_at_full_stops_and_lines() {
        assert_eq!(
            cut("Aspirin in case 0. It does!  Does it?\r\nNo heading\nFever 38.5 °C. 🩺 ok.", &[]),
            ["Aspirin in case 0.", "It does!", "Does it?", "No heading", "Fever 38.5 °C. 🩺 ok."]
        );
        assert!(cut(" \n ", &[]).is_empty());
    }

    #[test]
    fn abbreviations_initials_and_entities_stay_whole() {
        assert_eq!(
            cut("Dr. Smith saw J. Doe (cf. Fig. 2). He left.", &[]),
            ["Dr. Smith saw J. Doe (cf. Fig. 2).", "He left."]
        );
        assert_eq!(
            cut("Given St. Jude. X wort. Then.", std::slice::from_ref(&(6..23))),
            ["Given St. Jude. X wort.", "Then."]
        );
    }
}
