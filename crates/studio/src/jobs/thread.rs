//! The thread itself: it takes one job after the other, and short requests in between.

use super::Order;
use super::board::{Board, Task};
use super::desk::Desk;
use super::queue::Ask;
use super::view::StudyProgress;
use crate::history::run_folder;
use crate::runs::{TrainJob, note_failure, plan, plan_on, resume, start};
use crate::study::{self, StudyNews, delete_study, is_study, read_study, study_folder};
use crate::{Failure, RunSummary, StudioError, delete_run};
use finetune::{Control, Event, Outcome};
use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::Builder;

/// Deep models want as much stack as a main thread has.
const STACK: usize = 8 << 20;

/// Starts the job thread within a pool of threads of its own, one a core: as one of the pool it takes part in every parallel
/// step, and what other threads of the program compute never waits behind a training step.
pub fn spawn(board: Arc<Board>, orders: Receiver<Order>) -> Result<(), StudioError> {
    let failed = |error: &dyn std::fmt::Display| StudioError::NoThread { reason: error.to_string() };
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).thread_name(|place| format!("jobs-{place}")).build();
    let pool = pool.map_err(|error| failed(&error))?;
    let run = move || pool.install(move || work(&board, &orders));
    Builder::new().name("jobs".into()).spawn(run).map_err(|error| failed(&error))?;
    Ok(())
}

/// Works until nobody can send an order any more.
fn work(board: &Board, orders: &Receiver<Order>) {
    let mut desk = Desk::default();
    loop {
        serve_waiting(&mut desk, orders);
        if let Some(task) = board.next() {
            let id = task.id.clone();
            let ended = catch_unwind(AssertUnwindSafe(|| carry_out(board, &mut desk, orders, task)));
            settle(board, &id, ended);
            continue;
        }
        match orders.recv() {
            Ok(order) => serve(&mut desk, order),
            Err(_) => return,
        }
    }
}

fn serve_waiting(desk: &mut Desk, orders: &Receiver<Order>) {
    while let Ok(order) = orders.try_recv() {
        serve(desk, order);
    }
}

/// A request that panics, most often in a graphics driver, is dropped: its caller learns that it broke off.
fn serve(desk: &mut Desk, order: Order) {
    if let Order::Serve(request) = order
        && catch_unwind(AssertUnwindSafe(|| request(desk))).is_err()
    {
        // The device may be gone; the processor is not.
        *desk = Desk::on_processor();
    }
}

/// Carries out what a job asks for, and says how it ended.
fn carry_out(board: &Board, desk: &mut Desk, orders: &Receiver<Order>, task: Task) -> Result<Outcome, StudioError> {
    if matches!(task.ask, Ask::Study) {
        return study(board, desk, orders, task).map(|()| Outcome::Completed);
    }
    train(board, desk, orders, task).map(|summary| summary.outcome)
}

fn study(board: &Board, desk: &mut Desk, orders: &Receiver<Order>, task: Task) -> Result<(), StudioError> {
    let folder = study_folder(&task.id)?;
    let plan = read_study(&folder)?.plan;
    let mut progress =
        StudyProgress { steps: plan.runs().iter().map(|run| plan.steps(run)).sum(), ..Default::default() };
    study::conduct(&folder, task.dataset, &mut |_| (), &mut |news| {
        serve_waiting(desk, orders);
        match news {
            StudyNews::Run { spec, place, of } => {
                let before = plan.runs();
                progress.over = place;
                progress.runs = of;
                progress.steps_over = before[..place].iter().map(|run| plan.steps(run)).sum();
                (progress.arm, progress.seed) = (plan.arms[spec.arm].name.clone(), spec.seed);
                progress.run = format!("{}.{}", task.id, spec.name);
                board.run_begins(&task.id, progress.clone())
            }
            StudyNews::Event(event) => board.note(&task.id, event),
            StudyNews::Over { problem, .. } => {
                progress.broken += usize::from(problem.is_some());
                board.wish(&task.id)
            }
        }
    })
}

fn train(board: &Board, desk: &mut Desk, orders: &Receiver<Order>, task: Task) -> Result<RunSummary, StudioError> {
    let folder = run_folder(&task.id)?;
    let id = &task.id;
    let mut report = |event: &Event| {
        serve_waiting(desk, orders);
        board.note(id, event)
    };
    let Ask::Start { data, wish } = task.ask else {
        // Its folder says everything.
        return resume(&folder, Some(&task.device), &mut |_| (), &mut report);
    };
    if folder.join("run.json").is_file() {
        return resume(&folder, Some(&task.device), &mut |_| (), &mut report);
    }
    // What was cut off before it wrote its first record holds nothing.
    let _ = fs::remove_dir_all(&folder);
    let job = TrainJob {
        data: data.data,
        options: data.options,
        encoder: wish.encoder,
        choices: wish.choices,
        device: wish.device,
        out: Some(folder),
    };
    let plan = match task.dataset {
        Some(dataset) => plan_on(dataset, &job, &mut |_| ())?,
        None => plan(&job, &mut |_| ())?,
    };
    if board.wish(id) != Control::Continue {
        return Err(finetune::TrainError::Paused.into());
    }
    start(&plan, &mut report)
}

/// Writes down how a job ended.
fn settle(board: &Board, id: &str, ended: Result<Result<Outcome, StudioError>, Box<dyn Any + Send>>) {
    if board.is_unwanted(id) {
        return match discard(id) {
            Ok(()) => board.forget(id),
            Err(error) => board.failed(id, error.into()),
        };
    }
    let problem = match ended {
        Ok(Ok(outcome)) => return board.completed(id, outcome),
        Ok(Err(StudioError::Train(finetune::TrainError::Paused))) => return board.paused(id),
        Ok(Err(error)) => error.into(),
        Err(cause) => {
            let problem = broken(cause.as_ref());
            // A run that had not begun to write has nothing to note.
            let _ = run_folder(id).and_then(|folder| note_failure(&folder, &problem));
            problem
        }
    };
    board.failed(id, problem);
}

/// Deletes what a run or a study has written, if anything.
pub fn discard(id: &str) -> Result<(), StudioError> {
    if study_folder(id).is_ok_and(|folder| is_study(&folder)) {
        return delete_study(id);
    }
    if run_folder(id)?.exists() { delete_run(id) } else { Ok(()) }
}

/// What is said when training broke off in the middle of a step: graphics drivers do that, and running out of memory.
fn broken(cause: &(dyn Any + Send)) -> Failure {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    let message = "The device failed in the middle of training. What was learnt up to the last checkpoint is kept: go on \
                   with the run, on another device if this happens again.";
    let mut failure = Failure::new("device-broke", message);
    failure.data.insert("cause".into(), text.unwrap_or_default().into());
    failure
}
