//! From a recipe, an encoder and a dataset to a session in which everything is in memory and nothing has been written.

use crate::checkpoint::{self, Position};
use crate::collapse::prior_loss;
use crate::groups::{groups, head_kind, rate_factor};
use crate::loss::{balanced_weights, positive_weights, weight_of};
use crate::notes::{notes_on_head, notes_on_load, notes_on_texts};
use crate::optimizer::AdamW;
use crate::pretrained::Pretrained;
use crate::train::{Run, Session};
use crate::{Recipe, TrainError};
use corpus::{AnswerForm, Encoded, Tokenizer};
use encoder::Part;

/// The parameter in which markers have their rows.
pub(crate) const WORD_EMBEDDINGS: &str = "embeddings.word_embeddings.weight";

impl<'a> Session<'a> {
    /// Loads the encoder and makes the texts ready. Whatever is wrong with either shows here, before anything is written.
    pub fn prepare(run: &'a Run<'a>) -> Result<Self, TrainError> {
        let (recipe, dataset) = (run.recipe, run.dataset);
        for (split, examples) in [("train", &dataset.train), ("dev", &dataset.dev), ("test", &dataset.test)] {
            if examples.is_empty() {
                return Err(TrainError::EmptySplit { split });
            }
        }
        let mut tokenizer = Tokenizer::load(run.encoder)?;
        let names = recipe.task.outputs(&dataset.labels);
        let outputs = names.len();
        let device = run.compute.training();
        let (mut model, report) =
            encoder::load_pretrained(run.encoder, head_kind(recipe), outputs, recipe.seed, &device)?;
        let layers = model.config.num_hidden_layers;
        if tokenizer.vocab_size() > model.config.vocab_size {
            let (tokenizer, encoder) = (tokenizer.vocab_size(), model.config.vocab_size);
            return Err(TrainError::VocabularyMismatch { tokenizer, encoder });
        }
        encoder::reinitialize_top(&mut model, recipe.reinit_layers, recipe.seed);
        let anew = if recipe.keep_head { encoder::keep_head(&mut model, run.encoder, &names)? } else { names };
        let mut markers = Vec::new();
        if !dataset.markers.is_empty() {
            let pieces = tokenizer.add_markers(&dataset.markers)?;
            encoder::add_pieces(&mut model, &pieces);
            markers = pieces.iter().map(|(id, _)| *id as usize).collect();
        }
        let drawn = |name: &str| {
            let part = Part::of(name);
            let redrawn = recipe.reinit_layers > 0 && part >= Part::Layer(layers - recipe.reinit_layers);
            part == Part::Head || redrawn || report.drawn.iter().any(|other| other == name)
        };
        let holds_on = recipe.mixout > 0.0 || recipe.pretrained_decay;
        let pretrained = holds_on.then(|| Pretrained::of(&model, drawn));
        model.set_trainable(|name| rate(recipe, layers, &markers, name).is_some());
        let texts = run.shared.texts(dataset, run.encoder, &tokenizer, recipe);
        let train = &texts.train;
        let counts = target_counts(train, outputs);
        let class_weights = match recipe.task.form() {
            AnswerForm::Score => None,
            AnswerForm::Labels => Some(positive_weights(&counts, dataset.train.len())),
            AnswerForm::Class | AnswerForm::Spans => Some(balanced_weights(&counts)),
        };
        let class_weights = class_weights.filter(|_| recipe.class_weights);
        let weight_of_class =
            |(class, &count): (usize, &usize)| count as f32 * weight_of(class as i32, class_weights.as_deref());
        let total_weight: f32 = counts.iter().enumerate().map(weight_of_class).sum();
        let weights = class_weights.as_deref();
        let prior_loss = prior_loss(recipe.task.form(), &counts, dataset.train.len(), &train.scores, weights);
        let learning = groups(recipe, &model.config, outputs).into_iter().filter(|group| !group.frozen).collect();
        let mut notes = notes_on_load(&report);
        notes.extend(notes_on_head(recipe, &anew, outputs));
        notes.extend(notes_on_texts(train, dataset.train.len(), recipe.max_length));
        Ok(Self {
            run,
            class_weights,
            weight_per_example: total_weight / dataset.train.len() as f32,
            steps_per_epoch: dataset.train.len().div_ceil(recipe.batch_size),
            prior_loss,
            learning,
            markers,
            tokenizer,
            texts,
            pretrained,
            model,
            optimizer: AdamW::default(),
            position: Position::default(),
            best: None,
            frozen: [None, None, None],
            notes,
        })
    }

    /// Goes back to the last checkpoint in the run folder; to the beginning when there is none.
    pub fn resume(&mut self) -> Result<(), TrainError> {
        let (recipe, device) = (self.run.recipe, self.run.compute.inference());
        let layers = self.model.config.num_hidden_layers;
        let fingerprint = self.run.dataset.fingerprint();
        let state = checkpoint::read(&self.checkpoint_folder(), &mut self.model, &device, recipe, &fingerprint)?;
        if let Some((optimizer, position)) = state {
            (self.optimizer, self.position) = (optimizer, position);
        }
        self.model.set_trainable(|name| rate(recipe, layers, &self.markers, name).is_some());
        Ok(())
    }
}

/// The factor of a parameter's learning rate; `None` where it is frozen. Markers are drawn from nothing better than the mean of
/// their pieces, so their rows learn even where the embeddings are frozen.
pub(crate) fn rate(recipe: &Recipe, layers: usize, markers: &[usize], name: &str) -> Option<f64> {
    let free = || (!markers.is_empty() && name == WORD_EMBEDDINGS).then(|| recipe.decay.powi(layers as i32 + 1));
    rate_factor(recipe, layers, Part::of(name)).or_else(free)
}

fn target_counts(encoded: &Encoded, outputs: usize) -> Vec<usize> {
    let mut counts = vec![0; outputs];
    let targets = encoded.windows.iter().flat_map(|window| &window.targets).chain(&encoded.classes);
    targets.filter_map(|&target| usize::try_from(target).ok()).for_each(|target| counts[target] += 1);
    encoded.sets.iter().flatten().for_each(|&label| counts[label] += 1);
    counts
}
