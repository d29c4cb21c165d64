//! Labelling projects: texts, labels, what people decide and what models suggest.

use super::results::{Done, Work, telling};
use super::{Held, apart};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::Path;
use studio::{
    Action, Agreement, DataRequest, Dispute, DocumentPage, DocumentQuery, DocumentView, Facts, Failure, History,
    ImportCard, Label, LabelKind, Learning, Precision, Project, ProjectCard, Retrain, Strategy, StudioError, Taken,
};
use tauri::ipc::Channel;

/// What was written of a project.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Given {
    pub path: String,
    pub documents: usize,
    /// A sentence for everything that the form of the file has no place for.
    pub lost: Vec<String>,
}

/// How texts are put in order.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Order {
    pub strategy: Strategy,
    pub seed: u32,
}

/// Does something with a project, off the window's thread.
async fn within<T: Send + 'static>(
    shell: Held<'_>,
    id: String,
    work: impl FnOnce(&mut Project) -> Result<T, StudioError> + Send + 'static,
) -> Result<T, Failure> {
    apart(shell, move |shell| Ok(shell.project.with(&id, work)?)).await
}

#[tauri::command]
#[specta::specta]
pub async fn projects(shell: Held<'_>) -> Result<Vec<ProjectCard>, Failure> {
    apart(shell, |_| Ok(studio::projects()?)).await
}

/// Answers with the new project's id.
#[tauri::command]
#[specta::specta]
pub async fn create_project(
    shell: Held<'_>,
    name: String,
    task: corpus::Task,
    annotator: String,
) -> Result<String, Failure> {
    apart(shell, move |_| Ok(studio::create_project(&name, task, &annotator)?)).await
}

#[tauri::command]
#[specta::specta]
pub async fn delete_project(shell: Held<'_>, id: String) -> Result<(), Failure> {
    apart(shell, move |shell| {
        shell.project.close();
        Ok(studio::delete_project(&id)?)
    })
    .await
}

#[tauri::command]
#[specta::specta]
pub async fn project_facts(shell: Held<'_>, id: String) -> Result<Facts, Failure> {
    within(shell, id, move |project| Ok(project.facts()?)).await
}

/// The annotator of that name, who is added where there is none.
#[tauri::command]
#[specta::specta]
pub async fn project_annotator(shell: Held<'_>, id: String, name: String) -> Result<u32, Failure> {
    within(shell, id, move |project| Ok(project.annotator(&name)?)).await
}

/// Takes texts into the project, with whatever is marked in them.
#[tauri::command]
#[specta::specta]
pub async fn project_import(
    shell: Held<'_>,
    id: String,
    annotator: u32,
    data: DataRequest,
    progress: Channel<Done>,
) -> Result<Taken, Failure> {
    apart(shell, move |shell| {
        let tell = telling(shell, Work::Import, progress);
        let mut project = studio::open_project(&id)?;
        Ok(studio::take_in(&mut project, annotator, &data.data, &data.options, &mut |of, done| tell(done, of))?)
    })
    .await
}

/// What came in together, the last first.
#[tauri::command]
#[specta::specta]
pub async fn project_imports(shell: Held<'_>, id: String) -> Result<Vec<ImportCard>, Failure> {
    within(shell, id, move |project| Ok(project.imports()?)).await
}

/// Takes the texts of an import out again, with everything that was said of them.
#[tauri::command]
#[specta::specta]
pub async fn project_remove_import(shell: Held<'_>, id: String, taken: u32) -> Result<Facts, Failure> {
    within(shell, id, move |project| {
        project.remove_import(taken)?;
        Ok(project.facts()?)
    })
    .await
}

/// Takes one text out, with everything that was said of it.
#[tauri::command]
#[specta::specta]
pub async fn project_remove_document(shell: Held<'_>, id: String, document: u32) -> Result<Facts, Failure> {
    within(shell, id, move |project| {
        project.remove_document(document)?;
        Ok(project.facts()?)
    })
    .await
}

/// Who did what and when, the last step first.
#[tauri::command]
#[specta::specta]
pub async fn project_history(shell: Held<'_>, id: String, first: u32, count: u32) -> Result<History, Failure> {
    within(shell, id, move |project| Ok(project.history(first, count)?)).await
}

#[tauri::command]
#[specta::specta]
pub async fn project_documents(shell: Held<'_>, id: String, query: DocumentQuery) -> Result<DocumentPage, Failure> {
    within(shell, id, move |project| Ok(project.documents(&query)?)).await
}

#[tauri::command]
#[specta::specta]
pub async fn project_document(
    shell: Held<'_>,
    id: String,
    annotator: u32,
    document: u32,
) -> Result<DocumentView, Failure> {
    within(shell, id, move |project| Ok(project.document(annotator, document)?)).await
}

/// The next document that the annotator has not done; with `shared` of those that somebody else has.
#[tauri::command]
#[specta::specta]
pub async fn project_next(
    shell: Held<'_>,
    id: String,
    annotator: u32,
    after: Option<u32>,
    shared: bool,
) -> Result<Option<u32>, Failure> {
    within(shell, id, move |project| Ok(project.next(annotator, after, shared)?)).await
}

/// Does something to a document and answers with it as it is then: it is on the disk by that time.
#[tauri::command]
#[specta::specta]
pub async fn project_act(
    shell: Held<'_>,
    id: String,
    annotator: u32,
    document: u32,
    action: Action,
) -> Result<DocumentView, Failure> {
    within(shell, id, move |project| {
        project.act(annotator, document, &action)?;
        Ok(project.document(annotator, document)?)
    })
    .await
}

/// A step that was taken back, or done again.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct TurnedBack {
    /// As in the history.
    pub action: String,
    /// The document that it was about, if it was about one.
    pub view: Option<DocumentView>,
    pub facts: Facts,
}

/// Takes back the annotator's last step, or does it again.
#[tauri::command]
#[specta::specta]
pub async fn project_turn_back(
    shell: Held<'_>,
    id: String,
    annotator: u32,
    again: bool,
) -> Result<Option<TurnedBack>, Failure> {
    within(shell, id, move |project| {
        let turned = if again { project.redo(annotator)? } else { project.undo(annotator)? };
        let Some(turned) = turned else { return Ok(None) };
        let view = turned.document.map(|document| project.document(annotator, document)).transpose()?;
        Ok(Some(TurnedBack { action: turned.action, view, facts: project.facts()? }))
    })
    .await
}

#[tauri::command]
#[specta::specta]
pub async fn add_label(
    shell: Held<'_>,
    id: String,
    annotator: u32,
    kind: LabelKind,
    name: String,
) -> Result<Facts, Failure> {
    within(shell, id, move |project| {
        project.add_label(annotator, kind, &name)?;
        Ok(project.facts()?)
    })
    .await
}

#[tauri::command]
#[specta::specta]
pub async fn change_label(shell: Held<'_>, id: String, annotator: u32, label: Label) -> Result<Facts, Failure> {
    within(shell, id, move |project| {
        project.change_label(annotator, &label)?;
        Ok(project.facts()?)
    })
    .await
}

#[tauri::command]
#[specta::specta]
pub async fn remove_label(shell: Held<'_>, id: String, annotator: u32, label: u32) -> Result<Facts, Failure> {
    within(shell, id, move |project| {
        project.remove_label(annotator, label)?;
        Ok(project.facts()?)
    })
    .await
}

/// Writes what an annotator has done in the form that the name's ending asks for.
#[tauri::command]
#[specta::specta]
pub async fn export_project(shell: Held<'_>, id: String, annotator: u32, to: String) -> Result<Given, Failure> {
    within(shell, id, move |project| {
        let (documents, lost) = studio::give(project, annotator, Path::new(&to))?;
        Ok(Given { path: to.clone(), documents, lost })
    })
    .await
}

/// The rounds of training, and whether more labels still pay.
#[tauri::command]
#[specta::specta]
pub async fn project_learning(shell: Held<'_>, id: String) -> Result<Learning, Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.learning(&id)?)).await
}

/// Trains a model on what the annotator has done, in the background. Answers with the run's id.
#[tauri::command]
#[specta::specta]
pub async fn project_retrain(shell: Held<'_>, id: String, annotator: u32, retrain: Retrain) -> Result<String, Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.retrain(&id, annotator, &retrain)?)).await
}

/// Has the last model look at up to `most` open texts, and puts the queue in order. Answers with whether it came to its end.
#[tauri::command]
#[specta::specta]
pub async fn project_suggest(
    shell: Held<'_>,
    id: String,
    most: u32,
    order: Order,
    progress: Channel<Done>,
) -> Result<bool, Failure> {
    apart(shell, move |shell| {
        let tell = telling(shell, Work::Suggest, progress);
        Ok(shell.jobs()?.suggest(&id, most as usize, order.strategy, order.seed.into(), &tell)?)
    })
    .await
}

/// Has the last model look at one document as the annotator has it, and answers with it.
#[tauri::command]
#[specta::specta]
pub async fn project_suggest_for(
    shell: Held<'_>,
    id: String,
    annotator: u32,
    document: u32,
) -> Result<DocumentView, Failure> {
    apart(shell, move |shell| {
        shell.jobs()?.suggest_for(&id, annotator, document)?;
        Ok(shell.project.with(&id, |project| Ok(project.document(annotator, document)?))?)
    })
    .await
}

/// Without a model: puts first what stands for many other texts. Answers with whether it came to its end.
#[tauri::command]
#[specta::specta]
pub async fn project_cold_start(
    shell: Held<'_>,
    id: String,
    encoder: String,
    seed: u32,
    progress: Channel<Done>,
) -> Result<bool, Failure> {
    apart(shell, move |shell| {
        let tell = telling(shell, Work::Suggest, progress);
        Ok(shell.jobs()?.cold_start(&id, &encoder, seed.into(), &tell)?)
    })
    .await
}

/// Puts the queue in an order that asks no model anew.
#[tauri::command]
#[specta::specta]
pub async fn project_reorder(shell: Held<'_>, id: String, order: Order) -> Result<(), Failure> {
    within(shell, id, move |project| Ok(project.reorder(order.strategy, order.seed.into())?)).await
}

/// How much of what was suggested turned out right, by confidence.
#[tauri::command]
#[specta::specta]
pub async fn project_precision(shell: Held<'_>, id: String) -> Result<Vec<Precision>, Failure> {
    within(shell, id, move |project| Ok(project.precision()?)).await
}

/// How far two annotators agree; `settler` is whose name what they differ on is settled under.
#[tauri::command]
#[specta::specta]
pub async fn project_agreement(
    shell: Held<'_>,
    id: String,
    first: u32,
    second: u32,
    settler: Option<u32>,
) -> Result<Agreement, Failure> {
    within(shell, id, move |project| Ok(project.agreement(first, second, settler)?)).await
}

/// Begins to settle what two differ on, or goes on with it, under a third name: what both say is taken over. Answers with the
/// annotator of that name.
#[tauri::command]
#[specta::specta]
pub async fn project_settle(
    shell: Held<'_>,
    id: String,
    first: u32,
    second: u32,
    name: String,
) -> Result<u32, Failure> {
    within(shell, id, move |project| {
        let settler = project.annotator(&name)?;
        project.settle(settler, first, second)?;
        Ok(settler)
    })
    .await
}

/// Where two annotators differ on a document.
#[tauri::command]
#[specta::specta]
pub async fn project_differences(
    shell: Held<'_>,
    id: String,
    document: u32,
    first: u32,
    second: u32,
) -> Result<Vec<Dispute>, Failure> {
    within(shell, id, move |project| Ok(project.differences(document, first, second)?)).await
}
