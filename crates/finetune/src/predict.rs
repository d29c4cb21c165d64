//! From a model and texts to answers: probabilities, labels, and spans in the user's own text.

use crate::TrainError;
use crate::event::{Control, Scores};
use crate::loss::{mean_over_windows, weight_of};
use crate::prefix::Prefix;
use crate::train::output_names;
use burn::Tensor;
use burn::tensor::Device;
use burn::tensor::activation::softmax;
use corpus::{Batch, Encoded, Example, Gold, Padding, Span, Task, Tokenizer};
use encoder::{Compute, Dropout, HeadKind, Inputs, Model, Texts, floats};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// An entity that the model found. Start and end are characters in the text, the end excluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictedSpan {
    pub start: usize,
    pub end: usize,
    pub label: usize,
    /// The lowest probability among the tags of its words.
    pub confidence: f32,
}

/// The answer for one example.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    pub class: Option<usize>,
    /// One probability a class, for classification.
    pub probabilities: Vec<f32>,
    pub entities: Vec<PredictedSpan>,
}

/// The logits of a batch, from the outputs of the frozen layers where they are kept; otherwise these run without dropout
/// when `quiet` gives their number.
pub(crate) fn logits(
    model: &Model,
    batch: &Batch,
    prefix: Option<&Prefix>,
    dropout: Option<&Dropout>,
    quiet: Option<usize>,
    device: &Device,
) -> Result<Tensor<2>, TrainError> {
    let inputs = inputs(batch);
    match prefix {
        Some(prefix) => {
            let states = prefix.states(batch, device)?;
            Ok(model.forward_from(states, &inputs.texts, prefix.layers, dropout))
        }
        None => Ok(model.forward(&inputs, dropout, quiet)),
    }
}

/// Probabilities for each decision of an example: one for a text (classification), one a word (`ner`), `None` for a word
/// of which the tokenizer leaves nothing.
pub(crate) type Answer = Vec<Option<Vec<f32>>>;

/// How many texts go through the model at once when nothing is trained.
const BATCH: usize = 32;

/// A batch as the encoder reads it.
pub(crate) fn inputs(batch: &Batch) -> Inputs {
    let texts = Texts::new(batch.windows.iter().map(|window| (window.length, window.pieces)));
    Inputs::new(batch.ids.clone(), batch.segments.clone(), texts)
}

pub(crate) fn padding(model: &Model, pad: u32, compute: &Compute) -> Option<Padding> {
    let longest = model.config.max_position_embeddings;
    compute.length_multiple().map(|multiple| Padding { id: pad, multiple, longest })
}

pub(crate) fn answer(
    model: &Model,
    encoded: &Encoded,
    examples: &[Example],
    pad: u32,
    compute: &Compute,
    prefix: Option<&Prefix>,
    progress: &mut dyn FnMut(usize, usize) -> Control,
) -> Result<Vec<Answer>, TrainError> {
    let sequence = model.kind == HeadKind::Sequence;
    let mut answers: Vec<Answer> =
        examples.iter().map(|example| vec![None; if sequence { 1 } else { example.words.len() }]).collect();
    let mut done = 0;
    for chosen in corpus::sorted_batches(encoded, BATCH) {
        let batch = corpus::collate(encoded, &chosen, padding(model, pad, compute));
        let logits = logits(model, &batch, prefix, None, None, &compute.inference())?;
        let logits = if sequence { mean_over_windows(logits, &batch) } else { logits };
        let classes = logits.dims()[1];
        let probabilities = floats(softmax(logits, 1));
        let mut rows = probabilities.chunks(classes);
        if sequence {
            for (&example, row) in chosen.iter().zip(rows) {
                answers[example][0] = Some(row.to_vec());
            }
        } else {
            let mut words = batch.words.iter();
            for window in &batch.windows {
                let answer = &mut answers[chosen[window.example]];
                for (&word, row) in words.by_ref().zip(rows.by_ref()).take(window.length) {
                    if let Ok(word) = usize::try_from(word) {
                        answer[word] = Some(row.to_vec());
                    }
                }
            }
        }
        done += chosen.len();
        if progress(done, examples.len()) != Control::Continue {
            return Err(TrainError::Stopped);
        }
    }
    Ok(answers)
}

/// The mean cross-entropy of answers against the gold labels, and 0 where there is none.
pub(crate) fn mean_loss(task: Task, examples: &[Example], answers: &[Answer], class_weights: Option<&[f32]>) -> f64 {
    let (mut loss, mut weights) = (0.0, 0.0);
    for (example, answer) in examples.iter().zip(answers) {
        for (target, probabilities) in targets(task, example).into_iter().zip(answer) {
            let (Some(target), Some(probabilities)) = (target, probabilities) else { continue };
            let weight = f64::from(weight_of(target as i32, class_weights));
            loss -= weight * f64::from(probabilities[target].max(f32::MIN_POSITIVE)).ln();
            weights += weight;
        }
    }
    if weights == 0.0 { 0.0 } else { loss / weights }
}

fn targets(task: Task, example: &Example) -> Vec<Option<usize>> {
    match (task, &example.gold) {
        (Task::Classification, Some(Gold::Class(class))) => vec![Some(*class)],
        (Task::Ner, Some(Gold::Entities(spans))) => {
            corpus::tags_of(&example.words, spans).into_iter().map(Some).collect()
        }
        _ => vec![],
    }
}

pub(crate) fn predictions(task: Task, examples: &[Example], answers: &[Answer]) -> Vec<Prediction> {
    examples
        .iter()
        .zip(answers)
        .map(|(example, answer)| match task {
            Task::Classification => {
                let probabilities = answer[0].clone().unwrap_or_default();
                Prediction { class: Some(best(&probabilities).0), probabilities, entities: vec![] }
            }
            Task::Ner => Prediction { entities: entities(example, answer), ..Prediction::default() },
        })
        .collect()
}

fn entities(example: &Example, answer: &Answer) -> Vec<PredictedSpan> {
    let chosen: Vec<(usize, f32)> = answer.iter().map(|row| row.as_deref().map_or((0, 1.0), best)).collect();
    let tags: Vec<usize> = chosen.iter().map(|(tag, _)| *tag).collect();
    corpus::spans_of(&example.words, &tags)
        .into_iter()
        .map(|Span { start, end, label }| {
            let inside = example.words.iter().zip(&chosen).filter(|(word, _)| word.start >= start && word.end <= end);
            let confidence = inside.map(|(_, (_, probability))| *probability).fold(1.0, f32::min);
            PredictedSpan { start, end, label, confidence }
        })
        .collect()
}

/// The index of the highest probability, the first of equals, and that probability.
fn best(probabilities: &[f32]) -> (usize, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (index, &probability) in probabilities.iter().enumerate() {
        if probability > best.1 {
            best = (index, probability);
        }
    }
    best
}

/// Scores predictions against the examples' gold labels. Examples without gold do not count.
pub fn score(task: Task, labels: &[String], examples: &[Example], predictions: &[Prediction]) -> Scores {
    let pairs = examples.iter().zip(predictions);
    match task {
        Task::Classification => {
            let (gold, predicted): (Vec<usize>, Vec<usize>) = pairs
                .filter_map(|(example, prediction)| match (&example.gold, prediction.class) {
                    (Some(Gold::Class(gold)), Some(class)) => Some((*gold, class)),
                    _ => None,
                })
                .unzip();
            Scores::Classification(metrics::classification(&gold, &predicted, labels))
        }
        Task::Ner => {
            let entity = |start, end, kind| metrics::Entity { start, end, kind };
            let (gold, predicted): (Vec<_>, Vec<_>) = pairs
                .filter_map(|(example, prediction)| match &example.gold {
                    Some(Gold::Entities(spans)) => Some((
                        spans.iter().map(|span| entity(span.start, span.end, span.label)).collect::<Vec<_>>(),
                        prediction
                            .entities
                            .iter()
                            .map(|span| entity(span.start, span.end, span.label))
                            .collect::<Vec<_>>(),
                    )),
                    _ => None,
                })
                .unzip();
            Scores::Ner(metrics::entities(&gold, &predicted, labels))
        }
    }
}

/// A trained model, ready to answer.
pub struct Predictor {
    pub task: Task,
    pub labels: Vec<String>,
    pub max_length: usize,
    model: Model,
    tokenizer: Tokenizer,
    compute: Compute,
}

/// What a trained model's `config.json` says besides what Hugging Face needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ModelFacts {
    pub task: Task,
    pub labels: Vec<String>,
    pub max_length: usize,
}

impl Predictor {
    /// Loads the `model` folder of a run.
    pub fn load(folder: &Path, compute: &Compute) -> Result<Self, TrainError> {
        let model = encoder::load_trained(folder, &compute.inference())?;
        let facts = model.config.raw.get("ballast").cloned().unwrap_or_default();
        let not_trained = |reason: String| TrainError::NotTrained { folder: folder.into(), reason };
        let facts: ModelFacts = serde_json::from_value(facts).map_err(|error| not_trained(error.to_string()))?;
        let (named, outputs) = (output_names(facts.task, &facts.labels).len(), model.classifier.bias.dims()[0]);
        if named != outputs {
            return Err(not_trained(format!("its config.json names {named} outputs, its weights have {outputs}")));
        }
        let tokenizer = Tokenizer::load(folder)?;
        Ok(Self {
            task: facts.task,
            labels: facts.labels,
            max_length: facts.max_length,
            model,
            tokenizer,
            compute: compute.clone(),
        })
    }

    pub fn predict(
        &self,
        examples: &[Example],
        progress: &mut dyn FnMut(usize, usize) -> Control,
    ) -> Result<Vec<Prediction>, TrainError> {
        let encoded = corpus::encode(&self.tokenizer, examples, self.task, self.max_length);
        let answers = answer(&self.model, &encoded, examples, self.tokenizer.pad(), &self.compute, None, progress);
        kernels::release_memory();
        let answers = answers?;
        Ok(predictions(self.task, examples, &answers))
    }
}
