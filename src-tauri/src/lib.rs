//! The desktop shell: it opens the window and hands the page's calls to `studio`. No logic lives here.

pub mod commands;
mod dialogs;
mod shell;

use std::process::ExitCode;
use std::sync::Arc;

use commands::app::Notice;
use commands::{app, data, jobs, model, projects, results, studies};
use shell::Shell;
use tauri::{DragDropEvent, Manager, Window, WindowEvent, Wry};
use tauri_specta::{Builder, collect_commands};

/// Every call the page can make, with its types: what `ui/src/lib/bindings.ts` is written from.
pub fn calls() -> Builder<Wry> {
    // Sizes and counts stay far below 2^53.
    Builder::new().dangerously_cast_bigints_to_number().disable_serde_phases().commands(collect_commands![
        app::about,
        app::watch,
        app::draft,
        app::keep_draft,
        app::pick,
        app::show_place,
        app::devices,
        app::check_device,
        app::set_workspace,
        app::set_zoom,
        app::diagnostics,
        app::leave,
        data::data_open,
        data::data_read,
        data::data_cancel,
        data::data_rows,
        data::data_issues,
        data::data_issues_save,
        data::data_hygiene,
        data::data_fit,
        data::data_lengths,
        model::encoders,
        model::add_encoder,
        model::remove_encoder,
        model::propose,
        model::estimate,
        jobs::start,
        jobs::start_sample,
        jobs::pause,
        jobs::resume,
        jobs::stop,
        jobs::discard,
        studies::start_study,
        studies::outline_study,
        studies::studies,
        studies::study_report,
        studies::export_study,
        studies::ensemble_study,
        results::runs,
        results::run_details,
        results::run_examples,
        results::run_threshold,
        results::run_pairs,
        results::compare_runs,
        results::delete_run,
        results::forget_texts,
        results::predict_text,
        results::predict_file,
        results::cancel_work,
        results::labellings,
        results::forget_labelling,
        results::model_card,
        results::export_run,
        results::export_onnx,
        results::import_run,
        results::explain_text,
        results::nearest_texts,
        projects::projects,
        projects::create_project,
        projects::delete_project,
        projects::project_facts,
        projects::project_annotator,
        projects::project_import,
        projects::project_imports,
        projects::project_remove_import,
        projects::project_remove_document,
        projects::project_history,
        projects::project_documents,
        projects::project_document,
        projects::project_next,
        projects::project_act,
        projects::project_turn_back,
        projects::add_label,
        projects::change_label,
        projects::remove_label,
        projects::export_project,
        projects::project_learning,
        projects::project_retrain,
        projects::project_suggest,
        projects::project_suggest_for,
        projects::project_cold_start,
        projects::project_reorder,
        projects::project_precision,
        projects::project_agreement,
        projects::project_settle,
        projects::project_differences,
    ])
}

/// Opens the window and runs until it is closed.
pub fn main() -> ExitCode {
    let outcome = tauri::Builder::default()
        .manage(Arc::new(Shell::open()))
        .invoke_handler(calls().invoke_handler())
        .on_window_event(around)
        .run(tauri::generate_context!());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "Ballast cannot open its window: {error}. The `ballast` command does the same jobs in a terminal."
            );
            ExitCode::FAILURE
        }
    }
}

/// What happens around the window: it is asked to close, or files are dragged over it.
fn around(window: &Window, event: &WindowEvent) {
    let shell = window.state::<Arc<Shell>>();
    match event {
        WindowEvent::CloseRequested { api, .. } if shell.is_busy() => {
            api.prevent_close();
            shell.tell(Notice::Closing);
        }
        WindowEvent::DragDrop(DragDropEvent::Enter { .. }) => shell.tell(Notice::Hovering { over: true }),
        WindowEvent::DragDrop(DragDropEvent::Leave) => shell.tell(Notice::Hovering { over: false }),
        WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) => {
            let paths = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
            shell.tell(Notice::Dropped { paths });
        }
        _ => {}
    }
}
