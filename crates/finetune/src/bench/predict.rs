//! Prediction on texts by an encoder with a new head.

use super::median;
use crate::TrainError;
use crate::event::Control;
use crate::predict::answer;
use corpus::{Example, Task, Tokenizer};
use encoder::{Compute, HeadKind};
use std::path::Path;
use std::time::Instant;

/// The median seconds to classify all `texts` into two classes, of `repeats` times; tokens are made before.
pub fn bench_predict(
    encoder: &Path,
    texts: &[String],
    repeats: usize,
    compute: &Compute,
    report: &mut dyn FnMut(String),
) -> Result<f64, TrainError> {
    let tokenizer = Tokenizer::load(encoder)?;
    let (model, _) = encoder::load_pretrained(encoder, HeadKind::Sequence, 2, 1, &compute.inference())?;
    let example = |(index, text): (usize, &String)| Example {
        id: index.to_string(),
        text: text.clone(),
        pair: None,
        words: Vec::new(),
        gold: None,
        group: None,
        document: None,
        line: index + 1,
    };
    let examples: Vec<Example> = texts.iter().enumerate().map(example).collect();
    let longest = model.config.max_position_embeddings.min(512);
    let encoded = corpus::encode(&tokenizer, &examples, Task::Classification, longest);
    let mut seconds = Vec::new();
    for repeat in 0..repeats {
        let began = Instant::now();
        let mut progress = |_, _| Control::Continue;
        answer(&model, &encoded, &examples, tokenizer.pad(), compute, None, &mut progress)?;
        seconds.push(began.elapsed().as_secs_f64());
        report(format!("repeat {repeat} {:.3} s", seconds[repeat]));
    }
    Ok(median(&seconds))
}
