//! PubTator: title and abstract, then a line for each mention and each relation; documents are divided by blank lines.

use super::offsets::{Counted, Evidence, Unit};
use super::standoff::{counts_in, differs, issue, parts};
use crate::{DataError, Document, Issue, IssueKind, Mention, Relation, Section};
use std::ops::Range;
use std::path::Path;

/// The roles of the two concepts of a relation, which has no names for them.
pub const ROLES: [&str; 2] = ["Arg1", "Arg2"];

/// A document as its lines say it.
struct Block<'a> {
    id: &'a str,
    line: usize,
    title: &'a str,
    body: &'a str,
    mentions: Vec<Marked<'a>>,
    relations: Vec<(usize, Vec<&'a str>)>,
}

struct Marked<'a> {
    line: usize,
    range: Range<usize>,
    surface: &'a str,
    kind: &'a str,
    /// The concept and what follows it.
    more: Vec<&'a str>,
}

/// A document's text is title and abstract with a line end between, as the offsets count; a title alone has none.
pub fn read(text: &str, path: &Path) -> Result<(Vec<Document>, Vec<Issue>), DataError> {
    let mut issues = Vec::new();
    let blocks = blocks(text.strip_prefix('\u{feff}').unwrap_or(text), path, &mut issues)?;
    let mut evidence = Evidence::default();
    for block in &blocks {
        let text = text_of(block);
        let counted = Counted::new(&text);
        for marked in &block.mentions {
            evidence.add(&counted, std::slice::from_ref(&marked.range), marked.surface);
        }
    }
    let unit = evidence.unit();
    issues.extend(counts_in(path, unit));
    let documents = blocks.iter().map(|block| document(block, unit, path, &mut issues)).collect();
    issues.sort_by_key(|issue| issue.line);
    Ok((documents, issues))
}

/// The id, the letter and the text of a line as `12|t|Fever`.
fn text_line(line: &str) -> Option<(&str, char, &str)> {
    let (id, rest) = line.split_once('|')?;
    let (letter, text) = rest.split_once('|')?;
    let letter = letter.chars().next().filter(|found| matches!(found, 't' | 'a') && letter.len() == 1)?;
    (!id.is_empty() && !id.contains('\t')).then_some((id, letter, text))
}

fn blocks<'a>(text: &'a str, path: &Path, issues: &mut Vec<Issue>) -> Result<Vec<Block<'a>>, DataError> {
    let mut blocks: Vec<Block> = Vec::new();
    // A title opens a document, a blank line closes it.
    let mut open = false;
    for (index, line) in text.split('\n').enumerate() {
        let (number, line) = (index + 1, line.strip_suffix('\r').unwrap_or(line));
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        if let Some((id, 't', title)) = text_line(line) {
            let (mentions, relations) = (Vec::new(), Vec::new());
            blocks.push(Block { id, line: number, title, body: "", mentions, relations });
            open = true;
            continue;
        }
        let Some(block) = blocks.last_mut() else {
            let reason = "a PubTator file begins with the title of a document, as in 12345|t|Title".into();
            return Err(DataError::Malformed { path: path.into(), line: number, reason });
        };
        let outcome = if !open {
            Err("this line follows a blank line and so belongs to no document; it is left out".into())
        } else if let Some((id, _, body)) = text_line(line) {
            if id != block.id {
                Err(format!("this abstract of {id} stands under the title of {}; it is left out", block.id))
            } else if !block.body.is_empty() {
                Err(format!("{id} has an abstract already; this one is left out"))
            } else {
                block.body = body;
                Ok(())
            }
        } else {
            marked(line, number, block).map_err(|reason| format!("{reason}; it is left out"))
        };
        if let Err(reason) = outcome {
            issues.push(issue(path, number, IssueKind::BadRecord, true, reason));
        }
    }
    Ok(blocks)
}

/// Adds a mention or a relation to its document.
fn marked<'a>(line: &'a str, number: usize, block: &mut Block<'a>) -> Result<(), String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [id, first, second, ..] = fields[..] else {
        return Err("this line is no title, no abstract, no mention and no relation".into());
    };
    if id != block.id {
        return Err(format!("this line is of {id} but stands under the title of {}", block.id));
    }
    let numeric = |field: &str| field.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    if numeric(first) && (numeric(second) || fields.len() > 4) {
        let offset = |field: &str| field.trim().parse().map_err(|_| format!("\"{field}\" is no offset"));
        let range = offset(first)?..offset(second)?;
        let [_, _, _, surface, kind, more @ ..] = &fields[..] else {
            return Err(
                "a mention is written as id, start, end, text, type and perhaps concept, with tabs between".into()
            );
        };
        if kind.is_empty() {
            return Err("the mention has no type".into());
        }
        block.mentions.push(Marked { line: number, range, surface, kind, more: more.to_vec() });
    } else if fields.len() < 4 || fields[1..4].contains(&"") {
        return Err("a relation is written as id, type, concept and concept, with tabs between".into());
    } else {
        block.relations.push((number, fields[1..].to_vec()));
    }
    Ok(())
}

fn text_of(block: &Block) -> String {
    match (block.title, block.body) {
        (title, "") => title.into(),
        (title, body) => format!("{title}\n{body}"),
    }
}

fn document(block: &Block, unit: Unit, path: &Path, issues: &mut Vec<Issue>) -> Document {
    let text = text_of(block);
    let counted = Counted::new(&text);
    let title = block.title.chars().count();
    let mut sections = vec![Section { kind: "title".into(), range: 0..title }];
    if !block.body.is_empty() {
        sections.push(Section { kind: "abstract".into(), range: title + 1..counted.length() });
    }
    let (mut mentions, mut relations, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for marked in &block.mentions {
        let Marked { line, range, surface, kind, more } = marked;
        // Parts of an offset that is no character are outside of the text as well.
        let given = std::slice::from_ref(range);
        let ranges = match parts(counted.characters(given, unit).unwrap_or(given.to_vec()), counted.length()) {
            Ok(ranges) => ranges,
            Err(reason) => {
                let reason = format!("{reason}; the mention \"{surface}\" is left out");
                issues.push(issue(path, *line, IssueKind::BadSpan, true, reason));
                continue;
            }
        };
        if !counted.fits(&ranges, surface) {
            issues.push(issue(path, *line, IssueKind::BadSpan, false, differs(&counted, &ranges, surface)));
        }
        let id = format!("T{}", mentions.len() + 1);
        let concept = more.first().filter(|concept| !concept.is_empty()).map(|concept| concept.to_string());
        if let [_, further @ ..] = &more[..]
            && !further.is_empty()
        {
            rest.push(format!("{id}\t{}", further.join("\t")));
        }
        mentions.push(Mention { id, kind: kind.to_string(), ranges, concept, line: *line });
    }
    for (line, fields) in &block.relations {
        let id = format!("R{}", relations.len() + 1);
        if fields.len() > 3 {
            rest.push(format!("{id}\t{}", fields[3..].join("\t")));
        }
        let arguments = ROLES.iter().zip(&fields[1..]).map(|(role, concept)| (role.to_string(), concept.to_string()));
        relations.push(Relation { id, kind: fields[0].into(), arguments: arguments.collect(), line: *line });
    }
    let (id, file, line) = (block.id.into(), path.into(), block.line);
    Document { id, text, file, line, sections, mentions, relations, labels: Vec::new(), rest }
}
