//! What a project's model says of its texts: suggestions, how sure it is of them, and vectors.

use super::rounds::last_with_model;
use super::{give, open_project};
use crate::StudioError;
use crate::jobs::{Desk, Jobs, PART};
use corpus::{AnswerForm, Example, Marking, Task, UNRELATED, candidates, words_of};
use finetune::{Control, Prediction, Predictor, Terms};
use labelling::{Doubt, Labelled, ModelAnswer, NewDocument, Project, Strategy, SuggestedRelation, SuggestedSpan};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// So many labelled texts are compared with, where likeness counts.
const KNOWN: usize = 1000;

/// So many texts are looked at for a beginning.
const COLD: usize = 2000;

/// So many texts are read at a time.
const AT_ONCE: usize = 64;

/// A place in a text, in characters, the end excluded.
type Place = (usize, usize);

/// A text that a model is asked about.
struct Question {
    document: u32,
    text: Example,
    /// Of relations: a sentence for each two entities that may be related, with their places.
    pairs: Vec<(Example, [Place; 2])>,
}

impl Question {
    fn characters(&self) -> usize {
        self.text.text.len() + self.pairs.iter().map(|(sentence, _)| sentence.text.len()).sum::<usize>()
    }
}

impl Jobs {
    /// Has the last round's model look at up to `most` texts that nobody has done: what it suggests and how sure it is goes into
    /// the project, and the queue is put in the order of `strategy`. Of relations it is asked between the entities that are
    /// marked. `tell` hears how many texts are done and may stop it with `false`; what has been suggested by then stays, and so
    /// does the order of the queue. Answers with whether it came to its end.
    pub fn suggest(
        &self,
        id: &str,
        most: usize,
        strategy: Strategy,
        seed: u64,
        tell: &dyn Fn(usize, usize) -> bool,
    ) -> Result<bool, StudioError> {
        let rounds = self.rounds(id)?;
        let mut project = open_project(id)?;
        let Some(round) = last_with_model(&rounds) else { return Err(StudioError::NoRound) };
        let run = PathBuf::from(&round.run);
        let terms = self.terms(&run)?;
        // Whoever is asked again draws other texts than the round before.
        let open = project.documents_to_ask(false, most, seed + u64::from(round.id))?;
        let known = if strategy.needs_embeddings() { project.documents_to_ask(true, KNOWN, seed)? } else { Vec::new() };
        let all = open.len() + known.len();
        project.forget_looks()?;
        let (mut done, mut sure) = (0, Vec::new());
        for some in open.chunks(AT_ONCE) {
            for part in parts(questions(&project, some, &terms, None)?) {
                done += part.len();
                let answers = self.look(&run, part)?;
                sure.extend(answers.iter().filter_map(|answer| Some(answer.doubt?.confidence)));
                project.suggest(round.id, &answers)?;
                if !tell(done, all) {
                    return Ok(false);
                }
            }
        }
        // What is labelled already is compared with by vectors of the same model.
        let embed = move |desk: &mut Desk, texts: &[Example]| {
            Ok(desk.predictor(&run)?.embed(texts, &mut |_, _| Control::Continue)?)
        };
        if !self.embed_documents(&mut project, &known, terms.task, embed, &|compared| tell(done + compared, all))? {
            return Ok(false);
        }
        let mean = sure.iter().sum::<f64>() / sure.len().max(1) as f64;
        let scores = terms.task.form() == AnswerForm::Score;
        project.end_round(round.id, Some(mean).filter(|_| !scores && !sure.is_empty()))?;
        project.reorder(strategy, seed)?;
        Ok(true)
    }

    /// Has the last round's model look at one document as an annotator has it: of relations it depends on the entities that he
    /// has marked. Where there is no model, nothing happens.
    pub fn suggest_for(&self, id: &str, annotator: u32, document: u32) -> Result<(), StudioError> {
        let mut project = open_project(id)?;
        let rounds = project.rounds()?;
        let Some(round) = last_with_model(&rounds) else { return Ok(()) };
        let run = PathBuf::from(&round.run);
        let terms = self.terms(&run)?;
        let asked = questions(&project, &[document], &terms, Some(annotator))?;
        let answers = self.look(&run, asked)?;
        Ok(project.suggest(round.id, &answers)?)
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

    /// What the answers of a run's model mean.
    fn terms(&self, run: &Path) -> Result<Terms, StudioError> {
        let run = run.to_path_buf();
        self.ask(move |desk| Ok(desk.predictor(&run)?.terms.clone()))
    }

    fn look(&self, run: &Path, asked: Vec<Question>) -> Result<Vec<ModelAnswer>, StudioError> {
        let run = run.to_path_buf();
        self.ask(move |desk| answers(desk.predictor(&run)?, asked))
    }

    /// Puts vectors of documents into their project. Answers with whether `tell`, which hears how many are done, let it come to
    /// its end.
    fn embed_documents(
        &self,
        project: &mut Project,
        documents: &[u32],
        task: Task,
        embed: impl Fn(&mut Desk, &[Example]) -> Result<Vec<Vec<f32>>, StudioError> + Clone + Send + 'static,
        tell: &dyn Fn(usize) -> bool,
    ) -> Result<bool, StudioError> {
        let mut done = 0;
        for some in documents.chunks(AT_ONCE) {
            let texts = project.texts(some)?;
            let examples: Vec<Example> = texts.iter().map(|own| example(own, task)).collect();
            let mut ids = texts.iter().map(|own| own.id);
            for part in crate::jobs::parts(&examples) {
                let (texts, embed) = (part.to_vec(), embed.clone());
                let vectors = self.ask(move |desk| embed(desk, &texts))?;
                let named: Vec<(u32, Vec<f32>)> = ids.by_ref().take(part.len()).zip(vectors).collect();
                project.put_embeddings(&named)?;
                done += part.len();
                if !tell(done) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// A document as an example without its answer.
pub(super) fn example(own: &Labelled, task: Task) -> Example {
    let NewDocument { name, text, pair, patient, .. } = own.document.clone();
    let words = if task.labels_words() { words_of(&text) } else { Vec::new() };
    Example { id: name, text, pair, words, gold: None, group: patient, document: None, line: 0 }
}

/// What a model is asked about some documents; of relations, between the entities that an annotator has marked, or anybody.
fn questions(
    project: &Project,
    documents: &[u32],
    terms: &Terms,
    annotator: Option<u32>,
) -> Result<Vec<Question>, StudioError> {
    let relations = terms.task == Task::Relation;
    let signatures: BTreeSet<(String, String)> =
        if relations { project.related_labels()?.into_iter().collect() } else { BTreeSet::new() };
    let mut asked = Vec::with_capacity(documents.len());
    for mut own in project.texts(documents)? {
        let text = example(&own, terms.task);
        let mut pairs = Vec::new();
        if relations {
            own.document.spans = project.marked(own.id, annotator)?;
            let document = give::document(&own.document);
            let place = |id: &String| {
                let range = document.mentions.iter().find(|mention| mention.id == *id)?.hull()?;
                Some((range.start, range.end))
            };
            let (found, _) = candidates(&document, &signatures, terms.marking.unwrap_or(Marking::Dummies));
            pairs.extend(found.iter().filter_map(|one| {
                let [head, tail] = &one.pair;
                let sentence = Example { text: one.text.clone(), ..text.clone() };
                Some((sentence, [place(head)?, place(tail)?]))
            }));
        }
        asked.push(Question { document: own.id, text, pairs });
    }
    Ok(asked)
}

/// Divides questions so that each part is a short piece of work.
fn parts(questions: Vec<Question>) -> Vec<Vec<Question>> {
    let mut parts: Vec<Vec<Question>> = Vec::new();
    let mut room = 0;
    for question in questions {
        let own = question.characters();
        match parts.last_mut() {
            Some(part) if own <= room => {
                part.push(question);
                room -= own;
            }
            _ => {
                parts.push(vec![question]);
                room = PART.saturating_sub(own);
            }
        }
    }
    parts
}

fn answers(predictor: &Predictor, asked: Vec<Question>) -> Result<Vec<ModelAnswer>, StudioError> {
    let terms = &predictor.terms;
    let mut go_on = |_, _| Control::Continue;
    let texts: Vec<Example> = asked.iter().map(|question| question.text.clone()).collect();
    let vectors = predictor.embed(&texts, &mut go_on)?;
    let sentences: Vec<Example> = match terms.task {
        Task::Relation => asked.iter().flat_map(|question| &question.pairs).map(|(own, _)| own.clone()).collect(),
        _ => texts,
    };
    // A model is not asked about nothing.
    let said = if sentences.is_empty() { Vec::new() } else { predictor.predict_doubting(&sentences, &mut go_on)? };
    let mut said = said.into_iter();
    let mut all = Vec::with_capacity(asked.len());
    for (question, vector) in asked.into_iter().zip(vectors) {
        let count = if terms.task == Task::Relation { question.pairs.len() } else { 1 };
        let own: Vec<(Prediction, finetune::Doubt)> = said.by_ref().take(count).collect();
        all.push(answer(question, &own, vector, terms));
    }
    Ok(all)
}

/// What was said of a text, or of each of its pairs.
fn answer(asked: Question, said: &[(Prediction, finetune::Doubt)], vector: Vec<f32>, terms: &Terms) -> ModelAnswer {
    let mut answer = ModelAnswer {
        document: asked.document,
        spans: Vec::new(),
        relations: Vec::new(),
        labels: Vec::new(),
        score: None,
        doubt: doubt_of(said),
        embedding: Some(vector),
    };
    let name = |label: usize| terms.labels[label].clone();
    let share = |said: &Prediction, label: usize| f64::from(said.probabilities.get(label).copied().unwrap_or(0.0));
    if terms.task == Task::Relation {
        for ((said, _), (_, [head, tail])) in said.iter().zip(asked.pairs) {
            let class = said.class.filter(|&class| Some(class) != terms.negative && terms.labels[class] != UNRELATED);
            answer.relations.extend(class.map(|class| SuggestedRelation {
                head,
                tail,
                label: name(class),
                confidence: share(said, class),
            }));
        }
        return answer;
    }
    let span = |span: &finetune::PredictedSpan| SuggestedSpan {
        start: span.start,
        end: span.end,
        label: name(span.label),
        confidence: span.confidence.into(),
    };
    for (said, _) in said {
        answer.spans.extend(said.entities.iter().map(span));
        let holding = said.class.into_iter().chain(said.labels.iter().flatten().copied());
        answer.labels.extend(holding.map(|label| (name(label), share(said, label))));
        answer.score = said.score;
    }
    answer
}

/// How unsure the model is of a text; of its pairs as of the words of one (see [`Doubt`]).
fn doubt_of(said: &[(Prediction, finetune::Doubt)]) -> Option<Doubt> {
    let count = said.len() as f64;
    let mean = |of: &dyn Fn(&finetune::Doubt) -> f64| said.iter().map(|(_, doubt)| of(doubt)).sum::<f64>() / count;
    (!said.is_empty()).then(|| Doubt {
        confidence: mean(&|doubt| doubt.confidence.max(f64::MIN_POSITIVE).ln()).exp(),
        entropy: mean(&|doubt| doubt.entropy),
        margin: said.iter().map(|(_, doubt)| doubt.margin).fold(1.0, f64::min),
        disagreement: said.iter().filter_map(|(said, _)| said.disagreement).reduce(f64::max),
    })
}
