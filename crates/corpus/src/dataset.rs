//! From a file or a folder to a dataset with train, dev and test.

use crate::files::{self, Files};
use crate::mapping::{self, Columns, Marking, Named, Signatures};
use crate::read::{self, Beat, Content, Format};
use crate::task::AnswerForm;
use crate::{DataError, Example, Fold, Gold, Issue, IssueKind, Task, divide, repeats};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// More labels than this are most likely a column of texts or ids.
const MOST_LABELS: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    Train,
    Dev,
    Test,
}

/// How data is to be read. What is `None` or empty is guessed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Options {
    /// How the files are written; a delimiter counts for tables only.
    pub format: Option<Format>,
    /// A name that the web's Encoding Standard knows, as in `windows-1252`.
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    pub task: Option<Task>,
    pub text: Option<String>,
    pub pair: Option<String>,
    pub label: Option<String>,
    /// For `multilabel`: several columns, one a label.
    #[serde(default)]
    pub labels: Vec<String>,
    pub group: Option<String>,
    pub id: Option<String>,
    /// For `multilabel`: the column that says which rows are sentences of one document; they are scored as one.
    pub document: Option<String>,
    /// For `multilabel`: rows of one document are joined to one text.
    #[serde(default)]
    pub whole_documents: bool,
    /// For `multilabel`: what divides the labels in a cell.
    pub separator: Option<String>,
    /// For `relation`: the label that says that there is none; scores leave it out.
    pub negative: Option<String>,
    /// For `relation`: how the two entities are marked.
    pub marking: Option<Marking>,
    /// For `relation` from annotated documents: the types between which there may be a relation, in the order of its
    /// arguments. Empty: those between which training states one.
    #[serde(default)]
    pub pairs: Vec<(String, String)>,
    /// Where words are labelled: all types are read as one.
    #[serde(default)]
    pub merge_types: bool,
    /// Hold out one fold of a cross-validation: as dev where a test split is given, else as test, with dev drawn from the
    /// rest.
    #[serde(default)]
    pub fold: Option<Fold>,
    /// Seed of the split, where one is drawn.
    pub seed: u64,
    pub dev_share: f64,
    pub test_share: f64,
    /// Stop at the first bad row instead of leaving it out.
    pub strict: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            encoding: None,
            delimiter: None,
            task: None,
            text: None,
            pair: None,
            label: None,
            labels: Vec::new(),
            group: None,
            id: None,
            document: None,
            whole_documents: false,
            separator: None,
            negative: None,
            marking: None,
            pairs: Vec::new(),
            merge_types: false,
            fold: None,
            seed: 0,
            dev_share: 0.15,
            test_share: 0.15,
            strict: false,
        }
    }
}

/// A file that a dataset was read from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub path: PathBuf,
    pub sha256: String,
    pub bytes: u64,
    /// The split for which the file stands, when it is one of several.
    pub split: Option<Split>,
    pub format: Format,
    pub encoding: String,
    pub delimiter: Option<char>,
    pub columns: Vec<String>,
    pub rows: usize,
    pub rejected: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    pub task: Task,
    /// Class names or entity types, sorted; none for scores.
    pub labels: Vec<String>,
    /// For `relation`: the label that says that there is none.
    #[serde(default)]
    pub negative: Option<usize>,
    /// For `relation`: what marks entities and has to become pieces of the vocabulary.
    #[serde(default)]
    pub markers: Vec<String>,
    pub columns: Columns,
    pub train: Vec<Example>,
    pub dev: Vec<Example>,
    pub test: Vec<Example>,
    pub issues: Vec<Issue>,
    pub sources: Vec<Source>,
    /// Whether dev or test were drawn rather than given.
    pub drawn_split: bool,
    pub options: Options,
}

impl Dataset {
    pub fn split(&self, split: Split) -> &[Example] {
        match split {
            Split::Train => &self.train,
            Split::Dev => &self.dev,
            Split::Test => &self.test,
        }
    }

    /// A name for exactly this data, read exactly so: SHA-256 over the files' content and the options.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for source in &self.sources {
            hash.update(source.sha256.as_bytes());
            hash.update(format!("{:?} {:?} {:?}", source.split, source.encoding, source.delimiter));
        }
        hash.update(format!("{} {:?} {:?}", self.task, self.columns, self.labels));
        let Options { seed, dev_share, test_share, whole_documents, marking, .. } = self.options;
        hash.update(format!("{seed} {dev_share} {test_share} {}", self.drawn_split));
        hash.update(format!("{whole_documents} {marking:?} {:?} {:?}", self.negative, self.options.separator));
        if let Some(fold) = self.options.fold {
            hash.update(format!("fold {fold}"));
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// One file, read and mapped.
pub(crate) struct Part {
    pub named: Vec<Named>,
    pub issues: Vec<Issue>,
    pub source: Source,
    pub task: Task,
    pub columns: Columns,
    /// The types between which a relation is stated.
    pub pairs: Signatures,
    /// What divides the labels in a cell.
    pub separator: Option<String>,
}

/// What is wanted of the answers that stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// They are not looked at.
    Ignored,
    /// Every row has one, and where their column has no usual name it is guessed from what it holds.
    Required,
    /// A row may have one, in a column that the user named or that has a usual name.
    Possible,
}

pub(crate) fn read_part(
    path: &Path,
    split: Option<Split>,
    task: Option<Task>,
    options: &Options,
    answers: Answers,
    beat: Beat,
) -> Result<Part, DataError> {
    // Taking a file apart is about half of the work, mapping its rows the other.
    let file = read::read(path, options, &|bytes| beat(bytes / 2))?;
    part_of(file, path, (split, task), options, answers, beat)
}

/// The same of a file that has been read.
pub(crate) fn part_of(
    file: read::File,
    path: &Path,
    (split, task): (Option<Split>, Option<Task>),
    options: &Options,
    answers: Answers,
    beat: Beat,
) -> Result<Part, DataError> {
    let half = file.bytes / 2;
    let task = task.or(options.task).unwrap_or_else(|| mapping::guess_task(&file.content, options));
    if answers == Answers::Required && matches!(file.content, Content::Texts(..)) {
        let available = vec!["plain lines without columns".to_string()];
        return Err(DataError::ColumnUnclear { path: path.into(), role: "label", available });
    }
    let read = file.content.len();
    let left_out = |issues: &[Issue]| issues.iter().filter(|issue| issue.rejected).count();
    let (rows, records) = (read + left_out(file.content.issues()), file.content.records());
    let records = records + left_out(file.content.issues());
    // Where hardly a row could be read, a missing column would be the wrong thing to complain about.
    check_rejected(file.content.issues(), records, path, options)?;
    let (columns, all_columns) = match &file.content {
        Content::Table(table) => (mapping::columns(table, task, options, answers, path)?, table.columns.clone()),
        Content::Sentences(..) | Content::Texts(..) | Content::Documents(..) => (Columns::default(), vec![]),
    };
    let separator = match &file.content {
        Content::Table(table) if task == Task::Multilabel => mapping::separator(table, &columns, options),
        _ => None,
    };
    let pairs = match &file.content {
        Content::Documents(documents, _) if task == Task::Relation => mapping::signatures(documents),
        _ => Signatures::new(),
    };
    let ahead = |row: usize| beat(half + half * row as u64 / read.max(1) as u64);
    let (named, issues) = mapping::examples(file.content, task, &columns, (options, answers), path, &ahead)?;
    let rejected = issues.iter().filter(|issue| issue.rejected);
    if named.is_empty() && rejected.clone().all(|issue| issue.kind == IssueKind::EmptyText) {
        return Err(DataError::NoUsableText { path: path.into() });
    }
    check_rejected(&issues, records, path, options)?;
    let rejected = rejected.count();
    let source = Source {
        path: path.into(),
        sha256: file.sha256,
        bytes: file.bytes,
        split,
        format: file.format,
        encoding: file.encoding,
        delimiter: file.delimiter,
        columns: all_columns,
        rows,
        rejected,
    };
    Ok(Part { named, issues, source, task, columns, pairs, separator })
}

/// Refuses a file of which more than a tenth is left out, or in strict mode anything.
fn check_rejected(issues: &[Issue], rows: usize, path: &Path, options: &Options) -> Result<(), DataError> {
    let rejected: Vec<&Issue> = issues.iter().filter(|issue| issue.rejected).collect();
    match rejected.first() {
        Some(&first) if options.strict => Err(DataError::BadRow { issue: Box::new(first.clone()) }),
        Some(&first) if rejected.len() * 10 > rows => {
            let (bad, first) = (rejected.len(), Box::new((*first).clone()));
            Err(DataError::TooManyBadRows { path: path.into(), bad, total: rows, first, issues: issues.to_vec() })
        }
        _ => Ok(()),
    }
}

/// Reads a dataset: one file, from which dev and test are drawn, or a folder with train, dev and test files.
pub fn load(data: &Path, options: &Options) -> Result<Dataset, DataError> {
    load_told(data, options, &|_, _| true)
}

/// The same; `tell` hears how many bytes of all have been read and may end it with `false`.
pub fn load_told(data: &Path, options: &Options, tell: &dyn Fn(u64, u64) -> bool) -> Result<Dataset, DataError> {
    let (dev_share, test_share) = (options.dev_share, options.test_share);
    if !(dev_share > 0.0 && test_share > 0.0 && dev_share + test_share <= 0.5) {
        return Err(DataError::Shares { dev: dev_share, test: test_share });
    }
    let mut parts: Vec<Part> = Vec::new();
    let Files { files, lists } = files::of(data)?;
    let size = |path: &PathBuf| fs::metadata(path).map_or(0, |file| file.len());
    let all: u64 = files.iter().map(|(path, _)| size(path)).sum();
    let mut before = 0;
    let mut options = options.clone();
    for (path, split) in files {
        let task = parts.first().map(|part| part.task);
        let part = read_part(&path, split, task, &options, Answers::Required, &|bytes| tell(before + bytes, all))?;
        before += part.source.bytes;
        // Training comes first; what dev and test state must not decide what is asked of them, nor how they are read.
        if parts.is_empty() {
            if options.pairs.is_empty() {
                options.pairs = part.pairs.iter().cloned().collect();
            }
            options.separator = options.separator.or_else(|| part.separator.clone());
            if options.label.is_none() {
                options.labels = part.columns.labels.clone();
            }
        }
        parts.push(part);
    }
    let options = &options;
    let task = parts[0].task;
    let columns = parts[0].columns.clone();
    // Of a cross-validation dev is training, too.
    let in_training = |part: &&Part| match part.source.split {
        None | Some(Split::Train) => true,
        Some(Split::Dev) => options.fold.is_some(),
        Some(Split::Test) => false,
    };
    let labels = mapping::label_names(parts.iter().filter(in_training).flat_map(|part| &part.named));
    check_labels(task, &labels, data)?;
    let negative = negative(task, &labels, options)?;
    let mut dataset = Dataset {
        task,
        labels,
        negative,
        markers: Vec::new(),
        columns,
        train: Vec::new(),
        dev: Vec::new(),
        test: Vec::new(),
        issues: Vec::new(),
        sources: Vec::new(),
        drawn_split: false,
        options: options.clone(),
    };
    for part in parts {
        add(&mut dataset, part);
    }
    assign(&mut dataset, &lists)?;
    if let Some(first) = dataset.issues.iter().find(|issue| issue.rejected && options.strict) {
        return Err(DataError::BadRow { issue: Box::new(first.clone()) });
    }
    number_twins(&mut dataset);
    match options.fold {
        Some(fold) => divide::hold_out(&mut dataset, fold, data)?,
        None => divide::draw_missing(&mut dataset, data)?,
    }
    check_scores(&dataset, data)?;
    dataset.markers = markers(&dataset);
    repeats::note(&mut dataset);
    if !tell(all, all) {
        return Err(DataError::Cancelled);
    }
    Ok(dataset)
}

fn check_labels(task: Task, labels: &[String], data: &Path) -> Result<(), DataError> {
    match (task.form(), labels) {
        (AnswerForm::Class, [label]) => Err(DataError::OneClassOnly { path: data.into(), label: label.clone() }),
        (AnswerForm::Spans, []) => Err(DataError::NoEntities { path: data.into() }),
        (AnswerForm::Class | AnswerForm::Labels, []) => Err(DataError::NoLabels { path: data.into() }),
        (_, labels) if labels.len() > MOST_LABELS => {
            Err(DataError::TooManyLabels { path: data.into(), count: labels.len() })
        }
        _ => Ok(()),
    }
}

/// Scores that are all the same teach nothing.
fn check_scores(dataset: &Dataset, data: &Path) -> Result<(), DataError> {
    let scores = dataset.train.iter().filter_map(|example| match example.gold {
        Some(Gold::Score(score)) => Some(score),
        _ => None,
    });
    let (low, high) =
        scores.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), score| (low.min(score), high.max(score)));
    if low == high { Err(DataError::OneScoreOnly { path: data.into(), score: low }) } else { Ok(()) }
}

/// The label that says that there is no relation: the one that was named, else the one that is called so.
fn negative(task: Task, labels: &[String], options: &Options) -> Result<Option<usize>, DataError> {
    match &options.negative {
        _ if task != Task::Relation => Ok(None),
        None => Ok(mapping::negative(labels)),
        Some(name) if name.is_empty() => Ok(None),
        Some(name) => match labels.iter().position(|label| label == name) {
            Some(place) => Ok(Some(place)),
            None => Err(DataError::NegativeMissing { name: name.clone(), available: labels.to_vec() }),
        },
    }
}

/// What has to become pieces of the vocabulary: markers where texts have them, or dummy tokens where these are wanted as
/// markers.
fn markers(dataset: &Dataset) -> Vec<String> {
    if dataset.task != Task::Relation || dataset.options.marking == Some(Marking::Dummies) {
        return Vec::new();
    }
    let held = |marker: &&str| dataset.train.iter().any(|example| example.text.contains(*marker));
    if mapping::MARKERS.iter().all(held) {
        return mapping::MARKERS.map(String::from).to_vec();
    }
    if dataset.options.marking.is_none() {
        return Vec::new();
    }
    let dummies: BTreeSet<&str> = dataset.train.iter().flat_map(|example| mapping::dummies(&example.text)).collect();
    dummies.into_iter().map(String::from).collect()
}

/// Adds a file's examples to their split. A label that training does not know is an issue, and its row is left out.
fn add(dataset: &mut Dataset, mut part: Part) {
    dataset.issues.append(&mut part.issues);
    for named in part.named {
        match mapping::resolve(named, &dataset.labels) {
            Ok(example) => match part.source.split {
                None | Some(Split::Train) => dataset.train.push(example),
                Some(Split::Dev) => dataset.dev.push(example),
                Some(Split::Test) => dataset.test.push(example),
            },
            Err((line, name)) => {
                part.source.rejected += 1;
                dataset.issues.push(unknown_label(&part.source.path, line, &name));
            }
        }
    }
    dataset.sources.push(part.source);
}

/// Moves the examples that lists of ids name to their splits. Where training has a list too, what none names is left out.
fn assign(dataset: &mut Dataset, lists: &[(PathBuf, Split)]) -> Result<(), DataError> {
    let mut homes: HashMap<String, Split> = HashMap::new();
    let mut note = |file: &Path, message: String| {
        let (file, kind) = (file.into(), IssueKind::Files);
        dataset.issues.push(Issue { file, line: 0, column: None, kind, rejected: false, message });
    };
    let known: HashSet<&String> = dataset.train.iter().map(|example| &example.id).collect();
    for (path, split) in lists {
        let (ids, sha256, bytes) = files::ids(path)?;
        let unknown = ids.iter().filter(|id| !known.contains(id)).count();
        if unknown > 0 {
            note(path, format!("{unknown} of {} ids are not in the data", ids.len()));
        }
        dataset.sources.push(Source {
            path: path.clone(),
            sha256,
            bytes,
            split: Some(*split),
            format: Format::Json,
            encoding: "UTF-8".into(),
            delimiter: None,
            columns: Vec::new(),
            rows: ids.len(),
            rejected: 0,
        });
        homes.extend(ids.into_iter().map(|id| (id, *split)));
    }
    let rest = if lists.iter().any(|(_, split)| *split == Split::Train) { None } else { Some(Split::Train) };
    let mut left_out = 0;
    for example in std::mem::take(&mut dataset.train) {
        match homes.get(&example.id).copied().or(rest) {
            Some(Split::Train) => dataset.train.push(example),
            Some(Split::Dev) => dataset.dev.push(example),
            Some(Split::Test) => dataset.test.push(example),
            None => left_out += 1,
        }
    }
    if left_out > 0 {
        let (file, kind) = (dataset.sources[0].path.clone(), IssueKind::Files);
        let message = format!("{left_out} rows are in no list of ids and left out");
        dataset.issues.push(Issue { file, line: 0, column: None, kind, rejected: false, message });
    }
    Ok(())
}

pub(crate) fn unknown_label(path: &Path, line: usize, name: &str) -> Issue {
    let message = format!("the label \"{name}\" is not among those of training; the row is left out");
    Issue { file: path.into(), line, column: None, kind: IssueKind::UnknownLabel, rejected: true, message }
}

/// Gives examples that share an id one of their own, so that a prediction names exactly one.
fn number_twins(dataset: &mut Dataset) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for example in dataset.train.iter_mut().chain(&mut dataset.dev).chain(&mut dataset.test) {
        let mut times = seen.get(&example.id).map_or(1, |times| times + 1);
        if times > 1 {
            let twin = example.id.clone();
            while seen.contains_key(&example.id) {
                example.id = format!("{twin} ({times})");
                times += 1;
            }
            seen.insert(twin, times - 1);
        }
        seen.insert(example.id.clone(), 1);
    }
}

/// How often each label occurs among examples: texts of a class, or entities of a type.
pub fn label_counts(examples: &[Example], labels: usize) -> Vec<usize> {
    let mut counts = vec![0; labels];
    for example in examples {
        match &example.gold {
            Some(Gold::Class(class)) => counts[*class] += 1,
            Some(Gold::Labels(set)) => set.iter().for_each(|&label| counts[label] += 1),
            Some(Gold::Entities(spans)) => spans.iter().for_each(|span| counts[span.label] += 1),
            Some(Gold::Score(_)) | None => {}
        }
    }
    counts
}
