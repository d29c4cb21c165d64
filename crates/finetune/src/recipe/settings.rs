//! The settings of a recipe and their limits: the one list by which recipes are checked and screens are drawn.

use super::{Choices, Preset, RecipeError};
use encoder::Config;
use serde::{Deserialize, Serialize};

/// A setting and the values it may have.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its name in [`Choices`] and in a recipe file.
    pub key: &'static str,
    pub kind: SettingKind,
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Whether `min` (or `max`) itself is allowed.
    pub min_allowed: bool,
    pub max_allowed: bool,
    /// What `max` stands for, where the number alone says little.
    pub max_words: Option<String>,
    /// The preset under which alone it does something.
    pub preset: Option<Preset>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum SettingKind {
    Integer,
    Number,
    Switch,
    Keep,
}

/// Every setting but the presets, on an encoder and with a batch of `batch_size` examples, which limits `accumulate`.
pub fn settings(config: &Config, batch_size: usize) -> Vec<Setting> {
    let (positions, layers) = (config.max_position_embeddings, config.num_hidden_layers);
    let of_encoder = |count: usize, what: &str| format!("the encoder's {count} {what}");
    vec![
        integer("seed", 0),
        integer("order-seed", 0),
        integer("epochs", 1).up_to(1000.0),
        integer("batch-size", 1).up_to(1024.0),
        integer("accumulate", 1).up_to(batch_size as f64).named(format!("the batch size, {batch_size}")),
        number("learning-rate").above(0.0).up_to(0.1),
        number("warmup").from(0.0).below(1.0),
        number("weight-decay").from(0.0).up_to(1.0),
        number("clip-norm").above(0.0),
        number("dropout").from(0.0).below(1.0),
        integer("max-length", 8).up_to(positions as f64).named(of_encoder(positions, "positions")),
        setting("keep", SettingKind::Keep),
        integer("patience", 1),
        number("give-up").above(0.0).up_to(1.0),
        setting("class-weights", SettingKind::Switch),
        setting("keep-head", SettingKind::Switch),
        integer("freeze.k", 0).up_to(layers as f64).named(of_encoder(layers, "layers")).only(Preset::Freeze),
        setting("freeze.dropout", SettingKind::Switch).only(Preset::Freeze),
        number("layerwise-decay.d").above(0.0).up_to(1.0).only(Preset::LayerwiseDecay),
        integer("reinit-top.l", 0).up_to(layers as f64).named(of_encoder(layers, "layers")).only(Preset::ReinitTop),
        number("mixout.p").from(0.0).below(1.0).only(Preset::Mixout),
    ]
}

fn setting(key: &'static str, kind: SettingKind) -> Setting {
    Setting { key, kind, min: None, max: None, min_allowed: true, max_allowed: true, max_words: None, preset: None }
}

fn integer(key: &'static str, min: u32) -> Setting {
    setting(key, SettingKind::Integer).from(f64::from(min))
}

fn number(key: &'static str) -> Setting {
    setting(key, SettingKind::Number)
}

impl Setting {
    fn from(self, min: f64) -> Self {
        Self { min: Some(min), ..self }
    }

    fn above(self, min: f64) -> Self {
        Self { min: Some(min), min_allowed: false, ..self }
    }

    fn up_to(self, max: f64) -> Self {
        Self { max: Some(max), ..self }
    }

    fn below(self, max: f64) -> Self {
        Self { max: Some(max), max_allowed: false, ..self }
    }

    fn named(self, max: String) -> Self {
        Self { max_words: Some(max), ..self }
    }

    fn only(self, preset: Preset) -> Self {
        Self { preset: Some(preset), ..self }
    }

    /// Whether it does anything under these presets.
    pub fn is_active(&self, presets: &[Preset]) -> bool {
        self.preset.is_none_or(|preset| presets.contains(&preset))
    }

    /// Whether it may have this value.
    pub fn allows(&self, value: f64) -> bool {
        let above = self.min.is_none_or(|min| value > min || (self.min_allowed && value == min));
        let below = self.max.is_none_or(|max| value < max || (self.max_allowed && value == max));
        above && below && !value.is_nan()
    }

    /// The values it may have, in words: "from 0 to below 1".
    pub fn allowed(&self) -> String {
        let max = self.max.map(|max| self.max_words.clone().unwrap_or_else(|| max.to_string()));
        match (self.min, max, self.min_allowed, self.max_allowed) {
            (Some(min), Some(max), true, true) => format!("from {min} to {max}"),
            (Some(min), Some(max), true, false) => format!("from {min} to below {max}"),
            (Some(min), Some(max), false, true) => format!("above {min} and at most {max}"),
            (Some(min), Some(max), false, false) => format!("above {min} and below {max}"),
            (Some(min), None, true, _) => format!("at least {min}"),
            (Some(min), None, false, _) => format!("above {min}"),
            (None, Some(max), _, true) => format!("at most {max}"),
            (None, Some(max), _, false) => format!("below {max}"),
            (None, None, ..) => "a number".into(),
        }
    }

    /// Refuses a value among `choices` that is not allowed.
    pub(super) fn check(&self, choices: &Choices) -> Result<(), RecipeError> {
        match number_of(choices, self.key) {
            Some(value) if !self.allows(value) => {
                Err(RecipeError::OutOfRange { key: self.key, value: value.to_string(), allowed: self.allowed() })
            }
            _ => Ok(()),
        }
    }
}

/// The number that was chosen for a setting, where it has one.
fn number_of(choices: &Choices, key: &str) -> Option<f64> {
    let whole = |count: Option<usize>| count.map(|count| count as f64);
    match key {
        "epochs" => whole(choices.epochs),
        "batch-size" => whole(choices.batch_size),
        "accumulate" => whole(choices.accumulate),
        "learning-rate" => choices.learning_rate,
        "warmup" => choices.warmup,
        "weight-decay" => choices.weight_decay,
        "clip-norm" => choices.clip_norm,
        "dropout" => choices.dropout,
        "max-length" => whole(choices.max_length),
        "patience" => whole(choices.patience),
        "give-up" => choices.give_up,
        "freeze.k" => whole(choices.freeze_layers),
        "layerwise-decay.d" => choices.decay,
        "reinit-top.l" => whole(choices.reinit_layers),
        "mixout.p" => choices.mixout,
        // Every seed is fine, and the others have no number.
        _ => None,
    }
}
