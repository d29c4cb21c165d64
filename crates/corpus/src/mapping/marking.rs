//! How the two entities of a relation are marked in a sentence: as dummy tokens in their place (`@GENE$`, as in BLURB), or by
//! markers around them (`[E1] … [/E1]`, Baldini Soares et al. 2019).

use super::plain;
use crate::read::Table;
use serde::{Deserialize, Serialize};
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Marking {
    /// `@GENE$` in place of an entity, ordinary text to the tokenizer.
    Dummies,
    /// Entities stay readable between markers, which become pieces of the vocabulary.
    Markers,
}

impl Marking {
    pub fn name(self) -> &'static str {
        match self {
            Marking::Dummies => "dummies",
            Marking::Markers => "markers",
        }
    }
}

impl std::str::FromStr for Marking {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        [Marking::Dummies, Marking::Markers]
            .into_iter()
            .find(|marking| marking.name() == name)
            .ok_or_else(|| format!("there is no marking \"{name}\"; choose dummies or markers"))
    }
}

/// Around the first entity and around the second.
pub const MARKERS: [&str; 4] = ["[E1]", "[/E1]", "[E2]", "[/E2]"];

/// Other ways to write them.
const OTHERS: [[&str; 4]; 3] =
    [["<e1>", "</e1>", "<e2>", "</e2>"], ["<E1>", "</E1>", "<E2>", "</E2>"], ["[e1]", "[/e1]", "[e2]", "[/e2]"]];

/// The dummy tokens in a text, as bytes of it.
fn dummy_places(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('@').map(|at| from + at) {
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let name: usize = text[at + 1..].chars().take_while(|&c| inside(c)).map(char::len_utf8).sum();
        let end = at + 1 + name;
        if name > 0 && text[end..].starts_with('$') {
            found.push(at..end + 1);
        }
        from = end;
    }
    found
}

/// The dummy tokens in a text.
pub fn dummies(text: &str) -> Vec<&str> {
    dummy_places(text).into_iter().map(|place| &text[place]).collect()
}

/// The dummy tokens in a text, as characters of it, and what each stands for.
pub fn dummy_spans(text: &str) -> Vec<(Range<usize>, String)> {
    let characters = |bytes: usize| text[..bytes].chars().count();
    let name = |place: &Range<usize>| text[place.start + 1..place.end - 1].to_string();
    dummy_places(text).into_iter().map(|place| (characters(place.start)..characters(place.end), name(&place))).collect()
}

fn has_all(text: &str, names: &[&str; 4]) -> bool {
    names.iter().all(|name| text.contains(name))
}

/// A text with markers around both entities, written the one way; `None` for a text that has none.
pub fn with_markers(text: &str) -> Option<String> {
    if has_all(text, &MARKERS) {
        return Some(text.into());
    }
    let names = OTHERS.iter().find(|names| has_all(text, names))?;
    Some(names.iter().zip(MARKERS).fold(text.to_string(), |text, (name, marker)| text.replace(name, marker)))
}

/// A text with markers as one with dummy tokens instead of what they enclose.
pub fn with_dummies(marked: &str) -> String {
    let mut text = marked.to_string();
    for (number, pair) in MARKERS.chunks(2).enumerate() {
        if let (Some(start), Some(end)) = (text.find(pair[0]), text.find(pair[1]))
            && start < end
        {
            text.replace_range(start..end + pair[1].len(), &format!("@E{}$", number + 1));
        }
    }
    // One entity inside of the other has vanished with it.
    MARKERS.iter().fold(text, |text, marker| text.replace(marker, ""))
}

/// Whether nearly every text of a column has its entities marked.
pub fn is_marked(table: &Table, index: usize) -> bool {
    let texts: Vec<String> = table.rows.iter().take(200).map(|row| plain(&row.cells[index])).collect();
    let marked = texts.iter().filter(|text| !dummy_places(text).is_empty() || with_markers(text).is_some()).count();
    !texts.is_empty() && marked * 10 >= texts.len() * 8
}

/// The label that says that there is no relation, by its name.
pub fn negative(labels: &[String]) -> Option<usize> {
    let names = [
        "false",
        "ddi-false",
        "none",
        "no relation",
        "no_relation",
        "norelation",
        "negative",
        "na",
        "n/a",
        "no",
        "other",
        "0",
    ];
    names.iter().find_map(|name| labels.iter().position(|label| label.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dummy_tokens_are_found_and_addresses_are_not() {
        assert_eq!(dummies("the @GENE$ and @CHEM-GENE$ at a@b.org for 5@ $"), ["@GENE$", "@CHEM-GENE$"]);
        assert_eq!(dummies("𝛽@GENE$é@DISEASE$"), ["@GENE$", "@DISEASE$"]);
        assert!(dummies("@$ @ @@").is_empty());
    }

    #[test]
    fn markers_and_dummies_say_the_same() {
        let marked = with_markers("<e1>aspirin</e1> and <e2>warfarin</e2> bleed").unwrap();
        assert_eq!(marked, "[E1]aspirin[/E1] and [E2]warfarin[/E2] bleed");
        assert_eq!(with_dummies(&marked), "@E1$ and @E2$ bleed");
        assert_eq!(with_dummies("[E1]a [E2]b[/E2] c[/E1] d"), "@E1$ d");
        assert_eq!(with_markers("<e1>only one</e1>"), None);
    }

    #[test]
    fn the_negative_class_is_known_by_its_name() {
        let labels = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        assert_eq!(negative(&labels(&["CPR:3", "CPR:4", "false"])), Some(2));
        assert_eq!(negative(&labels(&["DDI-effect", "DDI-false"])), Some(1));
        assert_eq!(negative(&labels(&["0", "1"])), Some(0));
        assert_eq!(negative(&labels(&["inhibits", "activates"])), None);
    }
}
