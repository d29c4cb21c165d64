//! How far a model's probabilities can be trusted: a temperature fitted on dev, and what comes of it on test.

use crate::event::Scores;
use crate::predict::{Answer, Prediction, Terms, predictions, targets};
use crate::score::{outcomes, score};
use corpus::{AnswerForm, Dataset, Example, Gold};
use metrics::{Outcomes, ReliabilityBin, expected_calibration_error, reliability, temperature};
use serde::{Deserialize, Serialize};

/// A temperature that was fitted on fewer decisions would be chance.
const FEWEST: usize = 20;

const BINS: usize = 10;

/// From these confidences on it is counted how many answers are right.
const LEVELS: [f64; 8] = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/// Whether confidences mean what they say. Of classes, that of the answer; of label sets, the probability of each label; of
/// entities, the lowest among their words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Calibration {
    /// By which logits are divided (Guo et al. 2017), fitted on dev; 1 where dev is too small.
    pub temperature: f64,
    /// Decisions on dev that it was fitted on.
    pub fitted_on: usize,
    /// Expected calibration error on test without the temperature, and with it.
    pub error_before: f64,
    pub error: f64,
    /// Of the confidences on test, with the temperature.
    pub bins: Vec<ReliabilityBin>,
    /// How many answers on test reach a confidence, and how many of these are right.
    pub precision: Vec<PrecisionAt>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct PrecisionAt {
    pub confidence: f64,
    pub given: usize,
    pub right: usize,
}

/// A model's answers to a dataset, calibrated and scored.
#[derive(Debug, Clone)]
pub struct Judged {
    /// With the temperature.
    pub terms: Terms,
    pub dev: Scores,
    pub test: Scores,
    /// Of the test split, in its order.
    pub predictions: Vec<Prediction>,
    /// What each of its examples contributes to the score.
    pub outcomes: Outcomes,
    /// None of scores.
    pub calibration: Option<Calibration>,
}

/// Calibrates on dev, and scores both splits.
pub(crate) fn judge(dataset: &Dataset, on_dev: &[Answer], on_test: &[Answer]) -> Judged {
    let plain = Terms::of(dataset);
    let (temperature, fitted_on) = fit(&plain, &dataset.dev, on_dev);
    let before = predictions(&plain, &dataset.test, on_test);
    let terms = Terms { temperature, ..plain };
    let predicted = predictions(&terms, &dataset.test, on_test);
    Judged {
        dev: score(&terms, &dataset.dev, &predictions(&terms, &dataset.dev, on_dev)),
        test: score(&terms, &dataset.test, &predicted),
        outcomes: outcomes(&terms, &dataset.test, &predicted),
        calibration: calibration(&terms, fitted_on, &dataset.test, &before, &predicted),
        predictions: predicted,
        terms,
    }
}

/// The temperature for a model by its answers to dev, and the number of decisions behind it; 1 and 0 for scores and where there
/// are too few.
fn fit(terms: &Terms, examples: &[Example], answers: &[Answer]) -> (f64, usize) {
    let mut cases: Vec<(Vec<f32>, usize)> = Vec::new();
    for (example, answer) in examples.iter().zip(answers) {
        if let (Some(Gold::Labels(set)), Some(Some(row))) = (&example.gold, answer.first()) {
            let alone = |(label, &share): (usize, &f32)| (vec![1.0 - share, share], usize::from(set.contains(&label)));
            cases.extend(row.iter().enumerate().map(alone));
        }
        for (target, row) in targets(terms.task, example).into_iter().zip(answer) {
            if let (Some(target), Some(row)) = (target, row) {
                cases.push((row.clone(), target));
            }
        }
    }
    if cases.len() < FEWEST {
        return (1.0, 0);
    }
    let found = temperature(cases.iter().map(|(row, gold)| (row.as_slice(), *gold)));
    found.map_or((1.0, 0), |found| (found, cases.len()))
}

/// What a temperature brings on test. `plain` are the same answers without it.
fn calibration(
    terms: &Terms,
    fitted_on: usize,
    examples: &[Example],
    plain: &[Prediction],
    predictions: &[Prediction],
) -> Option<Calibration> {
    if terms.task.form() == AnswerForm::Score {
        return None;
    }
    let judged = confidences(examples, predictions);
    let bins = reliability(&judged, BINS);
    let at = |confidence: f64| {
        let given = judged.iter().filter(|(own, _)| *own >= confidence);
        let right = given.clone().filter(|(_, right)| *right).count();
        PrecisionAt { confidence, given: given.count(), right }
    };
    Some(Calibration {
        temperature: terms.temperature,
        fitted_on,
        error_before: expected_calibration_error(&reliability(&confidences(examples, plain), BINS)),
        error: expected_calibration_error(&bins),
        bins,
        precision: LEVELS.map(at).to_vec(),
    })
}

/// The confidence of everything that was answered, and whether it is right.
fn confidences(examples: &[Example], predictions: &[Prediction]) -> Vec<(f64, bool)> {
    let of = |(example, prediction): (&Example, &Prediction)| -> Vec<(f64, bool)> {
        let share = |label: usize| f64::from(prediction.probabilities.get(label).copied().unwrap_or(0.0));
        match &example.gold {
            Some(Gold::Class(gold)) => {
                prediction.class.map(|class| (share(class), class == *gold)).into_iter().collect()
            }
            Some(Gold::Labels(set)) => {
                (0..prediction.probabilities.len()).map(|label| (share(label), set.contains(&label))).collect()
            }
            Some(Gold::Entities(gold)) => {
                let same = |span: &crate::PredictedSpan| {
                    gold.iter().any(|own| (own.start, own.end, own.label) == (span.start, span.end, span.label))
                };
                prediction.entities.iter().map(|span| (f64::from(span.confidence), same(span))).collect()
            }
            Some(Gold::Score(_)) | None => Vec::new(),
        }
    };
    examples.iter().zip(predictions).flat_map(of).collect()
}
