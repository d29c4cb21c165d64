use std::io;
use std::path::{Path, PathBuf};

/// Why an encoder cannot be used. Every message says where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum EncoderError {
    #[error("there is no encoder folder at {}; give the folder that holds config.json and the weights", folder.display())]
    FolderMissing { folder: PathBuf },
    #[error("{} has no config.json; an encoder folder holds config.json, the weights and the tokenizer, as downloaded", folder.display())]
    ConfigMissing { folder: PathBuf },
    #[error("{} cannot be used: {reason}", path.display())]
    ConfigInvalid { path: PathBuf, reason: String },
    #[error("{}: encoders of type \"{model_type}\" are not supported yet; Ballast fine-tunes BERT and ELECTRA", path.display())]
    UnsupportedModelType { model_type: String, path: PathBuf },
    #[error(
        "{} has no weights; expected model.safetensors, pytorch_model.bin, or their sharded form with an index", folder.display()
    )]
    WeightsMissing { folder: PathBuf },
    #[error("the weights in {} are damaged or incomplete: {reason}; download the file again", path.display())]
    WeightsDamaged { path: PathBuf, reason: String },
    #[error(
        "{} holds a Python object ({object}) where only tensors belong; Ballast never runs code from a model file. Ask for the weights as model.safetensors",
        path.display()
    )]
    PickleWithCode { path: PathBuf, object: String },
    #[error("the tensor \"{name}\" in {} is missing; the weights do not belong to this config.json", folder.display())]
    TensorMissing { name: String, folder: PathBuf },
    #[error(
        "the tensor \"{name}\" in {} has the shape {found:?}, but config.json asks for {expected:?}; the two files do not belong together",
        folder.display()
    )]
    ShapeMismatch { name: String, folder: PathBuf, expected: Vec<usize>, found: Vec<usize> },
    #[error("the tensor \"{name}\" in {} holds numbers of type {dtype}, which is not supported", folder.display())]
    UnsupportedType { name: String, folder: PathBuf, dtype: String },
    #[error("{} has no tokenizer; expected tokenizer.json or vocab.txt", folder.display())]
    TokenizerMissing { folder: PathBuf },
    #[error("{} cannot be read or written: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

impl EncoderError {
    pub(crate) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.into(), source }
    }

    /// A stable name for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FolderMissing { .. } => "encoder-folder-missing",
            Self::ConfigMissing { .. } => "encoder-config-missing",
            Self::ConfigInvalid { .. } => "encoder-config-invalid",
            Self::UnsupportedModelType { .. } => "encoder-type-unsupported",
            Self::WeightsMissing { .. } => "encoder-weights-missing",
            Self::WeightsDamaged { .. } => "encoder-weights-damaged",
            Self::PickleWithCode { .. } => "encoder-pickle-with-code",
            Self::TensorMissing { .. } => "encoder-tensor-missing",
            Self::ShapeMismatch { .. } => "encoder-shape-mismatch",
            Self::UnsupportedType { .. } => "encoder-number-type",
            Self::TokenizerMissing { .. } => "encoder-tokenizer-missing",
            Self::File { .. } => "encoder-file",
        }
    }
}
