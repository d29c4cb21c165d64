//! What a study says, as plain data: everything that its table, its pictures and its sentence are made of.

use super::RunRow;
use corpus::Task;
use finetune::Preset;
use metrics::{ExpectedBest, Interval, Spread};
use serde::{Deserialize, Serialize};
use specta::Type;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StudyReport {
    pub id: String,
    pub created: String,
    pub ended: Option<String>,
    /// The name of the file or folder it learnt from.
    pub data: String,
    pub task: Task,
    /// What the scores are, as `macro F1`. They lie from 0 to 1, a correlation from -1.
    pub score: String,
    pub train: usize,
    pub dev: usize,
    pub test: usize,
    pub drawn_split: bool,
    pub seeds: usize,
    pub order_seeds: usize,
    pub folds: Option<super::Folds>,
    /// The share of the epochs after which hopeless runs were given up.
    pub give_up: Option<f64>,
    pub arms: Vec<ArmReport>,
    pub runs: Vec<RunRow>,
    /// Whether the arms of each encoder spread equally over the seeds.
    pub variances: Vec<VarianceReport>,
    /// Each arm against the first of its encoder.
    pub comparisons: Vec<Comparison>,
    pub verdict: Option<StudyVerdict>,
    pub flips: Vec<Flip>,
    /// Test examples on which runs of one arm disagree, and all.
    pub flipping: usize,
    pub tested: usize,
    /// The paragraph that a paper needs, in English, and the works that it names.
    pub methods: String,
    pub references: Vec<String>,
    /// The answer in one sentence, in English.
    pub sentence: String,
    pub figures: Figures,
}

/// What a study found, as it goes with one of its models: nothing of any one example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StudyFindings {
    pub arms: Vec<ArmReport>,
    pub comparisons: Vec<Comparison>,
    pub verdict: Option<StudyVerdict>,
    pub methods: String,
    pub references: Vec<String>,
}

/// The pictures, as SVG without a script. Colours are the page's own: `currentColor` and the classes that it knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Figures {
    /// Test scores: a dot a seed, mean and interval, one row an arm.
    pub dots: String,
    /// Dev scores by epoch, all seeds over one another, one panel an arm.
    pub curves: String,
    /// The best dev score to expect by the number of runs tried.
    pub expected: String,
}

/// What has come of one arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ArmReport {
    pub name: String,
    pub encoder: String,
    pub presets: Vec<Preset>,
    pub learning_rate: f64,
    pub batch_size: usize,
    pub epochs: usize,
    /// Runs planned, ended with scores, broken off, and ended no better than guessing.
    pub planned: usize,
    pub ended: usize,
    pub broken: usize,
    pub failed: usize,
    pub collapsed: usize,
    /// One score a seed: with folds that of all examples, each answered by the run that had not seen it.
    pub scores: Vec<SeedScore>,
    pub dev: Option<Spread>,
    pub test: Option<Spread>,
    pub intervals: Intervals,
    /// The best dev score to expect from so many runs (Dodge et al. 2019).
    pub expected: Vec<ExpectedBest>,
    /// Mean seconds of training a run.
    pub seconds: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct SeedScore {
    pub seed: u64,
    pub order_seed: Option<u64>,
    /// With folds, the repeat.
    pub repeat: Option<usize>,
    pub dev: f64,
    /// `None` for a correlation that is undefined.
    pub test: Option<f64>,
    pub failed: bool,
}

/// How far the mean test score can be trusted, at 95 %.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Intervals {
    /// With other seeds on the same test examples.
    pub seeds: Option<Interval>,
    /// With other test examples and the same runs.
    pub examples: Option<Interval>,
    /// With others of both.
    pub both: Option<Interval>,
}

/// Brown and Forsythe's test for all arms of an encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct VarianceReport {
    pub encoder: String,
    pub arms: usize,
    pub statistic: f64,
    pub p: f64,
}

/// An arm against the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Comparison {
    /// Places in `arms`.
    pub arm: usize,
    pub reference: usize,
    /// Seeds with which both have ended.
    pub pairs: usize,
    /// Mean difference of the test scores.
    pub difference: f64,
    /// Of the difference, by a paired permutation test; adjusted for the number of comparisons (Holm 1979).
    pub p: f64,
    pub adjusted: f64,
    /// The smallest p that so few pairs can give.
    pub smallest: f64,
    /// Of equal variances, likewise.
    pub variance_p: Option<f64>,
    pub variance_adjusted: Option<f64>,
}

/// The answer, as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StudyVerdict {
    /// The arm with the best mean score on dev; test decides nothing.
    pub chosen: usize,
    /// Where it differs: the arm that spreads least on dev among those without a failed run.
    pub steadiest: Option<usize>,
    pub reference: usize,
    pub runs: usize,
    pub failed: usize,
    pub mean: f64,
    pub sd: Option<f64>,
    pub interval: Option<Interval>,
    /// Of the reference, where another was chosen.
    pub reference_mean: Option<f64>,
    pub reference_sd: Option<f64>,
    pub reference_runs: usize,
    pub reference_failed: usize,
    /// Whether so few seeds cannot show a difference, however large it is.
    #[serde(default)]
    pub too_few: bool,
    /// Adjusted p of the difference, and of equal variances.
    pub p: Option<f64>,
    pub variance_p: Option<f64>,
    pub cautions: Vec<Caution>,
}

/// Why the answer is to be taken with care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Caution {
    /// Fewer than five runs an arm: hardly anything can be said about spread.
    FewRuns,
    /// Fewer than a hundred test examples.
    FewExamples,
    /// Not all planned runs have ended.
    Unfinished,
    /// A quarter or more of the runs of the recipe that is named failed.
    ManyFailed,
    /// Runs of the recipes that are named broke off before they had a score.
    BrokenOff,
}

impl Caution {
    pub fn sentence(self) -> &'static str {
        match self {
            Caution::FewRuns => {
                "Fewer than five runs of each recipe: hardly anything can be said about how far it varies."
            }
            Caution::FewExamples => {
                "Fewer than a hundred test examples: the score itself is uncertain, whatever the seeds say."
            }
            Caution::ManyFailed => {
                "Many runs of the best recipe failed: they are no better than guessing. Do not rely on its mean; try more data, another encoder, or a higher learning rate."
            }
            Caution::BrokenOff => {
                "Some runs broke off before they had a score. They count as failed and are in no mean, which so may look better than the recipe is."
            }
            Caution::Unfinished => "Not all planned runs have ended; the figures will change.",
        }
    }
}

/// A test example on which runs of one arm disagree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Flip {
    pub id: String,
    pub gold: String,
    /// Between 0 and 1, for scores in their own unit; the mean over the arms.
    pub disagreement: f64,
    /// How many of the runs gave the gold answer, and how many answered.
    pub right: usize,
    pub runs: usize,
    /// The answers and how often each was given, the most frequent first.
    pub answers: Vec<(String, usize)>,
    /// A run that answered unlike gold, to look at it in.
    pub run: String,
}
