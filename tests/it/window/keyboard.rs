//! The whole way without a mouse.

use super::{Desk, desk, notes};
use crate::webdriver::until;
use serde_json::json;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// Goes on with the tab key until the element that has the focus fits `selector`.
fn tab_to(desk: &Desk, selector: &str) {
    until(&format!("{selector} is there"), || desk.has(selector).then_some(()));
    let there = format!("return document.activeElement.matches({})", json!(selector));
    for _ in 0..150 {
        if desk.window().run(&there) == true {
            return;
        }
        desk.window().keys(TAB);
    }
    panic!(
        "the tab key never reaches {selector}; it is at {}",
        desk.window().run("return document.activeElement.outerHTML")
    );
}

fn press(desk: &Desk, selector: &str) {
    let ready = format!("return !document.querySelector({})?.disabled", json!(selector));
    until(&format!("{selector} can be pressed"), || {
        (desk.has(selector) && desk.window().run(&ready) == true).then_some(())
    });
    tab_to(desk, selector);
    desk.window().keys(ENTER);
}

#[test]
fn from_data_to_the_exported_model_by_keyboard_alone() {
    let Some(desk) = desk() else { return };
    let table = desk.file("notes.csv", &notes(120, 0).replace("when,story,ward", "id,text,label"));
    press(&desk, "#start-data");
    tab_to(&desk, "#data-path");
    desk.window().keys(&table.to_string_lossy());
    press(&desk, "#open-path");
    press(&desk, "#to-model");
    press(&desk, "#to-recipe");
    until("the recipe is proposed", || desk.has("[data-test=stack]").then_some(()));
    tab_to(&desk, "#setting-epochs");
    desk.window().run("document.activeElement.select()");
    desk.window().keys("3");
    press(&desk, "#start");
    desk.reads("[data-test=done]", &["Macro F1"]);
    press(&desk, "#to-results");
    until("the score is told", || desk.text("h1").contains("Macro F1").then_some(()));
    until("a new screen is announced", || {
        (desk.window().run("return document.activeElement.id") == "heading").then_some(())
    });
    press(&desk, "#predict");
    tab_to(&desk, "#text");
    desk.window().keys("chest pain and murmur");
    press(&desk, "#answer");
    desk.reads("[data-test=answer]", &["heart"]);
    press(&desk, "#to-export");
    let out = desk.home.path().join("model");
    tab_to(&desk, "#export-path");
    desk.window().keys(&out.to_string_lossy());
    press(&desk, "#export");
    desk.reads("[data-test=exported]", &["MB", "kB"]);
    assert!(out.join("model.safetensors").is_file(), "the model was exported");
}
