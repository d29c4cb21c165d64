mod config;
mod forward;
mod loading;
mod saving;

use burn::tensor::Device;
use encoder::{EncoderError, HeadKind, Model};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A small encoder with random weights, as `transformers` saved it.
fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/encoder").join(name)
}

fn bert() -> PathBuf {
    golden("bert-small-random")
}

fn electra() -> PathBuf {
    golden("electra-small-random")
}

type Values = BTreeMap<String, Vec<f32>>;

/// All parameters of a model by name.
fn values_of(model: &Model) -> Values {
    let mut values = Values::new();
    model.clone().visit(&mut |name, parameter| {
        values.insert(name.into(), parameter.values());
    });
    values
}

/// What a folder loads to under a sequence head of three outputs.
fn loaded(folder: &Path) -> Values {
    values_of(&encoder::load_pretrained(folder, HeadKind::Sequence, 3, 7, &Device::flex()).unwrap().0)
}

fn refused(folder: &Path) -> EncoderError {
    encoder::load_pretrained(folder, HeadKind::Sequence, 3, 7, &Device::flex()).map(|_| ()).unwrap_err()
}

/// A folder with the config and vocabulary of `encoder` but no weights.
fn without_weights(encoder: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["config.json", "vocab.txt"] {
        fs::copy(encoder.join(name), folder.path().join(name)).unwrap();
    }
    folder
}
