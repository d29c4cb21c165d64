//! The parameters of embeddings and layers as tensors on any device.

use crate::layer;
use burn::prelude::*;

/// `y = x Wᵀ + b`, with W as PyTorch keeps it: `[output, input]`.
#[derive(Debug, Clone)]
pub struct Linear {
    pub weight: Tensor<2>,
    pub bias: Tensor<1>,
}

impl Linear {
    pub fn zeros(input: usize, output: usize, device: &Device) -> Self {
        Self { weight: Tensor::zeros([output, input], device), bias: Tensor::zeros([output], device) }
    }

    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        x.matmul(self.weight.clone().transpose()) + self.bias.clone().unsqueeze::<2>()
    }
}

/// Scale and shift of a layer normalization over the last dimension (Ba et al. 2016).
#[derive(Debug, Clone)]
pub struct LayerNorm {
    pub weight: Tensor<1>,
    pub bias: Tensor<1>,
    pub epsilon: f64,
}

impl LayerNorm {
    pub fn ones(size: usize, epsilon: f64, device: &Device) -> Self {
        Self { weight: Tensor::ones([size], device), bias: Tensor::zeros([size], device), epsilon }
    }
}

/// The tables `[count, width]` whose rows are added up, and the norm over the sum.
#[derive(Debug, Clone)]
pub struct Embeddings {
    pub word: Tensor<2>,
    pub position: Tensor<2>,
    pub segment: Tensor<2>,
    pub norm: LayerNorm,
}

/// One transformer layer.
#[derive(Debug, Clone)]
pub struct Layer {
    pub query: Linear,
    pub key: Linear,
    pub value: Linear,
    pub attention_output: Linear,
    pub attention_norm: LayerNorm,
    pub intermediate: Linear,
    pub output: Linear,
    pub output_norm: LayerNorm,
}

impl Layer {
    /// Every parameter, made into something else, bottom to top as in Hugging Face's state dict.
    pub(crate) fn tensors<T>(
        &self,
        matrix: impl Fn(Tensor<2>) -> T,
        vector: impl Fn(Tensor<1>) -> T,
    ) -> [T; layer::COUNT] {
        let linear = |linear: &Linear| [matrix(linear.weight.clone()), vector(linear.bias.clone())];
        let norm = |norm: &LayerNorm| [vector(norm.weight.clone()), vector(norm.bias.clone())];
        let [qw, qb] = linear(&self.query);
        let [kw, kb] = linear(&self.key);
        let [vw, vb] = linear(&self.value);
        let [ow, ob] = linear(&self.attention_output);
        let [nw, nb] = norm(&self.attention_norm);
        let [iw, ib] = linear(&self.intermediate);
        let [fw, fb] = linear(&self.output);
        let [mw, mb] = norm(&self.output_norm);
        [qw, qb, kw, kb, vw, vb, ow, ob, nw, nb, iw, ib, fw, fb, mw, mb]
    }
}
