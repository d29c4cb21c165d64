//! Whole fine-tunings by the clock, to be compared with other programs.

use crate::StudioError;
use crate::library::find_encoder;
use crate::runs::shared;
use crate::sample::data_path;
use crate::workspace::scratch;
use encoder::Compute;
use finetune::{Choices, Control, Event, Run, Session, resolve};
use std::time::Instant;

/// Trains once a seed, from 1 on, and keeps nothing. What frozen layers give is shared by the seeds. Returns the seconds of
/// training, without evaluations; `report` hears a line an epoch and a line a seed.
pub fn bench_train(
    data: &str,
    encoder: &str,
    choices: &Choices,
    seeds: u64,
    compute: &Compute,
    report: &mut dyn FnMut(String),
) -> Result<f64, StudioError> {
    let dataset = corpus::load(&data_path(data)?, &corpus::Options::default())?;
    let encoder = find_encoder(encoder)?;
    let config = encoder::inspect_folder(&encoder.folder)?.config;
    let shared = shared()?;
    let mut total = 0.0;
    for seed in 1..=seeds {
        let recipe = resolve(&Choices { seed: Some(seed), ..choices.clone() }, dataset.task, &config)?;
        let scratch = scratch()?;
        let run = Run {
            recipe: &recipe,
            encoder: &encoder.folder,
            dataset: &dataset,
            compute,
            folder: scratch.path(),
            shared: &shared,
        };
        let session = Session::prepare(&run)?;
        let (mut training, mut epoch, mut since) = (0.0, 0.0, Instant::now());
        let trained = session.train(&mut |event| {
            let gone = since.elapsed().as_secs_f64();
            match event {
                Event::ComputingFrozen { .. } | Event::Step { .. } => {
                    training += gone;
                    epoch += gone;
                }
                Event::Evaluation { .. } => {
                    report(format!("epoch {epoch:.1} s"));
                    epoch = 0.0;
                }
                _ => {}
            }
            since = Instant::now();
            Control::Continue
        })?;
        total += training;
        let [dev, test] = [&trained.dev, &trained.test].map(|scores| 100.0 * scores.main());
        report(format!("seed {seed} train {training:.1} s  dev F1 {dev:.2}  test F1 {test:.2}"));
    }
    Ok(total)
}
