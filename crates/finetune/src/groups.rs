//! Parameter groups: which part of the encoder learns, and how fast.

use crate::Recipe;
use burn::tensor::Device;
use encoder::{Config, Family, HeadKind, Model, Part};
use serde::{Deserialize, Serialize};

/// One group as the user sees it. Learning rates are the peak, at the end of the warm-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    /// 0 when frozen.
    pub learning_rate: f64,
    pub frozen: bool,
    pub reinitialized: bool,
    pub parameters: usize,
}

/// The factor by which a part's learning rate differs from the recipe's, or `None` for a part that is frozen.
///
/// Layer i of n (from 0) has d^(n−i), the embeddings d^(n+1), pooler and head 1 (Zhang et al. 2021, section 3;
/// d after Clark et al. 2020).
pub fn rate_factor(recipe: &Recipe, layers: usize, part: Part) -> Option<f64> {
    let exponent = match part {
        Part::Embeddings if recipe.frozen_layers.is_some() => return None,
        Part::Embeddings => layers + 1,
        Part::Layer(index) if index < recipe.frozen_layers.unwrap_or(0) => return None,
        Part::Layer(index) => layers - index,
        Part::Pooler | Part::Head => 0,
    };
    Some(recipe.decay.powi(exponent as i32))
}

/// Whether a part is drawn anew before training. The head always is.
fn is_redrawn(recipe: &Recipe, layers: usize, part: Part) -> bool {
    match part {
        Part::Embeddings => false,
        Part::Layer(index) => index + recipe.reinit_layers >= layers,
        Part::Pooler => recipe.reinit_layers > 0,
        Part::Head => true,
    }
}

/// Every group of a recipe on an encoder, bottom to top, with `labels` outputs at the head.
pub fn groups(recipe: &Recipe, config: &Config, labels: usize) -> Vec<Group> {
    let layers = config.num_hidden_layers;
    let mut groups: Vec<(Part, Group)> = Vec::new();
    Model::zeros(config, head_kind(recipe), labels, &Device::flex()).visit(&mut |name, parameter| {
        let part = Part::of(name);
        let size: usize = parameter.shape().iter().product();
        if let Some((_, group)) = groups.iter_mut().find(|(other, _)| *other == part) {
            group.parameters += size;
            return;
        }
        let factor = rate_factor(recipe, layers, part);
        let group = Group {
            name: part_name(part, config.family),
            learning_rate: recipe.learning_rate * factor.unwrap_or(0.0),
            frozen: factor.is_none(),
            reinitialized: is_redrawn(recipe, layers, part),
            parameters: size,
        };
        groups.push((part, group));
    });
    groups.into_iter().map(|(_, group)| group).collect()
}

fn part_name(part: Part, family: Family) -> String {
    match part {
        Part::Embeddings => "embeddings".into(),
        Part::Layer(index) => format!("layer {index}"),
        Part::Pooler => "pooler".into(),
        Part::Head => match family {
            Family::Bert => "head".into(),
            Family::Electra => "head (dense, out_proj)".into(),
        },
    }
}

pub fn head_kind(recipe: &Recipe) -> HeadKind {
    match recipe.task {
        corpus::Task::Classification => HeadKind::Sequence,
        corpus::Task::Ner => HeadKind::Token,
    }
}
