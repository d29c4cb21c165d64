//! The command line, parsed once into values that cannot be wrong.

use clap::{Args, Parser, Subcommand, ValueEnum};
use corpus::{Options, Task};
use finetune::{Choices, Keep, parse_presets};
use std::path::PathBuf;

/// Fine-tunes BERT and ELECTRA encoders on your own labelled biomedical text, on your own machine.
///
/// For research and on-site labelling, not for clinical decisions.
#[derive(Debug, Parser)]
#[command(name = "ballast", version, arg_required_else_help = true)]
pub struct Arguments {
    /// Print JSON: results on stdout, one event a line on stderr.
    #[arg(long, global = true)]
    pub json: bool,
    /// Threads to compute with [default: SLURM_CPUS_PER_TASK where set, else all cores].
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What can compute here, and whether it can be trusted with training.
    Devices {
        /// Run the self-check of every device now.
        #[arg(long)]
        check: bool,
    },
    /// What is in a file of labelled text: rows, columns, labels, lengths, issues.
    Inspect {
        /// A file, a folder with train, dev and test files, or sample:notes, sample:sentences.
        data: String,
        #[command(flatten)]
        reading: Reading,
    },
    /// The library of encoders.
    Encoders {
        #[command(subcommand)]
        action: Option<EncoderAction>,
    },
    /// The settings that a recipe comes to, and the learning rate of every part of the encoder.
    Recipe {
        #[arg(long)]
        encoder: String,
        #[arg(long, default_value = "classification")]
        task: Task,
        #[command(flatten)]
        settings: Settings,
    },
    /// Fine-tune an encoder on labelled text.
    Train {
        /// A file, a folder with train, dev and test files, or sample:notes, sample:sentences.
        #[arg(long)]
        data: String,
        /// `starter`, a name in the library, or a folder in Hugging Face's layout.
        #[arg(long)]
        encoder: String,
        /// The folder for the run [default: a new one in the workspace].
        #[arg(long)]
        out: Option<PathBuf>,
        /// `cpu`, or a name that `devices` prints [default: the best that passed its self-check].
        #[arg(long)]
        device: Option<String>,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        settings: Settings,
    },
    /// Go on with a run that was stopped or killed.
    Resume {
        run: PathBuf,
        /// Another device than the run began on.
        #[arg(long)]
        device: Option<String>,
    },
    /// Label texts with the model of a run.
    Predict {
        #[arg(long)]
        run: PathBuf,
        /// A file with texts, or a folder of .txt notes.
        #[arg(long)]
        input: String,
        /// Where the answers go: .csv or .jsonl.
        #[arg(long)]
        out: PathBuf,
        #[arg(long)]
        device: Option<String>,
        #[command(flatten)]
        reading: Reading,
    },
    /// Score the model of a run on labelled text.
    Evaluate {
        #[arg(long)]
        run: PathBuf,
        #[arg(long)]
        data: String,
        #[arg(long)]
        device: Option<String>,
        #[command(flatten)]
        reading: Reading,
    },
    /// Take a trained model elsewhere.
    Export {
        #[arg(long)]
        run: PathBuf,
        #[arg(long)]
        to: ExportFormat,
        #[arg(long)]
        out: PathBuf,
    },
    /// Measure how fast this machine computes.
    Bench {
        #[command(subcommand)]
        what: BenchAction,
    },
}

#[derive(Debug, Subcommand)]
pub enum EncoderAction {
    /// Check an encoder's folder or zip and take it into the library.
    Add { path: PathBuf },
    /// Remove an encoder from the library.
    Remove { name: String },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ExportFormat {
    /// The folder that Hugging Face `transformers` loads.
    Hf,
}

#[derive(Debug, Subcommand)]
pub enum BenchAction {
    /// Time training steps of a BERT classifier on synthetic input.
    Step {
        layers: usize,
        hidden: usize,
        batch: usize,
        seq: usize,
        iters: usize,
        /// frozen=K freezes the embeddings and the lowest K layers; heads=H is the number of attention heads, HIDDEN / 64
        /// unless set.
        #[arg(value_parser = setting)]
        settings: Vec<(String, usize)>,
        #[arg(long)]
        device: Option<String>,
    },
    /// Time whole fine-tunings, and score them: batch 16, learning rate 5e-5, last weights.
    Train {
        data: String,
        encoder: String,
        /// Presets, joined by +.
        preset: String,
        seeds: u64,
        epochs: usize,
        #[arg(long)]
        device: Option<String>,
    },
    /// Time prediction on the texts of a file, one a line.
    Predict {
        texts: PathBuf,
        /// A Hugging Face folder.
        encoder: PathBuf,
        repeats: usize,
        #[arg(long)]
        device: Option<String>,
    },
}

fn setting(text: &str) -> Result<(String, usize), String> {
    let pair = text.split_once('=').and_then(|(name, value)| Some((name, value.parse().ok()?)));
    match pair {
        Some((name @ ("frozen" | "heads"), value)) => Ok((name.into(), value)),
        _ => Err("write frozen=K or heads=H".into()),
    }
}

/// How data is to be read. What is left out is guessed.
#[derive(Debug, Args)]
pub struct Reading {
    /// classification or ner.
    #[arg(long)]
    task: Option<Task>,
    /// Column of the text.
    #[arg(long, value_name = "COL")]
    text: Option<String>,
    /// Column of a second text that is read with the first.
    #[arg(long, value_name = "COL")]
    pair: Option<String>,
    /// Column of the label, or of the entities.
    #[arg(long, value_name = "COL")]
    label: Option<String>,
    /// Column whose rows stay in one split: a patient, a document.
    #[arg(long, value_name = "COL")]
    group: Option<String>,
    /// Column of the row's name.
    #[arg(long, value_name = "COL")]
    id: Option<String>,
    /// Seed of the split, where one is drawn.
    #[arg(long, value_name = "N", default_value_t = 0)]
    split_seed: u64,
    /// Stop at the first bad row instead of leaving it out.
    #[arg(long)]
    strict: bool,
}

impl Reading {
    pub fn options(&self) -> Options {
        Options {
            task: self.task,
            text: self.text.clone(),
            pair: self.pair.clone(),
            label: self.label.clone(),
            group: self.group.clone(),
            id: self.id.clone(),
            seed: self.split_seed,
            strict: self.strict,
            ..Options::default()
        }
    }
}

/// The settings of a run. What is left out comes from the preset.
#[derive(Debug, Args)]
pub struct Settings {
    /// standard, freeze, layerwise-decay, reinit-top, long, combined with + [default: as recommended].
    #[arg(long, value_name = "P[+P]")]
    preset: Option<String>,
    /// Any setting of a recipe by its name, as in freeze.k=6.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A recipe file (JSON); what the command line says wins.
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Peak learning rate.
    #[arg(long, value_name = "X")]
    lr: Option<f64>,
    /// Examples a step.
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Longest window in word pieces.
    #[arg(long, value_name = "N")]
    max_length: Option<usize>,
    /// best or last.
    #[arg(long, value_parser = keep)]
    keep: Option<Keep>,
}

fn keep(text: &str) -> Result<Keep, String> {
    match text {
        "best" => Ok(Keep::Best),
        "last" => Ok(Keep::Last),
        _ => Err("write best or last".into()),
    }
}

impl Settings {
    pub fn choices(&self) -> Result<Choices, String> {
        let base = match &self.recipe {
            None => Choices::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("the recipe file {} cannot be read: {error}", path.display()))?;
                Choices::from_json(&text).map_err(|error| error.to_string())?
            }
        };
        let mut own = Choices {
            seed: self.seed,
            epochs: self.epochs,
            learning_rate: self.lr,
            batch_size: self.batch,
            max_length: self.max_length,
            keep: self.keep,
            ..Choices::default()
        };
        if let Some(presets) = &self.preset {
            own.presets = parse_presets(presets).map_err(|error| error.to_string())?;
        }
        for setting in &self.set {
            let (key, value) = setting.split_once('=').ok_or_else(|| format!("--set {setting}: write KEY=VALUE"))?;
            own.set(key, value).map_err(|error| error.to_string())?;
        }
        Ok(own.over(base))
    }
}
