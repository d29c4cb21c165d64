//! From the question "which preset is steady on my data?" to the report.

use super::{desk, notes, tiny};
use crate::webdriver::until;

#[test]
fn which_preset_is_steady_is_answered_in_a_report() {
    let Some(mut desk) = desk() else { return };
    if tiny().is_none() {
        eprintln!("skipped: set-up could not fetch the small encoder");
        return;
    }
    desk.go("study");
    desk.reads("main", &["No study yet"]);
    desk.audit("studies, none");
    desk.picture("study-empty");

    let table = desk.file("letters.csv", &notes(160, 0));
    desk.go("data");
    desk.will_pick(&table);
    desk.click("#choose-file");
    desk.choose("#column-text", "story");
    desk.choose("#column-label", "ward");
    until("the data are read", || {
        (desk.window().run("return document.querySelector('#to-model')?.disabled") == false).then_some(())
    });
    desk.go("study");
    desk.click("#new-study");
    desk.reads("h1", &["Which preset is steady on my data?"]);
    for preset in ["layerwise-decay", "reinit-top"] {
        desk.click(&format!("#study-{preset}"));
    }
    desk.fill("#study-seeds", "3");
    desk.reads("#study-about", &["6 runs"]);
    desk.audit("study, new");
    desk.fits("study, new");
    desk.picture("study-new");
    desk.click("#start-study");

    desk.reads("[data-test=study-state]", &["Run "]);
    desk.picture("study-working");
    // A study is paused and goes on like a run.
    desk.click("[data-test=pause]");
    desk.reads("[data-test=study-state]", &["Paused"]);
    desk.picture("study-paused");
    // The program ends in the middle of it; the next start knows the study.
    desk.click("[data-test=resume]");
    desk.reads("[data-test=study-state]", &["Training", "Scoring", "Preparing"]);
    desk.kill();
    desk.open();
    desk.go("study");
    desk.click("[data-test=study]");
    until("the study has ended", || {
        (desk.has("#take:not(:disabled)") && !desk.has("[data-test=study-state]")).then_some(())
    });
    desk.reads("[data-test=sentence]", &["has the best mean score on dev"]);
    desk.reads("[data-test=caution]", &["Fewer than five runs"]);
    desk.audit("study, report");
    desk.fits("study, report");
    desk.picture("study-report");
    for (part, name) in
        [("#comparisons", "study-comparison"), ("#expected", "study-expected"), ("#methods", "study-methods")]
    {
        desk.window().run(&format!("document.querySelector('{part}').scrollIntoView({{ block: 'center' }})"));
        desk.picture(name);
    }

    let out = desk.home.path().join("report");
    std::fs::create_dir_all(&out).expect("a folder");
    desk.will_pick(&out);
    desk.click("#export-study");
    desk.reads("[data-test=report-written]", &["report.html"]);
    let page = std::fs::read_to_string(out.join("report.html")).expect("the page");
    assert!(page.contains("letters.csv") && !page.contains(&desk.home.path().display().to_string()), "no path leaves");
    let study = std::fs::read_to_string(out.join("study.json")).expect("the study");
    assert!(!study.contains(&desk.home.path().display().to_string()), "no path leaves");

    desk.dress("dark", "zh");
    desk.go("study");
    desk.audit("studies, dark, Chinese");
    desk.picture("study-list-dark-chinese");
    desk.click("[data-test=study]");
    desk.reads("[data-test=sentence]", &["平均得分最高"]);
    desk.audit("study, report, dark, Chinese");
    desk.picture("study-report-dark-chinese");
    desk.dress("light", "en");

    // Its runs answer together, and its best recipe is what is recommended from now on.
    desk.go("study");
    desk.click("[data-test=study]");
    desk.click("#ensemble");
    until("the ensemble is shown", || desk.has("[data-test=example]").then_some(()));
    desk.picture("study-ensemble");
    desk.go("results");
    desk.reads("main", &["Show the runs of studies"]);
    desk.go("study");
    desk.click("[data-test=study]");
    desk.click("#take");
    desk.reads("[data-test=evidence]", &["Your own study of these data"]);
    desk.audit("recipe, by evidence");
    desk.picture("recipe-evidence");

    desk.window().resize(420, 900);
    until("the window is narrow", || desk.window().run("return innerWidth <= 480").as_bool()?.then_some(()));
    desk.go("study");
    desk.fits("studies, narrow");
    desk.click("[data-test=study]");
    desk.reads("[data-test=sentence]", &["has the best mean score on dev"]);
    desk.fits("study, narrow");
    desk.picture("study-report-narrow");
}
