//! From bytes to text: UTF-8 with and without a byte-order mark, UTF-16 and Windows-1252 are found, others have to be named.

use crate::{DataError, Issue, IssueKind};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Read;
use std::path::Path;

/// A file's content as text, and what it was.
pub struct Decoded {
    pub text: String,
    pub encoding: String,
    /// Whether some bytes had no meaning in that encoding and were replaced.
    pub repaired: bool,
    pub sha256: String,
    pub bytes: u64,
}

impl Decoded {
    /// Says so where bytes were replaced.
    pub fn issue(&self, path: &Path) -> Option<Issue> {
        let message = format!("some bytes are not {}; they were replaced", self.encoding);
        let kind = IssueKind::EncodingRepaired;
        self.repaired.then(|| Issue { file: path.into(), line: 0, column: None, kind, rejected: false, message })
    }
}

/// `name` is that of the encoding, where it is given rather than found.
pub fn decode_file(path: &Path, name: Option<&str>) -> Result<Decoded, DataError> {
    if !path.exists() {
        return Err(DataError::FileMissing { path: path.into() });
    }
    decode(&fs::read(path).map_err(|source| DataError::File { path: path.into(), source })?, path, name)
}

/// As much of a file's beginning as is enough for its first rows.
const BEGINNING: u64 = 1 << 20;

/// The beginning of a file up to the end of a line, and whether that is all of it.
pub fn decode_beginning(path: &Path, name: Option<&str>) -> Result<(Decoded, bool), DataError> {
    let failed = |source| DataError::File { path: path.into(), source };
    if !path.exists() {
        return Err(DataError::FileMissing { path: path.into() });
    }
    let file = fs::File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut bytes = Vec::new();
    file.take(BEGINNING).read_to_end(&mut bytes).map_err(failed)?;
    let whole = bytes.len() as u64 >= length;
    let line_end = bytes.iter().rposition(|&byte| byte == b'\n');
    if let (false, Some(end)) = (whole, line_end) {
        // In little-endian UTF-16 a line end has a zero byte behind it.
        let wide = bytes.contains(&0);
        bytes.truncate(if wide { (end + 2) / 2 * 2 } else { end + 1 });
    }
    Ok((Decoded { bytes: length, ..decode(&bytes, path, name)? }, whole))
}

fn decode(bytes: &[u8], path: &Path, name: Option<&str>) -> Result<Decoded, DataError> {
    let (encoding, mark) = match name {
        Some(name) => named(name, bytes)?,
        None => detect(bytes).ok_or_else(|| DataError::NotText { path: path.into() })?,
    };
    let (text, repaired) = encoding.decode_without_bom_handling(&bytes[mark..]);
    if text.trim().is_empty() {
        return Err(DataError::FileEmpty { path: path.into() });
    }
    let controls = text.chars().filter(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')).count();
    if controls * 50 > text.chars().count() {
        return Err(DataError::NotText { path: path.into() });
    }
    let name = if mark > 0 && encoding == UTF_8 { "UTF-8 with BOM".to_string() } else { encoding.name().to_string() };
    Ok(Decoded {
        text: text.into_owned(),
        encoding: name,
        repaired,
        sha256: Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes: bytes.len() as u64,
    })
}

/// The encoding of that name and the length of its byte-order mark, where there is one.
fn named(name: &str, bytes: &[u8]) -> Result<(&'static Encoding, usize), DataError> {
    let unknown = || DataError::UnknownEncoding { name: name.into() };
    let encoding = Encoding::for_label_no_replacement(name.as_bytes()).ok_or_else(unknown)?;
    let mark = Encoding::for_bom(bytes).filter(|(found, _)| *found == encoding).map_or(0, |(_, length)| length);
    Ok((encoding, mark))
}

/// The encoding and the length of its byte-order mark; `None` for what is no text.
fn detect(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Some((encoding, mark));
    }
    if bytes.contains(&0) {
        // In UTF-16 most letters of Western text have a zero byte on the same side.
        let zeros = |offset: usize| bytes.iter().skip(offset).step_by(2).filter(|&&byte| byte == 0).count();
        let (even, odd, half) = (zeros(0), zeros(1), bytes.len() / 2);
        return match (bytes.len().is_multiple_of(2), even * 20 < half, odd * 20 < half) {
            (true, true, false) if odd * 2 > half => Some((UTF_16LE, 0)),
            (true, false, true) if even * 2 > half => Some((UTF_16BE, 0)),
            _ => None,
        };
    }
    if std::str::from_utf8(bytes).is_ok() { Some((UTF_8, 0)) } else { Some((WINDOWS_1252, 0)) }
}
