//! The real window, end to end: page, typed calls, shell and `studio`, driven as a user would.
//!
//! It runs only where `BALLAST_WINDOW` is set, as `cargo xtask test` does under a virtual display, so that no window
//! pops up in front of a developer. With `BALLAST_PICTURES=FOLDER` it leaves a picture of every state there, for people
//! to look at.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::webdriver::{Window, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ballast-desktop");
const ARROW_LEFT: &str = "\u{e012}";

#[test]
fn a_user_opens_the_window_and_finds_the_way() {
    if std::env::var_os("BALLAST_WINDOW").is_none() {
        eprintln!("skipped: `cargo xtask test` runs this with BALLAST_WINDOW set, on a virtual display");
        return;
    }
    let home = tempfile::tempdir().expect("a temporary folder");
    let window = Window::open(Path::new(PROGRAM), home.path());

    until("the devices are listed", || (!window.text("main li").is_empty()).then_some(()));
    assert_eq!(window.text(".version"), concat!("Version ", env!("CARGO_PKG_VERSION")));
    let devices = window.text("main ul");
    assert!(devices.contains("Processor (CPU)") && devices.contains("Ready to train"), "{devices}");
    picture(&window, "light");

    window.click("input[name=theme][value=dark] + span");
    let ground = window.run("return getComputedStyle(document.body).backgroundColor");
    assert_eq!(ground, "rgb(16, 24, 27)", "the ground of the dark palette");
    picture(&window, "dark");
    window.press("input[name=theme]:checked", ARROW_LEFT);
    let ground = window.run("return getComputedStyle(document.body).backgroundColor");
    assert_eq!(ground, "rgb(251, 250, 247)", "one key to the left of dark is light");

    let refused = window.run(
        "return new Promise((done) => { addEventListener('securitypolicyviolation', (event) => \
         done(event.effectiveDirective)); fetch('http://127.0.0.1:9/').catch(() => setTimeout(done, 2000)); })",
    );
    assert_eq!(refused, "connect-src", "the page may talk to its own shell only");

    window.click("main pre + button");
    until("the copy is reported", || {
        let outcome = window.text("main pre + button") + &window.text(".outcome");
        (outcome.contains("Copied") || outcome.contains("selected")).then_some(())
    });

    // A shell that fails: the page's calls travel by `fetch`.
    window.run(
        "window.trueFetch = window.fetch; window.fetch = async () => new Response('\"The shell is gone.\"', \
         { headers: { 'Tauri-Response': 'error', 'Content-Type': 'application/json' } })",
    );
    window.click("section .head button");
    until("the failure is told", || window.text("[role=alert]").contains("did not work").then_some(()));
    window.click("summary");
    assert!(window.text("[role=alert]").contains("The shell is gone."));
    picture(&window, "failed");
    window.run("window.fetch = window.trueFetch");
    window.click("section .head button");
    until("the devices are back", || (!window.text("main li").is_empty()).then_some(()));

    window.click("input[name=language][value=zh] + span");
    assert_eq!(window.text("h1"), "让语言模型学会您自己的标签");
    assert!(window.text("main ul").contains("处理器（CPU）"));
    picture(&window, "chinese");
    drop(window);

    let window = Window::open(Path::new(PROGRAM), home.path());
    until("the devices are listed", || (!window.text("main li").is_empty()).then_some(()));
    assert_eq!(window.text("h1"), "让语言模型学会您自己的标签", "the language is remembered");
    assert_eq!(window.run("return document.documentElement.dataset.theme"), "light", "the appearance is remembered");
    window.click("input[name=language][value=en] + span");
    // A shell that never answers.
    window.run("window.trueFetch = window.fetch; window.fetch = () => new Promise(() => {})");
    window.click("section .head button");
    assert_eq!(window.text(".looking"), "Looking for devices…");
    picture(&window, "looking");
    window.resize(420, 900);
    until("the window is narrow", || window.run("return innerWidth <= 480").as_bool()?.then_some(()));
    let spill = window.run("return document.documentElement.scrollWidth - innerWidth");
    assert_eq!(spill, 0, "a narrow window never scrolls sideways");
    picture(&window, "narrow");
}

/// A picture of the window, cut from the display: WebDriver's own hangs here.
fn picture(window: &Window, name: &str) {
    if let Some(folder) = std::env::var_os("BALLAST_PICTURES") {
        std::thread::sleep(Duration::from_millis(400));
        let size = window.run("return innerWidth + 'x' + innerHeight + '+0+0'");
        let file = Path::new(&folder).join(format!("{name}.png"));
        let mut import = Command::new("import");
        import.args(["-window", "root", "-crop", size.as_str().unwrap_or_default(), "+repage", "-strip"]).arg(&file);
        let taken = import.status();
        assert!(
            taken.is_ok_and(|status| status.success()),
            "ImageMagick's `import` could not write {}",
            file.display()
        );
    }
}
