//! The outputs of a frozen prefix, computed once.
//!
//! With the embeddings and the lowest layers frozen, and without dropout there, what they give for a text is the same in
//! every epoch and for every seed. It is computed once, always in the same batches so that its bits depend on nothing else,
//! and kept without padding: in memory as far as that is allowed, then in a file.

use crate::TrainError;
use crate::event::Control;
use crate::predict::{inputs, padding};
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use corpus::{Batch, Encoded};
use encoder::{Compute, Model, Part, floats};
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::rc::Rc;

/// How many texts go through the frozen layers at once.
const BATCH: usize = 32;

/// What may be kept, and what is: shared by the runs of a process, so that those of a study compute nothing twice.
#[derive(Debug)]
pub struct Prefixes {
    /// Where files may be made; they vanish with their last user.
    pub folder: PathBuf,
    /// Bytes that may still be kept in memory.
    pub memory: Cell<u64>,
    /// Bytes that may still be kept in files.
    pub disk: Cell<u64>,
    kept: RefCell<Vec<Rc<Prefix>>>,
}

/// Whether a disk has no more room; what does not fit is computed anew.
fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

impl Prefixes {
    pub fn limited(folder: impl Into<PathBuf>, memory: u64, disk: u64) -> Self {
        let (memory, disk) = (Cell::new(memory), Cell::new(disk));
        Self { folder: folder.into(), memory, disk, kept: RefCell::default() }
    }
}

/// The outputs of the frozen layers for all windows of a split.
#[derive(Debug)]
pub struct Prefix {
    /// How many layers are frozen.
    pub layers: usize,
    hidden: usize,
    /// Where the rows of each window begin, and at last their number.
    starts: Vec<usize>,
    store: Store,
    key: [u8; 32],
    /// Where the file lies if there is one.
    folder: PathBuf,
}

#[derive(Debug)]
enum Store {
    Memory(Vec<f32>),
    File(RefCell<File>),
}

/// What came of the wish for a prefix.
pub enum Found {
    Kept(Rc<Prefix>),
    /// It would take this many bytes, more than is allowed.
    TooLarge(u64),
    /// The user asked to stop.
    Stopped,
}

impl Prefixes {
    /// The outputs of the lowest `layers` for the windows of `encoded`: those of an earlier run with the same texts and the
    /// same [`fingerprint`], or new ones.
    #[allow(clippy::too_many_arguments)]
    pub fn of(
        &self,
        fingerprint: &[u8; 32],
        model: &Model,
        layers: usize,
        encoded: &Encoded,
        pad: u32,
        compute: &Compute,
        progress: &mut dyn FnMut(usize, usize) -> Control,
    ) -> Result<Found, TrainError> {
        let key = key(fingerprint, encoded);
        if let Some(prefix) = self.kept.borrow().iter().find(|prefix| prefix.key == key) {
            return Ok(Found::Kept(prefix.clone()));
        }
        let hidden = model.config.hidden_size;
        let mut starts = vec![0];
        starts.extend(encoded.windows.iter().scan(0, |end, window| {
            *end += window.ids.len();
            Some(*end)
        }));
        let rows = starts.last().copied().unwrap_or(0);
        let bytes = (rows * hidden * size_of::<f32>()) as u64;
        let Some(mut store) = self.room(bytes)? else { return Ok(Found::TooLarge(bytes)) };
        let mut done = 0;
        for chosen in corpus::sorted_batches(encoded, BATCH) {
            let batch = corpus::collate(encoded, &chosen, padding(model, pad, compute));
            let states = floats(model.prefix(&inputs(&batch), layers));
            let mut start = 0;
            for window in &batch.windows {
                let values = &states[start * hidden..(start + window.pieces) * hidden];
                match store.write(starts[window.index] * hidden, values) {
                    Err(source) if is_full(&source) => return Ok(Found::TooLarge(bytes)),
                    written => written.map_err(|source| self.error(source))?,
                }
                start += window.length;
            }
            done += chosen.len();
            if progress(done, encoded.examples()) != Control::Continue {
                return Ok(Found::Stopped);
            }
        }
        let prefix = Rc::new(Prefix { layers, hidden, starts, store, key, folder: self.folder.clone() });
        let budget = if matches!(prefix.store, Store::Memory(_)) { &self.memory } else { &self.disk };
        budget.set(budget.get() - bytes);
        self.kept.borrow_mut().push(prefix.clone());
        Ok(Found::Kept(prefix))
    }

    fn room(&self, bytes: u64) -> Result<Option<Store>, TrainError> {
        if bytes <= self.memory.get() {
            Ok(Some(Store::Memory(vec![0.0; bytes as usize / size_of::<f32>()])))
        } else if bytes <= self.disk.get() {
            let file = tempfile::tempfile_in(&self.folder).map_err(|source| self.error(source))?;
            Ok(Some(Store::File(RefCell::new(file))))
        } else {
            Ok(None)
        }
    }

    fn error(&self, source: io::Error) -> TrainError {
        TrainError::File { path: self.folder.clone(), source }
    }
}

impl Store {
    fn write(&mut self, start: usize, values: &[f32]) -> io::Result<()> {
        match self {
            Store::Memory(all) => all[start..start + values.len()].copy_from_slice(values),
            Store::File(file) => {
                let mut file = file.borrow_mut();
                file.seek(SeekFrom::Start((start * size_of::<f32>()) as u64))?;
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                file.write_all(&bytes)?;
            }
        }
        Ok(())
    }

    fn read(&self, start: usize, values: &mut [f32]) -> io::Result<()> {
        match self {
            Store::Memory(all) => values.copy_from_slice(&all[start..start + values.len()]),
            Store::File(file) => {
                let mut file = file.borrow_mut();
                file.seek(SeekFrom::Start((start * size_of::<f32>()) as u64))?;
                let mut bytes = vec![0; size_of_val(values)];
                file.read_exact(&mut bytes)?;
                for (value, bytes) in values.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    *value = f32::from_le_bytes(*bytes);
                }
            }
        }
        Ok(())
    }
}

impl Prefix {
    pub fn is_in_memory(&self) -> bool {
        matches!(self.store, Store::Memory(_))
    }

    pub fn bytes(&self) -> u64 {
        (self.starts.last().copied().unwrap_or(0) * self.hidden * size_of::<f32>()) as u64
    }

    /// The hidden states before the first layer that learns, `[rows, hidden]` of a batch; padding is 0.
    pub fn states(&self, batch: &Batch, device: &Device) -> Result<Tensor<2>, TrainError> {
        let rows = batch.ids.len();
        let mut values = vec![0.0; rows * self.hidden];
        let mut start = 0;
        for window in &batch.windows {
            let place = &mut values[start * self.hidden..(start + window.pieces) * self.hidden];
            let read = self.store.read(self.starts[window.index] * self.hidden, place);
            read.map_err(|source| TrainError::File { path: self.folder.clone(), source })?;
            start += window.length;
        }
        Ok(Tensor::from_data(TensorData::new(values, [rows, self.hidden]), device))
    }
}

/// What the outputs depend on besides the texts: the weights and shape of the frozen part.
pub fn fingerprint(model: &Model, layers: usize) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(format!("{:?} {layers} {}", model.config.activation, model.config.num_attention_heads));
    model.clone().visit(&mut |name, parameter| {
        let below = match Part::of(name) {
            Part::Embeddings => true,
            Part::Layer(index) => index < layers,
            Part::Pooler | Part::Head => false,
        };
        if below {
            let bytes: Vec<u8> = parameter.values().iter().flat_map(|value| value.to_le_bytes()).collect();
            hash.update(name);
            hash.update(bytes);
        }
    });
    hash.finalize().into()
}

fn key(fingerprint: &[u8; 32], encoded: &Encoded) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(fingerprint);
    for window in &encoded.windows {
        let numbers = [&window.ids[..], &window.segments].concat();
        hash.update((numbers.len() as u64).to_le_bytes());
        hash.update(numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>());
    }
    hash.finalize().into()
}
