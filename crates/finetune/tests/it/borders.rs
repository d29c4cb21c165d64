//! Entities at the borders of windows, with a real encoder.

use crate::{fetched_encoder, root};
use corpus::{Dataset, Example, Gold, Options, Task, load, single};
use encoder::Compute;
use finetune::{Choices, Control, Predictor, Run, Session, Shared, parse_presets, resolve};
use std::collections::BTreeSet;
use std::path::Path;

/// NCBI-disease with its first 300 sentences to train on.
fn diseases() -> Option<Dataset> {
    let folder = root().join("../shared/data/ncbi-disease");
    let mut dataset = load(&folder, &Options::default()).ok()?;
    dataset.train.truncate(300);
    dataset.dev.truncate(100);
    dataset.test.truncate(100);
    Some(dataset)
}

/// Sentences of the test split until there are 20,000 characters.
fn note(sentences: &[Example]) -> String {
    let mut note = String::new();
    for sentence in sentences.iter().cycle() {
        if note.chars().count() > 20_000 {
            break;
        }
        note = note + &sentence.text + " ";
    }
    note
}

#[test]
fn what_is_found_does_not_depend_on_where_windows_begin() {
    let (Some(encoder), Some(dataset)) = (fetched_encoder("minilm-l6"), diseases()) else {
        eprintln!("skipped: MiniLM or NCBI-disease is not there");
        return;
    };
    let config = encoder::inspect_folder(&encoder).unwrap().config;
    let choices = Choices {
        presets: parse_presets("freeze").unwrap(),
        epochs: Some(6),
        learning_rate: Some(2e-4),
        max_length: Some(256),
        ..Choices::default()
    };
    let recipe = resolve(&choices, Task::Ner, &config).unwrap();
    let (out, compute, shared) = (tempfile::tempdir().unwrap(), Compute::cpu(), Shared::new(std::env::temp_dir()));
    let folder: &Path = out.path();
    let run = Run { recipe: &recipe, encoder: &encoder, dataset: &dataset, compute: &compute, folder, shared: &shared };
    let trained = Session::prepare(&run).unwrap().train(&mut |_| Control::Continue).unwrap();
    eprintln!("test F1 after 300 sentences: {:.1}", 100.0 * trained.test.main());
    assert!(trained.test.main() > 0.2, "{}", trained.test.main());

    let whole = load(&root().join("../shared/data/ncbi-disease"), &Options::default()).unwrap();
    let marked = |example: &&Example| matches!(&example.gold, Some(Gold::Entities(spans)) if !spans.is_empty());
    let sentences: Vec<Example> = whole.test.iter().filter(marked).cloned().collect();
    let note = note(&sentences);
    let predictor = Predictor::load(&out.path().join("model"), &compute).unwrap();
    let found = |shift: usize| -> BTreeSet<(usize, usize)> {
        let lead = "the ".repeat(shift);
        let example = single(&(lead.clone() + &note), None, Task::Ner);
        let prediction = predictor.predict(&[example], &mut |_, _| Control::Continue).unwrap();
        let inside = prediction[0].entities.iter().filter(|span| span.start >= lead.len());
        inside.map(|span| (span.start - lead.len(), span.end - lead.len())).collect()
    };
    let first = found(0);
    assert!(first.len() > 100, "{} entities", first.len());
    for shift in [17, 61, 110] {
        let shifted = found(shift);
        let agree = |from: usize| {
            let far = |set: &BTreeSet<(usize, usize)>| -> BTreeSet<(usize, usize)> {
                set.iter().copied().filter(|span| span.0 >= from).collect()
            };
            let (a, b) = (far(&first), far(&shifted));
            a.intersection(&b).count() as f64 / a.union(&b).count() as f64
        };
        // The first windows hold the words that were put before the note, and read it with them.
        let (all, far) = (agree(0), agree(2000));
        eprintln!("shift {shift}: {:.2} % of all agree, {:.2} % behind the first windows", 100.0 * all, 100.0 * far);
        assert!(all >= 0.8 && far >= 0.99, "shift {shift}: {all} {far}");
    }
}
