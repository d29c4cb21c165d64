//! Outcomes give the scores that they are made of, and intervals hold the truth about as often as they say.

use metrics::{
    Interval, Measure, Outcomes, Resampling, entities, interval_over_both, interval_over_examples, interval_over_runs,
    multilabel, outcomes_of_answers, outcomes_of_classes, outcomes_of_scores, outcomes_of_words, pearson, relation,
};
use random::{Purpose, Stream};

fn names(count: usize) -> Vec<String> {
    (0..count).map(|label| format!("l{label}")).collect()
}

fn stream(seed: u64) -> Stream {
    Stream::new(seed, Purpose::Sample, [9, 0])
}

/// A sample of so many examples with repeats.
fn sample(stream: &mut Stream, size: usize) -> Vec<usize> {
    (0..size).map(|_| stream.below(size as u32) as usize).collect()
}

fn pick<T: Clone>(all: &[T], chosen: &[usize]) -> Vec<T> {
    chosen.iter().map(|&index| all[index].clone()).collect()
}

#[track_caller]
fn same(found: Option<f64>, expected: f64) {
    let found = found.expect("a score");
    assert!((found - expected).abs() < 1e-12, "{found} instead of {expected}");
}

#[test]
fn outcomes_of_classes_give_macro_f1_accuracy_and_micro_f1() {
    let mut stream = stream(1);
    for size in [1, 7, 100] {
        let mut draw = || -> Vec<usize> { (0..size).map(|_| stream.below(3) as usize).collect() };
        let (gold, predicted) = (draw(), draw());
        let chosen = sample(&mut stream, size);
        let (gold_sample, predicted_sample) = (pick(&gold, &chosen), pick(&predicted, &chosen));
        let expected = metrics::classification(&gold_sample, &predicted_sample, &names(4));
        let score = |outcomes: Outcomes| outcomes.score(chosen.iter().copied());
        same(score(outcomes_of_classes(Measure::Macro, &gold, &predicted, None)), expected.macro_f1);
        same(score(outcomes_of_classes(Measure::Micro, &gold, &predicted, None)), expected.accuracy);
        let expected = relation(&gold_sample, &predicted_sample, &names(4), Some(1));
        same(score(outcomes_of_classes(Measure::Micro, &gold, &predicted, Some(1))), expected.micro.f1);
    }
}

#[test]
fn outcomes_of_entities_words_labels_and_scores_give_theirs() {
    let mut stream = stream(2);
    let chosen = sample(&mut stream, 30);
    let on_sample = |outcomes: &Outcomes| outcomes.score(chosen.iter().copied());
    let entity = |stream: &mut Stream| {
        let start = stream.below(6) as usize;
        metrics::Entity { start, end: start + 1 + stream.below(2) as usize, kind: stream.below(3) as usize }
    };
    let mut texts = || -> Vec<Vec<metrics::Entity>> {
        (0..40).map(|_| (0..stream.below(4)).map(|_| entity(&mut stream)).collect()).collect()
    };
    let (gold, predicted) = (texts(), texts());
    let found = outcomes_of_answers(&gold, &predicted, |entity| entity.kind);
    same(found.whole(), entities(&gold, &predicted, &names(3)).exact.f1);
    same(on_sample(&found), entities(&pick(&gold, &chosen), &pick(&predicted, &chosen), &names(3)).exact.f1);

    let mut tags =
        || -> Vec<Vec<usize>> { (0..30).map(|_| (0..9).map(|_| stream.below(4) as usize).collect()).collect() };
    let (gold, predicted) = (tags(), tags());
    let found = outcomes_of_words(&gold, &predicted);
    same(found.whole(), metrics::words(&gold, &predicted, &names(3)).macro_f1);
    same(on_sample(&found), metrics::words(&pick(&gold, &chosen), &pick(&predicted, &chosen), &names(3)).macro_f1);

    let mut sets =
        || -> Vec<Vec<usize>> { (0..30).map(|_| (0..5).filter(|_| stream.below(3) == 0).collect()).collect() };
    let (gold, predicted) = (sets(), sets());
    let sure: Vec<Vec<f32>> = predicted
        .iter()
        .map(|set| (0..5).map(|label| if set.contains(&label) { 0.9 } else { 0.1 }).collect())
        .collect();
    let found = outcomes_of_answers(&gold, &predicted, |label| *label);
    same(found.whole(), multilabel(&gold, &sure, None, 0.5, &names(5)).micro.f1);
    let (gold, sure) = (pick(&gold, &chosen), pick(&sure, &chosen));
    same(on_sample(&found), multilabel(&gold, &sure, None, 0.5, &names(5)).micro.f1);

    let mut scores = || -> Vec<f64> { (0..30).map(|_| f64::from(stream.normal())).collect() };
    let (gold, predicted) = (scores(), scores());
    let found = outcomes_of_scores(&gold, &predicted);
    same(found.whole(), pearson(&gold, &predicted).unwrap());
    same(on_sample(&found), pearson(&pick(&gold, &chosen), &pick(&predicted, &chosen)).unwrap());
    assert_eq!(outcomes_of_scores(&[1.0, 1.0], &[0.0, 2.0]).whole(), None);
}

#[test]
fn outcomes_are_written_and_read_again() {
    let all = [
        outcomes_of_classes(Measure::Macro, &[0, 1], &[1, 1], None),
        outcomes_of_scores(&[0.5, 2.0], &[1.25, 3.0]),
        outcomes_of_scores(&[0.5, 2.0], &[f64::NAN, f64::INFINITY]),
        outcomes_of_words(&[vec![0, 1]], &[vec![0, 0]]),
    ];
    for outcomes in all {
        let text = serde_json::to_string(&outcomes).unwrap();
        assert_eq!(serde_json::from_str::<Outcomes>(&text).unwrap(), outcomes);
    }
    let joined = Outcomes::joined(vec![
        outcomes_of_classes(Measure::Micro, &[0], &[0], None),
        outcomes_of_classes(Measure::Micro, &[1], &[0], None),
    ]);
    same(joined.unwrap().whole(), 0.5);
    assert_eq!(Outcomes::joined(vec![]), None);
    let unread = outcomes_of_scores(&[0.5, 2.0, 3.0], &[0.25, 1.0, f64::NAN]);
    assert_eq!(unread.whole(), None, "one is no number");
    same(unread.score([0, 1].into_iter()), 1.0);
}

const STUDIES: u64 = 1000;

/// The share of simulated studies whose interval holds the truth.
fn coverage(truth: f64, interval: impl Fn(&mut Stream, &Resampling) -> Option<Interval>) -> f64 {
    let holds = |study: &u64| {
        let how = Resampling { seed: *study, replicates: 300, level: 0.95 };
        let found = interval(&mut stream(100 + study), &how).expect("an interval");
        found.low <= truth && truth <= found.high
    };
    (0..STUDIES).filter(holds).count() as f64 / STUDIES as f64
}

#[test]
fn intervals_over_runs_cover() {
    for runs in [5, 10, 20] {
        let found = coverage(0.7, |stream, how| {
            let scores: Vec<f64> = (0..runs).map(|_| 0.7 + 0.05 * f64::from(stream.normal())).collect();
            interval_over_runs(&scores, how.level)
        });
        eprintln!("{runs} runs: {found}");
        assert!((0.93..=0.97).contains(&found), "{runs} runs: {found}");
    }
}

/// Runs whose chance of being right on an example is that of the run plus that of the example.
fn simulated(stream: &mut Stream, runs: usize, examples: usize, of_runs: f32, of_examples: f32) -> Vec<Outcomes> {
    let hardness: Vec<f32> = (0..examples).map(|_| of_examples * stream.normal()).collect();
    (0..runs)
        .map(|_| {
            let skill = of_runs * stream.normal();
            let right: Vec<usize> =
                hardness.iter().map(|hard| usize::from(stream.uniform() >= 0.7 + skill + hard)).collect();
            outcomes_of_classes(Measure::Micro, &vec![0; examples], &right, None)
        })
        .collect()
}

#[test]
fn intervals_over_examples_cover() {
    let found = coverage(0.7, |stream, how| interval_over_examples(&simulated(stream, 1, 80, 0.0, 0.0), how));
    eprintln!("80 examples: {found}");
    assert!((0.91..=0.985).contains(&found), "{found}");
}

#[test]
fn intervals_over_runs_and_examples_cover() {
    for (runs, of_runs, of_examples) in [(5, 0.05, 0.0), (10, 0.03, 0.08), (5, 0.0, 0.08)] {
        let found =
            coverage(0.7, |stream, how| interval_over_both(&simulated(stream, runs, 60, of_runs, of_examples), how));
        eprintln!("{runs} runs, {of_runs} and {of_examples}: {found}");
        // Chance within examples counts with the runs and with the examples.
        assert!((0.94..=0.999).contains(&found), "{runs} runs, {of_runs} and {of_examples}: {found}");
    }
}

#[test]
fn too_little_has_no_interval() {
    let how = Resampling::default();
    assert_eq!(interval_over_runs(&[0.5], 0.95), None);
    let one = outcomes_of_classes(Measure::Micro, &[0], &[0], None);
    assert_eq!(interval_over_examples(std::slice::from_ref(&one), &how), None);
    assert_eq!(interval_over_examples(&[], &how), None);
    let two = outcomes_of_classes(Measure::Micro, &[0, 0], &[0, 1], None);
    assert_eq!(interval_over_both(std::slice::from_ref(&two), &how), None, "one run");
    for level in [0.0, 1.0, 2.0, f64::NAN] {
        let how = Resampling { level, ..how };
        assert_eq!(interval_over_runs(&[0.5, 0.6], level), None);
        assert_eq!(interval_over_examples(std::slice::from_ref(&two), &how), None);
        assert_eq!(interval_over_both(&[two.clone(), two.clone()], &how), None);
    }
    assert_eq!(interval_over_both(&[two, one], &how), None, "other examples");
    let same = [0.5; 6];
    let found = interval_over_runs(&same, 0.95).unwrap();
    assert_eq!((found.low, found.high), (0.5, 0.5));
}

#[test]
fn an_interval_is_one_of_all_runs_or_of_none() {
    let gold = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let good = outcomes_of_scores(&gold, &gold);
    let constant = outcomes_of_scores(&gold, &[1.0; 6]);
    assert_eq!(interval_over_examples(&[constant.clone(), good.clone()], &Resampling::default()), None);
    assert_eq!(interval_over_both(&[constant, good.clone()], &Resampling::default()), None);
    // On samples that lack the last example, every third, this run has no score; on others one below 0.
    let bad = outcomes_of_scores(&gold, &[1.0, 1.0, 1.0, 1.0, 1.0, -5.0]);
    let found = interval_over_examples(&[good, bad], &Resampling::default()).unwrap();
    assert!(found.high < 0.5, "the better run alone is none of the mean: {found:?}");
}
