//! Tokenizers from the files people have, and the files that are written for others.

use crate::{fetched_encoder, fixture};
use corpus::{Tokenizer, TokenizerError};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const SENTENCE: &str = "The patient has no FEVER, Ménière's disease 糖尿病.";

fn ids(folder: &Path) -> Vec<u32> {
    Tokenizer::load(folder).unwrap().encode_text(SENTENCE).ids
}

fn json_of(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn case_and_accents_follow_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(fixture("cased/vocab.txt"), folder.path().join("vocab.txt")).unwrap();
    let with = |settings: Value| {
        fs::write(folder.path().join("tokenizer_config.json"), settings.to_string()).unwrap();
        ids(folder.path())
    };
    let (cased, uncased) = (ids(&fixture("cased")), ids(&fixture("uncased")));
    assert_ne!(cased, uncased);
    assert_eq!(with(json!({})), uncased);
    assert_eq!(with(json!({"do_lower_case": true})), uncased);
    assert_eq!(with(json!({"do_lower_case": false})), cased);
    assert_ne!(with(json!({"do_lower_case": false, "strip_accents": true})), cased);
    assert_ne!(with(json!({"do_lower_case": false, "tokenize_chinese_chars": false})), cased);
}

#[test]
fn what_is_saved_reads_the_same() {
    for name in ["cased", "uncased"] {
        let folder = tempfile::tempdir().unwrap();
        Tokenizer::load(&fixture(name)).unwrap().save(folder.path()).unwrap();
        assert_eq!(ids(folder.path()), ids(&fixture(name)));
        let read = |file: &str| fs::read_to_string(file).unwrap().lines().map(str::to_string).collect::<Vec<_>>();
        let [saved, given] = [folder.path().join("vocab.txt"), fixture(name).join("vocab.txt")];
        assert_eq!(read(&saved.to_string_lossy()), read(&given.to_string_lossy()));

        // From each file alone; tokenizer.json knows about case by itself, and what is saved from it says so aloud, because
        // transformers takes a silent tokenizer_config.json for lower case.
        let settings = folder.path().join("tokenizer_config.json");
        assert_eq!(json_of(&settings)["do_lower_case"], json!(name == "uncased"));
        fs::remove_file(&saved).unwrap();
        fs::remove_file(&settings).unwrap();
        assert_eq!(ids(folder.path()), ids(&fixture(name)));
        let again = tempfile::tempdir().unwrap();
        Tokenizer::load(folder.path()).unwrap().save(again.path()).unwrap();
        assert_eq!(json_of(&again.path().join("tokenizer_config.json"))["do_lower_case"], json!(name == "uncased"));
        // What the settings say comes first, as in transformers.
        let other = if name == "cased" { "uncased" } else { "cased" };
        fs::write(&settings, json!({"do_lower_case": other == "uncased"}).to_string()).unwrap();
        assert_eq!(ids(folder.path()), ids(&fixture(other)));
    }
}

#[test]
fn settings_of_other_machines_are_not_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(fixture("cased/vocab.txt"), folder.path().join("vocab.txt")).unwrap();
    let given = json!({"name_or_path": "/home/someone/model", "vocab_file": "/home/someone/vocab.txt",
        "tokenizer_class": "ElectraTokenizer", "model_max_length": 256, "do_lower_case": false});
    fs::write(folder.path().join("tokenizer_config.json"), given.to_string()).unwrap();
    let tokenizer = Tokenizer::load(folder.path()).unwrap();
    assert_eq!(tokenizer.model_max_length(), Some(256));
    let out = tempfile::tempdir().unwrap();
    tokenizer.save(out.path()).unwrap();
    let saved = fs::read_to_string(out.path().join("tokenizer_config.json")).unwrap();
    assert!(!saved.contains("someone"), "{saved}");
    let saved: Value = serde_json::from_str(&saved).unwrap();
    assert_eq!((&saved["tokenizer_class"], &saved["model_max_length"]), (&json!("BertTokenizer"), &json!(256)));
    for limit in [json!(1e30), json!(1000000000000000019884624838656u128.to_string()), Value::Null] {
        fs::write(folder.path().join("tokenizer_config.json"), json!({"model_max_length": limit}).to_string()).unwrap();
        assert_eq!(Tokenizer::load(folder.path()).unwrap().model_max_length(), None);
    }
}

#[test]
fn forced_padding_and_truncation_are_undone() {
    let folder = tempfile::tempdir().unwrap();
    Tokenizer::load(&fixture("uncased")).unwrap().save(folder.path()).unwrap();
    let path = folder.path().join("tokenizer.json");
    let mut whole = json_of(&path);
    whole["truncation"] = json!({"direction": "Right", "max_length": 16, "strategy": "LongestFirst", "stride": 0});
    whole["padding"] = json!({"strategy": {"Fixed": 16}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
        "pad_type_id": 0, "pad_token": "[PAD]"});
    fs::write(&path, whole.to_string()).unwrap();
    let tokenizer = Tokenizer::load(folder.path()).unwrap();
    assert_eq!(tokenizer.encode_text("fever").ids.len(), 1);
    assert_eq!(tokenizer.encode_text(&"fever ".repeat(500)).ids.len(), 500);
    let words: Vec<_> = (0..500).map(|at| 6 * at..6 * at + 5).collect();
    assert_eq!(tokenizer.encode_words(&"fever ".repeat(500), &words).ids.len(), 500);
    for name in ["bert-tiny", "minilm-l6"] {
        let Some(encoder) = fetched_encoder(name) else { continue };
        let tokenizer = Tokenizer::load(&encoder).unwrap();
        assert_eq!(tokenizer.encode_text(&"fever ".repeat(700)).ids.len(), 700);
        assert_eq!((tokenizer.vocab_size(), tokenizer.cls(), tokenizer.sep(), tokenizer.pad()), (30522, 101, 102, 0));
    }
}

#[test]
fn what_is_no_tokenizer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = || Tokenizer::load(folder.path()).unwrap_err();
    let error = refused();
    assert!(matches!(error, TokenizerError::Missing { .. }) && error.to_string().contains("copy"), "{error}");
    fs::write(folder.path().join("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\na\n").unwrap();
    let error = refused();
    assert!(matches!(error, TokenizerError::SpecialTokenMissing { token: "[SEP]", .. }), "{error}");
    fs::write(folder.path().join("tokenizer.json"), "{\"version\": \"1.0\", ").unwrap();
    let error = refused();
    assert!(matches!(error, TokenizerError::Invalid { .. }) && error.to_string().contains("tokenizer.json"), "{error}");
    fs::remove_file(folder.path().join("tokenizer.json")).unwrap();
    fs::write(folder.path().join("tokenizer_config.json"), "no JSON").unwrap();
    let error = refused();
    assert!(error.to_string().contains("tokenizer_config.json"), "{error}");
}

#[test]
fn words_without_pieces_leave_the_others_in_place() {
    let tokenizer = Tokenizer::load(&fixture("uncased")).unwrap();
    let text = "fever \u{200b} pain";
    let pieces = tokenizer.encode_words(text, &[0..5, 6..7, 8..12]);
    assert_eq!(pieces.words, [Some(0), Some(2)]);
    assert_eq!(pieces.offsets, [0..5, 8..12]);
    let unknown = tokenizer.encode_text("☃☃");
    assert_eq!((unknown.ids, unknown.offsets.first()), (vec![tokenizer.unk()], Some(&(0..2))));
}
