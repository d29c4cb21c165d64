//! Excel workbooks.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

/// As many UTF-16 code units as Excel takes in a cell.
const LONGEST_CELL: usize = 32_767;

/// A workbook of one sheet whose first row are the column names, every cell a text. The same table gives the same bytes.
/// `Err` says in a sentence what cannot be written.
pub fn write(columns: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, String> {
    for (number, row) in rows.iter().enumerate() {
        if let Some(column) = row.iter().position(|cell| cell.encode_utf16().count() > LONGEST_CELL) {
            let name = columns.get(column).map_or("", String::as_str);
            return Err(format!(
                "row {} holds more than {LONGEST_CELL} characters in the column \"{name}\", more than Excel takes in a cell; write CSV or JSONL",
                number + 2
            ));
        }
    }
    workbook(columns, rows).map_err(|error| format!("Excel cannot hold this table ({error}); write CSV or JSONL"))
}

fn workbook(columns: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet();
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (column, name) in columns.iter().enumerate() {
        sheet.write_string_with_format(0, place(column)?, name, &bold)?;
    }
    for (number, row) in rows.iter().enumerate() {
        let line = u32::try_from(number + 1).map_err(|_| XlsxError::RowColumnLimitError)?;
        for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            // As a string, so that what begins with = stays text and is no formula.
            sheet.write_string(line, place(column)?, cell)?;
        }
    }
    workbook.save_to_buffer()
}

fn place(column: usize) -> Result<u16, XlsxError> {
    u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)
}
