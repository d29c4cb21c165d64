//! Runs that have ended: their scores, answers, models.

use super::{Held, apart};
use crate::shell::Shell;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use studio::{
    Answer, Asked, Difference, ExamplePage, ExampleQuery, Explained, Failure, Labelling, Nearest, OnnxExport, Output,
    Predicted, RunCard, RunDetails, ScorePair,
};
use tauri::ipc::Channel;

/// How far a prediction of many texts has come.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
pub struct Done {
    pub done: usize,
    pub of: usize,
}

/// A long work that the page waits for. There is one of a kind at a time: the next one ends the one before it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    Predict,
    Import,
    Suggest,
    Compare,
}

/// Tells the page how far a long work has come, until another of its kind begins or the page wants it to end.
pub fn telling(shell: &Shell, work: Work, progress: Channel<Done>) -> impl Fn(usize, usize) -> bool + '_ {
    let turns = &shell.turns[work as usize];
    let turn = turns.fetch_add(1, Ordering::Relaxed) + 1;
    let under_way = UnderWay::begin(&shell.works);
    move |done, of| {
        let _ = (&under_way, progress.send(Done { done, of }));
        turns.load(Ordering::Relaxed) == turn
    }
}

/// Counts as one work for as long as it lives.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn begin(works: &'a AtomicUsize) -> Self {
        works.fetch_add(1, Ordering::Relaxed);
        Self(works)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What an export wrote.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Exported {
    pub path: String,
    pub bytes: u64,
}

/// Every run in the workspace, the latest first.
#[tauri::command]
#[specta::specta]
pub async fn runs(shell: Held<'_>) -> Result<Vec<RunCard>, Failure> {
    apart(shell, |_| Ok(studio::runs()?)).await
}

#[tauri::command]
#[specta::specta]
pub async fn run_details(shell: Held<'_>, id: String) -> Result<RunDetails, Failure> {
    apart(shell, move |_| Ok(studio::run_details(&id)?)).await
}

#[tauri::command]
#[specta::specta]
pub async fn run_examples(shell: Held<'_>, id: String, query: ExampleQuery) -> Result<ExamplePage, Failure> {
    apart(shell, move |shell| Ok(shell.reviewer.examples(&id, &query)?)).await
}

/// Has the run's model say from another probability on that a label holds.
#[tauri::command]
#[specta::specta]
pub async fn run_threshold(shell: Held<'_>, id: String, threshold: f64) -> Result<RunDetails, Failure> {
    apart(shell, move |_| Ok(studio::set_threshold(&id, threshold)?)).await
}

/// The gold and predicted scores of the test split, for the scatter plot.
#[tauri::command]
#[specta::specta]
pub async fn run_pairs(shell: Held<'_>, id: String) -> Result<Vec<ScorePair>, Failure> {
    apart(shell, move |shell| Ok(shell.reviewer.pairs(&id)?)).await
}

/// Where the recipes, encoders and data of several runs differ.
#[tauri::command]
#[specta::specta]
pub async fn compare_runs(shell: Held<'_>, ids: Vec<String>) -> Result<Vec<Difference>, Failure> {
    apart(shell, move |_| Ok(studio::compare_runs(&ids)?)).await
}

#[tauri::command]
#[specta::specta]
pub async fn delete_run(shell: Held<'_>, id: String) -> Result<(), Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.discard(&id)?)).await
}

/// Deletes every copy of a run's dataset from the workspace; results then show ids only.
#[tauri::command]
#[specta::specta]
pub async fn forget_texts(shell: Held<'_>, id: String) -> Result<(), Failure> {
    apart(shell, move |_| Ok(studio::forget_texts(&id)?)).await
}

/// The run's answer to one text, also while another run trains.
#[tauri::command]
#[specta::specta]
pub async fn predict_text(shell: Held<'_>, id: String, text: String, pair: Option<String>) -> Result<Answer, Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.answer(&id, text, pair)?)).await
}

/// Labels a file, or a folder of notes, and writes the answers in the form that the name's ending asks for: a table (.csv,
/// .xlsx, .parquet, .jsonl), or, of a model that labels words, .conll, .xml and .json (BioC), .pubtator, or no ending for a
/// folder in brat's form.
#[tauri::command]
#[specta::specta]
pub async fn predict_file(
    shell: Held<'_>,
    id: String,
    input: String,
    out: String,
    texts: bool,
    progress: Channel<Done>,
) -> Result<Predicted, Failure> {
    apart(shell, move |shell| {
        let tell = telling(shell, Work::Predict, progress);
        Ok(shell.jobs()?.predict(&id, &input, Output { path: Path::new(&out), texts }, &tell)?)
    })
    .await
}

#[tauri::command]
#[specta::specta]
pub async fn cancel_work(shell: Held<'_>, work: Work) -> Result<(), Failure> {
    shell.turns[work as usize].fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Labellings of files that have begun and are not over.
#[tauri::command]
#[specta::specta]
pub async fn labellings(shell: Held<'_>) -> Result<Vec<Labelling>, Failure> {
    apart(shell, |_| Ok(studio::labellings()?)).await
}

/// Forgets one of them, by where its answers were to go.
#[tauri::command]
#[specta::specta]
pub async fn forget_labelling(shell: Held<'_>, output: String) -> Result<(), Failure> {
    apart(shell, move |_| Ok(studio::forget_labelling(&output)?)).await
}

/// The model card as an export would carry it (Markdown).
#[tauri::command]
#[specta::specta]
pub async fn model_card(shell: Held<'_>, id: String) -> Result<String, Failure> {
    apart(shell, move |_| Ok(studio::card_of_run(&studio::run_folder(&id)?)?)).await
}

/// Copies the run's model to `to`: a folder that does not exist yet or is empty, or a zip or a bundle by the name's ending.
#[tauri::command]
#[specta::specta]
pub async fn export_run(shell: Held<'_>, id: String, to: String) -> Result<Exported, Failure> {
    apart(shell, move |_| {
        let bytes = studio::export(&studio::run_folder(&id)?, Path::new(&to))?;
        Ok(Exported { path: to, bytes })
    })
    .await
}

/// Writes the run's model as an ONNX file with its tokenizer to a folder that does not exist yet or is empty, once it has said
/// the same as the model on real texts.
#[tauri::command]
#[specta::specta]
pub async fn export_onnx(shell: Held<'_>, id: String, to: String, half: bool) -> Result<OnnxExport, Failure> {
    apart(shell, move |_| Ok(studio::export_onnx(&studio::run_folder(&id)?, Path::new(&to), half)?)).await
}

/// Takes in a run that another Ballast exported as a bundle, and answers with its id.
#[tauri::command]
#[specta::specta]
pub async fn import_run(shell: Held<'_>, path: String) -> Result<String, Failure> {
    apart(shell, move |_| Ok(studio::import_bundle(Path::new(&path))?)).await
}

/// Which words an answer of the run's model rests on.
#[tauri::command]
#[specta::specta]
pub async fn explain_text(
    shell: Held<'_>,
    id: String,
    text: String,
    pair: Option<String>,
    asked: Asked,
) -> Result<Explained, Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.explain(&id, text, pair, asked)?)).await
}

/// The training examples that the run's model finds most like a text.
#[tauri::command]
#[specta::specta]
pub async fn nearest_texts(
    shell: Held<'_>,
    id: String,
    text: String,
    pair: Option<String>,
    progress: Channel<Done>,
) -> Result<Nearest, Failure> {
    apart(shell, move |shell| {
        let tell = telling(shell, Work::Compare, progress);
        Ok(shell.jobs()?.nearest(&id, text, pair, 5, &tell)?)
    })
    .await
}
