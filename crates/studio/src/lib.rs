//! What a user works with, without a screen: the workspace, encoders, devices, runs, answers, export.

mod answers;
mod bench;
mod blurb;
mod card;
mod cards;
mod details;
mod devices;
mod diagnostics;
mod draft;
mod error;
mod estimate;
mod explain;
mod export;
mod failure;
mod forms;
mod history;
mod jobs;
mod journal;
mod kept;
mod labellings;
mod library;
mod look;
mod projects;
mod proposal;
mod recommended;
mod record;
mod review;
mod runs;
mod sample;
mod study;
mod threshold;
mod workspace;

pub use corpus::Hygiene;
pub use labelling::{
    Action, Agreement, Annotator, Dispute, DocumentPage, DocumentQuery, DocumentView, Facts, History, ImportCard,
    Label, LabelKind, Precision, Project, Strategy,
};

pub use answers::{Answer, Found, Output, Predicted, evaluate, predict};
pub use bench::bench_train;
pub use blurb::{BlurbJob, BlurbNews, BlurbReport, BlurbRow, blurb};
pub use card::card_of_run;
pub use cards::{Domain, EncoderCard, encoder_card, encoder_cards};
pub use devices::{CheckState, DeviceReport, check_device, check_devices, choose_device, devices, passed_device};
pub use diagnostics::diagnostics;
pub use draft::{Draft, draft, keep_draft};
pub use error::StudioError;
pub use estimate::{Advice, Estimate, Fit, Speeds, estimate, measure_speed};
pub use explain::{Asked, Evidenced, Explained, NearExample, Nearest};
pub use export::{OnnxExport, export, export_bundle, export_hf, export_onnx, export_zip, import_bundle};
pub use failure::Failure;
pub use history::{
    CardScore, Difference, RunCard, RunDetails, RunScores, RunState, compare_runs, delete_run, forget_texts,
    run_details, run_folder, runs,
};
pub use jobs::{
    Bulletin, CollapsePoint, CurveUpdate, Curves, Desk, EvaluationPoint, JobState, JobView, Jobs, Progress, StepPoint,
    StudyProgress, WarningPoint,
};
pub use labellings::{Labelling, forget_labelling, labellings};
pub use library::{EncoderEntry, STARTER, add_encoder, encoders, find_encoder, remove_encoder};
pub use look::{
    DataHead, DataReport, DataRequest, DomainFit, FileFacts, IssueCount, IssuePage, IssueQuery, Lengths, Mention,
    OpenData, Reading, RowPage, RowQuery, RowView, ScoreFacts, fits,
};
pub use projects::{
    Learning, OpenProject, ProjectCard, Retrain, Simulated, Simulation, StopHint, Taken, create_project,
    delete_project, give, open_project, project_folder, projects, simulate, take_in,
};
pub use proposal::{GroupPart, GroupView, Proposal, Reason, Setting, SettingKind, Wish, propose};
pub use recommended::Evidence;
pub use record::{DatasetRecord, EncoderRecord, RunRecord, read_run};
pub use review::{
    ExampleFilter, ExamplePage, ExampleQuery, ExampleSort, FilterCount, JudgedSpan, ReviewedExample, Reviewer,
    ScorePair, Verdict,
};
pub use runs::{Plan, RunSummary, TrainJob, plan, resume, start};
pub use sample::data_path;
pub use study::{
    Arm, ArmReport, Caution, Comparison, Figures, Flip, Folds, Intervals, RunRow, RunSpec, SeedScore, StudyCard,
    StudyNews, StudyPlan, StudyRecord, StudyReport, StudyVerdict, StudyWish, VarianceReport, conduct, delete_study,
    draft_study, ensemble, is_study, new_study_folder, outline_study, plan_study, read_study, run_path, studies,
    study_folder, study_report, write_report, write_tasks,
};
pub use threshold::{set_threshold, threshold};
pub use workspace::{set_workspace, workspace};
