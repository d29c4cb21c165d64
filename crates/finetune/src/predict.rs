//! From a model and texts to answers: probabilities, labels, and spans in the user's own text.

use crate::TrainError;
use crate::calibrate::{Judged, judge};
use crate::doubt::{Doubt, doubt};
use crate::embed::embed;
use crate::event::Control;
use crate::loss::{mean_over_windows, weight_of};
use crate::prefix::Prefix;
use burn::Tensor;
use burn::tensor::Device;
use burn::tensor::activation::{sigmoid, softmax};
use corpus::{AnswerForm, Batch, Dataset, Encoded, Example, Gold, Marking, Padding, Span, Task, Tokenizer};
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
    /// For `multilabel`: those whose probability reaches the threshold.
    #[serde(default)]
    pub labels: Option<Vec<usize>>,
    /// For `similarity`.
    #[serde(default)]
    pub score: Option<f64>,
    /// One a label, where the text as a whole gets labels.
    pub probabilities: Vec<f32>,
    pub entities: Vec<PredictedSpan>,
    /// Of an ensemble: how far its members disagree. The share of them that decide otherwise than all together, for the word
    /// or label on which they differ most; of scores the standard deviation.
    #[serde(default)]
    pub disagreement: Option<f64>,
}

/// What a model's answers mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    pub task: Task,
    pub labels: Vec<String>,
    /// For `relation`: the label that says that there is none.
    #[serde(default)]
    pub negative: Option<usize>,
    /// For `multilabel`: the probability from which on a label holds.
    #[serde(default = "half")]
    pub threshold: f64,
    /// For `relation`: how the data had its entities marked.
    #[serde(default)]
    pub marking: Option<Marking>,
    /// By which logits are divided, so that probabilities mean what they say; 1 where that was not measured.
    #[serde(default = "one")]
    pub temperature: f64,
}

fn half() -> f64 {
    0.5
}

fn one() -> f64 {
    1.0
}

impl Terms {
    pub fn of(dataset: &Dataset) -> Self {
        let Dataset { task, labels, negative, .. } = dataset;
        Self {
            task: *task,
            labels: labels.clone(),
            negative: *negative,
            threshold: half(),
            marking: dataset.options.marking,
            temperature: one(),
        }
    }
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

/// For each decision of an example, one a text or one a word, the probabilities of what may be chosen, or the score alone;
/// `None` for a word of which the tokenizer leaves nothing.
pub(crate) type Answer = Vec<Option<Vec<f32>>>;

/// How many texts go through the model at once when nothing is trained.
pub(crate) const BATCH: usize = 32;

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
        let probabilities = floats(match encoded.task.form() {
            AnswerForm::Class | AnswerForm::Spans => softmax(logits, 1),
            AnswerForm::Labels => sigmoid(logits),
            AnswerForm::Score => logits,
        });
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

/// The mean loss of answers against the gold ones, and 0 where there is none.
pub(crate) fn mean_loss(task: Task, examples: &[Example], answers: &[Answer], class_weights: Option<&[f32]>) -> f64 {
    let (mut loss, mut weights) = (0.0, 0.0);
    for (example, answer) in examples.iter().zip(answers) {
        if let (Some(Gold::Score(gold)), Some(Some(row))) = (&example.gold, answer.first()) {
            loss += (f64::from(row[0]) - gold).powi(2);
            weights += 1.0;
        }
        if let (Some(Gold::Labels(set)), Some(Some(row))) = (&example.gold, answer.first()) {
            for (label, &probability) in row.iter().enumerate() {
                let holds = set.contains(&label);
                let right = if holds { probability } else { 1.0 - probability };
                let weight = class_weights.filter(|_| holds).map_or(1.0, |weights| f64::from(weights[label]));
                loss -= weight * f64::from(right.max(f32::MIN_POSITIVE)).ln();
            }
            weights += row.len() as f64;
        }
        for (target, probabilities) in targets(task, example).into_iter().zip(answer) {
            let (Some(target), Some(probabilities)) = (target, probabilities) else { continue };
            let weight = f64::from(weight_of(target as i32, class_weights));
            loss -= weight * f64::from(probabilities[target].max(f32::MIN_POSITIVE)).ln();
            weights += weight;
        }
    }
    if weights == 0.0 { 0.0 } else { loss / weights }
}

pub(crate) fn targets(task: Task, example: &Example) -> Vec<Option<usize>> {
    match &example.gold {
        Some(Gold::Class(class)) => vec![Some(*class)],
        Some(Gold::Entities(spans)) => corpus::tags_of(task, &example.words, spans).into_iter().map(Some).collect(),
        _ => vec![],
    }
}

/// The answers as decisions. The temperature changes probabilities, and no decision between classes or tags.
pub(crate) fn predictions(terms: &Terms, examples: &[Example], answers: &[Answer]) -> Vec<Prediction> {
    let form = terms.task.form();
    let prediction = |(example, answer): (&Example, &Answer)| {
        let row = || answer[0].as_deref().map(|row| tempered(form, row, terms.temperature)).unwrap_or_default();
        let empty = Prediction::default();
        match form {
            AnswerForm::Class => {
                let class = answer[0].as_deref().map(|row| best(row).0);
                Prediction { class: class.or(Some(0)), probabilities: row(), ..empty }
            }
            AnswerForm::Labels => {
                let probabilities = row();
                let labels = Some(reaching(&probabilities, terms.threshold));
                Prediction { labels, probabilities, ..empty }
            }
            AnswerForm::Score => Prediction { score: row().first().map(|&score| score.into()), ..empty },
            AnswerForm::Spans => Prediction { entities: entities(terms, example, answer), ..empty },
        }
    };
    examples.iter().zip(answers).map(prediction).collect()
}

/// Probabilities at a temperature.
pub(crate) fn tempered(form: AnswerForm, row: &[f32], temperature: f64) -> Vec<f32> {
    match form {
        _ if temperature == 1.0 => row.to_vec(),
        AnswerForm::Score => row.to_vec(),
        AnswerForm::Labels => row.iter().map(|&share| metrics::tempered_alone(share, temperature)).collect(),
        AnswerForm::Class | AnswerForm::Spans => metrics::tempered(row, temperature),
    }
}

/// The labels whose probability reaches a threshold.
pub fn reaching(probabilities: &[f32], threshold: f64) -> Vec<usize> {
    let reaches = |&label: &usize| f64::from(probabilities[label]) >= threshold;
    (0..probabilities.len()).filter(reaches).collect()
}

fn entities(terms: &Terms, example: &Example, answer: &Answer) -> Vec<PredictedSpan> {
    let choice = |row: &[f32]| {
        let (tag, _) = best(row);
        (tag, tempered(AnswerForm::Spans, row, terms.temperature)[tag])
    };
    let chosen: Vec<(usize, f32)> = answer.iter().map(|row| row.as_deref().map_or((0, 1.0), choice)).collect();
    let tags: Vec<usize> = chosen.iter().map(|(tag, _)| *tag).collect();
    corpus::spans_of(terms.task, &example.words, &tags)
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

/// A trained model, or an ensemble of several, ready to answer.
pub struct Predictor {
    pub terms: Terms,
    pub max_length: usize,
    truncate: bool,
    /// The members of an ensemble, or one.
    models: Vec<Model>,
    tokenizer: Tokenizer,
    compute: Compute,
}

/// What a trained model's `config.json` says besides what Hugging Face needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ModelFacts {
    #[serde(flatten)]
    pub terms: Terms,
    pub max_length: usize,
    #[serde(default)]
    pub truncate: bool,
}

impl Predictor {
    /// Loads the `model` folder of a run. The other members of an ensemble lie beside `model.safetensors`, as
    /// [`member_file`] names them.
    pub fn load(folder: &Path, compute: &Compute) -> Result<Self, TrainError> {
        let model = encoder::load_trained(folder, &compute.inference())?;
        let facts = model.config.raw.get("ballast").cloned().unwrap_or_default();
        let not_trained = |reason: String| TrainError::NotTrained { folder: folder.into(), reason };
        let facts: ModelFacts = serde_json::from_value(facts).map_err(|error| not_trained(error.to_string()))?;
        let (named, outputs) = (facts.terms.task.outputs(&facts.terms.labels).len(), model.classifier.bias.dims()[0]);
        if named != outputs {
            return Err(not_trained(format!("its config.json names {named} outputs, its weights have {outputs}")));
        }
        let tokenizer = Tokenizer::load(folder)?;
        let ModelFacts { terms, max_length, truncate } = facts;
        let mut models = vec![model];
        for file in (2..).map(|member| folder.join(member_file(member))).take_while(|file| file.is_file()) {
            models.push(encoder::load_weights(&models[0], &file)?);
        }
        Ok(Self { terms, max_length, truncate, models, tokenizer, compute: compute.clone() })
    }

    /// How many models answer together.
    pub fn members(&self) -> usize {
        self.models.len()
    }

    pub fn predict(
        &self,
        examples: &[Example],
        progress: &mut dyn FnMut(usize, usize) -> Control,
    ) -> Result<Vec<Prediction>, TrainError> {
        Ok(self.predict_doubting(examples, progress)?.into_iter().map(|(prediction, _)| prediction).collect())
    }

    /// The same with how unsure the model is of each.
    pub fn predict_doubting(
        &self,
        examples: &[Example],
        progress: &mut dyn FnMut(usize, usize) -> Control,
    ) -> Result<Vec<(Prediction, Doubt)>, TrainError> {
        let (answers, disagreements) = self.answers(examples, progress)?;
        let predicted = with_disagreements(predictions(&self.terms, examples, &answers), disagreements);
        let doubts = answers.iter().map(|answer| doubt(&self.terms, answer));
        Ok(predicted.into_iter().zip(doubts).collect())
    }

    /// Calibrates the model on dev and scores it on both splits, as at the end of a run.
    pub fn judge(&self, dataset: &Dataset) -> Result<Judged, TrainError> {
        let mut go_on = |_, _| Control::Continue;
        let (on_dev, _) = self.answers(&dataset.dev, &mut go_on)?;
        let (on_test, disagreements) = self.answers(&dataset.test, &mut go_on)?;
        let mut judged = judge(dataset, &on_dev, &on_test);
        judged.predictions = with_disagreements(judged.predictions, disagreements);
        Ok(judged)
    }

    /// What all members answer together without a temperature, and how far they disagree where there are several.
    fn answers(
        &self,
        examples: &[Example],
        progress: &mut dyn FnMut(usize, usize) -> Control,
    ) -> Result<(Vec<Answer>, Vec<Option<f64>>), TrainError> {
        let encoded = self.encoded(examples);
        let members = self.models.len();
        let mut all: Vec<Vec<Answer>> = Vec::with_capacity(members);
        for (place, model) in self.models.iter().enumerate() {
            // Progress is told over all members, in texts.
            let mut progress = |done, of: usize| progress((place * of + done) / members, of);
            let answers = answer(model, &encoded, examples, self.tokenizer.pad(), &self.compute, None, &mut progress);
            kernels::release_memory();
            all.push(answers?);
        }
        let form = self.terms.task.form();
        let mean: Vec<Answer> = (0..examples.len()).map(|example| mean_answer(&all, example)).collect();
        let apart = |example: usize| {
            let each: Vec<&Answer> = all.iter().map(|answers| &answers[example]).collect();
            (members > 1).then(|| disagreement(form, &each, &mean[example], self.terms.threshold))
        };
        let disagreements = (0..examples.len()).map(apart).collect();
        Ok((mean, disagreements))
    }

    /// Examples as the model reads them.
    pub(crate) fn encoded(&self, examples: &[Example]) -> Encoded {
        let encode = if self.truncate { corpus::encode_cut } else { corpus::encode };
        encode(&self.tokenizer, examples, self.terms.task, self.max_length)
    }

    /// A vector of length 1 for each example, from the hidden states of the (first) model.
    pub fn embed(
        &self,
        examples: &[Example],
        progress: &mut dyn FnMut(usize, usize) -> Control,
    ) -> Result<Vec<Vec<f32>>, TrainError> {
        embed(&self.models[0], &self.encoded(examples), self.tokenizer.pad(), &self.compute, progress)
    }

    pub(crate) fn parts(&self) -> (&[Model], &Tokenizer) {
        (&self.models, &self.tokenizer)
    }
}

fn with_disagreements(mut predictions: Vec<Prediction>, disagreements: Vec<Option<f64>>) -> Vec<Prediction> {
    predictions.iter_mut().zip(disagreements).for_each(|(prediction, apart)| prediction.disagreement = apart);
    predictions
}

/// The file of a member of an ensemble, from 2; the first is `model.safetensors`.
pub fn member_file(member: usize) -> String {
    format!("member-{member}.safetensors")
}

/// The mean of what all members answered to one example.
fn mean_answer(all: &[Vec<Answer>], example: usize) -> Answer {
    let mut mean = all[0][example].clone();
    for answers in &all[1..] {
        for (sum, row) in mean.iter_mut().zip(&answers[example]) {
            if let (Some(sum), Some(row)) = (sum, row) {
                sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
        }
    }
    mean.iter_mut().flatten().flatten().for_each(|value| *value /= all.len() as f32);
    mean
}

/// How far members disagree about one example: see [`Prediction::disagreement`].
fn disagreement(form: AnswerForm, each: &[&Answer], mean: &Answer, threshold: f64) -> f64 {
    let members = each.len() as f64;
    if form == AnswerForm::Score {
        let scores: Vec<f64> = each.iter().filter_map(|answer| Some(f64::from(answer[0].as_ref()?[0]))).collect();
        return metrics::disagreement::of_scores(&scores);
    }
    let decisions = |row: &[f32]| match form {
        AnswerForm::Labels => row.iter().map(|&share| usize::from(f64::from(share) >= threshold)).collect(),
        _ => vec![best(row).0],
    };
    let mut most: f64 = 0.0;
    for (place, row) in mean.iter().enumerate() {
        let Some(row) = row else { continue };
        for (decision, together) in decisions(row).into_iter().enumerate() {
            let other =
                |answer: &&&Answer| answer[place].as_ref().is_some_and(|row| decisions(row)[decision] != together);
            most = most.max(each.iter().filter(other).count() as f64 / members);
        }
    }
    most
}
