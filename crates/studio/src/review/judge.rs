//! What became of each entity.

use super::view::{JudgedSpan, Verdict};

/// A span with its label, and of a predicted one the confidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    pub start: usize,
    pub end: usize,
    pub label: String,
    pub confidence: Option<f64>,
}

/// Judges gold and predicted spans of one text. Same borders and type are right; same borders with another type a wrong
/// type; any other overlap wrong borders; what touches nothing is missed (gold) or spurious (predicted).
pub fn judge(gold: &[Plain], predicted: &[Plain]) -> (Vec<JudgedSpan>, Vec<JudgedSpan>) {
    (against(gold, predicted, Verdict::Missed), against(predicted, gold, Verdict::Spurious))
}

fn against(spans: &[Plain], others: &[Plain], alone: Verdict) -> Vec<JudgedSpan> {
    spans.iter().map(|span| judged(span, verdict(span, others, alone))).collect()
}

fn verdict(span: &Plain, others: &[Plain], alone: Verdict) -> Verdict {
    let same = |other: &&Plain| (other.start, other.end) == (span.start, span.end);
    let touching = |other: &Plain| other.start < span.end && span.start < other.end;
    match others.iter().find(same) {
        Some(other) if other.label == span.label => Verdict::Right,
        Some(_) => Verdict::WrongType,
        None if others.iter().any(touching) => Verdict::WrongBorders,
        None => alone,
    }
}

fn judged(span: &Plain, verdict: Verdict) -> JudgedSpan {
    let Plain { start, end, label, confidence } = span.clone();
    JudgedSpan { start, end, label, confidence, verdict }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: usize, end: usize, label: &str) -> Plain {
        Plain { start, end, label: label.into(), confidence: None }
    }

    fn verdicts(gold: &[Plain], predicted: &[Plain]) -> (Vec<Verdict>, Vec<Verdict>) {
        let (gold, predicted) = judge(gold, predicted);
        let of = |spans: Vec<JudgedSpan>| spans.into_iter().map(|span| span.verdict).collect();
        (of(gold), of(predicted))
    }

    #[test]
    fn every_kind_of_mistake_has_its_verdict() {
        use Verdict::*;
        let gold = [span(0, 5, "disease"), span(10, 15, "drug"), span(20, 30, "disease"), span(40, 44, "drug")];
        let predicted = [span(0, 5, "disease"), span(10, 15, "disease"), span(22, 30, "disease"), span(50, 52, "drug")];
        let (of_gold, of_predicted) = verdicts(&gold, &predicted);
        assert_eq!(of_gold, [Right, WrongType, WrongBorders, Missed]);
        assert_eq!(of_predicted, [Right, WrongType, WrongBorders, Spurious]);
    }

    #[test]
    fn neighbours_do_not_touch() {
        assert_eq!(verdicts(&[span(0, 5, "a")], &[span(5, 9, "a")]), (vec![Verdict::Missed], vec![Verdict::Spurious]));
        assert_eq!(verdicts(&[], &[]), (vec![], vec![]));
    }

    #[test]
    fn one_long_span_over_two_is_wrong_borders_for_all() {
        let gold = [span(0, 4, "a"), span(5, 9, "a")];
        let (of_gold, of_predicted) = verdicts(&gold, &[span(0, 9, "a")]);
        assert_eq!(of_gold, [Verdict::WrongBorders; 2]);
        assert_eq!(of_predicted, [Verdict::WrongBorders]);
    }
}
