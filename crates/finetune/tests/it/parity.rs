//! The same numbers as Hugging Face `transformers` on PyTorch: hidden states, logits, loss, gradients, and logits after ten
//! steps of AdamW. The golden values come from `tests/golden/encoder.py`; `BALLAST_GOLDEN` names a folder with a full set.

use crate::{fetched_encoder, root};
use burn::tensor::Device;
use encoder::{Checkpoint, HeadKind, Inputs, Model, Texts, floats};
use finetune::{AdamW, Update, clip_factor, collect, cross_entropy, global_norm};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

struct Golden {
    file: Checkpoint,
    thinned: HashMap<String, Value>,
}

impl Golden {
    fn open(name: &str) -> Self {
        let folder =
            std::env::var_os("BALLAST_GOLDEN").map_or_else(|| root().join("tests/golden/encoder"), PathBuf::from);
        let (file, metadata) = Checkpoint::open_file(&folder.join(format!("{name}.safetensors"))).unwrap();
        let thinned = metadata.iter().filter_map(|(k, v)| Some((k.clone(), serde_json::from_str(v).ok()?))).collect();
        Self { file, thinned }
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        self.file.values(name).unwrap_or_else(|| panic!("the golden file has no {name}")).unwrap()
    }

    fn integers(&self, name: &str) -> Vec<i32> {
        self.file.integers(name).unwrap_or_else(|| panic!("the golden file has no {name}"))
    }

    /// The largest difference from the golden tensor, relative to its largest element.
    fn difference(&self, name: &str, values: &[f32]) -> f64 {
        let golden = self.floats(name);
        let thinned = self.thinned.get(name);
        // Missing for what is kept whole.
        let stride = thinned.and_then(|facts| facts["stride"].as_u64()).unwrap_or(1) as usize;
        let largest = thinned
            .and_then(|facts| facts["max"].as_f64())
            .unwrap_or_else(|| golden.iter().fold(0.0, |max, value| f64::max(max, f64::from(value.abs()))));
        assert_eq!(values.len().div_ceil(stride), golden.len(), "{name} has another size");
        let apart =
            values.iter().step_by(stride).zip(&golden).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
        apart / largest
    }
}

/// Loads an encoder, puts the golden head in, and compares everything.
fn check(name: &str, encoder: &Path, kind: HeadKind) {
    let head = if kind == HeadKind::Sequence { "sequence" } else { "token" };
    let golden = Golden::open(&format!("{name}.{head}"));
    let outputs = golden.file.shape("logits").unwrap().last().copied().unwrap();
    let device = Device::flex().autodiff();
    let (mut model, _) = encoder::load_pretrained(encoder, kind, outputs, 1, &device).unwrap();
    model.visit(&mut |part, mut parameter| {
        for full in [format!("init.{part}"), format!("init.bert.{part}"), format!("init.electra.{part}")] {
            if let Some(values) = golden.file.values(&full) {
                parameter.set(values.unwrap());
            }
        }
    });
    model.set_trainable(|_| true);

    let length = golden.file.shape("input_ids").unwrap()[1];
    let mask = golden.integers("attention_mask");
    let texts = Texts::padded(&mask, length);
    let inputs = Inputs::new(golden.integers("input_ids"), golden.integers("token_type_ids"), texts);
    check_hidden_states(&golden, &model, &inputs, &mask, length);

    let targets = golden.integers("labels");
    let count = targets.iter().filter(|&&target| target >= 0).count() as f32;
    let mut optimizer = AdamW::default();
    for step in 0..10 {
        let logits = model.forward(&inputs, None, None);
        let loss = cross_entropy(logits.clone(), &targets, None, count);
        let mut gradients = loss.backward();
        if step == 0 {
            close(&golden, "logits", &floats(logits), 1e-4);
            close(&golden, "loss", &floats(loss), 1e-4);
        }
        let gradients = collect(&mut model, &mut gradients);
        if step == 0 {
            check_gradients(&golden, &mut model, &gradients);
        }
        let scale = clip_factor(global_norm(&gradients), 1.0);
        optimizer.step(&mut model, gradients, &Update::plain(&|_| Some(5e-5), 0.01, scale));
    }
    close(&golden, "logits_after", &floats(model.forward(&inputs, None, None)), 1e-4);
}

fn close(golden: &Golden, name: &str, values: &[f32], tolerance: f64) {
    let difference = golden.difference(name, values);
    assert!(difference <= tolerance, "{name} differs by {difference:.2e}, allowed is {tolerance:.0e}");
}

/// Padded positions hold nothing that anyone reads, so only real ones are compared.
fn check_hidden_states(golden: &Golden, model: &Model, inputs: &Inputs, mask: &[i32], length: usize) {
    let hidden = model.config.hidden_size;
    let mut x = model.embed(inputs, None);
    for index in 0..=model.layers.len() {
        if index > 0 {
            x = model.encode(x, &inputs.texts, index - 1..index, None);
        }
        let name = format!("hidden.{index}");
        let values = floats(x.clone());
        assert_eq!(values.len(), mask.len() * hidden);
        let stride = golden.thinned.get(&name).and_then(|facts| facts["stride"].as_u64()).unwrap_or(1) as usize;
        let expected = golden.floats(&name);
        let largest = expected.iter().fold(0.0f32, |max, value| max.max(value.abs()));
        let apart = (values.iter().step_by(stride).zip(&expected).enumerate())
            .filter(|(place, _)| mask[place * stride / hidden] == 1)
            .map(|(_, (a, b))| (a - b).abs())
            .fold(0.0f32, f32::max);
        assert!(apart <= 1e-4 * largest, "{name} of length {length} differs by {apart} of {largest}");
    }
}

fn check_gradients(golden: &Golden, model: &mut Model, gradients: &finetune::GradientSet) {
    let mut names = Vec::new();
    let full = model.clone();
    model.visit(&mut |name, _| names.push(full.full_name(name)));
    let values: Vec<Vec<f32>> =
        gradients.iter().map(|gradient| gradient.as_ref().expect("every parameter has a gradient").values()).collect();
    let largest = values.iter().flatten().fold(0.0f32, |max, value| max.max(value.abs()));
    for (name, values) in names.iter().zip(&values) {
        if name.ends_with("key.bias") {
            let own = values.iter().fold(0.0f32, |max, value| max.max(value.abs()));
            assert!(own <= 1e-6 * largest, "{name} has a gradient of {own}, but should have none beside {largest}");
        } else {
            close(golden, &format!("grad.{name}"), values, 1e-3);
            check_rows(golden, name, values);
        }
    }
}

/// Of a large embedding table few rows have a gradient; the golden file holds those whole.
fn check_rows(golden: &Golden, name: &str, values: &[f32]) {
    let key = format!("rows.{name}");
    let Some(shape) = golden.file.shape(&key) else { return };
    let columns = shape[1];
    let rows = golden.thinned[&key]["rows"].as_array().unwrap().iter().map(|row| row.as_u64().unwrap() as usize);
    let own: Vec<f32> = rows.flat_map(|row| values[row * columns..(row + 1) * columns].to_vec()).collect();
    close(golden, &key, &own, 1e-3);
}

fn both_heads(name: &str, encoder: &Path) {
    check(name, encoder, HeadKind::Sequence);
    check(name, encoder, HeadKind::Token);
}

#[test]
fn a_random_bert_equals_transformers() {
    both_heads("bert-small-random", &root().join("tests/golden/encoder/bert-small-random"));
}

#[test]
fn a_random_electra_with_projected_embeddings_equals_transformers() {
    both_heads("electra-small-random", &root().join("tests/golden/encoder/electra-small-random"));
}

#[test]
fn bert_tiny_equals_transformers() {
    let Some(encoder) = fetched_encoder("bert-tiny") else { return };
    both_heads("bert-tiny", &encoder);
}

#[test]
fn minilm_equals_transformers() {
    let Some(encoder) = fetched_encoder("minilm-l6") else { return };
    both_heads("minilm", &encoder);
}

/// An ELECTRA whose embeddings are as wide as its layers is a BERT without a pooler under other names.
#[test]
fn bert_tiny_renamed_to_electra_equals_transformers() {
    let Some(bert) = fetched_encoder("bert-tiny") else { return };
    let folder = tempfile::tempdir().unwrap();
    let content = fs::read(bert.join("model.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&content).unwrap();
    let renamed = tensors.iter().map(|(name, view)| (name.replacen("bert.", "electra.", 1), view));
    fs::write(folder.path().join("model.safetensors"), safetensors::serialize(renamed, None).unwrap()).unwrap();
    let mut config: Value = serde_json::from_str(&fs::read_to_string(bert.join("config.json")).unwrap()).unwrap();
    config["model_type"] = "electra".into();
    config["embedding_size"] = config["hidden_size"].clone();
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    both_heads("electra-tiny", folder.path());
}
