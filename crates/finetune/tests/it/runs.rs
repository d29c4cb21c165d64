//! What a run promises to a user: a broken one ends with a diagnosis, the best epoch is kept, what can be learnt is learnt, and
//! no word of a long text is lost.

use crate::root;
use corpus::{Dataset, Options, Task};
use encoder::{Checkpoint, Compute};
use finetune::{
    Choices, Control, Event, Outcome, Predictor, Recipe, Run, Session, Shared, TrainError, Trained, parse_presets,
    resolve,
};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Data, an encoder and a folder for the run.
struct Bench {
    folder: TempDir,
    encoder: PathBuf,
    dataset: Dataset,
    recipe: Recipe,
}

/// Two classes that one word tells apart, or one entity type that one word is.
fn data(task: Task) -> String {
    let row = |index: usize| {
        let (word, label) = [("a", "first"), ("b", "second")][index % 2];
        if !task.labels_words() {
            return format!("{{\"text\":\"c d {word} e\",\"label\":\"{label}\"}}\n");
        }
        let entity = if index.is_multiple_of(2) { "{\"start\":4,\"end\":5,\"label\":\"first\"}" } else { "" };
        format!("{{\"text\":\"c d {word} e\",\"entities\":[{entity}]}}\n")
    };
    (0..60).map(row).collect()
}

fn bench(task: Task, encoder: &str, settings: &[(&str, &str)]) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.jsonl");
    fs::write(&file, data(task)).unwrap();
    let dataset = corpus::load(&file, &Options { task: Some(task), ..Options::default() }).unwrap();
    let encoder = root().join("tests/golden/encoder").join(encoder);
    let config = encoder::inspect_folder(&encoder).unwrap().config;
    let mut choices = Choices { presets: parse_presets("standard").unwrap(), epochs: Some(3), ..Choices::default() };
    choices.set("learning-rate", "1e-3").unwrap();
    for (key, value) in settings {
        choices.set(key, value).unwrap();
    }
    let recipe = resolve(&choices, task, &config).unwrap();
    Bench { folder, encoder, dataset, recipe }
}

impl Bench {
    fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn train(&self, name: &str, hear: &mut dyn FnMut(&Event) -> Control) -> Result<Trained, TrainError> {
        let compute = Compute::cpu();
        let out = self.out(name);
        let (recipe, encoder, dataset) = (&self.recipe, self.encoder.as_path(), &self.dataset);
        let shared = Shared::new(std::env::temp_dir());
        let run = Run { recipe, encoder, dataset, compute: &compute, folder: &out, shared: &shared };
        Session::prepare(&run)?.train(&mut |event| hear(&event))
    }

    fn weights(&self, name: &str) -> Checkpoint {
        Checkpoint::open(&self.out(name).join("model")).unwrap()
    }
}

fn go_on(_: &Event) -> Control {
    Control::Continue
}

/// The largest change of a tensor from the encoder's file to the trained model's.
fn change(encoder: &Path, trained: &Checkpoint, name: &str) -> f32 {
    let before = Checkpoint::open(encoder).unwrap().values(name).unwrap().unwrap();
    let after = trained.values(name).unwrap().unwrap();
    before.iter().zip(&after).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn layerwise_decay_moves_lower_layers_less() {
    let settings = [("presets", "layerwise-decay"), ("layerwise-decay.d", "0.1"), ("learning-rate", "1e-3")];
    let bench = bench(Task::Ner, "electra-small-random", &settings);
    bench.train("run", &mut go_on).unwrap();
    let trained = bench.weights("run");
    let change = |name| change(&bench.encoder, &trained, name);
    let (low, high) = (change("encoder.layer.0.output.dense.weight"), change("encoder.layer.1.output.dense.weight"));
    assert!(low > 0.0 && low < 0.3 * high, "{low} below, {high} above");
}

/// The bench's encoder with one tensor filled with a number.
fn fill(bench: &mut Bench, tensor: &str, number: f32) {
    let altered = bench.out("altered");
    fs::create_dir(&altered).unwrap();
    for entry in fs::read_dir(&bench.encoder).unwrap().flatten() {
        fs::copy(entry.path(), altered.join(entry.file_name())).unwrap();
    }
    let path = altered.join("model.safetensors");
    let content = fs::read(&path).unwrap();
    let tensors: Vec<(String, Vec<usize>, Vec<f32>)> = safetensors::SafeTensors::deserialize(&content)
        .unwrap()
        .iter()
        .map(|(name, view)| {
            let values = view.data().as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
            let values = values.map(|value| if name.ends_with(tensor) { number } else { value });
            (name.to_string(), view.shape().to_vec(), values.collect())
        })
        .collect();
    encoder::write_tensors(&path, &tensors, Default::default()).unwrap();
    bench.encoder = altered;
}

#[test]
fn gradients_beyond_all_numbers_end_the_run_with_a_diagnosis() {
    let mut bench = bench(Task::Ner, "bert-small-random", &[]);
    fill(&mut bench, "encoder.layer.1.output.LayerNorm.weight", 3e38);
    let mut warnings = 0;
    let mut hear = |event: &Event| {
        warnings += usize::from(matches!(event, Event::Warning { .. }));
        Control::Continue
    };
    let error = bench.train("run", &mut hear).unwrap_err();
    assert!(matches!(error, TrainError::NonFinite { step: 3, .. }), "{error}");
    assert!(error.to_string().contains("learning rate"), "{error}");
    assert_eq!(warnings, 2);
    assert!(!bench.out("run").join("model").exists());
}

#[test]
fn weights_that_are_no_numbers_are_refused_before_training() {
    let mut bench = bench(Task::Classification, "bert-small-random", &[]);
    fill(&mut bench, "pooler.dense.weight", f32::NAN);
    let error = bench.train("run", &mut go_on).unwrap_err();
    assert!(error.is_bad_input() && error.to_string().contains("pooler.dense.weight"), "{error}");
}

/// The dev score of each epoch of a run, and what came out.
fn scores(bench: &Bench) -> (Vec<f64>, Trained) {
    let mut scores = Vec::new();
    let mut hear = |event: &Event| {
        if let Event::Evaluation { score, .. } = event {
            scores.push(*score);
        }
        Control::Continue
    };
    let trained = bench.train("run", &mut hear).unwrap();
    (scores, trained)
}

#[test]
fn the_best_epoch_is_kept_or_the_last_where_asked() {
    let (best, trained) = scores(&bench(Task::Classification, "bert-small-random", &[("epochs", "6")]));
    assert_eq!(trained.dev.main(), best.iter().copied().fold(0.0, f64::max));
    assert_eq!(trained.dev.main(), best[trained.kept_epoch - 1]);
    let (all, trained) = scores(&bench(Task::Classification, "bert-small-random", &[("keep", "last")]));
    assert_eq!((trained.kept_epoch, trained.dev.main()), (3, all[2]));
}

#[test]
fn a_run_that_no_longer_gets_better_stops_early() {
    let (scores, trained) = scores(&bench(
        Task::Ner,
        "bert-small-random",
        &[("learning-rate", "1e-9"), ("epochs", "9"), ("patience", "2")],
    ));
    assert_eq!(trained.outcome, Outcome::StoppedEarly);
    assert_eq!(scores.len(), 3);
    assert!(trained.failed, "nothing was learnt");
}

#[test]
fn what_can_be_learnt_is_learnt_and_answered_again() {
    for (task, encoder) in [(Task::Classification, "electra-small-random"), (Task::Ner, "bert-small-random")] {
        let bench = bench(task, encoder, &[("epochs", "30"), ("learning-rate", "3e-3")]);
        let trained = bench.train("run", &mut go_on).unwrap();
        assert!(trained.test.main() > 0.9, "{task}: {}", trained.test.main());
        assert!(!trained.failed);
        let predictor = Predictor::load(&bench.out("run").join("model"), &Compute::cpu()).unwrap();
        let again = predictor.predict(&bench.dataset.test, &mut |_, _| Control::Continue).unwrap();
        assert_eq!(again, trained.predictions);
    }
}

#[test]
fn long_texts_are_read_in_windows_and_no_word_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = |index: usize| {
        let word = |place: usize| if (place + index).is_multiple_of(7) { "a\tB-x\n" } else { "c\tO\n" };
        (0..60).map(word).collect::<String>() + "\n"
    };
    fs::write(folder.path().join("data.conll"), (0..40).map(sentence).collect::<String>()).unwrap();
    let mut bench = bench(Task::Ner, "bert-small-random", &[("max-length", "16"), ("epochs", "12")]);
    bench.dataset = corpus::load(&folder.path().join("data.conll"), &Options::default()).unwrap();
    bench.recipe.learning_rate = 3e-3;
    let trained = bench.train("run", &mut go_on).unwrap();
    assert!(
        trained.notes.iter().any(|note| note.contains("100.0 %") && note.contains("windows")),
        "{:?}",
        trained.notes
    );
    let found: usize = trained.predictions.iter().map(|prediction| prediction.entities.len()).sum();
    assert!(trained.test.main() > 0.95, "entities beyond the first window are found: {found}, {}", trained.test.main());
}
