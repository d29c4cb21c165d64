//! Answers of a trained model to new texts, and its scores on labelled ones.

use crate::StudioError;
use crate::forms::{self, Form};
use crate::kept::Kept;
use crate::record::{model_folder, read_run};
use crate::sample::data_path;
use crate::workspace::refuse_filled;
use corpus::{Example, Issue, Options, Task};
use encoder::Compute;
use finetune::{Control, PredictedSpan, Prediction, Predictor, Scores, score};
use serde::{Deserialize, Serialize};
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
    /// Of an ensemble: how far its members disagree, from 0 to 1; of scores in their unit.
    pub disagreement: Option<f64>,
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
    /// A sentence for everything that the form of the file has no place for.
    pub lost: Vec<String>,
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
    if Form::of(out)? == Form::Brat {
        return refuse_filled(out);
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
    let record = read_run(run)?;
    let (task, own) = (record.recipe.task, record.dataset.named_columns());
    // What cannot be read here is told when the whole is read.
    let columns: Vec<String> = corpus::head(input, given, 0)
        .map(|head| head.files.into_iter().flat_map(|file| file.columns).collect())
        .unwrap_or_default();
    let known = |name: Option<String>| name.filter(|name| columns.contains(name));
    let own_pair = if task.is_about_pairs() { known(own.pair) } else { own.pair };
    let pair = given.pair.clone().or(own_pair).filter(|column| !column.is_empty());
    let needed = pair.clone().or_else(|| task.is_about_pairs().then(|| "pair".to_string()));
    if let (Some(column), true) = (needed, columns.is_empty()) {
        return Err(StudioError::PairNeeded { path: input.into(), column });
    }
    let given = given.clone();
    let has_labels = own.labels.iter().all(|name| columns.contains(name));
    Ok(Options {
        text: given.text.or_else(|| known(own.text)),
        id: given.id.or_else(|| known(own.id)),
        pair,
        label: given.label.or_else(|| known(own.label)),
        labels: if given.labels.is_empty() && has_labels { own.labels } else { given.labels },
        document: given.document.or_else(|| known(own.document)),
        separator: given.separator.or(own.separator),
        marking: given.marking.or(own.marking),
        whole_documents: given.whole_documents || own.whole_documents,
        merge_types: given.merge_types || own.merge_types,
        pairs: if given.pairs.is_empty() { own.pairs } else { given.pairs },
        ..given
    })
}

/// Where answers go.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// Its ending says in which form.
    pub path: &'a Path,
    /// Whether the texts go with them; a table or JSONL can do without.
    pub texts: bool,
}

/// Labels texts with a run's model and writes the answers. What was stopped or killed goes on where it was when the same is asked
/// again.
pub fn predict(
    run: &Path,
    input: &str,
    options: &Options,
    out: Output<'_>,
    compute: &Compute,
    progress: &mut dyn FnMut(usize, usize) -> Control,
) -> Result<Predicted, StudioError> {
    // The ending is refused before a model is loaded; what only the task can tell, after.
    Form::of(out.path)?;
    check_target(out.path, &data_path(input)?)?;
    let predictor = open(run, compute)?;
    let (task, labels) = (predictor.terms.task, &predictor.terms.labels);
    let all = std::cell::Cell::new((0, 0));
    let progress = std::cell::RefCell::new(progress);
    let mut answer = |part: &[Example]| {
        let (before, of) = all.get();
        Ok(predictor.predict(part, &mut |done, _| (progress.borrow_mut())(before + done, of))?)
    };
    let mut tell = |done, of| {
        all.set((done, of));
        (progress.borrow_mut())(done, of) == Control::Continue
    };
    predict_by(run, (task, labels), input, options, out, (PART, &mut answer), &mut tell)
}

/// So many texts are answered at once, and kept, by a program of its own.
const PART: usize = 512;

/// Answers to some of the texts, wherever the model lies.
pub(crate) type AnswerSome<'a> = &'a mut dyn FnMut(&[Example]) -> Result<Vec<Prediction>, StudioError>;

/// The same, with whatever answers to so many texts at a time; `model` is what the run's model was trained for. `tell` hears how
/// many texts of all are done and may end it with `false`.
pub(crate) fn predict_by(
    run: &Path,
    model: (Task, &[String]),
    input: &str,
    options: &Options,
    out: Output<'_>,
    (part, answer): (usize, AnswerSome<'_>),
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Predicted, StudioError> {
    let Output { path: out, texts } = out;
    let (task, labels) = model;
    let form = Form::of(out)?;
    form.check(out, task)?;
    if !texts && !form.can_do_without_texts() {
        return Err(StudioError::TextsNeeded { path: out.into() });
    }
    let input = data_path(input)?;
    check_target(out, &input)?;
    let (examples, issues) = corpus::load_unlabelled(&input, &as_in_training(run, &input, options)?, task)?;
    let (mut kept, mut predictions) = match Kept::open(run, &examples)? {
        Some((kept, found)) => (Some(kept), found),
        None => (None, Vec::new()),
    };
    predictions.truncate(examples.len());
    while predictions.len() < examples.len() {
        if !tell(predictions.len(), examples.len()) {
            return Err(corpus::DataError::Cancelled.into());
        }
        let first = predictions.len();
        let answered = answer(&examples[first..(first + part).min(examples.len())])?;
        kept.iter_mut().try_for_each(|kept| kept.add(&answered))?;
        predictions.extend(answered);
    }
    tell(predictions.len(), examples.len());
    let lost = forms::write(form, out, task, (&examples, texts), &predictions, labels)?;
    if let Some(kept) = kept {
        kept.forget();
    }
    Ok(Predicted { count: examples.len(), issues, lost })
}

/// A text as a model reads it.
pub(crate) fn example_of(predictor: &Predictor, text: &str, pair: Option<&str>) -> Result<Example, StudioError> {
    let mut example = corpus::single(text, pair, predictor.terms.task);
    if predictor.terms.task == Task::Relation {
        let marked = corpus::marked_sentence(text, predictor.terms.marking);
        example.text = marked.ok_or(StudioError::Unmarked)?;
    }
    Ok(example)
}

/// The answer to one text.
pub(crate) fn answer(predictor: &Predictor, text: &str, pair: Option<&str>) -> Result<Answer, StudioError> {
    let began = Instant::now();
    let example = example_of(predictor, text, pair)?;
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
        disagreement: prediction.disagreement,
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
