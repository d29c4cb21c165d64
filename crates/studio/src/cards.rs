//! Encoders as a user chooses among them.

use crate::library::{EncoderEntry, STARTER, encoders, inspect};
use crate::{Failure, StudioError};
use encoder::Family;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use std::fs;
use std::path::Path;

/// Words of biomedicine that a vocabulary made from biomedical text holds whole, and a general one, made from web pages and
/// books, cuts into pieces.
const BIOMEDICAL: [&str; 16] = [
    "leukemia",
    "hepatitis",
    "carcinoma",
    "adenocarcinoma",
    "glucose",
    "kinase",
    "cytokine",
    "hypertension",
    "lymphocytes",
    "myocardial",
    "epithelial",
    "phosphorylation",
    "metastasis",
    "plasma",
    "renal",
    "receptor",
];

/// Of the words above, how many make a vocabulary biomedical. General ones hold up to six.
const ENOUGH: usize = 10;

/// Parts of names that say what an encoder with a general vocabulary went on to read.
const NAMES: [&str; 8] = ["bio", "pubmed", "clinical", "scibert", "medic", "blue", "mimic", "health"];

/// An encoder in the library, with what a user asks before choosing one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct EncoderCard {
    /// The name by which it is asked for.
    pub name: String,
    pub title: String,
    /// Whether it is the one that Ballast brings along; that one cannot be removed.
    pub starter: bool,
    pub family: Family,
    pub layers: usize,
    pub hidden: usize,
    pub vocabulary: usize,
    pub parameters: usize,
    /// The most word pieces it can read at once.
    pub positions: usize,
    /// Size of the folder on disk.
    pub bytes: u64,
    /// As its folder says; `None` where it does not.
    pub licence: Option<String>,
    /// Whether it tells capital letters from small ones.
    pub cased: bool,
    pub domain: Domain,
    pub notes: Vec<String>,
    /// Why it cannot be used, where its files have been damaged since it was added.
    pub problem: Option<Failure>,
}

/// What an encoder's vocabulary was made for, by how many biomedical words it holds whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Domain {
    General,
    Biomedical,
    /// Random weights: not pretrained at all.
    None,
}

/// Every encoder, the starter first.
pub fn encoder_cards() -> Result<Vec<EncoderCard>, StudioError> {
    Ok(encoders()?.iter().map(encoder_card).collect())
}

pub fn encoder_card(entry: &EncoderEntry) -> EncoderCard {
    let read = |name: &str| fs::read_to_string(entry.folder.join(name)).unwrap_or_default();
    let (card, tokenizer) = (read("README.md"), read("tokenizer.json"));
    let settings: Value = serde_json::from_str(&read("tokenizer_config.json")).unwrap_or_default();
    let vocabulary = words(&tokenizer, &read("vocab.txt"));
    let checked = inspect(&entry.folder);
    EncoderCard {
        name: entry.name.clone(),
        title: entry.title.clone(),
        starter: entry.name == STARTER,
        family: entry.family,
        layers: entry.layers,
        hidden: entry.hidden,
        vocabulary: entry.vocabulary,
        parameters: entry.parameters,
        positions: checked.as_ref().map_or(0, |report| report.config.max_position_embeddings),
        bytes: entry.bytes,
        licence: front_matter(&card, "license"),
        cased: cased(&settings, &tokenizer),
        domain: domain(&entry.title, &entry.folder, &vocabulary),
        notes: entry.notes.clone(),
        problem: checked.err().map(Failure::from),
    }
}

/// A field of the YAML at the top of a model card, where it is a plain word.
fn front_matter(card: &str, field: &str) -> Option<String> {
    let lines = card.strip_prefix("---")?.lines().skip(1).take_while(|line| *line != "---");
    let values = lines.filter_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let mut values = values.map(|value| value.trim().trim_matches(['"', '\'']).to_string());
    values.find(|value| !value.is_empty())
}

/// Whether a tokenizer keeps capitals: what its settings say, else whether its normalizer lowers them. Hugging Face's
/// default is to lower them.
fn cased(settings: &Value, tokenizer: &str) -> bool {
    let normalizer = || serde_json::from_str::<Value>(tokenizer).ok()?["normalizer"]["lowercase"].as_bool();
    !settings["do_lower_case"].as_bool().or_else(normalizer).unwrap_or(true)
}

fn words(tokenizer: &str, vocabulary: &str) -> Vec<String> {
    let parsed: Value = serde_json::from_str(tokenizer).unwrap_or_default();
    match parsed["model"]["vocab"].as_object() {
        Some(words) => words.keys().cloned().collect(),
        None => vocabulary.lines().map(String::from).collect(),
    }
}

fn domain(title: &str, folder: &Path, vocabulary: &[String]) -> Domain {
    if folder.ends_with("random-starter") {
        return Domain::None;
    }
    let known = BIOMEDICAL.iter().filter(|word| vocabulary.iter().any(|own| own == *word)).count();
    let title = title.to_lowercase();
    if known >= ENOUGH || NAMES.iter().any(|part| title.contains(part)) { Domain::Biomedical } else { Domain::General }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_card_tells_the_licence() {
        assert_eq!(
            front_matter("---\nlanguage: en\nlicense: apache-2.0\n---\n# T", "license"),
            Some("apache-2.0".into())
        );
        assert_eq!(front_matter("# no front matter\nlicense: mit", "license"), None);
        assert_eq!(front_matter("---\ntags:\n- x\n---\nlicense: mit", "license"), None);
    }

    #[test]
    fn capitals_are_lowered_unless_the_folder_says_otherwise() {
        assert!(!cased(&serde_json::json!({}), ""));
        assert!(cased(&serde_json::json!({ "do_lower_case": false }), ""));
        assert!(cased(&serde_json::json!({}), r#"{"normalizer": {"type": "BertNormalizer", "lowercase": false}}"#));
    }

    #[test]
    fn a_domain_shows_in_the_vocabulary_or_the_name() {
        let words = |count: usize| BIOMEDICAL[..count].iter().map(|word| word.to_string()).collect::<Vec<_>>();
        let folder = Path::new("somewhere/encoder");
        assert_eq!(domain("encoder", folder, &words(16)), Domain::Biomedical);
        assert_eq!(domain("encoder", folder, &words(4)), Domain::General);
        assert_eq!(domain("BioBERT base", folder, &words(4)), Domain::Biomedical);
        assert_eq!(domain("small", Path::new("w/random-starter"), &words(4)), Domain::None);
    }
}
