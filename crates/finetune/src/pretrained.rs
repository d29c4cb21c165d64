//! The weights before training, for the techniques that hold on to them: mixout, and decay towards them.

use burn::Tensor;
use encoder::{Model, Parameter, Part, from_floats};
use random::{Purpose, Stream};

/// The weight matrices as they were pretrained, by position in the model's order of parameters; `None` for vectors and for
/// whatever was drawn anew.
#[derive(Debug)]
pub struct Pretrained {
    weights: Vec<Option<Tensor<2>>>,
}

impl Pretrained {
    /// Remembers the matrices of `model` but those for which `drawn` says that they hold nothing learnt.
    pub fn of(model: &Model, drawn: impl Fn(&str) -> bool) -> Self {
        let mut weights = Vec::new();
        model.clone().visit(&mut |name, parameter| {
            weights.push(match parameter {
                Parameter::Matrix(tensor) if !drawn(name) => Some(tensor.clone().without_autodiff()),
                _ => None,
            });
        });
        Self { weights }
    }

    /// The weight at a place of the model's order.
    pub fn weight(&self, place: usize) -> Option<&Tensor<2>> {
        self.weights.get(place)?.as_ref()
    }

    /// The model with which mixout (Lee et al. 2020, equation 5) computes one pass: in each linear layer with pretrained
    /// weight U, M ~ Bernoulli(1 − p) drawn once per input column, W' = ((1 − M) U + M W − p U) / (1 − p), which is
    /// U + (W − U) M / (1 − p). Gradients flow through it to W.
    pub fn mixed(&self, model: &Model, p: f64, seed: u64, pass: u32) -> Model {
        let mut mixed = model.clone();
        let mut place = 0;
        mixed.visit(&mut |name, parameter| {
            if let (Parameter::Matrix(tensor), Some(pretrained)) = (parameter, self.weight(place))
                && is_linear(name)
                && tensor.is_require_grad()
            {
                let columns = tensor.dims()[1];
                let mut stream = Stream::new(seed, Purpose::Mixout, [pass, place as u32]);
                let kept = (1.0 / (1.0 - p)) as f32;
                let mask = (0..columns).map(|_| if f64::from(stream.uniform()) < p { 0.0 } else { kept }).collect();
                let mask = from_floats(mask, [1, columns], &tensor.device());
                let pretrained = pretrained.clone().autodiff();
                *tensor = pretrained.clone() + (tensor.clone() - pretrained) * mask;
            }
            place += 1;
        });
        mixed
    }
}

/// Whether a matrix is the weight of a linear layer rather than a table of embeddings.
fn is_linear(name: &str) -> bool {
    Part::of(name) != Part::Embeddings || name.starts_with("embeddings_project")
}
