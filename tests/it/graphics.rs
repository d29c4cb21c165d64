//! The same numbers on a GPU as on the CPU, where there is a graphics driver (in CI a software one), and no harm where there
//! is none.

use crate::command::{Place, json, show};
use crate::resume::{spawn, wait_for_step};
use std::process::Command;

/// Hides every Vulkan driver from a command.
fn without_drivers(command: &mut Command) -> &mut Command {
    command
        .env("VK_DRIVER_FILES", "/nonexistent")
        .env("VK_ICD_FILENAMES", "/nonexistent")
        .env("LIBGL_DRIVERS_PATH", "/nonexistent")
}

/// The loss of each step of a run's events.
fn losses(events: &str) -> Vec<f64> {
    let events = events.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    events.filter(|event| event["event"] == "step").map(|event| event["loss"].as_f64().unwrap()).collect()
}

#[test]
fn a_graphics_device_passes_its_check_and_trains_like_the_cpu() {
    let place = Place::new();
    let devices = json(&place.succeed("devices --json").stdout);
    assert_eq!(devices[0]["name"], "cpu");
    let Some(name) = devices.as_array().unwrap().get(1).map(|device| device["name"].as_str().unwrap().to_string())
    else {
        eprintln!("skipped: there is no graphics driver here");
        return;
    };
    let tuned = |line: &str| {
        let mut command = place.ballast(line);
        command.env("CUBECL_AUTOTUNE_LEVEL", "minimal");
        command
    };
    let checked = tuned("devices --check --json").output().unwrap();
    let checked = json(&checked.stdout);
    println!("{}", checked[1]["measured"]);
    assert_eq!(checked[1]["trainable"], true, "{checked}");

    // The encoder is small, dropout is off, and all batches have one shape: a new one costs the device a round of tuning.
    let sentences = |count: usize| {
        let sentence = |index: usize| {
            format!("No\tO\nsigns\tO\nof\tO\n{}\tB-Disease\n{index}\tO\n\n", ["sepsis", "asthma"][index % 2])
        };
        (0..count).map(sentence).collect::<String>()
    };
    std::fs::create_dir(place.path("data")).unwrap();
    for (name, count) in [("train", 96), ("dev", 32), ("test", 32)] {
        std::fs::write(place.path("data").join(format!("{name}.conll")), sentences(count)).unwrap();
    }
    let settings = "--data {}/data --encoder starter --preset standard --epochs 2 --batch 32 --lr 1e-3 --set dropout=0";
    let train = |device: &str, out: &str| {
        let mut command = tuned(&format!("train {settings} --out {{}}/{out} --json"));
        let output = command.args(["--device", device]).output().unwrap();
        assert!(output.status.success(), "{}", show(&output.stderr));
        losses(&show(&output.stderr))
    };
    let (cpu, gpu) = (train("cpu", "on-cpu"), train(&name, "on-gpu"));
    assert_eq!(cpu.len(), gpu.len());
    for (a, b) in cpu.iter().zip(&gpu) {
        assert!((a - b).abs() <= 1e-3 * a.abs(), "losses {cpu:?} on the CPU, {gpu:?} on {name}");
    }
}

#[test]
fn without_any_driver_the_cpu_trains_and_resumes() {
    let place = Place::new();
    let devices = without_drivers(&mut place.ballast("devices --json")).output().unwrap();
    assert_eq!(json(&devices.stdout).as_array().unwrap().len(), 1, "{}", show(&devices.stdout));
    let train = "train --data sample:notes --encoder starter --preset standard --epochs 12 --out {}/run --json";
    let mut child = spawn(without_drivers(&mut place.ballast(train)));
    wait_for_step(&mut child, 20).expect("the run went on to its end");
    child.kill().unwrap();
    child.wait().unwrap();
    let resumed = without_drivers(&mut place.ballast("resume {}/run")).output().unwrap();
    assert!(resumed.status.success(), "{}", show(&resumed.stderr));
}
