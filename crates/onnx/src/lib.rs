//! A trained model as an ONNX file, for other programs: the same numbers from ids of word pieces to logits.
//!
//! The graph takes `input_ids`, `attention_mask` and `token_type_ids`, whole numbers of 64 bits and of the shape
//! `[batch, length]`, both free, and gives `logits`: `[batch, outputs]` where the text as a whole gets an answer,
//! `[batch, length, outputs]` where each word does. It uses operators of opset 17 and no other.

mod check;
mod graph;
mod model;

pub use check::{Pieces, difference, largest_difference, run};
pub use model::{Storage, model_file, rounded};

/// The version of the operators.
pub const OPSET: i64 = 17;

/// A file of this size and more no reader of ONNX takes in one piece: protobuf counts with 31 bits.
pub const LARGEST: usize = i32::MAX as usize;

#[derive(Debug, thiserror::Error)]
pub enum OnnxError {
    #[error(
        "the model would be {bytes} bytes as one ONNX file, which holds {LARGEST} at most; store it in half precision"
    )]
    TooLarge { bytes: usize },
    #[error("the ONNX file does not run: {reason}")]
    DoesNotRun { reason: String },
    #[error(
        "the ONNX file differs from the model by {difference:.1e}, more than {allowed:.0e}, on real texts; it is not written"
    )]
    Differs { difference: f64, allowed: f64 },
}

impl OnnxError {
    /// A stable name for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            OnnxError::TooLarge { .. } => "onnx-too-large",
            OnnxError::DoesNotRun { .. } => "onnx-does-not-run",
            OnnxError::Differs { .. } => "onnx-differs",
        }
    }
}
