//! What is saved loads again to the bit, and what is drawn anew follows Zhang et al. 2021.

use crate::{bert, electra, values_of, without_weights};
use burn::tensor::Device;
use encoder::{Config, HeadKind, Model, load_pretrained, load_trained, reinitialize_top, save};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn labels(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

fn pretrained(encoder: &Path, kind: HeadKind, outputs: usize) -> Model {
    load_pretrained(encoder, kind, outputs, 7, &Device::flex()).unwrap().0
}

fn config_of(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("config.json")).unwrap()).unwrap()
}

const SINGLE: &str = "single_label_classification";

#[test]
fn a_saved_model_loads_to_the_same_bits() {
    for encoder in [bert(), electra()] {
        for kind in [HeadKind::Sequence, HeadKind::Token] {
            let model = pretrained(&encoder, kind, 3);
            let folder = tempfile::tempdir().unwrap();
            save(&model, &labels(&["a", "b", "c"]), SINGLE, json!(null), folder.path()).unwrap();
            let again = load_trained(folder.path(), &Device::flex()).unwrap();
            assert_eq!((again.kind, again.config.family), (kind, model.config.family));
            assert!(values_of(&again) == values_of(&model), "{kind:?} {}", encoder.display());
        }
    }
}

#[test]
fn the_saved_config_names_labels_and_architecture() {
    let folder = tempfile::tempdir().unwrap();
    let names = labels(&["no", "yes"]);
    save(&pretrained(&bert(), HeadKind::Sequence, 2), &names, SINGLE, json!({"task": "x"}), folder.path()).unwrap();
    let config = config_of(folder.path());
    assert_eq!(config["architectures"], json!(["BertForSequenceClassification"]));
    assert_eq!(config["id2label"], json!({"0": "no", "1": "yes"}));
    assert_eq!(config["label2id"], json!({"no": 0, "yes": 1}));
    assert_eq!(config["problem_type"], "single_label_classification");
    assert_eq!(config["ballast"], json!({"task": "x"}));
    assert_eq!(config["hidden_dropout_prob"], 0.1, "a field of the encoder's config was lost");

    save(&pretrained(&electra(), HeadKind::Token, 2), &names, SINGLE, json!(null), folder.path()).unwrap();
    let config = config_of(folder.path());
    assert_eq!(config["architectures"], json!(["ElectraForTokenClassification"]));
    assert!(config.get("problem_type").is_none());
}

#[test]
fn what_no_longer_holds_is_not_saved() {
    let source = without_weights(&bert());
    fs::copy(bert().join("model.safetensors"), source.path().join("model.safetensors")).unwrap();
    let mut config = config_of(&bert());
    let stale = ["_name_or_path", "torch_dtype", "dtype", "finetuning_task", "num_labels"];
    for (name, value) in
        stale.into_iter().zip([json!("C:/downloads/x"), json!("float16"), json!("float16"), json!("mnli"), json!(3)])
    {
        config[name] = value;
    }
    config["id2label"] = json!({"0": "entailment", "1": "neutral", "2": "contradiction"});
    config["problem_type"] = json!("regression");
    fs::write(source.path().join("config.json"), config.to_string()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    save(&pretrained(source.path(), HeadKind::Token, 1), &labels(&["O"]), SINGLE, json!(null), folder.path()).unwrap();
    let config = config_of(folder.path());
    for name in stale.into_iter().chain(["problem_type"]) {
        assert!(config.get(name).is_none(), "{name} is {}", config[name]);
    }
    assert_eq!(config["id2label"], json!({"0": "O"}));
}

#[test]
fn a_trained_model_without_its_head_is_refused() {
    let folder = without_weights(&bert());
    fs::copy(bert().join("model.safetensors"), folder.path().join("model.safetensors")).unwrap();
    assert_eq!(load_trained(folder.path(), &Device::flex()).unwrap_err().code(), "encoder-tensor-missing");
}

/// Mean and standard deviation.
fn moments(values: &[f32]) -> (f64, f64) {
    let size = values.len() as f64;
    let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / size;
    (mean, (values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / size).sqrt())
}

#[test]
fn redrawing_changes_the_pooler_and_the_top_layers_alone() {
    let all: [(usize, Vec<&str>); 3] =
        [(0, vec![]), (1, vec!["encoder.layer.1.", "pooler."]), (2, vec!["encoder.layer.", "pooler."])];
    for (layers, redrawn) in all {
        let before = pretrained(&bert(), HeadKind::Sequence, 3);
        let mut model = before.clone();
        reinitialize_top(&mut model, layers, 5);
        let before = values_of(&before);
        for (name, values) in values_of(&model) {
            if !redrawn.iter().any(|part| name.starts_with(part)) {
                assert!(values == before[&name], "{name} has changed");
            } else if name.ends_with("LayerNorm.weight") {
                assert!(values.iter().all(|&value| value == 1.0), "{name}");
            } else if name.ends_with("bias") {
                assert!(values.iter().all(|&value| value == 0.0), "{name}");
            } else {
                assert!(values.iter().zip(&before[&name]).all(|(a, b)| a != b), "{name} has kept an element");
                // At least 1024 values: the standard deviation is within 2.2 % of the true one two times in three.
                let (mean, deviation) = moments(&values);
                assert!(mean.abs() < 0.003 && (deviation - 0.02).abs() < 0.002, "{name}: {mean} {deviation}");
            }
        }
    }
}

#[test]
fn redrawing_follows_from_the_seed_and_each_parameter_differs() {
    let drawn = |seed| {
        let mut model = pretrained(&electra(), HeadKind::Sequence, 3);
        reinitialize_top(&mut model, 2, seed);
        values_of(&model)
    };
    assert!(drawn(1) == drawn(1));
    let (one, two) = (drawn(1), drawn(2));
    let query = "encoder.layer.0.attention.self.query.weight";
    assert_ne!(one[query], two[query]);
    assert_ne!(one[query], one["encoder.layer.0.attention.self.key.weight"]);
    assert_ne!(one[query], one["encoder.layer.1.attention.self.query.weight"]);
}

#[test]
fn a_random_encoder_is_a_folder_that_loads() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::read(&electra()).unwrap();
    let vocabulary: Vec<String> =
        fs::read_to_string(electra().join("vocab.txt")).unwrap().lines().map(String::from).collect();
    encoder::random_encoder(folder.path(), &config, &vocabulary, 3).unwrap();
    let facts = encoder::inspect_folder(folder.path()).unwrap();
    assert_eq!((facts.tokenizer.as_str(), facts.unused.len()), ("vocab.txt", 0));
    assert_eq!(facts.parameters, encoder::inspect_folder(&electra()).unwrap().parameters);
}
