//! What can compute here, and whether it can be trusted with training.

use crate::StudioError;
use crate::workspace::{create, read_json, workspace, write_json};
use encoder::{Compute, ComputeKind, compute_named, computes};
use finetune::{Verdict, self_check};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A device as a user sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceReport {
    pub name: String,
    /// `cpu`, `gpu`, or `software-gpu` for a graphics driver that computes on the processor.
    pub kind: String,
    pub backend: String,
    pub driver: String,
    /// Whether training is offered on it.
    pub trainable: bool,
    pub check: CheckState,
    /// What the self-check measured; empty where there was none.
    pub measured: String,
}

/// How a device stands with the self-check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// The CPU, with which all others are compared.
    Reference,
    NotChecked,
    Passed,
    Failed,
}

/// Verdicts by adapter, driver and program version: any of them may change what a device computes.
type Verdicts = BTreeMap<String, Verdict>;

fn key(compute: &Compute) -> String {
    format!("{} | {} | {} | {}", compute.name, compute.backend, compute.driver, env!("CARGO_PKG_VERSION"))
}

fn verdicts() -> Verdicts {
    workspace().and_then(|folder| read_json(&folder.join("devices.json"))).unwrap_or_default()
}

/// Every device with its last verdict; nothing is checked anew.
pub fn devices() -> Vec<DeviceReport> {
    let known = verdicts();
    computes().iter().map(|compute| report(compute, known.get(&key(compute)))).collect()
}

/// Checks every device that is not the CPU, and keeps the verdicts.
pub fn check_devices() -> Result<Vec<DeviceReport>, StudioError> {
    let all = computes();
    for compute in all.iter().filter(|compute| !compute.is_cpu()) {
        check_device(compute)?;
    }
    let known = verdicts();
    Ok(all.iter().map(|compute| report(compute, known.get(&key(compute)))).collect())
}

fn check_device(compute: &Compute) -> Result<Verdict, StudioError> {
    let verdict = self_check(compute);
    let mut known = verdicts();
    known.insert(key(compute), verdict.clone());
    let folder = workspace()?;
    create(&folder)?;
    write_json(&folder.join("devices.json"), &known)?;
    Ok(verdict)
}

fn report(compute: &Compute, verdict: Option<&Verdict>) -> DeviceReport {
    let kind = match compute.kind {
        ComputeKind::Cpu => "cpu",
        ComputeKind::Gpu => "gpu",
        ComputeKind::SoftwareGpu => "software-gpu",
    };
    let check = match verdict {
        _ if compute.is_cpu() => CheckState::Reference,
        None => CheckState::NotChecked,
        Some(verdict) if verdict.passed => CheckState::Passed,
        Some(_) => CheckState::Failed,
    };
    DeviceReport {
        name: compute.name.clone(),
        kind: kind.into(),
        backend: compute.backend.clone(),
        driver: compute.driver.clone(),
        trainable: matches!(check, CheckState::Reference | CheckState::Passed),
        check,
        measured: verdict.map(describe).unwrap_or_default(),
    }
}

fn describe(verdict: &Verdict) -> String {
    format!("with everything trainable it {}; with a frozen part it {}", verdict.all_trainable, verdict.frozen)
}

/// The device to train on: the one named, after its self-check, or else the best that has passed one. A check that has not
/// been made yet takes a minute or two; `checking` hears the device's name before it begins.
pub fn choose_device(name: Option<&str>, checking: &mut dyn FnMut(&str)) -> Result<Compute, StudioError> {
    let known = verdicts();
    let passed = |compute: &Compute| known.get(&key(compute)).is_some_and(|verdict| verdict.passed);
    let Some(name) = name else {
        // Without any verdict there is no need to open the adapters.
        if known.values().any(|verdict| verdict.passed)
            && let Some(gpu) =
                computes().into_iter().find(|compute| compute.kind == ComputeKind::Gpu && passed(compute))
        {
            return Ok(gpu);
        }
        return Ok(Compute::cpu());
    };
    let compute = compute_named(name)?;
    if compute.is_cpu() || passed(&compute) {
        return Ok(compute);
    }
    checking(&compute.name);
    let verdict = check_device(&compute)?;
    if verdict.passed {
        return Ok(compute);
    }
    Err(StudioError::DeviceFailed { name: compute.name, verdict: describe(&verdict) })
}
