//! What `ballast bench` prints is read by other programs.

use crate::command::{Place, show};

/// The number before `unit` in the last line.
fn number(output: &[u8], word: &str) -> f64 {
    let text = show(output);
    let last = text.lines().last().unwrap_or_default().to_owned();
    let mut words = last.split_whitespace().skip_while(|other| *other != word).skip(1);
    words.next().and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {word} in `{last}`"))
}

#[test]
fn a_step_is_timed() {
    let place = Place::new();
    for settings in ["", "frozen=1", "heads=4 frozen=2"] {
        let output = place.succeed(&format!("bench step 2 32 2 9 3 {settings}"));
        assert!(number(&output.stdout, "median") > 0.0);
        assert_eq!(show(&output.stdout).lines().filter(|line| line.starts_with("it ")).count(), 3);
        if cfg!(target_os = "linux") {
            assert!(number(&output.stdout, "peak") > 1.0);
        }
    }
}

/// A frozen prefix costs the first step alone, and changes what is learnt in the same way each time.
#[test]
fn a_step_learns_the_same_with_one_thread_and_two() {
    let place = Place::new();
    let losses = |threads: u32, settings: &str| -> Vec<String> {
        let line = format!("bench step 2 128 4 65 6 {settings} --threads {threads}");
        let text = show(&place.succeed(&line).stdout);
        let loss = |line: &str| line.split_whitespace().nth(3).map(str::to_owned);
        text.lines().filter(|line| line.starts_with("it ")).filter_map(loss).collect()
    };
    for settings in ["", "frozen=1"] {
        let one = losses(1, settings);
        assert_eq!(one.len(), 6);
        assert_ne!(one[0], one[5]);
        assert_eq!(one, losses(2, settings));
    }
}

#[test]
fn every_level_of_vector_instructions_learns_alike() {
    let place = Place::new();
    let losses = |level: &str| -> Vec<f64> {
        let output = place.ballast("bench step 2 128 4 65 6").env("BALLAST_SIMD", level).output().unwrap();
        assert!(output.status.success(), "{}", show(&output.stderr));
        let text = show(&output.stdout);
        let loss = |line: &str| line.split_whitespace().nth(3).and_then(|word| word.parse().ok());
        text.lines().filter(|line| line.starts_with("it ")).filter_map(loss).collect()
    };
    let best = losses("");
    assert_eq!(best.len(), 6);
    for level in ["avx2", "plain"] {
        for (a, b) in best.iter().zip(losses(level)) {
            assert!((a - b).abs() <= 2e-4, "{level}: {b} instead of {a}");
        }
    }
}

#[test]
fn whole_trainings_are_timed_and_scored() {
    let place = Place::new();
    let encoder = crate::root().join("tests/golden/encoder/bert-small-random");
    let output = place.succeed(&format!("bench train sample:sentences {} freeze 2 2", encoder.display()));
    let text = show(&output.stdout);
    assert_eq!(text.lines().filter(|line| line.starts_with("epoch ")).count(), 4);
    let seeds: Vec<&str> = text.lines().filter(|line| line.starts_with("seed ")).collect();
    assert!(seeds.len() == 2 && seeds.iter().all(|line| line.contains("dev F1") && line.contains("test F1")), "{text}");
    assert!(number(&output.stdout, "total") > 0.0);
}

#[test]
fn prediction_is_timed() {
    let place = Place::new();
    let encoder = crate::root().join("tests/golden/encoder/electra-small-random");
    let texts = place.text("texts.txt", "fever for two days\n\nno fever\npain\n");
    let output = place.succeed(&format!("bench predict {texts} {} 3", encoder.display()));
    assert!(number(&output.stdout, "median") > 0.0);
}

#[test]
fn what_cannot_be_timed_is_refused() {
    let place = Place::new();
    for (line, word) in [
        ("bench step 2 32 2 600 1", "512"),
        ("bench step 2 32 2 9 1 frozen=3", "LAYERS"),
        ("bench step 2 32 2 9 1 heads=5", "5 heads"),
        ("bench step 2 32 2 9 1 depth=5", "frozen=K"),
        ("bench step 0 32 2 9 1", "1"),
    ] {
        let said = place.fail(line, 2);
        assert!(said.contains(word), "{line}: {said}");
    }
    let said = place.fail("bench predict {}/nothing.txt {} 1", 1);
    assert!(said.contains("nothing.txt"), "{said}");
}
