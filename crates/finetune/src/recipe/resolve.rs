//! From what a user asked for to a recipe in which nothing is left open.

use super::{Choices, Keep, Preset, Recipe, RecipeError, settings};
use corpus::Task;
use encoder::{Config, Family};

/// Size of an encoder as the presets distinguish it: large has more than 12 layers.
fn is_large(config: &Config) -> bool {
    config.num_hidden_layers > 12
}

/// What holds under these presets unless a user says otherwise. Every setting has a value but those that may stay open; those that belong
/// to a preset have the value that they would have under it.
pub fn defaults(presets: &[Preset], config: &Config) -> Choices {
    let has = |preset| presets.contains(&preset);
    let rate = match (config.family, has(Preset::LayerwiseDecay)) {
        (Family::Electra, true) if is_large(config) => 5e-5,
        (Family::Electra, true) => 1e-4,
        _ if has(Preset::Long) => 2e-5,
        _ => 3e-5,
    };
    Choices {
        presets: if presets.is_empty() { vec![Preset::Standard] } else { presets.to_vec() },
        seed: Some(1),
        order_seed: None,
        epochs: Some(if has(Preset::Long) { 20 } else { 10 }),
        batch_size: Some(16),
        accumulate: Some(1),
        learning_rate: Some(rate),
        warmup: Some(0.1),
        weight_decay: Some(0.01),
        clip_norm: Some(1.0),
        // Mixout takes the place of dropout.
        dropout: Some(if has(Preset::Mixout) { 0.0 } else { 0.1 }),
        max_length: Some(256.min(config.max_position_embeddings)),
        keep: Some(Keep::Best),
        patience: None,
        give_up: None,
        class_weights: Some(false),
        keep_head: Some(false),
        freeze_layers: Some(config.num_hidden_layers / 2),
        freeze_dropout: Some(false),
        decay: Some(if is_large(config) { 0.9 } else { 0.8 }),
        reinit_layers: Some(1),
        mixout: Some(0.9),
    }
}

/// Fills in what the user left open: first from the presets, then from the defaults all presets share.
pub fn resolve(choices: &Choices, task: Task, config: &Config) -> Result<Recipe, RecipeError> {
    let all = choices.clone().over(defaults(&choices.presets, config));
    for setting in settings(config, all.batch_size.unwrap_or(1)) {
        if setting.is_active(&all.presets) {
            setting.check(&all)?;
        }
    }
    let recipe = complete(all, task).expect("the defaults leave nothing open");
    let (frozen, reinit, layers) = (recipe.frozen_layers.unwrap_or(0), recipe.reinit_layers, config.num_hidden_layers);
    if frozen + reinit > layers {
        return Err(RecipeError::FreezeMeetsReinit { frozen, reinit, layers });
    }
    Ok(recipe)
}

/// A recipe of settings of which only `order_seed`, `patience` and `give_up` may be open. What belongs to a preset that is not chosen is left out.
fn complete(all: Choices, task: Task) -> Option<Recipe> {
    let has = |preset| all.presets.contains(&preset);
    Some(Recipe {
        task,
        seed: all.seed?,
        order_seed: all.order_seed,
        epochs: all.epochs?,
        batch_size: all.batch_size?,
        accumulate: all.accumulate?,
        learning_rate: all.learning_rate?,
        warmup: all.warmup?,
        weight_decay: all.weight_decay?,
        clip_norm: all.clip_norm?,
        dropout: all.dropout?,
        max_length: all.max_length?,
        keep: all.keep?,
        patience: all.patience,
        give_up: all.give_up,
        // Scores have no classes to weigh.
        class_weights: all.class_weights? && task.form() != corpus::AnswerForm::Score,
        keep_head: all.keep_head?,
        frozen_layers: if has(Preset::Freeze) { Some(all.freeze_layers?) } else { None },
        frozen_dropout: all.freeze_dropout?,
        decay: if has(Preset::LayerwiseDecay) { all.decay? } else { 1.0 },
        reinit_layers: if has(Preset::ReinitTop) { all.reinit_layers? } else { 0 },
        mixout: if has(Preset::Mixout) { all.mixout? } else { 0.0 },
        pretrained_decay: has(Preset::PretrainedDecay),
        bias_correction: !has(Preset::NoBiasCorrection),
        presets: all.presets,
        truncate: false,
    })
}
