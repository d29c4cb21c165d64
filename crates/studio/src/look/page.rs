//! Pages of rows and issues.

use super::view::{DataHead, FileFacts, IssueCount, IssuePage, IssueQuery, Mention, RowPage, RowQuery, RowView};
use corpus::{Dataset, Example, Gold, Head, HeadRow, Issue, Source, Split};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Characters of a text that a page shows; some notes are as long as a book.
const LONGEST: usize = 2000;

pub fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

pub fn file_facts(source: &Source) -> FileFacts {
    FileFacts {
        name: file_name(&source.path),
        split: source.split,
        format: source.format,
        encoding: source.encoding.clone(),
        delimiter: source.delimiter,
        columns: source.columns.clone(),
        bytes: source.bytes,
    }
}

pub fn head_view(head: Head) -> DataHead {
    let files = head.files.into_iter().map(|file| FileFacts {
        name: file_name(&file.path),
        split: file.split,
        format: file.format,
        encoding: file.encoding,
        delimiter: file.delimiter,
        columns: file.columns,
        bytes: file.bytes,
    });
    let rows = head.rows.into_iter().map(|HeadRow { example, split, label, entities }| {
        let mentions = entities.into_iter().map(|(start, end, label)| Mention { start, end, label });
        row(&example, split, label, mentions.collect())
    });
    DataHead {
        files: files.collect(),
        task: head.task,
        columns: head.columns,
        unclear: head.unclear.map(String::from),
        rows: rows.collect(),
    }
}

fn row(example: &Example, split: Option<Split>, label: Option<String>, mut entities: Vec<Mention>) -> RowView {
    let (text, whole) = cut(&example.text);
    if !whole {
        entities.retain(|mention| mention.end <= LONGEST);
    }
    RowView {
        id: example.id.clone(),
        line: example.line,
        split,
        group: example.group.clone(),
        text,
        pair: example.pair.as_ref().map(|pair| cut(pair).0),
        label,
        entities,
    }
}

/// A text as far as it is shown, and whether that is all of it.
fn cut(text: &str) -> (String, bool) {
    match text.char_indices().nth(LONGEST) {
        None => (text.into(), true),
        Some((end, _)) => (format!("{}…", &text[..end]), false),
    }
}

fn view(dataset: &Dataset, split: Split, example: &Example) -> RowView {
    let name = |label: usize| dataset.labels[label].clone();
    let (label, entities) = match &example.gold {
        Some(Gold::Class(class)) => (Some(name(*class)), vec![]),
        Some(Gold::Labels(set)) => (Some(set.iter().map(|&label| name(label)).collect::<Vec<_>>().join("; ")), vec![]),
        Some(Gold::Score(score)) => (Some(score.to_string()), vec![]),
        Some(Gold::Entities(spans)) => {
            let mention = |span: &corpus::Span| Mention { start: span.start, end: span.end, label: name(span.label) };
            (None, spans.iter().map(mention).collect())
        }
        None => (None, vec![]),
    };
    row(example, Some(split), label, entities)
}

pub fn rows(dataset: &Dataset, query: &RowQuery) -> RowPage {
    let label = query.label.as_ref().map(|name| dataset.labels.iter().position(|label| label == name));
    let needle = query.search.trim().to_lowercase();
    let fits = |example: &&Example| {
        let labelled = match (label, &example.gold) {
            (None, _) => true,
            (Some(label), Some(Gold::Class(class))) => label == Some(*class),
            (Some(label), Some(Gold::Labels(set))) => label.is_some_and(|label| set.contains(&label)),
            (Some(label), Some(Gold::Entities(spans))) => spans.iter().any(|span| Some(span.label) == label),
            (Some(_), Some(Gold::Score(_)) | None) => false,
        };
        labelled && (needle.is_empty() || holds(example, &needle))
    };
    let splits = [Split::Train, Split::Dev, Split::Test];
    let chosen = splits.into_iter().filter(|split| query.split.is_none_or(|wanted| wanted == *split));
    let found: Vec<(Split, &Example)> = chosen
        .flat_map(|split| {
            let fitting: Vec<&Example> = dataset.split(split).par_iter().filter(|example| fits(example)).collect();
            fitting.into_iter().map(move |example| (split, example))
        })
        .collect();
    let page = found.iter().skip(query.from).take(query.count);
    RowPage { total: found.len(), rows: page.map(|(split, example)| view(dataset, *split, example)).collect() }
}

fn holds(example: &Example, needle: &str) -> bool {
    let inside = |text: &str| text.to_lowercase().contains(needle);
    inside(&example.text) || inside(&example.id) || example.pair.as_deref().is_some_and(inside)
}

pub fn head_rows(head: &DataHead, query: &RowQuery) -> RowPage {
    let needle = query.search.trim().to_lowercase();
    let fits = |row: &&RowView| {
        let label = |name: &String| {
            row.label.as_ref() == Some(name) || row.entities.iter().any(|mention| mention.label == *name)
        };
        query.split.is_none_or(|split| row.split == Some(split))
            && query.label.as_ref().is_none_or(label)
            && row.text.to_lowercase().contains(&needle)
    };
    let found: Vec<&RowView> = head.rows.iter().filter(fits).collect();
    let page = found.iter().skip(query.from).take(query.count).map(|row| (*row).clone());
    RowPage { total: found.len(), rows: page.collect() }
}

/// Issues that fit a query, those of rows that are left out first.
pub fn issues(all: &[Issue], query: &IssueQuery) -> IssuePage {
    let needle = query.search.trim().to_lowercase();
    let fits = |issue: &&Issue| {
        query.kind.is_none_or(|kind| issue.kind == kind)
            && (needle.is_empty() || issue.message.to_lowercase().contains(&needle) || issue.line.to_string() == needle)
    };
    let mut found: Vec<&Issue> = all.iter().filter(fits).collect();
    found.sort_by_key(|issue| !issue.rejected);
    let shown = found.iter().skip(query.from).take(query.count);
    let named = |issue: &&Issue| Issue { file: file_name(&issue.file).into(), ..(*issue).clone() };
    IssuePage { kinds: kinds(all), total: found.len(), issues: shown.map(named).collect() }
}

/// How many issues there are of each kind, those of rows that are left out first.
fn kinds(issues: &[Issue]) -> Vec<IssueCount> {
    let mut counts: BTreeMap<(bool, String), IssueCount> = BTreeMap::new();
    for Issue { kind, rejected, .. } in issues {
        let key = (!rejected, format!("{kind:?}"));
        counts.entry(key).or_insert(IssueCount { kind: *kind, rejected: *rejected, count: 0 }).count += 1;
    }
    counts.into_values().collect()
}
