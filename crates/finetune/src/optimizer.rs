//! AdamW (Loshchilov and Hutter 2019, algorithm 2) with bias correction, a learning rate for each part of the encoder,
//! and clipping at the global norm.
//!
//! State is kept by position in the model's fixed order of parameters, so that it can be written and read by name.

use crate::pretrained::Pretrained;
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

/// Keeps of the gradient of one parameter only these rows.
pub fn keep_rows(model: &mut Model, set: &mut GradientSet, parameter: &str, rows: &[usize]) {
    let mut place = 0;
    model.visit(&mut |name, _| {
        if name == parameter
            && let Some(Some(gradient)) = set.get_mut(place)
        {
            let size = gradient.values.dims()[0];
            let mut mask = vec![0.0f32; gradient.rows];
            rows.iter().for_each(|&row| mask[row] = 1.0);
            let mask = from_floats(mask, [gradient.rows, 1], &gradient.values.device());
            let width = size / gradient.rows;
            gradient.values = (gradient.values.clone().reshape([gradient.rows, width]) * mask).reshape([size]);
        }
        place += 1;
    });
}

/// The squared Euclidean norm of each gradient, 0 where there is none.
pub fn squared_norms(set: &GradientSet) -> Vec<f64> {
    let gradients = set.iter().flatten().map(|gradient| (&gradient.values, gradient.rows));
    let mut sums = kernels::sums_of_squares(gradients).into_iter();
    set.iter().map(|gradient| gradient.as_ref().and_then(|_| sums.next()).unwrap_or(0.0)).collect()
}

/// The Euclidean norm over all gradients together.
pub fn global_norm(set: &GradientSet) -> f64 {
    squared_norms(set).into_iter().sum::<f64>().sqrt()
}

/// First and second moments of the gradients, one pair a parameter, and the number of updates so far.
#[derive(Debug, Clone, Default)]
pub struct AdamW {
    pub updates: usize,
    moments: Vec<Option<kernels::Moments>>,
}

/// The settings of one update.
pub struct Update<'a> {
    /// Learning rate of a parameter by its name; `None` leaves it alone.
    pub rate: &'a dyn Fn(&str) -> Option<f64>,
    pub weight_decay: f64,
    /// A parameter of which only some rows are trained, and which is therefore not decayed.
    pub undecayed: Option<&'a str>,
    /// Factor on all gradients, below 1 when they are clipped.
    pub scale: f64,
    /// Whether the moments are corrected for their start at 0.
    pub bias_correction: bool,
    /// Weights towards which others decay, rather than towards 0: w ← w − lr · λ · (w − w_pretrained) (Wiese et al. 2017).
    pub towards: Option<&'a Pretrained>,
}

impl<'a> Update<'a> {
    /// Of everything alike, with bias correction and decay towards 0.
    pub fn plain(rate: &'a dyn Fn(&str) -> Option<f64>, weight_decay: f64, scale: f64) -> Self {
        Self { rate, weight_decay, undecayed: None, scale, bias_correction: true, towards: None }
    }
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
        let mut places = 0..;
        model.visit(&mut |name, parameter| {
            let place = places.next().unwrap_or_default();
            let (Some(gradient), Some(moment)) = (gradients.next().flatten(), moments.next()) else { return };
            let Some(learning_rate) = (update.rate)(name) else { return };
            let step = kernels::AdamW {
                beta1: BETA1,
                beta2: BETA2,
                epsilon: EPSILON,
                updates: self.updates,
                bias_correction: update.bias_correction,
                learning_rate,
                weight_decay: if is_decayed(name) && update.undecayed != Some(name) {
                    update.weight_decay
                } else {
                    0.0
                },
                scale: update.scale,
            };
            *moment = Some(match parameter {
                Parameter::Vector(tensor) => step.step(tensor, gradient.values, moment.take()),
                Parameter::Matrix(tensor) => {
                    let moments = step.step(tensor, gradient.values, moment.take());
                    if let Some(pretrained) = update.towards.and_then(|pretrained| pretrained.weight(place)) {
                        let pull = pretrained.clone() * (learning_rate * step.weight_decay);
                        *tensor = (tensor.clone().without_autodiff() + pull).autodiff().require_grad();
                    }
                    moments
                }
            });
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
