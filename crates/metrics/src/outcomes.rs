use crate::{mean, pearson, ratio};
use serde::{Deserialize, Serialize};

/// What a run made of each example of a split: enough to score it on any sample of them, and nothing more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcomes {
    pub measure: Measure,
    /// One entry an example, or a document where the sentences of one are scored together.
    pub units: Vec<Unit>,
}

/// How the counts of all units become the task's score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// F1 over the pooled counts of all classes; accuracy where every example has one gold and one predicted class.
    Micro,
    /// Mean of the classes' F1 over those that occur in gold or predictions.
    Macro,
    /// Pearson's correlation.
    Pearson,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Unit {
    /// Gold and predicted score; `None` where it is no finite number, which JSON cannot say.
    Pair([Option<f64>; 2]),
    /// Of each class that the unit has in gold or predictions.
    Counts(Vec<Count>),
}

/// Of one class: its number, and how often it is right, in gold, and predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count(pub usize, pub usize, pub usize, pub usize);

impl Outcomes {
    pub fn len(&self) -> usize {
        self.units.len()
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The score on all units.
    pub fn whole(&self) -> Option<f64> {
        self.score(0..self.len())
    }

    /// The score on a sample of the units, each as often as it is named; `None` where it is undefined. Indices beyond the
    /// units are passed over.
    pub fn score(&self, sample: impl Iterator<Item = usize>) -> Option<f64> {
        let units = sample.filter_map(|index| self.units.get(index));
        if self.measure == Measure::Pearson {
            let pair = |unit: &Unit| match unit {
                Unit::Pair([gold, predicted]) => Some(((*gold)?, (*predicted)?)),
                Unit::Counts(_) => None,
            };
            let (gold, predicted): (Vec<f64>, Vec<f64>) =
                units.map(pair).collect::<Option<Vec<_>>>()?.into_iter().unzip();
            return pearson(&gold, &predicted);
        }
        let mut totals: Vec<[usize; 3]> = Vec::new();
        for unit in units {
            let Unit::Counts(counts) = unit else { continue };
            for &Count(class, correct, gold, predicted) in counts {
                if totals.len() <= class {
                    totals.resize(class + 1, [0; 3]);
                }
                let total = &mut totals[class];
                (total[0], total[1], total[2]) = (total[0] + correct, total[1] + gold, total[2] + predicted);
            }
        }
        let f1 = |[correct, gold, predicted]: [usize; 3]| ratio(2.0 * correct as f64, (gold + predicted) as f64);
        Some(match self.measure {
            Measure::Macro => {
                mean(totals.iter().filter(|[_, gold, predicted]| gold + predicted > 0).map(|&total| f1(total)))
            }
            _ => f1(totals.iter().fold([0; 3], |[a, b, c], [x, y, z]| [a + x, b + y, c + z])),
        })
    }

    /// The units of several runs one after the other, as of the folds of a cross-validation; `None` of nothing.
    pub fn joined(parts: Vec<Outcomes>) -> Option<Outcomes> {
        let measure = parts.first()?.measure;
        Some(Outcomes { measure, units: parts.into_iter().flat_map(|part| part.units).collect() })
    }
}

/// Of examples with one class each. Classes in `left_out` do not count, as the negative one of relations.
///
/// # Panics
/// When the slices differ in length.
pub fn outcomes_of_classes(measure: Measure, gold: &[usize], predicted: &[usize], left_out: Option<usize>) -> Outcomes {
    assert_eq!(gold.len(), predicted.len(), "every example needs one gold and one predicted class");
    let unit = |(&gold, &predicted): (&usize, &usize)| {
        let counts = if gold == predicted {
            vec![Count(gold, 1, 1, 1)]
        } else {
            vec![Count(gold, 0, 1, 0), Count(predicted, 0, 0, 1)]
        };
        Unit::Counts(counts.into_iter().filter(|count| Some(count.0) != left_out).collect())
    };
    Outcomes { measure, units: gold.iter().zip(predicted).map(unit).collect() }
}

/// Of examples with any number of answers each, every one with its class: entities, labels.
///
/// # Panics
/// When the slices differ in length.
pub fn outcomes_of_answers<T: PartialEq>(
    gold: &[Vec<T>],
    predicted: &[Vec<T>],
    class: impl Fn(&T) -> usize,
) -> Outcomes {
    assert_eq!(gold.len(), predicted.len(), "every example needs its gold and its predicted answers");
    let distinct = |answers: &[T], place: usize| !answers[..place].contains(&answers[place]);
    let unit = |(gold, predicted): (&Vec<T>, &Vec<T>)| {
        let mut counts: Vec<Count> = Vec::new();
        let mut add = |class: usize, correct: usize, gold: usize, predicted: usize| {
            let place = counts.iter().position(|count| count.0 == class).unwrap_or_else(|| {
                counts.push(Count(class, 0, 0, 0));
                counts.len() - 1
            });
            let Count(_, a, b, c) = counts[place];
            counts[place] = Count(class, a + correct, b + gold, c + predicted);
        };
        for (_, answer) in gold.iter().enumerate().filter(|(place, _)| distinct(gold, *place)) {
            add(class(answer), usize::from(predicted.contains(answer)), 1, 0);
        }
        for (_, answer) in predicted.iter().enumerate().filter(|(place, _)| distinct(predicted, *place)) {
            add(class(answer), 0, 0, 1);
        }
        Unit::Counts(counts)
    };
    Outcomes { measure: Measure::Micro, units: gold.iter().zip(predicted).map(unit).collect() }
}

/// Of texts whose words have a tag each: 0 is outside, k + 1 the type k.
///
/// # Panics
/// When the slices or the tags of a text differ in length.
pub fn outcomes_of_words(gold: &[Vec<usize>], predicted: &[Vec<usize>]) -> Outcomes {
    assert_eq!(gold.len(), predicted.len(), "every text needs its gold and its predicted tags");
    let unit = |(gold, predicted): (&Vec<usize>, &Vec<usize>)| {
        assert_eq!(gold.len(), predicted.len(), "every word needs one gold and one predicted tag");
        let types = gold.iter().chain(predicted).copied().max().unwrap_or(0);
        let count = |tag: usize| {
            let pairs = || gold.iter().zip(predicted);
            let right = pairs().filter(|(gold, predicted)| **gold == tag && **predicted == tag).count();
            let (in_gold, claimed) =
                (pairs().filter(|(gold, _)| **gold == tag).count(), pairs().filter(|(_, p)| **p == tag).count());
            Count(tag - 1, right, in_gold, claimed)
        };
        Unit::Counts((1..=types).map(count).filter(|count| count.2 + count.3 > 0).collect())
    };
    Outcomes { measure: Measure::Macro, units: gold.iter().zip(predicted).map(unit).collect() }
}

/// Of examples with a score each.
///
/// # Panics
/// When the slices differ in length.
pub fn outcomes_of_scores(gold: &[f64], predicted: &[f64]) -> Outcomes {
    assert_eq!(gold.len(), predicted.len(), "every example needs one gold and one predicted score");
    let unit = |(gold, predicted): (&f64, &f64)| {
        Unit::Pair([*gold, *predicted].map(|score| score.is_finite().then_some(score)))
    };
    Outcomes { measure: Measure::Pearson, units: gold.iter().zip(predicted).map(unit).collect() }
}
