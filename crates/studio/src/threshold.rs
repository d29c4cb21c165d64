//! The probability from which on a model of several labels says that one holds.

use crate::StudioError;
use crate::history::{RunDetails, run_details, run_folder};
use crate::record::{model_folder, read_run};
use crate::workspace::{read_json, write_file, write_json};
use corpus::Task;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The threshold of a run's model; `None` for other tasks and while there is no model.
pub fn threshold(run: &Path) -> Option<f64> {
    let record = read_run(run).ok()?;
    let config: Value = read_json(&model_folder(run).ok()?.join("config.json")).ok()?;
    (record.recipe.task == Task::Multilabel).then(|| config["ballast"]["threshold"].as_f64().unwrap_or(0.5))
}

/// Has a run's model answer by another threshold from now on, in exports too. Its scores stay those of its training; its
/// answers to the test split are put right.
pub fn set_threshold(id: &str, threshold: f64) -> Result<RunDetails, StudioError> {
    let run = run_folder(id)?;
    if !(threshold > 0.0 && threshold < 1.0) {
        return Err(StudioError::ThresholdOutOfRange { threshold });
    }
    let record = read_run(&run)?;
    if record.recipe.task != Task::Multilabel {
        let reason = "its model gives one answer a text, for which there is no threshold".into();
        return Err(StudioError::NotARun { path: run, reason });
    }
    let config_path = model_folder(&run)?.join("config.json");
    let mut config: Value = read_json(&config_path)?;
    config["ballast"]["threshold"] = threshold.into();
    let path = run.join("predictions.jsonl");
    let text = fs::read_to_string(&path).map_err(|error| StudioError::file(&path, error))?;
    let parsed = text.lines().map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>();
    let lines = parsed.map_err(|error| StudioError::file(&path, error.into()))?;
    let answered = lines.into_iter().map(|mut line| {
        let shares = line["probabilities"].as_object().into_iter().flatten();
        let holding = shares.filter(|(_, share)| share.as_f64().is_some_and(|share| share >= threshold));
        line["predicted"] = holding.map(|(label, _)| label.as_str()).collect();
        line.to_string() + "\n"
    });
    write_file(&path, answered.collect::<String>().as_bytes())?;
    write_json(&config_path, &config)?;
    write_file(&run.join("model/README.md"), crate::card_of_run(&run)?.as_bytes())?;
    run_details(id)
}
