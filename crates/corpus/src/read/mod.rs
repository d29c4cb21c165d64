//! Readers: from a file in whatever format to rows or sentences with line numbers.

mod conll;
mod encoding;
pub mod folders;
pub mod json;
mod jsonl;
mod labelstudio;
pub mod parquet;
pub mod spans;
mod table;
pub mod xlsx;

pub use conll::Sentence;

use crate::{DataError, Issue, Options};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Delimited text with a header, whatever the delimiter.
    Csv,
    Jsonl,
    Conll,
    /// One text a line, or one a file.
    Text,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
            Format::Conll => "conll",
            Format::Text => "text",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        [Format::Csv, Format::Jsonl, Format::Conll, Format::Text]
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| format!("there is no format \"{name}\"; choose csv, jsonl, conll or text"))
    }
}

/// Rows of cells under named columns. Cells of delimited text are strings.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    pub issues: Vec<Issue>,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub line: usize,
    pub cells: Vec<Value>,
}

pub enum Content {
    Table(Table),
    Sentences(Vec<Sentence>, Vec<Issue>),
    /// Texts without any label, with the line of each.
    Texts(Vec<(usize, String)>, Vec<Issue>),
}

/// A file that has been read.
pub struct File {
    pub content: Content,
    pub format: Format,
    pub encoding: String,
    pub delimiter: Option<char>,
    pub sha256: String,
    pub bytes: u64,
}

/// Reads a file as `options` say, else in whatever format its content shows. Only a `.txt` file that is neither a table nor
/// CoNLL is then read as plain texts.
///
/// `beat` hears how many bytes have been taken apart and may end the reading with `false`.
pub fn read(path: &Path, options: &Options, beat: Beat) -> Result<File, DataError> {
    file(encoding::decode_file(path, options.encoding.as_deref())?, path, options, beat)
}

/// Hears how far a reading has come and says whether it may go on.
pub type Beat<'a> = &'a dyn Fn(u64) -> bool;

/// The beginning of a file. What a cut may have torn, the last row or sentence, is left away.
pub fn read_beginning(path: &Path, options: &Options) -> Result<File, DataError> {
    let (decoded, whole) = encoding::decode_beginning(path, options.encoding.as_deref())?;
    let mut file = file(decoded, path, options, &|_| true)?;
    if !whole {
        match &mut file.content {
            Content::Table(table) if file.format == Format::Csv => drop(table.rows.pop()),
            Content::Sentences(sentences, _) => drop(sentences.pop()),
            Content::Table(_) | Content::Texts(..) => {}
        }
    }
    Ok(file)
}

fn file(decoded: encoding::Decoded, path: &Path, options: &Options, beat: Beat) -> Result<File, DataError> {
    let text = &decoded.text;
    let format = options.format.unwrap_or_else(|| format_of(text, path));
    let mut delimiter = None;
    let mut content = match format {
        Format::Jsonl => Content::Table(jsonl::read(text, path)),
        Format::Conll => {
            let (sentences, issues) = conll::read(text, path)?;
            Content::Sentences(sentences, issues)
        }
        Format::Csv => {
            let (table, found) = table::read(text, path, options.delimiter, beat)?;
            delimiter = Some(found);
            Content::Table(table)
        }
        Format::Text => {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            Content::Texts(lines.map(|(index, line)| (index + 1, line.trim().to_string())).collect(), Vec::new())
        }
    };
    let issue = decoded.issue(path);
    match &mut content {
        Content::Table(table) => table.issues.extend(issue),
        Content::Sentences(_, issues) | Content::Texts(_, issues) => issues.extend(issue),
    }
    let (encoding, sha256, bytes) = (decoded.encoding, decoded.sha256, decoded.bytes);
    Ok(File { content, format, encoding, delimiter, sha256, bytes })
}

fn format_of(text: &str, path: &Path) -> Format {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "jsonl" | "ndjson" | "json" => Format::Jsonl,
        "conll" | "bio" | "iob" | "iob2" => Format::Conll,
        "csv" => Format::Csv,
        _ if text.trim_start().starts_with('{') => Format::Jsonl,
        _ if conll::looks_like(text) => Format::Conll,
        "txt" | "" => Format::Text,
        _ => Format::Csv,
    }
}

/// The whole text of a file, whatever its encoding unless `options` name it, and what had to be repaired in it.
pub fn text_of(path: &Path, options: &Options) -> Result<(String, Option<Issue>), DataError> {
    let decoded = encoding::decode_file(path, options.encoding.as_deref())?;
    let issue = decoded.issue(path);
    Ok((decoded.text, issue))
}
