//! What is to be compared: the arguments, and the rows of the table.

use crate::shell::Outcome;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Group {
    Step,
    Frozen,
    Epoch,
    Predict,
    Seeds,
}

use Group::{Epoch, Frozen, Predict, Seeds, Step};

const GROUPS: [(&str, Group); 5] =
    [("step", Step), ("frozen", Frozen), ("epoch", Epoch), ("predict", Predict), ("seeds", Seeds)];

/// What one row runs on both sides.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// A training step: LAYERS HIDDEN BATCH SEQ ITERS, then any of frozen=K and heads=H.
    Step(Vec<String>),
    /// Fine-tuning the starter encoder on NCBI-disease: an epoch of it is timed, or with `whole` everything.
    /// With `grouped` the reference puts texts of about the same length into one batch.
    Train { preset: &'static str, frozen: usize, seeds: usize, epochs: usize, whole: bool, grouped: bool },
    /// Predictions of the starter encoder for real sentences; what `predict.py` is told of its side.
    Predict(&'static [&'static str]),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub name: String,
    pub pairs: usize,
    pub work: Work,
}

#[derive(Debug, PartialEq)]
pub struct Plan {
    pub cases: Vec<Case>,
    pub threads: usize,
    /// As `taskset -c` takes them.
    pub cores: Option<String>,
}

/// How often a row is measured unless `--pairs` says otherwise: epochs take minutes.
const PAIRS: usize = 5;
const PAIRS_OF_EPOCHS: usize = 1;

/// Reads the arguments of `cargo xtask bench`.
pub fn read(arguments: &[&str]) -> Outcome<Plan> {
    let (mut shape, mut only, mut pairs, mut threads, mut cores) = (Vec::new(), Vec::new(), None, 2, None);
    let mut words = arguments.iter();
    while let Some(&word) = words.next() {
        if !word.starts_with("--") {
            shape.push(word.to_owned());
            continue;
        }
        let value = *words.next().ok_or_else(|| format!("{word} is without its value"))?;
        match word {
            "--pairs" => pairs = Some(count(word, value)?),
            "--threads" => threads = count(word, value)?,
            "--cores" => cores = Some(cores_of(value)?),
            "--only" => only.extend(groups(value)?),
            _ => return Err(format!("there is no option {word}: choose among --pairs, --threads, --cores, --only")),
        }
    }
    let mut cases = if shape.is_empty() {
        let chosen = |group| if only.is_empty() { group != Seeds } else { only.contains(&group) };
        all().into_iter().filter(|(group, _)| chosen(*group)).map(|(_, case)| case).collect()
    } else if only.is_empty() {
        vec![Case { name: format!("step {}", shape.join(" ")), pairs: PAIRS, work: Work::Step(checked(shape)?) }]
    } else {
        return Err("give the shape of one step or --only, not both".to_owned());
    };
    if let Some(pairs) = pairs {
        cases.iter_mut().for_each(|case| case.pairs = pairs);
    }
    Ok(Plan { cases, threads, cores })
}

fn all() -> Vec<(Group, Case)> {
    let step = |name: &str, shape: &str| {
        let work = Work::Step(shape.split(' ').map(str::to_owned).collect());
        Case { name: format!("step, {name}"), pairs: PAIRS, work }
    };
    let train = |name: &str, preset, frozen, [seeds, epochs]: [usize; 2], whole| {
        let work = Work::Train { preset, frozen, seeds, epochs, whole, grouped: false };
        Case { name: format!("{name}, NCBI-disease, MiniLM-L6, {preset}"), pairs: PAIRS_OF_EPOCHS, work }
    };
    let grouped = Case {
        name: "one epoch, NCBI-disease, MiniLM-L6, standard, vs grouping by length".into(),
        pairs: PAIRS_OF_EPOCHS,
        work: Work::Train { preset: "standard", frozen: 0, seeds: 1, epochs: 1, whole: false, grouped: true },
    };
    let predict = |name: &str, reference| {
        let name = format!("predict 2,000 sentences, MiniLM-L6, vs {name}");
        Case { name, pairs: PAIRS, work: Work::Predict(reference) }
    };
    vec![
        (Step, step("BERT-base, 8 × 128", "12 768 8 128 5")),
        (Step, step("MiniLM-L6, 16 × 64", "6 384 16 64 10 heads=12")),
        (Step, step("4 layers of 512, 16 × 128", "4 512 16 128 10")),
        (Frozen, step("BERT-base, 8 × 128, 6 layers frozen", "12 768 8 128 5 frozen=6")),
        (Frozen, step("MiniLM-L6, 16 × 64, 3 layers frozen", "6 384 16 64 10 frozen=3 heads=12")),
        (Epoch, train("one epoch", "standard", 0, [1, 1], false)),
        (Epoch, grouped),
        (Epoch, train("one epoch", "freeze", 3, [1, 1], false)),
        (Predict, predict("ONNX Runtime", &["onnx"])),
        (Predict, predict("ONNX Runtime on sorted batches", &["onnx", "sorted"])),
        (Predict, predict("PyTorch", &["torch"])),
        (Seeds, train("5 seeds of 5 epochs", "freeze", 3, [5, 5], true)),
    ]
}

fn checked(shape: Vec<String>) -> Outcome<Vec<String>> {
    let right = shape.len() >= 5
        && shape.iter().enumerate().all(|(place, word)| {
            let number = match word.split_once('=') {
                None if place < 5 => word,
                Some(("frozen" | "heads", number)) if place >= 5 => number,
                _ => return false,
            };
            number.parse::<usize>().is_ok()
        });
    if right {
        Ok(shape)
    } else {
        Err(format!(
            "`{}` is no step: LAYERS HIDDEN BATCH SEQ ITERS [frozen=K] [heads=H], all numbers",
            shape.join(" ")
        ))
    }
}

fn groups(value: &str) -> Outcome<Vec<Group>> {
    value
        .split(',')
        .map(|name| {
            GROUPS.iter().find(|(known, _)| *known == name).map(|(_, group)| *group).ok_or_else(|| {
                format!(
                    "there is nothing called {name} to bench: choose among {}",
                    GROUPS.map(|(known, _)| known).join(", ")
                )
            })
        })
        .collect()
}

fn count(option: &str, value: &str) -> Outcome<usize> {
    match value.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("{option} takes a number above zero, not {value}")),
    }
}

fn cores_of(value: &str) -> Outcome<String> {
    if !cfg!(target_os = "linux") {
        return Err("--cores works on Linux alone".to_owned());
    }
    if value.split([',', '-']).all(|core| core.parse::<usize>().is_ok()) {
        Ok(value.to_owned())
    } else {
        Err(format!("--cores takes the numbers of cores, as in 2,3, not {value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Vec<String> {
        read(arguments).expect("a plan").cases.into_iter().map(|case| case.name).collect()
    }

    #[test]
    fn all_but_the_hours_by_default() {
        let plan = read(&[]).expect("a plan");
        assert_eq!((plan.cases.len(), plan.threads, plan.cores), (11, 2, None));
        for case in &plan.cases {
            let epoch = matches!(case.work, Work::Train { whole: false, .. });
            assert_eq!(case.pairs, if epoch { 1 } else { 5 }, "{}", case.name);
        }
        for case in plan.cases {
            if let Work::Step(shape) = case.work {
                assert_eq!(checked(shape.clone()), Ok(shape));
            }
        }
    }

    #[test]
    fn several_groups_may_be_chosen() {
        assert_eq!(names(&["--only", "step,frozen"]), names(&["--only", "frozen", "--only", "step"]));
        assert_eq!(names(&["--only", "step,frozen"]).len(), 5);
        assert_eq!(names(&["--only", "seeds"]), ["5 seeds of 5 epochs, NCBI-disease, MiniLM-L6, freeze"]);
    }

    #[test]
    fn one_shape_of_a_step() {
        let plan = read(&["2", "128", "4", "32", "3", "frozen=1", "heads=2", "--pairs", "2", "--threads", "4"]);
        let shape = ["2", "128", "4", "32", "3", "frozen=1", "heads=2"].map(str::to_owned).to_vec();
        let case = Case { name: "step 2 128 4 32 3 frozen=1 heads=2".into(), pairs: 2, work: Work::Step(shape) };
        assert_eq!(plan, Ok(Plan { cases: vec![case], threads: 4, cores: None }));
    }

    #[test]
    fn what_cannot_be_meant_is_said() {
        for (arguments, word) in [
            (&["12", "768"][..], "12 768"),
            (&["12", "768", "8", "128", "5", "6"], "no step"),
            (&["12", "768", "8", "128", "5", "cold=6"], "cold=6"),
            (&["12", "768", "8", "128", "5", "--only", "step"], "not both"),
            (&["--only", "steps"], "steps"),
            (&["--pairs", "0"], "--pairs"),
            (&["--pairs"], "--pairs"),
            (&["--pears", "1"], "--pears"),
            (&["--cores", "all"], "--cores"),
        ] {
            assert!(read(arguments).is_err_and(|message| message.contains(word)), "{arguments:?}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn cores_are_taken_as_taskset_takes_them() {
        assert_eq!(read(&["--cores", "2,3"]).map(|plan| plan.cores), Ok(Some("2,3".to_owned())));
        assert_eq!(read(&["--cores", "0-3"]).map(|plan| plan.cores), Ok(Some("0-3".to_owned())));
    }
}
