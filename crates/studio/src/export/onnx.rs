//! The model of a run as an ONNX file, with what else a program needs to use it.

use super::{copy, files, whole_folder};
use crate::record::{model_folder, read_run};
use crate::runs::texts_of;
use crate::sample::data_path;
use crate::workspace::write_file;
use crate::{RunRecord, StudioError};
use corpus::{Dataset, Example, Options, Task, Tokenizer};
use encoder::{Compute, Model};
use finetune::member_file;
use onnx::{OnnxError, Pieces, Storage, largest_difference, model_file, rounded};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::fs;
use std::path::Path;

/// The file and the model may differ by this much in any logit.
const ALLOWED: f64 = 1e-4;

/// So many texts are compared.
const COMPARED: usize = 8;

/// What was written, and how it was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct OnnxExport {
    pub bytes: u64,
    /// Texts that the file and the model both answered.
    pub texts: usize,
    /// The largest difference of any of their logits.
    pub difference: f64,
}

/// Writes `model.onnx` with its tokenizer, configuration and a card to a folder of its own, after the file has said the same as
/// the model on texts of the run's data, or on sample texts where these are gone. With `half` weights are stored with 16 bits;
/// then it is compared with the model of these weights.
pub fn export_onnx(run: &Path, out: &Path, half: bool) -> Result<OnnxExport, StudioError> {
    crate::workspace::refuse_filled(out)?;
    let folder = model_folder(run)?;
    if folder.join(member_file(2)).is_file() {
        return Err(StudioError::EnsembleAsOnnx);
    }
    let record = read_run(run)?;
    let mut model = encoder::load_trained(&folder, &Compute::cpu().inference())?;
    let storage = if half { Storage::Half } else { Storage::Single };
    if half {
        model = rounded(&model);
    }
    let file = model_file(&model, storage, &facts(&record, &model))?;
    let tokenizer = Tokenizer::load(&folder).map_err(finetune::TrainError::from)?;
    let texts = texts(&record, &tokenizer)?;
    let difference = largest_difference(&model, &file, &texts, tokenizer.pad() as i32)?;
    kernels::release_memory();
    if difference > ALLOWED {
        return Err(OnnxError::Differs { difference, allowed: ALLOWED }.into());
    }
    whole_folder(out, |made| {
        let weights = |path: &Path| path.extension().is_some_and(|extension| extension == "safetensors");
        let beside: Vec<_> = files(&folder)?.into_iter().filter(|path| !weights(path)).collect();
        beside.iter().try_for_each(|path| copy(path, made))?;
        write_file(&made.join("model.onnx"), &file)?;
        let card = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        write_file(&made.join("README.md"), (card + &use_of(&record, texts.len(), difference)).as_bytes())
    })?;
    let size = |path: &std::path::PathBuf| fs::metadata(path).map_or(0, |file| file.len());
    Ok(OnnxExport { bytes: files(out)?.iter().map(size).sum(), texts: texts.len(), difference })
}

fn facts(record: &RunRecord, model: &Model) -> Vec<(&'static str, String)> {
    let ballast = model.config.raw.get("ballast").cloned().unwrap_or_default();
    vec![
        ("task", record.recipe.task.to_string()),
        ("outputs", serde_json::json!(record.recipe.task.outputs(&record.dataset.labels)).to_string()),
        ("ballast", ballast.to_string()),
    ]
}

/// Real texts as the model reads them, the first window of each.
fn texts(record: &RunRecord, tokenizer: &Tokenizer) -> Result<Vec<Pieces>, StudioError> {
    let own = |dataset: Dataset| -> Vec<Example> {
        dataset.test.into_iter().chain(dataset.dev).chain(dataset.train).take(COMPARED).collect()
    };
    let examples = match texts_of(record) {
        Ok(dataset) => own(dataset),
        Err(_) => samples(record)?,
    };
    let encoded = corpus::encode(tokenizer, &examples, record.recipe.task, record.recipe.max_length);
    let integers = |list: &[u32]| list.iter().map(|&id| id as i32).collect();
    let window = |example: usize| encoded.of(example).first();
    Ok((0..examples.len())
        .filter_map(window)
        .map(|window| Pieces { ids: integers(&window.ids), segments: integers(&window.segments) })
        .collect())
}

/// Texts of a sample that the program brings, in the form of the run's task.
fn samples(record: &RunRecord) -> Result<Vec<Example>, StudioError> {
    // Relations want marked entities, which notes have not; as plain texts they are read all the same.
    let task = if record.recipe.task == Task::Relation { Task::Classification } else { record.recipe.task };
    let (examples, _) = corpus::load_unlabelled(&data_path("sample:notes")?, &Options::default(), task)?;
    let pair = record.recipe.task.is_about_pairs().then(|| "Is the patient well?".to_string());
    Ok(examples.into_iter().take(COMPARED).map(|example| Example { pair: pair.clone(), ..example }).collect())
}

/// How others use the file, for its card.
fn use_of(record: &RunRecord, texts: usize, difference: f64) -> String {
    let (shape, meaning) = if record.recipe.task.labels_words() {
        ("[batch, length, outputs]", "one row a word piece: the first piece of a word says the word's tag")
    } else {
        ("[batch, outputs]", "one row a text")
    };
    format!(
        r#"
## As an ONNX file

`model.onnx` (opset {}) takes `input_ids`, `attention_mask` and `token_type_ids`, int64 of the shape [batch, length], and gives
`logits`, float of the shape {shape}: {meaning}. Outputs are in the order of `id2label` in `config.json`; `tokenizer.json` makes
the ids. A text longer than {} pieces has to be read in overlapping windows of at most so many.

Before it was written it was compared with the model on {texts} texts, in another runtime: no logit differed by more than
{difference:.1e}.
"#,
        onnx::OPSET,
        record.recipe.max_length
    )
}
