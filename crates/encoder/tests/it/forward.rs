//! What a pass through the encoder must hold to, whatever the weights.

use crate::{bert, electra};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use encoder::{Activation, Config, Dropout, HeadKind, Inputs, Model, Parameter, Texts, floats, initialize};
use std::path::{Path, PathBuf};

const LENGTHS: [usize; 3] = [9, 6, 2];

/// Three texts of 9, 6 and 2 pieces, padded to `length`, the second with two segments.
fn inputs(length: usize) -> Inputs {
    let (mut ids, mut segments, mut mask) = (vec![0; 3 * length], vec![0; 3 * length], vec![0; 3 * length]);
    for (row, size) in LENGTHS.into_iter().enumerate() {
        for place in 0..size {
            ids[row * length + place] = 5 + ((row * 37 + place * 13) % 110) as i32;
            segments[row * length + place] = i32::from(row == 1 && place >= 3);
            mask[row * length + place] = 1;
        }
    }
    Inputs::new(ids, segments, Texts::padded(&mask, length))
}

/// A model whose weights are large enough that every part matters.
fn lively(encoder: &Path, kind: HeadKind, activation: Activation, device: &Device) -> Model {
    let mut config = Config::read(encoder).unwrap();
    config.initializer_range = 0.3;
    config.activation = activation;
    let mut model = Model::zeros(&config, kind, 3, device);
    initialize(&mut model, 11);
    model
}

/// The last hidden states, without dropout below layer `quiet`.
fn hidden(model: &Model, inputs: &Inputs, dropout: Option<&Dropout>, quiet: usize) -> Tensor<2> {
    (0..model.layers.len()).fold(model.embed(inputs, None), |x, index| {
        model.encode(x, &inputs.texts, index..index + 1, if index < quiet { None } else { dropout })
    })
}

fn encoders() -> [PathBuf; 2] {
    [bert(), electra()]
}

#[test]
fn padding_does_not_change_real_tokens() {
    let device = Device::flex();
    for encoder in encoders() {
        let model = lively(&encoder, HeadKind::Token, Activation::Gelu, &device);
        let size = model.config.hidden_size;
        let states = |length| floats(hidden(&model, &inputs(length), None, 0));
        let (short, long) = (states(9), states(40));
        for (row, real) in LENGTHS.into_iter().enumerate() {
            for place in 0..real * size {
                let (a, b) = (short[row * 9 * size + place], long[row * 40 * size + place]);
                assert!((a - b).abs() < 1e-5, "text {row}, element {place}: {a} and {b}");
            }
        }
    }
}

#[test]
fn frozen_layers_run_without_dropout() {
    let device = Device::flex();
    let dropout = Dropout::new(0.3, 1, 4, &device, true);
    for encoder in encoders() {
        for kind in [HeadKind::Token, HeadKind::Sequence] {
            let model = lively(&encoder, kind, Activation::Gelu, &device);
            let inputs = inputs(9);
            let logits = |quiet| floats(model.forward(&inputs, dropout.as_ref(), quiet));
            let expected = |quiet| {
                let states = hidden(&model, &inputs, dropout.as_ref(), quiet);
                floats(model.head(states, &inputs.texts, dropout.as_ref()))
            };
            for quiet in 0..=2 {
                assert_eq!(logits(Some(quiet)), expected(quiet), "{quiet}");
            }
            assert_ne!(logits(Some(2)), logits(Some(1)));
            assert_ne!(logits(Some(1)), logits(Some(0)));
            assert_ne!(logits(Some(0)), logits(None));
            let still = hidden(&model, &inputs, None, 0);
            assert_eq!(floats(hidden(&model, &inputs, dropout.as_ref(), 2)), floats(still));
        }
    }
}

/// The mean cross-entropy of all rows against classes 0, 1, 2, 0, ...
fn loss(model: &Model, inputs: &Inputs, dropout: Option<&Dropout>) -> Tensor<1> {
    let logits = model.forward(inputs, dropout, None);
    let rows = logits.dims()[0];
    let targets: Vec<i32> = (0..rows).map(|row| (row % 3) as i32).collect();
    let targets = Tensor::<2, Int>::from_data(TensorData::new(targets, [rows, 1]), &logits.device());
    log_softmax(logits, 1).gather(1, targets).mean().neg()
}

fn moved(model: &Model, wanted: &str, place: usize, by: f32) -> Model {
    let mut model = model.inference();
    model.visit(&mut |name, mut parameter| {
        if name == wanted {
            let mut values = parameter.values();
            values[place] += by;
            parameter.set(values);
        }
    });
    model
}

/// Compares the gradient at the two steepest elements of every parameter with central finite differences. Dropout masks
/// follow from their coordinates, so the same ones are drawn each time and dropout's own gradient is checked as well.
fn check_gradients(encoder: &Path, kind: HeadKind, activation: Activation, rate: f64) {
    const STEP: f32 = 2e-3;
    let (device, plain) = (Device::flex().autodiff(), Device::flex());
    let mut model = lively(encoder, kind, activation, &device);
    model.set_trainable(|_| true);
    let dropout = Dropout::new(rate, 2, 1, &device, true);
    let mut gradients = loss(&model, &inputs(9), dropout.as_ref()).backward();
    let mut steepest = Vec::new();
    model.visit(&mut |name, parameter| {
        let gradient = match parameter {
            Parameter::Vector(tensor) => floats(tensor.grad_remove(&mut gradients).unwrap()),
            Parameter::Matrix(tensor) => floats(tensor.grad_remove(&mut gradients).unwrap()),
        };
        let mut places: Vec<usize> = (0..gradient.len()).collect();
        places.sort_by(|&a, &b| gradient[b].abs().total_cmp(&gradient[a].abs()));
        places.iter().take(2).for_each(|&place| steepest.push((name.to_string(), place, gradient[place])));
    });
    let model = lively(encoder, kind, activation, &plain);
    let inputs = inputs(9);
    let at =
        |name: &str, place, by| f64::from(floats(loss(&moved(&model, name, place, by), &inputs, dropout.as_ref()))[0]);
    for (name, place, gradient) in steepest {
        let expected = (at(&name, place, STEP) - at(&name, place, -STEP)) / (2.0 * f64::from(STEP));
        let gradient = f64::from(gradient);
        if name.ends_with("key.bias") {
            // The same for all keys, so that softmax takes it out again: the gradient is 0.
            assert!(gradient.abs() < 1e-6 && expected.abs() < 1e-3, "{name}: {gradient} {expected}");
            continue;
        }
        assert!(gradient.abs() > 1e-4, "{name} is too flat to be checked: {gradient}");
        // Differences of an f32 loss are exact to about 1e-4 at this step.
        let allowed = 1e-2 * expected.abs() + 1e-4;
        assert!((gradient - expected).abs() < allowed, "{name}[{place}]: {gradient}, by differences {expected}");
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    for encoder in encoders() {
        for kind in [HeadKind::Sequence, HeadKind::Token] {
            check_gradients(&encoder, kind, Activation::Gelu, 0.0);
        }
    }
}

#[test]
fn gradients_agree_with_finite_differences_under_dropout() {
    check_gradients(&bert(), HeadKind::Sequence, Activation::GeluTanh, 0.1);
    check_gradients(&electra(), HeadKind::Token, Activation::GeluTanh, 0.1);
}
