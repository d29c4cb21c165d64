//! What the page can ask for. A command is a few lines that call `studio`.

use std::collections::BTreeMap;

use serde::Serialize;
use specta::Type;
use studio::CheckState;

/// Why a call failed, as the page receives it.
#[derive(Clone, Debug, Serialize, Type)]
pub struct Failure {
    pub code: Code,
    /// One English sentence that says what happened and what to do; the page shows its own for the codes it knows.
    pub message: String,
    /// What the message speaks of, by name.
    pub data: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Looking for devices stopped in the middle, most often in a graphics driver.
    DevicesUnreadable,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct About {
    pub version: String,
}

/// Something that can compute on this machine.
#[derive(Clone, Debug, Serialize, Type)]
pub struct Device {
    /// The name that `--device` takes.
    pub name: String,
    pub kind: DeviceKind,
    /// What reaches it: Flex for the processor, Vulkan, Metal or DirectX for a GPU.
    pub backend: String,
    /// Whether training is offered on it: the processor, or a GPU whose self-check passed.
    pub trainable: bool,
    pub check: Check,
    /// What the self-check measured, in English; empty where there was none.
    pub measured: String,
}

/// How a device stands with the self-check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The processor, with which all others are compared.
    Reference,
    NotChecked,
    Passed,
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    Cpu,
    Gpu,
    /// A graphics driver that computes on the processor, more slowly than the processor by itself.
    SoftwareGpu,
}

impl From<studio::DeviceReport> for Device {
    fn from(report: studio::DeviceReport) -> Self {
        let kind = match report.kind.as_str() {
            "cpu" => DeviceKind::Cpu,
            "software-gpu" => DeviceKind::SoftwareGpu,
            _ => DeviceKind::Gpu,
        };
        let check = match report.check {
            CheckState::Reference => Check::Reference,
            CheckState::NotChecked => Check::NotChecked,
            CheckState::Passed => Check::Passed,
            CheckState::Failed => Check::Failed,
        };
        let (name, backend, measured) = (report.name, report.backend, report.measured);
        Self { name, kind, backend, trainable: report.trainable, check, measured }
    }
}

#[tauri::command]
#[specta::specta]
pub fn about() -> About {
    About { version: env!("CARGO_PKG_VERSION").into() }
}

/// What can compute here. Asking the graphics drivers can take seconds, so it happens off the window's thread.
#[tauri::command]
#[specta::specta]
pub async fn devices() -> Result<Vec<Device>, Failure> {
    match tauri::async_runtime::spawn_blocking(studio::devices).await {
        Ok(found) => Ok(found.into_iter().map(Device::from).collect()),
        Err(error) => Err(Failure {
            code: Code::DevicesUnreadable,
            message: "Looking for devices stopped in the middle, most often in a graphics driver. \
                      `ballast devices` in a terminal shows more."
                .into(),
            data: BTreeMap::from([("cause".into(), error.to_string())]),
        }),
    }
}
