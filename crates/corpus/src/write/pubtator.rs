//! PubTator, which has room for a title, an abstract, mentions in one piece and relations of two concepts.

use super::{Lost, cleaned, is_sound, once, say_labels};
use crate::read::offsets::Counted;
use crate::{Document, Mention};
use std::collections::HashMap;

/// The file, and what PubTator cannot say. Ids of mentions and relations are not written, as it has none.
pub fn write(documents: &[Document]) -> (String, Vec<String>) {
    let mut lost = Vec::new();
    let mut written = Vec::new();
    for document in documents {
        let mut of_document = Lost { document: &document.id, said: Vec::new() };
        written.push(block(document, &mut of_document));
        lost.extend(once(of_document.said));
    }
    (written.join("\n"), lost)
}

fn block(document: &Document, lost: &mut Lost) -> String {
    say_labels(document, lost);
    let id = cleaned(&document.id, "id", |c| c.is_whitespace() || c == '|', "_", lost);
    let id = if id.is_empty() {
        lost.say("it has no id and is written as _");
        "_".to_string()
    } else {
        id
    };
    let text = Counted::new(&document.text);
    let (title, body) = halves(document, &text, lost);
    let mut lines = vec![format!("{id}|t|{title}"), format!("{id}|a|{body}")];
    let mut more: HashMap<&str, &str> = HashMap::new();
    let mut foreign = false;
    for line in &document.rest {
        match line.split_once('\t').filter(|(owner, _)| is_own(owner)) {
            Some((owner, fields)) => drop(more.insert(owner, fields)),
            None => foreign = true,
        }
    }
    if foreign {
        lost.say("what only its former format can say is left out");
    }
    let mut concepts: HashMap<&str, Option<String>> = HashMap::new();
    for mention in &document.mentions {
        let concept = mention.concept.as_ref().map(|concept| cleaned(concept, "concept", char::is_control, " ", lost));
        let concept = concept.filter(|concept| !concept.is_empty());
        concepts.entry(&mention.id).or_insert_with(|| concept.clone());
        if let Some(fields) = mention_fields(mention, &text, lost) {
            let mut line = format!("{id}\t{fields}");
            let further = more.get(mention.id.as_str());
            if concept.is_some() || further.is_some() {
                line += &format!("\t{}", concept.unwrap_or_default());
            }
            if let Some(further) = further {
                line += &format!("\t{further}");
            }
            lines.push(line);
        }
    }
    for relation in &document.relations {
        let name = &relation.id;
        let [(_, first), (_, second)] = &relation.arguments[..] else {
            lost.say(format!("the relation {name} relates {}, not two, and is left out", relation.arguments.len()));
            continue;
        };
        // What is no mention is a concept itself.
        let mut concept = |argument: &String| match concepts.get(argument.as_str()) {
            Some(concept) => concept.clone(),
            None => {
                Some(cleaned(argument, "concept", char::is_control, " ", lost)).filter(|argument| !argument.is_empty())
            }
        };
        let (first, second) = (concept(first), concept(second));
        let (Some(first), Some(second)) = (first, second) else {
            lost.say(format!("the relation {name} relates a mention without a concept and is left out"));
            continue;
        };
        let kind = cleaned(&relation.kind, "type", char::is_control, " ", lost);
        // A type like a number would be read as an offset.
        if kind.is_empty() || kind.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
            lost.say(format!("the relation {name} has no type that can be written and is left out"));
            continue;
        }
        let further = more.get(name.as_str()).map(|fields| format!("\t{fields}")).unwrap_or_default();
        lines.push(format!("{id}\t{kind}\t{first}\t{second}{further}"));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// Whether that is the id that the reader gives to a mention or a relation.
fn is_own(id: &str) -> bool {
    let digits = id.strip_prefix(['T', 'R']).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Title and abstract, cut at a line end with something behind it, which the format itself sets between them.
fn halves(document: &Document, text: &Counted, lost: &mut Lost) -> (String, String) {
    let whole = &document.text;
    let sections: Vec<&str> = document.sections.iter().map(|section| section.kind.as_str()).collect();
    if !matches!(sections[..], [] | ["title"] | ["title", "abstract"]) {
        lost.say(format!("its division is left out but for title and abstract: {}", sections.join(", ")));
    }
    let after_first = document.sections.first().map(|section| section.range.end);
    let behind = |end: usize| text.surface(std::slice::from_ref(&(0..end))).map(|title| title.len());
    let cut = after_first.and_then(behind).filter(|&at| whole[at..].starts_with('\n'));
    let cut = cut.or_else(|| whole.find('\n')).filter(|&at| at + 1 < whole.len());
    let (title, body) = cut.map_or((whole.as_str(), ""), |at| (&whole[..at], &whole[at + 1..]));
    let ends = |text: &str| text.chars().filter(|character| matches!(character, '\n' | '\r')).count();
    match ends(title) + ends(body) {
        0 => {}
        1 => lost.say("one line end in its text is written as a space"),
        count => lost.say(format!("{count} line ends in its text are written as spaces")),
    }
    let flat = |text: &str| text.replace(['\n', '\r'], " ");
    (flat(title), flat(body))
}

/// Start, end, text and type.
fn mention_fields(mention: &Mention, text: &Counted, lost: &mut Lost) -> Option<String> {
    if !is_sound(mention, text.length(), lost) {
        return None;
    }
    let [range] = &mention.ranges[..] else {
        lost.say(format!("the mention {} is in {} parts and is left out", mention.id, mention.ranges.len()));
        return None;
    };
    let kind = cleaned(&mention.kind, "type", char::is_control, " ", lost);
    if kind.is_empty() {
        lost.say(format!("the mention {} has no type and is left out", mention.id));
        return None;
    }
    let surface = text.surface(std::slice::from_ref(range))?.replace(char::is_control, " ");
    Some(format!("{}\t{}\t{surface}\t{kind}", range.start, range.end))
}
