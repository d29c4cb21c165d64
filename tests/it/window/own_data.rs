//! A user's own table, from the file to the exported model.

use super::{desk, notes, tiny};
use crate::webdriver::until;
use std::process::Command;

#[test]
fn from_a_table_with_bad_rows_to_an_exported_model() {
    let Some(mut desk) = desk() else { return };
    let Some(encoder) = tiny() else {
        eprintln!("skipped: set-up could not fetch the small encoder");
        return;
    };
    let table = desk.file("notes.csv", &notes(300, 2));

    desk.go("data");
    desk.picture("data-empty");
    desk.will_pick(&table);
    desk.click("#choose-file");
    // Which column holds the text is corrected by hand.
    desk.choose("#column-text", "story");
    desk.choose("#column-label", "ward");
    desk.reads("#issues", &["2"]);
    until("the labels are listed", || {
        let page = desk.text("main");
        (page.contains("heart") && page.contains("bone")).then_some(())
    });
    desk.audit("data, read");
    desk.picture("data");
    desk.click("#to-model");

    desk.will_pick(&encoder);
    desk.click("#add-folder");
    until("the encoder is taken in", || desk.has("[data-test=report]").then_some(()));
    desk.audit("model, added");
    desk.picture("model");
    desk.click("#to-recipe");

    until("the recipe is proposed", || desk.has("[data-test=stack]").then_some(()));
    desk.click("#preset-standard");
    desk.fill("#setting-epochs", "2000");
    desk.window().press("#setting-epochs", "\u{e004}");
    until("a value out of its limits is refused", || desk.has("#setting-epochs[aria-invalid=true]").then_some(()));
    desk.audit("recipe, refused");
    desk.picture("recipe-refused");
    desk.fill("#setting-epochs", "300");
    desk.window().press("#setting-epochs", "\u{e004}");
    desk.reads("[data-test=estimate]", &["MB", "GB"]);
    desk.audit("recipe");
    desk.picture("recipe");
    desk.click("#start");

    desk.reads("[data-test=state]", &["Training", "Scoring"]);
    desk.click("[data-test=pause]");
    desk.reads("[data-test=state]", &["Paused"]);
    desk.picture("train-paused");
    desk.audit("train, paused");
    desk.click("[data-test=resume]");
    desk.reads("[data-test=state]", &["Training", "Scoring"]);

    // The program is killed in the middle, and goes on by itself.
    desk.kill();
    desk.open();
    desk.go("train");
    desk.reads("[data-test=state]", &["Training", "Scoring"]);
    desk.click("[data-test=stop]");
    desk.picture("train-asking");
    desk.click("[data-test=yes]");
    desk.reads("[data-test=state]", &["Stopped and kept"]);
    desk.reads("[data-test=done]", &["Macro F1"]);
    desk.click("#to-results");
    until("the score is told", || desk.text("h1").contains("Macro F1").then_some(()));
    desk.click("#tab-confusion");
    desk.click("table button");
    until("a cell opens its examples", || desk.has("[data-test=example]").then_some(()));

    desk.go("predict");
    desk.fill("#text", "chest pain and murmur since the morning");
    desk.click("#answer");
    desk.reads("[data-test=answer]", &["heart"]);
    desk.audit("predict, answered");
    desk.picture("predict");

    let out = desk.home.path().join("exported-model");
    desk.go("export");
    desk.fill("#export-path", &out.to_string_lossy());
    desk.click("#export");
    desk.reads("[data-test=exported]", &["MB", "kB"]);
    desk.audit("export, done");
    desk.picture("export");
    for name in ["config.json", "model.safetensors", "tokenizer.json", "README.md"] {
        assert!(out.join(name).is_file(), "{name} is missing from the export");
    }
    let card = std::fs::read_to_string(out.join("README.md")).expect("the model card");
    assert!(!card.contains("murmur") && !card.contains("/tmp"), "no text and no path in the card");
    // What was exported is an encoder that Ballast takes in again.
    let again = Command::new(env!("CARGO_BIN_EXE_ballast"))
        .args(["encoders", "add"])
        .arg(&out)
        .env("BALLAST_WORKSPACE", desk.home.path().join("another"))
        .output()
        .expect("run ballast");
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
}
