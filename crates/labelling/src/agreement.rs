//! Two annotators on the same documents: how far they agree, and where not.

use crate::settle::disputes;
use crate::{LabelKind, NewDocument, NewSpan, Project, Result};
use corpus::{AnswerForm, Task, words_of};
use metrics::{Difference, Entity, cohens_kappa, krippendorffs_alpha};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{BTreeSet, HashMap, HashSet};

/// How far two annotators agree on what both have done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Agreement {
    /// Documents that both have done.
    pub documents: usize,
    /// Cohen's kappa: of classes by document, of entities by word, of label sets by label and document.
    pub kappa: Option<f64>,
    /// Krippendorff's alpha of the same; of scores as numbers.
    pub alpha: Option<f64>,
    /// Entities: F1 of the one against the other, exact (Hripcsak and Rothschild 2005).
    pub f1: Option<f64>,
    /// And where boundaries may differ.
    pub partial_f1: Option<f64>,
    /// Relations: F1 of the one against the other, where both entities, their labels and the relation's are the same. `None` where
    /// neither has any.
    pub relation_f1: Option<f64>,
    /// The documents on which they differ, those with most differences first.
    pub differing: Vec<Disagreeing>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Disagreeing {
    pub document: u32,
    pub name: String,
    /// Places at which they differ.
    pub differences: usize,
    /// Whether the one who settles what they differ on has done it.
    pub settled: bool,
}

impl Project {
    /// `settler` is the annotator, where there is one, under whose name the two settle what they differ on.
    pub fn agreement(&self, first: u32, second: u32, settler: Option<u32>) -> Result<Agreement> {
        let span_labels: Vec<String> =
            self.labels()?.into_iter().filter(|label| label.kind == LabelKind::Span).map(|label| label.name).collect();
        let (task, own, others) = (self.task()?, self.labelled(first)?, self.labelled(second)?);
        let by_id: HashMap<u32, &NewDocument> = others.iter().map(|other| (other.id, &other.document)).collect();
        let pairs: Vec<(u32, &NewDocument, &NewDocument)> =
            own.iter().filter_map(|own| Some((own.id, &own.document, *by_id.get(&own.id)?))).collect();
        let settled = settler.map_or(Ok(BTreeSet::new()), |settler| self.done_by(settler))?;
        let mut found = agreement(task, &span_labels, &pairs);
        for (document, own, _) in pairs {
            let differences = disputes(&self.connection, task, document, first, second).map_err(self.database())?.len();
            if differences > 0 {
                let (name, settled) = (own.name.clone(), settled.contains(&document));
                found.differing.push(Disagreeing { document, name, differences, settled });
            }
        }
        found.differing.sort_by_key(|one| std::cmp::Reverse(one.differences));
        Ok(found)
    }

    fn done_by(&self, annotator: u32) -> Result<BTreeSet<u32>> {
        let failed = self.database();
        let mut rows = self
            .connection
            .prepare_cached("SELECT document FROM answers WHERE annotator = ?1 AND done = 1")
            .map_err(&failed)?;
        rows.query_map([annotator], |row| row.get(0)).and_then(Iterator::collect).map_err(failed)
    }
}

/// What is decided on a text of a task: for relations the entities and what joins them.
pub fn form_of(task: Task) -> AnswerForm {
    if task == Task::Relation { AnswerForm::Spans } else { task.form() }
}

/// How far two annotators agree on these documents; where not is left open.
fn agreement(task: Task, span_labels: &[String], pairs: &[(u32, &NewDocument, &NewDocument)]) -> Agreement {
    let documents = pairs.len();
    let mut found = Agreement {
        documents,
        kappa: None,
        alpha: None,
        f1: None,
        partial_f1: None,
        relation_f1: None,
        differing: vec![],
    };
    let form = form_of(task);
    if form == AnswerForm::Score {
        let units: Vec<Vec<f64>> = pairs.iter().map(|(_, a, b)| a.score.into_iter().chain(b.score).collect()).collect();
        found.alpha = krippendorffs_alpha(&units, Difference::Interval);
        return found;
    }
    let (own, others) = decisions(form, span_labels, pairs);
    found.kappa = cohens_kappa(&own, &others);
    let units: Vec<Vec<f64>> = own.iter().zip(&others).map(|(a, b)| vec![*a as f64, *b as f64]).collect();
    found.alpha = krippendorffs_alpha(&units, Difference::Nominal);
    if form == AnswerForm::Spans && !pairs.is_empty() {
        let of = |document: &NewDocument| entities_of(document, span_labels);
        let gold: Vec<Vec<Entity>> = pairs.iter().map(|(_, a, _)| of(a)).collect();
        let given: Vec<Vec<Entity>> = pairs.iter().map(|(_, _, b)| of(b)).collect();
        let scores = metrics::entities(&gold, &given, span_labels);
        found.f1 = Some(scores.exact.f1);
        found.partial_f1 = Some(scores.partial.f1);
        found.relation_f1 = relation_f1(pairs);
    }
    found
}

/// Twice what both say, of all that the two say.
fn relation_f1(pairs: &[(u32, &NewDocument, &NewDocument)]) -> Option<f64> {
    let (mut both, mut all) = (0, 0);
    for (_, a, b) in pairs {
        let [a, b] = [a, b].map(|document| relations_of(document));
        both += a.intersection(&b).count();
        all += a.len() + b.len();
    }
    (all > 0).then(|| 2.0 * both as f64 / all as f64)
}

fn relations_of(document: &NewDocument) -> HashSet<(&NewSpan, &NewSpan, &str)> {
    let all = document.relations.iter();
    all.filter_map(|own| Some((document.spans.get(own.head)?, document.spans.get(own.tail)?, own.label.as_str())))
        .collect()
}

fn entities_of(document: &NewDocument, labels: &[String]) -> Vec<Entity> {
    let entity = |span: &NewSpan| {
        let kind = labels.iter().position(|label| *label == span.label)?;
        Some(Entity { start: span.start, end: span.end, kind })
    };
    document.spans.iter().filter_map(entity).collect()
}

/// Decision by decision what each of the two said: 0 stands for none.
fn decisions(
    form: AnswerForm,
    span_labels: &[String],
    pairs: &[(u32, &NewDocument, &NewDocument)],
) -> (Vec<usize>, Vec<usize>) {
    if form == AnswerForm::Spans {
        let of_words = |document: &NewDocument| -> Vec<usize> {
            let spans = entities_of(document, span_labels);
            let label = |word: &std::ops::Range<usize>| {
                spans.iter().find(|span| span.start < word.end && word.start < span.end).map_or(0, |span| span.kind + 1)
            };
            words_of(&document.text).iter().map(|word| label(&(word.start..word.end))).collect()
        };
        return pairs.iter().flat_map(|(_, a, b)| of_words(a).into_iter().zip(of_words(b))).unzip();
    }
    let all: BTreeSet<&String> = pairs.iter().flat_map(|(_, a, b)| a.labels.iter().chain(&b.labels)).collect();
    let all: Vec<&String> = all.into_iter().collect();
    let place = |label: Option<&String>| {
        label.and_then(|label| all.iter().position(|own| *own == label)).map_or(0, |place| place + 1)
    };
    if form == AnswerForm::Class {
        return pairs.iter().map(|(_, a, b)| (place(a.labels.first()), place(b.labels.first()))).unzip();
    }
    let holds = |document: &NewDocument, label: &String| usize::from(document.labels.contains(label));
    pairs.iter().flat_map(|(_, a, b)| all.iter().map(move |label| (holds(a, label), holds(b, label)))).unzip()
}
