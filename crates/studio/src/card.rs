//! The model card that goes with a trained model. It holds no path and no text of the dataset.

use crate::StudioError;
use crate::history::{RunScores, scores};
use crate::record::{RunRecord, read_run};
use finetune::{Calibration, Keep, Recipe, Scores};
use metrics::ClassScores;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// The card of a run that has ended.
pub fn card_of_run(run: &Path) -> Result<String, StudioError> {
    let metrics: Value = crate::workspace::read_json(&run.join("metrics.json"))?;
    let mut card = model_card(&read_run(run)?, &scores(run)?, metrics["failed"] == true);
    if let Some(threshold) = crate::threshold(run) {
        let _ =
            writeln!(card, "- A label holds from a probability of {threshold} on; the scores above are those at 0.5.");
    }
    Ok(card)
}

pub(crate) fn model_card(record: &RunRecord, results: &RunScores, failed: bool) -> String {
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
    if !record.dataset.labels.is_empty() {
        line(format!("- Labels: {}", record.dataset.labels.join(", ")));
    }
    let data = &record.dataset;
    let left_out: usize = data.sources.iter().map(|source| source.rejected).sum();
    let left_out = if left_out > 0 { format!("; {left_out} rows left out") } else { String::new() };
    line(format!("- Data: {} examples to train, {} dev, {} test{left_out}", data.train, data.dev, data.test));
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
    line(format!("- Settings: {}", settings(recipe)));
    if record.members.is_empty() {
        line(format!("- Weights kept: epoch {}", results.kept_epoch));
    } else {
        let count = record.members.len();
        line(format!(
            "- An ensemble of {count} runs that differ in their seeds alone: Ballast answers with the mean of all. \
             `transformers` loads the first, `model.safetensors`; the others lie beside it as `member-2.safetensors` and on."
        ));
    }
    if failed {
        line("- **This run failed**: on dev, with its last weights, it is no better than guessing.".into());
    }
    line(format!("\n## Scores\n\n| split | n | {} |\n|---|---|---|", results.test.main_name()));
    for (split, scores) in [("dev", &results.dev), ("test", &results.test)] {
        let main = scores.defined().map_or("undefined".into(), |main| format!("{:.2}", 100.0 * main));
        line(format!("| {split} | {} | {main} |", count(scores)));
    }
    line(format!("\n{} All scores are times 100.\n", meaning(&results.test)));
    if !classes(&results.test).is_empty() {
        line("On test, by label:\n\n| label | precision | recall | F1 | n |\n|---|---|---|---|---|".into());
    }
    for class in classes(&results.test) {
        let ClassScores { label, precision, recall, f1, support, .. } = class;
        line(format!("| {label} | {:.2} | {:.2} | {:.2} | {support} |", 100.0 * precision, 100.0 * recall, 100.0 * f1));
    }
    line("\n## Limits\n".into());
    if record.members.is_empty() {
        line("- One run with one seed says little on small data: other seeds may give other scores.".into());
    }
    line("- Scores hold for texts like those of the dataset. Check the model on your own before you use it.".into());
    line(trust(results.calibration.as_ref()));
    card
}

/// What a probability of the model means.
fn trust(calibration: Option<&Calibration>) -> String {
    match calibration {
        None => "- Its numbers are no probabilities and were not calibrated.".into(),
        Some(Calibration { fitted_on: 0, error, .. }) => format!(
            "- Probabilities are the model's own: dev is too small to calibrate them. On test they miss the share that is right \
             by {:.1} points in the mean.",
            100.0 * error
        ),
        Some(Calibration { temperature, fitted_on, error, error_before, .. }) => format!(
            "- Probabilities are calibrated: logits are divided by {temperature:.3}, fitted on {fitted_on} decisions on dev \
             (Guo et al. 2017). On test they miss the share that is right by {:.1} points in the mean, by {:.1} without that. \
             `transformers` does not apply it by itself.",
            100.0 * error,
            100.0 * error_before
        ),
    }
}

/// What a recipe says besides its presets and the settings that are always named.
fn settings(recipe: &Recipe) -> String {
    let mut settings = vec![
        format!("warm-up {}", recipe.warmup),
        format!("weight decay {}", recipe.weight_decay),
        format!("clipping at norm {}", recipe.clip_norm),
        format!("keep {}", if recipe.keep == Keep::Best { "the best epoch on dev" } else { "the last epoch" }),
    ];
    settings.extend(recipe.frozen_layers.map(|layers| format!("embeddings and lowest {layers} layers frozen")));
    settings.extend(recipe.patience.map(|epochs| format!("stop after {epochs} epochs without gain")));
    let mut also = |applies: bool, setting: String| settings.extend(applies.then_some(setting));
    also(recipe.accumulate > 1, format!("gradients of {} batches summed", recipe.accumulate));
    also(recipe.decay < 1.0, format!("learning rate times {} a layer downwards", recipe.decay));
    also(recipe.reinit_layers > 0, format!("pooler and top {} layers drawn anew", recipe.reinit_layers));
    also(recipe.class_weights, "classes weighted by rarity".into());
    also(recipe.keep_head, "head of an earlier model gone on with".into());
    also(recipe.mixout > 0.0, format!("mixout with p {}", recipe.mixout));
    also(recipe.pretrained_decay, "decay towards the pretrained weights".into());
    also(!recipe.bias_correction, "Adam without bias correction".into());
    also(recipe.order_seed.is_some(), format!("seed of order and dropout {}", recipe.order_seed()));
    settings.join(", ")
}

/// What the main score counts as right.
fn meaning(scores: &Scores) -> &'static str {
    match scores {
        Scores::Pico(_) => {
            "Macro F1 over the types; every word counts, pooled over the texts, and words outside do not."
        }
        Scores::Relation(_) => "Micro F1 over all labels but the one that says that there is no relation.",
        Scores::Similarity(_) => "Pearson's correlation of predicted and gold scores, from -1 to 1.",
        Scores::Multilabel(_) => {
            "Micro F1: counts are pooled over the labels; sentences of one document are scored as one."
        }
        Scores::Qa(_) => "Accuracy is the share of questions answered right.",
        Scores::Classification(_) => "Macro F1 is the mean of the labels' F1, each label counting the same.",
        Scores::Ner(_) => {
            "An entity counts as right when its borders and its type are exactly those of the gold entity; counts are pooled \
             over the texts and types."
        }
    }
}

fn count(scores: &Scores) -> usize {
    match scores {
        Scores::Classification(scores) | Scores::Qa(scores) => scores.n,
        Scores::Ner(scores) => scores.sentences,
        Scores::Pico(scores) => scores.texts,
        Scores::Relation(scores) => scores.n,
        Scores::Similarity(scores) => scores.n,
        Scores::Multilabel(scores) => scores.n,
    }
}

fn classes(scores: &Scores) -> &[ClassScores] {
    match scores {
        Scores::Classification(scores) | Scores::Qa(scores) => &scores.per_class,
        Scores::Ner(scores) => &scores.per_type,
        Scores::Pico(scores) => &scores.per_type,
        Scores::Relation(scores) => &scores.per_class,
        Scores::Similarity(_) => &[],
        Scores::Multilabel(scores) => &scores.per_label,
    }
}
