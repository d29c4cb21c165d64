//! The command line that does what a wish asks for.

use super::{Wish, fields, shown};
use corpus::Options;
use finetune::Preset;
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
    flag("--encoder", &wish.encoder);
    flag("--preset", &presets.iter().map(|preset| preset.name()).collect::<Vec<_>>().join("+"));
    let chosen = fields(&wish.choices);
    for (key, value) in chosen.as_object().into_iter().flatten().filter(|(key, _)| *key != "presets") {
        match FLAGS.iter().find(|(other, _)| other == key) {
            _ if *value == Value::Null => {}
            Some((_, name)) => flag(name, &shown(value)),
            None => flag("--set", &format!("{key}={}", shown(value))),
        }
    }
    wish.device.iter().for_each(|device| flag("--device", device));
    if options.whole_documents {
        words.push("--whole-documents".into());
    }
    if options.merge_types {
        words.push("--merge-types".into());
    }
    if options.strict {
        words.push("--strict".into());
    }
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
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
