//! `cargo xtask bundle`: what people install, with the starter encoder inside so that the first start needs no network.

use std::fs;
use std::path::{Path, PathBuf};

use crate::setup;
use crate::shell::{Outcome, cache, finish, program, root};

/// Files of an encoder's folder that Ballast reads, and what says whose they are.
const WANTED: [&str; 8] = [
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
    "README.md",
    "LICENSE",
];

/// Builds the packages named in `kinds` (`deb`, `rpm`, `appimage`, `nsis`, `msi`, `dmg`), else those that this system can
/// build without fetching anything.
pub fn build(kinds: &[&str]) -> Outcome {
    let usual: &[&str] = if cfg!(target_os = "linux") { &["deb", "rpm"] } else { &[] };
    let kinds = if kinds.is_empty() { usual } else { kinds };
    setup::to_build()?;
    setup::page()?;
    let encoder = setup::starter().ok_or("the starter encoder is missing; a bundle must hold it")?;
    let staged = stage(&encoder)?;
    // Licences of what is inside travel with it; everything of the starter goes to one folder beside the program.
    let settings = serde_json::json!({ "bundle": { "resources": { format!("{}/*", staged.display()): "starter/" } } });
    let path = cache().join("bundle").join("settings.json");
    fs::write(&path, settings.to_string()).map_err(|error| cannot(&path, &error))?;
    let tauri = root().join("ui/node_modules/@tauri-apps/cli/tauri.js");
    let mut command = program("node", &[]);
    command.arg(tauri).args(["build", "--ci", "--config"]).arg(&path).current_dir(root());
    if !kinds.is_empty() {
        command.args(["--bundles", &kinds.join(",")]);
    }
    if std::env::var_os("CARGO_TARGET_DIR").is_none() {
        command.env("CARGO_TARGET_DIR", cache().join("target"));
    }
    finish(&mut command)
}

/// A folder with the encoder's files and nothing else.
fn stage(encoder: &Path) -> Outcome<PathBuf> {
    let staged = cache().join("bundle/starter");
    let _ = fs::remove_dir_all(&staged);
    fs::create_dir_all(&staged).map_err(|error| cannot(&staged, &error))?;
    for name in WANTED {
        let from = encoder.join(name);
        if from.is_file() {
            fs::copy(&from, staged.join(name)).map_err(|error| cannot(&from, &error))?;
        }
    }
    if !staged.join("LICENSE").exists() {
        // MiniLM is under the Apache License 2.0 as well, whose text has to go with it.
        let licence = root().join("LICENSE-APACHE");
        fs::copy(&licence, staged.join("LICENSE")).map_err(|error| cannot(&licence, &error))?;
    }
    Ok(staged)
}

fn cannot(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be written: {error}", path.display())
}
