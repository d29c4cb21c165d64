//! The command line that does what a wish asks for.

use super::{Wish, fields, shown};
use crate::study::StudyWish;
use corpus::Options;
use finetune::{Choices, Preset};
use serde_json::Value;

/// Settings with a flag of their own; all others are given with `--set`.
const FLAGS: [(&str, &str); 6] = [
    ("seed", "--seed"),
    ("epochs", "--epochs"),
    ("learning-rate", "--lr"),
    ("batch-size", "--batch"),
    ("max-length", "--max-length"),
    ("keep", "--keep"),
];

/// `ballast train ...` with all that was chosen, for a POSIX shell. The presets are named even where they are the recommended
/// ones: another version may recommend others.
pub(crate) fn command_line(data: &str, options: &Options, wish: &Wish, presets: &[Preset]) -> String {
    let mut words = vec!["ballast".to_string(), "train".into()];
    let presets = presets.iter().map(|preset| preset.name()).collect::<Vec<_>>().join("+");
    let own = [("--encoder", wish.encoder.clone()), ("--preset", presets)];
    add_flags(&mut words, data, options, &own, &wish.choices, wish.device.as_deref());
    joined(&words)
}

/// `ballast study ...`, likewise.
pub(crate) fn study_command(data: &str, options: &Options, wish: &StudyWish) -> String {
    let mut words = vec!["ballast".to_string(), "study".into()];
    let combined = |presets: &Vec<Preset>| presets.iter().map(|preset| preset.name()).collect::<Vec<_>>().join("+");
    let presets = wish.presets.iter().map(combined).collect::<Vec<_>>().join(",");
    let mut own: Vec<(&str, String)> = wish.encoders.iter().map(|encoder| ("--encoder", encoder.clone())).collect();
    own.push(("--presets", presets));
    own.push(("--seeds", wish.seeds.to_string()));
    if wish.order_seeds > 1 {
        own.push(("--order-seeds", wish.order_seeds.to_string()));
    }
    if let Some(folds) = &wish.folds {
        own.extend([("--folds", folds.of.to_string()), ("--repeats", folds.repeats.max(1).to_string())]);
    }
    add_flags(&mut words, data, options, &own, &wish.choices, wish.device.as_deref());
    if wish.search {
        words.push("--search".into());
    }
    joined(&words)
}

fn joined(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn add_flags(
    words: &mut Vec<String>,
    data: &str,
    options: &Options,
    own: &[(&str, String)],
    choices: &Choices,
    device: Option<&str>,
) {
    let mut flag = |name: &str, value: &str| {
        // A value that begins like a flag has to be tied to its own.
        if value.starts_with('-') {
            words.push(format!("{name}={value}"));
        } else {
            words.extend([name.into(), value.into()]);
        }
    };
    flag("--data", data);
    let delimiter =
        options.delimiter.map(|delimiter| if delimiter == '\t' { "tab".into() } else { String::from(delimiter) });
    let names = [
        ("--format", options.format.map(|format| format.name())),
        ("--encoding", options.encoding.as_deref()),
        ("--delimiter", delimiter.as_deref()),
        ("--task", options.task.map(|task| task.name())),
        ("--text", options.text.as_deref()),
        ("--pair", options.pair.as_deref()),
        ("--label", options.label.as_deref()),
        ("--group", options.group.as_deref()),
        ("--id", options.id.as_deref()),
        ("--document", options.document.as_deref()),
        ("--separator", options.separator.as_deref()),
        ("--negative", options.negative.as_deref()),
        ("--marking", options.marking.map(|marking| marking.name())),
    ];
    names.iter().for_each(|(name, value)| value.iter().for_each(|value| flag(name, value)));
    options.labels.iter().for_each(|label| flag("--label", label));
    options.fold.iter().for_each(|fold| flag("--fold", &fold.to_string()));
    let usual = Options::default();
    if options.seed != usual.seed {
        flag("--split-seed", &options.seed.to_string());
    }
    for (name, share, usual) in
        [("--dev-share", options.dev_share, usual.dev_share), ("--test-share", options.test_share, usual.test_share)]
    {
        if share != usual {
            flag(name, &share.to_string());
        }
    }
    own.iter().for_each(|(name, value)| flag(name, value));
    let chosen = fields(choices);
    for (key, value) in chosen.as_object().into_iter().flatten().filter(|(key, _)| *key != "presets") {
        match FLAGS.iter().find(|(other, _)| other == key) {
            _ if *value == Value::Null => {}
            Some((_, name)) => flag(name, &shown(value)),
            None => flag("--set", &format!("{key}={}", shown(value))),
        }
    }
    device.iter().for_each(|device| flag("--device", device));
    if options.whole_documents {
        words.push("--whole-documents".into());
    }
    if options.merge_types {
        words.push("--merge-types".into());
    }
    if options.strict {
        words.push("--strict".into());
    }
}

/// A word that a POSIX shell reads back as it is.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+=:,./@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_only_where_a_shell_would_change_them() {
        assert_eq!(quoted("/data/notes-1.csv"), "/data/notes-1.csv");
        assert_eq!(quoted("the patient's notes"), r"'the patient'\''s notes'");
        assert_eq!([quoted(""), quoted("~"), quoted("$HOME")], ["''", "'~'", "'$HOME'"]);
    }
}
