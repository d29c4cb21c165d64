//! Labels out of a project, in the formats that others read.

use crate::StudioError;
use crate::forms::{self, Form};
use crate::workspace::refuse_filled;
use corpus::{AnswerForm, Document, Example, Gold, Mention, Relation, Span, tabular, words_of};
use labelling::{LabelKind, NewDocument, Project, form_of};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Writes what an annotator has done, in the form that the name's ending asks for (see [`Form`]). Gives how many documents that
/// are, and a sentence for everything the form has no place for.
pub fn give(project: &Project, annotator: u32, out: &Path) -> Result<(usize, Vec<String>), StudioError> {
    let form = Form::of(out)?;
    if form == Form::Brat {
        refuse_filled(out)?;
    }
    let task = project.task()?;
    let shape = form_of(task);
    let all: Vec<NewDocument> = project.labelled(annotator)?.into_iter().map(|own| own.document).collect();
    let mut lost = Vec::new();
    let beside = !matches!(form, Form::BiocXml | Form::BiocJson | Form::Pubtator | Form::Brat);
    if beside && shape == AnswerForm::Spans && all.iter().any(|document| !document.labels.is_empty()) {
        lost.push("labels of whole texts have no place beside entities".into());
    }
    match form {
        Form::Jsonl => crate::workspace::write_file(out, lines(shape, &all).as_bytes())?,
        Form::Csv | Form::Xlsx | Form::Parquet => {
            let (columns, rows) = table(shape, &all);
            forms::write_table(form, out, &columns, &rows)?;
            if all.iter().any(|document| !document.relations.is_empty()) {
                lost.push("a table has no place for relations".into());
            }
        }
        Form::Conll => {
            form.check(out, task)?;
            let labels: Vec<String> = project
                .labels()?
                .into_iter()
                .filter(|label| label.kind == LabelKind::Span)
                .map(|label| label.name)
                .collect();
            let tagged: Vec<(Example, Vec<Span>)> =
                all.iter().map(|document| tagged(document, &labels, &mut lost)).collect();
            let texts = tagged.iter().map(|(example, spans)| (example, spans.as_slice()));
            crate::workspace::write_file(out, tabular::write_conll::write(task, &labels, texts).as_bytes())?;
        }
        Form::BiocXml | Form::BiocJson | Form::Pubtator | Form::Brat => {
            let documents: Vec<Document> = all.iter().map(document).collect();
            lost.extend(forms::write_documents(form, out, &documents)?);
        }
    }
    Ok((all.len(), lost))
}

/// A line a document, as this program reads it again.
pub(crate) fn lines<'a>(form: AnswerForm, all: impl IntoIterator<Item = &'a NewDocument>) -> String {
    let line = |document: &NewDocument| {
        let mut line = Map::new();
        line.insert("id".into(), json!(document.name));
        line.insert("text".into(), json!(document.text));
        if let Some(pair) = &document.pair {
            line.insert("pair".into(), json!(pair));
        }
        if let Some(patient) = &document.patient {
            line.insert("patient".into(), json!(patient));
        }
        match form {
            AnswerForm::Spans => {
                let span =
                    |span: &labelling::NewSpan| json!({ "start": span.start, "end": span.end, "label": span.label });
                line.insert("entities".into(), document.spans.iter().map(span).collect());
                if !document.relations.is_empty() {
                    let relation = |own: &labelling::NewRelation| json!({ "head": own.head, "tail": own.tail, "label": own.label });
                    line.insert("relations".into(), document.relations.iter().map(relation).collect());
                }
            }
            AnswerForm::Class => drop(line.insert("label".into(), json!(document.labels.first()))),
            AnswerForm::Labels => drop(line.insert("label".into(), json!(document.labels))),
            AnswerForm::Score => drop(line.insert("score".into(), json!(document.score))),
        }
        Value::Object(line).to_string() + "\n"
    };
    all.into_iter().map(line).collect()
}

fn table(form: AnswerForm, all: &[NewDocument]) -> (Vec<String>, Vec<Vec<String>>) {
    let (pairs, patients) =
        (all.iter().any(|document| document.pair.is_some()), all.iter().any(|document| document.patient.is_some()));
    let mut columns = vec!["id"];
    let answer: &[&str] = match form {
        AnswerForm::Spans => &["start", "end", "label", "surface"],
        AnswerForm::Class | AnswerForm::Labels => &["label"],
        AnswerForm::Score => &["score"],
    };
    if form != AnswerForm::Spans {
        columns.push("text");
        columns.extend(pairs.then_some("pair"));
    }
    columns.extend(patients.then_some("patient"));
    columns.extend(answer);
    let mut rows = Vec::new();
    for document in all {
        let mut row = vec![document.name.clone()];
        if form != AnswerForm::Spans {
            row.push(document.text.clone());
            row.extend(pairs.then(|| document.pair.clone().unwrap_or_default()));
        }
        row.extend(patients.then(|| document.patient.clone().unwrap_or_default()));
        match form {
            AnswerForm::Class | AnswerForm::Labels => row.push(document.labels.join("; ")),
            AnswerForm::Score => row.push(document.score.map(|score| score.to_string()).unwrap_or_default()),
            AnswerForm::Spans => {
                let characters: Vec<char> = document.text.chars().collect();
                for span in &document.spans {
                    let surface = characters[span.start..span.end].iter().collect();
                    let own = [span.start.to_string(), span.end.to_string(), span.label.clone(), surface];
                    rows.push(row.iter().cloned().chain(own).collect());
                }
                if document.spans.is_empty() {
                    rows.push(row.iter().cloned().chain([const { String::new() }; 4]).collect());
                }
                continue;
            }
        }
        rows.push(row);
    }
    (columns.into_iter().map(String::from).collect(), rows)
}

pub(crate) fn document(own: &NewDocument) -> Document {
    let mention = |(place, span): (usize, &labelling::NewSpan)| Mention {
        id: format!("T{}", place + 1),
        kind: span.label.clone(),
        ranges: std::iter::once(span.start..span.end).collect(),
        concept: None,
        line: 0,
    };
    let relation = |(place, own): (usize, &labelling::NewRelation)| Relation {
        id: format!("R{}", place + 1),
        kind: own.label.clone(),
        arguments: vec![("Arg1".into(), format!("T{}", own.head + 1)), ("Arg2".into(), format!("T{}", own.tail + 1))],
        line: 0,
    };
    Document {
        id: own.name.clone(),
        text: own.text.clone(),
        mentions: own.spans.iter().enumerate().map(mention).collect(),
        relations: own.relations.iter().enumerate().map(relation).collect(),
        labels: own.labels.clone(),
        ..Document::default()
    }
}

/// Words with tags hold one label each: what overlaps a longer span is told and left out.
fn tagged(document: &NewDocument, labels: &[String], lost: &mut Vec<String>) -> (Example, Vec<Span>) {
    let mut order: Vec<&labelling::NewSpan> = document.spans.iter().collect();
    order.sort_by_key(|span| (std::cmp::Reverse(span.end - span.start), span.start));
    let mut kept: Vec<Span> = Vec::new();
    for span in order {
        let Some(label) = labels.iter().position(|label| *label == span.label) else { continue };
        if kept.iter().any(|other| other.start < span.end && span.start < other.end) {
            lost.push(format!("{}: {} to {} overlaps another entity", document.name, span.start, span.end));
        } else {
            kept.push(Span { start: span.start, end: span.end, label });
        }
    }
    kept.sort();
    let example = Example {
        id: document.name.clone(),
        text: document.text.clone(),
        pair: None,
        words: words_of(&document.text),
        gold: Some(Gold::Entities(kept.clone())),
        group: None,
        document: None,
        line: 0,
    };
    (example, kept)
}
