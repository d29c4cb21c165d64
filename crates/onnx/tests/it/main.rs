//! The file says what the model says: in tract, and in ONNX Runtime where set-up has installed it.

use burn::tensor::Device;
use encoder::{Activation, Config, HeadKind, Model, initialize};
use onnx::{Pieces, Storage, largest_difference, model_file, rounded, run};
use random::{Purpose, Stream};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const OUTPUTS: usize = 3;
const ALLOWED: f64 = 1e-4;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A model whose weights are large enough that every part matters.
fn lively(family: &str, kind: HeadKind, activation: Activation) -> Model {
    let folder = root().join(format!("tests/golden/encoder/{family}-small-random"));
    let mut config = Config::read(&folder).unwrap();
    config.initializer_range = 0.2;
    config.activation = activation;
    config.max_position_embeddings = 512;
    let mut model = Model::zeros(&config, kind, OUTPUTS, &Device::flex());
    initialize(&mut model, 11);
    model
}

/// Texts of these lengths; the second half of each is its second segment.
fn texts(lengths: &[usize]) -> Vec<Pieces> {
    let mut draw = Stream::new(5, Purpose::Split, [0, 0]);
    let text = |&length: &usize| Pieces {
        ids: (0..length).map(|_| draw.below(120) as i32).collect(),
        segments: (0..length).map(|place| i32::from(2 * place > length)).collect(),
    };
    lengths.iter().map(text).collect()
}

fn models() -> Vec<(String, Model)> {
    let mut all = Vec::new();
    for family in ["bert", "electra"] {
        for kind in [HeadKind::Sequence, HeadKind::Token] {
            for activation in [Activation::Gelu, Activation::GeluTanh, Activation::Relu] {
                all.push((format!("{family} {kind:?} {activation:?}"), lively(family, kind, activation)));
            }
        }
    }
    all
}

#[test]
fn tract_says_what_the_model_says() {
    for (name, model) in models() {
        let file = model_file(&model, Storage::Single, &[]).unwrap();
        for lengths in [&[1][..], &[2, 7, 3], &[33, 64, 1, 5]] {
            let apart = largest_difference(&model, &file, &texts(lengths), 0).unwrap();
            assert!(apart < ALLOWED, "{name}, texts of {lengths:?}: {apart}");
        }
    }
}

#[test]
fn a_file_in_half_precision_is_half_as_large_and_says_what_rounded_weights_say() {
    let model = lively("bert", HeadKind::Sequence, Activation::Gelu);
    let (whole, half) =
        (model_file(&model, Storage::Single, &[]).unwrap(), model_file(&model, Storage::Half, &[]).unwrap());
    assert!(half.len() < whole.len() * 3 / 5, "{} of {} bytes", half.len(), whole.len());
    let texts = texts(&[9, 30]);
    let apart = largest_difference(&rounded(&model), &half, &texts, 0).unwrap();
    assert!(apart < ALLOWED, "{apart}");
    assert!(largest_difference(&model, &half, &texts, 0).unwrap() > apart, "nothing was rounded");
}

#[test]
fn another_model_does_not_pass() {
    let model = lively("electra", HeadKind::Token, Activation::Gelu);
    let mut other = model.clone();
    initialize(&mut other, 12);
    let file = model_file(&other, Storage::Single, &[]).unwrap();
    assert!(largest_difference(&model, &file, &texts(&[9, 30]), 0).unwrap() > 0.1);
}

#[test]
fn what_is_no_onnx_file_is_refused() {
    assert_eq!(run(b"no model", &texts(&[3]), 0).unwrap_err().code(), "onnx-does-not-run");
}

/// Every head and both families, texts from 1 to 512 pieces, alone and padded, in the runtime that most others use.
#[test]
fn onnx_runtime_says_what_the_model_says() {
    let Some(python) = std::env::var_os("BALLAST_ONNX_PYTHON") else {
        eprintln!(
            "skipped: no Python with onnxruntime; `cargo xtask test` installs one and names it in BALLAST_ONNX_PYTHON"
        );
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let batches: Vec<Vec<Pieces>> = [&[1][..], &[2], &[31, 4, 1], &[100, 129], &[511, 512, 3], &[512]]
        .iter()
        .map(|lengths| texts(lengths))
        .collect();
    let listed: Vec<Value> = batches
        .iter()
        .map(|batch| batch.iter().map(|text| json!({ "ids": text.ids, "segments": text.segments })).collect())
        .collect();
    let inputs = folder.path().join("texts.json");
    std::fs::write(&inputs, json!(listed).to_string()).unwrap();
    for (name, model) in models() {
        for storage in [Storage::Single, Storage::Half] {
            let same = if storage == Storage::Half { rounded(&model) } else { model.clone() };
            let path = folder.path().join("model.onnx");
            std::fs::write(&path, model_file(&model, storage, &[("task", "test".into())]).unwrap()).unwrap();
            let mut script = Command::new(&python);
            script.arg(root().join("tests/golden/onnx_runtime.py")).arg(&path).arg(&inputs);
            let output = script.output().unwrap();
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            let answers: Vec<Vec<f32>> = serde_json::from_slice(&output.stdout).unwrap();
            for (batch, answer) in batches.iter().zip(&answers) {
                let apart = onnx::difference(&same, answer, batch);
                assert!(apart < ALLOWED, "{name}, {storage:?}, {} texts: {apart}", batch.len());
            }
        }
    }
}
