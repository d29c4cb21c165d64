//! Two annotators.

use super::bench;
use crate::{Action, LabelKind};
use corpus::Task;

#[test]
fn each_sees_his_own_work_and_agreement_counts_what_both_have_done() {
    let mut bench = bench(Task::Ner);
    let (drug, disease) = (bench.label(LabelKind::Span, "Drug"), bench.label(LabelKind::Span, "Disease"));
    let eve = bench.project.annotator("Eve").unwrap();
    bench.act(1, Action::AddSpan { start: 0, end: 19, label: disease });
    bench.act(1, Action::AddSpan { start: 26, end: 36, label: drug });
    bench.act(1, Action::Done { done: true });
    bench.act(4, Action::Done { done: true });
    assert_eq!(bench.project.document(eve, 1).unwrap().spans, [], "she starts from nothing");
    let none = bench.project.agreement(bench.ada, eve).unwrap();
    assert_eq!((none.documents, none.kappa, none.f1), (0, None, None));
    let by_eve = |bench: &mut super::Bench, id, action| bench.project.act(eve, id, &action).unwrap();
    by_eve(&mut bench, 1, Action::AddSpan { start: 6, end: 19, label: disease });
    by_eve(&mut bench, 1, Action::AddSpan { start: 26, end: 36, label: drug });
    by_eve(&mut bench, 1, Action::Done { done: true });
    by_eve(&mut bench, 2, Action::Done { done: true });
    let found = bench.project.agreement(bench.ada, eve).unwrap();
    assert_eq!(found.documents, 1);
    assert_eq!(found.f1, Some(0.5), "one of two");
    assert_eq!(found.partial_f1, Some(0.75));
    // Words: Acute renal failure after gentamicin . → D D D 0 G 0 and 0 D D 0 G 0.
    let (observed, chance) = (5.0 / 6.0, (3.0 * 2.0 + 2.0 * 3.0 + 1.0) / 36.0);
    assert!((found.kappa.unwrap() - (observed - chance) / (1.0 - chance)).abs() < 1e-12);
    assert_eq!(found.differing.len(), 1);
    assert_eq!((found.differing[0].document, found.differing[0].differences), (1, 2));
    // Undo is each one's own.
    assert_eq!(bench.project.undo(eve).unwrap(), Some(2));
    assert_eq!(bench.spans(1).len(), 2);
}

#[test]
fn classes_label_sets_and_scores_have_their_measures() {
    let eve_and = |task| {
        let mut bench = bench(task);
        let eve = bench.project.annotator("Eve").unwrap();
        let labels = ["a", "b"].map(|name| bench.label(LabelKind::Document, name));
        (bench, eve, labels)
    };
    let (mut bench, eve, [a, b]) = eve_and(Task::Classification);
    for (id, own, other) in [(1, a, a), (2, a, b), (3, b, b), (4, b, b)] {
        for (who, label) in [(bench.ada, own), (eve, other)] {
            bench.project.act(who, id, &Action::SetLabels { labels: vec![label] }).unwrap();
            bench.project.act(who, id, &Action::Done { done: true }).unwrap();
        }
    }
    let found = bench.project.agreement(bench.ada, eve).unwrap();
    assert_eq!((found.documents, found.kappa, found.f1), (4, Some(0.5), None));
    let (mut bench, eve, _) = eve_and(Task::Similarity);
    for (id, own, other) in [(1, 1.0, 1.5), (2, 4.0, 4.0)] {
        for (who, score) in [(bench.ada, own), (eve, other)] {
            bench.project.act(who, id, &Action::SetScore { score: Some(score) }).unwrap();
            bench.project.act(who, id, &Action::Done { done: true }).unwrap();
        }
    }
    let found = bench.project.agreement(bench.ada, eve).unwrap();
    assert_eq!(found.kappa, None);
    assert!(found.alpha.unwrap() > 0.9);
    assert_eq!(bench.project.act(eve, 1, &Action::SetScore { score: Some(f64::NAN) }).unwrap_err().code(), "score-bad");
}
