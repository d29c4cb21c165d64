//! What a measured program printed.

use crate::shell::Outcome;

#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub seconds: f64,
    /// Peak resident memory in MB.
    pub peak: f64,
    /// Its lines `seed S train X s  dev F1 A  test F1 B`, if any.
    pub scores: Vec<String>,
}

/// The seconds of a last line `median X s  peak Y MB` or `total X s  peak Y MB`.
pub fn last_time(output: &str) -> Outcome<f64> {
    let last = last(output);
    match last.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["median" | "total", seconds, "s", "peak", _, "MB"] => number(seconds),
        _ => None,
    }
    .ok_or_else(|| format!("it ended with `{last}` where `median X s  peak Y MB` was expected"))
}

/// The median of the lines `epoch X s`.
pub fn epoch(output: &str) -> Outcome<f64> {
    let seconds = output.lines().filter_map(|line| number(line.strip_prefix("epoch ")?.strip_suffix(" s")?)).collect();
    median(seconds).ok_or_else(|| "it printed no line `epoch X s`".to_owned())
}

/// The peak of a last line that ends in `peak Y MB`.
pub fn peak(output: &str) -> Outcome<f64> {
    let last = last(output);
    let words: Vec<&str> = last.split_whitespace().collect();
    match words.as_slice() {
        [.., "peak", peak, "MB"] => number(peak),
        _ => None,
    }
    .ok_or_else(|| format!("it ended with `{last}` where `peak Y MB` was expected"))
}

pub fn scores(output: &str) -> Vec<String> {
    output.lines().filter(|line| line.starts_with("seed ")).map(str::to_owned).collect()
}

/// The middle one, or the mean of the middle two; nothing of nothing.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        count if count % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

fn last(output: &str) -> &str {
    output.trim_end().lines().last().unwrap_or_default()
}

/// A time or an amount of memory: finite and above zero.
fn number(word: &str) -> Option<f64> {
    word.trim().parse().ok().filter(|value: &f64| value.is_finite() && *value > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_gives_time_and_peak() {
        for (output, seconds, most) in [
            ("it 0 total 9.0\nmedian 0.4321 s  peak 812 MB\n", 0.4321, 812.0),
            ("epoch 4.5 s\r\ntotal 12.5 s  peak 500 MB\r\n", 12.5, 500.0),
        ] {
            assert_eq!((last_time(output), peak(output)), (Ok(seconds), Ok(most)));
        }
    }

    #[test]
    fn another_last_line_is_an_error_that_shows_it() {
        for output in ["Traceback", "median x s  peak 1 MB", "median 0 s  peak 1 MB", "median NaN s  peak 1 MB"] {
            assert!(last_time(output).is_err_and(|message| message.contains(output)), "{output}");
        }
        assert!(last_time("").is_err());
        assert!(peak("median 1 s").is_err_and(|message| message.contains("median 1 s")));
    }

    #[test]
    fn an_epoch_is_told_by_the_median_of_all() {
        let output = "epoch 3.0 s\nepoch 1.0 s\nepoch 1.5 s\nseed 1 train 6 s  dev F1 1  test F1 2\npeak 700 MB\n";
        assert_eq!((epoch(output), peak(output)), (Ok(1.5), Ok(700.0)));
        assert_eq!(scores(output), ["seed 1 train 6 s  dev F1 1  test F1 2"]);
        assert!(epoch("total 9 s  peak 5 MB").is_err_and(|message| message.contains("epoch")));
    }

    #[test]
    fn the_median_of_an_even_count_lies_between_the_middle_two() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }
}
