//! Two annotators.

use super::bench;
use crate::{Action, Dispute, DocumentFilter, DocumentQuery, LabelKind, Said, SpanRow};
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
    let none = bench.project.agreement(bench.ada, eve, None).unwrap();
    assert_eq!((none.documents, none.kappa, none.f1), (0, None, None));
    let by_eve = |bench: &mut super::Bench, id, action| bench.project.act(eve, id, &action).unwrap();
    by_eve(&mut bench, 1, Action::AddSpan { start: 6, end: 19, label: disease });
    by_eve(&mut bench, 1, Action::AddSpan { start: 26, end: 36, label: drug });
    by_eve(&mut bench, 1, Action::Done { done: true });
    by_eve(&mut bench, 2, Action::Done { done: true });
    let found = bench.project.agreement(bench.ada, eve, None).unwrap();
    assert_eq!(found.documents, 1);
    assert_eq!(found.f1, Some(0.5), "one of two");
    assert_eq!(found.partial_f1, Some(0.75));
    // Words: Acute renal failure after gentamicin . → D D D 0 G 0 and 0 D D 0 G 0.
    let (observed, chance) = (5.0 / 6.0, (3.0 * 2.0 + 2.0 * 3.0 + 1.0) / 36.0);
    assert!((found.kappa.unwrap() - (observed - chance) / (1.0 - chance)).abs() < 1e-12);
    assert_eq!(found.differing.len(), 1);
    assert_eq!((found.differing[0].document, found.differing[0].differences), (1, 1), "two boundaries of one place");
    // Undo is each one's own.
    assert_eq!(bench.project.undo(eve).unwrap().and_then(|step| step.document), Some(2));
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
    let found = bench.project.agreement(bench.ada, eve, None).unwrap();
    assert_eq!((found.documents, found.kappa, found.f1), (4, Some(0.5), None));
    let (mut bench, eve, _) = eve_and(Task::Similarity);
    for (id, own, other) in [(1, 1.0, 1.5), (2, 4.0, 4.0)] {
        for (who, score) in [(bench.ada, own), (eve, other)] {
            bench.project.act(who, id, &Action::SetScore { score: Some(score) }).unwrap();
            bench.project.act(who, id, &Action::Done { done: true }).unwrap();
        }
    }
    let found = bench.project.agreement(bench.ada, eve, None).unwrap();
    assert_eq!(found.kappa, None);
    assert!(found.alpha.unwrap() > 0.9);
    assert_eq!(bench.project.act(eve, 1, &Action::SetScore { score: Some(f64::NAN) }).unwrap_err().code(), "score-bad");
}

#[test]
fn what_two_differ_on_is_settled_beside_their_own_work() {
    let mut bench = bench(Task::Ner);
    let (drug, disease) = (bench.label(LabelKind::Span, "Drug"), bench.label(LabelKind::Span, "Disease"));
    let causes = bench.label(LabelKind::Relation, "causes");
    let (ada, eve) = (bench.ada, bench.project.annotator("Eve").unwrap());
    let span = |start, end, label| SpanRow { start, end, label };
    let (long, short, both) = (span(0, 19, disease), span(6, 19, disease), span(26, 36, drug));
    for (who, own) in [(ada, long), (eve, short)] {
        for SpanRow { start, end, label } in [own, both] {
            bench.project.act(who, 1, &Action::AddSpan { start, end, label }).unwrap();
        }
        bench.project.act(who, 1, &Action::Done { done: true }).unwrap();
        bench.project.act(who, 2, &Action::Done { done: true }).unwrap();
    }
    let ids = bench.project.document(eve, 1).unwrap().spans;
    bench.project.act(eve, 1, &Action::Relate { head: ids[1].id, tail: ids[0].id, label: causes }).unwrap();
    bench.project.act(ada, 3, &Action::Done { done: true }).unwrap();

    let joined = Said::Relation { head: both, tail: short, label: causes };
    let places = vec![
        Dispute { first: vec![Said::Span { span: long }], second: vec![Said::Span { span: short }] },
        Dispute { first: vec![], second: vec![joined] },
    ];
    assert_eq!(bench.project.differences(1, ada, eve).unwrap(), places);
    assert_eq!(bench.project.differences(2, ada, eve).unwrap(), []);

    assert_eq!(bench.project.settle(eve, ada, eve).unwrap_err().code(), "settled-by-one-of-them");
    let settler = bench.project.annotator("Ada + Eve").unwrap();
    bench.project.settle(settler, ada, eve).unwrap();
    let settled = |bench: &super::Bench, id| {
        let view = bench.project.document(settler, id).unwrap();
        let spans: Vec<_> = view.spans.iter().map(|own| span(own.start, own.end, own.label)).collect();
        (spans, view.relations.len(), view.answer.done)
    };
    assert_eq!(settled(&bench, 1), (vec![both], 0, false), "what both say, and there is something to decide");
    assert_eq!(settled(&bench, 2), (vec![], 0, true));
    assert_eq!(settled(&bench, 3), (vec![], 0, false), "only one has done it");
    let open = |bench: &super::Bench| {
        let found = bench.project.agreement(ada, eve, Some(settler)).unwrap().differing;
        found.iter().map(|one| (one.document, one.settled)).collect::<Vec<_>>()
    };
    assert_eq!(open(&bench), [(1, false)]);

    let [first, second] = [places[0].first.clone(), places[0].second.clone()];
    let act = |bench: &mut super::Bench, action| bench.project.act(settler, 1, &action).unwrap();
    act(&mut bench, Action::Settle { take: vec![joined], leave: vec![] });
    assert_eq!(settled(&bench, 1), (vec![short, both], 1, false), "a relation brings its spans");
    act(&mut bench, Action::Settle { take: first.clone(), leave: second.clone() });
    assert_eq!(settled(&bench, 1), (vec![long, both], 0, false), "the one in the place of the other");
    act(&mut bench, Action::Settle { take: vec![], leave: [first, second].concat() });
    assert_eq!(settled(&bench, 1), (vec![both], 0, false));
    bench.project.undo(settler).unwrap();
    assert_eq!(settled(&bench, 1), (vec![long, both], 0, false));
    act(&mut bench, Action::Done { done: true });
    assert_eq!(open(&bench), [(1, true)]);
    let found = bench.project.agreement(ada, eve, None).unwrap();
    assert_eq!(found.f1, Some(0.5), "how far they agreed can still be told");

    // What was settled already stays when more comes.
    bench.project.act(eve, 3, &Action::Done { done: true }).unwrap();
    bench.project.settle(settler, ada, eve).unwrap();
    assert_eq!(settled(&bench, 1), (vec![long, both], 0, true));
    assert_eq!(settled(&bench, 3), (vec![], 0, true));
    // All that was taken over at one go is taken back at one go, and done again.
    assert_eq!(bench.project.undo(settler).unwrap().map(|step| step.action), Some("settle-all".into()));
    assert_eq!(settled(&bench, 3), (vec![], 0, false));
    while bench.project.undo(settler).unwrap().is_some() {}
    assert_eq!([1, 2, 3].map(|id| settled(&bench, id)), [const { (vec![], 0, false) }; 3]);
    while bench.project.redo(settler).unwrap().is_some() {}
    assert_eq!(settled(&bench, 1), (vec![long, both], 0, true));
    bench.project.check().unwrap();
}

#[test]
fn two_are_led_to_the_same_texts_and_relations_are_compared() {
    let mut bench = bench(Task::Relation);
    let (ada, eve) = (bench.ada, bench.project.annotator("Eve").unwrap());
    let (entity, causes) = (bench.label(LabelKind::Span, "Entity"), bench.label(LabelKind::Relation, "causes"));
    assert_eq!(bench.project.next(eve, None, true).unwrap(), None, "nobody has done anything");
    for (who, documents, related) in [(ada, [2, 4], true), (eve, [4, 2], false)] {
        for document in documents {
            for (start, end) in [(0, 2), (3, 8)] {
                bench.project.act(who, document, &Action::AddSpan { start, end, label: entity }).unwrap();
            }
            let ids = bench.project.document(who, document).unwrap().spans;
            if related || document == 2 {
                let relation = Action::Relate { head: ids[0].id, tail: ids[1].id, label: causes };
                bench.project.act(who, document, &relation).unwrap();
            }
            if who == ada {
                bench.project.act(who, document, &Action::Done { done: true }).unwrap();
            }
        }
    }
    let listed = |bench: &super::Bench, who| {
        let query = DocumentQuery { annotator: who, filter: DocumentFilter::Others, count: 9, ..Default::default() };
        bench.project.documents(&query).unwrap().documents.into_iter().map(|card| card.id).collect::<Vec<u32>>()
    };
    assert_eq!((listed(&bench, eve), listed(&bench, ada)), (vec![2, 4], vec![]));
    bench.project.act(eve, 2, &Action::Done { done: true }).unwrap();
    assert_eq!(bench.project.next(eve, Some(2), true).unwrap(), Some(4));
    assert_eq!(bench.project.agreement(ada, eve, None).unwrap().relation_f1, Some(1.0));
    bench.project.act(eve, 4, &Action::Done { done: true }).unwrap();
    assert_eq!(bench.project.next(eve, None, true).unwrap(), None);
    let found = bench.project.agreement(ada, eve, None).unwrap();
    // Of the one's two relations the other has one: 2 · 1 / (2 + 1).
    assert_eq!((found.f1, found.relation_f1), (Some(1.0), Some(2.0 / 3.0)));
}

#[test]
fn labels_and_scores_are_settled_too() {
    for (task, own, other, places) in
        [(Task::Classification, vec![0], vec![1], 1), (Task::Multilabel, vec![0], vec![0, 1], 1)]
    {
        let mut bench = bench(task);
        let eve = bench.project.annotator("Eve").unwrap();
        let labels = ["a", "b"].map(|name| bench.label(LabelKind::Document, name));
        let named = |places: &[usize]| places.iter().map(|&at| labels[at]).collect::<Vec<u32>>();
        for (who, said) in [(bench.ada, &own), (eve, &other)] {
            bench.project.act(who, 1, &Action::SetLabels { labels: named(said) }).unwrap();
            bench.project.act(who, 1, &Action::Done { done: true }).unwrap();
        }
        let settler = bench.project.annotator("both").unwrap();
        bench.project.settle(settler, bench.ada, eve).unwrap();
        let labels_now = |bench: &super::Bench| bench.project.document(settler, 1).unwrap().answer.labels;
        assert_eq!(labels_now(&bench), if task == Task::Multilabel { named(&[0]) } else { vec![] });
        let found = bench.project.differences(1, bench.ada, eve).unwrap();
        assert_eq!(found.len(), places);
        let Dispute { first, second } = found[0].clone();
        bench.project.act(settler, 1, &Action::Settle { take: second, leave: first }).unwrap();
        assert_eq!(labels_now(&bench), named(&other));
    }
    let mut bench = bench(Task::Similarity);
    let eve = bench.project.annotator("Eve").unwrap();
    for (who, score) in [(bench.ada, 1.0), (eve, 3.0)] {
        bench.project.act(who, 1, &Action::SetScore { score: Some(score) }).unwrap();
        bench.project.act(who, 1, &Action::Done { done: true }).unwrap();
    }
    let settler = bench.project.annotator("both").unwrap();
    bench.project.settle(settler, bench.ada, eve).unwrap();
    let Dispute { first, second } = bench.project.differences(1, bench.ada, eve).unwrap()[0].clone();
    let score = |bench: &super::Bench| bench.project.document(settler, 1).unwrap().answer.score;
    bench.project.act(settler, 1, &Action::Settle { take: first.clone(), leave: second.clone() }).unwrap();
    assert_eq!(score(&bench), Some(1.0));
    bench.project.act(settler, 1, &Action::Settle { take: vec![], leave: [first, second].concat() }).unwrap();
    assert_eq!(score(&bench), None);
}
