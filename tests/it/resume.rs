//! A run that is killed and resumed ends with the same bits as one that was never interrupted.

use crate::command::{Place, show};
use crate::fetched_encoder;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// Reads events until a step is done. `None` when the run ended before.
pub fn wait_for_step(child: &mut Child, step: u64) -> Option<()> {
    let events = BufReader::new(child.stderr.take().unwrap());
    for line in events.lines().map_while(Result::ok) {
        let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if event["event"] == "step" && event["step"].as_u64() == Some(step) {
            return Some(());
        }
    }
    None
}

/// A step that differs from test run to test run; printed, so that a failure can be repeated.
fn random_step(steps: u64) -> u64 {
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
    let step = 1 + u64::from(nanoseconds / 1000) % (steps - 1);
    println!("killed after step {step} of {steps}");
    step
}

pub fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Trains once whole, once killed (SIGKILL) at a random step and resumed, and compares the weights.
fn check(arguments: &str, steps: u64) {
    let place = Place::new();
    place.succeed(&format!("train {arguments} --out {{}}/whole"));
    let mut child = spawn(&mut place.ballast(&format!("train {arguments} --out {{}}/killed --json")));
    wait_for_step(&mut child, random_step(steps)).expect("the run went on to its end");
    child.kill().unwrap();
    child.wait().unwrap();
    let before =
        serde_json::from_slice::<serde_json::Value>(&fs::read(place.path("killed/run.json")).unwrap()).unwrap();
    assert_eq!(before["outcome"], "running");
    place.succeed("resume {}/killed");
    let weights = |run: &str| fs::read(place.path(run).join("model/model.safetensors")).unwrap();
    assert!(weights("whole") == weights("killed"), "the weights differ");
    let predictions = |run: &str| fs::read_to_string(place.path(run).join("predictions.jsonl")).unwrap();
    assert_eq!(predictions("whole"), predictions("killed"));
    let steps_of = |run: &str| -> Vec<u64> {
        let events = fs::read_to_string(place.path(run).join("events.jsonl")).unwrap();
        let events = events.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        events.filter(|event| event["event"] == "step").map(|event| event["step"].as_u64().unwrap()).collect()
    };
    assert_eq!(steps_of("killed"), (1..=steps).collect::<Vec<_>>(), "each step stands in the events once");
}

#[test]
fn a_killed_run_ends_with_the_same_bits() {
    check("--data sample:notes --encoder starter --preset layerwise-decay+reinit-top --epochs 4 --lr 1e-3", 4 * 18);
}

#[test]
fn a_killed_run_with_frozen_layers_ends_with_the_same_bits() {
    check("--data sample:sentences --encoder starter --preset freeze --epochs 4 --lr 1e-3 --keep last", 4 * 14);
}

/// MiniLM's word embeddings are large enough to meet the CPU backend's unordered sum.
#[test]
fn a_killed_run_of_a_real_encoder_ends_with_the_same_bits() {
    let Some(encoder) = fetched_encoder("minilm-l6") else { return };
    let encoder = encoder.display();
    check(&format!("--data sample:sentences --encoder {encoder} --preset standard --epochs 2 --max-length 64"), 2 * 14);
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_keeps_what_was_learnt_and_can_be_resumed() {
    let place = Place::new();
    let arguments = "--data sample:notes --encoder starter --preset standard --epochs 30";
    let mut child = spawn(&mut place.ballast(&format!("train {arguments} --out {{}}/run --json")));
    let id = child.id().to_string();
    wait_for_step(&mut child, 25).expect("the run went on to its end");
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(place.path("run/model/model.safetensors").is_file());
    let run = fs::read_to_string(place.path("run/run.json")).unwrap();
    assert!(run.contains("\"stopped\""), "{run}");
    place.text("new.csv", "text\nChest pain\n");
    place.succeed("predict --run {}/run --input {}/new.csv --out {}/answers.csv");
    let said = show(&place.succeed("resume {}/run").stderr);
    assert!(said.contains("going on from step"), "{said}");
}

#[test]
fn resume_refuses_data_that_has_changed() {
    let place = Place::new();
    let rows = |word: &str| {
        let row = |index: usize| format!("{word} {index},{}\n", if index.is_multiple_of(2) { "yes" } else { "no" });
        "text,label\n".to_string() + &(0..200).map(row).collect::<String>()
    };
    place.text("notes.csv", rows("note"));
    let train = "train --data {}/notes.csv --encoder starter --preset standard --epochs 50 --out {}/run --json";
    let mut child = spawn(&mut place.ballast(train));
    wait_for_step(&mut child, 12).expect("the run went on to its end");
    child.kill().unwrap();
    child.wait().unwrap();
    place.text("notes.csv", rows("changed"));
    let said = place.fail("resume {}/run", 3);
    assert!(said.contains("has changed"), "{said}");
}
