//! The training loop: batch, loss, backward, clip, step, evaluate, keep the best.

use crate::checkpoint::{self, Position};
use crate::event::{Control, Event, Outcome, Scores};
use crate::groups::{head_kind, rate_factor};
use crate::loss::{
    balanced_weights, binary_cross_entropy, cross_entropy, mean_over_windows, positive_weights, squared_error,
    weight_of,
};
use crate::notes::{advice, gigabytes, notes_on_load, notes_on_texts};
use crate::optimizer::{self, AdamW, GradientSet, Update, clip_factor, collect, global_norm};
use crate::predict::{ModelFacts, Prediction, Terms, answer, logits, mean_loss, padding, predictions};
use crate::prefix::{self, Found, Prefix, Prefixes};
use crate::schedule::rate_at;
use crate::score::score;
use crate::{Keep, Recipe, TrainError};
use corpus::{AnswerForm, Batch, Dataset, Encoded, Example, Tokenizer};
use encoder::{Compute, Dropout, HeadKind, Model, Part, floats};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Steps in a row that may be skipped before a run is given up.
const BROKEN_STEPS: usize = 3;

/// A run is written down at the end of each epoch and, within one, this often.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(60);

/// What a run needs. `train` writes `model/` and `checkpoint/` in `folder` and nothing else.
pub struct Run<'a> {
    pub recipe: &'a Recipe,
    pub encoder: &'a Path,
    pub dataset: &'a Dataset,
    pub compute: &'a Compute,
    pub folder: &'a Path,
    /// Where outputs of frozen layers are kept, also from run to run.
    pub prefixes: &'a Prefixes,
}

/// What came out of a run.
#[derive(Debug, Clone)]
pub struct Trained {
    pub outcome: Outcome,
    pub steps: usize,
    /// The epoch, from 1, whose weights are in `model/`.
    pub kept_epoch: usize,
    pub dev: Scores,
    pub test: Scores,
    /// Of the test split, in its order.
    pub predictions: Vec<Prediction>,
    /// Whether the run with its last weights is no better than guessing.
    pub failed: bool,
    /// What a user should know about the load and the texts.
    pub notes: Vec<String>,
}

/// A run that is prepared: everything in memory, nothing written yet.
pub struct Session<'a> {
    run: &'a Run<'a>,
    tokenizer: Tokenizer,
    train: Encoded,
    dev: Encoded,
    test: Encoded,
    /// Of classes or tags, or of a label's positive examples.
    class_weights: Option<Vec<f32>>,
    /// Where words are labelled: the summed weight of all words in training, divided by the number of its examples.
    weight_per_example: f32,
    steps_per_epoch: usize,
    /// The rows of the word embeddings in which markers stand.
    markers: Vec<usize>,
    model: Model,
    optimizer: AdamW,
    position: Position,
    /// Outputs of the frozen layers for train, dev and test, where they are kept.
    frozen: [Option<Rc<Prefix>>; 3],
    notes: Vec<String>,
}

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
        let outputs = recipe.task.outputs(&dataset.labels).len();
        let device = run.compute.training();
        let (mut model, report) =
            encoder::load_pretrained(run.encoder, head_kind(recipe), outputs, recipe.seed, &device)?;
        let layers = model.config.num_hidden_layers;
        if tokenizer.vocab_size() > model.config.vocab_size {
            let (tokenizer, encoder) = (tokenizer.vocab_size(), model.config.vocab_size);
            return Err(TrainError::VocabularyMismatch { tokenizer, encoder });
        }
        encoder::reinitialize_top(&mut model, recipe.reinit_layers, recipe.seed);
        let mut markers = Vec::new();
        if !dataset.markers.is_empty() {
            let pieces = tokenizer.add_markers(&dataset.markers)?;
            encoder::add_pieces(&mut model, &pieces);
            markers = pieces.iter().map(|(id, _)| *id as usize).collect();
        }
        model.set_trainable(|name| rate(recipe, layers, &markers, name).is_some());
        let encoder = if recipe.truncate { corpus::encode_cut } else { corpus::encode };
        let encode = |examples: &[Example]| encoder(&tokenizer, examples, recipe.task, recipe.max_length);
        let (train, dev, test) = (encode(&dataset.train), encode(&dataset.dev), encode(&dataset.test));
        let counts = target_counts(&train, outputs);
        let class_weights = match recipe.task.form() {
            AnswerForm::Score => None,
            AnswerForm::Labels => Some(positive_weights(&counts, dataset.train.len())),
            AnswerForm::Class | AnswerForm::Spans => Some(balanced_weights(&counts)),
        };
        let class_weights = class_weights.filter(|_| recipe.class_weights);
        let weight_of_class =
            |(class, &count): (usize, &usize)| count as f32 * weight_of(class as i32, class_weights.as_deref());
        let total_weight: f32 = counts.iter().enumerate().map(weight_of_class).sum();
        let mut notes = notes_on_load(&report);
        notes.extend(notes_on_texts(&train, dataset.train.len(), recipe.max_length));
        Ok(Self {
            run,
            class_weights,
            weight_per_example: total_weight / dataset.train.len() as f32,
            steps_per_epoch: dataset.train.len().div_ceil(recipe.batch_size),
            markers,
            tokenizer,
            train,
            dev,
            test,
            model,
            optimizer: AdamW::default(),
            position: Position::default(),
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

    /// Trains to the end. `report` hears every event and may ask to stop, whereupon what was learnt by then is kept, or to
    /// pause, which ends in [`TrainError::Paused`].
    pub fn train(mut self, report: &mut dyn FnMut(Event) -> Control) -> Result<Trained, TrainError> {
        let trained = self.fit(report).and_then(|outcome| self.finish(outcome, report));
        kernels::release_memory();
        trained
    }

    fn checkpoint_folder(&self) -> PathBuf {
        self.run.folder.join("checkpoint")
    }

    fn total_steps(&self) -> usize {
        self.steps_per_epoch * self.run.recipe.epochs
    }

    fn is_out_of_patience(&self) -> bool {
        self.run.recipe.patience.is_some_and(|patience| self.position.epochs_without_better >= patience)
    }

    fn fit(&mut self, report: &mut dyn FnMut(Event) -> Control) -> Result<Outcome, TrainError> {
        let recipe = self.run.recipe;
        let examples = self.run.dataset.train.len();
        let mut control = report(Event::Started {
            steps: self.total_steps(),
            steps_per_epoch: self.steps_per_epoch,
            train_examples: examples,
            windowed_share: self.train.windowed as f64 / examples as f64,
            from_step: self.position.step,
        });
        // So it is where a run that had already stopped early is resumed.
        if self.is_out_of_patience() {
            return Ok(Outcome::StoppedEarly);
        }
        if control == Control::Continue {
            control = self.compute_frozen(report)?;
        }
        let mut written = Instant::now();
        let first_epoch = self.position.step / self.steps_per_epoch;
        for epoch in first_epoch..recipe.epochs {
            let start = epoch * self.steps_per_epoch;
            let batches = corpus::epoch_batches(&self.train, recipe.batch_size, recipe.seed, epoch);
            for chosen in batches.iter().skip(self.position.step - start) {
                if control != Control::Continue {
                    self.write_checkpoint(report)?;
                    return leave(control);
                }
                control = self.step(chosen, epoch, report)?;
                if written.elapsed() > CHECKPOINT_EVERY && self.position.step < start + self.steps_per_epoch {
                    self.write_checkpoint(report)?;
                    written = Instant::now();
                }
            }
            self.evaluate(epoch + 1, report)?;
            self.write_checkpoint(report)?;
            written = Instant::now();
            if self.is_out_of_patience() {
                return Ok(Outcome::StoppedEarly);
            }
            if control != Control::Continue && epoch + 1 < recipe.epochs {
                return leave(control);
            }
        }
        Ok(Outcome::Completed)
    }

    /// Computes what the frozen layers give for every text, once for all epochs.
    fn compute_frozen(&mut self, report: &mut dyn FnMut(Event) -> Control) -> Result<Control, TrainError> {
        let recipe = self.run.recipe;
        // Markers learn, so that what the layers give for a text changes.
        let changes = recipe.frozen_dropout || !self.markers.is_empty();
        let Some(layers) = recipe.frozen_layers.filter(|_| !changes) else {
            return Ok(Control::Continue);
        };
        let (model, pad) = (self.model.inference(), self.tokenizer.pad());
        let splits = [&self.train, &self.dev, &self.test];
        let all: usize = splits.iter().map(|split| split.examples()).sum();
        let fingerprint = prefix::fingerprint(&model, layers);
        let (mut before, mut in_files) = (0, 0);
        let mut control = Control::Continue;
        for (place, split) in splits.into_iter().enumerate() {
            let mut progress = |done, _| {
                control = report(Event::ComputingFrozen { done: before + done, of: all });
                control
            };
            match self.run.prefixes.of(&fingerprint, &model, layers, split, pad, self.run.compute, &mut progress)? {
                Found::Kept(prefix) => {
                    in_files += if prefix.is_in_memory() { 0 } else { prefix.bytes() };
                    self.frozen[place] = Some(prefix);
                }
                Found::TooLarge(bytes) => {
                    let split = ["train", "dev", "test"][place];
                    let size = gigabytes(bytes);
                    self.notes.push(format!(
                        "The outputs of the frozen layers for {split} would take {size}, more than may be kept: they are computed anew each time."
                    ));
                }
                Found::Stopped => return Ok(control),
            }
            before += split.examples();
        }
        if in_files > 0 {
            let size = gigabytes(in_files);
            self.notes.push(format!("The outputs of the frozen layers are kept in a temporary file of {size}."));
        }
        Ok(Control::Continue)
    }

    /// One optimizer step over one batch of examples. A step whose loss or gradient is not finite changes nothing.
    fn step(
        &mut self,
        chosen: &[usize],
        epoch: usize,
        report: &mut dyn FnMut(Event) -> Control,
    ) -> Result<Control, TrainError> {
        let recipe = self.run.recipe;
        let began = Instant::now();
        let step = self.position.step;
        let learning_rate = recipe.learning_rate * rate_at(step, self.total_steps(), recipe.warmup);
        let (loss, mut gradients) = self.gradients(chosen)?;
        let only_markers = !self.markers.is_empty() && recipe.frozen_layers.is_some();
        if only_markers {
            optimizer::keep_rows(&mut self.model, &mut gradients, WORD_EMBEDDINGS, &self.markers);
        }
        let norm = global_norm(&gradients);
        self.position.step += 1;
        if !loss.is_finite() || !norm.is_finite() {
            return self.skip_step(learning_rate, report);
        }
        self.position.broken_steps = 0;
        let layers = self.model.config.num_hidden_layers;
        let update = Update {
            rate: &|name| rate(recipe, layers, &self.markers, name).map(|factor| learning_rate * factor),
            weight_decay: recipe.weight_decay,
            undecayed: only_markers.then_some(WORD_EMBEDDINGS),
            scale: clip_factor(norm, recipe.clip_norm),
        };
        self.optimizer.step(&mut self.model, gradients, &update);
        Ok(report(Event::Step {
            step: step + 1,
            epoch: epoch + 1,
            loss,
            learning_rate,
            gradient_norm: norm,
            seconds: began.elapsed().as_secs_f64(),
            examples: chosen.len(),
        }))
    }

    /// The mean loss of a batch and its gradients, computed in the recipe's number of parts.
    ///
    /// Batches are of about equal length, so that dividing by a batch's own number of words would make a word in a short
    /// sentence count several times as much as one in a long sentence. The gradient is therefore divided by the number that
    /// a batch of this many examples has on average.
    fn gradients(&mut self, chosen: &[usize]) -> Result<(f64, GradientSet), TrainError> {
        let recipe = self.run.recipe;
        let parts: Vec<Batch> =
            chosen.chunks(chosen.len().div_ceil(recipe.accumulate)).map(|part| self.collate(part)).collect();
        let class_weights = self.class_weights.clone();
        let weight = |batch: &Batch| batch.targets.iter().map(|&t| weight_of(t, class_weights.as_deref())).sum::<f32>();
        let decisions = parts.iter().map(weight).sum::<f32>();
        let outputs = recipe.task.outputs(&self.run.dataset.labels).len();
        let (own, denominator) = match recipe.task.form() {
            AnswerForm::Class => (decisions, decisions),
            AnswerForm::Spans => (decisions, self.weight_per_example * chosen.len() as f32),
            AnswerForm::Labels | AnswerForm::Score => [(chosen.len() * outputs) as f32; 2].into(),
        };
        let mut total = 0.0;
        let mut sum: Option<GradientSet> = None;
        for (part, batch) in parts.iter().enumerate() {
            let pass = (self.position.step * recipe.accumulate + part) as u32;
            let loss = self.loss(batch, pass, denominator)?;
            let mut gradients = loss.backward();
            total += f64::from(floats(loss)[0]);
            let gradients = collect(&mut self.model, &mut gradients);
            sum = Some(match sum {
                Some(sum) => optimizer::accumulate(sum, gradients),
                None => gradients,
            });
        }
        // A batch without a single decision has a loss of 0, and nothing to teach.
        let mean = if own == 0.0 { 0.0 } else { total * f64::from(denominator) / f64::from(own) };
        Ok((mean, sum.unwrap_or_default()))
    }

    fn collate(&self, chosen: &[usize]) -> Batch {
        corpus::collate(&self.train, chosen, padding(&self.model, self.tokenizer.pad(), self.run.compute))
    }

    fn loss(&self, batch: &Batch, pass: u32, denominator: f32) -> Result<burn::Tensor<1>, TrainError> {
        let recipe = self.run.recipe;
        let device = self.run.compute.training();
        let dropout = Dropout::new(recipe.dropout, recipe.seed, pass, &device, self.run.compute.is_cpu());
        let quiet = recipe.frozen_layers.filter(|_| !recipe.frozen_dropout);
        let logits = logits(&self.model, batch, self.frozen[0].as_deref(), dropout.as_ref(), quiet, &device)?;
        let logits = if self.model.kind == HeadKind::Sequence { mean_over_windows(logits, batch) } else { logits };
        let weights = self.class_weights.as_deref();
        Ok(match recipe.task.form() {
            AnswerForm::Class | AnswerForm::Spans => cross_entropy(logits, &batch.targets, weights, denominator),
            AnswerForm::Labels => binary_cross_entropy(logits, &batch.sets, weights, denominator),
            AnswerForm::Score => squared_error(logits, &batch.scores, denominator),
        })
    }

    fn skip_step(
        &mut self,
        learning_rate: f64,
        report: &mut dyn FnMut(Event) -> Control,
    ) -> Result<Control, TrainError> {
        self.position.broken_steps += 1;
        let step = self.position.step;
        if self.position.broken_steps == BROKEN_STEPS {
            return Err(self.not_finite(learning_rate));
        }
        let message = "The loss or a gradient was not finite; this step was skipped.".to_string();
        Ok(report(Event::Warning { step, message }))
    }

    fn not_finite(&self, learning_rate: f64) -> TrainError {
        let Position { step, broken_steps: steps, .. } = self.position;
        TrainError::NonFinite { step, steps, learning_rate, advice: advice(self.run.recipe) }
    }

    /// Scores the present weights on dev and keeps them if they are the best so far.
    fn evaluate(&mut self, epoch: usize, report: &mut dyn FnMut(Event) -> Control) -> Result<(), TrainError> {
        let examples = &self.run.dataset.dev;
        let (scores, loss, _) =
            self.score(&self.model.inference(), &self.dev, self.frozen[1].as_deref(), examples, report)?;
        let value = scores.main();
        let better = self.position.best.as_ref().is_none_or(|(_, best)| value > best.main());
        if better {
            if self.run.recipe.keep == Keep::Best {
                checkpoint::write_best(&self.checkpoint_folder(), &self.model, epoch)?;
            }
            self.position.best = Some((epoch, scores.clone()));
            self.position.epochs_without_better = 0;
        } else {
            self.position.epochs_without_better += 1;
        }
        self.position.last = Some((epoch, scores.clone()));
        let step = self.position.step;
        report(Event::Evaluation { step, epoch, loss, score: value, scores, best: better });
        Ok(())
    }

    fn score(
        &self,
        model: &Model,
        encoded: &Encoded,
        frozen: Option<&Prefix>,
        examples: &[Example],
        report: &mut dyn FnMut(Event) -> Control,
    ) -> Result<(Scores, f64, Vec<Prediction>), TrainError> {
        let task = self.run.recipe.task;
        // A wish to stop is heard between steps; an evaluation is always finished, since its scores decide what is kept.
        let mut progress = |done, of| {
            report(Event::Evaluating { done, of });
            Control::Continue
        };
        let answers = answer(model, encoded, examples, self.tokenizer.pad(), self.run.compute, frozen, &mut progress)?;
        let loss = mean_loss(task, examples, &answers, self.class_weights.as_deref());
        let terms = Terms::of(self.run.dataset);
        let predicted = predictions(&terms, examples, &answers);
        Ok((score(&terms, examples, &predicted), loss, predicted))
    }

    fn write_checkpoint(&self, report: &mut dyn FnMut(Event) -> Control) -> Result<(), TrainError> {
        let (folder, fingerprint) = (self.checkpoint_folder(), self.run.dataset.fingerprint());
        checkpoint::write(&folder, &self.model, &self.optimizer, &self.position, self.run.recipe, &fingerprint)?;
        report(Event::Checkpoint { step: self.position.step });
        Ok(())
    }

    /// Scores the weights to keep on test and writes the model folder.
    fn finish(mut self, outcome: Outcome, report: &mut dyn FnMut(Event) -> Control) -> Result<Trained, TrainError> {
        let recipe = self.run.recipe;
        // A run too short to be given up before: what it has not learnt from a single step is no model.
        if self.optimizer.updates == 0 && self.position.broken_steps > 0 {
            return Err(self.not_finite(recipe.learning_rate));
        }
        if self.position.last.is_none() || !self.position.step.is_multiple_of(self.steps_per_epoch) {
            self.evaluate(self.position.step / self.steps_per_epoch + 1, report)?;
        }
        let (last_epoch, last) = self.position.last.clone().expect("an evaluation has just been made or restored");
        let (kept_epoch, dev) = match (recipe.keep, self.position.best.clone()) {
            (Keep::Best, Some((epoch, scores))) => {
                checkpoint::read_best(&self.checkpoint_folder(), &mut self.model, epoch)?;
                (epoch, scores)
            }
            _ => (last_epoch, last.clone()),
        };
        let (model, frozen) = (self.model.inference(), self.frozen[2].as_deref());
        let (test, _, predictions) = self.score(&model, &self.test, frozen, &self.run.dataset.test, report)?;
        self.save_model()?;
        report(Event::Ended { outcome, step: self.position.step });
        Ok(Trained {
            outcome,
            steps: self.position.step,
            kept_epoch,
            dev,
            test,
            predictions,
            failed: last.failed(),
            notes: self.notes,
        })
    }

    fn save_model(&self) -> Result<(), TrainError> {
        let (recipe, labels) = (self.run.recipe, &self.run.dataset.labels);
        let folder = self.run.folder.join("model");
        let facts =
            ModelFacts { terms: Terms::of(self.run.dataset), max_length: recipe.max_length, truncate: recipe.truncate };
        let facts = serde_json::to_value(facts).expect("plain data is always writable");
        let problem = match recipe.task.form() {
            AnswerForm::Class | AnswerForm::Spans => "single_label_classification",
            AnswerForm::Labels => "multi_label_classification",
            AnswerForm::Score => "regression",
        };
        encoder::save(&self.model, &recipe.task.outputs(labels), problem, facts, &folder)?;
        Ok(self.tokenizer.save(&folder)?)
    }
}

/// How a run ends that was asked to.
fn leave(control: Control) -> Result<Outcome, TrainError> {
    if control == Control::Pause { Err(TrainError::Paused) } else { Ok(Outcome::Stopped) }
}

/// The parameter in which markers have their rows.
const WORD_EMBEDDINGS: &str = "embeddings.word_embeddings.weight";

/// The factor of a parameter's learning rate; `None` where it is frozen. Markers are drawn from nothing better than the mean of
/// their pieces, so their rows learn even where the embeddings are frozen.
fn rate(recipe: &Recipe, layers: usize, markers: &[usize], name: &str) -> Option<f64> {
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
