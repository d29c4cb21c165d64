//! What a run shows while it goes on: a bar on a terminal, a line now and then elsewhere, JSON lines where asked for.

use crate::print::note;
use finetune::Event;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

/// Where there is no terminal, a line this often is enough.
const LINE_EVERY: Duration = Duration::from_secs(15);

pub struct Progress {
    json: bool,
    bar: Option<ProgressBar>,
    steps: usize,
    epochs: usize,
    began: Instant,
    first_step: usize,
    last_line: Instant,
}

impl Progress {
    pub fn new(json: bool) -> Self {
        let now = Instant::now();
        Self { json, bar: None, steps: 0, epochs: 0, began: now, first_step: 0, last_line: now }
    }

    pub fn show(&mut self, event: &Event) {
        if self.json {
            if let Ok(line) = serde_json::to_string(event) {
                note(line);
            }
            return;
        }
        match event {
            Event::Started { steps, steps_per_epoch, from_step, .. } => {
                (self.steps, self.epochs) = (*steps, steps / steps_per_epoch);
                (self.first_step, self.began) = (*from_step, Instant::now());
                if *from_step > 0 {
                    note(format!("going on from step {from_step} of {steps}"));
                }
                if stderr().is_terminal() {
                    self.bar = Some(bar(*steps as u64, *from_step as u64));
                }
            }
            Event::Step { step, epoch, loss, seconds, examples, .. } => {
                let rate = *examples as f64 / seconds.max(1e-9);
                let line = format!("epoch {epoch}/{}  loss {loss:.4}  {rate:.1} examples/s", self.epochs);
                self.step(*step, line);
            }
            Event::ComputingFrozen { done, of } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(format!("computing the frozen layers once, text {done}/{of}"));
                    bar.reset_eta();
                }
                // The first step is what the time left is reckoned from.
                self.began = Instant::now();
            }
            Event::Evaluating { done, of } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(format!("evaluating {done}/{of}"));
                }
            }
            Event::Evaluation { epoch, loss, score, scores, best, .. } => {
                let mark = if *best { "  best so far" } else { "" };
                let name = scores.main_name();
                self.say(format!("epoch {epoch}: dev {name} {:.2}, dev loss {loss:.4}{mark}", 100.0 * score));
            }
            Event::Collapse { epoch, signs, remedy, .. } => {
                let signs: Vec<&str> = signs.iter().map(|sign| sign.sentence()).collect();
                let presets: Vec<&str> = remedy.presets.iter().map(|preset| preset.name()).collect();
                let rate = remedy.learning_rate.map_or(String::new(), |rate| format!(" --lr {rate:e}"));
                self.say(format!(
                    "this run seems to have collapsed (epoch {epoch}): {}. What usually helps: --preset {}{rate}",
                    signs.join("; "),
                    presets.join("+")
                ));
            }
            Event::Warning { step, message } => self.say(format!("warning at step {step}: {message}")),
            Event::Checkpoint { .. } => {}
            Event::Ended { .. } => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }

    fn step(&mut self, step: usize, line: String) {
        if let Some(bar) = &self.bar {
            bar.set_position(step as u64);
            bar.set_message(line);
            return;
        }
        if self.last_line.elapsed() < LINE_EVERY {
            return;
        }
        self.last_line = Instant::now();
        let done = (step - self.first_step) as f64;
        let left = self.began.elapsed().as_secs_f64() / done.max(1.0) * (self.steps - step) as f64;
        note(format!("step {step}/{}  {line}  about {} left", self.steps, duration(left)));
    }

    fn say(&self, line: String) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => note(line),
        }
    }
}

/// A bar over texts that are read, for prediction and evaluation.
pub fn text_bar(json: bool) -> impl FnMut(usize, usize) {
    let mut shown: Option<ProgressBar> = None;
    move |done, of| {
        if !json && stderr().is_terminal() {
            let bar = shown.get_or_insert_with(|| bar(of as u64, 0));
            bar.set_position(done as u64);
            if done == of {
                bar.finish_and_clear();
            }
        }
    }
}

fn bar(length: u64, position: u64) -> ProgressBar {
    let bar = ProgressBar::new(length).with_position(position);
    let template = "{bar:30} {pos}/{len}  {msg}  {elapsed} gone, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar.reset_eta();
    bar
}

pub fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}
