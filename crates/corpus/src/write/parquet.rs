//! Parquet files, as pandas, Polars and Hugging Face `datasets` read them.

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::sync::Arc;

/// Rows that a reader can skip or read together.
const ROW_GROUP: usize = 65_536;

/// A table of strings, `None` where a cell has no value; a row shorter than `columns` ends in such cells. `Err` says in a
/// sentence what cannot be written.
pub fn write(columns: &[String], rows: &[Vec<Option<String>>]) -> Result<Vec<u8>, String> {
    table(columns, rows).map_err(|error| format!("the table cannot be written as Parquet ({error})"))
}

fn table(columns: &[String], rows: &[Vec<Option<String>>]) -> Result<Vec<u8>, ParquetError> {
    let fields = columns.iter().map(|name| {
        let string = Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(Some(LogicalType::String))
            .with_converted_type(ConvertedType::UTF8);
        string.build().map(Arc::new)
    });
    let schema = Type::group_type_builder("table").with_fields(fields.collect::<Result<_, _>>()?).build()?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    for group in rows.chunks(ROW_GROUP) {
        let mut group_writer = writer.next_row_group()?;
        for column in 0..columns.len() {
            let cells = || group.iter().map(|row| row.get(column).and_then(Option::as_deref));
            let levels: Vec<i16> = cells().map(|cell| i16::from(cell.is_some())).collect();
            let values: Vec<ByteArray> = cells().flatten().map(ByteArray::from).collect();
            let Some(mut column_writer) = group_writer.next_column()? else { break };
            column_writer.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
            column_writer.close()?;
        }
        group_writer.close()?;
    }
    writer.into_inner()
}
