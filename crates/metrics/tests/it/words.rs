use crate::{assert_classes, assert_close, golden, labels, read};
use metrics::{WordScores, words};

#[test]
fn equals_scikit_learn_also_with_absent_types() {
    let cases = golden("words");
    assert!(cases.len() >= 100);
    for case in &cases {
        let (gold, predicted): (Vec<Vec<usize>>, Vec<Vec<usize>>) = (read(case, "gold"), read(case, "predicted"));
        let scores = words(&gold, &predicted, &labels(read(case, "types")));
        assert_eq!((scores.texts, scores.words), (gold.len(), gold.iter().map(Vec::len).sum()));
        assert_close(scores.macro_f1, case, "macro_f1");
        assert_close(scores.accuracy, case, "accuracy");
        assert_classes(&scores.per_type, case, "per_type");
    }
}

#[test]
fn counts_are_pooled_and_words_outside_are_no_type() {
    let gold = [vec![1, 0, 2], vec![1]];
    let scores = words(&gold, &[vec![1, 0, 0], vec![2]], &labels(3));
    // F1 of the first type 2/3 and of the second 0; the third occurs nowhere.
    assert_eq!((scores.macro_f1, scores.accuracy, scores.per_type.len()), (1.0 / 3.0, 0.5, 3));
    let outside = words(&gold, &[vec![0, 0, 0], vec![0]], &labels(3));
    assert_eq!((outside.macro_f1, outside.accuracy), (0.0, 0.25));
}

#[test]
fn no_words_score_zero() {
    let nothing = WordScores { texts: 0, words: 0, macro_f1: 0.0, accuracy: 0.0, per_type: Vec::new() };
    assert_eq!(words(&[], &[], &[]), nothing);
    assert_eq!(words(&[vec![]], &[vec![]], &[]), WordScores { texts: 1, ..nothing });
}

#[test]
#[should_panic = "every word needs one gold and one predicted tag"]
fn a_text_with_too_few_tags_is_a_mistake() {
    words(&[vec![0, 0]], &[vec![0]], &[]);
}

#[test]
fn survives_json() {
    let scores = words(&[vec![1, 0, 2]], &[vec![1, 1, 0]], &labels(2));
    let text = serde_json::to_string(&scores).expect("scores are plain data");
    assert_eq!(serde_json::from_str::<WordScores>(&text).expect("its own output"), scores);
}
