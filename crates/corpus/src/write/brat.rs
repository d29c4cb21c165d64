//! The annotations of brat; the text itself goes beside them as it is.

use super::{Lost, cleaned, is_sound, numbered, once, say_labels};
use crate::Document;
use crate::read::brat::{is_kept, normalization};
use crate::read::offsets::Counted;
use std::collections::{HashMap, HashSet};

/// The annotations, and what brat cannot say. Mentions and relations whose ids are not of brat's kind get new ones.
pub fn write(document: &Document) -> (String, Vec<String>) {
    let mut lost = Lost { document: &document.id, said: Vec::new() };
    let text = Counted::new(&document.text);
    let mut lines = Vec::new();
    say_labels(document, &mut lost);
    if !document.sections.is_empty() {
        let kinds: Vec<&str> = document.sections.iter().map(|section| section.kind.as_str()).collect();
        lost.say(format!("its division is left out: {}", kinds.join(", ")));
    }
    let (kept, foreign): (Vec<&String>, Vec<&String>) = document.rest.iter().partition(|line| is_kept(line));
    if !foreign.is_empty() {
        lost.say("what only its former format can say is left out");
    }
    let said: HashSet<(String, String)> = kept.iter().filter_map(|line| normalization(line)).collect();
    let ids = numbered(document.mentions.iter().map(|mention| mention.id.as_str()), 'T');
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut concepts = Vec::new();
    for (mention, id) in document.mentions.iter().zip(&ids) {
        if !is_sound(mention, text.length(), &mut lost) {
            continue;
        }
        if mention.kind.is_empty() {
            lost.say(format!("the mention {} has no type and is left out", mention.id));
            continue;
        }
        let kind = cleaned(&mention.kind, "type", char::is_whitespace, "_", &mut lost);
        let spans: Vec<String> = mention.ranges.iter().map(|range| format!("{} {}", range.start, range.end)).collect();
        let surface = flat(&text.surface(&mention.ranges).unwrap_or_default());
        lines.push(format!("{id}\t{kind} {}\t{surface}", spans.join(";")));
        names.entry(&mention.id).or_insert(id);
        if let Some(concept) = &mention.concept {
            let concept = cleaned(concept.trim(), "concept", char::is_control, " ", &mut lost);
            if !concept.is_empty() && !said.contains(&(id.clone(), concept.clone())) {
                concepts.push((id, concept, surface));
            }
        }
    }
    let events: HashSet<&str> =
        kept.iter().filter(|line| line.starts_with('E')).filter_map(|line| line.split('\t').next()).collect();
    let ids = numbered(document.relations.iter().map(|relation| relation.id.as_str()), 'R');
    for (relation, id) in document.relations.iter().zip(&ids) {
        let [first, second] = &relation.arguments[..] else {
            lost.say(format!(
                "the relation {} relates {}, not two, and is left out",
                relation.id,
                relation.arguments.len()
            ));
            continue;
        };
        if relation.kind.is_empty() {
            lost.say(format!("the relation {} has no type and is left out", relation.id));
            continue;
        }
        let kind = cleaned(&relation.kind, "type", char::is_whitespace, "_", &mut lost);
        let mut line = format!("{id}\t{kind}");
        let mut whole = true;
        for ((role, argument), usual) in [first, second].into_iter().zip(["Arg1", "Arg2"]) {
            let role = cleaned(role, "role", |c| c.is_whitespace() || c == ':', "_", &mut lost);
            let role = if role.is_empty() { usual } else { &role };
            let name = names.get(argument.as_str()).copied().or_else(|| events.get(argument.as_str()).copied());
            whole &= name.is_some();
            line += &format!(" {role}:{}", name.unwrap_or_default());
        }
        if whole {
            lines.push(line);
        } else {
            lost.say(format!("the relation {} relates what is no mention here and is left out", relation.id));
        }
    }
    // In front of what is kept, so that a concept that was changed comes first.
    let taken: HashSet<&str> = kept.iter().filter_map(|line| line.split('\t').next()).collect();
    let mut free = (1..).map(|number| format!("N{number}")).filter(|id| !taken.contains(id.as_str()));
    for (mention, concept, surface) in concepts {
        let id = free.next().unwrap_or_default();
        lines.push(format!("{id}\tReference {mention} {concept}\t{surface}"));
    }
    lines.extend(kept.into_iter().cloned());
    (lines.into_iter().map(|line| line + "\n").collect(), once(lost.said))
}

/// A text on one line.
fn flat(text: &str) -> String {
    text.replace(|character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}'), " ")
}
