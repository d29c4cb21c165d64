//! `cargo xtask bench`: a training step of ours beside one of PyTorch's, in turn on the same machine, because only a
//! ratio within one run means something.

use crate::setup;
use crate::shell::{Outcome, cargo, finish, program, read, root};

/// BERT-base, 8 × 128 tokens.
const STEP: [&str; 5] = ["12", "768", "8", "128", "5"];
const PAIRS: usize = 3;

pub fn step(arguments: &[&str]) -> Outcome {
    let arguments = if arguments.is_empty() { &STEP } else { arguments };
    setup::page()?;
    finish(&mut cargo(&["build", "--bin", "ballast"]))?;
    let ours = || {
        seconds("ballast", read(cargo(&["run", "--quiet", "--bin", "ballast", "--", "bench", "step"]).args(arguments))?)
    };
    let reference = root().join("../shared/bench/hf_step.py");
    let python = match std::env::var("BALLAST_PYTHON") {
        Ok(python) if reference.exists() => python,
        _ => {
            println!("Without PyTorch's time (it needs BALLAST_PYTHON and {}):", reference.display());
            return ours().map(|_| ());
        }
    };
    let mut ratios = Vec::new();
    for _ in 0..PAIRS {
        let ours = ours()?;
        let theirs = seconds("PyTorch", read(program(&python, &[]).arg(&reference).args(arguments))?)?;
        ratios.push(theirs / ours);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio, PyTorch's time over ours, {PAIRS} pairs: {:.3} (above 1 we are faster)", ratios[PAIRS / 2]);
    Ok(())
}

/// The median of the last line, `median X s  peak Y MB`.
fn seconds(who: &str, output: String) -> Outcome<f64> {
    let last = output.lines().last().unwrap_or_default();
    println!("{who}: {last}");
    last.split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .ok_or_else(|| format!("{who} ended with `{last}` where `median X s  peak Y MB` was expected"))
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn the_median_stands_in_the_last_line() {
        assert_eq!(seconds("it", "it 0 total 9.0\nmedian 0.4321 s  peak 812 MB\n".into()), Ok(0.4321));
        assert!(seconds("it", "Traceback".into()).is_err_and(|message| message.contains("Traceback")));
        assert!(seconds("it", String::new()).is_err());
    }
}
