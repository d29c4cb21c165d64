//! `cargo xtask test`: every check and test, the quick ones first, up to the first that fails.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::python::ONNX;
use crate::setup;
use crate::shell::{Outcome, cache, cargo, finish, npm, program, root, works};

/// A step's name, and what it does.
type Step = (&'static str, fn() -> Outcome);

const STEPS: &[Step] = &[
    ("formatting", || finish(&mut cargo(&["fmt", "--all", "--check"]))),
    ("system packages", setup::to_test),
    ("page: install, build", setup::page),
    ("page: Biome", || finish(&mut npm(&["run", "lint"]))),
    ("page: svelte-check", || finish(&mut npm(&["run", "check"]))),
    ("page: vitest", || finish(&mut npm(&["run", "test"]))),
    ("encoders", || {
        setup::starter();
        setup::tiny();
        Ok(())
    }),
    ("ONNX Runtime", || {
        // What needs it says that it skipped.
        let _ = ONNX.install().map_err(|message| println!("skipped: {message}"));
        Ok(())
    }),
    ("clippy", || finish(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))),
    ("tests", || finish(&mut tests(&[], &[]))),
    ("window", window),
];

pub fn all() -> Outcome {
    let mut taken: Vec<(&str, Duration)> = Vec::new();
    let mut outcome = Ok(());
    for (name, step) in STEPS {
        println!("\n── {name}");
        let start = Instant::now();
        let ended = step();
        taken.push((name, start.elapsed()));
        if let Err(message) = ended {
            outcome = Err(format!("{name}: {message}"));
            break;
        }
    }
    println!("\n{:<24}{:>10}", "step", "seconds");
    for (name, time) in &taken {
        println!("{name:<24}{:>10.1}", time.as_secs_f64());
    }
    println!("{:<24}{:>10.1}", "together", taken.iter().map(|(_, time)| time.as_secs_f64()).sum::<f64>());
    outcome
}

/// The tests of the workspace whose name holds one of `names` (all where it is empty), started by the words `before`.
/// Always of the whole workspace: another choice of packages would build burn with other features, once more.
fn tests(names: &[&str], before: &[&str]) -> Command {
    let nextest = works(&mut cargo(&["nextest", "--version"]));
    let mut plain = if nextest {
        cargo(&["nextest", "run", "--workspace"])
    } else {
        cargo(&["test", "--workspace", "--no-fail-fast"])
    };
    plain.args(names);
    if let Some(folder) = setup::starter() {
        plain.env("BALLAST_STARTER", folder);
    }
    if ONNX.python().is_file() {
        plain.env("BALLAST_ONNX_PYTHON", ONNX.python());
    }
    if before.is_empty() {
        return plain;
    }
    let mut wrapped = program(before[0], &before[1..]);
    wrapped.arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        wrapped.env(name, value.unwrap_or_default());
    }
    if let Some(folder) = plain.get_current_dir() {
        wrapped.current_dir(folder);
    }
    wrapped
}

/// Takes the picture of the window in the README again; needs ImageMagick's `import`.
pub fn picture() -> Outcome {
    setup::to_test()?;
    setup::page()?;
    finish(&mut in_a_window())?;
    let (taken, shown) = (cache().join("pictures/recipe.png"), root().join("docs/window.png"));
    std::fs::copy(&taken, &shown).map_err(|error| format!("{} cannot be written: {error}", shown.display()))?;
    Ok(())
}

/// The end-to-end test, where this machine can show a window to itself.
fn window() -> Outcome {
    if !cfg!(target_os = "linux") {
        println!("skipped: WebKitWebDriver drives windows on Linux only");
        return Ok(());
    }
    if !works(&mut program("xvfb-run", &["--help"])) {
        println!("skipped: there is no xvfb-run (package xvfb)");
        return Ok(());
    }
    finish(&mut in_a_window())
}

/// The end-to-end test, in a real window on a virtual display.
fn in_a_window() -> Command {
    let display = ["dbus-run-session", "--", "xvfb-run", "--auto-servernum", "--server-args=-screen 0 1280x960x24"];
    let mut command = tests(&["window::"], &display);
    command.env("BALLAST_WINDOW", "1");
    let pictures = cache().join("pictures");
    if works(&mut program("import", &["-version"])) && std::fs::create_dir_all(&pictures).is_ok() {
        println!("A picture of every screen and state goes to {}", pictures.display());
        command.env("BALLAST_PICTURES", &pictures);
    } else {
        println!("No pictures are taken: there is no ImageMagick (package imagemagick)");
    }
    // One window at a time on the one display. nextest runs each test in a process of its own, so only it can see to that.
    command.env("NEXTEST_TEST_THREADS", "1");
    command
}
