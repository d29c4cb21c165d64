//! Labelling beyond entities: relations by keys, two annotators who settle what they differ on, pairs with scores, several labels.

use super::{Desk, desk};
use crate::webdriver::until;
use labelling::{Labelled, Project};
use std::fs;

const LEFT: &str = "\u{e012}";
const RIGHT: &str = "\u{e014}";
const UP: &str = "\u{e013}";
const SHIFT: &str = "\u{e008}";
const ALT: &str = "\u{e00a}";
const ENTER: &str = "\u{e007}";

impl Desk {
    fn create(&self, name: &str, task: &str, rows: &str) {
        self.go("label");
        self.fill("#project-name", name);
        self.choose("#project-task", task);
        self.fill("#project-annotator", "Ada");
        self.click("#create-project");
        self.reads("h1", &[name]);
        let file = self.file(&format!("{name}.tsv"), rows);
        self.fill("#import-path", &file.display().to_string());
        self.click("#import");
        self.reads("[data-test=imported]", &["texts"]);
    }

    fn view(&self, tab: &str) {
        self.click(&format!("input[name=tab][value={tab}] + span"));
    }

    fn add_label(&self, kind: &str, name: &str) {
        let labels = self.window().run("return document.querySelectorAll('[data-test=label]').length");
        self.fill(&format!("#new-{kind}"), name);
        self.click(&format!("#add-{kind}"));
        until("the label is there", || {
            (self.window().run("return document.querySelectorAll('[data-test=label]').length") != labels).then_some(())
        });
    }

    /// Presses keys on the text and waits for what the page then says.
    fn press_until(&self, keys: &str, selector: &str, wanted: &str) {
        self.window().press("#document-text", keys);
        self.reads(selector, &[wanted]);
    }

    fn project(&self) -> Project {
        let projects = fs::read_dir(self.workspace().join("projects")).expect("projects");
        let mut all: Vec<_> = projects.flatten().map(|entry| entry.path()).collect();
        all.sort_by_key(|path| path.metadata().and_then(|facts| facts.created()).ok());
        let project = Project::open(&all.last().expect("a project").join("project.sqlite")).expect("it opens");
        project.check().expect("it is sound");
        project
    }
}

/// Spans in the words of the text, relations as head, label and tail.
fn said(own: &Labelled) -> (Vec<String>, Vec<String>) {
    let characters: Vec<char> = own.document.text.chars().collect();
    let words = |at: usize| {
        let span = &own.document.spans[at];
        characters[span.start..span.end].iter().collect::<String>()
    };
    let spans = own.document.spans.iter().enumerate().map(|(at, span)| format!("{} {}", words(at), span.label));
    let joined =
        own.document.relations.iter().map(|own| format!("{} {} {}", words(own.head), own.label, words(own.tail)));
    (spans.collect(), joined.collect())
}

#[test]
fn two_annotate_relations_and_settle_what_they_differ_on() {
    let Some(desk) = desk() else { return };
    desk.create(
        "Effects",
        "relation",
        "id\ttext\nn1\tAspirin caused mild rash 🩺 .\nn2\tMorphine was stopped .\nn3\tNo drug .\n",
    );
    desk.view("labels");
    for (kind, name) in [("span", "Drug"), ("span", "Effect"), ("relation", "causes")] {
        desk.add_label(kind, name);
    }
    // A change of the label set is taken back and done again.
    let labels = "return document.querySelectorAll('[data-test=label]').length";
    for (button, count) in [("#undo", 2), ("#redo", 3)] {
        desk.click(button);
        until("the label set is the other one", || (desk.window().run(labels) == count).then_some(()));
    }
    desk.reads("[data-test=turned]", &["Done again: added a label"]);
    desk.view("annotate");
    desk.reads("[data-test=document]", &["n1"]);
    desk.press_until(&format!("{RIGHT}1"), "[data-test=marked]", "Aspirin");
    desk.press_until(&format!("{}{SHIFT}{RIGHT}{SHIFT}2", RIGHT.repeat(2)), "[data-test=marked]", "mild rash");
    desk.window().press("#document-text", &format!("{}r", LEFT.repeat(2)));
    desk.press_until(&format!("{}3", RIGHT.repeat(3)), "[data-test=relations]", "Aspirin → mild rash");
    // The same by dragging, in the list and in the text.
    let item = |place: usize| format!("[data-test=marked] li:nth-child({place}) button");
    let drug = "#document-text [data-names=\"Drug\"]";
    for (from, onto, alt) in
        [(item(1), item(2), false), (drug.to_string(), "#document-text [data-names=\"Effect\"]".into(), true)]
    {
        desk.window().press("#document-text", "u");
        until("the relation is taken back", || (!desk.has("[data-test=relations]")).then_some(()));
        desk.window().drag(&from, &onto, alt);
        desk.reads("[data-test=relations]", &["Aspirin → mild rash"]);
    }
    // Another border, and another label on the same words.
    let spans = || desk.text("[data-test=marked]");
    desk.window().press("#document-text", &RIGHT.repeat(3));
    desk.click(&item(2));
    desk.window().press("#document-text", &format!("{LEFT}{RIGHT}"));
    desk.reads("#border", &["mild rash"]);
    desk.window().press("#document-text", "b");
    until("the mark is shorter", || (spans().contains("mild") && !spans().contains("mild rash")).then_some(()));
    desk.window().press("#document-text", "u");
    until("and as it was", || spans().contains("mild rash").then_some(()));
    desk.window().press("#document-text", &format!("{ALT}1{ALT}"));
    until("two labels lie on one word", || desk.text("[data-test=marked]").contains("(3)").then_some(()));
    desk.window().press("#document-text", "u");
    until("and one again", || desk.text("[data-test=marked]").contains("(2)").then_some(()));
    desk.audit("label, relation");
    desk.fits("label, relation");
    desk.picture("label-relation");
    desk.window().press("#document-text", ENTER);
    desk.reads("[data-test=document]", &["n2"]);
    desk.press_until(&format!("{RIGHT}1"), "[data-test=marked]", "Morphine");
    desk.window().press("#document-text", ENTER);
    desk.reads("[data-test=document]", &["n3"]);

    desk.fill("#new-annotator", "Eve");
    desk.click("form:has(#new-annotator) button");
    desk.reads("[data-test=document]", &["n1"]);
    until("nothing of Ada's is shown", || (!desk.has("[data-test=marked]")).then_some(()));
    // She is led to what Ada has done.
    desk.view("agree");
    desk.click("#share");
    desk.reads("[data-test=document]", &["n1"]);
    desk.press_until(&format!("{RIGHT}1"), "[data-test=marked]", "Aspirin");
    desk.press_until(&format!("{}2", RIGHT.repeat(3)), "[data-test=marked]", "rash");
    desk.window().press("#document-text", ENTER);
    desk.reads("[data-test=document]", &["n2"]);
    desk.press_until(&format!("{RIGHT}1"), "[data-test=marked]", "Morphine");
    desk.window().press("#document-text", ENTER);
    desk.reads("[data-test=over]", &["somebody else"]);
    desk.click("#all-texts");
    desk.reads("[data-test=document]", &["n3"]);

    desk.view("history");
    desk.reads("[data-test=history]", &["Eve", "Ada", "joined two marks", "taken back", "n2"]);
    desk.audit("label, history");
    desk.fits("label, history");
    desk.picture("label-history");
    desk.view("texts");
    desk.click("details.card summary");
    desk.reads("[data-test=import]", &["Effects.tsv", "Ada"]);
    desk.click("[data-test=import] button");
    desk.reads(".dialog-content", &["3 texts", "2 of them labelled"]);
    desk.picture("label-import-remove");
    desk.window().keys("\u{e00c}");
    desk.view("agree");
    desk.reads("[data-test=agreement]", &["0.6"]);
    desk.audit("label, agreement of two");
    desk.fits("label, agreement of two");
    desk.picture("label-agreement-of-two");
    desk.click("#settle");
    desk.reads("[data-test=settled]", &["0 of 1"]);
    desk.reads("[data-test=document]", &["n1"]);
    desk.audit("label, settle");
    desk.fits("label, settle");
    desk.picture("label-settle");
    assert!(
        !desk.has("[aria-pressed=true][data-test=neither], [aria-pressed=true][data-test=first]"),
        "nothing is decided"
    );
    // Eve's boundaries, then Ada's, and the relation with them.
    desk.press_until("1", "[data-test=first][aria-pressed=true]", "rash (Effect)");
    desk.window().press("#document-text", UP);
    desk.press_until("2", "[data-test=second][aria-pressed=true]", "mild rash (Effect)");
    desk.window().press("#document-text", "2");
    let all = "return document.querySelectorAll('[data-test=second][aria-pressed=true]').length";
    until("both are Ada's", || (desk.window().run(all) == 2).then_some(()));
    desk.picture("label-settled");
    desk.window().press("#document-text", ENTER);
    desk.reads("[data-test=over]", &["Ada + Eve"]);
    desk.reads("[data-test=settled]", &["1 of 1"]);
    desk.audit("label, settled");
    desk.picture("label-settle-over");
    desk.click("#settle-again");
    desk.reads("[data-test=document]", &["n1"]);
    desk.click("#finish");
    desk.reads("[data-test=over]", &["Ada + Eve"]);

    let project = desk.project();
    let third =
        project.annotators().expect("annotators").into_iter().find(|own| own.name == "Ada + Eve").expect("she is");
    let settled = project.labelled(third.id).expect("labels");
    let own: Vec<_> = settled.iter().map(said).collect();
    let strings = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        own,
        [
            (strings(&["Aspirin Drug", "mild rash Effect"]), strings(&["Aspirin causes mild rash"])),
            (strings(&["Morphine Drug"]), vec![]),
        ]
    );

    // What is settled goes out as anybody's labels do, relations and all, and comes back the same.
    desk.choose("#annotator", &third.id.to_string());
    desk.view("give");
    desk.choose("#give-form", "brat");
    let out = desk.home.path().join("settled");
    desk.fill("#give-path", &out.display().to_string());
    desk.click("#give");
    desk.reads("[data-test=given]", &["2 texts"]);
    let mut again =
        Project::create(&desk.home.path().join("again.sqlite"), "again", corpus::Task::Relation).expect("one");
    let who = again.annotator("Zoe").expect("one");
    studio::take_in(&mut again, who, &out.display().to_string(), &corpus::Options::default(), &mut |_, _| true)
        .expect("brat is read");
    assert_eq!(again.labelled(who).expect("labels").iter().map(said).collect::<Vec<_>>(), own);

    desk.dress("dark", "zh");
    desk.go("label");
    desk.click("[data-test=project]");
    desk.choose("#annotator", "1");
    desk.view("agree");
    until("the differences are there", || desk.has("#settle").then_some(()));
    desk.click("#settle");
    until("it goes on", || desk.has("[data-test=settled]").then_some(()));
    desk.fits("label, settle, Chinese");
    desk.picture("label-settle-zh-dark");
}

#[test]
fn pairs_get_scores_and_texts_several_labels() {
    let Some(desk) = desk() else { return };
    desk.create(
        "Alike",
        "similarity",
        "id\tsentence1\tsentence2\np1\tNo fever .\tThe fever is gone .\np2\tHe coughs .\tShe sleeps .\n",
    );
    desk.view("annotate");
    desk.reads("[data-test=document]", &["p1"]);
    desk.reads("main", &["The fever is gone"]);
    desk.fill("#score", "3,5\u{e004}");
    until("the score is kept", || desk.has("#undo:not(:disabled)").then_some(()));
    desk.audit("label, pair");
    desk.fits("label, pair");
    desk.picture("label-pair");
    desk.click("#finish");
    desk.reads("[data-test=document]", &["p2"]);
    desk.fill("#score", "0\u{e004}");
    until("the score is kept", || desk.has("#undo:not(:disabled)").then_some(()));
    desk.click("#finish");
    until("all is done", || desk.has("[data-test=over]").then_some(()));
    let scores: Vec<_> = desk.project().labelled(1).expect("labels").iter().map(|own| own.document.score).collect();
    assert_eq!(scores, [Some(3.5), Some(0.0)]);

    desk.create("Topics", "multilabel", "id\ttext\nt1\tFever and cough since Monday .\nt2\tHe sleeps well .\n");
    desk.view("labels");
    for name in ["respiratory", "infection"] {
        desk.add_label("document", name);
    }
    desk.view("annotate");
    desk.reads("[data-test=document]", &["t1"]);
    desk.window().press("#document-text", "12");
    let held = "return document.querySelectorAll('[data-test=document-label][aria-pressed=true]').length";
    until("both labels hold", || (desk.window().run(held) == 2).then_some(()));
    desk.audit("label, several labels");
    desk.picture("label-several");
    desk.window().press("#document-text", ENTER);
    desk.reads("[data-test=document]", &["t2"]);
    desk.window().press("#document-text", "11");
    until("it came and went", || (desk.window().run(held) == 0).then_some(()));
    desk.window().press("#document-text", ENTER);
    until("all is done", || desk.has("[data-test=over]").then_some(()));
    let labels: Vec<_> =
        desk.project().labelled(1).expect("labels").into_iter().map(|own| own.document.labels).collect();
    assert_eq!(labels, [vec!["respiratory".to_string(), "infection".into()], vec![]]);
}
