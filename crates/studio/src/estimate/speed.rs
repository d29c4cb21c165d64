//! How fast devices compute, measured once each and kept in the workspace.

use super::memory::parameters;
use super::texts::Mean;
use super::work::{self, Prefix};
use crate::StudioError;
use crate::devices::key;
use crate::workspace::{create, read_json, workspace, write_json};
use corpus::Task;
use encoder::Compute;
use finetune::{Choices, Preset, StepShape, bench_step, resolve};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Operations a second that training reaches, by device and by the hidden size of encoders.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Speeds(BTreeMap<String, BTreeMap<usize, f64>>);

impl Speeds {
    /// Those that were measured before; none where they cannot be read.
    pub fn read() -> Self {
        path().and_then(|path| read_json(&path)).unwrap_or_default()
    }

    pub fn of(&self, compute: &Compute, hidden: usize) -> Option<f64> {
        self.0.get(&key(compute))?.get(&hidden).copied()
    }

    /// Adds a measured speed to those in the workspace.
    pub fn keep(&mut self, compute: &Compute, hidden: usize, speed: f64) -> Result<(), StudioError> {
        self.0.entry(key(compute)).or_default().insert(hidden, speed);
        create(&workspace()?)?;
        write_json(&path()?, self)
    }
}

fn path() -> Result<PathBuf, StudioError> {
    Ok(workspace()?.join("speeds.json"))
}

/// What is timed: two layers, so that it takes a second or two at most.
fn shape(hidden: usize) -> StepShape {
    // Attention wants heads of 64 columns, but any number that divides the hidden size will do.
    let heads = (1..=(hidden / 64).max(1)).rev().find(|heads| hidden.is_multiple_of(*heads)).unwrap_or(1);
    StepShape { layers: 2, hidden, batch: 8, length: 64, iterations: 4, frozen: 0, heads }
}

/// Operations a second in training an encoder of that hidden size, timed in a few small steps. It computes with tensors, and
/// takes a second or two; on a graphics card longer the first time.
pub fn measure_speed(compute: &Compute, hidden: usize) -> f64 {
    let shape = shape(hidden);
    let seconds = bench_step(&shape, compute, &mut |_| ());
    kernels::release_memory();
    operations(&shape) / seconds.max(1e-9)
}

/// Operations of one step of [`bench_step`].
pub(super) fn operations(shape: &StepShape) -> f64 {
    let config = shape.config();
    let presets = vec![if shape.frozen > 0 { Preset::Freeze } else { Preset::Standard }];
    let choices = Choices { presets, freeze_layers: Some(shape.frozen), ..Choices::default() };
    let recipe = resolve(&choices, Task::Classification, &config).expect("a step that is timed is a valid recipe");
    let trained = parameters(&recipe, &config, 2).trained;
    let length = shape.length as f64;
    let mean = Mean { windows: 1.0, tokens: length, pairs: length * length };
    work::step(&recipe, &config, 2, trained, shape.batch as f64, mean, Prefix::Kept)
}
