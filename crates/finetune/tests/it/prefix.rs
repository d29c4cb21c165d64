//! Outputs of frozen layers that are kept change nothing but the time.

use crate::small::{BERT, Bench, ELECTRA, bench, distance, short};
use corpus::Task;
use finetune::{Control, Event, Outcome, Shared, Trained};

const FREEZE: [(&str, &str); 2] = [("presets", "freeze"), ("keep", "last")];

fn frozen(encoder: &str) -> Bench {
    bench(Task::Ner, encoder, &FREEZE, short)
}

/// How many texts went through the frozen layers before the first step.
fn computed(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::ComputingFrozen { .. })).count()
}

fn about_frozen(trained: &Trained) -> usize {
    trained.notes.iter().filter(|note| note.contains("frozen") && note.contains("MB")).count()
}

fn losses(events: &[Event]) -> Vec<f64> {
    events.iter().filter_map(|event| if let Event::Step { loss, .. } = event { Some(*loss) } else { None }).collect()
}

#[test]
fn kept_or_computed_anew_the_run_is_the_same() {
    for encoder in [BERT, ELECTRA] {
        let kept = frozen(encoder);
        let (trained, events) = kept.train();
        assert!(computed(&events) > 0 && about_frozen(&trained) == 0, "{:?}", trained.notes);

        let mut anew = frozen(encoder);
        anew.shared = Shared::limited(std::env::temp_dir(), 0, 0);
        let (again, anew_events) = anew.train();
        assert_eq!(computed(&anew_events), 0);
        assert_eq!(about_frozen(&again), 3, "one note a split: {:?}", again.notes);
        // The same sums, added up for batches of another size.
        for (a, b) in losses(&events).iter().zip(losses(&anew_events)) {
            assert!((a - b).abs() < 1e-5, "{a} and {b}");
        }
        for (name, values) in kept.weights() {
            let apart = distance(&values, &anew.weights()[&name]);
            assert!(apart < 1e-4, "{name} of {encoder} is {apart} apart");
        }
    }
}

#[test]
fn a_file_holds_the_same_bits_as_memory() {
    let folder = tempfile::tempdir().unwrap();
    let in_memory = frozen(BERT);
    in_memory.train();
    let mut in_file = frozen(BERT);
    in_file.shared = Shared::limited(folder.path(), 0, 1 << 30);
    let (trained, _) = in_file.train();
    assert!(trained.notes.iter().any(|note| note.contains("file")), "{:?}", trained.notes);
    assert!(in_file.weights() == in_memory.weights());
    drop(in_file);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file is left");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_with_its_name() {
    let mut bench = frozen(BERT);
    bench.shared = Shared::limited("/no/such/folder", 0, 1 << 30);
    let error = bench.go(false, &mut |_| Control::Continue).unwrap_err();
    assert!(error.code() == "file" && error.to_string().contains("folder"), "{error}");
}

#[test]
fn another_seed_computes_nothing_again_and_another_encoder_does() {
    let mut bench = frozen(BERT);
    let (_, first) = bench.train();
    bench.recipe.seed += 1;
    bench.out = tempfile::tempdir().unwrap();
    let (_, second) = bench.train();
    assert!(computed(&first) > 0);
    assert_eq!(computed(&second), 0);
    assert_ne!(losses(&first), losses(&second));

    let mut alone = frozen(BERT);
    alone.recipe.seed = bench.recipe.seed;
    alone.train();
    assert!(alone.weights() == bench.weights(), "what an earlier run kept changes the next");

    let mut other = frozen(ELECTRA);
    std::mem::swap(&mut other.shared, &mut bench.shared);
    let (_, third) = other.train();
    assert!(computed(&third) > 0);
    let mut shallower = bench_with_frozen(1);
    std::mem::swap(&mut shallower.shared, &mut other.shared);
    shallower.train();
    let mut deeper = bench_with_frozen(2);
    std::mem::swap(&mut deeper.shared, &mut shallower.shared);
    let (_, fourth) = deeper.train();
    assert!(computed(&fourth) > 0, "more layers frozen, and the outputs of fewer were taken");
}

fn bench_with_frozen(layers: usize) -> Bench {
    let layers = layers.to_string();
    bench(Task::Ner, BERT, &[FREEZE[0], FREEZE[1], ("freeze.k", &layers)], short)
}

#[test]
fn dropout_below_keeps_nothing() {
    let bench = bench(Task::Ner, BERT, &[FREEZE[0], FREEZE[1], ("freeze.dropout", "true")], short);
    let (trained, events) = bench.train();
    assert_eq!(computed(&events), 0);
    assert_eq!(about_frozen(&trained), 0, "{:?}", trained.notes);
}

#[test]
fn a_run_stopped_while_frozen_layers_are_computed_goes_on_to_the_same_bits() {
    let whole = frozen(BERT);
    whole.train();
    let parts = frozen(BERT);
    let mut hear = |event: &Event| match event {
        Event::ComputingFrozen { .. } => Control::Stop,
        _ => Control::Continue,
    };
    let stopped = parts.go(false, &mut hear).unwrap();
    assert_eq!((stopped.outcome, stopped.steps), (Outcome::Stopped, 0));
    parts.resume();
    assert!(parts.weights() == whole.weights());
}
