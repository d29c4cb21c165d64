//! `cargo xtask parity`: the full comparison with Hugging Face transformers, outside CI because it needs PyTorch.

use crate::sentences::sentences;
use crate::setup;
use crate::shell::{Outcome, cache, cargo, finish, program, root};

pub fn all() -> Outcome {
    let python = std::env::var("BALLAST_PYTHON")
        .map_err(|_| "set BALLAST_PYTHON to a Python that has torch, transformers and tokenizers".to_owned())?;
    setup::page()?;
    let starter = setup::starter().ok_or("the comparison needs the starter encoder")?;
    let tiny = setup::tiny().ok_or("the comparison needs the two-layer encoder")?;
    let golden = cache().join("parity");
    std::fs::create_dir_all(&golden).map_err(|error| format!("{} cannot be made: {error}", golden.display()))?;
    let script = |name: &str| {
        println!("\n── {name}");
        let mut command = program(&python, &[]);
        command.arg(root().join("tests/golden").join(name)).current_dir(root());
        command
    };
    finish(script("encoder.py").arg(&golden).arg("--full").arg("--tiny").arg(&tiny).arg("--minilm").arg(&starter))?;
    match sentences(1000) {
        Some(sentences) => {
            let file = golden.join("sentences.txt");
            std::fs::write(&file, sentences.join("\n"))
                .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
            for (name, encoder) in [("bert-tiny", &tiny), ("minilm-l6", &starter)] {
                let out = golden.join(format!("tokens-{name}.jsonl"));
                finish(script("tokens.py").arg(out).arg(encoder).arg(&file))?;
            }
        }
        None => println!("skipped: the data sets with real sentences are not at ../shared/data"),
    }
    finish(
        cargo(&["test", "--workspace", "--test", "it", "parity", "--", "--nocapture"])
            .env("BALLAST_GOLDEN", &golden)
            .env("BALLAST_PARITY", &golden)
            .env("BALLAST_STARTER", &starter),
    )
}
