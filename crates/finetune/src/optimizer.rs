//! AdamW (Loshchilov and Hutter 2019, algorithm 2) with bias correction, a learning rate for each part of the encoder,
//! and clipping at the global norm.
//!
//! State is kept by position in the model's fixed order of parameters, so that it can be written and read by name.

use burn::tensor::{Device, Gradients, Tensor};
use encoder::{Model, Parameter, floats, from_floats};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// One parameter's gradient: flattened values and the shape they had.
#[derive(Debug, Clone)]
pub struct Gradient {
    values: Tensor<1>,
    rows: usize,
}

impl Gradient {
    /// The values in row-major order.
    pub fn values(&self) -> Vec<f32> {
        floats(self.values.clone())
    }
}

/// Gradients of all parameters in the model's order; `None` for those that have none.
pub type GradientSet = Vec<Option<Gradient>>;

/// Takes the gradients of all parameters out of a backward pass.
pub fn collect(model: &mut Model, gradients: &mut Gradients) -> GradientSet {
    let mut set = Vec::new();
    model.visit(&mut |_, parameter| {
        let size: usize = parameter.shape().iter().product();
        let rows = parameter.shape()[0];
        set.push(match parameter {
            Parameter::Vector(tensor) => tensor.grad_remove(gradients).map(|values| Gradient { values, rows: 1 }),
            Parameter::Matrix(tensor) => {
                tensor.grad_remove(gradients).map(|values| Gradient { values: values.reshape([size]), rows })
            }
        });
    });
    set
}

/// Adds a part's gradients to those of the parts before.
pub fn accumulate(sum: GradientSet, part: GradientSet) -> GradientSet {
    sum.into_iter()
        .zip(part)
        .map(|pair| match pair {
            (Some(a), Some(b)) => Some(Gradient { values: a.values + b.values, rows: a.rows }),
            (a, b) => a.or(b),
        })
        .collect()
}

/// The Euclidean norm over all gradients together. Each is summed by rows first: the CPU backend adds up a whole large
/// tensor in an order that varies from run to run.
pub fn global_norm(set: &GradientSet) -> f64 {
    let squares: Vec<Tensor<1>> = set
        .iter()
        .flatten()
        .map(|gradient| {
            let columns = gradient.values.dims()[0] / gradient.rows;
            let values = gradient.values.clone().reshape([gradient.rows, columns]);
            (values.clone() * values).sum_dim(1).sum()
        })
        .collect();
    if squares.is_empty() {
        return 0.0;
    }
    floats(Tensor::cat(squares, 0)).iter().map(|&square| f64::from(square)).sum::<f64>().sqrt()
}

/// First and second moments of the gradients, one pair a parameter, and the number of updates so far.
#[derive(Debug, Clone, Default)]
pub struct AdamW {
    pub updates: usize,
    moments: Vec<Option<(Tensor<1>, Tensor<1>)>>,
}

/// The settings of one update.
pub struct Update<'a> {
    /// Learning rate of a parameter by its name; `None` leaves it alone.
    pub rate: &'a dyn Fn(&str) -> Option<f64>,
    pub weight_decay: f64,
    /// Factor on all gradients, below 1 when they are clipped.
    pub scale: f64,
}

/// The factor that brings a gradient of norm `norm` down to `limit`, as PyTorch's `clip_grad_norm_` has it.
pub fn clip_factor(norm: f64, limit: f64) -> f64 {
    (limit / (norm + 1e-6)).min(1.0)
}

impl AdamW {
    pub fn step(&mut self, model: &mut Model, gradients: GradientSet, update: &Update) {
        self.updates += 1;
        self.moments.resize(gradients.len(), None);
        let mut gradients = gradients.into_iter();
        let mut moments = self.moments.iter_mut();
        let updates = self.updates as i32;
        let correction1 = 1.0 - BETA1.powi(updates);
        let correction2 = (1.0 - BETA2.powi(updates)).sqrt();
        model.visit(&mut |name, parameter| {
            let (Some(gradient), Some(moment)) = (gradients.next().flatten(), moments.next()) else { return };
            let Some(rate) = (update.rate)(name) else { return };
            let decay = if is_decayed(name) { rate * update.weight_decay } else { 0.0 };
            let gradient = gradient.values * update.scale;
            let (first, second) = match moment.take() {
                Some((first, second)) => (
                    first * BETA1 + gradient.clone() * (1.0 - BETA1),
                    second * BETA2 + gradient.clone() * gradient * (1.0 - BETA2),
                ),
                None => (gradient.clone() * (1.0 - BETA1), gradient.clone() * gradient * (1.0 - BETA2)),
            };
            let change = first.clone() / (second.clone().sqrt() * (1.0 / correction2) + EPSILON) * (rate / correction1);
            *moment = Some((first, second));
            move_parameter(parameter, decay, change);
        });
    }

    /// The moments by position, as plain numbers: (first, second).
    pub fn moments(&self) -> impl Iterator<Item = Option<(Vec<f32>, Vec<f32>)>> + '_ {
        self.moments
            .iter()
            .map(|moment| moment.as_ref().map(|(first, second)| (floats(first.clone()), floats(second.clone()))))
    }

    /// Puts saved moments back.
    pub fn restore(updates: usize, moments: Vec<Option<(Vec<f32>, Vec<f32>)>>, device: &Device) -> Self {
        let tensor = |values: Vec<f32>| {
            let size = values.len();
            from_floats(values, [size], device)
        };
        let moments = moments.into_iter().map(|pair| pair.map(|(first, second)| (tensor(first), tensor(second))));
        Self { updates, moments: moments.collect() }
    }
}

/// Biases and LayerNorm are not decayed.
fn is_decayed(name: &str) -> bool {
    !name.ends_with("bias") && !name.contains("LayerNorm")
}

fn move_parameter(parameter: Parameter, decay: f64, change: Tensor<1>) {
    fn moved<const D: usize>(tensor: &mut Tensor<D>, decay: f64, change: Tensor<1>) {
        let shape = tensor.dims();
        let old = tensor.clone().without_autodiff();
        let kept = if decay == 0.0 { old } else { old * (1.0 - decay) };
        *tensor = (kept - change.reshape(shape)).autodiff().require_grad();
    }
    match parameter {
        Parameter::Vector(tensor) => moved(tensor, decay, change),
        Parameter::Matrix(tensor) => moved(tensor, decay, change),
    }
}
