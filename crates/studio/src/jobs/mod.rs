//! The job thread: the one thread on which tensors live. It trains one run after the other and, between two steps, answers
//! short requests, so that nobody waits behind a training run.

mod board;
mod desk;
mod job;
mod queue;
mod thread;
mod view;

pub use desk::Desk;
pub use view::{
    Bulletin, CollapsePoint, CurveUpdate, Curves, EvaluationPoint, JobState, JobView, Progress, StepPoint,
    StudyProgress, WarningPoint,
};

use crate::answers::Output;
use crate::history::run_folder;
use crate::labellings::{Labelling, forget_labelling, keep_labelling};
use crate::library::STARTER;
use crate::proposal::outline;
use crate::record::read_run;
use crate::runs::new_run_name;
use crate::sample::data_name;
use crate::study::{StudyPlan, StudyWish, ensemble, is_study, new_study_name, plan_study, read_study, study_folder};
use crate::{
    Answer, DataRequest, DeviceReport, Draft, Estimate, OpenData, Predicted, Speeds, StudioError, Wish, answers,
    check_device, draft, estimate, keep_draft, measure_speed, propose,
};
use board::Board;
use corpus::{DataError, Dataset, Example, Options};
use finetune::{Choices, Control, Preset};
use job::{Job, Wanted};
use queue::Ask;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};

/// Texts of a file that are labelled at a time: as many as hold no more characters than this, and at least one.
pub(crate) const PART: usize = 20_000;

/// So many texts are answered before they are kept.
const AT_ONCE: usize = 64;

/// A short piece of work for the job thread.
type Request = Box<dyn FnOnce(&mut Desk) + Send>;

enum Order {
    Serve(Request),
    /// The queue has changed.
    Wake,
}

/// The handle by which screens reach the job thread. The thread ends with the process.
pub struct Jobs {
    board: Arc<Board>,
    orders: Sender<Order>,
    /// Held by whoever makes one of the runs of a project's study, so that nobody meets half of it.
    pub(crate) gathering: Mutex<()>,
}

impl Jobs {
    /// Starts the job thread. It goes on with what was in the queue when the program was last closed, or killed.
    pub fn open() -> Result<Self, StudioError> {
        let board = Arc::new(Board::open()?);
        let (orders, received) = channel();
        thread::spawn(board.clone(), received)?;
        Ok(Self { board, orders, gathering: Mutex::default() })
    }

    /// `listener` hears the state of all jobs at once, and whatever changes, in place of any listener before it.
    pub fn watch(&self, listener: impl Fn(Bulletin) + Send + 'static) {
        self.board.watch(Box::new(listener));
    }

    /// Puts a run in the queue and answers with its id. The data are read unless they are open.
    pub fn start(&self, open: &OpenData, data: DataRequest, wish: Wish) -> Result<String, StudioError> {
        open.read(&data, &|_| ())?;
        let dataset = open.dataset()?;
        let proposal = propose(&dataset, &data.data, &wish)?;
        let recipe = proposal.recipe;
        let mut wish = wish;
        wish.choices.presets = recipe.presets.clone();
        let id = new_run_name(&recipe, &|id| self.board.knows(id))?;
        let view = JobView {
            id: id.clone(),
            data: data_name(&data.data),
            task: recipe.task,
            encoder: wish.encoder.clone(),
            presets: recipe.presets,
            seed: recipe.seed,
            device: proposal.device,
            state: JobState::Queued,
            problem: None,
            progress: Progress { steps: proposal.steps, epochs: recipe.epochs, ..Progress::default() },
            study: None,
        };
        self.board.add(Job::new(view, Ask::Start { data: Box::new(data), wish: Box::new(wish) }, Some(dataset)));
        self.wake();
        Ok(id)
    }

    /// Plans a study, puts it in the queue and answers with its id. The data are read unless they are open.
    pub fn start_study(&self, open: &OpenData, data: DataRequest, wish: StudyWish) -> Result<String, StudioError> {
        open.read(&data, &|_| ())?;
        let dataset = open.dataset()?;
        let id = new_study_name(dataset.task, &|id| self.board.knows(id))?;
        plan_study(&dataset, &data, &wish, &study_folder(&id)?)?;
        self.queue_study(&id, Some(dataset))?;
        Ok(id)
    }

    /// Seconds that a study would take on the data that are open; `None` where the device's speed is not known.
    pub fn estimate_study(&self, open: &OpenData, plan: &StudyPlan) -> Result<Option<f64>, StudioError> {
        let mut total = Some(0.0);
        for (place, arm) in plan.arms.iter().enumerate() {
            let device = plan.device.clone();
            let wish = Wish { encoder: arm.encoder.clone(), choices: arm.choices.clone(), device };
            let runs = plan.runs().iter().filter(|run| run.arm == place).count() as f64;
            total = total.zip(self.estimate(open, &wish)?.seconds).map(|(total, seconds)| total + runs * seconds);
        }
        Ok(total)
    }

    /// Makes one run of the runs of a study's arm and answers with its id.
    pub fn ensemble(&self, id: &str, arm: &str) -> Result<String, StudioError> {
        let study = study_folder(id)?;
        let run = ensemble_name(id, arm);
        let (out, arm) = (run_folder(&run)?, arm.to_string());
        self.ask(move |_| {
            let made = ensemble(&study, &arm, &out);
            // Half an ensemble is none.
            if made.is_err() && !matches!(made, Err(StudioError::OutputExists { .. })) {
                let _ = std::fs::remove_dir_all(&out);
            }
            made
        })?;
        Ok(run)
    }

    fn queue_study(&self, id: &str, dataset: Option<Arc<Dataset>>) -> Result<(), StudioError> {
        let StudyPlan { data, task, arms, seeds, device, .. } = read_study(&study_folder(id)?)?.plan;
        let arm = arms.into_iter().next().ok_or(StudioError::StudyEmpty { what: "preset".into() })?;
        let view = JobView {
            id: id.into(),
            data: data_name(&data),
            task,
            encoder: arm.encoder_name,
            presets: arm.recipe.presets,
            seed: seeds.first().copied().unwrap_or_default(),
            device: device.unwrap_or_default(),
            state: JobState::Queued,
            problem: None,
            progress: Progress::default(),
            study: Some(StudyProgress::default()),
        };
        self.board.add(Job::new(view, Ask::Study, dataset));
        self.wake();
        Ok(())
    }

    /// Puts the whole way on what Ballast brings along in the queue: the sample notes and the starter encoder. Where nothing
    /// has been chosen yet, the draft says so, too.
    pub fn start_sample(&self) -> Result<String, StudioError> {
        let data = DataRequest { data: "sample:notes".into(), options: Options::default() };
        let choices = Choices { presets: vec![Preset::Freeze], ..Choices::default() };
        let wish = Wish { encoder: STARTER.into(), choices, device: None };
        if draft()?.data.is_none() {
            keep_draft(&Draft { data: Some(data.clone()), wish: Some(wish.clone()) })?;
        }
        // What the user has open stays open.
        self.start(&OpenData::default(), data, wish)
    }

    /// Time and memory of what a wish asks for on the data that are open. A device that has not been timed for such an
    /// encoder is timed first, between two steps when a run goes on.
    pub fn estimate(&self, open: &OpenData, wish: &Wish) -> Result<Estimate, StudioError> {
        let dataset = open.dataset()?;
        let found = outline(&dataset, wish)?;
        let (compute, hidden) = (found.compute, found.config.hidden_size);
        let known = Speeds::read().of(&compute, hidden);
        let speed = match known {
            Some(speed) => speed,
            None => self.ask(move |_| {
                let speed = measure_speed(&compute, hidden);
                Speeds::read().keep(&compute, hidden, speed)?;
                Ok(speed)
            })?,
        };
        let lengths = open.lengths(&wish.encoder, None)?;
        estimate(&dataset, wish, Some(&lengths), Some(speed))
    }

    /// Asks a run to write itself down after the present step.
    pub fn pause(&self, id: &str) -> Result<(), StudioError> {
        self.board.want(id, Wanted::Pause)
    }

    /// Asks a run to stop after the present step and to keep what was learnt; one that only waits leaves the queue.
    pub fn stop(&self, id: &str) -> Result<(), StudioError> {
        self.board.want(id, Wanted::Stop)
    }

    /// Deletes a run with its folder, after the present step when it is going on.
    pub fn discard(&self, id: &str) -> Result<(), StudioError> {
        if self.board.discards(id) { Ok(()) } else { thread::discard(id) }
    }

    /// Puts a run that was paused, interrupted, stopped or failed back in the queue, to go on where it was, or on another device.
    pub fn resume(&self, id: &str, device: Option<&str>) -> Result<(), StudioError> {
        if !self.board.queue_again(id, device) {
            if study_folder(id).is_ok_and(|folder| is_study(&folder)) {
                return self.queue_study(id, None);
            }
            let record = read_run(&run_folder(id)?)?;
            let view = JobView {
                id: id.into(),
                data: data_name(&record.dataset.data.to_string_lossy()),
                task: record.recipe.task,
                encoder: record.encoder.name,
                presets: record.recipe.presets,
                seed: record.seed,
                device: device.map_or(record.device, String::from),
                state: JobState::Queued,
                problem: None,
                progress: Progress { epochs: record.recipe.epochs, ..Progress::default() },
                study: None,
            };
            self.board.add(Job::new(view, Ask::Resume, None));
        }
        self.wake();
        Ok(())
    }

    /// Whether a run is being worked on.
    pub fn is_busy(&self) -> bool {
        self.board.is_busy()
    }

    /// Pauses what is going on and waits until it is written down. The queue is kept for the next start.
    pub fn leave(&self) {
        self.board.leave();
    }

    /// Has the job thread do a short piece of work, between two steps when a run is going on, and waits for its answer.
    pub fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk) -> Result<T, StudioError> + Send + 'static,
    ) -> Result<T, StudioError> {
        let (answer, answered) = channel();
        let request: Request = Box::new(move |desk| {
            let _ = answer.send(work(desk));
        });
        self.orders.send(Order::Serve(request)).map_err(|_| StudioError::BrokenOff)?;
        answered.recv().map_err(|_| StudioError::BrokenOff)?
    }

    /// The answer of a run's model to one text.
    pub fn answer(&self, id: &str, text: String, pair: Option<String>) -> Result<Answer, StudioError> {
        let run = run_folder(id)?;
        self.ask(move |desk| answers::answer(desk.predictor(&run)?, &text, pair.as_deref()))
    }

    /// Labels a file, or a folder of notes, in small parts, so that a run goes on meanwhile and other questions are
    /// answered. `tell` hears how many texts of all are done and may end it with `false`. Until it is over it is one of the
    /// `labellings`, with which the next start of the program can go on.
    pub fn predict(
        &self,
        id: &str,
        input: &str,
        out: Output<'_>,
        tell: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Predicted, StudioError> {
        let wanted = Labelling {
            run: id.into(),
            input: input.into(),
            output: out.path.display().to_string(),
            texts: out.texts,
            goes_on: true,
        };
        let made = self.label(&wanted, out, tell);
        match &made {
            // Whoever ends it may go on with it.
            Err(StudioError::Data(DataError::Cancelled)) => {
                keep_labelling(&Labelling { goes_on: false, ..wanted })?;
            }
            _ => forget_labelling(&wanted.output)?,
        }
        made
    }

    fn label(
        &self,
        wanted: &Labelling,
        out: Output<'_>,
        tell: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Predicted, StudioError> {
        let run = run_folder(&wanted.run)?;
        let model = run.clone();
        let (task, labels) = self.ask(move |desk| {
            let predictor = desk.predictor(&model)?;
            Ok((predictor.terms.task, predictor.terms.labels.clone()))
        })?;
        keep_labelling(wanted)?;
        let mut answer = |examples: &[Example]| {
            let mut predictions = Vec::with_capacity(examples.len());
            for part in parts(examples) {
                let (part, run) = (part.to_vec(), run.clone());
                let answered =
                    self.ask(move |desk| Ok(desk.predictor(&run)?.predict(&part, &mut |_, _| Control::Continue)?))?;
                predictions.extend(answered);
            }
            Ok(predictions)
        };
        let options = Options::default();
        answers::predict_by(
            &run,
            (task, &labels),
            &wanted.input,
            &options,
            out,
            (AT_ONCE, &mut answer),
            &mut |done, of| tell(done, of),
        )
    }

    /// Checks a device against the processor. Not while a run goes on: it would wait for a minute or two.
    pub fn check_device(&self, name: &str) -> Result<Vec<DeviceReport>, StudioError> {
        if self.is_busy() {
            return Err(StudioError::Busy);
        }
        let name = name.to_string();
        self.ask(move |_| check_device(&name))
    }

    fn wake(&self) {
        let _ = self.orders.send(Order::Wake);
    }
}

/// The id of the run that the runs of a study's arm make together.
pub(crate) fn ensemble_name(study: &str, arm: &str) -> String {
    let plain: String = arm.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{study}.ensemble-{plain}")
}

/// Divides texts so that each part is a short piece of work.
pub(crate) fn parts(mut examples: &[Example]) -> impl Iterator<Item = &[Example]> {
    std::iter::from_fn(move || {
        let mut characters = 0;
        let fits = |example: &&Example| {
            characters += example.text.len() + example.pair.as_ref().map_or(0, String::len);
            characters <= PART
        };
        let count = examples.iter().take_while(fits).count().max(1);
        let part;
        (part, examples) = examples.split_at_checked(count)?;
        Some(part)
    })
}
