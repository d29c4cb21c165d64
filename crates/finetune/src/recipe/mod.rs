//! A recipe: every setting of a run, resolved. Presets are named parts of it.
//!
//! Sources: Gu et al. 2020 (sec. 2.5) for the shared settings; Tinn et al. 2023 for which technique stabilizes which encoder;
//! Clark et al. 2020 for the decay factor; Zhang et al. 2021 for re-initialization and the exponents of the decay;
//! Mosbach et al. 2021 for `long`. The last three are not recommended to anyone; studies compare with them: Adam without bias
//! correction (as in Devlin et al. 2019; Mosbach et al. 2021, section 6), Lee et al. 2020 for `mixout`, Wiese et al. 2017 for
//! `pretrained-decay`.

mod recommend;
mod resolve;
mod settings;

pub use recommend::{Reason, Recommendation, Remedy, recommend, remedy};
pub use resolve::{defaults, resolve};
pub use settings::{Setting, SettingKind, settings};

use corpus::Task;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    Standard,
    Freeze,
    LayerwiseDecay,
    ReinitTop,
    Long,
    Mixout,
    PretrainedDecay,
    NoBiasCorrection,
}

impl Preset {
    pub const ALL: [Preset; 8] = [
        Preset::Standard,
        Preset::Freeze,
        Preset::LayerwiseDecay,
        Preset::ReinitTop,
        Preset::Long,
        Preset::Mixout,
        Preset::PretrainedDecay,
        Preset::NoBiasCorrection,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Preset::Standard => "standard",
            Preset::Freeze => "freeze",
            Preset::LayerwiseDecay => "layerwise-decay",
            Preset::ReinitTop => "reinit-top",
            Preset::Long => "long",
            Preset::Mixout => "mixout",
            Preset::PretrainedDecay => "pretrained-decay",
            Preset::NoBiasCorrection => "no-bias-correction",
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Those of the epoch with the best score on dev.
    Best,
    /// Those after the last step.
    Last,
}

/// What a user asked for. Whatever is `None` gets the preset's value, or else the default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, specta::Type)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Choices {
    pub presets: Vec<Preset>,
    pub seed: Option<u64>,
    pub order_seed: Option<u64>,
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
    pub give_up: Option<f64>,
    pub class_weights: Option<bool>,
    /// Go on with the head of an encoder that was trained for a task already, label by label.
    pub keep_head: Option<bool>,
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
    /// Probability with which a pretrained weight takes the place of the trained one (`mixout.p`).
    #[serde(rename = "mixout.p")]
    pub mixout: Option<f64>,
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
            order_seed: self.order_seed.or(base.order_seed),
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
            give_up: self.give_up.or(base.give_up),
            class_weights: self.class_weights.or(base.class_weights),
            keep_head: self.keep_head.or(base.keep_head),
            freeze_layers: self.freeze_layers.or(base.freeze_layers),
            freeze_dropout: self.freeze_dropout.or(base.freeze_dropout),
            decay: self.decay.or(base.decay),
            reinit_layers: self.reinit_layers.or(base.reinit_layers),
            mixout: self.mixout.or(base.mixout),
        }
    }
}

/// Every setting of a run, resolved: nothing is left to decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub struct Recipe {
    pub task: Task,
    pub presets: Vec<Preset>,
    /// Of new weights; of everything else too, unless `order_seed` is given.
    pub seed: u64,
    /// Of the order of the examples, dropout and mixout; `None`: the same as `seed`.
    #[serde(default)]
    pub order_seed: Option<u64>,
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
    /// Share of the epochs after which a run that is still no better than guessing on dev is given up; `None` never is.
    #[serde(default)]
    pub give_up: Option<f64>,
    /// Weigh each class by n / (classes · its count) in the loss (King and Zeng 2001; scikit-learn's "balanced").
    pub class_weights: bool,
    /// Go on with the head of an encoder that was trained for a task already, label by label; else it is drawn anew.
    #[serde(default)]
    pub keep_head: bool,
    /// Embeddings and this many lowest layers get no gradient. `None`: everything is trained.
    pub frozen_layers: Option<usize>,
    pub frozen_dropout: bool,
    /// Factor by which the learning rate shrinks from one layer to the next below; 1 is no decay.
    pub decay: f64,
    /// Top layers (and pooler) drawn anew before training.
    pub reinit_layers: usize,
    /// Probability with which a pretrained weight takes the place of the trained one in a step; 0 is no mixout.
    #[serde(default)]
    pub mixout: f64,
    /// Weights decay towards the pretrained ones rather than towards 0.
    #[serde(default)]
    pub pretrained_decay: bool,
    /// Whether Adam's moments are corrected for their start at 0.
    #[serde(default = "yes")]
    pub bias_correction: bool,
    /// Cut texts off at the longest window instead of reading the rest in further ones, to compare with those who do.
    #[serde(default)]
    pub truncate: bool,
}

fn yes() -> bool {
    true
}

impl Recipe {
    /// The seed of the order of the examples, dropout and mixout.
    pub fn order_seed(&self) -> u64 {
        self.order_seed.unwrap_or(self.seed)
    }
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecipeError {
    #[error(
        "there is no preset \"{name}\"; choose among standard, freeze, layerwise-decay, reinit-top, long, mixout, pretrained-decay, no-bias-correction, combined with +"
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
