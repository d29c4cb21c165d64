//! PubTator: titles and abstracts.

use crate::standoff::{all_bare, drawn, file, marked, told};
use corpus::IssueKind::{BadRecord, BadSpan, Files};
use corpus::standoff::{read_pubtator, write_pubtator};
use corpus::{Document, Issue};
use std::path::Path;

fn read(content: &str) -> (Vec<Document>, Vec<Issue>) {
    read_pubtator(content, Path::new("a.pubtator")).unwrap_or_else(|error| panic!("{error}"))
}

fn again(documents: &[Document]) -> (Vec<Document>, Vec<String>) {
    let (written, lost) = write_pubtator(documents);
    let (again, issues) = read(&written);
    assert_eq!(issues, [], "{written}");
    (all_bare(again), lost)
}

#[test]
fn abstracts_with_everything() {
    let (content, path) = file("abstracts.pubtator");
    let (documents, issues) = read_pubtator(&content, &path).unwrap();
    assert_eq!(issues, []);
    let places: Vec<(&str, usize)> = documents.iter().map(|d| (d.id.as_str(), d.line)).collect();
    assert_eq!(places, [("90000001", 1), ("90000002", 14), ("90000003", 18), ("90000004", 22)]);
    let [first, second, third, fourth] = &documents[..] else { panic!() };
    let wanted = [
        ("Chemical", "Interferon-𝛽"),
        ("Disease", "fever"),
        ("Chemical", "interferon-𝛽"),
        ("Disease", "fever"),
        ("Disease", "fever | chills"),
        ("Disease", "chills"),
        ("Species", "nai\u{308}ve patient"),
        ("Odd", "patient\twith"),
    ];
    assert_eq!(marked(first), wanted.map(|(kind, text)| (kind.to_string(), text.to_string())));
    assert_eq!(first.mentions[0].concept.as_deref(), Some("MESH:D016899"));
    assert_eq!((&first.mentions[5].concept, first.mentions[5].line), (&None, 8));
    let kinds: Vec<&str> = first.sections.iter().map(|section| section.kind.as_str()).collect();
    assert_eq!(kinds, ["title", "abstract"]);
    assert_eq!(first.text.chars().nth(first.sections[0].range.end), Some('\n'));
    assert_eq!(first.relations[0].arguments[1], ("Arg2".into(), "MESH:D005334".into()));
    assert_eq!(first.rest, ["T5\tfever|chills", "R2\tNovel"]);
    assert_eq!(
        (second.text.as_str(), third.text.as_str(), fourth.text.as_str()),
        ("A title alone", "\nAn abstract alone.", "")
    );
    let (written, lost) = write_pubtator(&documents);
    assert_eq!((written, lost), (content.replace("chills\tDisease\t\n", "chills\tDisease\n"), vec![]));
    assert_eq!(again(&documents).0, all_bare(documents));
}

#[test]
fn line_ends_of_windows_and_a_mark_at_the_start() {
    let (content, path) = file("abstracts.pubtator");
    let (plain, _) = read_pubtator(&content, &path).unwrap();
    let windows = format!("\u{feff}{}", content.replace('\n', "\r\n"));
    assert_eq!(read_pubtator(&windows, &path).unwrap(), (plain, vec![]));
}

#[test]
fn other_units_are_found() {
    let (content, path) = file("abstracts.pubtator");
    let (wanted, _) = read_pubtator(&content, &path).unwrap();
    for (name, length) in [("UTF-16", char::len_utf16 as fn(char) -> usize), ("UTF-8", char::len_utf8)] {
        let mut text = Vec::new();
        let other = |line: &str| {
            let mut fields: Vec<String> = line.split('\t').map(String::from).collect();
            let Some(document) = wanted.iter().find(|document| document.id == fields[0]) else { return line.into() };
            for field in fields.iter_mut().skip(1).take(2) {
                let place: Result<usize, _> = field.parse();
                if let Ok(place) = place {
                    *field = document.text.chars().take(place).map(length).sum::<usize>().to_string();
                }
            }
            fields.join("\t")
        };
        text.extend(content.split('\n').map(other));
        let (documents, issues) = read_pubtator(&text.join("\n"), &path).unwrap();
        assert_eq!(told(&issues, &path), [(0, Files, false)]);
        assert!(issues[0].message.contains(name), "{}", issues[0].message);
        assert_eq!(documents, wanted);
    }
}

#[test]
fn drawn_documents_come_back_as_far_as_they_can() {
    for seed in 0..600 {
        let document = drawn(seed);
        let (first, lost) = again(std::slice::from_ref(&document));
        let flat = |text: &str| text.replace(['\r', '\n'], " ");
        assert_eq!(flat(&first[0].text), flat(&document.text), "seed {seed}");
        if first[0].text != document.text {
            assert!(lost.iter().any(|lost| lost.contains("written as")), "{lost:?}");
        }
        let whole = document.mentions.iter().filter(|mention| mention.ranges.len() == 1);
        let places = whole.map(|mention| (&mention.ranges, &mention.kind, &mention.concept));
        let found = first[0].mentions.iter().map(|mention| (&mention.ranges, &mention.kind, &mention.concept));
        assert_eq!(found.collect::<Vec<_>>(), places.collect::<Vec<_>>(), "seed {seed}");
        let parted = document.mentions.iter().filter(|mention| mention.ranges.len() > 1).count();
        assert_eq!(lost.iter().filter(|lost| lost.contains("parts and is left out")).count(), parted);
        let unrelated = lost.iter().filter(|lost| lost.contains("without a concept")).count();
        assert_eq!(first[0].relations.len() + unrelated, document.relations.len());
        let (second, lost) = again(&first);
        assert_eq!((second, lost), (first, vec![]), "seed {seed}");
    }
}

#[test]
fn each_bad_line_is_told_and_the_others_stay() {
    let good = "1|t|Fever\n1|a|And chills.\n1\t0\t5\tFever\tSign\tHP:1\n";
    let check = |line: &str, kind, says: &str| {
        let (documents, issues) = read(&format!("{good}{line}\n1\tWith\tHP:1\tHP:2\n"));
        assert_eq!((documents[0].mentions.len(), documents[0].relations.len()), (1, 1), "{line}");
        assert_eq!(told(&issues, Path::new("a.pubtator")), [(4, kind, true)], "{line}");
        assert!(issues[0].message.contains(says), "{:?} does not say {says:?}", issues[0].message);
    };
    check("and more of the abstract", BadRecord, "no title, no abstract, no mention and no relation");
    check("2\t0\t5\tFever\tSign", BadRecord, "this line is of 2 but stands under the title of 1");
    check("2|a|Other", BadRecord, "abstract of 2 stands under the title of 1");
    check("1|a|Other", BadRecord, "has an abstract already");
    check("1\t0\t5x\tFever\tSign", BadRecord, "\"5x\" is no offset");
    check("1\t-1\t5\tFever\tSign", BadRecord, "\"-1\" is no offset");
    check("1\t0\t5\tFever", BadRecord, "id, start, end, text, type");
    check("1\t0\t5\tFever\t", BadRecord, "no type");
    check("1\tWith\tHP:1", BadRecord, "id, type, concept and concept");
    check("1\t5\t0\tFever\tSign", BadSpan, "holds nothing");
    check("1\t12\t20\tchills\tSign", BadSpan, "outside of the text of 17");
    let (_, issues) = read(&format!("{good}\n1\t0\t5\tFever\tSign\n2|t|Cough\n2\t1\t5\tCough\tSign\n"));
    assert_eq!(told(&issues, Path::new("a.pubtator")), [(5, BadRecord, true), (7, BadSpan, false)]);
}

#[test]
fn what_is_no_pubtator_is_refused() {
    for content in ["\nid\ttext\n", "\n{\"documents\": []}\n", "\n1|a|Abstract\n", "\n1\t0\t5\tFever\tSign\n"] {
        let error = read_pubtator(content, Path::new("a.pubtator")).unwrap_err();
        assert_eq!(error.code(), "malformed");
        let says = error.to_string();
        assert!(says.starts_with("a.pubtator, line 2: a PubTator file begins with the title"), "{says}");
    }
}
