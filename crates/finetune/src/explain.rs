//! Which words an answer rests on: integrated gradients (Sundararajan, Taly and Yan 2017) over the embeddings.

use crate::TrainError;
use crate::loss::mean_over_windows;
use crate::predict::{Predictor, inputs};
use burn::tensor::{Tensor, TensorData};
use corpus::{AnswerForm, Encoded, Example, Window};
use encoder::{HeadKind, Model, Texts, floats, from_floats};

/// What is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A class, a label or the score (0) of the text as a whole.
    Output(usize),
    /// The tag of a word.
    Word { word: usize, tag: usize },
}

/// How much characters of a text raise or lower the logit that is explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// Whether it is in the second text.
    pub in_pair: bool,
    /// Characters, the end excluded.
    pub start: usize,
    pub end: usize,
    pub value: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The logit of the text, and that of a text of the same length without any word.
    pub logit: f64,
    pub baseline: f64,
    /// Piece by piece in the order of the text; a piece in several windows has the sum.
    pub attributions: Vec<Attribution>,
    /// What special tokens contribute.
    pub special: f64,
    /// How far the sum of all is from `logit - baseline`, as a share of the larger of the two and 1: the completeness axiom
    /// (section 3), which holds the better the more steps are made.
    pub error: f64,
}

/// Points at which the gradient is taken between the baseline and the text: those of Gauss and Legendre converge much faster
/// than equal steps.
const STEPS: usize = 32;

/// So many word pieces go through the model at once.
const ROWS: usize = 4096;

impl Predictor {
    /// Explains an answer. The baseline keeps the special tokens and has padding in place of every other piece. A text of several
    /// windows is answered by their mean, and so explained; a word by the window that owns it. Of an ensemble the mean of the
    /// members' logits is explained, of which the parts are the means of theirs.
    pub fn explain(&self, example: &Example, target: Target) -> Result<Explanation, TrainError> {
        let (models, tokenizer) = self.parts();
        let encoded = self.encoded(std::slice::from_ref(example));
        let (windows, output) = chosen(&encoded, target, self.terms.task.form());
        let mut found = Explanation { logit: 0.0, baseline: 0.0, attributions: vec![], special: 0.0, error: 0.0 };
        let share = 1.0 / (windows.len().max(1) * models.len()) as f64;
        let asked = models.iter().flat_map(|model| windows.iter().map(move |window| (model, window)));
        for (model, (window, row)) in asked {
            let model = model.with_gradients();
            let one = Encoded { windows: vec![window.clone()], first_window: vec![0, 1], ..encoded.clone() };
            let of_window = integrate(&model, &one, *row, output, tokenizer.pad() as i32);
            found.logit += share * of_window.logit;
            found.baseline += share * of_window.baseline;
            for (place, value) in of_window.values.into_iter().enumerate() {
                match &window.characters[place] {
                    Some(characters) => found.attributions.push(Attribution {
                        in_pair: window.segments[place] == 1,
                        start: characters.start,
                        end: characters.end,
                        value: share * value,
                    }),
                    None => found.special += share * value,
                }
            }
        }
        kernels::release_memory();
        found.attributions = united(found.attributions);
        let sum = found.special + found.attributions.iter().map(|own| own.value).sum::<f64>();
        let apart = found.logit - found.baseline;
        found.error = (sum - apart).abs() / apart.abs().max(1.0);
        Ok(found)
    }
}

/// The windows that an answer rests on, each with the row that is explained (`None`: the text as a whole), and the output.
fn chosen(encoded: &Encoded, target: Target, form: AnswerForm) -> (Vec<(Window, Option<usize>)>, usize) {
    match target {
        Target::Word { word, tag } if form == AnswerForm::Spans => {
            let owns = |window: &Window| window.words.iter().position(|&own| own == word as i32);
            let found = encoded.windows.iter().find_map(|window| Some((window.clone(), Some(owns(window)?))));
            (found.into_iter().collect(), tag)
        }
        Target::Output(output) | Target::Word { tag: output, .. } => {
            (encoded.windows.iter().map(|window| (window.clone(), None)).collect(), output)
        }
    }
}

struct OfWindow {
    logit: f64,
    baseline: f64,
    values: Vec<f64>,
}

/// The gradient of one logit along the straight line from the baseline to the text, summed over its points.
fn integrate(model: &Model, one: &Encoded, row: Option<usize>, output: usize, pad: i32) -> OfWindow {
    let batch = corpus::collate(one, &[0], None);
    let own = inputs(&batch);
    let length = one.windows[0].ids.len();
    let mut blank = batch.clone();
    for (id, characters) in blank.ids.iter_mut().zip(&one.windows[0].characters) {
        if characters.is_some() {
            *id = pad;
        }
    }
    let (text, start) = (model.embed(&own, None), model.embed(&inputs(&blank), None));
    let width = text.dims()[1];
    let (text, start) = (floats(text), floats(start));
    let device = model.device();
    let logit = |states: &[f32]| {
        let x = from_floats(states.to_vec(), [length, width], &device);
        let logits = model.forward_from(x, &own.texts, 0, None);
        let logits = if model.kind == HeadKind::Sequence { mean_over_windows(logits, &batch) } else { logits };
        f64::from(floats(logits.slice([row.unwrap_or(0)..row.unwrap_or(0) + 1, output..output + 1]))[0])
    };
    let points = gauss_legendre(STEPS);
    let mut gradient = vec![0.0f64; length * width];
    for some in points.chunks((ROWS / length).max(1)) {
        let count = some.len();
        let between = |at: f64| text.iter().zip(&start).map(move |(to, from)| from + (to - from) * at as f32);
        let states: Vec<f32> = some.iter().flat_map(|(at, _)| between(*at)).collect();
        let x: Tensor<2> = from_floats(states, [count * length, width], &device).require_grad();
        let texts = Texts::new(vec![(length, length); count]);
        let logits = model.forward_from(x.clone(), &texts, 0, None);
        let rows: Vec<i32> = match row {
            Some(row) => (0..count).map(|text| (text * length + row) as i32).collect(),
            None => (0..count as i32).collect(),
        };
        let rows = Tensor::from_data(TensorData::new(rows, [count]), &device);
        let wanted = logits.select(0, rows).slice([0..count, output..output + 1]);
        let gradients = wanted.sum().backward();
        let Some(own) = x.grad(&gradients) else { continue };
        for (own, (_, weight)) in floats(own).chunks(length * width).zip(some) {
            gradient.iter_mut().zip(own).for_each(|(sum, value)| *sum += weight * f64::from(*value));
        }
    }
    let along = |place: usize| {
        let part = place * width..(place + 1) * width;
        gradient[part.clone()]
            .iter()
            .zip(&text[part.clone()])
            .zip(&start[part])
            .map(|((gradient, to), from)| gradient * f64::from(to - from))
            .sum()
    };
    OfWindow { logit: logit(&text), baseline: logit(&start), values: (0..length).map(along).collect() }
}

/// Points in (0, 1) and their weights, which sum to 1: the roots of Legendre's polynomial by Newton's method.
fn gauss_legendre(count: usize) -> Vec<(f64, f64)> {
    let n = count as f64;
    let point = |place: usize| {
        let mut x = (std::f64::consts::PI * (place as f64 + 0.75) / (n + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..100 {
            let (mut before, mut value) = (1.0, x);
            for degree in 2..=count {
                let k = degree as f64;
                (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
            }
            slope = n * (x * value - before) / (x * x - 1.0);
            let step = value / slope;
            x -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        ((1.0 - x) / 2.0, 1.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..count).map(point).collect()
}

/// One entry for the same characters, in the order of the text.
fn united(mut all: Vec<Attribution>) -> Vec<Attribution> {
    all.sort_by_key(|own| (own.in_pair, own.start, own.end));
    let mut united: Vec<Attribution> = Vec::with_capacity(all.len());
    for next in all {
        match united.last_mut() {
            Some(last) if (last.in_pair, last.start, last.end) == (next.in_pair, next.start, next.end) => {
                last.value += next.value;
            }
            _ => united.push(next),
        }
    }
    united
}

#[cfg(test)]
mod tests {
    use super::gauss_legendre;

    #[test]
    fn points_and_weights_integrate_polynomials() {
        for count in [2, 5, 32] {
            let points = gauss_legendre(count);
            for power in 0..(2 * count as i32) {
                let sum: f64 = points.iter().map(|(x, weight)| weight * x.powi(power)).sum();
                assert!((sum - 1.0 / f64::from(power + 1)).abs() < 1e-12, "{count} points, x^{power}: {sum}");
            }
        }
    }
}
