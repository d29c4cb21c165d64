//! The same weights from every layout that encoders are published in, and a plain refusal of what is broken.

use crate::{bert, electra, loaded, refused, without_weights};
use burn::tensor::Device;
use encoder::{Config, EncoderError, Family, HeadKind, inspect_folder, load_pretrained};
use half::{bf16, f16};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[derive(Clone)]
struct Stored {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

fn stored(encoder: &Path) -> Vec<Stored> {
    let content = fs::read(encoder.join("model.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&content).unwrap();
    tensors
        .iter()
        .map(|(name, view)| Stored {
            name: name.into(),
            dtype: view.dtype(),
            shape: view.shape().to_vec(),
            bytes: view.data().to_vec(),
        })
        .collect()
}

fn extra(name: &str, shape: &[usize]) -> Stored {
    let bytes = vec![0; 4 * shape.iter().product::<usize>()];
    Stored { name: name.into(), dtype: Dtype::F32, shape: shape.into(), bytes }
}

fn write(path: &Path, tensors: &[Stored]) {
    let views = tensors.iter().map(|tensor| {
        (tensor.name.as_str(), TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes).unwrap())
    });
    fs::write(path, safetensors::serialize(views, None::<HashMap<String, String>>).unwrap()).unwrap();
}

/// The encoder's folder with its tensors changed.
fn changed(encoder: &Path, change: impl FnOnce(&mut Vec<Stored>)) -> TempDir {
    let folder = without_weights(encoder);
    let mut tensors = stored(encoder);
    change(&mut tensors);
    write(&folder.path().join("model.safetensors"), &tensors);
    folder
}

fn set_config(folder: &Path, change: impl FnOnce(&mut Value)) {
    let path = folder.join("config.json");
    let mut config: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut config);
    fs::write(path, config.to_string()).unwrap();
}

/// The fixture that `torch.save` wrote from the weights of `bert()`.
fn torch_file(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/torch").join(kind).join("pytorch_model.bin")
}

fn torch_folder(content: &[u8]) -> TempDir {
    let folder = without_weights(&bert());
    fs::write(folder.path().join("pytorch_model.bin"), content).unwrap();
    folder
}

fn write_index(folder: &Path, whole: &str, shards: &[(&str, &str)]) {
    let map: serde_json::Map<String, Value> =
        shards.iter().map(|(name, file)| (name.to_string(), json!(file))).collect();
    fs::write(folder.join(format!("{whole}.index.json")), json!({ "weight_map": map }).to_string()).unwrap();
}

/// The weights of an encoder in two shards with an index.
fn in_shards(encoder: &Path) -> TempDir {
    let folder = without_weights(encoder);
    let tensors = stored(encoder);
    let (first, second) = tensors.split_at(tensors.len() / 2);
    let files = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    let mut map = Vec::new();
    for (file, part) in files.into_iter().zip([first, second]) {
        write(&folder.path().join(file), part);
        map.extend(part.iter().map(|tensor| (tensor.name.as_str(), file)));
    }
    write_index(folder.path(), "model.safetensors", &map);
    folder
}

#[test]
fn pytorch_files_of_both_formats_hold_the_same_weights() {
    for kind in ["zip", "legacy"] {
        let folder = torch_folder(&fs::read(torch_file(kind)).unwrap());
        assert!(loaded(folder.path()) == loaded(&bert()), "{kind}");
    }
}

#[test]
fn shards_hold_the_same_weights() {
    assert!(loaded(in_shards(&bert()).path()) == loaded(&bert()));
    assert!(loaded(in_shards(&electra()).path()) == loaded(&electra()));
    let torch = without_weights(&bert());
    let shard = "pytorch_model-00001-of-00001.bin";
    fs::copy(torch_file("zip"), torch.path().join(shard)).unwrap();
    write_index(torch.path(), "pytorch_model.bin", &[("embeddings.LayerNorm.weight", shard)]);
    assert!(loaded(torch.path()) == loaded(&bert()));
}

#[test]
fn half_precision_loads_within_its_precision() {
    let halved = |dtype, narrow: fn(f32) -> [u8; 2]| {
        changed(&bert(), |tensors| {
            for tensor in tensors {
                let values = tensor.bytes.as_chunks().0.iter().map(|&chunk| f32::from_le_bytes(chunk));
                tensor.bytes = values.flat_map(narrow).collect();
                tensor.dtype = dtype;
            }
        })
    };
    let half = halved(Dtype::F16, |value| f16::from_f32(value).to_le_bytes());
    let brain = halved(Dtype::BF16, |value| bf16::from_f32(value).to_le_bytes());
    // Half a unit in the last place: of 11 significant bits (or of the smallest f16), of 8 significant bits.
    for (folder, relative, absolute) in [(half, 2f32.powi(-11), 2f32.powi(-25)), (brain, 2f32.powi(-8), 0.0)] {
        let narrow = loaded(folder.path());
        for (name, exact) in loaded(&bert()) {
            for (a, b) in narrow[&name].iter().zip(&exact) {
                assert!((a - b).abs() <= relative * b.abs() + absolute, "{name}: {a} for {b}");
            }
        }
        assert!(narrow != loaded(&bert()));
    }
}

#[test]
fn prefix_and_old_names_make_no_difference() {
    let prefixed = changed(&bert(), |tensors| tensors.iter_mut().for_each(|t| t.name = format!("bert.{}", t.name)));
    assert!(loaded(prefixed.path()) == loaded(&bert()));
    let bare = changed(&electra(), |tensors| {
        tensors.iter_mut().for_each(|t| t.name = t.name.trim_start_matches("electra.").into());
    });
    assert!(loaded(bare.path()) == loaded(&electra()));
    let old = changed(&bert(), |tensors| {
        for tensor in tensors {
            tensor.name = tensor.name.replace("LayerNorm.weight", "LayerNorm.gamma");
            tensor.name = tensor.name.replace("LayerNorm.bias", "LayerNorm.beta");
        }
    });
    assert!(loaded(old.path()) == loaded(&bert()));
}

#[test]
fn what_is_left_over_and_what_is_drawn_is_listed() {
    let folder = changed(&bert(), |tensors| {
        tensors.retain(|tensor| !tensor.name.starts_with("pooler"));
        tensors.iter_mut().for_each(|tensor| tensor.name = format!("bert.{}", tensor.name));
        tensors.push(extra("bert.embeddings.position_ids", &[1, 64]));
        tensors.push(extra("cls.predictions.transform.LayerNorm.gamma", &[32]));
        tensors.push(extra("cls.seq_relationship.bias", &[2]));
        tensors.push(extra("classifier.weight", &[5, 32]));
    });
    let left_over = [
        "bert.embeddings.position_ids",
        "classifier.weight",
        "cls.predictions.transform.LayerNorm.gamma",
        "cls.seq_relationship.bias",
    ];
    let (model, report) = load_pretrained(folder.path(), HeadKind::Sequence, 5, 7, &Device::flex()).unwrap();
    let mut unused = report.unused.clone();
    unused.sort();
    assert_eq!(unused, left_over);
    let drawn = ["classifier.bias", "classifier.weight", "pooler.dense.bias", "pooler.dense.weight"];
    assert_eq!(report.drawn, drawn);
    let values = crate::values_of(&model);
    assert!(values["classifier.weight"].iter().any(|&value| value != 0.0), "an old head was taken over");
    assert!(values["pooler.dense.weight"].iter().any(|&value| value != 0.0));

    let facts = inspect_folder(folder.path()).unwrap();
    assert!(!facts.has_pooler);
    assert!(inspect_folder(&bert()).unwrap().has_pooler);
    let (_, report) = load_pretrained(folder.path(), HeadKind::Token, 5, 7, &Device::flex()).unwrap();
    assert_eq!(report.drawn, ["classifier.bias", "classifier.weight"]);
}

#[test]
fn the_weights_have_the_last_word_on_the_family() {
    let folder = changed(&electra(), |_| {});
    set_config(folder.path(), |config| {
        config["model_type"] = json!("bert");
        config.as_object_mut().unwrap().remove("embedding_size");
    });
    let config = inspect_folder(folder.path()).unwrap().config;
    assert_eq!((config.family, config.embedding_size), (Family::Electra, 16));
    assert!(loaded(folder.path()) == loaded(&electra()));
    assert_eq!(Config::read(folder.path()).unwrap().family, Family::Bert);
}

#[test]
fn a_new_head_follows_from_the_seed() {
    let head = |seed| {
        let (model, _) = load_pretrained(&bert(), HeadKind::Token, 9, seed, &Device::flex()).unwrap();
        crate::values_of(&model).remove("classifier.weight").unwrap()
    };
    assert_eq!(head(1), head(1));
    assert_ne!(head(1), head(2));
}

#[test]
fn a_missing_tensor_is_named() {
    let name = "encoder.layer.1.output.dense.weight";
    let folder = changed(&bert(), |tensors| tensors.retain(|tensor| tensor.name != name));
    let error = refused(folder.path());
    assert!(matches!(&error, EncoderError::TensorMissing { name: missing, .. } if missing == name), "{error}");
    assert_eq!(inspect_folder(folder.path()).unwrap_err().code(), "encoder-tensor-missing");
}

#[test]
fn a_wrong_shape_is_named_with_both_shapes() {
    let folder = changed(&bert(), |_| {});
    set_config(folder.path(), |config| config["intermediate_size"] = json!(128));
    match refused(folder.path()) {
        EncoderError::ShapeMismatch { name, expected, found, .. } => {
            assert_eq!(name, "encoder.layer.0.intermediate.dense.weight");
            assert_eq!((expected, found), (vec![128, 32], vec![64, 32]));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn whole_numbers_are_no_weights() {
    let folder = changed(&bert(), |tensors| tensors.iter_mut().for_each(|tensor| tensor.dtype = Dtype::I32));
    assert_eq!(refused(folder.path()).code(), "encoder-number-type");
}

#[test]
fn a_truncated_file_is_damaged() {
    let cut = |content: Vec<u8>, share: f64| content[..(content.len() as f64 * share) as usize].to_vec();
    for share in [0.0, 0.00005, 0.01, 0.5, 0.999] {
        let folder = without_weights(&bert());
        let content = fs::read(bert().join("model.safetensors")).unwrap();
        fs::write(folder.path().join("model.safetensors"), cut(content, share)).unwrap();
        assert_eq!(refused(folder.path()).code(), "encoder-weights-damaged", "safetensors, {share}");
        for kind in ["zip", "legacy"] {
            let folder = torch_folder(&cut(fs::read(torch_file(kind)).unwrap(), share));
            assert_eq!(refused(folder.path()).code(), "encoder-weights-damaged", "{kind}, {share}");
        }
    }
}

#[test]
fn weights_that_are_a_web_page_are_damaged() {
    let folder = torch_folder(b"<!doctype html><html><body>Not found</body></html>");
    assert_eq!(refused(folder.path()).code(), "encoder-weights-damaged");
}

#[test]
fn a_folder_without_weights_is_refused() {
    assert_eq!(refused(without_weights(&bert()).path()).code(), "encoder-weights-missing");
}

#[test]
fn an_index_must_name_shards_of_its_own_folder() {
    let folder = in_shards(&bert());
    fs::remove_file(folder.path().join("model-00002-of-00002.safetensors")).unwrap();
    let error = refused(folder.path()).to_string();
    assert!(error.contains("model-00002-of-00002.safetensors is missing"), "{error}");

    let parent = tempfile::tempdir().unwrap();
    let inner = parent.path().join("encoder");
    fs::create_dir(&inner).unwrap();
    fs::copy(bert().join("config.json"), inner.join("config.json")).unwrap();
    let outside = parent.path().join("other.safetensors");
    fs::copy(bert().join("model.safetensors"), &outside).unwrap();
    for name in ["../other.safetensors", outside.to_str().unwrap(), "..", ""] {
        write_index(&inner, "model.safetensors", &[("embeddings.LayerNorm.weight", name)]);
        assert_eq!(refused(&inner).code(), "encoder-weights-damaged", "{name}");
    }
    for content in ["{}", "{\"weight_map\": {}}", "no JSON"] {
        fs::write(inner.join("model.safetensors.index.json"), content).unwrap();
        assert_eq!(refused(&inner).code(), "encoder-weights-damaged", "{content}");
    }
}

/// `torch_file("zip")` with another pickle in it.
fn with_pickle(pickle: &[u8]) -> TempDir {
    let mut archive = zip::ZipArchive::new(File::open(torch_file("zip")).unwrap()).unwrap();
    let folder = without_weights(&bert());
    let mut writer = zip::ZipWriter::new(File::create(folder.path().join("pytorch_model.bin")).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let name = entry.name().unwrap().into_owned();
        writer.start_file(name.as_str(), stored).unwrap();
        writer.write_all(if name.ends_with("data.pkl") { pickle } else { &content }).unwrap();
    }
    writer.finish().unwrap();
    folder
}

#[test]
fn a_pickle_that_would_call_something_is_refused_and_not_run() {
    // {"weight": os.mkdir(PATH)}: a loader that runs pickles makes the folder.
    let trap = tempfile::tempdir().unwrap();
    let path = trap.path().join("run");
    let text = path.to_str().unwrap();
    let mut pickle = b"\x80\x02}X\x06\x00\x00\x00weightcos\nmkdir\nX".to_vec();
    pickle.extend((text.len() as u32).to_le_bytes());
    pickle.extend(text.as_bytes());
    pickle.extend(b"\x85Rs.");
    let folder = with_pickle(&pickle);
    let error = refused(folder.path());
    assert_eq!(error.code(), "encoder-pickle-with-code", "{error}");
    assert!(error.to_string().contains("os.mkdir"), "{error}");
    assert!(!path.exists());
}
