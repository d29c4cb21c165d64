//! Whether a device can be trusted with training: a small encoder is trained for a few steps on it and on the CPU, once
//! with everything trainable and once with the lower part frozen, and the losses and weights are compared.

use crate::loss::cross_entropy;
use crate::optimizer::{AdamW, Update, clip_factor, collect, global_norm};
use encoder::{Activation, Compute, Config, Family, HeadKind, Inputs, Model, Part, Texts, floats};
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// Relative difference up to which a device counts as computing the same as the CPU.
const TOLERANCE: f64 = 1e-3;
const STEPS: usize = 4;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub passed: bool,
    /// What was found with everything trainable, and with embeddings and the lowest layer frozen.
    pub all_trainable: String,
    pub frozen: String,
    pub seconds: f64,
}

/// Trains the small encoder on `compute` and on the CPU and compares them. A device whose driver breaks down fails.
pub fn self_check(compute: &Compute) -> Verdict {
    let began = Instant::now();
    let (all_fine, all_trainable) = compare(compute, None);
    let (frozen_fine, frozen) = compare(compute, Some(1));
    Verdict { passed: all_fine && frozen_fine, all_trainable, frozen, seconds: began.elapsed().as_secs_f64() }
}

/// What a short training gave: the loss of each step, and all weights after the last.
struct Trace {
    losses: Vec<f64>,
    weights: Vec<f32>,
}

fn compare(compute: &Compute, frozen_layers: Option<usize>) -> (bool, String) {
    let expected = trace(&Compute::cpu(), frozen_layers);
    let found = match catch_unwind(AssertUnwindSafe(|| trace(compute, frozen_layers))) {
        Ok(trace) => trace,
        Err(_) => return (false, "broke down while training".into()),
    };
    if found.losses.iter().any(|loss| !loss.is_finite()) || found.weights.iter().any(|weight| !weight.is_finite()) {
        return (false, "gave losses or weights that are not finite".into());
    }
    let relative = |a: f64, b: f64| (a - b).abs() / b.abs().max(1e-6);
    let loss = found.losses.iter().zip(&expected.losses).map(|(&a, &b)| relative(a, b)).fold(0.0, f64::max);
    let largest = expected.weights.iter().fold(0.0f32, |max, weight| max.max(weight.abs()));
    let apart = found.weights.iter().zip(&expected.weights).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let weights = f64::from(apart / largest);
    let fine = loss <= TOLERANCE && weights <= TOLERANCE;
    let verdict = if fine { "agrees with the CPU" } else { "differs from the CPU" };
    (fine, format!("{verdict} (losses within {loss:.1e}, weights within {weights:.1e}, relative)"))
}

fn trace(compute: &Compute, frozen_layers: Option<usize>) -> Trace {
    let config = Config {
        family: Family::Bert,
        vocab_size: 61,
        embedding_size: 32,
        hidden_size: 32,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 64,
        max_position_embeddings: 32,
        type_vocab_size: 2,
        activation: Activation::Gelu,
        layer_norm_eps: 1e-12,
        initializer_range: 0.1,
        raw: Default::default(),
    };
    let device = compute.training();
    let (rows, length, labels) = (4, 32, 3);
    let mut model = Model::zeros(&config, HeadKind::Token, labels, &device);
    encoder::initialize(&mut model, 1);
    let is_frozen = |name: &str| match (Part::of(name), frozen_layers) {
        (Part::Embeddings, Some(_)) => true,
        (Part::Layer(index), Some(layers)) => index < layers,
        _ => false,
    };
    model.set_trainable(|name| !is_frozen(name));
    let ids: Vec<i32> = (0..rows * length).map(|place| (place * 17 % 61) as i32).collect();
    let mask: Vec<i32> =
        (0..rows * length).map(|place| i32::from(place % length < 32 - 5 * (place / length))).collect();
    let targets: Vec<i32> =
        ids.iter().zip(&mask).map(|(id, &real)| if real == 1 { id % labels as i32 } else { -100 }).collect();
    let inputs = Inputs::new(ids, vec![0; rows * length], Texts::padded(&mask, length));
    let count = mask.iter().sum::<i32>() as f32;
    let mut optimizer = AdamW::default();
    let mut losses = Vec::new();
    for _ in 0..STEPS {
        let loss = cross_entropy(model.forward(&inputs, None, None), &targets, None, count);
        let mut gradients = loss.backward();
        losses.push(f64::from(floats(loss)[0]));
        let gradients = collect(&mut model, &mut gradients);
        let scale = clip_factor(global_norm(&gradients), 1.0);
        let update = Update::plain(&|_| Some(1e-3), 0.01, scale);
        optimizer.step(&mut model, gradients, &update);
    }
    let mut weights = Vec::new();
    model.visit(&mut |_, parameter| weights.extend(parameter.values()));
    Trace { losses, weights }
}
