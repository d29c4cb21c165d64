//! Texts for people to label, with whatever their files mark in them already.

use crate::dataset::{Answers, Options, part_of};
use crate::mapping::{Named, NamedAnswer};
use crate::read::{self, Content};
use crate::trained::unlabelled;
use crate::{DataError, Document, Issue, Mention, Task, files};
use std::path::Path;

/// A text and what is known of it. Entities and relations are in the document, as are labels of the text as a whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Marked {
    pub document: Document,
    pub pair: Option<String>,
    pub group: Option<String>,
    pub score: Option<f64>,
    /// Whether its file says what is marked in it, if only that nothing is.
    pub labelled: bool,
}

/// Reads texts in any format, with or without labels: a file, the files of a folder, whatever split they are, or a folder of
/// notes. `tell` hears how many texts have been read and may end the reading.
pub fn load_marked(
    data: &Path,
    options: &Options,
    task: Task,
    tell: &dyn Fn(usize) -> bool,
) -> Result<(Vec<Marked>, Vec<Issue>), DataError> {
    let (mut all, mut issues) = (Vec::new(), Vec::new());
    let notes = data.is_dir() && read::format::of_folder(data).is_none() && files::of(data).is_err();
    if notes {
        let (examples, found) = unlabelled(data, options, task)?;
        all.extend(examples.into_iter().map(|example| marked(Named { example, answer: None }, false)));
        issues.extend(found);
    } else {
        for (path, split) in files::of(data)?.files {
            let beat = |_| tell(all.len());
            let file = read::read(&path, options, &beat)?;
            if let Content::Documents(documents, found) = file.content {
                let any = |document: &Document| !document.mentions.is_empty() || !document.labels.is_empty();
                // Where a file marks anything, a text without marks is one that has none.
                let labelled = documents.iter().any(any);
                let whole = |document| Marked { document, labelled, ..Marked::default() };
                all.extend(documents.into_iter().map(whole));
                issues.extend(found);
                continue;
            }
            let part = part_of(file, &path, (split, Some(task)), options, Answers::Possible, &beat)?;
            // Words under `O` alone may be a text that nobody has looked at; a whole file of them is.
            let entities =
                |named: &Named| matches!(&named.answer, Some(NamedAnswer::Entities(spans)) if !spans.is_empty());
            let any = part.named.iter().any(entities);
            all.extend(part.named.into_iter().map(|named| {
                let labelled = match named.answer {
                    Some(NamedAnswer::Entities(_)) => any,
                    Some(_) => true,
                    None => false,
                };
                marked(named, labelled)
            }));
            issues.extend(part.issues);
        }
    }
    if all.is_empty() {
        return Err(DataError::NoUsableText { path: data.into() });
    }
    if !tell(all.len()) {
        return Err(DataError::Cancelled);
    }
    Ok((all, issues))
}

fn marked(named: Named, labelled: bool) -> Marked {
    let Named { example, answer } = named;
    let mut document = Document { id: example.id, text: example.text, line: example.line, ..Document::default() };
    let mut score = None;
    match answer {
        Some(NamedAnswer::Class(name)) => document.labels = vec![name],
        Some(NamedAnswer::Labels(names)) => document.labels = names,
        Some(NamedAnswer::Score(own)) => score = Some(own),
        Some(NamedAnswer::Entities(spans)) => {
            let mention = |(place, (start, end, kind)): (usize, (usize, usize, String))| Mention {
                id: format!("T{}", place + 1),
                kind,
                ranges: std::iter::once(start..end).collect(),
                concept: None,
                line: example.line,
            };
            document.mentions = spans.into_iter().enumerate().map(mention).collect();
        }
        None => {}
    }
    Marked { document, pair: example.pair, group: example.group, score, labelled }
}
