//! brat standoff: a text beside a file of annotations, one a line (<https://brat.nlplab.org/standoff.html>).

use super::offsets::Counted;
use super::standoff::{differs, issue, parts};
use crate::{Document, Issue, IssueKind, Mention, Relation};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The first letters of what is kept as it stands: events, attributes (as the older modifications), normalizations, notes,
/// equivalences.
const KEPT: [char; 6] = ['E', 'A', 'M', 'N', '#', '*'];

/// `path` is that of the annotations. Offsets count in the text as it is, carriage returns included, so it must come as it
/// is.
pub fn read(text: &str, annotations: &str, path: &Path, id: String) -> (Document, Vec<Issue>) {
    let counted = Counted::new(text);
    let mut document = Document { id, text: text.into(), file: path.into(), line: 1, ..Document::default() };
    let mut issues = Vec::new();
    let mut ids = HashSet::new();
    let annotations = annotations.strip_prefix('\u{feff}').unwrap_or(annotations);
    for (index, line) in annotations.split('\n').enumerate() {
        let (number, line) = (index + 1, line.strip_suffix('\r').unwrap_or(line));
        if line.trim().is_empty() {
            continue;
        }
        let mut bad = |kind, reason: String| issues.push(issue(path, number, kind, true, reason));
        let id = line.split('\t').next().unwrap_or_default();
        if line.starts_with(['T', 'R']) && ids.contains(id) {
            bad(IssueKind::BadRecord, format!("there is another {id} before; this one is left out"));
        } else if line.starts_with('T') {
            match mention(line, number, &counted) {
                Ok((mention, given)) => {
                    if let Some(surface) = given.filter(|surface| !counted.fits(&mention.ranges, surface)) {
                        let mut message = format!("{id}: {}", differs(&counted, &mention.ranges, surface));
                        if text.contains('\r') {
                            message += " (they may count each line end, here two characters, as one)";
                        }
                        issues.push(issue(path, number, IssueKind::BadSpan, false, message));
                    }
                    document.mentions.push(mention);
                    ids.insert(id);
                }
                Err((kind, reason)) => bad(kind, format!("{reason}; {id} is left out")),
            }
        } else if line.starts_with('R') {
            match relation(line, number) {
                Ok(relation) => {
                    document.relations.push(relation);
                    ids.insert(id);
                }
                Err(reason) => bad(IssueKind::BadRecord, format!("{reason}; {id} is left out")),
            }
        } else if is_kept(line) {
            document.rest.push(line.into());
            ids.insert(id);
        } else {
            let reason = "this is no annotation; a line begins with an id such as T1 or R1 and a tab, and is left out";
            bad(IssueKind::BadRecord, reason.into());
        }
    }
    document.relations.retain(|relation| {
        // Events may be arguments too.
        let unknown =
            relation.arguments.iter().find(|(_, id)| !id.starts_with(['T', 'E']) || !ids.contains(id.as_str()));
        if let Some((role, id)) = unknown {
            let reason =
                format!("{} relates {id} as {role}, which is nowhere; {} is left out", relation.id, relation.id);
            issues.push(issue(path, relation.line, IssueKind::BadRecord, true, reason));
        }
        unknown.is_none()
    });
    let concepts: Vec<(String, String)> = document.rest.iter().filter_map(|line| normalization(line)).collect();
    let mut places: HashMap<String, usize> = HashMap::new();
    places.extend(document.mentions.iter().enumerate().map(|(place, mention)| (mention.id.clone(), place)));
    for (id, concept) in concepts {
        if let Some(&place) = places.get(&id) {
            document.mentions[place].concept.get_or_insert(concept);
        }
    }
    issues.sort_by_key(|issue| issue.line);
    (document, issues)
}

/// Whether a line is one that is kept as it stands.
pub fn is_kept(line: &str) -> bool {
    line.starts_with(KEPT)
        && line.split_once('\t').is_some_and(|(id, what)| !id.contains(' ') && !what.trim().is_empty())
}

/// The mention and the concept of a line that normalizes, as `Reference T1 MESH:D003920` behind its id.
pub fn normalization(line: &str) -> Option<(String, String)> {
    let mut fields = line.strip_prefix('N')?.split('\t').skip(1);
    let mut words = fields.next()?.splitn(3, ' ').skip(1);
    let (id, concept) = (words.next()?, words.next()?.trim());
    (!concept.is_empty()).then(|| (id.into(), concept.into()))
}

/// The mention and what is said to stand there.
fn mention<'a>(
    line: &'a str,
    number: usize,
    text: &Counted,
) -> Result<(Mention, Option<&'a str>), (IssueKind, String)> {
    let bad = |reason: &str| (IssueKind::BadRecord, reason.to_string());
    let mut fields = line.splitn(3, '\t');
    let (id, what, surface) = (fields.next().unwrap_or_default(), fields.next(), fields.next());
    let (kind, spans) = what
        .and_then(|what| what.trim().split_once(' '))
        .ok_or_else(|| bad("an entity is written as id, tab, type, start, end, tab, text"))?;
    let mut ranges = Vec::new();
    for span in spans.split(';') {
        let (start, end) = span.trim().split_once(' ').ok_or_else(|| bad("a start or an end is missing"))?;
        let number = |text: &str| text.trim().parse().map_err(|_| bad(&format!("\"{text}\" is no offset")));
        ranges.push(number(start)?..number(end)?);
    }
    let ranges = parts(ranges, text.length()).map_err(|reason| (IssueKind::BadSpan, reason))?;
    Ok((Mention { id: id.into(), kind: kind.into(), ranges, concept: None, line: number }, surface))
}

fn relation(line: &str, number: usize) -> Result<Relation, String> {
    let usual = || "a relation is written as id, tab, type, Arg1:id, Arg2:id".to_string();
    let mut fields = line.split('\t');
    let id = fields.next().unwrap_or_default();
    let mut words = fields.next().unwrap_or_default().split_whitespace();
    let kind = words.next().ok_or_else(usual)?;
    let arguments: Option<Vec<(String, String)>> =
        words.map(|word| word.split_once(':').map(|(role, id)| (role.into(), id.into()))).collect();
    let arguments = arguments.filter(|arguments| arguments.len() == 2).ok_or_else(usual)?;
    Ok(Relation { id: id.into(), kind: kind.into(), arguments, line: number })
}
