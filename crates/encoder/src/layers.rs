//! The parts that BERT and ELECTRA share. Activations are flattened to rows, `[batch · length, size]`, so that every
//! matrix product is one large one.

use crate::{Activation, Config, Dropout};
use burn::prelude::*;
use burn::tensor::activation::{gelu, gelu_approximate, relu, softmax};

/// A handle to one parameter, for whoever loads, saves, counts or updates them.
pub enum Parameter<'a> {
    Vector(&'a mut Tensor<1>),
    Matrix(&'a mut Tensor<2>),
}

/// Called with each parameter's name (Hugging Face's, without the encoder's prefix) and its handle.
pub type Visit<'v> = dyn FnMut(&str, Parameter) + 'v;

/// `y = x Wᵀ + b`, with W as PyTorch keeps it: `[output, input]`.
#[derive(Debug, Clone)]
pub struct Linear {
    pub weight: Tensor<2>,
    pub bias: Tensor<1>,
}

impl Linear {
    pub fn zeros(input: usize, output: usize, device: &Device) -> Self {
        Self { weight: Tensor::zeros([output, input], device), bias: Tensor::zeros([output], device) }
    }

    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        x.matmul(self.weight.clone().transpose()) + self.bias.clone().unsqueeze::<2>()
    }

    pub fn visit(&mut self, name: &str, visit: &mut Visit) {
        visit(&format!("{name}.weight"), Parameter::Matrix(&mut self.weight));
        visit(&format!("{name}.bias"), Parameter::Vector(&mut self.bias));
    }
}

/// Layer normalization over the last dimension (Ba et al. 2016).
#[derive(Debug, Clone)]
pub struct LayerNorm {
    weight: Tensor<1>,
    bias: Tensor<1>,
    epsilon: f64,
}

impl LayerNorm {
    pub fn ones(size: usize, epsilon: f64, device: &Device) -> Self {
        Self { weight: Tensor::ones([size], device), bias: Tensor::zeros([size], device), epsilon }
    }

    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        burn::tensor::module::layer_norm(x, self.weight.clone(), Some(self.bias.clone()), self.epsilon)
    }

    pub fn visit(&mut self, name: &str, visit: &mut Visit) {
        visit(&format!("{name}.weight"), Parameter::Vector(&mut self.weight));
        visit(&format!("{name}.bias"), Parameter::Vector(&mut self.bias));
    }
}

/// One batch of token ids, `[batch, length]` each; `mask` is 1 for a token and 0 for padding.
#[derive(Debug, Clone)]
pub struct Inputs {
    pub ids: Tensor<2, Int>,
    pub segments: Tensor<2, Int>,
    pub mask: Tensor<2>,
}

impl Inputs {
    pub fn new(ids: Vec<i32>, segments: Vec<i32>, mask: &[i32], length: usize, device: &Device) -> Self {
        let rows = ids.len() / length;
        let mask: Vec<f32> = mask.iter().map(|&real| real as f32).collect();
        Self {
            ids: Tensor::from_data(TensorData::new(ids, [rows, length]), device),
            segments: Tensor::from_data(TensorData::new(segments, [rows, length]), device),
            mask: Tensor::from_data(TensorData::new(mask, [rows, length]), device),
        }
    }

    /// What is added to attention scores, `[batch, 1, 1, length]`: 0 for a token, a very low number for padding.
    pub fn attention_bias(&self) -> Tensor<4> {
        let [rows, length] = self.mask.dims();
        ((self.mask.clone() - 1.0) * 1e9).reshape([rows, 1, 1, length])
    }
}

/// Sum of word, position and segment embeddings, normalized (Devlin et al. 2019, section 3).
#[derive(Debug, Clone)]
pub struct Embeddings {
    word: Tensor<2>,
    position: Tensor<2>,
    segment: Tensor<2>,
    norm: LayerNorm,
}

impl Embeddings {
    pub fn zeros(config: &Config, device: &Device) -> Self {
        let size = config.embedding_size;
        Self {
            word: Tensor::zeros([config.vocab_size, size], device),
            position: Tensor::zeros([config.max_position_embeddings, size], device),
            segment: Tensor::zeros([config.type_vocab_size, size], device),
            norm: LayerNorm::ones(size, config.layer_norm_eps, device),
        }
    }

    pub fn forward(&self, inputs: &Inputs) -> Tensor<2> {
        let [rows, length] = inputs.ids.dims();
        let size = self.word.dims()[1];
        let positions = rows * length;
        let words = self.word.clone().select(0, inputs.ids.clone().reshape([positions]));
        let segments = self.segment.clone().select(0, inputs.segments.clone().reshape([positions]));
        let place = self.position.clone().narrow(0, 0, length).unsqueeze::<3>();
        let sum = (words + segments).reshape([rows, length, size]) + place;
        self.norm.forward(sum.reshape([positions, size]))
    }

    pub fn visit(&mut self, visit: &mut Visit) {
        visit("embeddings.word_embeddings.weight", Parameter::Matrix(&mut self.word));
        visit("embeddings.position_embeddings.weight", Parameter::Matrix(&mut self.position));
        visit("embeddings.token_type_embeddings.weight", Parameter::Matrix(&mut self.segment));
        self.norm.visit("embeddings.LayerNorm", visit);
    }
}

/// One transformer layer, normalized after each residual sum as in BERT.
#[derive(Debug, Clone)]
pub struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attention_output: Linear,
    attention_norm: LayerNorm,
    intermediate: Linear,
    output: Linear,
    output_norm: LayerNorm,
    heads: usize,
    activation: Activation,
}

impl Layer {
    pub fn zeros(config: &Config, device: &Device) -> Self {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        Self {
            query: Linear::zeros(hidden, hidden, device),
            key: Linear::zeros(hidden, hidden, device),
            value: Linear::zeros(hidden, hidden, device),
            attention_output: Linear::zeros(hidden, hidden, device),
            attention_norm: LayerNorm::ones(hidden, config.layer_norm_eps, device),
            intermediate: Linear::zeros(hidden, inner, device),
            output: Linear::zeros(inner, hidden, device),
            output_norm: LayerNorm::ones(hidden, config.layer_norm_eps, device),
            heads: config.num_attention_heads,
            activation: config.activation,
        }
    }

    /// `x` is `[batch · length, hidden]`, `bias` as of [`Inputs::attention_bias`]; `index` is the layer's own, from 0.
    pub fn forward(&self, x: Tensor<2>, bias: &Tensor<4>, dropout: Option<&Dropout>, index: usize) -> Tensor<2> {
        let place = |site: u32| 3 * index as u32 + site + 1;
        let context = self.attend(x.clone(), bias, dropout, place(0));
        let attended = drop(self.attention_output.forward(context), dropout, place(1));
        let x = self.attention_norm.forward(attended + x);
        let inner = activate(self.activation, self.intermediate.forward(x.clone()));
        let outer = drop(self.output.forward(inner), dropout, place(2));
        self.output_norm.forward(outer + x)
    }

    /// Scaled dot-product attention over several heads (Vaswani et al. 2017, equation 1).
    fn attend(&self, x: Tensor<2>, bias: &Tensor<4>, dropout: Option<&Dropout>, place: u32) -> Tensor<2> {
        let [positions, hidden] = x.dims();
        let [rows, _, _, length] = bias.dims();
        let width = hidden / self.heads;
        let split = |x: Tensor<2>| x.reshape([rows, length, self.heads, width]).swap_dims(1, 2);
        let query = split(self.query.forward(x.clone())) * (1.0 / (width as f64).sqrt());
        let key = split(self.key.forward(x.clone()));
        let value = split(self.value.forward(x));
        let scores = query.matmul(key.transpose()) + bias.clone();
        let shares = drop(softmax(scores, 3), dropout, place);
        shares.matmul(value).swap_dims(1, 2).reshape([positions, hidden])
    }

    pub fn visit(&mut self, index: usize, visit: &mut Visit) {
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        self.query.visit(&name("attention.self.query"), visit);
        self.key.visit(&name("attention.self.key"), visit);
        self.value.visit(&name("attention.self.value"), visit);
        self.attention_output.visit(&name("attention.output.dense"), visit);
        self.attention_norm.visit(&name("attention.output.LayerNorm"), visit);
        self.intermediate.visit(&name("intermediate.dense"), visit);
        self.output.visit(&name("output.dense"), visit);
        self.output_norm.visit(&name("output.LayerNorm"), visit);
    }
}

pub fn activate(activation: Activation, x: Tensor<2>) -> Tensor<2> {
    match activation {
        Activation::Gelu => gelu(x),
        Activation::GeluTanh => gelu_approximate(x),
        Activation::Relu => relu(x),
    }
}

pub fn drop<const D: usize>(x: Tensor<D>, dropout: Option<&Dropout>, place: u32) -> Tensor<D> {
    match dropout {
        Some(dropout) => dropout.apply(x, place),
        None => x,
    }
}
