//! What is in a user's data, shown before anything is done with it: the first rows at once, everything else when it is read.

mod fit;
mod lengths;
mod page;
mod view;

pub use fit::fits;
pub use view::{
    DataHead, DataReport, DataRequest, DomainFit, FileFacts, IssueCount, IssuePage, IssueQuery, Lengths, Mention,
    Reading, RowPage, RowQuery, RowView, ScoreFacts,
};

use crate::sample::data_path;
use crate::workspace::write_file;
use crate::{Proposal, StudioError, Wish, propose};
use corpus::{DataError, Dataset, Example, Gold, Hygiene, Issue, Source};
use lengths::Counted;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Rows that are shown before all are read.
const HEAD_ROWS: usize = 200;

/// The data that is open. Safe to call from several threads.
#[derive(Default)]
pub struct OpenData {
    state: Mutex<State>,
    /// Grows with everything that ends a reading: another opening, or the wish to end it.
    turn: AtomicU64,
}

#[derive(Default)]
struct State {
    head: Option<(DataRequest, DataHead)>,
    whole: Option<Whole>,
    counted: Option<Counted>,
    /// What was found in data of which too many rows are bad to read them.
    refused: Vec<Issue>,
}

/// Data that has been read to its end, with what tells whether its files are still the same.
#[derive(Clone)]
struct Whole {
    request: DataRequest,
    stamps: Vec<Stamp>,
    dataset: Arc<Dataset>,
}

/// Size and time of change of a file.
type Stamp = Option<(u64, SystemTime)>;

impl OpenData {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first rows. What was open before is put away unless it is the same, and its reading ends.
    pub fn open(&self, request: &DataRequest) -> Result<DataHead, StudioError> {
        // Coming back to what is open ends nothing that looks at it.
        if !self.state().whole.as_ref().is_some_and(|whole| whole.is_current(request)) {
            self.cancel();
        }
        let head = corpus::head(&data_path(&request.data)?, &request.options, HEAD_ROWS)?;
        let head = page::head_view(head);
        let mut state = self.state();
        state.head = Some((request.clone(), head.clone()));
        state.refused.clear();
        if state.whole.as_ref().is_some_and(|whole| whole.request != *request) {
            (state.whole, state.counted) = (None, None);
        }
        Ok(head)
    }

    /// Reads all; the same data again is answered from memory as long as its files have not changed. A reading that is
    /// ended by `cancel`, or by opening other data, fails with [`DataError::Cancelled`].
    pub fn read(&self, request: &DataRequest, progress: &dyn Fn(Reading)) -> Result<DataReport, StudioError> {
        let turn = self.turn.load(Ordering::SeqCst);
        if let Some(whole) = self.state().whole.as_ref().filter(|whole| whole.is_current(request)) {
            return Ok(report(&whole.dataset));
        }
        let on = || self.turn.load(Ordering::SeqCst) == turn;
        let tell = |done, of| {
            progress(Reading { done, of });
            on()
        };
        let dataset = match corpus::load_told(&data_path(&request.data)?, &request.options, &tell) {
            Err(DataError::TooManyBadRows { path, bad, total, first, issues }) => {
                // Nothing can be repaired by somebody who sees none of them.
                self.state().refused = issues;
                return Err(DataError::TooManyBadRows { path, bad, total, first, issues: Vec::new() }.into());
            }
            other => other?,
        };
        let report = report(&dataset);
        let stamps = dataset.sources.iter().map(stamp).collect();
        let mut state = self.state();
        if !on() {
            return Err(DataError::Cancelled.into());
        }
        state.whole = Some(Whole { request: request.clone(), stamps, dataset: Arc::new(dataset) });
        state.counted = None;
        Ok(report)
    }

    /// Ends a reading that is going on.
    pub fn cancel(&self) {
        self.turn.fetch_add(1, Ordering::SeqCst);
    }

    /// The data as it was read.
    pub fn dataset(&self) -> Result<Arc<Dataset>, StudioError> {
        self.whole().map(|whole| whole.dataset)
    }

    fn whole(&self) -> Result<Whole, StudioError> {
        self.state().whole.clone().ok_or(StudioError::NoData)
    }

    /// Rows that fit a query: of all data once they are read, of the first rows until then.
    pub fn rows(&self, query: &RowQuery) -> Result<RowPage, StudioError> {
        if let Ok(whole) = self.whole() {
            return Ok(page::rows(&whole.dataset, query));
        }
        let state = self.state();
        let (_, head) = state.head.as_ref().ok_or(StudioError::NoData)?;
        Ok(page::head_rows(head, query))
    }

    /// Issues that fit a query, also of data that could not be read because of them.
    pub fn issues(&self, query: &IssueQuery) -> Result<IssuePage, StudioError> {
        self.with_issues(|issues| Ok(page::issues(issues, query)))
    }

    fn with_issues<T>(&self, look: impl FnOnce(&[Issue]) -> Result<T, StudioError>) -> Result<T, StudioError> {
        match self.whole() {
            Ok(whole) => look(&whole.dataset.issues),
            Err(_) => look(&self.state().refused),
        }
    }

    /// Writes all issues to a CSV file.
    pub fn save_issues(&self, path: &Path) -> Result<(), StudioError> {
        let table = self.with_issues(|issues| issue_table(issues).map_err(|error| StudioError::file(path, error)))?;
        write_file(path, &table)
    }

    /// How long the texts are in an encoder's word pieces.
    pub fn lengths(&self, encoder: &str, max_length: Option<usize>) -> Result<Lengths, StudioError> {
        let dataset = self.dataset()?;
        let known = self
            .state()
            .counted
            .take()
            .filter(|counted| counted.encoder == encoder && Arc::ptr_eq(&counted.dataset, &dataset));
        let counted = match known {
            Some(counted) => counted,
            None => lengths::count(&dataset, encoder)?,
        };
        let lengths = counted.lengths(max_length);
        self.state().counted = Some(counted);
        Ok(lengths)
    }

    /// What may spoil a result on this data. It ends with `cancelled` when the reading is cancelled or other data are opened.
    pub fn hygiene(&self) -> Result<Hygiene, StudioError> {
        let (dataset, turn) = (self.dataset()?, self.turn.load(Ordering::SeqCst));
        let on = |_, _| self.turn.load(Ordering::SeqCst) == turn;
        Ok(corpus::hygiene(&dataset, &on).ok_or(DataError::Cancelled)?)
    }

    /// How well the vocabulary of each encoder in the library fits the texts.
    pub fn fits(&self) -> Result<Vec<DomainFit>, StudioError> {
        let (dataset, turn) = (self.dataset()?, self.turn.load(Ordering::SeqCst));
        fit::fits_while(&dataset, &|| self.turn.load(Ordering::SeqCst) == turn)
    }

    /// What a wish comes to on this data.
    pub fn propose(&self, wish: &Wish) -> Result<Proposal, StudioError> {
        let Whole { request, dataset, .. } = self.whole()?;
        propose(&dataset, &request.data, wish)
    }
}

impl Whole {
    fn is_current(&self, request: &DataRequest) -> bool {
        let stamps: Vec<Stamp> = self.dataset.sources.iter().map(stamp).collect();
        self.request == *request && self.stamps == stamps && stamps.iter().all(Option::is_some)
    }
}

/// Of a folder the bytes of all its files and the latest change.
fn stamp(source: &Source) -> Stamp {
    fn of(path: &Path) -> Stamp {
        let file = fs::metadata(path).ok()?;
        let own = (file.len(), file.modified().ok()?);
        if !file.is_dir() {
            return Some(own);
        }
        let inside = fs::read_dir(path).ok()?.flatten().filter_map(|entry| of(&entry.path()));
        Some(inside.fold(own, |all, one| (all.0 + one.0, all.1.max(one.1))))
    }
    of(&source.path)
}

fn report(dataset: &Dataset) -> DataReport {
    let facts = corpus::facts(dataset);
    let all = dataset.train.iter().chain(&dataset.dev).chain(&dataset.test);
    DataReport {
        sha256: dataset.fingerprint(),
        files: dataset.sources.iter().map(page::file_facts).collect(),
        task: dataset.task,
        columns: facts.columns,
        labels: facts.labels,
        negative: dataset.negative,
        markers: dataset.markers.clone(),
        documents: all.clone().filter_map(|example| example.document.as_ref()).collect::<HashSet<_>>().len(),
        scores: scores(&all.clone().collect::<Vec<_>>()),
        splits: facts.splits,
        drawn_split: dataset.drawn_split,
        groups: all.filter_map(|example| example.group.as_ref()).collect::<HashSet<_>>().len(),
        words: facts.words,
        characters: facts.characters,
        rejected: dataset.issues.iter().filter(|issue| issue.rejected).count(),
    }
}

/// How the gold scores are spread.
fn scores(examples: &[&Example]) -> Option<ScoreFacts> {
    const BINS: usize = 10;
    let score = |example: &&Example| match example.gold {
        Some(Gold::Score(score)) => Some(score),
        _ => None,
    };
    let mut scores: Vec<f64> = examples.iter().filter_map(score).collect();
    scores.sort_by(f64::total_cmp);
    let (min, max) = (*scores.first()?, *scores.last()?);
    let mut bins = vec![0; BINS];
    let place = |score: f64| ((score - min) / (max - min) * BINS as f64) as usize;
    scores.iter().for_each(|&score| bins[place(score).min(BINS - 1)] += 1);
    Some(ScoreFacts { min, median: scores[scores.len() / 2], max, bins })
}

fn issue_table(issues: &[Issue]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["file", "line", "column", "kind", "left out", "message"])?;
    for Issue { file, line, column, kind, rejected, message } in issues {
        let kind = serde_json::to_value(kind)?.as_str().unwrap_or_default().to_string();
        let name = page::file_name(file);
        let left_out = if *rejected { "yes" } else { "no" };
        let column = column.clone().unwrap_or_default();
        writer.write_record([&name, &line.to_string(), &column, &kind, left_out, message])?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}
