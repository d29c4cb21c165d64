use crate::{assert_classes, assert_close, assert_close_or_none, assert_micro, golden, labels, read};
use metrics::{MultilabelScores, multilabel};

#[test]
fn equals_scikit_learn_also_for_united_documents() {
    let cases = golden("multilabel");
    assert!(cases.len() >= 100);
    let mut grouped = 0;
    for case in &cases {
        let gold: Vec<Vec<usize>> = read(case, "gold");
        let parts: f32 = read(case, "parts");
        let shares: Vec<Vec<f32>> = read(case, "shares");
        let probabilities: Vec<Vec<f32>> =
            shares.iter().map(|row| row.iter().map(|share| share / parts).collect()).collect();
        let documents: Option<Vec<usize>> = read(case, "documents");
        let names = labels(read(case, "labels"));
        let scores = multilabel(&gold, &probabilities, documents.as_deref(), read(case, "threshold"), &names);
        grouped += usize::from(scores.n < gold.len());
        assert_eq!(scores.n, read::<usize>(case, "n"));
        assert_close(scores.threshold, case, "threshold");
        assert_micro(&scores.micro, case);
        assert_close(scores.macro_f1, case, "macro_f1");
        assert_close(scores.exact_match, case, "exact_match");
        assert_close(scores.hamming_loss, case, "hamming_loss");
        assert_classes(&scores.per_label, case, "per_label");
        let average_precision: Vec<Option<f64>> = read(case, "average_precision");
        assert_eq!(scores.average_precision.len(), average_precision.len());
        for (ours, theirs) in scores.average_precision.iter().zip(average_precision) {
            assert_close_or_none(*ours, theirs, case);
        }
        assert_close(scores.constant_f1, case, "constant_f1");
        assert_eq!(scores.curve.len(), 99);
        for [threshold, precision, recall, f1] in read::<Vec<[f64; 4]>>(case, "curve") {
            let ours = &scores.curve[(threshold * 100.0).round() as usize - 1];
            assert_eq!(ours.threshold, threshold);
            for (ours, theirs) in [(ours.precision, precision), (ours.recall, recall), (ours.f1, f1)] {
                assert!((ours - theirs).abs() <= 1e-12, "at {threshold}: {ours} {theirs} in {case}");
            }
        }
    }
    assert!(grouped > 20, "too few cases unite anything: {grouped}");
}

#[test]
fn sentences_of_a_document_are_scored_as_one_wherever_they_stand() {
    let gold = [vec![0], vec![], vec![1], vec![0, 0]];
    let probabilities = [vec![0.1, 0.9], vec![0.0, 0.2], vec![0.8, 0.0], vec![0.5, 0.4]];
    // Document 7 has both labels and gets both, none of them in the right sentence; document 3 has and gets the first.
    let scores = multilabel(&gold, &probabilities, Some(&[7, 3, 7, 3]), 0.5, &labels(2));
    assert_eq!((scores.n, scores.exact_match, scores.micro.f1, scores.hamming_loss), (2, 1.0, 1.0, 0.0));
    assert_eq!((scores.micro.gold, scores.micro.predicted, scores.micro.correct), (3, 3, 3));
    let alone = multilabel(&gold, &probabilities, None, 0.5, &labels(2));
    assert_eq!((alone.n, alone.exact_match, alone.micro.correct), (4, 0.5, 1));
}

#[test]
fn a_single_label_and_a_probability_at_the_threshold() {
    let scores = multilabel(&[vec![0], vec![]], &[vec![0.5], vec![0.25]], None, 0.5, &labels(1));
    assert_eq!((scores.micro.f1, scores.exact_match, scores.average_precision), (1.0, 1.0, vec![Some(1.0)]));
    assert_eq!((scores.curve[24].precision, scores.curve[25].precision, scores.curve[50].recall), (0.5, 1.0, 0.0));
    assert_eq!(scores.constant_f1, 2.0 / 3.0);
}

#[test]
fn what_is_no_number_predicts_nothing() {
    let scores = multilabel(&[vec![0], vec![0]], &[vec![f32::NAN], vec![0.9]], None, 0.0, &labels(1));
    assert_eq!((scores.micro.predicted, scores.micro.recall), (1, 0.5));
    let united = multilabel(&[vec![0], vec![0]], &[vec![0.9], vec![f32::NAN]], Some(&[0, 0]), 0.5, &labels(1));
    assert_eq!((united.n, united.micro.f1), (1, 1.0));
}

#[test]
fn nothing_to_find_scores_zero() {
    let nothing = multilabel(&[], &[], None, 0.5, &labels(2));
    assert_eq!((nothing.n, nothing.micro.f1, nothing.exact_match, nothing.hamming_loss), (0, 0.0, 0.0, 0.0));
    assert_eq!((nothing.macro_f1, nothing.constant_f1, nothing.average_precision), (0.0, 0.0, vec![None, None]));
    // Empty sets that are predicted empty are right, though no F1 says so.
    let empty = multilabel(&[vec![]], &[vec![0.1, 0.2]], None, 0.5, &labels(2));
    assert_eq!((empty.micro.f1, empty.constant_f1, empty.exact_match, empty.hamming_loss), (0.0, 0.0, 1.0, 0.0));
}

#[test]
fn survives_json() {
    let scores = multilabel(&[vec![1], vec![]], &[vec![0.3, 0.6], vec![0.9, 0.1]], None, 0.5, &labels(2));
    let text = serde_json::to_string(&scores).expect("scores are plain data");
    assert_eq!(serde_json::from_str::<MultilabelScores>(&text).expect("its own output"), scores);
}
