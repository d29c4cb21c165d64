//! The reference's Python: the one that `BALLAST_PYTHON` names, else an environment of its own in the cache.

use std::path::PathBuf;
use std::process::Command;

use crate::setup;
use crate::shell::{Outcome, cache, finish, program, root, works};

/// Where it lies, installed or not yet.
pub fn python() -> PathBuf {
    let own = || folder().join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    std::env::var_os("BALLAST_PYTHON").map_or_else(own, PathBuf::from)
}

/// Installs what `xtask/reference/requirements.txt` lists, unless the environment has it or is the user's own.
pub fn install() -> Outcome {
    if std::env::var_os("BALLAST_PYTHON").is_some() {
        return Ok(());
    }
    let list = root().join("xtask/reference/requirements.txt");
    let work = || {
        let base = ["python3", "python"]
            .into_iter()
            .find(|name| works(&mut program(name, &["-m", "venv", "--help"])))
            .ok_or("there is no python3 with venv")?;
        eprintln!("Installing the reference's Python packages (several gigabytes) into {}", folder().display());
        finish(program(base, &["-m", "venv", "--clear"]).arg(folder()))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        finish(Command::new(python()).args(pip).arg(&list))
    };
    setup::when_changed(&folder().join(".installed"), &python(), std::slice::from_ref(&list), work).map_err(|message| {
        format!(
            "the reference's Python packages are not there ({message}): let BALLAST_PYTHON name a Python that has them"
        )
    })
}

fn folder() -> PathBuf {
    cache().join("reference")
}
