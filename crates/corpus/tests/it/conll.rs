//! CoNLL read, written and read again.

use crate::{load_as, real_data};
use corpus::{Dataset, Example, Gold, Options, Span, Task, load, tabular};

fn written(dataset: &Dataset, examples: &[Example]) -> String {
    let spans = |example: &Example| match &example.gold {
        Some(Gold::Entities(spans)) => spans.clone(),
        _ => panic!("{} has no entities", example.id),
    };
    let spans: Vec<Vec<Span>> = examples.iter().map(spans).collect();
    let texts = examples.iter().zip(spans.iter().map(Vec::as_slice));
    tabular::write_conll::write(dataset.task, &dataset.labels, texts)
}

/// Reads what was written in the place of the training file and compares all but the lines.
fn assert_comes_back(dataset: &Dataset) {
    let again = load_as("conll", written(dataset, &dataset.train), &Options::default()).unwrap();
    assert_eq!((again.task, &again.labels), (dataset.task, &dataset.labels));
    let plain =
        |example: &Example| (example.text.clone(), example.words.clone(), example.gold.clone(), example.group.clone());
    assert!(again.train.iter().map(plain).eq(dataset.train.iter().map(plain)));
}

#[test]
fn what_is_written_is_read_again() {
    let text = "-DOCSTART- (n1)\r\n\r\n𝛽\tB-Drug\r\nblocker\tI-Drug\r\n🩺\tO\r\n\r\nno\tO\r\n\r\n-DOCSTART- (n2)\r\n\r\ne\u{301}\tB-Sign\r\nx\tB-Sign\r\n";
    assert_comes_back(&load_as("conll", text, &Options::default()).unwrap());
}

#[test]
fn real_sets_are_read_again() {
    for (name, task) in [("ncbi-disease", Task::Ner), ("pico", Task::Pico)] {
        let Some(folder) = real_data(name) else { continue };
        let dataset = load(&folder, &Options::default()).unwrap();
        assert_eq!(dataset.task, task);
        assert_comes_back(&dataset);
    }
}
