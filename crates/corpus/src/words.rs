//! Words of a running text, for tasks that label words.

use std::ops::Range;
use unicode_categories::UnicodeCategories;

/// Splits a text at white space and around every punctuation mark and CJK ideograph, as BERT's basic tokenizer does. Ranges are
/// characters.
pub fn words_of(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut open: Option<usize> = None;
    let mut length = 0;
    for (place, character) in text.chars().enumerate() {
        length = place + 1;
        let breaks = character.is_whitespace() || character.is_control();
        let alone = !breaks && (is_punctuation(character) || is_ideograph(character));
        if (breaks || alone)
            && let Some(start) = open.take()
        {
            words.push(start..place);
        }
        if alone {
            words.push(place..place + 1);
        } else if !breaks && open.is_none() {
            open = Some(place);
        }
    }
    if let Some(start) = open {
        words.push(start..length);
    }
    words
}

/// Unicode punctuation (P*), and the symbols of ASCII.
fn is_punctuation(character: char) -> bool {
    character.is_ascii_punctuation() || character.is_punctuation()
}

/// The blocks that BERT takes for Chinese: it makes every character in them a word.
fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{2a6df}' | '\u{2a700}'..='\u{2b81f}' | '\u{2b920}'..='\u{2ceaf}' | '\u{2f800}'..='\u{2fa1f}')
}
