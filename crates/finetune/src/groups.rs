//! Parameter groups: which part of the encoder learns, and how fast.

use crate::Recipe;
use encoder::{Config, Family, HeadKind, Part};
use serde::Serialize;

/// One group as the user sees it. Learning rates are the peak, at the end of the warm-up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    #[serde(skip)]
    pub part: Part,
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

/// Every group of a recipe on an encoder, bottom to top, with `outputs` at the head.
pub fn groups(recipe: &Recipe, config: &Config, outputs: usize) -> Vec<Group> {
    let layers = config.num_hidden_layers;
    let group = |part| {
        let factor = rate_factor(recipe, layers, part);
        Group {
            part,
            name: part_name(part, config.family),
            learning_rate: recipe.learning_rate * factor.unwrap_or(0.0),
            frozen: factor.is_none(),
            reinitialized: is_redrawn(recipe, layers, part),
            parameters: parameter_count(config, head_kind(recipe), outputs, part),
        }
    };
    let middle = (0..layers).map(Part::Layer);
    let parts = std::iter::once(Part::Embeddings).chain(middle).chain([Part::Pooler, Part::Head]);
    parts.map(group).filter(|group| group.parameters > 0).collect()
}

/// How many parameters a part has; 0 for a pooler where there is none. Nothing is allocated for it.
pub fn parameter_count(config: &Config, kind: HeadKind, outputs: usize, part: Part) -> usize {
    let (hidden, inner, width) = (config.hidden_size, config.intermediate_size, config.embedding_size);
    let linear = |input: usize, output: usize| (input + 1) * output;
    let norm = |size: usize| 2 * size;
    match (part, kind, config.family) {
        (Part::Embeddings, ..) => {
            let rows = config.vocab_size + config.max_position_embeddings + config.type_vocab_size;
            let project = if width == hidden { 0 } else { linear(width, hidden) };
            rows * width + norm(width) + project
        }
        (Part::Layer(_), ..) => {
            4 * linear(hidden, hidden) + linear(hidden, inner) + linear(inner, hidden) + 2 * norm(hidden)
        }
        (Part::Pooler, HeadKind::Sequence, Family::Bert) => linear(hidden, hidden),
        (Part::Pooler, ..) => 0,
        (Part::Head, HeadKind::Sequence, Family::Electra) => linear(hidden, hidden) + linear(hidden, outputs),
        (Part::Head, ..) => linear(hidden, outputs),
    }
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
    if recipe.task.labels_words() { HeadKind::Token } else { HeadKind::Sequence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use encoder::{Activation, Model};

    fn config(family: Family, embedding_size: usize) -> Config {
        Config {
            family,
            vocab_size: 50,
            embedding_size,
            hidden_size: 12,
            num_hidden_layers: 3,
            num_attention_heads: 2,
            intermediate_size: 20,
            max_position_embeddings: 16,
            type_vocab_size: 2,
            activation: Activation::Gelu,
            layer_norm_eps: 1e-12,
            initializer_range: 0.02,
            raw: Default::default(),
        }
    }

    #[test]
    fn parameters_are_counted_as_a_model_has_them() {
        for (family, width) in [(Family::Bert, 12), (Family::Bert, 8), (Family::Electra, 12), (Family::Electra, 8)] {
            for kind in [HeadKind::Sequence, HeadKind::Token] {
                let config = config(family, width);
                let mut visited = std::collections::BTreeMap::new();
                Model::zeros(&config, kind, 5, &Device::flex()).visit(&mut |name, parameter| {
                    *visited.entry(Part::of(name)).or_insert(0) += parameter.shape().iter().product::<usize>();
                });
                for part in [Part::Embeddings, Part::Layer(0), Part::Layer(2), Part::Pooler, Part::Head] {
                    let counted = parameter_count(&config, kind, 5, part);
                    assert_eq!(
                        counted,
                        visited.get(&part).copied().unwrap_or(0),
                        "{family:?} {width} {kind:?} {part:?}"
                    );
                }
            }
        }
    }
}
