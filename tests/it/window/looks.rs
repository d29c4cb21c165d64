//! Language, appearance, size, and what the page may not do.

use super::desk;
use crate::webdriver::until;

const SCREENS: [&str; 11] =
    ["home", "data", "model", "recipe", "train", "results", "predict", "export", "study", "devices", "settings"];

#[test]
fn language_and_appearance_are_kept_and_every_screen_is_accessible_in_both() {
    let Some(mut desk) = desk() else { return };
    desk.go("settings");
    desk.click("input[name=theme][value=dark] + span");
    let ground = || desk.window().run("return getComputedStyle(document.body).backgroundColor");
    assert_eq!(ground(), "rgb(16, 24, 27)", "the ground of the dark palette");
    desk.click("input[name=language][value=zh] + span");
    assert_eq!(desk.text("h1"), "设置");

    desk.window = None;
    desk.open();
    assert_eq!(desk.window().run("return document.documentElement.dataset.theme"), "dark", "the appearance is kept");
    assert_eq!(desk.window().run("return document.documentElement.lang"), "zh-Hans", "the language is kept");
    for screen in SCREENS {
        desk.go(screen);
        desk.audit(&format!("{screen}, dark, Chinese"));
        desk.picture(&format!("{screen}-dark-chinese"));
    }
    desk.go("settings");
    desk.click("input[name=language][value=en] + span");
    desk.click("input[name=theme][value=light] + span");
    for screen in SCREENS {
        desk.go(screen);
        desk.audit(&format!("{screen}, light"));
    }
    desk.window().resize(1024, 700);
    for screen in SCREENS {
        desk.go(screen);
        desk.fits(screen);
        desk.picture(&format!("{screen}-1024x700"));
    }
    desk.window().resize(420, 900);
    until("the window is narrow", || desk.window().run("return innerWidth <= 480").as_bool()?.then_some(()));
    for screen in SCREENS {
        desk.go(screen);
        desk.fits(&format!("{screen}, narrow,"));
    }
    desk.picture("settings-narrow");
}

#[test]
fn the_page_talks_to_its_own_program_only() {
    let Some(desk) = desk() else { return };
    let refused = desk.window().run(
        "return new Promise((done) => { addEventListener('securitypolicyviolation', (event) => \
         done(event.effectiveDirective)); fetch('http://127.0.0.1:9/').catch(() => setTimeout(done, 2000)); })",
    );
    assert_eq!(refused, "connect-src");
}
