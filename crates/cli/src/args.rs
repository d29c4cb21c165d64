//! The command line, parsed once into values that cannot be wrong.

use clap::{Args, Parser, Subcommand, ValueEnum};
use corpus::{Fold, Format, Marking, Options, Task};
use finetune::{Choices, Keep, parse_presets};
use std::path::PathBuf;
use studio::Strategy;

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
    /// Go on with a run, or a study, that was stopped or killed.
    Resume {
        run: PathBuf,
        /// Another device than the run began on.
        #[arg(long)]
        device: Option<String>,
    },
    /// Train and score on the datasets of BLURB (Gu et al. 2020), as many of the 13 as there are.
    ///
    /// DATA has a folder for each: BC5-chem, BC5-disease, NCBI-disease, BC2GM, JNLPBA, EBM-PICO (CoNLL files), ChemProt, DDI,
    /// GAD, BIOSSES, HoC (tables with a header), PubMedQA (its own JSON files, or tables), BioASQ; each with files named
    /// train, dev and test. Texts are cut where the paper cuts them: GAD at 128 pieces, ChemProt and DDI at 256, questions at
    /// 512.
    Blurb {
        #[arg(long)]
        data: PathBuf,
        /// `starter`, a name in the library, or a folder in Hugging Face's layout.
        #[arg(long)]
        encoder: String,
        /// Runs on each dataset, with seeds that follow each other.
        #[arg(long, value_name = "N", default_value_t = 1)]
        seeds: u64,
        /// The folder for the runs [default: a new one in the workspace].
        #[arg(long)]
        out: Option<PathBuf>,
        #[arg(long)]
        device: Option<String>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Find out which recipe is steady on your data, and how far its result can be trusted: many runs, one report.
    ///
    /// Every recipe is run with the same seeds. STUDY gets the runs, report.html, study.json, runs.csv and arms.csv. A study
    /// that was stopped or killed goes on with `ballast resume STUDY`.
    Study {
        /// A file, a folder with train, dev and test files, or sample:notes, sample:sentences.
        #[arg(long, required_unless_present = "collect")]
        data: Option<String>,
        /// `starter`, a name in the library, or a folder; given several times, all are compared.
        #[arg(long, required_unless_present = "collect")]
        encoder: Vec<String>,
        /// What is compared: presets, or combinations of them, with commas between.
        #[arg(long, value_name = "P[+P],...", default_value = "standard,freeze,layerwise-decay,reinit-top")]
        presets: String,
        /// Runs of each, with seeds that follow each other from --seed on.
        #[arg(long, value_name = "N", default_value_t = 5)]
        seeds: usize,
        /// Seeds of the order of the examples and dropout for each seed of new weights.
        #[arg(long, value_name = "N", default_value_t = 1)]
        order_seeds: usize,
        /// Cross-validate with so many folds: for data too small to split.
        #[arg(long, value_name = "K")]
        folds: Option<usize>,
        /// Repeat the cross-validation with other divisions.
        #[arg(long, value_name = "R", default_value_t = 1, requires = "folds")]
        repeats: usize,
        /// Try learning rates 1e-5, 3e-5, 5e-5 with batches of 16 and 32 for each, and choose on dev.
        #[arg(long)]
        search: bool,
        /// The folder for the study [default: a new one in the workspace].
        #[arg(long, conflicts_with_all = ["plan", "collect"])]
        out: Option<PathBuf>,
        /// Only write the runs down, as tasks of a Slurm job array, into this folder.
        #[arg(long, value_name = "DIR", conflicts_with = "collect")]
        plan: Option<PathBuf>,
        /// Report what has ended of a study's runs, wherever they were run.
        #[arg(long, value_name = "DIR")]
        collect: Option<PathBuf>,
        #[arg(long)]
        device: Option<String>,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        settings: Settings,
    },
    /// Make one run of the runs of a study that share a recipe: the mean of their answers, their disagreement as doubt.
    Ensemble {
        #[arg(long)]
        study: PathBuf,
        /// A recipe of the study, by its name in the report.
        #[arg(long)]
        arm: String,
        /// The folder for the run.
        #[arg(long)]
        out: PathBuf,
    },
    /// Label texts with the model of a run.
    Predict {
        #[arg(long)]
        run: PathBuf,
        /// A file with texts, or a folder of .txt notes.
        #[arg(long)]
        input: String,
        /// Where the answers go: .csv, .xlsx, .parquet or .jsonl; for models that label words also .conll, .xml and .json
        /// (BioC), .pubtator, or a name without an ending for a folder in brat's form.
        #[arg(long)]
        out: PathBuf,
        /// Leave the texts out of the answers: ids alone say which is which.
        #[arg(long)]
        no_text: bool,
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
    /// Find out whether choosing what to label pays on data like yours: labelled data, whose answers a simulated annotator
    /// gives away bit by bit.
    ///
    /// Each round trains a new model on what is labelled by then, scores it on the whole test split, and lets it choose the next
    /// texts.
    Simulate {
        #[arg(long)]
        data: String,
        #[arg(long)]
        encoder: String,
        /// What is compared: random, least-confidence, entropy, margin, diversity, entropy-and-diversity.
        #[arg(long, value_name = "S,...", value_delimiter = ',', value_parser = strategy, default_value = "random,entropy")]
        strategies: Vec<Strategy>,
        #[arg(long, value_name = "N", default_value_t = 3)]
        seeds: u64,
        /// Texts of the training split that may be chosen.
        #[arg(long, default_value_t = 1000)]
        pool: usize,
        /// Texts that are labelled at first, at random.
        #[arg(long, default_value_t = 30)]
        start: usize,
        /// Texts that are labelled in each round.
        #[arg(long, default_value_t = 30)]
        step: usize,
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        #[arg(long)]
        device: Option<String>,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        settings: Settings,
    },
    /// Take a trained model elsewhere.
    Export {
        #[arg(long)]
        run: PathBuf,
        #[arg(long)]
        to: ExportFormat,
        /// Store weights with 16 bits, in half the space (ONNX).
        #[arg(long)]
        half: bool,
        #[arg(long)]
        out: PathBuf,
    },
    /// Take a run in that another Ballast exported as a bundle.
    Import { bundle: PathBuf },
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
    /// A folder with `model.onnx`, its tokenizer and its configuration.
    Onnx,
    /// One file for another Ballast, which imports it: model, recipe, scores, curves. Its name ends in .ballast.
    Bundle,
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

fn delimiter(text: &str) -> Result<char, String> {
    match text {
        "tab" => Ok('\t'),
        _ => text.parse().map_err(|_| "write one character, or tab".into()),
    }
}

/// How data is to be read. What is left out is guessed.
#[derive(Debug, Args)]
pub struct Reading {
    /// csv (whatever the delimiter), xlsx, parquet, jsonl, json, label-studio, conll, brat, bioc-xml, bioc-json, pubtator,
    /// folders (one a class) or text.
    #[arg(long)]
    format: Option<Format>,
    /// How characters are written: utf-8, utf-16le, windows-1252, gb18030, ...
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// What separates the fields of a table: one character, or tab.
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    delimiter: Option<char>,
    /// classification, ner, pico, relation, similarity, multilabel or qa.
    #[arg(long)]
    task: Option<Task>,
    /// Column of the text.
    #[arg(long, value_name = "COL")]
    text: Option<String>,
    /// Column of a second text that is read with the first.
    #[arg(long, value_name = "COL")]
    pair: Option<String>,
    /// Column of the label, of the entities, or of the score; given several times, one column a label (multilabel).
    #[arg(long, value_name = "COL")]
    label: Vec<String>,
    /// Column whose rows stay in one split: a patient, a document.
    #[arg(long, value_name = "COL")]
    group: Option<String>,
    /// Column of the row's name.
    #[arg(long, value_name = "COL")]
    id: Option<String>,
    /// Column that says which rows are sentences of one document (multilabel): they are scored as one.
    #[arg(long, value_name = "COL")]
    document: Option<String>,
    /// Join the rows of a document to one text (multilabel).
    #[arg(long)]
    whole_documents: bool,
    /// What divides the labels in a cell (multilabel).
    #[arg(long, value_name = "TEXT")]
    separator: Option<String>,
    /// The label that says that there is no relation; scores leave it out.
    #[arg(long, value_name = "LABEL")]
    negative: Option<String>,
    /// How the two entities of a relation are marked: dummies (@GENE$) or markers ([E1] ... [/E1]).
    #[arg(long)]
    marking: Option<Marking>,
    /// Read entities of all types as of one.
    #[arg(long)]
    merge_types: bool,
    /// Hold out one fold of a cross-validation: K of N, of the R-th division.
    #[arg(long, value_name = "K/N[/R]")]
    fold: Option<Fold>,
    /// Seed of the split, where one is drawn.
    #[arg(long, value_name = "N", default_value_t = 0)]
    split_seed: u64,
    /// Share of the texts drawn for dev, where no file gives them.
    #[arg(long, value_name = "X", default_value_t = Options::default().dev_share)]
    dev_share: f64,
    /// Share of the texts drawn for test, where no file gives them.
    #[arg(long, value_name = "X", default_value_t = Options::default().test_share)]
    test_share: f64,
    /// Stop at the first bad row instead of leaving it out.
    #[arg(long)]
    strict: bool,
}

impl Reading {
    pub fn options(&self) -> Options {
        Options {
            format: self.format,
            encoding: self.encoding.clone(),
            delimiter: self.delimiter,
            task: self.task,
            text: self.text.clone(),
            pair: self.pair.clone(),
            label: self.label.first().filter(|_| self.label.len() == 1).cloned(),
            labels: if self.label.len() > 1 { self.label.clone() } else { Vec::new() },
            document: self.document.clone(),
            whole_documents: self.whole_documents,
            separator: self.separator.clone(),
            negative: self.negative.clone(),
            marking: self.marking,
            pairs: Vec::new(),
            merge_types: self.merge_types,
            fold: self.fold,
            group: self.group.clone(),
            id: self.id.clone(),
            seed: self.split_seed,
            dev_share: self.dev_share,
            test_share: self.test_share,
            strict: self.strict,
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

#[cfg(all(test, unix))]
mod tests {
    use super::{Arguments, Command};
    use clap::Parser;
    use corpus::{Fold, Format, Marking, Options, Task};
    use finetune::{Choices, Keep, Preset};
    use std::path::Path;
    use studio::Wish;

    /// What a real shell makes of a command line.
    fn words(command: &str) -> Vec<String> {
        let script = format!(r#"set -- {command}; printf '%s\0' "$@""#);
        let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.trim_end_matches('\0').split('\0').map(str::to_owned).collect()
    }

    /// The command that is proposed for a wish, read back by the command line's own parser.
    #[track_caller]
    fn assert_command_says_the_same(data: &str, options: &Options, choices: Choices, device: Option<&str>) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let notes = root.join("crates/studio/samples/notes.csv");
        let mut dataset = corpus::load(&notes, &Options::default()).expect("the sample");
        dataset.options = options.clone();
        let encoder = root.join("tests/golden/encoder/bert-small-random").display().to_string();
        let wish = Wish { encoder: encoder.clone(), choices: choices.clone(), device: device.map(String::from) };
        let proposal = studio::propose(&dataset, data, &wish).expect("a proposal");
        let parsed = Arguments::try_parse_from(words(&proposal.command)).expect(&proposal.command);
        let Command::Train { data: from, encoder: with, out, device: on, reading, settings } = parsed.command else {
            panic!("no training: {}", proposal.command)
        };
        assert_eq!((from.as_str(), with, out, on.as_deref()), (data, encoder, None, device));
        assert_eq!(reading.options(), *options);
        let wanted = Choices { presets: proposal.recipe.presets, ..choices };
        assert_eq!(settings.choices(), Ok(wanted), "{}", proposal.command);
    }

    #[test]
    fn a_proposed_command_says_only_what_was_chosen() {
        assert_command_says_the_same("sample:notes", &Options::default(), Choices::default(), None);
    }

    #[test]
    fn a_proposed_command_says_all_that_was_chosen() {
        let options = Options {
            format: Some(Format::Csv),
            encoding: Some("gb18030".into()),
            delimiter: Some('\t'),
            task: Some(Task::Classification),
            text: Some("the patient's text".into()),
            pair: Some("-second".into()),
            label: Some("$label".into()),
            labels: vec![],
            document: Some("note\tid".into()),
            whole_documents: true,
            separator: Some("; ".into()),
            negative: Some("no 'relation'".into()),
            marking: Some(Marking::Markers),
            pairs: vec![],
            merge_types: true,
            fold: Some(Fold { index: 2, of: 5, repeat: 3 }),
            group: Some("patient \"id\"".into()),
            id: Some("no\nname".into()),
            seed: 7,
            dev_share: 0.1,
            test_share: 0.25,
            strict: true,
        };
        let choices = Choices {
            presets: vec![Preset::Freeze, Preset::ReinitTop, Preset::LayerwiseDecay],
            seed: Some(3),
            epochs: Some(2),
            batch_size: Some(8),
            accumulate: Some(4),
            learning_rate: Some(1.25e-5),
            warmup: Some(0.0),
            weight_decay: Some(0.02),
            clip_norm: Some(2.0),
            dropout: Some(0.2),
            max_length: Some(32),
            keep: Some(Keep::Last),
            patience: Some(3),
            class_weights: Some(true),
            keep_head: Some(true),
            freeze_layers: Some(1),
            freeze_dropout: Some(true),
            decay: Some(0.95),
            order_seed: Some(9),
            give_up: Some(0.5),
            mixout: Some(0.8),
            reinit_layers: Some(1),
        };
        assert_command_says_the_same("my notes/of 'today'.csv", &options, choices, Some("cpu"));
    }
}

fn strategy(name: &str) -> Result<Strategy, String> {
    let known = Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::Disagreement);
    let named = |strategy: &Strategy| serde_json::to_value(strategy).ok().is_some_and(|own| own == name);
    known.clone().find(named).ok_or_else(|| {
        let names: Vec<String> =
            known.filter_map(|own| Some(serde_json::to_value(own).ok()?.as_str()?.into())).collect();
        format!("it is one of {}", names.join(", "))
    })
}
