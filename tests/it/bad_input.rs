//! Bad input ends with code 3 and a message that says what and where; nothing is written.

use crate::command::Place;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Trains on what `data` and `encoder` name and expects a refusal that mentions all `hints`.
#[track_caller]
fn refuse(place: &Place, data: &str, encoder: &str, more: &str, hints: &[&str]) {
    let said = place.fail(&format!("train --data {data} --encoder {encoder} --out {{}}/run {more}"), 3);
    for hint in hints {
        assert!(said.contains(hint), "\"{hint}\" is missing in: {said}");
    }
    assert!(!place.path("run").exists(), "a run folder was written in spite of: {said}");
    assert!(!place.path("workspace/datasets").exists(), "a dataset was kept in spite of: {said}");
}

#[track_caller]
fn refuse_data(content: impl AsRef<[u8]>, name: &str, more: &str, hints: &[&str]) {
    let place = Place::new();
    let data = place.text(name, content);
    refuse(&place, &data, "starter", more, hints);
}

/// A table of two classes with some rows of three fields.
fn table(rows: usize, ragged: usize) -> String {
    let row = |index: usize| {
        let class = if index.is_multiple_of(2) { "yes" } else { "no" };
        if index < ragged { format!("text {index},{class},surplus\n") } else { format!("text {index},{class}\n") }
    };
    "text,label\n".to_string() + &(0..rows).map(row).collect::<String>()
}

#[test]
fn data_that_is_not_there_or_not_text() {
    let place = Place::new();
    refuse(&place, "{}/nothing.csv", "starter", "", &["nothing.csv", "check the path"]);
    refuse_data("", "empty.csv", "", &["empty.csv", "is empty"]);
    refuse_data(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0", "picture.csv", "", &["picture.csv", "not a text file"]);
}

#[test]
fn tables_that_are_broken() {
    refuse_data(table(40, 5), "ragged.csv", "", &["5 of 40 rows", "line 2", "3 fields where the header has 2"]);
    refuse_data(table(40, 1), "one-ragged.csv", "--strict", &["line 2", "strict"]);
    refuse_data(table(40, 0), "fine.csv", "--label diagnosis", &["\"diagnosis\"", "text, label"]);
    refuse_data("text,label\na,yes\nb,yes\nc,yes\n", "one.csv", "", &["one label", "\"yes\""]);
    refuse_data("text,label\n,yes\n  ,no\n,yes\n", "blank.csv", "", &["no row with a text"]);
    refuse_data("Fever\tO\nof\tX\tO\nunknown\tO\norigin\tB-D\n", "three.conll", "", &["line 2", "3 columns"]);
}

#[test]
fn a_few_bad_rows_are_listed_and_left_out() {
    let place = Place::new();
    place.text("few.csv", table(60, 3));
    let output = place.succeed("train --data {}/few.csv --encoder starter --preset standard --epochs 1 --out {}/run");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("3 rows left out") && said.contains("line 2"), "{said}");
}

/// A copy of the small BERT of the golden values, altered.
#[track_caller]
fn refuse_encoder(alter: impl Fn(&Path), hints: &[&str]) {
    let place = Place::new();
    let encoder = place.path("encoder");
    fs::create_dir(&encoder).unwrap();
    let source = crate::root().join("tests/golden/encoder/bert-small-random");
    for entry in fs::read_dir(source).unwrap().flatten() {
        fs::copy(entry.path(), encoder.join(entry.file_name())).unwrap();
    }
    alter(&encoder);
    refuse(&place, "sample:notes", "{}/encoder", "", hints);
}

fn edit_config(folder: &Path, field: &str, value: serde_json::Value) {
    let path = folder.join("config.json");
    let mut config: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    config[field] = value;
    fs::write(&path, config.to_string()).unwrap();
}

#[test]
fn encoders_that_are_broken() {
    refuse_encoder(|folder| fs::remove_file(folder.join("config.json")).unwrap(), &["has no config.json"]);
    refuse_encoder(|folder| edit_config(folder, "model_type", "roberta".into()), &["\"roberta\"", "not supported"]);
    refuse_encoder(
        |folder| edit_config(folder, "intermediate_size", 128.into()),
        &["intermediate.dense.weight", "[64, 32]", "[128, 32]"],
    );
    refuse_encoder(|folder| edit_config(folder, "num_hidden_layers", 3.into()), &["encoder.layer.2", "is missing"]);
    let truncate = |folder: &Path| {
        let path = folder.join("model.safetensors");
        let content = fs::read(&path).unwrap();
        fs::write(&path, &content[..content.len() / 2]).unwrap();
    };
    refuse_encoder(truncate, &["model.safetensors", "damaged or incomplete"]);
    let without_tokenizer = |folder: &Path| {
        for file in ["vocab.txt", "tokenizer.json"] {
            let _ = fs::remove_file(folder.join(file));
        }
    };
    refuse_encoder(without_tokenizer, &["tokenizer.json or vocab.txt"]);
}

/// A pickle that would create a file when Python unpickles it, in PyTorch's zip format.
#[test]
fn a_model_file_with_code_is_refused_and_the_code_never_runs() {
    let place = Place::new();
    let mark = place.path("code-has-run");
    let command = format!("touch {}", mark.display());
    let mut pickle = b"\x80\x02}X\x06\x00\x00\x00weightcposix\nsystem\nX".to_vec();
    pickle.extend((command.len() as u32).to_le_bytes());
    pickle.extend(command.bytes());
    pickle.extend(b"\x85Rs.");
    let with_code = |folder: &Path| {
        fs::remove_file(folder.join("model.safetensors")).unwrap();
        let mut archive = zip::ZipWriter::new(fs::File::create(folder.join("pytorch_model.bin")).unwrap());
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, content) in [("archive/data.pkl", pickle.as_slice()), ("archive/version", b"3\n")] {
            archive.start_file(name, stored).unwrap();
            archive.write_all(content).unwrap();
        }
        archive.finish().unwrap();
    };
    refuse_encoder(with_code, &["pytorch_model.bin", "posix.system", "never runs code"]);
    assert!(!mark.exists(), "the code in the model file has run");
}
