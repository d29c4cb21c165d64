//! Rounds of training on what has been labelled: its data, its model's suggestions, and when more labels stop paying.

use super::give::lines;
use super::{open_project, project_folder};
use crate::forms::{Form, write_documents};
use crate::history::runs;
use crate::jobs::{Desk, Jobs};
use crate::look::{DataRequest, OpenData};
use crate::record::{model_folder, read_run};
use crate::workspace::{create, write_file};
use crate::{StudioError, Wish, run_folder};
use corpus::{AnswerForm, Example, Gold, Options, Span, Split, Task, words_of};
use finetune::{Choices, Control, Doubt, Prediction, Preset};
use labelling::{Labelled, ModelAnswer, NewDocument, Project, Round, Strategy, SuggestedSpan};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Fewer labelled texts are no data: dev and test are drawn from them, too.
const FEWEST: usize = 12;

/// How a model is to be trained on a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Retrain {
    /// A name in the library, or `starter`.
    pub encoder: String,
    /// Go on from the last round's model rather than from the encoder.
    pub from_last: bool,
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

/// Takes the ended runs that learnt from a project's data into its rounds. Answers with all rounds.
pub fn settle_rounds(id: &str) -> Result<Vec<Round>, StudioError> {
    let mut project = open_project(id)?;
    let data = project_folder(id)?.join("data");
    let known: HashSet<String> = project.rounds()?.into_iter().map(|round| round.run).collect();
    let mut cards = runs()?;
    cards.reverse();
    for card in cards.into_iter().filter(|card| card.score.is_some()) {
        let run = run_folder(&card.id)?;
        let Ok(record) = read_run(&run) else { continue };
        let name = run.display().to_string();
        if record.dataset.data.parent() == Some(data.as_path()) && !known.contains(&name) {
            let examples = record.dataset.train + record.dataset.dev + record.dataset.test;
            let labelled = texts_in(&record.dataset.data).unwrap_or(examples as u32);
            project.add_round(&name, labelled, card.score.and_then(|score| score.dev))?;
        }
    }
    Ok(project.rounds()?)
}

/// The rounds of a project, and whether more labels still pay.
pub fn learning(id: &str) -> Result<Learning, StudioError> {
    let rounds = settle_rounds(id)?;
    let hint = hint(&rounds);
    let last = last_with_model(&rounds).and_then(|round| read_run(Path::new(&round.run)).ok());
    Ok(Learning { rounds, hint, ensemble: last.is_some_and(|run| !run.members.is_empty()) })
}

/// The last round whose run has not been deleted.
fn last_with_model(rounds: &[Round]) -> Option<&Round> {
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
    /// Puts a run on what an annotator has done in the queue and answers with its id.
    pub fn retrain(&self, id: &str, annotator: u32, retrain: &Retrain) -> Result<String, StudioError> {
        let rounds = settle_rounds(id)?;
        let (data, texts) = training_data(id, annotator)?;
        // What the user has open stays open.
        self.start(&OpenData::default(), data, retrain.wish(&rounds, texts))
    }

    /// Has the last round's model look at up to `most` texts that nobody has done: what it suggests and how sure it is goes into
    /// the project, and the queue is put in the order of `strategy`. `tell` hears how many texts are done and may stop it with
    /// `false`; what has been suggested by then stays, and so does the order of the queue. Answers with whether it came to its
    /// end.
    pub fn suggest(
        &self,
        id: &str,
        most: usize,
        strategy: Strategy,
        seed: u64,
        tell: &dyn Fn(usize, usize) -> bool,
    ) -> Result<bool, StudioError> {
        let rounds = settle_rounds(id)?;
        let mut project = open_project(id)?;
        let Some(round) = last_with_model(&rounds) else { return Err(StudioError::NoRound) };
        let run = PathBuf::from(&round.run);
        let model = run.clone();
        let (task, labels) = self.ask(move |desk| {
            let predictor = desk.predictor(&model)?;
            Ok((predictor.terms.task, predictor.terms.labels.clone()))
        })?;
        // Whoever is asked again draws other texts than the round before.
        let open = project.documents_to_ask(false, most, seed + u64::from(round.id))?;
        let known = if strategy.needs_embeddings() { project.documents_to_ask(true, KNOWN, seed)? } else { Vec::new() };
        let examples: Vec<Example> = open.iter().map(|own| example(own, task)).collect();
        let all = examples.len() + known.len();
        project.forget_looks()?;
        let (mut done, mut sure) = (0, Vec::new());
        for part in crate::jobs::parts(&examples) {
            let (texts, run) = (part.to_vec(), run.clone());
            let answered = self.ask(move |desk| {
                let predictor = desk.predictor(&run)?;
                let mut go_on = |_, _| Control::Continue;
                let said = predictor.predict_doubting(&texts, &mut go_on)?;
                Ok(said.into_iter().zip(predictor.embed(&texts, &mut go_on)?).collect::<Vec<_>>())
            })?;
            let answers: Vec<ModelAnswer> = open[done..]
                .iter()
                .zip(answered)
                .map(|(own, ((prediction, doubt), vector))| model_answer(own.id, prediction, doubt, vector, &labels))
                .collect();
            sure.extend(answers.iter().map(|answer| answer.doubt.confidence));
            project.suggest(round.id, &answers)?;
            done += part.len();
            if !tell(done, all) {
                return Ok(false);
            }
        }
        // What is labelled already is compared with by vectors of the same model.
        let embed = move |desk: &mut Desk, texts: &[Example]| {
            Ok(desk.predictor(&run)?.embed(texts, &mut |_, _| Control::Continue)?)
        };
        if !self.embed_documents(&mut project, &known, task, embed, &|compared| tell(done + compared, all))? {
            return Ok(false);
        }
        let mean = sure.iter().sum::<f64>() / sure.len().max(1) as f64;
        project.end_round(round.id, Some(mean).filter(|_| task.form() != AnswerForm::Score && !sure.is_empty()))?;
        project.reorder(strategy, seed)?;
        Ok(true)
    }

    /// Makes vectors of the texts by an encoder, before there is a model, and puts first what stands for many others. Answers
    /// with whether it came to its end.
    pub fn cold_start(
        &self,
        id: &str,
        encoder: &str,
        seed: u64,
        tell: &dyn Fn(usize, usize) -> bool,
    ) -> Result<bool, StudioError> {
        let mut project = open_project(id)?;
        let folder = crate::find_encoder(encoder)?.folder;
        let open = project.documents_to_ask(false, COLD, seed)?;
        project.forget_looks()?;
        let embed = move |desk: &mut Desk, texts: &[Example]| {
            Ok(desk.embedder(&folder)?.embed(texts, &mut |_, _| Control::Continue)?)
        };
        if !self.embed_documents(&mut project, &open, Task::Classification, embed, &|done| tell(done, open.len()))? {
            return Ok(false);
        }
        project.reorder(Strategy::Diversity, seed)?;
        Ok(true)
    }

    /// Puts vectors of documents into their project. Answers with whether `tell`, which hears how many are done, let it come to
    /// its end.
    fn embed_documents(
        &self,
        project: &mut Project,
        documents: &[Labelled],
        task: Task,
        embed: impl Fn(&mut Desk, &[Example]) -> Result<Vec<Vec<f32>>, StudioError> + Clone + Send + 'static,
        tell: &dyn Fn(usize) -> bool,
    ) -> Result<bool, StudioError> {
        let examples: Vec<Example> = documents.iter().map(|own| example(own, task)).collect();
        let mut done = 0;
        for part in crate::jobs::parts(&examples) {
            let (texts, embed) = (part.to_vec(), embed.clone());
            let vectors = self.ask(move |desk| embed(desk, &texts))?;
            let named: Vec<(u32, Vec<f32>)> = documents[done..].iter().map(|own| own.id).zip(vectors).collect();
            project.put_embeddings(&named)?;
            done += part.len();
            if !tell(done) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// So many labelled texts are compared with, where likeness counts.
const KNOWN: usize = 1000;

/// So many texts are looked at for a beginning.
const COLD: usize = 2000;

fn example(own: &Labelled, task: Task) -> Example {
    let NewDocument { name, text, pair, patient, .. } = own.document.clone();
    let words = if task.labels_words() { words_of(&text) } else { Vec::new() };
    Example { id: name, text, pair, words, gold: None, group: patient, document: None, line: 0 }
}

fn model_answer(document: u32, said: Prediction, doubt: Doubt, vector: Vec<f32>, labels: &[String]) -> ModelAnswer {
    let span = |span: &finetune::PredictedSpan| SuggestedSpan {
        start: span.start,
        end: span.end,
        label: labels[span.label].clone(),
        confidence: span.confidence.into(),
    };
    let share = |label: usize| f64::from(said.probabilities.get(label).copied().unwrap_or(0.0));
    let holding: Vec<usize> = said.class.into_iter().chain(said.labels.clone().unwrap_or_default()).collect();
    let Doubt { confidence, entropy, margin } = doubt;
    ModelAnswer {
        document,
        spans: said.entities.iter().map(span).collect(),
        labels: holding.into_iter().map(|label| (labels[label].clone(), share(label))).collect(),
        score: said.score,
        doubt: labelling::Doubt { confidence, entropy, margin, disagreement: said.disagreement },
        embedding: Some(vector),
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
