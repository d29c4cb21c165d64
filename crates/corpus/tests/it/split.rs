//! Dev and test sets that are drawn.

use corpus::split::grow;
use corpus::{Dataset, Example, Gold, Options, Split, label_counts, load};
use random::{Purpose, Stream};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;

fn draw(content: &str, options: &Options) -> Dataset {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.csv");
    fs::write(&path, content).unwrap();
    load(&path, options).unwrap()
}

/// Rows with these counts of the labels a, b, c …, shuffled; `groups` > 0 gives each row one of so many groups.
fn table(counts: &[usize], groups: u32, seed: u64) -> String {
    let stream = &mut Stream::new(seed, Purpose::Sample, [0, 0]);
    let mut labels: Vec<char> =
        counts.iter().zip('a'..).flat_map(|(&count, label)| std::iter::repeat_n(label, count)).collect();
    stream.shuffle(&mut labels);
    let rows = labels.iter().enumerate().map(|(row, label)| {
        let group = if groups > 0 { format!("g{}", stream.below(groups)) } else { String::new() };
        format!("{row},{group},text {row},{label}\n")
    });
    "id,group,text,label\n".to_string() + &rows.collect::<String>()
}

fn splits(dataset: &Dataset) -> [Vec<&str>; 3] {
    [&dataset.train, &dataset.dev, &dataset.test].map(|split| split.iter().map(|e| e.id.as_str()).collect())
}

#[test]
fn the_same_seed_draws_the_same() {
    let content = table(&[60, 40, 20], 0, 1);
    let first = draw(&content, &Options::default());
    assert!(first.drawn_split);
    assert_eq!(splits(&first), splits(&draw(&content, &Options::default())));
    let other = draw(&content, &Options { seed: 1, ..Options::default() });
    assert_ne!(splits(&first), splits(&other));
    assert_ne!(first.fingerprint(), other.fingerprint());
    assert_eq!(first.fingerprint(), draw(&content, &Options::default()).fingerprint());
}

#[test]
fn every_example_is_in_one_split() {
    for (seed, groups) in [(0, 0), (1, 0), (2, 15), (3, 4)] {
        let dataset = draw(&table(&[50, 30, 7, 1], groups, seed), &Options { seed, ..Options::default() });
        let parts = splits(&dataset);
        let all: BTreeSet<&str> = parts.iter().flatten().copied().collect();
        assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), 88);
        assert_eq!(all.len(), 88);
        for part in parts {
            assert!(!part.is_empty());
            let rows: Vec<usize> = part.iter().map(|id| id.parse().unwrap()).collect();
            assert!(rows.is_sorted(), "each split keeps the order of the file");
        }
    }
}

#[test]
fn labels_are_spread_evenly() {
    for seed in 0..40 {
        let counts = [100 + seed as usize * 7, 40, 23, 11, 7];
        let options = Options { seed, dev_share: 0.15, test_share: 0.2, ..Options::default() };
        let dataset = draw(&table(&counts, 0, seed), &options);
        let shares = [0.65, 0.15, 0.2];
        for (split, share) in [&dataset.train, &dataset.dev, &dataset.test].into_iter().zip(shares) {
            for (found, count) in label_counts(split, counts.len()).into_iter().zip(counts) {
                let ideal = share * count as f64;
                assert!((found as f64 - ideal).abs() <= 1.0, "seed {seed}: {found} of {count}, ideally {ideal}");
            }
        }
    }
}

#[test]
fn rare_labels_go_to_training_first() {
    for seed in 0..20 {
        let dataset = draw(&table(&[40, 30, 2, 1], 0, seed), &Options { seed, ..Options::default() });
        assert_eq!(&label_counts(&dataset.train, 4)[2..], [2, 1]);
    }
}

#[test]
fn groups_stay_together() {
    for seed in 0..20 {
        let dataset = draw(&table(&[90, 70, 40], 50, seed), &Options { seed, ..Options::default() });
        let mut homes: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (home, split) in [&dataset.train, &dataset.dev, &dataset.test].into_iter().enumerate() {
            split.iter().for_each(|e| {
                homes.entry(e.group.as_deref().unwrap()).or_default().insert(home);
            });
        }
        assert!(homes.len() > 40 && homes.values().all(|home| home.len() == 1), "{homes:?}");
        let ideal = [140.0, 30.0, 30.0];
        for (split, ideal) in [&dataset.train, &dataset.dev, &dataset.test].into_iter().zip(ideal) {
            assert!((split.len() as f64 - ideal).abs() < 8.0, "{} where {ideal} are wanted", split.len());
        }
    }
}

#[test]
fn only_what_is_missing_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("train.csv"), table(&[60, 40], 0, 5)).unwrap();
    fs::write(folder.path().join("test.csv"), table(&[6, 4], 0, 6)).unwrap();
    let dataset = load(folder.path(), &Options::default()).unwrap();
    assert_eq!((dataset.train.len(), dataset.dev.len(), dataset.test.len()), (85, 15, 10));
    assert!(dataset.drawn_split && dataset.issues[0].message.contains("no dev file"), "{:?}", dataset.issues);
    assert!(dataset.test.iter().all(|example| matches!(example.gold, Some(Gold::Class(_)))));
}

#[test]
fn what_has_a_split_keeps_it_while_data_grow() {
    let dataset = draw(&table(&[120, 60, 20], 70, 5), &Options { group: Some("group".into()), ..Options::default() });
    let all: Vec<Example> = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test).cloned().collect();
    let mut known: Vec<Option<Split>> = Vec::new();
    // It grows by few at a time, as labelling does.
    for count in [20, 23, 30, 31, 60, 130, 200] {
        known.resize(count, None);
        let grown = grow(&all[..count], &known, [0.15, 0.15], 1);
        let groups: HashSet<(&Option<String>, Split)> =
            all.iter().zip(&grown).map(|(example, split)| (&example.group, *split)).collect();
        let names: HashSet<_> = groups.iter().map(|(group, _)| group).collect();
        assert_eq!(names.len(), groups.len(), "{count}: no group is divided");
        for (before, after) in known.iter().zip(&grown) {
            assert!(before.is_none_or(|before| before == *after));
        }
        for split in [Split::Dev, Split::Test] {
            let share = grown.iter().filter(|own| **own == split).count() as f64 / count as f64;
            assert!((0.05..0.3).contains(&share), "{count}: {split:?} has {share}");
        }
        known = grown.into_iter().map(Some).collect();
    }
}
