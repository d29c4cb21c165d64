//! The training loop to the last digit: batches in parts, windows, weights of classes, steps that break, and runs that are
//! stopped and resumed in every place.

use crate::small::{
    BERT, Bench, ELECTRA, Values, bench, dataset, distance, encoder_folder, short, values_of, warnings,
};
use burn::tensor::Device;
use corpus::{Example, Gold, Task, Tokenizer};
use encoder::{Compute, HeadKind, Inputs, Model, Part, Texts, floats};
use finetune::{Control, Event, Outcome, Predictor, Recipe, TrainError, balanced_weights};
use std::fs;
use tempfile::TempDir;

#[test]
fn a_batch_in_parts_leaves_the_same_weights() {
    for task in Task::ALL {
        let settings =
            |parts| [("dropout", "0"), ("accumulate", parts), ("max-length", "12"), ("learning-rate", "1e-4")];
        // Some of the texts take several windows, and the last batch of an epoch has fewer examples than the others.
        let length = |index| 4 + 3 * (index % 5);
        let [whole, parts] = ["1", "4"].map(|parts| {
            let bench = bench(task, BERT, &settings(parts), length);
            bench.train();
            bench.weights()
        });
        for (name, values) in &parts {
            // Softmax takes the same bias of all keys out again: its gradient is rounding alone, which Adam blows up.
            if !name.ends_with("key.bias") {
                let apart = distance(values, &whole[name]);
                assert!(apart < 1e-5, "{task}: {name} is {apart:.1e} apart");
            }
        }
    }
}

#[test]
fn every_frozen_parameter_keeps_its_bits_and_every_other_moves() {
    for (task, encoder) in [(Task::Classification, BERT), (Task::Ner, ELECTRA)] {
        let settings = [("presets", "freeze"), ("freeze.k", "1"), ("keep", "last")];
        let bench = bench(task, encoder, &settings, short);
        bench.train();
        let before = bench.first_weights();
        for (name, values) in bench.weights() {
            let frozen = matches!(Part::of(&name), Part::Embeddings | Part::Layer(0));
            assert_eq!(values == before[&name], frozen, "{encoder}: {name}");
        }
    }
}

#[test]
fn a_run_begins_with_every_weight_of_the_encoder() {
    for (task, encoder) in [(Task::Classification, BERT), (Task::Classification, ELECTRA), (Task::Ner, BERT)] {
        let bench = bench(task, encoder, &[], short);
        let at_once = |event: &Event| match event {
            Event::Started { .. } => Control::Stop,
            _ => Control::Continue,
        };
        bench.go(false, &mut { at_once }).unwrap();
        let first = bench.first_weights();
        for (name, values) in bench.weights() {
            assert!(values == first[&name], "{task}, {encoder}: {name} is not the encoder's");
        }
    }
}

#[test]
fn a_head_is_gone_on_with_label_by_label() {
    for (task, encoder) in [(Task::Classification, BERT), (Task::Classification, ELECTRA), (Task::Ner, BERT)] {
        let bench = bench(task, encoder, &[("epochs", "1")], short);
        bench.train();
        let (trained, folder) = (bench.weights(), bench.model_folder());
        let known = task.outputs(&bench.dataset.labels);
        // The labels in another order, and one that is new.
        let mut names: Vec<String> = known.iter().rev().cloned().collect();
        names.insert(1, "quite new".into());
        let kind = if task == Task::Ner { HeadKind::Token } else { HeadKind::Sequence };
        let (mut model, _) = encoder::load_pretrained(&folder, kind, names.len(), 7, &Device::flex()).unwrap();
        let drawn = values_of(&model);
        assert_eq!(encoder::keep_head(&mut model, &folder, &names).unwrap(), ["quite new"]);
        let own = values_of(&model);
        let outputs: Vec<&String> =
            own.keys().filter(|name| name.starts_with("classifier") && !name.contains("dense")).collect();
        assert_eq!(outputs.len(), 2, "{outputs:?}");
        for name in outputs {
            let width = own[name].len() / names.len();
            let row = |values: &Values, at: usize| values[name][at * width..(at + 1) * width].to_vec();
            for (place, label) in names.iter().enumerate() {
                let wanted = match known.iter().position(|other| other == label) {
                    Some(at) => row(&trained, at),
                    None => row(&drawn, place),
                };
                assert_eq!(row(&own, place), wanted, "{task}, {encoder}: {name} of {label}");
            }
        }
        for name in own.keys().filter(|name| name.contains("dense") && name.starts_with("classifier")) {
            assert_eq!(own[name], trained[name], "{name}");
        }
        assert_eq!(encoder::keep_head(&mut model, &bench.encoder, &names).unwrap(), names, "there is no head");
        assert_eq!(values_of(&model), own);
    }
}

/// A copy of an encoder that cannot compute with one word: its embedding is finite, but too large to be normalized.
fn with_broken_word(word: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let encoder = encoder_folder(BERT);
    for name in ["config.json", "vocab.txt"] {
        fs::copy(encoder.join(name), folder.path().join(name)).unwrap();
    }
    let vocabulary = fs::read_to_string(encoder.join("vocab.txt")).unwrap();
    let row = vocabulary.lines().position(|piece| piece == word).unwrap();
    let (mut model, _) = encoder::load_pretrained(&encoder, HeadKind::Sequence, 2, 1, &Device::flex()).unwrap();
    let size = model.config.embedding_size;
    model.visit(&mut |name, mut parameter| {
        if name == "embeddings.word_embeddings.weight" {
            let mut values = parameter.values();
            values[row * size..(row + 1) * size].fill(f32::MAX);
            parameter.set(values);
        }
    });
    encoder::save_weights(&model, &folder.path().join("model.safetensors")).unwrap();
    folder
}

#[test]
fn a_single_broken_step_is_skipped_and_training_goes_on() {
    let mut bench = bench(Task::Classification, BERT, &[("epochs", "3"), ("keep", "last")], short);
    let encoder = with_broken_word("heart");
    bench.encoder = encoder.path().into();
    // One text of the training split alone holds the word: one step in each epoch breaks.
    bench.dataset.train[3].text.push_str(" heart");
    let (trained, events) = bench.train();
    assert_eq!((trained.outcome, trained.steps, warnings(&events)), (Outcome::Completed, 9, 3));
    let steps: Vec<f64> = events
        .iter()
        .filter_map(|event| if let Event::Step { loss, .. } = event { Some(*loss) } else { None })
        .collect();
    assert_eq!(steps.len(), 6);
    assert!(steps.iter().all(|loss| loss.is_finite()));
    let moved = bench.weights();
    assert!(bench.first_weights().iter().any(|(name, values)| *values != moved[name]));
}

#[test]
fn a_run_without_a_single_sound_step_leaves_no_model() {
    let mut bench = bench(Task::Classification, BERT, &[("epochs", "1"), ("batch-size", "32")], short);
    let encoder = with_broken_word("[CLS]");
    bench.encoder = encoder.path().into();
    let error = bench.go(false, &mut |_| Control::Continue).unwrap_err();
    assert!(matches!(error, TrainError::NonFinite { step: 1, steps: 1, .. }), "{error}");
    assert!(!bench.model_folder().exists());
}

#[test]
fn a_sentence_of_which_the_tokenizer_leaves_nothing_breaks_no_step() {
    let mut bench = bench(Task::Ner, BERT, &[("batch-size", "1"), ("epochs", "1")], short);
    let empty = Example {
        text: "\u{200b}".into(),
        words: std::iter::once(0..1).collect(),
        gold: Some(Gold::Entities(vec![])),
        ..bench.dataset.train[0].clone()
    };
    bench.dataset.train[0] = empty;
    let (trained, events) = bench.train();
    assert_eq!((warnings(&events), trained.steps), (0, 20));
    let silent = events.iter().filter(|event| matches!(event, Event::Step { loss, .. } if *loss == 0.0)).count();
    assert_eq!(silent, 1);
}

/// Stops a run at each of some steps (0 is before the first) and checks that it goes on to the end of an uninterrupted one.
fn stops_and_goes_on(task: Task, encoder: &str, settings: &[(&str, &str)], stops: &[usize]) {
    let whole = bench(task, encoder, settings, short);
    let (expected, _) = whole.train();
    for &stop in stops {
        let parts = bench(task, encoder, settings, short);
        let mut hear = |event: &Event| match event {
            Event::Started { .. } if stop == 0 => Control::Stop,
            Event::Step { step, .. } if *step == stop => Control::Stop,
            _ => Control::Continue,
        };
        let stopped = parts.go(false, &mut hear).unwrap();
        assert_eq!((stopped.outcome, stopped.steps), (Outcome::Stopped, stop));
        let predictor = Predictor::load(&parts.model_folder(), &Compute::cpu()).unwrap();
        let again = predictor.predict(&parts.dataset.test, &mut |_, _| Control::Continue).unwrap();
        assert_eq!(again, stopped.predictions);

        let resumed = parts.resume();
        assert_eq!((resumed.outcome, resumed.steps), (expected.outcome, expected.steps));
        assert_eq!((resumed.kept_epoch, &resumed.dev), (expected.kept_epoch, &expected.dev));
        assert_eq!(resumed.predictions, expected.predictions);
        assert!(parts.weights() == whole.weights(), "{task}, {encoder}: stopped at {stop}, other weights in the end");
    }
}

#[test]
fn a_stopped_run_goes_on_to_the_same_bits() {
    // Three steps an epoch: within the first and the second epoch, and at the end of one.
    stops_and_goes_on(Task::Classification, BERT, &[("keep", "last")], &[0, 1, 3, 5]);
    stops_and_goes_on(Task::Ner, ELECTRA, &[("presets", "freeze"), ("accumulate", "3")], &[2, 4]);
    stops_and_goes_on(Task::Classification, ELECTRA, &[("presets", "reinit-top"), ("epochs", "3")], &[4, 8]);
    stops_and_goes_on(Task::Ner, BERT, &[("presets", "layerwise-decay"), ("class-weights", "true")], &[3]);
    stops_and_goes_on(Task::Pico, BERT, &[("presets", "freeze")], &[4]);
    stops_and_goes_on(Task::Similarity, BERT, &[("presets", "reinit-top"), ("accumulate", "2")], &[4]);
    stops_and_goes_on(Task::Multilabel, ELECTRA, &[("class-weights", "true")], &[2]);
}

#[test]
fn a_run_that_ended_is_not_trained_further_when_resumed() {
    for settings in [vec![], vec![("patience", "1"), ("learning-rate", "1e-9"), ("epochs", "6")]] {
        let bench = bench(Task::Classification, BERT, &settings, short);
        let (ended, _) = bench.train();
        let weights = bench.weights();
        // As if the program had been killed after its last checkpoint.
        fs::remove_dir_all(bench.model_folder()).unwrap();
        let again = bench.resume();
        assert_eq!((again.outcome, again.steps), (ended.outcome, ended.steps));
        assert_eq!(again.predictions, ended.predictions);
        assert!(bench.weights() == weights);
    }
}

#[test]
fn a_checkpoint_of_another_encoder_data_or_settings_is_refused() {
    let mut bench = bench(Task::Classification, BERT, &[("epochs", "1")], short);
    let paused = bench.go(false, &mut |event| match event {
        Event::Step { .. } => Control::Pause,
        _ => Control::Continue,
    });
    assert!(matches!(paused, Err(TrainError::Paused)));
    let refused = |bench: &Bench| bench.go(true, &mut |_| Control::Continue).unwrap_err();
    bench.recipe.seed += 1;
    let error = refused(&bench);
    assert!(error.code() == "checkpoint-mismatch" && error.to_string().contains("recipe"), "{error}");
    bench.recipe.seed -= 1;
    bench.encoder = encoder_folder(ELECTRA);
    let error = refused(&bench);
    assert!(error.code() == "checkpoint-mismatch" && error.to_string().contains("encoder"), "{error}");
    bench.dataset = dataset(Task::Classification, |_| 9);
    let error = refused(&bench);
    assert!(error.code() == "checkpoint-mismatch" && error.to_string().contains("data"), "{error}");
}

/// The logits of each window of an example by itself.
fn window_logits(model: &Model, tokenizer: &Tokenizer, example: &Example, recipe: &Recipe) -> Vec<Vec<f32>> {
    let encoded = corpus::encode(tokenizer, std::slice::from_ref(example), recipe.task, recipe.max_length);
    let logits = |window: &corpus::Window| {
        let whole = |values: &[u32]| values.iter().map(|&value| value as i32).collect::<Vec<_>>();
        let size = window.ids.len();
        let inputs = Inputs::new(whole(&window.ids), whole(&window.segments), Texts::new([(size, size)]));
        floats(model.forward(&inputs, None, None))
    };
    encoded.windows.iter().map(logits).collect()
}

/// The softmax of the mean over windows.
fn pooled(windows: &[Vec<f32>]) -> Vec<f64> {
    let mean = |class: usize| windows.iter().map(|row| f64::from(row[class])).sum::<f64>() / windows.len() as f64;
    let weights: Vec<f64> = (0..windows[0].len()).map(|class| mean(class).exp()).collect();
    weights.iter().map(|weight| weight / weights.iter().sum::<f64>()).collect()
}

#[test]
fn the_answer_to_a_long_text_is_the_softmax_of_the_mean_over_its_windows() {
    // Half of the texts are too long for one window.
    let length = |index: usize| if index.is_multiple_of(2) { 5 } else { 40 };
    for encoder in [BERT, ELECTRA] {
        let bench = bench(Task::Classification, encoder, &[("max-length", "16"), ("epochs", "4")], length);
        let (trained, events) = bench.train();
        assert!(matches!(events[0], Event::Started { windowed_share, .. } if windowed_share == 0.5));
        let note = "10 training texts (50.0 %) are longer than 16 pieces";
        assert!(trained.notes.iter().any(|said| said.starts_with(note)), "{:?}", trained.notes);
        let model = encoder::load_trained(&bench.model_folder(), &Device::flex()).unwrap();
        let tokenizer = Tokenizer::load(&bench.model_folder()).unwrap();
        for (example, prediction) in bench.dataset.test.iter().zip(&trained.predictions) {
            let windows = window_logits(&model, &tokenizer, example, &bench.recipe);
            assert_eq!(windows.len() > 1, example.text.len() > 100);
            for (a, b) in prediction.probabilities.iter().zip(pooled(&windows)) {
                assert!((f64::from(*a) - b).abs() < 1e-5, "{a} for {b}");
            }
        }
    }
}

#[test]
fn entities_are_found_in_every_window() {
    let settings = [("max-length", "16"), ("epochs", "15"), ("learning-rate", "5e-3")];
    let bench = bench(Task::Ner, BERT, &settings, |_| 43);
    let (trained, _) = bench.train();
    assert_eq!(trained.test.main(), 1.0);
    // Several windows of 14 words: entities stand in all of them, and at the very end.
    for (example, prediction) in bench.dataset.test.iter().zip(&trained.predictions) {
        let Some(Gold::Entities(gold)) = &example.gold else { panic!("no entities") };
        let found: Vec<_> = prediction.entities.iter().map(|span| (span.start, span.end, span.label)).collect();
        assert_eq!(found, gold.iter().map(|span| (span.start, span.end, span.label)).collect::<Vec<_>>());
        assert!(gold.len() >= 6 && gold.last().unwrap().end == example.text.chars().count());
    }
}

#[test]
fn predictions_of_the_saved_model_are_those_of_the_run() {
    for task in Task::ALL {
        for encoder in [BERT, ELECTRA] {
            let bench = bench(task, encoder, &[], short);
            let (trained, _) = bench.train();
            let predictor = Predictor::load(&bench.model_folder(), &Compute::cpu()).unwrap();
            assert_eq!((predictor.terms.task, &predictor.terms.labels), (task, &bench.dataset.labels));
            let again = predictor.predict(&bench.dataset.test, &mut |_, _| Control::Continue).unwrap();
            assert_eq!(again, trained.predictions, "{task}, {encoder}");
        }
    }
}

#[test]
fn a_model_whose_labels_do_not_fit_its_weights_is_refused() {
    let bench = bench(Task::Classification, BERT, &[("epochs", "1")], short);
    bench.train();
    let path = bench.model_folder().join("config.json");
    let mut config: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    config["ballast"]["labels"] = serde_json::json!(["ill"]);
    fs::write(&path, config.to_string()).unwrap();
    let error = Predictor::load(&bench.model_folder(), &Compute::cpu()).err().unwrap();
    assert_eq!(error.code(), "model-not-trained", "{error}");
}

#[test]
fn balanced_weights_are_those_of_scikit_learn() {
    // compute_class_weight("balanced", classes=[0, 1, 2], y=[0] * 6 + [1] * 3 + [2]) of scikit-learn 1.9.1, which is
    // n_samples / (n_classes * np.bincount(y)) after King and Zeng (2001).
    let expected = [0.555_555_56, 1.111_111_11, 3.333_333_33];
    for (a, b) in balanced_weights(&[6, 3, 1]).into_iter().zip(expected) {
        assert!((f64::from(a) - b).abs() < 1e-6, "{a} for {b}");
    }
    assert_eq!(balanced_weights(&[4, 0]), [0.5, 1.0]);
}

#[test]
fn class_weights_weigh_the_loss() {
    for weighted in [false, true] {
        let text = weighted.to_string();
        let settings = [("class-weights", text.as_str()), ("batch-size", "20"), ("dropout", "0"), ("epochs", "1")];
        let mut bench = bench(Task::Classification, BERT, &settings, short);
        // 15 of one class and 5 of the other.
        for (index, example) in bench.dataset.train.iter_mut().enumerate() {
            example.gold = Some(Gold::Class(usize::from(index % 4 == 0)));
        }
        let (_, events) = bench.train();
        let loss =
            events.iter().find_map(|event| if let Event::Step { loss, .. } = event { Some(*loss) } else { None });
        let model = bench.first_model();
        let tokenizer = Tokenizer::load(&bench.encoder).unwrap();
        let (mut sum, mut weights) = (0.0, 0.0);
        for (index, example) in bench.dataset.train.iter().enumerate() {
            let class = usize::from(index % 4 == 0);
            let weight = if weighted { [20.0 / 30.0, 20.0 / 10.0][class] } else { 1.0 };
            sum -= weight * pooled(&window_logits(&model, &tokenizer, example, &bench.recipe))[class].ln();
            weights += weight;
        }
        let (loss, expected) = (loss.unwrap(), sum / weights);
        assert!((loss - expected).abs() < 1e-5, "{weighted}: {loss} for {expected}");
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let weights = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let bench = bench(Task::Classification, BERT, &[("keep", "last")], |index| 10 + index);
            bench.train();
            bench.weights()
        })
    };
    assert!(weights(1) == weights(4));
}
