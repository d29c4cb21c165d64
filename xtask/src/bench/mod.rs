//! `cargo xtask bench`: Ballast beside the reference, in turn on the same machine, because only a ratio within one run
//! means something. The reference is Hugging Face transformers on PyTorch, and ONNX Runtime for predictions.

mod measured;
mod plan;
mod reference;
mod sides;
mod table;

use crate::setup;
use crate::shell::{Outcome, cargo, finish};
use plan::Case;
use sides::{Inputs, Run};
use table::Pair;

pub fn run(arguments: &[&str]) -> Outcome {
    let plan = plan::read(arguments)?;
    let inputs = Inputs::found(&plan)?;
    let sides: Vec<Outcome<[Run; 2]>> = plan.cases.iter().map(|case| inputs.sides(&case.work, &plan)).collect();
    if sides.iter().any(Result::is_ok) {
        setup::page()?;
        finish(&mut cargo(&["build", "--bin", "ballast"]))?;
        reference::install()?;
    }
    let (count, mut failed, mut rows) = (plan.cases.len(), 0, Vec::new());
    for (number, (case, sides)) in plan.cases.iter().zip(sides).enumerate() {
        let title = format!("{}/{count} {}", number + 1, case.name);
        let outcome = match sides {
            Ok(sides) => pairs(case, sides, &title).map_err(|message| {
                failed += 1;
                format!("failed: {message}")
            }),
            Err(missing) => Err(format!("skipped: {missing}")),
        };
        if let Err(why) = &outcome {
            eprintln!("{title}: {why}");
        }
        rows.push((case.name.clone(), outcome));
    }
    let cores = plan.cores.map(|cores| format!(" on cores {cores}")).unwrap_or_default();
    println!(
        "{} threads{cores}; times and ratios are medians of pairs, peaks the highest\n\n{}",
        plan.threads,
        table::text(&rows)
    );
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of {count} rows failed: the table says why")) }
}

fn pairs(case: &Case, [mut ours, mut theirs]: [Run; 2], title: &str) -> Outcome<Vec<Pair>> {
    let mut pairs = Vec::new();
    for pair in 1..=case.pairs {
        let side = |who: &str, run: &mut Run| {
            eprintln!("{title}: pair {pair} of {}, {who}", case.pairs);
            let measured = run.measured().map_err(|message| format!("{who}: {message}"));
            measured.inspect(|measured| eprintln!("    {:.3} s  peak {:.0} MB", measured.seconds, measured.peak))
        };
        pairs.push((side("ours", &mut ours)?, side("reference", &mut theirs)?));
    }
    Ok(pairs)
}
