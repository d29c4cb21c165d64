//! An ONNX file run by tract, beside the engine: whether it says the same.

use crate::OnnxError;
use encoder::{HeadKind, Inputs, Model, Texts, floats};
use tract_onnx::prelude::*;

/// A text as word pieces: the ids and the segments of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    pub ids: Vec<i32>,
    pub segments: Vec<i32>,
}

/// The logits of a batch, padded to its longest text, as tract computes them: `[batch, outputs]` or
/// `[batch, length, outputs]`, row by row.
pub fn run(file: &[u8], texts: &[Pieces], pad: i32) -> Result<Vec<f32>, OnnxError> {
    let failed = |error: TractError| OnnxError::DoesNotRun { reason: format!("{error:#}") };
    tract(file, texts, pad).map_err(failed)
}

fn tract(file: &[u8], texts: &[Pieces], pad: i32) -> TractResult<Vec<f32>> {
    let shape = [texts.len(), longest(texts)];
    let mut model = tract_onnx::onnx().model_for_read(&mut &*file)?;
    for input in 0..3 {
        model.set_input_fact(input, InferenceFact::dt_shape(i64::datum_type(), shape))?;
    }
    let plan = model.into_optimized()?.into_runnable()?;
    let padded = |of: &dyn Fn(&Pieces, usize) -> i64| -> TractResult<TValue> {
        let rows = texts.iter().flat_map(|text| (0..shape[1]).map(move |place| (text, place)));
        let values: Vec<i64> = rows.map(|(text, place)| of(text, place)).collect();
        Ok(Tensor::from_shape(&shape, &values)?.into())
    };
    let at = |list: &[i32], place: usize, otherwise: i32| i64::from(list.get(place).copied().unwrap_or(otherwise));
    let inputs = tvec![
        padded(&|text, place| at(&text.ids, place, pad))?,
        padded(&|text, place| i64::from(place < text.ids.len()))?,
        padded(&|text, place| at(&text.segments, place, 0))?,
    ];
    let outputs = plan.run(inputs)?;
    Ok(outputs[0].to_plain_array_view::<f32>()?.iter().copied().collect())
}

/// The largest absolute difference of a logit between the file and the model, over texts that the file reads as one padded
/// batch and the model without padding. `model` must be on the CPU and without gradients.
pub fn largest_difference(model: &Model, file: &[u8], texts: &[Pieces], pad: i32) -> Result<f64, OnnxError> {
    Ok(difference(model, &run(file, texts, pad)?, texts))
}

/// The same for logits that another runtime gave for the padded batch.
pub fn difference(model: &Model, found: &[f32], texts: &[Pieces]) -> f64 {
    let wanted = floats(model.forward(&inputs(texts), None, None));
    let outputs = model.classifier.bias.dims()[0];
    let length = longest(texts);
    let rows: Vec<&[f32]> = match model.kind {
        HeadKind::Sequence => found.chunks(outputs).collect(),
        HeadKind::Token => {
            let own = texts.iter().zip(found.chunks(outputs * length));
            own.flat_map(|(text, rows)| rows.chunks(outputs).take(text.ids.len())).collect()
        }
    };
    let pairs = rows.into_iter().flatten().zip(&wanted);
    // NaN must not pass for agreement.
    let apart = pairs.map(|(a, b)| f64::from((a - b).abs()));
    apart.fold(0.0, |most, next| if next.is_nan() { f64::INFINITY } else { f64::max(most, next) })
}

fn inputs(texts: &[Pieces]) -> Inputs {
    let ids = texts.iter().flat_map(|text| text.ids.iter().copied()).collect();
    let segments = texts.iter().flat_map(|text| text.segments.iter().copied()).collect();
    Inputs::new(ids, segments, Texts::new(texts.iter().map(|text| (text.ids.len(), text.ids.len()))))
}

fn longest(texts: &[Pieces]) -> usize {
    texts.iter().map(|text| text.ids.len()).max().unwrap_or(0)
}
