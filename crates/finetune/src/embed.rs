//! Texts as vectors, so that likeness can be measured.

use crate::TrainError;
use crate::event::Control;
use crate::predict::{BATCH, inputs, padding};
use corpus::{Encoded, Example, Task, Tokenizer};
use encoder::{Compute, HeadKind, Model, floats};
use std::path::Path;

/// The mean of the last hidden states over all pieces of an example, special tokens included, brought to length 1 (Reimers and
/// Gurevych 2019, section 3).
pub(crate) fn embed(
    model: &Model,
    encoded: &Encoded,
    pad: u32,
    compute: &Compute,
    progress: &mut dyn FnMut(usize, usize) -> Control,
) -> Result<Vec<Vec<f32>>, TrainError> {
    let (hidden, examples) = (model.config.hidden_size, encoded.examples());
    let mut vectors = vec![vec![0.0f32; hidden]; examples];
    let mut done = 0;
    for chosen in corpus::sorted_batches(encoded, BATCH) {
        let batch = corpus::collate(encoded, &chosen, padding(model, pad, compute));
        let states = floats(model.prefix(&inputs(&batch), model.layers.len()));
        let mut rows = states.chunks(hidden);
        for window in &batch.windows {
            let sum = &mut vectors[chosen[window.example]];
            for row in rows.by_ref().take(window.length).take(window.pieces) {
                sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            // Padding stands behind the pieces.
            rows.by_ref().take(window.length - window.pieces).for_each(drop);
        }
        done += chosen.len();
        if progress(done, examples) != Control::Continue {
            return Err(TrainError::Stopped);
        }
    }
    kernels::release_memory();
    for vector in &mut vectors {
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            vector.iter_mut().for_each(|value| *value /= length);
        }
    }
    Ok(vectors)
}

/// A pretrained encoder that makes vectors, before any model is trained.
pub struct Embedder {
    model: Model,
    tokenizer: Tokenizer,
    compute: Compute,
    max_length: usize,
}

impl Embedder {
    pub fn load(folder: &Path, compute: &Compute) -> Result<Self, TrainError> {
        let (model, _) = encoder::load_pretrained(folder, HeadKind::Sequence, 1, 0, &compute.inference())?;
        let tokenizer = Tokenizer::load(folder)?;
        let max_length = model.config.max_position_embeddings.min(256);
        Ok(Self { model, tokenizer, compute: compute.clone(), max_length })
    }

    pub fn embed(
        &self,
        examples: &[Example],
        progress: &mut dyn FnMut(usize, usize) -> Control,
    ) -> Result<Vec<Vec<f32>>, TrainError> {
        let encoded = corpus::encode(&self.tokenizer, examples, Task::Classification, self.max_length);
        embed(&self.model, &encoded, self.tokenizer.pad(), &self.compute, progress)
    }
}
