//! `ballast simulate`: curves of scores over labels, as a table.

use crate::print::{note, say};
use crate::{Failure, control, show, stop_signal};
use serde_json::json;
use studio::{Simulated, Simulation, Strategy};

pub fn simulate(json: bool, wanted: &Simulation) -> Result<(), Failure> {
    let stop = stop_signal();
    let found = studio::simulate(wanted, &mut |strategy, seed, labelled, score| {
        note(if json {
            json!({ "strategy": strategy, "seed": seed, "labelled": labelled, "score": score }).to_string()
        } else {
            format!("{}, seed {seed}: {labelled} labelled, {:.2} on test", name(strategy), 100.0 * score)
        });
        control(&stop)
    })?;
    show(json, &json!(found), || table(&wanted.strategies, &found));
    Ok(())
}

fn name(strategy: Strategy) -> String {
    serde_json::to_value(strategy).ok().and_then(|name| Some(name.as_str()?.to_string())).unwrap_or_default()
}

/// The mean over the seeds for each strategy and number of labels, times 100, and last the mean of the curve with its spread.
fn table(strategies: &[Strategy], found: &[Simulated]) {
    let labelled: Vec<usize> =
        found.first().map(|first| first.curve.iter().map(|point| point.0).collect()).unwrap_or_default();
    let head: String = labelled.iter().map(|count| format!("{count:>8}")).collect();
    say(format!("{:<24}{head}{:>8}{:>8}", "labelled", "mean", "sd"));
    for &strategy in strategies {
        let own: Vec<&Simulated> = found.iter().filter(|one| one.strategy == strategy).collect();
        let at =
            |place: usize| own.iter().filter_map(|one| Some(one.curve.get(place)?.1)).sum::<f64>() / own.len() as f64;
        let row: String = (0..labelled.len()).map(|place| format!("{:>8.2}", 100.0 * at(place))).collect();
        let means: Vec<f64> = own.iter().map(|one| one.mean).collect();
        let Some(spread) = metrics::spread(&means) else { continue };
        let sd = spread.sd.map_or("-".into(), |sd| format!("{:.2}", 100.0 * sd));
        say(format!("{:<24}{row}{:>8.2}{sd:>8}", name(strategy), 100.0 * spread.mean));
    }
}
