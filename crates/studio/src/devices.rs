//! What can compute here, and whether it can be trusted with training.

use crate::StudioError;
use crate::workspace::{create, read_json, workspace, write_json};
use encoder::{Compute, ComputeKind, compute_named, computes};
use finetune::{Verdict, self_check};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A device as a user sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct DeviceReport {
    /// The name that `--device` takes.
    pub name: String,
    pub kind: ComputeKind,
    pub backend: String,
    pub driver: String,
    /// Bytes of memory, and of them free now; `None` where the device does not tell.
    pub memory: Option<u64>,
    pub free: Option<u64>,
    /// Whether training is offered on it.
    pub trainable: bool,
    pub check: CheckState,
    /// What the self-check measured; empty where there was none.
    pub measured: String,
}

/// How a device stands with the self-check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
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

pub(crate) fn key(compute: &Compute) -> String {
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
        check(compute)?;
    }
    let known = verdicts();
    Ok(all.iter().map(|compute| report(compute, known.get(&key(compute)))).collect())
}

/// Checks the device of that name, keeps the verdict, and answers with every device.
pub fn check_device(name: &str) -> Result<Vec<DeviceReport>, StudioError> {
    check(&compute_named(name)?)?;
    Ok(devices())
}

fn check(compute: &Compute) -> Result<Verdict, StudioError> {
    let verdict = self_check(compute);
    let mut known = verdicts();
    known.insert(key(compute), verdict.clone());
    let folder = workspace()?;
    create(&folder)?;
    write_json(&folder.join("devices.json"), &known)?;
    Ok(verdict)
}

fn report(compute: &Compute, verdict: Option<&Verdict>) -> DeviceReport {
    let memory = memory_of(compute);
    let check = match verdict {
        _ if compute.is_cpu() => CheckState::Reference,
        None => CheckState::NotChecked,
        Some(verdict) if verdict.passed => CheckState::Passed,
        Some(_) => CheckState::Failed,
    };
    DeviceReport {
        name: compute.name.clone(),
        kind: compute.kind,
        backend: compute.backend.clone(),
        driver: compute.driver.clone(),
        memory: memory.map(|memory| memory.total),
        free: memory.and_then(|memory| memory.free),
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
    let Some(name) = name else { return Ok(best_passed(&known)) };
    let compute = compute_named(name)?;
    if is_trusted(&compute, &known) {
        return Ok(compute);
    }
    checking(&compute.name);
    let verdict = check(&compute)?;
    if verdict.passed {
        return Ok(compute);
    }
    Err(StudioError::DeviceFailed { name: compute.name, verdict: describe(&verdict) })
}

/// The same without a check: a named device that has not passed one is refused.
pub fn passed_device(name: Option<&str>) -> Result<Compute, StudioError> {
    let known = verdicts();
    let Some(name) = name else { return Ok(best_passed(&known)) };
    let cpu = Compute::cpu();
    if name == cpu.name {
        return Ok(cpu);
    }
    let compute = match seen().iter().find(|compute| compute.name == name) {
        Some(compute) => compute.clone(),
        None => compute_named(name)?,
    };
    if is_trusted(&compute, &known) {
        return Ok(compute);
    }
    let verdict = known.get(&key(&compute)).map_or_else(|| "it has not been made yet".into(), describe);
    Err(StudioError::DeviceFailed { name: compute.name, verdict })
}

/// The first GPU that has passed, else the CPU. Without any verdict there is no need to open the adapters.
fn best_passed(known: &Verdicts) -> Compute {
    let gpus = known.values().any(|verdict| verdict.passed).then(|| seen().iter()).into_iter().flatten();
    let mut trusted = gpus.filter(|compute| compute.kind == ComputeKind::Gpu && is_trusted(compute, known));
    trusted.next().cloned().unwrap_or_else(Compute::cpu)
}

fn is_trusted(compute: &Compute, known: &Verdicts) -> bool {
    compute.is_cpu() || known.get(&key(compute)).is_some_and(|verdict| verdict.passed)
}

/// Everything that could compute when it was first asked for: opening the adapters takes too long for every question.
fn seen() -> &'static [Compute] {
    static SEEN: OnceLock<Vec<Compute>> = OnceLock::new();
    SEEN.get_or_init(computes)
}

/// Bytes of memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Memory {
    pub total: u64,
    /// A graphics card does not tell how much of it others hold.
    pub free: Option<u64>,
}

/// The memory of a device: its own, or the processor's where it computes with that.
pub(crate) fn memory_of(compute: &Compute) -> Option<Memory> {
    if compute.kind == ComputeKind::Gpu {
        return compute.memory.map(|total| Memory { total, free: None });
    }
    let mut system = sysinfo::System::new().ok()?;
    system.refresh_memory();
    let (total, free) = match system.cgroup_limits() {
        Some(limits) => (limits.total_memory, limits.free_memory.min(system.available_memory())),
        None => (system.total_memory(), system.available_memory()),
    };
    (total > 0).then_some(Memory { total, free: Some(free) })
}

/// The processor and its memory, in words.
pub(crate) fn own_processor() -> String {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = memory_of(&Compute::cpu()).map_or(0, |memory| memory.total / 1_000_000);
    format!("{threads} threads, {memory} MB of memory, instructions: {}", kernels::instructions())
}
