//! The table that a comparison prints.

use super::measured::{Measured, median};

/// One row: its name, and the pairs (ours, the reference's) or why there are none.
pub type Row = (String, Result<Vec<Pair>, String>);
pub type Pair = (Measured, Measured);

const HEAD: [&str; 7] =
    ["what", "ours", "reference", "ours / reference", "peak ours", "peak reference", "peak ours / reference"];

/// Times and ratios are medians over a row's pairs, the ratio of each pair taken first; peaks are the highest.
/// Under the table stand the scores of those rows that train to an end.
pub fn text(rows: &[Row]) -> String {
    let lines: Vec<Result<[String; 7], (&str, &str)>> = rows
        .iter()
        .map(|(name, outcome)| match outcome {
            Ok(pairs) => Ok(cells(name, pairs)),
            Err(why) => Err((name.as_str(), why.as_str())),
        })
        .collect();
    let mut widths = HEAD.map(|title| title.chars().count());
    for line in &lines {
        match line {
            Ok(cells) => {
                widths.iter_mut().zip(cells).for_each(|(width, cell)| *width = cell.chars().count().max(*width))
            }
            Err((name, _)) => widths[0] = name.chars().count().max(widths[0]),
        }
    }
    let written = |cells: &[String]| {
        let [first, rest @ ..] = cells else { return String::new() };
        let rest = rest.iter().zip(&widths[1..]).map(|(cell, width)| format!(" {cell:>width$} |"));
        format!("| {first:<0$} |{1}\n", widths[0], rest.collect::<String>())
    };
    let mut text = written(&HEAD.map(str::to_owned));
    let rules = widths[1..].iter().map(|width| format!("{}:|", "-".repeat(width + 1))).collect::<String>();
    text += &format!("|{}|{rules}\n", "-".repeat(widths[0] + 2));
    for line in &lines {
        match line {
            Ok(cells) => text += &written(cells),
            Err((name, why)) => text += &written(&[(*name).to_owned(), why.replace(['\n', '|'], " ")]),
        }
    }
    for (name, outcome) in rows {
        for (ours, theirs) in outcome.iter().flatten() {
            for (who, scores) in [("ours", &ours.scores), ("reference", &theirs.scores)] {
                scores.iter().for_each(|score| text += &format!("\n{name}, {who}: {score}"));
            }
        }
    }
    text
}

fn cells(name: &str, pairs: &[Pair]) -> [String; 7] {
    let middle = |of: fn(&Pair) -> f64| median(pairs.iter().map(of).collect()).unwrap_or(f64::NAN);
    let highest = |of: fn(&Pair) -> f64| pairs.iter().map(of).fold(0.0, f64::max);
    let (ours, theirs) = (highest(|(ours, _)| ours.peak), highest(|(_, theirs)| theirs.peak));
    [
        name.to_owned(),
        seconds(middle(|(ours, _)| ours.seconds)),
        seconds(middle(|(_, theirs)| theirs.seconds)),
        format!("{:.2}", middle(|(ours, theirs)| ours.seconds / theirs.seconds)),
        format!("{ours:.0} MB"),
        format!("{theirs:.0} MB"),
        format!("{:.2}", ours / theirs),
    ]
}

/// Three figures that mean something, whole seconds from a hundred on.
fn seconds(value: f64) -> String {
    let decimals = match value {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{value:.decimals$} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(seconds: f64, peak: f64, scores: &[&str]) -> Measured {
        Measured { seconds, peak, scores: scores.iter().map(|score| (*score).to_owned()).collect() }
    }

    #[test]
    fn figures_reasons_and_scores_stand_in_one_table() {
        let pairs = vec![
            (measured(1.0, 100.0, &[]), measured(4.0, 300.0, &[])),
            (measured(2.0, 110.0, &[]), measured(2.0, 220.0, &[])),
            (measured(3.0, 105.0, &[]), measured(12.5, 250.0, &[])),
        ];
        let trained = vec![(measured(123.4, 50.0, &["seed 1 a"]), measured(0.1234, 100.0, &["seed 1 b"]))];
        let rows = [
            ("a step".to_owned(), Ok(pairs)),
            ("an epoch".to_owned(), Ok(trained)),
            ("a row without luck".to_owned(), Err("failed: one | two\nthree".to_owned())),
        ];
        let expected = "\
| what               |   ours | reference | ours / reference | peak ours | peak reference | peak ours / reference |
|--------------------|-------:|----------:|-----------------:|----------:|---------------:|----------------------:|
| a step             | 2.00 s |    4.00 s |             0.25 |    110 MB |         300 MB |                  0.37 |
| an epoch           |  123 s |   0.123 s |          1000.00 |     50 MB |         100 MB |                  0.50 |
| a row without luck | failed: one   two three |

an epoch, ours: seed 1 a
an epoch, reference: seed 1 b";
        let text = text(&rows);
        assert_eq!(text, expected, "\n{text}");
    }
}
