//! A recipe: every setting of a run, resolved. Presets are named parts of it.
//!
//! Sources: Gu et al. 2020 (sec. 2.5) for the shared settings; Tinn et al. 2023 for which technique stabilizes which encoder;
//! Clark et al. 2020 for the decay factor; Zhang et al. 2021 for re-initialization and the exponents of the decay;
//! Mosbach et al. 2021 for `long`.

use corpus::Task;
use encoder::{Config, Family};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    Standard,
    Freeze,
    LayerwiseDecay,
    ReinitTop,
    Long,
}

impl Preset {
    pub const ALL: [Preset; 5] =
        [Preset::Standard, Preset::Freeze, Preset::LayerwiseDecay, Preset::ReinitTop, Preset::Long];

    pub fn name(self) -> &'static str {
        match self {
            Preset::Standard => "standard",
            Preset::Freeze => "freeze",
            Preset::LayerwiseDecay => "layerwise-decay",
            Preset::ReinitTop => "reinit-top",
            Preset::Long => "long",
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = RecipeError;

    fn from_str(name: &str) -> Result<Self, RecipeError> {
        Preset::ALL
            .into_iter()
            .find(|preset| preset.name() == name)
            .ok_or_else(|| RecipeError::UnknownPreset { name: name.into() })
    }
}

/// Reads `freeze` or `freeze+reinit-top`.
pub fn parse_presets(text: &str) -> Result<Vec<Preset>, RecipeError> {
    text.split('+').map(|name| name.trim().parse()).collect()
}

/// Which weights a run keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Those of the epoch with the best score on dev.
    Best,
    /// Those after the last step.
    Last,
}

/// What a user asked for. Whatever is `None` gets the preset's value, or else the default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Choices {
    pub presets: Vec<Preset>,
    pub seed: Option<u64>,
    pub epochs: Option<usize>,
    pub batch_size: Option<usize>,
    pub accumulate: Option<usize>,
    pub learning_rate: Option<f64>,
    pub warmup: Option<f64>,
    pub weight_decay: Option<f64>,
    pub clip_norm: Option<f64>,
    pub dropout: Option<f64>,
    pub max_length: Option<usize>,
    pub keep: Option<Keep>,
    pub patience: Option<usize>,
    pub class_weights: Option<bool>,
    /// Layers to freeze (`freeze.k`).
    #[serde(rename = "freeze.k")]
    pub freeze_layers: Option<usize>,
    /// Keep dropout in frozen layers, as a plain Trainer would (`freeze.dropout`).
    #[serde(rename = "freeze.dropout")]
    pub freeze_dropout: Option<bool>,
    /// Decay factor (`layerwise-decay.d`).
    #[serde(rename = "layerwise-decay.d")]
    pub decay: Option<f64>,
    /// Layers to draw anew (`reinit-top.l`).
    #[serde(rename = "reinit-top.l")]
    pub reinit_layers: Option<usize>,
}

impl Choices {
    /// Sets one value by its name in a recipe file, as in `--set freeze.k=6`. Empty `presets` means "as recommended".
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), RecipeError> {
        let mut fields =
            serde_json::to_value(&*self).map_err(|error| RecipeError::File { reason: error.to_string() })?;
        let known = fields.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        if !known.iter().any(|name| name == key) {
            return Err(RecipeError::UnknownSetting { key: key.into(), known: known.join(", ") });
        }
        let parsed = match key {
            "presets" => serde_json::to_value(parse_presets(value)?).unwrap_or_default(),
            _ => serde_json::from_str(value).unwrap_or_else(|_| serde_json::Value::String(value.into())),
        };
        fields[key] = parsed;
        *self = serde_json::from_value(fields).map_err(|error| RecipeError::BadValue {
            key: key.into(),
            value: value.into(),
            reason: error.to_string(),
        })?;
        Ok(())
    }

    /// Reads a recipe file (JSON with the names of this struct's fields).
    pub fn from_json(text: &str) -> Result<Self, RecipeError> {
        serde_json::from_str(text).map_err(|error| RecipeError::File { reason: error.to_string() })
    }

    /// These choices over others: whatever is set here wins.
    pub fn over(self, base: Choices) -> Choices {
        Choices {
            presets: if self.presets.is_empty() { base.presets } else { self.presets },
            seed: self.seed.or(base.seed),
            epochs: self.epochs.or(base.epochs),
            batch_size: self.batch_size.or(base.batch_size),
            accumulate: self.accumulate.or(base.accumulate),
            learning_rate: self.learning_rate.or(base.learning_rate),
            warmup: self.warmup.or(base.warmup),
            weight_decay: self.weight_decay.or(base.weight_decay),
            clip_norm: self.clip_norm.or(base.clip_norm),
            dropout: self.dropout.or(base.dropout),
            max_length: self.max_length.or(base.max_length),
            keep: self.keep.or(base.keep),
            patience: self.patience.or(base.patience),
            class_weights: self.class_weights.or(base.class_weights),
            freeze_layers: self.freeze_layers.or(base.freeze_layers),
            freeze_dropout: self.freeze_dropout.or(base.freeze_dropout),
            decay: self.decay.or(base.decay),
            reinit_layers: self.reinit_layers.or(base.reinit_layers),
        }
    }
}

/// Every setting of a run, resolved: nothing is left to decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Recipe {
    pub task: Task,
    pub presets: Vec<Preset>,
    pub seed: u64,
    pub epochs: usize,
    /// Examples a step.
    pub batch_size: usize,
    /// Parts into which a batch is cut to save memory; their gradients are summed before the step.
    pub accumulate: usize,
    pub learning_rate: f64,
    /// Share of all steps over which the learning rate rises.
    pub warmup: f64,
    pub weight_decay: f64,
    pub clip_norm: f64,
    pub dropout: f64,
    /// Longest window in pieces, special tokens included.
    pub max_length: usize,
    pub keep: Keep,
    /// Epochs without a better dev score after which a run stops early; `None` never does.
    pub patience: Option<usize>,
    /// Weigh each class by n / (classes · its count) in the loss (King and Zeng 2001; scikit-learn's "balanced").
    pub class_weights: bool,
    /// Embeddings and this many lowest layers get no gradient. `None`: everything is trained.
    pub frozen_layers: Option<usize>,
    pub frozen_dropout: bool,
    /// Factor by which the learning rate shrinks from one layer to the next below; 1 is no decay.
    pub decay: f64,
    /// Top layers (and pooler) drawn anew before training.
    pub reinit_layers: usize,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecipeError {
    #[error(
        "there is no preset \"{name}\"; choose among standard, freeze, layerwise-decay, reinit-top, long, combined with +"
    )]
    UnknownPreset { name: String },
    #[error("there is no setting \"{key}\"; the settings are: {known}")]
    UnknownSetting { key: String, known: String },
    #[error("\"{value}\" is not a value for {key}: {reason}")]
    BadValue { key: String, value: String, reason: String },
    #[error("{key} is {value}, but must be {allowed}")]
    OutOfRange { key: &'static str, value: String, allowed: String },
    #[error(
        "freezing {frozen} layers and drawing {reinit} anew is more than the encoder's {layers} layers; lower freeze.k or reinit-top.l"
    )]
    FreezeMeetsReinit { frozen: usize, reinit: usize, layers: usize },
    #[error("the recipe file cannot be read: {reason}")]
    File { reason: String },
}

/// Size of an encoder as the presets distinguish it: large has more than 12 layers.
fn is_large(config: &Config) -> bool {
    config.num_hidden_layers > 12
}

fn check(key: &'static str, value: f64, allowed: &str, fine: bool) -> Result<(), RecipeError> {
    if fine {
        return Ok(());
    }
    Err(RecipeError::OutOfRange { key, value: value.to_string(), allowed: allowed.into() })
}

/// Fills in what the user left open: first from the presets, then from the defaults all presets share.
pub fn resolve(choices: &Choices, task: Task, config: &Config) -> Result<Recipe, RecipeError> {
    let has = |preset| choices.presets.contains(&preset);
    let layers = config.num_hidden_layers;
    let decays = has(Preset::LayerwiseDecay);
    let default_rate = match (config.family, decays) {
        (Family::Electra, true) if is_large(config) => 5e-5,
        (Family::Electra, true) => 1e-4,
        _ if has(Preset::Long) => 2e-5,
        _ => 3e-5,
    };
    let positions = config.max_position_embeddings;
    let recipe = Recipe {
        task,
        presets: if choices.presets.is_empty() { vec![Preset::Standard] } else { choices.presets.clone() },
        seed: choices.seed.unwrap_or(1),
        epochs: choices.epochs.unwrap_or(if has(Preset::Long) { 20 } else { 10 }),
        batch_size: choices.batch_size.unwrap_or(16),
        accumulate: choices.accumulate.unwrap_or(1),
        learning_rate: choices.learning_rate.unwrap_or(default_rate),
        warmup: choices.warmup.unwrap_or(0.1),
        weight_decay: choices.weight_decay.unwrap_or(0.01),
        clip_norm: choices.clip_norm.unwrap_or(1.0),
        dropout: choices.dropout.unwrap_or(0.1),
        max_length: choices.max_length.unwrap_or(256.min(positions)),
        keep: choices.keep.unwrap_or(Keep::Best),
        patience: choices.patience,
        class_weights: choices.class_weights.unwrap_or(false),
        frozen_layers: has(Preset::Freeze).then(|| choices.freeze_layers.unwrap_or(layers / 2)),
        frozen_dropout: choices.freeze_dropout.unwrap_or(false),
        decay: if decays { choices.decay.unwrap_or(if is_large(config) { 0.9 } else { 0.8 }) } else { 1.0 },
        reinit_layers: if has(Preset::ReinitTop) { choices.reinit_layers.unwrap_or(1) } else { 0 },
    };
    let rate = recipe.learning_rate;
    check("learning-rate", rate, "above 0 and at most 0.1", rate > 0.0 && rate <= 0.1)?;
    check("epochs", recipe.epochs as f64, "from 1 to 1000", (1..=1000).contains(&recipe.epochs))?;
    check("batch-size", recipe.batch_size as f64, "from 1 to 1024", (1..=1024).contains(&recipe.batch_size))?;
    let parts = recipe.accumulate;
    check("accumulate", parts as f64, "from 1 to the batch size", (1..=recipe.batch_size).contains(&parts))?;
    check("warmup", recipe.warmup, "from 0 to below 1", (0.0..1.0).contains(&recipe.warmup))?;
    check("weight-decay", recipe.weight_decay, "from 0 to 1", (0.0..=1.0).contains(&recipe.weight_decay))?;
    check("clip-norm", recipe.clip_norm, "above 0", recipe.clip_norm > 0.0)?;
    check("dropout", recipe.dropout, "from 0 to below 1", (0.0..1.0).contains(&recipe.dropout))?;
    check("layerwise-decay.d", recipe.decay, "above 0 and at most 1", recipe.decay > 0.0 && recipe.decay <= 1.0)?;
    check(
        "max-length",
        recipe.max_length as f64,
        &format!("from 8 to the encoder's {positions} positions"),
        (8..=positions).contains(&recipe.max_length),
    )?;
    check("patience", recipe.patience.unwrap_or(1) as f64, "at least 1", recipe.patience != Some(0))?;
    let frozen = recipe.frozen_layers.unwrap_or(0);
    check("freeze.k", frozen as f64, &format!("from 0 to the encoder's {layers} layers"), frozen <= layers)?;
    let reinit = recipe.reinit_layers;
    check("reinit-top.l", reinit as f64, &format!("from 0 to the encoder's {layers} layers"), reinit <= layers)?;
    if frozen + reinit > layers {
        return Err(RecipeError::FreezeMeetsReinit { frozen, reinit, layers });
    }
    Ok(recipe)
}

/// A preset to start with, and why, in one sentence with its source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    pub presets: Vec<Preset>,
    pub reason: String,
}

/// The rules of the literature; the first that matches wins, and few examples add `long`.
pub fn recommend(config: &Config, train_examples: usize) -> Recommendation {
    let (first, mut reason) = if config.family == Family::Electra || config.num_hidden_layers >= 24 {
        (
            Preset::LayerwiseDecay,
            "Layerwise learning-rate decay stabilizes ELECTRA and large encoders (Tinn et al. 2023).".to_string(),
        )
    } else if config.num_hidden_layers <= 12 {
        (
            Preset::Freeze,
            "Freezing the lower layers stabilizes BERT encoders of base size (Tinn et al. 2023); half of the layers is our default."
                .to_string(),
        )
    } else {
        (
            Preset::Standard,
            "No technique is known to help an encoder of this size; the standard recipe is used.".to_string(),
        )
    };
    let mut presets = vec![first];
    if train_examples < 1000 {
        presets.push(Preset::Long);
        reason.push_str(
            " With fewer than 1000 examples, training longer with a small learning rate makes failed runs rarer (Mosbach et al. 2021); run several seeds.",
        );
    }
    Recommendation { presets, reason }
}
