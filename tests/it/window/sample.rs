//! The whole way on what Ballast brings along.

use super::desk;
use crate::webdriver::until;

#[test]
fn the_sample_is_trained_in_two_clicks() {
    let Some(desk) = desk() else { return };
    until("the devices are listed", || desk.text("main").contains("Processor (CPU)").then_some(()));
    desk.picture("home-empty");
    desk.audit("home");

    desk.click("#sample");
    desk.reads("[data-test=state]", &["Preparing", "Training", "Scoring", "Computing", "Completed"]);
    desk.picture("train-working");
    desk.reads("[data-test=done]", &["Macro F1"]);
    desk.audit("train, done");
    desk.picture("train-done");

    // Reloading the page loses nothing.
    desk.window().run("location.reload()");
    desk.reads("[data-test=done]", &["Macro F1"]);
    until("the curves are drawn again", || desk.has("main canvas").then_some(()));

    desk.click("#to-results");
    until("the score is told", || desk.text("h1").contains("Macro F1").then_some(()));
    until("examples are shown", || desk.has("[data-test=example]").then_some(()));
    desk.audit("results, examples");
    desk.picture("results-examples");
    for part in ["scores", "confusion", "curves", "recipe", "notes"] {
        desk.click(&format!("#tab-{part}"));
        desk.audit(&format!("results, {part}"));
        desk.picture(&format!("results-{part}"));
    }

    desk.go("home");
    until("the run is listed", || desk.text("main ul").contains("notes.csv").then_some(()));
    desk.picture("home");
}
