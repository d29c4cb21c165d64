//! What formats that know only one stretch of text an entity can hold of a document.

use crate::Document;

/// A sentence for everything that is lost.
pub fn lost(documents: &[Document]) -> Vec<String> {
    let mentions = || documents.iter().flat_map(|document| &document.mentions);
    let parts = mentions().filter(|mention| mention.ranges.len() > 1).count();
    let concepts = mentions().filter(|mention| mention.concept.is_some()).count();
    let sections = documents.iter().filter(|document| !document.sections.is_empty()).count();
    let mut lost = Vec::new();
    if parts > 0 {
        lost.push(format!("{parts} entities in several parts were written as one from first to last character"));
    }
    if concepts > 0 {
        lost.push(format!("the concepts of {concepts} entities were left out"));
    }
    if sections > 0 {
        lost.push(format!("the division of {sections} documents into sections was left out"));
    }
    lost
}
