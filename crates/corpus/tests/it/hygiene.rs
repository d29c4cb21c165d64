//! What is found in data before anything is trained.

use crate::real_data;
use corpus::{Options, Split, hygiene, load};
use std::fs;

#[test]
fn what_may_spoil_a_result_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let sentence =
        |n: usize| format!("In week {n} the {} patient of ward {} had a fever of unknown origin", n * 7919, n * 31);
    let rows = |range: std::ops::Range<usize>, extra: &str| {
        let row = |n: usize| format!("{},{},p{n}\n", sentence(n), ["ill", "well"][n % 2]);
        format!("text,label,patient\n{}{extra}", range.map(row).collect::<String>())
    };
    let long = "The patient was admitted with chest pain radiating to the left arm and was given 100 mg of aspirin";
    let write = |name: &str, content: String| fs::write(folder.path().join(name), content).unwrap();
    write("train.csv", rows(0..40, &format!("{long},ill,q\n{long} now,well,q\n{long},well,r\nrare one,odd,s\n")));
    write("dev.csv", rows(40..50, &format!("{long} daily,ill,p3\n")));
    write("test.csv", rows(50..60, ""));
    let dataset = load(folder.path(), &Options::default()).unwrap();
    let found = hygiene(&dataset, &|_, _| true).unwrap();
    assert_eq!((found.duplicates, found.conflicts, found.overlaps), (0, 1, 0));
    assert_eq!((found.near_within, found.near_across), (1, 1));
    let leak = &found.near[0];
    assert_eq!((leak.split, leak.other_split, leak.same_answer), (Split::Dev, Split::Train, true));
    assert!(leak.similarity > 0.8 && leak.text.ends_with("daily"), "{leak:?}");
    assert!(!found.near[1].same_answer);
    assert_eq!((found.groups_shared, found.groups[0].group.as_str()), (1, "p3"));
    assert_eq!((found.groups[0].splits.as_slice(), found.groups[0].texts), (&[Split::Train, Split::Dev][..], 2));
    let rare: Vec<_> = found.rare.iter().map(|rare| (rare.label.as_str(), rare.train, rare.dev, rare.test)).collect();
    assert_eq!(rare, [("odd", 1, 0, 0)]);
    assert_eq!(found.imbalance, Some(22.0));
    assert!(hygiene(&dataset, &|_, _| false).is_none());
}

#[test]
fn real_data_have_what_they_are_known_for() {
    let Some(folder) = real_data("gad") else { return };
    let found = hygiene(&load(&folder, &Options::default()).unwrap(), &|_, _| true).unwrap();
    // The same sentence stands there for each pair of a gene and a disease in it.
    assert!(found.near_across > 50, "{}", found.near_across);
    assert!(found.rare.is_empty() && found.imbalance.is_some_and(|times| times < 2.0));
}
