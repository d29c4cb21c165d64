//! The report as one HTML file that stands alone: no script, nothing from elsewhere, two pages or three on A4.

use super::methods::{p_value, points};
use super::report::{ArmReport, StudyReport};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("report.css");

pub fn html(report: &StudyReport) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Stability study: " (report.data) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.over { "Stability study" }
                    h1 { (report.data) }
                    p.facts { (facts(report)) }
                }
                section.answer {
                    p.sentence { (report.sentence) }
                    @for caution in report.verdict.iter().flat_map(|verdict| &verdict.cautions) {
                        p.caution { (caution.sentence()) }
                    }
                }
                section {
                    h2 { "Every seed" }
                    figure {
                        (PreEscaped(&report.figures.dots))
                        figcaption {
                            "Test " (report.score) " in points. A dot is one seed, the line their mean, the bar the 95 % interval of the mean over seeds and test examples. A ring marks a run that failed: no better than guessing on dev."
                        }
                    }
                    (arms(report))
                }
                section {
                    h2 { "Comparison" }
                    (comparisons(report))
                }
                section {
                    h2 { "Learning curves" }
                    figure {
                        (PreEscaped(&report.figures.curves))
                        figcaption { "Score on dev after each epoch; every line is one run. Dashed lines failed." }
                    }
                }
                section {
                    h2 { "What to expect from trying more runs" }
                    figure {
                        (PreEscaped(&report.figures.expected))
                        figcaption { "Expected best score on dev by the number of runs tried (Dodge et al. 2019)." }
                    }
                }
                @if !report.flips.is_empty() {
                    section {
                        h2 { "What flips" }
                        (flips(report))
                    }
                }
                section {
                    h2 { "Methods" }
                    p { (report.methods) }
                    h3 { "References" }
                    ol { @for work in &report.references { li { (work) } } }
                }
                footer {
                    p { "For research and on-site labelling, not for clinical decisions. This report holds no text of the data." }
                }
            }
        }
    };
    page.into_string()
}

fn facts(report: &StudyReport) -> String {
    let mut facts = format!(
        "{} · {} to train on, {} for dev, {} for test{} · {} runs",
        report.task,
        report.train,
        report.dev,
        report.test,
        if report.drawn_split { " (drawn)" } else { "" },
        report.runs.len()
    );
    if let Some(folds) = report.folds {
        facts.push_str(&format!(" · {}-fold cross-validation × {}", folds.of, folds.repeats));
    }
    facts.push_str(&format!(
        " · {}",
        report.ended.as_deref().unwrap_or("not ended yet").get(..10).unwrap_or("not ended yet")
    ));
    facts
}

fn arms(report: &StudyReport) -> Markup {
    let points = |value: Option<f64>| value.map_or("–".into(), points);
    html! {
        table {
            thead { tr {
                th { "Recipe" } th.n { "Runs" } th.n { "Failed" } th.n { "Test mean ± sd" } th.n { "Median" } th.n { "Range" } th.n { "95 % interval" } th.n { "Dev mean" }
            } }
            tbody { @for arm in &report.arms { tr class=[chosen(report, arm)] {
                th scope="row" { (arm.name) }
                td.n { (arm.ended) @if arm.ended < arm.planned { " of " (arm.planned) } }
                td.n { (arm.failed + arm.broken) }
                td.n { (points(arm.test.map(|test| test.mean))) " ± " (points(arm.test.and_then(|test| test.sd))) }
                td.n { (points(arm.test.map(|test| test.median))) }
                td.n { @match arm.test { Some(test) => { (points(Some(test.min))) " – " (points(Some(test.max))) } None => "–" } }
                td.n { @match arm.intervals.both { Some(both) => { (points(Some(both.low))) " – " (points(Some(both.high))) } None => "–" } }
                td.n { (points(arm.dev.map(|dev| dev.mean))) }
            } } }
        }
    }
}

fn chosen(report: &StudyReport, arm: &ArmReport) -> Option<&'static str> {
    let chosen = report.verdict.as_ref().map(|verdict| &report.arms[verdict.chosen].name);
    (chosen == Some(&arm.name)).then_some("chosen")
}

fn comparisons(report: &StudyReport) -> Markup {
    if report.comparisons.is_empty() {
        return html! { p { "A comparison takes two recipes, each with two runs or more." } };
    }
    html! {
        table {
            thead { tr {
                th { "Recipe" } th { "Against" } th.n { "Seeds" } th.n { "Difference" } th.n { "Of means" } th.n { "Corrected" } th.n { "Of spread, corrected" }
            } }
            tbody { @for row in &report.comparisons { tr {
                th scope="row" { (report.arms[row.arm].name) }
                td { (report.arms[row.reference].name) }
                td.n { (row.pairs) }
                td.n { (format!("{:+.1}", 100.0 * row.difference)) }
                td.n { (p_value(row.p)) }
                td.n { (p_value(row.adjusted)) }
                td.n { (row.variance_adjusted.map_or("–".into(), p_value)) }
            } } }
        }
        @if let Some(few) = report.comparisons.iter().find(|row| row.smallest * report.comparisons.len() as f64 >= 0.05) {
            p.note { (format!("With {} seeds and {} comparisons no difference of means can have a corrected p below {:.3}, however large it is.", few.pairs, report.comparisons.len(), (few.smallest * report.comparisons.len() as f64).min(1.0))) }
        }
        @for row in &report.variances {
            p.note { (format!("{}: equal spread of all {} recipes, Brown–Forsythe F = {:.2}, {}.", row.encoder, row.arms, row.statistic, p_value(row.p))) }
        }
    }
}

fn flips(report: &StudyReport) -> Markup {
    html! {
        p { (report.flipping) " of " (report.tested) " test examples get different answers from different seeds of one recipe. Those that flip most are worth looking at again: often their label is wrong, or the guideline leaves them open." }
        table {
            thead { tr { th { "Example" } th { "Label" } th { "Answers" } th.n { "Right" } th.n { "Disagreement" } } }
            tbody { @for flip in report.flips.iter().take(20) { tr {
                th scope="row" { (flip.id) }
                td { (flip.gold) }
                td { (flip.answers.iter().take(4).map(|(answer, count)| format!("{answer} ×{count}")).collect::<Vec<_>>().join(", ")) }
                td.n { (flip.right) " of " (flip.runs) }
                td.n { (format!("{:.2}", flip.disagreement)) }
            } } }
        }
    }
}
