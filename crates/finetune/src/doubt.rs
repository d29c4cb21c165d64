//! How unsure a model is of an answer: what active learning goes by.

use crate::predict::{Answer, Terms, tempered};
use corpus::AnswerForm;

/// Of one example; scores have none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Doubt {
    /// The probability of the answer; of words and labels the geometric mean (Shen et al. 2017, section 4).
    pub confidence: f64,
    /// As a share of the largest possible; of words and labels the mean (Settles and Craven 2008, section 3.1).
    pub entropy: f64,
    /// Between the two likeliest answers; of words and labels the smallest (Scheffer et al. 2001).
    pub margin: f64,
}

const NONE: Doubt = Doubt { confidence: 1.0, entropy: 0.0, margin: 1.0 };

pub(crate) fn doubt(terms: &Terms, answer: &Answer) -> Doubt {
    let form = terms.task.form();
    let rows = answer.iter().flatten().map(|row| tempered(form, row, terms.temperature));
    match form {
        AnswerForm::Score => NONE,
        AnswerForm::Class | AnswerForm::Spans => of_rows(rows),
        AnswerForm::Labels => of_rows(rows.flatten().map(|share| vec![share, 1.0 - share])),
    }
}

fn of_rows(rows: impl Iterator<Item = Vec<f32>>) -> Doubt {
    let (mut count, mut log, mut entropy, mut margin) = (0.0, 0.0, 0.0, 1.0f64);
    for mut row in rows.filter(|row| row.len() > 1) {
        row.sort_by(|a, b| b.total_cmp(a));
        let shares = row.iter().map(|&share| f64::from(share));
        let surprise: f64 = shares.filter(|&share| share > 0.0).map(|share| -share * share.ln()).sum();
        count += 1.0;
        log += f64::from(row[0]).max(f64::MIN_POSITIVE).ln();
        entropy += surprise / (row.len() as f64).ln();
        margin = margin.min(f64::from(row[0] - row[1]));
    }
    if count == 0.0 { NONE } else { Doubt { confidence: (log / count).exp(), entropy: entropy / count, margin } }
}

#[cfg(test)]
mod tests {
    use super::{NONE, of_rows};

    #[test]
    fn doubt_is_of_the_least_sure_word_and_of_all() {
        assert_eq!(of_rows(std::iter::empty()), NONE);
        let even = of_rows([vec![0.5, 0.5]].into_iter());
        assert!((even.entropy - 1.0).abs() < 1e-9 && (even.confidence - 0.5).abs() < 1e-9 && even.margin == 0.0);
        let two = of_rows([vec![0.9, 0.1], vec![0.2, 0.6, 0.2]].into_iter());
        assert!((two.margin - 0.4).abs() < 1e-6);
        assert!((two.confidence - (0.9f64 * 0.6).sqrt()).abs() < 1e-6);
    }
}
