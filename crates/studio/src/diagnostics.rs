//! What helps to find a fault, without paths and texts.

use crate::devices::own_processor;
use crate::{DeviceReport, StudioError, devices, encoders, runs};
use std::fmt::Write;

/// A report to copy: program, system, devices with their verdicts, encoders and runs by their shapes and outcomes.
pub fn diagnostics() -> Result<String, StudioError> {
    let mut report = String::new();
    let mut line = |text: String| {
        let _ = writeln!(report, "{text}");
    };
    line(format!("Ballast {} on {} ({})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH));
    line(own_processor());
    line("\nDevices".into());
    for DeviceReport { name, backend, driver, check, measured, memory, .. } in devices() {
        let memory = memory.map_or_else(|| "memory not told".into(), |bytes| format!("{} MB", bytes / 1_000_000));
        line(format!("- {name}, {backend} {driver}, {memory}, self-check: {check:?} {measured}"));
    }
    line("\nEncoders".into());
    for encoder in encoders()? {
        let (family, sha256) = (encoder.family, encoder.sha256.get(..12).unwrap_or_default());
        let (layers, hidden, vocabulary) = (encoder.layers, encoder.hidden, encoder.vocabulary);
        line(format!("- {family:?}, {layers} layers of {hidden}, vocabulary {vocabulary}, weights {sha256}"));
    }
    line("\nRuns".into());
    for run in runs()?.into_iter().take(20) {
        let presets: Vec<&str> = run.presets.iter().map(|preset| preset.name()).collect();
        let test = run.score.and_then(|score| score.test);
        let score = test.map_or_else(|| "no score".into(), |test| format!("test {:.1}", 100.0 * test));
        line(format!(
            "- {} {} {:?}, {} + {} + {} examples, seed {}, on {}, {score}",
            run.task,
            presets.join("+"),
            run.state,
            run.train,
            run.dev,
            run.test,
            run.seed,
            run.device
        ));
    }
    Ok(report)
}
