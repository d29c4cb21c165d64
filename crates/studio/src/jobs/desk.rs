//! What the job thread has at hand for short requests: the model and the encoder that were asked last.

use crate::StudioError;
use crate::devices::choose_device;
use crate::record::model_folder;
use encoder::Compute;
use finetune::{Embedder, Predictor};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A model with what tells whether it is still the one on disk.
struct Loaded {
    folder: PathBuf,
    written: [Option<SystemTime>; 2],
    predictor: Predictor,
}

#[derive(Default)]
pub struct Desk {
    loaded: Option<Loaded>,
    embedder: Option<(PathBuf, Embedder)>,
    processor: bool,
}

impl Desk {
    /// One that computes on the processor whatever else there is.
    pub fn on_processor() -> Self {
        Self { processor: true, ..Self::default() }
    }

    /// The model of a run folder, loaded unless it was the last one asked for.
    pub fn predictor(&mut self, run: &Path) -> Result<&Predictor, StudioError> {
        let folder = model_folder(run)?;
        // The threshold is in the config, which may be written again.
        let changed = |name: &str| fs::metadata(folder.join(name)).and_then(|file| file.modified()).ok();
        let written = ["model.safetensors", "config.json"].map(changed);
        let same = |loaded: &Loaded| loaded.folder == folder && loaded.written == written;
        if !self.loaded.as_ref().is_some_and(same) {
            self.loaded = None;
            let compute = self.compute()?;
            let predictor = Predictor::load(&folder, &compute)?;
            self.loaded = Some(Loaded { folder, written, predictor });
        }
        // It has just been put there.
        self.loaded.as_ref().map(|loaded| &loaded.predictor).ok_or(StudioError::BrokenOff)
    }

    /// The encoder in a folder, to make vectors of texts.
    pub fn embedder(&mut self, folder: &Path) -> Result<&Embedder, StudioError> {
        if self.embedder.as_ref().is_none_or(|(own, _)| own != folder) {
            self.embedder = None;
            let embedder = Embedder::load(folder, &self.compute()?)?;
            self.embedder = Some((folder.into(), embedder));
        }
        self.embedder.as_ref().map(|(_, embedder)| embedder).ok_or(StudioError::BrokenOff)
    }

    fn compute(&self) -> Result<Compute, StudioError> {
        if self.processor { Ok(Compute::cpu()) } else { choose_device(None, &mut |_| ()) }
    }
}
