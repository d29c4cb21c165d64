//! Documents as both forms of BioC say them.

use super::{Lost, is_sound, say_labels};
use crate::read::bioc::{Annotation, Collection, Infons, Linked, Passage, Text, WIDEST_GAP, home};
use crate::read::offsets::Counted;
use crate::{Document, Mention};
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Range;

/// What `rest` keeps for BioC.
#[derive(Default)]
struct Kept {
    collection: Infons,
    document: Infons,
    passages: HashMap<usize, Infons>,
    annotations: HashMap<String, Infons>,
    relations: HashMap<String, Infons>,
}

pub fn collection(documents: &[Document]) -> (Collection, Vec<String>) {
    let mut collection = Collection::default();
    let mut said = Vec::new();
    for document in documents {
        let mut lost = Lost { document: &document.id, said: Vec::new() };
        say_labels(document, &mut lost);
        let kept = kept(document, &mut lost);
        if collection.head.is_empty() {
            collection.head = kept.collection.clone();
        }
        collection.documents.push(text(document, kept, &mut lost));
        said.extend(lost.said);
    }
    (collection, said)
}

fn kept(document: &Document, lost: &mut Lost) -> Kept {
    let mut kept = Kept::default();
    let mut foreign = false;
    for line in &document.rest {
        let mut object = serde_json::from_str::<Infons>(line).unwrap_or_default();
        let infons = |object: &mut Infons, key: &str| match object.remove(key) {
            Some(Value::Object(infons)) => infons,
            _ => Infons::new(),
        };
        if object.contains_key("collection") {
            kept.collection = infons(&mut object, "collection");
        } else if object.contains_key("document") {
            kept.document = infons(&mut object, "document");
        } else if let Some(passage) = object.get("passage").and_then(Value::as_u64) {
            kept.passages.insert(passage as usize, infons(&mut object, "infons"));
        } else if let Some(Value::String(id)) = object.remove("annotation") {
            kept.annotations.insert(id, infons(&mut object, "infons"));
        } else if let Some(Value::String(id)) = object.remove("relation") {
            kept.relations.insert(id, infons(&mut object, "infons"));
        } else {
            foreign = true;
        }
    }
    if foreign {
        lost.say("what only its former format can say is left out");
    }
    kept
}

fn text(document: &Document, mut kept: Kept, lost: &mut Lost) -> Text {
    let counted = Counted::new(&document.text);
    let mut text = Text { id: document.id.clone(), infons: kept.document, ..Text::default() };
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut end = 0;
    let mut add = |range: Range<usize>, infons: Infons| {
        let content = counted.surface(std::slice::from_ref(&range)).unwrap_or_default();
        text.passages.push(Passage { offset: range.start, text: content, infons, ..Passage::default() });
        ranges.push(range);
    };
    for (index, section) in document.sections.iter().enumerate() {
        let range = section.range.clone();
        if range.start < end || range.start > range.end || range.end > counted.length() {
            lost.say(format!("the part \"{}\" at {} overlaps another and is left out", section.kind, range.start));
            continue;
        }
        // A reader fills gaps so; what else stands there needs a passage of its own.
        if !is_filler(&counted.surface(std::slice::from_ref(&(end..range.start))).unwrap_or_default()) {
            add(end..range.start, Infons::new());
        }
        end = range.end;
        add(range, typed(&section.kind, None, kept.passages.remove(&index)));
    }
    if end < counted.length() {
        add(end..counted.length(), Infons::new());
    }
    for mention in document.mentions.iter().filter(|mention| is_sound(mention, counted.length(), lost)) {
        let infons = typed(&mention.kind, mention.concept.as_deref(), kept.annotations.remove(&mention.id));
        let annotation = annotation(mention, infons, &counted);
        match text.passages.get_mut(home(&ranges, mention)) {
            Some(passage) => passage.annotations.push(annotation),
            None => text.annotations.push(annotation),
        }
    }
    text.relations = document
        .relations
        .iter()
        .map(|relation| Linked {
            id: relation.id.clone(),
            line: 0,
            infons: typed(&relation.kind, None, kept.relations.remove(&relation.id)),
            nodes: relation.arguments.iter().map(|(role, id)| (id.clone(), role.clone())).collect(),
        })
        .collect();
    text
}

fn is_filler(gap: &str) -> bool {
    let spaces = |rest: &str| rest.len() < WIDEST_GAP && rest.bytes().all(|byte| byte == b' ');
    gap.is_empty() || gap.strip_prefix('\n').is_some_and(spaces)
}

fn typed(kind: &str, concept: Option<&str>, further: Option<Infons>) -> Infons {
    let mut infons = Infons::new();
    if !kind.is_empty() {
        infons.insert("type".into(), kind.into());
    }
    if let Some(concept) = concept {
        infons.insert("identifier".into(), concept.into());
    }
    infons.extend(further.unwrap_or_default());
    infons
}

fn annotation(mention: &Mention, infons: Infons, text: &Counted) -> Annotation {
    let (id, locations) = (mention.id.clone(), mention.ranges.clone());
    Annotation { id, line: 0, infons, text: text.surface(&locations), locations }
}
