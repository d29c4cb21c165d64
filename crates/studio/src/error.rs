use corpus::DataError;
use encoder::{DeviceError, EncoderError};
use finetune::{RecipeError, TrainError};
use std::io;
use std::path::{Path, PathBuf};

/// Whatever can go wrong between a user and the engine.
#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    #[error(transparent)]
    Data(DataError),
    #[error(transparent)]
    Encoder(EncoderError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    #[error(transparent)]
    Train(TrainError),
    #[error("{} cannot be read or written: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("there is no room for {}: the disk is full. Make room on it, then try again or go on", path.display())]
    DiskFull { path: PathBuf },
    #[error("{} exists and is not empty; choose another folder for the result", path.display())]
    OutputExists { path: PathBuf },
    #[error("{} cannot be written: end its name in .csv, .xlsx, .parquet or .jsonl, or, for models that label words, in .conll, .xml (BioC), .json (BioC), .pubtator, or in nothing for a folder in brat's form", path.display())]
    OutputFormat { path: PathBuf },
    #[error("{} cannot be written so: this model labels whole texts, not words; end its name in .csv, .xlsx, .parquet or .jsonl", path.display())]
    NoTags { path: PathBuf },
    #[error("there is no folder {} to write into; create it first", path.display())]
    OutputFolderMissing { path: PathBuf },
    #[error("{} is a folder; give the name of a file for the answers", path.display())]
    OutputIsFolder { path: PathBuf },
    #[error("the answers would replace their own input {}; choose another file for them", path.display())]
    OutputIsInput { path: PathBuf },
    #[error("the model reads two texts together; give a table with a column \"{column}\" for the second, not {}", path.display())]
    PairNeeded { path: PathBuf, column: String },
    #[error("there is no encoder \"{name}\": no folder has this path, and the library holds {known}")]
    UnknownEncoder { name: String, known: String },
    #[error("{} is no zip archive that holds an encoder: {reason}", path.display())]
    BadArchive { path: PathBuf, reason: String },
    #[error("an encoder named \"{name}\" is already in the library; remove it first, or rename the folder")]
    EncoderExists { name: String },
    #[error("there is no sample \"{name}\"; there is: notes, sentences")]
    UnknownSample { name: String },
    #[error("{} is no run folder: {reason}", path.display())]
    NotARun { path: PathBuf, reason: String },
    #[error("the run in {} has ended ({outcome}); there is nothing to resume", path.display())]
    RunEnded { path: PathBuf, outcome: String },
    #[error("the run in {} is going on in another process; wait for its end, or stop it first", path.display())]
    RunBusy { path: PathBuf },
    #[error("the data in {} has changed since the run began; start a new run, or put the data back", path.display())]
    DataChanged { path: PathBuf },
    #[error("the encoder in {} has changed since the run began; start a new run, or put it back", path.display())]
    EncoderChanged { path: PathBuf },
    #[error("there is no labelling project \"{id}\"")]
    NoProject { id: String },
    #[error(transparent)]
    Labelling(#[from] labelling::LabellingError),
    #[error("{done} texts are labelled; a model needs {needed} at least, of two labels or more")]
    TooFewLabelled { done: usize, needed: usize },
    #[error("the texts that this model learnt from are not in the workspace any more")]
    TextsGone,
    #[error("the model found nothing there that could be explained")]
    NothingToExplain,
    #[error("no model has been trained on this project yet; label some texts and train one")]
    NoRound,
    #[error("{} is no bundle of a run: {reason}", path.display())]
    BadBundle { path: PathBuf, reason: String },
    #[error("{} would hold the texts: without them answers go into .csv, .xlsx, .parquet or .jsonl", path.display())]
    TextsNeeded { path: PathBuf },
    #[error("an ensemble is several models, which one ONNX file does not hold; export one of its runs")]
    EnsembleAsOnnx,
    #[error(transparent)]
    Onnx(#[from] onnx::OnnxError),
    #[error("this run was made with another encoder than its study planned ({}); run it again with the planned one", path.display())]
    OtherEncoder { path: PathBuf },
    #[error("this run was made on other data than its study planned ({}); run it again on the planned ones", path.display())]
    OtherData { path: PathBuf },
    #[error(
        "the device {name} did not pass its self-check and is not used for training: {verdict}. Choose another device; the CPU (cpu) always works"
    )]
    DeviceFailed { name: String, verdict: String },
    #[error("{} holds no folder of a BLURB dataset; there should be some of BC5-chem, BC5-disease, NCBI-disease, BC2GM, JNLPBA, EBM-PICO, ChemProt, DDI, GAD, BIOSSES, HoC, PubMedQA, BioASQ, each with its train, dev and test files", path.display())]
    NoBlurb { path: PathBuf },
    #[error(
        "no two entities are marked in the text; mark them as the training data did, by @GENE$ and its like or by [E1] … [/E1] and [E2] … [/E2]"
    )]
    Unmarked,
    #[error("{} is no study: {reason}", path.display())]
    NotAStudy { path: PathBuf, reason: String },
    #[error("a study needs at least one {what}")]
    StudyEmpty { what: String },
    #[error("these are {runs} runs, more than the {most} that a study may have; choose fewer presets, seeds or folds")]
    StudyTooLarge { runs: usize, most: usize },
    #[error("\"{name}\" is compared with itself; name each preset and each encoder once")]
    StudyRepeats { name: String },
    #[error("no run of this study has ended with scores yet; let it go on, or look at what went wrong with its runs")]
    StudyUnfinished,
    #[error("only {runs} of the runs of \"{arm}\" ended well; an ensemble takes two or more")]
    EnsembleTooSmall { arm: String, runs: usize },
    #[error(
        "the runs of a cross-validation were each trained on other examples, so that nothing is left to test them together on; run a study without folds"
    )]
    EnsembleOfFolds,
    #[error("there is no arm \"{name}\" in this study; its arms are: {known}")]
    UnknownArm { name: String, known: String },
    #[error("the threshold {threshold} is no probability between 0 and 1")]
    ThresholdOutOfRange { threshold: f64 },
    #[error("no data is open; choose a file first")]
    NoData,
    #[error("a run is going on; wait for its end, or pause it first")]
    Busy,
    #[error(
        "this run brought the program down {tries} times before it could write a checkpoint, so it is left alone; go on with it, on another device if there is one, or discard it"
    )]
    GaveUp { tries: u32 },
    #[error("there is no run \"{id}\" in the queue")]
    NoJob { id: String },
    #[error("this broke off in the middle, most often in a graphics driver; try again")]
    BrokenOff,
    #[error("the thread that trains cannot be started: {reason}; close other programs and start Ballast again")]
    NoThread { reason: String },
    #[error("no folder of this user's could be found to work in; set BALLAST_WORKSPACE to one")]
    NoWorkspace,
}

/// Whether a disk, a user's share of it, or a file on it may not grow any more.
fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

// A full disk is told as such, whichever part of the engine met it.

impl From<DataError> for StudioError {
    fn from(error: DataError) -> Self {
        match error {
            DataError::File { path, source } if is_full(&source) => Self::DiskFull { path },
            other => Self::Data(other),
        }
    }
}

impl From<EncoderError> for StudioError {
    fn from(error: EncoderError) -> Self {
        match error {
            EncoderError::File { path, source } if is_full(&source) => Self::DiskFull { path },
            other => Self::Encoder(other),
        }
    }
}

impl From<TrainError> for StudioError {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::File { path, source } | TrainError::Encoder(EncoderError::File { path, source })
                if is_full(&source) =>
            {
                Self::DiskFull { path }
            }
            other => Self::Train(other),
        }
    }
}

impl StudioError {
    pub fn file(path: &Path, source: io::Error) -> Self {
        let path = path.into();
        if is_full(&source) { Self::DiskFull { path } } else { Self::File { path, source } }
    }

    /// A stable name for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Data(error) => error.code(),
            Self::Encoder(error) => error.code(),
            Self::Device(error) => error.code(),
            Self::Recipe(_) => "recipe",
            Self::Train(error) => error.code(),
            Self::File { .. } => "file",
            Self::DiskFull { .. } => "disk-full",
            Self::OutputExists { .. } => "output-exists",
            Self::OutputFormat { .. } => "output-format",
            Self::PairNeeded { .. } => "pair-needed",
            Self::Unmarked => "entities-unmarked",
            Self::NoBlurb { .. } => "no-blurb",
            Self::NotAStudy { .. } => "study-missing",
            Self::StudyEmpty { .. } => "study-empty",
            Self::StudyTooLarge { .. } => "study-too-large",
            Self::StudyRepeats { .. } => "study-repeats",
            Self::StudyUnfinished => "study-unfinished",
            Self::EnsembleTooSmall { .. } => "ensemble-too-small",
            Self::EnsembleOfFolds => "ensemble-of-folds",
            Self::UnknownArm { .. } => "arm-unknown",
            Self::ThresholdOutOfRange { .. } => "threshold-range",
            Self::GaveUp { .. } => "gave-up",
            Self::NoTags { .. } => "output-no-tags",
            Self::OutputFolderMissing { .. } => "output-folder-missing",
            Self::OutputIsFolder { .. } => "output-is-folder",
            Self::OutputIsInput { .. } => "output-is-input",
            Self::UnknownEncoder { .. } => "encoder-unknown",
            Self::BadArchive { .. } => "archive-bad",
            Self::EncoderExists { .. } => "encoder-exists",
            Self::UnknownSample { .. } => "sample-unknown",
            Self::NotARun { .. } => "run-missing",
            Self::RunEnded { .. } => "run-ended",
            Self::RunBusy { .. } => "run-busy",
            Self::DataChanged { .. } => "data-changed",
            Self::EncoderChanged { .. } => "encoder-changed",
            Self::NoProject { .. } => "project-missing",
            Self::Labelling(error) => error.code(),
            Self::TooFewLabelled { .. } => "labelled-too-few",
            Self::TextsGone => "texts-gone",
            Self::NothingToExplain => "nothing-to-explain",
            Self::NoRound => "round-missing",
            Self::BadBundle { .. } => "bundle-bad",
            Self::TextsNeeded { .. } => "texts-needed",
            Self::EnsembleAsOnnx => "ensemble-as-onnx",
            Self::Onnx(error) => error.code(),
            Self::OtherEncoder { .. } => "encoder-other",
            Self::OtherData { .. } => "data-other",
            Self::DeviceFailed { .. } => "device-failed",
            Self::NoData => "no-data",
            Self::Busy => "busy",
            Self::NoJob { .. } => "job-missing",
            Self::BrokenOff => "broken-off",
            Self::NoThread { .. } => "thread-missing",
            Self::NoWorkspace => "workspace-missing",
        }
    }

    /// Whether what the user gave is to blame, rather than what happened on the way.
    pub fn is_bad_input(&self) -> bool {
        match self {
            // The encoder was read whole before training began: a file that fails now is one that was being written.
            Self::Train(TrainError::Encoder(EncoderError::File { .. })) => false,
            Self::Train(error) => error.is_bad_input(),
            Self::File { .. }
            | Self::DiskFull { .. }
            | Self::NoWorkspace
            | Self::BrokenOff
            | Self::NoThread { .. }
            | Self::Onnx(_)
            | Self::DeviceFailed { .. } => false,
            _ => true,
        }
    }
}
