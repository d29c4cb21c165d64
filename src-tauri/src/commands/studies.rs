//! Studies: many runs, one answer. Their runs come through the queue like any other.

use super::{Held, apart};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::Path;
use studio::{DataRequest, Failure, StudyCard, StudyReport, StudyWish};

/// What a study would come to.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct StudyOutline {
    pub arms: Vec<String>,
    pub runs: usize,
    /// Optimizer steps of all runs.
    pub steps: usize,
    /// As far as this computer has been timed.
    pub seconds: Option<f64>,
    /// The command that does the same in a terminal.
    pub command: String,
}

/// Puts a study in the queue and answers with its id.
#[tauri::command]
#[specta::specta]
pub async fn start_study(shell: Held<'_>, data: DataRequest, wish: StudyWish) -> Result<String, Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.start_study(&shell.data, data, wish)?)).await
}

/// What a wish comes to on the data that are open.
#[tauri::command]
#[specta::specta]
pub async fn outline_study(shell: Held<'_>, data: DataRequest, wish: StudyWish) -> Result<StudyOutline, Failure> {
    apart(shell, move |shell| {
        let (plan, command) = studio::outline_study(&shell.data, &data, &wish)?;
        let seconds = shell.jobs()?.estimate_study(&shell.data, &plan)?;
        Ok(StudyOutline {
            arms: plan.arms.iter().map(|arm| arm.name.clone()).collect(),
            runs: plan.runs().len(),
            steps: plan.runs().iter().map(|run| plan.steps(run)).sum(),
            seconds,
            command,
        })
    })
    .await
}

/// Every study in the workspace, the latest first.
#[tauri::command]
#[specta::specta]
pub async fn studies(shell: Held<'_>) -> Result<Vec<StudyCard>, Failure> {
    apart(shell, |_| Ok(studio::studies()?)).await
}

/// What a study says now.
#[tauri::command]
#[specta::specta]
pub async fn study_report(shell: Held<'_>, id: String) -> Result<StudyReport, Failure> {
    apart(shell, move |_| Ok(studio::study_report(&studio::study_folder(&id)?)?)).await
}

/// Writes the report into a folder; answers with the names of the files.
#[tauri::command]
#[specta::specta]
pub async fn export_study(shell: Held<'_>, id: String, folder: String) -> Result<Vec<String>, Failure> {
    apart(shell, move |_| Ok(studio::write_report(&studio::study_folder(&id)?, Path::new(&folder))?)).await
}

/// Makes one run of those of an arm; answers with its id.
#[tauri::command]
#[specta::specta]
pub async fn ensemble_study(shell: Held<'_>, id: String, arm: String) -> Result<String, Failure> {
    apart(shell, move |shell| Ok(shell.jobs()?.ensemble(&id, &arm)?)).await
}
