//! What a batch is wrong by: cross-entropy over classes, binary cross-entropy over labels, squared error of scores.

use burn::prelude::*;
use burn::tensor::activation::{log_sigmoid, log_softmax};
use corpus::Batch;

/// Weights that make every class count alike: n / (classes · its count); 1 for a class that never occurs.
pub fn balanced_weights(counts: &[usize]) -> Vec<f32> {
    let total: usize = counts.iter().sum();
    let classes = counts.len();
    counts.iter().map(|&count| if count == 0 { 1.0 } else { total as f32 / (classes * count) as f32 }).collect()
}

/// The weight of a target; 0 for one that is to be ignored (negative).
pub fn weight_of(target: i32, class_weights: Option<&[f32]>) -> f32 {
    match (usize::try_from(target), class_weights) {
        (Err(_), _) => 0.0,
        (Ok(_), None) => 1.0,
        (Ok(class), Some(weights)) => weights[class],
    }
}

/// The sum of −log p(target) · weight over all decisions, divided by `denominator` (the weights' sum over the whole batch,
/// of which this may be a part). `logits` is `[decisions, classes]`.
pub fn cross_entropy(logits: Tensor<2>, targets: &[i32], class_weights: Option<&[f32]>, denominator: f32) -> Tensor<1> {
    let device = logits.device();
    let size = targets.len();
    let classes: Vec<i32> = targets.iter().map(|&target| target.max(0)).collect();
    let weights: Vec<f32> = targets.iter().map(|&target| weight_of(target, class_weights) / denominator).collect();
    let classes = Tensor::<2, Int>::from_data(TensorData::new(classes, [size, 1]), &device);
    let weights = Tensor::<2>::from_data(TensorData::new(weights, [size, 1]), &device);
    (log_softmax(logits, 1).gather(1, classes) * weights).sum().neg()
}

/// Weights that make a label's positive examples count as much as its negative ones: negatives / positives; 1 for a label
/// that never holds, or always.
pub fn positive_weights(counts: &[usize], examples: usize) -> Vec<f32> {
    let weight = |&count: &usize| match count {
        0 => 1.0,
        _ if count >= examples => 1.0,
        _ => (examples - count) as f32 / count as f32,
    };
    counts.iter().map(weight).collect()
}

/// The sum over examples and labels of −(w y log σ(x) + (1 − y) log(1 − σ(x))), divided by `denominator`, as PyTorch's
/// `BCEWithLogitsLoss` with `pos_weight`. `logits` is `[examples, labels]`.
pub fn binary_cross_entropy(
    logits: Tensor<2>,
    sets: &[Vec<usize>],
    positive_weights: Option<&[f32]>,
    denominator: f32,
) -> Tensor<1> {
    let [examples, labels] = logits.dims();
    let mut yes = vec![0.0f32; examples * labels];
    let mut no = vec![1.0 / denominator; examples * labels];
    for (example, set) in sets.iter().enumerate() {
        for &label in set {
            let place = example * labels + label;
            yes[place] = positive_weights.map_or(1.0, |weights| weights[label]) / denominator;
            no[place] = 0.0;
        }
    }
    let device = logits.device();
    let tensor = |values: Vec<f32>| Tensor::<2>::from_data(TensorData::new(values, [examples, labels]), &device);
    (tensor(yes) * log_sigmoid(logits.clone()) + tensor(no) * log_sigmoid(logits.neg())).sum().neg()
}

/// The sum of the squared errors, divided by `denominator`. `logits` is `[examples, 1]`.
pub fn squared_error(logits: Tensor<2>, scores: &[f32], denominator: f32) -> Tensor<1> {
    let device = logits.device();
    let scores = Tensor::<2>::from_data(TensorData::new(scores.to_vec(), [scores.len(), 1]), &device);
    let error = logits - scores;
    (error.clone() * error).sum().div_scalar(denominator)
}

/// The mean of the logits over the windows of each example: `[windows, classes]` to `[examples, classes]`.
pub fn mean_over_windows(logits: Tensor<2>, batch: &Batch) -> Tensor<2> {
    let (examples, windows) = (batch.examples.len(), batch.windows.len());
    if windows == examples {
        return logits;
    }
    let mut counts = vec![0usize; examples];
    batch.windows.iter().for_each(|window| counts[window.example] += 1);
    let mut shares = vec![0.0f32; examples * windows];
    for (place, window) in batch.windows.iter().enumerate() {
        shares[window.example * windows + place] = 1.0 / counts[window.example] as f32;
    }
    let device = logits.device();
    Tensor::<2>::from_data(TensorData::new(shares, [examples, windows]), &device).matmul(logits)
}
