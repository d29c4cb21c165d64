//! Readers: from a file or a folder in whatever format to rows, sentences or documents with line numbers.

pub mod bioc;
pub mod bioc_json;
pub mod bioc_xml;
pub mod brat;
mod conll;
mod encoding;
pub mod folders;
pub mod format;
pub mod json;
mod jsonl;
mod labelstudio;
pub mod offsets;
pub mod parquet;
pub mod pubtator;
pub mod spans;
pub mod standoff;
mod table;
pub mod xlsx;

pub use conll::Sentence;
pub use format::Format;

use crate::{DataError, Document, Issue, IssueKind, Options};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

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
    /// Where rows come from files of their own.
    pub file: Option<PathBuf>,
    pub cells: Vec<Value>,
}

pub enum Content {
    Table(Table),
    Sentences(Vec<Sentence>, Vec<Issue>),
    Documents(Vec<Document>, Vec<Issue>),
    /// Texts without any label, with the line of each.
    Texts(Vec<(usize, String)>, Vec<Issue>),
}

impl Content {
    pub fn issues(&self) -> &[Issue] {
        match self {
            Content::Table(table) => &table.issues,
            Content::Sentences(_, issues) | Content::Texts(_, issues) | Content::Documents(_, issues) => issues,
        }
    }

    fn issues_mut(&mut self) -> &mut Vec<Issue> {
        match self {
            Content::Table(table) => &mut table.issues,
            Content::Sentences(_, issues) | Content::Texts(_, issues) | Content::Documents(_, issues) => issues,
        }
    }

    /// How many rows, sentences, documents or texts there are.
    pub fn len(&self) -> usize {
        match self {
            Content::Table(table) => table.rows.len(),
            Content::Sentences(sentences, _) => sentences.len(),
            Content::Documents(documents, _) => documents.len(),
            Content::Texts(texts, _) => texts.len(),
        }
    }

    /// What issues can be about: rows, or of documents also each of their annotations.
    pub fn records(&self) -> usize {
        match self {
            Content::Documents(documents, _) => {
                documents.iter().map(|document| 1 + document.mentions.len() + document.relations.len()).sum()
            }
            other => other.len(),
        }
    }
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

/// Hears how far a reading has come and says whether it may go on.
pub type Beat<'a> = &'a dyn Fn(u64) -> bool;

/// Reads a file, or a folder that is one dataset, as `options` say, else in whatever format its content shows. Only a `.txt`
/// file that is nothing else is read as plain texts.
///
/// `beat` hears how many bytes have been taken apart and may end the reading with `false`.
pub fn read(path: &Path, options: &Options, beat: Beat) -> Result<File, DataError> {
    if let Some(file) = not_one_text(path, options)? {
        return Ok(file);
    }
    file(encoding::decode_file(path, options.encoding.as_deref())?, path, options, beat)
}

/// The beginning of a file. What a cut may have torn, the last row or sentence, is left away.
pub fn read_beginning(path: &Path, options: &Options) -> Result<File, DataError> {
    if let Some(file) = not_one_text(path, options)? {
        return Ok(file);
    }
    let (decoded, whole) = encoding::decode_beginning(path, options.encoding.as_deref())?;
    let format = options.format.unwrap_or_else(|| format::of_text(&decoded.text, path));
    if !whole && format.is_read_whole() {
        return read(path, options, &|_| true);
    }
    let mut file = file(decoded, path, options, &|_| true)?;
    if !whole {
        match &mut file.content {
            Content::Table(table) if file.format == Format::Csv => drop(table.rows.pop()),
            Content::Sentences(sentences, _) => drop(sentences.pop()),
            Content::Documents(documents, _) => drop(documents.pop()),
            Content::Table(_) | Content::Texts(..) => {}
        }
    }
    Ok(file)
}

/// Reads what is no single text file: a folder, a spreadsheet, Parquet, a document with its annotations beside it.
fn not_one_text(path: &Path, options: &Options) -> Result<Option<File>, DataError> {
    let of_files = |format, content, sha256, bytes| {
        Ok(Some(File { content, format, encoding: "UTF-8".into(), delimiter: None, sha256, bytes }))
    };
    if path.is_dir() {
        return match options.format.or_else(|| format::of_folder(path)) {
            Some(Format::Brat) => {
                let (mut content, sha256, bytes) = brat_documents(&annotations_in(path)?, options)?;
                content.issues_mut().extend(without_annotations(path)?);
                of_files(Format::Brat, content, sha256, bytes)
            }
            Some(Format::Folders) => {
                let (table, sha256, bytes) = folders::read(path, options.encoding.as_deref())?;
                of_files(Format::Folders, Content::Table(table), sha256, bytes)
            }
            _ => Err(DataError::TrainMissing { path: path.into() }),
        };
    }
    if !path.exists() {
        return Err(DataError::FileMissing { path: path.into() });
    }
    let format = options.format.or_else(|| format::of_bytes(path));
    let content = match format {
        Some(Format::Xlsx) => Content::Table(xlsx::read(path, None)?),
        Some(Format::Parquet) => Content::Table(parquet::read(path)?),
        _ if format == Some(Format::Brat) || format::extension(path) == "ann" => {
            let (content, sha256, bytes) = brat_documents(&[path.with_extension("ann")], options)?;
            return of_files(Format::Brat, content, sha256, bytes);
        }
        _ => return Ok(None),
    };
    let bytes = fs::read(path).map_err(|source| DataError::File { path: path.into(), source })?;
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    of_files(format.unwrap_or(Format::Xlsx), content, sha256, bytes.len() as u64)
}

/// The `.ann` files of a folder in the order of their names.
fn annotations_in(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let entries = fs::read_dir(folder).map_err(|source| DataError::File { path: folder.into(), source })?;
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| format::extension(path) == "ann").collect();
    paths.sort();
    Ok(paths)
}

/// Texts without a file of annotations, which are not read: that nothing is marked in them cannot be told from that nobody
/// looked.
fn without_annotations(folder: &Path) -> Result<Vec<Issue>, DataError> {
    let entries = fs::read_dir(folder).map_err(|source| DataError::File { path: folder.into(), source })?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| format::extension(path) == "txt" && !path.with_extension("ann").is_file());
    paths.sort();
    let issue = |file: PathBuf| {
        let message = "there is no .ann file of the same name beside it; it is not read".to_string();
        Issue { file, line: 0, column: None, kind: IssueKind::Files, rejected: false, message }
    };
    Ok(paths.into_iter().map(issue).collect())
}

/// Texts and their annotations, the SHA-256 over all of it, and how many bytes it is.
fn brat_documents(annotations: &[PathBuf], options: &Options) -> Result<(Content, String, u64), DataError> {
    let (mut documents, mut issues) = (Vec::new(), Vec::new());
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    // An empty file is a text without a word, or a text in which nothing is marked.
    let mut read = |path: &Path, issues: &mut Vec<Issue>| match text_of(path, options) {
        Ok((text, issue)) => {
            issues.extend(issue);
            hash.update(format!("{}\0{}\0{text}", path.file_name().unwrap_or_default().display(), text.len()));
            bytes += text.len() as u64;
            Ok(text)
        }
        Err(DataError::FileEmpty { .. }) => Ok(String::new()),
        Err(error) => Err(error),
    };
    for path in annotations {
        let beside = path.with_extension("txt");
        if !beside.is_file() {
            let message = "there is no .txt file of the same name beside it".to_string();
            let kind = IssueKind::BadRecord;
            issues.push(Issue { file: path.clone(), line: 0, column: None, kind, rejected: true, message });
            continue;
        }
        let text = read(&beside, &mut issues)?;
        let marked = read(path, &mut issues)?;
        let id = path.file_stem().unwrap_or_default().to_string_lossy().to_string();
        let (document, found) = brat::read(&text, &marked, path, id);
        documents.push(document);
        issues.extend(found);
    }
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((Content::Documents(documents, issues), sha256, bytes))
}

fn file(decoded: encoding::Decoded, path: &Path, options: &Options, beat: Beat) -> Result<File, DataError> {
    let text = &decoded.text;
    let format = options.format.unwrap_or_else(|| format::of_text(text, path));
    let documents = |(documents, issues)| Content::Documents(documents, issues);
    let mut delimiter = None;
    let mut content = match format {
        Format::Jsonl => Content::Table(jsonl::read(text, path)),
        Format::Json | Format::LabelStudio => match json::read(text, path)? {
            json::Json::Table(table) => Content::Table(table),
            json::Json::Documents(documents, issues) => Content::Documents(documents, issues),
        },
        Format::BiocXml => documents(bioc_xml::read(text, path)?),
        Format::BiocJson => documents(bioc_json::read(text, path)?),
        Format::Pubtator => documents(pubtator::read(text, path)?),
        Format::Conll => {
            let (sentences, issues) = conll::read(text, path)?;
            Content::Sentences(sentences, issues)
        }
        Format::Csv => {
            let (table, found) = table::read(text, path, options.delimiter, beat)?;
            delimiter = Some(found);
            Content::Table(table)
        }
        Format::Text | Format::Brat | Format::Folders | Format::Xlsx | Format::Parquet => {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            Content::Texts(lines.map(|(index, line)| (index + 1, line.trim().to_string())).collect(), Vec::new())
        }
    };
    content.issues_mut().extend(decoded.issue(path));
    let (encoding, sha256, bytes) = (decoded.encoding, decoded.sha256, decoded.bytes);
    Ok(File { content, format, encoding, delimiter, sha256, bytes })
}

/// The whole text of a file, whatever its encoding unless `options` name it, and what had to be repaired in it.
pub fn text_of(path: &Path, options: &Options) -> Result<(String, Option<Issue>), DataError> {
    let decoded = encoding::decode_file(path, options.encoding.as_deref())?;
    let issue = decoded.issue(path);
    Ok((decoded.text, issue))
}
