//! Cross-entropy over the decisions of a batch.

use burn::prelude::*;
use burn::tensor::activation::log_softmax;
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
