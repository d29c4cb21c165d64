//! Texts into a project, in any format, with whatever is marked in them.

use crate::StudioError;
use crate::sample::{data_name, data_path};
use corpus::{Issue, IssueKind, Marked, Options};
use labelling::{Imported, NewDocument, NewRelation, NewSpan, Project};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashMap;
use std::path::Path;

/// What came in, and what did not come in whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Taken {
    pub imported: Imported,
    pub issues: Vec<Issue>,
}

/// Takes the texts of a file or a folder into a project. Labels in them count as the annotator's. `tell` hears how many texts are
/// read and how many are in, and may stop it all with `false`: then nothing has changed.
pub fn take_in(
    project: &mut Project,
    annotator: u32,
    data: &str,
    options: &Options,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Taken, StudioError> {
    let path = data_path(data)?;
    let task = project.task()?;
    let read = std::cell::RefCell::new(&mut *tell);
    let (texts, mut issues) =
        corpus::load_marked(&path, options, task, &|read_so_far| (read.borrow_mut())(read_so_far, 0))?;
    let all = texts.len();
    let mut documents = Vec::with_capacity(all);
    for text in texts {
        documents.push(document(text, &path, &mut issues));
    }
    let imported = project.import(annotator, &data_name(data), documents, &mut |done| tell(all, done))?;
    let imported = imported.ok_or(corpus::DataError::Cancelled)?;
    Ok(Taken { imported, issues })
}

fn document(text: Marked, path: &Path, issues: &mut Vec<Issue>) -> NewDocument {
    let Marked { document, pair, group, score, labelled } = text;
    let mut note = |line: usize, kind: IssueKind, message: String| {
        issues.push(Issue { file: path.into(), line, column: None, kind, rejected: false, message });
    };
    let length = document.text.chars().count();
    let (mut spans, mut places) = (Vec::new(), HashMap::new());
    for mention in &document.mentions {
        let Some(hull) = mention.hull().filter(|hull| hull.start < hull.end && hull.end <= length) else {
            note(mention.line, IssueKind::BadSpan, format!("{} lies outside of its text; it is left out", mention.id));
            continue;
        };
        if mention.ranges.len() > 1 {
            let message = format!("{} is in several parts; it was read as one from first to last", mention.id);
            note(mention.line, IssueKind::SpanDiscontinuous, message);
        }
        places.insert(mention.id.as_str(), spans.len());
        spans.push(NewSpan { start: hull.start, end: hull.end, label: mention.kind.clone() });
    }
    let mut relations = Vec::new();
    for relation in &document.relations {
        let ends: Vec<usize> =
            relation.arguments.iter().filter_map(|(_, id)| places.get(id.as_str()).copied()).collect();
        match ends[..] {
            [head, tail] if head != tail && relation.arguments.len() == 2 => {
                relations.push(NewRelation { head, tail, label: relation.kind.clone() });
            }
            _ => {
                let message =
                    format!("{} does not join two different entities of its text; it is left out", relation.id);
                note(relation.line, IssueKind::RelationLeftOut, message);
            }
        }
    }
    NewDocument {
        name: document.id,
        text: document.text,
        pair,
        patient: group,
        spans,
        relations,
        labels: document.labels,
        score,
        done: labelled,
    }
}
