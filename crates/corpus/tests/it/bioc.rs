//! BioC in both its forms.

use crate::standoff::{all_bare, drawn, file, marked, told};
use corpus::IssueKind::{BadRecord, BadSpan, Files};
use corpus::standoff::{read_bioc_json, read_bioc_xml, write_bioc_json, write_bioc_xml};
use corpus::{DataError, Document, Issue, Section};
use std::path::Path;

type Read = fn(&str, &Path) -> Result<(Vec<Document>, Vec<Issue>), DataError>;
type Write = fn(&[Document]) -> (String, Vec<String>);

const FORMS: [(&str, Read, Write); 2] =
    [("notes.bioc.xml", read_bioc_xml, write_bioc_xml), ("notes.bioc.json", read_bioc_json, write_bioc_json)];

#[track_caller]
fn again(documents: &[Document], read: Read, write: Write) -> Vec<Document> {
    let (written, lost) = write(documents);
    assert_eq!(lost, Vec::<String>::new());
    let (again, issues) = read(&written, Path::new("again")).unwrap_or_else(|error| panic!("{error}\n{written}"));
    assert_eq!(issues, [], "{written}");
    all_bare(again)
}

#[test]
fn notes_with_everything() {
    let mut both = Vec::new();
    for (name, read, write) in FORMS {
        let (content, path) = file(name);
        let (documents, issues) = read(&content, &path).unwrap();
        assert_eq!(issues, [], "{name}");
        let [first, second, third] = &documents[..] else { panic!() };
        assert_eq!((&first.file, first.id.as_str(), third.id.as_str()), (&path, "n1", "n3"));
        let wanted = [
            ("Drug", "Interferon-𝛽"),
            ("Sign", "fever"),
            ("Sign", "no \"rash\" nor\r\nchills"),
            ("Sign", "chills"),
            ("Person", "nai\u{308}ve patient"),
            ("Mood", "calm"),
            ("Sign", "severe sore arm"),
            ("Sign", "severe sore throat"),
            ("Whole", "fever Fever"),
        ];
        assert_eq!(marked(first), wanted.map(|(kind, text)| (kind.to_string(), text.to_string())));
        assert_eq!(first.mentions[0].concept.as_deref(), Some("MESH:D016899"));
        let kinds: Vec<&str> = first.sections.iter().map(|section| section.kind.as_str()).collect();
        assert_eq!(kinds, ["title", "abstract", ""]);
        assert!(first.text.starts_with("Interferon-𝛽 & fever 🤒\n  A nai\u{308}ve patient\thad <38°C.\n"));
        assert!(first.text.ends_with("chills.\nFirst sentence, calm. Second: severe sore throat and sore arm."));
        let effect = ("effect".to_string(), "2".to_string());
        assert_eq!((first.relations[0].kind.as_str(), &first.relations[0].arguments[1]), ("causes", &effect));
        assert_eq!((second.text.as_str(), &second.sections, third.text.as_str()), ("", &vec![], "Undivided."));
        // Where things stand in the file.
        let line = |number: usize| content.lines().nth(number - 1).unwrap();
        let opened = |text: &str| text.contains("<annotation") || text.trim() == "{";
        assert!(first.mentions.iter().all(|mention| opened(line(mention.line))), "{name}");
        assert!(["<document>", "{"].contains(&line(third.line).trim()));
        assert_eq!(again(&documents, read, write), all_bare(documents.clone()), "{name}");
        both.push(all_bare(documents));
    }
    assert_eq!(both[0], both[1]);
    assert_eq!(again(&both[0], read_bioc_json, write_bioc_json), both[1]);
    let rest = both[0][0].rest.join("\n");
    for said in ["CC0 <free> & open", "ward.key", "\"section\":\"1\"", "\"annotator\":\"kb\"", "\"score\":\"0.97\""] {
        assert!(rest.contains(said), "{rest} does not say {said}");
    }
}

#[test]
fn drawn_documents_come_back() {
    for (_, read, write) in FORMS {
        for seed in 0..400 {
            let document = drawn(seed);
            let first = again(std::slice::from_ref(&document), read, write);
            assert_eq!(first[0].text, document.text, "seed {seed}");
            assert_eq!(first[0].relations, document.relations);
            let mut mentions = first[0].mentions.clone();
            mentions.sort_by_key(|mention| mention.id.clone());
            assert_eq!(mentions, document.mentions, "seed {seed}");
            if document.sections.len() > 1 {
                assert_eq!(first[0].sections, document.sections);
            }
            assert_eq!(again(&first, read, write), first, "seed {seed}");
        }
        let many: Vec<Document> = (0..50).map(drawn).collect();
        let first = again(&many, read, write);
        assert_eq!(again(&first, read, write), first);
        assert_eq!(again(&[], read, write), []);
    }
}

#[test]
fn text_between_the_parts_is_kept() {
    let section = |kind: &str, start, end| Section { kind: kind.into(), range: start..end };
    let text = "Title. \nBody\n  and\n ".to_string();
    let sections = vec![section("title", 0, 6), section("body", 8, 12), section("more", 15, 18)];
    let document = Document { id: "1".into(), text, sections, ..Document::default() };
    for (_, read, write) in FORMS {
        let documents = again(std::slice::from_ref(&document), read, write);
        assert_eq!(documents[0].text, document.text);
        let kinds: Vec<&str> = documents[0].sections.iter().map(|section| section.kind.as_str()).collect();
        assert_eq!(kinds, ["title", "", "body", "more", ""]);
        assert_eq!(again(&documents, read, write), documents);
    }
}

#[test]
fn other_units_are_found() {
    for (name, read, _) in FORMS {
        let (content, path) = file(name);
        let (wanted, _) = read(&content, &path).unwrap();
        for (unit, length) in [("UTF-16", char::len_utf16 as fn(char) -> usize), ("UTF-8", char::len_utf8)] {
            let text = &wanted[0].text;
            let place = |at: usize| text.chars().take(at).map(length).sum::<usize>();
            // Every offset and length of the first document, in the order of the file.
            let mut content = content.clone();
            for range in wanted[0].mentions.iter().flat_map(|mention| &mention.ranges) {
                let (start, end) = (place(range.start), place(range.end));
                let forms = |offset: usize, length: usize| {
                    [
                        format!("length=\"{length}\" offset=\"{offset}\""),
                        format!("\"offset\": {offset},\n       \"length\": {length}\n"),
                        format!("\"offset\": {offset},\n         \"length\": {length}\n"),
                        format!("\"offset\": {offset},\n           \"length\": {length}\n"),
                    ]
                };
                for (old, new) in forms(range.start, range.len()).iter().zip(forms(start, end - start)) {
                    content = content.replacen(old, &new, 1);
                }
            }
            let sentences = text.chars().count() - "Second: severe sore throat and sore arm.".len();
            let mut starts: Vec<usize> = wanted[0].sections.iter().map(|section| section.range.start).collect();
            starts.push(sentences);
            for start in starts.into_iter().rev().filter(|&start| start > 0) {
                let other = place(start);
                content = content.replace(&format!("<offset> {start} <"), &format!("<offset> {other} <"));
                for what in ["infons", "text"] {
                    for indent in ["     ", "       "] {
                        let form = |at: usize| format!("\"offset\": {at},\n{indent}\"{what}\"");
                        content = content.replace(&form(start), &form(other));
                    }
                }
            }
            let (documents, issues) = read(&content, &path).unwrap();
            assert_eq!(told(&issues, &path), [(0, Files, false)], "{name} {unit} {issues:?}");
            assert!(issues[0].message.contains(unit), "{}", issues[0].message);
            assert_eq!(documents, wanted, "{name} {unit}");
        }
    }
}

/// A passage of the text `Fever, chills.` around what it holds, on line 4.
fn xml(inner: &str) -> String {
    format!(
        "<collection>\n<document><id>1</id><passage>\n<offset>0</offset><text>Fever, chills.</text>\n{inner}\n</passage></document>\n\
         <document><id>2</id></document></collection>\n"
    )
}

fn json(annotations: &str, relations: &str) -> String {
    format!(
        "{{\"documents\": [\n{{\"id\": 1, \"passages\": [{{\"offset\": 0, \"text\": \"Fever, chills.\",\n\"annotations\": [\n{annotations}],\n\
         \"relations\": [{relations}]}}]}},\n{{\"id\": \"2\"}}]}}\n"
    )
}

#[test]
fn each_bad_record_is_told_and_the_others_stay() {
    let path = Path::new("a.bioc");
    let check = |(documents, issues): (Vec<Document>, Vec<Issue>), wanted, says: &str| {
        assert_eq!(documents.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(told(&issues, path), [wanted], "{issues:?}");
        assert!(issues[0].message.contains(says), "{:?} does not say {says:?}", issues[0].message);
        documents[0].mentions.len()
    };
    let marked = |inner: &str| xml(&format!("<annotation id=\"a\">{inner}</annotation>"));
    for (location, kind, says) in [
        ("", BadRecord, "no location; the annotation \"a\" is left out"),
        ("<location offset=\"0\"/>", BadRecord, "no length"),
        ("<location offset=\"x\" length=\"5\"/>", BadRecord, "\"x\" is no offset"),
        ("<location offset=\"0\" length=\"-5\"/>", BadRecord, "\"-5\" is no length"),
        ("<location offset=\"9\" length=\"18446744073709551615\"/>", BadRecord, "beyond any text"),
        ("<location offset=\"0\" length=\"0\"/>", BadSpan, "holds nothing"),
        ("<location offset=\"7\" length=\"8\"/>", BadSpan, "outside of the text of 14"),
    ] {
        assert_eq!(check(read_bioc_xml(&marked(location), path).unwrap(), (4, kind, true), says), 0);
    }
    let differs = marked("<location offset=\"1\" length=\"5\"/><text>Fever</text>");
    let says = "at 1 stands \"ever,\" where the file says \"Fever\"";
    assert_eq!(check(read_bioc_xml(&differs, path).unwrap(), (4, BadSpan, false), says), 1);
    let twice = "<annotation id=\"a\"><location offset=\"0\" length=\"5\"/></annotation>".repeat(2);
    assert_eq!(check(read_bioc_xml(&xml(&twice), path).unwrap(), (4, BadRecord, false), "another \"a\" before"), 2);
    let relation = xml("<relation id=\"r\"><node refid=\"zz\" role=\"x\"/></relation>");
    check(read_bioc_xml(&relation, path).unwrap(), (4, BadRecord, false), "relates \"zz\", which is no annotation");

    for (annotation, line, kind, says) in [
        ("{\"id\": \"a\"}", 4, BadRecord, "missing field `locations`"),
        ("{\"id\": \"a\", \"locations\": []}", 4, BadRecord, "no location"),
        ("{\"id\": \"a\", \"locations\": [{\"offset\": 0,\n\"length\": \"5\"}]}", 5, BadRecord, "invalid type: string"),
        ("{\"id\": \"a\", \"locations\": [{\"offset\": -1, \"length\": 5}]}", 4, BadRecord, "invalid value"),
        ("{\"id\": \"a\", \"locations\": [{\"offset\": 7, \"length\": 8}]}", 4, BadSpan, "outside of the text of 14"),
        ("\"fever\"", 4, BadRecord, "invalid type"),
    ] {
        assert_eq!(check(read_bioc_json(&json(annotation, ""), path).unwrap(), (line, kind, true), says), 0);
    }
    let relation = json("", "{\"id\": \"r\", \"nodes\": [{\"role\": \"x\"}]}");
    check(read_bioc_json(&relation, path).unwrap(), (5, BadRecord, true), "missing field `refid`");
}

#[test]
fn a_bad_document_is_left_out() {
    let path = Path::new("a.bioc");
    let good = "<document><id>2</id></document>";
    for (document, rejected, says) in [
        ("<document><id>1</id><passage><text>x</text></passage></document>", true, "no offset"),
        ("<document><id>1</id><passage><offset>one</offset></passage></document>", true, "\"one\" is no offset"),
        ("<document></document>", false, "no id"),
    ] {
        let (documents, issues) =
            read_bioc_xml(&format!("<collection>\n{document}\n{good}</collection>"), path).unwrap();
        assert_eq!((documents.len(), told(&issues, path)), (2 - usize::from(rejected), vec![(2, BadRecord, rejected)]));
        assert!(issues[0].message.contains(says));
    }
    for (document, says) in [("{\"id\": 1, \"passages\": [{}]}", "missing field `offset`"), ("7", "invalid type")] {
        let content = format!("{{\"documents\": [\n{document},\n{{\"id\": 2}}]}}");
        let (documents, issues) = read_bioc_json(&content, path).unwrap();
        assert_eq!((documents.len(), told(&issues, path)), (1, vec![(2, BadRecord, true)]));
        assert!(issues[0].message.contains(says) && issues[0].message.contains("left out"), "{}", issues[0].message);
    }
}

#[test]
fn passages_at_impossible_offsets_follow_each_other() {
    let passage = |offset: &str, word: &str, at: &str| {
        format!(
            "<passage><offset>{offset}</offset><text>{word}</text><annotation id=\"{word}\">\
             <location offset=\"{at}\" length=\"{}\"/><text>{word}</text></annotation></passage>\n",
            word.len()
        )
    };
    let passages =
        passage("0", "Fever", "0") + &passage("3", "chills", "3") + &passage("9000000000", "rash", "9000000000");
    let content = format!("<collection><document><id>1</id>\n{passages}</document></collection>");
    let (documents, issues) = read_bioc_xml(&content, Path::new("a.xml")).unwrap();
    assert_eq!(told(&issues, Path::new("a.xml")), [(3, BadRecord, false), (4, BadRecord, false)]);
    assert_eq!(documents[0].text, "Fever\nchills\nrash");
    assert_eq!(
        marked(&documents[0]).iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(),
        ["Fever", "chills", "rash"]
    );
}

#[test]
fn what_is_no_bioc_is_refused_with_its_line() {
    let check = |read: Read, content: &str, line: usize, says: &str| {
        let error = read(content, Path::new("a.bioc")).expect_err(content);
        assert_eq!(error.code(), "malformed");
        let told = error.to_string();
        assert!(told.starts_with(&format!("a.bioc, line {line}: ")) && told.contains(says), "{told}");
    };
    let xml = |content: &str, line, says| check(read_bioc_xml, content, line, says);
    xml("text,label\nfever,a\n", 1, "no BioC in XML");
    xml("", 1, "no <collection>");
    xml("<?xml version=\"1.0\"?>\n<html>\n</html>\n", 2, "here begins <html>");
    xml("<collection>\n<document>\n<id>1</id>\n", 3, "ends within <document>, which begins in line 2");
    xml("<collection>\n<document>\n<id>1</i", 3, "not closed");
    xml("<collection>\n<document>\n</passage>\n</collection>", 3, "expected `</document>`");
    xml("<collection>\n<source>&xxe;</source>\n</collection>", 2, "&xxe; is no character");
    xml("<collection>\n<source>&#xD800;</source>\n</collection>", 2, "is no character");
    xml("<collection>\n<source>a & b</source>\n</collection>", 2, "`;` not found");
    xml("<collection>\n<document id=1></document></collection>", 2, "an attribute of <document>");
    xml("<collection></collection>\n<collection></collection>", 2, "one <collection>");
    xml(&format!("<collection>\n{}", "<a>".repeat(100_000)), 2, "deeper than 64");
    let entities =
        "<!DOCTYPE x [\n<!ENTITY a \"aa\">\n<!ENTITY b \"&a;&a;\">\n]>\n<collection><source>&b;</source></collection>";
    xml(entities, 5, "&b; is no character");

    let json = |content: &str, line, says| check(read_bioc_json, content, line, says);
    json("text,label\nfever,a\n", 1, "no JSON");
    json("", 1, "no JSON");
    json("{\n\"documents\": [\n{\"id\": \"1\"\n", 3, "EOF");
    json("{\n\"documents\": [\n{\"id\": \"1\",}]}", 3, "key must be a string");
    json("\n{\"text\": \"fever\",\n\"label\": \"a\"}", 2, "there are no documents in it");
    json("{\n\"documents\": 7}", 2, "invalid type");
    json("[1,\n2]", 1, "invalid type");
}

#[test]
fn json_as_services_write_it() {
    let document = "{\"_id\": \"x\", \"id\": 7, \"passages\": [{\"infons\": {\"type\": \"title\", \"year\": 2024, \"open\": null},\
        \"offset\": 0, \"text\": \"Fever\", \"annotations\": [{\"id\": \"1\", \"infons\": {\"identifier\": null, \"type\": \"Sign\"},\
        \"text\": \"Fever\", \"locations\": [{\"offset\": 0, \"length\": 5}]}]}]}";
    let wanted = read_bioc_json(&format!("{{\"documents\": [{document}]}}"), Path::new("a")).unwrap();
    assert_eq!((wanted.0[0].id.as_str(), wanted.0[0].mentions.len(), wanted.1.len()), ("7", 1, 0));
    assert!(wanted.0[0].rest[0].contains("\"year\":2024,\"open\":null"));
    assert_eq!(again(&wanted.0, read_bioc_json, write_bioc_json), all_bare(wanted.0.clone()));
    // A document alone, one a line, a list of collections.
    assert_eq!(read_bioc_json(document, Path::new("a")).unwrap(), wanted);
    assert_eq!(read_bioc_json(&format!("{document}\n{document}\n"), Path::new("a")).unwrap().0.len(), 2);
    assert_eq!(read_bioc_json(&format!("\u{feff}[{{\"documents\": [{document}]}}]"), Path::new("a")).unwrap(), wanted);
}

#[test]
fn what_bioc_cannot_say_is_told() {
    let document = Document {
        id: "1".into(),
        text: "a\u{c}b".into(),
        labels: vec!["flu".into()],
        rest: vec!["A1\tNegated T1".into()],
        sections: vec![Section { kind: "x".into(), range: 0..2 }, Section { kind: "y".into(), range: 1..3 }],
        ..Document::default()
    };
    let (written, lost) = write_bioc_json(std::slice::from_ref(&document));
    assert_eq!(read_bioc_json(&written, Path::new("a")).unwrap().0[0].text, document.text);
    for (lost, says) in lost.iter().zip(["labels are left out: flu", "former format", "\"y\" at 1 overlaps"]) {
        assert!(lost.starts_with("document 1: ") && lost.contains(says), "{lost}");
    }
    let (written, lost) = write_bioc_xml(&[document]);
    assert_eq!(read_bioc_xml(&written, Path::new("a")).unwrap().0[0].text, "a b");
    assert!(lost.len() == 4 && lost[3].contains("1 characters of its text that XML does not allow"), "{lost:?}");
}
