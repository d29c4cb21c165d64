//! What can compute here: the CPU always, and every adapter that wgpu finds.

use burn::prelude::*;
use burn::tensor::DeviceType;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum ComputeKind {
    Cpu,
    Gpu,
    /// A graphics driver that computes on the processor: it works, but more slowly than the CPU itself.
    SoftwareGpu,
}

/// One thing that can compute.
#[derive(Debug, Clone)]
pub struct Compute {
    /// `cpu`, or the adapter's own name; unique in a list.
    pub name: String,
    pub kind: ComputeKind,
    /// `Flex`, `Vulkan`, `Metal`, `Dx12`.
    pub backend: String,
    /// The driver and its version, as far as it tells.
    pub driver: String,
    /// Bytes of memory of its own, where its driver tells.
    pub memory: Option<u64>,
    device: Device,
}

#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("there is no device \"{name}\" here; there is: {available}")]
    Unknown { name: String, available: String },
}

impl DeviceError {
    /// A stable name for the kind of error.
    pub fn code(&self) -> &'static str {
        "device-unknown"
    }
}

impl Compute {
    pub fn cpu() -> Self {
        Self {
            name: "cpu".into(),
            kind: ComputeKind::Cpu,
            backend: "Flex".into(),
            driver: String::new(),
            memory: None,
            device: Device::flex(),
        }
    }

    pub fn is_cpu(&self) -> bool {
        self.kind == ComputeKind::Cpu
    }

    /// The device for training: tensors on it can have gradients.
    pub fn training(&self) -> Device {
        self.device.clone().autodiff()
    }

    pub fn inference(&self) -> Device {
        self.device.clone()
    }

    /// To a multiple of how many pieces texts are padded: each new shape costs a GPU a round of tuning. The CPU wants no
    /// padding at all.
    pub fn length_multiple(&self) -> Option<usize> {
        if self.is_cpu() { None } else { Some(32) }
    }
}

/// Everything that can compute here, the CPU first. Asking opens the adapters, which may take a second.
pub fn computes() -> Vec<Compute> {
    let adapters = adapters();
    let mut computes = vec![Compute::cpu()];
    for device in Device::enumerate(DeviceType::Wgpu) {
        let Some(identity) = device.identity() else { continue };
        let adapter = adapters.iter().find(|(info, _)| info.name == identity.name);
        let info = adapter.map(|(info, _)| info);
        let software = info.is_some_and(|info| info.device_type == wgpu::DeviceType::Cpu);
        let same = computes.iter().filter(|other| other.name.starts_with(&identity.name)).count();
        computes.push(Compute {
            name: if same == 0 { identity.name } else { format!("{} #{}", identity.name, same + 1) },
            kind: if software { ComputeKind::SoftwareGpu } else { ComputeKind::Gpu },
            backend: info.map_or_else(|| "wgpu".into(), |info| format!("{:?}", info.backend)),
            driver: info
                .map_or_else(String::new, |info| format!("{} {}", info.driver, info.driver_info).trim().to_string()),
            memory: adapter.and_then(|(_, memory)| *memory),
            device,
        });
    }
    computes
}

/// The device of that name; upper and lower case do not matter, and a part that fits one name alone is enough.
pub fn compute_named(name: &str) -> Result<Compute, DeviceError> {
    if name.eq_ignore_ascii_case("cpu") {
        return Ok(Compute::cpu());
    }
    let wanted = name.to_lowercase();
    let all = computes();
    let exact = all.iter().find(|compute| compute.name.to_lowercase() == wanted);
    let mut partial = all.iter().filter(|compute| compute.name.to_lowercase().contains(&wanted));
    match (exact, partial.next(), partial.next()) {
        (Some(compute), _, _) | (None, Some(compute), None) => Ok(compute.clone()),
        _ => {
            let names: Vec<&str> = all.iter().map(|compute| compute.name.as_str()).collect();
            Err(DeviceError::Unknown { name: name.into(), available: names.join(", ") })
        }
    }
}

/// Every adapter, and how much memory it has.
fn adapters() -> Vec<(wgpu::AdapterInfo, Option<u64>)> {
    let descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    let instance = wgpu::Instance::new(descriptor);
    let found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    found.iter().map(|adapter| (adapter.get_info(), own_memory(adapter))).collect()
}

/// The largest heap that Vulkan calls local to the device. wgpu itself does not tell how much memory a card has.
#[cfg(any(target_os = "linux", target_os = "windows"))]
fn own_memory(adapter: &wgpu::Adapter) -> Option<u64> {
    /// `VK_MEMORY_HEAP_DEVICE_LOCAL_BIT`.
    const LOCAL: u32 = 1;
    // SAFETY: the handle is only asked what it is, and its instance lives as long as the adapter.
    let memory = unsafe {
        let adapter = adapter.as_hal::<wgpu::hal::api::Vulkan>()?;
        let instance = adapter.shared_instance().raw_instance();
        instance.get_physical_device_memory_properties(adapter.raw_physical_device())
    };
    let heaps = memory.memory_heaps.iter().take(memory.memory_heap_count as usize);
    heaps.filter(|heap| heap.flags.as_raw() & LOCAL != 0).map(|heap| heap.size).max()
}

#[cfg(not(any(target_os = "linux", target_os = "windows")))]
fn own_memory(_: &wgpu::Adapter) -> Option<u64> {
    None
}
