//! Whole layers.

use super::{BACKWARD, FORWARD, Lengths, close, draw, dropout, numbers, tensor};
use crate::{Activation, Layer, LayerNorm, Linear, Settings, Texts, composed};
use burn::prelude::*;
use burn::tensor::DType;
use random::{Purpose, Stream};

/// Sizes of a layer: texts, heads, width of a head, inner size.
type LayerShape = (Lengths, usize, usize, usize);

fn layer_shapes() -> Vec<LayerShape> {
    vec![
        (vec![(1, 1)], 1, 6, 3),
        (vec![(5, 5), (3, 3), (1, 1)], 2, 5, 13),
        (vec![(7, 7), (7, 4), (7, 0)], 3, 4, 29),
        (vec![(40, 40), (33, 33), (64, 64)], 4, 16, 128),
        (vec![(512, 512)], 2, 8, 24),
    ]
}

/// The parameters of a layer and what is drawn for it, as plain numbers in the order of `Layer::tensors`.
fn draw_layer(stream: &mut Stream, hidden: usize, inner: usize) -> Vec<(Vec<f32>, [usize; 2])> {
    let mut parameters = Vec::new();
    let mut add = |rows: usize, columns: usize, scale: f32, middle: f32| {
        let values = draw(stream, rows * columns.max(1), scale).into_iter().map(|value| value + middle).collect();
        parameters.push((values, [rows, columns]));
    };
    let scale = 1.0 / (hidden as f32).sqrt();
    for (output, input) in [(hidden, hidden), (hidden, hidden), (hidden, hidden), (hidden, hidden)] {
        add(output, input, scale, 0.0);
        add(output, 0, 0.1, 0.0);
    }
    add(hidden, 0, 0.2, 1.0);
    add(hidden, 0, 0.2, 0.0);
    for (output, input) in [(inner, hidden), (hidden, inner)] {
        add(output, input, scale, 0.0);
        add(output, 0, 0.1, 0.0);
    }
    add(hidden, 0, 0.2, 1.0);
    add(hidden, 0, 0.2, 0.0);
    parameters
}

fn layer_of(parameters: &[(Vec<f32>, [usize; 2])], dtype: DType) -> Layer {
    let vector = |place: usize| tensor(&parameters[place].0, [parameters[place].1[0]], dtype);
    let linear = |place: usize| Linear {
        weight: tensor(&parameters[place].0, parameters[place].1, dtype),
        bias: vector(place + 1),
    };
    let norm = |place: usize| LayerNorm { weight: vector(place), bias: vector(place + 1), epsilon: 1e-12 };
    Layer {
        query: linear(0),
        key: linear(2),
        value: linear(4),
        attention_output: linear(6),
        attention_norm: norm(8),
        intermediate: linear(10),
        output: linear(12),
        output_norm: norm(14),
    }
}

/// y, the gradient of x and those of the parameters.
fn pass(
    parameters: &[(Vec<f32>, [usize; 2])],
    x: &[f32],
    dy: &[f32],
    settings: &Settings,
    dtype: DType,
) -> (Vec<f64>, Vec<f64>, Vec<Vec<f64>>) {
    let layer = layer_of(parameters, dtype);
    let rows = settings.texts.rows();
    let x = tensor(x, [rows, x.len() / rows], dtype);
    let y = crate::encoder_layer(x.clone(), &layer, settings);
    let gradients = (y.clone() * tensor(dy, y.dims(), dtype)).sum().backward();
    let of = layer.tensors(
        |matrix| numbers(matrix.grad(&gradients).unwrap()),
        |vector| numbers(vector.grad(&gradients).unwrap()),
    );
    (numbers(y), numbers(x.grad(&gradients).unwrap()), of.to_vec())
}

fn settings(lengths: &[(usize, usize)], heads: usize, activation: Activation, rate: f64) -> Settings {
    Settings {
        heads,
        activation,
        dropout: dropout(rate).map(|dropout| (dropout, 4)),
        texts: Texts::new(lengths.iter().copied()),
    }
}

#[test]
fn a_layer_equals_its_composed_form() {
    let mut stream = Stream::new(5, Purpose::Sample, [0, 0]);
    for (lengths, heads, width, inner) in layer_shapes() {
        for (activation, rate) in
            [(Activation::Gelu, 0.0), (Activation::Gelu, 0.1), (Activation::GeluTanh, 0.3), (Activation::Relu, 0.0)]
        {
            let what = format!("layer over {lengths:?}, {heads} heads of {width}, {activation:?}, dropout {rate}");
            let settings = settings(&lengths, heads, activation, rate);
            let (rows, hidden) = (settings.texts.rows(), heads * width);
            let parameters = draw_layer(&mut stream, hidden, inner);
            let (x, dy) = (draw(&mut stream, rows * hidden, 1.0), draw(&mut stream, rows * hidden, 1.0));
            let (y, dx, gradients) = pass(&parameters, &x, &dy, &settings, DType::F32);
            let (exact_y, exact_dx, exact_gradients) = pass(&parameters, &x, &dy, &settings, DType::F64);
            let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<_>>();
            close(&what, single(&y), &exact_y, FORWARD);
            close(&format!("{what}, input"), single(&dx), &exact_dx, BACKWARD);
            // Some gradients are 0 in exact arithmetic: that of the key's bias, and over one token all but those of the
            // values, or even theirs when its only share is dropped.
            let of_all = exact_gradients.iter().flatten().fold(0.0f64, |most, value| most.max(value.abs()));
            for (place, (ours, exact)) in gradients.iter().zip(&exact_gradients).enumerate() {
                let largest = exact.iter().fold(0.0f64, |most, value| most.max(value.abs()));
                if largest < 1e-10 * of_all {
                    assert!(place < 7, "{what}: parameter {place} has no gradient");
                    assert!(
                        ours.iter().all(|value| value.abs() < 1e-6 * of_all),
                        "{what}, parameter {place}: {ours:?}"
                    );
                } else {
                    close(&format!("{what}, parameter {place}"), single(ours), exact, BACKWARD);
                }
            }
        }
    }
}

/// A layer without gradients takes another way to the same numbers.
#[test]
fn prediction_gives_what_training_gives() {
    let mut stream = Stream::new(6, Purpose::Sample, [0, 0]);
    let settings = settings(&[(9, 9), (4, 4)], 2, Activation::Gelu, 0.0);
    let parameters = draw_layer(&mut stream, 8, 20);
    let x = draw(&mut stream, 13 * 8, 1.0);
    let (y, ..) = pass(&parameters, &x, &vec![1.0; 13 * 8], &settings, DType::F32);
    let trained = layer_of(&parameters, DType::F32);
    let inner = |linear: &Linear| Linear {
        weight: linear.weight.clone().without_autodiff(),
        bias: linear.bias.clone().without_autodiff(),
    };
    let norm = |norm: &LayerNorm| LayerNorm {
        weight: norm.weight.clone().without_autodiff(),
        bias: norm.bias.clone().without_autodiff(),
        epsilon: norm.epsilon,
    };
    let layer = Layer {
        query: inner(&trained.query),
        key: inner(&trained.key),
        value: inner(&trained.value),
        attention_output: inner(&trained.attention_output),
        attention_norm: norm(&trained.attention_norm),
        intermediate: inner(&trained.intermediate),
        output: inner(&trained.output),
        output_norm: norm(&trained.output_norm),
    };
    let x = Tensor::<2>::from_data(TensorData::new(x, [13, 8]), &Device::flex());
    assert_eq!(numbers(crate::encoder_layer(x, &layer, &settings)), y);
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let mut stream = Stream::new(10, Purpose::Sample, [0, 0]);
    let settings = settings(&[(100, 100), (61, 61), (7, 7), (120, 120)], 4, Activation::Gelu, 0.1);
    let parameters = draw_layer(&mut stream, 128, 512);
    let (x, dy) = (draw(&mut stream, 288 * 128, 1.0), draw(&mut stream, 288 * 128, 1.0));
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| pass(&parameters, &x, &dy, &settings, DType::F32))
    };
    let one = with(1);
    for threads in [2, 3, 4] {
        assert!(with(threads) == one, "{threads} threads differ from one");
    }
}

/// Central differences of Σ y · dy, in f64, at some elements of every parameter and of the input.
#[test]
fn the_composed_layer_agrees_with_finite_differences() {
    const STEP: f64 = 1e-5;
    let mut stream = Stream::new(11, Purpose::Sample, [0, 0]);
    for (lengths, activation, rate) in [
        (vec![(3, 3), (5, 5)], Activation::Gelu, 0.0),
        (vec![(4, 4), (4, 2)], Activation::GeluTanh, 0.2),
        (vec![(1, 1)], Activation::Gelu, 0.0),
    ] {
        let settings = settings(&lengths, 2, activation, rate);
        let rows = settings.texts.rows();
        let parameters = draw_layer(&mut stream, 6, 11);
        let (x, dy) = (draw(&mut stream, rows * 6, 1.0), draw(&mut stream, rows * 6, 1.0));
        let (_, dx, gradients) = pass(&parameters, &x, &dy, &settings, DType::F64);
        let value = |place: Option<usize>, element: usize, by: f64| {
            let device = Device::flex();
            let moved = |values: &[f32], here: bool| {
                let mut values: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
                if here {
                    values[element] += by;
                }
                values
            };
            let at = |values: Vec<f64>, shape: [usize; 2]| {
                Tensor::<2>::from_data(TensorData::new(values, shape), (&device, DType::F64))
            };
            let flat = |values: Vec<f64>| {
                let count = values.len();
                Tensor::<1>::from_data(TensorData::new(values, [count]), (&device, DType::F64))
            };
            let values = |place_: usize| moved(&parameters[place_].0, place == Some(place_));
            let linear =
                |place: usize| Linear { weight: at(values(place), parameters[place].1), bias: flat(values(place + 1)) };
            let norm =
                |place: usize| LayerNorm { weight: flat(values(place)), bias: flat(values(place + 1)), epsilon: 1e-12 };
            let layer = Layer {
                query: linear(0),
                key: linear(2),
                value: linear(4),
                attention_output: linear(6),
                attention_norm: norm(8),
                intermediate: linear(10),
                output: linear(12),
                output_norm: norm(14),
            };
            let y = composed::encoder_layer(at(moved(&x, place.is_none()), [rows, 6]), &layer, &settings);
            numbers(y).iter().zip(&dy).map(|(y, &dy)| y * f64::from(dy)).sum::<f64>()
        };
        let mut check = |place: Option<usize>, gradient: &[f64]| {
            for _ in 0..4 {
                let element = stream.below(gradient.len() as u32) as usize;
                let difference = (value(place, element, STEP) - value(place, element, -STEP)) / (2.0 * STEP);
                let ours = gradient[element];
                assert!(
                    (ours - difference).abs() < 1e-6 * (1.0 + difference.abs()),
                    "{place:?}[{element}]: {ours}, by differences {difference}"
                );
            }
        };
        check(None, &dx);
        gradients.iter().enumerate().for_each(|(place, gradient)| check(Some(place), gradient));
    }
}
