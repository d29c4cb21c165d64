//! `cargo xtask run`: from a fresh checkout to the program at work.

use std::process::{Command, Stdio};

use crate::setup;
use crate::shell::{Outcome, cargo, finish};

/// Opens the window; where there is no display, trains on the sample in the terminal.
pub fn window_or_sample() -> Outcome {
    setup::to_build()?;
    setup::page()?;
    if display() {
        finish(&mut ready("ballast-desktop", &[]))
    } else {
        println!("There is no display: training on the sample in the terminal instead.");
        finish(&mut ready(
            "ballast",
            &["train", "--data", "sample:notes", "--encoder", "starter", "--preset", "freeze"],
        ))
    }
}

/// Runs `ballast` with `arguments`.
pub fn command(arguments: &[&str]) -> Outcome {
    setup::to_build()?;
    setup::page()?;
    finish(&mut ready("ballast", arguments))
}

/// One of the two programs, with the starter encoder at hand.
fn ready(program: &str, arguments: &[&str]) -> Command {
    let mut command = cargo(&["run", "--bin", program, "--"]);
    command.args(arguments).stdin(Stdio::inherit());
    if let Some(folder) = setup::starter() {
        command.env("BALLAST_STARTER", folder);
    }
    command
}

fn display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
