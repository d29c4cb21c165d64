//! Which presets to start with, and why: the rules of the literature.

use super::{Preset, Recipe};
use corpus::Task;
use encoder::{Config, Family};
use serde::{Deserialize, Serialize};

/// Why presets are recommended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Similarity with little data: draw the top layers anew (Tinn et al. 2023).
    ReinitTop,
    /// ELECTRA or a large encoder: layerwise decay (Tinn et al. 2023).
    LayerwiseDecay,
    /// BERT with 12 layers or fewer: freeze the lower ones (Tinn et al. 2023).
    Freeze,
    /// No technique is known to help.
    Standard,
    /// Fewer than 1000 examples: train longer (Mosbach et al. 2021).
    Long,
}

impl Reason {
    fn preset(self) -> Preset {
        match self {
            Reason::ReinitTop => Preset::ReinitTop,
            Reason::LayerwiseDecay => Preset::LayerwiseDecay,
            Reason::Freeze => Preset::Freeze,
            Reason::Standard => Preset::Standard,
            Reason::Long => Preset::Long,
        }
    }

    /// One sentence with its source.
    pub fn sentence(self) -> &'static str {
        match self {
            Reason::ReinitTop => {
                "Drawing the top layers anew helps most where the similarity of few pairs is to be learnt (Tinn et al. 2023)."
            }
            Reason::LayerwiseDecay => {
                "Layerwise learning-rate decay stabilizes ELECTRA and large encoders (Tinn et al. 2023)."
            }
            Reason::Freeze => {
                "Freezing the lower layers stabilizes BERT encoders of base size (Tinn et al. 2023); half of the layers is our default."
            }
            Reason::Standard => "No technique is known to help an encoder of this size; the standard recipe is used.",
            Reason::Long => {
                "With fewer than 1000 examples, training longer with a small learning rate makes failed runs rarer (Mosbach et al. 2021); run several seeds."
            }
        }
    }
}

/// Presets to start with, and a reason for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    pub presets: Vec<Preset>,
    pub reasons: Vec<Reason>,
}

impl Recommendation {
    /// All reasons in words.
    pub fn sentences(&self) -> String {
        self.reasons.iter().map(|reason| reason.sentence()).collect::<Vec<_>>().join(" ")
    }
}

/// With fewer examples than this there is little data.
const FEW: usize = 1000;

/// The rules of the literature; the first that matches wins, and few examples add `long`.
pub fn recommend(config: &Config, task: Task, train_examples: usize) -> Recommendation {
    let few = train_examples < FEW;
    let first = if task == Task::Similarity && few {
        Reason::ReinitTop
    } else if config.family == Family::Electra || config.num_hidden_layers >= 24 {
        Reason::LayerwiseDecay
    } else if config.num_hidden_layers <= 12 {
        Reason::Freeze
    } else {
        Reason::Standard
    };
    let mut reasons = vec![first];
    if few {
        reasons.push(Reason::Long);
    }
    Recommendation { presets: reasons.iter().map(|reason| reason.preset()).collect(), reasons }
}

/// What usually helps a run that has collapsed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Remedy {
    pub presets: Vec<Preset>,
    /// Where the present one is to blame.
    pub learning_rate: Option<f64>,
}

/// A learning rate above which collapses are usual (Mosbach et al. 2021, section 6).
const HIGH_RATE: f64 = 5e-5;

/// What to try instead of a recipe that has collapsed: with bias correction where it was left out, else with what is
/// recommended for the encoder, and longer, where that was not done already; and not at a high learning rate.
pub fn remedy(recipe: &Recipe, config: &Config, train_examples: usize) -> Remedy {
    let uncorrected = recipe.presets.contains(&Preset::NoBiasCorrection);
    let mut presets = if uncorrected {
        recipe.presets.iter().copied().filter(|preset| *preset != Preset::NoBiasCorrection).collect()
    } else {
        recommend(config, recipe.task, train_examples).presets
    };
    let known = |presets: &[Preset]| presets.iter().all(|preset| recipe.presets.contains(preset));
    if known(&presets) && !uncorrected && !presets.contains(&Preset::Long) {
        presets.push(Preset::Long);
    }
    if presets.is_empty() {
        presets.push(Preset::Standard);
    }
    // Layerwise decay has a higher rate of its own.
    let high = recipe.learning_rate > HIGH_RATE && recipe.decay == 1.0;
    let nothing_new = known(&presets) && !uncorrected;
    let learning_rate = if high { Some(3e-5) } else { nothing_new.then_some(recipe.learning_rate / 3.0) };
    Remedy { presets, learning_rate }
}
