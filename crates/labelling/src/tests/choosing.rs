//! What comes next.

use super::{bench, document};
use crate::{
    Action, Candidate, DocumentFilter, DocumentQuery, Doubt, ModelAnswer, Project, Strategy, cold_start, order,
};
use corpus::Task;
use random::{Purpose, Stream};
use std::collections::BTreeSet;

fn candidates() -> Vec<Candidate> {
    // Ten copies of one doubtful note, then some of less and less doubt that point elsewhere.
    let copies = (1..=10).map(|id| Candidate { id, doubt: 0.9, embedding: Some(vec![1.0, 0.0, 0.0]) });
    let angle = |id: u32| f64::from(id - 10) * 0.5;
    let others = (11..=16).map(|id| Candidate {
        id,
        doubt: 0.8 - f64::from(id) * 0.01,
        embedding: Some(vec![angle(id).cos() as f32, angle(id).sin() as f32, 0.3]),
    });
    copies.chain(others).collect()
}

#[test]
fn each_strategy_has_its_order() {
    let all = candidates();
    let given = order(Strategy::Given, all.clone(), &[], 1);
    assert_eq!(given, (1..=16).collect::<Vec<_>>());
    let random = order(Strategy::Random, all.clone(), &[], 1);
    assert_ne!(random, given);
    assert_ne!(random, order(Strategy::Random, all.clone(), &[], 2));
    assert_eq!(random, order(Strategy::Random, all.clone(), &[], 1));
    assert_eq!(random.iter().copied().collect::<BTreeSet<_>>(), given.iter().copied().collect());
    let doubtful = order(Strategy::Entropy, all.clone(), &[], 1);
    assert!(doubtful[..10].iter().all(|id| *id <= 10), "{doubtful:?}");
    assert_eq!(doubtful[10..], [11, 12, 13, 14, 15, 16]);
    let mixed = order(Strategy::EntropyAndDiversity, all.clone(), &[], 1);
    assert_eq!(mixed[..5].iter().filter(|id| **id <= 10).count(), 1, "one of ten copies is enough: {mixed:?}");
    let labelled = [vec![1.0, 0.0, 0.0]];
    let unlike = order(Strategy::Diversity, all, &labelled, 1);
    assert!(unlike[..6].iter().all(|id| *id > 10), "copies of what is labelled come last: {unlike:?}");
}

#[test]
fn a_cold_start_takes_one_text_of_each_group() {
    let mut draw = Stream::new(4, Purpose::Sample, [0, 0]);
    let mut vectors = Vec::new();
    for (group, size) in [50, 30, 5].into_iter().enumerate() {
        for _ in 0..size {
            let mut vector = vec![0.0; 3];
            vector[group] = 5.0;
            vector.iter_mut().for_each(|value| *value += draw.normal() * 0.1);
            vectors.push((vectors.len() as u32, vector));
        }
    }
    let group = |id: u32| {
        if id < 50 {
            0
        } else if id < 80 {
            1
        } else {
            2
        }
    };
    let chosen: Vec<usize> = cold_start(&vectors, 3, 7).into_iter().map(group).collect();
    assert_eq!(chosen, [0, 1, 2], "the largest first");
    let same: Vec<(u32, Vec<f32>)> = (0..5).map(|id| (id, vec![1.0, 2.0])).collect();
    assert_eq!(cold_start(&same, 3, 7).into_iter().collect::<BTreeSet<_>>().len(), 3);
    assert_eq!(cold_start(&same, 9, 7).len(), 5);
    assert!(cold_start(&[], 3, 7).is_empty());
}

fn asked(document: u32, entropy: f64) -> ModelAnswer {
    let doubt = Doubt { confidence: 1.0 - entropy, entropy, margin: 1.0 - entropy, disagreement: Some(entropy) };
    let embedding = Some(vec![entropy as f32, 1.0]);
    ModelAnswer {
        document,
        spans: vec![],
        relations: vec![],
        labels: vec![],
        score: None,
        doubt: Some(doubt),
        embedding,
    }
}

#[test]
fn the_queue_follows_doubt_and_leaves_out_what_is_done() {
    let mut bench = bench(Task::Classification);
    let round = bench.project.add_round("runs/1", 5, Some(0.5)).unwrap();
    let doubts = [(1, 0.2), (2, 0.9), (3, 0.5), (4, 0.7)];
    let answers: Vec<ModelAnswer> = doubts.iter().map(|(id, entropy)| asked(*id, *entropy)).collect();
    bench.project.suggest(round, &answers).unwrap();
    bench.project.end_round(round, Some(1.0 - 2.3 / 4.0)).unwrap();
    let confidence = bench.project.rounds().unwrap()[0].confidence.unwrap();
    assert!((confidence - (1.0 - 2.3 / 4.0)).abs() < 1e-9, "{confidence}");
    for strategy in Strategy::ALL {
        bench.project.reorder(strategy, 1).unwrap();
        bench.project.check().unwrap();
    }
    for strategy in [Strategy::LeastConfidence, Strategy::Entropy, Strategy::Margin, Strategy::Disagreement] {
        bench.project.reorder(strategy, 1).unwrap();
        assert_eq!(listed(&bench.project, bench.ada, DocumentFilter::All), [2, 4, 3, 1], "{strategy:?}");
    }
    assert_eq!(bench.project.next(bench.ada, None, false).unwrap(), Some(2));
    assert_eq!(bench.project.next(bench.ada, Some(2), false).unwrap(), Some(4));
    assert_eq!(bench.project.next(bench.ada, Some(1), false).unwrap(), Some(2), "round to the beginning");
    bench.act(2, Action::Done { done: true });
    assert_eq!(bench.project.next(bench.ada, None, false).unwrap(), Some(4));
    assert_eq!(listed(&bench.project, bench.ada, DocumentFilter::Open), [4, 3, 1]);
    assert_eq!(listed(&bench.project, bench.ada, DocumentFilter::Done), [2]);
    bench.project.reorder(Strategy::Given, 1).unwrap();
    assert_eq!(listed(&bench.project, bench.ada, DocumentFilter::All), [1, 3, 4, 2], "what is done comes last");
    let eve = bench.project.annotator("Eve").unwrap();
    assert_eq!(bench.project.next(eve, None, false).unwrap(), Some(1), "another annotator has done nothing");
    for id in [1, 3, 4] {
        bench.act(id, Action::Done { done: true });
    }
    assert_eq!(bench.project.next(bench.ada, None, false).unwrap(), None);
}

fn listed(project: &Project, annotator: u32, filter: DocumentFilter) -> Vec<u32> {
    let query = DocumentQuery { annotator, filter, search: String::new(), first: 0, count: 100 };
    let page = project.documents(&query).unwrap();
    assert_eq!(page.total, page.documents.len());
    page.documents.iter().map(|card| card.id).collect()
}

#[test]
fn search_finds_any_part_of_a_text() {
    let mut bench = bench(Task::Ner);
    let odd = document("odd", "50% of \"all\" cases\\rows, a_b");
    bench.project.import(bench.ada, "notes", [odd], &mut |_| true).unwrap();
    let found = |search: &str| -> Vec<u32> {
        let query =
            DocumentQuery { annotator: bench.ada, search: search.into(), count: 10, ..DocumentQuery::default() };
        bench.project.documents(&query).unwrap().documents.iter().map(|card| card.id).collect()
    };
    assert_eq!(found("RENAL"), [1]);
    assert_eq!(found("enta"), [1], "within a word");
    assert_eq!(found("哮喘"), [4], "two characters");
    assert_eq!(found("肺炎和"), [4]);
    assert_eq!(found("note 2"), [3], "by name");
    assert_eq!(found("\"all\""), [5]);
    assert_eq!(found("0%"), [5], "no wildcard");
    assert_eq!(found("a_"), [5]);
    assert_eq!(found("s\\"), [5]);
    assert_eq!(found(" "), [1, 2, 3, 4, 5]);
    assert!(found("nothing of the kind").is_empty());
    assert!(found("\" OR \"").is_empty());
}

#[test]
fn what_is_in_most_texts_is_found_as_what_is_in_few() {
    let mut bench = bench(Task::Ner);
    let many = (0..2500).map(|place| document(&format!("n{place}"), &format!("Die Ärztin sagt: Fieber {place}")));
    bench.project.import(bench.ada, "notes", many, &mut |_| true).unwrap();
    bench.act(5, Action::Done { done: true });
    let found = |search: &str, filter, first| {
        let query = DocumentQuery { annotator: bench.ada, filter, search: search.into(), first, count: 2 };
        let page = bench.project.documents(&query).unwrap();
        (page.total, page.documents.iter().map(|card| card.id).collect::<Vec<u32>>())
    };
    // By the index and by the text, in whatever case.
    for search in ["fieber", "sagt: FIEBER", "ärztin", "DIE Ä"] {
        assert_eq!(found(search, DocumentFilter::All, 0), (2500, vec![5, 6]), "{search}");
        assert_eq!(found(search, DocumentFilter::Open, 0), (2499, vec![6, 7]), "{search}");
        assert_eq!(found(search, DocumentFilter::Done, 0), (1, vec![5]), "{search}");
        assert_eq!(found(search, DocumentFilter::All, 2499), (2500, vec![2504]), "{search}");
        assert_eq!(found(search, DocumentFilter::All, 9999), (2500, vec![]), "{search}");
    }
    assert_eq!(found("Fieber 249", DocumentFilter::All, 0), (11, vec![254, 2495]));
}

#[test]
fn every_text_has_its_turn_to_be_asked_about() {
    let mut bench = bench(Task::Classification);
    let all: Vec<u32> = (0..20).map(|place| bench.project.documents_to_ask(false, 9, place).unwrap()[0]).collect();
    assert!(all.iter().all(|id| *id == 1), "all of them, in the order of the queue: {all:?}");
    let drawn: BTreeSet<u32> =
        (0..20).flat_map(|seed| bench.project.documents_to_ask(false, 1, seed).unwrap()).collect();
    assert_eq!(drawn, BTreeSet::from([1, 2, 3, 4]), "not always the first");
    bench.act(3, Action::Done { done: true });
    let ids = |done| bench.project.documents_to_ask(done, 9, 1).unwrap();
    assert_eq!((ids(true), ids(false)), (vec![3], vec![1, 2, 4]));
    let texts: Vec<String> =
        bench.project.texts(&[4, 99, 1]).unwrap().into_iter().map(|own| own.document.text).collect();
    assert_eq!(texts, [super::TEXTS[3], super::TEXTS[0]]);
}

#[test]
fn what_two_models_made_of_texts_is_not_compared() {
    let mut bench = bench(Task::Classification);
    let round = bench.project.add_round("runs/1", 5, Some(0.5)).unwrap();
    bench.project.suggest(round, &[asked(1, 0.9), asked(2, 0.1)]).unwrap();
    bench.project.forget_looks().unwrap();
    bench.project.suggest(round, &[asked(4, 0.5)]).unwrap();
    bench.project.reorder(Strategy::Entropy, 1).unwrap();
    assert_eq!(
        listed(&bench.project, bench.ada, DocumentFilter::All)[0],
        4,
        "the only one that the last model has seen"
    );
}

#[test]
fn without_doubts_likeness_alone_counts() {
    let at = |id: u32, vector: [f32; 2]| Candidate { id, doubt: 0.0, embedding: Some(vector.to_vec()) };
    let all = vec![at(1, [1.0, 0.0]), at(2, [1.0, 0.1]), at(3, [-1.0, 0.0]), at(4, [0.9, 0.1])];
    for seed in 0..5 {
        let both = order(Strategy::EntropyAndDiversity, all.clone(), &[vec![1.0, 0.0]], seed);
        assert_eq!(both[0], 3, "the one most unlike what is labelled");
        assert_eq!(both, order(Strategy::Diversity, all.clone(), &[vec![1.0, 0.0]], seed));
    }
}
