//! What is known of every job, shared between the screens and the job thread.

use super::job::{Job, Wanted};
use super::queue::{Ask, Queue, Saved, TRIES};
use super::view::{Bulletin, Curves, JobState, StudyProgress};
use crate::history::{curves, events, run_folder};
use crate::{Failure, StudioError};
use corpus::Dataset;
use finetune::{Control, Event, Outcome};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

/// A screen hears of progress at most this often.
const TELL_EVERY: Duration = Duration::from_millis(50);
const MEASURE_EVERY: Duration = Duration::from_secs(1);

pub type Listener = Box<dyn Fn(Bulletin) + Send>;

/// What the job thread is to do next.
pub struct Task {
    pub id: String,
    pub ask: Ask,
    /// Where a run goes on that has begun.
    pub device: String,
    pub dataset: Option<Arc<Dataset>>,
}

struct State {
    jobs: Vec<Job>,
    listener: Option<Listener>,
    queue: Queue,
    leaving: bool,
    told: Instant,
    measured: Option<Instant>,
    memory: Option<u64>,
}

pub struct Board {
    state: Mutex<State>,
    /// A job has ended.
    ended: Condvar,
}

impl State {
    fn job(&mut self, id: &str) -> Option<&mut Job> {
        self.jobs.iter_mut().find(|job| job.view.id == id)
    }

    fn tell(&mut self, all: bool) {
        self.told = Instant::now();
        let curves = self.jobs.iter_mut().filter_map(|job| job.news(all)).collect();
        let jobs = self.jobs.iter().map(|job| job.view.clone()).collect();
        if let Some(listener) = &self.listener {
            listener(Bulletin { jobs, curves });
        }
    }

    fn save(&self) {
        let saved: Vec<Saved> = self.jobs.iter().filter_map(Job::saved).collect();
        self.queue.write(&saved);
    }

    fn changed(&mut self) {
        self.save();
        self.tell(false);
    }

    /// Bytes that this program holds, measured now and then.
    fn memory(&mut self) -> Option<u64> {
        if self.measured.is_none_or(|measured| measured.elapsed() > MEASURE_EVERY) {
            self.measured = Some(Instant::now());
            self.memory = own_memory();
        }
        self.memory
    }
}

fn own_memory() -> Option<u64> {
    let mut system = System::new().ok()?;
    let own = sysinfo::get_current_pid().ok()?;
    let what = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), true, what);
    system.process(own).map(|process| process.memory())
}

impl Board {
    pub fn open() -> Result<Self, StudioError> {
        let queue = Queue::open()?;
        let jobs = queue.read().into_iter().map(|Saved { mut view, ask, tries }| {
            if view.state == JobState::Queued && tries >= TRIES {
                view.state = JobState::Failed;
                view.problem = Some(StudioError::GaveUp { tries }.into());
            }
            let mut job = Job::new(view, ask, None);
            job.tries = tries;
            job
        });
        let state = State {
            jobs: jobs.collect(),
            listener: None,
            queue,
            leaving: false,
            told: Instant::now(),
            measured: None,
            memory: None,
        };
        Ok(Self { state: Mutex::new(state), ended: Condvar::new() })
    }

    /// A thread that panicked while it held the state has left it whole: every change is made in one go.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn watch(&self, listener: Listener) {
        let mut state = self.state();
        state.listener = Some(listener);
        state.tell(true);
    }

    /// Puts a job at the end of the queue, unless its run is there already.
    pub fn add(&self, job: Job) {
        let mut state = self.state();
        if state.job(&job.view.id).is_none() {
            state.jobs.push(job);
            state.changed();
        }
    }

    pub fn knows(&self, id: &str) -> bool {
        self.state().job(id).is_some()
    }

    /// Wants a run that is being worked on discarded, and answers `true`; any other leaves the queue, so that nothing begins
    /// it while its folder is deleted.
    pub fn discards(&self, id: &str) -> bool {
        let mut state = self.state();
        let working = state.job(id).is_some_and(|job| job.is_working());
        match state.job(id) {
            Some(job) if working => {
                job.wanted = Some(Wanted::Discard);
                job.view.state = JobState::Pausing;
            }
            _ => state.jobs.retain(|job| job.view.id != id),
        }
        state.changed();
        working
    }

    /// Whether a run is to be discarded.
    pub fn is_unwanted(&self, id: &str) -> bool {
        self.state().job(id).is_some_and(|job| job.wanted == Some(Wanted::Discard))
    }

    pub fn is_busy(&self) -> bool {
        self.state().jobs.iter().any(Job::is_working)
    }

    pub fn forget(&self, id: &str) {
        let mut state = self.state();
        state.jobs.retain(|job| job.view.id != id);
        state.changed();
        self.ended.notify_all();
    }

    /// Notes what a user wants; the job thread finds it after the present step.
    pub fn want(&self, id: &str, wanted: Wanted) -> Result<(), StudioError> {
        let mut state = self.state();
        let Some(job) = state.job(id) else { return Err(StudioError::NoJob { id: id.into() }) };
        if job.wanted == Some(Wanted::Discard) {
            return Ok(());
        }
        if job.is_working() {
            job.wanted = Some(wanted);
            job.view.state = if wanted == Wanted::Stop { JobState::Stopping } else { JobState::Pausing };
        } else if job.view.state == JobState::Queued && wanted == Wanted::Stop {
            state.jobs.retain(|job| job.view.id != id);
        }
        state.changed();
        Ok(())
    }

    /// Puts a job that has ended, or is paused, back in the queue, at its end. `false` when it is not known.
    pub fn queue_again(&self, id: &str, device: Option<&str>) -> bool {
        let mut state = self.state();
        let Some(place) = state.jobs.iter().position(|job| job.view.id == id) else { return false };
        if !state.jobs[place].is_working() {
            let mut job = state.jobs.remove(place);
            job.view.state = JobState::Queued;
            job.view.problem = None;
            job.tries = 0;
            if let Some(device) = device {
                job.view.device = device.into();
                if let Ask::Start { wish, .. } = &mut job.ask {
                    wish.device = Some(device.into());
                }
            }
            state.jobs.push(job);
        }
        state.changed();
        true
    }

    /// The next job in the queue, which begins herewith.
    pub fn next(&self) -> Option<Task> {
        let mut state = self.state();
        if state.leaving {
            return None;
        }
        let job = state.jobs.iter_mut().find(|job| job.view.state == JobState::Queued)?;
        job.begin();
        // A run of an earlier session has its curves in its folder.
        if job.curves == Curves::default()
            && let Ok(folder) = run_folder(&job.view.id)
        {
            job.curves = events(&folder).map(curves).unwrap_or_default();
        }
        let task = Task {
            id: job.view.id.clone(),
            ask: job.ask.clone(),
            device: job.view.device.clone(),
            dataset: job.dataset.take(),
        };
        state.changed();
        Some(task)
    }

    /// Takes an event in, tells it when it is time, and answers with what is wanted of the run.
    pub fn note(&self, id: &str, event: &Event) -> Control {
        let mut state = self.state();
        let memory = state.memory();
        if let Some(job) = state.job(id) {
            job.follow(event);
            job.keep_time();
            job.view.progress.memory = memory;
        }
        if matches!(event, Event::Checkpoint { .. }) {
            state.save();
        }
        let must = matches!(
            event,
            Event::Started { .. } | Event::Evaluation { .. } | Event::Warning { .. } | Event::Collapse { .. }
        );
        if must || state.told.elapsed() >= TELL_EVERY {
            state.tell(false);
        }
        drop(state);
        self.wish(id)
    }

    /// A run of a study begins.
    pub fn run_begins(&self, id: &str, progress: StudyProgress) -> Control {
        let mut state = self.state();
        if let Some(job) = state.job(id) {
            // A study that comes as far as its next run has not brought the program down.
            job.tries = 0;
            job.begin_run(progress);
        }
        state.changed();
        drop(state);
        self.wish(id)
    }

    /// What is wanted of a run.
    pub fn wish(&self, id: &str) -> Control {
        match self.state().job(id).and_then(|job| job.wanted) {
            None => Control::Continue,
            Some(Wanted::Stop) => Control::Stop,
            Some(Wanted::Pause | Wanted::Discard) => Control::Pause,
        }
    }

    pub fn completed(&self, id: &str, outcome: Outcome) {
        self.end(id, |job| {
            job.end(match outcome {
                Outcome::Completed => JobState::Completed,
                Outcome::StoppedEarly => JobState::StoppedEarly,
                Outcome::GivenUp => JobState::GivenUp,
                Outcome::Stopped => JobState::Stopped,
            });
        });
    }

    pub fn failed(&self, id: &str, problem: Failure) {
        self.end(id, |job| {
            job.end(JobState::Failed);
            job.view.problem = Some(problem);
        });
    }

    pub fn paused(&self, id: &str) {
        let mut nothing = false;
        self.end(id, |job| {
            // Stopped before it had begun.
            nothing = job.wanted == Some(Wanted::Stop) && !job.has_folder();
            job.tries = 0;
            job.end(JobState::Paused);
        });
        if nothing {
            self.forget(id);
        }
    }

    fn end(&self, id: &str, change: impl FnOnce(&mut Job)) {
        let mut state = self.state();
        if let Some(job) = state.job(id) {
            change(job);
        }
        state.changed();
        self.ended.notify_all();
    }

    /// Has what is going on written down, and waits for it. Nothing is begun any more.
    pub fn leave(&self) {
        let mut state = self.state();
        state.leaving = true;
        for job in state.jobs.iter_mut().filter(|job| job.is_working()) {
            if job.wanted == Some(Wanted::Discard) {
                continue;
            }
            // What was to be stopped is not gone on with by itself.
            job.left = job.wanted.is_none();
            job.wanted = Some(Wanted::Pause);
            job.view.state = JobState::Pausing;
        }
        state.changed();
        while state.jobs.iter().any(Job::is_working) {
            state = self.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.save();
    }
}
