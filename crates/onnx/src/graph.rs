//! An ONNX graph under construction: nodes in the order in which they are computed, and the constants that they read.

use half::f16;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::type_proto;
use tract_onnx::pb::{AttributeProto, NodeProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto};

/// The name of a value in the graph.
pub(crate) type Value = String;

#[derive(Default)]
pub(crate) struct Graph {
    pub nodes: Vec<NodeProto>,
    pub constants: Vec<TensorProto>,
    /// Whether weights are stored with 16 bits a number; they are computed with 32 all the same.
    pub half: bool,
}

impl Graph {
    /// Adds a node with one output, which is named after it.
    pub fn node(&mut self, operator: &str, inputs: &[&Value], attributes: Vec<AttributeProto>) -> Value {
        let name = format!("{}_{}", operator.to_lowercase(), self.nodes.len());
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|input| input.to_string()).collect(),
            output: vec![name.clone()],
            name: name.clone(),
            op_type: operator.into(),
            attribute: attributes,
            ..NodeProto::default()
        });
        name
    }

    /// A parameter of the model.
    pub fn weight(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Value {
        if !self.half {
            return self.floats(name, shape, values);
        }
        let bytes = values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
        let stored = self.constant(&format!("{name}.half"), shape, DataType::Float16, bytes);
        self.cast(&stored)
    }

    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, shape, DataType::Float, bytes)
    }

    /// A single number that operators spread over a tensor.
    pub fn number(&mut self, value: f32) -> Value {
        let name = format!("number_{}", self.constants.len());
        self.floats(&name, &[], &[value])
    }

    pub fn integers(&mut self, values: &[i64]) -> Value {
        let name = format!("integers_{}", self.constants.len());
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(&name, &[values.len()], DataType::Int64, bytes)
    }

    /// One whole number, without a dimension.
    pub fn integer(&mut self, value: i64) -> Value {
        let name = format!("integer_{}", self.constants.len());
        self.constant(&name, &[], DataType::Int64, value.to_le_bytes().to_vec())
    }

    fn constant(&mut self, name: &str, shape: &[usize], kind: DataType, bytes: Vec<u8>) -> Value {
        self.constants.push(TensorProto {
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type: kind as i32,
            name: name.into(),
            raw_data: bytes,
            ..TensorProto::default()
        });
        name.into()
    }

    /// Any numbers as floats of 32 bits.
    pub fn cast(&mut self, value: &Value) -> Value {
        self.node("Cast", &[value], vec![integer_attribute("to", DataType::Float as i64)])
    }

    pub fn add(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Add", &[a, b], vec![])
    }

    pub fn multiply(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Mul", &[a, b], vec![])
    }

    pub fn matmul(&mut self, a: &Value, b: &Value) -> Value {
        self.node("MatMul", &[a, b], vec![])
    }

    pub fn reshape(&mut self, value: &Value, shape: &[i64]) -> Value {
        let shape = self.integers(shape);
        self.node("Reshape", &[value, &shape], vec![])
    }

    pub fn transpose(&mut self, value: &Value, order: &[i64]) -> Value {
        self.node("Transpose", &[value], vec![integers_attribute("perm", order)])
    }

    /// Rows of a table, or one row along an axis.
    pub fn gather(&mut self, table: &Value, rows: &Value, axis: i64) -> Value {
        self.node("Gather", &[table, rows], vec![integer_attribute("axis", axis)])
    }
}

pub(crate) fn integer_attribute(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Int as i32, i: value, ..AttributeProto::default() }
}

fn integers_attribute(name: &str, values: &[i64]) -> AttributeProto {
    let kind = AttributeType::Ints as i32;
    AttributeProto { name: name.into(), r#type: kind, ints: values.to_vec(), ..AttributeProto::default() }
}

pub(crate) fn float_attribute(name: &str, value: f32) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Float as i32, f: value, ..AttributeProto::default() }
}

/// What goes in or comes out: a name stands for a size that is free.
pub(crate) fn described(name: &str, kind: DataType, shape: &[Result<usize, &str>]) -> ValueInfoProto {
    let size = |size: &Result<usize, &str>| Dimension {
        value: Some(match size {
            Ok(size) => dimension::Value::DimValue(*size as i64),
            Err(name) => dimension::Value::DimParam(name.to_string()),
        }),
        ..Dimension::default()
    };
    let shape = TensorShapeProto { dim: shape.iter().map(size).collect() };
    let tensor = type_proto::Tensor { elem_type: kind as i32, shape: Some(shape) };
    ValueInfoProto {
        name: name.into(),
        r#type: Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() }),
        ..ValueInfoProto::default()
    }
}
