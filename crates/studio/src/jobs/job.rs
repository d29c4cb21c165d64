//! One job: a run or a study in the queue, and what is known of it.

use super::queue::{Ask, Saved};
use super::view::{
    CollapsePoint, CurveUpdate, Curves, EvaluationPoint, JobState, JobView, Progress, StepPoint, StudyProgress,
    WarningPoint,
};
use crate::history::run_folder;
use crate::study::{is_study, study_folder};
use corpus::Dataset;
use finetune::Event;
use std::sync::Arc;
use std::time::Instant;

/// What a user wants of a job that is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Pause,
    Stop,
    Discard,
}

pub struct Job {
    pub view: JobView,
    pub ask: Ask,
    pub dataset: Option<Arc<Dataset>>,
    pub wanted: Option<Wanted>,
    /// Paused only because the program was closed, so that the next start goes on with it.
    pub left: bool,
    pub tries: u32,
    pub curves: Curves,
    told: Told,
    pace: Pace,
}

/// Which points of the curves the listener has.
#[derive(Default)]
struct Told {
    steps: usize,
    evaluations: usize,
    warnings: usize,
    collapses: usize,
}

/// From what the time left is reckoned.
#[derive(Default)]
struct Pace {
    began: Option<Instant>,
    /// Seconds before `began`, in earlier stretches of this session.
    before: f64,
    /// Steps of this stretch, their seconds and examples.
    steps: usize,
    seconds: f64,
    examples: usize,
    evaluating: Option<Instant>,
    evaluation_seconds: f64,
    /// In a study: steps of all its runs in this stretch.
    study_steps: usize,
}

impl Job {
    pub fn new(view: JobView, ask: Ask, dataset: Option<Arc<Dataset>>) -> Self {
        Self {
            view,
            ask,
            dataset,
            wanted: None,
            left: false,
            tries: 0,
            curves: Curves::default(),
            told: Told::default(),
            pace: Pace::default(),
        }
    }

    /// The next in the queue begins.
    pub fn begin(&mut self) {
        self.view.state = JobState::Preparing;
        self.tries += 1;
        self.pace.began = Some(Instant::now());
    }

    pub fn is_working(&self) -> bool {
        use JobState::*;
        matches!(self.view.state, Preparing | Freezing | Training | Evaluating | Pausing | Stopping)
    }

    /// Points that the listener does not have; all of them when it is new.
    pub fn news(&mut self, all: bool) -> Option<CurveUpdate> {
        let fresh = all || self.told.steps > self.curves.steps.len();
        if fresh {
            self.told = Told::default();
        }
        let points = Curves {
            steps: self.curves.steps[self.told.steps..].to_vec(),
            evaluations: self.curves.evaluations[self.told.evaluations..].to_vec(),
            warnings: self.curves.warnings[self.told.warnings..].to_vec(),
            collapses: self.curves.collapses[self.told.collapses..].to_vec(),
        };
        let Curves { steps, evaluations, warnings, collapses } = &self.curves;
        let (steps, evaluations) = (steps.len(), evaluations.len());
        self.told = Told { steps, evaluations, warnings: warnings.len(), collapses: collapses.len() };
        let nothing = points == Curves::default();
        (fresh || !nothing).then(|| CurveUpdate { id: self.view.id.clone(), fresh, points })
    }

    /// Forgets what lies behind the step from which a run goes on.
    fn cut_back(&mut self, step: usize) {
        let kept = |at: usize| at <= step && step > 0;
        self.curves.steps.retain(|point| kept(point.step));
        self.curves.evaluations.retain(|point| kept(point.step));
        self.curves.warnings.retain(|point| kept(point.step));
        self.curves.collapses.retain(|point| kept(point.step));
        self.told = Told { steps: usize::MAX, ..Told::default() };
    }

    /// Goes into a stage, unless the job is on its way out.
    fn enter(&mut self, stage: JobState) {
        if !matches!(self.view.state, JobState::Pausing | JobState::Stopping) {
            self.view.state = stage;
        }
    }

    /// A run of a study begins: its curves take the place of those of the run before.
    pub fn begin_run(&mut self, progress: StudyProgress) {
        self.view.study = Some(progress);
        self.view.progress = Progress { elapsed: self.view.progress.elapsed, ..Progress::default() };
        (self.pace.steps, self.pace.seconds, self.pace.examples) = (0, 0.0, 0);
        self.curves = Curves::default();
        self.told = Told { steps: usize::MAX, ..Told::default() };
        self.enter(JobState::Preparing);
    }

    pub fn follow(&mut self, event: &Event) {
        let progress = &mut self.view.progress;
        match event {
            Event::Started { steps, steps_per_epoch, from_step, .. } => {
                (progress.step, progress.steps) = (*from_step, *steps);
                progress.epochs = steps / steps_per_epoch;
                progress.epoch = from_step / steps_per_epoch + 1;
                self.cut_back(*from_step);
                self.enter(JobState::Training);
            }
            Event::ComputingFrozen { done, of } => {
                (progress.done, progress.of) = (*done, *of);
                self.enter(JobState::Freezing);
            }
            Event::Step { step, epoch, loss, learning_rate, gradient_norm, seconds, examples } => {
                (progress.step, progress.epoch) = (*step, *epoch);
                self.pace.steps += 1;
                self.pace.study_steps += 1;
                self.pace.seconds += seconds;
                self.pace.examples += examples;
                progress.examples_per_second = Some(self.pace.examples as f64 / self.pace.seconds.max(1e-9));
                let (learning_rate, gradient_norm) = (*learning_rate, *gradient_norm);
                self.curves.steps.push(StepPoint { step: *step, loss: *loss, learning_rate, gradient_norm });
                self.enter(JobState::Training);
            }
            Event::Evaluating { done, of } => {
                (progress.done, progress.of) = (*done, *of);
                self.pace.evaluating.get_or_insert_with(Instant::now);
                self.enter(JobState::Evaluating);
            }
            Event::Evaluation { step, epoch, loss, score, best, gradients, .. } => {
                if *best {
                    (progress.best, progress.best_epoch) = (Some(*score), Some(*epoch));
                }
                if let Some(began) = self.pace.evaluating.take() {
                    self.pace.evaluation_seconds = began.elapsed().as_secs_f64();
                }
                let (step, epoch, loss, score, best) = (*step, *epoch, *loss, *score, *best);
                let gradients = gradients.clone();
                self.curves.evaluations.push(EvaluationPoint { step, epoch, loss, score, best, gradients });
            }
            Event::Collapse { step, epoch, signs, remedy } => {
                let (step, epoch) = (*step, *epoch);
                let (signs, remedy) = (signs.clone(), remedy.clone());
                self.curves.collapses.push(CollapsePoint { step, epoch, signs, remedy });
            }
            Event::Warning { step, message } => {
                self.curves.warnings.push(WarningPoint { step: *step, message: message.clone() });
            }
            Event::Checkpoint { .. } => self.tries = 0,
            Event::Ended { .. } => {}
        }
    }

    /// Time gone and time left, from the mean step of this stretch and the last evaluation.
    pub fn keep_time(&mut self) {
        let stretch = self.pace.began.map_or(0.0, |began| began.elapsed().as_secs_f64());
        let progress = &mut self.view.progress;
        progress.elapsed = self.pace.before + stretch;
        if let Some(study) = &self.view.study {
            // Evaluations and preparations are spread over the steps.
            let left = study.steps.saturating_sub(study.steps_over + progress.step);
            progress.remaining =
                (self.pace.study_steps > 0).then(|| stretch / self.pace.study_steps as f64 * left as f64);
            return;
        }
        progress.remaining = (self.pace.steps > 0).then(|| {
            let step = self.pace.seconds / self.pace.steps as f64;
            let evaluations = (progress.epochs + 1).saturating_sub(self.curves.evaluations.len()) as f64;
            step * progress.steps.saturating_sub(progress.step) as f64 + evaluations * self.pace.evaluation_seconds
        });
    }

    pub fn end(&mut self, state: JobState) {
        self.keep_time();
        self.pace = Pace { before: self.view.progress.elapsed, ..Pace::default() };
        self.view.progress.remaining = None;
        self.view.state = state;
        (self.wanted, self.dataset) = (None, None);
    }

    /// What the next start has to know of it: that it goes on, or, where no run folder says so, that there is something to
    /// go on with.
    pub fn saved(&self) -> Option<Saved> {
        let state = match self.view.state {
            JobState::Completed | JobState::StoppedEarly | JobState::GivenUp | JobState::Stopped => return None,
            JobState::Paused if self.left => JobState::Queued,
            JobState::Paused | JobState::Failed if self.has_folder() => return None,
            kept @ (JobState::Paused | JobState::Failed) => kept,
            // A pause that was asked for holds, whatever happens before the step has ended.
            _ if self.wanted == Some(Wanted::Pause) && !self.left => JobState::Paused,
            _ => JobState::Queued,
        };
        let view = JobView { state, ..self.view.clone() };
        Some(Saved { view, ask: self.ask.clone(), tries: self.tries })
    }

    /// Whether a folder says of itself that there is something to go on with.
    pub fn has_folder(&self) -> bool {
        if matches!(self.ask, Ask::Study) {
            return study_folder(&self.view.id).is_ok_and(|folder| is_study(&folder));
        }
        run_folder(&self.view.id).is_ok_and(|folder| folder.join("run.json").is_file())
    }
}
