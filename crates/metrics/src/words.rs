use crate::classification::ClassScores;
use crate::{mean, ratio};
use serde::{Deserialize, Serialize};

/// Scores of a task in which every word is of one type or of none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct WordScores {
    pub texts: usize,
    pub words: usize,
    /// Mean of the types' F1 over those that occur in gold or predictions; words outside are no type. BLURB's measure for
    /// EBM PICO (Gu et al. 2020).
    pub macro_f1: f64,
    /// Share of the words with the right tag, those outside included.
    pub accuracy: f64,
    /// In the order of `types`, types that do not occur included; counts of words pooled over the texts.
    pub per_type: Vec<ClassScores>,
}

/// Scores predicted tags against gold ones, one a word: 0 is outside, k + 1 the type k of `types`.
///
/// # Panics
/// When the slices or the tags of a text differ in length, or a tag lies beyond `types`.
pub fn words(gold: &[Vec<usize>], predicted: &[Vec<usize>], types: &[String]) -> WordScores {
    assert_eq!(gold.len(), predicted.len(), "every text needs its gold and its predicted tags");
    let counts = || vec![0usize; types.len() + 1];
    let (mut support, mut claimed, mut correct) = (counts(), counts(), counts());
    for (gold, predicted) in gold.iter().zip(predicted) {
        assert_eq!(gold.len(), predicted.len(), "every word needs one gold and one predicted tag");
        for (&gold, &predicted) in gold.iter().zip(predicted) {
            support[gold] += 1;
            claimed[predicted] += 1;
            correct[gold] += usize::from(gold == predicted);
        }
    }
    let per_type: Vec<ClassScores> = types
        .iter()
        .zip(1..)
        .map(|(label, tag)| ClassScores::new(label, correct[tag], support[tag], claimed[tag]))
        .collect();
    let words = support.iter().sum();
    WordScores {
        texts: gold.len(),
        words,
        macro_f1: mean(per_type.iter().filter(|kind| kind.occurs()).map(|kind| kind.f1)),
        accuracy: ratio(correct.iter().sum::<usize>() as f64, words as f64),
        per_type,
    }
}
