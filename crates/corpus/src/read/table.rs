//! Tables of delimited text: CSV, TSV and their kin, with quoted fields that may run over several lines.

use super::{Beat, Row, Table};
use crate::{DataError, Issue, IssueKind};
use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;
use std::path::Path;

const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Rows that are looked at to find out how a file is written.
const SAMPLE: usize = 200;

/// Rows between two beats of the progress.
const BEAT_EVERY: usize = 4096;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dialect {
    delimiter: u8,
    quoting: bool,
}

/// The table and its delimiter, which is found where it is not given.
pub fn read(text: &str, path: &Path, delimiter: Option<char>, beat: Beat) -> Result<(Table, char), DataError> {
    let given = match delimiter.map(u8::try_from) {
        Some(Ok(delimiter)) if delimiter.is_ascii() && !matches!(delimiter, b'"' | b'\r' | b'\n') => vec![delimiter],
        None => DELIMITERS.to_vec(),
        Some(_) => return Err(DataError::BadDelimiter { delimiter: delimiter.unwrap_or_default() }),
    };
    let dialect = detect(text, &given);
    let mut records = records(text, dialect);
    let header = records.next().and_then(Result::ok).unwrap_or_default();
    let columns = unique_names(header.iter());
    let mut table = Table { columns, rows: Vec::new(), issues: Vec::new() };
    let wanted = table.columns.len();
    let mut lines = Lines { text: text.as_bytes(), byte: 0, line: 1 };
    for (number, record) in records.enumerate() {
        let Ok(record) = record else { continue };
        let byte = record.position().map_or(0, |position| position.byte());
        if number % BEAT_EVERY == 0 && !beat(byte) {
            return Err(DataError::Cancelled);
        }
        let line = lines.of_record_at(byte as usize);
        // Spreadsheets leave rows without content behind.
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if record.len() != wanted {
            let message = format!("{} fields where the header has {wanted}", record.len());
            let kind = IssueKind::RaggedRow;
            table.issues.push(Issue { file: path.into(), line, column: None, kind, rejected: true, message });
            continue;
        }
        table.rows.push(Row {
            line,
            file: None,
            cells: record.iter().map(|cell| Value::String(cell.to_string())).collect(),
        });
    }
    Ok((table, dialect.delimiter as char))
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

/// Counts lines while the records of a text are visited in order: the `csv` crate's own count stays behind at `\r\n` and
/// blank lines.
struct Lines<'a> {
    text: &'a [u8],
    byte: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line, from 1, of a record that begins at `start` or after line ends that stand there.
    fn of_record_at(&mut self, start: usize) -> usize {
        while self.byte < self.text.len() && (self.byte < start || matches!(self.text[self.byte], b'\r' | b'\n')) {
            let ends = match self.text[self.byte] {
                b'\n' => true,
                b'\r' => self.text.get(self.byte + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += usize::from(ends);
            self.byte += 1;
        }
        self.line
    }
}

/// The dialect under which most of the first rows have as many fields as the header, at least two if any does.
fn detect(text: &str, delimiters: &[u8]) -> Dialect {
    let mut best = (0, Dialect { delimiter: delimiters[0], quoting: true });
    for &delimiter in delimiters {
        let dialect = Dialect { delimiter, quoting: quotes_enclose(text.as_bytes(), delimiter) };
        let fit = fit(text, dialect);
        if fit > best.0 {
            best = (fit, dialect);
        }
    }
    best.1
}

/// Whether quotes at the start of fields enclose them: most such quotes have a partner at the end of a field. Where they are
/// mere characters, reading them as enclosing would swallow the rows up to the next one.
fn quotes_enclose(text: &[u8], delimiter: u8) -> bool {
    let ends_field = |byte: Option<&u8>| byte.is_none_or(|&byte| byte == delimiter || matches!(byte, b'\r' | b'\n'));
    let (mut opened, mut closed, mut at) = (0, 0, 0);
    while at < text.len() {
        let starts_field = at == 0 || ends_field(text.get(at - 1));
        if text[at] != b'"' || !starts_field {
            at += 1;
            continue;
        }
        opened += 1;
        at += 1;
        while at < text.len() && (text[at] != b'"' || text.get(at + 1) == Some(&b'"')) {
            at += if text[at] == b'"' { 2 } else { 1 };
        }
        closed += usize::from(at < text.len() && ends_field(text.get(at + 1)));
        at += 1;
    }
    closed * 2 >= opened
}

/// How well a dialect fits: the share of rows that agree with the header, in thousandths, above 1000 when there are several
/// columns.
fn fit(text: &str, dialect: Dialect) -> usize {
    let mut records = records(text, dialect).take(SAMPLE).filter_map(Result::ok);
    let Some(header) = records.next() else { return 0 };
    let columns = header.len();
    let (mut rows, mut fitting) = (0, 0);
    for record in records {
        rows += 1;
        fitting += usize::from(record.len() == columns);
    }
    let share = (1000 * fitting).checked_div(rows).unwrap_or(500);
    if columns > 1 && share > 0 { 1000 + share } else { share / 2 + 1 }
}

/// Column names, trimmed, numbered where they are empty or occur twice.
pub(super) fn unique_names<'a>(header: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, cell) in header.enumerate() {
        let name = cell.trim();
        let taken = names.iter().any(|other| other == name);
        names.push(if name.is_empty() || taken { format!("{name}#{}", index + 1) } else { name.to_string() });
    }
    names
}
