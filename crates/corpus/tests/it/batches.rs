//! Batches: every example once, in an order that can be repeated, with little padding.

use crate::{fetched_encoder, fixture, real_data};
use corpus::{
    Encoded, Example, Gold, Options, Padding, Span, Task, Tokenizer, collate, encode, epoch_batches, load,
    sorted_batches, words_of,
};
use random::{Purpose, Stream};

/// Examples of 0 to 79 words, some of which need several windows of 48.
fn encoded(task: Task, count: usize) -> Encoded {
    let stream = &mut Stream::new(6, Purpose::Sample, [0, 0]);
    let examples = (0..count).map(|index| {
        let text = vec!["fever"; stream.below(80) as usize].join(" ");
        let gold = match task {
            Task::Multilabel => Gold::Labels((0..3).filter(|label| index >> label & 1 == 1).collect()),
            Task::Similarity => Gold::Score(index as f64 / 8.0),
            Task::Classification | Task::Relation | Task::Qa => Gold::Class(index % 3),
            Task::Ner | Task::Pico => Gold::Entities(
                words_of(&text).iter().take(1).map(|w| Span { start: w.start, end: w.end, label: 0 }).collect(),
            ),
        };
        Example {
            id: index.to_string(),
            words: words_of(&text),
            text,
            pair: None,
            gold: Some(gold),
            group: None,
            document: None,
            line: 1,
        }
    });
    encode(&Tokenizer::load(&fixture("uncased")).unwrap(), &examples.collect::<Vec<_>>(), task, 48)
}

#[test]
fn an_epoch_holds_every_example_once() {
    for (count, size) in [(1, 16), (16, 16), (997, 16), (100, 7), (40, 1)] {
        let encoded = encoded(Task::Classification, count);
        for batches in [epoch_batches(&encoded, size, 1, 0), sorted_batches(&encoded, size)] {
            let mut all = batches.concat();
            all.sort_unstable();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
            assert_eq!(batches.len(), count.div_ceil(size));
            assert!(batches.iter().filter(|batch| batch.len() < size).count() <= 1);
        }
    }
}

#[test]
fn the_order_depends_on_seed_and_epoch_alone() {
    let encoded = encoded(Task::Classification, 300);
    let order = |seed, epoch| epoch_batches(&encoded, 16, seed, epoch);
    assert_eq!(order(1, 0), order(1, 0));
    assert_ne!(order(1, 0), order(1, 1));
    assert_ne!(order(1, 0), order(2, 0));
    // Not from the shortest to the longest, which would teach in that order.
    let lengths: Vec<usize> = order(1, 0).iter().map(|batch| encoded.of(batch[0])[0].ids.len()).collect();
    assert!(!lengths.is_sorted() && !lengths.iter().rev().is_sorted(), "{lengths:?}");
}

#[test]
fn the_longest_come_first_when_sorted() {
    let encoded = encoded(Task::Classification, 100);
    let longest = |&example: &usize| encoded.of(example).iter().map(|window| window.ids.len()).max().unwrap();
    let lengths: Vec<usize> = sorted_batches(&encoded, 8).concat().iter().map(longest).collect();
    assert!(lengths.iter().rev().is_sorted());
}

fn check_collated(task: Task, padding: Option<Padding>, wanted: impl Fn(usize, usize) -> usize) {
    let encoded = encoded(task, 60);
    let filler = padding.map_or(0, |padding| padding.id as i32);
    for examples in epoch_batches(&encoded, 8, 3, 0) {
        let batch = collate(&encoded, &examples, padding);
        let windows: Vec<_> = examples.iter().flat_map(|&example| encoded.of(example)).collect();
        let longest = windows.iter().map(|window| window.ids.len()).max().unwrap();
        assert_eq!((batch.examples.as_slice(), batch.windows.len()), (examples.as_slice(), windows.len()));
        let mut start = 0;
        for (rows, window) in batch.windows.iter().zip(&windows) {
            assert_eq!(examples[rows.example], window.example);
            assert_eq!(&encoded.windows[rows.index], *window);
            let held = window.ids.len();
            assert_eq!((rows.pieces, rows.length), (held, wanted(held, longest)), "{padding:?}");
            let places = start..start + rows.length;
            start += rows.length;
            let padded = |values: Vec<i32>, filler| [values, vec![filler; rows.length - held]].concat();
            let signed = |values: &[u32]| values.iter().map(|&value| value as i32).collect();
            assert_eq!(batch.ids[places.clone()], padded(signed(&window.ids), filler));
            assert_eq!(batch.segments[places.clone()], padded(signed(&window.segments), 0));
            assert_eq!(batch.words[places.clone()], padded(window.words.clone(), -1));
            if task == Task::Ner {
                assert_eq!(batch.targets[places], padded(window.targets.clone(), -100));
            }
        }
        assert!([&batch.ids, &batch.segments, &batch.words].iter().all(|part| part.len() == start));
        if task == Task::Classification {
            let classes: Vec<i32> = examples.iter().map(|&example| encoded.classes[example]).collect();
            assert_eq!(batch.targets, classes);
        }
    }
}

#[test]
fn without_padding_windows_follow_one_another() {
    Task::ALL.into_iter().for_each(|task| check_collated(task, None, |held, _| held));
}

#[test]
fn rows_are_padded_to_the_right() {
    let padding = |multiple, longest| Some(Padding { id: 7, multiple, longest });
    for task in Task::ALL {
        check_collated(task, padding(1, 512), |_, longest| longest);
        check_collated(task, padding(16, 512), |_, longest| longest.div_ceil(16) * 16);
        // Rounding up stops at what the encoder can take.
        check_collated(task, padding(32, 50), |_, longest| (longest.div_ceil(32) * 32).min(50));
        check_collated(task, padding(0, 4), |_, longest| longest);
    }
}

#[test]
fn little_of_a_batch_is_padding() {
    let (Some(data), Some(encoder)) = (real_data("ncbi-disease"), fetched_encoder("minilm-l6")) else { return };
    let tokenizer = Tokenizer::load(&encoder).unwrap();
    let dataset = load(&data, &Options::default()).unwrap();
    let encoded = encode(&tokenizer, &dataset.train, Task::Ner, 512);
    let (mut places, mut pieces) = (0, 0);
    for examples in epoch_batches(&encoded, 16, 0, 0) {
        let padding = Padding { id: tokenizer.pad(), multiple: 1, longest: 512 };
        let batch = collate(&encoded, &examples, Some(padding));
        places += batch.ids.len();
        pieces += batch.windows.iter().map(|window| window.pieces).sum::<usize>();
    }
    let padding = 1.0 - pieces as f64 / places as f64;
    println!("padding in NCBI-disease, batches of 16: {:.1} %", 100.0 * padding);
    assert!(padding < 0.08, "{padding}");
}
