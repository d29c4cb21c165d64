//! Time and memory of a run before it is started: a plain model of its shape (see `memory` and `work`), and how fast the
//! device computes.

mod memory;
mod speed;
mod texts;
mod work;

pub use speed::{Speeds, measure_speed};

use crate::devices::memory_of;
use crate::library::{EncoderEntry, encoders};
use crate::proposal::{Outline, Wish, config_of, outline};
use crate::{Lengths, StudioError};
use corpus::Dataset;
use encoder::Config;
use finetune::{Preset, Recipe, resolve};
use memory::{Rows, parameters};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::cmp::Reverse;
use texts::{Cut, Texts};
use work::{Amount, Prefix};

/// Time and memory of a run, guessed from its shape and from how fast the device is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Estimate {
    /// Seconds for the whole run; `None` when the device's speed is not known.
    pub seconds: Option<f64>,
    /// Bytes at the peak.
    pub memory: u64,
    /// Bytes that are free for it; `None` where the device does not tell.
    pub available: Option<u64>,
    pub fit: Fit,
    /// What would make it smaller, the best first; empty when it fits.
    pub advice: Vec<Advice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    Fits,
    /// It needs more than three quarters of what is free.
    Tight,
    TooLarge,
    Unknown,
}

/// A change of one setting that saves memory, and what the run would need then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Advice {
    /// A setting's key, or `encoder`.
    pub key: String,
    pub value: String,
    pub memory: u64,
}

/// Texts that are read at once when nothing is learnt.
const READ_AT_ONCE: usize = 32;

/// Bytes a second in which checkpoints and weights reach a disk, about, and the seconds in which a run is made ready.
const WRITTEN: f64 = 300e6;
const PREPARING: f64 = 1.0;

/// Windows are not advised to be shorter than this: a sentence should fit.
const SHORTEST: usize = 64;

/// Bytes of frozen outputs that are kept at all (see [`finetune::Prefixes`]).
const KEPT_ON_DISK: f64 = 16.0 * (1u64 << 30) as f64;

/// Time and memory of what a wish asks for. `lengths` are those of the texts in the encoder's word pieces; without them they
/// are guessed from words. `speed` is what [`measure_speed`] found for the device and the encoder's hidden size.
pub fn estimate(
    dataset: &Dataset,
    wish: &Wish,
    lengths: Option<&Lengths>,
    speed: Option<f64>,
) -> Result<Estimate, StudioError> {
    let found = outline(dataset, wish)?;
    let load = Load {
        texts: lengths.map_or_else(|| Texts::guessed(dataset), Texts::counted),
        splits: [dataset.train.len(), dataset.dev.len(), dataset.test.len()],
        outputs: found.outputs,
        multiple: found.compute.length_multiple().unwrap_or(1),
        fused: found.compute.is_cpu(),
    };
    let memory = load.memory(&found.recipe, &found.config);
    let available = memory_of(&found.compute).map(|memory| memory.free.unwrap_or(memory.total));
    let fit = fit(memory, available);
    let advice = match available {
        Some(available) if fit != Fit::Fits => load.advice(&found, available, encoders().unwrap_or_default()),
        _ => Vec::new(),
    };
    let seconds = speed.map(|speed| load.seconds(&found.recipe, &found.config, speed));
    Ok(Estimate { seconds, memory, available, fit, advice })
}

fn fit(memory: u64, available: Option<u64>) -> Fit {
    match available {
        None => Fit::Unknown,
        Some(available) if memory <= available / 4 * 3 => Fit::Fits,
        Some(available) if memory <= available => Fit::Tight,
        Some(_) => Fit::TooLarge,
    }
}

/// What is to be trained on, and with what kind of device.
struct Load {
    texts: Texts,
    /// Examples to train on, for dev and for test.
    splits: [usize; 3],
    outputs: usize,
    multiple: usize,
    fused: bool,
}

impl Load {
    fn cut(&self, recipe: &Recipe) -> Cut {
        Cut { max_length: recipe.max_length, multiple: self.multiple, labels_words: recipe.task.labels_words() }
    }

    /// Whether outputs of frozen layers are kept, and what they take on average.
    fn prefix(&self, recipe: &Recipe, config: &Config) -> (Prefix, [f64; 3]) {
        let tokens = self.texts.mean(self.cut(recipe)).tokens;
        let rows = self.splits.map(|examples| examples as f64 * tokens);
        let bytes = rows.iter().sum::<f64>() * config.hidden_size as f64 * 4.0;
        match recipe.frozen_layers {
            Some(_) if !recipe.frozen_dropout && bytes <= KEPT_ON_DISK => (Prefix::Kept, rows),
            _ => (Prefix::Anew, [0.0; 3]),
        }
    }

    /// Bytes at the peak.
    fn memory(&self, recipe: &Recipe, config: &Config) -> u64 {
        let largest = |batch: usize| {
            let (tokens, longest) = self.texts.largest_batch(self.cut(recipe), batch, self.splits[0]);
            Rows { tokens, longest }
        };
        let part = recipe.batch_size.div_ceil(recipe.accumulate);
        let step = memory::step(recipe, config, self.outputs, largest(part), self.fused);
        let reading = memory::reading(config, largest(READ_AT_ONCE).tokens);
        let prefixes = memory::kept_prefixes(config, self.prefix(recipe, config).1);
        memory::run(parameters(recipe, config, self.outputs), step.max(reading), prefixes, self.fused)
    }

    /// Seconds of the whole run on a device of `speed` operations a second.
    fn seconds(&self, recipe: &Recipe, config: &Config, speed: f64) -> f64 {
        let parameters = parameters(recipe, config, self.outputs);
        let amount = Amount { splits: self.splits, mean: self.texts.mean(self.cut(recipe)) };
        let (prefix, _) = self.prefix(recipe, config);
        let work = work::run(recipe, config, self.outputs, parameters.trained, amount, prefix);
        // A checkpoint an epoch, and now and then the best weights.
        let written = recipe.epochs as f64 * memory::state(parameters) as f64 + 3.0 * 4.0 * parameters.all as f64;
        PREPARING + work / speed + written / WRITTEN
    }

    /// The single changes with which the run would fit, the one that changes least of what is learnt first.
    fn advice(&self, found: &Outline, available: u64, library: Vec<EncoderEntry>) -> Vec<Advice> {
        let fits = |recipe: &Recipe, config: &Config| {
            let memory = self.memory(recipe, config);
            (fit(memory, Some(available)) == Fit::Fits).then_some(memory)
        };
        let recipe = &found.recipe;
        let change = |key: &str, value: String| {
            let mut choices = found.choices.clone();
            choices.set(key, &value).ok()?;
            let changed = resolve(&choices, recipe.task, &found.config).ok()?;
            let memory = fits(&changed, &found.config)?;
            Some(Advice { key: key.into(), value, memory })
        };
        let first = |key: &str, values: Vec<usize>| values.iter().find_map(|value| change(key, value.to_string()));
        let changes = [
            first("accumulate", doubled(recipe.accumulate, recipe.batch_size)),
            first("max-length", halved(recipe.max_length, SHORTEST)),
            freezing(found).and_then(|(key, value)| change(key, value)),
            first("batch-size", halved(recipe.batch_size, recipe.accumulate)),
            smaller_encoder(found, library, &fits),
        ];
        changes.into_iter().flatten().collect()
    }
}

/// Twice, four times, ... a count, at most `most`.
fn doubled(count: usize, most: usize) -> Vec<usize> {
    (1..).map_while(|times| Some(count << times).filter(|&more| more <= most)).collect()
}

/// A half, a quarter, ... of a count, at least `least`.
fn halved(count: usize, least: usize) -> Vec<usize> {
    (1..).map_while(|times| Some(count >> times).filter(|&fewer| fewer >= least.max(1))).collect()
}

/// The change that freezes half of the layers, where fewer are frozen.
fn freezing(found: &Outline) -> Option<(&'static str, String)> {
    let half = found.config.num_hidden_layers / 2;
    match found.recipe.frozen_layers {
        Some(frozen) if frozen < half => Some(("freeze.k", half.to_string())),
        Some(_) => None,
        None => {
            let others = found.recipe.presets.iter().filter(|preset| **preset != Preset::Standard);
            let names: Vec<&str> = std::iter::once(&Preset::Freeze).chain(others).map(|preset| preset.name()).collect();
            Some(("presets", names.join("+")))
        }
    }
}

/// The largest pretrained encoder in the library that is smaller than the one wished for and would fit under the same
/// choices.
fn smaller_encoder(
    found: &Outline,
    mut library: Vec<EncoderEntry>,
    fits: &dyn Fn(&Recipe, &Config) -> Option<u64>,
) -> Option<Advice> {
    library.retain(|entry| entry.parameters < found.entry.parameters && !entry.folder.ends_with("random-starter"));
    library.sort_by_key(|entry| Reverse(entry.parameters));
    library.into_iter().find_map(|entry| {
        let config = config_of(&entry).ok()?;
        let recipe = resolve(&found.choices, found.recipe.task, &config).ok()?;
        let memory = fits(&recipe, &config)?;
        Some(Advice { key: "encoder".into(), value: entry.name, memory })
    })
}

#[cfg(test)]
mod tests;
