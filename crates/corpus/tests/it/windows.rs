//! Long texts in overlapping windows: nothing is cut off, nothing counts twice.

use crate::fixture;
use corpus::{Encoded, Example, Gold, Span, Task, Tokenizer, Window, encode, words_of};
use random::{Purpose, Stream};

fn tokenizer() -> Tokenizer {
    Tokenizer::load(&fixture("uncased")).unwrap()
}

/// A text of so many words, of one to four pieces each.
fn text(stream: &mut Stream, words: usize) -> String {
    let known = ["fever", "pain", "men", "gastritis", "no", "5mg", "hyperemia", "brca1"];
    (0..words).map(|_| known[stream.below(known.len() as u32) as usize]).collect::<Vec<_>>().join(" ")
}

fn example(text: String, pair: Option<String>, gold: Option<Gold>) -> Example {
    Example { id: "e".into(), words: words_of(&text), text, pair, gold, group: None, document: None, line: 1 }
}

/// Checks the frame of each window and returns its stretch of pieces of the first and of the second text.
fn stretches<'a>(tokenizer: &Tokenizer, encoded: &'a Encoded, max_length: usize) -> Vec<(&'a [u32], &'a [u32])> {
    let parts = encoded.windows.iter().map(|window| {
        let Window { ids, segments, words, targets, .. } = window;
        assert!(ids.len() <= max_length, "{} pieces where {max_length} fit", ids.len());
        assert!([segments.len(), words.len(), targets.len()].iter().all(|&length| length == ids.len()));
        assert_eq!((ids[0], *ids.last().unwrap()), (tokenizer.cls(), tokenizer.sep()));
        let first = segments.iter().filter(|&&segment| segment == 0).count();
        assert!(segments[first..].iter().all(|&segment| segment == 1));
        assert_eq!(ids[first - 1], tokenizer.sep());
        (&ids[1..first - 1], if first < ids.len() { &ids[first..ids.len() - 1] } else { &[][..] })
    });
    parts.collect()
}

/// Whether stretches of a sequence can be laid one after the other, each overlapping the one before, so that they cover it.
fn cover(parts: &[&[u32]], whole: &[u32]) -> bool {
    // The farthest end that so many stretches can reach is not enough: all possible places are kept.
    let mut places = vec![0];
    if !whole.starts_with(parts[0]) {
        return false;
    }
    for pair in parts.windows(2) {
        let fits = |start: &usize| whole[*start..].starts_with(pair[1]);
        let mut next: Vec<usize> = places
            .iter()
            .flat_map(|place| (place + 1)..(place + pair[0].len()).min(whole.len()))
            .filter(fits)
            .collect();
        next.dedup();
        places = next;
    }
    places.iter().any(|place| place + parts[parts.len() - 1].len() == whole.len())
}

#[test]
fn texts_are_covered_with_overlap() {
    let tokenizer = tokenizer();
    for round in 0..150 {
        let stream = &mut Stream::new(3, Purpose::Sample, [round, 0]);
        let max_length = 8 + stream.below(60) as usize;
        let words = stream.below(150) as usize;
        let text = text(stream, words);
        let whole = tokenizer.encode_text(&text).ids;
        let encoded = encode(&tokenizer, &[example(text, None, None)], Task::Classification, max_length);
        let parts: Vec<&[u32]> = stretches(&tokenizer, &encoded, max_length).into_iter().map(|part| part.0).collect();
        assert!(cover(&parts, &whole), "{} pieces in windows of {max_length}", whole.len());
        let fits = whole.len() + 2 <= max_length;
        assert_eq!((parts.len() == 1, encoded.windowed), (fits, usize::from(!fits)));
        assert_eq!(encoded.pieces, whole.len());
        assert!(fits || parts.iter().all(|part| part.len() == max_length - 2), "no window is a stub");
    }
}

#[test]
fn pairs_are_covered_with_overlap() {
    let tokenizer = tokenizer();
    let mut kinds = [0; 3];
    for round in 0..150 {
        let stream = &mut Stream::new(4, Purpose::Sample, [round, 0]);
        let max_length = 8 + stream.below(40) as usize;
        let words = [stream.below(60) as usize, 1 + stream.below(60) as usize];
        let texts = words.map(|words| text(stream, words));
        let whole = texts.clone().map(|text| tokenizer.encode_text(&text).ids);
        let [first, second] = texts;
        let encoded = encode(&tokenizer, &[example(first, Some(second), None)], Task::Classification, max_length);
        let parts = stretches(&tokenizer, &encoded, max_length);
        let mut left: Vec<&[u32]> = parts.iter().map(|part| part.0).collect();
        let mut right: Vec<&[u32]> = parts.iter().map(|part| part.1).collect();
        let kind = match (left[0] == whole[0], right[0] == whole[1]) {
            (true, true) => {
                assert_eq!(parts.len(), 1);
                0
            }
            (true, false) | (false, true) => 1,
            (false, false) => {
                // Every stretch of one text meets every stretch of the other: rows of one stretch of the first text.
                let across = (1..parts.len()).find(|&at| cover(&right[..at], &whole[1])).unwrap();
                assert_eq!(parts.len() % across, 0);
                right.truncate(across);
                left = left.into_iter().step_by(across).collect();
                2
            }
        };
        kinds[kind] += 1;
        if left[0] != whole[0] {
            assert!(cover(&left, &whole[0]));
        }
        if right[0] != whole[1] {
            assert!(cover(&right, &whole[1]));
        }
    }
    assert!(kinds.iter().all(|&times| times > 3), "{kinds:?}: not every kind was met");
}

#[test]
fn each_word_is_owned_once() {
    let tokenizer = tokenizer();
    for round in 0..150 {
        let stream = &mut Stream::new(5, Purpose::Sample, [round, 0]);
        let max_length = 8 + stream.below(60) as usize;
        let count = stream.below(120) as usize;
        let mut example = example(text(stream, count), None, None);
        let spans = example.words.iter().filter(|_| stream.below(3) == 0);
        let spans = spans.map(|word| Span { start: word.start, end: word.end, label: 1 }).collect();
        example.gold = Some(Gold::Entities(spans));
        let Some(Gold::Entities(spans)) = &example.gold else { unreachable!() };
        let tags = corpus::tags_of(Task::Ner, &example.words, spans);
        let encoded = encode(&tokenizer, std::slice::from_ref(&example), Task::Ner, max_length);
        let whole = tokenizer.encode_words(&example.text, &example.words);
        let parts: Vec<&[u32]> = stretches(&tokenizer, &encoded, max_length).into_iter().map(|part| part.0).collect();
        assert!(cover(&parts, &whole.ids));
        let mut owned = vec![0; example.words.len()];
        for window in &encoded.windows {
            for (place, &word) in window.words.iter().enumerate() {
                let target = window.targets[place];
                let Ok(word) = usize::try_from(word) else {
                    assert_eq!((word, target), (-1, -100));
                    continue;
                };
                owned[word] += 1;
                assert_eq!(target, tags[word] as i32);
                let first = whole.words.iter().position(|&of| of == Some(word as u32)).unwrap();
                assert_eq!(window.ids[place], whole.ids[first], "a word stands where its first piece is");
            }
        }
        assert!(owned.iter().all(|&times| times == 1), "{owned:?}");
    }
}

/// A word is read where it sees most of its surroundings.
#[test]
fn words_are_owned_away_from_edges() {
    let tokenizer = tokenizer();
    let text = vec!["fever"; 100].join(" ");
    let encoded = encode(&tokenizer, &[example(text, None, None)], Task::Ner, 34);
    let last = encoded.windows.len() - 1;
    assert!(last > 1);
    for (number, window) in encoded.windows.iter().enumerate() {
        let owned: Vec<usize> = (0..window.ids.len()).filter(|&place| window.words[place] >= 0).collect();
        assert!(owned.windows(2).all(|pair| pair[1] == pair[0] + 1), "a window owns one stretch");
        // Stretches of 32 overlap by 8 or more, of which each owns a half.
        assert!(number == 0 || owned[0] > 3, "{owned:?}");
        assert!(number == last || owned[owned.len() - 1] <= 32 - 3, "{owned:?}");
    }
}

#[test]
fn an_empty_text_has_one_window() {
    let tokenizer = tokenizer();
    for (task, text) in [Task::Classification, Task::Ner].into_iter().flat_map(|task| [(task, ""), (task, " \u{200b}")])
    {
        let encoded = encode(&tokenizer, &[example(text.into(), None, None)], task, 16);
        assert_eq!(encoded.windows.len(), 1);
        assert_eq!(encoded.windows[0].ids, [tokenizer.cls(), tokenizer.sep()]);
        assert_eq!((encoded.windowed, encoded.pieces, encoded.unknown_share), (0, 0, 0.0));
    }
    let encoded = encode(&tokenizer, &[example("".into(), Some("".into()), None)], Task::Classification, 16);
    assert_eq!(encoded.windows[0].ids, [tokenizer.cls(), tokenizer.sep(), tokenizer.sep()]);
    assert_eq!(encoded.windows[0].segments, [0, 0, 1]);
    assert_eq!(encode(&tokenizer, &[], Task::Ner, 16).examples(), 0);
}

#[test]
fn classes_and_unknown_pieces_are_counted() {
    let tokenizer = tokenizer();
    let examples = [example("fever ☃".into(), None, Some(Gold::Class(3))), example("pain fever".into(), None, None)];
    let encoded = encode(&tokenizer, &examples, Task::Classification, 16);
    assert_eq!(
        (encoded.examples(), &encoded.classes[..], &encoded.first_window[..]),
        (2, &[3, -100][..], &[0, 1, 2][..])
    );
    assert_eq!((encoded.pieces, encoded.unknown_share), (4, 0.25));
    assert_eq!((encoded.of(1)[0].example, encoded.of(1)[0].ids.len()), (1, 4));
}

#[test]
fn where_windows_begin_changes_nothing_for_a_scorer_that_ignores_context() {
    // A note of 20,000 characters with an entity of one to four words after every few words, so that some stand at every
    // border of every window.
    let tokenizer = tokenizer();
    let stream = &mut Stream::new(11, Purpose::Sample, [0, 0]);
    let mut words: Vec<String> = Vec::new();
    while words.iter().map(|word| word.len() + 1).sum::<usize>() < 20_000 {
        (0..1 + stream.below(6)).for_each(|_| words.push(["no", "men", "pain"][stream.below(3) as usize].into()));
        (0..1 + stream.below(4)).for_each(|_| words.push(["gastritis", "hyperemia"][stream.below(2) as usize].into()));
    }
    let marked = |word: &str| matches!(word, "gastritis" | "hyperemia");
    let expected: usize =
        (0..words.len()).filter(|&at| marked(&words[at]) && (at == 0 || !marked(&words[at - 1]))).count();
    assert!(expected > 400);
    let kinds: Vec<u32> = ["gastritis", "hyperemia"].iter().map(|word| tokenizer.encode_text(word).ids[0]).collect();
    let mut first: Option<Vec<(usize, usize)>> = None;
    let mut first_windows = Vec::new();
    for shift in 0..97 {
        let lead = "no ".repeat(shift);
        let one = example(lead.clone() + &words.join(" "), None, None);
        let encoded = encode(&tokenizer, std::slice::from_ref(&one), Task::Ner, 128);
        assert!(encoded.windows.len() > 40);
        // What is put before a text changes none but the first windows.
        let windows: Vec<Vec<u32>> = encoded.windows.iter().map(|window| window.ids.clone()).collect();
        if first_windows.is_empty() {
            first_windows = windows.clone();
        }
        let new = windows.iter().filter(|window| !first_windows.contains(window)).count();
        assert!(new <= 5, "shift {shift}: {new} windows of {} are others", windows.len());
        // Each word is scored once, by the window that owns it, from its first piece alone.
        let mut tags = vec![None; one.words.len()];
        for window in &encoded.windows {
            for (&word, &id) in window.words.iter().zip(&window.ids).filter(|(word, _)| **word >= 0) {
                let place = &mut tags[word as usize];
                assert!(place.is_none(), "the word {word} is scored twice");
                *place = Some(usize::from(kinds.contains(&id)) * 2);
            }
        }
        let tags: Vec<usize> = tags.into_iter().map(|tag| tag.expect("every word is scored")).collect();
        let found = corpus::spans_of(Task::Ner, &one.words, &tags);
        let found: Vec<_> = found.iter().map(|span| (span.start - lead.len(), span.end - lead.len())).collect();
        assert_eq!(found.len(), expected, "shift {shift}");
        assert_eq!(&found, first.get_or_insert(found.clone()), "shift {shift}");
    }
}
