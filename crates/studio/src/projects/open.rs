//! The project that is being worked on, kept open between actions.

use super::open_project;
use crate::StudioError;
use labelling::Project;
use std::sync::{Mutex, PoisonError};

#[derive(Default)]
pub struct OpenProject {
    open: Mutex<Option<(String, Project)>>,
}

impl OpenProject {
    /// Does something with a project, which stays open until another one is asked for.
    pub fn with<T>(
        &self,
        id: &str,
        work: impl FnOnce(&mut Project) -> Result<T, StudioError>,
    ) -> Result<T, StudioError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_none_or(|(own, _)| own != id) {
            *open = None;
            *open = Some((id.into(), open_project(id)?));
        }
        let (_, project) = open.as_mut().ok_or_else(|| StudioError::NoProject { id: id.into() })?;
        work(project)
    }

    pub fn close(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
