//! Labelling projects of the workspace: texts in, labels out, and models that are trained on the way.

mod ask;
mod give;
mod intake;
mod open;
mod rounds;
mod simulate;

pub use give::give;
pub use intake::{Taken, take_in};
pub use open::OpenProject;
pub use rounds::{Learning, Retrain, StopHint};
pub use simulate::{Simulated, Simulation, simulate};

use crate::workspace::{create, workspace};
use crate::{Failure, StudioError};
use corpus::Task;
use labelling::{Facts, Project};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// A project in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ProjectCard {
    pub id: String,
    pub facts: Option<Facts>,
    /// Why it cannot be opened, where it cannot.
    pub problem: Option<Failure>,
}

const FILE: &str = "project.sqlite";

fn folder() -> Result<PathBuf, StudioError> {
    Ok(workspace()?.join("projects"))
}

/// The folder of a project.
pub fn project_folder(id: &str) -> Result<PathBuf, StudioError> {
    let mut parts = Path::new(id).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) => Ok(folder()?.join(id)),
        _ => Err(StudioError::NoProject { id: id.into() }),
    }
}

/// Every project in the workspace, by name; those that cannot be opened come last.
pub fn projects() -> Result<Vec<ProjectCard>, StudioError> {
    let entries = fs::read_dir(folder()?).into_iter().flatten().flatten();
    let mut cards: Vec<ProjectCard> = entries
        .filter(|entry| entry.path().join(FILE).is_file())
        .map(|entry| {
            let id = entry.file_name().to_string_lossy().into_owned();
            match open_project(&id).and_then(|project| Ok(project.facts()?)) {
                Ok(facts) => ProjectCard { id, facts: Some(facts), problem: None },
                Err(error) => ProjectCard { id, facts: None, problem: Some(error.into()) },
            }
        })
        .collect();
    let name = |card: &ProjectCard| card.facts.as_ref().map(|facts| facts.name.clone());
    cards.sort_by_key(|card| (card.facts.is_none(), name(card), card.id.clone()));
    Ok(cards)
}

pub fn open_project(id: &str) -> Result<Project, StudioError> {
    let path = project_folder(id)?.join(FILE);
    if !path.is_file() {
        return Err(StudioError::NoProject { id: id.into() });
    }
    Ok(Project::open(&path)?)
}

/// A new project with an annotator. Answers with its id.
pub fn create_project(name: &str, task: Task, annotator: &str) -> Result<String, StudioError> {
    let name = name.trim();
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let stem = format!("{}-{}", crate::workspace::stamp(), plain.trim_matches('-').to_lowercase());
    let mut names = (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
    let root = folder()?;
    let id = names.find(|id| !root.join(id).exists()).unwrap_or(stem.clone());
    create(&root.join(&id))?;
    let mut project = Project::create(&root.join(&id).join(FILE), name, task)?;
    project.annotator(annotator)?;
    Ok(id)
}

/// Deletes a project with all its texts and labels. Runs that were trained on it stay.
pub fn delete_project(id: &str) -> Result<(), StudioError> {
    let path = project_folder(id)?;
    fs::remove_dir_all(&path).map_err(|error| StudioError::file(&path, error))
}
