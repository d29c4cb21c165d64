//! An encoder with the head of a task, named and shaped as in Hugging Face's `transformers`.

use crate::layers::{
    Inputs, Parameter, Visit, visit_embeddings, visit_layer, visit_linear, zero_embeddings, zero_layer,
};
use crate::{Activation, Config, Dropout, Family};
use burn::prelude::*;
use burn::tensor::activation::tanh;
use kernels::composed::activate;
use kernels::{Embeddings, Layer, Linear, Settings, Texts};
use std::ops::Range;

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
            embeddings: zero_embeddings(config, device),
            embeddings_project: (config.embedding_size != hidden)
                .then(|| Linear::zeros(config.embedding_size, hidden, device)),
            layers: (0..config.num_hidden_layers).map(|_| zero_layer(config, device)).collect(),
            pooler: (sequence && config.family == Family::Bert).then(|| Linear::zeros(hidden, hidden, device)),
            dense: (sequence && config.family == Family::Electra).then(|| Linear::zeros(hidden, hidden, device)),
            classifier: Linear::zeros(hidden, labels, device),
        }
    }

    /// Visits every parameter from the bottom to the top, always in the same order.
    pub fn visit(&mut self, visit: &mut Visit) {
        visit_embeddings(&mut self.embeddings, visit);
        if let Some(project) = &mut self.embeddings_project {
            visit_linear(project, "embeddings_project", visit);
        }
        for (index, layer) in self.layers.iter_mut().enumerate() {
            visit_layer(layer, index, visit);
        }
        if let Some(pooler) = &mut self.pooler {
            visit_linear(pooler, "pooler.dense", visit);
        }
        match &mut self.dense {
            Some(dense) => {
                visit_linear(dense, "classifier.dense", visit);
                visit_linear(&mut self.classifier, "classifier.out_proj", visit);
            }
            None => visit_linear(&mut self.classifier, "classifier", visit),
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

    /// The same weights where gradients can be asked of what is computed with them, though of none of themselves.
    pub fn with_gradients(&self) -> Self {
        let mut model = self.clone();
        model.visit(&mut |_, parameter| match parameter {
            Parameter::Vector(tensor) => *tensor = tensor.clone().autodiff(),
            Parameter::Matrix(tensor) => *tensor = tensor.clone().autodiff(),
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

    /// Embeddings, projected to the hidden size where they are smaller: `[rows, hidden]`.
    pub fn embed(&self, inputs: &Inputs, dropout: Option<&Dropout>) -> Tensor<2> {
        let x = kernels::embeddings(&self.embeddings, &inputs.places, dropout.map(|dropout| (dropout, 0)));
        match &self.embeddings_project {
            Some(project) => project.forward(x),
            None => x,
        }
    }

    /// The hidden states after some of the layers, from those before them: `[rows, hidden]`.
    pub fn encode(&self, x: Tensor<2>, texts: &Texts, layers: Range<usize>, dropout: Option<&Dropout>) -> Tensor<2> {
        let settings = |index: usize| Settings {
            heads: self.config.num_attention_heads,
            activation: self.config.activation,
            dropout: dropout.map(|dropout| (dropout.clone(), 3 * index as u32 + 1)),
            texts: texts.clone(),
        };
        layers.fold(x, |x, index| kernels::encoder_layer(x, &self.layers[index], &settings(index)))
    }

    /// The hidden states after the embeddings and the lowest `layers`, without dropout.
    pub fn prefix(&self, inputs: &Inputs, layers: usize) -> Tensor<2> {
        self.encode(self.embed(inputs, None), &inputs.texts, 0..layers, None)
    }

    /// Logits, `[texts, labels]` for a sequence head and `[rows, labels]` for a token head. Embeddings and the lowest
    /// `quiet` layers run without dropout when `quiet` is given.
    pub fn forward(&self, inputs: &Inputs, dropout: Option<&Dropout>, quiet: Option<usize>) -> Tensor<2> {
        let x = match quiet {
            Some(layers) => self.prefix(inputs, layers),
            None => self.embed(inputs, dropout),
        };
        self.forward_from(x, &inputs.texts, quiet.unwrap_or(0), dropout)
    }

    /// Logits as of [`Model::forward`], from the hidden states before layer `first`.
    pub fn forward_from(&self, x: Tensor<2>, texts: &Texts, first: usize, dropout: Option<&Dropout>) -> Tensor<2> {
        let x = self.encode(x, texts, first..self.layers.len(), dropout);
        self.head(x, texts, dropout)
    }

    /// The head over the last hidden states `x`, `[rows, hidden]`.
    pub fn head(&self, x: Tensor<2>, texts: &Texts, dropout: Option<&Dropout>) -> Tensor<2> {
        let [first, second] = HEAD_PLACES;
        if self.kind == HeadKind::Token {
            return self.classifier.forward(drop(x, dropout, first));
        }
        let starts: Vec<i32> = texts.iter().map(|text| text.start as i32).collect();
        let starts = Tensor::<1, Int>::from_data(TensorData::new(starts, [texts.count()]), &x.device());
        let start = x.select(0, starts);
        let features = match (&self.pooler, &self.dense) {
            (Some(pooler), _) => tanh(pooler.forward(start)),
            (None, Some(dense)) => activate(Activation::Gelu, dense.forward(drop(start, dropout, second))),
            (None, None) => start,
        };
        self.classifier.forward(drop(features, dropout, first))
    }
}

fn drop(x: Tensor<2>, dropout: Option<&Dropout>, place: u32) -> Tensor<2> {
    match dropout {
        Some(dropout) => dropout.apply(x, place),
        None => x,
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
