//! Environments of Python packages in the cache, for what Ballast is compared with.

use std::path::PathBuf;
use std::process::Command;

use crate::setup;
use crate::shell::{Outcome, cache, finish, program, root, works};

/// A named environment, and the file in `xtask/reference` that lists its packages.
pub struct Environment {
    pub name: &'static str,
    pub list: &'static str,
}

/// PyTorch, transformers and ONNX Runtime: several gigabytes, for `bench` and `parity`.
pub const REFERENCE: Environment = Environment { name: "reference", list: "requirements.txt" };

/// ONNX Runtime alone, for the tests of exported models.
pub const ONNX: Environment = Environment { name: "onnx", list: "onnx.txt" };

impl Environment {
    fn folder(&self) -> PathBuf {
        cache().join(self.name)
    }

    /// Where its Python lies, installed or not yet.
    pub fn python(&self) -> PathBuf {
        self.folder().join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
    }

    /// Installs what its list names, unless it is there.
    pub fn install(&self) -> Outcome {
        let list = root().join("xtask/reference").join(self.list);
        let work = || {
            let base = ["python3", "python"]
                .into_iter()
                .find(|name| works(&mut program(name, &["-m", "venv", "--help"])))
                .ok_or("there is no python3 with venv")?;
            eprintln!("Installing the Python packages of {} into {}", self.list, self.folder().display());
            finish(program(base, &["-m", "venv", "--clear"]).arg(self.folder()))?;
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
            finish(Command::new(self.python()).args(pip).arg(&list))
        };
        setup::when_changed(&self.folder().join(".installed"), &self.python(), std::slice::from_ref(&list), work)
    }
}
