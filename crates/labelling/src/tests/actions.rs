//! What a person does to a document, and takes back.

use super::{Bench, bench, document};
use crate::{
    Action, Doubt, Label, LabelKind, LabellingError, ModelAnswer, NewRelation, NewSpan, Precision, SuggestedRelation,
    SuggestedSpan, Turned,
};
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
    assert_eq!(turned(bench.project.undo(bench.ada)), Some(1));
    let back = bench.project.document(bench.ada, 1).unwrap();
    assert_eq!((&back.spans, &back.relations), (&before.spans, &before.relations));
    assert_eq!(turned(bench.project.redo(bench.ada)), Some(1));
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
    ModelAnswer { document, spans, relations: vec![], labels: vec![], score: None, doubt: Some(SURE), embedding: None }
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
    assert_eq!(bench.project.change_label(bench.ada, &disease).unwrap_err().code(), "label-exists");
    let renamed = Label { name: "Disorder".into(), description: "What the patient has".into(), ..disease };
    bench.project.change_label(bench.ada, &renamed).unwrap();
    bench.act(1, Action::AddSpan { start: 0, end: 5, label: second });
    let error = bench.project.remove_label(bench.ada, second).unwrap_err();
    assert!(matches!(error, LabellingError::LabelInUse { uses: 1, .. }), "{error}");
    bench.project.undo(bench.ada).unwrap();
    bench.project.remove_label(bench.ada, second).unwrap();
    assert_eq!(bench.project.add_label(bench.ada, LabelKind::Span, "  ").unwrap_err().code(), "label-unnamed");
    let route = bench.label(LabelKind::Span, "Route");
    assert_ne!(route, second, "an id is never given twice");
    assert_eq!(bench.project.redo(bench.ada).unwrap(), None, "something else was done");
    bench.project.check().unwrap();
}

/// The document of a step that was taken back or done again.
fn turned(step: crate::Result<Option<Turned>>) -> Option<u32> {
    step.unwrap().and_then(|step| step.document)
}

#[test]
fn changes_of_the_label_set_are_taken_back_and_done_again() {
    let mut bench = bench(Task::Ner);
    let (drug, sign) = (bench.label(LabelKind::Span, "Drug"), bench.label(LabelKind::Span, "Sign"));
    let before = bench.project.labels().unwrap();
    let renamed = Label { name: "Medicine".into(), key: "m".into(), ..before[0].clone() };
    bench.project.change_label(bench.ada, &renamed).unwrap();
    bench.project.remove_label(bench.ada, sign).unwrap();
    assert_eq!(bench.project.labels().unwrap(), std::slice::from_ref(&renamed));
    let said: Vec<String> =
        std::iter::from_fn(|| bench.project.undo(bench.ada).unwrap()).take(2).map(|step| step.action).collect();
    assert_eq!(said, ["remove-label", "change-label"]);
    assert_eq!(bench.project.labels().unwrap(), before);
    bench.project.redo(bench.ada).unwrap();
    assert_eq!(bench.project.labels().unwrap()[0], renamed);
    while bench.project.undo(bench.ada).unwrap().is_some() {}
    assert_eq!(bench.project.labels().unwrap(), [], "added ones, too");
    while bench.project.redo(bench.ada).unwrap().is_some() {}
    assert_eq!(bench.project.labels().unwrap(), [renamed], "with the ids that they had");
    // One that somebody else has put meanwhile stays.
    let eve = bench.project.annotator("Eve").unwrap();
    bench.project.act(eve, 1, &Action::AddSpan { start: 0, end: 5, label: drug }).unwrap();
    while bench.project.undo(bench.ada).unwrap().is_some() {}
    assert_eq!(bench.project.labels().unwrap()[0].id, drug);
    bench.project.check().unwrap();
}

#[test]
fn every_step_is_in_the_history_with_who_and_when() {
    let mut bench = bench(Task::Ner);
    let drug = bench.label(LabelKind::Span, "Drug");
    let eve = bench.project.annotator("Eve").unwrap();
    bench.act(1, Action::AddSpan { start: 0, end: 5, label: drug });
    bench.project.act(eve, 2, &Action::Done { done: true }).unwrap();
    bench.project.undo(eve).unwrap();
    let found = bench.project.history(0, 10).unwrap();
    let said: Vec<(&str, Option<&str>, &str, bool)> = found
        .steps
        .iter()
        .map(|step| (step.annotator.as_str(), step.name.as_deref(), step.action.as_str(), step.undone))
        .collect();
    let expected = [
        ("Eve", Some("note 1"), "done", true),
        ("Ada", Some("note 0"), "add-span", false),
        ("Ada", None, "add-label", false),
    ];
    assert_eq!((found.total, said), (3, expected.to_vec()));
    assert!(found.steps.iter().all(|step| step.at.ends_with('Z')));
    assert_eq!(bench.project.history(1, 1).unwrap().steps, found.steps[1..2]);
}

#[test]
fn what_came_in_together_goes_out_together() {
    let mut bench = bench(Task::Ner);
    let drug = bench.label(LabelKind::Span, "Drug");
    bench.act(1, Action::AddSpan { start: 0, end: 5, label: drug });
    let wrong = [document("x", "Wrong file."), document("y", "Its other text."), document("note 0", super::TEXTS[0])];
    let made = bench.project.import(bench.ada, "wrong.csv", wrong, &mut |_| true).unwrap().unwrap();
    assert_eq!((made.added, made.known), (2, 1));
    bench.act(5, Action::AddSpan { start: 0, end: 5, label: drug });
    bench.act(5, Action::AddSpan { start: 6, end: 10, label: drug });
    bench.act(5, Action::Done { done: true });
    let cards = bench.project.imports().unwrap();
    let said: Vec<(&str, &str, usize, usize)> =
        cards.iter().map(|card| (card.annotator.as_str(), card.source.as_str(), card.documents, card.done)).collect();
    assert_eq!(said, [("Ada", "wrong.csv", 2, 1), ("Ada", "notes", 4, 0)]);
    assert_eq!(bench.project.remove_import(cards[0].id).unwrap(), 2);
    assert_eq!(bench.project.imports().unwrap().len(), 1);
    assert_eq!(bench.project.document(bench.ada, 5).unwrap_err().code(), "document-missing");
    assert_eq!(bench.spans(1), [(0, 5, drug)], "what was known before stays with its labels");
    assert_eq!(
        turned(bench.project.undo(bench.ada)),
        Some(1),
        "what was done to the removed texts is no step any more"
    );
    bench.project.remove_document(4).unwrap();
    assert_eq!(bench.project.remove_document(4).unwrap_err().code(), "document-missing");
    assert_eq!(bench.project.facts().unwrap().documents, 3);
    bench.project.check().unwrap();
}

#[test]
fn relations_are_suggested_between_entities_that_are_marked() {
    let mut bench = bench(Task::Relation);
    let entity = bench.label(LabelKind::Span, "Entity");
    let (causes, treats) = (bench.label(LabelKind::Relation, "causes"), bench.label(LabelKind::Relation, "treats"));
    let round = bench.project.add_round("run", 20, None).unwrap();
    let relation = |head, tail, confidence| SuggestedRelation { head, tail, label: "causes".into(), confidence };
    let relations = vec![relation((26, 36), (0, 19), 0.9), relation((0, 5), (6, 11), 0.6)];
    let answer = ModelAnswer { relations, ..suggestion(1, &[]) };
    bench.project.suggest(round, std::slice::from_ref(&answer)).unwrap();
    let open = |bench: &super::Bench| bench.project.document(bench.ada, 1).unwrap().suggestions;
    assert_eq!(open(&bench), [], "without entities there is nothing to join");
    bench.act(1, Action::AddSpan { start: 0, end: 19, label: entity });
    bench.act(1, Action::AddSpan { start: 26, end: 36, label: entity });
    let found = open(&bench);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].span(), found[0].tail()), (Some((26, 36)), Some((0, 19))));
    bench.act(1, Action::Accept { suggestion: found[0].id, label: None });
    let view = bench.project.document(bench.ada, 1).unwrap();
    let [made] = view.relations[..] else { panic!("{view:?}") };
    assert_eq!((made.head, made.tail, made.label), (view.spans[1].id, view.spans[0].id, causes));
    bench.project.undo(bench.ada).unwrap();
    // Under another label it is decided as well, and counts as wrong.
    bench.act(1, Action::Accept { suggestion: found[0].id, label: Some(treats) });
    assert_eq!(bench.project.document(bench.ada, 1).unwrap().relations[0].label, treats);
    bench.act(1, Action::Done { done: true });
    assert_eq!(bench.project.precision().unwrap()[50], Precision { confidence: 0.5, decided: 1, right: 0 });
    bench.project.undo(bench.ada).unwrap();
    bench.project.undo(bench.ada).unwrap();
    // Whoever joins the two by himself has said what was suggested.
    let ids: Vec<u32> = view.spans.iter().map(|span| span.id).collect();
    bench.act(1, Action::Relate { head: ids[0], tail: ids[1], label: causes });
    assert_eq!(open(&bench), []);
    bench.act(1, Action::Done { done: true });
    assert_eq!(bench.project.precision().unwrap()[50], Precision { confidence: 0.5, decided: 1, right: 1 });
    assert_eq!(bench.project.related_labels().unwrap(), [("Entity".to_string(), "Entity".to_string())]);
    assert_eq!(bench.project.marked(1, None).unwrap().len(), 2);
    bench.project.suggest(round, &[answer]).unwrap();
    assert_eq!(open(&bench), [], "what was decided on is not asked again");
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
    let done = bench
        .project
        .import(bench.ada, "notes", [labelled.clone(), document("empty", "")], &mut |_| true)
        .unwrap()
        .unwrap();
    assert_eq!((done.added, done.known, done.labelled), (2, 0, 1));
    let again = bench.project.import(bench.ada, "notes", [labelled.clone()], &mut |_| true).unwrap().unwrap();
    assert_eq!((again.added, again.known), (0, 1));
    let bob = bench.project.annotator("Bob").unwrap();
    let theirs = bench.project.import(bob, "notes", [labelled.clone()], &mut |_| true).unwrap().unwrap();
    assert_eq!((theirs.added, theirs.known, theirs.labelled), (0, 1, 1), "another annotator's work on the same text");
    assert_eq!(bench.project.labelled(bob).unwrap()[0].document, labelled);
    let other = document("labelled", "Another text of that name.");
    bench.project.import(bench.ada, "notes", [other], &mut |_| true).unwrap();
    let out = bench.project.labelled(bench.ada).unwrap();
    assert_eq!(out.len(), 1);
    assert_eq!(out[0].document, labelled);
    let mut outside = document("bad", "short");
    outside.spans = vec![span(0, 6, "Drug")];
    let before = bench.project.facts().unwrap();
    let refused =
        bench.project.import(bench.ada, "notes", [document("good", "fine"), outside], &mut |_| true).unwrap_err();
    assert_eq!(refused.code(), "out-of-text");
    assert_eq!(bench.project.facts().unwrap(), before, "all or nothing");
    assert_eq!(
        bench.project.import(bench.ada, "notes", [document("late", "x")], &mut |_| false).unwrap(),
        None,
        "stopped"
    );
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
