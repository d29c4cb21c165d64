//! What a command must never do to a user's files, and what programs learn from an error.

use crate::command::{Place, json, show};
use crate::resume::{spawn, wait_for_step};
use std::fs;

const QUICK: &str = "train --data sample:notes --encoder starter --preset standard --epochs 1 --out {}/run";

/// The error that a command with `--json` ends with.
#[track_caller]
fn error(place: &Place, line: &str, code: i32) -> serde_json::Value {
    let said = place.fail(&format!("{line} --json"), code);
    json(said.lines().last().unwrap_or_default().as_bytes())["error"].take()
}

#[test]
fn answers_go_only_where_they_harm_nothing() {
    let place = Place::new();
    place.succeed(QUICK);
    let labelled = "text,label\nChest pain,yes\nWheeze,no\n";
    place.text("notes.csv", labelled);
    fs::create_dir(place.path("folder.csv")).unwrap();
    for (out, hint) in [
        ("{}/notes.csv", "replace their own input"),
        ("{}/run/../notes.csv", "replace their own input"),
        ("{}/no/such/folder/answers.csv", "no folder"),
        ("{}/folder.csv", "is a folder"),
        ("{}/answers.docx", ".csv, .xlsx, .parquet or .jsonl"),
        ("{}/answers.conll", "labels whole texts"),
        ("{}/answers", "labels whole texts"),
    ] {
        let said = place.fail(&format!("predict --run {{}}/run --input {{}}/notes.csv --out {out}"), 3);
        assert!(said.contains(hint), "{out}: {said}");
    }
    assert_eq!(fs::read_to_string(place.path("notes.csv")).unwrap(), labelled);
    assert!(!place.path("no").exists());
}

#[test]
fn an_export_is_whole_and_replaces_nothing() {
    let place = Place::new();
    place.succeed(QUICK);
    fs::create_dir_all(place.path("empty")).unwrap();
    place.succeed("export --run {}/run --to hf --out {}/empty");
    place.succeed("export --run {}/run --to hf --out {}/new/one");
    for folder in ["empty", "new/one"] {
        let count = |folder: &str| fs::read_dir(place.path(folder)).unwrap().count();
        assert_eq!(count(folder), count("run/model"), "{folder}");
    }
    place.fail("export --run {}/run --to hf --out {}/empty", 3);
    assert_eq!(fs::read_dir(place.path("new")).unwrap().count(), 1, "no half-made copy is left");
}

#[test]
fn a_labelling_that_was_killed_goes_on_and_texts_can_stay_at_home() {
    let place = Place::new();
    place.succeed(QUICK);
    let rows: String = (0..4000).map(|row| format!("n{row},the patient came on day {row} with a cough\n")).collect();
    place.text("new.csv", format!("id,text\n{rows}"));
    let label = |out: &str| place.ballast(&format!("predict --run {{}}/run --input {{}}/new.csv --out {{}}/{out}"));
    assert!(label("whole.jsonl").status().unwrap().success());
    let kept = || -> usize {
        let files = fs::read_dir(place.path("workspace/answers")).into_iter().flatten().flatten();
        files.map(|file| fs::read_to_string(file.path()).unwrap().lines().count()).sum()
    };
    assert_eq!(kept(), 0, "what is written is not kept");
    let mut child = label("parts.jsonl").stderr(std::process::Stdio::null()).spawn().unwrap();
    while kept() < 500 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be killed");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!place.path("parts.jsonl").exists());
    let first = kept();
    assert!((500..4000).contains(&first), "{first}");
    assert!(label("parts.jsonl").status().unwrap().success());
    let read = |name: &str| fs::read_to_string(place.path(name)).unwrap();
    assert_eq!(read("parts.jsonl"), read("whole.jsonl"));
    for name in ["without.csv", "without.jsonl"] {
        let line = format!("predict --run {{}}/run --input {{}}/new.csv --no-text --out {{}}/{name}");
        place.succeed(&line);
        let text = read(name);
        assert!(text.contains("n3999") && !text.contains("cough"), "{name}");
    }
}

#[test]
fn a_bundle_goes_to_another_ballast_without_texts_or_paths() {
    let place = Place::new();
    let secrets: String = (0..60)
        .map(|row| {
            format!("patient-{row},the zyzzyva {} was seen on day {row},{}\n", ["came", "left"][row % 2], row % 2)
        })
        .collect();
    place.text("notes.csv", format!("id,text,label\n{secrets}"));
    place.succeed("train --data {}/notes.csv --encoder starter --preset standard --epochs 2 --lr 1e-3 --out {}/run");
    place.succeed("export --run {}/run --to bundle --out {}/model.ballast");
    place.fail("export --run {}/run --to bundle --out {}/model.ballast", 3);
    let mut archive = zip::ZipArchive::new(fs::File::open(place.path("model.ballast")).unwrap()).unwrap();
    let mut names = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let (name, mut content) = (file.name().unwrap().into_owned(), Vec::new());
        std::io::Read::read_to_end(&mut file, &mut content).unwrap();
        let text = show(&content);
        for secret in ["zyzzyva", "patient-1", &place.folder.path().display().to_string()] {
            // A vocabulary is no text, but this word is in none.
            assert!(!text.contains(secret), "{name} holds {secret}");
        }
        names.push(name);
    }
    for name in ["run.json", "metrics.json", "events.jsonl", "model/model.safetensors", "model/README.md"] {
        assert!(names.iter().any(|own| own == name), "{name} is not among {names:?}");
    }
    let other = Place::new();
    fs::copy(place.path("model.ballast"), other.path("model.ballast")).unwrap();
    let run = json(&other.succeed("import {}/model.ballast --json").stdout)["run"].as_str().unwrap().to_string();
    let again = json(&other.succeed("import {}/model.ballast --json").stdout)["run"].as_str().unwrap().to_string();
    assert_ne!(run, again, "nothing is replaced");
    let texts = other.text("new.csv", "text\nthe zyzzyva came again\nshe left\n");
    other.succeed(&format!("predict --run {run} --input {texts} --out {{}}/there.jsonl"));
    place.succeed(&format!("predict --run {{}}/run --input {texts} --out {{}}/here.jsonl"));
    let read = |place: &Place, name: &str| fs::read_to_string(place.path(name)).unwrap();
    assert_eq!(read(&other, "there.jsonl"), read(&place, "here.jsonl"));
    let bad = other.text("no.ballast", "this is no bundle");
    let said = other.fail(&format!("import {bad}"), 3);
    assert!(said.contains("no bundle of a run"), "{said}");
}

#[test]
fn a_run_that_goes_on_is_left_alone_and_a_killed_one_is_free() {
    let place = Place::new();
    let train = "train --data sample:notes --encoder starter --preset standard --epochs 900 --out {}/run --json";
    let mut child = spawn(&mut place.ballast(train));
    wait_for_step(&mut child, 20).expect("the run went on to its end");
    let said = place.fail("resume {}/run", 3);
    assert!(said.contains("another process"), "{said}");
    child.kill().unwrap();
    child.wait().unwrap();
    let said = place.fail("resume {}/run --device moon", 2);
    assert!(said.contains("cpu"), "{said}");
    let mut resumed = spawn(&mut place.ballast("resume {}/run --device cpu --json"));
    let went_on = wait_for_step(&mut resumed, 40);
    resumed.kill().unwrap();
    resumed.wait().unwrap();
    went_on.expect("the lock went with the process that held it");
}

#[test]
fn a_random_encoder_is_called_so_wherever_the_model_goes() {
    let place = Place::new();
    place.succeed(QUICK);
    let record = json(&fs::read(place.path("run/run.json")).unwrap());
    assert_eq!(record["encoder"]["name"], "small random encoder (not pretrained)");
    let card = fs::read_to_string(place.path("run/model/README.md")).unwrap();
    assert!(card.contains("Encoder: small random encoder (not pretrained)"), "{card}");
    assert!(card.contains("not for clinical decisions"), "{card}");
}

#[test]
fn programs_learn_what_an_error_speaks_of() {
    let place = Place::new();
    let missing = error(&place, "inspect {}/nothing.csv", 3);
    assert_eq!(missing["code"], "data-missing");
    assert!(missing["data"]["path"].as_str().unwrap().ends_with("nothing.csv"), "{missing}");
    place.text("fine.csv", "text,label\na,yes\nb,no\n");
    let column = error(&place, "inspect {}/fine.csv --label diagnosis", 3);
    assert_eq!(column["data"]["name"], "diagnosis");
    assert_eq!(column["data"]["available"], serde_json::json!(["text", "label"]));
    let device = error(&place, "train --data sample:notes --encoder starter --device moon", 2);
    assert_eq!((&device["code"], &device["data"]["name"]), (&"device-unknown".into(), &"moon".into()));
    let usage = error(&place, "train --data sample:notes", 2);
    assert_eq!(usage["code"], "usage");
    assert!(usage["message"].as_str().unwrap().contains("--encoder"), "{usage}");
}

#[test]
fn programs_learn_what_was_decided_before_the_first_step() {
    let place = Place::new();
    let output = place.succeed(&format!("{QUICK} --json"));
    let said = show(&output.stderr);
    let plan = json(said.lines().next().unwrap_or_default().as_bytes());
    assert_eq!((&plan["event"], &plan["task"]), (&"planned".into(), &"classification".into()));
    assert!(plan["run"].as_str().unwrap().ends_with("run"), "{plan}");
    assert_eq!(json(&output.stdout)["outcome"], "completed");
}
