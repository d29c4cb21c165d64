//! Tables of delimited text: CSV, TSV and their kin, with quoted fields that may run over several lines.

use super::{Row, Table};
use crate::{Issue, IssueKind};
use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;
use std::path::Path;

const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Rows that are looked at to find out how a file is written.
const SAMPLE: usize = 200;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dialect {
    delimiter: u8,
    quoting: bool,
}

pub fn read(text: &str, path: &Path) -> (Table, char) {
    let dialect = detect(text);
    let mut records = records(text, dialect);
    let header = records.next().and_then(Result::ok).unwrap_or_default();
    let columns = unique_names(&header);
    let mut table = Table { columns, rows: Vec::new(), issues: Vec::new() };
    let wanted = table.columns.len();
    for record in records {
        let Ok(record) = record else { continue };
        let line = record.position().map_or(0, |position| position.line() as usize);
        if record.len() != wanted {
            let message = format!("{} fields where the header has {wanted}", record.len());
            let kind = IssueKind::RaggedRow;
            table.issues.push(Issue { file: path.into(), line, column: None, kind, rejected: true, message });
            continue;
        }
        table.rows.push(Row { line, cells: record.iter().map(|cell| Value::String(cell.to_string())).collect() });
    }
    (table, dialect.delimiter as char)
}

fn records(text: &str, dialect: Dialect) -> impl Iterator<Item = csv::Result<StringRecord>> + '_ {
    ReaderBuilder::new()
        .delimiter(dialect.delimiter)
        .quoting(dialect.quoting)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .into_records()
}

/// The dialect under which most of the first rows have as many fields as the header, at least two if any does.
fn detect(text: &str) -> Dialect {
    let mut best = (0, Dialect { delimiter: b',', quoting: true });
    for delimiter in DELIMITERS {
        for quoting in [true, false] {
            let dialect = Dialect { delimiter, quoting };
            let fit = fit(text, dialect);
            if fit > best.0 {
                best = (fit, dialect);
            }
        }
    }
    best.1
}

/// How well a dialect fits: the share of rows that agree with the header, in thousandths, above 1000 when there are several
/// columns. A quote that never closes swallows the rows after it; without quoting more rows fit then.
fn fit(text: &str, dialect: Dialect) -> usize {
    let mut records = records(text, dialect).take(SAMPLE).filter_map(Result::ok);
    let Some(header) = records.next() else { return 0 };
    let columns = header.len();
    let (mut rows, mut fitting) = (0, 0);
    for record in records {
        rows += 1;
        let swallowed = dialect.quoting && record.iter().any(|cell| cell.matches('\n').count() > 100);
        fitting += usize::from(record.len() == columns && !swallowed);
    }
    let share = if rows == 0 { 500 } else { 1000 * fitting / rows };
    if columns > 1 && share > 0 { 1000 + share } else { share / 2 + 1 }
}

/// Column names, trimmed, numbered where they are empty or occur twice.
fn unique_names(header: &StringRecord) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, cell) in header.iter().enumerate() {
        let name = cell.trim();
        let taken = names.iter().any(|other| other == name);
        names.push(if name.is_empty() || taken { format!("{name}#{}", index + 1) } else { name.to_string() });
    }
    names
}
