//! Results for people: plain tables on stdout, notes on stderr. A reader that goes away (`| head`) ends neither a run nor the
//! program in a panic, so nothing here minds a closed pipe.

use corpus::{Hygiene, Inspection, Issue, RareLabel};
use encoder::ComputeKind;
use finetune::{Group, Scores};
use metrics::ClassScores;
use std::fmt::Display;
use std::io::{Write, stderr, stdout};
use studio::{BlurbReport, CheckState, DeviceReport, DomainFit, EncoderEntry, RunSummary, StudyReport};

/// Issues beyond this many are counted, not listed.
const MOST_ISSUES: usize = 20;

/// A line of the result.
pub fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}

/// A line about how it goes.
pub fn note(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}

/// Columns padded to their widest cell; all but the first are aligned right when `numbers` says so.
fn table(rows: &[Vec<String>], numbers: bool) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        let cells: Vec<String> = (row.iter().enumerate())
            .map(|(column, cell)| {
                let gap = " ".repeat(widths[column] - cell.chars().count());
                if numbers && column > 0 { format!("{gap}{cell}") } else { format!("{cell}{gap}") }
            })
            .collect();
        say(cells.join("  ").trim_end());
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}", 100.0 * share)
}

pub fn devices(devices: &[DeviceReport]) {
    let mut rows = vec![["device", "kind", "by", "training", "self-check"].map(String::from).to_vec()];
    for device in devices {
        let training = if device.trainable { "yes" } else { "no" };
        let check = match device.check {
            CheckState::Reference => "the others are compared with it".into(),
            CheckState::NotChecked => "not checked yet (--check does)".into(),
            CheckState::Passed => format!("passed: {}", device.measured),
            CheckState::Failed => format!("FAILED: {}", device.measured),
        };
        let kind = match device.kind {
            ComputeKind::Cpu => "cpu",
            ComputeKind::Gpu => "gpu",
            ComputeKind::SoftwareGpu => "software-gpu",
        };
        let cells = [&device.name, kind, &device.backend, training, &check];
        rows.push(cells.map(str::to_string).to_vec());
    }
    table(&rows, false);
}

pub fn encoders(entries: &[EncoderEntry]) {
    let header = ["encoder", "family", "layers", "hidden", "vocabulary", "parameters", "MB"];
    let mut rows = vec![header.map(String::from).to_vec()];
    for entry in entries {
        rows.push(vec![
            entry.name.clone(),
            format!("{:?}", entry.family),
            entry.layers.to_string(),
            entry.hidden.to_string(),
            entry.vocabulary.to_string(),
            format!("{:.1} M", entry.parameters as f64 / 1e6),
            format!("{:.0}", entry.bytes as f64 / 1e6),
        ]);
    }
    table(&rows, true);
    for entry in entries {
        for note in &entry.notes {
            say(format!("{}: {note}", entry.name));
        }
    }
}

pub fn groups(groups: &[Group]) {
    let mut rows = vec![["part", "peak learning rate", "parameters", ""].map(String::from).to_vec()];
    for group in groups {
        let rate = if group.frozen { "frozen".into() } else { format!("{:.3e}", group.learning_rate) };
        let fresh = if group.reinitialized { "drawn anew" } else { "" };
        rows.push(vec![group.name.clone(), rate, group.parameters.to_string(), fresh.into()]);
    }
    table(&rows, true);
}

pub fn inspection(facts: &Inspection) {
    for source in &facts.sources {
        let delimiter = match source.delimiter {
            Some('\t') => ", tabs".into(),
            Some(delimiter) => format!(", delimiter {delimiter}"),
            None => String::new(),
        };
        let format = format!("{:?}", source.format).to_uppercase();
        say(format!("{}: {format}, {}{delimiter}, {} rows", source.path.display(), source.encoding, source.rows));
        if !source.columns.is_empty() {
            say(format!("  columns: {}", source.columns.join(", ")));
        }
    }
    let used = &facts.columns;
    let roles =
        [("text", &used.text), ("pair", &used.pair), ("label", &used.label), ("group", &used.group), ("id", &used.id)];
    let used: Vec<String> =
        roles.iter().filter_map(|(role, name)| Some(format!("{role} = {}", name.as_ref()?))).collect();
    say(format!(
        "task: {}{}",
        facts.task,
        if used.is_empty() { String::new() } else { format!(" ({})", used.join(", ")) }
    ));
    let words = facts.words;
    say(format!("words a text: {} to {}, half below {}, 95 % below {}", words.min, words.max, words.median, words.p95));
    if facts.drawn_split {
        say("dev and test, where no file gives them, are drawn with a seed and the same share of each label");
    }
    say("");
    let mut rows = vec![vec!["label".to_string()]];
    rows[0].extend(facts.splits.iter().map(|split| format!("{:?}", split.split).to_lowercase()));
    for (index, label) in facts.labels.iter().enumerate() {
        let mut row = vec![label.clone()];
        row.extend(facts.splits.iter().map(|split| split.labels[index].to_string()));
        rows.push(row);
    }
    let mut total = vec!["texts".to_string()];
    total.extend(facts.splits.iter().map(|split| split.examples.to_string()));
    rows.push(total);
    table(&rows, true);
    say("");
    issues(&facts.issues, &mut |line| say(line));
}

/// What may spoil a result on the data.
pub fn hygiene(found: &Hygiene, facts: &Inspection) {
    say("");
    let mut clean = true;
    let mut tell = |applies: bool, sentence: String| {
        if applies {
            clean = false;
            say(sentence);
        }
    };
    tell(found.duplicates > 0, format!("{} texts occur again with the same answer", found.duplicates));
    tell(
        found.conflicts > 0,
        format!("{} texts occur again with ANOTHER answer: one of the two is wrong", found.conflicts),
    );
    tell(
        found.overlaps > 0,
        format!("{} texts of dev or test are in another split too: scores on them say little", found.overlaps),
    );
    tell(found.near_within > 0, format!("{} training texts are almost the same as an earlier one", found.near_within));
    tell(
        found.near_across > 0,
        format!("{} texts of dev or test are almost the same as one in training: scores flatter", found.near_across),
    );
    for twin in found.near.iter().take(3) {
        tell(true, format!("  {} and {} ({:.0} % alike)", twin.id, twin.other_id, 100.0 * twin.similarity));
    }
    tell(
        found.groups_shared > 0,
        format!("{} patients or documents have texts in several splits", found.groups_shared),
    );
    for rare in &found.rare {
        let RareLabel { label, train, dev, test } = rare;
        tell(true, format!("the label \"{label}\" is rare: {train} in training, {dev} in dev, {test} in test"));
    }
    if let Some(times) = found.imbalance.filter(|&times| times >= 10.0) {
        tell(
            true,
            format!(
                "the most frequent label is {times:.0} times as frequent as the rarest; --set class-weights=true weighs them alike"
            ),
        );
    }
    if clean && !facts.splits.is_empty() {
        say("no duplicates, no leaks between splits, no label too rare to learn");
    }
}

/// How well the vocabularies of the library's encoders fit.
pub fn fits(fits: &[DomainFit]) {
    if fits.is_empty() {
        return;
    }
    say("");
    let header = ["encoder", "pieces a word", "words in pieces", "unknown", "texts too long at once"];
    let mut rows = vec![header.map(String::from).to_vec()];
    for fit in fits {
        let share = |share: f64| format!("{:.1} %", 100.0 * share);
        let pieces = format!("{:.2}", fit.pieces_per_word);
        rows.push(vec![fit.encoder.clone(), pieces, share(fit.split_words), share(fit.unknown), share(fit.longer)]);
    }
    table(&rows, true);
    say("The fewer pieces a word, the better a vocabulary fits the texts, which makes fine-tuning more robust.");
}

/// The table of BLURB: a line a dataset, a line a type of task, and the score.
pub fn blurb(report: &BlurbReport) {
    let mut rows = vec![["dataset", "task", "metric", "score", "runs", "failed"].map(String::from).to_vec()];
    for row in &report.rows {
        let score = match (row.mean(), row.scores.as_slice()) {
            (None, _) => "none".into(),
            (Some(mean), [_]) => format!("{mean:.2}"),
            (Some(mean), scores) => {
                let variance =
                    scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / (scores.len() - 1) as f64;
                format!("{mean:.2} ± {:.2}", variance.sqrt())
            }
        };
        let (runs, failed) = (row.scores.len().to_string(), row.failed.to_string());
        let (dataset, metric) = (row.dataset.to_string(), row.dataset.metric().to_string());
        rows.push(vec![dataset, row.task.to_string(), metric, score, runs, failed]);
    }
    table(&rows, true);
    say("");
    for row in &report.rows {
        if let (Some(longest), true) = (row.longest, row.cut > 0) {
            say(format!("{}: {} texts were cut off at {longest} pieces", row.dataset, row.cut));
        }
        if let Some(problem) = &row.problem {
            say(format!("{}: no score: {}", row.dataset, problem.message));
        }
    }
    let mut rows = vec![["task type", "mean"].map(String::from).to_vec()];
    for (task, mean) in &report.score.per_type {
        let name = serde_json::to_value(task).ok().and_then(|name| name.as_str().map(String::from)).unwrap_or_default();
        rows.push(vec![name, mean.map_or("none".into(), |mean| format!("{mean:.2}"))]);
    }
    table(&rows, true);
    match (report.score.score, report.score.complete) {
        (Some(score), true) => say(format!("BLURB score {score:.2}")),
        (Some(score), false) => {
            say(format!("BLURB score {score:.2}, of an incomplete set: not comparable with published scores"))
        }
        (None, _) => say("no BLURB score: it takes at least one dataset of each task type"),
    }
    if !report.score.missing.is_empty() {
        let missing: Vec<&str> = report.score.missing.iter().map(|dataset| dataset.name()).collect();
        say(format!("missing: {}", missing.join(", ")));
    }
}

/// Lists issues, those that cost a row first, and counts what it does not list.
pub fn issues(issues: &[Issue], tell: &mut dyn FnMut(String)) {
    let (rejected, noted): (Vec<&Issue>, Vec<&Issue>) = issues.iter().partition(|issue| issue.rejected);
    if issues.is_empty() {
        tell("no issues".into());
        return;
    }
    tell(format!("{} rows left out, {} repaired or noted", rejected.len(), noted.len()));
    for issue in rejected.iter().chain(&noted).take(MOST_ISSUES) {
        let place = if issue.line == 0 { String::new() } else { format!(", line {}", issue.line) };
        let fate = if issue.rejected { "left out: " } else { "" };
        tell(format!("  {}{place}: {fate}{}", issue.file.display(), issue.message));
    }
    if issues.len() > MOST_ISSUES {
        tell(format!("  and {} more (--json lists all)", issues.len() - MOST_ISSUES));
    }
}

pub fn summary(summary: &RunSummary) {
    say("");
    say(format!("dev, with the weights kept (epoch {}):", summary.kept_epoch));
    scores(&summary.dev);
    say("");
    say("test:");
    scores(&summary.test);
    if summary.failed {
        say("");
        say(
            "This run FAILED: on dev, with its last weights, it is no better than guessing. Try another preset or seed.",
        );
    }
}

pub fn scores(scores: &Scores) {
    say(headline(scores));
    let classes = match scores {
        Scores::Classification(scores) | Scores::Qa(scores) => &scores.per_class,
        Scores::Ner(scores) => &scores.per_type,
        Scores::Pico(scores) => &scores.per_type,
        Scores::Relation(scores) => &scores.per_class,
        Scores::Multilabel(scores) => &scores.per_label,
        Scores::Similarity(_) => return,
    };
    let mut rows = vec![["label", "precision", "recall", "F1", "n"].map(String::from).to_vec()];
    for ClassScores { label, precision, recall, f1, support, .. } in classes {
        rows.push(vec![label.clone(), percent(*precision), percent(*recall), percent(*f1), support.to_string()]);
    }
    table(&rows, true);
}

fn headline(scores: &Scores) -> String {
    match scores {
        Scores::Classification(scores) => format!(
            "accuracy {}  macro F1 {}  MCC {:.3}  (n = {}, always answering the most frequent: accuracy {})",
            percent(scores.accuracy),
            percent(scores.macro_f1),
            scores.mcc,
            scores.n,
            percent(scores.constant_accuracy)
        ),
        Scores::Qa(scores) => format!(
            "accuracy {}  macro F1 {}  (n = {}, always answering the most frequent: accuracy {})",
            percent(scores.accuracy),
            percent(scores.macro_f1),
            scores.n,
            percent(scores.constant_accuracy)
        ),
        Scores::Ner(scores) => format!(
            "entity F1 {} (exact span and type; precision {}, recall {})  partial F1 {}  (n = {} texts, {} entities)",
            percent(scores.exact.f1),
            percent(scores.exact.precision),
            percent(scores.exact.recall),
            percent(scores.partial.f1),
            scores.sentences,
            scores.exact.gold
        ),
        Scores::Pico(scores) => format!(
            "macro F1 {} over the types, by words  accuracy of words {}  (n = {} texts, {} words)",
            percent(scores.macro_f1),
            percent(scores.accuracy),
            scores.texts,
            scores.words
        ),
        Scores::Relation(scores) => {
            let negative = match scores.negative {
                Some(label) => format!("without \"{}\"", scores.per_class[label].label),
                None => "over all labels".into(),
            };
            format!(
                "micro F1 {} {negative} (precision {}, recall {})  accuracy {}  (n = {}, the best constant answer: F1 {})",
                percent(scores.micro.f1),
                percent(scores.micro.precision),
                percent(scores.micro.recall),
                percent(scores.accuracy),
                scores.n,
                percent(scores.constant_f1)
            )
        }
        Scores::Similarity(scores) => {
            let correlation = |value: Option<f64>| value.map_or("undefined".into(), percent);
            format!(
                "Pearson {}  Spearman {}  mean squared error {:.3}  (n = {} pairs, always answering their mean: error {:.3})",
                correlation(scores.pearson),
                correlation(scores.spearman),
                scores.mse,
                scores.n,
                scores.gold_variance
            )
        }
        Scores::Multilabel(scores) => format!(
            "micro F1 {} (precision {}, recall {}) from probability {} on  macro F1 {}  exactly right {}  (n = {}, the best constant answer: F1 {})",
            percent(scores.micro.f1),
            percent(scores.micro.precision),
            percent(scores.micro.recall),
            scores.threshold,
            percent(scores.macro_f1),
            percent(scores.exact_match),
            scores.n,
            percent(scores.constant_f1)
        ),
    }
}

/// A study's table and its sentence. Scores times 100.
pub fn study(report: &StudyReport) {
    let number = |value: Option<f64>| value.map_or("–".into(), |value| format!("{:.2}", 100.0 * value));
    let header = ["recipe", "runs", "failed", "test mean", "sd", "median", "min", "max", "95 % interval", "dev mean"];
    let mut rows = vec![header.map(String::from).to_vec()];
    for arm in &report.arms {
        let (test, both) = (arm.test, arm.intervals.both);
        rows.push(vec![
            arm.name.clone(),
            if arm.ended == arm.planned { arm.ended.to_string() } else { format!("{} of {}", arm.ended, arm.planned) },
            (arm.failed + arm.broken).to_string(),
            number(test.map(|test| test.mean)),
            number(test.and_then(|test| test.sd)),
            number(test.map(|test| test.median)),
            number(test.map(|test| test.min)),
            number(test.map(|test| test.max)),
            both.map_or("–".into(), |both| format!("{} to {}", number(Some(both.low)), number(Some(both.high)))),
            number(arm.dev.map(|dev| dev.mean)),
        ]);
    }
    say(format!("test {}, times 100", report.score));
    table(&rows, true);
    if !report.comparisons.is_empty() {
        say("");
        let header = ["recipe", "against", "seeds", "difference", "p", "corrected", "p of spread", "corrected"];
        let mut rows = vec![header.map(String::from).to_vec()];
        let p = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.4}"));
        for row in &report.comparisons {
            rows.push(vec![
                report.arms[row.arm].name.clone(),
                report.arms[row.reference].name.clone(),
                row.pairs.to_string(),
                format!("{:+.2}", 100.0 * row.difference),
                p(Some(row.p)),
                p(Some(row.adjusted)),
                p(row.variance_p),
                p(row.variance_adjusted),
            ]);
        }
        table(&rows, true);
    }
    say("");
    say(&report.sentence);
    for caution in report.verdict.iter().flat_map(|verdict| &verdict.cautions) {
        say(caution.sentence());
    }
    if report.flipping > 0 {
        say(format!(
            "{} of {} test examples get different answers from different seeds; report.html lists them",
            report.flipping, report.tested
        ));
    }
}
