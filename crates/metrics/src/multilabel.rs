use crate::classification::ClassScores;
use crate::micro::MicroScores;
use crate::{mean, ratio};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Micro scores at one threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct CurvePoint {
    pub threshold: f64,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

/// Scores of a task in which an example has any number of labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct MultilabelScores {
    /// Number of scored units: documents where sentences were united, examples otherwise.
    pub n: usize,
    /// The probability from which on a label is predicted.
    pub threshold: f64,
    /// Over pooled counts of all labels.
    pub micro: MicroScores,
    /// Mean of the labels' F1 over those that occur in gold or predictions.
    pub macro_f1: f64,
    /// Share of the units whose predicted set is the gold set.
    pub exact_match: f64,
    /// Share of wrong decisions among all of them, one a unit and label.
    pub hamming_loss: f64,
    /// In the order of `labels`, labels that do not occur included.
    pub per_label: Vec<ClassScores>,
    /// Area under each label's precision-recall curve as scikit-learn's `average_precision_score` takes it; `None` for a
    /// label that gold does not have.
    pub average_precision: Vec<Option<f64>>,
    /// Micro F1 of the set of labels that reaches most when predicted for every unit.
    pub constant_f1: f64,
    /// At the thresholds 0.01, 0.02, … 0.99.
    pub curve: Vec<CurvePoint>,
}

/// What is scored as one: an example, or the sentences of a document.
struct Unit {
    gold: Vec<bool>,
    probabilities: Vec<f64>,
}

/// Scores probabilities, one a label, against the sets of gold labels, which are indices into `labels`.
///
/// Where `units` says to which document each example belongs, the gold sets and the predicted sets of a document are united
/// before anything is counted, as BLURB does with the sentences of HoC (Gu et al. 2020). What is united after a threshold is
/// what the largest probability says, so a document has the largest of its sentences.
///
/// A probability that is no number predicts nothing.
///
/// # Panics
/// When the slices differ in length, an example has not one probability a label, or an index lies outside `labels`.
pub fn multilabel(
    gold: &[Vec<usize>],
    probabilities: &[Vec<f32>],
    units: Option<&[usize]>,
    threshold: f64,
    labels: &[String],
) -> MultilabelScores {
    let units = united(gold, probabilities, units, labels.len());
    let n = units.len();
    let of_label = |label: usize, name: &str| {
        let (correct, support, predicted) = count(&units, label, threshold);
        (ClassScores::new(name, correct, support, predicted), correct)
    };
    let (per_label, correct): (Vec<ClassScores>, Vec<usize>) =
        labels.iter().enumerate().map(|(label, name)| of_label(label, name)).unzip();
    let supports: Vec<usize> = per_label.iter().map(|label| label.support).collect();
    let predicted = per_label.iter().map(|label| label.predicted).sum();
    let micro = MicroScores::new(correct.iter().sum(), supports.iter().sum(), predicted);
    let exact = |unit: &&Unit| unit.gold.iter().zip(&unit.probabilities).all(|(&gold, &p)| gold == (p >= threshold));
    let wrong = micro.gold + micro.predicted - 2 * micro.correct;
    MultilabelScores {
        n,
        threshold,
        macro_f1: mean(per_label.iter().filter(|label| label.occurs()).map(|label| label.f1)),
        exact_match: ratio(units.iter().filter(exact).count() as f64, n as f64),
        hamming_loss: ratio(wrong as f64, (n * labels.len()) as f64),
        average_precision: (0..labels.len()).map(|label| average_precision(&units, label)).collect(),
        constant_f1: best_constant(&supports, n),
        curve: (1..100).map(|percent| point(&units, labels.len(), f64::from(percent) / 100.0)).collect(),
        micro,
        per_label,
    }
}

fn united(gold: &[Vec<usize>], probabilities: &[Vec<f32>], units: Option<&[usize]>, labels: usize) -> Vec<Unit> {
    assert_eq!(gold.len(), probabilities.len(), "every example needs its gold labels and its probabilities");
    assert!(units.is_none_or(|units| units.len() == gold.len()), "every example needs its document");
    let mut found: BTreeMap<usize, Unit> = BTreeMap::new();
    for (index, (gold, probabilities)) in gold.iter().zip(probabilities).enumerate() {
        assert_eq!(probabilities.len(), labels, "an example needs one probability a label");
        let unit = found
            .entry(units.map_or(index, |units| units[index]))
            .or_insert_with(|| Unit { gold: vec![false; labels], probabilities: vec![f64::NEG_INFINITY; labels] });
        gold.iter().for_each(|&label| unit.gold[label] = true);
        for (largest, &probability) in unit.probabilities.iter_mut().zip(probabilities) {
            *largest = largest.max(f64::from(probability));
        }
    }
    found.into_values().collect()
}

/// How many units have the label rightly predicted, in gold, and predicted.
fn count(units: &[Unit], label: usize, threshold: f64) -> (usize, usize, usize) {
    units.iter().fold((0, 0, 0), |(correct, support, predicted), unit| {
        let (gold, claimed) = (unit.gold[label], unit.probabilities[label] >= threshold);
        (correct + usize::from(gold && claimed), support + usize::from(gold), predicted + usize::from(claimed))
    })
}

fn point(units: &[Unit], labels: usize, threshold: f64) -> CurvePoint {
    let add = |a: (usize, usize, usize), b: (usize, usize, usize)| (a.0 + b.0, a.1 + b.1, a.2 + b.2);
    let (correct, gold, predicted) = (0..labels).map(|label| count(units, label, threshold)).fold((0, 0, 0), add);
    let MicroScores { precision, recall, f1, .. } = MicroScores::new(correct, gold, predicted);
    CurvePoint { threshold, precision, recall, f1 }
}

/// Of all sets with equally many labels the most frequent ones get most right, so the best set is among these.
fn best_constant(supports: &[usize], n: usize) -> f64 {
    let mut frequent = supports.to_vec();
    frequent.sort_unstable_by(|a, b| b.cmp(a));
    let gold = frequent.iter().sum();
    let of_size = |size| MicroScores::new(frequent[..size].iter().sum(), gold, n * size).f1;
    (1..=frequent.len()).map(of_size).fold(0.0, f64::max)
}

/// Σ (R_k − R_{k−1}) P_k over the distinct probabilities from the largest down, as precision and recall are when each is
/// the threshold.
fn average_precision(units: &[Unit], label: usize) -> Option<f64> {
    let mut ranked: Vec<(f64, bool)> = units.iter().map(|u| (u.probabilities[label], u.gold[label])).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = ranked.iter().filter(|(_, gold)| *gold).count();
    let (mut correct, mut predicted, mut area) = (0, 0, 0.0);
    for tied in ranked.chunk_by(|a, b| a.0 == b.0) {
        let more = tied.iter().filter(|(_, gold)| *gold).count();
        correct += more;
        predicted += tied.len();
        area += ratio(more as f64, positives as f64) * ratio(correct as f64, predicted as f64);
    }
    (positives > 0).then_some(area)
}
