//! What must hold of the whole: the command works from data to model, the page speaks the shell's language, nothing reaches
//! the network, the window opens.

mod bad_input;
mod bench;
mod bindings;
mod command;
mod graphics;
mod jobs;
mod library;
mod network;
mod projects;
mod resume;
mod safety;
#[cfg(unix)]
mod slurm;
mod study;
mod webdriver;
mod window;

use std::path::{Path, PathBuf};

/// The root of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// An encoder that set-up fetched into the cache, or `None`, said aloud, where it could not.
fn fetched_encoder(name: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("BALLAST_CACHE").map(PathBuf::from).or_else(|| {
        directories::ProjectDirs::from("", "", "ballast").map(|folders| folders.cache_dir().to_path_buf())
    })?;
    let folder = cache.join("encoders").join(name);
    if folder.join("config.json").is_file() {
        return Some(folder);
    }
    eprintln!("skipped: the encoder {name} is not at {}; `cargo xtask test` fetches it", folder.display());
    None
}
