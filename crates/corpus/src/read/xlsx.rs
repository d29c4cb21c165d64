//! Spreadsheets: Excel (.xlsx, .xls) and OpenDocument (.ods), told apart by their content.

use super::table::unique_names;
use super::{Row, Table};
use crate::{DataError, Issue, IssueKind};
use calamine::{
    Data, ExcelDateTime, Ods, Reader, SheetType, SheetVisible, Xls, Xlsx, XlsxError, open_workbook_from_rs,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What stands in a sheet by row and column, from 0. Only that: a single cell far out must not make a table of billions.
type Cells = BTreeMap<(u32, u32), Data>;

/// A sheet's name and its cells.
type Sheet = (String, Cells);

const NO_SPREADSHEET: &str = "it is no spreadsheet (.xlsx, .xls or .ods); save it again from the program that made it";
const TORN: &str = "the spreadsheet is damaged or was not copied whole; save it again from the program that made it";

/// The rows of the sheet of that name, else of the first one that shows a header and a row; an issue says so where others
/// hold something too. The first row that is not empty is the header, and a row's line is its number in the spreadsheet. All
/// cells are text, as in CSV: dates in ISO form, whole numbers without a fraction, formulas as what they came to.
pub fn read(path: &Path, sheet: Option<&str>) -> Result<Table, DataError> {
    if !path.exists() {
        return Err(DataError::FileMissing { path: path.into() });
    }
    let bytes = fs::read(path).map_err(|source| DataError::File { path: path.into(), source })?;
    if bytes.is_empty() {
        return Err(DataError::FileEmpty { path: path.into() });
    }
    let malformed = |reason: String| DataError::Malformed { path: path.into(), line: 1, reason };
    // Files can be damaged in ways at which the library panics; it holds nothing that outlives that.
    let sheets = catch_unwind(AssertUnwindSafe(|| sheets(&bytes)));
    let sheets = sheets.unwrap_or_else(|_| Err(TORN.into())).map_err(malformed)?;
    let names = || sheets.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let holding = |least: usize| sheets.iter().position(|(_, cells)| rows_of(cells).len() >= least);
    let chosen = match sheet {
        Some(wanted) => sheets
            .iter()
            .position(|(name, _)| name == wanted)
            .ok_or_else(|| malformed(format!("there is no sheet \"{wanted}\"; there is: {}", names())))?,
        None => holding(2).or_else(|| holding(1)).ok_or_else(|| malformed("no sheet holds any row".into()))?,
    };
    let (name, cells) = &sheets[chosen];
    let mut table = table(cells, path);
    let other = |(place, (_, cells)): &(usize, &Sheet)| *place != chosen && filled(cells).next().is_some();
    let others: Vec<String> =
        sheets.iter().enumerate().filter(other).map(|(_, (name, _))| format!("\"{name}\"")).collect();
    if sheet.is_none() && !others.is_empty() {
        let message = format!("the sheet \"{name}\" was read; there is also {}", others.join(", "));
        table.issues.push(Issue {
            file: path.into(),
            line: 0,
            column: None,
            kind: IssueKind::Files,
            rejected: false,
            message,
        });
    }
    if table.columns.is_empty() {
        return Err(malformed(format!("the sheet \"{name}\" holds no row")));
    }
    Ok(table)
}

/// All sheets of cells in their order, those that are hidden last. `Err` is why there are none.
fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>, String> {
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        if holds(&encrypted) {
            return Err("it is protected by a password; save it without one".into());
        }
        return sheets_of(open_workbook_from_rs::<Xls<_>, _>(Cursor::new(bytes)));
    }
    if !bytes.starts_with(b"PK") {
        return Err(NO_SPREADSHEET.into());
    }
    // A zip lists the names of its files at its end.
    if !holds(b"PK\x05\x06") {
        return Err(TORN.into());
    }
    if holds(b"application/vnd.oasis.opendocument.spreadsheet") {
        return sheets_of(open_workbook_from_rs::<Ods<_>, _>(Cursor::new(bytes)));
    }
    if holds(b"xl/workbook.bin") {
        return Err("it is a binary workbook (.xlsb); save it as .xlsx".into());
    }
    if !holds(b"xl/") {
        return Err(NO_SPREADSHEET.into());
    }
    sheets_of_xlsx(bytes).map_err(|error| format!("{TORN} ({error})"))
}

fn sheets_of_xlsx(bytes: &[u8]) -> Result<Vec<Sheet>, XlsxError> {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes))?;
    let mut sheets = Vec::new();
    for name in names_of(workbook.sheets_metadata()) {
        let mut cells = Cells::new();
        let mut reader = workbook.worksheet_cells_reader(&name)?;
        while let Some(cell) = reader.next_cell()? {
            let value = Data::from(cell.get_value().clone());
            if value != Data::Empty {
                cells.insert(cell.get_position(), value);
            }
        }
        sheets.push((name, cells));
    }
    Ok(sheets)
}

fn sheets_of<'a, R: Reader<Cursor<&'a [u8]>>>(workbook: Result<R, R::Error>) -> Result<Vec<Sheet>, String> {
    let torn = |error: R::Error| format!("{TORN} ({error:?})");
    let mut workbook = workbook.map_err(torn)?;
    let mut sheets = Vec::new();
    for name in names_of(workbook.sheets_metadata()) {
        let range = workbook.worksheet_range(&name).map_err(torn)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        let filled = range.used_cells().filter(|(_, _, value)| **value != Data::Empty);
        let cells =
            filled.map(|(row, column, value)| ((first_row + row as u32, first_column + column as u32), value.clone()));
        sheets.push((name, cells.collect()));
    }
    Ok(sheets)
}

fn names_of(sheets: &[calamine::Sheet]) -> Vec<String> {
    let mut sheets: Vec<_> = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).collect();
    sheets.sort_by_key(|sheet| sheet.visible != SheetVisible::Visible);
    sheets.into_iter().map(|sheet| sheet.name.clone()).collect()
}

fn is_blank(cell: &Data) -> bool {
    match cell {
        Data::Empty => true,
        Data::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Where anything stands but white space.
fn filled(cells: &Cells) -> impl Iterator<Item = (u32, u32)> {
    cells.iter().filter(|(_, cell)| !is_blank(cell)).map(|(place, _)| *place)
}

/// The rows in which anything stands.
fn rows_of(cells: &Cells) -> BTreeSet<u32> {
    filled(cells).map(|(row, _)| row).collect()
}

fn table(cells: &Cells, path: &Path) -> Table {
    let used: BTreeSet<u32> = filled(cells).map(|(_, column)| column).collect();
    let text_at = |row: u32, column: u32| cells.get(&(row, column)).map(text_of).unwrap_or_default();
    let mut rows = rows_of(cells).into_iter();
    let Some(header) = rows.next() else { return Table::default() };
    let names: Vec<String> = used.iter().map(|&column| text_at(header, column)).collect();
    let mut table = Table { columns: unique_names(names.iter().map(String::as_str)), ..Table::default() };
    for row in rows {
        let line = row as usize + 1;
        for (name, &column) in table.columns.iter().zip(&used) {
            if let Some(Data::Error(error)) = cells.get(&(row, column)) {
                table.issues.push(Issue {
                    file: path.into(),
                    line,
                    column: Some(name.clone()),
                    kind: IssueKind::BadRecord,
                    rejected: false,
                    message: format!("the cell holds the error {error}; it was read as empty"),
                });
            }
        }
        let texts = used.iter().map(|&column| Value::String(text_at(row, column)));
        table.rows.push(Row { line, file: None, cells: texts.collect() });
    }
    table
}

fn text_of(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::Int(number) => number.to_string(),
        // Without a fraction where there is none, as the spreadsheet shows it.
        Data::Float(number) => number.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(time) => iso(time),
    }
}

fn iso(time: &ExcelDateTime) -> String {
    let days = time.as_f64();
    if time.is_duration() {
        let seconds = (days * 86400.0).round() as i64;
        let sign = if seconds < 0 { "-" } else { "" };
        let seconds = seconds.abs();
        return format!("{sign}{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, millisecond) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let fraction = if millisecond == 0 { String::new() } else { format!(".{millisecond:03}") };
    let clock = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    match (days.trunc() == 0.0, days.fract() == 0.0) {
        (true, _) => clock,
        (_, true) => date,
        _ => format!("{date}T{clock}"),
    }
}
