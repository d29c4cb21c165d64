//! The benchmark of biomedical language understanding (Gu et al. 2020): whichever of its datasets there are, each with its
//! task's settings, and the score over them.

use crate::runs::{Plan, TrainJob, plan, start};
use crate::workspace::{create, workspace, write_json};
use crate::{Failure, StudioError};
use corpus::{Options, Task};
use finetune::{Choices, Control, Event, Outcome, TrainError};
use metrics::{BlurbDataset, BlurbScore, BlurbTask, blurb_score};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// What to run.
#[derive(Debug, Clone, Default)]
pub struct BlurbJob {
    /// The folder with a folder for each dataset.
    pub data: PathBuf,
    pub encoder: String,
    /// What a user chose; the longest window is the dataset's own unless it is among it.
    pub choices: Choices,
    pub device: Option<String>,
    /// How often each dataset is learnt, from the recipe's seed on.
    pub seeds: u64,
    /// Without it the runs get a folder in the workspace.
    pub out: Option<PathBuf>,
}

/// What came of one dataset.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BlurbRow {
    pub dataset: BlurbDataset,
    pub task: Task,
    /// The task's score on test, times 100, one a seed.
    pub scores: Vec<f64>,
    /// Runs that are no better than guessing.
    pub failed: usize,
    /// Where texts are cut, as in the paper, and how many are.
    pub longest: Option<usize>,
    pub cut: usize,
    pub runs: Vec<PathBuf>,
    /// Why there is no score.
    pub problem: Option<Failure>,
}

impl BlurbRow {
    pub fn mean(&self) -> Option<f64> {
        (!self.scores.is_empty()).then(|| self.scores.iter().sum::<f64>() / self.scores.len() as f64)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BlurbReport {
    pub rows: Vec<BlurbRow>,
    pub score: BlurbScore,
}

/// What is told on the way.
pub enum BlurbNews<'a> {
    /// A run is planned and about to begin.
    Planned {
        dataset: BlurbDataset,
        plan: &'a Plan,
    },
    Event(&'a Event),
}

/// Names of a dataset's folder, in small letters and without anything but letters and digits.
fn names(dataset: BlurbDataset) -> &'static [&'static str] {
    match dataset {
        BlurbDataset::Bc5Chem => &["bc5chem", "bc5cdrchem"],
        BlurbDataset::Bc5Disease => &["bc5disease", "bc5cdrdisease"],
        BlurbDataset::NcbiDisease => &["ncbidisease", "ncbi"],
        BlurbDataset::Bc2gm => &["bc2gm"],
        BlurbDataset::Jnlpba => &["jnlpba"],
        BlurbDataset::EbmPico => &["ebmpico", "pico", "ebmnlp"],
        BlurbDataset::ChemProt => &["chemprot"],
        BlurbDataset::Ddi => &["ddi"],
        BlurbDataset::Gad => &["gad"],
        BlurbDataset::Biosses => &["biosses"],
        BlurbDataset::Hoc => &["hoc"],
        BlurbDataset::PubMedQa => &["pubmedqa"],
        BlurbDataset::BioAsq => &["bioasq"],
    }
}

/// How a dataset is read, and the pieces beyond which its texts are cut.
fn settings(dataset: BlurbDataset) -> (Options, Option<usize>) {
    let task = match dataset.task() {
        BlurbTask::Ner => Task::Ner,
        BlurbTask::Pico => Task::Pico,
        BlurbTask::Relation => Task::Relation,
        BlurbTask::Similarity => Task::Similarity,
        BlurbTask::DocumentClassification => Task::Multilabel,
        BlurbTask::QuestionAnswering => Task::Qa,
    };
    let negative = match dataset {
        BlurbDataset::ChemProt => Some("false"),
        BlurbDataset::Ddi => Some("DDI-false"),
        BlurbDataset::Gad => Some("0"),
        _ => None,
    };
    let longest = match dataset {
        BlurbDataset::Gad => Some(128),
        BlurbDataset::ChemProt | BlurbDataset::Ddi => Some(256),
        BlurbDataset::PubMedQa | BlurbDataset::BioAsq => Some(512),
        _ => None,
    };
    let merge_types = dataset == BlurbDataset::Jnlpba;
    let negative = negative.map(String::from);
    (Options { task: Some(task), negative, merge_types, ..Options::default() }, longest)
}

/// The folders of datasets that there are.
fn folders(data: &Path) -> Result<Vec<(BlurbDataset, PathBuf)>, StudioError> {
    let entries = fs::read_dir(data).map_err(|error| StudioError::file(data, error))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    paths.sort();
    let plain = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        name.chars().filter(|c| c.is_alphanumeric()).collect::<String>()
    };
    let found = BlurbDataset::ALL.into_iter().filter_map(|dataset| {
        let path = paths.iter().find(|path| names(dataset).contains(&plain(path).as_str()))?;
        Some((dataset, path.clone()))
    });
    Ok(found.collect())
}

/// Trains on every dataset that there is and scores it. What goes wrong with one is kept in its row; the others go on.
pub fn blurb(
    job: &BlurbJob,
    checking: &mut dyn FnMut(&str),
    tell: &mut dyn FnMut(BlurbNews) -> Control,
) -> Result<BlurbReport, StudioError> {
    let found = folders(&job.data)?;
    if found.is_empty() {
        return Err(StudioError::NoBlurb { path: job.data.clone() });
    }
    let out = match &job.out {
        Some(out) => out.clone(),
        None => workspace()?.join("blurb").join(crate::workspace::now().replace(':', "-")),
    };
    crate::workspace::refuse_filled(&out)?;
    create(&out)?;
    let mut report = BlurbReport { rows: Vec::new(), score: blurb_score(&[]) };
    for (dataset, folder) in found {
        let row = learn(job, dataset, &folder, &out, checking, tell)?;
        report.rows.push(row);
        let scored: Vec<_> = report.rows.iter().filter_map(|row| Some((row.dataset, row.mean()?))).collect();
        report.score = blurb_score(&scored);
        write_json(&out.join("blurb.json"), &report)?;
    }
    Ok(report)
}

fn learn(
    job: &BlurbJob,
    dataset: BlurbDataset,
    folder: &Path,
    out: &Path,
    checking: &mut dyn FnMut(&str),
    tell: &mut dyn FnMut(BlurbNews) -> Control,
) -> Result<BlurbRow, StudioError> {
    let (options, longest) = settings(dataset);
    let task = options.task.unwrap_or(Task::Classification);
    let mut row = BlurbRow { dataset, task, scores: vec![], failed: 0, longest, cut: 0, runs: vec![], problem: None };
    let first = job.choices.seed.unwrap_or(1);
    for seed in first..first + job.seeds.max(1) {
        let max_length = job.choices.max_length.or(longest);
        let choices = Choices { seed: Some(seed), max_length, ..job.choices.clone() };
        let stem: String = dataset.name().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let run = out.join(format!("{stem}-seed{seed}"));
        let train = TrainJob {
            data: folder.display().to_string(),
            options: options.clone(),
            encoder: job.encoder.clone(),
            choices,
            device: job.device.clone(),
            out: Some(run.clone()),
        };
        let planned = plan(&train, checking).map(|mut plan| {
            plan.recipe.truncate = longest.is_some();
            plan
        });
        let ended = planned.and_then(|plan| {
            tell(BlurbNews::Planned { dataset, plan: &plan });
            row.cut = cut(&plan)?;
            row.longest = longest.map(|_| plan.recipe.max_length);
            start(&plan, &mut |event| tell(BlurbNews::Event(event)))
        });
        match ended {
            Ok(summary) if summary.outcome == Outcome::Stopped => return Err(TrainError::Stopped.into()),
            Ok(summary) => {
                row.scores.push(100.0 * summary.test.main());
                row.failed += usize::from(summary.failed);
                row.runs.push(run);
            }
            Err(StudioError::Train(TrainError::Stopped)) => return Err(TrainError::Stopped.into()),
            Err(error @ (StudioError::DiskFull { .. } | StudioError::NoWorkspace)) => return Err(error),
            Err(error) => {
                row.problem = Some(Failure::from(&error));
                break;
            }
        }
    }
    Ok(row)
}

/// How many texts are cut.
fn cut(plan: &Plan) -> Result<usize, StudioError> {
    if !plan.recipe.truncate {
        return Ok(0);
    }
    let tokenizer = corpus::Tokenizer::load(&plan.encoder.folder).map_err(TrainError::from)?;
    let data = &plan.dataset;
    let longer = |examples| corpus::encode(&tokenizer, examples, plan.recipe.task, plan.recipe.max_length).windowed;
    Ok([&data.train, &data.dev, &data.test].into_iter().map(|examples| longer(examples)).sum())
}
