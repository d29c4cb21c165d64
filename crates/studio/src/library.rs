//! The encoders a user has: added from a folder or a zip, checked whole before they are taken in.

use crate::StudioError;
use crate::workspace::{cache, create, read_json, workspace, write_json};
use encoder::{Activation, Config, Family, FolderReport, inspect_folder};
use serde::{Deserialize, Serialize};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The name that stands for the encoder Ballast starts with.
pub const STARTER: &str = "starter";

/// An encoder in the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncoderEntry {
    pub name: String,
    pub folder: PathBuf,
    pub sha256: String,
    pub family: Family,
    pub layers: usize,
    pub hidden: usize,
    pub vocabulary: usize,
    pub parameters: usize,
    pub bytes: u64,
    /// What the check of the folder found worth saying.
    pub notes: Vec<String>,
}

fn shelf() -> Result<PathBuf, StudioError> {
    Ok(workspace()?.join("encoders"))
}

/// All encoders, the starter first.
pub fn encoders() -> Result<Vec<EncoderEntry>, StudioError> {
    let mut found = vec![starter()?];
    let mut added: Vec<EncoderEntry> = fs::read_dir(shelf()?)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|item| read_json(&item.path().join("entry.json")).ok())
        .collect();
    added.sort_by(|a, b| a.name.cmp(&b.name));
    found.append(&mut added);
    Ok(found)
}

/// The encoder a user means: `starter`, a name in the library, or a folder.
pub fn find_encoder(name: &str) -> Result<EncoderEntry, StudioError> {
    if name == STARTER {
        return starter();
    }
    let all = encoders()?;
    if let Some(entry) = all.iter().find(|entry| entry.name == name) {
        return Ok(entry.clone());
    }
    let folder = Path::new(name);
    if folder.is_dir() || folder.components().count() > 1 {
        return entry(base_name(folder), folder);
    }
    let known: Vec<&str> = all.iter().map(|entry| entry.name.as_str()).collect();
    Err(StudioError::UnknownEncoder { name: name.into(), known: known.join(", ") })
}

/// Takes an encoder into the library, from its folder or a zip of it.
pub fn add_encoder(source: &Path) -> Result<EncoderEntry, StudioError> {
    let name = base_name(source);
    let target = shelf()?.join(&name);
    if target.exists() || name == STARTER {
        return Err(StudioError::EncoderExists { name });
    }
    if source.is_dir() {
        inspect_folder(source)?;
        return take_in(&name, source, &target);
    }
    let unpacked = tempfile::tempdir().map_err(|error| StudioError::file(source, error))?;
    unzip(source, unpacked.path())?;
    let missing = || StudioError::BadArchive { path: source.into(), reason: "it holds no config.json".into() };
    let folder = folder_with_config(unpacked.path(), 3).ok_or_else(missing)?;
    inspect_folder(&folder)?;
    take_in(&name, &folder, &target)
}

/// Removes an encoder from the library. Runs that began with it keep their models.
pub fn remove_encoder(name: &str) -> Result<(), StudioError> {
    let folder = shelf()?.join(base_name(Path::new(name)));
    if !folder.join("entry.json").is_file() {
        let known: Vec<String> = encoders()?.into_iter().map(|entry| entry.name).collect();
        return Err(StudioError::UnknownEncoder { name: name.into(), known: known.join(", ") });
    }
    fs::remove_dir_all(&folder).map_err(|error| StudioError::file(&folder, error))
}

fn base_name(path: &Path) -> String {
    let name = if path.is_dir() { path.file_name() } else { path.file_stem() };
    name.map_or_else(|| "encoder".into(), |name| name.to_string_lossy().to_string())
}

fn unzip(source: &Path, target: &Path) -> Result<(), StudioError> {
    let bad = |reason: String| StudioError::BadArchive { path: source.into(), reason };
    let file = File::open(source).map_err(|error| StudioError::file(source, error))?;
    // `extract` refuses names that lead out of the target.
    zip::ZipArchive::new(file).and_then(|mut archive| archive.extract(target)).map_err(|error| bad(error.to_string()))
}

fn folder_with_config(folder: &Path, depth: usize) -> Option<PathBuf> {
    if folder.join("config.json").is_file() {
        return Some(folder.into());
    }
    if depth == 0 {
        return None;
    }
    let entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    entries.filter(|path| path.is_dir()).find_map(|path| folder_with_config(&path, depth - 1))
}

/// Copies an encoder's files beside the library and moves them in at once, so that a half-copied one never shows.
fn take_in(name: &str, source: &Path, target: &Path) -> Result<EncoderEntry, StudioError> {
    let shelf = shelf()?;
    create(&shelf)?;
    let copy = tempfile::tempdir_in(&shelf).map_err(|error| StudioError::file(&shelf, error))?;
    let entries = fs::read_dir(source).map_err(|error| StudioError::file(source, error))?;
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        let file = path.file_name().unwrap_or_default();
        fs::copy(&path, copy.path().join(file)).map_err(|error| StudioError::file(&path, error))?;
    }
    let mut added = entry(name.to_string(), copy.path())?;
    added.folder = target.into();
    write_json(&copy.path().join("entry.json"), &added)?;
    fs::rename(copy.keep(), target).map_err(|error| StudioError::file(target, error))?;
    Ok(added)
}

fn entry(name: String, folder: &Path) -> Result<EncoderEntry, StudioError> {
    let report: FolderReport = inspect_folder(folder)?;
    let mut notes = Vec::new();
    if !report.drawn.is_empty() && !report.has_pooler {
        notes.push("it has no pooler; a BERT classifier draws one anew".into());
    }
    if !report.unused.is_empty() {
        notes.push(format!("not used for fine-tuning: {}", report.unused.join(", ")));
    }
    Ok(EncoderEntry {
        name,
        folder: folder.into(),
        sha256: report.sha256,
        family: report.config.family,
        layers: report.config.num_hidden_layers,
        hidden: report.config.hidden_size,
        vocabulary: report.config.vocab_size,
        parameters: report.parameters,
        bytes: report.bytes,
        notes,
    })
}

/// The encoder to start with: the one set-up fetched, else a small one with random weights, named as what it is.
fn starter() -> Result<EncoderEntry, StudioError> {
    let fetched = env::var_os("BALLAST_STARTER")
        .map(PathBuf::from)
        .or_else(|| cache().map(|folder| folder.join("encoders/minilm-l6")))
        .filter(|folder| folder.join("config.json").is_file());
    if let Some(folder) = fetched {
        return entry(STARTER.into(), &folder);
    }
    let folder = workspace()?.join("random-starter");
    if !folder.join("vocab.txt").is_file() {
        create(&folder)?;
        write_random_starter(&folder)?;
    }
    let mut made = entry(STARTER.into(), &folder)?;
    made.notes =
        vec!["small random encoder, not pretrained: it knows nothing of language, and scores will be low".into()];
    Ok(made)
}

fn write_random_starter(folder: &Path) -> Result<(), StudioError> {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(String::from);
    let characters = ('!'..='~').filter(|c| !c.is_ascii_uppercase()).map(String::from);
    let endings = ('!'..='~').filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit()).map(|c| format!("##{c}"));
    let words = crate::sample::words().into_iter().filter(|(word, count)| *count > 1 && word.chars().count() > 1);
    let vocabulary: Vec<String> =
        special.into_iter().chain(characters).chain(endings).chain(words.map(|(word, _)| word)).collect();
    let config = Config {
        family: Family::Bert,
        vocab_size: vocabulary.len(),
        embedding_size: 64,
        hidden_size: 64,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 128,
        max_position_embeddings: 256,
        type_vocab_size: 2,
        activation: Activation::Gelu,
        layer_norm_eps: 1e-12,
        initializer_range: 0.05,
        raw: Default::default(),
    };
    Ok(encoder::random_encoder(folder, &config, &vocabulary, 1)?)
}
