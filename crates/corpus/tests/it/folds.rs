//! The folds of a cross-validation.

use corpus::{DataError, Dataset, Fold, Options, label_counts, load};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// `count` rows, of three labels with different frequencies; every `size` rows are of one group.
fn table(count: usize, size: usize, from: usize) -> String {
    let label = |row: usize| ["common", "common", "rare", "common", "medium", "medium"][row % 6];
    let row = |row: usize| format!("{row},g{},text {row},{}\n", row / size, label(row));
    "id,group,text,label\n".to_string() + &(from..from + count).map(row).collect::<String>()
}

fn options(fold: &str, seed: u64) -> Options {
    Options { fold: Some(fold.parse().unwrap()), seed, ..Options::default() }
}

fn of_table(content: &str, options: &Options) -> Result<Dataset, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.csv");
    fs::write(&path, content).unwrap();
    load(&path, options)
}

fn ids(examples: &[corpus::Example]) -> BTreeSet<String> {
    examples.iter().map(|example| example.id.clone()).collect()
}

#[test]
fn every_example_is_tested_once_and_never_while_it_is_learnt() {
    let content = table(62, 1, 0);
    let mut tested = BTreeMap::new();
    for index in 1..=5 {
        let dataset = of_table(&content, &options(&format!("{index}/5"), 3)).unwrap();
        let (train, dev, test) = (ids(&dataset.train), ids(&dataset.dev), ids(&dataset.test));
        assert!(train.is_disjoint(&dev) && train.is_disjoint(&test) && dev.is_disjoint(&test));
        assert_eq!(train.len() + dev.len() + test.len(), 62);
        assert!(dataset.drawn_split && (11..=14).contains(&test.len()), "{}", test.len());
        test.into_iter().for_each(|id| *tested.entry(id).or_insert(0) += 1);
    }
    assert!(tested.len() == 62 && tested.values().all(|&times| times == 1));
}

#[test]
fn labels_are_spread_over_the_folds() {
    let content = table(120, 1, 0);
    let whole = of_table(&content, &Options::default()).unwrap();
    let all = [&whole.train, &whole.dev, &whole.test].map(|split| label_counts(split, 3));
    for index in 1..=4 {
        let dataset = of_table(&content, &options(&format!("{index}/4"), 0)).unwrap();
        for (label, found) in label_counts(&dataset.test, 3).into_iter().enumerate() {
            let ideal = all.iter().map(|counts| counts[label]).sum::<usize>() as f64 / 4.0;
            assert!((found as f64 - ideal).abs() <= 1.0, "{found} of label {label}, ideally {ideal}");
        }
    }
}

#[test]
fn groups_stay_together() {
    for index in 1..=3 {
        let dataset =
            of_table(&table(90, 5, 0), &Options { group: Some("group".into()), ..options(&format!("{index}/3"), 1) });
        let dataset = dataset.unwrap();
        let groups = |examples: &[corpus::Example]| -> BTreeSet<String> {
            examples.iter().filter_map(|example| example.group.clone()).collect()
        };
        let (train, dev, test) = (groups(&dataset.train), groups(&dataset.dev), groups(&dataset.test));
        assert!(train.is_disjoint(&dev) && train.is_disjoint(&test) && dev.is_disjoint(&test));
    }
}

#[test]
fn each_repeat_and_seed_divides_anew_and_the_same_ones_alike() {
    let content = table(60, 1, 0);
    let test = |fold: &str, seed| ids(&of_table(&content, &options(fold, seed)).unwrap().test);
    assert_eq!(test("2/5", 7), test("2/5", 7));
    assert_ne!(test("2/5", 7), test("2/5/2", 7));
    assert_ne!(test("2/5", 7), test("2/5", 8));
    let print = |options: &Options| of_table(&content, options).unwrap().fingerprint();
    let all: BTreeSet<String> = ["1/5", "2/5", "1/5/2"].iter().map(|fold| print(&options(fold, 7))).collect();
    assert_eq!(all.len(), 3, "each fold is a dataset of its own");
    assert!(!all.contains(&print(&Options { seed: 7, ..Options::default() })));
}

fn folder(splits: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (split, content) in splits {
        fs::write(folder.path().join(format!("{split}.csv")), content).unwrap();
    }
    folder
}

fn held(path: &Path, index: usize) -> Dataset {
    load(path, &options(&format!("{index}/4"), 0)).unwrap()
}

#[test]
fn a_given_test_split_stays_and_the_folds_are_for_choosing() {
    let folder = folder(&[("train", table(40, 1, 0)), ("dev", table(20, 1, 40)), ("test", table(10, 1, 60))]);
    let test = ids(&load(folder.path(), &Options::default()).unwrap().test);
    let mut chosen_by = BTreeSet::new();
    for index in 1..=4 {
        let dataset = held(folder.path(), index);
        assert_eq!(ids(&dataset.test), test);
        assert_eq!(dataset.train.len() + dataset.dev.len(), 60);
        chosen_by.extend(ids(&dataset.dev));
        assert!(dataset.issues.iter().any(|issue| issue.message.contains("divided into folds")));
    }
    assert_eq!(chosen_by.len(), 60);
}

#[test]
fn a_label_that_only_dev_has_is_learnt_where_dev_is_divided() {
    let dev = table(20, 1, 40).replace("common", "new");
    let folder = folder(&[("train", table(40, 1, 0)), ("dev", dev), ("test", table(10, 1, 60))]);
    assert!(held(folder.path(), 1).labels.contains(&"new".to_string()));
}

#[test]
fn what_cannot_be_folded_is_refused() {
    let content = table(30, 10, 0);
    let grouped = |fold: &str| of_table(&content, &Options { group: Some("group".into()), ..options(fold, 0) });
    for fold in ["1/3", "2/3", "1/4"] {
        match grouped(fold) {
            Ok(_) => assert_eq!(fold.split('/').nth(1), Some("3")),
            Err(error) => assert_eq!((error.code(), fold), ("too-few-for-folds", "1/4")),
        }
    }
    for index in 1..=2 {
        // Two groups in all: with one held out, nothing is left for dev.
        let error =
            of_table(&table(20, 10, 0), &Options { group: Some("group".into()), ..options(&format!("{index}/2"), 0) });
        assert_eq!(error.unwrap_err().code(), "too-few-for-folds");
    }
    let wrong = Options { fold: Some(Fold { index: 6, of: 5, repeat: 1 }), ..Options::default() };
    assert_eq!(of_table(&content, &wrong).unwrap_err().code(), "fold-invalid");
    for text in ["", "5", "0/5", "6/5", "1/1", "1/5/0", "a/b", "1/2/3/4"] {
        assert!(text.parse::<Fold>().is_err(), "{text}");
    }
    assert_eq!("2/5/3".parse::<Fold>().unwrap().to_string(), "2/5/3");
    assert_eq!("2/5".parse::<Fold>().unwrap().to_string(), "2/5");
}
