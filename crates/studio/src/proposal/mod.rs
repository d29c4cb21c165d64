//! What a recipe would do, before it is started: its settings, and what each layer learns.

mod command;
mod outline;

pub(crate) use command::{command_line, quoted, study_command};
pub use finetune::{Reason, SettingKind};
pub(crate) use outline::{Outline, config_of, outline};

use crate::{Evidence, StudioError};
use corpus::Dataset;
use encoder::{Family, Part};
use finetune::{Choices, Group, Preset, Recipe, defaults, groups, settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;

/// Which run a user is about to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Wish {
    /// A name in the library, or `starter`.
    pub encoder: String,
    /// Without presets the recommended ones are used.
    pub choices: Choices,
    /// `None`: the best device that has passed its self-check.
    pub device: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Proposal {
    pub recommended: Vec<Preset>,
    pub reasons: Vec<Reason>,
    /// Where the user's own study says more than the literature.
    pub evidence: Option<Evidence>,
    pub recipe: Recipe,
    /// Bottom to top: embeddings, layers, pooler, head.
    pub groups: Vec<GroupView>,
    pub settings: Vec<Setting>,
    /// The device on which it would run, by name.
    pub device: String,
    pub family: Family,
    pub layers: usize,
    /// Training examples, and the optimizer steps of the whole run.
    pub examples: usize,
    pub steps: usize,
    /// The command that does the same in a terminal.
    pub command: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum GroupPart {
    Embeddings,
    /// From 1, the lowest first.
    Layer(usize),
    Pooler,
    Head,
}

/// What one part of the encoder does in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct GroupView {
    pub part: GroupPart,
    /// The peak, at the end of the warm-up; `None` when frozen.
    pub learning_rate: Option<f64>,
    /// Drawn anew before training.
    pub reinitialized: bool,
    pub parameters: usize,
}

/// A setting of the recipe with its limits. `key` is its name in [`Choices`] and in a recipe file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Setting {
    pub key: String,
    pub kind: SettingKind,
    /// As it would be now: a number, `true`, `false`, `best`, `last`, or empty for "never".
    pub value: String,
    /// As it would be had the user not touched it.
    pub default: String,
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Whether `min` (or `max`) itself is allowed.
    pub min_allowed: bool,
    pub max_allowed: bool,
    /// Whether it does anything under the present presets.
    pub active: bool,
}

/// What a wish comes to on a dataset that was read from `data`. Nothing is trained and no device is checked: one that has not
/// passed its self-check is refused. A value out of its limits fails with [`StudioError::Recipe`].
pub fn propose(dataset: &Dataset, data: &str, wish: &Wish) -> Result<Proposal, StudioError> {
    let found = outline(dataset, wish)?;
    Ok(Proposal {
        groups: groups(&found.recipe, &found.config, found.outputs).iter().map(group_view).collect(),
        settings: setting_views(&found),
        device: found.compute.name.clone(),
        family: found.config.family,
        layers: found.config.num_hidden_layers,
        examples: dataset.train.len(),
        steps: found.steps(dataset.train.len()),
        command: command_line(data, &dataset.options, wish, &found.recipe.presets),
        recommended: found.recommendation.presets,
        reasons: found.recommendation.reasons,
        evidence: found.recommendation.evidence,
        recipe: found.recipe,
    })
}

fn group_view(group: &Group) -> GroupView {
    GroupView {
        part: match group.part {
            Part::Embeddings => GroupPart::Embeddings,
            Part::Layer(index) => GroupPart::Layer(index + 1),
            Part::Pooler => GroupPart::Pooler,
            Part::Head => GroupPart::Head,
        },
        learning_rate: (!group.frozen).then_some(group.learning_rate),
        reinitialized: group.reinitialized,
        parameters: group.parameters,
    }
}

fn setting_views(found: &Outline) -> Vec<Setting> {
    let presets = &found.recipe.presets;
    let untouched = defaults(presets, &found.config);
    let [now, default] = [found.choices.clone().over(untouched.clone()), untouched].map(|choices| fields(&choices));
    let view = |setting: finetune::Setting| Setting {
        value: shown(&now[setting.key]),
        default: shown(&default[setting.key]),
        active: setting.is_active(presets),
        key: setting.key.into(),
        kind: setting.kind,
        min: setting.min,
        max: setting.max,
        min_allowed: setting.min_allowed,
        max_allowed: setting.max_allowed,
    };
    settings(&found.config, found.recipe.batch_size).into_iter().map(view).collect()
}

/// Choices by their names in a recipe file.
fn fields(choices: &Choices) -> Value {
    serde_json::to_value(choices).unwrap_or_default()
}

/// A value as a user would type it; nothing for what is left open.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
