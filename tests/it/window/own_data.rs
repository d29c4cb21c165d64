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
    // The name of a column says label where it is none.
    let table = desk.file("notes.csv", &notes(300, 2).replace("when,", "label,"));

    desk.go("data");
    desk.picture("data-empty");
    desk.will_pick(&table);
    desk.click("#choose-file");
    // Which column holds the text is corrected by hand.
    desk.choose("#column-text", "story");
    desk.choose("#column-label", "ward");
    desk.reads("#issues", &["Another number of fields than the header: 2 (left out)"]);
    desk.reads("#issues ol", &["line 302"]);
    desk.reads("#issues ol", &["line 303"]);
    desk.fill("#issue-search", "303");
    until("the issues are narrowed", || (!desk.text("#issues ol").contains("line 302")).then_some(()));
    let saved = desk.home.path().join("issues.csv");
    desk.will_pick(&saved);
    desk.click("#save-issues");
    until("the issues are saved", || {
        std::fs::read_to_string(&saved).is_ok_and(|text| text.lines().count() == 3).then_some(())
    });
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
    desk.audit("train, asking");
    desk.click("[data-test=yes]");
    desk.reads("[data-test=state]", &["Stopped and kept"]);
    desk.click("[data-test=resume]");
    desk.reads("[data-test=state]", &["Training", "Scoring"]);
    desk.click("[data-test=stop]");
    desk.click("[data-test=yes]");
    desk.reads("[data-test=state]", &["Stopped and kept"]);
    desk.reads("[data-test=done]", &["Macro F1"]);
    desk.click("#to-results");
    until("the score is told", || desk.text("h1").contains("Macro F1").then_some(()));
    desk.click("#tab-confusion");
    desk.click("table button");
    until("a cell opens its examples", || desk.has("[data-test=example]").then_some(()));
    desk.click("[data-test=delete]");
    until("deleting asks", || desk.has("[data-test=delete-yes]").then_some(()));
    desk.audit("results, deleting");
    desk.picture("results-deleting");
    desk.window().press("[data-test=delete-yes]", "\u{e00c}");
    until("the run is kept", || (!desk.has("[data-test=delete-yes]")).then_some(()));

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

#[test]
fn a_table_that_was_read_wrongly_is_put_right() {
    let Some(desk) = desk() else { return };
    // Chest pain and fracture in Chinese, as GB 18030 writes them: nothing in the bytes tells it from Western European.
    let words: [&[u8]; 2] = [b"\xd0\xd8\xcd\xb4", b"\xb9\xc7\xd5\xdb"];
    let mut table = b"text,label\n".to_vec();
    for row in 0..60 {
        table.extend_from_slice(words[row % 2]);
        table.extend(format!(" {row},{}\n", ["heart", "bone"][row % 2]).bytes());
    }
    let path = desk.home.path().join("chinese.csv");
    std::fs::write(&path, table).expect("write the table");
    desk.go("data");
    desk.fill("#data-path", &path.to_string_lossy());
    desk.click("#open-path");
    desk.reads("#rows", &["ÐØÍ´ 0"]);
    desk.click("#written");
    desk.choose("#written-encoding", "gb18030");
    desk.reads("#rows", &["胸痛 0"]);
    desk.choose("#written-delimiter", ";");
    desk.reads("main", &["Which column"]);
    desk.choose("#written-delimiter", "");
    desk.reads("#rows", &["胸痛 0"]);
    desk.audit("data, read differently");
    desk.picture("data-written");
    desk.click("#to-model");
}
