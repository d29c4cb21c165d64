//! What an answer rests on: the words that raise it, and the training examples that are most like the text.

use crate::answers::example_of;
use crate::jobs::{Jobs, parts};
use crate::record::read_run;
use crate::runs::texts_of;
use crate::{StudioError, run_folder};
use corpus::{AnswerForm, Example, Gold, Span, tags_of};
use finetune::{Control, Predictor, Target};
use random::{Purpose, Stream};
use serde::{Deserialize, Serialize};
use specta::Type;

/// How much a stretch of the text speaks for the answer (above 0) or against it, as a part of the logit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Evidenced {
    pub in_pair: bool,
    /// Characters, the end excluded.
    pub start: usize,
    pub end: usize,
    pub value: f64,
}

/// Integrated gradients of one answer (Sundararajan, Taly and Yan 2017).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Explained {
    /// The answer that is explained: a label, a tag, or `score`.
    pub answer: String,
    pub pieces: Vec<Evidenced>,
    /// The logit of the answer for this text, and for a text of the same length without any word.
    pub logit: f64,
    pub baseline: f64,
    /// What special tokens contribute.
    pub special: f64,
    /// How far the parts miss the difference of the two, as a share of it.
    pub error: f64,
}

/// A training example that is like a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct NearExample {
    pub id: String,
    pub text: String,
    pub pair: Option<String>,
    /// Its gold answer in words.
    pub gold: String,
    /// Cosine of the two vectors.
    pub likeness: f64,
}

/// What is explained of an answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Asked {
    /// A label; without one the predicted one.
    pub label: Option<String>,
    /// Where entities are found: the character at which the entity begins.
    pub start: Option<usize>,
}

/// The training examples that are most like a text, of those that were compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Nearest {
    pub examples: Vec<NearExample>,
    pub compared: usize,
    pub of: usize,
}

/// So many training examples are compared at the most; of more some are drawn.
const COMPARED: usize = 5000;

impl Jobs {
    /// Explains the answer of a run's model to one text.
    pub fn explain(
        &self,
        id: &str,
        text: String,
        pair: Option<String>,
        asked: Asked,
    ) -> Result<Explained, StudioError> {
        let run = run_folder(id)?;
        self.ask(move |desk| {
            let predictor = desk.predictor(&run)?;
            let example = example_of(predictor, &text, pair.as_deref())?;
            explain(predictor, &example, &asked)
        })
    }

    /// The training examples of a run that its model finds most like a text. `tell` hears how many are compared and may end it with
    /// `false`.
    pub fn nearest(
        &self,
        id: &str,
        text: String,
        pair: Option<String>,
        count: usize,
        tell: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Nearest, StudioError> {
        let run = run_folder(id)?;
        let dataset = texts_of(&read_run(&run)?)?;
        let mut train = dataset.train;
        let of = train.len();
        if of > COMPARED {
            Stream::new(0, Purpose::Order, [3, 0]).shuffle(&mut train);
            train.truncate(COMPARED);
        }
        let (labels, model) = (dataset.labels, run.clone());
        let own = self.ask(move |desk| {
            let predictor = desk.predictor(&model)?;
            let example = example_of(predictor, &text, pair.as_deref())?;
            Ok(predictor.embed(&[example], &mut |_, _| Control::Continue)?.remove(0))
        })?;
        let mut found: Vec<(f64, usize)> = Vec::with_capacity(train.len());
        for part in parts(&train) {
            let (texts, run) = (part.to_vec(), run.clone());
            let vectors =
                self.ask(move |desk| Ok(desk.predictor(&run)?.embed(&texts, &mut |_, _| Control::Continue)?))?;
            let likeness = |vector: &Vec<f32>| own.iter().zip(vector).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            let first = found.len();
            found.extend(vectors.iter().enumerate().map(|(place, vector)| (likeness(vector), first + place)));
            if !tell(found.len(), train.len()) {
                return Err(corpus::DataError::Cancelled.into());
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let near = |&(likeness, place): &(f64, usize)| {
            let Example { id, text, pair, gold, .. } = train[place].clone();
            NearExample { id, text, pair, gold: said(gold.as_ref(), &labels), likeness }
        };
        Ok(Nearest { examples: found.iter().take(count).map(near).collect(), compared: train.len(), of })
    }
}

fn explain(predictor: &Predictor, example: &Example, asked: &Asked) -> Result<Explained, StudioError> {
    let terms = &predictor.terms;
    let prediction = predictor.predict(std::slice::from_ref(example), &mut |_, _| Control::Continue)?.remove(0);
    let named = asked.label.as_ref().and_then(|name| terms.labels.iter().position(|label| label == name));
    let (target, answer) = match terms.task.form() {
        AnswerForm::Score => (Target::Output(0), "score".to_string()),
        AnswerForm::Class | AnswerForm::Labels => {
            let shares = prediction.probabilities.iter().enumerate();
            let likeliest = shares.max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(label, _)| label);
            let label = named.or(prediction.class).unwrap_or(likeliest);
            (Target::Output(label), terms.labels[label].clone())
        }
        AnswerForm::Spans => {
            let own = prediction.entities.iter().find(|span| asked.start.is_none_or(|start| span.start == start));
            let span = own.ok_or(StudioError::NothingToExplain)?;
            let spans = [Span { start: span.start, end: span.end, label: span.label }];
            let tags = tags_of(terms.task, &example.words, &spans);
            let word =
                example.words.iter().position(|word| word.end > span.start).ok_or(StudioError::NothingToExplain)?;
            (Target::Word { word, tag: tags[word] }, terms.labels[span.label].clone())
        }
    };
    let found = predictor.explain(example, target)?;
    let piece = |own: finetune::Attribution| Evidenced {
        in_pair: own.in_pair,
        start: own.start,
        end: own.end,
        value: own.value,
    };
    Ok(Explained {
        answer,
        pieces: found.attributions.into_iter().map(piece).collect(),
        logit: found.logit,
        baseline: found.baseline,
        special: found.special,
        error: found.error,
    })
}

/// A gold answer in words.
fn said(gold: Option<&Gold>, labels: &[String]) -> String {
    let name = |label: &usize| labels[*label].clone();
    match gold {
        None => String::new(),
        Some(Gold::Class(class)) => name(class),
        Some(Gold::Labels(set)) => set.iter().map(name).collect::<Vec<_>>().join(", "),
        Some(Gold::Score(score)) => score.to_string(),
        Some(Gold::Entities(spans)) => {
            let mut names: Vec<String> = spans.iter().map(|span| name(&span.label)).collect();
            names.dedup();
            names.join(", ")
        }
    }
}
