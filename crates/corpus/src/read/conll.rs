//! CoNLL: one word a line with its tag in the last column, sentences divided by blank lines (Tjong Kim Sang and De Meulder
//! 2003), tags as BIO, IO, IOB1 or IOBES.

use crate::{DataError, Issue, IssueKind, scheme};
use std::path::Path;

/// A sentence with entities as (first word, word after the last, type).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub words: Vec<String>,
    pub entities: Vec<(usize, usize, String)>,
    pub document: Option<String>,
    pub line: usize,
}

/// Words and tags of a sentence as they stand in the file.
struct Block {
    words: Vec<(usize, String, String)>,
    document: Option<String>,
}

impl Block {
    fn tags(&self) -> Vec<&str> {
        self.words.iter().map(|(_, _, tag)| tag.as_str()).collect()
    }
}

/// Whether a text looks like CoNLL: nearly every line that is not blank ends in a tag, and there is more than one column.
pub fn looks_like(text: &str) -> bool {
    let lines = || text.lines().filter(|line| !line.trim().is_empty() && !is_document_start(line)).take(2000);
    let total = lines().count();
    let tagged = lines().filter(|line| {
        let fields = split(line, line.contains('\t'));
        fields.len() > 1 && fields.last().is_some_and(|tag| scheme::parse(tag).is_some())
    });
    total > 0 && tagged.count() * 10 >= total * 9
}

pub fn read(text: &str, path: &Path) -> Result<(Vec<Sentence>, Vec<Issue>), DataError> {
    let blocks = blocks(text, path)?;
    let scheme = scheme::detect(blocks.iter().map(Block::tags));
    let mut sentences = Vec::new();
    let mut issues = Vec::new();
    for block in blocks {
        let line = block.words.first().map_or(0, |word| word.0);
        let mut issue = |line, kind, rejected, message| {
            issues.push(Issue { file: path.into(), line, column: None, kind, rejected, message });
        };
        if let Some((line, _, tag)) = block.words.iter().find(|(_, _, tag)| scheme::parse(tag).is_none()) {
            issue(*line, IssueKind::BadTag, true, format!("\"{tag}\" is no tag; its sentence is left out"));
            continue;
        }
        let entities = scheme::entities(&block.tags(), scheme, |place| {
            let (line, word, tag) = &block.words[place];
            let message = format!("\"{tag}\" at \"{word}\" follows no entity of its type; read as its beginning");
            issue(*line, IssueKind::TagRepaired, false, message);
        });
        let words = block.words.into_iter().map(|(_, word, _)| word).collect();
        sentences.push(Sentence { words, entities, document: block.document, line });
    }
    Ok((sentences, issues))
}

fn is_document_start(line: &str) -> bool {
    line.starts_with("-DOCSTART-")
}

fn split(line: &str, tabs: bool) -> Vec<&str> {
    // Words may hold spaces that do not break, so only plain ones divide.
    let plain = |character: char| matches!(character, ' ' | '\t');
    if tabs {
        line.split('\t').map(|field| field.trim_matches(plain)).collect()
    } else {
        line.split(plain).filter(|field| !field.is_empty()).collect()
    }
}

fn blocks(text: &str, path: &Path) -> Result<Vec<Block>, DataError> {
    let lines = || text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_end()));
    let words = || lines().filter(|(_, line)| !line.trim().is_empty() && !is_document_start(line));
    let with_tab = words().take(1000).filter(|(_, line)| line.contains('\t')).count();
    let tabs = with_tab * 2 > words().take(1000).count();
    let expected = usual_columns(words().take(1000).map(|(_, line)| split(line, tabs).len()));
    let mut blocks = Vec::new();
    let mut current = Vec::new();
    let mut document = None;
    for (number, line) in lines() {
        let start = is_document_start(line);
        if start || line.trim().is_empty() {
            if !current.is_empty() {
                blocks.push(Block { words: std::mem::take(&mut current), document: document.clone() });
            }
            if start {
                document = document_name(line);
            }
            continue;
        }
        let fields = split(line, tabs);
        if fields.len() != expected || !matches!(expected, 2 | 4) {
            let (path, found) = (path.into(), fields.len());
            let expected = if matches!(expected, 2 | 4) { expected } else { 2 };
            return Err(DataError::ConllColumns { path, line: number, expected, found });
        }
        current.push((number, fields[0].to_string(), fields[expected - 1].to_string()));
    }
    if !current.is_empty() {
        blocks.push(Block { words: current, document });
    }
    Ok(blocks)
}

/// What `-DOCSTART-` says besides itself and fields without meaning.
fn document_name(line: &str) -> Option<String> {
    let rest = line.trim_start_matches("-DOCSTART-");
    let name: Vec<&str> = rest.split_whitespace().filter(|field| !matches!(*field, "O" | "-X-" | "-")).collect();
    let name = name.join(" ").trim_matches(['(', ')']).to_string();
    (!name.is_empty()).then_some(name)
}

fn usual_columns(counts: impl Iterator<Item = usize>) -> usize {
    let mut seen: Vec<(usize, usize)> = Vec::new();
    for count in counts {
        match seen.iter_mut().find(|(columns, _)| *columns == count) {
            Some((_, times)) => *times += 1,
            None => seen.push((count, 1)),
        }
    }
    seen.iter().max_by_key(|(_, times)| *times).map_or(0, |(columns, _)| *columns)
}
