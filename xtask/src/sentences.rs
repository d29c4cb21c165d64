//! Real sentences for the comparisons with other programs.

use crate::shell::root;

/// `count` biomedical sentences, as they stand in three data sets beside the project (fewer where those end): the second
/// column of two tables, and words a line with blank lines between sentences. Nothing where the data sets are absent.
pub fn sentences(count: usize) -> Option<Vec<String>> {
    let read = |name: &str| std::fs::read_to_string(root().join("../shared/data").join(name)).ok();
    let cell = |line: &str, column| line.trim_end().split('\t').nth(column).unwrap_or_default().to_owned();
    let mut sentences = Vec::new();
    for (name, count) in [("gad/train.tsv", count * 2 / 5), ("hoc/train.tsv", count * 3 / 10)] {
        sentences.extend(read(name)?.lines().skip(1).take(count).map(|line| cell(line, 1)));
    }
    let words = read("ncbi-disease/train.tsv")?.replace("\r\n", "\n");
    let blocks = words.split("\n\n").map(|block| block.lines().map(|line| cell(line, 0)).collect::<Vec<_>>().join(" "));
    sentences.extend(blocks.take(count - sentences.len()));
    Some(sentences)
}

#[cfg(test)]
mod tests {
    use super::sentences;

    #[test]
    fn as_many_as_asked_for_each_with_words() {
        let Some(found) = sentences(2000) else {
            eprintln!("skipped: the data sets with real sentences are not at ../shared/data");
            return;
        };
        assert_eq!(found.len(), 2000);
        for sentence in found {
            assert!(sentence.contains(' ') && !sentence.contains('\n'), "not a sentence: {sentence:?}");
        }
    }
}
