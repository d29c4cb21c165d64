//! Answers of a trained model to new texts, and its scores on labelled ones.

use crate::StudioError;
use crate::record::model_folder;
use crate::sample::data_path;
use crate::workspace::write_file;
use corpus::{Example, Issue, Options};
use encoder::Compute;
use finetune::{Control, Prediction, Predictor, Scores, score};
use serde_json::{Value, json};
use std::path::Path;

/// What was predicted and what could not be read.
pub struct Predicted {
    pub count: usize,
    pub issues: Vec<Issue>,
}

fn open(run: &Path, compute: &Compute) -> Result<Predictor, StudioError> {
    Ok(Predictor::load(&model_folder(run)?, compute)?)
}

/// Refuses, before any work is done, a place where the answers cannot go or would replace the texts themselves.
fn check_target(out: &Path, input: &Path) -> Result<(), StudioError> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(StudioError::OutputFolderMissing { path: folder.into() });
    }
    if out.is_dir() {
        return Err(StudioError::OutputIsFolder { path: out.into() });
    }
    match (out.canonicalize(), input.canonicalize()) {
        (Ok(same), Ok(input)) if same == input => Err(StudioError::OutputIsInput { path: out.into() }),
        _ => Ok(()),
    }
}

/// Labels texts with a run's model and writes a table of answers: CSV or JSONL, by the name's ending.
pub fn predict(
    run: &Path,
    input: &str,
    options: &Options,
    out: &Path,
    compute: &Compute,
    progress: &mut dyn FnMut(usize, usize) -> Control,
) -> Result<Predicted, StudioError> {
    let extension = out.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    if !matches!(extension.as_str(), "csv" | "jsonl") {
        return Err(StudioError::OutputFormat { path: out.into() });
    }
    let input = data_path(input)?;
    check_target(out, &input)?;
    let predictor = open(run, compute)?;
    let (examples, issues) = corpus::load_unlabelled(&input, options, predictor.task)?;
    let predictions = predictor.predict(&examples, progress)?;
    let content = if extension == "csv" {
        as_csv(&examples, &predictions, &predictor.labels).map_err(|error| StudioError::file(out, error))?
    } else {
        as_jsonl(&examples, &predictions, &predictor.labels)
    };
    write_file(out, &content)?;
    Ok(Predicted { count: examples.len(), issues })
}

/// Scores a run's model on labelled data: a file, or the test files of a folder.
pub fn evaluate(
    run: &Path,
    data: &str,
    options: &Options,
    compute: &Compute,
    progress: &mut dyn FnMut(usize, usize) -> Control,
) -> Result<(Scores, Vec<String>, Vec<Issue>), StudioError> {
    let predictor = open(run, compute)?;
    let (examples, issues) = corpus::load_labelled(&data_path(data)?, options, predictor.task, &predictor.labels)?;
    let predictions = predictor.predict(&examples, progress)?;
    let scores = score(predictor.task, &predictor.labels, &examples, &predictions);
    Ok((scores, predictor.labels, issues))
}

/// The label, or the list of spans with their label names.
pub(crate) fn plain_answer(prediction: &Prediction, labels: &[String]) -> Value {
    match prediction.class {
        Some(class) => labels[class].as_str().into(),
        None => prediction
            .entities
            .iter()
            .map(|span| {
                json!({ "start": span.start, "end": span.end, "label": labels[span.label], "confidence": span.confidence })
            })
            .collect(),
    }
}

pub(crate) fn probabilities(prediction: &Prediction, labels: &[String]) -> Value {
    let pairs = labels.iter().zip(&prediction.probabilities);
    Value::Object(pairs.map(|(label, &probability)| (label.clone(), json!(probability))).collect())
}

fn as_jsonl(examples: &[Example], predictions: &[Prediction], labels: &[String]) -> Vec<u8> {
    let mut lines = String::new();
    for (example, prediction) in examples.iter().zip(predictions) {
        let mut line = json!({ "id": example.id, "text": example.text });
        if prediction.class.is_some() {
            line["label"] = plain_answer(prediction, labels);
            line["probabilities"] = probabilities(prediction, labels);
        } else {
            line["entities"] = plain_answer(prediction, labels);
        }
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    lines.into_bytes()
}

/// One row a text with the label and each probability, or one row an entity with its place and surface.
fn as_csv(examples: &[Example], predictions: &[Prediction], labels: &[String]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let classes = predictions.first().is_some_and(|prediction| prediction.class.is_some());
    if classes {
        let header = ["id", "text", "label", "probability"].map(String::from).into_iter();
        writer.write_record(header.chain(labels.iter().map(|label| format!("p({label})"))))?;
    } else {
        writer.write_record(["id", "start", "end", "label", "surface", "confidence"])?;
    }
    for (example, prediction) in examples.iter().zip(predictions) {
        if let Some(class) = prediction.class {
            let shares = prediction.probabilities.iter().map(|share| format!("{share:.6}"));
            let own = prediction.probabilities.get(class).map(|share| format!("{share:.6}")).unwrap_or_default();
            let start = [example.id.clone(), example.text.clone(), labels[class].clone(), own];
            writer.write_record(start.into_iter().chain(shares))?;
            continue;
        }
        let characters: Vec<char> = example.text.chars().collect();
        for span in &prediction.entities {
            let surface: String = characters[span.start..span.end].iter().collect();
            let place = [span.start.to_string(), span.end.to_string()];
            let confidence = format!("{:.6}", span.confidence);
            writer.write_record([&example.id, &place[0], &place[1], &labels[span.label], &surface, &confidence])?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error())
}
