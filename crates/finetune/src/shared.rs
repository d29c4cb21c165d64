//! What runs of one process share, so that those of a study compute nothing twice: texts cut into windows, and what frozen
//! layers give for them.

use crate::Recipe;
use crate::prefix::Prefixes;
use corpus::{Dataset, Encoded, Example, Tokenizer};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The texts of a dataset as an encoder reads them.
#[derive(Debug)]
pub struct Texts {
    pub train: Encoded,
    pub dev: Encoded,
    pub test: Encoded,
}

#[derive(Debug, PartialEq)]
struct Key {
    dataset: String,
    encoder: PathBuf,
    max_length: usize,
    truncate: bool,
}

#[derive(Debug)]
pub struct Shared {
    pub(crate) prefixes: Prefixes,
    texts: RefCell<Vec<(Key, Rc<Texts>)>>,
}

impl Shared {
    /// With the usual limits: of what frozen layers give, 2 GiB in memory and 16 GiB in files in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self::limited(folder, 2 << 30, 16 << 30)
    }

    /// With so many bytes in memory and in files.
    pub fn limited(folder: impl Into<PathBuf>, memory: u64, disk: u64) -> Self {
        Self { prefixes: Prefixes::limited(folder, memory, disk), texts: RefCell::default() }
    }

    /// The texts of `dataset` for the encoder in `folder`: those of an earlier run, or new ones.
    pub(crate) fn texts(&self, dataset: &Dataset, folder: &Path, tokenizer: &Tokenizer, recipe: &Recipe) -> Rc<Texts> {
        let key = Key {
            dataset: dataset.fingerprint(),
            encoder: folder.into(),
            max_length: recipe.max_length,
            truncate: recipe.truncate,
        };
        if let Some((_, texts)) = self.texts.borrow().iter().find(|(other, _)| *other == key) {
            return texts.clone();
        }
        let encoder = if recipe.truncate { corpus::encode_cut } else { corpus::encode };
        let encode = |examples: &[Example]| encoder(tokenizer, examples, recipe.task, recipe.max_length);
        let (train, dev, test) = (encode(&dataset.train), encode(&dataset.dev), encode(&dataset.test));
        let texts = Rc::new(Texts { train, dev, test });
        self.texts.borrow_mut().push((key, texts.clone()));
        texts
    }
}
