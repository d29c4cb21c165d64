//! The library of encoders as a user meets it: names, zips, and a starter that may be missing or broken.

use crate::command::{Place, json, show};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;

fn small_encoder() -> PathBuf {
    crate::root().join("tests/golden/encoder/bert-small-random")
}

/// A copy of a small encoder under a name of its own.
pub fn copy(target: &Path) {
    fs::create_dir_all(target).unwrap();
    for entry in fs::read_dir(small_encoder()).unwrap().flatten() {
        fs::copy(entry.path(), target.join(entry.file_name())).unwrap();
    }
}

/// A zip of a small encoder in the folder `inside`, and some other files.
fn zip(path: &Path, inside: &str, others: &[(&str, &str)]) {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    let mut add = |name: String, content: &[u8]| {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    };
    for (name, content) in others {
        add(name.to_string(), content.as_bytes());
    }
    for entry in fs::read_dir(small_encoder()).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        add(format!("{inside}/{name}"), &fs::read(entry.path()).unwrap());
    }
    archive.finish().unwrap();
}

fn names(place: &Place) -> Vec<String> {
    let listed = json(&place.succeed("encoders --json").stdout);
    listed.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_string()).collect()
}

#[test]
fn a_name_with_dots_is_taken_in_and_removed() {
    let place = Place::new();
    copy(&place.path("biobert-v1.1"));
    place.succeed("encoders add {}/biobert-v1.1");
    assert_eq!(names(&place), ["starter", "biobert-v1.1"]);
    place.succeed("encoders remove biobert-v1.1");
    assert_eq!(names(&place), ["starter"]);
    assert!(place.path("biobert-v1.1").is_dir(), "the user's own folder is not touched");
}

#[test]
fn a_path_removes_nothing_from_the_library() {
    let place = Place::new();
    copy(&place.path("mine"));
    place.succeed("encoders add {}/mine");
    for path in ["{}/elsewhere/mine", "{}/mine", "../mine", "..", "."] {
        let said = place.fail(&format!("encoders remove {path}"), 3);
        assert!(said.contains("starter, mine"), "{said}");
    }
    assert_eq!(names(&place), ["starter", "mine"]);
    assert!(place.path("mine").is_dir());
}

#[test]
fn a_zip_is_taken_in_and_its_shadows_are_not() {
    let place = Place::new();
    zip(&place.path("from-a-mac.zip"), "zz/inner", &[("__MACOSX/inner/config.json", "{}")]);
    place.succeed("encoders add {}/from-a-mac.zip");
    assert_eq!(names(&place), ["starter", "from-a-mac"]);
    place.succeed("recipe --encoder from-a-mac");
}

#[test]
fn a_zip_cannot_write_outside_of_the_library() {
    let place = Place::new();
    zip(&place.path("escape.zip"), "inner", &[("../../../escaped.txt", "x")]);
    let said = place.fail("encoders add {}/escape.zip", 3);
    assert!(said.contains("escape.zip"), "{said}");
    place.text("words.zip", "no archive at all");
    place.fail("encoders add {}/words.zip", 3);
    let said = place.fail("encoders add {}/missing.zip", 3);
    assert!(said.contains("missing.zip"), "{said}");
    assert_eq!(names(&place), ["starter"]);
    let kept: Vec<_> = fs::read_dir(place.path("workspace")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(kept, ["random-starter"], "nothing else is left in the workspace");
    assert!(!place.path("escaped.txt").exists());
}

#[test]
fn a_broken_starter_is_named_and_keeps_no_other_encoder_from_work() {
    let place = Place::new();
    copy(&place.path("fine"));
    copy(&place.path("broken"));
    fs::remove_file(place.path("broken/model.safetensors")).unwrap();
    let starter = place.path("broken");
    let listed = place.ballast("encoders").env("BALLAST_STARTER", &starter).output().unwrap();
    let said = show(&listed.stdout);
    assert!(said.contains("passed over") && said.contains("broken") && said.contains("not pretrained"), "{said}");
    let other = place.ballast("recipe --encoder {}/fine").env("BALLAST_STARTER", &starter).output().unwrap();
    assert!(other.status.success(), "{}", show(&other.stderr));
    let named = place.ballast("encoders").env("BALLAST_STARTER", place.path("fine")).output().unwrap();
    assert!(!show(&named.stdout).contains("not pretrained"), "{}", show(&named.stdout));
}

#[test]
fn an_encoder_that_does_not_exist_leaves_no_trace() {
    let place = Place::new();
    place.fail("recipe --encoder {}/no/such/folder", 3);
    place.fail("recipe --encoder nobody", 3);
    assert!(!place.path("workspace").exists());
}
