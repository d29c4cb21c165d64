//! Test examples on which the runs of one recipe disagree: the ones to look at again, often mislabelled.

use super::report::Flip;
use super::{StudyRecord, run_path};
use crate::StudioError;
use corpus::AnswerForm;
use metrics::disagreement;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// So many are listed.
const MOST: usize = 200;

/// What the runs answered to one example.
#[derive(Default)]
struct Answered {
    gold: Value,
    /// By arm: the name of the run, and its answer.
    answers: BTreeMap<usize, Vec<(String, Value)>>,
}

/// The examples with the most disagreement, how many there are with any, and how many were answered at all. `runs` are those
/// that have ended, by arm.
pub fn flips(
    study: &Path,
    record: &StudyRecord,
    runs: &[(usize, String)],
) -> Result<(Vec<Flip>, usize, usize), StudioError> {
    let mut examples: BTreeMap<String, Answered> = BTreeMap::new();
    for (arm, run) in runs {
        let path = run_path(study, run)?.join("predictions.jsonl");
        let text = fs::read_to_string(&path).map_err(|error| StudioError::file(&path, error))?;
        for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let id = line["id"].as_str().unwrap_or_default().to_string();
            let answered = examples.entry(id).or_default();
            answered.gold = plain(&line["gold"]);
            answered.answers.entry(*arm).or_default().push((run.clone(), plain(&line["predicted"])));
        }
    }
    let form = record.plan.task.form();
    let tested = examples.len();
    let mut found: Vec<Flip> = examples.into_iter().filter_map(|(id, answered)| flip(id, &answered, form)).collect();
    found.sort_by(|a, b| b.disagreement.total_cmp(&a.disagreement).then_with(|| a.right.cmp(&b.right)));
    let flipping = found.len();
    found.truncate(MOST);
    Ok((found, flipping, tested))
}

/// An answer without what differs from run to run though it says the same: confidences.
fn plain(answer: &Value) -> Value {
    match answer {
        Value::Array(items) => items
            .iter()
            .map(|item| match item.as_object() {
                Some(span) => Value::from(vec![span["start"].clone(), span["end"].clone(), span["label"].clone()]),
                None => item.clone(),
            })
            .collect(),
        other => other.clone(),
    }
}

fn flip(id: String, answered: &Answered, form: AnswerForm) -> Option<Flip> {
    let of_arms: Vec<f64> = answered
        .answers
        .values()
        .filter(|answers| answers.len() > 1)
        .map(|answers| disagree(answers.iter().map(|(_, answer)| answer), form))
        .collect();
    let disagreement = of_arms.iter().sum::<f64>() / of_arms.len().max(1) as f64;
    if disagreement == 0.0 {
        return None;
    }
    let all: Vec<&(String, Value)> = answered.answers.values().flatten().collect();
    let mut counts: Vec<(String, usize)> = Vec::new();
    for (_, answer) in &all {
        let written = written(answer);
        match counts.iter_mut().find(|(known, _)| *known == written) {
            Some((_, count)) => *count += 1,
            None => counts.push((written, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let right = all.iter().filter(|(_, answer)| *answer == answered.gold).count();
    let unlike = all.iter().find(|(_, answer)| *answer != answered.gold).or(all.first());
    Some(Flip {
        id,
        gold: written(&answered.gold),
        disagreement,
        right,
        runs: all.len(),
        answers: counts,
        run: unlike.map(|(run, _)| run.clone()).unwrap_or_default(),
    })
}

fn disagree<'a>(answers: impl Iterator<Item = &'a Value>, form: AnswerForm) -> f64 {
    let answers: Vec<&Value> = answers.collect();
    let lists = || -> Vec<Vec<String>> {
        answers.iter().map(|answer| answer.as_array().into_iter().flatten().map(Value::to_string).collect()).collect()
    };
    match form {
        AnswerForm::Class => disagreement::of_classes(&answers),
        AnswerForm::Labels => disagreement::of_sets(&lists()),
        AnswerForm::Spans => disagreement::of_spans(&lists()),
        AnswerForm::Score => {
            let scores: Vec<f64> = answers.iter().filter_map(|answer| answer.as_f64()).collect();
            disagreement::of_scores(&scores)
        }
    }
}

/// An answer as people read it.
fn written(answer: &Value) -> String {
    match answer {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        // Adding 0 makes a negative one positive.
        Value::Number(number) => {
            number.as_f64().map_or(String::new(), |score| format!("{:.2}", (100.0 * score).round() / 100.0 + 0.0))
        }
        Value::Array(items) if items.is_empty() => "—".into(),
        Value::Array(items) => items.iter().map(span).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn span(item: &Value) -> String {
    match item.as_array().map(Vec::as_slice) {
        Some([start, end, label]) => format!("{} {start}–{end}", label.as_str().unwrap_or_default()),
        _ => written(item),
    }
}
