//! The model card that goes with a trained model. It holds no path and no text of the dataset.

use crate::record::RunRecord;
use finetune::{Scores, Trained};
use metrics::ClassScores;
use std::fmt::Write;

pub(crate) fn model_card(record: &RunRecord, trained: &Trained) -> String {
    let recipe = &record.recipe;
    let presets: Vec<&str> = recipe.presets.iter().map(|preset| preset.name()).collect();
    let mut card = String::new();
    let mut line = |text: String| {
        let _ = writeln!(card, "{text}");
    };
    line(format!("---\nlibrary_name: transformers\ntags:\n- ballast\n- {}\n---\n", recipe.task));
    line(format!("# {} model, fine-tuned with Ballast {}\n", recipe.task, record.program));
    line("For research and on-site labelling, not for clinical decisions.\n".into());
    line(format!("- Encoder: {} (SHA-256 of the weights {})", record.encoder.name, record.encoder.sha256));
    line(format!("- Labels: {}", record.dataset.labels.join(", ")));
    let data = &record.dataset;
    line(format!("- Data: {} examples to train, {} dev, {} test", data.train, data.dev, data.test));
    line(format!(
        "- Recipe: {}, seed {}, {} epochs, batch {}, learning rate {:.1e}, dropout {}, longest window {}",
        presets.join(" + "),
        recipe.seed,
        recipe.epochs,
        recipe.batch_size,
        recipe.learning_rate,
        recipe.dropout,
        recipe.max_length
    ));
    line(format!("- Weights kept: epoch {}", trained.kept_epoch));
    if trained.failed {
        line("- **This run failed**: on dev, with its last weights, it is no better than guessing.".into());
    }
    line(format!("\n## Scores\n\n| split | n | {} |\n|---|---|---|", trained.test.main_name()));
    line(format!("| dev | {} | {:.2} |", count(&trained.dev), 100.0 * trained.dev.main()));
    line(format!("| test | {} | {:.2} |", count(&trained.test), 100.0 * trained.test.main()));
    line("\nOne run with one seed says little on small data: other seeds may give other scores.\n".into());
    line("On test, by label:\n\n| label | precision | recall | F1 | n |\n|---|---|---|---|---|".into());
    for class in classes(&trained.test) {
        let ClassScores { label, precision, recall, f1, support, .. } = class;
        line(format!("| {label} | {:.2} | {:.2} | {:.2} | {support} |", 100.0 * precision, 100.0 * recall, 100.0 * f1));
    }
    card
}

fn count(scores: &Scores) -> usize {
    match scores {
        Scores::Classification(scores) => scores.n,
        Scores::Ner(scores) => scores.sentences,
    }
}

fn classes(scores: &Scores) -> &[ClassScores] {
    match scores {
        Scores::Classification(scores) => &scores.per_class,
        Scores::Ner(scores) => &scores.per_type,
    }
}
