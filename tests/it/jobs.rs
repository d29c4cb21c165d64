//! The queue and its one thread, as the window uses them.

use crate::root;
use corpus::Options;
use finetune::Choices;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use studio::{Bulletin, DataRequest, JobState, JobView, Jobs, OpenData, Output, RunState, Wish, add_encoder, runs};

/// Names a folder to a test that runs in a process of its own.
const HOME: &str = "BALLAST_TEST_HOME";

/// Runs `body` with a folder of its own, in a process of its own: a workspace belongs to a whole process.
pub fn apart(test: &str, body: impl FnOnce(&Path)) {
    if let Some(home) = std::env::var_os(HOME) {
        return body(&PathBuf::from(home));
    }
    let home = tempfile::tempdir().expect("a temporary folder");
    let again = Command::new(std::env::current_exe().expect("this test's program"))
        .args(["--exact", test, "--nocapture"])
        .env(HOME, home.path())
        .env("BALLAST_WORKSPACE", home.path().join("workspace"))
        .status();
    assert!(again.is_ok_and(|status| status.success()), "{test} failed in its own process; see above");
}

/// Jobs, data that are open, and what the listener heard.
struct Bench {
    jobs: Jobs,
    open: OpenData,
    heard: Receiver<Bulletin>,
    data: DataRequest,
}

fn bench(home: &Path) -> Bench {
    let small = root().join("tests/golden/encoder/bert-small-random");
    add_encoder(&small).expect("take the encoder in");
    let mut table = String::from("text,label\n");
    for row in 0..80 {
        let _ =
            writeln!(table, "the patient had {} on day {row},{}", ["fever", "drug"][row % 2], ["ill", "well"][row % 2]);
    }
    let path = home.join("notes.csv");
    fs::write(&path, table).expect("write the table");
    let (jobs, open) = (Jobs::open().expect("the job thread"), OpenData::default());
    let (tell, heard) = channel();
    jobs.watch(move |bulletin| drop(tell.send(bulletin)));
    let data = DataRequest { data: path.to_string_lossy().into_owned(), options: Options::default() };
    open.open(&data).expect("open the data");
    Bench { jobs, open, heard, data }
}

impl Bench {
    fn start(&self, epochs: usize) -> String {
        let choices = Choices { epochs: Some(epochs), batch_size: Some(8), seed: Some(1), ..Choices::default() };
        let wish = Wish { encoder: "bert-small-random".into(), choices, device: Some("cpu".into()) };
        self.jobs.start(&self.open, self.data.clone(), wish).expect("start a run")
    }

    /// Waits until the listener hears that a run is as `wanted`.
    fn until(&self, id: &str, wanted: impl Fn(&JobView) -> bool) -> JobView {
        let start = Instant::now();
        loop {
            let left = Duration::from_secs(60).saturating_sub(start.elapsed());
            let bulletin = self.heard.recv_timeout(left).expect("to hear of it within a minute");
            if let Some(job) = bulletin.jobs.into_iter().find(|job| job.id == id && wanted(job)) {
                return job;
            }
        }
    }
}

#[test]
fn runs_wait_their_turn_and_can_be_taken_off_the_queue() {
    apart("jobs::runs_wait_their_turn_and_can_be_taken_off_the_queue", |home| {
        let bench = bench(home);
        let [first, second, third] = [bench.start(3), bench.start(3), bench.start(3)];
        assert_eq!(bench.until(&third, |_| true).state, JobState::Queued);
        bench.jobs.stop(&second).expect("take it off the queue");
        bench.until(&first, |job| job.state == JobState::Completed);
        bench.until(&third, |job| job.state == JobState::Completed);
        let mut ran: Vec<String> = runs().expect("the runs").into_iter().map(|card| card.id).collect();
        ran.sort();
        let mut expected = [first, third];
        expected.sort();
        assert_eq!(ran, expected);
    });
}

#[test]
fn a_model_answers_while_another_trains() {
    apart("jobs::a_model_answers_while_another_trains", |home| {
        let bench = bench(home);
        let model = bench.start(2);
        bench.until(&model, |job| job.state == JobState::Completed);
        let long = bench.start(1000);
        bench.until(&long, |job| job.progress.step > 3);
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let asked = Instant::now();
            let answer = bench.jobs.answer(&model, "fever on day 3".into(), None).expect("an answer");
            assert!(answer.predicted.is_some());
            slowest = slowest.max(asked.elapsed());
        }
        println!("slowest answer while training: {slowest:.0?}");
        assert!(slowest < Duration::from_secs(2), "an answer took {slowest:?}");
        // A whole file, too.
        let out = home.join("answers.csv");
        bench
            .jobs
            .predict(&model, &bench.data.data, Output { path: &out, texts: true }, &|_, _| true)
            .expect("label the file");
        assert_eq!(fs::read_to_string(&out).expect("the answers").lines().count(), 81);
        // Whoever ends it can go on with it; what is over waits no more.
        assert_eq!(studio::labellings().expect("the labellings"), []);
        let second = home.join("second.csv");
        let output = || Output { path: &second, texts: false };
        let cut = bench.jobs.predict(&model, &bench.data.data, output(), &|done, _| done < 64);
        assert_eq!(cut.expect_err("it was ended").code(), "cancelled");
        let waiting = studio::labellings().expect("the labellings");
        let said: Vec<_> =
            waiting.iter().map(|own| (own.run.as_str(), own.output.as_str(), own.texts, own.goes_on)).collect();
        assert_eq!(said, [(model.as_str(), second.to_str().unwrap(), false, false)]);
        let first = std::sync::Mutex::new(None);
        let tell = |done, _| {
            first.lock().unwrap().get_or_insert(done);
            true
        };
        bench.jobs.predict(&model, &bench.data.data, output(), &tell).expect("go on");
        assert_eq!(*first.lock().unwrap(), Some(64), "it goes on where it was");
        assert_eq!(studio::labellings().expect("the labellings"), []);
        assert!(bench.jobs.is_busy(), "it trained all the while");
        bench.jobs.stop(&long).expect("stop");
        bench.until(&long, |job| job.state == JobState::Stopped);
    });
}

#[test]
fn a_run_that_breaks_off_in_the_middle_is_told_and_goes_on_where_it_was() {
    static BROKEN: AtomicBool = AtomicBool::new(false);
    static ARMED: AtomicBool = AtomicBool::new(false);
    apart("jobs::a_run_that_breaks_off_in_the_middle_is_told_and_goes_on_where_it_was", |home| {
        let bench = bench(home);
        let (tell, heard) = channel();
        // A driver that fails panics in the middle of a step; so does this, once, on the same thread.
        bench.jobs.watch(move |bulletin: Bulletin| {
            let middle = ARMED.load(Ordering::SeqCst) && bulletin.jobs.iter().any(|job| job.progress.step > 20);
            let _ = tell.send(bulletin);
            assert!(!middle || BROKEN.swap(true, Ordering::SeqCst), "device lost (as this test wants)");
        });
        let bench = Bench { heard, ..bench };
        let id = bench.start(40);
        // Runs as short as this one are written down when they are paused.
        bench.until(&id, |job| job.progress.step > 3);
        bench.jobs.pause(&id).expect("pause");
        bench.until(&id, |job| job.state == JobState::Paused);
        ARMED.store(true, Ordering::SeqCst);
        bench.jobs.resume(&id, None).expect("go on");
        let failed = bench.until(&id, |job| job.state == JobState::Failed);
        let problem = failed.problem.expect("a problem");
        assert_eq!(problem.code, "device-broke");
        assert!(problem.data["cause"].contains("device lost"), "{problem:?}");

        let card = runs().expect("the runs").into_iter().find(|card| card.id == id).expect("the run");
        assert_eq!((card.state, card.problem), (RunState::Failed, Some(problem)), "its folder says so, too");

        // The thread lives on: another run, and the same one from where it was.
        let other = bench.start(2);
        bench.until(&other, |job| job.state == JobState::Completed);
        bench.jobs.resume(&id, Some("cpu")).expect("go on");
        let begun = bench.until(&id, |job| job.state == JobState::Training && job.progress.step > 0);
        assert!(begun.progress.step > 1, "it went on at step {}", begun.progress.step);
        bench.until(&id, |job| job.state == JobState::Completed);
    });
}

#[test]
fn a_pause_outlives_the_program_and_what_was_going_on_goes_on() {
    apart("jobs::a_pause_outlives_the_program_and_what_was_going_on_goes_on", |home| {
        // An empty queue is no unreadable one.
        fs::create_dir_all(home.join("workspace")).expect("the workspace");
        fs::write(home.join("workspace/queue.json"), "[]").expect("an empty queue");
        let bench = bench(home);
        assert!(!home.join("workspace/queue.unreadable.json").exists());
        let paused = bench.start(1000);
        bench.until(&paused, |job| job.progress.step > 3);
        bench.jobs.pause(&paused).expect("pause");
        bench.until(&paused, |job| job.state == JobState::Paused);
        let going = bench.start(1000);
        bench.until(&going, |job| job.progress.step > 3);
        bench.jobs.leave();
        let queue = fs::read(home.join("workspace/queue.json")).expect("the queue");
        let queue: serde_json::Value = serde_json::from_slice(&queue).expect("JSON");
        let waiting: Vec<&str> =
            queue.as_array().expect("jobs").iter().filter_map(|job| job["view"]["id"].as_str()).collect();
        assert_eq!(
            waiting,
            [going.as_str()],
            "what was going on goes on, what the user had paused ({paused}) stays paused"
        );
    });
}
