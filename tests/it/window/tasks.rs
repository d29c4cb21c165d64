//! Relations from annotated notes, similar sentences, and several labels a text: from the data to the answers.

use super::{Desk, desk, tiny};
use crate::webdriver::until;
use std::fs;
use std::path::PathBuf;

/// Trains what is open, briefly, and opens its results.
fn train(desk: &Desk, epochs: &str) {
    desk.go("recipe");
    until("the recipe is proposed", || desk.has("[data-test=stack]").then_some(()));
    desk.click("#preset-standard");
    for (setting, value) in [("epochs", epochs), ("learning-rate", "0.001")] {
        if desk.window().run(&format!("return document.querySelector('#setting-{setting}').checkVisibility()")) != true
        {
            desk.click("#advanced");
        }
        desk.fill(&format!("#setting-{setting}"), value);
        desk.window().press(&format!("#setting-{setting}"), "\u{e004}");
    }
    desk.click("#start");
    desk.reads("[data-test=state]", &["Completed"]);
    desk.click("#to-results");
    until("the score is there", || desk.has("[data-test=example]").then_some(()));
}

fn read(desk: &Desk) {
    until("the data are read", || {
        (desk.window().run("return document.querySelector('#to-model')?.disabled") == false).then_some(())
    });
}

/// A look at a part of the results, in light and dark.
fn part(desk: &Desk, tab: &str, name: &str) {
    desk.click(&format!("#tab-{tab}"));
    until(&format!("{tab} is open"), || desk.has(&format!("#tab-{tab}[aria-selected=true]")).then_some(()));
    desk.fits(name);
    desk.audit(name);
    desk.picture(name);
}

/// A picture of what stands further down.
fn see(desk: &Desk, selector: &str, name: &str) {
    until(&format!("{selector} is there"), || desk.has(selector).then_some(()));
    desk.window().run(&format!("document.querySelector('{selector}').scrollIntoView({{ block: 'center' }})"));
    desk.picture(name);
}

/// Notes with their annotations beside them, as brat keeps them; every other drug caused its effect.
fn annotated(desk: &Desk) -> PathBuf {
    let folder = desk.home.path().join("annotated");
    fs::create_dir_all(&folder).expect("a folder");
    for number in 0..60 {
        let (drug, effect) =
            (["Aspirin", "Ibuprofen", "Morphine"][number % 3], ["rash", "fever", "nausea"][number / 3 % 3]);
        let verb = ["caused", "was given for"][number % 2];
        let text = format!("{drug} {verb} {effect} in case {number} 🩺.\r\n");
        let start = drug.len() + verb.len() + 2;
        let mut marks =
            format!("T1\tDrug 0 {}\t{drug}\nT2\tEffect {start} {}\t{effect}\n", drug.len(), start + effect.len());
        if number % 2 == 0 {
            marks += "R1\tcauses Arg1:T1 Arg2:T2\n";
        }
        fs::write(folder.join(format!("n{number:02}.txt")), text).expect("a note");
        fs::write(folder.join(format!("n{number:02}.ann")), marks).expect("its annotations");
    }
    folder
}

#[test]
fn relations_are_learnt_from_annotated_notes() {
    let Some(desk) = desk() else { return };
    if tiny().is_none() {
        eprintln!("skipped: set-up could not fetch the small encoder");
        return;
    }
    let folder = annotated(&desk);
    desk.go("data");
    desk.will_pick(&folder);
    desk.click("#choose-folder");
    read(&desk);
    desk.reads("main", &["@DRUG$"]);
    assert_eq!(
        desk.window().run("return document.querySelector('#negative')?.selectedOptions[0]?.text.includes('none')"),
        true
    );
    desk.audit("data, relations");
    desk.picture("data-relations");

    desk.click("[data-test=check]");
    until("the data are checked", || desk.has("[data-test=fits], [data-test=hygiene]").then_some(()));
    until("the vocabularies are compared", || desk.has("[data-test=fit]").then_some(()));
    desk.audit("data, checked");
    see(&desk, "[data-test=hygiene]", "data-checked");
    see(&desk, "[data-test=fits]", "data-fits");
    see(&desk, "#preview", "data-relation-rows");

    // Markers keep the entities readable; the dummies are gone then.
    desk.choose("#marking", "markers");
    until("markers are there", || desk.text("main").contains("[E1]").then_some(()));
    read(&desk);
    desk.picture("data-relations-markers");
    train(&desk, "8");
    desk.reads("main", &["micro F1", "Micro F1"]);
    desk.picture("results-relation");
    part(&desk, "scores", "results-relation-scores");
    desk.reads("#per-label", &["causes"]);

    desk.click("#predict");
    desk.fill("#text", "[E1] Aspirin [/E1] caused [E2] nausea [/E2] in case 99.");
    desk.click("#answer");
    desk.reads("[data-test=answer]", &["causes", "none"]);
    desk.audit("predict, relation");
    desk.picture("predict-relation");
}

#[test]
fn similar_sentences_are_scored() {
    let Some(desk) = desk() else { return };
    if tiny().is_none() {
        eprintln!("skipped: set-up could not fetch the small encoder");
        return;
    }
    let words = ["fever", "cough", "rash", "pain", "nausea"];
    let row = |n: usize| {
        let (one, two) = (words[n % 5], if n.is_multiple_of(2) { words[n % 5] } else { words[(n + 2) % 5] });
        let score = if one == two { 3.8 } else { 0.4 } + (n % 3) as f64 / 10.0;
        format!("The patient {n} has {one}.,The patient reports {two}.,{score:.1}\n")
    };
    let table = desk.file("pairs.csv", &format!("sentence1,sentence2,score\n{}", (0..90).map(row).collect::<String>()));
    desk.go("data");
    desk.will_pick(&table);
    desk.click("#choose-file");
    read(&desk);
    until("the scores are drawn", || desk.has("[data-test=scores]").then_some(()));
    desk.audit("data, similarity");
    desk.picture("data-similarity");
    see(&desk, "[data-test=scores]", "data-similarity-scores");

    train(&desk, "10");
    desk.reads("main", &["Pearson"]);
    desk.audit("results, similarity");
    desk.picture("results-similarity");
    desk.click("#tab-scores");
    until("every pair is a point", || desk.has("[data-test=scatter]").then_some(()));
    part(&desk, "scores", "results-similarity-scores");
    see(&desk, "[data-test=scatter]", "results-similarity-scatter");

    desk.click("#predict");
    desk.fill("#text", "The patient has fever.");
    desk.fill("#pair", "The patient reports fever.");
    desk.click("#answer");
    until("a score is given", || {
        let text = desk.text("[data-test=answer]");
        text.chars().any(|c| c.is_ascii_digit()).then_some(())
    });
    desk.audit("predict, similarity");
    desk.picture("predict-similarity");
    let output = desk.home.path().join("scored.xlsx");
    desk.click("input[name=form][value=xlsx] + span");
    desk.fill("#input-path", &table.to_string_lossy());
    desk.fill("#output-path", &output.to_string_lossy());
    desk.click("#label-file");
    desk.reads("[data-test=labelled]", &["90"]);
    let written = corpus::load_unlabelled(&output, &corpus::Options::default(), corpus::Task::Classification);
    assert_eq!(written.expect("a spreadsheet").0.len(), 90);

    desk.dress("dark", "zh");
    desk.go("results");
    desk.click("[data-test=run]");
    until("the examples are there", || desk.has("[data-test=example]").then_some(()));
    part(&desk, "scores", "results-similarity-dark-chinese");
}

#[test]
fn a_threshold_is_chosen_where_texts_have_several_labels() {
    let Some(desk) = desk() else { return };
    if tiny().is_none() {
        eprintln!("skipped: set-up could not fetch the small encoder");
        return;
    }
    let row = |n: usize| {
        let (fever, pain) = (n.is_multiple_of(2), n.is_multiple_of(3));
        let text = format!("case {n}{}{}", if fever { " with fever" } else { "" }, if pain { " in pain" } else { "" });
        format!("{text},{},{}\n", u8::from(fever), u8::from(pain))
    };
    let table = desk.file("flags.csv", &format!("text,fever,pain\n{}", (0..120).map(row).collect::<String>()));
    desk.go("data");
    desk.will_pick(&table);
    desk.click("#choose-file");
    read(&desk);
    desk.audit("data, several labels");
    desk.picture("data-multilabel");
    see(&desk, "#preview", "data-multilabel-rows");
    train(&desk, "8");
    desk.picture("results-multilabel");
    part(&desk, "scores", "results-multilabel-scores");
    desk.click("[data-test=best-threshold]");
    see(&desk, "#threshold", "results-multilabel-threshold");
    desk.fill("#threshold", "0.4");
    desk.click("[data-test=use-threshold]");
    desk.reads("[data-test=threshold-used]", &["0.4", "40"]);
    desk.click("#predict");
    desk.fill("#text", "case 7 with fever in pain");
    desk.click("#answer");
    desk.reads("[data-test=answer]", &["fever"]);
    desk.audit("predict, several labels");
    desk.picture("predict-multilabel");
}
