use crate::RecipeError;
use corpus::TokenizerError;
use encoder::{DeviceError, EncoderError};
use std::path::PathBuf;

/// Why a run could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error(transparent)]
    Encoder(#[from] EncoderError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    #[error("the {split} split holds no example to work with")]
    EmptySplit { split: &'static str },
    #[error(
        "the tokenizer knows {tokenizer} word pieces but the encoder has embeddings for {encoder} only; the two do not belong together"
    )]
    VocabularyMismatch { tokenizer: usize, encoder: usize },
    #[error(
        "training broke down: loss or gradients were not finite in {steps} steps in a row, the last at step {step} (learning rate {learning_rate:.2e}). {advice}"
    )]
    NonFinite { step: usize, steps: usize, learning_rate: f64, advice: &'static str },
    #[error("the checkpoint {} does not belong to this run: {reason}", path.display())]
    CheckpointMismatch { path: PathBuf, reason: String },
    #[error("{} is no model that Ballast trained: {reason}", folder.display())]
    NotTrained { folder: PathBuf, reason: String },
    #[error("stopped before the work was done")]
    Stopped,
    #[error("paused: a checkpoint is written, and the run can be gone on with")]
    Paused,
    #[error("{} cannot be read or written: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
}

impl TrainError {
    /// A stable name for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encoder(error) => error.code(),
            Self::Device(error) => error.code(),
            Self::Tokenizer(_) => "tokenizer",
            Self::Recipe(_) => "recipe",
            Self::EmptySplit { .. } => "split-empty",
            Self::VocabularyMismatch { .. } => "vocabulary-mismatch",
            Self::NonFinite { .. } => "training-not-finite",
            Self::CheckpointMismatch { .. } => "checkpoint-mismatch",
            Self::NotTrained { .. } => "model-not-trained",
            Self::Stopped => "stopped",
            Self::Paused => "paused",
            Self::File { .. } => "file",
        }
    }

    /// Whether what the user gave is to blame, rather than what happened on the way.
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::NonFinite { .. } | Self::Stopped | Self::Paused | Self::File { .. })
    }
}
