//! An encoder with the head of a task, named and shaped as in Hugging Face's `transformers`.

use crate::layers::{Embeddings, Inputs, Layer, Linear, Parameter, Visit, activate, drop};
use crate::{Activation, Config, Dropout, Family};
use burn::prelude::*;
use burn::tensor::activation::tanh;

/// What a head reads and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadKind {
    /// One row of logits a text, from the first token.
    Sequence,
    /// One row of logits a token.
    Token,
}

/// Dropout places of the head, beyond those of any layer.
const HEAD_PLACES: [u32; 2] = [1 << 20, (1 << 20) + 1];

#[derive(Debug, Clone)]
pub struct Model {
    pub config: Config,
    pub kind: HeadKind,
    pub embeddings: Embeddings,
    /// ELECTRA-small: from the embedding size to the hidden size.
    pub embeddings_project: Option<Linear>,
    pub layers: Vec<Layer>,
    /// BERT's sequence head reads the first token through it.
    pub pooler: Option<Linear>,
    /// The first of the two linear layers in ELECTRA's sequence head.
    pub dense: Option<Linear>,
    pub classifier: Linear,
}

/// The part of a model to which a parameter belongs, bottom to top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Embeddings,
    Layer(usize),
    Pooler,
    Head,
}

impl Part {
    /// The part of a parameter by its name without the encoder's prefix.
    pub fn of(name: &str) -> Part {
        if name.starts_with("embeddings") {
            return Part::Embeddings;
        }
        let layer = name.strip_prefix("encoder.layer.").and_then(|rest| rest.split('.').next()?.parse().ok());
        match layer {
            Some(index) => Part::Layer(index),
            None if name.starts_with("pooler") => Part::Pooler,
            None => Part::Head,
        }
    }
}

impl Model {
    /// A model of zeros with `labels` outputs: the shapes to load weights into.
    pub fn zeros(config: &Config, kind: HeadKind, labels: usize, device: &Device) -> Self {
        let hidden = config.hidden_size;
        let sequence = kind == HeadKind::Sequence;
        Self {
            config: config.clone(),
            kind,
            embeddings: Embeddings::zeros(config, device),
            embeddings_project: (config.embedding_size != hidden)
                .then(|| Linear::zeros(config.embedding_size, hidden, device)),
            layers: (0..config.num_hidden_layers).map(|_| Layer::zeros(config, device)).collect(),
            pooler: (sequence && config.family == Family::Bert).then(|| Linear::zeros(hidden, hidden, device)),
            dense: (sequence && config.family == Family::Electra).then(|| Linear::zeros(hidden, hidden, device)),
            classifier: Linear::zeros(hidden, labels, device),
        }
    }

    /// Visits every parameter from the bottom to the top, always in the same order.
    pub fn visit(&mut self, visit: &mut Visit) {
        self.embeddings.visit(visit);
        if let Some(project) = &mut self.embeddings_project {
            project.visit("embeddings_project", visit);
        }
        for (index, layer) in self.layers.iter_mut().enumerate() {
            layer.visit(index, visit);
        }
        if let Some(pooler) = &mut self.pooler {
            pooler.visit("pooler.dense", visit);
        }
        match &mut self.dense {
            Some(dense) => {
                dense.visit("classifier.dense", visit);
                self.classifier.visit("classifier.out_proj", visit);
            }
            None => self.classifier.visit("classifier", visit),
        }
    }

    /// The name of a parameter in Hugging Face's state dict.
    pub fn full_name(&self, name: &str) -> String {
        match Part::of(name) {
            Part::Head => name.to_string(),
            _ => format!("{}.{name}", self.config.family.prefix()),
        }
    }

    /// Lets gradients flow to the parameters for which `trainable` says so, and to no other.
    pub fn set_trainable(&mut self, trainable: impl Fn(&str) -> bool) {
        self.visit(&mut |name, parameter| match parameter {
            Parameter::Vector(tensor) => *tensor = tensor.clone().set_require_grad(trainable(name)),
            Parameter::Matrix(tensor) => *tensor = tensor.clone().set_require_grad(trainable(name)),
        });
    }

    /// The same weights without gradients, for prediction.
    pub fn inference(&self) -> Self {
        let mut model = self.clone();
        model.visit(&mut |_, parameter| match parameter {
            Parameter::Vector(tensor) => *tensor = tensor.clone().without_autodiff(),
            Parameter::Matrix(tensor) => *tensor = tensor.clone().without_autodiff(),
        });
        model
    }

    pub fn parameter_count(&self) -> usize {
        let mut count = 0;
        self.clone().visit(&mut |_, parameter| count += parameter.shape().iter().product::<usize>());
        count
    }

    pub fn device(&self) -> Device {
        self.classifier.bias.device()
    }

    /// Embeddings, projected to the hidden size where they are smaller: `[batch · length, hidden]`.
    pub fn embed(&self, inputs: &Inputs, dropout: Option<&Dropout>) -> Tensor<2> {
        let x = drop(self.embeddings.forward(inputs), dropout, 0);
        match &self.embeddings_project {
            Some(project) => project.forward(x),
            None => x,
        }
    }

    /// Logits, `[batch, labels]` for a sequence head and `[batch · length, labels]` for a token head. Embeddings and the
    /// lowest `quiet` layers run without dropout when `quiet` is given.
    pub fn forward(&self, inputs: &Inputs, dropout: Option<&Dropout>, quiet: Option<usize>) -> Tensor<2> {
        let lower = if quiet.is_some() { None } else { dropout };
        let bias = inputs.attention_bias();
        let mut x = self.embed(inputs, lower);
        for (index, layer) in self.layers.iter().enumerate() {
            let layer_dropout = if index < quiet.unwrap_or(0) { None } else { dropout };
            x = layer.forward(x, &bias, layer_dropout, index);
        }
        self.head(x, inputs.ids.dims(), dropout)
    }

    /// The head over the last hidden states `x`, `[batch · length, hidden]`.
    pub fn head(&self, x: Tensor<2>, [rows, length]: [usize; 2], dropout: Option<&Dropout>) -> Tensor<2> {
        let [first, second] = HEAD_PLACES;
        if self.kind == HeadKind::Token {
            return self.classifier.forward(drop(x, dropout, first));
        }
        let hidden = self.config.hidden_size;
        let start = x.reshape([rows, length, hidden]).narrow(1, 0, 1).reshape([rows, hidden]);
        let features = match (&self.pooler, &self.dense) {
            (Some(pooler), _) => tanh(pooler.forward(start)),
            (None, Some(dense)) => activate(Activation::Gelu, dense.forward(drop(start, dropout, second))),
            (None, None) => start,
        };
        self.classifier.forward(drop(features, dropout, first))
    }
}

impl Parameter<'_> {
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Parameter::Vector(tensor) => tensor.dims().to_vec(),
            Parameter::Matrix(tensor) => tensor.dims().to_vec(),
        }
    }

    /// The values in row-major order.
    pub fn values(&self) -> Vec<f32> {
        match self {
            Parameter::Vector(tensor) => floats((**tensor).clone()),
            Parameter::Matrix(tensor) => floats((**tensor).clone()),
        }
    }

    /// Puts new values in, without a gradient. Their number must fit the shape.
    pub fn set(&mut self, values: Vec<f32>) {
        match self {
            Parameter::Vector(tensor) => **tensor = from_floats(values, tensor.dims(), &tensor.device()),
            Parameter::Matrix(tensor) => **tensor = from_floats(values, tensor.dims(), &tensor.device()),
        }
    }
}

/// The values of a tensor in row-major order.
pub fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as().expect("a device that computes can be read")
}

pub fn from_floats<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}
