//! The parts that BERT and ELECTRA share: which parameters they have, by the names that Hugging Face gives them. What is
//! computed with them lies in `kernels`.

use crate::Config;
use burn::prelude::*;
use kernels::{Embeddings, Layer, LayerNorm, Linear, Places, Texts};

/// A handle to one parameter, for whoever loads, saves, counts or updates them.
pub enum Parameter<'a> {
    Vector(&'a mut Tensor<1>),
    Matrix(&'a mut Tensor<2>),
}

/// Called with each parameter's name (Hugging Face's, without the encoder's prefix) and its handle.
pub type Visit<'v> = dyn FnMut(&str, Parameter) + 'v;

/// The word pieces of a batch, one row each, text after text.
#[derive(Debug, Clone)]
pub struct Inputs {
    pub places: Places,
    pub texts: Texts,
}

impl Inputs {
    /// `ids` and `segments` have one entry a row of `texts`.
    pub fn new(ids: Vec<i32>, segments: Vec<i32>, texts: Texts) -> Self {
        let positions: Vec<i32> = texts.iter().flat_map(|text| 0..text.length as i32).collect();
        let places = Places { words: ids.into(), positions: positions.into(), segments: segments.into() };
        Self { places, texts }
    }
}

pub fn visit_linear(linear: &mut Linear, name: &str, visit: &mut Visit) {
    visit(&format!("{name}.weight"), Parameter::Matrix(&mut linear.weight));
    visit(&format!("{name}.bias"), Parameter::Vector(&mut linear.bias));
}

fn visit_norm(norm: &mut LayerNorm, name: &str, visit: &mut Visit) {
    visit(&format!("{name}.weight"), Parameter::Vector(&mut norm.weight));
    visit(&format!("{name}.bias"), Parameter::Vector(&mut norm.bias));
}

pub fn zero_embeddings(config: &Config, device: &Device) -> Embeddings {
    let size = config.embedding_size;
    Embeddings {
        word: Tensor::zeros([config.vocab_size, size], device),
        position: Tensor::zeros([config.max_position_embeddings, size], device),
        segment: Tensor::zeros([config.type_vocab_size, size], device),
        norm: LayerNorm::ones(size, config.layer_norm_eps, device),
    }
}

pub fn visit_embeddings(embeddings: &mut Embeddings, visit: &mut Visit) {
    visit("embeddings.word_embeddings.weight", Parameter::Matrix(&mut embeddings.word));
    visit("embeddings.position_embeddings.weight", Parameter::Matrix(&mut embeddings.position));
    visit("embeddings.token_type_embeddings.weight", Parameter::Matrix(&mut embeddings.segment));
    visit_norm(&mut embeddings.norm, "embeddings.LayerNorm", visit);
}

pub fn zero_layer(config: &Config, device: &Device) -> Layer {
    let (hidden, inner) = (config.hidden_size, config.intermediate_size);
    let linear = |input, output| Linear::zeros(input, output, device);
    let norm = || LayerNorm::ones(hidden, config.layer_norm_eps, device);
    Layer {
        query: linear(hidden, hidden),
        key: linear(hidden, hidden),
        value: linear(hidden, hidden),
        attention_output: linear(hidden, hidden),
        attention_norm: norm(),
        intermediate: linear(hidden, inner),
        output: linear(inner, hidden),
        output_norm: norm(),
    }
}

pub fn visit_layer(layer: &mut Layer, index: usize, visit: &mut Visit) {
    let name = |part: &str| format!("encoder.layer.{index}.{part}");
    visit_linear(&mut layer.query, &name("attention.self.query"), visit);
    visit_linear(&mut layer.key, &name("attention.self.key"), visit);
    visit_linear(&mut layer.value, &name("attention.self.value"), visit);
    visit_linear(&mut layer.attention_output, &name("attention.output.dense"), visit);
    visit_norm(&mut layer.attention_norm, &name("attention.output.LayerNorm"), visit);
    visit_linear(&mut layer.intermediate, &name("intermediate.dense"), visit);
    visit_linear(&mut layer.output, &name("output.dense"), visit);
    visit_norm(&mut layer.output_norm, &name("output.LayerNorm"), visit);
}
