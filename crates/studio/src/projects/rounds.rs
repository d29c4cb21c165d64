//! Rounds of training on what has been labelled: its data, its model's suggestions, and when more labels stop paying.

use super::ask::example;
use super::give::lines;
use super::{open_project, project_folder};
use crate::forms::{Form, write_documents};
use crate::history::runs;
use crate::jobs::{Jobs, ensemble_name};
use crate::look::{DataRequest, OpenData};
use crate::record::{model_folder, read_run};
use crate::study::{StudyRecord, StudyWish, read_study, study_folder, study_folders};
use crate::workspace::{create, write_file};
use crate::{StudioError, Wish, run_folder};
use corpus::{AnswerForm, Example, Gold, Options, Span, Split, Task};
use finetune::{Choices, Preset};
use labelling::{Labelled, NewDocument, Project, Round};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashSet;
use std::path::Path;
use std::sync::PoisonError;

/// Fewer labelled texts are no data: dev and test are drawn from them, too.
const FEWEST: usize = 12;

/// How a model is to be trained on a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Retrain {
    /// A name in the library, or `starter`.
    pub encoder: String,
    /// Go on from the last round's model rather than from the encoder.
    pub from_last: bool,
    /// Of several seeds an ensemble is made, the members of which can disagree.
    pub seeds: usize,
    pub choices: Choices,
    pub device: Option<String>,
}

/// What a project's rounds say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Learning {
    pub rounds: Vec<Round>,
    pub hint: Option<StopHint>,
    /// Whether the last round's model is an ensemble, of which the members can disagree.
    pub ensemble: bool,
}

/// Why more labels may not pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum StopHint {
    /// The model's mean confidence in what is not labelled has stopped rising (Vlachos 2008).
    ConfidenceAtItsPeak,
    /// And it is sure of nearly everything (Zhu et al. 2010, overall uncertainty).
    SureOfNearlyAll,
}

/// Confidence rises by less than this from round to round once it is at its peak.
const STILL: f64 = 0.005;

/// Mean confidence from which on a model counts as sure of nearly everything.
const SURE: f64 = 0.98;

/// A model learns little from few steps: epochs follow each other until there are so many, within limits.
const STEPS: usize = 400;
const BATCH: usize = 8;

impl Retrain {
    /// What the user left open is as few texts want it: small batches, many epochs.
    fn wish(&self, rounds: &[Round], texts: usize) -> Wish {
        let mut choices = self.choices.clone();
        if choices.presets.is_empty() {
            choices.presets = vec![Preset::Standard];
        }
        let batch = *choices.batch_size.get_or_insert(BATCH);
        choices.epochs.get_or_insert((STEPS * batch).div_ceil(texts.max(1)).clamp(10, 100));
        choices.learning_rate.get_or_insert(5e-5);
        let last = rounds.iter().rev().find_map(|round| model_folder(Path::new(&round.run)).ok());
        let encoder = last.filter(|_| self.from_last).map(|folder| folder.display().to_string());
        choices.keep_head.get_or_insert(encoder.is_some());
        Wish { encoder: encoder.unwrap_or_else(|| self.encoder.clone()), choices, device: self.device.clone() }
    }
}

/// Writes what an annotator has done as data to train on, into the project's folder: new files for each state, so that a run
/// finds its data unchanged. What a text was used for once, training, dev or test, it is used for ever after. Answers with how
/// many texts that are as well.
fn training_data(id: &str, annotator: u32) -> Result<(DataRequest, usize), StudioError> {
    let mut project = open_project(id)?;
    let task = project.task()?;
    let all = project.labelled(annotator)?;
    let documents = || all.iter().map(|own| &own.document);
    let labels: HashSet<&String> = documents().flat_map(|document| &document.labels).collect();
    if all.len() < FEWEST || (task.form() == AnswerForm::Class && task != Task::Relation && labels.len() < 2) {
        return Err(StudioError::TooFewLabelled { done: all.len(), needed: FEWEST });
    }
    let splits = splits(&mut project, &all)?;
    let folder = project_folder(id)?.join("data").join(format!("{}-{}{TEXTS}", crate::workspace::stamp(), all.len()));
    create(&folder)?;
    for (split, stem) in [(Split::Train, "train"), (Split::Dev, "dev"), (Split::Test, "test")] {
        let own: Vec<&NewDocument> =
            documents().zip(&splits).filter(|(_, home)| **home == split).map(|(own, _)| own).collect();
        if own.is_empty() {
            continue;
        }
        if task == Task::Relation {
            let documents: Vec<corpus::Document> = own.into_iter().map(super::give::document).collect();
            write_documents(Form::BiocJson, &folder.join(format!("{stem}.json")), &documents)?;
        } else {
            write_file(&folder.join(format!("{stem}.jsonl")), lines(task.form(), own).as_bytes())?;
        }
    }
    let plain = Options { task: Some(task), ..Options::default() };
    let answer = if task.form() == AnswerForm::Score { "score" } else { "label" };
    let options = match task {
        Task::Relation => plain,
        _ => Options {
            text: Some("text".into()),
            id: Some("id".into()),
            pair: documents().any(|document| document.pair.is_some()).then(|| "pair".into()),
            group: documents().any(|document| document.patient.is_some()).then(|| "patient".into()),
            label: (!task.labels_words()).then(|| answer.into()),
            ..plain
        },
    };
    Ok((DataRequest { data: folder.display().to_string(), options }, all.len()))
}

/// The end of the name of a folder of training data, after the number of texts.
const TEXTS: &str = "-texts";

/// How many texts the training data in a folder were written from.
fn texts_in(data: &Path) -> Option<u32> {
    data.file_name()?.to_str()?.strip_suffix(TEXTS)?.rsplit('-').next()?.parse().ok()
}

/// For which split each labelled document stands: as it did before, or drawn where it is new.
fn splits(project: &mut Project, all: &[Labelled]) -> Result<Vec<Split>, StudioError> {
    let task = project.task()?;
    let names: Vec<String> = project.labels()?.into_iter().map(|label| label.name).collect();
    let place = |name: &String| names.iter().position(|own| own == name);
    let gold = |own: &NewDocument| match task.form() {
        AnswerForm::Class => own.labels.first().and_then(place).map(Gold::Class),
        AnswerForm::Labels => Some(Gold::Labels(own.labels.iter().filter_map(place).collect())),
        AnswerForm::Score => own.score.map(Gold::Score),
        AnswerForm::Spans => {
            let span =
                |span: &labelling::NewSpan| Some(Span { start: span.start, end: span.end, label: place(&span.label)? });
            Some(Gold::Entities(own.spans.iter().filter_map(span).collect()))
        }
    };
    let examples: Vec<Example> =
        all.iter().map(|own| Example { gold: gold(&own.document), ..example(own, task) }).collect();
    let kept = project.parts()?;
    let known: Vec<Option<Split>> = all.iter().map(|own| kept.get(&own.id).copied()).collect();
    let Options { dev_share, test_share, seed, .. } = Options::default();
    let splits = corpus::split::grow(&examples, &known, [dev_share, test_share], seed);
    let parts: Vec<(u32, Split)> = all.iter().map(|own| own.id).zip(splits.iter().copied()).collect();
    project.put_parts(&parts)?;
    Ok(splits)
}

/// The same without making anything of studies.
fn settle_rounds(id: &str) -> Result<Vec<Round>, StudioError> {
    let mut project = open_project(id)?;
    let data = project_folder(id)?.join("data");
    let known: HashSet<String> = project.rounds()?.into_iter().map(|round| round.run).collect();
    let mut cards = runs()?;
    cards.reverse();
    let records = cards.into_iter().filter(|card| card.score.is_some()).filter_map(|card| {
        let run = run_folder(&card.id).ok()?;
        let record = read_run(&run).ok().filter(|record| record.dataset.data.parent() == Some(data.as_path()))?;
        Some((run, record, card.score))
    });
    let found: Vec<_> = records.collect();
    // Runs that answer together are one round.
    let gathered: HashSet<&String> = found
        .iter()
        .filter(|(_, run, _)| !run.members.is_empty())
        .filter_map(|(_, run, _)| run.study.as_ref())
        .collect();
    for (run, record, score) in &found {
        let name = run.display().to_string();
        let waits = record.members.is_empty()
            && record.study.as_ref().is_some_and(|study| gathered.contains(study) || !has_ended(study));
        if !waits && !known.contains(&name) {
            let examples = record.dataset.train + record.dataset.dev + record.dataset.test;
            let labelled = texts_in(&record.dataset.data).unwrap_or(examples as u32);
            project.add_round(&name, labelled, score.as_ref().and_then(|score| score.dev))?;
        }
    }
    Ok(project.rounds()?)
}

/// Whether a study is over, or gone.
fn has_ended(study: &str) -> bool {
    study_folder(study).and_then(|folder| read_study(&folder)).map_or(true, |record| record.ended.is_some())
}

/// The last round whose run has not been deleted.
pub(super) fn last_with_model(rounds: &[Round]) -> Option<&Round> {
    rounds.iter().rev().find(|round| read_run(Path::new(&round.run)).is_ok())
}

fn hint(rounds: &[Round]) -> Option<StopHint> {
    let confidences: Vec<f64> = rounds.iter().filter_map(|round| round.confidence).collect();
    let [.., first, second, third] = confidences[..] else { return None };
    if second - first >= STILL || third - second >= STILL {
        return None;
    }
    Some(if third >= SURE { StopHint::SureOfNearlyAll } else { StopHint::ConfidenceAtItsPeak })
}

impl Jobs {
    /// Puts a run on what an annotator has done in the queue, or a study of several seeds, and answers with its id.
    pub fn retrain(&self, id: &str, annotator: u32, retrain: &Retrain) -> Result<String, StudioError> {
        let rounds = self.rounds(id)?;
        let (data, texts) = training_data(id, annotator)?;
        let wish = retrain.wish(&rounds, texts);
        // What the user has open stays open.
        let open = OpenData::default();
        if retrain.seeds < 2 {
            return self.start(&open, data, wish);
        }
        let Wish { encoder, choices, device } = wish;
        let presets = vec![choices.presets.clone()];
        let (encoders, seeds) = (vec![encoder], retrain.seeds);
        let study = StudyWish { encoders, presets, choices, seeds, order_seeds: 1, folds: None, search: false, device };
        self.start_study(&open, data, study)
    }

    /// The rounds of a project, and whether more labels still pay.
    pub fn learning(&self, id: &str) -> Result<Learning, StudioError> {
        let rounds = self.rounds(id)?;
        let hint = hint(&rounds);
        let last = last_with_model(&rounds).and_then(|round| read_run(Path::new(&round.run)).ok());
        Ok(Learning { rounds, hint, ensemble: last.is_some_and(|run| !run.members.is_empty()) })
    }

    /// Takes the ended runs that learnt from a project's data into its rounds, of a study all of them as one. Answers with all
    /// rounds.
    pub(super) fn rounds(&self, id: &str) -> Result<Vec<Round>, StudioError> {
        let _alone = self.gathering.lock().unwrap_or_else(PoisonError::into_inner);
        let data = project_folder(id)?.join("data");
        for folder in study_folders()? {
            let Ok(StudyRecord { plan, ended: Some(_), .. }) = read_study(&folder) else { continue };
            let study = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let own = Path::new(&plan.data).parent() == Some(data.as_path());
            for arm in plan.arms.iter().filter(|_| own) {
                if run_folder(&ensemble_name(&study, &arm.name))?.exists() {
                    continue;
                }
                match self.ensemble(&study, &arm.name) {
                    // Too many of its runs have failed.
                    Ok(_) | Err(StudioError::EnsembleTooSmall { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        settle_rounds(id)
    }
}

#[cfg(test)]
mod tests {
    use super::{StopHint, hint};
    use labelling::Round;

    #[test]
    fn labels_stop_paying_when_confidence_stops_rising() {
        let rounds = |confidences: &[f64]| -> Vec<Round> {
            let round = |&confidence: &f64| Round {
                id: 1,
                run: String::new(),
                labelled: 10,
                score: None,
                confidence: Some(confidence),
                at: String::new(),
            };
            confidences.iter().map(round).collect()
        };
        assert_eq!(hint(&rounds(&[0.8, 0.8])), None, "two rounds say little");
        assert_eq!(hint(&rounds(&[0.6, 0.7, 0.8])), None);
        assert_eq!(hint(&rounds(&[0.8, 0.8, 0.9])), None);
        assert_eq!(hint(&rounds(&[0.6, 0.9, 0.902, 0.9])), Some(StopHint::ConfidenceAtItsPeak));
        assert_eq!(hint(&rounds(&[0.989, 0.99, 0.99])), Some(StopHint::SureOfNearlyAll));
    }
}
