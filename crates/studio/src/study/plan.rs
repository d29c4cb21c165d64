//! From a question to the runs that answer it.

use super::{StudyRecord, write_study};
use crate::library::find_encoder;
use crate::proposal::{config_of, study_command};
use crate::sample::data_path;
use crate::workspace::{create, now, refuse_filled};
use crate::{DataRequest, OpenData, StudioError};
use corpus::{Dataset, Fold, Options, Split, Task};
use finetune::{Choices, Preset, Recipe, resolve};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// More runs than this are most likely a slip.
const MOST_RUNS: usize = 2000;

/// The search of Gu et al. (2020, section 2.5).
const SEARCHED_RATES: [f64; 3] = [1e-5, 3e-5, 5e-5];
const SEARCHED_BATCHES: [usize; 2] = [16, 32];

/// What a user asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StudyWish {
    /// Names in the library, folders, or `starter`.
    pub encoders: Vec<String>,
    /// What is compared: presets, or combinations of them.
    pub presets: Vec<Vec<Preset>>,
    /// What all runs have in common besides; its seed is the first.
    pub choices: Choices,
    pub seeds: usize,
    /// Seeds of the order of the examples for each seed of new weights; 1: both have the same.
    pub order_seeds: usize,
    pub folds: Option<Folds>,
    /// Whether each preset is tried with the learning rates and batch sizes of Gu et al. (2020).
    pub search: bool,
    pub device: Option<String>,
}

/// A cross-validation, and how often it is repeated with other divisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Folds {
    pub of: usize,
    pub repeats: usize,
}

/// A recipe on an encoder, which all seeds share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Arm {
    /// Distinct within the study.
    pub name: String,
    /// As it was asked for, its name in the library, and the SHA-256 of its weights.
    pub encoder: String,
    pub encoder_name: String,
    pub encoder_sha256: String,
    pub choices: Choices,
    /// What the choices come to, with the first seed.
    pub recipe: Recipe,
}

/// Everything that is decided before the first run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudyPlan {
    /// A file, a folder, or `sample:NAME`; made absolute.
    pub data: String,
    pub options: Options,
    pub task: Task,
    /// Of the data as read without folds.
    pub sha256: String,
    /// SHA-256 of each file.
    pub files: Vec<String>,
    pub labels: Vec<String>,
    pub train: usize,
    pub dev: usize,
    pub test: usize,
    /// Whether dev or test were drawn rather than given.
    pub drawn_split: bool,
    /// Whether test is given: then folds hold out dev, and every run answers the same test examples.
    #[serde(default)]
    pub given_test: bool,
    pub arms: Vec<Arm>,
    pub seeds: Vec<u64>,
    /// Empty: each run draws everything with its one seed.
    pub order_seeds: Vec<u64>,
    pub folds: Option<Folds>,
    pub device: Option<String>,
}

/// One run of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RunSpec {
    /// The name of its folder.
    pub name: String,
    /// Which of the arms.
    pub arm: usize,
    pub seed: u64,
    pub order_seed: Option<u64>,
    pub fold: Option<Fold>,
}

impl StudyPlan {
    /// All runs, so that what has ended at any moment compares the arms fairly: every arm with one seed before the next.
    pub fn runs(&self) -> Vec<RunSpec> {
        let orders: Vec<Option<u64>> =
            if self.order_seeds.is_empty() { vec![None] } else { self.order_seeds.iter().copied().map(Some).collect() };
        let folds: Vec<Option<Fold>> = match self.folds {
            None => vec![None],
            Some(Folds { of, repeats }) => {
                (1..=repeats).flat_map(|repeat| (1..=of).map(move |index| Some(Fold { index, of, repeat }))).collect()
            }
        };
        let mut runs = Vec::new();
        for &seed in &self.seeds {
            for &order_seed in &orders {
                for fold in &folds {
                    for arm in 0..self.arms.len() {
                        let fold = *fold;
                        runs.push(RunSpec {
                            name: self.name(arm, seed, order_seed, fold),
                            arm,
                            seed,
                            order_seed,
                            fold,
                        });
                    }
                }
            }
        }
        runs
    }

    fn name(&self, arm: usize, seed: u64, order_seed: Option<u64>, fold: Option<Fold>) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.') { c } else { '-' };
        let mut name = format!("{}-{}", arm + 1, self.arms[arm].name.chars().map(plain).collect::<String>());
        name.push_str(&format!("-seed{seed}"));
        if let Some(order) = order_seed {
            name.push_str(&format!("-order{order}"));
        }
        if let Some(Fold { index, of, repeat }) = fold {
            name.push_str(&format!("-fold{index}of{of}-{repeat}"));
        }
        name
    }

    /// What one run is to choose.
    pub fn choices(&self, run: &RunSpec) -> Choices {
        let arm = &self.arms[run.arm];
        Choices { seed: Some(run.seed), order_seed: run.order_seed.or(arm.choices.order_seed), ..arm.choices.clone() }
    }

    /// How the data of one run are read.
    pub fn options(&self, run: &RunSpec) -> Options {
        Options { fold: run.fold.or(self.options.fold), ..self.options.clone() }
    }

    /// The optimizer steps of one run, about so many where folds differ in size.
    pub fn steps(&self, run: &RunSpec) -> usize {
        let recipe = &self.arms[run.arm].recipe;
        self.train.div_ceil(recipe.batch_size) * recipe.epochs
    }
}

/// Decides everything and writes `study.json`; nothing is trained. `dataset` is the data as read without folds.
pub fn plan_study(
    dataset: &Dataset,
    data: &DataRequest,
    wish: &StudyWish,
    out: &Path,
) -> Result<StudyPlan, StudioError> {
    refuse_filled(out)?;
    let plan = draft_study(dataset, data, wish)?;
    create(out)?;
    let record = StudyRecord {
        plan: plan.clone(),
        program: env!("CARGO_PKG_VERSION").into(),
        created: now(),
        ended: None,
        failures: BTreeMap::new(),
        report: None,
    };
    write_study(out, &record)?;
    Ok(plan)
}

/// What a wish comes to on the data that are open, and the command that does the same. Nothing is written.
pub fn outline_study(
    open: &OpenData,
    data: &DataRequest,
    wish: &StudyWish,
) -> Result<(StudyPlan, String), StudioError> {
    let plan = draft_study(&*open.dataset()?, data, wish)?;
    Ok((plan, study_command(&data.data, &data.options, wish)))
}

/// The plan of a wish.
pub fn draft_study(dataset: &Dataset, data: &DataRequest, wish: &StudyWish) -> Result<StudyPlan, StudioError> {
    let nothing = |what: &str| StudioError::StudyEmpty { what: what.into() };
    if wish.encoders.is_empty() {
        return Err(nothing("encoder"));
    }
    if wish.presets.is_empty() {
        return Err(nothing("preset"));
    }
    if wish.seeds == 0 || wish.order_seeds == 0 {
        return Err(nothing("seed"));
    }
    let first = wish.choices.seed.unwrap_or(1);
    let seeds: Vec<u64> = (first..).take(wish.seeds).collect();
    let order_seeds = if wish.order_seeds > 1 { (first..).take(wish.order_seeds).collect() } else { Vec::new() };
    if let Some(folds) = wish.folds {
        // Refused here rather than by a run; whether one fold is possible does not depend on which.
        let fold = Fold { index: 1, of: folds.of, repeat: 1 };
        corpus::load(&data_path(&data.data)?, &Options { fold: Some(fold), ..data.options.clone() })?;
    }
    let plan = StudyPlan {
        data: absolute(&data.data)?,
        options: data.options.clone(),
        task: dataset.task,
        sha256: dataset.fingerprint(),
        files: dataset.sources.iter().map(|source| source.sha256.clone()).collect(),
        labels: dataset.labels.clone(),
        train: dataset.train.len(),
        dev: dataset.dev.len(),
        test: dataset.test.len(),
        drawn_split: dataset.drawn_split,
        given_test: dataset.sources.iter().any(|source| source.split == Some(Split::Test)),
        arms: arms(dataset.task, wish)?,
        seeds,
        order_seeds,
        folds: wish.folds.map(|folds| Folds { repeats: folds.repeats.max(1), ..folds }),
        device: wish.device.clone(),
    };
    let runs = plan.runs().len();
    if runs > MOST_RUNS {
        return Err(StudioError::StudyTooLarge { runs, most: MOST_RUNS });
    }
    Ok(plan)
}

fn arms(task: Task, wish: &StudyWish) -> Result<Vec<Arm>, StudioError> {
    let mut arms: Vec<Arm> = Vec::new();
    for encoder in &wish.encoders {
        let entry = find_encoder(encoder)?;
        let config = config_of(&entry)?;
        for presets in &wish.presets {
            let base = Choices { presets: presets.clone(), ..wish.choices.clone() };
            let tried: Vec<Choices> = if wish.search {
                let rates = SEARCHED_RATES.into_iter().flat_map(|rate| SEARCHED_BATCHES.map(|batch| (rate, batch)));
                rates
                    .map(|(rate, batch)| Choices { learning_rate: Some(rate), batch_size: Some(batch), ..base.clone() })
                    .collect()
            } else {
                vec![base]
            };
            for choices in tried {
                let recipe = resolve(&choices, task, &config)?;
                let mut name = recipe.presets.iter().map(|preset| preset.name()).collect::<Vec<_>>().join("+");
                if wish.search {
                    name.push_str(&format!(" lr {:e} batch {}", recipe.learning_rate, recipe.batch_size));
                }
                if wish.encoders.len() > 1 {
                    name = format!("{}: {name}", entry.title);
                }
                if arms.iter().any(|arm| arm.name == name) {
                    return Err(StudioError::StudyRepeats { name });
                }
                arms.push(Arm {
                    name,
                    encoder: if Path::new(encoder).is_dir() { absolute(encoder)? } else { encoder.clone() },
                    encoder_name: entry.title.clone(),
                    encoder_sha256: entry.sha256.clone(),
                    choices,
                    recipe,
                });
            }
        }
    }
    Ok(arms)
}

/// A path that holds from any working folder; a sample's name stays as it is.
fn absolute(data: &str) -> Result<String, StudioError> {
    if data.starts_with("sample:") {
        return Ok(data.into());
    }
    let path: PathBuf = data_path(data)?;
    Ok(std::path::absolute(&path).unwrap_or(path).display().to_string())
}
