use crate::{assert_classes, assert_close, assert_micro, golden, labels, read};
use metrics::{RelationScores, relation};

#[test]
fn equals_scikit_learn_with_and_without_a_negative_class() {
    let cases = golden("relation");
    assert!(cases.len() >= 100);
    for case in &cases {
        let (gold, predicted): (Vec<usize>, Vec<usize>) = (read(case, "gold"), read(case, "predicted"));
        let negative: Option<usize> = read(case, "negative");
        let scores = relation(&gold, &predicted, &labels(read(case, "classes")), negative);
        assert_eq!((scores.n, scores.negative), (gold.len(), negative));
        assert_micro(&scores.micro, case);
        assert_close(scores.macro_f1, case, "macro_f1");
        assert_close(scores.accuracy, case, "accuracy");
        assert_classes(&scores.per_class, case, "per_class");
        assert_eq!(scores.confusion, read::<Vec<Vec<usize>>>(case, "confusion"));
        assert_close(scores.constant_f1, case, "constant_f1");
        assert_close(scores.constant_accuracy, case, "constant_accuracy");
    }
}

#[test]
fn a_relation_of_the_wrong_kind_is_both_missed_and_invented() {
    let scores = relation(&[0, 1, 1, 2], &[0, 1, 2, 0], &labels(3), Some(0));
    assert_eq!((scores.micro.gold, scores.micro.predicted, scores.micro.correct), (3, 2, 1));
    assert_eq!((scores.micro.precision, scores.micro.recall, scores.micro.f1), (0.5, 1.0 / 3.0, 0.4));
    assert_eq!(scores.accuracy, 0.5);
}

#[test]
fn always_answering_that_there_is_none_is_accurate_and_worth_nothing() {
    let gold = [0, 0, 0, 1, 2];
    let scores = relation(&gold, &[0; 5], &labels(3), Some(0));
    assert_eq!((scores.accuracy, scores.constant_accuracy, scores.micro.f1, scores.macro_f1), (0.6, 0.6, 0.0, 0.0));
    assert_eq!(scores.constant_f1, relation(&gold, &[1; 5], &labels(3), Some(0)).micro.f1);
}

#[test]
fn without_a_negative_class_micro_f1_is_the_accuracy() {
    let scores = relation(&[0, 1, 1, 2], &[0, 1, 2, 2], &labels(3), None);
    assert_eq!((scores.micro.f1, scores.accuracy), (0.75, 0.75));
    assert_eq!((scores.constant_f1, scores.constant_accuracy), (0.5, 0.5));
}

#[test]
fn nothing_to_find_scores_zero() {
    for (gold, classes) in [(vec![], 2), (vec![0, 0], 1)] {
        let scores = relation(&gold, &gold, &labels(classes), Some(0));
        assert_eq!((scores.n, scores.micro.f1, scores.macro_f1, scores.constant_f1), (gold.len(), 0.0, 0.0, 0.0));
    }
}

#[test]
#[should_panic = "the negative class is none of the labels"]
fn a_negative_class_beyond_the_labels_is_a_mistake() {
    relation(&[0], &[0], &labels(1), Some(1));
}

#[test]
fn survives_json() {
    let scores = relation(&[0, 1, 2, 2], &[0, 2, 2, 1], &labels(3), Some(1));
    let text = serde_json::to_string(&scores).expect("scores are plain data");
    assert_eq!(serde_json::from_str::<RelationScores>(&text).expect("its own output"), scores);
}
