//! brat: a text beside its annotations.

use crate::standoff::{bare, drawn, file, marked, told};
use corpus::IssueKind::{BadRecord, BadSpan};
use corpus::standoff::{read_brat, write_brat};
use corpus::{Document, Issue, Mention, Relation};
use std::path::Path;

fn read(text: &str, annotations: &str) -> (Document, Vec<Issue>) {
    read_brat(text, annotations, Path::new("note.ann"), "note".into())
}

fn again(document: &Document) -> (Document, Vec<String>) {
    let (annotations, lost) = write_brat(document);
    let (again, issues) = read_brat(&document.text, &annotations, Path::new("again.ann"), document.id.clone());
    assert_eq!(issues, [], "{annotations}");
    (bare(again), lost)
}

#[test]
fn a_note_with_everything() {
    let ((text, _), (annotations, path)) = (file("ward.txt"), file("ward.ann"));
    let (document, issues) = read_brat(&text, &annotations, &path, "ward".into());
    assert_eq!(issues, []);
    assert_eq!((document.text.as_str(), document.file.as_path()), (text.as_str(), path.as_path()));
    let wanted = [
        ("Sign", "fever"),
        ("Sign", "fever & chills"),
        ("Drug", "Interferon-𝛽"),
        ("Dose", "5 µg"),
        ("Treatment", "Interferon-𝛽 5 µg s.c."),
        ("Person", "nai\u{308}ve patient"),
        ("Sign", "rash"),
        ("Disease", "Left lower lobe pneumonia"),
        ("Disease", "Left upper lobe pneumonia"),
        ("Sign", "chills.\r\n\r\nInterferon"),
    ];
    assert_eq!(marked(&document), wanted.map(|(kind, text)| (kind.to_string(), text.to_string())));
    assert_eq!(document.mentions[8].ranges.len(), 3);
    assert_eq!((document.mentions[8].line, document.relations[1].line), (9, 13));
    let concepts: Vec<Option<&str>> = document.mentions.iter().map(|mention| mention.concept.as_deref()).collect();
    assert_eq!((concepts[0], concepts[1], concepts[2]), (Some("HP:0001945"), None, Some("MESH:D016899")));
    let kinds: Vec<(&str, &str)> = document.relations.iter().map(|r| (r.id.as_str(), r.kind.as_str())).collect();
    assert_eq!(kinds, [("R1", "Has_dose"), ("R2", "Before")]);
    assert_eq!(document.relations[1].arguments[1], ("Arg2".into(), "E1".into()));
    assert_eq!(document.rest, annotations.lines().filter(|l| !l.starts_with(['T', 'R'])).collect::<Vec<_>>());

    let (written, lost) = again(&document);
    assert_eq!((written, lost), (bare(document), vec![]));
}

#[test]
fn an_empty_note() {
    let ((text, _), (annotations, path)) = (file("empty.txt"), file("empty.ann"));
    let (document, issues) = read_brat(&text, &annotations, &path, "empty".into());
    assert_eq!((document.text.as_str(), document.mentions.len(), issues.len()), ("", 0, 0));
    assert_eq!(write_brat(&document), (String::new(), vec![]));
}

#[test]
fn drawn_notes_come_back() {
    for seed in 0..600 {
        let document = drawn(seed);
        let (first, lost) = again(&document);
        assert_eq!(lost.len(), usize::from(!document.sections.is_empty()), "{lost:?}");
        assert_eq!((&first.text, &first.mentions), (&document.text, &document.mentions), "seed {seed}");
        assert_eq!(first.relations, document.relations);
        let (second, lost) = again(&first);
        assert_eq!((second, lost), (first, vec![]), "seed {seed}");
    }
}

#[test]
fn each_bad_line_is_told_and_the_others_stay() {
    let text = "Fever and chills 🤒.";
    let good = "T1\tSign 0 5\tFever\nT2\tSign 10 16\tchills\nR1\tWith Arg1:T1 Arg2:T2\n";
    let check = |line: &str, kind, says: &str| {
        let (document, issues) = read(text, &format!("{good}{line}\n"));
        assert_eq!((document.mentions.len(), document.relations.len()), (2, 1), "{line}");
        assert_eq!(told(&issues, Path::new("note.ann")), [(4, kind, true)], "{line}");
        assert!(issues[0].message.contains(says), "{:?} does not say {says:?}", issues[0].message);
    };
    check("T3 Sign 0 5 Fever", BadRecord, "id, tab, type, start, end, tab, text");
    check("T3\tSign\tFever", BadRecord, "id, tab, type");
    check("T3\tSign 0\tFever", BadRecord, "a start or an end is missing");
    check("T3\tSign 0 5;\tFever", BadRecord, "a start or an end is missing");
    check("T3\tSign 0 five\tFever", BadRecord, "\"five\" is no offset");
    check("T3\tSign -1 5\tFever", BadRecord, "\"-1\" is no offset");
    check("T3\tSign 5 5\t", BadSpan, "holds nothing");
    check("T3\tSign 17 20\t🤒.?", BadSpan, "outside of the text of 19");
    check("T3\tSign 0 99999999999999999999\tFever", BadRecord, "is no offset");
    check("T3\tSign 0 5;3 9\tFever", BadSpan, "overlap");
    check("T1\tSign 0 5\tFever", BadRecord, "another T1 before");
    check("R2\tWith Arg1:T1", BadRecord, "Arg1:id, Arg2:id");
    check("R2\tWith T1 T2", BadRecord, "Arg1:id, Arg2:id");
    check("R2\tWith Arg1:T1 Arg2:T9", BadRecord, "R2 relates T9 as Arg2, which is nowhere");
    check("R2\tWith Arg1:T1 Arg2:E1", BadRecord, "relates E1");
    check("Fever and chills", BadRecord, "no annotation");
    check("E and chills", BadRecord, "no annotation");
}

#[test]
fn a_text_that_differs_is_told_and_the_offsets_stay() {
    // The offsets were counted with one character a line end.
    let (document, issues) = read("One\r\nfever\r\n", "\u{feff}T1\tSign 4 9\tfever\r\n\r\n");
    assert_eq!(told(&issues, Path::new("note.ann")), [(1, BadSpan, false)]);
    assert!(issues[0].message.contains("each line end"), "{}", issues[0].message);
    assert_eq!(document.mentions[0].ranges, vec![4..9]);
    let (_, issues) = read("One fever", "T1\tSign 3 8\tfever\n");
    assert!(issues[0].message.contains("\" feve\" where the file says \"fever\""), "{}", issues[0].message);
    // Spaces for line ends and a text that is not given are no difference.
    let (document, issues) = read("One\nfever", "T1\tSign 0 9\tOne fever\nT2\tSign 0 3\nT3\tSign 4 9;0 3\tOne fever\n");
    assert_eq!((document.mentions.len(), issues), (3, vec![]));
    assert_eq!(document.mentions[2].ranges, [0..3, 4..9]);
}

#[test]
fn what_brat_cannot_say_is_told() {
    let mention = |id: &str, kind: &str, start, end| Mention {
        id: id.into(),
        kind: kind.into(),
        ranges: std::iter::once(start..end).collect(),
        concept: None,
        line: 0,
    };
    let relation = |id: &str, kind: &str, ids: &[&str]| Relation {
        id: id.into(),
        kind: kind.into(),
        arguments: ids.iter().map(|id| (String::new(), id.to_string())).collect(),
        line: 0,
    };
    let document = Document {
        id: "note".into(),
        text: "Fever and chills".into(),
        mentions: vec![
            mention("a", "Adverse event", 0, 5),
            mention("T1", "Sign", 10, 16),
            mention("b", "", 0, 5),
            mention("c", "Sign", 10, 17),
        ],
        relations: vec![
            relation("x", "goes with", &["a", "T1"]),
            relation("R1", "With", &["a", "MESH:1"]),
            relation("R2", "With", &["a", "T1", "T1"]),
        ],
        labels: vec!["flu".into()],
        rest: vec!["{\"document\":{}}".into()],
        ..Document::default()
    };
    let (written, lost) = write_brat(&document);
    assert_eq!(written, "T2\tAdverse_event 0 5\tFever\nT1\tSign 10 16\tchills\nR3\tgoes_with Arg1:T2 Arg2:T1\n");
    let says = [
        "labels",
        "former format",
        "Adverse event",
        "b has no type",
        "c lies outside",
        "goes with",
        "R1 ",
        "R2 relates 3",
    ];
    assert_eq!(lost.len(), says.len(), "{lost:?}");
    for (lost, says) in lost.iter().zip(says) {
        assert!(lost.starts_with("document note: ") && lost.contains(says), "{lost} does not say {says}");
    }
}
