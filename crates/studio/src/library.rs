//! The encoders a user has: added from a folder or a zip, checked whole before they are taken in.

use crate::StudioError;
use crate::workspace::{cache, create, now, read_json, scratch, workspace, write_json};
use encoder::{Activation, Config, EncoderError, Family, FolderReport, inspect_folder};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::env;
use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// The name that stands for the encoder Ballast starts with.
pub const STARTER: &str = "starter";

/// An encoder, ready to be fine-tuned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncoderEntry {
    /// The name by which a user asks for it.
    pub name: String,
    /// What it is called in records and model cards: its name, but for the starter, which is not the same everywhere.
    #[serde(default)]
    pub title: String,
    pub folder: PathBuf,
    pub sha256: String,
    pub family: Family,
    pub layers: usize,
    pub hidden: usize,
    pub vocabulary: usize,
    pub parameters: usize,
    pub bytes: u64,
    /// When it was taken into the library (RFC 3339).
    #[serde(default)]
    pub added: Option<String>,
    /// What the check of the folder found worth saying.
    pub notes: Vec<String>,
}

fn shelf() -> Result<PathBuf, StudioError> {
    Ok(workspace()?.join("encoders"))
}

/// All encoders, the starter first.
pub fn encoders() -> Result<Vec<EncoderEntry>, StudioError> {
    let mut found = vec![starter()?];
    found.append(&mut shelved()?);
    Ok(found)
}

/// The encoders in the library, by name.
fn shelved() -> Result<Vec<EncoderEntry>, StudioError> {
    let entries = fs::read_dir(shelf()?).into_iter().flatten().flatten();
    let mut shelved: Vec<EncoderEntry> = entries.filter_map(|item| on_shelf(&item.path())).collect();
    shelved.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(shelved)
}

/// What `entry.json` says of a folder in the library. The folder itself counts, since a workspace may be moved.
fn on_shelf(folder: &Path) -> Option<EncoderEntry> {
    let entry: EncoderEntry = read_json(&folder.join("entry.json")).ok()?;
    let name = base_name(folder);
    Some(EncoderEntry { title: name.clone(), name, folder: folder.into(), ..entry })
}

/// The place in the library for a name; `None` for what is a path and no name.
fn place(name: &str) -> Result<Option<PathBuf>, StudioError> {
    let mut parts = Path::new(name).components();
    Ok(match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) => Some(shelf()?.join(name)),
        _ => None,
    })
}

/// The encoder a user means: `starter`, a name in the library, or a folder.
pub fn find_encoder(name: &str) -> Result<EncoderEntry, StudioError> {
    if name == STARTER {
        return starter();
    }
    if let Some(entry) = place(name)?.and_then(|folder| on_shelf(&folder)) {
        return Ok(entry);
    }
    let folder = Path::new(name);
    if folder.is_dir() || folder.components().count() > 1 {
        return entry(base_name(folder), folder);
    }
    Err(unknown(name)?)
}

fn unknown(name: &str) -> Result<StudioError, StudioError> {
    let known: Vec<String> = std::iter::once(STARTER.into()).chain(shelved()?.into_iter().map(|e| e.name)).collect();
    Ok(StudioError::UnknownEncoder { name: name.into(), known: known.join(", ") })
}

/// Takes an encoder into the library, from its folder or a zip of it.
pub fn add_encoder(source: &Path) -> Result<EncoderEntry, StudioError> {
    if !source.exists() {
        return Err(EncoderError::FolderMissing { folder: source.into() }.into());
    }
    let name = base_name(source);
    let target = shelf()?.join(&name);
    if target.exists() || name == STARTER {
        return Err(StudioError::EncoderExists { name });
    }
    if source.is_dir() {
        inspect_folder(source)?;
        return take_in(&name, source, &target);
    }
    let unpacked = scratch()?;
    unzip(source, unpacked.path())?;
    let missing = || StudioError::BadArchive { path: source.into(), reason: "it holds no config.json".into() };
    let folder = folder_with_config(unpacked.path(), 3).ok_or_else(missing)?;
    inspect_folder(&folder)?;
    take_in(&name, &folder, &target)
}

/// Removes an encoder from the library. Runs that began with it keep their models.
pub fn remove_encoder(name: &str) -> Result<(), StudioError> {
    match place(name)?.filter(|folder| folder.is_dir()) {
        Some(folder) => fs::remove_dir_all(&folder).map_err(|error| StudioError::file(&folder, error)),
        None => Err(unknown(name)?),
    }
}

fn base_name(path: &Path) -> String {
    let name = if path.is_dir() { path.file_name() } else { path.file_stem() };
    name.map_or_else(|| "encoder".into(), |name| name.to_string_lossy().to_string())
}

pub(crate) fn unzip(source: &Path, target: &Path) -> Result<(), StudioError> {
    let bad = |reason: String| StudioError::BadArchive { path: source.into(), reason };
    let file = File::open(source).map_err(|error| StudioError::file(source, error))?;
    // `extract` refuses names and links that lead out of the target.
    zip::ZipArchive::new(file).and_then(|mut archive| archive.extract(target)).map_err(|error| bad(error.to_string()))
}

/// The uppermost folder with a config.json, the first by name of several. macOS puts shadows of all files into its zips.
fn folder_with_config(folder: &Path, depth: usize) -> Option<PathBuf> {
    if folder.join("config.json").is_file() {
        return Some(folder.into());
    }
    if depth == 0 {
        return None;
    }
    let is_shadow = |path: &Path| path.file_name().is_some_and(|name| name == "__MACOSX");
    let mut inside: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    inside.retain(|path| path.is_dir() && !is_shadow(path));
    inside.sort();
    (0..depth).find_map(|level| inside.iter().find_map(|path| folder_with_config(path, level)))
}

/// Copies an encoder's files beside the library and moves them in at once, so that a half-copied one never shows.
fn take_in(name: &str, source: &Path, target: &Path) -> Result<EncoderEntry, StudioError> {
    create(&shelf()?)?;
    let copy = scratch()?;
    let entries = fs::read_dir(source).map_err(|error| StudioError::file(source, error))?;
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        let file = path.file_name().unwrap_or_default();
        fs::copy(&path, copy.path().join(file)).map_err(|error| StudioError::file(&path, error))?;
    }
    let checked = entry(name.to_string(), copy.path())?;
    let added = EncoderEntry { folder: target.into(), added: Some(now()), ..checked };
    write_json(&copy.path().join("entry.json"), &added)?;
    fs::rename(copy.path(), target).map_err(|error| StudioError::file(target, error))?;
    let _ = copy.keep();
    Ok(added)
}

/// What the check of a folder found, with what tells whether the folder is still the same.
type Checked = HashMap<PathBuf, (Vec<(PathBuf, u64, SystemTime)>, FolderReport)>;

/// The check of an encoder's folder. It reads all weights, so its outcome is kept until a file in the folder changes.
pub(crate) fn inspect(folder: &Path) -> Result<FolderReport, StudioError> {
    static KNOWN: Mutex<Option<Checked>> = Mutex::new(None);
    let stamps = stamps(folder);
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, report)) = known().as_ref().and_then(|all| all.get(folder)).filter(|(own, _)| *own == stamps) {
        return Ok(report.clone());
    }
    let report = inspect_folder(folder)?;
    known().get_or_insert_default().insert(folder.into(), (stamps, report.clone()));
    Ok(report)
}

/// Name, size and time of change of every file in a folder.
fn stamps(folder: &Path) -> Vec<(PathBuf, u64, SystemTime)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let stamp = |entry: fs::DirEntry| {
        let file = entry.metadata().ok()?;
        Some((entry.path(), file.len(), file.modified().ok()?))
    };
    let mut stamps: Vec<_> = entries.filter_map(stamp).collect();
    stamps.sort();
    stamps
}

fn entry(name: String, folder: &Path) -> Result<EncoderEntry, StudioError> {
    let report = inspect(folder)?;
    let mut notes = Vec::new();
    if !report.drawn.is_empty() && !report.has_pooler {
        notes.push("it has no pooler; a BERT classifier draws one anew".into());
    }
    if !report.unused.is_empty() {
        notes.push(format!("not used for fine-tuning: {}", report.unused.join(", ")));
    }
    Ok(EncoderEntry {
        title: name.clone(),
        name,
        folder: folder.into(),
        sha256: report.sha256,
        family: report.config.family,
        layers: report.config.num_hidden_layers,
        hidden: report.config.hidden_size,
        vocabulary: report.config.vocab_size,
        parameters: report.parameters,
        bytes: report.bytes,
        added: None,
        notes,
    })
}

/// The starter encoder that was installed beside this program, on Linux, macOS or Windows.
fn bundled() -> Option<PathBuf> {
    let program = env::current_exe().ok()?.canonicalize().ok()?;
    let beside = program.parent()?;
    let places = ["../lib/Ballast/starter", "../Resources/starter", "starter"].map(|place| beside.join(place));
    places.into_iter().find(|folder| folder.join("config.json").is_file())
}

/// The encoder to start with: the one `BALLAST_STARTER` names, else the one that was installed with the program, else the
/// one set-up fetched, else a small one with random
/// weights, named as what it is. Why a better one was passed over stands in its notes.
fn starter() -> Result<EncoderEntry, StudioError> {
    let named = env::var_os("BALLAST_STARTER").map(PathBuf::from);
    let fetched = cache().map(|folder| folder.join("encoders/minilm-l6")).filter(|folder| folder.exists());
    let mut notes = Vec::new();
    for folder in named.into_iter().chain(bundled()).chain(fetched) {
        match entry(STARTER.into(), &folder) {
            Ok(found) => {
                let title = format!("{} ({STARTER})", base_name(&folder));
                notes.extend(found.notes);
                return Ok(EncoderEntry { title, notes, ..found });
            }
            Err(error) => notes.push(format!("passed over: {error}")),
        }
    }
    let folder = workspace()?.join("random-starter");
    if !folder.join("vocab.txt").is_file() {
        create(&folder)?;
        write_random_starter(&folder)?;
    }
    notes.push("small random encoder, not pretrained: it knows nothing of language, and scores will be low".into());
    let title = "small random encoder (not pretrained)".into();
    Ok(EncoderEntry { title, notes, ..entry(STARTER.into(), &folder)? })
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
