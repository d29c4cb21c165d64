//! What a user works with, without a screen: the workspace, encoders, devices, runs, answers, export.

mod answers;
mod card;
mod details;
mod devices;
mod error;
mod journal;
mod library;
mod runs;
mod sample;
mod workspace;

pub use answers::{Predicted, evaluate, predict};
pub use devices::{CheckState, DeviceReport, check_devices, choose_device, devices};
pub use error::StudioError;
pub use library::{EncoderEntry, STARTER, add_encoder, encoders, find_encoder, remove_encoder};
pub use runs::{
    DatasetRecord, EncoderRecord, Plan, RunRecord, RunSummary, TrainJob, encoder_config, export_hf, plan, read_run,
    rejected_rows, resume, start,
};
pub use sample::data_path;
pub use workspace::workspace;
