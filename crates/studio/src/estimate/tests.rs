//! The model against what was measured with `ballast bench`, on a CPU with 4 cores.

use super::memory::{self, Parameters, Rows, parameters};
use super::speed::operations;
use super::texts::Texts;
use super::*;
use corpus::Task;
use finetune::{Choices, StepShape};

/// Layers, hidden size, batch, length, frozen layers.
type Numbers = [usize; 5];

fn shape([layers, hidden, batch, length, frozen]: Numbers) -> StepShape {
    StepShape { layers, hidden, batch, length, iterations: 3, frozen, heads: hidden / 64 }
}

fn recipe(shape: &StepShape, change: impl FnOnce(&mut Choices)) -> Recipe {
    let presets = vec![if shape.frozen > 0 { Preset::Freeze } else { Preset::Standard }];
    let mut choices = Choices { presets, freeze_layers: Some(shape.frozen), ..Choices::default() };
    change(&mut choices);
    resolve(&choices, Task::Classification, &shape.config()).unwrap()
}

/// The factor by which two numbers differ, at least 1.
fn apart(a: f64, b: f64) -> f64 {
    (a / b).max(b / a)
}

/// Bytes at the peak of `ballast bench step`, which writes no checkpoint.
fn step_peak(numbers: Numbers) -> f64 {
    let shape = shape(numbers);
    let (recipe, config) = (recipe(&shape, |_| ()), shape.config());
    let rows = Rows { tokens: (shape.batch * shape.length) as f64, longest: shape.length };
    let step = memory::step(&recipe, &config, 2, rows, true);
    (memory::PROGRAM + memory::state(parameters(&recipe, &config, 2)) + step) as f64
}

#[test]
fn memory_of_a_step_is_as_measured() {
    let measured = [
        ([2, 128, 16, 128, 0], 169),
        ([2, 128, 8, 512, 0], 179),
        ([2, 768, 8, 64, 0], 672),
        ([6, 384, 16, 128, 0], 573),
        ([6, 384, 8, 64, 0], 438),
        ([6, 384, 32, 256, 0], 1229),
        ([6, 384, 16, 128, 3], 316),
        ([12, 768, 8, 128, 0], 1862),
        ([12, 768, 4, 128, 0], 1798),
        ([12, 768, 16, 256, 0], 3196),
        ([12, 768, 8, 128, 6], 1056),
        ([12, 768, 16, 256, 6], 1774),
        ([24, 1024, 4, 128, 0], 5357),
    ];
    for (numbers, megabytes) in measured {
        let modelled = step_peak(numbers) / 1e6;
        println!("{numbers:?}: {megabytes} MB measured, {modelled:.0} MB modelled");
        assert!(apart(modelled, f64::from(megabytes)) < 1.25, "{numbers:?}: {modelled:.0} MB");
    }
}

#[test]
fn time_of_a_step_follows_from_the_speed_of_a_small_one() {
    // The first of each hidden size is what `measure_speed` times.
    let measured: [&[(Numbers, f64)]; 2] = [
        &[
            ([2, 384, 8, 64, 0], 0.052),
            ([6, 384, 16, 128, 0], 0.459),
            ([6, 384, 8, 64, 0], 0.124),
            ([6, 384, 32, 256, 0], 2.065),
            ([6, 384, 16, 128, 3], 0.207),
        ],
        &[
            ([2, 768, 8, 64, 0], 0.174),
            ([12, 768, 8, 128, 0], 1.655),
            ([12, 768, 4, 128, 0], 1.074),
            ([12, 768, 16, 256, 0], 7.653),
            ([12, 768, 8, 128, 6], 0.778),
            ([12, 768, 16, 256, 6], 3.280),
        ],
    ];
    for shapes in measured {
        let (small, seconds) = shapes[0];
        let speed = operations(&shape(small)) / seconds;
        for &(numbers, seconds) in shapes {
            let modelled = operations(&shape(numbers)) / speed;
            println!("{numbers:?}: {seconds} s measured, {modelled:.3} s modelled");
            assert!(apart(modelled, seconds) < 1.25, "{numbers:?}: {modelled:.3} s");
        }
    }
}

/// Texts of which all have so many pieces.
fn load(length: usize, splits: [usize; 3]) -> Load {
    let lengths = Lengths {
        counted: 100,
        of: 100,
        bins: vec![0, 100],
        width: length,
        longest: length,
        max_length: 256,
        windowed: 0,
        positions: 512,
        pieces_per_word: 1.5,
        unknown_share: 0.0,
    };
    Load { texts: Texts::counted(&lengths), splits, outputs: 2, multiple: 1, fused: true }
}

/// Presets, epochs, batch size, parts of a batch.
type Wanted = (&'static str, usize, usize, usize);

/// Bytes and seconds that are modelled for the sample of notes and an encoder of 6 layers of 384.
fn run_on_notes((presets, epochs, batch, parts): Wanted, speed: f64) -> (f64, f64) {
    let notes = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/notes.csv");
    let dataset = corpus::load(&notes, &corpus::Options::default()).unwrap();
    let config = shape([6, 384, batch, 128, 0]).config();
    let choices = Choices {
        presets: finetune::parse_presets(presets).unwrap(),
        epochs: Some(epochs),
        batch_size: Some(batch),
        accumulate: Some(parts),
        ..Choices::default()
    };
    let recipe = resolve(&choices, dataset.task, &config).unwrap();
    let load = Load {
        texts: Texts::guessed(&dataset),
        splits: [dataset.train.len(), dataset.dev.len(), dataset.test.len()],
        outputs: dataset.labels.len(),
        multiple: 1,
        fused: true,
    };
    (load.memory(&recipe, &config) as f64, load.seconds(&recipe, &config, speed))
}

#[test]
fn memory_of_a_whole_run_is_as_measured() {
    let measured = [
        (("freeze", 2, 16, 1), 689.0),
        (("standard", 2, 16, 1), 1286.0),
        (("standard", 1, 64, 1), 1483.0),
        (("standard", 1, 64, 4), 1416.0),
    ];
    for (wanted, megabytes) in measured {
        let modelled = run_on_notes(wanted, 1e11).0 / 1e6;
        println!("{wanted:?}: {megabytes} MB measured, {modelled:.0} MB modelled");
        assert!(apart(modelled, megabytes) < 1.25, "{wanted:?}: {modelled:.0} MB");
    }
}

#[test]
fn time_of_a_whole_run_is_as_measured() {
    // `measure_speed` found 1.93e11 operations a second when these were timed.
    let measured = [
        (("freeze", 2, 16, 1), 7.6),
        (("standard", 2, 16, 1), 13.0),
        (("freeze", 8, 16, 1), 23.0),
        (("standard", 4, 16, 8), 37.4),
    ];
    for (wanted, seconds) in measured {
        let modelled = run_on_notes(wanted, 1.93e11).1;
        println!("{wanted:?}: {seconds} s measured, {modelled:.1} s modelled");
        assert!(apart(modelled, seconds) < 1.5, "{wanted:?}: {modelled:.1} s");
    }
}

#[test]
fn a_larger_wish_takes_more_and_a_smaller_one_less() {
    let shape = shape([12, 768, 16, 256, 0]);
    let (config, load) = (shape.config(), load(250, [1000, 100, 100]));
    let of = |change: fn(&mut Choices)| {
        let recipe = recipe(&shape, change);
        (load.memory(&recipe, &config), load.seconds(&recipe, &config, 3e11))
    };
    let plain = of(|_| ());
    assert!(of(|choices| choices.batch_size = Some(128)).0 > plain.0);
    let longer = of(|choices| choices.epochs = Some(20));
    assert!(longer.0 == plain.0 && longer.1 > 1.9 * plain.1);
    let frozen = of(|choices| (choices.presets, choices.freeze_layers) = (vec![Preset::Freeze], Some(6)));
    assert!(frozen.0 < plain.0 && frozen.1 < plain.1);
    let half = of(|choices| choices.accumulate = Some(8));
    assert!(half.0 < plain.0 && half.1 > plain.1);
    // With dropout in frozen layers they are computed in every epoch.
    let noisy = of(|choices| {
        (choices.presets, choices.freeze_layers) = (vec![Preset::Freeze], Some(6));
        choices.freeze_dropout = Some(true);
    });
    assert!(noisy.1 > 1.2 * frozen.1);
}

#[test]
fn advice_names_single_changes_that_make_it_fit() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let dataset = corpus::load(&folder.join("samples/notes.csv"), &corpus::Options::default()).unwrap();
    let encoder = folder.join("../../tests/golden/encoder/bert-small-random").display().to_string();
    let choices = Choices { presets: vec![Preset::Standard, Preset::Long], batch_size: Some(64), ..Choices::default() };
    let mut found = outline(&dataset, &Wish { encoder, choices, device: Some("cpu".into()) }).unwrap();
    // As if the encoder were large.
    let small = found.entry.clone();
    found.config = shape([12, 768, 64, 256, 0]).config();
    (found.entry.parameters, found.recipe) =
        (100_000_000, resolve(&found.choices, dataset.task, &found.config).unwrap());
    let load = load(250, [2000, 100, 100]);
    let whole = load.memory(&found.recipe, &found.config);
    let advice = load.advice(&found, whole, vec![small.clone()]);
    let said: Vec<(&str, &str)> = advice.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
    // Shorter windows are no help: a text that is cut into them goes through the encoder with all of them.
    let encoder = ("encoder", small.name.as_str());
    assert_eq!(said, [("accumulate", "4"), ("presets", "freeze+long"), ("batch-size", "32"), encoder], "{advice:?}");
    assert!(advice.iter().all(|one| one.memory <= whole / 4 * 3), "{advice:?} of {whole}");
    // Where hardly anything is free, nothing helps.
    assert_eq!(load.advice(&found, 1 << 20, vec![small]), []);
}

#[test]
fn what_fits_goes_by_what_is_free() {
    assert_eq!(fit(75, Some(100)), Fit::Fits);
    assert_eq!([fit(76, Some(100)), fit(100, Some(100))], [Fit::Tight; 2]);
    assert_eq!([fit(101, Some(100)), fit(101, None)], [Fit::TooLarge, Fit::Unknown]);
}

#[test]
fn counts_are_doubled_and_halved_within_their_limits() {
    assert_eq!(doubled(1, 16), [2, 4, 8, 16]);
    assert_eq!(doubled(16, 16), [0; 0]);
    assert_eq!(halved(256, 64), [128, 64]);
    assert_eq!(halved(5, 1), [2, 1]);
}

#[test]
fn a_checkpoint_takes_copies_of_weights_and_moments() {
    let parameters = Parameters { all: 10, trained: 4 };
    assert_eq!(memory::state(parameters), 72);
    assert_eq!(memory::run(parameters, 5, 7, true) - memory::PROGRAM, 4 * 72 + 12);
    assert_eq!(memory::run(parameters, 5, 7, false) - memory::PROGRAM, 72 + 12);
}
