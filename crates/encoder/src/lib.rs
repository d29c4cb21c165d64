//! BERT and ELECTRA in burn: configuration, layers, heads, weights in and out in Hugging Face's layout, and devices.

mod checkpoint;
mod config;
mod device;
mod error;
mod layers;
mod model;
mod weights;

pub use checkpoint::Checkpoint;
pub use config::{Config, Family};
pub use device::{Compute, ComputeKind, DeviceError, compute_named, computes};
pub use error::EncoderError;
pub use kernels::{Activation, Dropout, Texts};
pub use layers::{Inputs, Parameter, Visit};
pub use model::{HeadKind, Model, Part, floats, from_floats};
pub use weights::{
    FolderReport, LoadReport, add_pieces, initialize, inspect_folder, keep_head, load_pretrained, load_trained,
    load_weights, random_encoder, reinitialize_top, save, save_weights, write_file, write_tensors,
};
