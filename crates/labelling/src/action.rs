//! What a person can do to a document. Each action is saved before it is answered, and can be taken back.

use crate::documents::undecided;
use crate::edit::{AnswerRow, Edit, Place, RelationRow, SpanRow, answer, new_id, relations, spans};
use crate::history::note;
use crate::label::{LabelKind, labels};
use crate::settle::Said;
use crate::{LabellingError, Project, Result};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use specta::Type;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Action {
    /// Characters of the text, the end excluded.
    AddSpan {
        start: u32,
        end: u32,
        label: u32,
    },
    ChangeSpan {
        id: u32,
        start: u32,
        end: u32,
        label: u32,
    },
    /// With every relation that it takes part in.
    RemoveSpan {
        id: u32,
    },
    Relate {
        head: u32,
        tail: u32,
        label: u32,
    },
    RemoveRelation {
        id: u32,
    },
    /// The labels of the text as a whole.
    SetLabels {
        labels: Vec<u32>,
    },
    SetScore {
        score: Option<f64>,
    },
    /// Takes over what the model suggests, with another label where one is given.
    Accept {
        suggestion: u32,
        label: Option<u32>,
    },
    Reject {
        suggestion: u32,
    },
    /// Takes over every suggestion of the document that reaches a confidence.
    AcceptAbove {
        confidence: f64,
    },
    /// Settles what two others differ on: some of it is taken over, some is not, whatever was said of it before.
    Settle {
        take: Vec<Said>,
        leave: Vec<Said>,
    },
    /// Finished, or not: suggestions that were not taken over count as wrong then.
    Done {
        done: bool,
    },
}

impl Action {
    fn name(&self) -> String {
        if matches!(self, Action::Done { done: false }) {
            return "open".into();
        }
        let tagged = serde_json::to_value(self).unwrap_or_default();
        tagged["kind"].as_str().unwrap_or_default().to_string()
    }
}

impl Project {
    /// Does something to a document in the name of an annotator.
    pub fn act(&mut self, annotator: u32, document: u32, action: &Action) -> Result<()> {
        let failed = self.database();
        let place = Place { document, annotator };
        self.whole(|transaction| {
            let mut work = Work { connection: transaction, place, edits: Vec::new(), failed: &failed };
            work.carry_out(action)?;
            note(transaction, (annotator, Some(document)), &action.name(), &work.edits).map_err(&failed)
        })
    }
}

/// An action on its way.
struct Work<'a, F: Fn(rusqlite::Error) -> LabellingError> {
    connection: &'a Connection,
    place: Place,
    edits: Vec<Edit>,
    failed: &'a F,
}

impl<F: Fn(rusqlite::Error) -> LabellingError> Work<'_, F> {
    fn carry_out(&mut self, action: &Action) -> Result<()> {
        let length = self.length()?;
        match action {
            Action::AddSpan { start, end, label } => {
                let row = SpanRow { start: *start, end: *end, label: *label };
                self.check_span(&row, length)?;
                self.add_span(row)
            }
            Action::ChangeSpan { id, start, end, label } => {
                let row = SpanRow { start: *start, end: *end, label: *label };
                self.check_span(&row, length)?;
                let before = self.span(*id)?;
                if before == row {
                    Ok(())
                } else {
                    self.edit(Edit::Span { id: *id, before: Some(before), after: Some(row) })
                }
            }
            Action::RemoveSpan { id } => self.remove_span(*id),
            Action::Relate { head, tail, label } => {
                self.relate(RelationRow { head: *head, tail: *tail, label: *label })
            }
            Action::RemoveRelation { id } => {
                let (id, row) = self.relation(|own, _| own == *id)?.ok_or(LabellingError::Gone)?;
                self.edit(Edit::Relation { id, before: Some(row), after: None })
            }
            Action::SetLabels { labels } => {
                labels.iter().try_for_each(|&label| self.check_label(label, LabelKind::Document))?;
                let mut labels = labels.clone();
                labels.sort_unstable();
                labels.dedup();
                self.change_answer(|answer| answer.labels = labels)
            }
            Action::SetScore { score } => {
                if let Some(score) = score.filter(|score| !score.is_finite()) {
                    return Err(LabellingError::NoScore { score });
                }
                self.change_answer(|answer| answer.score = *score)
            }
            Action::Accept { suggestion, label } => {
                let all = self.suggested()?;
                let mut found = all.into_iter().find(|found| found.id == *suggestion).ok_or(LabellingError::Gone)?;
                let changed = label.filter(|label| Some(*label) != found.label);
                found.label = label.or(found.label);
                self.take_over(&found)?;
                // What had to be changed was not right as it stood.
                self.decide(*suggestion, changed.is_none())
            }
            Action::Reject { suggestion } => self.decide(*suggestion, false),
            Action::AcceptAbove { confidence } => {
                // A score has no confidence of its own.
                let sure = |found: &crate::Suggestion| found.label.is_some() && found.confidence >= *confidence;
                for found in self.suggested()?.into_iter().filter(sure) {
                    self.take_over(&found)?;
                    self.decide(found.id, true)?;
                }
                Ok(())
            }
            Action::Settle { take, leave } => {
                leave.iter().try_for_each(|said| self.leave(said))?;
                take.iter().try_for_each(|said| self.take(said, length))
            }
            Action::Done { done } => {
                if *done {
                    // A score is neither right nor wrong.
                    let all = undecided(self.connection, self.place).map_err(self.failed)?;
                    for (found, said) in all.into_iter().filter(|(found, _)| found.label.is_some()) {
                        self.decide(found.id, said)?;
                    }
                }
                self.change_answer(|answer| answer.done = *done)
            }
        }
    }

    fn edit(&mut self, edit: Edit) -> Result<()> {
        edit.apply(self.connection, self.place).map_err(self.failed)?;
        self.edits.push(edit);
        Ok(())
    }

    /// Characters of the document's text.
    fn length(&self) -> Result<usize> {
        let id = self.place.document;
        let found = self
            .connection
            .prepare_cached("SELECT text FROM documents WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id], |row| row.get::<_, String>(0)).optional())
            .map_err(self.failed)?;
        // SQLite's own length ends at a NUL.
        found.map(|text| text.chars().count()).ok_or(LabellingError::NoDocument { id: id.into() })
    }

    fn check_label(&self, id: u32, kind: LabelKind) -> Result<()> {
        let known = labels(self.connection).map_err(self.failed)?;
        let fits = known.iter().any(|label| label.id == id && label.kind == kind);
        if fits { Ok(()) } else { Err(LabellingError::NoLabel { id: id.into() }) }
    }

    fn check_span(&self, row: &SpanRow, length: usize) -> Result<()> {
        self.check_label(row.label, LabelKind::Span)?;
        let (start, end) = (row.start as usize, row.end as usize);
        if start < end && end <= length {
            return Ok(());
        }
        Err(LabellingError::OutOfText { document: self.place.document.into(), start, end, length })
    }

    fn span(&self, id: u32) -> Result<SpanRow> {
        let all = spans(self.connection, self.place).map_err(self.failed)?;
        all.into_iter().find(|(own, _)| *own == id).map(|(_, row)| row).ok_or(LabellingError::Gone)
    }

    /// The same span with the same label is not added twice.
    fn add_span(&mut self, row: SpanRow) -> Result<()> {
        if spans(self.connection, self.place).map_err(self.failed)?.iter().any(|(_, other)| *other == row) {
            return Ok(());
        }
        let id = new_id(self.connection, "spans").map_err(self.failed)?;
        self.edit(Edit::Span { id, before: None, after: Some(row) })
    }

    /// With every relation that it takes part in.
    fn remove_span(&mut self, id: u32) -> Result<()> {
        let before = self.span(id)?;
        while let Some((relation, row)) = self.relation(|_, row| row.head == id || row.tail == id)? {
            self.edit(Edit::Relation { id: relation, before: Some(row), after: None })?;
        }
        self.edit(Edit::Span { id, before: Some(before), after: None })
    }

    fn relation(&self, which: impl Fn(u32, &RelationRow) -> bool) -> Result<Option<(u32, RelationRow)>> {
        let all = relations(self.connection, self.place).map_err(self.failed)?;
        Ok(all.into_iter().find(|(id, row)| which(*id, row)))
    }

    fn id_of(&self, span: &SpanRow) -> Result<Option<u32>> {
        let all = spans(self.connection, self.place).map_err(self.failed)?;
        Ok(all.into_iter().find(|(_, own)| own == span).map(|(id, _)| id))
    }

    /// The annotator's first span at a place, whatever its label.
    fn span_at(&self, (start, end): (u32, u32)) -> Result<Option<u32>> {
        let all = spans(self.connection, self.place).map_err(self.failed)?;
        Ok(all.into_iter().find(|(_, own)| (own.start, own.end) == (start, end)).map(|(id, _)| id))
    }

    /// Says what another says, where it is not said yet. A relation brings its spans.
    fn take(&mut self, said: &Said, length: usize) -> Result<()> {
        match said {
            Said::Span { span } => {
                self.check_span(span, length)?;
                self.add_span(*span)
            }
            Said::Relation { head, tail, label } => {
                [head, tail].into_iter().try_for_each(|span| self.take(&Said::Span { span: *span }, length))?;
                match (self.id_of(head)?, self.id_of(tail)?) {
                    (Some(head), Some(tail)) => self.relate(RelationRow { head, tail, label: *label }),
                    _ => Err(LabellingError::Gone),
                }
            }
            Said::Label { label } => {
                self.check_label(*label, LabelKind::Document)?;
                self.put_label(*label)
            }
            Said::Score { score } => self.carry_out(&Action::SetScore { score: Some(*score) }),
        }
    }

    /// Says no more what another says.
    fn leave(&mut self, said: &Said) -> Result<()> {
        match said {
            Said::Span { span } => match self.id_of(span)? {
                Some(id) => self.remove_span(id),
                None => Ok(()),
            },
            Said::Relation { head, tail, label } => {
                let (Some(head), Some(tail)) = (self.id_of(head)?, self.id_of(tail)?) else { return Ok(()) };
                match self.relation(|_, row| *row == RelationRow { head, tail, label: *label })? {
                    Some((id, row)) => self.edit(Edit::Relation { id, before: Some(row), after: None }),
                    None => Ok(()),
                }
            }
            Said::Label { label } => self.change_answer(|answer| answer.labels.retain(|own| own != label)),
            Said::Score { score } => {
                self.change_answer(|answer| answer.score = answer.score.filter(|own| own != score))
            }
        }
    }

    fn relate(&mut self, row: RelationRow) -> Result<()> {
        if row.head == row.tail {
            return Err(LabellingError::RelationToItself);
        }
        self.check_label(row.label, LabelKind::Relation)?;
        self.span(row.head)?;
        self.span(row.tail)?;
        if relations(self.connection, self.place).map_err(self.failed)?.iter().any(|(_, other)| *other == row) {
            return Ok(());
        }
        let id = new_id(self.connection, "relations").map_err(self.failed)?;
        self.edit(Edit::Relation { id, before: None, after: Some(row) })
    }

    fn change_answer(&mut self, change: impl FnOnce(&mut AnswerRow)) -> Result<()> {
        let before = answer(self.connection, self.place).map_err(self.failed)?;
        let mut after = before.clone().unwrap_or_default();
        change(&mut after);
        if before.clone().unwrap_or_default() == after {
            return Ok(());
        }
        self.edit(Edit::Answer { before, after: Some(after) })
    }

    /// What is suggested to the annotator and not said by him yet.
    fn suggested(&self) -> Result<Vec<crate::Suggestion>> {
        let all = undecided(self.connection, self.place).map_err(self.failed)?;
        Ok(all.into_iter().filter_map(|(found, said)| (!said).then_some(found)).collect())
    }

    fn take_over(&mut self, found: &crate::Suggestion) -> Result<()> {
        match (found.label, found.span(), found.tail()) {
            (Some(label), Some(head), Some(tail)) => match (self.span_at(head)?, self.span_at(tail)?) {
                (Some(head), Some(tail)) => self.relate(RelationRow { head, tail, label }),
                _ => Err(LabellingError::Gone),
            },
            (Some(label), Some((start, end)), None) => self.add_span(SpanRow { start, end, label }),
            (Some(label), None, _) => self.put_label(label),
            (None, ..) => self.change_answer(|answer| answer.score = found.score),
        }
    }

    /// Beside the text's other labels, or in the place of the one that it can have.
    fn put_label(&mut self, label: u32) -> Result<()> {
        let many = self.takes_several()?;
        self.change_answer(|answer| {
            if !many {
                answer.labels.clear();
            }
            answer.labels.push(label);
            answer.labels.sort_unstable();
            answer.labels.dedup();
        })
    }

    /// Whether a text may have several labels.
    fn takes_several(&self) -> Result<bool> {
        let task: String =
            self.connection.query_row("SELECT task FROM project", [], |row| row.get(0)).map_err(self.failed)?;
        Ok(task == "multilabel")
    }

    fn decide(&mut self, suggestion: u32, accepted: bool) -> Result<()> {
        let known = self
            .connection
            .prepare_cached("SELECT document FROM suggestions WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([suggestion], |row| row.get::<_, u32>(0)).optional())
            .map_err(self.failed)?;
        if known != Some(self.place.document) {
            return Err(LabellingError::Gone);
        }
        let before = self
            .connection
            .prepare_cached("SELECT accepted FROM decisions WHERE suggestion = ?1 AND annotator = ?2")
            .and_then(|mut statement| {
                statement.query_row([suggestion, self.place.annotator], |row| row.get(0)).optional()
            })
            .map_err(self.failed)?;
        if before == Some(accepted) {
            return Ok(());
        }
        self.edit(Edit::Decision { suggestion, before, after: Some(accepted) })
    }
}
