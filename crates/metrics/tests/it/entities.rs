use crate::{assert_close, golden, read};
use metrics::{Entity, EntityScores, entities, entities_of_tags};
use random::{Purpose, Stream};
use serde_json::Value;

/// Tags as one string with spaces between them.
fn spans(tags: &str) -> Vec<(usize, usize, String)> {
    entities_of_tags(&tags.split(' ').collect::<Vec<_>>())
}

#[test]
fn reads_the_same_entities_as_seqeval_from_any_tags() {
    let cases = golden("tags");
    assert!(cases.len() >= 500);
    let mut found = 0;
    for case in &cases {
        let expected: Vec<(usize, usize, String)> = read(case, "entities");
        found += expected.len();
        assert_eq!(spans(&read::<String>(case, "tags")), expected, "{case}");
    }
    assert!(found > 1000, "the golden sequences hold too few entities to prove anything: {found}");
}

#[test]
fn scores_equal_seqeval_and_the_best_possible_partial_pairing() {
    let cases = golden("entities");
    assert!(cases.len() >= 30);
    for case in &cases {
        let types: Vec<String> = read(case, "types");
        let side = |key: &str| -> Vec<Vec<Entity>> {
            let sentences: Vec<String> = read(case, key);
            let entity = |(start, end, kind): (usize, usize, String)| Entity {
                start,
                end,
                kind: types.iter().position(|name| *name == kind).expect("a type of the case"),
            };
            sentences.iter().map(|tags| spans(tags).into_iter().map(entity).collect()).collect()
        };
        let scores = entities(&side("gold"), &side("predicted"), &types);
        assert_close(scores.exact.precision, case, "precision");
        assert_close(scores.exact.recall, case, "recall");
        assert_close(scores.exact.f1, case, "f1");
        assert_close(scores.macro_f1, case, "macro_f1");
        assert_close(scores.partial.correct, case, "partial_credit");
        assert_close(scores.partial.precision, case, "partial_precision");
        assert_close(scores.partial.recall, case, "partial_recall");
        assert_close(scores.partial.f1, case, "partial_f1");
        let of_type: Value = read(case, "per_type");
        for ours in &scores.per_type {
            let theirs = &of_type[&ours.label];
            if theirs.is_null() {
                assert_eq!((ours.support, ours.predicted, ours.f1), (0, 0, 0.0));
                continue;
            }
            assert_close(ours.precision, theirs, "precision");
            assert_close(ours.recall, theirs, "recall");
            assert_close(ours.f1, theirs, "f1-score");
            assert_eq!(ours.support as u64, theirs["support"].as_u64().expect("a count"));
        }
    }
}

fn entity(start: usize, end: usize, kind: usize) -> Entity {
    Entity { start, end, kind }
}

fn types() -> Vec<String> {
    vec!["Drug".into(), "Disease".into()]
}

#[test]
fn partial_credit_is_half_for_overlap_and_blind_to_the_type() {
    // Equal boundaries with another type: 1. One word too many: 0.5. Touching without overlap: 0.
    let gold = [vec![entity(0, 2, 0), entity(3, 5, 1), entity(7, 8, 0)]];
    let predicted = [vec![entity(0, 2, 1), entity(3, 6, 1), entity(8, 9, 0)]];
    let scores = entities(&gold, &predicted, &types());
    assert_eq!((scores.exact.correct, scores.partial.correct), (0.0, 1.5));
    assert_eq!((scores.partial.precision, scores.partial.recall, scores.partial.f1), (0.5, 0.5, 0.5));
}

#[test]
fn one_long_prediction_pairs_with_one_gold_entity_only() {
    let gold = [vec![entity(0, 2, 0), entity(3, 5, 0)]];
    let scores = entities(&gold, &[vec![entity(0, 5, 0)]], &types());
    assert_eq!((scores.partial.correct, scores.partial.precision, scores.partial.recall), (0.5, 0.5, 0.25));
}

#[test]
fn an_entity_of_another_sentence_or_given_twice_is_no_match_more() {
    let one = vec![entity(1, 2, 0)];
    let scores = entities(&[one.clone(), vec![]], &[vec![], one.clone()], &types());
    assert_eq!((scores.exact.f1, scores.partial.f1), (0.0, 0.0));
    let scores = entities(std::slice::from_ref(&one), &[vec![one[0], one[0]]], &types());
    assert_eq!((scores.exact.predicted, scores.exact.f1, scores.partial.f1), (1, 1.0, 1.0));
}

#[test]
fn nothing_to_find_scores_zero() {
    let scores = entities(&[vec![], vec![]], &[vec![], vec![]], &types());
    assert_eq!((scores.sentences, scores.exact.f1, scores.macro_f1, scores.partial.f1), (2, 0.0, 0.0, 0.0));
}

#[test]
fn exchanging_the_sides_exchanges_precision_and_recall() {
    let mut stream = Stream::new(3, Purpose::Sample, [0, 0]);
    for _ in 0..200 {
        let mut side = || -> Vec<Vec<Entity>> {
            (0..3)
                .map(|_| {
                    let mut at = 0;
                    (0..stream.below(5))
                        .map(|_| {
                            let start = at + stream.below(3) as usize;
                            at = start + 1 + stream.below(3) as usize;
                            entity(start, at, stream.below(2) as usize)
                        })
                        .collect()
                })
                .collect()
        };
        let (gold, predicted) = (side(), side());
        let (there, back): (EntityScores, EntityScores) =
            (entities(&gold, &predicted, &types()), entities(&predicted, &gold, &types()));
        assert_eq!((there.exact.precision, there.exact.f1), (back.exact.recall, back.exact.f1));
        assert_eq!((there.partial.precision, there.partial.f1), (back.partial.recall, back.partial.f1));
        assert!(there.partial.correct >= there.exact.correct);
        let perfect = entities(&gold, &gold, &types());
        assert_eq!(perfect.exact.correct, perfect.exact.gold as f64);
        assert_eq!(perfect.partial.correct, perfect.exact.correct);
    }
}

#[test]
fn an_empty_tag_counts_as_outside() {
    assert_eq!(entities_of_tags(&["B-Drug", "", "I-Drug"]), [(0, 1, "Drug".into()), (2, 3, "Drug".into())]);
    assert!(entities_of_tags(&[]).is_empty());
}
