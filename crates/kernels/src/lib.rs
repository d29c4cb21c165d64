//! Fused operators for the CPU, each with its own backward pass and a composed form of plain burn operators.
//!
//! Model code has one call for all devices: on burn's CPU backend (Flex, f32) an operator runs as written here, everywhere
//! else, and in f64, it is composed, and burn derives its backward pass. The composed form is what the fused one is tested
//! against, and is itself tested by finite differences.
//!
//! Results do not depend on the number of threads: they share out rows, heads and tiles, and sums are made in fixed chunks.

mod adamw;
pub mod attention;
pub mod composed;
mod dropout;
mod embedding;
mod fused;
mod gelu;
mod layer;
mod linear;
mod math;
mod matmul;
mod memory;
mod norm;
mod parameters;
mod processor;
mod rows;
mod shared;
#[cfg(test)]
mod tests;
mod texts;

pub use adamw::{AdamW, Moments, sums_of_squares};
pub use dropout::Dropout;
pub use embedding::Places;
pub use fused::{embeddings, encoder_layer};
pub use gelu::Activation;
pub use layer::Settings;
pub use memory::release_memory;
pub use parameters::{Embeddings, Layer, LayerNorm, Linear};
pub use processor::instructions;
pub use texts::{Text, Texts};
