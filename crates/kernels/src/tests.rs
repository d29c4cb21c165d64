//! Every operator against its composed form in f64, and the composed forms against finite differences.

use crate::attention::{self, Attention};
use crate::embedding::Places;
use crate::gelu;
use crate::linear::{self, weight_gradient};
use crate::matmul::Onto;
use crate::norm::{self, Norm};
use crate::{
    Activation, AdamW, Dropout, Embeddings, Layer, LayerNorm, Linear, Settings, Texts, composed, sum_of_squares,
};
use burn::prelude::*;
use burn::tensor::DType;
use random::{Purpose, Stream};

/// How far operators in f32 may be from the composed form, as a share of its largest element.
const FORWARD: f64 = 1e-5;
const BACKWARD: f64 = 1e-4;

const ACTIVATIONS: [Activation; 3] = [Activation::Gelu, Activation::GeluTanh, Activation::Relu];

fn draw(stream: &mut Stream, count: usize, scale: f32) -> Vec<f32> {
    (0..count).map(|_| scale * stream.normal()).collect()
}

fn tensor<const D: usize>(values: &[f32], shape: [usize; D], dtype: DType) -> Tensor<D> {
    let device = Device::flex().autodiff();
    Tensor::<D>::from_data(TensorData::new(values.to_vec(), shape), (&device, dtype)).require_grad()
}

fn exact<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
    tensor(values, shape, DType::F64)
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.try_into_vec_as().unwrap()
}

fn close(what: &str, ours: impl IntoIterator<Item = f32>, composed: &[f64], tolerance: f64) {
    let ours: Vec<f64> = ours.into_iter().map(f64::from).collect();
    assert_eq!(ours.len(), composed.len(), "{what}");
    let largest = composed.iter().fold(0.0f64, |most, value| most.max(value.abs()));
    for (place, (a, b)) in ours.iter().zip(composed).enumerate() {
        assert!((a - b).abs() <= tolerance * largest, "{what}[{place}]: {a} instead of {b}; the largest is {largest}");
    }
}

fn dropout(rate: f64) -> Option<Dropout> {
    Dropout::new(rate, 7, 3, &Device::flex(), true)
}

/// The gradient of Σ y · dy by burn, through a composed form.
fn through<const D: usize>(y: Tensor<D>, dy: &[f32]) -> burn::tensor::Gradients {
    let dy = exact(dy, y.dims());
    (y * dy).sum().backward()
}

/// (texts as (length, visible), heads, width of a head)
fn attention_shapes() -> Vec<(Vec<(usize, usize)>, usize, usize)> {
    vec![
        (vec![(1, 1)], 1, 1),
        (vec![(7, 7)], 1, 5),
        (vec![(5, 5), (1, 1), (9, 9), (2, 2)], 3, 7),
        (vec![(8, 8), (8, 3), (8, 1)], 4, 8),
        (vec![(6, 0), (6, 6)], 2, 3),
        (vec![(4, 0), (3, 2)], 2, 4),
        (vec![(33, 33), (130, 129)], 2, 32),
        (vec![(512, 512), (512, 300)], 2, 16),
    ]
}

#[test]
fn attention_equals_its_composed_form() {
    let mut stream = Stream::new(1, Purpose::Sample, [0, 0]);
    for (lengths, heads, width) in attention_shapes() {
        for rate in [0.0, 0.3] {
            let what = format!("attention over {lengths:?}, {heads} heads of {width}, dropout {rate}");
            let texts = Texts::new(lengths.iter().copied());
            let (rows, hidden) = (texts.rows(), heads * width);
            let parts: [Vec<f32>; 3] = std::array::from_fn(|_| draw(&mut stream, rows * hidden, 1.0));
            let dy = draw(&mut stream, rows * hidden, 1.0);
            let dropout = dropout(rate);
            let site = dropout.as_ref().map(|dropout| dropout.site(5));
            let attention = Attention { texts: &texts, heads, hidden, site: site.as_ref() };

            let qkv: Vec<f32> = (0..rows)
                .flat_map(|row| parts.iter().flat_map(move |part| &part[row * hidden..][..hidden]))
                .copied()
                .collect();
            let (mut context, mut log_sums) = (vec![0.0; rows * hidden], vec![0.0; heads * rows]);
            attention::forward(attention, &qkv, &mut context, &mut log_sums);
            let mut d_qkv = vec![f32::NAN; 3 * rows * hidden];
            attention::backward(attention, &qkv, &log_sums, &dy, &mut d_qkv);

            let [query, key, value] = parts.map(|part| exact(&part, [rows, hidden]));
            let of = [query.clone(), key.clone(), value.clone()];
            let composed = composed::attention(of, &texts, heads, dropout.as_ref().map(|dropout| (dropout, 5)));
            close(&what, context, &numbers(composed.clone()), FORWARD);
            let gradients = through(composed, &dy);
            for (part, tensor) in [query, key, value].iter().enumerate() {
                let ours = (0..rows).flat_map(|row| &d_qkv[row * 3 * hidden + part * hidden..][..hidden]).copied();
                // Gradients of keys and queries that cancel out are compared with those that do not.
                close(&format!("{what}, gradient {part}"), ours, &numbers(tensor.grad(&gradients).unwrap()), BACKWARD);
            }
        }
    }
}

#[test]
fn a_text_of_which_nothing_is_visible_attends_to_all_alike() {
    let texts = Texts::new([(3, 0)]);
    let qkv: Vec<f32> = (0..18).map(|place| place as f32).collect();
    let (mut context, mut log_sums) = (vec![0.0; 6], vec![0.0; 3]);
    attention::forward(Attention { texts: &texts, heads: 1, hidden: 2, site: None }, &qkv, &mut context, &mut log_sums);
    // The values are (4, 5), (10, 11) and (16, 17).
    assert!(context.chunks(2).all(|row| (row[0] - 10.0).abs() < 1e-5 && (row[1] - 11.0).abs() < 1e-5), "{context:?}");
}

#[test]
fn activations_equal_their_composed_forms() {
    let mut stream = Stream::new(2, Purpose::Sample, [0, 0]);
    for activation in ACTIVATIONS {
        for (rows, width) in [(1, 1), (3, 5), (33, 17), (70, 64)] {
            let mut x = draw(&mut stream, rows * width, 3.0);
            let dy = draw(&mut stream, rows * width, 1.0);
            let tensor = exact(&x, [rows, width]);
            let composed = composed::activate(activation, tensor.clone());
            let mut y = vec![0.0; rows * width];
            gelu::forward(activation, &x, &mut y, width);
            close(&format!("{activation:?}"), y.clone(), &numbers(composed.clone()), FORWARD);
            let gradient = numbers(tensor.grad(&through(composed, &dy)).unwrap());
            let (mut dx, mut sums) = (dy, vec![0.0; width]);
            gelu::backward(activation, &mut x, &mut dx, &mut sums);
            close(&format!("gradient of {activation:?}"), dx, &gradient, BACKWARD);
            assert_eq!(x, y, "the backward pass gives the activation again");
            let columns: Vec<f64> =
                (0..width).map(|column| gradient.iter().skip(column).step_by(width).sum()).collect();
            close(&format!("column sums of {activation:?}"), sums, &columns, BACKWARD);
        }
    }
}

#[test]
fn dropout_residual_and_norm_equal_their_composed_form() {
    let mut stream = Stream::new(3, Purpose::Sample, [0, 0]);
    for (rows, width) in [(1, 3), (5, 17), (64, 128), (33, 130), (2, 768)] {
        for rate in [0.0, 0.2] {
            let what = format!("norm of {rows} × {width}, dropout {rate}");
            let (x, residual) = (draw(&mut stream, rows * width, 1.0), draw(&mut stream, rows * width, 2.0));
            let (weight, bias) = (draw(&mut stream, width, 1.0), draw(&mut stream, width, 1.0));
            let dy = draw(&mut stream, rows * width, 1.0);
            let dropout = dropout(rate);
            let site = dropout.as_ref().map(|dropout| dropout.site(9));

            let (mut normalized, mut y, mut deviations) = (x.clone(), vec![0.0; rows * width], vec![0.0; rows]);
            let norm = Norm { weight: &weight, bias: &bias, epsilon: 1e-12 };
            norm::forward(&mut normalized, Some(&residual), norm, site.as_ref(), &mut y, &mut deviations);
            let mut again = vec![0.0; rows * width];
            norm::rescale(&normalized, norm, &mut again);
            assert_eq!(y, again, "the output again from what was kept");
            let (mut d_residual, mut dx, mut sums) = (dy.clone(), normalized, vec![0.0; 3 * width]);
            norm::backward(&mut d_residual, &mut dx, &weight, &deviations, site.as_ref(), &mut sums);

            let (tx, tr) = (exact(&x, [rows, width]), exact(&residual, [rows, width]));
            let exact_norm = LayerNorm { weight: exact(&weight, [width]), bias: exact(&bias, [width]), epsilon: 1e-12 };
            let dropped = match &dropout {
                Some(dropout) => dropout.apply(tx.clone(), 9),
                None => tx.clone(),
            };
            let composed = composed::layer_norm(dropped + tr.clone(), &exact_norm);
            close(&what, y, &numbers(composed.clone()), FORWARD);
            let gradients = through(composed, &dy);
            let d_x = numbers(tx.grad(&gradients).unwrap());
            close(&format!("{what}, gradient"), dx, &d_x, BACKWARD);
            close(&format!("{what}, residual"), d_residual, &numbers(tr.grad(&gradients).unwrap()), BACKWARD);
            let d_weight = numbers(exact_norm.weight.grad(&gradients).unwrap());
            close(&format!("{what}, weight"), sums[..width].to_vec(), &d_weight, BACKWARD);
            let d_bias = numbers(exact_norm.bias.grad(&gradients).unwrap());
            close(&format!("{what}, bias"), sums[width..2 * width].to_vec(), &d_bias, BACKWARD);
            let columns: Vec<f64> = (0..width).map(|column| d_x.iter().skip(column).step_by(width).sum()).collect();
            let largest = d_x.iter().fold(0.0f64, |most, value| most.max(value.abs()));
            for (ours, exact) in sums[2 * width..].iter().zip(&columns) {
                assert!((f64::from(*ours) - exact).abs() <= BACKWARD * largest.max(1.0), "{what}: {ours} for {exact}");
            }
        }
    }
}

#[test]
fn linear_layers_equal_their_composed_form() {
    let mut stream = Stream::new(4, Purpose::Sample, [0, 0]);
    for (rows, input, output) in [(1, 1, 1), (3, 5, 7), (130, 65, 33), (64, 384, 128), (200, 150, 37), (1, 768, 9)] {
        let what = format!("linear {rows} × {input} to {output}");
        let (x, weight) = (draw(&mut stream, rows * input, 1.0), draw(&mut stream, output * input, 0.3));
        let (bias, dy) = (draw(&mut stream, output, 1.0), draw(&mut stream, rows * output, 1.0));
        let layer = linear::Linear { weight: &weight, bias: &bias, input };
        let (mut y, mut dx, mut dw) = (vec![0.0; rows * output], vec![0.0; rows * input], vec![0.0; output * input]);
        layer.forward(&x, &mut y, output);
        layer.backward(&dy, output, Onto::Replace, &mut dx);
        weight_gradient(&dy, output, &x, input, &mut dw);

        let composed = Linear { weight: exact(&weight, [output, input]), bias: exact(&bias, [output]) };
        let tx = exact(&x, [rows, input]);
        let exact_y = composed.forward(tx.clone());
        close(&what, y, &numbers(exact_y.clone()), FORWARD);
        let gradients = through(exact_y, &dy);
        close(&format!("{what}, input"), dx, &numbers(tx.grad(&gradients).unwrap()), BACKWARD);
        close(&format!("{what}, weight"), dw, &numbers(composed.weight.grad(&gradients).unwrap()), BACKWARD);
    }
}

#[test]
fn a_row_is_dropped_as_in_the_composed_form() {
    let dropout = dropout(0.25).unwrap();
    for (rows, width) in [(1, 1), (3, 128), (4, 129), (2, 1000)] {
        let composed = numbers(dropout.apply(exact(&vec![1.0; rows * width], [rows, width]), 2));
        let mut ours = vec![1.0; rows * width];
        for (row, values) in ours.chunks_mut(width).enumerate() {
            dropout.site(2).apply_to_row(row as u32, values);
        }
        close("dropout", ours, &composed, 0.0);
    }
}

/// Sizes of a layer: texts, heads, width of a head, inner size.
type LayerShape = (Vec<(usize, usize)>, usize, usize, usize);

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
fn embeddings_equal_their_composed_form() {
    let mut stream = Stream::new(7, Purpose::Sample, [0, 0]);
    for (rows, width, rate) in [(1, 3, 0.0), (40, 17, 0.0), (67, 32, 0.2)] {
        let sizes = [23, 41, 2];
        let mut places = |bound: u32| (0..rows).map(|_| stream.below(bound) as i32).collect::<Vec<_>>();
        let places = Places { words: places(23).into(), positions: places(41).into(), segments: places(2).into() };
        let tables: Vec<Vec<f32>> = sizes.iter().map(|size| draw(&mut stream, size * width, 1.0)).collect();
        let (weight, bias) = (draw(&mut stream, width, 1.0), draw(&mut stream, width, 1.0));
        let dy = draw(&mut stream, rows * width, 1.0);
        let dropout = dropout(rate);
        let pass = |dtype| {
            let table = |place: usize| tensor(&tables[place], [sizes[place], width], dtype);
            let norm = LayerNorm {
                weight: tensor(&weight, [width], dtype),
                bias: tensor(&bias, [width], dtype),
                epsilon: 1e-12,
            };
            let all = Embeddings { word: table(0), position: table(1), segment: table(2), norm };
            let y = crate::embeddings(&all, &places, dropout.as_ref().map(|dropout| (dropout, 0)));
            let gradients = (y.clone() * tensor(&dy, y.dims(), dtype)).sum().backward();
            let matrices =
                [&all.word, &all.position, &all.segment].map(|table| numbers(table.grad(&gradients).unwrap()));
            let vectors = [&all.norm.weight, &all.norm.bias].map(|vector| numbers(vector.grad(&gradients).unwrap()));
            (numbers(y), [matrices.to_vec(), vectors.to_vec()].concat())
        };
        let ((y, ours), (exact_y, exact)) = (pass(DType::F32), pass(DType::F64));
        close("embeddings", y.iter().map(|&value| value as f32), &exact_y, FORWARD);
        for (ours, exact) in ours.iter().zip(&exact) {
            close("gradient of embeddings", ours.iter().map(|&value| value as f32), exact, BACKWARD);
        }
    }
}

#[test]
fn adamw_equals_its_composed_form() {
    let mut stream = Stream::new(8, Purpose::Sample, [0, 0]);
    for size in [1, 7, 129, 40_000] {
        let start = draw(&mut stream, size, 1.0);
        let (mut ours, mut composed) = (tensor(&start, [size], DType::F32), tensor(&start, [size], DType::F64));
        let (mut our_moments, mut composed_moments) = (None, None);
        for updates in 1..=5 {
            let gradient = draw(&mut stream, size, 0.1);
            let step = AdamW {
                beta1: 0.9,
                beta2: 0.999,
                epsilon: 1e-8,
                updates,
                learning_rate: 1e-2,
                weight_decay: 0.01,
                scale: 0.5,
            };
            let plain = |dtype| tensor(&gradient, [size], dtype).without_autodiff();
            our_moments = Some(step.step(&mut ours, plain(DType::F32), our_moments));
            composed_moments = Some(step.step(&mut composed, plain(DType::F64), composed_moments));
        }
        close("parameters", numbers(ours).iter().map(|&value| value as f32), &numbers(composed), 1e-6);
        let (first, second) = our_moments.unwrap();
        let (exact_first, exact_second) = composed_moments.unwrap();
        close("first moments", numbers(first).iter().map(|&value| value as f32), &numbers(exact_first), 1e-6);
        close("second moments", numbers(second).iter().map(|&value| value as f32), &numbers(exact_second), 1e-6);
    }
}

/// What others hold of a parameter, such as the weights of the best epoch, stays as it was.
#[test]
fn adamw_leaves_copies_alone() {
    let mut parameter = tensor(&[1.0, 2.0], [2], DType::F32);
    let copy = parameter.clone();
    let step = AdamW {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        updates: 1,
        learning_rate: 0.1,
        weight_decay: 0.0,
        scale: 1.0,
    };
    step.step(&mut parameter, tensor(&[1.0, -1.0], [2], DType::F32).without_autodiff(), None);
    assert_eq!(numbers(copy), [1.0, 2.0]);
    assert!((numbers(parameter)[0] - 0.9).abs() < 1e-6);
}

#[test]
fn squares_are_summed() {
    let mut stream = Stream::new(9, Purpose::Sample, [0, 0]);
    let values = [draw(&mut stream, 50_000, 1.0), draw(&mut stream, 13, 5.0)];
    let exactly: f64 = values.iter().flatten().map(|&value| f64::from(value).powi(2)).sum();
    for dtype in [DType::F32, DType::F64] {
        let tensors: Vec<Tensor<1>> = values.iter().map(|values| tensor(values, [values.len()], dtype)).collect();
        let sum = sum_of_squares(tensors.iter().map(|tensor| (tensor, 1)));
        assert!((sum - exactly).abs() < 1e-5 * exactly, "{sum} instead of {exactly}");
    }
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
