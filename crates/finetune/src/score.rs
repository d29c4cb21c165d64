//! Predictions against gold answers.

use crate::event::Scores;
use crate::predict::{Prediction, Terms};
use corpus::{Example, Gold, Span, Task};
use std::collections::HashMap;

/// Scores predictions against the examples' gold answers. Examples without gold do not count.
pub fn score(terms: &Terms, examples: &[Example], predictions: &[Prediction]) -> Scores {
    let labels = &terms.labels;
    match terms.task {
        Task::Classification => {
            let (gold, predicted) = classes(examples, predictions);
            Scores::Classification(metrics::classification(&gold, &predicted, labels))
        }
        Task::Qa => {
            let (gold, predicted) = classes(examples, predictions);
            Scores::Qa(metrics::classification(&gold, &predicted, labels))
        }
        Task::Relation => {
            let (gold, predicted) = classes(examples, predictions);
            Scores::Relation(metrics::relation(&gold, &predicted, labels, terms.negative))
        }
        Task::Similarity => {
            let pairs = examples.iter().zip(predictions).filter_map(|(example, prediction)| match example.gold {
                Some(Gold::Score(gold)) => Some((gold, prediction.score?)),
                _ => None,
            });
            let (gold, predicted): (Vec<f64>, Vec<f64>) = pairs.unzip();
            Scores::Similarity(metrics::regression(&gold, &predicted))
        }
        Task::Multilabel => multilabel(terms, examples, predictions),
        Task::Ner => {
            let (gold, predicted) = spans(examples, predictions);
            let entity = |span: &Span| metrics::Entity { start: span.start, end: span.end, kind: span.label };
            let entities = |all: Vec<(&Example, Vec<Span>)>| -> Vec<Vec<metrics::Entity>> {
                all.iter().map(|(_, spans)| spans.iter().map(entity).collect()).collect()
            };
            Scores::Ner(metrics::entities(&entities(gold), &entities(predicted), labels))
        }
        Task::Pico => {
            let (gold, predicted) = spans(examples, predictions);
            let tags = |all: Vec<(&Example, Vec<Span>)>| -> Vec<Vec<usize>> {
                all.iter().map(|(example, spans)| corpus::tags_of(Task::Pico, &example.words, spans)).collect()
            };
            Scores::Pico(metrics::words(&tags(gold), &tags(predicted), labels))
        }
    }
}

fn classes(examples: &[Example], predictions: &[Prediction]) -> (Vec<usize>, Vec<usize>) {
    let pair = |(example, prediction): (&Example, &Prediction)| match (&example.gold, prediction.class) {
        (Some(Gold::Class(gold)), Some(class)) => Some((*gold, class)),
        _ => None,
    };
    examples.iter().zip(predictions).filter_map(pair).unzip()
}

type Spans<'a> = Vec<(&'a Example, Vec<Span>)>;

/// The gold and the predicted spans of each example.
fn spans<'a>(examples: &'a [Example], predictions: &[Prediction]) -> (Spans<'a>, Spans<'a>) {
    let pair = |(example, prediction): (&'a Example, &Prediction)| match &example.gold {
        Some(Gold::Entities(gold)) => {
            let plain = |span: &crate::PredictedSpan| Span { start: span.start, end: span.end, label: span.label };
            let predicted = prediction.entities.iter().map(plain).collect();
            Some(((example, gold.clone()), (example, predicted)))
        }
        _ => None,
    };
    examples.iter().zip(predictions).filter_map(pair).unzip()
}

/// Sentences of one document are scored as one, with the labels of all.
fn multilabel(terms: &Terms, examples: &[Example], predictions: &[Prediction]) -> Scores {
    let pairs = || examples.iter().zip(predictions);
    let scored: Vec<(&Example, &Vec<usize>, &Prediction)> = pairs()
        .filter_map(|(example, prediction)| match &example.gold {
            Some(Gold::Labels(set)) => Some((example, set, prediction)),
            _ => None,
        })
        .collect();
    let gold: Vec<Vec<usize>> = scored.iter().map(|(_, set, _)| (*set).clone()).collect();
    let probabilities: Vec<Vec<f32>> = scored.iter().map(|(.., prediction)| prediction.probabilities.clone()).collect();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut next = 0;
    let units: Vec<usize> = scored
        .iter()
        .map(|(example, ..)| {
            let mut new = || {
                next += 1;
                next - 1
            };
            match &example.document {
                Some(document) => *numbers.entry(document).or_insert_with(new),
                None => new(),
            }
        })
        .collect();
    let units = (!numbers.is_empty()).then_some(units.as_slice());
    Scores::Multilabel(metrics::multilabel(&gold, &probabilities, units, terms.threshold, &terms.labels))
}
