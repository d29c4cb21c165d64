//! Words of a running text, for tasks that label words.

use std::ops::Range;

/// Splits a text at white space and around every punctuation mark, as BERT's basic tokenizer does. Ranges are characters.
pub fn words_of(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut open: Option<usize> = None;
    let mut length = 0;
    for (place, character) in text.chars().enumerate() {
        length = place + 1;
        let breaks = character.is_whitespace() || character.is_control();
        let alone = !breaks && is_punctuation(character);
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

/// Punctuation and symbols: whatever is neither a letter, a number nor a mark on one.
fn is_punctuation(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_punctuation();
    }
    matches!(character, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}'
        | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '¡' | '§' | '«' | '¶' | '·' | '»' | '¿')
}
