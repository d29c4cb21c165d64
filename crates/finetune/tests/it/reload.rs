//! What each preset leaves behind loads in `transformers`, with real label names and the same logits. Runs where
//! `BALLAST_PYTHON` names a Python with torch and transformers (`cargo xtask parity`).

use crate::{fetched_encoder, root};
use corpus::{Options, Task};
use encoder::{Compute, Inputs, Texts, floats};
use finetune::{Choices, Control, Run, Session, Shared, parse_presets, resolve};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Trains one epoch and leaves `model/`, `logits.safetensors` and `labels.txt` in `folder`.
fn leave(encoder: &Path, task: Task, presets: &str, folder: &Path) {
    let file = if task.labels_words() { "sentences.jsonl" } else { "notes.csv" };
    let dataset = corpus::load(&root().join("crates/studio/samples").join(file), &Options::default()).unwrap();
    let config = encoder::inspect_folder(encoder).unwrap().config;
    let choices = Choices {
        presets: parse_presets(presets).unwrap(),
        epochs: Some(1),
        max_length: Some(32),
        learning_rate: Some(1e-3),
        ..Choices::default()
    };
    let recipe = resolve(&choices, task, &config).unwrap();
    let compute = Compute::cpu();
    let shared = Shared::new(std::env::temp_dir());
    let run = Run { recipe: &recipe, encoder, dataset: &dataset, compute: &compute, folder, shared: &shared };
    Session::prepare(&run).unwrap().train(&mut |_| Control::Continue).unwrap();

    let model = encoder::load_trained(&folder.join("model"), &compute.inference()).unwrap();
    let (rows, length) = (2, 9);
    let ids: Vec<i32> = (0..rows * length).map(|place| 5 + (place * 31 % 100)).collect();
    let mask: Vec<i32> = (0..rows * length).map(|place| i32::from(place < 15)).collect();
    let inputs = Inputs::new(ids.clone(), vec![0; ids.len()], Texts::padded(&mask, length as usize));
    let logits = floats(model.forward(&inputs, None, None));
    let whole = |values: &[i32]| values.iter().map(|&value| value as f32).collect::<Vec<f32>>();
    let shape = vec![rows as usize, length as usize];
    let tensors = [
        ("ids".to_string(), shape.clone(), whole(&ids)),
        ("mask".to_string(), shape, whole(&mask)),
        ("logits".to_string(), vec![logits.len()], logits),
    ];
    encoder::write_tensors(&folder.join("logits.safetensors"), &tensors, HashMap::new()).unwrap();
    std::fs::write(folder.join("labels.txt"), dataset.labels.join("\n")).unwrap();
}

#[test]
fn parity_of_what_transformers_loads() {
    let Ok(python) = std::env::var("BALLAST_PYTHON") else {
        eprintln!("skipped: BALLAST_PYTHON does not name a Python with transformers");
        return;
    };
    let golden = |name: &str| root().join("tests/golden/encoder").join(name);
    let every = ["standard", "freeze", "layerwise-decay", "reinit-top", "long", "freeze+reinit-top"];
    let mut encoders: Vec<(PathBuf, &[&str])> =
        vec![(golden("bert-small-random"), &every), (golden("electra-small-random"), &every)];
    encoders
        .extend(["bert-tiny", "minilm-l6"].into_iter().filter_map(fetched_encoder).map(|real| (real, &every[1..2])));
    let place = tempfile::tempdir().unwrap();
    for (number, (encoder, presets)) in encoders.iter().enumerate() {
        for task in Task::ALL {
            for preset in *presets {
                let folder = place.path().join(format!("{number}-{task}-{preset}"));
                std::fs::create_dir(&folder).unwrap();
                leave(encoder, task, preset, &folder);
            }
        }
    }
    let script = root().join("tests/golden/reload.py");
    let output = Command::new(python).arg(script).arg(place.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert!(output.status.success(), "{said}");
}
