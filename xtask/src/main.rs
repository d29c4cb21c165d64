//! Chores of the project, the same on every platform: `cargo xtask COMMAND`.

mod bench;
mod bundle;
mod parity;
mod python;
mod run;
mod sample;
mod sentences;
mod setup;
mod shell;
mod test;

use std::process::ExitCode;

use shell::{Outcome, cargo, finish, root};

const USAGE: &str = "\
cargo xtask COMMAND

  run [-- ARGS]   set up, then open the window; without a display train on the sample in the terminal;
                  with ARGS run `ballast ARGS`
  test            every check and test, as CI runs them
  bench [OPTIONS] measure time and memory beside PyTorch's and ONNX Runtime's and print one table (most of an hour)
                    --only step|frozen|epoch|predict|seeds  these rows alone, several as step,frozen; `seeds` (5 seeds
                                 of 5 epochs, whole) takes hours and is measured only when named
                    --pairs N    measure each row N times in turn [5; epochs and seeds: 1]
                    --threads N  on both sides [2]
                    --cores A,B  keep both sides to these cores (Linux)
  bench LAYERS HIDDEN BATCH SEQ ITERS [frozen=K] [heads=H] [OPTIONS]
                  the same for one training step of this shape
                  The reference's Python packages (several gigabytes) are installed into the cache folder, unless
                  BALLAST_PYTHON names a Python that has them (xtask/reference/requirements.txt)
  bundle [KINDS]  build what people install, with the starter encoder inside (Linux: deb and rpm; elsewhere all kinds of
                  the system; or those named: deb rpm appimage nsis msi dmg)
  parity          compare everything with Hugging Face transformers (BALLAST_PYTHON names a Python that has torch,
                  transformers and tokenizers)
  sample          write the sample data again (crates/studio/samples)
  picture         take the README's picture of the window again (docs/window.png; Linux, with ImageMagick)
  bindings        write the page's typed calls again (ui/src/lib/bindings.ts)

The build folder and the starter encoder lie in the platform's cache folder for Ballast; BALLAST_CACHE moves them, and
CARGO_TARGET_DIR the build folder alone.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["run"] => run::window_or_sample(),
        ["run", "--", rest @ ..] => run::command(rest),
        ["test"] => test::all(),
        ["bench", rest @ ..] => bench::run(rest),
        ["bundle", kinds @ ..] => bundle::build(kinds),
        ["parity"] => parity::all(),
        ["sample"] => sample::write(&root().join("crates/studio/samples"))
            .map_err(|error| format!("the sample cannot be written: {error}")),
        ["picture"] => test::picture(),
        ["bindings"] => bindings(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\nxtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn bindings() -> Outcome {
    setup::page()?;
    finish(cargo(&["test", "--workspace", "--test", "it", "bindings"]).env("BALLAST_WRITE_BINDINGS", "1"))
}
