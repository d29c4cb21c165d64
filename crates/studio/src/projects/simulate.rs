//! Whether choosing what to label pays: labelled data, of which a simulated annotator gives away the answers bit by bit.

use crate::devices::choose_device;
use crate::proposal::outline;
use crate::sample::data_path;
use crate::{StudioError, Wish, find_encoder};
use corpus::{Dataset, Example, Options};
use finetune::{Choices, Control, Event, Predictor, Run, Session, Shared};
use labelling::{Candidate, Strategy, order};
use random::{Purpose, Stream};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::Path;

/// What is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    pub data: String,
    pub options: Options,
    pub encoder: String,
    pub choices: Choices,
    pub device: Option<String>,
    pub strategies: Vec<Strategy>,
    pub seeds: Vec<u64>,
    /// Texts that may be chosen: so many of the training split, drawn by the seed.
    pub pool: usize,
    /// Labelled at first, drawn by the seed, the same for every strategy.
    pub start: usize,
    /// Labelled in each round.
    pub step: usize,
    pub rounds: usize,
}

/// How one strategy did with one seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Simulated {
    pub strategy: Strategy,
    pub seed: u64,
    /// Texts that were labelled, and the score on test of a model that learnt from them alone.
    pub curve: Vec<(usize, f64)>,
    /// The mean over its rounds.
    pub mean: f64,
}

/// Trains a new model each round on what is labelled by then, scores it on the whole test split, and lets it choose the next
/// texts. Models are those of the last epoch: there is no dev split to choose by. `tell` hears each round and may stop it all.
pub fn simulate(
    wanted: &Simulation,
    tell: &mut dyn FnMut(Strategy, u64, usize, f64) -> Control,
) -> Result<Vec<Simulated>, StudioError> {
    let whole = corpus::load(&data_path(&wanted.data)?, &wanted.options)?;
    let folder = find_encoder(&wanted.encoder)?.folder;
    let compute = choose_device(wanted.device.as_deref(), &mut |_| ())?;
    let mut all = Vec::new();
    for &seed in &wanted.seeds {
        let mut pool = whole.train.clone();
        Stream::new(seed, Purpose::Split, [0, 0]).shuffle(&mut pool);
        pool.truncate(wanted.pool.max(wanted.start));
        for &strategy in &wanted.strategies {
            let mut labelled: Vec<usize> = (0..wanted.start.min(pool.len())).collect();
            let mut curve = Vec::new();
            for round in 0..=wanted.rounds {
                let train: Vec<Example> = labelled.iter().map(|&place| pool[place].clone()).collect();
                // Scored after each epoch, though nothing is chosen by it.
                let dev = whole.dev.iter().take(DEV).cloned().collect();
                let dataset = Dataset { train, dev, ..whole.clone() };
                let choices = Choices { seed: Some(seed), keep: Some(finetune::Keep::Last), ..wanted.choices.clone() };
                let wish = Wish { encoder: wanted.encoder.clone(), choices, device: wanted.device.clone() };
                let recipe = outline(&dataset, &wish)?.recipe;
                let place = tempfile::tempdir().map_err(|error| StudioError::file(Path::new("."), error))?;
                let shared = Shared::new(place.path().join("frozen"));
                let run = Run {
                    recipe: &recipe,
                    encoder: &folder,
                    dataset: &dataset,
                    compute: &compute,
                    folder: place.path(),
                    shared: &shared,
                };
                let trained = Session::prepare(&run)?.train(&mut |_: Event| Control::Continue)?;
                let score = trained.test.defined().unwrap_or(0.0);
                curve.push((labelled.len(), score));
                if tell(strategy, seed, labelled.len(), score) != Control::Continue {
                    return Err(finetune::TrainError::Stopped.into());
                }
                if round < wanted.rounds {
                    let predictor = Predictor::load(&place.path().join("model"), &compute)?;
                    let next = choose(&predictor, strategy, &pool, &labelled, wanted.step, seed)?;
                    labelled.extend(next);
                }
            }
            let mean = curve.iter().map(|(_, score)| score).sum::<f64>() / curve.len() as f64;
            all.push(Simulated { strategy, seed, curve, mean });
        }
    }
    Ok(all)
}

/// Examples of dev that are looked at on the way.
const DEV: usize = 20;

fn choose(
    predictor: &Predictor,
    strategy: Strategy,
    pool: &[Example],
    labelled: &[usize],
    count: usize,
    seed: u64,
) -> Result<Vec<usize>, StudioError> {
    let mut go_on = |_, _| Control::Continue;
    let taken: HashSet<usize> = labelled.iter().copied().collect();
    let open: Vec<usize> = (0..pool.len()).filter(|place| !taken.contains(place)).collect();
    let texts = |places: &[usize]| places.iter().map(|&place| pool[place].clone()).collect::<Vec<Example>>();
    let doubts: Vec<f64> = if strategy.needs_model() {
        let said = predictor.predict_doubting(&texts(&open), &mut go_on)?;
        let of = |doubt: finetune::Doubt| match strategy {
            Strategy::LeastConfidence => 1.0 - doubt.confidence,
            Strategy::Margin => 1.0 - doubt.margin,
            _ => doubt.entropy,
        };
        said.into_iter().map(|(_, doubt)| of(doubt)).collect()
    } else {
        vec![0.0; open.len()]
    };
    let (mut vectors, mut known) = (vec![None; open.len()], Vec::new());
    if strategy.needs_embeddings() {
        vectors = predictor.embed(&texts(&open), &mut go_on)?.into_iter().map(Some).collect();
        known = predictor.embed(&texts(labelled), &mut go_on)?;
    }
    let candidates = open
        .iter()
        .zip(doubts)
        .zip(vectors)
        .map(|((&place, doubt), embedding)| Candidate { id: place as u32, doubt, embedding })
        .collect();
    // Another draw in each round.
    let seed = seed.wrapping_mul(1_000_003).wrapping_add(labelled.len() as u64);
    Ok(order(strategy, candidates, &known, seed).into_iter().take(count).map(|id| id as usize).collect())
}
