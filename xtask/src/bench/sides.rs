//! The commands of both sides.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::measured::{self, Measured};
use super::plan::{Plan, Work};
use super::reference;
use crate::sentences::sentences;
use crate::setup;
use crate::shell::{Outcome, cache, cargo, read, root};

const SENTENCES: usize = 2000;

/// Passes over the sentences in one run of either side.
const PASSES: &str = "3";

/// One measurement of one side: commands that run one after the other.
pub struct Run {
    commands: Vec<Command>,
    time: Time,
}

/// Which time of a run counts.
#[derive(Clone, Copy)]
enum Time {
    LastLine,
    Epoch,
    /// From the start of the first command to the end of the last.
    Whole,
}

impl Run {
    pub fn measured(&mut self) -> Outcome<Measured> {
        let start = Instant::now();
        let (mut output, mut peak) = (String::new(), 0.0);
        for command in &mut self.commands {
            let printed = read(command)?;
            peak = measured::peak(&printed)?.max(peak);
            output += &printed;
        }
        let seconds = match self.time {
            Time::LastLine => measured::last_time(&output)?,
            Time::Epoch => measured::epoch(&output)?,
            Time::Whole => start.elapsed().as_secs_f64(),
        };
        Ok(Measured { seconds, peak, scores: measured::scores(&output) })
    }
}

/// What both sides read, as far as it is there.
pub struct Inputs {
    encoder: Option<PathBuf>,
    sentences: Option<PathBuf>,
}

impl Inputs {
    /// Fetches the encoder and writes the sentences where the plan asks for them.
    pub fn found(plan: &Plan) -> Outcome<Inputs> {
        let encoder = plan.cases.iter().any(|case| !matches!(case.work, Work::Step(_)));
        let predict = plan.cases.iter().any(|case| matches!(case.work, Work::Predict(_)));
        let sentences = if predict { sentences(SENTENCES).map(|lines| written(&lines)).transpose()? } else { None };
        Ok(Inputs { encoder: encoder.then(setup::starter).flatten(), sentences })
    }

    /// Our run and the reference's, or what is missing.
    pub fn sides(&self, work: &Work, plan: &Plan) -> Outcome<[Run; 2]> {
        let threads = plan.threads.to_string();
        let ballast = |what: &str| {
            let mut command = cargo(&["run", "--quiet", "--bin", "ballast", "--", "bench", what]);
            command.args(["--threads", &threads]);
            command
        };
        let python = |program: &Path| {
            let mut command = Command::new(reference::python());
            command.arg(program).env("OMP_NUM_THREADS", &threads).env("MKL_NUM_THREADS", &threads);
            command.envs([("HF_HUB_OFFLINE", "1"), ("TRANSFORMERS_VERBOSITY", "error")]);
            command.env("HF_HUB_DISABLE_PROGRESS_BARS", "1");
            command
        };
        let encoder = || self.encoder.as_ref().ok_or("the starter encoder is missing");
        let (ours, theirs, time) = match work {
            Work::Step(shape) => {
                let (mut ours, mut theirs) = (ballast("step"), python(&shared("bench/hf_step.py")?));
                let (numbers, options) = shape.split_at(5);
                ours.args(shape);
                theirs.args(numbers).arg(&threads).args(options);
                (ours, vec![theirs], Time::LastLine)
            }
            Work::Train { preset, frozen, seeds, epochs, whole, grouped } => {
                let (data, script) = (shared("data/ncbi-disease")?, shared("bench/hf_ner.py")?);
                let mut ours = ballast("train");
                ours.arg(&data).arg(encoder()?).args([preset, &*seeds.to_string(), &epochs.to_string()]);
                let mut theirs = Vec::new();
                for seed in 1..=*seeds {
                    let mut command = python(&root().join("xtask/reference/peak.py"));
                    command
                        .args(grouped.then_some("grouped"))
                        .arg(&script)
                        .arg(&data)
                        .arg(encoder()?)
                        .args([seed.to_string(), epochs.to_string()]);
                    command.arg(format!("frozen={frozen}"));
                    theirs.push(command);
                }
                (ours, theirs, if *whole { Time::Whole } else { Time::Epoch })
            }
            Work::Predict(engine) => {
                let sentences = self.sentences.as_ref().ok_or("the data sets are not at ../shared/data")?;
                let (mut ours, mut theirs) = (ballast("predict"), python(&root().join("xtask/reference/predict.py")));
                ours.arg(sentences).arg(encoder()?).arg(PASSES);
                theirs.arg(sentences).arg(encoder()?).args([PASSES, &threads]).args(*engine);
                (ours, vec![theirs], Time::LastLine)
            }
        };
        let run = |commands: Vec<Command>| Run {
            commands: commands.into_iter().map(|command| pinned(command, plan.cores.as_deref())).collect(),
            time,
        };
        Ok([run(vec![ours]), run(theirs)])
    }
}

fn written(sentences: &[String]) -> Outcome<PathBuf> {
    let folder = cache().join("bench");
    let file = folder.join("sentences.txt");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&file, sentences.join("\n")))
        .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    Ok(file)
}

/// A file or folder of those that lie beside the project.
fn shared(name: &str) -> Outcome<PathBuf> {
    let path = root().join("../shared").join(name);
    if path.exists() { Ok(path) } else { Err(format!("../shared/{name} is missing")) }
}

/// The same command, kept to `cores`.
fn pinned(command: Command, cores: Option<&str>) -> Command {
    let Some(cores) = cores else { return command };
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", cores]).arg(command.get_program()).args(command.get_args());
    pinned.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        pinned.current_dir(folder);
    }
    pinned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: &Command) -> Vec<String> {
        std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(|word| word.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn a_command_on_cores_keeps_its_words_folder_and_environment() {
        let mut command = Command::new("ballast");
        command.args(["bench", "step"]).env("OMP_NUM_THREADS", "2").current_dir(root());
        let kept = pinned(command, Some("2,3"));
        assert_eq!(line(&kept), ["taskset", "-c", "2,3", "ballast", "bench", "step"]);
        assert_eq!(kept.get_current_dir(), Some(root()));
        assert_eq!(kept.get_envs().collect::<Vec<_>>(), [("OMP_NUM_THREADS".as_ref(), Some("2".as_ref()))]);
    }

    #[test]
    fn both_sides_are_told_the_same() {
        let plan = super::super::plan::read(&["--threads", "3"]).expect("a plan");
        let inputs = Inputs { encoder: Some("minilm".into()), sentences: Some("lines.txt".into()) };
        let [ours, theirs] = inputs.sides(&Work::Predict(&["onnx", "sorted"]), &plan).expect("nothing is missing");
        assert!(
            line(&ours.commands[0])
                .ends_with(&["bench", "predict", "--threads", "3", "lines.txt", "minilm", "3"].map(str::to_owned))
        );
        assert!(
            line(&theirs.commands[0])
                .ends_with(&["lines.txt", "minilm", "3", "3", "onnx", "sorted"].map(str::to_owned))
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let plan = super::super::plan::read(&[]).expect("a plan");
        let inputs = Inputs { encoder: Some("minilm".into()), sentences: None };
        assert!(inputs.sides(&Work::Predict(&["torch"]), &plan).is_err_and(|what| what.contains("../shared/data")));
        let inputs = Inputs { encoder: None, sentences: Some("lines.txt".into()) };
        assert!(inputs.sides(&Work::Predict(&["torch"]), &plan).is_err_and(|what| what.contains("encoder")));
    }

    #[test]
    #[cfg(unix)]
    fn a_run_of_several_commands_has_the_highest_peak_and_all_scores() {
        let printing = |text: &str| {
            let mut command = Command::new("printf");
            command.arg(text);
            command
        };
        let first = printing("epoch 2.0 s\nseed 1 a\npeak 700 MB\n");
        let second = printing("epoch 4.0 s\nseed 2 b\npeak 600 MB\n");
        let mut run = Run { commands: vec![first, second], time: Time::Epoch };
        let expected = Measured { seconds: 3.0, peak: 700.0, scores: vec!["seed 1 a".into(), "seed 2 b".into()] };
        assert_eq!(run.measured(), Ok(expected));
        run.time = Time::Whole;
        assert!(run.measured().is_ok_and(|measured| measured.seconds < 2.0));
        run.time = Time::LastLine;
        assert!(run.measured().is_err());
    }
}
