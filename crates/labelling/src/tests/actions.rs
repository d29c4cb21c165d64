//! What a person does to a document, and takes back.

use super::{Bench, bench, document};
use crate::{Action, Doubt, Label, LabelKind, LabellingError, ModelAnswer, NewRelation, NewSpan, SuggestedSpan};
use corpus::Task;
use random::{Purpose, Stream};

const SURE: Doubt = Doubt { confidence: 0.9, entropy: 0.1, margin: 0.8, disagreement: None };

#[test]
fn spans_may_overlap_and_are_kept_to_the_text() {
    let mut bench = bench(Task::Ner);
    let (drug, disease) = (bench.label(LabelKind::Span, "Drug"), bench.label(LabelKind::Span, "Disease"));
    bench.act(1, Action::AddSpan { start: 0, end: 19, label: disease });
    bench.act(1, Action::AddSpan { start: 6, end: 11, label: drug });
    bench.act(1, Action::AddSpan { start: 6, end: 11, label: drug });
    assert_eq!(bench.spans(1), [(0, 19, disease), (6, 11, drug)], "the same is not there twice");
    // Characters beyond the BMP and two-character line ends count as one and two.
    let end = super::TEXTS[1].chars().count() as u32;
    bench.act(2, Action::AddSpan { start: 17, end: 18, label: disease });
    bench.act(2, Action::AddSpan { start: 0, end, label: disease });
    assert_eq!(bench.fail(2, Action::AddSpan { start: 0, end: end + 1, label: disease }), "out-of-text");
    assert_eq!(bench.fail(2, Action::AddSpan { start: 3, end: 3, label: disease }), "out-of-text");
    assert_eq!(bench.fail(3, Action::AddSpan { start: 0, end: 1, label: disease }), "out-of-text");
    assert_eq!(bench.fail(2, Action::AddSpan { start: 0, end: 2, label: 99 }), "label-missing");
    assert_eq!(bench.fail(99, Action::Done { done: true }), "document-missing");
    let id = bench.project.document(bench.ada, 1).unwrap().spans[1].id;
    bench.act(1, Action::ChangeSpan { id, start: 6, end: 19, label: disease });
    assert_eq!(bench.spans(1), [(0, 19, disease), (6, 19, disease)]);
    assert_eq!(bench.fail(2, Action::RemoveSpan { id }), "mark-gone", "it is in another document");
    bench.project.check().unwrap();
}

#[test]
fn a_span_goes_with_its_relations_and_comes_back_with_them() {
    let mut bench = bench(Task::Ner);
    let (span, causes) = (bench.label(LabelKind::Span, "Entity"), bench.label(LabelKind::Relation, "causes"));
    bench.act(1, Action::AddSpan { start: 0, end: 19, label: span });
    bench.act(1, Action::AddSpan { start: 26, end: 36, label: span });
    let ids: Vec<u32> = bench.project.document(bench.ada, 1).unwrap().spans.iter().map(|span| span.id).collect();
    bench.act(1, Action::Relate { head: ids[1], tail: ids[0], label: causes });
    assert_eq!(bench.fail(1, Action::Relate { head: ids[0], tail: ids[0], label: causes }), "relation-to-itself");
    assert_eq!(bench.fail(1, Action::Relate { head: ids[0], tail: ids[1], label: span }), "label-missing");
    let before = bench.project.document(bench.ada, 1).unwrap();
    bench.act(1, Action::RemoveSpan { id: ids[0] });
    let without = bench.project.document(bench.ada, 1).unwrap();
    assert_eq!((without.spans.len(), without.relations.len()), (1, 0));
    assert_eq!(bench.project.undo(bench.ada).unwrap(), Some(1));
    let back = bench.project.document(bench.ada, 1).unwrap();
    assert_eq!((&back.spans, &back.relations), (&before.spans, &before.relations));
    assert_eq!(bench.project.redo(bench.ada).unwrap(), Some(1));
    assert_eq!(bench.project.document(bench.ada, 1).unwrap().relations, []);
    assert_eq!(bench.project.redo(bench.ada).unwrap(), None);
    bench.project.check().unwrap();
}

/// Whatever is done, taking all of it back leaves nothing, and doing it again leaves the same.
#[test]
fn every_step_can_be_taken_back_and_done_again() {
    let mut bench = bench(Task::Multilabel);
    let spans = [bench.label(LabelKind::Span, "A"), bench.label(LabelKind::Span, "B")];
    let whole = [bench.label(LabelKind::Document, "x"), bench.label(LabelKind::Document, "y")];
    let relation = bench.label(LabelKind::Relation, "r");
    let state = |bench: &super::Bench| -> Vec<_> {
        let view = |id| bench.project.document(bench.ada, id).unwrap();
        (1..=4).map(|id| (view(id).spans, view(id).relations, view(id).answer)).collect()
    };
    let empty = state(&bench);
    let mut draw = Stream::new(3, Purpose::Sample, [0, 0]);
    let mut states = vec![empty.clone()];
    for _ in 0..300 {
        let id = [1, 2, 4][draw.below(3) as usize];
        let view = bench.project.document(bench.ada, id).unwrap();
        let pick = |draw: &mut Stream, most: usize| draw.below(most.max(1) as u32) as usize;
        let action = match draw.below(8) {
            0..3 => {
                let start = draw.below(10);
                Action::AddSpan { start, end: start + 1 + draw.below(8), label: spans[pick(&mut draw, 2)] }
            }
            3 if !view.spans.is_empty() => Action::RemoveSpan { id: view.spans[pick(&mut draw, view.spans.len())].id },
            4 if view.spans.len() > 1 => {
                Action::Relate { head: view.spans[0].id, tail: view.spans[1].id, label: relation }
            }
            5 if !view.relations.is_empty() => Action::RemoveRelation { id: view.relations[0].id },
            6 => Action::SetLabels { labels: whole[..pick(&mut draw, 3)].to_vec() },
            _ => Action::Done { done: draw.below(2) == 0 },
        };
        bench.act(id, action);
        let now = state(&bench);
        if states.last() != Some(&now) {
            states.push(now);
        }
    }
    assert!(states.len() > 100);
    for expected in states.iter().rev().skip(1) {
        assert!(bench.project.undo(bench.ada).unwrap().is_some());
        assert_eq!(&state(&bench), expected);
    }
    assert_eq!(state(&bench), empty);
    for expected in states.iter().skip(1) {
        assert!(bench.project.redo(bench.ada).unwrap().is_some());
        assert_eq!(&state(&bench), expected);
    }
    bench.project.undo(bench.ada).unwrap();
    bench.act(1, Action::SetScore { score: Some(2.5) });
    assert_eq!(bench.project.redo(bench.ada).unwrap(), None, "something else was done");
    bench.project.check().unwrap();
}

fn suggestion(document: u32, spans: &[(usize, usize, &str, f64)]) -> ModelAnswer {
    let span = |&(start, end, label, confidence): &(usize, usize, &str, f64)| SuggestedSpan {
        start,
        end,
        label: label.into(),
        confidence,
    };
    let spans = spans.iter().map(span).collect();
    ModelAnswer { document, spans, labels: vec![], score: None, doubt: SURE, embedding: None }
}

#[test]
fn suggestions_stay_apart_until_someone_decides() {
    let mut bench = bench(Task::Ner);
    let round = bench.project.add_round("runs/1", 30, Some(0.7)).unwrap();
    bench.label(LabelKind::Span, "Drug");
    let disease = bench.label(LabelKind::Span, "Disease");
    let all = [(0, 19, "Disease", 0.95), (26, 36, "Drug", 0.8), (20, 25, "Drug", 0.4)];
    bench.project.suggest(round, &[suggestion(1, &all)]).unwrap();
    assert_eq!(bench.spans(1), [], "nothing is a label yet");
    let ids: Vec<u32> =
        bench.project.document(bench.ada, 1).unwrap().suggestions.iter().map(|found| found.id).collect();
    assert_eq!(ids.len(), 3);
    bench.act(1, Action::AcceptAbove { confidence: 0.9 });
    assert_eq!(bench.spans(1), [(0, 19, disease)]);
    // In order of place: 0-19, 20-25, 26-36.
    bench.act(1, Action::Accept { suggestion: ids[2], label: Some(disease) });
    assert_eq!(bench.fail(1, Action::Accept { suggestion: ids[2], label: None }), "mark-gone", "it is decided");
    bench.act(1, Action::Done { done: true });
    assert_eq!(bench.project.document(bench.ada, 1).unwrap().suggestions, []);
    let at = |confidence: f64| {
        let all = bench.project.precision().unwrap();
        let found = all.into_iter().find(|precision| precision.confidence == confidence).unwrap();
        (found.decided, found.right)
    };
    assert_eq!(
        (at(0.0), at(0.5), at(0.9)),
        ((3, 1), (2, 1), (1, 1)),
        "a changed label was wrong, and the one left as well"
    );
    // The next round replaces what is undecided and leaves what was decided.
    let next = bench.project.add_round("runs/2", 31, Some(0.8)).unwrap();
    bench.project.suggest(next, &[suggestion(1, &[(0, 19, "Disease", 0.99), (0, 5, "Drug", 0.6)])]).unwrap();
    let left = bench.project.document(bench.ada, 1).unwrap().suggestions;
    assert_eq!(left.len(), 1, "what is said already is not suggested again: {left:?}");
    assert_eq!(bench.project.precision().unwrap()[0].decided, 3);
    // The same round again asks nothing that was decided, and no label that is gone.
    bench.act(1, Action::Reject { suggestion: left[0].id });
    bench.project.suggest(next, &[suggestion(1, &[(0, 5, "Drug", 0.6), (0, 5, "Dose", 0.9)])]).unwrap();
    assert_eq!(bench.project.document(bench.ada, 1).unwrap().suggestions, []);
    assert!(bench.project.labels().unwrap().iter().all(|label| label.name != "Dose"));
    while bench.project.undo(bench.ada).unwrap().is_some() {}
    assert_eq!(bench.spans(1), []);
    bench.project.check().unwrap();
}

#[test]
fn one_class_replaces_another_and_several_labels_add_up() {
    for (task, expected) in [(Task::Classification, 1), (Task::Multilabel, 2)] {
        let mut bench = bench(task);
        for name in ["ward", "home"] {
            bench.label(LabelKind::Document, name);
        }
        let round = bench.project.add_round("runs/1", 30, None).unwrap();
        let labels = vec![("ward".to_string(), 0.9), ("home".to_string(), 0.8)];
        let answer = ModelAnswer { labels, ..suggestion(1, &[]) };
        bench.project.suggest(round, &[answer]).unwrap();
        bench.act(1, Action::AcceptAbove { confidence: 0.5 });
        assert_eq!(bench.project.document(bench.ada, 1).unwrap().answer.labels.len(), expected);
    }
}

#[test]
fn labels_have_names_colours_and_keys_of_their_own() {
    let mut bench = bench(Task::Ner);
    let (first, second) = (bench.label(LabelKind::Span, "Drug"), bench.label(LabelKind::Span, " Disease "));
    assert_eq!(bench.label(LabelKind::Span, "Drug"), first);
    assert_ne!(bench.label(LabelKind::Document, "Drug"), first, "another kind");
    let labels = bench.project.labels().unwrap();
    let keys: Vec<&str> = labels.iter().map(|label| label.key.as_str()).collect();
    assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "{keys:?}");
    let mut disease = labels.into_iter().find(|label| label.id == second).unwrap();
    assert_eq!(disease.name, "Disease");
    disease.name = "Drug".into();
    assert_eq!(bench.project.change_label(&disease).unwrap_err().code(), "label-exists");
    let renamed = Label { name: "Disorder".into(), description: "What the patient has".into(), ..disease };
    bench.project.change_label(&renamed).unwrap();
    bench.act(1, Action::AddSpan { start: 0, end: 5, label: second });
    let error = bench.project.remove_label(second).unwrap_err();
    assert!(matches!(error, LabellingError::LabelInUse { uses: 1, .. }), "{error}");
    bench.project.undo(bench.ada).unwrap();
    bench.project.remove_label(second).unwrap();
    assert_eq!(bench.project.label(LabelKind::Span, "  ").unwrap_err().code(), "label-unnamed");
    let route = bench.label(LabelKind::Span, "Route");
    assert_ne!(route, second, "an id is never given twice");
    assert_eq!(bench.project.redo(bench.ada).unwrap(), None, "there is no such label any more");
    bench.project.check().unwrap();
}

#[test]
fn what_comes_in_labelled_goes_out_the_same() {
    let mut bench = bench(Task::Ner);
    let span = |start, end, label: &str| NewSpan { start, end, label: label.into() };
    let mut labelled = document("labelled", "Aspirin against 😷 fever.");
    labelled.spans = vec![span(0, 7, "Drug"), span(16, 17, "Sign"), span(18, 23, "Sign")];
    labelled.relations = vec![NewRelation { head: 0, tail: 2, label: "treats".into() }];
    labelled.labels = vec!["ward".into()];
    labelled.patient = Some("p7".into());
    labelled.done = true;
    let done =
        bench.project.import(bench.ada, [labelled.clone(), document("empty", "")], &mut |_| true).unwrap().unwrap();
    assert_eq!((done.added, done.known, done.labelled), (2, 0, 1));
    let again = bench.project.import(bench.ada, [labelled.clone()], &mut |_| true).unwrap().unwrap();
    assert_eq!((again.added, again.known), (0, 1));
    let bob = bench.project.annotator("Bob").unwrap();
    let theirs = bench.project.import(bob, [labelled.clone()], &mut |_| true).unwrap().unwrap();
    assert_eq!((theirs.added, theirs.known, theirs.labelled), (0, 1, 1), "another annotator's work on the same text");
    assert_eq!(bench.project.labelled(bob).unwrap()[0].document, labelled);
    let other = document("labelled", "Another text of that name.");
    bench.project.import(bench.ada, [other], &mut |_| true).unwrap();
    let out = bench.project.labelled(bench.ada).unwrap();
    assert_eq!(out.len(), 1);
    assert_eq!(out[0].document, labelled);
    let mut outside = document("bad", "short");
    outside.spans = vec![span(0, 6, "Drug")];
    let before = bench.project.facts().unwrap();
    let refused = bench.project.import(bench.ada, [document("good", "fine"), outside], &mut |_| true).unwrap_err();
    assert_eq!(refused.code(), "out-of-text");
    assert_eq!(bench.project.facts().unwrap(), before, "all or nothing");
    assert_eq!(bench.project.import(bench.ada, [document("late", "x")], &mut |_| false).unwrap(), None, "stopped");
    assert_eq!(bench.project.facts().unwrap(), before);
}

#[test]
fn the_measured_precision_is_what_people_found() {
    let mut bench = bench(Task::Ner);
    let round = bench.project.add_round("runs/1", 30, Some(0.7)).unwrap();
    let (drug, disease) = (bench.label(LabelKind::Span, "Drug"), bench.label(LabelKind::Span, "Disease"));
    let all = [(0, 19, "Disease", 0.95), (20, 25, "Drug", 0.93), (26, 36, "Drug", 0.89)];
    bench.project.suggest(round, &[suggestion(1, &all)]).unwrap();
    let at = |bench: &Bench, percent: usize| {
        let all = bench.project.precision().unwrap();
        (all[percent].decided, all[percent].right)
    };
    bench.act(1, Action::AcceptAbove { confidence: 0.9 });
    assert_eq!(at(&bench, 0), (0, 0), "nobody has gone over it yet");
    // One that was accepted with the others is taken back, one is marked by hand.
    let accepted = bench.project.document(bench.ada, 1).unwrap().spans;
    let wrong = accepted.iter().find(|span| span.label == drug).unwrap().id;
    bench.act(1, Action::RemoveSpan { id: wrong });
    bench.act(1, Action::AddSpan { start: 26, end: 36, label: drug });
    bench.act(1, Action::Done { done: true });
    assert_eq!((at(&bench, 0), at(&bench, 89), at(&bench, 90), at(&bench, 95)), ((3, 2), (3, 2), (2, 1), (1, 1)));
    assert_eq!(bench.spans(1), [(0, 19, disease), (26, 36, drug)]);
}
