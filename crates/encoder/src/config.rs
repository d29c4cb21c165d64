//! What `config.json` of an encoder says, as far as BERT and ELECTRA need it.

use crate::EncoderError;
use kernels::Activation;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    Bert,
    Electra,
}

impl Family {
    /// The name of the encoder's part in Hugging Face's state dict, and its `model_type`.
    pub fn prefix(self) -> &'static str {
        match self {
            Family::Bert => "bert",
            Family::Electra => "electra",
        }
    }
}

/// Sizes and constants of an encoder. `raw` keeps every field of the file, so that a saved model loses none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    pub family: Family,
    pub vocab_size: usize,
    pub embedding_size: usize,
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub max_position_embeddings: usize,
    pub type_vocab_size: usize,
    pub activation: Activation,
    pub layer_norm_eps: f64,
    pub initializer_range: f64,
    pub raw: Map<String, Value>,
}

impl Config {
    /// Reads `config.json` in `folder`. The family is what `model_type` says; the weights have the last word
    /// (see [`crate::load`]).
    pub fn read(folder: &Path) -> Result<Self, EncoderError> {
        let path = folder.join("config.json");
        if !folder.is_dir() {
            return Err(EncoderError::FolderMissing { folder: folder.into() });
        }
        if !path.is_file() {
            return Err(EncoderError::ConfigMissing { folder: folder.into() });
        }
        let text = fs::read_to_string(&path).map_err(|error| EncoderError::file(&path, error))?;
        let raw: Map<String, Value> = serde_json::from_str(&text)
            .map_err(|error| EncoderError::ConfigInvalid { path: path.clone(), reason: error.to_string() })?;
        Self::from_fields(raw, &path)
    }

    /// Reads the fields of a `config.json`; `path` is for messages.
    pub fn from_fields(raw: Map<String, Value>, path: &Path) -> Result<Self, EncoderError> {
        let invalid = |reason: String| EncoderError::ConfigInvalid { path: path.into(), reason };
        let model_type = raw.get("model_type").and_then(Value::as_str).unwrap_or("");
        let family = match model_type {
            "bert" => Family::Bert,
            "electra" => Family::Electra,
            other => return Err(EncoderError::UnsupportedModelType { model_type: other.into(), path: path.into() }),
        };
        let size = |name: &str, default: Option<usize>| match raw.get(name).filter(|value| !value.is_null()) {
            None => default.ok_or_else(|| invalid(format!("\"{name}\" is missing"))),
            Some(value) => value
                .as_u64()
                .filter(|size| (1..=1 << 24).contains(size))
                .map(|size| size as usize)
                .ok_or_else(|| invalid(format!("\"{name}\" is {value}, not a positive whole number"))),
        };
        let number = |name: &str, default: f64| raw.get(name).and_then(Value::as_f64).unwrap_or(default);
        let hidden_size = size("hidden_size", None)?;
        let activation = match raw.get("hidden_act").and_then(Value::as_str).unwrap_or("gelu") {
            "gelu" | "gelu_python" => Activation::Gelu,
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Activation::GeluTanh,
            "relu" => Activation::Relu,
            other => return Err(invalid(format!("the activation \"{other}\" is not supported"))),
        };
        if let Some(kind) =
            raw.get("position_embedding_type").and_then(Value::as_str).filter(|&kind| kind != "absolute")
        {
            return Err(invalid(format!("position embeddings of type \"{kind}\" are not supported")));
        }
        if raw.get("is_decoder").and_then(Value::as_bool) == Some(true) {
            return Err(invalid("this is a decoder, not an encoder".into()));
        }
        let electra_size = if family == Family::Electra { 128 } else { hidden_size };
        let config = Self {
            family,
            vocab_size: size("vocab_size", None)?,
            embedding_size: size("embedding_size", Some(electra_size))?,
            hidden_size,
            num_hidden_layers: size("num_hidden_layers", None)?,
            num_attention_heads: size("num_attention_heads", None)?,
            intermediate_size: size("intermediate_size", None)?,
            max_position_embeddings: size("max_position_embeddings", Some(512))?,
            type_vocab_size: size("type_vocab_size", Some(2))?,
            activation,
            layer_norm_eps: number("layer_norm_eps", 1e-12),
            initializer_range: number("initializer_range", 0.02),
            raw,
        };
        if !config.hidden_size.is_multiple_of(config.num_attention_heads) {
            return Err(invalid(format!(
                "\"hidden_size\" {} is not a multiple of \"num_attention_heads\" {}",
                config.hidden_size, config.num_attention_heads
            )));
        }
        Ok(config)
    }

    /// The fields of `config.json` for this encoder, `model_type` and `embedding_size` as the weights have them.
    pub fn fields(&self) -> Map<String, Value> {
        let mut fields = self.raw.clone();
        let mut set = |name: &str, value: Value| fields.insert(name.into(), value);
        set("model_type", self.family.prefix().into());
        set("vocab_size", self.vocab_size.into());
        set("hidden_size", self.hidden_size.into());
        set("num_hidden_layers", self.num_hidden_layers.into());
        set("num_attention_heads", self.num_attention_heads.into());
        set("intermediate_size", self.intermediate_size.into());
        set("max_position_embeddings", self.max_position_embeddings.into());
        set("type_vocab_size", self.type_vocab_size.into());
        set("layer_norm_eps", self.layer_norm_eps.into());
        set("initializer_range", self.initializer_range.into());
        if self.family == Family::Electra {
            set("embedding_size", self.embedding_size.into());
        }
        fields
    }
}
