//! Reading weights in Hugging Face's layouts: safetensors or PyTorch, whole or in shards, with old or new names.

use crate::{EncoderError, Family};
use half::{bf16, f16};
use pytorch_reader::{DType as TorchType, PytorchReader};
use safetensors::tensor::{Dtype, SafeTensors};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The tensors of an encoder folder under their canonical names: without the encoder's prefix (`bert.`, `electra.`),
/// LayerNorm as `weight` and `bias`.
pub struct Checkpoint {
    pub folder: PathBuf,
    /// The family whose prefix the names carry, if any does.
    pub prefix: Option<Family>,
    /// SHA-256 over all weight files, in hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    tensors: BTreeMap<String, Stored>,
    files: Vec<Vec<u8>>,
}

struct Stored {
    original: String,
    shape: Vec<usize>,
    place: Place,
}

enum Place {
    Safetensors { file: usize, dtype: Dtype, begin: usize, end: usize },
    Torch(Box<pytorch_reader::Tensor>),
}

impl Checkpoint {
    fn empty(folder: &Path) -> Self {
        Self {
            folder: folder.into(),
            prefix: None,
            sha256: String::new(),
            bytes: 0,
            tensors: BTreeMap::new(),
            files: Vec::new(),
        }
    }

    /// Opens one safetensors file, and its metadata.
    pub fn open_file(path: &Path) -> Result<(Self, HashMap<String, String>), EncoderError> {
        let content = fs::read(path).map_err(|error| EncoderError::file(path, error))?;
        let (_, metadata) = SafeTensors::read_metadata(&content)
            .map_err(|error| EncoderError::WeightsDamaged { path: path.into(), reason: error.to_string() })?;
        let entries = metadata.metadata().clone().unwrap_or_default();
        let mut checkpoint = Self::empty(path.parent().unwrap_or(path));
        checkpoint.add_safetensors(path, content)?;
        Ok((checkpoint, entries))
    }

    /// Opens the weights of an encoder folder, whichever files hold them.
    pub fn open(folder: &Path) -> Result<Self, EncoderError> {
        let mut checkpoint = Self::empty(folder);
        let mut hash = Sha256::new();
        for path in weight_files(folder)? {
            let content = fs::read(&path).map_err(|error| EncoderError::file(&path, error))?;
            hash.update(&content);
            checkpoint.bytes += content.len() as u64;
            if path.extension().is_some_and(|extension| extension == "safetensors") {
                checkpoint.add_safetensors(&path, content)?;
            } else {
                drop(content);
                checkpoint.add_torch(&path)?;
            }
        }
        for byte in hash.finalize() {
            let _ = write!(checkpoint.sha256, "{byte:02x}");
        }
        Ok(checkpoint)
    }

    fn add_safetensors(&mut self, path: &Path, content: Vec<u8>) -> Result<(), EncoderError> {
        let damaged = |reason: String| EncoderError::WeightsDamaged { path: path.into(), reason };
        let (header, metadata) = SafeTensors::read_metadata(&content).map_err(|error| damaged(error.to_string()))?;
        let start = header + 8;
        let file = self.files.len();
        for (name, info) in metadata.tensors() {
            let (begin, end) = (start + info.data_offsets.0, start + info.data_offsets.1);
            self.add(name.clone(), info.shape.clone(), Place::Safetensors { file, dtype: info.dtype, begin, end });
        }
        self.files.push(content);
        Ok(())
    }

    fn add_torch(&mut self, path: &Path) -> Result<(), EncoderError> {
        let damaged = |reason: String| EncoderError::WeightsDamaged { path: path.into(), reason };
        let reader = PytorchReader::new(path).map_err(|error| damaged(error.to_string()))?;
        let data = PytorchReader::read_pickle_data(path, None).map_err(|error| damaged(error.to_string()))?;
        if let Some(object) = foreign_object(&data) {
            return Err(EncoderError::PickleWithCode { path: path.into(), object });
        }
        for (name, tensor) in reader.into_tensors() {
            let shape = tensor.shape().to_vec();
            self.add(name, shape, Place::Torch(Box::new(tensor)));
        }
        Ok(())
    }

    fn add(&mut self, original: String, shape: Vec<usize>, place: Place) {
        let (prefix, name) = canonical_name(&original);
        self.prefix = self.prefix.or(prefix);
        self.tensors.insert(name, Stored { original, shape, place });
    }

    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|stored| stored.shape.as_slice())
    }

    /// The names in the file of all tensors that are not in `used` (canonical names).
    pub fn unused(&self, used: &BTreeSet<String>) -> Vec<String> {
        self.tensors
            .iter()
            .filter(|(name, _)| !used.contains(*name))
            .map(|(_, stored)| stored.original.clone())
            .collect()
    }

    /// The values of a tensor as f32 in row-major order, or `None` when there is no such tensor.
    ///
    /// Values that are no finite numbers are an error: some operators hide them, and they would stay unseen in the model.
    pub fn values(&self, name: &str) -> Option<Result<Vec<f32>, EncoderError>> {
        let stored = self.tensors.get(name)?;
        let values = self.read(stored);
        Some(values.and_then(|values| match values.iter().find(|value| !value.is_finite()) {
            None => Ok(values),
            Some(value) => Err(EncoderError::WeightsDamaged {
                path: self.folder.clone(),
                reason: format!("the tensor \"{}\" holds {value}", stored.original),
            }),
        }))
    }

    /// The values of a tensor of 32-bit integers in a safetensors file.
    pub fn integers(&self, name: &str) -> Option<Vec<i32>> {
        match &self.tensors.get(name)?.place {
            Place::Safetensors { file, dtype: Dtype::I32, begin, end } => {
                let bytes = &self.files[*file][*begin..*end];
                Some(numbers(bytes, i32::from_le_bytes))
            }
            _ => None,
        }
    }

    fn read(&self, stored: &Stored) -> Result<Vec<f32>, EncoderError> {
        let unsupported = |dtype: String| EncoderError::UnsupportedType {
            name: stored.original.clone(),
            folder: self.folder.clone(),
            dtype,
        };
        match &stored.place {
            Place::Safetensors { file, dtype, begin, end } => {
                let bytes = &self.files[*file][*begin..*end];
                match dtype {
                    Dtype::F32 => Ok(numbers(bytes, f32::from_le_bytes)),
                    Dtype::F16 => Ok(numbers(bytes, |b| f16::from_le_bytes(b).to_f32())),
                    Dtype::BF16 => Ok(numbers(bytes, |b| bf16::from_le_bytes(b).to_f32())),
                    Dtype::F64 => Ok(numbers(bytes, |b| f64::from_le_bytes(b) as f32)),
                    other => Err(unsupported(format!("{other:?}"))),
                }
            }
            Place::Torch(tensor) => {
                let bytes = tensor.read().map_err(|error| EncoderError::WeightsDamaged {
                    path: self.folder.join("pytorch_model.bin"),
                    reason: error.to_string(),
                })?;
                match tensor.dtype() {
                    TorchType::F32 => Ok(numbers(&bytes, f32::from_ne_bytes)),
                    TorchType::F16 => Ok(numbers(&bytes, |b| f16::from_ne_bytes(b).to_f32())),
                    TorchType::BF16 => Ok(numbers(&bytes, |b| bf16::from_ne_bytes(b).to_f32())),
                    TorchType::F64 => Ok(numbers(&bytes, |b| f64::from_ne_bytes(b) as f32)),
                    other => Err(unsupported(format!("{other:?}"))),
                }
            }
        }
    }
}

fn numbers<const N: usize, T>(bytes: &[u8], number: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|&chunk| number(chunk)).collect()
}

/// The files that hold the weights: one, or the shards that an index names. Safetensors go before PyTorch's format.
fn weight_files(folder: &Path) -> Result<Vec<PathBuf>, EncoderError> {
    for whole in ["model.safetensors", "pytorch_model.bin"] {
        let index = folder.join(format!("{whole}.index.json"));
        if folder.join(whole).is_file() {
            return Ok(vec![folder.join(whole)]);
        }
        if index.is_file() {
            return shards(folder, &index);
        }
    }
    Err(EncoderError::WeightsMissing { folder: folder.into() })
}

fn shards(folder: &Path, index: &Path) -> Result<Vec<PathBuf>, EncoderError> {
    let damaged = |reason: String| EncoderError::WeightsDamaged { path: index.into(), reason };
    let text = fs::read_to_string(index).map_err(|error| EncoderError::file(index, error))?;
    let content: Value = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    let map = content["weight_map"].as_object().ok_or_else(|| damaged("it has no \"weight_map\"".into()))?;
    let names: BTreeSet<&str> = map.values().filter_map(Value::as_str).collect();
    if names.is_empty() {
        return Err(damaged("its \"weight_map\" is empty".into()));
    }
    names
        .into_iter()
        .map(|name| {
            let path = folder.join(name);
            let inside = Path::new(name).components().count() == 1;
            if inside && path.is_file() { Ok(path) } else { Err(damaged(format!("the shard {name} is missing"))) }
        })
        .collect()
}

/// Splits a name of the file into the family its prefix tells and the name without that prefix, in today's spelling.
fn canonical_name(original: &str) -> (Option<Family>, String) {
    let (prefix, rest) = [Family::Bert, Family::Electra]
        .into_iter()
        .find_map(|family| {
            let rest = original.strip_prefix(family.prefix())?.strip_prefix('.')?;
            Some((Some(family), rest))
        })
        .unwrap_or((None, original));
    let name = match rest.rsplit_once("LayerNorm.") {
        Some((before, "gamma")) => format!("{before}LayerNorm.weight"),
        Some((before, "beta")) => format!("{before}LayerNorm.bias"),
        _ => rest.to_string(),
    };
    (prefix, name)
}

/// The first thing in a pickled state dict that is no tensor and no plain value. Nothing of it is ever run; a file that
/// holds one is refused all the same, since its weights are not to be trusted.
fn foreign_object(value: &pytorch_reader::PickleValue) -> Option<String> {
    use pytorch_reader::PickleValue as P;
    match value {
        P::Unsupported(name)
            if matches!(name.as_str(), "torch.Tensor" | "torch.TypedStorage" | "torch.UntypedStorage") =>
        {
            None
        }
        P::Unsupported(name) => Some(name.clone()),
        P::List(items) => items.iter().find_map(foreign_object),
        P::Dict(fields) => fields.values().find_map(foreign_object),
        P::None | P::Bool(_) | P::Int(_) | P::Float(_) | P::String(_) | P::Bytes(_) => None,
    }
}
