//! The pictures of a study, as SVG without a script. Whoever shows them gives the colours, by the names of classes: a page
//! its own, the report those of paper.

use super::report::{ArmReport, Figures, StudyReport};
use maud::{Markup, html};

const WIDTH: f64 = 720.0;
/// Room for the names of the arms.
const LEFT: f64 = 190.0;
const RIGHT: f64 = 20.0;
const ROW: f64 = 44.0;
const AXIS: f64 = 36.0;
const DOT: f64 = 4.0;

/// A scale between scores and places.
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        round(self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from))
    }
}

/// Two digits are plenty for a place in a picture.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// A range of scores that holds all values, with round ticks.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64, Vec<f64>) {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return (0.0, 1.0, vec![0.0, 0.5, 1.0]);
    }
    let wide = (high - low).max(0.02);
    let step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5].into_iter().find(|step| wide / step <= 6.0).unwrap_or(1.0);
    let first = ((low - 0.05 * wide) / step).floor();
    let last = ((high + 0.05 * wide) / step).ceil();
    // A score is never above 1, nor, unless it is a correlation, below 0.
    let (first, last) = (first.max(if low < 0.0 { -1.0 / step } else { 0.0 }), last.min(1.0 / step));
    let ticks = (0..=(last - first).round() as usize).map(|tick| (first + tick as f64) * step).collect();
    (first * step, last * step, ticks)
}

/// A score as it is written in the pictures, times 100.
fn written(value: f64) -> String {
    let value = 100.0 * value;
    if (value - value.round()).abs() < 1e-6 { format!("{}", value.round()) } else { format!("{value:.1}") }
}

pub fn figures(report: &StudyReport) -> Figures {
    let shown: Vec<&ArmReport> = report.arms.iter().collect();
    Figures {
        dots: dots(&shown).into_string(),
        curves: curves(report).into_string(),
        expected: expected(&shown).into_string(),
    }
}

/// A row an arm: a dot a seed, a line at the mean, a bar over the interval; failed runs have a ring.
fn dots(arms: &[&ArmReport]) -> Markup {
    let scores = arms.iter().flat_map(|arm| arm.scores.iter().filter_map(|score| score.test));
    let intervals = arms.iter().filter_map(|arm| arm.intervals.both).flat_map(|interval| [interval.low, interval.high]);
    let (low, high, ticks) = range(scores.chain(intervals));
    let scale = Scale { low, high, from: LEFT, to: WIDTH - RIGHT };
    let bottom = arms.len() as f64 * ROW + 8.0;
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH} {}", bottom + AXIS)) width=(WIDTH) class="fig" {
            @for tick in &ticks {
                line class="fig-grid" x1=(scale.at(*tick)) x2=(scale.at(*tick)) y1="4" y2=(bottom) {}
                text class="fig-text" x=(scale.at(*tick)) y=(bottom + 18.0) text-anchor="middle" { (written(*tick)) }
            }
            line class="fig-axis" x1=(LEFT) x2=(WIDTH - RIGHT) y1=(bottom) y2=(bottom) {}
            @for (row, arm) in arms.iter().enumerate() {
                @let middle = row as f64 * ROW + ROW / 2.0 + 4.0;
                (name(arm, middle))
                @if let Some(interval) = arm.intervals.both {
                    rect class="fig-interval" x=(scale.at(interval.low)) y=(middle - 9.0) height="18" rx="3"
                        width=(round(scale.at(interval.high) - scale.at(interval.low))) {
                        title { (format!("{} %: {} – {}", (100.0 * interval.level).round(), written(interval.low), written(interval.high))) }
                    }
                }
                @for (place, score) in arm.scores.iter().enumerate() {
                    @if let Some(test) = score.test {
                        circle class=(if score.failed { "fig-dot fig-failed" } else { "fig-dot" })
                            cx=(scale.at(test)) cy=(round(middle + spread_out(place))) r=(DOT) {
                            title { (format!("{}, seed {}: {}", arm.name, score.seed, written(test))) }
                        }
                    }
                }
                @if let Some(test) = arm.test {
                    line class="fig-mean" x1=(scale.at(test.mean)) x2=(scale.at(test.mean)) y1=(middle - 14.0) y2=(middle + 14.0) {
                        title { (format!("{}: {}", arm.name, written(test.mean))) }
                    }
                }
            }
        }
    }
}

/// Dots of one row that lie on one another are moved apart, always in the same way.
fn spread_out(place: usize) -> f64 {
    [0.0, -5.0, 5.0, -9.0, 9.0, -2.5, 2.5, -7.0, 7.0][place % 9]
}

fn name(arm: &ArmReport, y: f64) -> Markup {
    let all: Vec<char> = arm.name.chars().collect();
    let short = if all.len() > 28 { format!("{}…", all[..27].iter().collect::<String>()) } else { arm.name.clone() };
    html! {
        text class="fig-text fig-name" x=(LEFT - 10.0) y=(y + 4.0) text-anchor="end" { (short) title { (arm.name) } }
    }
}

const PANEL: [f64; 2] = [220.0, 150.0];

/// A panel an arm: scores on dev by epoch, every run a line.
fn curves(report: &StudyReport) -> Markup {
    let points = report.runs.iter().flat_map(|run| run.curve.iter().map(|point| point.score));
    let (low, high, ticks) = range(points);
    let columns = 3.min(report.arms.len().max(1));
    let rows = report.arms.len().div_ceil(columns).max(1);
    let [width, height] = PANEL;
    let (left, top, gap) = (40.0, 22.0, 14.0);
    let size = [left + columns as f64 * (width + gap), rows as f64 * (height + top + 26.0) + 4.0];
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {} {}", size[0], size[1])) width=(size[0]) class="fig" {
            @for (place, arm) in report.arms.iter().enumerate() {
                @let x = left + (place % columns) as f64 * (width + gap);
                @let y = top + (place / columns) as f64 * (height + top + 26.0);
                @let across = Scale { low: 0.0, high: arm.epochs.max(1) as f64, from: x, to: x + width };
                @let up = Scale { low, high, from: y + height, to: y };
                @for tick in &ticks {
                    line class="fig-grid" x1=(x) x2=(x + width) y1=(up.at(*tick)) y2=(up.at(*tick)) {}
                    @if place % columns == 0 {
                        text class="fig-text" x=(x - 6.0) y=(up.at(*tick) + 4.0) text-anchor="end" { (written(*tick)) }
                    }
                }
                line class="fig-axis" x1=(x) x2=(x + width) y1=(y + height) y2=(y + height) {}
                text class="fig-text fig-name" x=(x) y=(y - 7.0) { (arm.name) }
                text class="fig-text" x=(x) y=(y + height + 16.0) { "0" }
                text class="fig-text" x=(x + width) y=(y + height + 16.0) text-anchor="end" { (arm.epochs) }
                @for run in report.runs.iter().filter(|run| run.spec.arm == place && !run.curve.is_empty()) {
                    polyline class=(if run.counts_as_failed() { "fig-run fig-run-failed" } else { "fig-run" })
                        points=(run.curve.iter().map(|point| format!("{},{}", across.at(point.epoch as f64), up.at(point.score))).collect::<Vec<_>>().join(" ")) {
                        title { (format!("{}, seed {}", arm.name, run.spec.seed)) }
                    }
                }
            }
        }
    }
}

/// The best dev score to expect by the number of runs tried, a line an arm.
fn expected(arms: &[&ArmReport]) -> Markup {
    let points = arms.iter().flat_map(|arm| arm.expected.iter().map(|point| point.mean));
    let (low, high, ticks) = range(points);
    let most = arms.iter().map(|arm| arm.expected.len()).max().unwrap_or(0).max(2);
    let height = 240.0;
    let across = Scale { low: 1.0, high: most as f64, from: 48.0, to: WIDTH - LEFT };
    let up = Scale { low, high, from: height - AXIS, to: 10.0 };
    let every = most.div_ceil(10);
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH} {height}")) width=(WIDTH) class="fig" {
            @for tick in &ticks {
                line class="fig-grid" x1="48" x2=(WIDTH - LEFT) y1=(up.at(*tick)) y2=(up.at(*tick)) {}
                text class="fig-text" x="42" y=(up.at(*tick) + 4.0) text-anchor="end" { (written(*tick)) }
            }
            line class="fig-axis" x1="48" x2=(WIDTH - LEFT) y1=(height - AXIS) y2=(height - AXIS) {}
            @for runs in (1..=most).filter(|runs| (runs - 1) % every == 0) {
                text class="fig-text" x=(across.at(runs as f64)) y=(height - AXIS + 18.0) text-anchor="middle" { (runs) }
            }
            @for (place, arm) in arms.iter().enumerate().filter(|(_, arm)| !arm.expected.is_empty()) {
                @let line = format!("fig-line-{}", place % 8 + 1);
                polyline class=(format!("fig-line {line}"))
                    points=(arm.expected.iter().map(|point| format!("{},{}", across.at(point.runs as f64), up.at(point.mean))).collect::<Vec<_>>().join(" ")) {
                    title { (arm.name) }
                }
                @let y = 20.0 + 18.0 * place as f64;
                line class=(format!("fig-line {line}")) x1=(WIDTH - LEFT + 12.0) x2=(WIDTH - LEFT + 36.0) y1=(y) y2=(y) {}
                text class="fig-text" x=(WIDTH - LEFT + 42.0) y=(y + 4.0) { (arm.name) }
            }
        }
    }
}
