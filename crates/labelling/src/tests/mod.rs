mod actions;
mod choosing;
mod crash;
mod large;
mod two;

use crate::{Action, LabelKind, NewDocument, Project};
use corpus::Task;
use std::path::Path;
use tempfile::TempDir;

/// A project of a few texts, and an annotator.
struct Bench {
    folder: TempDir,
    project: Project,
    ada: u32,
}

const TEXTS: [&str; 4] = [
    "Acute renal failure after gentamicin.",
    "No fever.\r\nCough 😷 since Monday.",
    "",
    "肺炎和哮喘。Pneumonia and asthma.",
];

fn document(name: &str, text: &str) -> NewDocument {
    NewDocument { name: name.into(), text: text.into(), ..NewDocument::default() }
}

fn bench(task: Task) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let mut project = Project::create(&folder.path().join("project.sqlite"), "ward 3", task).unwrap();
    let ada = project.annotator("Ada").unwrap();
    let texts = TEXTS.iter().enumerate().map(|(place, text)| document(&format!("note {place}"), text));
    project.import(ada, "notes", texts, &mut |_| true).unwrap();
    Bench { folder, project, ada }
}

impl Bench {
    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("project.sqlite")
    }

    fn act(&mut self, document: u32, action: Action) {
        self.project.act(self.ada, document, &action).unwrap();
    }

    fn fail(&mut self, document: u32, action: Action) -> &'static str {
        self.project.act(self.ada, document, &action).unwrap_err().code()
    }

    fn label(&mut self, kind: LabelKind, name: &str) -> u32 {
        self.project.add_label(self.ada, kind, name).unwrap()
    }

    fn spans(&self, document: u32) -> Vec<(u32, u32, u32)> {
        let view = self.project.document(self.ada, document).unwrap();
        view.spans.iter().map(|span| (span.start, span.end, span.label)).collect()
    }
}

fn opened(path: &Path) -> Project {
    let project = Project::open(path).unwrap();
    project.check().unwrap();
    project
}
