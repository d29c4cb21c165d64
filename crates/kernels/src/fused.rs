//! Between burn's tensors and the operators on plain numbers: which form runs, and what burn's autodiff is told.

use crate::composed;
use crate::dropout::{Dropout, Site};
use crate::embedding::{self, Places};
use crate::layer::{self, Settings, Wanted};
use crate::norm::Norm;
use crate::parameters::{Embeddings, Layer};
use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::NoCheckpointing};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::prelude::*;
use burn::tensor::DType;
use burn_flex::{Flex, FlexTensor};

type Tracked = FloatTensor<Autodiff<Flex>>;

/// Whether a tensor lies where operators are fused: on the CPU, in f32.
pub fn is_fused<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && flex(tensor.clone()).is_some()
}

fn flex<const D: usize>(tensor: Tensor<D>) -> Option<FlexTensor> {
    if tensor.is_autodiff() {
        tensor.try_into_primitive::<Autodiff<Flex>>().ok().map(Tracked::into_primitive)
    } else {
        tensor.try_into_primitive::<Flex>().ok()
    }
}

/// A tensor that [`is_fused`], with its numbers in one piece; without a copy where nobody else holds them.
pub fn take<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    in_one_piece(flex(tensor).expect("the tensor lies on the CPU"))
}

fn in_one_piece(tensor: FlexTensor) -> FlexTensor {
    if tensor.is_contiguous() { tensor } else { tensor.to_contiguous() }
}

/// The numbers of a tensor in one piece.
pub fn numbers(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("the tensor is in one piece and in f32")
}

/// [`numbers`] to be changed; a copy of them where somebody else holds the tensor too.
pub fn numbers_mut(tensor: &mut FlexTensor) -> &mut [f32] {
    let (start, end) = tensor.layout().contiguous_offsets().expect("the tensor is in one piece");
    &mut tensor.storage_mut::<f32>()[start..end]
}

fn tracked<const D: usize>(tensor: Tensor<D>) -> Tracked {
    tensor.autodiff().try_into_primitive::<Autodiff<Flex>>().expect("the tensor lies on the CPU")
}

/// One transformer layer over `x`, `[rows, hidden]`.
pub fn encoder_layer(x: Tensor<2>, layer: &Layer, settings: &Settings) -> Tensor<2> {
    if !is_fused(&x) {
        return composed::encoder_layer(x, layer, settings);
    }
    let epsilons = [layer.attention_norm.epsilon, layer.output_norm.epsilon];
    if !x.is_autodiff() && !layer.query.weight.is_autodiff() {
        let parameters = layer.tensors(take, take);
        let (y, _) = layer::forward(numbers(&take(x.clone())), &parameters.each_ref().map(numbers), epsilons, settings);
        return Tensor::from_primitive::<Flex>(y.into_tensor(x.dims()));
    }
    let shape = x.dims();
    let (x, x_node) = tracked(x).into_parts();
    let x = in_one_piece(x);
    let (parameters, nodes) = split(layer.tensors(tracked, tracked).map(Tracked::into_parts));
    let parameters = parameters.map(in_one_piece);
    let (y, saved) = layer::forward(numbers(&x), &parameters.each_ref().map(numbers), epsilons, settings);
    let y = y.into_tensor(shape);
    let parents = collect::<_, { 1 + layer::COUNT }>([x_node].into_iter().chain(nodes));
    let y = match LayerBackward.prepare::<NoCheckpointing>(parents).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => {
            prepared.finish(LayerState { x, parameters, saved, settings: settings.clone() }, y)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(y),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(y)
}

#[derive(Debug)]
struct LayerBackward;

#[derive(Debug, Clone)]
struct LayerState {
    x: FlexTensor,
    parameters: [FlexTensor; layer::COUNT],
    saved: layer::Saved,
    settings: Settings,
}

impl Backward<Flex, { 1 + layer::COUNT }> for LayerBackward {
    type State = LayerState;

    fn backward(self, ops: Ops<LayerState, { 1 + layer::COUNT }>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let LayerState { x, parameters, saved, settings } = ops.state;
        let mut dy = in_one_piece(gradients.consume::<Flex>(&ops.node));
        let [x_node, nodes @ ..] = ops.parents;
        let wanted = Wanted { input: x_node.is_some(), parameters: nodes.iter().any(Option::is_some) };
        let weights = parameters.each_ref().map(numbers);
        let found = layer::backward(numbers_mut(&mut dy), numbers(&x), &weights, &settings, saved, wanted);
        if let Some(node) = x_node {
            gradients.register::<Flex>(node.id, dy);
        }
        for ((node, gradient), parameter) in nodes.into_iter().zip(found.into_iter().flatten()).zip(&parameters) {
            if let Some(node) = node {
                gradients.register::<Flex>(node.id, gradient.into_tensor(parameter.layout().shape().clone()));
            }
        }
    }
}

/// Embeddings of each row, `[rows, width]`, with dropout at the place given.
pub fn embeddings(embeddings: &Embeddings, places: &Places, dropout: Option<(&Dropout, u32)>) -> Tensor<2> {
    if !is_fused(&embeddings.word) {
        return composed::embeddings(embeddings, places, dropout);
    }
    let site = dropout.map(|(dropout, place)| dropout.site(place));
    let Embeddings { word, position, segment, norm } = embeddings.clone();
    let shape = [places.words.len(), word.dims()[1]];
    let epsilon = norm.epsilon;
    let forward = |[word, position, segment, weight, bias]: [&[f32]; 5]| {
        let norm = Norm { weight, bias, epsilon: epsilon as f32 };
        embedding::forward(places, [word, position, segment], norm, site.as_ref())
    };
    if !word.is_autodiff() {
        let tensors = [take(word), take(position), take(segment), take(norm.weight), take(norm.bias)];
        let (y, _) = forward(tensors.each_ref().map(numbers));
        return Tensor::from_primitive::<Flex>(y.into_tensor(shape));
    }
    let tensors = [tracked(word), tracked(position), tracked(segment), tracked(norm.weight), tracked(norm.bias)];
    let (tensors, nodes) = split(tensors.map(Tracked::into_parts));
    let tensors = tensors.map(in_one_piece);
    let (y, saved) = forward(tensors.each_ref().map(numbers));
    let y = y.into_tensor(shape);
    let y = match EmbeddingsBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => {
            prepared.finish(EmbeddingsState { tensors, places: places.clone(), site, saved }, y)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(y),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(y)
}

#[derive(Debug)]
struct EmbeddingsBackward;

#[derive(Debug, Clone)]
struct EmbeddingsState {
    tensors: [FlexTensor; 5],
    places: Places,
    site: Option<Site>,
    saved: embedding::Saved,
}

impl Backward<Flex, 5> for EmbeddingsBackward {
    type State = EmbeddingsState;

    fn backward(self, ops: Ops<EmbeddingsState, 5>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let EmbeddingsState { tensors, places, site, saved } = ops.state;
        let mut dy = in_one_piece(gradients.consume::<Flex>(&ops.node));
        let sizes = [0, 1, 2].map(|table: usize| numbers(&tensors[table]).len());
        let weight = numbers(&tensors[3]);
        let found = embedding::backward(numbers_mut(&mut dy), &places, sizes, weight, site.as_ref(), saved);
        for ((node, gradient), tensor) in ops.parents.into_iter().zip(found).zip(&tensors) {
            if let Some(node) = node {
                gradients.register::<Flex>(node.id, gradient.into_tensor(tensor.layout().shape().clone()));
            }
        }
    }
}

fn split<A, B, const N: usize>(pairs: [(A, B); N]) -> ([A; N], [B; N]) {
    let (left, right): (Vec<A>, Vec<B>) = pairs.into_iter().unzip();
    (collect(left), collect(right))
}

fn collect<T, const N: usize>(items: impl IntoIterator<Item = T>) -> [T; N] {
    let items: Vec<T> = items.into_iter().collect();
    items.try_into().unwrap_or_else(|items: Vec<T>| panic!("{} items where {N} belong", items.len()))
}
