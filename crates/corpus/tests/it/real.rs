//! Data as people have it: the real sets beside the project, and the samples that are shipped.

use crate::{entities, is_repeat, real_data, root};
use corpus::{Dataset, Example, Gold, Options, Split, Task, label_counts, load};
use std::collections::{BTreeMap, BTreeSet};

/// Loads a real data set whole, with no row left out, and compares its number of examples.
fn check(name: &str, task: Task, examples: [usize; 3]) -> Option<Dataset> {
    let dataset = load(&real_data(name)?, &Options::default()).unwrap();
    assert_eq!((dataset.task, dataset.drawn_split), (task, false), "{name}");
    let found = [Split::Train, Split::Dev, Split::Test].map(|split| dataset.split(split).len());
    assert_eq!(found, examples, "{name}");
    let rejected: Vec<_> = dataset.issues.iter().filter(|issue| issue.rejected).collect();
    assert!(rejected.is_empty(), "{name}: {rejected:?}");
    assert!(dataset.sources.iter().all(|source| source.rejected == 0));
    Some(dataset)
}

#[test]
fn ncbi_disease() {
    let Some(dataset) = check("ncbi-disease", Task::Ner, [5424, 923, 940]) else { return };
    assert_eq!(dataset.labels, ["Disease"]);
    let mentions = [&dataset.train, &dataset.dev, &dataset.test].map(|split| label_counts(split, 1)[0]);
    assert_eq!(mentions, [5134, 787, 960]);
    assert!(dataset.issues.iter().all(is_repeat), "{:?}", dataset.issues);
    let first = entities(&dataset, &dataset.train[0]);
    assert_eq!(first[0], ("adenomatous polyposis coli tumour".to_string(), "Disease".to_string()));
}

#[test]
fn pico() {
    let Some(dataset) = check("pico", Task::Pico, [8162, 2224, 2076]) else { return };
    assert_eq!(dataset.labels, ["INT", "OUT", "PAR"]);
    assert!(dataset.issues.iter().all(is_repeat), "{:?}", dataset.issues);
    let documents = [&dataset.train, &dataset.dev, &dataset.test]
        .map(|split| split.iter().map(|example| example.group.as_deref().unwrap()).collect::<BTreeSet<_>>().len());
    assert_eq!(documents, [768, 192, 191]);
}

#[test]
fn gad() {
    let Some(dataset) = check("gad", Task::Relation, [4261, 535, 534]) else { return };
    assert_eq!((dataset.labels.as_slice(), dataset.negative), (&["0".to_string(), "1".to_string()][..], Some(0)));
    assert!(dataset.markers.is_empty(), "dummy tokens stay ordinary text");
    assert_eq!(dataset.columns.text.as_deref(), Some("sentence"));
    assert!(dataset.train.iter().all(|example| !example.text.contains(['\n', '\t'])), "bare quotes swallow nothing");
    let last = dataset.train.last().unwrap();
    assert_eq!(last.line, 4262);
}

#[test]
fn mts_dialog() {
    let Some(dataset) = check("mts-dialog", Task::Classification, [1201, 100, 400]) else { return };
    assert_eq!(dataset.labels.len(), 20);
    assert_eq!(dataset.columns.label.as_deref(), Some("section_header"));
    assert!(dataset.train.iter().any(|example| example.text.contains("\nPatient: ")), "fields run over lines");
    assert!(dataset.train.iter().map(|example| example.line).is_sorted());
}

#[test]
fn hoc() {
    let Some(dataset) = check("hoc", Task::Multilabel, [12119, 1798, 3547]) else { return };
    assert_eq!(dataset.columns.text.as_deref(), Some("sentence"));
    assert_eq!(dataset.columns.id.as_deref(), Some("index"));
    assert_eq!(dataset.columns.document.as_deref(), Some("index"));
    assert_eq!(dataset.train[0].id, "22239943_s0");
    assert_eq!(dataset.train[0].document.as_deref(), Some("22239943"));
    assert_eq!((dataset.labels.len(), dataset.labels[0].as_str()), (10, "avoiding immune destruction"));
    let documents = [&dataset.train, &dataset.dev, &dataset.test]
        .map(|split| split.iter().map(|example| example.document.as_deref().unwrap()).collect::<BTreeSet<_>>().len());
    assert_eq!(documents, [1295, 186, 371]);

    let options = Options { whole_documents: true, ..Options::default() };
    let whole = load(&real_data("hoc").unwrap(), &options).unwrap();
    assert_eq!([whole.train.len(), whole.dev.len(), whole.test.len()], documents);
    let labels = |dataset: &Dataset, id: &str| {
        let of_it = |example: &&Example| example.id == id || example.document.as_deref() == Some(id);
        let golds = dataset.train.iter().filter(of_it).filter_map(|example| match &example.gold {
            Some(Gold::Labels(set)) => Some(set.clone()),
            _ => None,
        });
        golds.flatten().collect::<BTreeSet<usize>>()
    };
    assert!(whole.train.iter().all(|example| labels(&whole, &example.id) == labels(&dataset, &example.id)));
}

#[test]
fn biosses() {
    let Some(dataset) = check("biosses", Task::Similarity, [64, 16, 20]) else { return };
    assert_eq!((dataset.columns.text.as_deref(), dataset.columns.pair.as_deref()), (Some("sent1"), Some("sent2")));
    let scores = dataset.train.iter().map(|example| match example.gold {
        Some(Gold::Score(score)) => score,
        _ => panic!("{} has no score", example.id),
    });
    assert!(scores.clone().all(|score| (0.0..=4.0).contains(&score)) && scores.clone().any(|score| score == 2.2));
}

#[test]
fn the_shipped_notes() {
    let dataset = load(&root().join("crates/studio/samples/notes.csv"), &Options::default()).unwrap();
    assert_eq!((dataset.task, dataset.drawn_split), (Task::Classification, true));
    assert!(dataset.issues.iter().all(is_repeat), "{:?}", dataset.issues);
    assert_eq!(dataset.columns.group.as_deref(), Some("patient"));
    let mut homes: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (home, split) in [&dataset.train, &dataset.dev, &dataset.test].into_iter().enumerate() {
        for example in split {
            homes.entry(example.group.as_deref().unwrap()).or_default().insert(home);
        }
        assert!(label_counts(split, dataset.labels.len()).iter().all(|&count| count > 0), "every class is everywhere");
    }
    assert!(homes.len() > 20 && homes.values().all(|home| home.len() == 1), "{homes:?}");
}

#[test]
fn the_shipped_sentences() {
    let dataset = load(&root().join("crates/studio/samples/sentences.jsonl"), &Options::default()).unwrap();
    assert_eq!((dataset.task, dataset.drawn_split), (Task::Ner, true));
    assert!(dataset.issues.iter().all(is_repeat), "{:?}", dataset.issues);
    assert!(dataset.labels.len() > 1);
    for split in [&dataset.train, &dataset.dev, &dataset.test] {
        assert!(label_counts(split, dataset.labels.len()).iter().all(|&count| count > 0), "every type is everywhere");
        for example in split {
            let Some(Gold::Entities(spans)) = &example.gold else { panic!("{} has no entities", example.id) };
            let begins = |at| example.words.iter().any(|word| word.start == at);
            let ends = |at| example.words.iter().any(|word| word.end == at);
            assert!(spans.iter().all(|span| begins(span.start) && ends(span.end)));
        }
    }
}
