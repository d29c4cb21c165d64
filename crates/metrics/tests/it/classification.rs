use crate::{assert_close, golden, labels, read};
use metrics::{ClassificationScores, classification};

#[test]
fn equals_scikit_learn_also_with_absent_classes() {
    let cases = golden("classification");
    assert!(cases.len() >= 100);
    for case in &cases {
        let (gold, predicted): (Vec<usize>, Vec<usize>) = (read(case, "gold"), read(case, "predicted"));
        let scores = classification(&gold, &predicted, &labels(read(case, "classes")));
        assert_eq!(scores.n, gold.len());
        assert_close(scores.accuracy, case, "accuracy");
        assert_close(scores.macro_precision, case, "macro_precision");
        assert_close(scores.macro_recall, case, "macro_recall");
        assert_close(scores.macro_f1, case, "macro_f1");
        assert_close(scores.micro_precision, case, "micro_precision");
        assert_close(scores.micro_recall, case, "micro_recall");
        assert_close(scores.micro_f1, case, "micro_f1");
        assert_close(scores.mcc, case, "mcc");
        assert_close(scores.constant_accuracy, case, "constant_accuracy");
        assert_eq!(scores.confusion, read::<Vec<Vec<usize>>>(case, "confusion"));
        let of_class: Vec<(f64, f64, f64, usize)> = read(case, "per_class");
        assert_eq!(scores.per_class.len(), of_class.len());
        for (ours, theirs) in scores.per_class.iter().zip(of_class) {
            assert!((ours.precision - theirs.0).abs() <= 1e-12, "{ours:?} {theirs:?}");
            assert!((ours.recall - theirs.1).abs() <= 1e-12, "{ours:?} {theirs:?}");
            assert!((ours.f1 - theirs.2).abs() <= 1e-12, "{ours:?} {theirs:?}");
            assert_eq!(ours.support, theirs.3);
        }
    }
}

#[test]
fn no_examples_score_zero_everywhere() {
    let scores = classification(&[], &[], &labels(3));
    assert_eq!(
        (scores.n, scores.accuracy, scores.macro_f1, scores.mcc, scores.constant_accuracy),
        (0, 0.0, 0.0, 0.0, 0.0)
    );
    assert_eq!(scores.per_class.len(), 3);
}

#[test]
fn a_constant_answer_reaches_the_constant_accuracy_and_no_correlation() {
    let gold = [0, 1, 1, 2, 1];
    let scores = classification(&gold, &[1; 5], &labels(3));
    assert_eq!((scores.accuracy, scores.constant_accuracy, scores.mcc), (0.6, 0.6, 0.0));
    assert_eq!(scores.per_class[1].predicted, 5);
}

#[test]
fn survives_json() {
    let scores = classification(&[0, 1, 2, 2], &[0, 2, 2, 1], &labels(3));
    let text = serde_json::to_string(&scores).expect("scores are plain data");
    assert!(text.contains("\"macro_f1\""));
    assert_eq!(serde_json::from_str::<ClassificationScores>(&text).expect("its own output"), scores);
}
