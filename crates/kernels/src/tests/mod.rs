//! Every operator against its composed form in f64, and the composed forms against finite differences.

mod layers;
mod operators;

use crate::{Activation, Dropout};
use burn::prelude::*;
use burn::tensor::DType;
use random::Stream;

/// How far operators in f32 may be from the composed form, as a share of its largest element.
pub const FORWARD: f64 = 1e-5;
pub const BACKWARD: f64 = 1e-4;

pub const ACTIVATIONS: [Activation; 3] = [Activation::Gelu, Activation::GeluTanh, Activation::Relu];

pub fn draw(stream: &mut Stream, count: usize, scale: f32) -> Vec<f32> {
    (0..count).map(|_| scale * stream.normal()).collect()
}

pub fn tensor<const D: usize>(values: &[f32], shape: [usize; D], dtype: DType) -> Tensor<D> {
    let device = Device::flex().autodiff();
    Tensor::<D>::from_data(TensorData::new(values.to_vec(), shape), (&device, dtype)).require_grad()
}

pub fn exact<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
    tensor(values, shape, DType::F64)
}

pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.try_into_vec_as().unwrap()
}

pub fn close(what: &str, ours: impl IntoIterator<Item = f32>, composed: &[f64], tolerance: f64) {
    let ours: Vec<f64> = ours.into_iter().map(f64::from).collect();
    assert_eq!(ours.len(), composed.len(), "{what}");
    let largest = composed.iter().fold(0.0f64, |most, value| most.max(value.abs()));
    for (place, (a, b)) in ours.iter().zip(composed).enumerate() {
        assert!((a - b).abs() <= tolerance * largest, "{what}[{place}]: {a} instead of {b}; the largest is {largest}");
    }
}

pub fn dropout(rate: f64) -> Option<Dropout> {
    Dropout::new(rate, 7, 3, &Device::flex(), true)
}

/// The gradient of Σ y · dy by burn, through a composed form.
pub fn through<const D: usize>(y: Tensor<D>, dy: &[f32]) -> burn::tensor::Gradients {
    let dy = exact(dy, y.dims());
    (y * dy).sum().backward()
}

/// The length of each text, and how much of it is visible.
pub type Lengths = Vec<(usize, usize)>;
