//! A training step on synthetic ids without padding.

use super::median;
use crate::loss::cross_entropy;
use crate::optimizer::{AdamW, Update, clip_factor, collect, global_norm};
use burn::Tensor;
use encoder::{Activation, Compute, Config, Dropout, Family, HeadKind, Inputs, Model, Part, Texts, floats};
use std::time::Instant;

/// The shape of the encoder and of the batch to time.
#[derive(Debug, Clone, Copy)]
pub struct StepShape {
    pub layers: usize,
    pub hidden: usize,
    pub batch: usize,
    pub length: usize,
    pub iterations: usize,
    /// Embeddings and this many lowest layers are frozen; 0 trains everything.
    pub frozen: usize,
    pub heads: usize,
}

impl StepShape {
    /// The encoder that is timed: BERT with an inner size of four times the hidden one and a vocabulary of 30522.
    pub fn config(&self) -> Config {
        Config {
            family: Family::Bert,
            vocab_size: 30522,
            embedding_size: self.hidden,
            hidden_size: self.hidden,
            num_hidden_layers: self.layers,
            num_attention_heads: self.heads,
            intermediate_size: 4 * self.hidden,
            max_position_embeddings: 512,
            type_vocab_size: 2,
            activation: Activation::Gelu,
            layer_norm_eps: 1e-12,
            initializer_range: 0.02,
            raw: Default::default(),
        }
    }
}

/// Times forward, backward and optimizer of a sequence classifier of two classes with dropout 0.1. Returns the median seconds
/// of all steps but the first, in which a frozen prefix is computed: in training, too, only the first epoch pays for it.
pub fn bench_step(shape: &StepShape, compute: &Compute, report: &mut dyn FnMut(String)) -> f64 {
    let config = shape.config();
    let device = compute.training();
    let mut model = Model::zeros(&config, HeadKind::Sequence, 2, &device);
    encoder::initialize(&mut model, 1);
    model.set_trainable(|name| match Part::of(name) {
        Part::Embeddings => shape.frozen == 0,
        Part::Layer(index) => index >= shape.frozen,
        Part::Pooler | Part::Head => true,
    });
    let positions = shape.batch * shape.length;
    let ids = (0..positions).map(|place| (place * 7919 % 30000) as i32).collect();
    let texts = Texts::new(std::iter::repeat_n((shape.length, shape.length), shape.batch));
    let inputs = Inputs::new(ids, vec![0; positions], texts);
    let targets: Vec<i32> = (0..shape.batch as i32).map(|row| row % 2).collect();
    let mut prefix = None;
    let mut optimizer = AdamW::default();
    let mut totals = Vec::new();
    for iteration in 0..shape.iterations {
        let began = Instant::now();
        let dropout = Dropout::new(0.1, 1, iteration as u32, &device, compute.is_cpu());
        let logits = if shape.frozen > 0 {
            let states: &Tensor<2> = prefix.get_or_insert_with(|| model.prefix(&inputs, shape.frozen));
            model.forward_from(states.clone(), &inputs.texts, shape.frozen, dropout.as_ref())
        } else {
            model.forward(&inputs, dropout.as_ref(), None)
        };
        let loss = cross_entropy(logits, &targets, None, shape.batch as f32);
        let value = floats(loss.clone())[0];
        let forward = began.elapsed().as_secs_f64();
        let mut gradients = loss.backward();
        let gradients = collect(&mut model, &mut gradients);
        let norm = global_norm(&gradients);
        let backward = began.elapsed().as_secs_f64();
        let update = Update::plain(&|_| Some(1e-5), 0.01, clip_factor(norm, 1.0));
        optimizer.step(&mut model, gradients, &update);
        floats(model.classifier.bias.clone());
        let total = began.elapsed().as_secs_f64();
        totals.push(total);
        report(format!(
            "it {iteration} loss {value:.4} forward {forward:.3} backward {:.3} optimizer {:.3} total {total:.3}",
            backward - forward,
            total - backward
        ));
    }
    median(if totals.len() > 1 { &totals[1..] } else { &totals })
}
