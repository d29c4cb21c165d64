//! A project of a hundred thousand documents answers at once.

use super::document;
use crate::{Action, DocumentFilter, DocumentQuery, LabelKind, Project, Strategy};
use corpus::Task;
use random::{Purpose, Stream};
use std::time::Instant;

/// Measured by hand (`cargo nextest run --workspace --run-ignored only large`): times mean nothing on a busy machine.
#[test]
#[ignore = "a measurement"]
fn a_hundred_thousand_documents() {
    let folder = tempfile::tempdir().unwrap();
    let mut project = Project::create(&folder.path().join("project.sqlite"), "large", Task::Ner).unwrap();
    let ada = project.annotator("Ada").unwrap();
    let words =
        ["fever", "cough", "renal", "failure", "aspirin", "no", "since", "Monday", "and", "asthma", "the", "left"];
    let mut draw = Stream::new(1, Purpose::Sample, [0, 0]);
    let texts: Vec<String> =
        (0..100_000).map(|_| (0..60).map(|_| words[draw.below(12) as usize]).collect::<Vec<_>>().join(" ")).collect();
    let began = Instant::now();
    let documents = texts.iter().enumerate().map(|(place, text)| document(&format!("note {place}"), text));
    project.import(ada, "notes", documents, &mut |_| true).unwrap();
    println!("import {:.1} s", began.elapsed().as_secs_f64());
    let label = project.add_label(ada, LabelKind::Span, "Sign").unwrap();
    let mut slowest = Vec::new();
    let mut time = |name: String, work: &mut dyn FnMut(&mut Project)| {
        let mut all: Vec<f64> = (0..5)
            .map(|_| {
                let began = Instant::now();
                work(&mut project);
                began.elapsed().as_secs_f64() * 1000.0
            })
            .collect();
        all.sort_by(f64::total_cmp);
        println!("{name}: {:.1} ms in the middle, {:.1} at most", all[2], all[4]);
        slowest.push(all[2]);
    };
    for (filter, search, first) in [
        (DocumentFilter::All, "", 0),
        (DocumentFilter::All, "", 99_950),
        (DocumentFilter::Open, "", 50_000),
        (DocumentFilter::Done, "", 0),
        (DocumentFilter::All, "renal failure aspirin", 0),
        (DocumentFilter::All, "fever", 0),
        (DocumentFilter::All, "nowhere to be found", 0),
        (DocumentFilter::All, "ev", 0),
        (DocumentFilter::Open, "note 99999", 0),
    ] {
        let query = DocumentQuery { annotator: ada, filter, search: search.into(), first, count: 50 };
        time(format!("list {filter:?} \"{search}\" from {first}"), &mut |project| {
            project.documents(&query).unwrap();
        });
    }
    let mut next = 0;
    time("act".into(), &mut |project| {
        next += 1;
        project.act(ada, next, &Action::AddSpan { start: 0, end: 5, label }).unwrap();
    });
    time("done and next".into(), &mut |project| {
        project.act(ada, next, &Action::Done { done: true }).unwrap();
        project.next(ada, Some(next), false).unwrap();
    });
    time("open one".into(), &mut |project| {
        project.document(ada, 77_777).unwrap();
    });
    time("facts".into(), &mut |project| {
        project.facts().unwrap();
    });
    let began = Instant::now();
    project.reorder(Strategy::Random, 1).unwrap();
    println!("reorder {:.1} s", began.elapsed().as_secs_f64());
    assert!(slowest.iter().all(|slowest| *slowest < 100.0), "{slowest:?}");
}
