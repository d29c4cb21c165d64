//! Runs so small that they end within a second, and what can be asked of them.

use crate::root;
use burn::tensor::Device;
use corpus::{Dataset, Options, Task};
use encoder::{Compute, Model};
use finetune::{Choices, Control, Event, Recipe, Run, Session, Shared, TrainError, Trained, head_kind, resolve};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub const BERT: &str = "bert-small-random";
pub const ELECTRA: &str = "electra-small-random";

pub fn encoder_folder(name: &str) -> PathBuf {
    root().join("tests/golden/encoder").join(name)
}

/// Texts of `length` words of which every seventh or so tells the class, or is an entity.
pub fn words(index: usize, length: usize) -> Vec<(&'static str, usize)> {
    const FILLERS: [&str; 11] = ["the", "of", "patient", "on", "left", "lung", "was", "daily", "with", "day", "in"];
    const SIGNS: [&str; 2] = ["fever", "drug"];
    let class = index % 2;
    let sign = |place: usize| (place + index / 2).is_multiple_of(7) || place + 1 == length;
    (0..length)
        .map(|place| if sign(place) { (SIGNS[class], class + 1) } else { (FILLERS[(index * 5 + place * 3) % 11], 0) })
        .collect()
}

pub fn content(task: Task, range: std::ops::Range<usize>, length: &dyn Fn(usize) -> usize) -> String {
    let example = |index: usize| {
        let words = words(index, length(index));
        let text = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ");
        let class = index % 2;
        let tagged = |tags: [&str; 3]| {
            words.iter().map(|(word, kind)| format!("{word}\t{}\n", tags[*kind])).collect::<String>() + "\n"
        };
        match task {
            Task::Classification => format!("{text},{}\n", ["ill", "well"][class]),
            Task::Ner => tagged(["O", "B-Sign", "B-Drug"]),
            Task::Pico => tagged(["O", "I-OUT", "I-INT"]),
            Task::Relation => format!("@GENE$ {text} @DISEASE$,{}\n", ["none", "causes"][class]),
            Task::Similarity => format!("{text},the patient has fever,{}\n", [3.5, 0.25][class]),
            Task::Multilabel => format!("{text},{}\n", ["ill|day", "well|day"][class]),
            Task::Qa => format!("is there fever in the patient,{text},{}\n", ["yes", "no"][class]),
        }
    };
    let header = match task {
        Task::Ner | Task::Pico => "",
        Task::Classification | Task::Relation | Task::Multilabel => "text,label\n",
        Task::Similarity => "sent1,sent2,score\n",
        Task::Qa => "question,context,answer\n",
    };
    header.to_string() + &range.map(example).collect::<String>()
}

/// 20 examples to train on, 10 for dev, 10 for test, of `length(index)` words each.
pub fn dataset(task: Task, length: impl Fn(usize) -> usize) -> Dataset {
    let folder = tempfile::tempdir().unwrap();
    let extension = if task.labels_words() { "conll" } else { "csv" };
    for (split, range) in [("train", 0..20), ("dev", 20..30), ("test", 30..40)] {
        fs::write(folder.path().join(format!("{split}.{extension}")), content(task, range, &length)).unwrap();
    }
    // What each file is about is found, not told.
    let dataset = corpus::load(folder.path(), &Options::default()).unwrap();
    assert_eq!(dataset.task, task);
    assert_eq!((dataset.train.len(), dataset.dev.len(), dataset.test.len()), (20, 10, 10));
    dataset
}

pub fn short(index: usize) -> usize {
    4 + index % 5
}

/// Settings of a small run, changed by `settings`.
pub fn recipe(task: Task, encoder: &Path, settings: &[(&str, &str)]) -> Recipe {
    let config = encoder::inspect_folder(encoder).unwrap().config;
    let mut choices = Choices::default();
    let small = [("epochs", "2"), ("batch-size", "8"), ("learning-rate", "1e-3"), ("max-length", "32")];
    for (key, value) in small.iter().chain(settings) {
        choices.set(key, value).unwrap();
    }
    resolve(&choices, task, &config).unwrap()
}

/// A run in a folder of its own.
pub struct Bench {
    pub out: TempDir,
    pub encoder: PathBuf,
    pub dataset: Dataset,
    pub recipe: Recipe,
    pub shared: Shared,
}

pub fn bench(task: Task, encoder: &str, settings: &[(&str, &str)], length: impl Fn(usize) -> usize) -> Bench {
    let encoder = encoder_folder(encoder);
    let recipe = recipe(task, &encoder, settings);
    let shared = Shared::new(std::env::temp_dir());
    Bench { out: tempfile::tempdir().unwrap(), encoder, dataset: dataset(task, length), recipe, shared }
}

impl Bench {
    pub fn go(&self, resume: bool, hear: &mut dyn FnMut(&Event) -> Control) -> Result<Trained, TrainError> {
        let compute = Compute::cpu();
        let (recipe, encoder, dataset) = (&self.recipe, self.encoder.as_path(), &self.dataset);
        let run = Run { recipe, encoder, dataset, compute: &compute, folder: self.out.path(), shared: &self.shared };
        let mut session = Session::prepare(&run)?;
        if resume {
            session.resume()?;
        }
        session.train(&mut |event| hear(&event))
    }

    /// Trains to the end and gives what came out, with every event.
    pub fn train(&self) -> (Trained, Vec<Event>) {
        let mut events = Vec::new();
        let mut hear = |event: &Event| {
            events.push(event.clone());
            Control::Continue
        };
        let trained = self.go(false, &mut hear).unwrap();
        (trained, events)
    }

    pub fn resume(&self) -> Trained {
        self.go(true, &mut |_| Control::Continue).unwrap()
    }

    pub fn model_folder(&self) -> PathBuf {
        self.out.path().join("model")
    }

    /// The weights that the run kept.
    pub fn weights(&self) -> Values {
        values_of(&encoder::load_trained(&self.model_folder(), &Device::flex()).unwrap())
    }

    /// The weights from which the run begins.
    pub fn first_weights(&self) -> Values {
        values_of(&self.first_model())
    }

    pub fn first_model(&self) -> Model {
        let outputs = self.recipe.task.outputs(&self.dataset.labels).len();
        let kind = head_kind(&self.recipe);
        encoder::load_pretrained(&self.encoder, kind, outputs, self.recipe.seed, &Device::flex()).unwrap().0
    }
}

pub type Values = BTreeMap<String, Vec<f32>>;

pub fn values_of(model: &Model) -> Values {
    let mut values = Values::new();
    model.clone().visit(&mut |name, parameter| {
        values.insert(name.into(), parameter.values());
    });
    values
}

pub fn warnings(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Warning { .. })).count()
}

/// Euclidean distance over the norm of `b`.
pub fn distance(a: &[f32], b: &[f32]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    let apart = norm(&mut a.iter().zip(b).map(|(a, b)| f64::from(a - b)));
    apart / norm(&mut b.iter().map(|&value| f64::from(value))).max(1e-3)
}
