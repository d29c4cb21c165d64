//! Starting other programs, and the folders that everything shares.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// A chore went well, or one sentence says what did not and what to do.
pub type Outcome<T = ()> = Result<T, String>;

/// The checkout, asked for at run time: a build folder that two checkouts share may hold the other one's program.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")),
    });
    ROOT.parent().unwrap_or(Path::new("."))
}

/// The folder outside the checkout for what is costly to make or fetch: `BALLAST_CACHE`, else the platform's.
pub fn cache() -> PathBuf {
    match std::env::var_os("BALLAST_CACHE") {
        Some(folder) => PathBuf::from(folder),
        None => match directories::ProjectDirs::from("", "", "ballast") {
            Some(folders) => folders.cache_dir().to_owned(),
            None => root().join("target/cache"),
        },
    }
}

/// Cargo in the checkout, building into the cache unless `CARGO_TARGET_DIR` says otherwise.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = program(&std::env::var("CARGO").unwrap_or("cargo".into()), arguments);
    command.current_dir(root()).env("BALLAST_CACHE", cache());
    if std::env::var_os("CARGO_TARGET_DIR").is_none() {
        command.env("CARGO_TARGET_DIR", cache().join("target"));
    }
    command
}

pub fn npm(arguments: &[&str]) -> Command {
    let mut command = program(if cfg!(windows) { "npm.cmd" } else { "npm" }, arguments);
    command.current_dir(root().join("ui"));
    command
}

pub fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs `command` to its end, its output going where ours goes.
pub fn finish(command: &mut Command) -> Outcome {
    let line = told(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` ended with {status}")),
        Err(error) => Err(cannot_start(&line, &error)),
    }
}

/// What `command` writes to its standard output.
pub fn read(command: &mut Command) -> Outcome<String> {
    let line = told(command);
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| cannot_start(&line, &error))?;
    if !output.status.success() {
        return Err(format!("`{line}` ended with {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether `command` starts and ends well; its output is dropped.
pub fn works(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn cannot_start(line: &str, error: &io::Error) -> String {
    format!("`{line}` cannot be started: {error}")
}

fn told(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}
