//! Predictions against gold answers.

use crate::event::Scores;
use crate::predict::{Prediction, Terms};
use corpus::{Example, Gold, Span, Task};
use metrics::{Measure, Outcomes};
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
            let (gold, predicted) = scores(examples, predictions);
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
            Scores::Pico(metrics::words(&word_tags(gold), &word_tags(predicted), labels))
        }
    }
}

/// What each example contributes to the task's score.
pub fn outcomes(terms: &Terms, examples: &[Example], predictions: &[Prediction]) -> Outcomes {
    match terms.task {
        Task::Classification | Task::Qa | Task::Relation => {
            let (gold, predicted) = classes(examples, predictions);
            let measure = if terms.task == Task::Classification { Measure::Macro } else { Measure::Micro };
            let left_out = terms.negative.filter(|_| terms.task == Task::Relation);
            metrics::outcomes_of_classes(measure, &gold, &predicted, left_out)
        }
        Task::Similarity => {
            let (gold, predicted) = scores(examples, predictions);
            metrics::outcomes_of_scores(&gold, &predicted)
        }
        Task::Multilabel => {
            let (gold, predicted) = united(examples, predictions);
            metrics::outcomes_of_answers(&gold, &predicted, |label| *label)
        }
        Task::Ner => {
            let (gold, predicted) = spans(examples, predictions);
            let plain = |all: Spans| -> Vec<Vec<Span>> { all.into_iter().map(|(_, spans)| spans).collect() };
            metrics::outcomes_of_answers(&plain(gold), &plain(predicted), |span| span.label)
        }
        Task::Pico => {
            let (gold, predicted) = spans(examples, predictions);
            metrics::outcomes_of_words(&word_tags(gold), &word_tags(predicted))
        }
    }
}

fn scores(examples: &[Example], predictions: &[Prediction]) -> (Vec<f64>, Vec<f64>) {
    let pairs = examples.iter().zip(predictions).filter_map(|(example, prediction)| match example.gold {
        Some(Gold::Score(gold)) => Some((gold, prediction.score?)),
        _ => None,
    });
    pairs.unzip()
}

fn word_tags(all: Spans) -> Vec<Vec<usize>> {
    all.iter().map(|(example, spans)| corpus::tags_of(Task::Pico, &example.words, spans)).collect()
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
    let units = documents(scored.iter().map(|(example, ..)| *example));
    Scores::Multilabel(metrics::multilabel(&gold, &probabilities, units.as_deref(), terms.threshold, &terms.labels))
}

/// The number of the document to which each example belongs; `None` where no example belongs to one.
fn documents<'a>(examples: impl Iterator<Item = &'a Example>) -> Option<Vec<usize>> {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut next = 0;
    let units: Vec<usize> = examples
        .map(|example| {
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
    (!numbers.is_empty()).then_some(units)
}

/// The gold and the predicted labels of each example, or of all sentences of a document together.
fn united(examples: &[Example], predictions: &[Prediction]) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let pairs = examples.iter().zip(predictions).filter_map(|(example, prediction)| match &example.gold {
        Some(Gold::Labels(set)) => Some((example, set.clone(), prediction.labels.clone().unwrap_or_default())),
        _ => None,
    });
    let scored: Vec<(&Example, Vec<usize>, Vec<usize>)> = pairs.collect();
    let units = documents(scored.iter().map(|(example, ..)| *example));
    let units = units.unwrap_or_else(|| (0..scored.len()).collect());
    let count = units.iter().max().map_or(0, |last| last + 1);
    let (mut gold, mut predicted) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for (unit, (_, set, labels)) in units.into_iter().zip(scored) {
        gold[unit].extend(set);
        predicted[unit].extend(labels);
    }
    (gold, predicted)
}
