//! Closing the window while a run goes on.

use super::{Desk, desk, tiny};
use crate::webdriver::until;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, MapState};

/// Asks every window on the display to close, as the button in its corner does (ICCCM 4.2.8.1).
fn ask_to_close() {
    let (display, screen) = x11rb::connect(None).expect("a display");
    let root = display.setup().roots[screen].root;
    let atom = |name: &str| display.intern_atom(false, name.as_bytes()).unwrap().reply().expect("an atom").atom;
    let (protocols, delete) = (atom("WM_PROTOCOLS"), atom("WM_DELETE_WINDOW"));
    let windows = display.query_tree(root).unwrap().reply().expect("the windows").children;
    for window in windows {
        let shown = display.get_window_attributes(window).unwrap().reply();
        let known = display.get_property(false, window, protocols, AtomEnum::ATOM, 0, 32).unwrap().reply();
        let (Ok(shown), Ok(known)) = (shown, known) else { continue };
        let closes = known.value32().is_some_and(|mut known| known.any(|atom| atom == delete));
        if shown.map_state == MapState::VIEWABLE && closes {
            let message = ClientMessageEvent::new(32, window, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
            display.send_event(false, window, EventMask::NO_EVENT, message).expect("send");
        }
    }
    display.flush().expect("flush");
}

/// Starts a run on the sample notes.
fn start(desk: &Desk, epochs: &str) {
    desk.go("data");
    desk.click("#sample-notes");
    desk.click("#to-model");
    desk.click("#to-recipe");
    until("the recipe is proposed", || desk.has("[data-test=stack]").then_some(()));
    desk.click("#preset-standard");
    desk.fill("#setting-epochs", epochs);
    desk.window().press("#setting-epochs", "\u{e004}");
    desk.click("#start");
}

fn ended(desk: &Desk) {
    until("the program has ended", || desk.processes().is_empty().then_some(()));
}

#[test]
fn closing_asks_while_a_run_goes_on_and_the_run_goes_on_after_a_restart() {
    let Some(mut desk) = desk() else { return };
    if tiny().is_none() {
        eprintln!("skipped: set-up could not fetch the small encoder");
        return;
    }
    start(&desk, "300");
    desk.reads("[data-test=state]", &["Training"]);

    ask_to_close();
    until("closing asks", || desk.has("[data-test=leave]").then_some(()));
    desk.audit("leaving");
    desk.picture("leaving");
    desk.click("[data-test=stay]");
    until("the question is gone", || (!desk.has("[data-test=leave]")).then_some(()));
    desk.reads("[data-test=state]", &["Training", "Scoring"]);

    ask_to_close();
    desk.click("[data-test=leave]");
    ended(&desk);
    desk.window = None;
    desk.open();
    desk.go("train");
    desk.reads("[data-test=state]", &["Training", "Scoring"]);

    desk.click("[data-test=stop]");
    desk.click("[data-test=yes]");
    desk.reads("[data-test=state]", &["Stopped and kept"]);
    // Nothing goes on: nothing is asked.
    ask_to_close();
    ended(&desk);
}

#[test]
fn a_labelling_that_is_cut_off_goes_on_after_a_restart() {
    let Some(mut desk) = desk() else { return };
    if tiny().is_none() {
        eprintln!("skipped: set-up could not fetch the small encoder");
        return;
    }
    start(&desk, "1");
    desk.reads("[data-test=state]", &["Completed"]);
    let rows = 12_000;
    let mut table = String::from("text\n");
    (0..rows).for_each(|row| table += &format!("note {row}: fever and a dry cough since the morning\n"));
    let input = desk.file("many.csv", &table);
    let output = desk.home.path().join("answers.csv");
    desk.go("predict");
    desk.fill("#input-path", &input.to_string_lossy());
    desk.fill("#output-path", &output.to_string_lossy());
    desk.click("#label-file");
    let share = || desk.text("[data-test=labelling]");
    until("it has begun", || (share().contains('%') && !share().contains(" 0")).then_some(()));

    ask_to_close();
    until("closing asks", || desk.has("[data-test=leave]").then_some(()));
    desk.reads(".dialog-content", &["being labelled"]);
    desk.audit("leaving a labelling");
    desk.picture("leaving-labelling");
    desk.click("[data-test=leave]");
    ended(&desk);
    assert!(!output.exists(), "it was cut off");

    desk.window = None;
    desk.open();
    until("it goes on by itself", || desk.has("[data-test=labelling]").then_some(()));
    desk.go("predict");
    desk.picture("labelling-goes-on");
    until("all is labelled", || output.exists().then_some(()));
    let answers = std::fs::read_to_string(&output).expect("the answers");
    assert_eq!(answers.lines().count(), rows + 1);
    until("nothing waits", || (!desk.has("[data-test=labelling]") && !desk.has("[data-test=waiting]")).then_some(()));
}
