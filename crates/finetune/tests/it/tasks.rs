//! The tasks beyond classes and entities: their losses, decoding and scores, and markers that join the vocabulary.

use crate::small::{BERT, ELECTRA, bench, short, values_of};
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use corpus::{Dataset, Gold, Marking, Options, Task, Tokenizer};
use encoder::{Compute, floats};
use finetune::{
    Control, Predictor, Scores, Target, Terms, binary_cross_entropy, positive_weights, reaching, score, squared_error,
};

fn logits(values: &[f32], width: usize) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len() / width, width]), &Device::flex())
}

#[test]
fn losses_are_those_of_pytorch() {
    // torch.nn.functional.binary_cross_entropy_with_logits of PyTorch 2.15 on these numbers, without and with pos_weight,
    // and mse_loss.
    let x = [0.5, -2.0, 30.0, -40.0, 0.0, 3.0];
    let sets = [vec![0, 1], vec![2]];
    let plain = floats(binary_cross_entropy(logits(&x, 3), &sets, None, 6.0))[0];
    assert!((plain - REFERENCE[0]).abs() < 1e-5, "{plain}");
    let weighted = floats(binary_cross_entropy(logits(&x, 3), &sets, Some(&[2.0, 0.5, 3.0]), 6.0))[0];
    assert!((weighted - REFERENCE[1]).abs() < 1e-5, "{weighted}");
    let squared = floats(squared_error(logits(&[0.5, -2.0, 3.25], 1), &[1.0, 0.0, 4.0], 3.0))[0];
    assert!((squared - 1.604_166_7).abs() < 1e-6, "{squared}");
}

/// Mean over six numbers of max(x, 0) − x y + ln(1 + e^−|x|), the two that are y = 1 with their weights in the second.
const REFERENCE: [f32; 2] = [5.557_123, 5.475_088];

#[test]
fn weights_of_labels_are_their_odds() {
    assert_eq!(positive_weights(&[5, 20, 0], 20), [3.0, 1.0, 1.0]);
}

#[test]
fn every_task_learns_and_says_how_well() {
    for (task, least) in [
        (Task::Pico, 0.95),
        (Task::Relation, 0.95),
        (Task::Similarity, 0.95),
        (Task::Multilabel, 0.95),
        (Task::Qa, 0.9),
    ] {
        let bench = bench(task, BERT, &[("epochs", "40"), ("learning-rate", "3e-3")], short);
        let (trained, _) = bench.train();
        assert!(trained.test.main() >= least, "{task}: {:?}", trained.test);
        assert!(!trained.failed, "{task}");
        let named = serde_json::to_value(&trained.test).unwrap();
        assert_eq!(named["task"], task.name());
    }
}

#[test]
fn a_model_that_answers_always_the_same_has_failed() {
    for task in Task::ALL {
        let data = bench(task, BERT, &[], short).dataset;
        let constant = |example: &corpus::Example| match &example.gold {
            Some(Gold::Class(_)) => finetune::Prediction { class: Some(0), ..Default::default() },
            Some(Gold::Labels(_)) => finetune::Prediction {
                probabilities: vec![1.0, 0.0, 1.0],
                labels: Some(vec![0, 2]),
                ..Default::default()
            },
            Some(Gold::Score(_)) => finetune::Prediction { score: Some(1.875), ..Default::default() },
            _ => finetune::Prediction::default(),
        };
        let predictions: Vec<_> = data.test.iter().map(constant).collect();
        let scores = score(&Terms::of(&data), &data.test, &predictions);
        assert!(scores.failed(), "{task}: {scores:?}");
    }
}

#[test]
fn labels_hold_from_the_threshold_on() {
    assert_eq!(reaching(&[0.5, 0.49, 0.9], 0.5), [0, 2]);
    assert_eq!(reaching(&[0.5, 0.49, 0.9], 0.95), Vec::<usize>::new());
}

#[test]
fn sentences_of_a_document_are_scored_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hoc.tsv");
    let row =
        |n: usize| format!("0_{},1_{}\tsentence {n}\t{}_s{}\n", n % 2, usize::from(n.is_multiple_of(3)), n / 2, n % 2);
    let rows: String = (0..40).map(row).collect();
    std::fs::write(&path, format!("labels\tsentence\tindex\n{rows}")).unwrap();
    let data = corpus::load(&path, &Options::default()).unwrap();
    assert_eq!((data.task, data.labels.as_slice()), (Task::Multilabel, &["0".to_string(), "1".to_string()][..]));
    // Every document has one sentence with label 0, so saying so of any of them is right.
    let predictions: Vec<_> = (data.test.iter())
        .map(|example| {
            let first = example.id.ends_with("_s0");
            finetune::Prediction { probabilities: vec![if first { 0.9 } else { 0.1 }, 0.0], ..Default::default() }
        })
        .collect();
    let Scores::Multilabel(scores) = score(&Terms::of(&data), &data.test, &predictions) else {
        panic!("not multilabel")
    };
    assert_eq!((scores.n, scores.per_label[0].f1), (data.test.len() / 2, 1.0));
}

fn with_markers(mut dataset: Dataset, marking: Marking) -> Dataset {
    let folder = tempfile::tempdir().unwrap();
    for (split, examples) in [("train", &dataset.train), ("dev", &dataset.dev), ("test", &dataset.test)] {
        let line = |example: &corpus::Example| {
            let Some(Gold::Class(class)) = example.gold else { panic!("no class") };
            let text = example.text.replace("@GENE$", "<e1>drug</e1>").replace("@DISEASE$", "<e2>lung</e2>");
            format!("{text},{}\n", dataset.labels[class])
        };
        let lines: String = examples.iter().map(line).collect();
        std::fs::write(folder.path().join(format!("{split}.csv")), format!("text,label\n{lines}")).unwrap();
    }
    let options = Options { marking: Some(marking), ..Options::default() };
    dataset = corpus::load(folder.path(), &options).unwrap();
    dataset
}

#[test]
fn markers_join_the_vocabulary_learn_and_are_saved() {
    for (encoder, presets) in [(BERT, "standard"), (BERT, "freeze"), (ELECTRA, "freeze")] {
        let mut bench = bench(Task::Relation, encoder, &[("presets", presets)], short);
        bench.dataset = with_markers(bench.dataset, Marking::Markers);
        assert_eq!(bench.dataset.markers, ["[E1]", "[/E1]", "[E2]", "[/E2]"]);
        assert!(bench.dataset.train[0].text.starts_with("[E1]drug[/E1] "));
        let (trained, _) = bench.train();

        let tokenizer = Tokenizer::load(&bench.model_folder()).unwrap();
        let original = Tokenizer::load(&bench.encoder).unwrap();
        let pieces = tokenizer.encode_text("[E1]drug[/E1]").ids;
        assert_eq!(pieces.len(), 3);
        assert!(pieces[0] as usize >= original.vocab_size() && pieces[2] == pieces[0] + 1);

        // The new rows start as means and then learn; with the embeddings frozen, all others stay as they were.
        let before = bench.first_weights().remove("embeddings.word_embeddings.weight").unwrap();
        let model = encoder::load_trained(&bench.model_folder(), &Device::flex()).unwrap();
        let width = model.config.embedding_size;
        let after = values_of(&model).remove("embeddings.word_embeddings.weight").unwrap();
        let row = |values: &[f32], id: u32| values[id as usize * width..][..width].to_vec();
        let consisted = original.encode_text("[E1]").ids;
        let mean: Vec<f32> = (0..width)
            .map(|at| {
                consisted.iter().map(|&id| before[id as usize * width + at]).sum::<f32>() / consisted.len() as f32
            })
            .collect();
        let learnt = row(&after, pieces[0]);
        assert_ne!(learnt, mean);
        let moved = learnt.iter().zip(&mean).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(moved < 0.1, "{moved}");
        let known = original.vocab_size() * width;
        assert_eq!(after[..known] == before[..known], presets == "freeze", "{encoder} {presets}");

        let predictor = Predictor::load(&bench.model_folder(), &Compute::cpu()).unwrap();
        let again = predictor.predict(&bench.dataset.test, &mut |_, _| Control::Continue).unwrap();
        assert_eq!(again, trained.predictions);
    }
}

#[test]
fn a_run_with_markers_goes_on_to_the_same_bits() {
    let whole = || {
        let mut bench = bench(Task::Relation, BERT, &[("presets", "freeze")], short);
        bench.dataset = with_markers(bench.dataset, Marking::Markers);
        bench
    };
    let (uninterrupted, parts) = (whole(), whole());
    uninterrupted.train();
    let mut hear = |event: &finetune::Event| match event {
        finetune::Event::Step { step: 3, .. } => Control::Stop,
        _ => Control::Continue,
    };
    parts.go(false, &mut hear).unwrap();
    parts.resume();
    assert!(parts.weights() == uninterrupted.weights());
}

#[test]
fn markers_can_be_read_as_dummy_tokens() {
    let bench = bench(Task::Relation, BERT, &[], short);
    let dataset = with_markers(bench.dataset, Marking::Dummies);
    assert!(dataset.markers.is_empty());
    assert!(dataset.train[0].text.starts_with("@E1$ "), "{}", dataset.train[0].text);
}

/// What words and special tokens contribute sums up to what the text raises the logit by: the completeness axiom of
/// integrated gradients.
#[test]
fn an_explanation_adds_up() {
    for (task, encoder) in [
        (Task::Classification, BERT),
        (Task::Classification, ELECTRA),
        (Task::Similarity, BERT),
        (Task::Multilabel, BERT),
        (Task::Qa, ELECTRA),
        (Task::Ner, BERT),
    ] {
        let bench = bench(task, encoder, &[], short);
        bench.train();
        let predictor = Predictor::load(&bench.model_folder(), &Compute::cpu()).unwrap();
        let example = &bench.dataset.test[0];
        let target = if task == Task::Ner { Target::Word { word: 1, tag: 1 } } else { Target::Output(0) };
        let found = predictor.explain(example, target).unwrap();
        assert!(found.error < 1e-3, "{task} {encoder}: {found:?}");
        assert!(found.logit.is_finite() && found.baseline.is_finite());
        let length = example.text.chars().count();
        let own = found.attributions.iter().filter(|own| !own.in_pair);
        assert!(own.clone().all(|own| own.start < own.end && own.end <= length));
        let characters: Vec<char> = example.text.chars().collect();
        let covered = |at: usize| own.clone().any(|own| own.start <= at && at < own.end);
        let uncovered = (0..length).filter(|&at| !characters[at].is_whitespace() && !covered(at)).count();
        assert_eq!(uncovered, 0, "{task}: every character of {:?} has its share", example.text);
        assert_eq!(example.pair.is_some(), found.attributions.iter().any(|own| own.in_pair), "{task}");
    }
}

#[test]
fn probabilities_are_calibrated_and_decisions_stay() {
    for task in [Task::Classification, Task::Multilabel, Task::Ner] {
        let bench = bench(task, BERT, &[], short);
        let (trained, _) = bench.train();
        let found = trained.calibration.expect("it is measured");
        let decisions = match task {
            Task::Classification => bench.dataset.dev.len(),
            Task::Multilabel => bench.dataset.dev.len() * bench.dataset.labels.len(),
            _ => bench.dataset.dev.iter().map(|example| example.words.len()).sum(),
        };
        // So few that a temperature would be chance, or all of them.
        assert_eq!(found.fitted_on, if decisions < 20 { 0 } else { decisions }, "{task}");
        assert!((0.05..=20.0).contains(&found.temperature), "{found:?}");
        assert_eq!(found.temperature == 1.0, found.fitted_on == 0, "{found:?}");
        assert_eq!(found.bins.len(), 10);
        let given = found.precision[0].given;
        assert_eq!(given, found.bins.iter().map(|bin| bin.count).sum::<usize>());
        let predictor = Predictor::load(&bench.model_folder(), &Compute::cpu()).unwrap();
        assert!((predictor.terms.temperature - found.temperature).abs() < 1e-12, "the model folder keeps it");
        let again = predictor.judge(&bench.dataset).unwrap();
        assert_eq!(again.predictions, trained.predictions);
        assert_eq!(again.calibration.as_ref(), Some(&found));
    }
    let bench = bench(Task::Similarity, BERT, &[], short);
    let (trained, _) = bench.train();
    assert!(trained.calibration.is_none(), "a score is no probability");
}

#[test]
fn texts_that_are_alike_have_vectors_that_are_alike() {
    let bench = bench(Task::Classification, BERT, &[], short);
    bench.train();
    let predictor = Predictor::load(&bench.model_folder(), &Compute::cpu()).unwrap();
    let texts = &bench.dataset.test[..4.min(bench.dataset.test.len())];
    let mut go_on = |_, _| Control::Continue;
    let vectors = predictor.embed(texts, &mut go_on).unwrap();
    for (text, vector) in texts.iter().zip(&vectors) {
        assert!((vector.iter().map(|value| value * value).sum::<f32>() - 1.0).abs() < 1e-5);
        let alone = predictor.embed(std::slice::from_ref(text), &mut go_on).unwrap().remove(0);
        let dot: f32 = alone.iter().zip(vector).map(|(a, b)| a * b).sum();
        assert!((dot - 1.0).abs() < 1e-5, "the same whatever else is in its batch");
    }
    let doubts = predictor.predict_doubting(texts, &mut go_on).unwrap();
    for (prediction, doubt) in doubts {
        let most = prediction.probabilities.iter().copied().fold(0.0, f32::max);
        assert!((doubt.confidence - f64::from(most)).abs() < 1e-6);
        assert!((0.0..=1.0).contains(&doubt.entropy) && (0.0..=1.0).contains(&doubt.margin));
    }
}
