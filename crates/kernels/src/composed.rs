//! The operators of this crate in plain burn operators: what runs where there is no fused form.

use crate::dropout::Dropout;
use crate::embedding::Places;
use crate::gelu::Activation;
use crate::layer::Settings;
use crate::parameters::{Embeddings, Layer, LayerNorm};
use crate::texts::Texts;
use burn::prelude::*;
use burn::tensor::activation::{gelu, gelu_approximate, relu, softmax};

pub fn embeddings(embeddings: &Embeddings, places: &Places, dropout: Option<(&Dropout, u32)>) -> Tensor<2> {
    let device = embeddings.word.device();
    let rows = |table: &Tensor<2>, places: &[i32]| {
        let places = Tensor::<1, Int>::from_data(TensorData::new(places.to_vec(), [places.len()]), &device);
        table.clone().select(0, places)
    };
    let words = rows(&embeddings.word, &places.words);
    let positions = rows(&embeddings.position, &places.positions);
    let segments = rows(&embeddings.segment, &places.segments);
    drop(layer_norm(words + positions + segments, &embeddings.norm), dropout)
}

pub fn encoder_layer(x: Tensor<2>, layer: &Layer, settings: &Settings) -> Tensor<2> {
    let dropout = |number: u32| settings.dropout.as_ref().map(|(dropout, first)| (dropout, first + number));
    let [query, key, value] = [&layer.query, &layer.key, &layer.value].map(|linear| linear.forward(x.clone()));
    let context = attention([query, key, value], &settings.texts, settings.heads, dropout(0));
    let attended = drop(layer.attention_output.forward(context), dropout(1));
    let x = layer_norm(attended + x, &layer.attention_norm);
    let inner = activate(settings.activation, layer.intermediate.forward(x.clone()));
    let outer = drop(layer.output.forward(inner), dropout(2));
    layer_norm(outer + x, &layer.output_norm)
}

/// Scaled dot-product attention over several heads (Vaswani et al. 2017, equation 1); query, key, value and the context are
/// `[rows, hidden]`.
pub fn attention(
    [query, key, value]: [Tensor<2>; 3],
    texts: &Texts,
    heads: usize,
    dropout: Option<(&Dropout, u32)>,
) -> Tensor<2> {
    if texts.common_length().is_some() || texts.count() < 2 {
        return attention_over_equals([query, key, value], texts, 0, heads, dropout);
    }
    let contexts = texts.iter().filter(|text| text.length > 0).map(|text| {
        let part = |x: &Tensor<2>| x.clone().narrow(0, text.start, text.length);
        let alone = Texts::new([(text.length, text.visible)]);
        attention_over_equals([part(&query), part(&key), part(&value)], &alone, text.start, heads, dropout)
    });
    Tensor::cat(contexts.collect(), 0)
}

/// Attention over texts of one length, of which the first begins at row `start` of the whole batch.
fn attention_over_equals(
    [query, key, value]: [Tensor<2>; 3],
    texts: &Texts,
    start: usize,
    heads: usize,
    dropout: Option<(&Dropout, u32)>,
) -> Tensor<2> {
    let [rows, hidden] = query.dims();
    let device = query.device();
    let (count, length, width) = (texts.count(), rows / texts.count().max(1), hidden / heads);
    let split = |x: Tensor<2>| x.reshape([count, length, heads, width]).swap_dims(1, 2);
    let scores = (split(query) * (1.0 / (width as f64).sqrt())).matmul(split(key).transpose());
    let hide = |text: crate::Text| (0..length).map(move |place| if place < text.visible { 0.0 } else { f32::MIN });
    let bias: Vec<f32> = texts.iter().flat_map(hide).collect();
    let bias = Tensor::<4>::from_data(TensorData::new(bias, [count, 1, 1, length]), (&device, scores.dtype()));
    let shares = softmax(scores + bias, 3);
    let shares = match dropout {
        Some((dropout, place)) => {
            let row = |text: usize, head: usize, row: usize| ((start + text * length + row) * heads + head) as u32;
            let of_head = |text, head| (0..length).map(move |i| row(text, head, i));
            let of_text = |text| (0..heads).flat_map(move |head| of_head(text, head));
            let mask = dropout.mask(place, [count, heads, length, length], (0..count).flat_map(of_text), &device);
            let dtype = shares.dtype();
            shares * mask.cast(dtype)
        }
        None => shares,
    };
    shares.matmul(split(value)).swap_dims(1, 2).reshape([rows, hidden])
}

pub fn activate<const D: usize>(activation: Activation, x: Tensor<D>) -> Tensor<D> {
    match activation {
        Activation::Gelu => gelu(x),
        Activation::GeluTanh => gelu_approximate(x),
        Activation::Relu => relu(x),
    }
}

pub fn layer_norm(x: Tensor<2>, norm: &LayerNorm) -> Tensor<2> {
    burn::tensor::module::layer_norm(x, norm.weight.clone(), Some(norm.bias.clone()), norm.epsilon)
}

fn drop(x: Tensor<2>, dropout: Option<(&Dropout, u32)>) -> Tensor<2> {
    match dropout {
        Some((dropout, place)) => dropout.apply(x, place),
        None => x,
    }
}
