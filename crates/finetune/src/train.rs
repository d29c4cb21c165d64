//! The training loop: batch, loss, backward, clip, step, evaluate, keep the best.

use crate::calibrate::{Calibration, judge};
use crate::checkpoint::{self, Position};
use crate::collapse::{Gathered, answers_alike, signs};
use crate::event::{Control, Event, Outcome, Scores};
use crate::groups::Group;
use crate::loss::{binary_cross_entropy, cross_entropy, mean_over_windows, squared_error, weight_of};
use crate::notes::{advice, gigabytes};
use crate::optimizer::{self, AdamW, GradientSet, Update, clip_factor, collect, squared_norms};
use crate::predict::{Answer, ModelFacts, Prediction, Terms, answer, logits, mean_loss, padding, predictions};
use crate::prefix::{self, Found, Prefix};
use crate::prepare::{WORD_EMBEDDINGS, rate};
use crate::pretrained::Pretrained;
use crate::recipe::remedy;
use crate::schedule::rate_at;
use crate::score::score;
use crate::shared::{Shared, Texts};
use crate::{Keep, Recipe, TrainError};
use corpus::{AnswerForm, Batch, Dataset, Encoded, Example, Tokenizer};
use encoder::{Compute, Dropout, HeadKind, Model, Part, floats};
use metrics::Outcomes;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Steps in a row that may be skipped before a run is given up.
const BROKEN_STEPS: usize = 3;

/// A run is written down this often within an epoch, and at the end of an epoch where the last time is this long ago: short
/// epochs would otherwise take longer to write than to learn.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(60);
const CHECKPOINT_AT_END: Duration = Duration::from_secs(10);

/// What a run needs. `train` writes `model/` and `checkpoint/` in `folder` and nothing else.
pub struct Run<'a> {
    pub recipe: &'a Recipe,
    pub encoder: &'a Path,
    pub dataset: &'a Dataset,
    pub compute: &'a Compute,
    pub folder: &'a Path,
    /// What is kept from run to run.
    pub shared: &'a Shared,
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
    /// What each of its examples contributes to the score.
    pub outcomes: Outcomes,
    /// How far its probabilities can be trusted; none of scores.
    pub calibration: Option<Calibration>,
    /// Whether the run with its last weights is no better than guessing.
    pub failed: bool,
    /// What a user should know about the load and the texts.
    pub notes: Vec<String>,
}

/// A run that is prepared: everything in memory, nothing written yet.
pub struct Session<'a> {
    pub(crate) run: &'a Run<'a>,
    pub(crate) tokenizer: Tokenizer,
    pub(crate) texts: Rc<Texts>,
    /// Of classes or tags, or of a label's positive examples.
    pub(crate) class_weights: Option<Vec<f32>>,
    /// Where words are labelled: the summed weight of all words in training, divided by the number of its examples.
    pub(crate) weight_per_example: f32,
    /// The loss of answering by the frequencies in training.
    pub(crate) prior_loss: f64,
    pub(crate) steps_per_epoch: usize,
    /// The parts that learn, bottom to top.
    pub(crate) learning: Vec<Group>,
    /// The rows of the word embeddings in which markers stand.
    pub(crate) markers: Vec<usize>,
    /// The weights before training, where a technique holds on to them.
    pub(crate) pretrained: Option<Pretrained>,
    pub(crate) model: Model,
    pub(crate) optimizer: AdamW,
    pub(crate) position: Position,
    /// The weights of the best epoch, where this process has seen it, and whether they are on disk.
    pub(crate) best: Option<(Model, bool)>,
    /// Outputs of the frozen layers for train, dev and test, where they are kept.
    pub(crate) frozen: [Option<Rc<Prefix>>; 3],
    pub(crate) notes: Vec<String>,
}

impl<'a> Session<'a> {
    /// Trains to the end. `report` hears every event and may ask to stop, whereupon what was learnt by then is kept, or to
    /// pause, which ends in [`TrainError::Paused`].
    pub fn train(mut self, report: &mut dyn FnMut(Event) -> Control) -> Result<Trained, TrainError> {
        let trained = self.fit(report).and_then(|outcome| self.finish(outcome, report));
        kernels::release_memory();
        trained
    }

    pub(crate) fn checkpoint_folder(&self) -> PathBuf {
        self.run.folder.join("checkpoint")
    }

    fn total_steps(&self) -> usize {
        self.steps_per_epoch * self.run.recipe.epochs
    }

    fn is_out_of_patience(&self) -> bool {
        self.run.recipe.patience.is_some_and(|patience| self.position.epochs_without_better >= patience)
    }

    /// Whether the recipe gives up a run that is, after so many epochs, still no better than guessing.
    fn is_given_up(&self) -> bool {
        let Recipe { give_up, epochs, .. } = self.run.recipe;
        let late =
            |epoch: usize| give_up.is_some_and(|share| epoch as f64 >= share * *epochs as f64 && epoch < *epochs);
        self.position.last.as_ref().is_some_and(|(epoch, scores)| late(*epoch) && scores.failed())
    }

    /// How a run ends that is not to be gone on with.
    fn early_end(&self) -> Option<Outcome> {
        if self.is_out_of_patience() {
            return Some(Outcome::StoppedEarly);
        }
        self.is_given_up().then_some(Outcome::GivenUp)
    }

    fn fit(&mut self, report: &mut dyn FnMut(Event) -> Control) -> Result<Outcome, TrainError> {
        let recipe = self.run.recipe;
        let examples = self.run.dataset.train.len();
        let mut control = report(Event::Started {
            steps: self.total_steps(),
            steps_per_epoch: self.steps_per_epoch,
            train_examples: examples,
            windowed_share: self.texts.train.windowed as f64 / examples as f64,
            from_step: self.position.step,
        });
        // So it is where a run that had already stopped early is resumed.
        if let Some(outcome) = self.early_end() {
            return Ok(outcome);
        }
        if control == Control::Continue {
            control = self.compute_frozen(report)?;
        }
        let mut written = Instant::now();
        let first_epoch = self.position.step / self.steps_per_epoch;
        for epoch in first_epoch..recipe.epochs {
            let start = epoch * self.steps_per_epoch;
            let batches = corpus::epoch_batches(&self.texts.train, recipe.batch_size, recipe.order_seed(), epoch);
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
            let last = epoch + 1 == recipe.epochs;
            if written.elapsed() > CHECKPOINT_AT_END && !last {
                self.write_checkpoint(report)?;
                written = Instant::now();
            }
            if let Some(outcome) = self.early_end() {
                return Ok(outcome);
            }
            if control != Control::Continue && !last {
                self.write_checkpoint(report)?;
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
        let texts = self.texts.clone();
        let splits = [&texts.train, &texts.dev, &texts.test];
        let all: usize = splits.iter().map(|split| split.examples()).sum();
        let fingerprint = prefix::fingerprint(&model, layers);
        let (mut before, mut in_files) = (0, 0);
        let mut control = Control::Continue;
        for (place, split) in splits.into_iter().enumerate() {
            let mut progress = |done, _| {
                control = report(Event::ComputingFrozen { done: before + done, of: all });
                control
            };
            match self.run.shared.prefixes.of(
                &fingerprint,
                &model,
                layers,
                split,
                pad,
                self.run.compute,
                &mut progress,
            )? {
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
        let squares = squared_norms(&gradients);
        let norm = squares.iter().sum::<f64>().sqrt();
        self.position.step += 1;
        if !loss.is_finite() || !norm.is_finite() {
            return self.skip_step(learning_rate, report);
        }
        self.position.broken_steps = 0;
        let norms = self.norms_by_part(&squares);
        self.position.gathered.add(loss, &norms);
        let layers = self.model.config.num_hidden_layers;
        let update = Update {
            rate: &|name| rate(recipe, layers, &self.markers, name).map(|factor| learning_rate * factor),
            weight_decay: recipe.weight_decay,
            undecayed: only_markers.then_some(WORD_EMBEDDINGS),
            scale: clip_factor(norm, recipe.clip_norm),
            bias_correction: recipe.bias_correction,
            towards: self.pretrained.as_ref().filter(|_| recipe.pretrained_decay),
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

    /// The norms of the gradients of the parts that learn, from the squares of all parameters' norms.
    fn norms_by_part(&mut self, squares: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.learning.len()];
        let mut squares = squares.iter();
        let learning = &self.learning;
        self.model.visit(&mut |name, _| {
            let square = squares.next().unwrap_or(&0.0);
            if let Some(place) = learning.iter().position(|group| group.part == Part::of(name)) {
                sums[place] += square;
            }
        });
        sums.into_iter().map(f64::sqrt).collect()
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
        corpus::collate(&self.texts.train, chosen, padding(&self.model, self.tokenizer.pad(), self.run.compute))
    }

    fn loss(&self, batch: &Batch, pass: u32, denominator: f32) -> Result<burn::Tensor<1>, TrainError> {
        let recipe = self.run.recipe;
        let device = self.run.compute.training();
        let dropout = Dropout::new(recipe.dropout, recipe.order_seed(), pass, &device, self.run.compute.is_cpu());
        let quiet = recipe.frozen_layers.filter(|_| !recipe.frozen_dropout);
        let mixed = self.pretrained.as_ref().filter(|_| recipe.mixout > 0.0);
        let mixed = mixed.map(|pretrained| pretrained.mixed(&self.model, recipe.mixout, recipe.order_seed(), pass));
        let model = mixed.as_ref().unwrap_or(&self.model);
        let logits = logits(model, batch, self.frozen[0].as_deref(), dropout.as_ref(), quiet, &device)?;
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
        let (model, frozen) = (self.model.inference(), self.frozen[1].as_deref());
        let answers = self.answers(&model, &self.texts.dev, frozen, examples, report)?;
        let terms = Terms::of(self.run.dataset);
        let loss = mean_loss(terms.task, examples, &answers, self.class_weights.as_deref());
        let predicted = predictions(&terms, examples, &answers);
        let scores = score(&terms, examples, &predicted);
        let value = scores.main();
        let better = self.position.best.as_ref().is_none_or(|(_, best)| value > best.main());
        if better {
            if self.run.recipe.keep == Keep::Best {
                self.best = Some((self.model.inference(), false));
            }
            self.position.best = Some((epoch, scores.clone()));
            self.position.epochs_without_better = 0;
        } else {
            self.position.epochs_without_better += 1;
        }
        self.position.last = Some((epoch, scores.clone()));
        let step = self.position.step;
        let gathered = std::mem::take(&mut self.position.gathered);
        let names: Vec<String> = self.learning.iter().map(|group| group.name.clone()).collect();
        let gradients = gathered.mean_norms(&names);
        let alike = answers_alike(&predicted, &scores);
        report(Event::Evaluation { step, epoch, loss, score: value, scores, best: better, gradients });
        self.watch(epoch, &gathered, alike, report);
        Ok(())
    }

    /// Tells, once, that the run shows signs of a collapse.
    fn watch(&mut self, epoch: usize, gathered: &Gathered, alike: bool, report: &mut dyn FnMut(Event) -> Control) {
        let Run { recipe, dataset, .. } = self.run;
        let signs = signs(epoch, recipe.epochs, gathered, self.prior_loss, alike);
        if !signs.is_empty() && !self.position.collapsed {
            self.position.collapsed = true;
            let remedy = remedy(recipe, &self.model.config, dataset.train.len());
            report(Event::Collapse { step: self.position.step, epoch, signs, remedy });
        }
    }

    fn answers(
        &self,
        model: &Model,
        encoded: &Encoded,
        frozen: Option<&Prefix>,
        examples: &[Example],
        report: &mut dyn FnMut(Event) -> Control,
    ) -> Result<Vec<Answer>, TrainError> {
        // A wish to stop is heard between steps; an evaluation is always finished, since its scores decide what is kept.
        let mut progress = |done, of| {
            report(Event::Evaluating { done, of });
            Control::Continue
        };
        answer(model, encoded, examples, self.tokenizer.pad(), self.run.compute, frozen, &mut progress)
    }

    fn write_checkpoint(&mut self, report: &mut dyn FnMut(Event) -> Control) -> Result<(), TrainError> {
        let (folder, fingerprint) = (self.checkpoint_folder(), self.run.dataset.fingerprint());
        if let (Some((best, written @ false)), Some((epoch, _))) = (&mut self.best, &self.position.best) {
            checkpoint::write_best(&folder, best, *epoch)?;
            *written = true;
        }
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
                match self.best.take() {
                    Some((best, _)) => self.model = best,
                    None => checkpoint::read_best(&self.checkpoint_folder(), &mut self.model, epoch)?,
                }
                (epoch, scores)
            }
            _ => (last_epoch, last.clone()),
        };
        let (model, frozen) = (self.model.inference(), self.frozen[2].as_deref());
        let dataset = self.run.dataset;
        let on_dev = self.answers(&model, &self.texts.dev, self.frozen[1].as_deref(), &dataset.dev, report)?;
        let on_test = self.answers(&model, &self.texts.test, frozen, &dataset.test, report)?;
        let judged = judge(dataset, &on_dev, &on_test);
        self.save_model(&judged.terms)?;
        report(Event::Ended { outcome, step: self.position.step });
        Ok(Trained {
            outcome,
            steps: self.position.step,
            kept_epoch,
            dev,
            test: judged.test,
            outcomes: judged.outcomes,
            predictions: judged.predictions,
            calibration: judged.calibration,
            failed: last.failed(),
            notes: self.notes,
        })
    }

    fn save_model(&self, terms: &Terms) -> Result<(), TrainError> {
        let (recipe, labels) = (self.run.recipe, &self.run.dataset.labels);
        let folder = self.run.folder.join("model");
        let facts = ModelFacts { terms: terms.clone(), max_length: recipe.max_length, truncate: recipe.truncate };
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
