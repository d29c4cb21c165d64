//! A run's answers on its test split, example by example, beside the gold ones.

mod judge;
mod view;

pub use view::{
    ExampleFilter, ExamplePage, ExampleQuery, ExampleSort, FilterCount, JudgedSpan, ReviewedExample, ScorePair, Verdict,
};

use crate::StudioError;
use crate::history::{kept_dataset, run_folder};
use crate::record::read_run;
use crate::workspace::read_json;
use corpus::{Dataset, Example};
use judge::{Plain, judge};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

const FILTERS: [ExampleFilter; 7] = [
    ExampleFilter::All,
    ExampleFilter::Right,
    ExampleFilter::Wrong,
    ExampleFilter::Missed,
    ExampleFilter::Spurious,
    ExampleFilter::WrongType,
    ExampleFilter::WrongBorders,
];

/// The examples of the run that was looked at last, since one page after another is asked for.
#[derive(Default)]
pub struct Reviewer {
    last: Mutex<Option<Reviewed>>,
}

struct Reviewed {
    id: String,
    stamps: [Option<SystemTime>; 2],
    examples: Arc<Vec<ReviewedExample>>,
}

impl Reviewer {
    /// The examples of a run that fit a query.
    pub fn examples(&self, id: &str, query: &ExampleQuery) -> Result<ExamplePage, StudioError> {
        let examples = self.all(id)?;
        let needle = query.search.trim().to_lowercase();
        let mut found: Vec<&ReviewedExample> =
            examples.iter().filter(|example| labelled(example, query) && holds(example, &needle)).collect();
        let count =
            |filter| FilterCount { filter, count: found.iter().filter(|example| passes(example, filter)).count() };
        let counts = FILTERS.map(count).to_vec();
        found.retain(|example| passes(example, query.filter));
        sort(&mut found, query.sort);
        let page = found.iter().skip(query.from).take(query.count).map(|example| (*example).clone());
        Ok(ExamplePage { total: found.len(), counts, examples: page.collect() })
    }

    /// The gold and the predicted score of every example, where the task is about scores.
    pub fn pairs(&self, id: &str) -> Result<Vec<ScorePair>, StudioError> {
        let pair = |example: &ReviewedExample| {
            let (gold, predicted) = (example.gold_score?, example.predicted_score?);
            Some(ScorePair { id: example.id.clone(), gold, predicted })
        };
        Ok(self.all(id)?.iter().filter_map(pair).collect())
    }

    fn all(&self, id: &str) -> Result<Arc<Vec<ReviewedExample>>, StudioError> {
        let folder = run_folder(id)?;
        let record = read_run(&folder)?;
        let (answers, texts) = (folder.join("predictions.jsonl"), kept_dataset(&record)?);
        let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
        let stamps = [changed(&answers), changed(&texts)];
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = last.as_ref().filter(|known| known.id == id && known.stamps == stamps) {
            return Ok(known.examples.clone());
        }
        let lines = fs::read_to_string(&answers).map_err(|error| StudioError::file(&answers, error))?;
        let dataset: Option<Dataset> = read_json(&texts).ok();
        let known = dataset.iter().flat_map(|dataset| &dataset.test);
        let texts: HashMap<&str, &Example> = known.map(|example| (example.id.as_str(), example)).collect();
        let parsed = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let examples: Arc<Vec<ReviewedExample>> = Arc::new(parsed.map(|line| reviewed(&line, &texts)).collect());
        *last = Some(Reviewed { id: id.into(), stamps, examples: examples.clone() });
        Ok(examples)
    }
}

/// One line of `predictions.jsonl`, with its text where that is still kept.
fn reviewed(line: &Value, texts: &HashMap<&str, &Example>) -> ReviewedExample {
    let id = line["id"].as_str().unwrap_or_default();
    let known = texts.get(id);
    let text = |value: &Value| value.as_str().map(String::from);
    let probabilities: Vec<f64> =
        line["probabilities"].as_object().into_iter().flatten().filter_map(|(_, share)| share.as_f64()).collect();
    let (gold_spans, predicted_spans) = judge(&spans(&line["gold"]), &spans(&line["predicted"]));
    let (gold, predicted) = (text(&line["gold"]), text(&line["predicted"]));
    let (gold_labels, predicted_labels) = (names(&line["gold"]), names(&line["predicted"]));
    let (gold_score, predicted_score) = (line["gold"].as_f64(), line["predicted"].as_f64());
    let all_right = |spans: &[JudgedSpan]| spans.iter().all(|span| span.verdict == Verdict::Right);
    let confidence = match predicted.as_ref().and_then(|label| line["probabilities"][label].as_f64()) {
        Some(share) => share,
        None => predicted_spans.iter().filter_map(|span| span.confidence).fold(1.0, f64::min),
    };
    ReviewedExample {
        id: id.into(),
        text: known.map(|example| example.text.clone()),
        pair: known.and_then(|example| example.pair.clone()),
        right: gold == predicted
            && gold_labels == predicted_labels
            && gold_score == predicted_score
            && all_right(&gold_spans)
            && all_right(&predicted_spans),
        gold,
        predicted,
        gold_labels,
        predicted_labels,
        gold_score,
        predicted_score,
        confidence,
        probabilities,
        gold_spans,
        predicted_spans,
    }
}

/// The labels of a text that may have several.
fn names(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(String::from).collect()
}

fn spans(value: &Value) -> Vec<Plain> {
    let place = |value: &Value| value.as_u64().unwrap_or(0) as usize;
    let span = |value: &Value| Plain {
        start: place(&value["start"]),
        end: place(&value["end"]),
        label: value["label"].as_str().unwrap_or_default().into(),
        confidence: value["confidence"].as_f64(),
    };
    value.as_array().into_iter().flatten().filter(|value| value.is_object()).map(span).collect()
}

fn labelled(example: &ReviewedExample, query: &ExampleQuery) -> bool {
    let fits = |wanted: &Option<String>, label: &Option<String>, labels: &[String], spans: &[JudgedSpan]| {
        wanted.as_ref().is_none_or(|wanted| {
            label.as_ref() == Some(wanted) || labels.contains(wanted) || spans.iter().any(|span| span.label == *wanted)
        })
    };
    fits(&query.gold, &example.gold, &example.gold_labels, &example.gold_spans)
        && fits(&query.predicted, &example.predicted, &example.predicted_labels, &example.predicted_spans)
}

fn holds(example: &ReviewedExample, needle: &str) -> bool {
    let inside = |text: &str| text.to_lowercase().contains(needle);
    needle.is_empty() || inside(&example.id) || example.text.as_deref().is_some_and(inside)
}

fn passes(example: &ReviewedExample, filter: ExampleFilter) -> bool {
    let any = |verdict| example.gold_spans.iter().chain(&example.predicted_spans).any(|span| span.verdict == verdict);
    let lacks = |labels: &[String], other: &[String]| labels.iter().any(|label| !other.contains(label));
    match filter {
        ExampleFilter::All => true,
        ExampleFilter::Right => example.right,
        ExampleFilter::Wrong => !example.right,
        ExampleFilter::Missed => any(Verdict::Missed) || lacks(&example.gold_labels, &example.predicted_labels),
        ExampleFilter::Spurious => any(Verdict::Spurious) || lacks(&example.predicted_labels, &example.gold_labels),
        ExampleFilter::WrongType => any(Verdict::WrongType),
        ExampleFilter::WrongBorders => any(Verdict::WrongBorders),
    }
}

fn sort(examples: &mut [&ReviewedExample], order: ExampleSort) {
    let by = |examples: &mut [&ReviewedExample], key: &dyn Fn(&ReviewedExample) -> f64| {
        examples.sort_by(|a, b| key(a).total_cmp(&key(b)));
    };
    match order {
        ExampleSort::Order => {}
        ExampleSort::LeastConfident => by(examples, &|example| example.confidence),
        ExampleSort::MostConfident => by(examples, &|example| -example.confidence),
        ExampleSort::Worst => by(examples, &|example| -badness(example)),
        ExampleSort::Best => by(examples, &badness),
    }
}

/// How bad an answer is: mistakes first, then, where the numbers are equal, how sure the model was of a wrong answer, or how
/// unsure of a right one.
fn badness(example: &ReviewedExample) -> f64 {
    if let (Some(gold), Some(predicted)) = (example.gold_score, example.predicted_score) {
        return (gold - predicted).abs();
    }
    let other = |labels: &[String], than: &[String]| labels.iter().filter(|label| !than.contains(label)).count();
    let labels =
        other(&example.gold_labels, &example.predicted_labels) + other(&example.predicted_labels, &example.gold_labels);
    let wrong = |spans: &[JudgedSpan]| spans.iter().filter(|span| span.verdict != Verdict::Right).count();
    let mistakes = (labels + wrong(&example.gold_spans) + wrong(&example.predicted_spans)) as f64;
    if example.right { 1.0 - example.confidence } else { 1.0 + mistakes + example.confidence }
}
