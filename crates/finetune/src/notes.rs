//! What a user should know about a run, in sentences.

use crate::{Preset, Recipe};
use corpus::Encoded;
use encoder::{LoadReport, Part};

pub fn gigabytes(bytes: u64) -> String {
    if bytes < 100_000_000 {
        format!("{} MB", bytes.div_ceil(1_000_000))
    } else {
        format!("{:.1} GB", bytes as f64 / 1e9)
    }
}

pub fn advice(recipe: &Recipe) -> &'static str {
    if recipe.learning_rate > 1e-4 {
        "The learning rate is far above what fine-tuning needs; try 3e-5."
    } else if recipe.presets == [Preset::Standard] {
        "Try a lower learning rate, or a preset that stabilizes: freeze for BERT, layerwise-decay for ELECTRA and large encoders."
    } else {
        "Try a lower learning rate, and check that the encoder's weights are whole."
    }
}

pub fn notes_on_load(report: &LoadReport) -> Vec<String> {
    let drawn = report.drawn.iter().filter(|name| Part::of(name) != Part::Head).cloned().collect::<Vec<_>>();
    let mut notes = Vec::new();
    if !drawn.is_empty() {
        notes.push(format!("The encoder has no {}; drawn anew.", drawn.join(", ")));
    }
    if !report.unused.is_empty() {
        notes.push(format!("Of the encoder's tensors these are not used for this task: {}.", report.unused.join(", ")));
    }
    notes
}

/// What a head that was to be kept could not tell: `anew` are the outputs that it does not know.
pub fn notes_on_head(recipe: &Recipe, anew: &[String], outputs: usize) -> Option<String> {
    if !recipe.keep_head || anew.is_empty() {
        return None;
    }
    Some(match anew.len() == outputs {
        true => "The encoder has no head for these labels; it was drawn anew.".into(),
        false => format!("The head goes on with what it knew; drawn anew: {}.", anew.join(", ")),
    })
}

pub fn notes_on_texts(encoded: &Encoded, examples: usize, max_length: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if encoded.windowed > 0 {
        let share = 100.0 * encoded.windowed as f64 / examples as f64;
        let count = encoded.windowed;
        notes.push(format!("{count} training texts ({share:.1} %) are longer than {max_length} pieces and are read in overlapping windows."));
    }
    if encoded.unknown_share > 0.01 {
        notes.push(format!(
            "{:.1} % of the word pieces are unknown to this encoder's vocabulary.",
            100.0 * encoded.unknown_share
        ));
    }
    notes
}
