use crate::{mean, ratio};
use serde::{Deserialize, Serialize};

/// Scores of one class, or of one entity type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct ClassScores {
    pub label: String,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// How often the class occurs in gold.
    pub support: usize,
    /// How often it was predicted.
    pub predicted: usize,
}

impl ClassScores {
    /// From counts: F1 = 2 · correct / (support + predicted), which is the harmonic mean of precision and recall.
    pub(crate) fn new(label: &str, correct: usize, support: usize, predicted: usize) -> Self {
        let correct = correct as f64;
        Self {
            label: label.to_owned(),
            precision: ratio(correct, predicted as f64),
            recall: ratio(correct, support as f64),
            f1: ratio(2.0 * correct, (support + predicted) as f64),
            support,
            predicted,
        }
    }

    /// Whether the class takes part in macro means: it occurs in gold or was predicted.
    pub(crate) fn occurs(&self) -> bool {
        self.support + self.predicted > 0
    }
}

/// Scores of a task in which every example has exactly one label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct ClassificationScores {
    /// Number of examples.
    pub n: usize,
    pub accuracy: f64,
    /// Unweighted means over the classes that occur in gold or predictions, as scikit-learn takes them: a class that
    /// neither has leaves them unchanged.
    pub macro_precision: f64,
    pub macro_recall: f64,
    pub macro_f1: f64,
    /// Over pooled counts of all classes. With one label an example these three equal the accuracy.
    pub micro_precision: f64,
    pub micro_recall: f64,
    pub micro_f1: f64,
    /// Matthews correlation, for any number of classes (Gorodkin 2004); 0 when gold or predictions are constant.
    pub mcc: f64,
    /// In the order of `labels`, classes that do not occur included.
    pub per_class: Vec<ClassScores>,
    /// `confusion[g][p]` counts the examples of class g predicted as p.
    pub confusion: Vec<Vec<usize>>,
    /// Accuracy of the best constant answer: the share of the most frequent gold class.
    pub constant_accuracy: f64,
}

/// Scores `predicted` against `gold`; both hold indices into `labels`, one an example.
///
/// # Panics
/// When the slices differ in length or an index lies outside `labels`.
pub fn classification(gold: &[usize], predicted: &[usize], labels: &[String]) -> ClassificationScores {
    assert_eq!(gold.len(), predicted.len(), "every example needs one gold and one predicted class");
    let n = gold.len();
    let mut confusion = vec![vec![0usize; labels.len()]; labels.len()];
    for (&g, &p) in gold.iter().zip(predicted) {
        confusion[g][p] += 1;
    }
    let per_class: Vec<ClassScores> = labels
        .iter()
        .enumerate()
        .map(|(class, label)| {
            let predicted = confusion.iter().map(|row| row[class]).sum();
            ClassScores::new(label, confusion[class][class], confusion[class].iter().sum(), predicted)
        })
        .collect();
    let correct: usize = (0..labels.len()).map(|class| confusion[class][class]).sum();
    let accuracy = ratio(correct as f64, n as f64);
    let macro_mean = |score: fn(&ClassScores) -> f64| mean(per_class.iter().filter(|c| c.occurs()).map(score));
    let most_frequent = per_class.iter().map(|class| class.support).max().unwrap_or(0);
    ClassificationScores {
        n,
        accuracy,
        macro_precision: macro_mean(|class| class.precision),
        macro_recall: macro_mean(|class| class.recall),
        macro_f1: macro_mean(|class| class.f1),
        micro_precision: accuracy,
        micro_recall: accuracy,
        micro_f1: accuracy,
        mcc: matthews(n, correct, &per_class),
        constant_accuracy: ratio(most_frequent as f64, n as f64),
        per_class,
        confusion,
    }
}

/// R_K of Gorodkin (2004), as scikit-learn's `matthews_corrcoef`: with s examples, c of them correct, and t_k gold and
/// p_k predicted examples of class k, (c·s − Σ t_k p_k) / sqrt((s² − Σ t_k²)(s² − Σ p_k²)).
fn matthews(n: usize, correct: usize, classes: &[ClassScores]) -> f64 {
    let total = |product: fn(f64, f64) -> f64| -> f64 {
        classes.iter().map(|class| product(class.support as f64, class.predicted as f64)).sum()
    };
    let n = n as f64;
    let covariance = correct as f64 * n - total(|t, p| t * p);
    let variance_gold = n * n - total(|t, _| t * t);
    let variance_predicted = n * n - total(|_, p| p * p);
    ratio(covariance, (variance_gold * variance_predicted).sqrt())
}
