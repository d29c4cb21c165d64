use crate::classification::{ClassScores, ClassificationScores, classification};
use crate::mean;
use crate::micro::MicroScores;
use serde::{Deserialize, Serialize};

/// Scores of a task in which every example has exactly one class, one of which may say that there is no relation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct RelationScores {
    /// Number of examples.
    pub n: usize,
    /// The class that says there is none; all others are positive.
    pub negative: Option<usize>,
    /// Over pooled counts of the positive classes, as scikit-learn takes them with `average="micro", labels=positives`. An
    /// example that wrongly gets the negative class misses a relation; one that wrongly gets a positive one invents it.
    pub micro: MicroScores,
    /// Mean of the F1 of the positive classes that occur in gold or predictions.
    pub macro_f1: f64,
    /// Over all classes.
    pub accuracy: f64,
    /// All classes in the order of `labels`, the negative one and those that do not occur included.
    pub per_class: Vec<ClassScores>,
    /// `confusion[g][p]` counts the examples of class g predicted as p.
    pub confusion: Vec<Vec<usize>>,
    /// The best micro F1 of a constant answer: of the most frequent positive class.
    pub constant_f1: f64,
    /// The best accuracy of a constant answer: of the most frequent class, which may be the negative one.
    pub constant_accuracy: f64,
}

/// Scores `predicted` against `gold`; both hold indices into `labels`, one an example, as `negative` is one.
///
/// # Panics
/// When the slices differ in length or an index lies outside `labels`.
pub fn relation(gold: &[usize], predicted: &[usize], labels: &[String], negative: Option<usize>) -> RelationScores {
    assert!(negative.is_none_or(|class| class < labels.len()), "the negative class is none of the labels");
    let ClassificationScores { n, accuracy, per_class, confusion, constant_accuracy, .. } =
        classification(gold, predicted, labels);
    let positives = || per_class.iter().enumerate().filter(|(class, _)| Some(*class) != negative);
    let correct = positives().map(|(class, _)| confusion[class][class]).sum();
    let support = positives().map(|(_, scores)| scores.support).sum();
    let claimed = positives().map(|(_, scores)| scores.predicted).sum();
    let constant = |(_, scores): (usize, &ClassScores)| MicroScores::new(scores.support, support, n).f1;
    RelationScores {
        n,
        negative,
        micro: MicroScores::new(correct, support, claimed),
        macro_f1: mean(positives().filter(|(_, scores)| scores.occurs()).map(|(_, scores)| scores.f1)),
        accuracy,
        constant_f1: positives().map(constant).fold(0.0, f64::max),
        constant_accuracy,
        per_class,
        confusion,
    }
}
