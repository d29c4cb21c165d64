//! Labelling projects from texts to trained models and back, as the window uses them.

use crate::command::Place;
use crate::jobs::apart;
use crate::root;
use corpus::{Options, Task};
use finetune::Choices;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;
use studio::{
    Action, DocumentQuery, JobState, Jobs, LabelKind, Retrain, Strategy, add_encoder, create_project, delete_project,
    give, open_project, projects, read_run, run_folder, take_in,
};

fn take(id: &str, data: &Path) -> studio::Taken {
    let mut project = open_project(id).unwrap();
    let ada = project.annotator("Ada").unwrap();
    take_in(&mut project, ada, &data.to_string_lossy(), &Options::default(), &mut |_, _| true).unwrap()
}

/// Sentences without labels, every other one with a disease in it.
fn notes(home: &Path, count: usize) -> PathBuf {
    let mut table = String::from("id,text\n");
    for row in 0..count {
        let text = if row % 2 == 0 { "the patient has asthma since day" } else { "the patient went home on day" };
        let _ = writeln!(table, "n{row},{text} {row}");
    }
    let path = home.join("notes.csv");
    fs::write(&path, table).unwrap();
    path
}

#[test]
fn label_train_suggest_label_again_and_export() {
    apart("projects::label_train_suggest_label_again_and_export", |home| {
        add_encoder(&root().join("tests/golden/encoder/bert-small-random")).unwrap();
        let id = create_project("Ward 3, asthma", Task::Ner, "Ada").unwrap();
        assert_eq!(take(&id, &notes(home, 80)).imported.added, 80);
        let jobs = Jobs::open().unwrap();
        let (tell, heard) = channel();
        jobs.watch(move |bulletin| drop(tell.send(bulletin)));
        let retrain = Retrain {
            encoder: "bert-small-random".into(),
            from_last: false,
            seeds: 1,
            choices: Choices { epochs: Some(30), learning_rate: Some(3e-3), ..Choices::default() },
            device: Some("cpu".into()),
        };
        let mut project = open_project(&id).unwrap();
        let ada = project.annotator("Ada").unwrap();
        assert_eq!(jobs.retrain(&id, ada, &retrain).unwrap_err().code(), "labelled-too-few");
        assert_eq!(jobs.suggest(&id, 100, Strategy::Entropy, 1, &|_, _| true).unwrap_err().code(), "round-missing");
        // Without a model: what stands for others comes first.
        jobs.cold_start(&id, "bert-small-random", 1, &|_, _| true).unwrap();
        let disease = project.add_label(ada, LabelKind::Span, "Disease").unwrap();
        for _ in 0..30 {
            let next = project.next(ada, None, false).unwrap().unwrap();
            let text = project.document(ada, next).unwrap().text;
            if let Some(start) = text.find("asthma") {
                let (start, end) = (start as u32, start as u32 + 6);
                project.act(ada, next, &Action::AddSpan { start, end, label: disease }).unwrap();
            }
            project.act(ada, next, &Action::Done { done: true }).unwrap();
        }
        let run = jobs.retrain(&id, ada, &retrain).unwrap();
        let ended = std::iter::from_fn(|| heard.recv_timeout(Duration::from_secs(120)).ok());
        let job =
            ended.flat_map(|bulletin| bulletin.jobs).find(|job| job.id == run && job.state == JobState::Completed);
        assert!(job.is_some(), "the model is trained");
        let found = jobs.learning(&id).unwrap();
        assert_eq!((found.rounds.len(), found.rounds[0].labelled), (1, 30));
        jobs.suggest(&id, 100, Strategy::EntropyAndDiversity, 1, &|_, _| true).unwrap();
        assert!(jobs.learning(&id).unwrap().rounds[0].confidence.is_some());
        // What it suggests is right, and taking it over leaves nothing to label.
        let mut accepted = 0;
        while let Some(next) = project.next(ada, None, false).unwrap() {
            let view = project.document(ada, next).unwrap();
            project.act(ada, next, &Action::AcceptAbove { confidence: 0.5 }).unwrap();
            accepted += usize::from(!project.document(ada, next).unwrap().spans.is_empty());
            assert!(view.spans.is_empty());
            project.act(ada, next, &Action::Done { done: true }).unwrap();
        }
        assert!(accepted >= 10, "{accepted} of 25 texts with a disease got a suggestion");
        let again = Retrain { from_last: true, ..retrain };
        let second = jobs.retrain(&id, ada, &again).unwrap();
        let ended = std::iter::from_fn(|| heard.recv_timeout(Duration::from_secs(120)).ok());
        assert!(
            ended.flat_map(|bulletin| bulletin.jobs).any(|job| job.id == second && job.state == JobState::Completed)
        );
        assert_eq!(jobs.learning(&id).unwrap().rounds.len(), 2);
        let keeps = |run: &str| read_run(&run_folder(run).unwrap()).unwrap().recipe.keep_head;
        assert!(keeps(&second) && !keeps(&run), "what the last model has learnt of the labels is not thrown away");
        // A model that goes on from the first is scored on nothing that the first learnt from.
        let ids = |run: &str, split: &str| -> BTreeSet<String> {
            let data = read_run(&run_folder(run).unwrap()).unwrap().dataset.data;
            let lines = fs::read_to_string(data.join(split)).unwrap();
            let id =
                |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().into();
            lines.lines().map(id).collect()
        };
        let learnt = ids(&run, "train.jsonl");
        for split in ["dev.jsonl", "test.jsonl"] {
            assert!(ids(&run, split).is_subset(&ids(&second, split)));
            assert!(ids(&second, split).len() >= 8, "12 of 80 are wanted");
            assert!(ids(&second, split).is_disjoint(&learnt), "{split}");
        }
        // Out in every form, and in again where the form holds the texts.
        for (name, texts) in [
            ("out.jsonl", true),
            ("brat", true),
            ("out.xml", true),
            ("out.json", true),
            ("out.pubtator", true),
            ("out.conll", false),
            ("out.csv", false),
            ("out.xlsx", false),
            ("out.parquet", false),
        ] {
            let out = home.join(name);
            let (documents, lost) = give(&project, ada, &out).unwrap();
            assert_eq!(documents, 80, "{name}");
            assert!(lost.is_empty(), "{name}: {lost:?}");
            if texts {
                let other = create_project(name, Task::Ner, "Ada").unwrap();
                let taken = take(&other, &out);
                assert_eq!((taken.imported.added, taken.imported.labelled), (80, 80), "{name}: {:?}", taken.issues);
                let spans = |id: &str| -> Vec<_> {
                    let mut project = open_project(id).unwrap();
                    let ada = project.annotator("Ada").unwrap();
                    let mut all: Vec<_> = project
                        .labelled(ada)
                        .unwrap()
                        .into_iter()
                        .map(|own| (own.document.name, own.document.text, own.document.spans))
                        .collect();
                    all.sort_by(|a, b| a.0.cmp(&b.0));
                    all
                };
                assert_eq!(spans(&id), spans(&other), "{name}");
                delete_project(&other).unwrap();
            }
        }
        // How sure the model is goes with what it finds, where the form has a place for it.
        let nested = home.join("ward/3");
        fs::create_dir_all(&nested).unwrap();
        fs::write(home.join("ward/a.txt"), "the patient has asthma since day 4").unwrap();
        fs::write(nested.join("b.txt"), "the patient went home on day 5").unwrap();
        let ward = home.join("ward").display().to_string();
        let label = |name: &str| {
            let path = home.join(name);
            let output = studio::Output { path: &path, texts: true };
            jobs.predict(&run, &ward, output, &|_, _| true).unwrap()
        };
        let made = label("ward-brat");
        assert_eq!((made.count, made.lost.len()), (2, 1), "3/b cannot be the name of a file");
        let marked = fs::read_to_string(home.join("ward-brat/a.ann")).unwrap();
        let sure =
            marked.lines().find_map(|line| line.strip_prefix("#1\tAnnotatorNotes T1\tconfidence ")).expect(&marked);
        assert!(
            (0.5..=1.0).contains(&sure.parse::<f64>().unwrap()) && home.join("ward-brat/3_b.txt").is_file(),
            "{marked}"
        );
        label("ward.json");
        let bioc = fs::read_to_string(home.join("ward.json")).unwrap();
        assert!(bioc.contains(&format!("\"confidence\": \"{sure}\"")), "{bioc}");
        label("ward.xml");
        let bioc = fs::read_to_string(home.join("ward.xml")).unwrap();
        assert!(bioc.contains(&format!("<infon key=\"confidence\">{sure}</infon>")), "{bioc}");
        for name in ["ward.pubtator", "ward.conll"] {
            let lost = label(name).lost;
            assert!(lost.iter().any(|sentence| sentence.contains("confidence")), "{name}: {lost:?}");
        }
        // The model goes elsewhere, and says there what it says here.
        let made = studio::export_onnx(&run_folder(&run).unwrap(), &home.join("onnx"), false).unwrap();
        assert!(made.texts > 0 && made.difference < 1e-4, "{made:?}");
        for file in ["model.onnx", "tokenizer.json", "config.json", "README.md"] {
            assert!(home.join("onnx").join(file).is_file(), "{file}");
        }
        let half = studio::export_onnx(&run_folder(&run).unwrap(), &home.join("half"), true).unwrap();
        assert!(half.bytes < made.bytes * 2 / 3, "{} of {} bytes", half.bytes, made.bytes);
        // Why an answer is as it is.
        let text = "the patient has asthma since day 4";
        let found = jobs.answer(&run, text.into(), None).unwrap().entities;
        let asked = studio::Asked { label: None, start: found.first().map(|found| found.start) };
        let why = jobs.explain(&run, text.into(), None, asked).unwrap();
        assert_eq!(why.answer, "Disease");
        assert!(why.error < 0.05, "what the words contribute sums up: {why:?}");
        let most = why.pieces.iter().max_by(|a, b| a.value.total_cmp(&b.value)).unwrap();
        assert!(most.value > 0.0);
        let found = jobs.nearest(&run, text.into(), None, 3, &|_, _| true).unwrap();
        assert_eq!(found.compared, found.of, "all of so few are compared");
        let near = found.examples;
        assert_eq!(near.len(), 3);
        assert!(near[0].text.contains("asthma") && near[0].likeness >= near[2].likeness, "{near:?}");
        assert_eq!(projects().unwrap().len(), 1);
        let broken = studio::project_folder("2026-broken").unwrap();
        fs::create_dir_all(&broken).unwrap();
        fs::write(broken.join("project.sqlite"), "this is no database, whatever it is called").unwrap();
        let cards = projects().unwrap();
        assert!(
            cards[0].facts.is_some() && cards[1].facts.is_none(),
            "what cannot be opened is shown, with the reason"
        );
        assert!(cards[1].problem.as_ref().is_some_and(|problem| problem.code.starts_with("project-")), "{cards:?}");
        delete_project("2026-broken").unwrap();
        delete_project(&id).unwrap();
        assert!(projects().unwrap().is_empty());
    });
}

#[test]
fn relations_are_suggested_and_seeds_disagree() {
    apart("projects::relations_are_suggested_and_seeds_disagree", |home| {
        add_encoder(&root().join("tests/golden/encoder/bert-small-random")).unwrap();
        let id = create_project("What causes what", Task::Relation, "Ada").unwrap();
        let mut lines = String::new();
        for row in 0..60 {
            let verb = if row % 2 == 0 { "causes" } else { "stills" };
            let text = format!("aspirin {verb} fever on day {row}.");
            let entities = serde_json::json!([
                { "start": 0, "end": 7, "label": "Drug" }, { "start": 15, "end": 20, "label": "Sign" }
            ]);
            let _ = writeln!(lines, "{}", serde_json::json!({ "id": row, "text": text, "entities": entities }));
        }
        // One without entities: nothing can be asked about it.
        let _ = writeln!(lines, "{}", serde_json::json!({ "id": "bare", "text": "nothing here", "entities": [] }));
        let data = home.join("entities.jsonl");
        fs::write(&data, lines).unwrap();
        let taken = take(&id, &data).imported;
        assert_eq!((taken.added, taken.labelled), (61, 0), "entities do not say what is related");
        let jobs = Jobs::open().unwrap();
        let (tell, heard) = channel();
        jobs.watch(move |bulletin| drop(tell.send(bulletin)));
        let mut project = open_project(&id).unwrap();
        let ada = project.annotator("Ada").unwrap();
        let causes = project.add_label(ada, LabelKind::Relation, "causes").unwrap();
        let related = |project: &studio::Project, document| {
            let view = project.document(ada, document).unwrap();
            (view.text.contains("causes"), view.spans.iter().map(|span| span.id).collect::<Vec<u32>>())
        };
        jobs.suggest_for(&id, ada, 1).unwrap();
        for document in 1..=30 {
            let (holds, ids) = related(&project, document);
            if holds {
                project.act(ada, document, &Action::Relate { head: ids[0], tail: ids[1], label: causes }).unwrap();
            }
            project.act(ada, document, &Action::Done { done: true }).unwrap();
        }
        let retrain = Retrain {
            encoder: "bert-small-random".into(),
            from_last: false,
            seeds: 2,
            choices: Choices { epochs: Some(20), learning_rate: Some(3e-3), ..Choices::default() },
            device: Some("cpu".into()),
        };
        let study = jobs.retrain(&id, ada, &retrain).unwrap();
        let ended = std::iter::from_fn(|| heard.recv_timeout(Duration::from_secs(120)).ok());
        let job = ended
            .flat_map(|bulletin| bulletin.jobs)
            .find(|job| job.id == study && matches!(job.state, JobState::Completed | JobState::Failed));
        assert_eq!(job.map(|job| job.state), Some(JobState::Completed));
        let found = jobs.learning(&id).unwrap();
        assert_eq!((found.rounds.len(), found.rounds[0].labelled, found.ensemble), (1, 30, true), "{found:?}");
        assert_eq!(jobs.learning(&id).unwrap().rounds.len(), 1, "asked again, nothing is made twice");
        jobs.suggest(&id, 100, Strategy::Disagreement, 1, &|_, _| true).unwrap();
        let mut right = 0;
        for document in 31..=60 {
            let (holds, _) = related(&project, document);
            let said = project.document(ada, document).unwrap().suggestions;
            right += usize::from(holds == (said.len() == 1));
            for found in said {
                assert_eq!((found.label, found.span(), found.tail()), (Some(causes), Some((0, 7)), Some((15, 20))));
                project.act(ada, document, &Action::Accept { suggestion: found.id, label: None }).unwrap();
            }
        }
        assert!(right >= 27, "{right} of 30 suggestions are right");
        // The answer of all members together is explained, and goes elsewhere with what their study has found.
        let run = Path::new(&found.rounds[0].run).file_name().unwrap().to_string_lossy().into_owned();
        let sentence = "@DRUG$ causes @SIGN$ on day 70.";
        let why = jobs.explain(&run, sentence.into(), None, studio::Asked::default()).unwrap();
        assert_eq!(why.answer, "causes");
        assert!(why.error < 0.05, "{why:?}");
        let bundle = home.join("together.ballast");
        studio::export_bundle(&run_folder(&run).unwrap(), &bundle).unwrap();
        let again = studio::import_bundle(&bundle).unwrap();
        assert_eq!(studio::run_details(&again).unwrap().study.map(|study| study.arms[0].ended), Some(2));
        assert!(studio::run_details(&run).unwrap().study.is_none(), "here the study itself is there");
        // What is marked by hand is asked about as soon as it is there.
        let drug = project.labels().unwrap().into_iter().find(|label| label.name == "Drug").unwrap().id;
        project.act(ada, 61, &Action::AddSpan { start: 0, end: 7, label: drug }).unwrap();
        jobs.suggest_for(&id, ada, 61).unwrap();
        assert_eq!(project.document(ada, 61).unwrap().suggestions, []);
        // Out with its relations and in again.
        for document in 31..=60 {
            project.act(ada, document, &Action::Done { done: true }).unwrap();
        }
        for name in ["out.jsonl", "out.json", "brat"] {
            let out = home.join(name);
            assert_eq!(give(&project, ada, &out).unwrap(), (60, vec![]), "{name}");
            let other = create_project(name, Task::Relation, "Ada").unwrap();
            let taken = take(&other, &out);
            assert_eq!((taken.imported.added, taken.imported.labelled), (60, 60), "{name}: {:?}", taken.issues);
            let all = |id: &str| -> Vec<_> {
                let mut all: Vec<_> =
                    open_project(id).unwrap().labelled(1).unwrap().into_iter().map(|own| own.document).collect();
                all.sort_by(|a, b| a.name.cmp(&b.name));
                all.into_iter().map(|own| (own.name, own.spans, own.relations)).collect()
            };
            assert_eq!(all(&id), all(&other), "{name}");
        }
    });
}

#[test]
fn every_form_comes_in_with_its_labels() {
    apart("projects::every_form_comes_in_with_its_labels", |home| {
        let write = |name: &str, text: &str| {
            let path = home.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        };
        let count = |task: Task, data: &Path| {
            let id = create_project("in", task, "Ada").unwrap();
            let taken = take(&id, data);
            let project = open_project(&id).unwrap();
            let facts = project.facts().unwrap();
            (taken.imported.added, taken.imported.labelled, facts.labels.len(), taken.issues.len())
        };
        write("brat/a.txt", "Aspirin helps against fever.");
        write("brat/a.ann", "T1\tDrug 0 7\tAspirin\nT2\tSign 22 27\tfever\nR1\tTreats Arg1:T1 Arg2:T2\n");
        write("brat/b.txt", "Nothing here.");
        write("brat/b.ann", "");
        assert_eq!(count(Task::Ner, &home.join("brat")), (2, 2, 3, 0), "entities, relations and a text without any");
        write("brat/c.txt", "Nobody has looked at this.");
        assert_eq!(count(Task::Ner, &home.join("brat")), (3, 2, 3, 0), "and a text to be labelled");
        write("notes/one.txt", "A note without labels.");
        write("notes/two.txt", "Another note.");
        assert_eq!(count(Task::Ner, &home.join("notes")), (2, 0, 0, 0));
        let table = write("table.csv", "text,label\nill today,yes\nwell today,no\nfine,no\n");
        assert_eq!(count(Task::Classification, &table), (3, 3, 2, 0));
        let plain = write("plain.csv", "text\nill today\nwell today\n");
        assert_eq!(count(Task::Classification, &plain), (2, 0, 0, 0));
        let part = write("part.csv", "text,label\nill today,yes\nwell today,\nfine,\nbetter,no\nworse,\n");
        assert_eq!(count(Task::Classification, &part), (5, 2, 2, 0), "what has no label yet is to be labelled");
        let wards = write("wards.csv", "text,ward\nill today,A\nwell today,B\nfine,A\nbetter,B\n");
        assert_eq!(
            count(Task::Classification, &wards),
            (4, 0, 0, 0),
            "no column is taken for a label because it could be one"
        );
        let numbered =
            write("numbered.csv", "sentence1,sentence2,label,score\na b,a c,near,2.5\nd,e,far,1\nf g,f g,same,4\n");
        assert_eq!(count(Task::Similarity, &numbered), (3, 3, 0, 0), "words are no scores");
        let words = write("words.csv", "sentence1,sentence2,label,year\na b,a c,near,2024\nd,e,far,2025\n");
        assert_eq!(count(Task::Similarity, &words), (2, 0, 0, 0));
        let each = write("each.csv", "text,fever,cough\nhot,1,0\nboth,1,1\nwell,0,0\n");
        let graded = write("graded.csv", "sentence1,sentence2,score\na b,a c,2.5\nd,e,\nf g,f g,4\n");
        assert_eq!(count(Task::Similarity, &graded), (3, 2, 0, 0));
        let id = create_project("columns", Task::Classification, "Ada").unwrap();
        let said = |label: &str| Options { text: Some("text".into()), label: Some(label.into()), ..Options::default() };
        let mut project = open_project(&id).unwrap();
        let mut take_as = |data: &Path, label: &str| {
            take_in(&mut project, 1, &data.to_string_lossy(), &said(label), &mut |_, _| true)
                .map(|taken| taken.imported.labelled)
        };
        assert_eq!(take_as(&table, "").unwrap(), 0, "the user says that there are no labels");
        assert_eq!(take_as(&wards, "ward").unwrap(), 4, "and which they are");
        assert_eq!(take_as(&wards, "sex").unwrap_err().code(), "column-missing");
        let id = create_project("each", Task::Multilabel, "Ada").unwrap();
        let both = Options { labels: vec!["fever".into(), "cough".into()], ..Options::default() };
        let mut project = open_project(&id).unwrap();
        let taken = take_in(&mut project, 1, &each.to_string_lossy(), &both, &mut |_, _| true).unwrap();
        assert_eq!((taken.imported.labelled, project.facts().unwrap().labels.len()), (3, 2), "a column for each label");
        let pairs = write("pairs.csv", "sentence1,sentence2,score\na b,a c,2.5\nd,e,0\nf g,f g,4\n");
        assert_eq!(count(Task::Similarity, &pairs), (3, 3, 0, 0));
        let conll = write("words.conll", "Aspirin\tB-Drug\nhelps\tO\n\nNo\tO\nfever\tB-Sign\n\n");
        assert_eq!(count(Task::Ner, &conll), (2, 2, 2, 0));
        let spans = write(
            "spans.jsonl",
            "{\"text\": \"Aspirin helps\", \"entities\": [{\"start\": 0, \"end\": 7, \"label\": \"Drug\"}]}\n{\"text\": \"none\", \"entities\": []}\n",
        );
        assert_eq!(count(Task::Ner, &spans), (2, 2, 1, 0));
        // What tools for labelling write comes in as it is: overlapping, within words, related by ids or by places.
        let doccano = write(
            "doccano.jsonl",
            "{\"text\": \"beta-blockers help\", \"entities\": [{\"id\": 7, \"label\": \"Part\", \"start_offset\": 0, \"end_offset\": 4}, \
             {\"id\": 9, \"label\": \"Drug\", \"start_offset\": 0, \"end_offset\": 13}], \"relations\": [{\"id\": 1, \"from_id\": 9, \
             \"to_id\": 7, \"type\": \"holds\"}]}\n",
        );
        let id = create_project("doccano", Task::Ner, "Ada").unwrap();
        assert_eq!(take(&id, &doccano).issues, []);
        let own = open_project(&id).unwrap().labelled(1).unwrap().remove(0).document;
        let found: Vec<(usize, usize, &str)> =
            own.spans.iter().map(|span| (span.start, span.end, span.label.as_str())).collect();
        assert_eq!(found, [(0, 13, "Drug"), (0, 4, "Part")]);
        assert_eq!(own.relations.iter().map(|own| (own.head, own.tail)).collect::<Vec<_>>(), [(0, 1)]);
        // Sentences with dummy tokens, as in ChemProt: the entities are marked, and related where the label says so.
        let chemprot =
            write("chemprot.tsv", "text\tlabel\n@GENE$ needs @CHEMICAL$ here\tCPR:4\nno @CHEMICAL$ in @GENE$\tfalse\n");
        let id = create_project("chemprot", Task::Relation, "Ada").unwrap();
        assert_eq!(take(&id, &chemprot).imported.labelled, 2);
        let all = open_project(&id).unwrap().labelled(1).unwrap();
        let said: Vec<Vec<(&str, &str, &str)>> = (all.iter().map(|own| &own.document))
            .map(|own| {
                let label = |at: usize| own.spans[at].label.as_str();
                own.relations.iter().map(|one| (label(one.head), label(one.tail), one.label.as_str())).collect()
            })
            .collect();
        assert_eq!(said, [vec![("CHEMICAL", "GENE", "CPR:4")], vec![]]);
        let mut id = create_project("gone", Task::Ner, "Ada").unwrap();
        let mut project = open_project(&id).unwrap();
        let missing = take_in(&mut project, 1, "nowhere.csv", &Options::default(), &mut |_, _| true).unwrap_err();
        assert_eq!(missing.code(), "data-missing");
        let stopped = take_in(&mut project, 1, &spans.to_string_lossy(), &Options::default(), &mut |_, _| false);
        assert!(stopped.is_err());
        assert_eq!(project.documents(&DocumentQuery { count: 9, ..DocumentQuery::default() }).unwrap().total, 0);
        id.push_str("/../..");
        assert_eq!(open_project(&id).err().unwrap().code(), "project-missing");
    });
}

#[test]
fn choosing_is_simulated_with_gold_answers() {
    let place = Place::new();
    let said = place.succeed(
        "simulate --data sample:notes --encoder starter --strategies random,entropy,entropy-and-diversity --seeds 2 --pool 60 \
         --start 12 --step 8 --rounds 2 --epochs 3 --lr 1e-3 --json",
    );
    let found: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 6);
    for one in found.as_array().unwrap() {
        let labelled: Vec<u64> =
            one["curve"].as_array().unwrap().iter().map(|point| point[0].as_u64().unwrap()).collect();
        assert_eq!(labelled, [12, 20, 28]);
    }
    let start = |place: usize| found[place]["curve"][0][1].as_f64();
    assert_eq!(start(0), start(1), "all strategies begin with the same texts");
    place.fail("simulate --data sample:notes --encoder starter --strategies psychic", 2);
}
