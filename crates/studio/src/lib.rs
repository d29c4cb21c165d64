//! What a user works with, without a screen: the workspace, encoders, devices, runs, answers, export.

mod answers;
mod bench;
mod card;
mod details;
mod devices;
mod error;
mod export;
mod journal;
mod library;
mod record;
mod runs;
mod sample;
mod workspace;

pub use answers::{Predicted, evaluate, predict};
pub use bench::bench_train;
pub use devices::{CheckState, DeviceReport, check_devices, choose_device, devices};
pub use error::StudioError;
pub use export::export_hf;
pub use library::{EncoderEntry, STARTER, add_encoder, encoders, find_encoder, remove_encoder};
pub use record::{DatasetRecord, EncoderRecord, RunRecord, read_run};
pub use runs::{Plan, RunSummary, TrainJob, plan, resume, start};
pub use sample::data_path;
pub use workspace::workspace;
