//! What the tests of the standoff formats share.

use crate::fixture;
use corpus::standoff::Counted;
use corpus::{Document, Issue, IssueKind, Mention, Relation, Section};
use random::{Purpose, Stream};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Whatever is hard to carry: beyond the basic plane, combining, line ends, and what the formats themselves use.
const PIECES: [&str; 26] = [
    "fever", "a", "B", " ", " ", "\t", "\n", "\r\n", "\r", "𝛽", "🤒", "e\u{301}", "ï", "\u{a0}", "\u{2028}", "\u{85}",
    "<", "&", ">", "\"", "'", "]]>", "|t|", ";", "&amp;", "胸",
];

pub fn file(name: &str) -> (String, PathBuf) {
    let path = fixture("standoff").join(name);
    (fs::read_to_string(&path).unwrap(), path)
}

/// A document without where it was read.
pub fn bare(mut document: Document) -> Document {
    (document.file, document.line) = (PathBuf::new(), 0);
    document.mentions.iter_mut().for_each(|mention| mention.line = 0);
    document.relations.iter_mut().for_each(|relation| relation.line = 0);
    document
}

pub fn all_bare(documents: Vec<Document>) -> Vec<Document> {
    documents.into_iter().map(bare).collect()
}

/// The mentions as their type and text.
pub fn marked(document: &Document) -> Vec<(String, String)> {
    let marked = |mention: &Mention| (mention.kind.clone(), document.surface(mention));
    document.mentions.iter().map(marked).collect()
}

/// The issues as (line, kind, whether something was left out); each must name the file and say something.
pub fn told(issues: &[Issue], path: &Path) -> Vec<(usize, IssueKind, bool)> {
    assert!(issues.iter().all(|issue| issue.file == path && issue.message.len() > 20), "{issues:?}");
    issues.iter().map(|issue| (issue.line, issue.kind, issue.rejected)).collect()
}

fn text(stream: &mut Stream, longest: u32) -> String {
    (0..stream.below(longest)).map(|_| PIECES[stream.below(PIECES.len() as u32) as usize]).collect()
}

/// A document with up to three parts and with mentions anywhere in it, many of them nested, overlapping or discontinuous.
pub fn drawn(seed: u64) -> Document {
    let stream = &mut Stream::new(seed, Purpose::Sample, [7, 0]);
    let mut document = Document { id: format!("d{seed}"), ..Document::default() };
    for part in 0..stream.below(4) {
        if part > 0 {
            document.text += "\n";
        }
        let start = document.text.chars().count();
        document.text += &text(stream, 30);
        let range = start..document.text.chars().count();
        document.sections.push(Section { kind: ["title", "abstract", "other"][part as usize].into(), range });
    }
    if document.sections.is_empty() {
        document.text = text(stream, 60);
    }
    let length = Counted::new(&document.text).length() as u32;
    for number in 1..=stream.below(9).min(length) {
        let mut places: Vec<usize> =
            (0..2 * (1 + stream.below(3))).map(|_| stream.below(length + 1) as usize).collect();
        places.sort_unstable();
        places.dedup();
        let ranges: Vec<Range<usize>> = places.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect();
        if !ranges.is_empty() {
            let kind = ["Sign", "Drug-Name", "Krankheit_ä"][stream.below(3) as usize].into();
            let concept =
                [None, Some("MESH:D016899".into()), Some("a|b <&> c".into())][stream.below(3) as usize].clone();
            document.mentions.push(Mention { id: format!("T{number}"), kind, ranges, concept, line: 0 });
        }
    }
    for number in 1..=stream.below(4) {
        if !document.mentions.is_empty() {
            let mut any = || document.mentions[stream.below(document.mentions.len() as u32) as usize].id.clone();
            let arguments = vec![("Arg1".into(), any()), ("Arg2".into(), any())];
            document.relations.push(Relation { id: format!("R{number}"), kind: "causes".into(), arguments, line: 0 });
        }
    }
    document
}

#[test]
fn places_in_every_unit() {
    use corpus::standoff::{Evidence, Unit};
    let text = "e\u{301}𝛽 胸🤒";
    let counted = Counted::new(text);
    for (unit, starts) in [
        (Unit::Characters, [0, 1, 2, 3, 4, 5, 6]),
        (Unit::Utf16, [0, 1, 2, 4, 5, 6, 8]),
        (Unit::Bytes, [0, 1, 3, 7, 8, 11, 15]),
    ] {
        let read: Vec<Option<usize>> = (0..20).map(|offset| counted.character(offset, unit)).collect();
        let wanted: Vec<Option<usize>> = (0..20).map(|offset| starts.iter().position(|&at| at == offset)).collect();
        assert_eq!(read, wanted, "{unit:?}");
        assert_eq!(unit.length(text), starts[6]);
        let mut evidence = Evidence::default();
        evidence.add(&counted, &[starts[4]..starts[5], starts[5]..starts[6]], "胸 🤒");
        assert_eq!(evidence.unit(), unit);
    }
    assert_eq!(Evidence::default().unit(), Unit::Characters);
    assert_eq!(counted.surface(&[2..3, 4..5]).unwrap(), "𝛽 胸");
    assert_eq!(counted.surface(&[0..1, 2..7]), None);
    assert_eq!(Counted::new("").length(), 0);
}
