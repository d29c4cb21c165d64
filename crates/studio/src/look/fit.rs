//! How well the vocabularies of the library's encoders fit the texts: a domain's own vocabulary makes fine-tuning more robust
//! (Tinn et al. 2023, section 4).

use super::view::DomainFit;
use crate::StudioError;
use crate::library::{EncoderEntry, encoders, inspect};
use corpus::{Dataset, Example, Tokenizer, words_of};
use finetune::TrainError;
use rayon::prelude::*;
use std::collections::HashSet;

/// More texts than this are looked at by an even sample.
const MOST: usize = 2000;

/// One line an encoder, the best fitting first.
pub fn fits(dataset: &Dataset) -> Result<Vec<DomainFit>, StudioError> {
    fits_while(dataset, &|| true)
}

/// The same as long as `on` says so.
pub fn fits_while(dataset: &Dataset, on: &dyn Fn() -> bool) -> Result<Vec<DomainFit>, StudioError> {
    let all: Vec<&Example> = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test).collect();
    let every = all.len().div_ceil(MOST).max(1);
    let sample: Vec<&Example> = all.into_iter().step_by(every).collect();
    let mut found = Vec::new();
    for entry in encoders()? {
        if !on() {
            return Err(corpus::DataError::Cancelled.into());
        }
        // An encoder that cannot be used says so in the library.
        found.extend(fit(&entry, &sample));
    }
    found.sort_by(|a, b| a.pieces_per_word.total_cmp(&b.pieces_per_word));
    Ok(found)
}

fn fit(entry: &EncoderEntry, examples: &[&Example]) -> Result<DomainFit, StudioError> {
    let tokenizer = Tokenizer::load(&entry.folder).map_err(TrainError::from)?;
    let positions = inspect(&entry.folder)?.config.max_position_embeddings;
    let counts: Vec<[usize; 5]> = examples
        .par_iter()
        .map(|example| {
            let [mut words, mut pieces, mut split, mut unknown] = [0; 4];
            let texts = std::iter::once(&example.text).chain(&example.pair);
            let mut parts = 1;
            for text in texts {
                let places = words_of(text);
                let found = tokenizer.encode_words(text, &places);
                let continued = found.words.windows(2).filter(|pair| pair[0].is_some() && pair[0] == pair[1]);
                let several: HashSet<Option<u32>> = continued.map(|pair| pair[0]).collect();
                words += places.len();
                pieces += found.ids.len();
                split += several.len();
                unknown += found.ids.iter().filter(|&&id| id == tokenizer.unk()).count();
                parts += 1;
            }
            [words, pieces, split, unknown, usize::from(pieces + parts > positions)]
        })
        .collect();
    let sum = |place: usize| counts.iter().map(|count| count[place]).sum::<usize>() as f64;
    let share = |part: f64, whole: f64| if whole == 0.0 { 0.0 } else { part / whole };
    Ok(DomainFit {
        encoder: entry.name.clone(),
        title: entry.title.clone(),
        pieces_per_word: share(sum(1), sum(0)),
        split_words: share(sum(2), sum(0)),
        unknown: share(sum(3), sum(1)),
        longer: share(sum(4), counts.len() as f64),
        positions,
    })
}
