//! Carrying a study out: one run after the other, as many as are not over yet.

use super::{RunSpec, StudyPlan, StudyRecord, read_study, run_path, write_study};
use crate::devices::choose_device;
use crate::history::{RunState, state};
use crate::record::read_run;
use crate::runs::{self, TrainJob, plan_on, shared};
use crate::sample::data_path;
use crate::workspace::now;
use crate::{Failure, Plan, StudioError};
use corpus::{Dataset, Fold};
use finetune::{Control, Event, Shared, TrainError};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;

/// What is told on the way.
pub enum StudyNews<'a> {
    /// The run at this place of all begins, or goes on.
    Run {
        spec: &'a RunSpec,
        place: usize,
        of: usize,
    },
    Event(&'a Event),
    /// It is over, well or not.
    Over {
        spec: &'a RunSpec,
        problem: Option<&'a Failure>,
    },
}

/// Works off what is left of a study. Runs that were killed go on from their checkpoints; those that have failed stay as they
/// are. `tell` may ask to pause, whereupon the present run is written down and [`TrainError::Paused`] comes back; to stop
/// means the same here, since a run that was cut short would say nothing about its recipe.
pub fn conduct(
    folder: &Path,
    dataset: Option<Arc<Dataset>>,
    checking: &mut dyn FnMut(&str),
    tell: &mut dyn FnMut(StudyNews) -> Control,
) -> Result<(), StudioError> {
    let _hold = hold(folder)?;
    let mut record = read_study(folder)?;
    let plan = record.plan.clone();
    let mut data = Data { plan: &plan, read: dataset.map(|dataset| (plan.options.fold, dataset)) };
    // Checked once, before the first run needs it.
    choose_device(plan.device.as_deref(), checking)?;
    let shared = shared()?;
    let specs = plan.runs();
    for (place, spec) in specs.iter().enumerate() {
        let run = run_path(folder, &spec.name)?;
        let before = read_run(&run).ok().map(|record| state(&run, &record.outcome));
        let is_over =
            matches!(before, Some(RunState::Completed | RunState::StoppedEarly | RunState::GivenUp | RunState::Failed));
        if is_over || record.failures.contains_key(&spec.name) {
            continue;
        }
        if tell(StudyNews::Run { spec, place, of: specs.len() }) != Control::Continue {
            return Err(TrainError::Paused.into());
        }
        let mut report = |event: &Event| match tell(StudyNews::Event(event)) {
            Control::Stop => Control::Pause,
            other => other,
        };
        let ended = if before.is_some() {
            runs::resume_among(&run, None, &shared, &mut |_| (), &mut report).map(|_| ())
        } else {
            begin(folder, &mut data, spec, &run, &shared, &mut report)
        };
        let problem = match ended {
            Ok(()) => None,
            Err(error) if ends_all(&error) => return Err(error),
            Err(error) => Some(Failure::from(&error)),
        };
        if let Some(problem) = &problem {
            record.failures.insert(spec.name.clone(), problem.clone());
            write_study(folder, &record)?;
        }
        if tell(StudyNews::Over { spec, problem: problem.as_ref() }) != Control::Continue {
            return Err(TrainError::Paused.into());
        }
    }
    record.ended = Some(now());
    write_study(folder, &record)?;
    super::write_report(folder, folder).map(|_| ())
}

fn begin(
    folder: &Path,
    data: &mut Data,
    spec: &RunSpec,
    run: &Path,
    shared: &Shared,
    report: &mut dyn FnMut(&Event) -> Control,
) -> Result<(), StudioError> {
    // What was cut off before it wrote its first record holds nothing; what has one is not ours to throw away.
    if !run.join("run.json").exists() {
        let _ = fs::remove_dir_all(run);
    }
    let plan = data.plan;
    let dataset = data.of(spec)?;
    let job = TrainJob {
        data: plan.data.clone(),
        options: plan.options(spec),
        encoder: plan.arms[spec.arm].encoder.clone(),
        choices: plan.choices(spec),
        device: plan.device.clone(),
        out: Some(run.into()),
    };
    let planned: Plan = plan_on(dataset, &job, &mut |_| ())?;
    if planned.encoder.sha256 != plan.arms[spec.arm].encoder_sha256 {
        return Err(StudioError::EncoderChanged { path: planned.encoder.folder });
    }
    let study = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    runs::start_among(&planned, study, shared, report).map(|_| ())
}

/// Whether an error would meet every other run as well, so that the study waits rather than fails run by run.
fn ends_all(error: &StudioError) -> bool {
    matches!(
        error,
        StudioError::DiskFull { .. }
            | StudioError::NoWorkspace
            | StudioError::RunBusy { .. }
            | StudioError::Data(_)
            | StudioError::DataChanged { .. }
            | StudioError::EncoderChanged { .. }
            | StudioError::UnknownEncoder { .. }
            | StudioError::DeviceFailed { .. }
            | StudioError::Device(_)
            | StudioError::Encoder(_)
            | StudioError::File { .. }
            | StudioError::Train(
                TrainError::Paused
                    | TrainError::Stopped
                    | TrainError::Encoder(_)
                    | TrainError::Device(_)
                    | TrainError::Tokenizer(_)
                    | TrainError::File { .. }
            )
    )
}

/// The data of the present runs: all arms take their turn on a fold before the next is read.
struct Data<'a> {
    plan: &'a StudyPlan,
    read: Option<(Option<Fold>, Arc<Dataset>)>,
}

impl Data<'_> {
    fn of(&mut self, spec: &RunSpec) -> Result<Arc<Dataset>, StudioError> {
        let options = self.plan.options(spec);
        if let Some((_, dataset)) = self.read.as_ref().filter(|(fold, _)| *fold == options.fold) {
            return Ok(dataset.clone());
        }
        let path = data_path(&self.plan.data)?;
        let dataset = Arc::new(corpus::load(&path, &options)?);
        let files: Vec<String> = dataset.sources.iter().map(|source| source.sha256.clone()).collect();
        if files != self.plan.files {
            return Err(StudioError::DataChanged { path });
        }
        self.read = Some((options.fold, dataset.clone()));
        Ok(dataset)
    }
}

/// Keeps other processes from the study as long as the value lives.
fn hold(folder: &Path) -> Result<File, StudioError> {
    let path = folder.join("lock");
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.map_err(|error| StudioError::file(&path, error))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(StudioError::RunBusy { path: folder.into() }),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// The record of a study whose runs lie in its folder, whatever has become of them: as it is written where they were run
/// elsewhere.
pub fn settle(folder: &Path) -> Result<StudyRecord, StudioError> {
    let mut record = read_study(folder)?;
    let rows = super::collect::rows(folder, &record)?;
    if record.ended.is_none() && rows.iter().all(super::RunRow::is_over) {
        record.ended = Some(now());
        write_study(folder, &record)?;
    }
    Ok(record)
}
