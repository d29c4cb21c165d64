//! A program that is killed at any moment loses nothing that it had answered.

use super::{bench, document, opened};
use crate::schema::migrations;
use crate::{Action, LabelKind, NewDocument, Project};
use corpus::Task;
use rusqlite::Connection;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

const WORK: &str = "BALLAST_LABELLING_WORK";
const FILE: &str = "BALLAST_LABELLING_FILE";
const MANY: usize = 20_000;

/// What the killed program does; nothing by itself.
#[test]
fn at_work() {
    let (Ok(work), Ok(file)) = (env::var(WORK), env::var(FILE)) else { return };
    let path = Path::new(&file);
    let say = |line: String| {
        let mut out = std::io::stdout();
        writeln!(out, "{line}").and_then(|()| out.flush()).unwrap();
    };
    match work.as_str() {
        "act" => {
            let mut project = Project::open(path).unwrap();
            let ada = project.annotator("Ada").unwrap();
            let taken = project.document(ada, 1).unwrap().spans.len() as u32;
            for number in taken.. {
                // What is marked already would not be marked once more: as many places as the text has, then another label.
                let (start, end) = (number % 20, 20 + number / 20 % 17);
                let label = project.add_label(ada, LabelKind::Span, &format!("A{}", number / 340)).unwrap();
                project.act(ada, 1, &Action::AddSpan { start, end, label }).unwrap();
                project.act(ada, 2, &Action::SetScore { score: Some(number.into()) }).unwrap();
                say(format!("done {number}"));
            }
        }
        "import" => {
            let mut project = Project::open(path).unwrap();
            let ada = project.annotator("Ada").unwrap();
            say("begun".into());
            project.import(ada, "notes", many(), &mut |_| true).unwrap();
            say("in".into());
            sleep(Duration::from_secs(60));
        }
        _ => {
            say("begun".into());
            Project::open(path).unwrap();
            say("open".into());
            sleep(Duration::from_secs(60));
        }
    }
}

fn many() -> impl Iterator<Item = NewDocument> {
    (0..MANY)
        .map(|number| document(&format!("many {number}"), &format!("Note {number}: no fever, no cough, sent home.")))
}

/// This program again, at its work.
fn start(work: &str, file: &Path) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["tests::crash::at_work", "--exact", "--nocapture"]).env(WORK, work).env(FILE, file);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// What it said until it was killed, some time after it first spoke.
fn killed(mut child: Child, after: Duration) -> Vec<String> {
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let spoken =
        |line: &String| ["done", "begun", "in", "open"].iter().any(|word| line.split(' ').any(|own| own == *word));
    let first = said.by_ref().find(spoken);
    sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    first.into_iter().chain(said.filter(spoken)).collect()
}

#[test]
fn no_answered_action_is_lost() {
    let bench = bench(Task::Ner);
    let mut answered = 0;
    for wait in [0, 7, 23, 61] {
        let said = killed(start("act", &bench.path()), Duration::from_millis(wait));
        let last = said.last().and_then(|line| line.rsplit(' ').next()?.parse::<usize>().ok());
        answered = answered.max(last.expect("it works") + 1);
        let project = opened(&bench.path());
        let ada = project.annotators().unwrap()[0].id;
        let spans = project.document(ada, 1).unwrap().spans.len();
        assert!(spans >= answered, "{spans} spans, {answered} were answered");
        let score = project.document(ada, 2).unwrap().answer.score.unwrap();
        assert!(score as usize + 1 >= answered, "{score}");
    }
    assert!(answered > 4);
    let mut project = opened(&bench.path());
    let steps = std::iter::from_fn(|| project.undo(bench.ada).unwrap()).count();
    // Each kill may have come between the steps of a number that was not answered.
    assert!(steps + 4 >= 2 * answered, "{steps} steps can be taken back, {answered} were answered twice");
    assert_eq!(project.document(bench.ada, 1).unwrap().spans, []);
}

#[test]
fn a_broken_import_leaves_nothing_behind() {
    let bench = bench(Task::Ner);
    let few = bench.project.facts().unwrap().documents;
    let mut broken = 0;
    for wait in [0, 50, 120, 200] {
        let said = killed(start("import", &bench.path()), Duration::from_millis(wait));
        let there = opened(&bench.path()).facts().unwrap().documents;
        let whole = said.iter().any(|line| line.contains("in") && !line.contains("begun"));
        assert!(there == few || there == few + MANY, "{there} documents");
        assert!(!whole || there == few + MANY, "what was answered is lost");
        broken += usize::from(there == few);
    }
    assert!(broken > 0, "no import was broken off");
    let mut project = opened(&bench.path());
    project.import(bench.ada, "notes", many(), &mut |_| true).unwrap();
    assert_eq!(project.facts().unwrap().documents, few + MANY);
}

#[test]
fn a_broken_migration_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.sqlite");
    let mut old = Connection::open(&path).unwrap();
    old.pragma_update(None, "journal_mode", "wal").unwrap();
    migrations().to_version(&mut old, 1).unwrap();
    old.execute("INSERT INTO project VALUES ('old', 'ner', 'long ago')", []).unwrap();
    let filling = old.transaction().unwrap();
    for (place, document) in many().enumerate() {
        filling
            .execute("INSERT INTO documents (name, text) VALUES (?1, ?2)", [&document.name, &document.text])
            .unwrap();
        filling.execute("INSERT INTO queue VALUES (?1, ?2)", [place, place + 1]).unwrap();
    }
    filling.commit().unwrap();
    drop(old);
    for wait in [0, 20, 60, 150] {
        killed(start("open", &path), Duration::from_millis(wait));
        let between = Connection::open(&path).unwrap();
        let sound: String = between.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        assert_eq!(
            between.query_row("SELECT count(*) FROM documents", [], |row| row.get::<_, usize>(0)).unwrap(),
            MANY
        );
    }
    let project = opened(&path);
    let query = crate::DocumentQuery { search: "Note 777:".into(), count: 5, ..Default::default() };
    assert_eq!(project.documents(&query).unwrap().total, 1);
}

#[test]
fn what_is_no_project_or_of_a_later_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "These are notes and no database. ".repeat(100)).unwrap();
    assert_eq!(Project::open(&text).err().unwrap().code(), "project-database");
    let bench = bench(Task::Ner);
    bench.project.connection.pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(Project::open(&bench.path()).err().unwrap().code(), "project-schema");
}
