//! Texts that are almost the same.

use crate::real_data;
use corpus::{NearPair, Options, load, near_duplicates};
use random::{Purpose, Stream};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn found(texts: &[impl AsRef<str>], threshold: f64) -> Vec<NearPair> {
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    near_duplicates(&texts, texts.len(), threshold, &|_, _| true).unwrap()
}

/// Runs of four characters as a reader of the documentation would make them.
fn shingles(text: &str) -> BTreeSet<String> {
    let plain = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.is_empty() {
        return BTreeSet::new();
    }
    let characters: Vec<char> = format!(" {plain} ").chars().collect();
    (0..characters.len().saturating_sub(3).max(1))
        .map(|start| characters[start..characters.len().min(start + 4)].iter().collect())
        .collect()
}

fn similarity<T: Ord>(left: &BTreeSet<T>, right: &BTreeSet<T>) -> f64 {
    let shared = left.intersection(right).count();
    shared as f64 / (left.len() + right.len() - shared) as f64
}

/// Compares all texts with all and checks that what was found is that, but for the choice among equally similar ones.
fn check(texts: &[String], threshold: f64, found: &[NearPair]) {
    let mut seen = HashSet::new();
    let mut numbers = HashMap::new();
    let mut number = |shingle| {
        let next = numbers.len();
        *numbers.entry(shingle).or_insert(next)
    };
    let sets: Vec<BTreeSet<usize>> =
        texts.iter().map(|text| shingles(text).into_iter().map(&mut number).collect()).collect();
    let mut firsts: Vec<usize> = Vec::new();
    let mut found = found.iter();
    for (second, text) in texts.iter().enumerate() {
        let plain = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        if plain.is_empty() || !seen.insert(plain) {
            continue;
        }
        let most = firsts.iter().map(|&first| similarity(&sets[first], &sets[second])).fold(0.0, f64::max);
        if most >= threshold {
            let pair = found.next().unwrap_or_else(|| panic!("{text} has a twin"));
            assert_eq!((pair.second, pair.similarity), (second, most), "{text}");
            assert_eq!(similarity(&sets[pair.first], &sets[second]), most, "{text}");
            assert!(firsts.contains(&pair.first), "a twin is earlier, and the first of its like");
        }
        firsts.push(second);
    }
    assert_eq!(found.next(), None);
}

/// The sentences of the real sets.
fn real_sentences() -> Option<Vec<String>> {
    let mut sentences = Vec::new();
    for name in ["ncbi-disease", "pico", "gad"] {
        let dataset = load(&real_data(name)?, &Options::default()).unwrap();
        let all = [dataset.train, dataset.dev, dataset.test].into_iter().flatten();
        sentences.extend(all.map(|example| example.text));
    }
    Some(sentences)
}

/// A text with one word changed, left out, doubled or swapped with the next.
fn edited(text: &str, stream: &mut Stream) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let (place, count) = (stream.below(words.len() as u32) as usize, words.len());
    match stream.below(4) {
        0 => words[place] = ["12", "35 mg", "daily", "headache"][stream.below(4) as usize],
        1 => drop(words.remove(place)),
        2 => words.insert(place, words[place]),
        _ => words.swap(place, (place + 1) % count),
    }
    words.join(" ")
}

#[test]
fn a_copied_sentence_with_another_dose_is_found() {
    let texts = [
        "Started on metoprolol 50 mg twice daily, with good control of the heart rate.",
        "No chest pain today.",
        "STARTED on metoprolol  50 mg twice daily, with good control of the heart rate. ",
        "Started on metoprolol 5 mg twice daily, with good control of the heart rate.",
        "No chest pain",
    ];
    let pairs = found(&texts, 0.8);
    // 76 and 75 shingles, of which "l 50", " 50 ", "50 m", "0 mg", and "l 5 ", " 5 m", "5 mg" are not shared.
    assert_eq!(pairs, [NearPair { first: 0, second: 3, similarity: 72.0 / 79.0 }]);
    let pairs: Vec<_> = found(&texts, 0.5).iter().map(|pair| (pair.first, pair.second)).collect();
    assert_eq!(pairs, [(0, 3), (1, 4)]);
}

#[test]
fn it_is_what_comparing_all_with_all_finds() {
    let mut stream = Stream::new(1, Purpose::Sample, [0, 0]);
    let words =
        ["No", "fever", "5", "50", "mg", "Schmerz", "ÄRGER", "σοφός", "胸痛", "🩺", "e\u{301}", "İ", "a", "pain"];
    for round in 0..30 {
        let mut texts: Vec<String> = Vec::new();
        for _ in 0..120 {
            let last = texts.len() as u32;
            let text = if last > 0 && stream.below(2) == 0 {
                let source = &texts[stream.below(last) as usize];
                if source.is_empty() { String::new() } else { edited(source, &mut stream) }
            } else {
                let length = stream.below(3 + round);
                (0..length).map(|_| words[stream.below(14) as usize]).collect::<Vec<_>>().join(" ")
            };
            texts.push(text);
        }
        for threshold in [0.1, 0.5, 0.8, 0.9, 1.0] {
            check(&texts, threshold, &found(&texts, threshold));
        }
    }
}

#[test]
fn texts_with_hardly_anything_in_them() {
    assert_eq!(found(&[""; 0], 0.8), []);
    assert_eq!(found(&["", " ", "\n\t", ""], 0.8), []);
    assert_eq!(found(&["a", "b", "A ", "ab", "胸", "胸痛", "🩺"], 0.8), []);
    // Different texts with the same shingles.
    let pairs = found(&["ha ha ha ha ha", "ha ha ha ha"], 0.8);
    assert_eq!(pairs, [NearPair { first: 0, second: 1, similarity: 1.0 }]);
    assert_eq!(found(&["same", "same"], f64::NAN), []);
}

#[test]
fn a_family_from_one_template_gives_each_text_one_twin() {
    let copies = vec!["The patient was seen today and has no new complaints."; 20_000];
    assert_eq!(found(&copies, 0.8), []);
    let numbered: Vec<String> = (0..20_000)
        .map(|number| {
            format!("Specimen {number} was received in formalin and consists of skin measuring one centimetre.")
        })
        .collect();
    let pairs = found(&numbered, 0.8);
    assert_eq!(pairs.len(), numbered.len() - 1);
    assert!(pairs.iter().zip(1..).all(|(pair, second)| pair.second == second && pair.first < second));
}

#[test]
fn it_can_be_ended_and_tells_how_far_it_is() {
    let texts: Vec<String> = (0..10_000).map(|number| format!("number {number} of many")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let most = AtomicUsize::new(0);
    let tell = |done: usize, of: usize| {
        assert!(done <= of);
        most.fetch_max(done, Ordering::Relaxed);
        true
    };
    assert!(near_duplicates(&texts, texts.len(), 0.8, &tell).is_some());
    assert_eq!(most.into_inner(), 20_000, "it tells that it is done");
    for last in [0, 5_000, 10_001, 15_000] {
        assert_eq!(near_duplicates(&texts, texts.len(), 0.8, &|done, _| done < last), None, "{last}");
    }
}

#[test]
fn threads_do_not_change_it() {
    let mut stream = Stream::new(2, Purpose::Sample, [0, 0]);
    let texts: Vec<String> = (0..5_000).map(|number| (FAMILIES[3].1)(number, &mut stream)).collect();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| found(&texts, 0.8))
    };
    let one = with(1);
    assert!(one.len() > 100);
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

#[test]
fn real_sentences_have_twins() {
    let Some(texts) = real_sentences() else { return };
    let start = Instant::now();
    let pairs = found(&texts, 0.8);
    println!("{} sentences, {} with a twin, in {:.2?}", texts.len(), pairs.len(), start.elapsed());
    // One sentence in sixteen, which is what comparing all with all has time for.
    let some: Vec<String> = texts.into_iter().step_by(16).collect();
    check(&some, 0.5, &found(&some, 0.5));
}

type Family = (&'static str, fn(usize, &mut Stream) -> String);

/// Texts that are hard on the search: many alike, or many that are almost as similar as the threshold.
const FAMILIES: [Family; 5] = [
    ("copies", |_, _| "The patient was seen in clinic today and reports no new complaints.".into()),
    ("one counter", |index, _| {
        format!("Specimen {index} was received in formalin, labelled with the patient's name, and measures 1 cm.")
    }),
    ("one long number", |_, stream| {
        let number = u64::from(stream.bits()) * 65_536 + u64::from(stream.below(65_536));
        format!(
            "Record {number:015} was reviewed; no acute distress, lungs clear, abdomen soft, follow up in two weeks."
        )
    }),
    ("seven numbers", |_, stream| {
        let mut draw = |low, high| low + stream.below(high - low);
        let (systolic, diastolic, pulse) = (draw(90, 190), draw(50, 110), draw(50, 130));
        let (degrees, tenths, saturation, weight) = (draw(36, 40), draw(0, 10), draw(88, 100), draw(40, 130));
        format!(
            "BP {systolic}/{diastolic}, pulse {pulse}, temperature {degrees}.{tenths}, saturation {saturation} percent, \
             weight {weight} kg; the lungs are clear and the abdomen is soft."
        )
    }),
    ("few words", |_, stream| {
        let words =
            "cough fever pain denies no mild chest acute left right with and history of smoking rash nausea since";
        let words: Vec<&str> = words.split(' ').collect();
        (0..25).map(|_| words[stream.below(18) as usize]).collect::<Vec<_>>().join(" ")
    }),
];

/// 100,000 texts: the real sentences and seeded edits of them, then each hard family. Prints time, memory and how many of
/// the edits are found.
#[test]
#[ignore = "a measurement of a minute"]
fn a_hundred_thousand_texts() {
    let (Some(mut texts), Some(more)) = (real_sentences(), real_data("hoc")) else { return };
    for file in ["train.tsv", "dev.tsv", "test.tsv"] {
        let rows = fs::read_to_string(more.join(file)).unwrap();
        texts.extend(rows.lines().skip(1).filter_map(|row| row.split('\t').nth(1)).map(String::from));
    }
    let real = texts.len();
    let mut stream = Stream::new(1, Purpose::Sample, [0, 0]);
    let mut planted = Vec::new();
    while texts.len() < 100_000 {
        let source = stream.below(real as u32) as usize;
        let text = edited(&texts[source], &mut stream);
        planted.push((similarity(&shingles(&texts[source]), &shingles(&text)), texts.len()));
        texts.push(text);
    }
    let before = memory();
    let start = Instant::now();
    let pairs = found(&texts, 0.8);
    let took = start.elapsed();
    println!(
        "{real} real sentences and edits of them: {} twins in {took:.2?}, MB {before:?} -> {:?}",
        pairs.len(),
        memory()
    );
    let found_at: HashMap<usize, f64> = pairs.iter().map(|pair| (pair.second, pair.similarity)).collect();
    let mut seen = HashSet::new();
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let again: Vec<bool> = texts.iter().map(|text| !seen.insert(plain(text))).collect();
    let near = planted.iter().filter(|&&(least, second)| least >= 0.8 && !again[second]);
    let recalled = near.clone().filter(|(least, second)| found_at.get(second).is_some_and(|most| most >= least));
    println!("edits that are at least 0.8 similar: {}, found: {}", near.clone().count(), recalled.count());
    println!("edits that are less similar: {}", planted.iter().filter(|(least, _)| *least < 0.8).count());
    for (name, make) in FAMILIES {
        let mut stream = Stream::new(1, Purpose::Sample, [0, 0]);
        let texts: Vec<String> = (0..100_000).map(|index| make(index, &mut stream)).collect();
        let start = Instant::now();
        println!("{name}: {} twins in {:.2?}", found(&texts, 0.8).len(), start.elapsed());
    }
}

/// The most memory this process has held, in megabytes, where the system says so.
fn memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<usize>().ok().map(|kilobytes| kilobytes / 1024)
}
