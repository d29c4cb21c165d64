//! Presets mean exactly what the literature and the design say, and combine.

use corpus::Task;
use encoder::{Config, Family};
use finetune::{
    Choices, Keep, Preset, Reason, RecipeError, defaults, groups, parse_presets, recommend, resolve, settings,
};
use serde_json::json;
use std::path::Path;

fn config(model_type: &str, layers: usize) -> Config {
    let fields = json!({
        "model_type": model_type, "vocab_size": 100, "hidden_size": 32, "num_hidden_layers": layers,
        "num_attention_heads": 4, "intermediate_size": 64, "embedding_size": 16,
    });
    let mut fields = fields.as_object().unwrap().clone();
    if model_type == "bert" {
        fields.remove("embedding_size");
    }
    Config::from_fields(fields, Path::new("config.json")).unwrap()
}

fn choices(presets: &str) -> Choices {
    Choices { presets: parse_presets(presets).unwrap(), ..Choices::default() }
}

/// Name, learning rate and state of each group of a recipe.
fn rates(presets: &str, config: &Config) -> Vec<(String, f64, bool, bool)> {
    let recipe = resolve(&choices(presets), Task::Classification, config).unwrap();
    groups(&recipe, config, 3)
        .into_iter()
        .map(|group| (group.name, group.learning_rate, group.frozen, group.reinitialized))
        .collect()
}

fn rate_of(rates: &[(String, f64, bool, bool)], name: &str) -> f64 {
    rates.iter().find(|group| group.0 == name).unwrap_or_else(|| panic!("no group {name}")).1
}

#[track_caller]
fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 + 1e-9 * b.abs(), "{a} is not {b}");
}

#[test]
fn standard_has_the_shared_settings() {
    let recipe = resolve(&choices("standard"), Task::Ner, &config("bert", 12)).unwrap();
    assert_eq!((recipe.epochs, recipe.batch_size, recipe.accumulate), (10, 16, 1));
    assert_eq!((recipe.learning_rate, recipe.warmup, recipe.weight_decay), (3e-5, 0.1, 0.01));
    assert_eq!((recipe.clip_norm, recipe.dropout, recipe.keep), (1.0, 0.1, Keep::Best));
    assert_eq!((recipe.frozen_layers, recipe.decay, recipe.reinit_layers), (None, 1.0, 0));
    assert!(rates("standard", &config("bert", 12)).iter().all(|group| group.1 == 3e-5 && !group.2));
}

#[test]
fn freeze_stops_the_embeddings_and_the_lower_half() {
    let rates = rates("freeze", &config("bert", 12));
    let frozen: Vec<&str> = rates.iter().filter(|group| group.2).map(|group| group.0.as_str()).collect();
    assert_eq!(frozen, ["embeddings", "layer 0", "layer 1", "layer 2", "layer 3", "layer 4", "layer 5"]);
    near(rate_of(&rates, "embeddings"), 0.0);
    near(rate_of(&rates, "layer 6"), 3e-5);
}

#[test]
fn layerwise_decay_shrinks_the_rate_from_the_top_down() {
    let base = rates("layerwise-decay", &config("bert", 12));
    near(rate_of(&base, "head"), 3e-5);
    near(rate_of(&base, "pooler"), 3e-5);
    near(rate_of(&base, "layer 11"), 3e-5 * 0.8);
    near(rate_of(&base, "layer 0"), 3e-5 * 0.8f64.powi(12));
    near(rate_of(&base, "embeddings"), 3e-5 * 0.8f64.powi(13));
    let large = rates("layerwise-decay", &config("bert", 24));
    near(rate_of(&large, "layer 23"), 3e-5 * 0.9);
    near(rate_of(&large, "embeddings"), 3e-5 * 0.9f64.powi(25));
}

#[test]
fn layerwise_decay_on_electra_learns_faster() {
    let peak =
        |layers| resolve(&choices("layerwise-decay"), Task::Ner, &config("electra", layers)).unwrap().learning_rate;
    assert_eq!((peak(12), peak(24)), (1e-4, 5e-5));
    assert_eq!(resolve(&choices("standard"), Task::Ner, &config("electra", 12)).unwrap().learning_rate, 3e-5);
}

#[test]
fn reinit_top_draws_pooler_and_top_layers_anew() {
    let mut wanted = choices("reinit-top");
    wanted.set("reinit-top.l", "2").unwrap();
    let config = config("bert", 4);
    let recipe = resolve(&wanted, Task::Classification, &config).unwrap();
    let redrawn: Vec<String> =
        groups(&recipe, &config, 3).into_iter().filter(|group| group.reinitialized).map(|group| group.name).collect();
    assert_eq!(redrawn, ["layer 2", "layer 3", "pooler", "head"]);
}

#[test]
fn long_trains_longer_with_a_smaller_rate() {
    let recipe = resolve(&choices("long"), Task::Ner, &config("bert", 12)).unwrap();
    assert_eq!((recipe.epochs, recipe.learning_rate), (20, 2e-5));
}

#[test]
fn presets_combine_and_what_the_user_sets_wins() {
    let mut wanted = choices("freeze+long");
    wanted.set("freeze.k", "3").unwrap();
    wanted.set("learning-rate", "1e-5").unwrap();
    let recipe = resolve(&wanted, Task::Ner, &config("bert", 6)).unwrap();
    assert_eq!((recipe.frozen_layers, recipe.epochs, recipe.learning_rate), (Some(3), 20, 1e-5));
}

#[test]
fn freezing_and_redrawing_the_same_layer_is_refused() {
    let mut wanted = choices("freeze+reinit-top");
    wanted.set("freeze.k", "3").unwrap();
    wanted.set("reinit-top.l", "2").unwrap();
    let refused = resolve(&wanted, Task::Ner, &config("bert", 4));
    assert_eq!(refused, Err(RecipeError::FreezeMeetsReinit { frozen: 3, reinit: 2, layers: 4 }));
}

#[test]
fn wrong_settings_name_the_setting_and_what_is_allowed() {
    let mut wanted = Choices::default();
    let unknown = wanted.set("learning_rate", "1").unwrap_err().to_string();
    assert!(unknown.contains("\"learning_rate\"") && unknown.contains("learning-rate"), "{unknown}");
    assert!(wanted.set("epochs", "many").unwrap_err().to_string().contains("epochs"));
    assert!(parse_presets("frozen").unwrap_err().to_string().contains("freeze"));
    wanted.set("max-length", "513").unwrap();
    let refused = resolve(&wanted, Task::Ner, &config("bert", 12)).unwrap_err().to_string();
    assert!(refused.contains("max-length") && refused.contains("512"), "{refused}");
}

#[test]
fn the_recommended_preset_follows_the_encoder_and_the_data() {
    let of = |task, model_type: &str, layers, examples| recommend(&config(model_type, layers), task, examples).presets;
    let presets = |model_type: &str, layers, examples| of(Task::Ner, model_type, layers, examples);
    assert_eq!(of(Task::Similarity, "electra", 24, 64), [Preset::ReinitTop, Preset::Long]);
    assert_eq!(of(Task::Similarity, "bert", 12, 5000), [Preset::Freeze]);
    assert_eq!(presets("bert", 12, 5000), [Preset::Freeze]);
    assert_eq!(presets("bert", 24, 5000), [Preset::LayerwiseDecay]);
    assert_eq!(presets("electra", 12, 5000), [Preset::LayerwiseDecay]);
    assert_eq!(presets("bert", 12, 300), [Preset::Freeze, Preset::Long]);
    assert_eq!(Family::Bert, config("bert", 12).family);
}

#[test]
fn a_recommendation_has_a_reason_for_every_preset() {
    let recommended = recommend(&config("bert", 12), Task::Qa, 300);
    assert_eq!(recommended.reasons, [Reason::Freeze, Reason::Long]);
    let sentences = recommended.sentences();
    assert!(sentences.contains("Tinn et al. 2023") && sentences.contains("Mosbach et al. 2021"), "{sentences}");
    assert_eq!(recommend(&config("bert", 18), Task::Qa, 5000).reasons, [Reason::Standard]);
}

#[test]
fn the_settings_are_all_that_can_be_chosen() {
    let config = config("bert", 12);
    let chosen = serde_json::to_value(Choices::default()).unwrap();
    let chosen: Vec<&String> = chosen.as_object().unwrap().keys().filter(|key| *key != "presets").collect();
    assert_eq!(settings(&config, 16).iter().map(|setting| setting.key).collect::<Vec<_>>(), chosen);
    let values = serde_json::to_value(defaults(&[], &config)).unwrap();
    for setting in settings(&config, 16) {
        let number = values[setting.key].as_f64();
        assert!(number.is_none_or(|number| setting.allows(number)), "the default of {} is allowed", setting.key);
    }
}

/// What [`resolve`] says of one value, given as in `--set`.
fn refusal(presets: &str, key: &str, value: &str) -> Option<String> {
    let mut wanted = choices(presets);
    wanted.set(key, value).unwrap();
    resolve(&wanted, Task::Ner, &config("bert", 12)).err().map(|error| error.to_string())
}

#[test]
fn values_are_allowed_up_to_their_limits() {
    let all = "freeze+layerwise-decay+reinit-top";
    for (key, allowed, refused, limits) in [
        ("epochs", "1", "0", "from 1 to 1000"),
        ("epochs", "1000", "1001", "from 1 to 1000"),
        ("batch-size", "1024", "1025", "from 1 to 1024"),
        ("accumulate", "16", "17", "from 1 to the batch size, 16"),
        ("learning-rate", "0.1", "0", "above 0 and at most 0.1"),
        ("warmup", "0", "1", "from 0 to below 1"),
        ("weight-decay", "1", "1.1", "from 0 to 1"),
        ("clip-norm", "0.001", "0", "above 0"),
        ("dropout", "0", "1", "from 0 to below 1"),
        ("max-length", "8", "7", "from 8 to the encoder's 512 positions"),
        ("patience", "1", "0", "at least 1"),
        ("freeze.k", "11", "13", "from 0 to the encoder's 12 layers"),
        ("layerwise-decay.d", "1", "1.01", "above 0 and at most 1"),
        ("reinit-top.l", "6", "13", "from 0 to the encoder's 12 layers"),
    ] {
        assert_eq!(refusal(all, key, allowed), None);
        assert_eq!(refusal(all, key, refused), Some(format!("{key} is {refused}, but must be {limits}")));
    }
    let not_a_number = Choices { learning_rate: Some(f64::NAN), ..Choices::default() };
    assert!(resolve(&not_a_number, Task::Ner, &config("bert", 12)).is_err());
}

#[test]
fn what_belongs_to_another_preset_is_not_looked_at() {
    assert_eq!(refusal("standard", "freeze.k", "13"), None);
    assert!(refusal("freeze", "freeze.k", "13").is_some());
}
