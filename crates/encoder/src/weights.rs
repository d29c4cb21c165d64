//! Weights into a model and out again, in Hugging Face's layout, with nothing missing or left over in silence.

use crate::model::{floats, from_floats};
use crate::{Checkpoint, Config, EncoderError, Family, HeadKind, Model, Part};
use burn::prelude::*;
use random::{Purpose, Stream, place_of};
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Write;
use std::path::Path;

/// What a load found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadReport {
    /// Parameters that the weights lack and that were drawn anew: the head, and the pooler where there is none.
    pub drawn: Vec<String>,
    /// Tensors of the file for which the model has no place.
    pub unused: Vec<String>,
}

/// What an encoder folder holds, found without building the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FolderReport {
    pub config: Config,
    pub parameters: usize,
    pub bytes: u64,
    /// SHA-256 of the weights, in hexadecimal.
    pub sha256: String,
    pub has_pooler: bool,
    /// Parameters that will be drawn anew.
    pub drawn: Vec<String>,
    pub unused: Vec<String>,
    /// The file from which the tokenizer is read.
    pub tokenizer: String,
}

/// Checks a folder whole: config, names and shapes of all weights, tokenizer.
pub fn inspect_folder(folder: &Path) -> Result<FolderReport, EncoderError> {
    let config = Config::read(folder)?;
    let checkpoint = Checkpoint::open(folder)?;
    let config = settle(config, &checkpoint);
    let mut model = Model::zeros(&config, HeadKind::Sequence, 2, &Device::flex());
    let report = check(&mut model, &checkpoint, |part| part >= Part::Pooler)?;
    let tokenizer = ["tokenizer.json", "vocab.txt"]
        .into_iter()
        .find(|name| folder.join(name).is_file())
        .ok_or_else(|| EncoderError::TokenizerMissing { folder: folder.into() })?;
    let mut parameters = 0;
    model.visit(&mut |name, parameter| {
        if Part::of(name) < Part::Pooler {
            parameters += parameter.shape().iter().product::<usize>();
        }
    });
    Ok(FolderReport {
        config,
        parameters,
        bytes: checkpoint.bytes,
        has_pooler: checkpoint.shape("pooler.dense.weight").is_some(),
        drawn: report.drawn,
        unused: report.unused,
        sha256: checkpoint.sha256,
        tokenizer: tokenizer.into(),
    })
}

/// Loads a pretrained encoder and gives it a new head of `labels` outputs, drawn with `seed`. A head that the folder may
/// hold is left unused; a pooler it lacks is drawn.
pub fn load_pretrained(
    folder: &Path,
    kind: HeadKind,
    labels: usize,
    seed: u64,
    device: &Device,
) -> Result<(Model, LoadReport), EncoderError> {
    let config = Config::read(folder)?;
    let checkpoint = Checkpoint::open(folder)?;
    let mut model = Model::zeros(&settle(config, &checkpoint), kind, labels, device);
    let mut report = check(&mut model, &checkpoint, |part| part >= Part::Pooler)?;
    let range = model.config.initializer_range;
    let mut result = Ok(());
    model.visit(&mut |name, mut parameter| {
        let stored = if Part::of(name) == Part::Head { None } else { checkpoint.values(name) };
        match stored {
            Some(Ok(values)) => parameter.set(values),
            Some(Err(error)) => result = Err(error),
            None => parameter.set(drawn(name, &parameter.shape(), range, seed)),
        }
    });
    report.drawn.sort();
    result.map(|()| (model, report))
}

/// Gives a model the head of one that was trained before, as far as the two mean the same: the weights of each output that both
/// have by name, and what lies before the outputs. Answers with the outputs that stay as they were drawn; a folder without a
/// head leaves them all.
pub fn keep_head(model: &mut Model, folder: &Path, outputs: &[String]) -> Result<Vec<String>, EncoderError> {
    let config = Config::read(folder)?;
    let checkpoint = Checkpoint::open(folder)?;
    let named = config.raw.get("id2label").and_then(Value::as_object);
    let known: HashMap<&str, usize> =
        named.into_iter().flatten().filter_map(|(id, label)| Some((label.as_str()?, id.parse().ok()?))).collect();
    let of_outputs = ["classifier.weight", "classifier.bias", "classifier.out_proj.weight", "classifier.out_proj.bias"];
    let (mut result, mut taken) = (Ok(()), BTreeSet::new());
    model.visit(&mut |name, mut parameter| {
        let (own, other) = (parameter.shape(), checkpoint.shape(name));
        // As wide as the model's own, or it is the head of another encoder.
        let fits = other.is_some_and(|other| other.len() == own.len() && other[1..] == own[1..]);
        if Part::of(name) != Part::Head || !fits {
            return;
        }
        let stored = match checkpoint.values(name) {
            Some(Ok(stored)) => stored,
            Some(Err(error)) => return result = Err(error),
            None => return,
        };
        if !of_outputs.contains(&name) {
            if other == Some(own.as_slice()) {
                parameter.set(stored);
            }
            return;
        }
        let width: usize = own[1..].iter().product();
        let mut values = parameter.values();
        for (place, output) in outputs.iter().enumerate() {
            let row = known.get(output.as_str()).and_then(|&id| stored.get(id * width..(id + 1) * width));
            if let Some(row) = row {
                values[place * width..(place + 1) * width].copy_from_slice(row);
                taken.insert(place);
            }
        }
        parameter.set(values);
    });
    let left = outputs.iter().enumerate().filter(|(place, _)| !taken.contains(place));
    result.map(|()| left.map(|(_, output)| output.clone()).collect())
}

/// Loads a model that was trained for a task, head included: every parameter must be there.
pub fn load_trained(folder: &Path, device: &Device) -> Result<Model, EncoderError> {
    let config = Config::read(folder)?;
    let checkpoint = Checkpoint::open(folder)?;
    let config = settle(config, &checkpoint);
    let architecture = config.raw.get("architectures").and_then(|names| names[0].as_str()).unwrap_or("").to_string();
    let kind = if architecture.ends_with("TokenClassification") { HeadKind::Token } else { HeadKind::Sequence };
    let labels = ["classifier.weight", "classifier.out_proj.weight"]
        .into_iter()
        .find_map(|name| checkpoint.shape(name)?.first().copied())
        .ok_or_else(|| EncoderError::TensorMissing { name: "classifier.weight".into(), folder: folder.into() })?;
    let mut model = Model::zeros(&config, kind, labels, device);
    fill(&mut model, &checkpoint)?;
    Ok(model)
}

/// Other weights for a model that was trained: those of `file`, where every parameter must be.
pub fn load_weights(model: &Model, file: &Path) -> Result<Model, EncoderError> {
    let (checkpoint, _) = Checkpoint::open_file(file)?;
    let mut model = model.clone();
    fill(&mut model, &checkpoint)?;
    Ok(model)
}

fn fill(model: &mut Model, checkpoint: &Checkpoint) -> Result<(), EncoderError> {
    check(model, checkpoint, |_| false)?;
    let mut result = Ok(());
    model.visit(&mut |name, mut parameter| match checkpoint.values(name) {
        Some(Ok(values)) => parameter.set(values),
        Some(Err(error)) => result = Err(error),
        None => {}
    });
    result
}

/// Draws the pooler and the top `layers` layers anew (Zhang et al. 2021): weights N(0, initializer_range), biases 0,
/// LayerNorm 1 and 0. With no layer to draw the pooler stays as well.
pub fn reinitialize_top(model: &mut Model, layers: usize, seed: u64) {
    if layers == 0 {
        return;
    }
    let first = model.config.num_hidden_layers - layers;
    let range = model.config.initializer_range;
    model.visit(&mut |name, mut parameter| {
        if (Part::Layer(first)..=Part::Pooler).contains(&Part::of(name)) {
            parameter.set(drawn(name, &parameter.shape(), range, seed));
        }
    });
}

/// Gives the vocabulary new pieces, an id each. Every one begins as the mean of the pieces of which its text consisted before; one
/// without any is known already.
pub fn add_pieces(model: &mut Model, new: &[(u32, Vec<u32>)]) {
    let word = model.embeddings.word.clone();
    let [rows, width] = word.dims();
    let mut values = floats(word);
    // An encoder may have more rows than its tokenizer has pieces.
    let rows = new.iter().map(|(id, _)| *id as usize + 1).fold(rows, usize::max);
    values.resize(rows * width, 0.0);
    for (id, pieces) in new.iter().filter(|(_, pieces)| !pieces.is_empty()) {
        let mean = |column: usize| {
            let sum: f32 = pieces.iter().map(|&piece| values[piece as usize * width + column]).sum();
            sum / pieces.len() as f32
        };
        let row: Vec<f32> = (0..width).map(mean).collect();
        values[*id as usize * width..][..width].copy_from_slice(&row);
    }
    model.embeddings.word = from_floats(values, [rows, width], &model.device());
    model.config.vocab_size = rows;
}

/// Draws every parameter anew, as for training from nothing.
pub fn initialize(model: &mut Model, seed: u64) {
    let range = model.config.initializer_range;
    model.visit(&mut |name, mut parameter| parameter.set(drawn(name, &parameter.shape(), range, seed)));
}

/// Writes `config.json` and `model.safetensors` so that `transformers` loads them, with the names of the labels.
/// A sequence head's `problem_type` says which loss `transformers` takes; `extra` goes into the config as the field `ballast`.
pub fn save(
    model: &Model,
    labels: &[String],
    problem_type: &str,
    extra: Value,
    folder: &Path,
) -> Result<(), EncoderError> {
    fs::create_dir_all(folder).map_err(|error| EncoderError::file(folder, error))?;
    let mut fields = model.config.fields();
    fields.insert("ballast".into(), extra);
    let family = match model.config.family {
        Family::Bert => "Bert",
        Family::Electra => "Electra",
    };
    let head = match model.kind {
        HeadKind::Sequence => "ForSequenceClassification",
        HeadKind::Token => "ForTokenClassification",
    };
    let by_id = |(id, label): (usize, &String)| (id.to_string(), Value::from(label.as_str()));
    let by_label = |(id, label): (usize, &String)| (label.clone(), Value::from(id));
    fields.insert("architectures".into(), json!([format!("{family}{head}")]));
    fields.insert("id2label".into(), Value::Object(labels.iter().enumerate().map(by_id).collect()));
    fields.insert("label2id".into(), Value::Object(labels.iter().enumerate().map(by_label).collect()));
    // What the pretrained encoder's config may say of where it lay, of another task, or of narrower numbers than ours.
    let narrower = ["dtype", "torch_dtype"];
    for stale in ["_name_or_path", "name_or_path", "num_labels", "transformers_version", "finetuning_task"]
        .into_iter()
        .chain(narrower)
    {
        fields.remove(stale);
    }
    fields.remove("problem_type");
    if model.kind == HeadKind::Sequence {
        fields.insert("problem_type".into(), problem_type.into());
    }
    let text = serde_json::to_string_pretty(&fields).expect("a JSON object is always writable");
    write_file(&folder.join("config.json"), text.as_bytes())?;
    save_weights(model, &folder.join("model.safetensors"))
}

/// Writes all parameters as f32 under Hugging Face's names.
pub fn save_weights(model: &Model, path: &Path) -> Result<(), EncoderError> {
    let mut tensors: Vec<(String, Vec<usize>, Vec<f32>)> = Vec::new();
    model.clone().visit(&mut |name, parameter| {
        tensors.push((model.full_name(name), parameter.shape(), parameter.values()));
    });
    write_tensors(path, &tensors, HashMap::from([("format".to_string(), "pt".to_string())]))
}

/// Writes named f32 tensors as a safetensors file, atomically.
pub fn write_tensors(
    path: &Path,
    tensors: &[(String, Vec<usize>, Vec<f32>)],
    metadata: HashMap<String, String>,
) -> Result<(), EncoderError> {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(_, _, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let mut views = Vec::with_capacity(tensors.len());
    for ((name, shape, _), bytes) in tensors.iter().zip(&bytes) {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes)
            .map_err(|error| EncoderError::WeightsDamaged { path: path.into(), reason: error.to_string() })?;
        views.push((name.as_str(), view));
    }
    let content = safetensors::serialize(views, Some(metadata))
        .map_err(|error| EncoderError::WeightsDamaged { path: path.into(), reason: error.to_string() })?;
    write_file(path, &content)
}

/// Writes a file so that a reader sees the old content or the new, never a part: temporary file, fsync, rename.
pub fn write_file(path: &Path, content: &[u8]) -> Result<(), EncoderError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    };
    write().map(|_| ()).map_err(|error| EncoderError::file(path, error))
}

/// Writes a small encoder with weights drawn from `seed`: no pretrained knowledge, for machines without a real one.
pub fn random_encoder(folder: &Path, config: &Config, vocabulary: &[String], seed: u64) -> Result<(), EncoderError> {
    fs::create_dir_all(folder).map_err(|error| EncoderError::file(folder, error))?;
    let mut model = Model::zeros(config, HeadKind::Token, 2, &Device::flex());
    initialize(&mut model, seed);
    let mut tensors = Vec::new();
    model.clone().visit(&mut |name, parameter| {
        if Part::of(name) < Part::Pooler {
            tensors.push((model.full_name(name), parameter.shape(), parameter.values()));
        }
    });
    write_tensors(&folder.join("model.safetensors"), &tensors, HashMap::from([("format".into(), "pt".into())]))?;
    let text = serde_json::to_string_pretty(&config.fields()).expect("a JSON object is always writable");
    write_file(&folder.join("config.json"), text.as_bytes())?;
    write_file(&folder.join("vocab.txt"), (vocabulary.join("\n") + "\n").as_bytes())
}

/// The family and the embedding size as the weights have them: a config may say BERT where the names say ELECTRA.
fn settle(mut config: Config, checkpoint: &Checkpoint) -> Config {
    if let Some(family) = checkpoint.prefix {
        config.family = family;
    } else if checkpoint.shape("embeddings_project.weight").is_some() {
        config.family = Family::Electra;
    }
    if let Some(&[_, size]) = checkpoint.shape("embeddings.word_embeddings.weight")
        && !config.raw.contains_key("embedding_size")
    {
        config.embedding_size = size;
    }
    config
}

/// Compares the model's names and shapes with the checkpoint's. Only parameters of parts for which `optional` says so
/// may be missing; an optional one of another shape counts as missing.
fn check(
    model: &mut Model,
    checkpoint: &Checkpoint,
    optional: impl Fn(Part) -> bool,
) -> Result<LoadReport, EncoderError> {
    let mut report = LoadReport::default();
    let mut used = BTreeSet::new();
    let mut problem = None;
    let folder = checkpoint.folder.clone();
    model.visit(&mut |name, parameter| {
        let part = Part::of(name);
        let expected = parameter.shape();
        match checkpoint.shape(name) {
            _ if part == Part::Head && optional(part) => report.drawn.push(name.into()),
            Some(found) if found == expected => {
                used.insert(name.to_string());
            }
            Some(found) => {
                let found = found.to_vec();
                let folder = folder.clone();
                problem.get_or_insert(EncoderError::ShapeMismatch { name: name.into(), folder, expected, found });
            }
            None if optional(part) => report.drawn.push(name.into()),
            None => {
                problem.get_or_insert(EncoderError::TensorMissing { name: name.into(), folder: folder.clone() });
            }
        }
    });
    report.unused = checkpoint.unused(&used);
    problem.map_or(Ok(report), Err)
}

/// Fresh values for a parameter: N(0, `range`) for weights, 0 for biases, 1 and 0 for LayerNorm.
fn drawn(name: &str, shape: &[usize], range: f64, seed: u64) -> Vec<f32> {
    let size = shape.iter().product();
    if name.ends_with("LayerNorm.weight") {
        return vec![1.0; size];
    }
    if name.ends_with("bias") {
        return vec![0.0; size];
    }
    let mut stream = Stream::new(seed, Purpose::Weights, [place_of(name), 0]);
    (0..size).map(|_| stream.normal() * range as f32).collect()
}
