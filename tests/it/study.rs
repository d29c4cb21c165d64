//! Studies as a user runs them: many runs, one answer, whatever happens on the way.

use crate::command::{Place, json, show};
use crate::resume::{spawn, wait_for_step};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const SMALL: &str =
    "study --data sample:sentences --encoder starter --presets standard,freeze --seeds 2 --epochs 2 --lr 1e-3";

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// What a study found, without what differs from one time to the next: the clock.
fn found(study: &Path) -> Value {
    let mut report = read(&study.join("study.json"))["report"].clone();
    for part in ["id", "created", "ended"] {
        report[part] = Value::Null;
    }
    for list in ["runs", "arms"] {
        report[list].as_array_mut().unwrap().iter_mut().for_each(|item| item["seconds"] = Value::Null);
    }
    report
}

#[test]
fn a_study_answers_in_a_table_a_sentence_and_a_page() {
    let place = Place::new();
    let said = show(&place.succeed(&format!("{SMALL} --out {{}}/study")).stdout);
    assert!(said.contains("has the best mean score on dev"), "{said}");
    assert!(said.contains("Fewer than five runs"), "small n is said: {said}");
    let study = place.path("study");
    let page = fs::read_to_string(study.join("report.html")).unwrap();
    for part in ["<svg", "Methods", "References", "2 seeds", "Brown", "not for clinical decisions"] {
        assert!(page.contains(part), "the page lacks {part}");
    }
    for foreign in ["<script", "http://", "https://", "src=", "@import"] {
        let rest = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!rest.contains(foreign), "the page has {foreign}");
    }
    let folder = place.folder.path().display().to_string();
    assert!(!page.contains(&folder), "the page names a folder");
    let runs = fs::read_to_string(study.join("runs.csv")).unwrap();
    assert_eq!(runs.lines().count(), 1 + 4, "{runs}");
    let arms = fs::read_to_string(study.join("arms.csv")).unwrap();
    assert!(arms.lines().nth(2).is_some_and(|line| line.starts_with("freeze,")), "{arms}");
    let report = found(&study);
    for arm in report["arms"].as_array().unwrap() {
        assert_eq!((arm["planned"].as_u64(), arm["ended"].as_u64()), (Some(2), Some(2)));
        let scores: Vec<f64> =
            arm["scores"].as_array().unwrap().iter().map(|score| score["test"].as_f64().unwrap()).collect();
        let mean = scores.iter().sum::<f64>() / 2.0;
        assert!((arm["test"]["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
    }
    // What the table says is what the runs say.
    for run in report["runs"].as_array().unwrap() {
        let folder = study.join("runs").join(run["spec"]["name"].as_str().unwrap());
        assert_eq!(read(&folder.join("metrics.json"))["score"]["test"], run["test"]);
    }
    place.fail(&format!("{SMALL} --out {{}}/study"), 3);
}

#[test]
fn a_killed_study_goes_on_and_finds_the_same() {
    let place = Place::new();
    place.succeed(&format!("{SMALL} --out {{}}/whole"));
    let mut child = spawn(&mut place.ballast(&format!("{SMALL} --out {{}}/killed --json")));
    // In the middle of the first run, later between two of them.
    wait_for_step(&mut child, 9).expect("the study went on to its end");
    child.kill().unwrap();
    child.wait().unwrap();
    let early = place.succeed("study --collect {}/killed");
    assert!(show(&early.stdout).contains("No run has ended"), "{}", show(&early.stdout));
    let mut child = spawn(&mut place.ballast("resume {}/killed --json"));
    wait_for_step(&mut child, 28).expect("the study went on to its end");
    std::thread::sleep(std::time::Duration::from_millis(300));
    let _ = child.kill();
    child.wait().unwrap();
    place.succeed("resume {}/killed");
    assert_eq!(found(&place.path("killed")), found(&place.path("whole")));
    // There is nothing left to do, and nothing is done twice.
    let started = |run: &Value| {
        read(&place.path("killed/runs").join(run["spec"]["name"].as_str().unwrap()).join("run.json"))["started"].clone()
    };
    let report = found(&place.path("killed"));
    let before: Vec<Value> = report["runs"].as_array().unwrap().iter().map(started).collect();
    place.succeed("resume {}/killed");
    let after: Vec<Value> = report["runs"].as_array().unwrap().iter().map(started).collect();
    assert_eq!(before, after);
}

#[test]
fn folds_test_every_example_once_and_their_groups_stay_together() {
    let place = Place::new();
    let row = |index: usize| {
        format!("p{},note {index} {},{}\n", index / 3, ["fever", "cough"][index % 2], ["a", "b"][index % 2])
    };
    place.text("notes.csv", "patient,text,label\n".to_string() + &(0..60).map(row).collect::<String>());
    let study = "study --data {}/notes.csv --group patient --encoder starter --presets standard --seeds 2 --folds 4 --epochs 1 --out {}/study";
    place.succeed(study);
    for seed in [1, 2] {
        let mut tested: Vec<String> = Vec::new();
        for fold in 1..=4 {
            let run = place.path(&format!("study/runs/1-standard-seed{seed}-fold{fold}of4-1"));
            let answers = fs::read_to_string(run.join("predictions.jsonl")).unwrap();
            let ids: Vec<String> =
                answers.lines().map(|line| json(line.as_bytes())["id"].as_str().unwrap().to_string()).collect();
            tested.extend(ids);
        }
        assert_eq!(tested.len(), 60);
        assert_eq!(tested.iter().collect::<BTreeSet<_>>().len(), 60, "an example is tested twice");
    }
    let report = found(&place.path("study"));
    assert_eq!(report["arms"][0]["scores"].as_array().unwrap().len(), 2, "one score a seed");
    assert_eq!(report["tested"], 60);
    assert!(report["methods"].as_str().unwrap().contains("4-fold cross-validation"));
}

#[test]
fn folds_beside_a_given_test_split_hold_out_dev_and_count_test_once() {
    let place = Place::new();
    fs::create_dir_all(place.path("data")).unwrap();
    let rows = |count: usize, from: usize| -> String {
        let row = |at: usize| format!("note {at} {},{}\n", ["fever", "cough"][at % 2], ["a", "b"][at % 2]);
        "text,label\n".to_string() + &(from..from + count).map(row).collect::<String>()
    };
    place.text("data/train.csv", rows(60, 0));
    place.text("data/test.csv", rows(20, 100));
    place.succeed(
        "study --data {}/data --encoder starter --presets standard --seeds 2 --folds 3 --repeats 2 --epochs 1 --out {}/study",
    );
    let report = found(&place.path("study"));
    assert_eq!(report["tested"], 20);
    assert_eq!(report["arms"][0]["scores"].as_array().unwrap().len(), 4, "one a seed and division");
    assert!(report["methods"].as_str().unwrap().contains("the same 20 given test examples"), "{}", report["methods"]);
    // The score of a division is the mean of its folds' runs, which all have answered the same examples.
    let runs = report["runs"].as_array().unwrap();
    let of = |run: &&Value| run["spec"]["seed"] == 1 && run["spec"]["fold"]["repeat"] == 1;
    let own: Vec<f64> = runs.iter().filter(of).map(|run| run["test"].as_f64().unwrap()).collect();
    assert_eq!(own.len(), 3);
    let score = report["arms"][0]["scores"][0]["test"].as_f64().unwrap();
    assert!((score - own.iter().sum::<f64>() / 3.0).abs() < 1e-9, "{score} and {own:?}");
}

/// The tasks as a cluster would run them: in any order, one missing, one that cannot run.
#[cfg(unix)]
#[test]
fn planned_tasks_run_anywhere_and_are_gathered() {
    let place = Place::new();
    place.succeed(&format!("{SMALL} --plan {{}}/plan"));
    let plan = place.path("plan");
    let tasks = fs::read_to_string(plan.join("tasks.txt")).unwrap();
    let tasks: Vec<&str> = tasks.lines().collect();
    assert_eq!(tasks.len(), 4);
    let script = fs::read_to_string(plan.join("array.sbatch")).unwrap();
    assert!(script.contains("#SBATCH --array=1-4"), "{script}");
    let task = |task: usize| {
        let mut command = Command::new("bash");
        command.arg("array.sbatch").current_dir(&plan).env("SLURM_ARRAY_TASK_ID", task.to_string());
        command.env("BALLAST", env!("CARGO_BIN_EXE_ballast")).env("SLURM_CPUS_PER_TASK", "1");
        command.env("BALLAST_WORKSPACE", place.path("workspace")).env("BALLAST_CACHE", place.path("no-cache"));
        command.env_remove("BALLAST_STARTER");
        command
    };
    let run = |number: usize| task(number).output().unwrap();
    assert!(run(4).status.success());
    assert!(run(1).status.success());
    // What stands in the way of a run breaks that run alone.
    let name = read(&plan.join("study.json"))["plan"]["arms"].as_array().unwrap().len();
    assert_eq!(name, 2);
    fs::write(plan.join("runs/1-standard-seed2"), "in the way").unwrap();
    assert!(!run(3).status.success());
    let said = show(&place.succeed("study --collect {}/plan").stdout);
    assert!(said.contains("1 of 2") && said.contains("Not all planned runs have ended"), "{said}");
    fs::remove_file(plan.join("runs/1-standard-seed2")).unwrap();
    assert!(run(3).status.success());
    // A machine where `starter` is another encoder answers another question.
    crate::library::copy(&place.path("other"));
    assert!(task(2).env("BALLAST_STARTER", place.path("other")).status().unwrap().success());
    let said = show(&place.succeed("study --collect {}/plan").stdout);
    assert!(said.contains("1 of 2"), "{said}");
    let strange = &found(&plan)["runs"][1]["problem"];
    assert_eq!(strange["code"], "encoder-other", "{strange}");
    fs::remove_dir_all(plan.join("runs/2-freeze-seed1")).unwrap();
    assert!(run(2).status.success());
    place.succeed(&format!("{SMALL} --out {{}}/whole"));
    place.succeed("study --collect {}/plan");
    let (gathered, whole) = (found(&plan), found(&place.path("whole")));
    assert_eq!(gathered["arms"], whole["arms"], "the same runs elsewhere");
}

#[test]
fn a_run_that_breaks_off_is_kept_and_the_others_go_on() {
    let place = Place::new();
    place.succeed(&format!("{SMALL} --plan {{}}/study"));
    fs::write(place.path("study/runs/2-freeze-seed1"), "in the way").unwrap();
    let output = place.succeed("resume {}/study");
    assert!(show(&output.stderr).contains("2-freeze-seed1 broke off"), "{}", show(&output.stderr));
    let report = found(&place.path("study"));
    assert_eq!((report["arms"][1]["broken"].as_u64(), report["arms"][1]["ended"].as_u64()), (Some(1), Some(1)));
    assert_eq!(report["verdict"]["chosen"], 0, "{}", report["verdict"]);
    let problem = &report["runs"][1]["problem"];
    assert_eq!(problem["code"], "output-exists", "{problem}");
    assert!(fs::read_to_string(place.path("study/runs.csv")).unwrap().contains("not-begun"));
}

#[test]
fn the_runs_of_a_study_answer_together() {
    let place = Place::new();
    place.succeed(
        "study --data sample:notes --encoder starter --presets standard --seeds 3 --epochs 20 --lr 2e-3 --out {}/study",
    );
    place.succeed("ensemble --study {}/study --arm standard --out {}/together");
    place.text("new.csv", "text\nChest pain since this morning\nA wound on the left foot\n");
    let all = ["together", "study/runs/1-standard-seed1", "study/runs/1-standard-seed2", "study/runs/1-standard-seed3"];
    for run in all {
        // Each is calibrated by itself; the mean is one of probabilities as they are without that.
        let config = place.path(run).join("model/config.json");
        let mut facts = read(&config);
        assert!(facts["ballast"]["temperature"].as_f64().is_some_and(|temperature| temperature > 0.0), "{facts}");
        facts["ballast"]["temperature"] = 1.0.into();
        fs::write(&config, facts.to_string()).unwrap();
    }
    let answers = |run: &str| -> Vec<Value> {
        place.succeed(&format!("predict --run {{}}/{run} --input {{}}/new.csv --out {{}}/answers.jsonl"));
        let text = fs::read_to_string(place.path("answers.jsonl")).unwrap();
        text.lines().map(|line| json(line.as_bytes())).collect()
    };
    let together = answers("together");
    let members: Vec<Vec<Value>> = (1..=3).map(|seed| answers(&format!("study/runs/1-standard-seed{seed}"))).collect();
    for (place, answer) in together.iter().enumerate() {
        for (label, share) in answer["probabilities"].as_object().unwrap() {
            let mean =
                members.iter().map(|own| own[place]["probabilities"][label].as_f64().unwrap()).sum::<f64>() / 3.0;
            assert!((share.as_f64().unwrap() - mean).abs() < 1e-6, "{label}: {share} instead of {mean}");
        }
        let others = members.iter().filter(|own| own[place]["label"] != answer["label"]).count();
        assert!((answer["disagreement"].as_f64().unwrap() - others as f64 / 3.0).abs() < 1e-9);
    }
    let card = fs::read_to_string(place.path("together/model/README.md")).unwrap();
    assert!(card.contains("ensemble of 3 runs"), "{card}");
    place.succeed("evaluate --run {}/together --data sample:notes");
    let said = place.fail("ensemble --study {}/study --arm freeze --out {}/other", 3);
    assert!(said.contains("standard"), "{said}");
}

#[test]
fn a_study_of_the_same_data_is_what_is_recommended_by() {
    let place = Place::new();
    place.succeed("study --data sample:notes --encoder starter --presets standard,reinit-top --seeds 2 --epochs 2");
    let output = place.succeed("train --data sample:notes --encoder starter --epochs 1 --out {}/run");
    let said = show(&output.stderr);
    assert!(said.contains("In your study"), "{said}");
    let output = place.succeed("train --data sample:sentences --encoder starter --epochs 1 --out {}/other");
    assert!(!show(&output.stderr).contains("In your study"), "other data");
}

#[test]
fn what_cannot_be_studied_is_refused_with_a_reason() {
    let place = Place::new();
    let twice = "study --data sample:notes --encoder starter --presets standard,standard --out {}/a";
    assert!(place.fail(twice, 3).contains("compared with itself"));
    let many = "study --data sample:notes --encoder starter --seeds 3000 --out {}/b";
    assert!(place.fail(many, 3).contains("12000 runs"));
    let folds = "study --data sample:notes --encoder starter --folds 1 --out {}/c";
    assert!(place.fail(folds, 3).contains("folds count from 1"));
    assert!(place.fail("study --collect {}/nothing", 3).contains("no study.json"));
    assert!(
        place.fail("study --data sample:notes --encoder starter --presets nonsense --out {}/d", 2).contains("nonsense")
    );
    for folder in ["a", "b", "c", "d"] {
        assert!(!place.path(folder).exists(), "{folder} was written");
    }
}
