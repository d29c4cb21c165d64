//! A whole transformer layer, normalized after each residual sum as in BERT (Devlin et al. 2019), forward and backward on
//! plain numbers. As one operator it can reuse its buffers and add up gradients in place.

use crate::attention::{self, Attention};
use crate::dropout::Dropout;
use crate::gelu::{self, Activation};
use crate::linear::{Linear, forward_side_by_side, weight_gradient};
use crate::matmul::Onto;
use crate::memory::Buffer;
use crate::norm::{self, Norm};
use crate::rows::sum_columns;
use crate::texts::Texts;

/// Parameters of a layer, in the order of [`crate::Layer::tensors`].
pub const COUNT: usize = 16;

/// What a layer is told besides its input and parameters.
#[derive(Debug, Clone)]
pub struct Settings {
    pub heads: usize,
    pub activation: Activation,
    /// With the first of the layer's three dropout places: attention shares, attention output, feed-forward output.
    pub dropout: Option<(Dropout, u32)>,
    pub texts: Texts,
}

/// What the backward pass needs of the forward one.
#[derive(Debug, Clone)]
pub struct Saved {
    qkv: Buffer,
    log_sums: Buffer,
    context: Buffer,
    /// After the attention block, normalized, before scale and shift.
    attended: Buffer,
    attended_deviations: Buffer,
    /// After the first linear layer of the feed-forward block, before the activation.
    raised: Buffer,
    /// After the feed-forward block, normalized, before scale and shift.
    output: Buffer,
    output_deviations: Buffer,
}

struct Parts<'a> {
    hidden: usize,
    projections: [Linear<'a>; 3],
    attention_output: Linear<'a>,
    attention_norm: Norm<'a>,
    intermediate: Linear<'a>,
    output: Linear<'a>,
    output_norm: Norm<'a>,
}

impl<'a> Parts<'a> {
    fn new(parameters: &[&'a [f32]; COUNT], epsilons: [f64; 2]) -> Self {
        let [qw, qb, kw, kb, vw, vb, ow, ob, nw, nb, iw, ib, fw, fb, mw, mb] = *parameters;
        let (hidden, inner) = (nw.len(), ib.len());
        let linear = |weight, bias, input| Linear { weight, bias, input };
        let norm = |weight, bias, which: usize| Norm { weight, bias, epsilon: epsilons[which] as f32 };
        Self {
            hidden,
            projections: [linear(qw, qb, hidden), linear(kw, kb, hidden), linear(vw, vb, hidden)],
            attention_output: linear(ow, ob, hidden),
            attention_norm: norm(nw, nb, 0),
            intermediate: linear(iw, ib, hidden),
            output: linear(fw, fb, inner),
            output_norm: norm(mw, mb, 1),
        }
    }
}

/// y of a layer, `[rows, hidden]`, and what its backward pass needs. `epsilons` are those of its two norms.
pub fn forward(x: &[f32], parameters: &[&[f32]; COUNT], epsilons: [f64; 2], settings: &Settings) -> (Buffer, Saved) {
    let parts = Parts::new(parameters, epsilons);
    let (hidden, inner) = (parts.hidden, parts.intermediate.output());
    let rows = settings.texts.rows();
    assert_eq!(x.len(), rows * hidden, "the texts and the input have as many rows");
    let sites = settings.sites();

    let mut qkv = Buffer::any(rows * 3 * hidden);
    forward_side_by_side(&parts.projections, x, &mut qkv);
    let mut context = Buffer::any(rows * hidden);
    let mut log_sums = Buffer::any(settings.heads * rows);
    attention::forward(settings.attention(hidden, sites[0].as_ref()), &qkv, &mut context, &mut log_sums);

    let mut attended = Buffer::any(rows * hidden);
    parts.attention_output.forward(&context, &mut attended);
    let mut middle = Buffer::any(rows * hidden);
    let mut attended_deviations = Buffer::any(rows);
    let (norm, site) = (parts.attention_norm, sites[1].as_ref());
    norm::forward(&mut attended, Some(x), norm, site, &mut middle, &mut attended_deviations);

    let mut raised = Buffer::any(rows * inner);
    parts.intermediate.forward(&middle, &mut raised);
    let mut activated = Buffer::any(rows * inner);
    gelu::forward(settings.activation, &raised, &mut activated, inner);
    let mut output = Buffer::any(rows * hidden);
    parts.output.forward(&activated, &mut output);
    drop(activated);
    let mut y = Buffer::any(rows * hidden);
    let mut output_deviations = Buffer::any(rows);
    let (norm, site) = (parts.output_norm, sites[2].as_ref());
    norm::forward(&mut output, Some(&middle), norm, site, &mut y, &mut output_deviations);

    let saved = Saved { qkv, log_sums, context, attended, attended_deviations, raised, output, output_deviations };
    (y, saved)
}

/// Which gradients somebody wants.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub input: bool,
    pub parameters: bool,
}

/// From the gradient of y, `dy`, to that of x, which takes its place if it is wanted, and to those of the parameters, in
/// their order.
pub fn backward(
    dy: &mut [f32],
    x: &[f32],
    parameters: &[&[f32]; COUNT],
    settings: &Settings,
    saved: Saved,
    wanted: Wanted,
) -> Option<Vec<Buffer>> {
    // The deviations that were kept have the norms' epsilons in them.
    let parts = Parts::new(parameters, [0.0; 2]);
    let (hidden, inner) = (parts.hidden, parts.intermediate.output());
    let rows = settings.texts.rows();
    let sites = settings.sites();
    let Saved {
        qkv,
        log_sums,
        context,
        mut attended,
        attended_deviations,
        raised: mut activated,
        mut output,
        output_deviations,
    } = saved;
    let mut gradients = Gradients { wanted: wanted.parameters, found: std::array::from_fn(|_| None) };

    // The feed-forward block. `dy` becomes the gradient of its residual, `output` that of its last linear layer.
    let mut sums = Buffer::any(3 * hidden);
    norm::backward(dy, &mut output, parts.output_norm.weight, &output_deviations, sites[2].as_ref(), &mut sums);
    gradients.norm_and_bias(14, 13, &sums);
    let mut d_inner = Buffer::any(rows * inner);
    parts.output.backward(&output, hidden, Onto::Replace, &mut d_inner);
    let mut d_inner_sum = Buffer::any(inner);
    gelu::backward(settings.activation, &mut activated, &mut d_inner, &mut d_inner_sum);
    gradients.weight(12, &output, hidden, &activated, inner);
    gradients.bias(11, &d_inner_sum);
    drop((activated, output));
    let mut middle = Buffer::any(rows * hidden);
    norm::rescale(&attended, parts.attention_norm, &mut middle);
    gradients.weight(10, &d_inner, inner, &middle, hidden);
    drop(middle);
    parts.intermediate.backward(&d_inner, inner, Onto::Add, dy);
    drop(d_inner);

    // The attention block, likewise: `attended` becomes the gradient of its output layer.
    norm::backward(dy, &mut attended, parts.attention_norm.weight, &attended_deviations, sites[1].as_ref(), &mut sums);
    gradients.norm_and_bias(8, 7, &sums);
    gradients.weight(6, &attended, hidden, &context, hidden);
    let mut d_context = context;
    parts.attention_output.backward(&attended, hidden, Onto::Replace, &mut d_context);
    drop(attended);
    let mut d_qkv = Buffer::any(rows * 3 * hidden);
    attention::backward(settings.attention(hidden, sites[0].as_ref()), &qkv, &log_sums, &d_context, &mut d_qkv);
    drop((qkv, d_context));
    if wanted.parameters {
        let mut sums = Buffer::any(3 * hidden);
        sum_columns(&d_qkv, 3 * hidden, &mut sums);
        for (part, sums) in sums.chunks_exact(hidden).enumerate() {
            gradients.bias(2 * part + 1, sums);
            gradients.weight(2 * part, d_qkv.get(part * hidden..).unwrap_or(&[]), 3 * hidden, x, hidden);
        }
    }
    if wanted.input && rows > 0 {
        for (part, projection) in parts.projections.iter().enumerate() {
            projection.backward(&d_qkv[part * hidden..], 3 * hidden, Onto::Add, dy);
        }
    }
    gradients.found.into_iter().collect()
}

impl Settings {
    fn sites(&self) -> [Option<crate::dropout::Site>; 3] {
        let site = |number| self.dropout.as_ref().map(|(dropout, first)| dropout.site(first + number));
        [site(0), site(1), site(2)]
    }

    fn attention<'a>(&'a self, hidden: usize, site: Option<&'a crate::dropout::Site>) -> Attention<'a> {
        Attention { texts: &self.texts, heads: self.heads, hidden, site }
    }
}

/// The gradients of parameters as they are found, at their places.
struct Gradients {
    wanted: bool,
    found: [Option<Buffer>; COUNT],
}

impl Gradients {
    fn weight(&mut self, place: usize, dy: &[f32], stride: usize, x: &[f32], input: usize) {
        if self.wanted {
            // The output size is the stride, but for the three projections, which lie side by side.
            let output = if place < 6 { stride / 3 } else { stride };
            let mut gradient = Buffer::any(output * input);
            weight_gradient(dy, stride, x, input, &mut gradient);
            self.found[place] = Some(gradient);
        }
    }

    fn bias(&mut self, place: usize, sums: &[f32]) {
        if self.wanted {
            let mut gradient = Buffer::any(sums.len());
            gradient.copy_from_slice(sums);
            self.found[place] = Some(gradient);
        }
    }

    /// From the sums of [`norm::backward`]: weight and bias of a normalization from `place` on, and the bias before it.
    fn norm_and_bias(&mut self, place: usize, bias: usize, sums: &[f32]) {
        let hidden = sums.len() / 3;
        self.bias(place, &sums[..hidden]);
        self.bias(place + 1, &sums[hidden..2 * hidden]);
        self.bias(bias, &sums[2 * hidden..]);
    }
}
