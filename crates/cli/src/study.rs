//! `ballast study`: many runs, one report.

use crate::print::{self, note, say};
use crate::progress::Progress;
use crate::{Failure, checking, control, show, stop_signal};
use finetune::TrainError;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use studio::{DataRequest, StudioError, StudyNews, StudyWish};

/// Plans a study, and carries it out unless only the plan is wanted.
pub fn study(
    json: bool,
    data: &DataRequest,
    wish: &StudyWish,
    out: Option<PathBuf>,
    plan_only: Option<PathBuf>,
) -> Result<(), Failure> {
    let dataset = corpus::load(&studio::data_path(&data.data)?, &data.options).map_err(StudioError::from)?;
    let folder = match plan_only.clone().or(out) {
        Some(folder) => folder,
        None => studio::new_study_folder(dataset.task)?,
    };
    let plan = studio::plan_study(&dataset, data, wish, &folder)?;
    let runs = plan.runs().len();
    if plan_only.is_some() {
        let [tasks, array] = studio::write_tasks(&folder)?;
        show(json, &json!({ "runs": runs, "tasks": tasks, "array": array }), || {
            say(format!("{runs} runs are planned in {}", folder.display()));
            say(format!("submit them from there with: sbatch {}", array.file_name().unwrap_or_default().display()));
            say(format!("gather what has ended with: ballast study --collect {}", folder.display()));
        });
        return Ok(());
    }
    if !json {
        note(format!("study: {runs} runs in {}", folder.display()));
    }
    conduct(json, &folder, Some(Arc::new(dataset)))
}

pub fn go_on(json: bool, folder: &Path) -> Result<(), Failure> {
    conduct(json, folder, None)
}

fn conduct(json: bool, folder: &Path, dataset: Option<Arc<corpus::Dataset>>) -> Result<(), Failure> {
    let plan = studio::read_study(folder)?.plan;
    let stop = stop_signal();
    let mut progress = Progress::new(json);
    let (began, mut first) = (Instant::now(), None);
    let ended = studio::conduct(folder, dataset, &mut checking(json), &mut |news| {
        match news {
            StudyNews::Run { spec, place, of } if json => {
                note(json!({ "event": "run", "run": spec.name, "place": place, "of": of }));
            }
            StudyNews::Run { spec, place, of } => {
                let first = *first.get_or_insert(place);
                let arm = &plan.arms[spec.arm].name;
                let fold = spec.fold.map_or(String::new(), |fold| format!(", fold {fold}"));
                let left = (place > first).then(|| {
                    let each = began.elapsed().as_secs_f64() / (place - first) as f64;
                    format!("; about {} left", crate::progress::duration(each * (of - place) as f64))
                });
                note(format!(
                    "\nrun {} of {of}: {arm}, seed {}{fold}{}",
                    place + 1,
                    spec.seed,
                    left.unwrap_or_default()
                ));
                progress = Progress::new(false);
            }
            StudyNews::Event(event) => progress.show(event),
            StudyNews::Over { spec, problem: Some(problem) } => {
                note(format!("{} broke off: {}", spec.name, problem.message));
            }
            StudyNews::Over { .. } => {}
        }
        control(&stop)
    });
    match ended {
        Ok(()) => collect(json, folder),
        Err(StudioError::Train(TrainError::Paused)) => {
            collect(json, folder)?;
            note(format!("go on with: ballast resume {}", folder.display()));
            Err(Failure::Stopped)
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes the report of what has ended, and shows it.
pub fn collect(json: bool, folder: &Path) -> Result<(), Failure> {
    let files = studio::write_report(folder, folder)?;
    let report = studio::study_report(folder)?;
    show(json, &json!(report), || {
        print::study(&report);
        say("");
        say(format!("{} are in {}", files.join(", "), folder.display()));
    });
    Ok(())
}
