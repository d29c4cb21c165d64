//! `config.json`: what is understood, and what is refused with a reason.

use crate::bert;
use encoder::{Activation, Config, EncoderError, Family};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

fn fields() -> Map<String, Value> {
    let fields = json!({
        "model_type": "bert", "vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": 64,
    });
    fields.as_object().unwrap().clone()
}

fn read(changes: Value) -> Result<Config, EncoderError> {
    let mut fields = fields();
    fields.extend(changes.as_object().unwrap().clone());
    Config::from_fields(fields, Path::new("config.json"))
}

#[track_caller]
fn invalid(changes: Value, part: &str) {
    let error = read(changes).unwrap_err();
    assert_eq!(error.code(), "encoder-config-invalid");
    assert!(error.to_string().contains(part) && error.to_string().contains("config.json"), "{error}");
}

#[test]
fn fields_that_are_left_out_have_the_values_of_transformers() {
    let config = read(json!({})).unwrap();
    assert_eq!((config.family, config.activation, config.embedding_size), (Family::Bert, Activation::Gelu, 32));
    assert_eq!((config.max_position_embeddings, config.type_vocab_size), (512, 2));
    assert_eq!((config.layer_norm_eps, config.initializer_range), (1e-12, 0.02));
    assert_eq!(read(json!({"model_type": "electra"})).unwrap().embedding_size, 128);
    assert_eq!(read(json!({"hidden_act": "gelu_new"})).unwrap().activation, Activation::GeluTanh);
    assert_eq!(read(json!({"hidden_act": "relu"})).unwrap().activation, Activation::Relu);
}

#[test]
fn a_config_that_cannot_work_says_why() {
    let mut without_size = fields();
    without_size.remove("hidden_size");
    let error = Config::from_fields(without_size, Path::new("config.json")).unwrap_err();
    assert!(error.to_string().contains("\"hidden_size\" is missing"), "{error}");
    invalid(json!({"hidden_size": null}), "\"hidden_size\" is missing");
    invalid(json!({"hidden_size": -32}), "\"hidden_size\" is -32");
    invalid(json!({"num_hidden_layers": "two"}), "\"num_hidden_layers\" is \"two\"");
    invalid(json!({"num_attention_heads": 5}), "not a multiple of \"num_attention_heads\" 5");
    invalid(json!({"hidden_act": "swish"}), "\"swish\"");
    invalid(json!({"position_embedding_type": "relative_key"}), "\"relative_key\"");
    invalid(json!({"is_decoder": true}), "decoder");
}

#[test]
fn another_architecture_is_named() {
    for other in ["roberta", "megatron-bert", "longformer", "modernbert", ""] {
        let error = read(json!({"model_type": other})).unwrap_err();
        assert_eq!(error.code(), "encoder-type-unsupported");
        assert!(error.to_string().contains(&format!("\"{other}\"")), "{error}");
    }
}

#[test]
fn a_folder_without_a_readable_config_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let code = |folder: &Path| Config::read(folder).unwrap_err().code();
    assert_eq!(code(&folder.path().join("nowhere")), "encoder-folder-missing");
    assert_eq!(code(folder.path()), "encoder-config-missing");
    fs::write(folder.path().join("config.json"), "{\"model_type\": \"bert\"").unwrap();
    assert_eq!(code(folder.path()), "encoder-config-invalid");
    fs::write(folder.path().join("config.json"), "[]").unwrap();
    assert_eq!(code(folder.path()), "encoder-config-invalid");
    assert_eq!(Config::read(&bert()).unwrap().num_hidden_layers, 2);
}
