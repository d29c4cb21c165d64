//! Memory of a run, in bytes, from its shape.
//!
//! All numbers have 4 bytes. What lives through a whole run: the weights, AdamW's two moments of each parameter that learns,
//! and the kept outputs of frozen layers. On top of it comes the larger of what is kept of a batch for the backward pass
//! (as the layers of `kernels` keep it; frozen ones keep nothing) and the gradients: as the backward pass goes down, the one
//! makes room for the other. Parts of a batch keep the sum of the gradients before them besides. The CPU keeps the memory of
//! the largest step when a checkpoint is written, which takes three copies of weights and moments.

use encoder::{Config, HeadKind, Part};
use finetune::{Recipe, groups, head_kind, rate_factor};

/// The program with its tables, its threads and a tokenizer.
pub(super) const PROGRAM: u64 = 70 << 20;

/// Copies of weights and moments in memory while a checkpoint is written.
const CHECKPOINT_COPIES: u64 = 3;

/// What outputs of frozen layers may take before they go to a file (see [`finetune::Prefixes`]).
const KEPT_IN_MEMORY: u64 = 2 << 30;

const NUMBER: f64 = 4.0;

/// Numbers that do not depend on the texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parameters {
    pub all: usize,
    /// Those that learn.
    pub trained: usize,
}

pub(super) fn parameters(recipe: &Recipe, config: &Config, outputs: usize) -> Parameters {
    let groups = groups(recipe, config, outputs);
    Parameters {
        all: groups.iter().map(|group| group.parameters).sum(),
        trained: groups.iter().filter(|group| !group.frozen).map(|group| group.parameters).sum(),
    }
}

/// The rows of the largest batch that is computed at once, and their longest window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    pub tokens: f64,
    pub longest: usize,
}

/// Bytes that one optimizer step adds to weights, moments and program. `fused`: on the CPU.
pub(super) fn step(recipe: &Recipe, config: &Config, outputs: usize, rows: Rows, fused: bool) -> u64 {
    let layers = config.num_hidden_layers;
    let learns = |part| rate_factor(recipe, layers, part).is_some();
    let trained = (0..layers).filter(|&index| learns(Part::Layer(index))).count() as f64;
    let (hidden, inner, heads) =
        (config.hidden_size as f64, config.intermediate_size as f64, config.num_attention_heads as f64);
    let (of_layer, passing) = if fused {
        // Input, query, key, value, context, both normalized sums; the raised state; log sums and deviations. In passing:
        // the gradients of output and raised state, and a state that is computed again.
        (7.0 * hidden + inner + heads + 2.0, 2.0 * hidden + inner)
    } else {
        // What autodiff keeps of each plain operator, the shares of attention (scores, softmax, mask, product) above all.
        let shares = 4.0 * heads * rows.longest as f64;
        (15.0 * hidden + 3.0 * inner + shares, 4.0 * hidden + 2.0 * inner + shares)
    };
    let embedded = if learns(Part::Embeddings) { 2.0 * config.embedding_size as f64 } else { hidden };
    let head = match head_kind(recipe) {
        HeadKind::Sequence => 0.0,
        HeadKind::Token => hidden + 3.0 * outputs as f64,
    };
    let kept = rows.tokens * (trained * of_layer + embedded + hidden + head + passing) * NUMBER;
    let gradients = parameters(recipe, config, outputs).trained as f64 * NUMBER;
    let before = if recipe.accumulate > 1 { gradients } else { 0.0 };
    (before + kept.max(gradients)) as u64
}

/// Bytes in passing of a batch that is only read: input, query, key, value, context and sums of one layer.
pub(super) fn reading(config: &Config, tokens: f64) -> u64 {
    (tokens * (9 * config.hidden_size + 2 * config.intermediate_size) as f64 * NUMBER) as u64
}

/// Bytes of weights and moments.
pub(super) fn state(parameters: Parameters) -> u64 {
    ((parameters.all + 2 * parameters.trained) as f64 * NUMBER) as u64
}

/// Bytes of frozen outputs that stay in memory, of splits of so many rows each.
pub(super) fn kept_prefixes(config: &Config, splits: [f64; 3]) -> u64 {
    let mut kept = 0;
    for tokens in splits {
        let bytes = (tokens * config.hidden_size as f64 * NUMBER) as u64;
        if kept + bytes <= KEPT_IN_MEMORY {
            kept += bytes;
        }
    }
    kept
}

/// Bytes at the peak of a whole run, from those of its steps and readings, whichever are larger.
pub(super) fn run(parameters: Parameters, working: u64, prefixes: u64, fused: bool) -> u64 {
    let state = state(parameters);
    let checkpoint = CHECKPOINT_COPIES * state;
    // A graphics card has its own memory: checkpoints are made in the computer's.
    PROGRAM + state + prefixes + working + if fused { checkpoint } else { 0 }
}
