//! Signs that a run collapses: it answers everything alike, its loss stays at what guessing by frequency costs, and hardly
//! any gradient reaches the lower layers (Mosbach et al. 2021, section 5; Dodge et al. 2020 for runs that never leave the
//! start).

use crate::event::{PartNorm, Scores};
use crate::predict::Prediction;
use corpus::AnswerForm;
use serde::{Deserialize, Serialize};

/// Before this share of the epochs nothing is concluded: every run answers alike at first.
const EARLIEST: f64 = 0.5;

/// A loss this close to the one of guessing has learnt nothing.
const STUCK: f64 = 0.98;

/// The lowest layer's gradient as a share of the head's, below which it counts as vanished.
const VANISHED: f64 = 1e-3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// Every example of dev gets the same answer.
    OneAnswer,
    /// The mean training loss of an epoch is no lower than that of answering by the frequencies in training.
    LossAtPrior,
    /// The lowest layer that learns gets less than a thousandth of the head's gradient while much is still to be learnt.
    VanishingGradients,
}

impl Sign {
    pub fn sentence(self) -> &'static str {
        match self {
            Sign::OneAnswer => "it gives every text the same answer",
            Sign::LossAtPrior => "its loss is no lower than that of guessing by frequency",
            Sign::VanishingGradients => "hardly any gradient reaches the lower layers",
        }
    }
}

/// What an epoch's steps add up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Gathered {
    pub steps: usize,
    pub loss: f64,
    /// Sums of the gradient's norms, one a part that learns, bottom to top.
    pub norms: Vec<f64>,
}

impl Gathered {
    pub fn add(&mut self, loss: f64, norms: &[f64]) {
        self.steps += 1;
        self.loss += loss;
        self.norms.resize(norms.len(), 0.0);
        self.norms.iter_mut().zip(norms).for_each(|(sum, norm)| *sum += norm);
    }

    /// The mean norms of the parts with these names.
    pub fn mean_norms(&self, names: &[String]) -> Vec<PartNorm> {
        let mean = |sum: &f64| sum / self.steps.max(1) as f64;
        names.iter().zip(&self.norms).map(|(part, sum)| PartNorm { part: part.clone(), norm: mean(sum) }).collect()
    }
}

/// The loss of answering by the frequencies in training. `counts` are those of classes, tags or labels among `examples`
/// texts, `weights` those of the loss; `scores` the gold scores.
pub fn prior_loss(form: AnswerForm, counts: &[usize], examples: usize, scores: &[f32], weights: Option<&[f32]>) -> f64 {
    let weight = |class: usize| weights.map_or(1.0, |weights| f64::from(weights[class]));
    match form {
        AnswerForm::Class | AnswerForm::Spans => {
            let weighted: Vec<f64> = counts.iter().enumerate().map(|(class, &n)| weight(class) * n as f64).collect();
            let total: f64 = weighted.iter().sum();
            weighted.iter().filter(|&&mass| mass > 0.0).map(|mass| -(mass / total) * (mass / total).ln()).sum()
        }
        AnswerForm::Labels => {
            let of_label = |(label, &count): (usize, &usize)| {
                let (yes, no) = (weight(label) * count as f64, (examples - count) as f64);
                let cost = |mass: f64| if mass > 0.0 { -mass * (mass / (yes + no)).ln() } else { 0.0 };
                (cost(yes) + cost(no)) / examples as f64
            };
            counts.iter().enumerate().map(of_label).sum::<f64>() / counts.len().max(1) as f64
        }
        AnswerForm::Score => {
            let n = scores.len().max(1) as f64;
            let mean = scores.iter().map(|&score| f64::from(score)).sum::<f64>() / n;
            scores.iter().map(|&score| (f64::from(score) - mean).powi(2)).sum::<f64>() / n
        }
    }
}

/// Whether every example gets the same answer; scores count as the same when their spread is below a hundredth of the gold
/// scores' one.
pub fn answers_alike(predictions: &[Prediction], scores: &Scores) -> bool {
    if let Scores::Similarity(regression) = scores {
        let given: Vec<f64> = predictions.iter().filter_map(|prediction| prediction.score).collect();
        let mean = given.iter().sum::<f64>() / given.len().max(1) as f64;
        let variance = given.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / given.len().max(1) as f64;
        return variance < 1e-4 * regression.gold_variance;
    }
    if predictions.iter().any(|prediction| !prediction.entities.is_empty()) {
        return false;
    }
    predictions.windows(2).all(|pair| pair[0].class == pair[1].class && pair[0].labels == pair[1].labels)
}

/// The signs after `epoch` of `epochs`.
pub fn signs(epoch: usize, epochs: usize, gathered: &Gathered, prior: f64, alike: bool) -> Vec<Sign> {
    if (epoch as f64) < EARLIEST * epochs as f64 || gathered.steps == 0 {
        return Vec::new();
    }
    let loss = gathered.loss / gathered.steps as f64;
    let lowest = gathered.norms.first().zip(gathered.norms.last());
    let vanished = lowest.is_some_and(|(lowest, head)| gathered.norms.len() > 1 && *lowest < VANISHED * head);
    let all = [
        (Sign::OneAnswer, alike),
        (Sign::LossAtPrior, loss >= STUCK * prior),
        (Sign::VanishingGradients, vanished && loss > 0.5 * prior),
    ];
    all.into_iter().filter(|(_, holds)| *holds).map(|(sign, _)| sign).collect()
}

#[cfg(test)]
mod tests {
    use super::{Gathered, Sign, prior_loss, signs};
    use corpus::AnswerForm;

    #[test]
    fn the_prior_is_the_loss_of_the_best_constant_answer() {
        let entropy = |p: f64| -p * p.ln() - (1.0 - p) * (1.0 - p).ln();
        let of_classes = |counts: &[usize], weights| prior_loss(AnswerForm::Class, counts, 100, &[], weights);
        assert!((of_classes(&[30, 70], None) - entropy(0.3)).abs() < 1e-12);
        assert!((of_classes(&[30, 70], Some(&[100.0 / 60.0, 100.0 / 140.0])) - 2f64.ln()).abs() < 1e-6);
        let of_labels = prior_loss(AnswerForm::Labels, &[30, 0], 100, &[], None);
        assert!((of_labels - entropy(0.3) / 2.0).abs() < 1e-12);
        assert_eq!(prior_loss(AnswerForm::Score, &[], 4, &[1.0, 3.0, 1.0, 3.0], None), 1.0);
    }

    #[test]
    fn nothing_is_concluded_from_the_first_epochs() {
        let mut stuck = Gathered::default();
        stuck.add(0.7, &[1e-5, 1.0]);
        let prior = 2f64.ln();
        assert!(signs(4, 10, &stuck, prior, true).is_empty());
        let all = [Sign::OneAnswer, Sign::LossAtPrior, Sign::VanishingGradients];
        assert_eq!(signs(5, 10, &stuck, prior, true), all);
        let mut learnt = Gathered::default();
        learnt.add(0.05, &[1e-5, 1.0]);
        assert!(signs(10, 10, &learnt, prior, false).is_empty(), "small gradients at a small loss are no collapse");
    }
}
