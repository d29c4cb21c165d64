//! Floating-point operations of a run, from its shape.
//!
//! A product with a weight costs 2 operations a parameter and row going forward, and twice that going back; attention costs
//! 4 · hidden operations a row and row it looks at going forward and 10 going back, where it computes its shares again. An
//! update reads and writes memory rather than computing; it counts as the operations that take as long on a CPU. Each part of a
//! batch has gradients of its own to be cleared and added up, which takes about as long.

use super::texts::Mean;
use encoder::{Config, HeadKind};
use finetune::{Recipe, head_kind};

/// What an update of one parameter counts as.
const UPDATE: f64 = 250.0;

/// How often the parts of an encoder are gone through, a text.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Passes {
    forward: f64,
    backward: f64,
}

const READ: Passes = Passes { forward: 1.0, backward: 0.0 };
const LEARN: Passes = Passes { forward: 1.0, backward: 1.0 };

/// Operations in `layers` layers over texts of that mean shape.
fn layers(config: &Config, layers: usize, texts: Mean, passes: Passes) -> f64 {
    let (hidden, inner) = (config.hidden_size as f64, config.intermediate_size as f64);
    let weights = 4.0 * hidden * hidden + 2.0 * hidden * inner;
    let products = 2.0 * weights * texts.tokens * (passes.forward + 2.0 * passes.backward);
    let attention = hidden * texts.pairs * (4.0 * passes.forward + 10.0 * passes.backward);
    layers as f64 * (products + attention)
}

/// Operations in the head, and in ELECTRA's projection of small embeddings.
fn ends(config: &Config, kind: HeadKind, outputs: usize, texts: Mean, passes: Passes) -> f64 {
    let (hidden, width, outputs) = (config.hidden_size as f64, config.embedding_size as f64, outputs as f64);
    let head = match kind {
        HeadKind::Sequence => texts.windows * hidden * (hidden + outputs),
        HeadKind::Token => texts.tokens * hidden * outputs,
    };
    let project = if width == hidden { 0.0 } else { texts.tokens * width * hidden };
    2.0 * (head + project) * (passes.forward + 2.0 * passes.backward)
}

/// Texts of a run: how many there are to train on, for dev and for test, and their mean shape.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub splits: [usize; 3],
    pub mean: Mean,
}

/// What the frozen part of an encoder costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    /// It is computed once for every text and kept.
    Kept,
    /// It is computed whenever a text is read.
    Anew,
}

/// Operations of one optimizer step over `texts` texts, `trained` parameters learning.
pub(super) fn step(
    recipe: &Recipe,
    config: &Config,
    outputs: usize,
    trained: usize,
    texts: f64,
    mean: Mean,
    prefix: Prefix,
) -> f64 {
    let (all, frozen) = (config.num_hidden_layers, recipe.frozen_layers.unwrap_or(0));
    let learning = layers(config, all - frozen, mean, LEARN) + ends(config, head_kind(recipe), outputs, mean, LEARN);
    let below = if prefix == Prefix::Anew { layers(config, frozen, mean, READ) } else { 0.0 };
    texts * (learning + below) + UPDATE * (trained * recipe.accumulate) as f64
}

/// Operations of a whole run: its steps, an evaluation on dev after each epoch and one on test, and the frozen part.
pub(super) fn run(
    recipe: &Recipe,
    config: &Config,
    outputs: usize,
    trained: usize,
    amount: Amount,
    prefix: Prefix,
) -> f64 {
    let Amount { splits: [train, dev, test], mean } = amount;
    let frozen = recipe.frozen_layers.unwrap_or(0);
    let epochs = recipe.epochs as f64;
    let per_epoch = train.div_ceil(recipe.batch_size);
    let texts_a_step = train as f64 / per_epoch.max(1) as f64;
    let steps = epochs * per_epoch as f64 * step(recipe, config, outputs, trained, texts_a_step, mean, prefix);
    let below = layers(config, frozen, mean, READ);
    let above = layers(config, config.num_hidden_layers - frozen, mean, READ)
        + ends(config, head_kind(recipe), outputs, mean, READ);
    let evaluated = epochs * dev as f64 + test as f64;
    let once = match prefix {
        Prefix::Kept => (train + dev + test) as f64 * below,
        Prefix::Anew => evaluated * below,
    };
    steps + evaluated * above + once
}
