//! The command `ballast`: the same jobs as in the window, in a terminal.
//!
//! Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 usage, 3 bad input, 130 stopped.

mod args;
mod print;
mod progress;
mod simulate;
mod study;

use args::{Arguments, BenchAction, Command, EncoderAction, ExportFormat, Settings};
use clap::Parser;
use corpus::{Issue, Task};
use encoder::Compute;
use finetune::{Choices, Control, Event, Keep, Outcome, StepShape, TrainError};
use print::{note, say};
use progress::{Progress, text_bar};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use studio::{
    BlurbJob, BlurbNews, DataRequest, Folds, Output, RunSummary, Simulation, StudioError, StudyWish, TrainJob,
};

/// Why a command did not end well.
enum Failure {
    Usage(String),
    Studio(StudioError),
    Stopped,
}

impl<E: Into<StudioError>> From<E> for Failure {
    fn from(error: E) -> Self {
        match error.into() {
            StudioError::Train(TrainError::Stopped) => Failure::Stopped,
            other => Failure::Studio(other),
        }
    }
}

pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") => {
            let message = error.to_string();
            let message = message.trim().trim_start_matches("error: ");
            note(json!({ "error": { "code": "usage", "message": message, "data": {} } }));
            return ExitCode::from(2);
        }
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    use_threads(arguments.threads);
    let json = arguments.json;
    // On a thread of the pool: it takes part in every parallel step, where another would have to be woken and waited for.
    let done = rayon::scope(|_| run(arguments));
    let (code, kind, message, data) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Stopped) => return ExitCode::from(130),
        Err(Failure::Usage(message)) => (2, "usage", message, json!({})),
        Err(Failure::Studio(error)) => {
            let code = match &error {
                StudioError::Recipe(_) | StudioError::Device(_) => 2,
                other if other.is_bad_input() => 3,
                _ => 1,
            };
            (code, error.code(), error.to_string(), error.data())
        }
    };
    if json {
        note(json!({ "error": { "code": kind, "message": message, "data": data } }));
    } else {
        note(format!("error: {message}"));
    }
    ExitCode::from(code)
}

/// The threads of the whole process: as many as wanted, else as a cluster's own setting says, else one a core. Commands run
/// on one of them, so that they get as much stack as a main thread has.
fn use_threads(wanted: Option<u16>) {
    const STACK: usize = 8 << 20;
    let slurm = || std::env::var("SLURM_CPUS_PER_TASK").ok().and_then(|count| count.parse().ok());
    let threads = wanted.or_else(slurm).map_or(0, usize::from);
    // It fails only where the pool exists already, and this is the first thing that happens.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build_global();
}

/// Set by Ctrl-C. The first asks to stop and keep what was learnt, the second ends the program.
fn stop_signal() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    let _ = ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        note("stopping after this step and keeping what was learnt; press Ctrl-C again to end at once");
    });
    stop
}

fn control(stop: &AtomicBool) -> Control {
    if stop.load(Ordering::SeqCst) { Control::Stop } else { Control::Continue }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let json = arguments.json;
    match arguments.command {
        Command::Devices { check } => {
            let devices = if check { studio::check_devices()? } else { studio::devices() };
            show(json, &json!(devices), || print::devices(&devices));
        }
        Command::Inspect { data, reading } => {
            let path = studio::data_path(&data)?;
            let dataset = corpus::load(&path, &reading.options()).map_err(StudioError::from)?;
            let facts = corpus::facts(&dataset);
            let Some(hygiene) = corpus::hygiene(&dataset, &|_, _| true) else { return Err(Failure::Stopped) };
            let fits = studio::fits(&dataset)?;
            let mut all = json!(facts);
            (all["hygiene"], all["fit"]) = (json!(hygiene), json!(fits));
            show(json, &all, || {
                print::inspection(&facts);
                print::hygiene(&hygiene, &facts);
                print::fits(&fits);
            });
        }
        Command::Encoders { action } => encoders(json, action)?,
        Command::Recipe { encoder, task, settings } => recipe(json, &encoder, task, &settings)?,
        Command::Train { data, encoder, out, device, reading, settings } => {
            let choices = settings.choices().map_err(Failure::Usage)?;
            let job = TrainJob { data, options: reading.options(), encoder, choices, device, out };
            return train(json, &job);
        }
        Command::Blurb { data, encoder, seeds, out, device, settings } => {
            let choices = settings.choices().map_err(Failure::Usage)?;
            return blurb(json, &BlurbJob { data, encoder, choices, device, seeds, out });
        }
        Command::Study {
            data,
            encoder,
            presets,
            seeds,
            order_seeds,
            folds,
            repeats,
            search,
            out,
            plan,
            collect,
            device,
            reading,
            settings,
        } => {
            if let Some(folder) = collect {
                return study::collect(json, &folder);
            }
            let presets = presets.split(',').map(finetune::parse_presets).collect::<Result<_, _>>()?;
            let wish = StudyWish {
                encoders: encoder,
                presets,
                choices: settings.choices().map_err(Failure::Usage)?,
                seeds,
                order_seeds,
                folds: folds.map(|of| Folds { of, repeats }),
                search,
                device,
            };
            let data = DataRequest { data: data.unwrap_or_default(), options: reading.options() };
            return study::study(json, &data, &wish, out, plan);
        }
        Command::Ensemble { study, arm, out } => {
            studio::ensemble(&study, &arm, &out)?;
            show(json, &json!({ "run": out }), || say(format!("the ensemble is in {}", out.display())));
        }
        Command::Resume { run, .. } if studio::is_study(&run) => return study::go_on(json, &run),
        Command::Resume { run, device } => {
            let stop = stop_signal();
            let mut progress = Progress::new(json);
            let summary = studio::resume(&run, device.as_deref(), &mut checking(json), &mut |event| {
                observe(&mut progress, &stop, event)
            })?;
            return finish(json, &summary);
        }
        Command::Predict { run, input, out, no_text, device, reading } => {
            let compute = device_for_answers(device.as_deref())?;
            let (stop, mut bar) = (stop_signal(), text_bar(json));
            let mut progress = |done, of| {
                bar(done, of);
                control(&stop)
            };
            let output = Output { path: &out, texts: !no_text };
            let done = studio::predict(&run, &input, &reading.options(), output, &compute, &mut progress)?;
            let result = json!({ "texts": done.count, "out": out, "issues": done.issues, "lost": done.lost });
            show(json, &result, || say(format!("{} texts labelled; the answers are in {}", done.count, out.display())));
            mention(json, &done.issues);
            if !json {
                done.lost.iter().for_each(|sentence| note(format!("not written: {sentence}")));
            }
        }
        Command::Simulate {
            data,
            encoder,
            strategies,
            seeds,
            pool,
            start,
            step,
            rounds,
            device,
            reading,
            settings,
        } => {
            let choices = settings.choices().map_err(Failure::Usage)?;
            let first = choices.seed.unwrap_or(1);
            simulate::simulate(
                json,
                &Simulation {
                    data,
                    options: reading.options(),
                    encoder,
                    choices,
                    device,
                    strategies,
                    seeds: (first..first + seeds).collect(),
                    pool,
                    start,
                    step,
                    rounds,
                },
            )?;
        }
        Command::Evaluate { run, data, device, reading } => {
            let compute = device_for_answers(device.as_deref())?;
            let (stop, mut bar) = (stop_signal(), text_bar(json));
            let mut progress = |done, of| {
                bar(done, of);
                control(&stop)
            };
            let (scores, labels, issues) = studio::evaluate(&run, &data, &reading.options(), &compute, &mut progress)?;
            show(json, &json!({ "scores": scores, "labels": labels, "issues": issues }), || print::scores(&scores));
            mention(json, &issues);
        }
        Command::Export { run, to: ExportFormat::Onnx, half, out } => {
            let made = studio::export_onnx(&run, &out, half)?;
            show(json, &json!({ "out": out, "export": made }), || {
                say(format!(
                    "model.onnx is in {}; on {} texts it says what the model says, within {:.1e}",
                    out.display(),
                    made.texts,
                    made.difference
                ));
            });
        }
        Command::Export { run, to: ExportFormat::Bundle, half: false, out } => {
            studio::export_bundle(&run, &out)?;
            show(json, &json!({ "out": out }), || {
                say(format!("the run is in {}; another Ballast imports it", out.display()));
            });
        }
        Command::Import { bundle } => {
            let run = studio::run_folder(&studio::import_bundle(&bundle)?)?;
            show(json, &json!({ "run": run }), || say(format!("the run is in {}", run.display())));
        }
        Command::Export { half: true, .. } => {
            return Err(Failure::Usage("--half goes with --to onnx".into()));
        }
        Command::Export { run, to: ExportFormat::Hf, half: false, out } => {
            studio::export_hf(&run, &out)?;
            show(json, &json!({ "out": out }), || {
                say(format!("the model is in {}; transformers loads it from there", out.display()));
            });
        }
        Command::Bench { what } => bench(json, what)?,
    }
    Ok(())
}

fn bench(json: bool, what: BenchAction) -> Result<(), Failure> {
    let mut tell = |line: String| if json { note(line) } else { say(line) };
    let (name, seconds) = match what {
        BenchAction::Step { layers, hidden, batch, seq, iters, settings, device } => {
            let compute = device_for_answers(device.as_deref())?;
            let given = |name| settings.iter().find(|(other, _)| other == name).map(|&(_, value)| value);
            let (frozen, heads) = (given("frozen").unwrap_or(0), given("heads").unwrap_or((hidden / 64).max(1)));
            if [layers, hidden, batch, seq, iters, heads].contains(&0) || seq > 512 || frozen > layers {
                return Err(Failure::Usage("sizes start at 1, SEQ ends at 512, and K at LAYERS".into()));
            }
            if hidden % heads != 0 {
                return Err(Failure::Usage(format!("{heads} heads cannot share {hidden} columns evenly")));
            }
            let shape = StepShape { layers, hidden, batch, length: seq, iterations: iters, frozen, heads };
            ("median", finetune::bench_step(&shape, &compute, &mut tell))
        }
        BenchAction::Train { data, encoder, preset, seeds, epochs, device } => {
            let compute = device_for_answers(device.as_deref())?;
            let choices = Choices {
                presets: finetune::parse_presets(&preset)?,
                epochs: Some(epochs),
                batch_size: Some(16),
                learning_rate: Some(5e-5),
                keep: Some(Keep::Last),
                ..Choices::default()
            };
            ("total", studio::bench_train(&data, &encoder, &choices, seeds, &compute, &mut tell)?)
        }
        BenchAction::Predict { texts, encoder, repeats, device } => {
            let compute = device_for_answers(device.as_deref())?;
            if repeats == 0 {
                return Err(Failure::Usage("REPEATS starts at 1".into()));
            }
            let content = std::fs::read_to_string(&texts).map_err(|source| StudioError::file(&texts, source))?;
            let lines: Vec<String> =
                content.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
            ("median", finetune::bench_predict(&encoder, &lines, repeats, &compute, &mut tell)?)
        }
    };
    let peak = peak_memory();
    if peak.is_none() {
        note("this system does not tell the peak of memory; it is given as 0");
    }
    let peak = peak.unwrap_or(0.0);
    show(json, &json!({ format!("{name}_seconds"): seconds, "peak_megabytes": peak }), || {
        say(format!("{name} {seconds:.4} s  peak {peak:.0} MB"));
    });
    Ok(())
}

/// One JSON object, or what people read.
fn show(json: bool, value: &Value, plain: impl FnOnce()) {
    if json { say(value) } else { plain() }
}

fn mention(json: bool, issues: &[Issue]) {
    if !json && !issues.is_empty() {
        print::issues(issues, &mut note);
    }
}

fn device_for_answers(name: Option<&str>) -> Result<Compute, StudioError> {
    match name {
        Some(name) => Ok(encoder::compute_named(name)?),
        None => studio::choose_device(None, &mut |_| {}),
    }
}

fn encoders(json: bool, action: Option<EncoderAction>) -> Result<(), Failure> {
    match action {
        None => {
            let entries = studio::encoders()?;
            show(json, &json!(entries), || print::encoders(&entries));
        }
        Some(EncoderAction::Add { path }) => {
            let entry = studio::add_encoder(&path)?;
            show(json, &json!(entry), || print::encoders(std::slice::from_ref(&entry)));
        }
        Some(EncoderAction::Remove { name }) => {
            studio::remove_encoder(&name)?;
            show(json, &json!({ "removed": name }), || say(format!("removed {name}")));
        }
    }
    Ok(())
}

fn recipe(json: bool, encoder: &str, task: Task, settings: &Settings) -> Result<(), Failure> {
    let choices = settings.choices().map_err(Failure::Usage)?;
    if choices.presets.is_empty() {
        note("preset: standard; `train` recommends one that fits the data");
    }
    let entry = studio::find_encoder(encoder)?;
    let config = encoder::inspect_folder(&entry.folder).map_err(StudioError::from)?.config;
    let recipe = finetune::resolve(&choices, task, &config).map_err(StudioError::from)?;
    let groups = finetune::groups(&recipe, &config, 2);
    show(json, &json!({ "recipe": recipe, "groups": groups }), || {
        let fields = json!(recipe);
        for (name, value) in fields.as_object().into_iter().flatten() {
            say(format!("{name}: {value}"));
        }
        say("");
        print::groups(&groups);
    });
    Ok(())
}

fn observe(progress: &mut Progress, stop: &AtomicBool, event: &Event) -> Control {
    progress.show(event);
    control(stop)
}

fn train(json: bool, job: &TrainJob) -> Result<(), Failure> {
    let plan = studio::plan(job, &mut checking(json))?;
    if json {
        note(announcement(&plan));
    } else {
        announce(&plan, job.device.is_none());
    }
    let stop = stop_signal();
    let mut progress = Progress::new(json);
    let summary = studio::start(&plan, &mut |event| observe(&mut progress, &stop, event))?;
    finish(json, &summary)
}

fn blurb(json: bool, job: &BlurbJob) -> Result<(), Failure> {
    let stop = stop_signal();
    let mut progress = Progress::new(json);
    let mut tell = |news: BlurbNews| {
        match news {
            BlurbNews::Planned { dataset, .. } if json => note(json!({ "event": "dataset", "dataset": dataset })),
            BlurbNews::Planned { dataset, plan } => {
                note(format!("\n{dataset} ({}, seed {})", plan.recipe.task, plan.recipe.seed));
                progress = Progress::new(json);
            }
            BlurbNews::Event(event) => progress.show(event),
        }
        control(&stop)
    };
    let report = studio::blurb(job, &mut checking(json), &mut tell)?;
    show(json, &json!(report), || print::blurb(&report));
    Ok(())
}

/// Says that a device is being checked, which takes longer than anyone would wait without a word.
fn checking(json: bool) -> impl FnMut(&str) {
    move |name| {
        if json {
            note(json!({ "event": "checking-device", "device": name }));
        } else {
            note(format!("checking whether {name} computes as the CPU does; this takes a minute or two, once"));
        }
    }
}

/// What was decided, for programs: the first line before the events.
fn announcement(plan: &studio::Plan) -> Value {
    json!({
        "event": "planned",
        "task": plan.recipe.task,
        "labels": plan.dataset.labels,
        "train": plan.dataset.train.len(),
        "dev": plan.dataset.dev.len(),
        "test": plan.dataset.test.len(),
        "issues": plan.dataset.issues,
        "encoder": { "name": plan.encoder.title, "notes": plan.encoder.notes },
        "recipe": plan.recipe,
        "reason": plan.reason,
        "device": plan.compute.name,
        "run": plan.out,
    })
}

/// What was decided, for people.
fn announce(plan: &studio::Plan, device_left_open: bool) {
    let recipe = &plan.recipe;
    let data = &plan.dataset;
    let (train, dev, test) = (data.train.len(), data.dev.len(), data.test.len());
    note(format!("task: {} with {} labels ({})", recipe.task, data.labels.len(), data.labels.join(", ")));
    note(format!("data: {train} texts to train, {dev} dev, {test} test"));
    if !data.issues.is_empty() {
        print::issues(&data.issues, &mut note);
    }
    let encoder = &plan.encoder;
    note(format!("encoder: {}, {} layers of {}", encoder.title, encoder.layers, encoder.hidden));
    encoder.notes.iter().for_each(|remark| note(format!("  {remark}")));
    let presets: Vec<&str> = recipe.presets.iter().map(|preset| preset.name()).collect();
    note(format!(
        "recipe: {}, {} epochs, batch {}, learning rate {:.1e}, seed {}",
        presets.join("+"),
        recipe.epochs,
        recipe.batch_size,
        recipe.learning_rate,
        recipe.seed
    ));
    if let Some(reason) = &plan.reason {
        note(format!("  {reason}"));
    }
    note(format!("device: {}", plan.compute.name));
    if device_left_open && plan.compute.is_cpu() {
        note("  a GPU is used once `ballast devices --check` has passed it");
    }
    note(format!("run: {}", plan.out.display()));
}

fn finish(json: bool, summary: &RunSummary) -> Result<(), Failure> {
    show(json, &json!(summary), || {
        for remark in &summary.notes {
            note(format!("note: {remark}"));
        }
        print::summary(summary);
        say("");
        say(format!("The model is in {}.", model_folder(&summary.run).display()));
        let run = summary.run.display();
        if summary.outcome == Outcome::Stopped {
            say(format!("Go on with: ballast resume {run}"));
        } else {
            say(format!("Use it with: ballast predict --run {run} --input NOTES.csv --out ANSWERS.csv"));
        }
    });
    if summary.outcome == Outcome::Stopped { Err(Failure::Stopped) } else { Ok(()) }
}

fn model_folder(run: &Path) -> PathBuf {
    run.join("model")
}

/// Peak resident memory in MB, where the system tells it.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
