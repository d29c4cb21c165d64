//! Answers of a trained model to new texts, and its scores on labelled ones.

use crate::StudioError;
use crate::record::{model_folder, read_run};
use crate::sample::data_path;
use crate::workspace::write_file;
use corpus::{AnswerForm, Example, Issue, Options, Span, Task};
use encoder::Compute;
use finetune::{Control, PredictedSpan, Prediction, Predictor, Scores, score};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use specta::Type;
use std::path::Path;
use std::time::Instant;

/// The answer to one text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Answer {
    pub task: Task,
    pub text: String,
    pub labels: Vec<String>,
    /// Where one of several labels is right: the predicted one.
    pub predicted: Option<String>,
    /// For `multilabel`: those that hold, and the probability from which on a label does.
    pub holding: Vec<String>,
    pub threshold: f64,
    /// For `similarity`.
    pub score: Option<f64>,
    /// One a label, in their order, where the text as a whole gets labels.
    pub probabilities: Vec<f64>,
    pub entities: Vec<Found>,
    /// From the request to the answer.
    pub seconds: f64,
}

/// An entity that was found, in characters (Unicode scalar values), the end excluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Found {
    pub start: usize,
    pub end: usize,
    pub label: String,
    pub confidence: f64,
}

/// What was predicted and what could not be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
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

/// How texts are to be read for a run's model: what `given` leaves open is as in the data that it learnt from, where the
/// input has such a column. A model of pairs needs its second text.
fn as_in_training(run: &Path, input: &Path, given: &Options) -> Result<Options, StudioError> {
    let own = read_run(run)?.dataset.options;
    // What cannot be read here is told when the whole is read.
    let columns: Vec<String> = corpus::head(input, given, 0)
        .map(|head| head.files.into_iter().flat_map(|file| file.columns).collect())
        .unwrap_or_default();
    let known = |name: Option<String>| name.filter(|name| columns.contains(name));
    let pair = given.pair.clone().or(own.pair).filter(|column| !column.is_empty());
    if let (Some(column), true) = (&pair, columns.is_empty()) {
        return Err(StudioError::PairNeeded { path: input.into(), column: column.clone() });
    }
    let given = given.clone();
    Ok(Options { text: given.text.or_else(|| known(own.text)), id: given.id.or_else(|| known(own.id)), pair, ..given })
}

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Jsonl,
    Conll,
}

/// The form that a file's name asks for, for a task.
fn form_of(out: &Path, task: Task) -> Result<Form, StudioError> {
    let extension = out.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    match (extension.as_str(), task) {
        ("csv", _) => Ok(Form::Csv),
        ("jsonl", _) => Ok(Form::Jsonl),
        ("conll", task) if task.labels_words() => Ok(Form::Conll),
        ("conll", _) => Err(StudioError::NoTags { path: out.into() }),
        _ => Err(StudioError::OutputFormat { path: out.into() }),
    }
}

/// Labels texts with a run's model and writes the answers: a table (CSV, JSONL), or words with tags (CoNLL), by the name's
/// ending.
pub fn predict(
    run: &Path,
    input: &str,
    options: &Options,
    out: &Path,
    compute: &Compute,
    progress: &mut dyn FnMut(usize, usize) -> Control,
) -> Result<Predicted, StudioError> {
    // The ending is refused before a model is loaded; what only the task can tell, after.
    form_of(out, Task::Ner)?;
    check_target(out, &data_path(input)?)?;
    let predictor = open(run, compute)?;
    let (task, labels) = (predictor.terms.task, &predictor.terms.labels);
    predict_by(run, (task, labels), input, options, out, &mut |examples| Ok(predictor.predict(examples, progress)?))
}

/// Answers to all the texts, wherever the model lies.
pub(crate) type AnswerAll<'a> = &'a mut dyn FnMut(&[Example]) -> Result<Vec<Prediction>, StudioError>;

/// The same, with whatever `answer` answers to all the texts; `model` is what the run's model was trained for.
pub(crate) fn predict_by(
    run: &Path,
    model: (Task, &[String]),
    input: &str,
    options: &Options,
    out: &Path,
    answer: AnswerAll<'_>,
) -> Result<Predicted, StudioError> {
    let (task, labels) = model;
    let form = form_of(out, task)?;
    let input = data_path(input)?;
    check_target(out, &input)?;
    let (examples, issues) = corpus::load_unlabelled(&input, &as_in_training(run, &input, options)?, task)?;
    let predictions = answer(&examples)?;
    let content = match form {
        Form::Csv => as_csv(task, &examples, &predictions, labels).map_err(|error| StudioError::file(out, error))?,
        Form::Jsonl => as_jsonl(&examples, &predictions, labels),
        Form::Conll => as_conll(task, &examples, &predictions, labels),
    };
    write_file(out, &content)?;
    Ok(Predicted { count: examples.len(), issues })
}

/// The answer to one text.
pub(crate) fn answer(predictor: &Predictor, text: &str, pair: Option<&str>) -> Result<Answer, StudioError> {
    let began = Instant::now();
    let example = corpus::single(text, pair, predictor.terms.task);
    let predictions = predictor.predict(std::slice::from_ref(&example), &mut |_, _| Control::Continue)?;
    let prediction = predictions.into_iter().next().unwrap_or_default();
    let terms = &predictor.terms;
    let name = |label: usize| terms.labels[label].clone();
    let found = |span: &PredictedSpan| Found {
        start: span.start,
        end: span.end,
        label: name(span.label),
        confidence: span.confidence.into(),
    };
    Ok(Answer {
        task: terms.task,
        text: example.text,
        labels: terms.labels.clone(),
        predicted: prediction.class.map(name),
        holding: prediction.labels.iter().flatten().map(|&label| name(label)).collect(),
        threshold: terms.threshold,
        score: prediction.score,
        probabilities: prediction.probabilities.iter().map(|&share| share.into()).collect(),
        entities: prediction.entities.iter().map(found).collect(),
        seconds: began.elapsed().as_secs_f64(),
    })
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
    let data = data_path(data)?;
    let options = as_in_training(run, &data, options)?;
    let (examples, issues) = corpus::load_labelled(&data, &options, predictor.terms.task, &predictor.terms.labels)?;
    let predictions = predictor.predict(&examples, progress)?;
    let scores = score(&predictor.terms, &examples, &predictions);
    Ok((scores, predictor.terms.labels, issues))
}

/// The label, the list of labels, the score, or the list of spans with their label names.
pub(crate) fn plain_answer(prediction: &Prediction, labels: &[String]) -> Value {
    let span = |span: &PredictedSpan| json!({ "start": span.start, "end": span.end, "label": labels[span.label], "confidence": span.confidence });
    match prediction {
        Prediction { class: Some(class), .. } => labels[*class].as_str().into(),
        Prediction { labels: Some(set), .. } => set.iter().map(|&label| labels[label].as_str()).collect(),
        Prediction { score: Some(score), .. } => json!(score),
        _ => prediction.entities.iter().map(span).collect(),
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
        if let Some(pair) = &example.pair {
            line["pair"] = pair.as_str().into();
        }
        let answer = match prediction {
            Prediction { class: Some(_), .. } => "label",
            Prediction { labels: Some(_), .. } => "labels",
            Prediction { score: Some(_), .. } => "score",
            _ => "entities",
        };
        line[answer] = plain_answer(prediction, labels);
        if !prediction.probabilities.is_empty() {
            line["probabilities"] = probabilities(prediction, labels);
        }
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    lines.into_bytes()
}

/// Words with tags, one a line, and a blank line between texts.
fn as_conll(task: Task, examples: &[Example], predictions: &[Prediction], labels: &[String]) -> Vec<u8> {
    let names = corpus::tag_names(task, labels);
    let mut lines = String::new();
    for (example, prediction) in examples.iter().zip(predictions) {
        let characters: Vec<char> = example.text.chars().collect();
        let span = |found: &PredictedSpan| Span { start: found.start, end: found.end, label: found.label };
        let spans: Vec<Span> = prediction.entities.iter().map(span).collect();
        for (word, tag) in example.words.iter().zip(corpus::tags_of(task, &example.words, &spans)) {
            lines.extend(&characters[word.clone()]);
            lines.push('\t');
            lines.push_str(&names[tag]);
            lines.push('\n');
        }
        lines.push('\n');
    }
    lines.into_bytes()
}

/// One row a text with its label or labels and each probability, or its score, or one row an entity with its place and
/// surface; a text without any has one with nothing but its id, so that none seems lost.
fn as_csv(task: Task, examples: &[Example], predictions: &[Prediction], labels: &[String]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let pairs = examples.iter().any(|example| example.pair.is_some());
    let answer: &[&str] = match task.form() {
        AnswerForm::Class => &["label", "probability"],
        AnswerForm::Labels => &["labels"],
        AnswerForm::Score => &["score"],
        AnswerForm::Spans => &["id", "start", "end", "label", "surface", "confidence"],
    };
    let texts: &[&str] = match (task.labels_words(), pairs) {
        (true, _) => &[],
        (_, true) => &["id", "text", "pair"],
        (_, false) => &["id", "text"],
    };
    let with_shares = matches!(task.form(), AnswerForm::Class | AnswerForm::Labels);
    let shares = labels.iter().filter(|_| with_shares).map(|label| format!("p({label})"));
    writer.write_record(texts.iter().chain(answer).map(|name| name.to_string()).chain(shares))?;
    let number = |share: &f32| format!("{share:.6}");
    for (example, prediction) in examples.iter().zip(predictions) {
        let answer = match prediction {
            Prediction { class: Some(class), .. } => {
                vec![labels[*class].clone(), prediction.probabilities.get(*class).map(number).unwrap_or_default()]
            }
            Prediction { labels: Some(set), .. } => {
                vec![set.iter().map(|&label| labels[label].as_str()).collect::<Vec<_>>().join("; ")]
            }
            Prediction { score: Some(score), .. } => vec![format!("{score:.6}")],
            _ => {
                entity_rows(&mut writer, example, prediction, labels)?;
                continue;
            }
        };
        let pair = pairs.then(|| example.pair.clone().unwrap_or_default());
        let texts = [example.id.clone(), example.text.clone()].into_iter().chain(pair);
        writer.write_record(texts.chain(answer).chain(prediction.probabilities.iter().map(number)))?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}

fn entity_rows(
    writer: &mut csv::Writer<Vec<u8>>,
    example: &Example,
    prediction: &Prediction,
    labels: &[String],
) -> std::io::Result<()> {
    if prediction.entities.is_empty() {
        writer.write_record([example.id.as_str(), "", "", "", "", ""])?;
    }
    let characters: Vec<char> = example.text.chars().collect();
    for span in &prediction.entities {
        let surface: String = characters[span.start..span.end].iter().collect();
        let place = [span.start.to_string(), span.end.to_string()];
        let confidence = format!("{:.6}", span.confidence);
        writer.write_record([&example.id, &place[0], &place[1], &labels[span.label], &surface, &confidence])?;
    }
    Ok(())
}
