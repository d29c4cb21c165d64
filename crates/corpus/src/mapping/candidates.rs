//! From entities and relations to sentences with a pair of entities each: every pair that could be related, related or not.

use super::marking::{MARKERS, Marking};
use super::sentences::sentences_of;
use crate::{Document, Mention};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// The label of a pair that no relation joins.
pub const UNRELATED: &str = "none";

/// The types between which a relation is stated somewhere, in the order of its arguments.
pub type Signatures = BTreeSet<(String, String)>;

/// A sentence with a marked pair.
pub struct Candidate {
    pub text: String,
    pub label: String,
    pub line: usize,
    /// The ids of the two mentions, in the order of the signature.
    pub pair: [String; 2],
}

/// What could not be made a candidate, in words, with its line.
pub type Note = (usize, String);

/// The mentions that an argument of a relation names: by their own id, or all of a concept.
fn meant<'a>(document: &'a Document, argument: &str) -> Vec<&'a Mention> {
    let by_id: Vec<&Mention> = document.mentions.iter().filter(|mention| mention.id == argument).collect();
    if !by_id.is_empty() {
        return by_id;
    }
    document.mentions.iter().filter(|mention| mention.concept.as_deref() == Some(argument)).collect()
}

pub fn signatures(documents: &[Document]) -> Signatures {
    let mut found = Signatures::new();
    for document in documents {
        for relation in &document.relations {
            let [(_, first), (_, second), ..] = relation.arguments.as_slice() else { continue };
            let kinds = |argument: &str| meant(document, argument).first().map(|mention| mention.kind.clone());
            if let (Some(first), Some(second)) = (kinds(first), kinds(second)) {
                found.insert((first, second));
            }
        }
    }
    found
}

/// Every two types, in the order of their names.
pub fn all_signatures(documents: &[Document]) -> Signatures {
    let mentions = documents.iter().flat_map(|document| &document.mentions);
    let kinds: BTreeSet<&String> = mentions.map(|mention| &mention.kind).collect();
    let after =
        |first: &String| kinds.iter().filter(|second| **second >= first).map(|second| second.to_string()).collect();
    let pairs = kinds.iter().map(|first| (first, after(first)));
    pairs
        .flat_map(|(first, after): (_, Vec<String>)| after.into_iter().map(|second| (first.to_string(), second)))
        .collect()
}

/// All pairs in a sentence of the document that have a signature, and the relations that lie in no sentence. A pair of equal
/// types is taken once, in the order of the text, whatever the direction of its relation.
pub fn candidates(document: &Document, signatures: &Signatures, marking: Marking) -> (Vec<Candidate>, Vec<Note>) {
    let characters: Vec<char> = document.text.chars().collect();
    let hulls: Vec<Range<usize>> = document.mentions.iter().filter_map(Mention::hull).collect();
    let mut related: HashMap<(&str, &str), &str> = HashMap::new();
    let mut notes = Vec::new();
    for relation in &document.relations {
        if relation.arguments.len() != 2 {
            let count = relation.arguments.len();
            notes.push((relation.line, format!("the relation {} has {count} arguments instead of 2", relation.id)));
            continue;
        }
        for first in meant(document, &relation.arguments[0].1) {
            for second in meant(document, &relation.arguments[1].1) {
                let known = related.entry((&first.id, &second.id)).or_insert(&relation.kind);
                if **known != *relation.kind {
                    let (kind, id) = (&relation.kind, &relation.id);
                    notes.push((
                        relation.line,
                        format!("{id} ({kind}) joins a pair that is already \"{known}\"; left out"),
                    ));
                }
            }
        }
    }
    let mut found = Vec::new();
    let mut used: HashSet<(&str, &str)> = HashSet::new();
    for sentence in sentences_of(&document.text, &hulls) {
        let inside = |mention: &&Mention| {
            mention.hull().is_some_and(|range| sentence.start <= range.start && range.end <= sentence.end)
        };
        let mut mentions: Vec<&Mention> = document.mentions.iter().filter(inside).collect();
        mentions.sort_by_key(|mention| mention.hull().map(|range| (range.start, range.end)));
        for (place, first) in mentions.iter().enumerate() {
            for (other, second) in mentions.iter().enumerate() {
                let signature = (first.kind.clone(), second.kind.clone());
                if place == other || !signatures.contains(&signature) || (first.kind == second.kind && other < place) {
                    continue;
                }
                let pair = (first.id.as_str(), second.id.as_str());
                let reverse = (pair.1, pair.0);
                let label = match related.get(&pair) {
                    Some(label) => Some((pair, *label)),
                    None if first.kind == second.kind => related.get(&reverse).map(|label| (reverse, *label)),
                    None => None,
                };
                used.extend(label.map(|(pair, _)| pair));
                let label = label.map_or(UNRELATED, |(_, label)| label).to_string();
                let text = marked(&characters, &sentence, [first, second], marking);
                let pair = [first.id.clone(), second.id.clone()];
                found.push(Candidate { text, label, line: first.line, pair });
            }
        }
    }
    for relation in document.relations.iter().filter(|relation| relation.arguments.len() == 2) {
        let (first, second) = (meant(document, &relation.arguments[0].1), meant(document, &relation.arguments[1].1));
        let joined = first.iter().any(|a| second.iter().any(|b| used.contains(&(a.id.as_str(), b.id.as_str()))));
        if !joined {
            let id = &relation.id;
            notes
                .push((relation.line, format!("no sentence holds both entities of the relation {id}; it is left out")));
        }
    }
    (found, notes)
}

/// The sentence with two of its entities as dummy tokens (one for both where they overlap), or between markers.
fn marked(characters: &[char], sentence: &Range<usize>, pair: [&Mention; 2], marking: Marking) -> String {
    let [Some(first), Some(second)] = pair.map(Mention::hull) else { return String::new() };
    let text = |range: Range<usize>| characters[range].iter().collect::<String>();
    let name = |mention: &Mention| mention.kind.to_uppercase().replace(char::is_whitespace, "_");
    if marking == Marking::Markers {
        let mut points = [(first.start, 1, 0), (first.end, 0, 1), (second.start, 1, 2), (second.end, 0, 3)];
        // What ends at a place ends before what begins there.
        points.sort();
        let mut out = String::new();
        let mut at = sentence.start;
        for (place, _, marker) in points {
            out += &text(at..place);
            out += match marker {
                0 | 2 => "",
                _ => " ",
            };
            out += MARKERS[marker];
            out += if marker % 2 == 0 { " " } else { "" };
            at = place;
        }
        return out + &text(at..sentence.end);
    }
    if first.start < second.end && second.start < first.end {
        let (start, end) = (first.start.min(second.start), first.end.max(second.end));
        let dummy = format!("@{}-{}$", name(pair[0]), name(pair[1]));
        return text(sentence.start..start) + &dummy + &text(end..sentence.end);
    }
    let mut places = [(first, name(pair[0])), (second, name(pair[1]))];
    places.sort_by_key(|(range, _)| range.start);
    let [(left, left_name), (right, right_name)] = places;
    let (before, between) = (text(sentence.start..left.start), text(left.end..right.start));
    format!("{before}@{left_name}${between}@{right_name}${}", text(right.end..sentence.end))
}
