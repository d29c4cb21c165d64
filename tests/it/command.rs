//! The program `ballast` as a user runs it, each test in a workspace of its own.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A private place to work in, without the encoder that set-up may have fetched.
pub struct Place {
    pub folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// `ballast` with arguments divided at white space, `{}` standing for this place's folder.
    pub fn ballast(&self, line: &str) -> Command {
        let folder = self.folder.path().display().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ballast"));
        command.args(line.split_whitespace().map(|word| word.replace("{}", &folder)));
        command.env("BALLAST_WORKSPACE", self.path("workspace")).env("BALLAST_CACHE", self.path("no-cache"));
        command.env_remove("BALLAST_STARTER").env_remove("SLURM_CPUS_PER_TASK");
        command
    }

    #[track_caller]
    pub fn succeed(&self, line: &str) -> Output {
        let output = self.ballast(line).output().unwrap();
        assert!(output.status.success(), "{line}\n{}{}", show(&output.stdout), show(&output.stderr));
        output
    }

    /// Runs a command that must fail, and returns what it said on stderr.
    #[track_caller]
    pub fn fail(&self, line: &str, code: i32) -> String {
        let output = self.ballast(line).output().unwrap();
        let said = show(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{line}\n{}{said}", show(&output.stdout));
        said
    }
}

pub fn show(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error} in {}", show(bytes)))
}

fn read_json(path: &Path) -> Value {
    json(&fs::read(path).unwrap())
}

fn lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_classifier_is_trained_used_scored_and_exported() {
    let place = Place::new();
    let said = show(
        &place
            .succeed("train --data sample:notes --encoder starter --preset standard --epochs 2 --lr 1e-3 --out {}/run")
            .stderr,
    );
    assert!(said.contains("not pretrained"), "{said}");
    let run = place.path("run");
    for file in ["run.json", "events.jsonl", "metrics.json", "predictions.jsonl", "model/README.md"] {
        assert!(run.join(file).is_file(), "{file} is missing");
    }
    let record = read_json(&run.join("run.json"));
    assert_eq!(record["outcome"], "completed");
    assert_eq!(record["recipe"]["learning-rate"], 1e-3);
    let (train, dev, test) = (&record["dataset"]["train"], &record["dataset"]["dev"], &record["dataset"]["test"]);
    assert_eq!(train.as_u64().unwrap() + dev.as_u64().unwrap() + test.as_u64().unwrap(), 400);
    let config = read_json(&run.join("model/config.json"));
    assert_eq!(config["architectures"][0], "BertForSequenceClassification");
    assert_eq!(config["id2label"]["0"], "cardiology");
    let predictions = lines(&run.join("predictions.jsonl"));
    assert_eq!(predictions.len() as u64, test.as_u64().unwrap());
    assert!(predictions.iter().all(|line| line.get("text").is_none()), "predictions hold no text");

    place.text(
        "new.csv",
        "text\n\"Chest pain, radiating to the left arm.\nECG shows ST elevation.\"\nWheeze and cough.\n",
    );
    place.succeed("predict --run {}/run --input {}/new.csv --out {}/answers.csv");
    let answers = fs::read_to_string(place.path("answers.csv")).unwrap();
    assert!(answers.starts_with("id,text,label,probability,p(cardiology)"), "{answers}");
    assert!(answers.contains("ECG shows ST elevation.\","), "{answers}");

    let scores = json(&place.succeed("evaluate --run {}/run --data sample:notes --json").stdout);
    assert_eq!(scores["scores"]["n"], 400);
    place.succeed("export --run {}/run --to hf --out {}/exported");
    let exported = fs::read(place.path("exported/model.safetensors")).unwrap();
    assert_eq!(exported, fs::read(run.join("model/model.safetensors")).unwrap());
    let folder = place.folder.path().display().to_string();
    for entry in fs::read_dir(place.path("exported")).unwrap().flatten() {
        let content = show(&fs::read(entry.path()).unwrap());
        assert!(!content.contains(&folder), "{:?} names a path", entry.file_name());
        assert!(!content.contains("Chest"), "{:?} holds text", entry.file_name());
    }
    let said = place.fail("train --data sample:notes --encoder starter --out {}/run", 3);
    assert!(said.contains("not empty"), "{said}");
    let said = place.fail("resume {}/run", 3);
    assert!(said.contains("has ended"), "{said}");
}

#[test]
fn entities_are_found_at_their_place_in_the_users_own_text() {
    let place = Place::new();
    place
        .succeed("train --data sample:sentences --encoder starter --preset standard --epochs 6 --lr 2e-3 --out {}/run");
    let config = read_json(&place.path("run/model/config.json"));
    assert_eq!(config["architectures"][0], "BertForTokenClassification");
    assert_eq!(config["id2label"]["0"], "O");
    place.succeed("predict --run {}/run --input sample:sentences --out {}/answers.jsonl");
    let answers = lines(&place.path("answers.jsonl"));
    assert_eq!(answers.len(), 300);
    let mut found = 0;
    for answer in &answers {
        let text: Vec<char> = answer["text"].as_str().unwrap().chars().collect();
        for span in answer["entities"].as_array().unwrap() {
            let (start, end) = (span["start"].as_u64().unwrap() as usize, span["end"].as_u64().unwrap() as usize);
            let surface: String = text[start..end].iter().collect();
            assert_eq!(surface.trim(), surface, "a span begins and ends with a word");
            found += 1;
        }
    }
    assert!(found > 100, "only {found} entities in 300 sentences");
    let metrics = read_json(&place.path("run/metrics.json"));
    assert!(metrics["score"]["test"].as_f64().unwrap() > 0.3, "{metrics}");
}

#[test]
fn inspect_tells_what_is_in_a_file() {
    let place = Place::new();
    let facts = json(&place.succeed("inspect sample:notes --json").stdout);
    assert_eq!(facts["task"], "classification");
    assert_eq!(facts["columns"]["text"], "text");
    assert_eq!(facts["columns"]["group"], "patient");
    assert_eq!(facts["issues"].as_array().unwrap().len(), 0);
    let said = show(&place.succeed("inspect sample:sentences").stdout);
    assert!(said.contains("task: ner") && said.contains("Drug"), "{said}");
}

#[test]
fn the_rate_of_every_part_is_printed() {
    let place = Place::new();
    let said = show(&place.succeed("recipe --encoder starter --preset freeze+reinit-top").stdout);
    for part in ["embeddings", "frozen", "layer 1", "drawn anew", "pooler", "head"] {
        assert!(said.contains(part), "{part} is missing in\n{said}");
    }
}

#[test]
fn wrong_use_ends_with_code_2_and_says_what_is_right() {
    let place = Place::new();
    let check = |line: &str, hint: &str| {
        let said = place.fail(line, 2);
        assert!(said.contains(hint), "{line}: {said}");
    };
    check("train --data sample:notes", "--encoder");
    check("train --data sample:notes --encoder starter --preset frozen", "freeze");
    check("train --data sample:notes --encoder starter --set freeze.k=9 --preset freeze", "freeze.k");
    check("train --data sample:notes --encoder starter --set epoch=9", "epochs");
    check("train --data sample:notes --encoder starter --device moon", "cpu");
    check("train --data sample:notes --encoder starter --keep worst", "best or last");
    check("melt", "unrecognized");
}

#[test]
fn encoders_are_taken_in_checked_and_removed() {
    let place = Place::new();
    let source = crate::root().join("tests/golden/encoder/electra-small-random").display().to_string();
    place.succeed(&format!("encoders add {source}"));
    let said = place.fail(&format!("encoders add {source}"), 3);
    assert!(said.contains("already"), "{said}");
    let listed = json(&place.succeed("encoders --json").stdout);
    assert_eq!(listed[1]["name"], "electra-small-random");
    assert_eq!(listed[1]["family"], "electra");
    place.succeed("encoders remove electra-small-random");
    assert_eq!(json(&place.succeed("encoders --json").stdout).as_array().unwrap().len(), 1);
}

#[test]
fn a_model_of_pairs_reads_both_texts_again() {
    let place = Place::new();
    let mut table = String::from("when,asked,found,answer\n");
    for row in 0..60 {
        let [answer, other] = if row % 2 == 0 { ["yes", "no"] } else { ["no", "yes"] };
        table.push_str(&format!("{row},does drug {row} help,it was {answer} rather than {other},{answer}\n"));
    }
    place.text("pairs.csv", &table);
    place.succeed(
        "train --data {}/pairs.csv --text asked --pair found --label answer --encoder starter --preset standard \
         --epochs 1 --out {}/run",
    );
    // The columns that the run was told of are found again, whatever else would be guessed.
    place.text(
        "new.csv",
        "a much longer column with other words in it,found,asked\nx y z x y z x y z,it was no,does it help\n",
    );
    place.succeed("predict --run {}/run --input {}/new.csv --out {}/answers.jsonl");
    assert_eq!(lines(&place.path("answers.jsonl"))[0]["text"], "does it help");
    let whole = show(&place.succeed("--json evaluate --run {}/run --data {}/pairs.csv --label answer").stdout);
    assert!(whole.contains("macro_f1"), "{whole}");
    // Where a second text was said not to be, none is asked for.
    place.succeed(
        "train --data {}/pairs.csv --text asked --pair= --label answer --encoder starter --preset standard \
         --epochs 1 --out {}/alone",
    );
    place.text("alone.txt", "does it help\n");
    place.succeed("predict --run {}/alone --input {}/alone.txt --out {}/alone.csv");
    // Without the second text it is told, not left out in silence.
    place.text("single.csv", "asked\ndoes it help\n");
    assert!(place.fail("predict --run {}/run --input {}/single.csv --out {}/a.csv", 3).contains("found"));
    place.text("single.txt", "does it help\n");
    assert!(place.fail("predict --run {}/run --input {}/single.txt --out {}/a.csv", 3).contains("second"));
}
