//! A ward labels its notes: by keyboard, with a model in the loop, and takes labels and model elsewhere.

use super::{Desk, desk};
use crate::webdriver::until;
use crate::{fetched_encoder, root};
use corpus::{Example, Options, Span, Task, Tokenizer};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Keys as WebDriver writes them.
const RIGHT: &str = "\u{e014}";
const SHIFT: &str = "\u{e008}";
const ENTER: &str = "\u{e007}";

/// 200 sentences and what is a disease in them: real ones where they are at hand, else made up.
fn sentences() -> Vec<(String, Vec<(usize, usize)>)> {
    let real = root().join("../shared/data/ncbi-disease/train.tsv");
    let Ok(text) = fs::read_to_string(&real) else {
        eprintln!("the sentences are made up: the data set NCBI-disease is not at ../shared/data");
        let made = |row: usize| {
            let disease = ["asthma", "gout", "lung cancer"][row % 3];
            let text = format!("The patient number {row} was seen for {disease} in the clinic .");
            let start = text.find(disease).expect("it is there");
            let span = (start, start + disease.len());
            if row.is_multiple_of(4) {
                (format!("The patient number {row} went home well ."), vec![])
            } else {
                (text, vec![span])
            }
        };
        return (0..200).map(made).collect();
    };
    let mut all = Vec::new();
    for block in text.split("\n\n") {
        let (mut sentence, mut spans, mut open) = (String::new(), Vec::new(), None);
        for line in block.lines() {
            let Some((word, tag)) = line.split_once('\t') else { continue };
            let start = sentence.chars().count() + usize::from(!sentence.is_empty());
            if !sentence.is_empty() {
                sentence.push(' ');
            }
            sentence.push_str(word);
            let end = sentence.chars().count();
            match (tag.chars().next(), &mut open) {
                (Some('I'), Some((_, last))) => *last = end,
                (Some('B'), _) => spans.extend(open.replace((start, end))),
                _ => spans.extend(open.take()),
            }
        }
        spans.extend(open);
        all.push((sentence, spans));
    }
    // Short ones, so that the test goes through them in a while.
    all.retain(|(sentence, _)| (20..160).contains(&sentence.len()));
    all.truncate(200);
    all
}

/// The words of a text as the page divides it: runs of letters and digits, and each sign by itself.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open = None;
    for (at, character) in text.chars().chain([' ']).enumerate() {
        let alone = !character.is_alphanumeric() && !character.is_whitespace();
        if (alone || character.is_whitespace())
            && let Some(start) = open.take()
        {
            found.push((start, at));
        }
        if alone {
            found.push((at, at + 1));
        } else if !character.is_whitespace() && open.is_none() {
            open = Some(at);
        }
    }
    found
}

impl Desk {
    fn tab(&self, name: &str) {
        self.click(&format!("input[name=tab][value={name}] + span"));
    }

    /// The document on screen, by its place among the sentences.
    fn document(&self) -> usize {
        let name = self.text("[data-test=document]");
        name.trim_start_matches('s').parse().unwrap_or_else(|_| panic!("no document is shown: {name:?}"))
    }

    /// Marks what is a disease, by keys alone, and goes on.
    fn label_by_keys(&self, sentences: &[(String, Vec<(usize, usize)>)], done: usize) {
        let place = self.document();
        let (text, spans) = &sentences[place];
        let words = words(text);
        let marked =
            self.window().run("return document.querySelectorAll('#document-text [data-names*=\"Disease\"]').length");
        if marked == 0 {
            let mut cursor = -1;
            for (start, end) in spans {
                let first = words.iter().position(|word| word.1 > *start).expect("a word") as i64;
                let last = words.iter().rposition(|word| word.0 < *end).expect("a word") as i64;
                self.window().press("#document-text", &RIGHT.repeat((first - cursor) as usize));
                if last > first {
                    self.window().press("#document-text", &format!("{SHIFT}{}", RIGHT.repeat((last - first) as usize)));
                }
                self.window().press("#document-text", "1");
                cursor = last;
            }
            let shown = format!(
                "return document.querySelectorAll('#document-text [data-names*=\"Disease\"]').length >= {}",
                spans.len()
            );
            until("the spans are marked", || (self.window().run(&shown) == true).then_some(()));
        }
        self.window().press("#document-text", ENTER);
        let progress = format!("{} of 200", done + 1);
        self.reads("[data-test=progress]", &[&progress]);
    }

    /// Waits until the model of a round is trained and has suggested.
    fn trained(&self, round: usize) {
        // Some hundred steps of a real encoder take longer than a page may.
        let began = Instant::now();
        while self.window().run("return document.querySelectorAll('[data-test=round]').length") != json!(round) {
            assert!(began.elapsed() < Duration::from_secs(400), "the model is not trained: {}", self.text("main"));
            sleep(Duration::from_millis(200));
        }
        self.reads("[data-test=ordered]", &["in order"]);
    }
}

#[test]
fn notes_are_labelled_with_a_model_in_the_loop() {
    let Some(desk) = desk() else { return };
    let Some(encoder) = fetched_encoder("minilm-l6") else { return };
    let added = Command::new(env!("CARGO_BIN_EXE_ballast"))
        .args(["encoders", "add"])
        .arg(&encoder)
        .env("BALLAST_WORKSPACE", desk.workspace())
        .status();
    assert!(added.is_ok_and(|status| status.success()), "the encoder is taken in");
    let sentences = sentences();
    let rows: String = sentences.iter().enumerate().map(|(place, (text, _))| format!("s{place}\t{text}\n")).collect();
    let file = desk.file("notes.tsv", &format!("id\ttext\n{rows}"));

    desk.go("label");
    desk.reads("h1", &["Label texts"]);
    desk.audit("label, none");
    desk.picture("label-none");
    desk.fill("#project-name", "Diseases");
    desk.fill("#project-annotator", "Ada");
    desk.click("#create-project");
    desk.reads("h1", &["Diseases"]);
    desk.picture("label-empty");
    desk.fill("#import-path", &file.display().to_string());
    desk.click("#import");
    desk.reads("[data-test=imported]", &["200 texts"]);
    desk.click("form details summary");
    until("the columns can be named", || desk.has("#import-label").then_some(()));
    desk.audit("label, texts");
    desk.fits("label, texts");
    desk.picture("label-texts");
    desk.tab("labels");
    desk.fill("#new-span", "Disease");
    desk.click("#add-span");
    until("the label is there", || desk.has("[data-test=label]").then_some(()));
    desk.audit("label, label set");
    desk.picture("label-labels");

    desk.tab("annotate");
    until("a text is shown", || desk.has("#document-text").then_some(()));
    for done in 0..30 {
        desk.label_by_keys(&sentences, done);
        if done == 1 {
            // The last step is taken back and made again.
            desk.click("#undo");
            desk.reads("[data-test=document]", &[""]);
            until("it can be made again", || desk.has("#redo:not(:disabled)").then_some(()));
            desk.click("#redo");
            until("it is made again", || desk.has("#redo:disabled").then_some(()));
            desk.click("#skip");
        }
    }
    desk.audit("label, at work");
    desk.fits("label, at work");
    desk.picture("label-work");

    desk.tab("learn");
    desk.choose("#encoder", "minilm-l6");
    desk.audit("label, learn");
    desk.click("#retrain");
    desk.trained(1);
    // Another order, of the same model.
    desk.choose("#strategy", "margin");
    desk.click("#suggest");
    desk.reads("[data-test=ordered]", &["in order"]);
    desk.audit("label, learnt");
    desk.fits("label, learnt");
    desk.picture("label-learn");

    // What the model suggests is taken over where it is sure; the others are labelled by keys.
    desk.tab("annotate");
    until("a text is shown", || desk.has("#document-text").then_some(()));
    let mut accepted = 0;
    for done in 30..60 {
        until("a text is shown", || desk.has("[data-test=document]").then_some(()));
        if desk.has("[data-test=suggestions]") {
            if accepted == 0 {
                desk.audit("label, suggestions");
                desk.picture("label-suggestions");
            }
            desk.click("[data-test=accept]");
            accepted += 1;
            until("it is taken over", || desk.has("#document-text [data-names=\"Disease\"]").then_some(()));
        }
        desk.label_by_keys(&sentences, done);
    }
    assert!(accepted > 0, "the model suggested something");
    // One key trains again, and the work goes on meanwhile.
    desk.window().press("#document-text", "t");
    desk.reads("[data-test=training]", &["looks at what is not done"]);
    desk.picture("label-training");
    desk.tab("learn");
    desk.trained(2);
    desk.picture("label-learnt-twice");

    desk.tab("give");
    desk.choose("#give-form", "brat");
    let out = desk.home.path().join("brat");
    desk.fill("#give-path", &out.display().to_string());
    desk.click("#give");
    desk.reads("[data-test=given]", &["60 texts"]);
    desk.audit("label, export");
    desk.picture("label-export");
    same_as_the_project(&desk, &out);

    // Another annotator, who agrees.
    desk.fill("#new-annotator", "Eve");
    desk.click("#new-annotator ~ button, form:has(#new-annotator) button");
    desk.tab("agree");
    desk.reads("[data-test=agreement]", &["no text that both have done"]);
    desk.audit("label, agreement");
    desk.picture("label-agreement");

    onnx_says_the_same(&desk, &sentences);

    // Why an answer is as it is, and what its confidence is worth.
    desk.go("predict");
    let (text, _) = sentences.iter().find(|(_, spans)| !spans.is_empty()).expect("one with a disease");
    desk.fill("#text", text);
    desk.click("#answer");
    desk.click("#explain");
    desk.reads("[data-test=explained]", &["integrated gradients"]);
    desk.click("#nearest");
    desk.reads("[data-test=near]", &["alike"]);
    desk.audit("predict, explained");
    desk.fits("predict, explained");
    desk.picture("predict-explained");
    desk.go("results");
    desk.click("[data-test=run] a, a[href^='#/results/']");
    desk.click("#tab-trust");
    desk.reads("[data-test=trust]", &["Confidence"]);
    desk.audit("results, confidence");
    desk.fits("results, confidence");
    desk.picture("results-confidence");

    desk.dress("dark", "zh");
    desk.go("label");
    desk.click("[data-test=project]");
    until("a text is shown", || desk.has("#document-text").then_some(()));
    desk.fits("label, Chinese");
    desk.picture("label-zh-dark");
}

/// What was written as brat is, read again, what the project holds.
fn same_as_the_project(desk: &Desk, brat: &Path) {
    let (marked, issues) = corpus::load_marked(brat, &Options::default(), Task::Ner, &|_| true).expect("brat is read");
    assert!(issues.is_empty(), "{issues:?}");
    let projects = desk.workspace().join("projects");
    let id = fs::read_dir(&projects).expect("projects").flatten().next().expect("a project").path();
    let project = labelling::Project::open(&id.join("project.sqlite")).expect("it opens");
    project.check().expect("it is sound");
    let mut own: Vec<(String, Vec<(usize, usize)>)> = project
        .labelled(1)
        .expect("labels")
        .into_iter()
        .map(|own| (own.document.name, own.document.spans.iter().map(|span| (span.start, span.end)).collect()))
        .collect();
    let mut read: Vec<(String, Vec<(usize, usize)>)> = marked
        .into_iter()
        .map(|own| {
            let hull = |mention: &corpus::Mention| mention.hull().map(|hull| (hull.start, hull.end));
            (own.document.id, own.document.mentions.iter().filter_map(hull).collect())
        })
        .collect();
    own.sort();
    read.sort();
    assert_eq!(own.len(), 60);
    assert_eq!(own, read);
}

/// The exported model gives in ONNX Runtime the entities that Ballast finds.
fn onnx_says_the_same(desk: &Desk, sentences: &[(String, Vec<(usize, usize)>)]) {
    desk.go("export");
    desk.click("input[name=form][value=onnx] + span");
    let out = desk.home.path().join("onnx");
    desk.fill("#export-path", &out.display().to_string());
    desk.click("#export");
    desk.reads("[data-test=exported]", &["says what the model says"]);
    desk.audit("export, onnx");
    desk.picture("export-onnx");
    let Some(python) = std::env::var_os("BALLAST_ONNX_PYTHON") else {
        eprintln!("skipped: no Python with onnxruntime; `cargo xtask test` installs one");
        return;
    };
    let texts: Vec<Example> = sentences[..40].iter().map(|(text, _)| corpus::single(text, None, Task::Ner)).collect();
    let tokenizer = Tokenizer::load(&out).expect("the tokenizer is beside it");
    let encoded = corpus::encode(&tokenizer, &texts, Task::Ner, 128);
    let batches: Vec<Value> =
        encoded.windows.iter().map(|window| json!([{ "ids": window.ids, "segments": window.segments }])).collect();
    let inputs = desk.file("texts.json", &json!(batches).to_string());
    let ran = Command::new(python)
        .arg(root().join("tests/golden/onnx_runtime.py"))
        .arg(out.join("model.onnx"))
        .arg(&inputs)
        .output()
        .expect("Python starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let logits: Vec<Vec<f32>> = serde_json::from_slice(&ran.stdout).expect("logits");
    let found: Vec<Vec<Span>> = texts
        .iter()
        .zip(&encoded.windows)
        .zip(&logits)
        .map(|((example, window), logits)| {
            let mut tags = vec![0; example.words.len()];
            for (row, &word) in logits.chunks(3).zip(&window.words) {
                if let Ok(word) = usize::try_from(word) {
                    tags[word] = (1..3).fold(0, |best, tag| if row[tag] > row[best] { tag } else { best });
                }
            }
            corpus::spans_of(Task::Ner, &example.words, &tags)
        })
        .collect();
    let rows: String = texts.iter().map(|example| format!("{}\n", json!({ "text": example.text }))).collect();
    let file = desk.file("again.jsonl", &rows);
    let answers = desk.home.path().join("answers.jsonl");
    let runs = desk.workspace().join("runs");
    let mut all: Vec<_> = fs::read_dir(&runs).expect("runs").flatten().map(|entry| entry.path()).collect();
    all.sort();
    let predicted = Command::new(env!("CARGO_BIN_EXE_ballast"))
        .args(["predict", "--run"])
        .arg(all.last().expect("a run"))
        .arg("--input")
        .arg(&file)
        .arg("--out")
        .arg(&answers)
        .env("BALLAST_WORKSPACE", desk.workspace())
        .output()
        .expect("ballast starts");
    assert!(predicted.status.success(), "{}", String::from_utf8_lossy(&predicted.stderr));
    let lines = fs::read_to_string(&answers).expect("answers");
    let mut entities = 0;
    for (line, spans) in lines.lines().zip(&found) {
        let answer: Value = serde_json::from_str(line).expect("a line");
        let own: Vec<(u64, u64)> = answer["entities"]
            .as_array()
            .expect("entities")
            .iter()
            .filter_map(|span| Some((span["start"].as_u64()?, span["end"].as_u64()?)))
            .collect();
        let theirs: Vec<(u64, u64)> = spans.iter().map(|span| (span.start as u64, span.end as u64)).collect();
        assert_eq!(own, theirs);
        entities += own.len();
    }
    assert!(entities > 0, "there is something to compare");
}
