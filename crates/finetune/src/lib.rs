//! Fine-tuning: from a recipe and a prepared dataset to a trained model, with events on the way.
//!
//! Nothing here reads settings or shows anything. All tensors stay on the calling thread.

mod bench;
mod calibrate;
mod checkpoint;
mod collapse;
mod doubt;
mod embed;
mod error;
mod event;
mod explain;
mod groups;
mod loss;
mod notes;
mod optimizer;
mod predict;
mod prefix;
mod prepare;
mod pretrained;
mod recipe;
mod schedule;
mod score;
mod selfcheck;
mod shared;
mod train;

pub use bench::{StepShape, bench_predict, bench_step};
pub use calibrate::{Calibration, Judged, PrecisionAt};
pub use checkpoint::Position;
pub use collapse::{Gathered, Sign};
pub use doubt::Doubt;
pub use embed::Embedder;
pub use error::TrainError;
pub use event::{Control, Event, Outcome, PartNorm, Scores};
pub use explain::{Attribution, Explanation, Target};
pub use groups::{Group, groups, head_kind, parameter_count, rate_factor};
pub use loss::{
    balanced_weights, binary_cross_entropy, cross_entropy, mean_over_windows, positive_weights, squared_error,
};
pub use optimizer::{AdamW, Gradient, GradientSet, Update, clip_factor, collect, global_norm};
pub use predict::{PredictedSpan, Prediction, Predictor, Terms, member_file, reaching};
pub use pretrained::Pretrained;
pub use recipe::{
    Choices, Keep, Preset, Reason, Recipe, RecipeError, Recommendation, Remedy, Setting, SettingKind, defaults,
    parse_presets, recommend, remedy, resolve, settings,
};
pub use schedule::rate_at;
pub use score::{outcomes, score};
pub use selfcheck::{Verdict, self_check};
pub use shared::Shared;
pub use train::{Run, Session, Trained};
