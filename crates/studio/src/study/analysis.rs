//! From the runs of a study to what can be said about them.

use super::collect::{self, RunRow, outcomes};
use super::flips::flips;
use super::report::{
    ArmReport, Caution, Comparison, Figures, Intervals, SeedScore, StudyReport, StudyVerdict, VarianceReport,
};
use super::{StudyPlan, StudyRecord, figure, methods};
use crate::StudioError;
use metrics::{
    Outcomes, Resampling, brown_forsythe, expected_best, holm, interval_over_both, interval_over_examples,
    interval_over_runs, paired_permutation, spread,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Random sign patterns where there are too many to try all.
const PERMUTATIONS: usize = 20_000;

/// Below this many runs an arm hardly anything can be said about spread, and below this many test examples about a score.
const FEW_RUNS: usize = 5;
const FEW_EXAMPLES: usize = 100;

/// The runs of one arm with one seed: one, or all folds of a division.
type Key = (u64, Option<u64>, Option<usize>);

/// One score with what it is made of.
struct Scored {
    score: SeedScore,
    outcomes: Outcomes,
}

/// What a study says now, from whatever of its runs has ended.
pub fn report(study: &Path, record: &StudyRecord) -> Result<StudyReport, StudioError> {
    let plan = &record.plan;
    let rows = collect::rows(study, record)?;
    let mut scored: Vec<Vec<Scored>> = Vec::new();
    for arm in 0..plan.arms.len() {
        scored.push(scores_of(study, plan, &rows, arm)?);
    }
    let arms: Vec<ArmReport> =
        scored.iter().enumerate().map(|(arm, scored)| arm_report(record, &rows, arm, scored)).collect();
    let comparisons = comparisons(&arms);
    let ended: Vec<(usize, String)> =
        rows.iter().filter(|row| row.has_ended()).map(|row| (row.spec.arm, row.spec.name.clone())).collect();
    let (flips, flipping, tested) = flips(study, record, &ended)?;
    let verdict = verdict(&arms, &comparisons, &rows, tested);
    let mut report = StudyReport {
        id: study.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        created: record.created.clone(),
        ended: record.ended.clone(),
        data: crate::sample::data_name(&plan.data),
        task: plan.task,
        score: score_name(plan.task).into(),
        train: plan.train,
        dev: plan.dev,
        test: plan.test,
        drawn_split: plan.drawn_split,
        seeds: plan.seeds.len(),
        order_seeds: plan.order_seeds.len(),
        folds: plan.folds,
        give_up: plan.arms.iter().find_map(|arm| arm.recipe.give_up),
        variances: variances(&arms),
        comparisons,
        verdict,
        flips,
        flipping,
        tested,
        methods: String::new(),
        references: methods::references(plan),
        sentence: String::new(),
        figures: Figures::default(),
        arms,
        runs: rows,
    };
    report.methods = methods::methods(&report, plan);
    report.sentence = methods::sentence(&report);
    report.figures = figure::figures(&report);
    Ok(report)
}

/// As [`finetune::Scores::main_name`] calls it.
fn score_name(task: corpus::Task) -> &'static str {
    use corpus::Task::*;
    match task {
        Classification => "macro F1",
        Ner => "entity F1",
        Pico => "word macro F1",
        Relation | Multilabel => "micro F1",
        Similarity => "Pearson correlation",
        Qa => "accuracy",
    }
}

fn scores_of(study: &Path, plan: &StudyPlan, rows: &[RunRow], arm: usize) -> Result<Vec<Scored>, StudioError> {
    let folds = plan.folds.map_or(1, |folds| folds.of);
    let mut runs: BTreeMap<Key, Vec<&RunRow>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.spec.arm == arm && row.has_ended()) {
        let key = (row.spec.seed, row.spec.order_seed, row.spec.fold.map(|fold| fold.repeat));
        runs.entry(key).or_default().push(row);
    }
    let mut scored = Vec::new();
    // A division of which a fold is missing has not answered every example.
    for ((seed, order_seed, repeat), rows) in runs.into_iter().filter(|(_, rows)| rows.len() == folds) {
        let parts = rows.iter().map(|row| outcomes(study, &row.spec.name)).collect::<Result<Vec<_>, _>>()?;
        // On a given test split every fold's run has answered the same examples.
        let test = match plan.given_test {
            true => parts.iter().map(Outcomes::whole).sum::<Option<f64>>().map(|sum| sum / parts.len() as f64),
            false => Outcomes::joined(parts.clone()).and_then(|all| all.whole()),
        };
        let outcomes = if plan.given_test { parts.into_iter().next() } else { Outcomes::joined(parts) };
        let Some(outcomes) = outcomes else { continue };
        let dev = rows.iter().map(|row| row.dev.unwrap_or(0.0)).sum::<f64>() / rows.len() as f64;
        let failed = rows.iter().any(|row| row.failed == Some(true));
        let score = SeedScore { seed, order_seed, repeat, dev, test, failed };
        scored.push(Scored { score, outcomes });
    }
    Ok(scored)
}

/// Test scores, an undefined correlation as none at all. With several orders or divisions a seed their mean: runs that share a seed
/// are not independent.
fn by_seed(scores: &[SeedScore]) -> Vec<f64> {
    let mut all: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for score in scores {
        all.entry(score.seed).or_default().push(score.test.unwrap_or(0.0));
    }
    all.values().map(|own| own.iter().sum::<f64>() / own.len() as f64).collect()
}

fn arm_report(record: &StudyRecord, rows: &[RunRow], place: usize, scored: &[Scored]) -> ArmReport {
    let arm = &record.plan.arms[place];
    let own = || rows.iter().filter(move |row| row.spec.arm == place);
    let ended: Vec<&RunRow> = own().filter(|row| row.has_ended()).collect();
    let scores: Vec<SeedScore> = scored.iter().map(|scored| scored.score).collect();
    let dev: Vec<f64> = scores.iter().map(|score| score.dev).collect();
    let test: Vec<f64> = scores.iter().map(|score| score.test.unwrap_or(0.0)).collect();
    // Those of one division, so that the same place is the same example in all, and one a seed: runs that share a seed are not
    // independent.
    let mut first: BTreeMap<u64, &Scored> = BTreeMap::new();
    let division = scores.iter().filter_map(|score| score.repeat).min();
    for scored in scored.iter().filter(|scored| scored.score.repeat == division) {
        first.entry(scored.score.seed).or_insert(scored);
    }
    let all: Vec<Outcomes> = first.values().map(|scored| scored.outcomes.clone()).collect();
    let how = Resampling::default();
    ArmReport {
        name: arm.name.clone(),
        encoder: arm.encoder_name.clone(),
        presets: arm.recipe.presets.clone(),
        learning_rate: arm.recipe.learning_rate,
        batch_size: arm.recipe.batch_size,
        epochs: arm.recipe.epochs,
        planned: own().count(),
        ended: ended.len(),
        broken: own().filter(|row| row.problem.is_some()).count(),
        failed: ended.iter().filter(|row| row.failed == Some(true)).count(),
        collapsed: own().filter(|row| row.collapsed).count(),
        dev: spread(&dev),
        test: spread(&test),
        intervals: Intervals {
            seeds: interval_over_runs(&by_seed(&scores), how.level),
            examples: interval_over_examples(&all, &how),
            both: interval_over_both(&all, &how),
        },
        expected: expected_best(&dev),
        seconds: ended.iter().map(|row| row.seconds).sum::<f64>() / ended.len().max(1) as f64,
        scores,
    }
}

/// The first arm of the same encoder.
fn reference(arms: &[ArmReport], arm: usize) -> usize {
    arms.iter().position(|other| other.encoder == arms[arm].encoder).unwrap_or(arm)
}

fn comparisons(arms: &[ArmReport]) -> Vec<Comparison> {
    let mut found = Vec::new();
    for (place, arm) in arms.iter().enumerate() {
        let against = reference(arms, place);
        if against == place {
            continue;
        }
        let same = |a: &SeedScore, b: &SeedScore| (a.seed, a.order_seed, a.repeat) == (b.seed, b.order_seed, b.repeat);
        let pairs: Vec<SeedScore> = arm
            .scores
            .iter()
            .filter_map(|score| {
                let other = arms[against].scores.iter().find(|other| same(score, other))?;
                let apart = score.test.unwrap_or(0.0) - other.test.unwrap_or(0.0);
                Some(SeedScore { test: Some(apart), ..*score })
            })
            .collect();
        let differences = by_seed(&pairs);
        if differences.len() < 2 {
            continue;
        }
        let Some(tested) = paired_permutation(&differences, PERMUTATIONS, 0) else { continue };
        let variance = brown_forsythe(&[by_seed(&arm.scores), by_seed(&arms[against].scores)]);
        found.push(Comparison {
            arm: place,
            reference: against,
            pairs: differences.len(),
            difference: tested.difference,
            p: tested.p,
            adjusted: tested.p,
            smallest: tested.smallest,
            variance_p: variance.map(|variance| variance.p),
            variance_adjusted: None,
        });
    }
    let adjusted = holm(&found.iter().map(|row| row.p).collect::<Vec<_>>());
    found.iter_mut().zip(adjusted).for_each(|(row, p)| row.adjusted = p);
    let with_variance: Vec<usize> = (0..found.len()).filter(|&row| found[row].variance_p.is_some()).collect();
    let adjusted = holm(&with_variance.iter().filter_map(|&row| found[row].variance_p).collect::<Vec<_>>());
    with_variance.into_iter().zip(adjusted).for_each(|(row, p)| found[row].variance_adjusted = Some(p));
    found
}

fn variances(arms: &[ArmReport]) -> Vec<VarianceReport> {
    let encoders: BTreeSet<&str> = arms.iter().map(|arm| arm.encoder.as_str()).collect();
    let of = |encoder: &str| {
        let own = arms.iter().filter(|arm| arm.encoder == encoder && arm.scores.len() > 1);
        let groups: Vec<Vec<f64>> = own.map(|arm| by_seed(&arm.scores)).collect();
        let found = brown_forsythe(&groups)?;
        Some(VarianceReport { encoder: encoder.into(), arms: groups.len(), statistic: found.statistic, p: found.p })
    };
    encoders.into_iter().filter_map(of).collect()
}

/// Scores that there are, and runs that broke off before they had one.
fn tried(arm: &ArmReport) -> usize {
    arm.scores.len() + arm.broken
}

/// Of these, those that failed.
fn bad(arm: &ArmReport) -> usize {
    arm.scores.iter().filter(|score| score.failed).count() + arm.broken
}

fn verdict(arms: &[ArmReport], comparisons: &[Comparison], rows: &[RunRow], tested: usize) -> Option<StudyVerdict> {
    let with_scores = || arms.iter().enumerate().filter_map(|(place, arm)| Some((place, arm, arm.dev?)));
    // What is left of a recipe whose runs mostly broke off are its lucky ones.
    let whole = |arm: &ArmReport| 2 * arm.broken < arm.planned;
    let any_whole = with_scores().any(|(_, arm, _)| whole(arm));
    let able = with_scores().filter(|(_, arm, _)| whole(arm) || !any_whole);
    let (chosen, arm, _) = able.max_by(|a, b| a.2.mean.total_cmp(&b.2.mean).then(b.0.cmp(&a.0)))?;
    let steady = with_scores()
        .filter(|(_, arm, _)| arm.failed + arm.broken == 0)
        .filter_map(|(place, _, dev)| Some((place, dev.sd?)))
        .min_by(|a, b| a.1.total_cmp(&b.1));
    let against = reference(arms, chosen);
    let other = Some(&arms[against]).filter(|_| against != chosen);
    let compared = comparisons.iter().find(|row| row.arm == chosen);
    let test = arm.test?;
    let cautions = [
        (Caution::ManyFailed, 4 * bad(arm) >= tried(arm) && bad(arm) > 0),
        (Caution::BrokenOff, arm.broken + other.map_or(0, |arm| arm.broken) > 0),
        (Caution::Unfinished, rows.iter().any(|row| !row.is_over())),
        (Caution::FewRuns, with_scores().any(|(_, arm, _)| arm.scores.len() < FEW_RUNS)),
        (Caution::FewExamples, tested < FEW_EXAMPLES),
    ];
    Some(StudyVerdict {
        chosen,
        steadiest: steady.map(|(place, _)| place).filter(|place| *place != chosen),
        reference: against,
        runs: tried(arm),
        failed: bad(arm),
        mean: test.mean,
        sd: test.sd,
        interval: arm.intervals.both,
        reference_mean: other.and_then(|arm| arm.test).map(|test| test.mean),
        reference_sd: other.and_then(|arm| arm.test).and_then(|test| test.sd),
        reference_runs: tried(&arms[against]),
        reference_failed: bad(&arms[against]),
        too_few: compared.is_some_and(|row| row.smallest * comparisons.len() as f64 >= 0.05),
        p: compared.map(|row| row.adjusted),
        variance_p: compared.and_then(|row| row.variance_adjusted),
        cautions: cautions.into_iter().filter(|(_, holds)| *holds).map(|(caution, _)| caution).collect(),
    })
}
