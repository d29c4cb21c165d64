//! BERT and ELECTRA with their heads in ONNX's operators, part by part as `encoder` and `kernels` compute them.

use crate::graph::{Graph, Value, described, float_attribute, integer_attribute};
use crate::{LARGEST, OPSET, OnnxError};
use encoder::{Activation, HeadKind, Model, floats};
use half::f16;
use kernels::{Layer, LayerNorm, Linear};
use prost::Message;
use std::f64::consts::{PI, SQRT_2};
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{GraphProto, ModelProto, OperatorSetIdProto, StringStringEntryProto};

/// How many bits the file keeps of each weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    Single,
    /// 16 bits, which halves the file. It is computed with 32 bits all the same.
    Half,
}

/// What hides padding: its share of the attention becomes zero.
const HIDDEN: f32 = -1e9;

/// The model as the bytes of an ONNX file. `facts` are kept in it as names and values.
pub fn model_file(model: &Model, storage: Storage, facts: &[(&str, String)]) -> Result<Vec<u8>, OnnxError> {
    let made = model_of(model, storage, facts);
    let bytes = made.encoded_len();
    if bytes > LARGEST {
        return Err(OnnxError::TooLarge { bytes });
    }
    Ok(made.encode_to_vec())
}

/// The model with its weights as they are stored in half precision.
pub fn rounded(model: &Model) -> Model {
    let mut model = model.clone();
    model.visit(&mut |_, mut parameter| {
        let values = parameter.values().into_iter().map(|value| f16::from_f32(value).to_f32()).collect();
        parameter.set(values);
    });
    model
}

fn model_of(model: &Model, storage: Storage, facts: &[(&str, String)]) -> ModelProto {
    let mut graph = Graph { half: storage == Storage::Half, ..Graph::default() };
    let [ids, mask, segments] = ["input_ids", "attention_mask", "token_type_ids"].map(Value::from);
    let states = encoded(&mut graph, model, &ids, &mask, &segments);
    let logits = head(&mut graph, model, &states);
    graph.nodes.iter_mut().filter(|node| node.name == logits).for_each(|node| node.output = vec!["logits".into()]);
    let outputs = model.classifier.bias.dims()[0];
    let shape: &[Result<usize, &str>] = match model.kind {
        HeadKind::Sequence => &[Err("batch"), Ok(outputs)],
        HeadKind::Token => &[Err("batch"), Err("length"), Ok(outputs)],
    };
    let input = |name: &Value| described(name, DataType::Int64, &[Err("batch"), Err("length")]);
    let entry = |(key, value): &(&str, String)| StringStringEntryProto { key: key.to_string(), value: value.clone() };
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
        producer_name: "Ballast".into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        graph: Some(GraphProto {
            name: model.config.family.prefix().into(),
            node: graph.nodes,
            initializer: graph.constants,
            input: [ids, mask, segments].iter().map(input).collect(),
            output: vec![described("logits", DataType::Float, shape)],
            ..GraphProto::default()
        }),
        metadata_props: facts.iter().map(entry).collect(),
        ..ModelProto::default()
    }
}

/// The last hidden states, `[batch, length, hidden]`.
fn encoded(graph: &mut Graph, model: &Model, ids: &Value, mask: &Value, segments: &Value) -> Value {
    let (config, embeddings) = (&model.config, &model.embeddings);
    let size = config.embedding_size;
    let word = graph.weight("embeddings.word", &[config.vocab_size, size], &floats(embeddings.word.clone()));
    let segment =
        graph.weight("embeddings.segment", &[config.type_vocab_size, size], &floats(embeddings.segment.clone()));
    let position = [config.max_position_embeddings, size];
    let position = graph.weight("embeddings.position", &position, &floats(embeddings.position.clone()));
    let words = graph.gather(&word, ids, 0);
    let segments = graph.gather(&segment, segments, 0);
    let length = graph.node("Shape", &[ids], vec![integer_attribute("start", 1), integer_attribute("end", 2)]);
    let (first, axis) = (graph.integers(&[0]), graph.integers(&[0]));
    let positions = graph.node("Slice", &[&position, &first, &length, &axis], vec![]);
    let sum = graph.add(&words, &segments);
    let sum = graph.add(&sum, &positions);
    let mut x = norm(graph, &embeddings.norm, "embeddings.norm", &sum);
    if let Some(project) = &model.embeddings_project {
        x = linear(graph, project, "embeddings.project", &x);
    }
    let shown = graph.cast(mask);
    let one = graph.number(1.0);
    let padding = graph.node("Sub", &[&one, &shown], vec![]);
    let far = graph.number(HIDDEN);
    let bias = graph.multiply(&padding, &far);
    let axes = graph.integers(&[1, 2]);
    let bias = graph.node("Unsqueeze", &[&bias, &axes], vec![]);
    for (index, layer) in model.layers.iter().enumerate() {
        x = encoder_layer(graph, model, layer, &format!("layer.{index}"), &x, &bias);
    }
    x
}

fn encoder_layer(graph: &mut Graph, model: &Model, layer: &Layer, name: &str, x: &Value, bias: &Value) -> Value {
    let (hidden, heads) = (model.config.hidden_size as i64, model.config.num_attention_heads as i64);
    let width = hidden / heads;
    let part = |part: &str| format!("{name}.{part}");
    let mut split = |weights: &Linear, own: &str, order: &[i64]| {
        let projected = linear(graph, weights, &part(own), x);
        let split = graph.reshape(&projected, &[0, 0, heads, width]);
        graph.transpose(&split, order)
    };
    let query = split(&layer.query, "query", &[0, 2, 1, 3]);
    let key = split(&layer.key, "key", &[0, 2, 3, 1]);
    let value = split(&layer.value, "value", &[0, 2, 1, 3]);
    let scale = graph.number(1.0 / (width as f32).sqrt());
    let query = graph.multiply(&query, &scale);
    let scores = graph.matmul(&query, &key);
    let scores = graph.add(&scores, bias);
    let shares = graph.node("Softmax", &[&scores], vec![integer_attribute("axis", -1)]);
    let context = graph.matmul(&shares, &value);
    let context = graph.transpose(&context, &[0, 2, 1, 3]);
    let context = graph.reshape(&context, &[0, 0, hidden]);
    let attended = linear(graph, &layer.attention_output, &part("attention_output"), &context);
    let sum = graph.add(&attended, x);
    let x = norm(graph, &layer.attention_norm, &part("attention_norm"), &sum);
    let inner = linear(graph, &layer.intermediate, &part("intermediate"), &x);
    let inner = activated(graph, model.config.activation, &inner);
    let outer = linear(graph, &layer.output, &part("output"), &inner);
    let sum = graph.add(&outer, &x);
    norm(graph, &layer.output_norm, &part("output_norm"), &sum)
}

fn head(graph: &mut Graph, model: &Model, states: &Value) -> Value {
    if model.kind == HeadKind::Token {
        return linear(graph, &model.classifier, "classifier", states);
    }
    let first = graph.integer(0);
    let start = graph.gather(states, &first, 1);
    let features = match (&model.pooler, &model.dense) {
        (Some(pooler), _) => {
            let pooled = linear(graph, pooler, "pooler", &start);
            graph.node("Tanh", &[&pooled], vec![])
        }
        (None, Some(dense)) => {
            let dense = linear(graph, dense, "dense", &start);
            activated(graph, Activation::Gelu, &dense)
        }
        (None, None) => start,
    };
    linear(graph, &model.classifier, "classifier", &features)
}

/// Weights are turned round: ONNX multiplies rows by columns, PyTorch's linear rows by rows.
fn linear(graph: &mut Graph, linear: &Linear, name: &str, x: &Value) -> Value {
    let [output, input] = linear.weight.dims();
    let weight = graph.weight(&format!("{name}.weight"), &[input, output], &floats(linear.weight.clone().transpose()));
    let bias = graph.weight(&format!("{name}.bias"), &[output], &floats(linear.bias.clone()));
    let product = graph.matmul(x, &weight);
    graph.add(&product, &bias)
}

fn norm(graph: &mut Graph, norm: &LayerNorm, name: &str, x: &Value) -> Value {
    let size = norm.weight.dims()[0];
    let weight = graph.weight(&format!("{name}.weight"), &[size], &floats(norm.weight.clone()));
    let bias = graph.weight(&format!("{name}.bias"), &[size], &floats(norm.bias.clone()));
    let settings = vec![integer_attribute("axis", -1), float_attribute("epsilon", norm.epsilon as f32)];
    graph.node("LayerNormalization", &[x, &weight, &bias], settings)
}

/// GELU from the error function, its approximation by tanh (Hendrycks and Gimpel 2016, section 2), or ReLU.
fn activated(graph: &mut Graph, activation: Activation, x: &Value) -> Value {
    let inner = match activation {
        Activation::Relu => return graph.node("Relu", &[x], vec![]),
        Activation::Gelu => {
            let scale = graph.number((1.0 / SQRT_2) as f32);
            let scaled = graph.multiply(x, &scale);
            graph.node("Erf", &[&scaled], vec![])
        }
        Activation::GeluTanh => {
            let (cubic, scale) = (graph.number(0.044_715), graph.number((2.0 / PI).sqrt() as f32));
            let square = graph.multiply(x, x);
            let cube = graph.multiply(&square, x);
            let bent = graph.multiply(&cube, &cubic);
            let sum = graph.add(x, &bent);
            let scaled = graph.multiply(&sum, &scale);
            graph.node("Tanh", &[&scaled], vec![])
        }
    };
    let (one, half) = (graph.number(1.0), graph.number(0.5));
    let raised = graph.add(&inner, &one);
    let product = graph.multiply(x, &raised);
    graph.multiply(&product, &half)
}
