//! What a wish comes to: the encoder's shape, the recipe and the device, found without training or checking anything.

use super::Wish;
use crate::StudioError;
use crate::devices::passed_device;
use crate::library::{EncoderEntry, find_encoder, inspect};
use crate::recommended::{Recommended, recommended};
use corpus::Dataset;
use encoder::{Compute, Config, HeadKind, Part};
use finetune::{Choices, Recipe, parameter_count, resolve};

pub(crate) struct Outline {
    pub entry: EncoderEntry,
    pub config: Config,
    pub recommendation: Recommended,
    /// What the user chose, with the recommended presets where there were none.
    pub choices: Choices,
    pub recipe: Recipe,
    pub compute: Compute,
    /// Outputs of the head: classes, or tags.
    pub outputs: usize,
}

pub(crate) fn outline(dataset: &Dataset, wish: &Wish) -> Result<Outline, StudioError> {
    let entry = find_encoder(&wish.encoder)?;
    let config = config_of(&entry)?;
    let recommendation = recommended(dataset, &entry, &config);
    let mut choices = wish.choices.clone();
    if choices.presets.is_empty() {
        choices.presets = recommendation.presets.clone();
    }
    let recipe = resolve(&choices, dataset.task, &config)?;
    let compute = passed_device(wish.device.as_deref())?;
    let outputs = dataset.task.outputs(&dataset.labels).len();
    Ok(Outline { entry, config, recommendation, choices, recipe, compute, outputs })
}

impl Outline {
    /// The optimizer steps of the whole run.
    pub fn steps(&self, examples: usize) -> usize {
        examples.div_ceil(self.recipe.batch_size) * self.recipe.epochs
    }
}

/// The shape of an encoder as its weights have it. Where `config.json` alone explains as many parameters as were counted, the
/// weights need not be looked at again.
pub(crate) fn config_of(entry: &EncoderEntry) -> Result<Config, StudioError> {
    let config = Config { family: entry.family, ..Config::read(&entry.folder)? };
    let count = |part| parameter_count(&config, HeadKind::Token, 0, part);
    let parameters = count(Part::Embeddings) + config.num_hidden_layers * count(Part::Layer(0));
    if parameters == entry.parameters { Ok(config) } else { Ok(inspect(&entry.folder)?.config) }
}
