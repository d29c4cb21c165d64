//! Parquet files, among them those of Hugging Face `datasets` with the names of their class labels.

use super::{Row, Table};
use crate::{DataError, Issue, IssueKind};
use parquet::basic::{Compression, LogicalType, TimeUnit};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;
use serde_json::{Map, Number, Value};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

const TORN: &str = "the Parquet file is damaged or was not copied whole; get it again";

/// All rows. Having no lines, a row has its number in the file, from 1, as its line.
///
/// Strings, numbers and truth values stay what they are, lists and structures become those of JSON, dates and times ISO
/// text, and class labels of Hugging Face `datasets` their names (none where there is no label, -1).
pub fn read(path: &Path) -> Result<Table, DataError> {
    if !path.exists() {
        return Err(DataError::FileMissing { path: path.into() });
    }
    let failed = |source| DataError::File { path: path.into(), source };
    let malformed = |line: usize, reason: String| DataError::Malformed { path: path.into(), line, reason };
    let mut file = File::open(path).map_err(failed)?;
    match ends(&mut file).map_err(failed)? {
        (_, _, 0) => return Err(DataError::FileEmpty { path: path.into() }),
        (start, end, _) if [start, end].contains(b"PARE") => {
            return Err(malformed(1, "it is encrypted; write it without encryption".into()));
        }
        (start, _, _) if start != *b"PAR1" => return Err(malformed(1, "it is no Parquet file".into())),
        (_, end, _) if end != *b"PAR1" => return Err(malformed(1, format!("its end is missing: {TORN}"))),
        _ => {}
    }
    // Files can be damaged in ways at which the library panics; it holds nothing that outlives that.
    let read = catch_unwind(AssertUnwindSafe(|| rows(file, path)));
    read.unwrap_or_else(|_| Err((1, TORN.into()))).map_err(|(line, reason)| malformed(line, reason))
}

/// The first and last four bytes of a file and its length.
fn ends(file: &mut File) -> std::io::Result<([u8; 4], [u8; 4], u64)> {
    let (mut start, mut end) = ([0; 4], [0; 4]);
    let length = file.metadata()?.len();
    if length >= 12 {
        file.read_exact(&mut start)?;
        file.seek(SeekFrom::End(-4))?;
        file.read_exact(&mut end)?;
        file.rewind()?;
    }
    Ok((start, end, length))
}

fn rows(file: File, path: &Path) -> Result<Table, (usize, String)> {
    let torn = |line: usize| move |error| (line, format!("{TORN} ({error})"));
    let reader = SerializedFileReader::new(file).map_err(torn(1))?;
    let metadata = reader.metadata();
    let packed = metadata.row_groups().iter().flat_map(|group| group.columns()).map(|column| column.compression());
    let known = |packing: &Compression| {
        use Compression::{GZIP, SNAPPY, UNCOMPRESSED, ZSTD};
        matches!(packing, UNCOMPRESSED | SNAPPY | GZIP(_) | ZSTD(_))
    };
    if let Some(other) = packed.into_iter().find(|packing| !known(packing)) {
        return Err((1, format!("it is compressed with {other}; write it with snappy, gzip or zstd")));
    }
    let schema = metadata.file_metadata().schema();
    let features = features(metadata.file_metadata().key_value_metadata().into_iter().flatten());
    let columns: Vec<String> = schema.get_fields().iter().map(|field| field.name().to_string()).collect();
    let mut table = Table { columns, ..Table::default() };
    let mut bytes = BTreeSet::new();
    let records = reader.get_row_iter(None).map_err(torn(1))?;
    for (index, record) in records.enumerate() {
        let line = index + 1;
        let fields = record.map_err(torn(line))?.into_columns();
        let mut cells = Vec::with_capacity(fields.len());
        for ((name, field), kind) in fields.into_iter().zip(schema.get_fields()) {
            let mut cell = match value(field, Some(kind)) {
                Ok(cell) => cell,
                Err(NoText) => {
                    bytes.insert(name.clone());
                    Value::Null
                }
            };
            if let Some(feature) = features.get(&name) {
                name_classes(&mut cell, feature);
            }
            cells.push(cell);
        }
        table.rows.push(Row { line, file: None, cells });
    }
    let issue = |column: String| Issue {
        file: path.into(),
        line: 0,
        kind: IssueKind::Files,
        rejected: false,
        message: format!("the column \"{column}\" holds bytes that are no text; these cells were read as empty"),
        column: Some(column),
    };
    table.issues.extend(bytes.into_iter().map(issue));
    Ok(table)
}

/// Bytes that are no text.
struct NoText;

/// `kind` is the column's, where the field is all of it: a time in nanoseconds is but a number without it.
fn value(field: Field, kind: Option<&std::sync::Arc<Type>>) -> Result<Value, NoText> {
    Ok(match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::Bool(value),
        Field::Byte(number) => number.into(),
        Field::Short(number) => number.into(),
        Field::Int(number) => number.into(),
        Field::Long(number) => match kind.and_then(|kind| kind.get_basic_info().logical_type_ref()) {
            Some(LogicalType::Timestamp(timestamp)) if timestamp.unit == TimeUnit::NANOS => {
                timed(number, 1_000_000_000)
            }
            _ => number.into(),
        },
        Field::UByte(number) => number.into(),
        Field::UShort(number) => number.into(),
        Field::UInt(number) => number.into(),
        Field::ULong(number) => number.into(),
        Field::Float16(number) => decimal(number.to_f64()),
        // By way of text: 0.1 in 32 bits is another number in 64, but written the same.
        Field::Float(number) => decimal(number.to_string().parse().unwrap_or(f64::NAN)),
        Field::Double(number) => decimal(number),
        Field::Str(text) => Value::String(text),
        Field::Bytes(bytes) => Value::String(String::from_utf8(bytes.data().to_vec()).map_err(|_| NoText)?),
        Field::Date(days) => date(days.into()).into(),
        Field::TimestampMillis(time) => timed(time, 1000),
        Field::TimestampMicros(time) => timed(time, 1_000_000),
        Field::Decimal(_) | Field::TimeMillis(_) | Field::TimeMicros(_) => field.to_string().into(),
        Field::Group(row) => {
            let fields = row.into_columns().into_iter();
            Value::Object(
                fields.map(|(name, field)| Ok((name, value(field, None)?))).collect::<Result<Map<_, _>, _>>()?,
            )
        }
        Field::ListInternal(list) => {
            let elements = list.elements().iter();
            Value::Array(elements.map(|field| value(field.clone(), None)).collect::<Result<_, _>>()?)
        }
        Field::MapInternal(map) => {
            let entries = map.entries().iter().map(|(key, field)| {
                let key = match key {
                    Field::Str(key) => key.clone(),
                    key => key.to_string(),
                };
                Ok((key, value(field.clone(), None)?))
            });
            Value::Object(entries.collect::<Result<Map<_, _>, _>>()?)
        }
    })
}

/// Null for what JSON has no number for.
fn decimal(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// A time since 1970, of which `second` make a second, as ISO text.
fn timed(time: i64, second: i64) -> Value {
    let (seconds, rest) = (time.div_euclid(second), time.rem_euclid(second));
    let (day, clock) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    let digits = second.ilog10() as usize;
    let fraction = format!(".{rest:0digits$}");
    let fraction = if rest == 0 { "" } else { fraction.trim_end_matches('0') };
    format!("{}T{:02}:{:02}:{:02}{fraction}", date(day), clock / 3600, clock / 60 % 60, clock % 60).into()
}

/// The date that many days after 1970-01-01, in the Gregorian calendar (the algorithm of Hinnant's `civil_from_days`: years
/// begin in March, so that a leap day is a year's last).
fn date(days: i64) -> String {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// What Hugging Face `datasets` says of each column, where it wrote the file.
fn features<'a>(entries: impl Iterator<Item = &'a parquet::file::metadata::KeyValue>) -> Map<String, Value> {
    let mut entries = entries.filter(|entry| entry.key == "huggingface").filter_map(|entry| entry.value.as_deref());
    let told = entries.find_map(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    told["info"]["features"].as_object().cloned().unwrap_or_default()
}

/// Puts the names of class labels in place of their numbers, also within lists and structures.
fn name_classes(value: &mut Value, feature: &Value) {
    // A list is described as `[element]` or as one with the element's `feature`; one of structures may be stored as a
    // structure of lists, so that elements stand where the description has no list.
    let feature = feature.get(0).or_else(|| feature.get("feature")).unwrap_or(feature);
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| name_classes(element, feature)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if let Some(feature) = feature.get(name.as_str()) {
                    name_classes(field, feature);
                }
            }
        }
        Value::Number(number) if feature["_type"] == "ClassLabel" => {
            let class = number.as_i64();
            if class == Some(-1) {
                *value = Value::Null;
            } else if let Some(Value::String(name)) = class.and_then(|class| feature["names"].get(class as usize)) {
                *value = Value::String(name.clone());
            }
        }
        _ => {}
    }
}
