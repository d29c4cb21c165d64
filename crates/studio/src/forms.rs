//! Answers as files: a table, words with tags, or the texts with what was found in them as other tools keep it.

use crate::StudioError;
use crate::workspace::{create, write_file};
use corpus::{AnswerForm, Document, Example, Mention, Span, Task, standoff, tabular};
use finetune::{PredictedSpan, Prediction};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Csv,
    Xlsx,
    Parquet,
    Jsonl,
    Conll,
    BiocXml,
    BiocJson,
    Pubtator,
    /// A folder of texts with their annotations beside them.
    Brat,
}

impl Form {
    /// The form that a file's name asks for, whatever the task.
    pub fn of(out: &Path) -> Result<Form, StudioError> {
        let extension = out.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("csv") => Ok(Form::Csv),
            Some("xlsx") => Ok(Form::Xlsx),
            Some("parquet") => Ok(Form::Parquet),
            Some("jsonl") => Ok(Form::Jsonl),
            Some("conll") => Ok(Form::Conll),
            Some("xml") => Ok(Form::BiocXml),
            Some("json") => Ok(Form::BiocJson),
            Some("pubtator") => Ok(Form::Pubtator),
            None => Ok(Form::Brat),
            Some(_) => Err(StudioError::OutputFormat { path: out.into() }),
        }
    }

    fn is_for_words(self) -> bool {
        matches!(self, Form::Conll | Form::BiocXml | Form::BiocJson | Form::Pubtator | Form::Brat)
    }

    /// Whether it can be written without the texts.
    pub fn can_do_without_texts(self) -> bool {
        !self.is_for_words()
    }

    /// Refuses what only a model that labels words can be written as.
    pub fn check(self, out: &Path, task: Task) -> Result<(), StudioError> {
        if self.is_for_words() && !task.labels_words() {
            return Err(StudioError::NoTags { path: out.into() });
        }
        Ok(())
    }
}

/// Writes the answers, with the texts where `texts` says so, and gives a sentence for everything that the form has no place for.
pub fn write(
    form: Form,
    out: &Path,
    task: Task,
    (examples, texts): (&[Example], bool),
    predictions: &[Prediction],
    labels: &[String],
) -> Result<Vec<String>, StudioError> {
    match form {
        Form::Csv | Form::Xlsx | Form::Parquet => {
            let (columns, rows) = table(task, (examples, texts), predictions, labels);
            write_table(form, out, &columns, &rows)?;
            Ok(vec![])
        }
        Form::Jsonl => {
            write_file(out, &as_jsonl((examples, texts), predictions, labels))?;
            Ok(vec![])
        }
        Form::Conll => {
            write_file(out, &as_conll(task, examples, predictions, labels))?;
            Ok(without_confidence(predictions))
        }
        Form::Pubtator => {
            let lost = write_documents(form, out, &documents(form, examples, predictions, labels))?;
            Ok(without_confidence(predictions).into_iter().chain(lost).collect())
        }
        Form::BiocXml | Form::BiocJson | Form::Brat => {
            write_documents(form, out, &documents(form, examples, predictions, labels))
        }
    }
}

/// Writes rows as CSV, XLSX or Parquet.
pub(crate) fn write_table(form: Form, out: &Path, columns: &[String], rows: &[Vec<String>]) -> Result<(), StudioError> {
    let failed = |reason: String| StudioError::file(out, std::io::Error::other(reason));
    let content = match form {
        Form::Xlsx => tabular::write_xlsx::write(columns, rows).map_err(failed)?,
        Form::Parquet => {
            let rows: Vec<Vec<Option<String>>> =
                rows.iter().map(|row| row.iter().cloned().map(Some).collect()).collect();
            tabular::write_parquet::write(columns, &rows).map_err(failed)?
        }
        _ => csv(columns, rows).map_err(|error| StudioError::file(out, error))?,
    };
    write_file(out, &content)
}

/// Writes texts with what is marked in them as BioC, PubTator or brat. Gives a sentence for everything that the form has no
/// place for.
pub(crate) fn write_documents(form: Form, out: &Path, documents: &[Document]) -> Result<Vec<String>, StudioError> {
    let (text, lost) = match form {
        Form::BiocXml => standoff::write_bioc_xml(documents),
        Form::BiocJson => standoff::write_bioc_json(documents),
        Form::Pubtator => standoff::write_pubtator(documents),
        _ => return brat(out, documents),
    };
    write_file(out, text.as_bytes())?;
    Ok(lost)
}

/// The label, the list of labels, the score, or the list of spans with their label names.
pub fn plain_answer(prediction: &Prediction, labels: &[String]) -> Value {
    let span = |span: &PredictedSpan| json!({ "start": span.start, "end": span.end, "label": labels[span.label], "confidence": span.confidence });
    match prediction {
        Prediction { class: Some(class), .. } => labels[*class].as_str().into(),
        Prediction { labels: Some(set), .. } => set.iter().map(|&label| labels[label].as_str()).collect(),
        Prediction { score: Some(score), .. } => json!(score),
        _ => prediction.entities.iter().map(span).collect(),
    }
}

pub fn probabilities(prediction: &Prediction, labels: &[String]) -> Value {
    let pairs = labels.iter().zip(&prediction.probabilities);
    Value::Object(pairs.map(|(label, &probability)| (label.clone(), json!(probability))).collect())
}

fn as_jsonl((examples, texts): (&[Example], bool), predictions: &[Prediction], labels: &[String]) -> Vec<u8> {
    let mut lines = String::new();
    for (example, prediction) in examples.iter().zip(predictions) {
        let mut line = json!({ "id": example.id });
        if texts {
            line["text"] = example.text.as_str().into();
        }
        if let Some(pair) = example.pair.as_ref().filter(|_| texts) {
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
        if let Some(disagreement) = prediction.disagreement {
            line["disagreement"] = json!(disagreement);
        }
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    lines.into_bytes()
}

fn as_conll(task: Task, examples: &[Example], predictions: &[Prediction], labels: &[String]) -> Vec<u8> {
    let span = |found: &PredictedSpan| Span { start: found.start, end: found.end, label: found.label };
    let of = |prediction: &Prediction| prediction.entities.iter().map(span).collect();
    let spans: Vec<Vec<Span>> = predictions.iter().map(of).collect();
    tabular::write_conll::write(task, labels, examples.iter().zip(spans.iter().map(Vec::as_slice))).into_bytes()
}

fn without_confidence(predictions: &[Prediction]) -> Vec<String> {
    let any = predictions.iter().any(|prediction| !prediction.entities.is_empty());
    any.then(|| "the confidence of each entity has no place here; a table, JSONL, BioC and brat have one".into())
        .into_iter()
        .collect()
}

/// How a form says how sure the model is of an entity: BioC by an infon, brat by a note; others have no place for it.
fn confidence(form: Form, place: usize, span: &PredictedSpan) -> Option<String> {
    let (id, share) = (place + 1, format!("{:.6}", span.confidence));
    match form {
        Form::BiocXml | Form::BiocJson => {
            Some(json!({ "annotation": format!("T{id}"), "infons": { "confidence": share } }).to_string())
        }
        Form::Brat => Some(format!("#{id}\tAnnotatorNotes T{id}\tconfidence {share}")),
        _ => None,
    }
}

/// The texts with what was found in them.
fn documents(form: Form, examples: &[Example], predictions: &[Prediction], labels: &[String]) -> Vec<Document> {
    let document = |(example, prediction): (&Example, &Prediction)| {
        let mention = |(place, span): (usize, &PredictedSpan)| Mention {
            id: format!("T{}", place + 1),
            kind: labels[span.label].clone(),
            ranges: std::iter::once(span.start..span.end).collect(),
            concept: None,
            line: 0,
        };
        let found = || prediction.entities.iter().enumerate();
        Document {
            id: example.id.clone(),
            text: example.text.clone(),
            mentions: found().map(mention).collect(),
            rest: found().filter_map(|(place, span)| confidence(form, place, span)).collect(),
            ..Document::default()
        }
    };
    examples.iter().zip(predictions).map(document).collect()
}

/// A `.txt` and a `.ann` for each document, named after it.
fn brat(out: &Path, documents: &[Document]) -> Result<Vec<String>, StudioError> {
    create(out)?;
    let mut lost = Vec::new();
    // Some systems take names that differ in capitals alone for the same.
    let mut taken: HashSet<String> = HashSet::new();
    for document in documents {
        let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ') { c } else { '_' };
        let wanted: String = document.id.chars().map(plain).collect();
        let wanted = if wanted.trim().is_empty() { "_".to_string() } else { wanted };
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let mut names = std::iter::once(wanted.clone()).chain(numbered);
        let Some(stem) = names.find(|name| taken.insert(name.to_lowercase())) else { continue };
        if stem != document.id {
            lost.push(format!("document {}: its files are named {stem}", document.id));
        }
        let (annotations, missing) = standoff::write_brat(document);
        lost.extend(missing);
        write_file(&out.join(format!("{stem}.txt")), document.text.as_bytes())?;
        write_file(&out.join(format!("{stem}.ann")), annotations.as_bytes())?;
    }
    Ok(lost)
}

fn csv(columns: &[String], rows: &[Vec<String>]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}

/// One row a text with its label or labels and each probability, or its score, or one row an entity with its place and
/// surface; a text without any has one with nothing but its id, so that none seems lost.
fn table(
    task: Task,
    (examples, with_texts): (&[Example], bool),
    predictions: &[Prediction],
    labels: &[String],
) -> (Vec<String>, Vec<Vec<String>>) {
    let pairs = with_texts && examples.iter().any(|example| example.pair.is_some());
    let answer: &[&str] = match task.form() {
        AnswerForm::Spans if !with_texts => &["id", "start", "end", "label", "confidence"],
        AnswerForm::Class => &["label", "probability"],
        AnswerForm::Labels => &["labels"],
        AnswerForm::Score => &["score"],
        AnswerForm::Spans => &["id", "start", "end", "label", "surface", "confidence"],
    };
    let texts: &[&str] = match (task.labels_words(), pairs) {
        (true, _) => &[],
        _ if !with_texts => &["id"],
        (_, true) => &["id", "text", "pair"],
        (_, false) => &["id", "text"],
    };
    let with_shares = matches!(task.form(), AnswerForm::Class | AnswerForm::Labels);
    let shares = labels.iter().filter(|_| with_shares).map(|label| format!("p({label})"));
    // Only an ensemble can disagree.
    let disagree = predictions.iter().any(|prediction| prediction.disagreement.is_some());
    let last = disagree.then(|| "disagreement".to_string());
    let columns = texts.iter().chain(answer).map(|name| name.to_string()).chain(shares).chain(last).collect();
    let disagreement = |prediction: &Prediction| prediction.disagreement.map(|share| format!("{share:.6}"));
    let number = |share: &f32| format!("{share:.6}");
    let mut rows = Vec::new();
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
                let mut own = entity_rows(example, prediction, labels);
                if !with_texts {
                    own.iter_mut().for_each(|row| drop(row.remove(SURFACE)));
                }
                let own = own.into_iter();
                rows.extend(own.map(|row| row.into_iter().chain(disagreement(prediction)).collect()));
                continue;
            }
        };
        let pair = pairs.then(|| example.pair.clone().unwrap_or_default());
        let text = with_texts.then(|| example.text.clone());
        let texts = std::iter::once(example.id.clone()).chain(text).chain(pair);
        rows.push(
            texts
                .chain(answer)
                .chain(prediction.probabilities.iter().map(number))
                .chain(disagreement(prediction))
                .collect(),
        );
    }
    (columns, rows)
}

/// The column that holds the entity's own words.
const SURFACE: usize = 4;

fn entity_rows(example: &Example, prediction: &Prediction, labels: &[String]) -> Vec<Vec<String>> {
    if prediction.entities.is_empty() {
        return vec![[example.id.as_str(), "", "", "", "", ""].map(String::from).to_vec()];
    }
    let characters: Vec<char> = example.text.chars().collect();
    let row = |span: &PredictedSpan| {
        let surface: String = characters[span.start..span.end].iter().collect();
        let (start, end) = (span.start.to_string(), span.end.to_string());
        let confidence = format!("{:.6}", span.confidence);
        vec![example.id.clone(), start, end, labels[span.label].clone(), surface, confidence]
    };
    prediction.entities.iter().map(row).collect()
}
