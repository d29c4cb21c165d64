//! Proposals on the sample that comes with Ballast and a small random encoder.

use super::*;
use crate::StudioError;
use corpus::Options;
use std::path::Path;

fn dataset() -> Dataset {
    let notes = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/notes.csv");
    corpus::load(&notes, &Options::default()).unwrap()
}

fn wish(choices: Choices) -> Wish {
    let encoder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/encoder/bert-small-random");
    Wish { encoder: encoder.display().to_string(), choices, device: Some("cpu".into()) }
}

fn proposal(choices: Choices) -> Proposal {
    propose(&dataset(), "sample:notes", &wish(choices)).unwrap()
}

fn setting<'a>(proposal: &'a Proposal, key: &str) -> &'a Setting {
    proposal.settings.iter().find(|setting| setting.key == key).unwrap()
}

#[test]
fn without_presets_the_recommended_ones_are_taken() {
    let found = proposal(Choices::default());
    assert_eq!(found.recommended, [Preset::Freeze, Preset::Long]);
    assert_eq!(found.reasons, [Reason::Freeze, Reason::Long]);
    assert_eq!(found.recipe.presets, found.recommended);
    assert_eq!((found.examples, found.steps), (285, 18 * 20));
    assert_eq!(found.device, "cpu");
}

#[test]
fn settings_tell_what_was_chosen_and_what_would_be() {
    let presets = vec![Preset::Standard];
    let found = proposal(Choices { presets, epochs: Some(3), batch_size: Some(4), ..Choices::default() });
    let epochs = setting(&found, "epochs");
    assert_eq!((epochs.value.as_str(), epochs.default.as_str()), ("3", "10"));
    assert_eq!((epochs.min, epochs.max, epochs.kind), (Some(1.0), Some(1000.0), SettingKind::Integer));
    assert_eq!(setting(&found, "accumulate").max, Some(4.0));
    let rate = setting(&found, "learning-rate");
    assert_eq!((rate.value.as_str(), rate.min_allowed, rate.max_allowed), ("0.00003", false, true));
    assert_eq!(setting(&found, "patience").value, "");
    assert_eq!(setting(&found, "keep").value, "best");
    assert_eq!(setting(&found, "class-weights").value, "false");
    assert!(!setting(&found, "freeze.k").active && setting(&found, "keep").active);
}

#[test]
fn frozen_parts_have_no_learning_rate() {
    let found = proposal(Choices { presets: vec![Preset::Freeze], ..Choices::default() });
    let half = found.layers / 2;
    assert!(setting(&found, "freeze.k").active);
    assert_eq!(setting(&found, "freeze.k").value, half.to_string());
    assert_eq!(found.groups[0].part, GroupPart::Embeddings);
    let frozen: Vec<&GroupView> = found.groups.iter().filter(|group| group.learning_rate.is_none()).collect();
    assert_eq!(frozen.last().unwrap().part, GroupPart::Layer(half));
    assert_eq!(found.groups.last().unwrap().part, GroupPart::Head);
}

#[test]
fn an_error_names_the_setting() {
    let refused = |choices| propose(&dataset(), "sample:notes", &wish(choices)).unwrap_err();
    let error = refused(Choices { epochs: Some(0), ..Choices::default() });
    assert_eq!((error.code(), &error.data()["key"]), ("recipe", &"epochs".into()));
    let presets = vec![Preset::Freeze, Preset::ReinitTop];
    let error = refused(Choices { presets, freeze_layers: Some(2), reinit_layers: Some(2), ..Choices::default() });
    assert_eq!((error.code(), &error.data()["key"]), ("recipe", &"freeze.k".into()), "{error}");
    let nowhere = Wish { encoder: "no such encoder".into(), ..wish(Choices::default()) };
    let error = propose(&dataset(), "sample:notes", &nowhere).unwrap_err();
    assert!(matches!(error, StudioError::UnknownEncoder { .. }), "{error}");
}
