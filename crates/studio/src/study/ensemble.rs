//! The runs of a study as one: the mean of their answers, and their disagreement as a measure of doubt.

use super::collect::rows;
use super::{read_study, run_path};
use crate::StudioError;
use crate::card::card_of_run;
use crate::devices::choose_device;
use crate::record::{RunRecord, model_folder, read_run};
use crate::runs::{same_dataset, write_results};
use crate::workspace::{create, now, read_json, refuse_filled, write_file, write_json};
use finetune::{Outcome, Predictor, Trained, member_file};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes one run folder of the runs of an arm that have ended and did not fail, and scores it on dev and test.
pub fn ensemble(study: &Path, arm: &str, out: &Path) -> Result<(), StudioError> {
    let record = read_study(study)?;
    let plan = &record.plan;
    let place = plan.arms.iter().position(|other| other.name == arm).ok_or_else(|| StudioError::UnknownArm {
        name: arm.into(),
        known: plan.arms.iter().map(|arm| arm.name.as_str()).collect::<Vec<_>>().join(", "),
    })?;
    if plan.folds.is_some() {
        return Err(StudioError::EnsembleOfFolds);
    }
    let rows = rows(study, &record)?;
    let good = rows.iter().filter(|row| row.spec.arm == place && row.has_ended() && row.failed == Some(false));
    let names: Vec<String> = good.map(|row| row.spec.name.clone()).collect();
    let runs = names.iter().map(|name| run_path(study, name)).collect::<Result<Vec<PathBuf>, _>>()?;
    let models = runs.iter().filter_map(|run| model_folder(run).ok()).collect::<Vec<_>>();
    if models.len() < 2 {
        return Err(StudioError::EnsembleTooSmall { arm: arm.into(), runs: models.len() });
    }
    refuse_filled(out)?;
    let model = out.join("model");
    create(&model)?;
    let copy = |from: &Path, to: &str| {
        fs::copy(from, model.join(to)).map(|_| ()).map_err(|error| StudioError::file(&model.join(to), error))
    };
    for name in ["config.json", "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json"] {
        let file = models[0].join(name);
        if file.is_file() {
            copy(&file, name)?;
        }
    }
    for (member, folder) in models.iter().enumerate() {
        let name = if member == 0 { "model.safetensors".to_string() } else { member_file(member + 1) };
        copy(&folder.join("model.safetensors"), &name)?;
    }
    let first = read_run(&runs[0])?;
    let study = study.file_name().map(|name| name.to_string_lossy().into_owned());
    let run = RunRecord { study, members: names, started: now(), ended: None, outcome: "running".into(), ..first };
    write_json(&out.join("run.json"), &run)?;
    answer_all(out, &run)?;
    write_json(&out.join("run.json"), &RunRecord { ended: Some(now()), outcome: "completed".into(), ..run })?;
    write_file(&model.join("README.md"), card_of_run(out)?.as_bytes())
}

fn answer_all(out: &Path, run: &RunRecord) -> Result<(), StudioError> {
    let dataset = same_dataset(run)?;
    let compute = choose_device(Some(&run.device), &mut |_| ())?;
    let model = out.join("model");
    // Members were calibrated one by one; all together are anew.
    let judged = Predictor::load(&model, &compute)?.judge(&dataset)?;
    let config = model.join("config.json");
    let mut facts: Value = read_json(&config)?;
    facts["ballast"]["temperature"] = judged.terms.temperature.into();
    write_json(&config, &facts)?;
    let trained = Trained {
        outcome: Outcome::Completed,
        steps: 0,
        kept_epoch: 0,
        failed: judged.dev.failed(),
        dev: judged.dev,
        test: judged.test,
        outcomes: judged.outcomes,
        predictions: judged.predictions,
        calibration: judged.calibration,
        notes: Vec::new(),
    };
    write_results(out, &dataset, &trained)
}
