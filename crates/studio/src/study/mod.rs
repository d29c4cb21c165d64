//! Studies: one question, many runs. Which recipe is steady on these data, and how far can its result be trusted?

mod analysis;
mod cluster;
mod collect;
mod conduct;
mod ensemble;
mod figure;
mod flips;
mod html;
mod methods;
mod plan;
mod report;
mod tables;

pub use cluster::write_tasks;
pub use collect::RunRow;
pub(crate) use collect::outcomes_path;
pub use conduct::{StudyNews, conduct};
pub use ensemble::ensemble;
pub use plan::{Arm, Folds, RunSpec, StudyPlan, StudyWish, draft_study, outline_study, plan_study};
pub use report::{
    ArmReport, Caution, Comparison, Figures, Flip, Intervals, SeedScore, StudyFindings, StudyReport, StudyVerdict,
    VarianceReport,
};

use crate::history::runs;
use crate::workspace::{create, read_json, workspace, write_file, write_json};
use crate::{Failure, StudioError};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What `study.json` says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StudyRecord {
    pub plan: StudyPlan,
    /// Version of the program.
    pub program: String,
    pub created: String,
    /// When the last of its runs ended.
    pub ended: Option<String>,
    /// Runs that could not even begin, by name, and why.
    #[serde(default)]
    pub failures: BTreeMap<String, Failure>,
    /// What it said when it was last looked at.
    #[serde(default)]
    pub report: Option<StudyReport>,
}

/// A study as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StudyCard {
    pub id: String,
    pub created: String,
    pub ended: Option<String>,
    /// The name of the file or folder it learns from.
    pub data: String,
    pub task: corpus::Task,
    pub arms: Vec<String>,
    pub runs: usize,
    pub done: usize,
    pub failed: usize,
}

/// The folder of a study in the workspace.
pub fn study_folder(id: &str) -> Result<PathBuf, StudioError> {
    let mut parts = Path::new(id).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) => Ok(studies_folder()?.join(id)),
        _ => Err(StudioError::NotAStudy { path: id.into(), reason: "that is no name of a study".into() }),
    }
}

fn studies_folder() -> Result<PathBuf, StudioError> {
    Ok(workspace()?.join("studies"))
}

/// The name of a folder for a new study that neither exists nor is `taken`.
pub(crate) fn new_study_name(task: corpus::Task, taken: &dyn Fn(&str) -> bool) -> Result<String, StudioError> {
    let stem = format!("{}-{task}-study", crate::workspace::stamp());
    let folder = studies_folder()?;
    let free = (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
    let mut names = free.filter(|name| !folder.join(name).exists() && !taken(name));
    Ok(names.next().unwrap_or(stem.clone()))
}

/// A folder of its own in the workspace for a new study.
pub fn new_study_folder(task: corpus::Task) -> Result<PathBuf, StudioError> {
    study_folder(&new_study_name(task, &|_| false)?)
}

/// Whether a folder holds a study.
pub fn is_study(folder: &Path) -> bool {
    folder.join("study.json").is_file()
}

pub fn read_study(folder: &Path) -> Result<StudyRecord, StudioError> {
    if !is_study(folder) {
        return Err(StudioError::NotAStudy { path: folder.into(), reason: "it holds no study.json".into() });
    }
    let path = folder.join("study.json");
    read_json(&path).map_err(|error| StudioError::NotAStudy { path: folder.into(), reason: error.to_string() })
}

fn write_study(folder: &Path, record: &StudyRecord) -> Result<(), StudioError> {
    write_json(&folder.join("study.json"), record)
}

/// Where the runs of a study lie: those of one in the workspace among all runs, so that each can be looked at and used like
/// any other; else within the study's own folder, which can so be moved as a whole.
pub fn run_path(study: &Path, run: &str) -> Result<PathBuf, StudioError> {
    // However its path is written.
    let whole = study.canonicalize().unwrap_or_else(|_| study.into());
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let home = studies_folder().map(|folder| folder.canonicalize().unwrap_or(folder));
    if whole.parent().is_some_and(|parent| home.is_ok_and(|folder| parent == folder)) {
        Ok(workspace()?.join("runs").join(format!("{name}.{run}")))
    } else {
        Ok(study.join("runs").join(run))
    }
}

/// Every study in the workspace, the latest first.
pub fn studies() -> Result<Vec<StudyCard>, StudioError> {
    Ok(study_folders()?.iter().filter_map(|folder| card(folder).ok()).collect())
}

/// The folders of the studies in the workspace, the latest first: their names begin with the moment.
pub(crate) fn study_folders() -> Result<Vec<PathBuf>, StudioError> {
    let entries = fs::read_dir(studies_folder()?).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|folder| is_study(folder)).collect();
    folders.sort_by(|a, b| b.cmp(a));
    Ok(folders)
}

fn card(folder: &Path) -> Result<StudyCard, StudioError> {
    let record = read_study(folder)?;
    let rows = collect::rows(folder, &record)?;
    let plan = &record.plan;
    Ok(StudyCard {
        id: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        created: record.created,
        ended: record.ended,
        data: crate::sample::data_name(&plan.data),
        task: plan.task,
        arms: plan.arms.iter().map(|arm| arm.name.clone()).collect(),
        runs: rows.len(),
        done: rows.iter().filter(|row| row.is_over()).count(),
        failed: rows.iter().filter(|row| row.counts_as_failed()).count(),
    })
}

/// Deletes a study and all of its runs.
pub fn delete_study(id: &str) -> Result<(), StudioError> {
    let folder = study_folder(id)?;
    let prefix = format!("{id}.");
    for run in runs()?.into_iter().filter(|run| run.id.starts_with(&prefix)) {
        crate::delete_run(&run.id)?;
    }
    fs::remove_dir_all(&folder).map_err(|error| StudioError::file(&folder, error))
}

/// What a study says now. Where all of its runs are over, whoever ran them, that is noted.
pub fn study_report(folder: &Path) -> Result<StudyReport, StudioError> {
    let record = conduct::settle(folder)?;
    analysis::report(folder, &record)
}

/// Writes what a study says into its own folder or another: a page that stands alone, everything as JSON, and two tables.
/// Returns their names. What leaves the study's folder names no folder of this machine.
pub fn write_report(study: &Path, out: &Path) -> Result<Vec<String>, StudioError> {
    let (mut record, mut report) = (read_study(study)?, study_report(study)?);
    let same = |a: &Path, b: &Path| a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b);
    if !same(out, study) {
        // Another study's plan must not be lost; its ids of examples are nobody else's business.
        if is_study(out) {
            return Err(StudioError::OutputExists { path: out.join("study.json") });
        }
        report.flips.iter_mut().enumerate().for_each(|(place, flip)| flip.id = format!("example {}", place + 1));
        let plan = &mut record.plan;
        plan.data = crate::sample::data_name(&plan.data);
        plan.arms.iter_mut().for_each(|arm| arm.encoder = arm.encoder_name.clone());
        let problems =
            record.failures.values_mut().chain(report.runs.iter_mut().filter_map(|run| run.problem.as_mut()));
        problems.for_each(|problem| *problem = Failure::new(&problem.code, &problem.code));
    }
    create(out)?;
    write_file(&out.join("report.html"), html::html(&report).as_bytes())?;
    write_file(&out.join("runs.csv"), &tables::runs(&report)?)?;
    write_file(&out.join("arms.csv"), &tables::arms(&report)?)?;
    // The pictures are in the page.
    record.report = Some(StudyReport { figures: Figures::default(), ..report });
    write_study(out, &record)?;
    Ok(["report.html", "study.json", "runs.csv", "arms.csv"].map(String::from).to_vec())
}
