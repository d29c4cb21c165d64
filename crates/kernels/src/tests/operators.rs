//! The operators within a layer, AdamW and the embeddings.

use super::{ACTIVATIONS, BACKWARD, FORWARD, Lengths, close, draw, dropout, exact, numbers, tensor, through};
use crate::attention::{self, Attention};
use crate::embedding::Places;
use crate::gelu;
use crate::linear::{self, weight_gradient};
use crate::matmul::Onto;
use crate::norm::{self, Norm};
use crate::{AdamW, Embeddings, LayerNorm, Linear, Texts, composed, sums_of_squares};
use burn::prelude::*;
use burn::tensor::DType;
use random::{Purpose, Stream};

/// Texts, heads, and the width of a head.
fn attention_shapes() -> Vec<(Lengths, usize, usize)> {
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
        layer.forward(&x, &mut y);
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
                bias_correction: size != 7,
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
        bias_correction: true,
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
        let sum: f64 = sums_of_squares(tensors.iter().map(|tensor| (tensor, 1))).iter().sum();
        assert!((sum - exactly).abs() < 1e-5 * exactly, "{sum} instead of {exactly}");
    }
}
