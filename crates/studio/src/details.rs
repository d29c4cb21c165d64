//! What an error speaks of, by name, for programs that read errors.

use crate::StudioError;
use corpus::DataError;
use encoder::{DeviceError, EncoderError};
use finetune::{RecipeError, TrainError};
use labelling::LabellingError;
use onnx::OnnxError;
use serde_json::{Value, json};

impl StudioError {
    /// The error's data as a JSON object: paths, names, line numbers, as far as its kind has them.
    pub fn data(&self) -> Value {
        match self {
            Self::Data(error) => data(error),
            Self::Encoder(error) => encoder(error),
            Self::Device(error) => device(error),
            Self::Recipe(error) => recipe(error),
            Self::Train(error) => train(error),
            Self::File { path, source } => json!({ "path": path, "cause": source.to_string() }),
            Self::DiskFull { path }
            | Self::OutputExists { path }
            | Self::OutputFormat { path }
            | Self::NoTags { path }
            | Self::TextsNeeded { path }
            | Self::OutputFolderMissing { path }
            | Self::OutputIsFolder { path }
            | Self::OutputIsInput { path }
            | Self::NoBlurb { path }
            | Self::RunBusy { path }
            | Self::DataChanged { path }
            | Self::EncoderChanged { path }
            | Self::OtherEncoder { path }
            | Self::OtherData { path } => json!({ "path": path }),
            Self::UnknownEncoder { name, known } => json!({ "name": name, "known": known }),
            Self::BadBundle { path, reason }
            | Self::BadArchive { path, reason }
            | Self::NotARun { path, reason }
            | Self::NotAStudy { path, reason } => {
                json!({ "path": path, "reason": reason })
            }
            Self::EncoderExists { name } | Self::UnknownSample { name } => json!({ "name": name }),
            Self::ThresholdOutOfRange { threshold } => json!({ "threshold": threshold }),
            Self::StudyEmpty { what } => json!({ "what": what }),
            Self::StudyTooLarge { runs, most } => json!({ "runs": runs, "most": most }),
            Self::StudyRepeats { name } => json!({ "name": name }),
            Self::EnsembleTooSmall { arm, runs } => json!({ "arm": arm, "runs": runs }),
            Self::UnknownArm { name, known } => json!({ "name": name, "known": known }),
            Self::GaveUp { tries } => json!({ "tries": tries }),
            Self::PairNeeded { path, column } => json!({ "path": path, "column": column }),
            Self::RunEnded { path, outcome } => json!({ "path": path, "outcome": outcome }),
            Self::DeviceFailed { name, verdict } => json!({ "name": name, "verdict": verdict }),
            Self::Labelling(error) => labelling(error),
            Self::TooFewLabelled { done, needed } => json!({ "done": done, "needed": needed }),
            Self::NoJob { id } | Self::NoProject { id } => json!({ "id": id }),
            Self::NoThread { reason } => json!({ "reason": reason }),
            Self::Onnx(OnnxError::TooLarge { bytes }) => json!({ "bytes": bytes }),
            Self::Onnx(OnnxError::DoesNotRun { reason }) => json!({ "reason": reason }),
            Self::Onnx(OnnxError::Differs { difference, allowed }) => {
                json!({ "difference": difference, "allowed": allowed })
            }
            Self::TextsGone
            | Self::NothingToExplain
            | Self::NoRound
            | Self::EnsembleAsOnnx
            | Self::StudyUnfinished
            | Self::EnsembleOfFolds
            | Self::NoWorkspace
            | Self::Unmarked
            | Self::NoData
            | Self::Busy
            | Self::BrokenOff => json!({}),
        }
    }
}

fn labelling(error: &LabellingError) -> Value {
    match error {
        LabellingError::Database { path, source } => json!({ "path": path, "cause": source.to_string() }),
        LabellingError::Schema { path, reason } | LabellingError::Damaged { path, reason } => {
            json!({ "path": path, "reason": reason })
        }
        LabellingError::NoDocument { id } | LabellingError::NoLabel { id } => json!({ "id": id }),
        LabellingError::LabelExists { name } => json!({ "name": name }),
        LabellingError::LabelInUse { name, uses } => json!({ "name": name, "uses": uses }),
        LabellingError::OutOfText { document, start, end, length } => {
            json!({ "id": document, "start": start, "end": end, "length": length })
        }
        LabellingError::NoScore { score } => json!({ "score": score }),
        LabellingError::LabelUnnamed
        | LabellingError::Gone
        | LabellingError::RelationToItself
        | LabellingError::SettledByOneOfThem => json!({}),
    }
}

fn data(error: &DataError) -> Value {
    match error {
        DataError::FileMissing { path }
        | DataError::FileEmpty { path }
        | DataError::NotText { path }
        | DataError::NoEntities { path }
        | DataError::NoLabels { path }
        | DataError::NoUsableText { path }
        | DataError::TrainMissing { path } => json!({ "path": path }),
        DataError::UnknownEncoding { name } => json!({ "name": name }),
        DataError::BadDelimiter { delimiter } => json!({ "delimiter": delimiter }),
        DataError::Cancelled => json!({}),
        DataError::File { path, source } => json!({ "path": path, "cause": source.to_string() }),
        DataError::ConllColumns { path, line, expected, found } => {
            json!({ "path": path, "line": line, "expected": expected, "found": found })
        }
        DataError::Malformed { path, line, reason } => json!({ "path": path, "line": line, "reason": reason }),
        DataError::TaskUnfit { path, format, task } => json!({ "path": path, "format": format, "task": task }),
        DataError::NegativeMissing { name, available } => json!({ "name": name, "available": available }),
        DataError::OneScoreOnly { path, score } => json!({ "path": path, "score": score }),
        DataError::TooManyBadRows { path, bad, total, first, .. } => {
            json!({ "path": path, "bad": bad, "total": total, "first": first })
        }
        DataError::BadRow { issue } => json!({ "issue": issue }),
        DataError::ColumnMissing { path, name, available } => {
            json!({ "path": path, "name": name, "available": available })
        }
        DataError::ColumnUnclear { path, role, available } => {
            json!({ "path": path, "role": role, "available": available })
        }
        DataError::TooManyLabels { path, count } => json!({ "path": path, "count": count }),
        DataError::OneClassOnly { path, label } => json!({ "path": path, "label": label }),
        DataError::TooFew { path, count, needed } => json!({ "path": path, "count": count, "needed": needed }),
        DataError::TooFewGroups { path, count } => json!({ "path": path, "count": count }),
        DataError::FoldInvalid { fold } => json!({ "fold": fold.to_string() }),
        DataError::TooFewForFolds { path, folds, count } => json!({ "path": path, "folds": folds, "count": count }),
        DataError::Shares { dev, test } => json!({ "dev": dev, "test": test }),
    }
}

fn encoder(error: &EncoderError) -> Value {
    match error {
        EncoderError::FolderMissing { folder }
        | EncoderError::ConfigMissing { folder }
        | EncoderError::WeightsMissing { folder }
        | EncoderError::TokenizerMissing { folder } => json!({ "path": folder }),
        EncoderError::ConfigInvalid { path, reason } | EncoderError::WeightsDamaged { path, reason } => {
            json!({ "path": path, "reason": reason })
        }
        EncoderError::UnsupportedModelType { model_type, path } => json!({ "path": path, "model_type": model_type }),
        EncoderError::PickleWithCode { path, object } => json!({ "path": path, "object": object }),
        EncoderError::TensorMissing { name, folder } => json!({ "path": folder, "name": name }),
        EncoderError::ShapeMismatch { name, folder, expected, found } => {
            json!({ "path": folder, "name": name, "expected": expected, "found": found })
        }
        EncoderError::UnsupportedType { name, folder, dtype } => {
            json!({ "path": folder, "name": name, "type": dtype })
        }
        EncoderError::File { path, source } => json!({ "path": path, "cause": source.to_string() }),
    }
}

fn device(error: &DeviceError) -> Value {
    let DeviceError::Unknown { name, available } = error;
    json!({ "name": name, "available": available })
}

fn recipe(error: &RecipeError) -> Value {
    match error {
        RecipeError::UnknownPreset { name } => json!({ "key": "presets", "name": name }),
        RecipeError::UnknownSetting { key, known } => json!({ "key": key, "known": known }),
        RecipeError::BadValue { key, value, reason } => json!({ "key": key, "value": value, "reason": reason }),
        RecipeError::OutOfRange { key, value, allowed } => json!({ "key": key, "value": value, "allowed": allowed }),
        RecipeError::FreezeMeetsReinit { frozen, reinit, layers } => {
            json!({ "key": "freeze.k", "frozen": frozen, "reinit": reinit, "layers": layers })
        }
        RecipeError::File { reason } => json!({ "reason": reason }),
    }
}

fn train(error: &TrainError) -> Value {
    match error {
        TrainError::Encoder(error) => encoder(error),
        TrainError::Device(error) => device(error),
        TrainError::Recipe(error) => recipe(error),
        TrainError::Tokenizer(_) | TrainError::Stopped | TrainError::Paused => json!({}),
        TrainError::EmptySplit { split } => json!({ "split": split }),
        TrainError::VocabularyMismatch { tokenizer, encoder } => {
            json!({ "tokenizer": tokenizer, "encoder": encoder })
        }
        TrainError::NonFinite { step, steps, learning_rate, .. } => {
            json!({ "step": step, "steps": steps, "learning_rate": learning_rate })
        }
        TrainError::CheckpointMismatch { path, reason } => json!({ "path": path, "reason": reason }),
        TrainError::NotTrained { folder, reason } => json!({ "path": folder, "reason": reason }),
        TrainError::File { path, source } => json!({ "path": path, "cause": source.to_string() }),
    }
}
