//! The tables of a study as CSV: one line a run, and one line an arm. They hold no text of the data.

use super::report::StudyReport;
use crate::StudioError;
use crate::history::RunState;
use csv::Writer;
use serde_json::Value;

fn name(state: Option<RunState>) -> String {
    let named = state.map(|state| serde_json::to_value(state).unwrap_or_default());
    named.as_ref().and_then(Value::as_str).unwrap_or("not-begun").into()
}

fn number(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

pub fn runs(report: &StudyReport) -> Result<Vec<u8>, StudioError> {
    let mut table = Writer::from_writer(Vec::new());
    let header = [
        "run",
        "arm",
        "seed",
        "order_seed",
        "fold",
        "state",
        "dev",
        "test",
        "failed",
        "collapsed",
        "kept_epoch",
        "training_seconds",
        "problem",
    ];
    let mut write = |row: Vec<String>| table.write_record(row).map_err(|error| in_memory(&error));
    write(header.map(String::from).to_vec())?;
    for run in &report.runs {
        write(vec![
            run.spec.name.clone(),
            report.arms[run.spec.arm].name.clone(),
            run.spec.seed.to_string(),
            run.spec.order_seed.map_or(String::new(), |seed| seed.to_string()),
            run.spec.fold.map_or(String::new(), |fold| fold.to_string()),
            name(run.state),
            number(run.dev),
            number(run.test),
            run.failed.map_or(String::new(), |failed| failed.to_string()),
            run.collapsed.to_string(),
            run.kept_epoch.map_or(String::new(), |epoch| epoch.to_string()),
            format!("{:.2}", run.seconds),
            run.problem.as_ref().map_or(String::new(), |problem| problem.message.clone()),
        ])?;
    }
    table.into_inner().map_err(|error| in_memory(error.error()))
}

pub fn arms(report: &StudyReport) -> Result<Vec<u8>, StudioError> {
    let mut table = Writer::from_writer(Vec::new());
    let header = [
        "arm",
        "encoder",
        "presets",
        "learning_rate",
        "batch_size",
        "epochs",
        "planned",
        "ended",
        "broken",
        "failed",
        "dev_mean",
        "dev_sd",
        "test_mean",
        "test_sd",
        "test_median",
        "test_min",
        "test_max",
        "low",
        "high",
        "training_seconds",
    ];
    let mut write = |row: Vec<String>| table.write_record(row).map_err(|error| in_memory(&error));
    write(header.map(String::from).to_vec())?;
    for arm in &report.arms {
        let (dev, test, both) = (arm.dev, arm.test, arm.intervals.both);
        let presets: Vec<&str> = arm.presets.iter().map(|preset| preset.name()).collect();
        write(vec![
            arm.name.clone(),
            arm.encoder.clone(),
            presets.join("+"),
            arm.learning_rate.to_string(),
            arm.batch_size.to_string(),
            arm.epochs.to_string(),
            arm.planned.to_string(),
            arm.ended.to_string(),
            arm.broken.to_string(),
            arm.failed.to_string(),
            number(dev.map(|dev| dev.mean)),
            number(dev.and_then(|dev| dev.sd)),
            number(test.map(|test| test.mean)),
            number(test.and_then(|test| test.sd)),
            number(test.map(|test| test.median)),
            number(test.map(|test| test.min)),
            number(test.map(|test| test.max)),
            number(both.map(|both| both.low)),
            number(both.map(|both| both.high)),
            format!("{:.2}", arm.seconds),
        ])?;
    }
    table.into_inner().map_err(|error| in_memory(error.error()))
}

/// A table in memory fails only where memory itself does.
fn in_memory(error: &dyn std::fmt::Display) -> StudioError {
    StudioError::file("the table".as_ref(), std::io::Error::other(error.to_string()))
}
