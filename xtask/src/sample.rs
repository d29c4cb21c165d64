//! The sample data that ships with the program: synthetic clinical notes and sentences from a small grammar.
//!
//! A template holds alternatives, `[a|b|]`, and slots, `{name}`, that a rule of that name fills, again with templates;
//! `{20-60}` is a whole number. A slot named like an entity label marks what it wrote as such an entity; `{Drug:opioid}` is a
//! drug that the rule `opioid` writes. Alternatives do not nest.

mod departments;
mod notes;
mod sentences;

use random::Stream;
use std::path::Path;

/// Every draw comes from this seed, so that the same files come out on every machine.
const SEED: u64 = 1;

/// The slots that are entities of `sentences.jsonl`.
const LABELS: [&str; 3] = ["Drug", "Disease", "Symptom"];

/// A slot's name and the templates that may fill it.
type Rule<'a> = (&'a str, &'a [&'a str]);

const README: &str = "\
# Sample data

Synthetic, written by a generator (`cargo xtask sample`) from a small grammar and a fixed seed. No real patient, no real
record and no text of anyone else's went into it; names of drugs and diseases are the only things taken from the world.
The medicine is plausible at best: use it to try the program out, never to learn medicine from.

- `notes.csv`: 400 short clinical notes of 40 invented patients. `label` is the department the note belongs to, one of six.
  Notes of one patient resemble each other, so split by `patient`. Comorbidities and negated findings of other departments
  appear on purpose, and a few notes fit two departments equally well: no model should get all of them right.
- `sentences.jsonl`: 300 sentences with the spans of drugs, diseases and symptoms, negated ones included. `start` and `end`
  count characters (Unicode code points), `end` is exclusive.

Do not edit these files: change the generator and run it again.
";

/// Writes `notes.csv`, `sentences.jsonl` and `README.md` into `folder`, which is made if need be.
pub fn write(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("notes.csv"), notes::csv())?;
    std::fs::write(folder.join("sentences.jsonl"), sentences::jsonl())?;
    std::fs::write(folder.join("README.md"), README)
}

/// Text as it grows, with the entities in it.
#[derive(Default)]
struct Text {
    surface: String,
    /// Start, end (in characters, exclusive) and label.
    entities: Vec<(usize, usize, String)>,
}

impl Text {
    fn chars(&self) -> usize {
        self.surface.chars().count()
    }

    /// Adds a sentence: a space before it if need be, and a capital letter.
    fn sentence(&mut self, template: &str, rules: &[&[Rule]], draw: &mut Stream) {
        if !self.surface.is_empty() {
            self.surface.push(' ');
        }
        let start = self.surface.len();
        self.expand(template, rules, draw);
        // Only ASCII letters change, so that no offset moves.
        if let Some(first) = self.surface.get_mut(start..start + 1) {
            first.make_ascii_uppercase();
        }
    }

    fn expand(&mut self, template: &str, rules: &[&[Rule]], draw: &mut Stream) {
        let mut rest = template;
        while let Some(at) = rest.find(['{', '[']) {
            self.surface.push_str(&rest[..at]);
            let close = if rest[at..].starts_with('{') { '}' } else { ']' };
            let end = at + rest[at..].find(close).unwrap_or_else(|| panic!("no {close} in the template {template:?}"));
            let inside = &rest[at + 1..end];
            if close == ']' {
                let options: Vec<&str> = inside.split('|').collect();
                self.expand(pick(&options, draw), rules, draw);
            } else {
                self.fill(inside, rules, draw);
            }
            rest = &rest[end + 1..];
        }
        self.surface.push_str(rest);
    }

    fn fill(&mut self, slot: &str, rules: &[&[Rule]], draw: &mut Stream) {
        let number =
            slot.split_once('-').and_then(|(low, high)| Some((low.parse::<u32>().ok()?, high.parse::<u32>().ok()?)));
        if let Some((low, high)) = number {
            let value = low + draw.below(high - low + 1);
            self.surface.push_str(&value.to_string());
            return;
        }
        let (label, rule) = slot.split_once(':').unwrap_or((slot, slot));
        let (_, options) = rules
            .iter()
            .flat_map(|set| set.iter())
            .find(|(name, _)| *name == rule)
            .unwrap_or_else(|| panic!("no rule fills the slot {slot:?}"));
        let start = self.chars();
        self.expand(pick(options, draw), rules, draw);
        if LABELS.contains(&label) {
            self.entities.push((start, self.chars(), label.to_owned()));
        }
    }
}

fn pick<'a>(options: &[&'a str], draw: &mut Stream) -> &'a str {
    options[draw.below(options.len() as u32) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn rows() -> Vec<notes::Note> {
        notes::notes()
    }

    fn sentences() -> Vec<serde_json::Value> {
        sentences::jsonl().lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
    }

    #[test]
    fn the_committed_files_are_what_the_generator_writes() {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/studio/samples");
        let fresh = std::env::temp_dir().join(format!("ballast-sample-{}", std::process::id()));
        write(&fresh).expect("the temporary folder can be written");
        for name in ["notes.csv", "sentences.jsonl", "README.md"] {
            let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(read(&fresh) == read(&committed), "{name} differs: run `cargo xtask sample`");
        }
        std::fs::remove_dir_all(fresh).expect("our own folder");
    }

    #[test]
    fn offsets_count_characters_and_meet_the_surface() {
        let known: BTreeSet<&str> = sentences::FIELDS
            .iter()
            .copied()
            .chain([sentences::AROUND])
            .flatten()
            .flat_map(|(_, options)| options.iter())
            .flat_map(|options| options.split(['[', '|', ']']))
            .collect();
        let mut counts = BTreeMap::new();
        let mut wide = 0;
        for row in sentences() {
            let text = row["text"].as_str().expect("a text");
            let chars: Vec<char> = text.chars().collect();
            let mut last_end = 0;
            for entity in row["entities"].as_array().expect("a list") {
                let (start, end) = (entity["start"].as_u64().expect("start"), entity["end"].as_u64().expect("end"));
                let (start, end) = (start as usize, end as usize);
                let label = entity["label"].as_str().expect("a label");
                let surface: String = chars[start..end].iter().collect();
                let mut lower = surface.clone();
                lower.get_mut(..1).into_iter().for_each(str::make_ascii_lowercase);
                assert!(known.contains(&surface[..]) || known.contains(&lower[..]), "{label} {surface:?}");
                assert!(start >= last_end, "entities overlap in {text:?}");
                wide += usize::from(text.char_indices().nth(start).is_some_and(|(byte, _)| byte != start));
                last_end = end;
                *counts.entry(label.to_owned()).or_insert(0usize) += 1;
            }
        }
        assert!(wide > 5, "no entity stands behind a character of several bytes: the offsets could as well be bytes");
        assert!(LABELS.iter().all(|label| counts[*label] >= 100), "{counts:?}");
    }

    #[test]
    fn nothing_is_there_twice() {
        let notes = rows();
        assert_eq!(notes.len(), 400);
        assert_eq!(notes.iter().map(|note| note.text.to_lowercase()).collect::<BTreeSet<_>>().len(), notes.len());
        let sentences = sentences();
        assert_eq!(sentences.len(), 300);
        let texts: BTreeSet<_> =
            sentences.iter().map(|row| row["text"].as_str().expect("a text").to_lowercase()).collect();
        assert_eq!(texts.len(), sentences.len());
    }

    #[test]
    fn classes_are_balanced_and_patients_have_several_notes() {
        let (mut labels, mut patients) = (BTreeMap::new(), BTreeMap::new());
        for note in rows() {
            *labels.entry(note.label).or_insert(0) += 1;
            *patients.entry(note.patient).or_insert(0) += 1;
        }
        assert_eq!(labels.len(), 6);
        assert!(labels.values().all(|count| (50..=84).contains(count)), "{labels:?}");
        assert_eq!(patients.len(), 40);
        assert!(patients.values().all(|count| *count >= 3), "{patients:?}");
    }

    #[test]
    fn texts_are_short_and_written_out() {
        for note in rows() {
            assert!(!note.text.contains(['{', '}', '[', ']', '|']) && !note.text.contains("  "), "{:?}", note.text);
            assert!((15..500).contains(&note.text.len()), "{}", note.text);
        }
        for row in sentences() {
            let text = row["text"].as_str().expect("a text");
            assert!(!text.contains(['{', '}', '[', ']', '|']) && !text.contains("  "), "{text:?}");
        }
    }
}
