//! Writers: from tables and documents to files of other tools.

pub mod jsonl;
pub mod labelstudio;
pub mod parquet;
mod places;
pub mod xlsx;
