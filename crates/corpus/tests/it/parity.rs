//! Pieces and offsets as transformers gives them. The committed values come from a small vocabulary and hard sentences; those
//! of real encoders and real sentences are made by `cargo xtask parity`.

use crate::{fetched_encoder, fixture};
use corpus::Tokenizer;
use serde::Deserialize;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// See `tests/golden/tokens.py`.
#[derive(Deserialize)]
struct Golden {
    sentence: String,
    text: GoldenPieces,
    words: GoldenPieces,
}

#[derive(Deserialize)]
struct GoldenPieces {
    ids: Vec<u32>,
    offsets: Vec<(usize, usize)>,
    /// The word of each piece, where words were given.
    words: Option<Vec<Option<u32>>>,
}

/// The stretches between single spaces, which may be empty.
fn between_spaces(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let words = text.split(' ').map(|word| {
        let range = start..start + word.chars().count();
        start = range.end + 1;
        range
    });
    words.collect()
}

/// Compares every sentence of a golden file; returns their number.
fn check(tokenizer: &Tokenizer, golden: &Path) -> usize {
    let content = fs::read_to_string(golden).unwrap();
    for line in content.lines() {
        let Golden { sentence, text, words } = serde_json::from_str(line).unwrap();
        let range = |&(start, end): &(usize, usize)| start..end;
        let found = tokenizer.encode_text(&sentence);
        assert_eq!(found.ids, text.ids, "{sentence:?}");
        assert_eq!(found.offsets, text.offsets.iter().map(range).collect::<Vec<_>>(), "{sentence:?}");

        let ranges = between_spaces(&sentence);
        let found = tokenizer.encode_words(&sentence, &ranges);
        assert_eq!(found.ids, words.ids, "{sentence:?} in words");
        let homes = words.words.unwrap();
        let shifted = words.offsets.iter().zip(&homes).map(|(&(start, end), home)| {
            let base = ranges[home.unwrap() as usize].start;
            base + start..base + end
        });
        assert_eq!(found.offsets, shifted.collect::<Vec<_>>(), "{sentence:?} in words");
        assert_eq!(found.words, homes, "{sentence:?} in words");
    }
    content.lines().count()
}

#[test]
fn hard_sentences() {
    for folder in ["cased", "uncased"] {
        let tokenizer = Tokenizer::load(&fixture(folder)).unwrap();
        assert_eq!(check(&tokenizer, &fixture(folder).join("tokens.jsonl")), 36);
    }
}

/// `tokens-ENCODER.jsonl` in the folder BALLAST_PARITY holds the values for an encoder.
#[test]
fn real_sentences() {
    let Some(golden) = std::env::var_os("BALLAST_PARITY").map(PathBuf::from) else {
        return eprintln!("skipped: BALLAST_PARITY names no folder of values; `cargo xtask parity` makes them");
    };
    for name in ["bert-tiny", "minilm-l6"] {
        let values = golden.join(format!("tokens-{name}.jsonl"));
        if !values.is_file() {
            eprintln!("skipped: there is no {}", values.display());
            continue;
        }
        let Some(encoder) = fetched_encoder(name) else { continue };
        let sentences = check(&Tokenizer::load(&encoder).unwrap(), &values);
        println!("{name}: pieces and offsets of {sentences} sentences are equal");
        assert!(sentences >= 1000);
    }
}
