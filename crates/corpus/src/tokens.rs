//! Word pieces with character offsets, exactly as Hugging Face's fast tokenizers give them.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::{BertNormalizer, NormalizerWrapper};
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{AddedToken, InputSequence, Tokenizer as Inner};

/// The special tokens that BERT and ELECTRA use.
const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// `model_max_length` of a tokenizer that sets no limit is astronomically large.
const NO_LIMIT: f64 = 1e6;

#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    #[error("{} has neither tokenizer.json nor vocab.txt; copy the tokenizer's files into the encoder's folder", folder.display())]
    Missing { folder: PathBuf },
    #[error("{} cannot be used as a tokenizer: {reason}", path.display())]
    Invalid { path: PathBuf, reason: String },
    #[error("the tokenizer in {} has no token {token}, which BERT and ELECTRA need", folder.display())]
    SpecialTokenMissing { folder: PathBuf, token: &'static str },
    #[error("{} cannot be read or written: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

/// The pieces of a text, without special tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pieces {
    pub ids: Vec<u32>,
    /// Characters in the text that each piece stands for.
    pub offsets: Vec<Range<usize>>,
    /// The word to which each piece belongs.
    pub words: Vec<Option<u32>>,
}

/// A tokenizer that neither pads nor truncates.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    inner: Inner,
    config: BTreeMap<String, Value>,
    pad: u32,
    cls: u32,
    sep: u32,
    unk: u32,
}

impl Tokenizer {
    /// Reads `tokenizer.json`, or `vocab.txt` with the settings of `tokenizer_config.json`.
    pub fn load(folder: &Path) -> Result<Self, TokenizerError> {
        let config = read_config(folder)?;
        let whole = folder.join("tokenizer.json");
        let vocabulary = folder.join("vocab.txt");
        let mut inner = if whole.is_file() {
            let mut inner = Inner::from_file(&whole).map_err(|error| invalid(&whole, error))?;
            // As transformers does: what the settings say comes before what the file holds.
            if let Some(NormalizerWrapper::BertNormalizer(held)) = inner.get_normalizer().cloned() {
                inner.with_normalizer(Some(normalizer(&config, held))).map_err(|error| invalid(&whole, error))?;
            }
            inner
        } else if vocabulary.is_file() {
            from_vocabulary(folder, &vocabulary, &config)?
        } else {
            return Err(TokenizerError::Missing { folder: folder.into() });
        };
        inner.with_padding(None);
        inner.with_truncation(None).map_err(|error| invalid(&whole, error))?;
        let id = |token: &'static str| {
            inner.token_to_id(token).ok_or(TokenizerError::SpecialTokenMissing { folder: folder.into(), token })
        };
        let (pad, unk, cls, sep) = (id(SPECIAL[0])?, id(SPECIAL[1])?, id(SPECIAL[2])?, id(SPECIAL[3])?);
        Ok(Self { inner, config, pad, cls, sep, unk })
    }

    pub fn vocab_size(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// The longest input the tokenizer's settings allow, when they set a limit.
    pub fn model_max_length(&self) -> Option<usize> {
        self.config.get("model_max_length")?.as_f64().filter(|&limit| limit < NO_LIMIT).map(|limit| limit as usize)
    }

    pub fn pad(&self) -> u32 {
        self.pad
    }

    pub fn cls(&self) -> u32 {
        self.cls
    }

    pub fn sep(&self) -> u32 {
        self.sep
    }

    pub fn unk(&self) -> u32 {
        self.unk
    }

    /// The pieces of a running text.
    pub fn encode_text(&self, text: &str) -> Pieces {
        // WordPiece gives [UNK] for what it does not know and fails on nothing.
        let Ok(encoding) = self.inner.encode_char_offsets(text, false) else { return Pieces::default() };
        Pieces {
            ids: encoding.get_ids().to_vec(),
            offsets: encoding.get_offsets().iter().map(|&(start, end)| start..end).collect(),
            words: encoding.get_word_ids().to_vec(),
        }
    }

    /// The pieces of a text that is already divided into words (character ranges), each word by itself.
    pub fn encode_words(&self, text: &str, words: &[Range<usize>]) -> Pieces {
        let characters: Vec<char> = text.chars().collect();
        let surfaces: Vec<String> = words.iter().map(|word| characters[word.clone()].iter().collect()).collect();
        let input = InputSequence::PreTokenizedOwned(surfaces.into());
        let Ok(encoding) = self.inner.encode_char_offsets(input, false) else { return Pieces::default() };
        let word_of = |place: usize| encoding.get_word_ids()[place];
        let offsets = encoding.get_offsets().iter().enumerate().map(|(place, &(start, end))| {
            let base = word_of(place).map_or(0, |word| words[word as usize].start);
            base + start..base + end
        });
        Pieces { ids: encoding.get_ids().to_vec(), offsets: offsets.collect(), words: encoding.get_word_ids().to_vec() }
    }

    /// Makes each marker one piece, found in the text as it stands. Gives its id and the pieces of which it consisted before;
    /// none where it was a piece already.
    pub fn add_markers(&mut self, markers: &[String]) -> Result<Vec<(u32, Vec<u32>)>, TokenizerError> {
        let consisted = |marker: &String| match self.inner.token_to_id(marker) {
            Some(_) => Vec::new(),
            None => self.encode_text(marker).ids,
        };
        let consisted: Vec<Vec<u32>> = markers.iter().map(consisted).collect();
        let added: Vec<AddedToken> = markers.iter().map(|marker| AddedToken::from(marker.as_str(), true)).collect();
        let failed = |error: tokenizers::Error| invalid(Path::new("tokenizer.json"), error);
        self.inner.add_special_tokens(added).map_err(failed)?;
        let ids = markers.iter().filter_map(|marker| self.inner.token_to_id(marker));
        Ok(ids.zip(consisted).collect())
    }

    /// Writes the files from which `transformers` builds the same tokenizer.
    pub fn save(&self, folder: &Path) -> Result<(), TokenizerError> {
        let vocabulary = self.inner.get_vocab(true);
        let mut lines = vec![String::new(); vocabulary.values().max().map_or(0, |&last| last as usize + 1)];
        for (token, id) in vocabulary {
            lines[id as usize] = token;
        }
        let mut config = self.config.clone();
        config.insert("tokenizer_class".into(), "BertTokenizer".into());
        for stale in ["name_or_path", "tokenizer_file", "vocab_file", "special_tokens_map_file"] {
            config.remove(stale);
        }
        // Where the settings are silent, transformers takes its own defaults instead of what tokenizer.json holds.
        if let Some(NormalizerWrapper::BertNormalizer(held)) = self.inner.get_normalizer() {
            config.insert("do_lower_case".into(), held.lowercase.into());
            config.insert("tokenize_chinese_chars".into(), held.handle_chinese_chars.into());
            config.insert("strip_accents".into(), json!(held.strip_accents));
        }
        let special = ["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"];
        let special: serde_json::Map<String, Value> =
            special.iter().zip(SPECIAL).map(|(name, token)| (name.to_string(), token.into())).collect();
        config.extend(special.clone());
        let path = folder.join("tokenizer.json");
        let whole = self.inner.to_string(true).map_err(|error| invalid(&path, error))?;
        write(&path, &whole)?;
        write(&folder.join("vocab.txt"), &(lines.join("\n") + "\n"))?;
        write(&folder.join("tokenizer_config.json"), &json!(config).to_string())?;
        write(&folder.join("special_tokens_map.json"), &json!(special).to_string())
    }
}

fn write(path: &Path, content: &str) -> Result<(), TokenizerError> {
    crate::file::write(path, content.as_bytes()).map_err(|source| TokenizerError::File { path: path.into(), source })
}

fn invalid(path: &Path, reason: impl ToString) -> TokenizerError {
    TokenizerError::Invalid { path: path.into(), reason: reason.to_string() }
}

fn read_config(folder: &Path) -> Result<BTreeMap<String, Value>, TokenizerError> {
    let path = folder.join("tokenizer_config.json");
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    let text = fs::read_to_string(&path).map_err(|source| TokenizerError::File { path: path.clone(), source })?;
    serde_json::from_str(&text).map_err(|error| invalid(&path, error))
}

/// A normalizer with what the settings say of it.
fn normalizer(config: &BTreeMap<String, Value>, mut normalizer: BertNormalizer) -> BertNormalizer {
    let flag = |name: &str| config.get(name).and_then(Value::as_bool);
    normalizer.lowercase = flag("do_lower_case").unwrap_or(normalizer.lowercase);
    normalizer.handle_chinese_chars = flag("tokenize_chinese_chars").unwrap_or(normalizer.handle_chinese_chars);
    normalizer.strip_accents = flag("strip_accents").or(normalizer.strip_accents);
    normalizer
}

/// BERT's own tokenizer from a list of pieces, one a line (Devlin et al. 2019; lower case unless the settings say otherwise).
fn from_vocabulary(folder: &Path, path: &Path, config: &BTreeMap<String, Value>) -> Result<Inner, TokenizerError> {
    let model = WordPiece::from_file(&path.to_string_lossy())
        .unk_token(SPECIAL[1].into())
        .max_input_chars_per_word(100)
        .build()
        .map_err(|error| invalid(path, error))?;
    let mut inner = Inner::new(model);
    let normalizer = normalizer(config, BertNormalizer::default());
    inner.with_normalizer(Some(normalizer)).map_err(|error| invalid(path, error))?;
    inner.with_pre_tokenizer(Some(BertPreTokenizer));
    let id = |token: &'static str| {
        inner
            .token_to_id(token)
            .map(|id| (token.to_string(), id))
            .ok_or(TokenizerError::SpecialTokenMissing { folder: folder.into(), token })
    };
    let (sep, cls) = (id(SPECIAL[3])?, id(SPECIAL[2])?);
    inner.with_post_processor(Some(BertProcessing::new(sep, cls)));
    let known = SPECIAL.iter().filter(|token| inner.token_to_id(token).is_some());
    let special: Vec<AddedToken> = known.map(|&token| AddedToken::from(token, true)).collect();
    inner.add_special_tokens(special).map_err(|error| invalid(path, error))?;
    Ok(inner)
}
