//! Tag schemes: from BIO, IO, IOB1, IOBES or BILOU tags to entities.

/// How entities are written as tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Every entity begins with `B-`.
    Bio,
    /// `I-` throughout; `B-` only between neighbours of one type, or never.
    Io,
    /// `B- I- E-`, and `S-` for a single word.
    Iobes,
}

/// The prefix and the type of a tag; the type is empty for `O`. `L-` and `U-` are other names for `E-` and `S-`.
pub fn parse(tag: &str) -> Option<(char, &str)> {
    if tag == "O" {
        return Some(('O', ""));
    }
    let (prefix, kind) = tag.split_once('-')?;
    match prefix {
        "B" | "I" | "E" | "S" if !kind.is_empty() => Some((prefix.chars().next()?, kind)),
        "L" if !kind.is_empty() => Some(('E', kind)),
        "U" if !kind.is_empty() => Some(('S', kind)),
        _ => None,
    }
}

/// The scheme in which sentences are tagged. A `B-` that does not follow its own type shows BIO, since IOB1 has none there.
pub fn detect<'a>(sentences: impl Iterator<Item = Vec<&'a str>>) -> Scheme {
    let mut begins = false;
    for tags in sentences {
        let mut before = "";
        for (prefix, kind) in tags.into_iter().filter_map(parse) {
            if matches!(prefix, 'E' | 'S') {
                return Scheme::Iobes;
            }
            begins |= prefix == 'B' && before != kind;
            before = kind;
        }
    }
    if begins { Scheme::Bio } else { Scheme::Io }
}

/// The entities of a sentence as (first word, word after the last, type). Places whose tag continues an entity that is not
/// there are told to `repaired`; it is read as the beginning of one.
pub fn entities(tags: &[&str], scheme: Scheme, mut repaired: impl FnMut(usize)) -> Vec<(usize, usize, String)> {
    let mut entities: Vec<(usize, usize, String)> = Vec::new();
    // Whether the last entity may still go on with the next word.
    let mut open = false;
    for (index, tag) in tags.iter().enumerate() {
        let Some((prefix, kind)) = parse(tag) else { continue };
        if prefix == 'O' {
            open = false;
            continue;
        }
        match entities.last_mut() {
            Some(last) if open && matches!(prefix, 'I' | 'E') && last.2 == kind => last.1 = index + 1,
            _ => {
                if matches!(prefix, 'I' | 'E') && scheme != Scheme::Io {
                    repaired(index);
                }
                entities.push((index, index + 1, kind.to_string()));
            }
        }
        open = !matches!(prefix, 'E' | 'S');
    }
    entities
}
