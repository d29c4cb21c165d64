//! Formats and how they are told apart.

use super::{conll, folders, json};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Delimited text with a header, whatever the delimiter.
    Csv,
    /// A spreadsheet: .xlsx, .xls or .ods.
    Xlsx,
    Parquet,
    /// One object a line.
    Jsonl,
    /// One JSON value with all records, PubMedQA's own file among them.
    Json,
    LabelStudio,
    /// A word and its tag a line.
    Conll,
    /// A folder of texts, each with its annotations beside it.
    Brat,
    BiocXml,
    BiocJson,
    Pubtator,
    /// A folder a class, with its texts as files.
    Folders,
    /// One text a line, or one a file.
    Text,
}

impl Format {
    pub const ALL: [Format; 13] = [
        Format::Csv,
        Format::Xlsx,
        Format::Parquet,
        Format::Jsonl,
        Format::Json,
        Format::LabelStudio,
        Format::Conll,
        Format::Brat,
        Format::BiocXml,
        Format::BiocJson,
        Format::Pubtator,
        Format::Folders,
        Format::Text,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Parquet => "parquet",
            Format::Jsonl => "jsonl",
            Format::Json => "json",
            Format::LabelStudio => "label-studio",
            Format::Conll => "conll",
            Format::Brat => "brat",
            Format::BiocXml => "bioc-xml",
            Format::BiocJson => "bioc-json",
            Format::Pubtator => "pubtator",
            Format::Folders => "folders",
            Format::Text => "text",
        }
    }

    /// Whether a part of a file says nothing of the rest.
    pub fn is_read_whole(self) -> bool {
        matches!(self, Format::Json | Format::LabelStudio | Format::BiocXml | Format::BiocJson)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Format::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            format!("there is no format \"{name}\"; choose one of {}", Format::ALL.map(Format::name).join(", "))
        })
    }
}

/// The ending of a file's name, in small letters.
pub fn extension(path: &Path) -> String {
    path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// The endings under which data is looked for in a folder.
pub const EXTENSIONS: [&str; 20] = [
    "csv",
    "tsv",
    "tab",
    "xlsx",
    "xls",
    "ods",
    "parquet",
    "jsonl",
    "ndjson",
    "json",
    "conll",
    "bio",
    "iob",
    "iob2",
    "xml",
    "bioc",
    "pubtator",
    "pubtator3",
    "txt",
    "ann",
];

/// The format of a file that is no text, by its name or its first bytes.
pub fn of_bytes(path: &Path) -> Option<Format> {
    let mut first = [0; 4];
    let read = fs::File::open(path).and_then(|mut file| std::io::Read::read(&mut file, &mut first));
    match (extension(path).as_str(), read.map(|_| first)) {
        (_, Ok([b'P', b'A', b'R', b'1'])) | ("parquet", _) => Some(Format::Parquet),
        ("xlsx" | "xls" | "ods" | "xlsm" | "xlsb", _) | ("", Ok([b'P', b'K', 3, 4])) => Some(Format::Xlsx),
        _ => None,
    }
}

/// The format of a folder that holds no files named after splits.
pub fn of_folder(folder: &Path) -> Option<Format> {
    let mut entries = fs::read_dir(folder).ok()?.flatten();
    if entries.any(|entry| extension(&entry.path()) == "ann") {
        return Some(Format::Brat);
    }
    folders::looks_like(folder).then_some(Format::Folders)
}

pub fn of_text(text: &str, path: &Path) -> Format {
    let extension = extension(path);
    let start = text.trim_start();
    match extension.as_str() {
        "jsonl" | "ndjson" => Format::Jsonl,
        "ann" => Format::Brat,
        "conll" | "bio" | "iob" | "iob2" => Format::Conll,
        "csv" => Format::Csv,
        "pubtator" | "pubtator3" => Format::Pubtator,
        _ if extension == "xml" || start.starts_with("<?xml") || start.starts_with("<collection") => Format::BiocXml,
        _ if extension == "json" || is_json(start) => match json::kind(text) {
            json::Kind::Lines => Format::Jsonl,
            json::Kind::BioC => Format::BiocJson,
            json::Kind::LabelStudio => Format::LabelStudio,
            json::Kind::PubmedQa | json::Kind::Records => Format::Json,
        },
        _ if is_pubtator(start) => Format::Pubtator,
        _ if conll::looks_like(text) => Format::Conll,
        "txt" | "" => Format::Text,
        _ => Format::Csv,
    }
}

/// Whether a text begins as records in JSON do; notes may begin with a bracket too.
fn is_json(start: &str) -> bool {
    let inside = start.strip_prefix('[').map(str::trim_start);
    start.starts_with('{') || inside.is_some_and(|inside| inside.starts_with(['{', '[']))
}

/// Whether a text begins with `id|t|` as documents of PubTator do.
fn is_pubtator(start: &str) -> bool {
    let line = start.lines().next().unwrap_or_default();
    let mut parts = line.splitn(3, '|');
    let id = parts.next().unwrap_or_default();
    !id.is_empty() && !id.contains(char::is_whitespace) && parts.next() == Some("t") && parts.next().is_some()
}
