//! The reference's Python: the one that `BALLAST_PYTHON` names, else an environment of its own in the cache.

use std::path::PathBuf;

use crate::python::REFERENCE;
use crate::shell::Outcome;

/// Where it lies, installed or not yet.
pub fn python() -> PathBuf {
    std::env::var_os("BALLAST_PYTHON").map_or_else(|| REFERENCE.python(), PathBuf::from)
}

/// Installs what `xtask/reference/requirements.txt` lists, unless the environment has it or is the user's own.
pub fn install() -> Outcome {
    if std::env::var_os("BALLAST_PYTHON").is_some() {
        return Ok(());
    }
    REFERENCE.install().map_err(|message| {
        format!(
            "the reference's Python packages are not there ({message}): let BALLAST_PYTHON name a Python that has them"
        )
    })
}
