use crate::mean;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The six types of task in BLURB (Gu et al. 2020, "Domain-Specific Language Model Pretraining for Biomedical Natural
/// Language Processing").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum BlurbTask {
    Ner,
    Pico,
    Relation,
    Similarity,
    DocumentClassification,
    QuestionAnswering,
}

impl BlurbTask {
    pub const ALL: [BlurbTask; 6] = [
        BlurbTask::Ner,
        BlurbTask::Pico,
        BlurbTask::Relation,
        BlurbTask::Similarity,
        BlurbTask::DocumentClassification,
        BlurbTask::QuestionAnswering,
    ];

    /// What BLURB measures in each of its datasets.
    pub fn metric(self) -> &'static str {
        match self {
            BlurbTask::Ner => "F1 entity-level",
            BlurbTask::Pico => "Macro F1 word-level",
            BlurbTask::Relation | BlurbTask::DocumentClassification => "Micro F1",
            BlurbTask::Similarity => "Pearson",
            BlurbTask::QuestionAnswering => "Accuracy",
        }
    }
}

/// The thirteen datasets of BLURB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
pub enum BlurbDataset {
    #[serde(rename = "BC5-chem")]
    Bc5Chem,
    #[serde(rename = "BC5-disease")]
    Bc5Disease,
    #[serde(rename = "NCBI-disease")]
    NcbiDisease,
    #[serde(rename = "BC2GM")]
    Bc2gm,
    #[serde(rename = "JNLPBA")]
    Jnlpba,
    #[serde(rename = "EBM PICO")]
    EbmPico,
    #[serde(rename = "ChemProt")]
    ChemProt,
    #[serde(rename = "DDI")]
    Ddi,
    #[serde(rename = "GAD")]
    Gad,
    #[serde(rename = "BIOSSES")]
    Biosses,
    #[serde(rename = "HoC")]
    Hoc,
    #[serde(rename = "PubMedQA")]
    PubMedQa,
    #[serde(rename = "BioASQ")]
    BioAsq,
}

impl BlurbDataset {
    /// In the order of the paper's tables.
    pub const ALL: [BlurbDataset; 13] = [
        BlurbDataset::Bc5Chem,
        BlurbDataset::Bc5Disease,
        BlurbDataset::NcbiDisease,
        BlurbDataset::Bc2gm,
        BlurbDataset::Jnlpba,
        BlurbDataset::EbmPico,
        BlurbDataset::ChemProt,
        BlurbDataset::Ddi,
        BlurbDataset::Gad,
        BlurbDataset::Biosses,
        BlurbDataset::Hoc,
        BlurbDataset::PubMedQa,
        BlurbDataset::BioAsq,
    ];

    pub fn name(self) -> &'static str {
        self.row().0
    }

    pub fn task(self) -> BlurbTask {
        self.row().1
    }

    pub fn metric(self) -> &'static str {
        self.task().metric()
    }

    fn row(self) -> (&'static str, BlurbTask) {
        match self {
            BlurbDataset::Bc5Chem => ("BC5-chem", BlurbTask::Ner),
            BlurbDataset::Bc5Disease => ("BC5-disease", BlurbTask::Ner),
            BlurbDataset::NcbiDisease => ("NCBI-disease", BlurbTask::Ner),
            BlurbDataset::Bc2gm => ("BC2GM", BlurbTask::Ner),
            BlurbDataset::Jnlpba => ("JNLPBA", BlurbTask::Ner),
            BlurbDataset::EbmPico => ("EBM PICO", BlurbTask::Pico),
            BlurbDataset::ChemProt => ("ChemProt", BlurbTask::Relation),
            BlurbDataset::Ddi => ("DDI", BlurbTask::Relation),
            BlurbDataset::Gad => ("GAD", BlurbTask::Relation),
            BlurbDataset::Biosses => ("BIOSSES", BlurbTask::Similarity),
            BlurbDataset::Hoc => ("HoC", BlurbTask::DocumentClassification),
            BlurbDataset::PubMedQa => ("PubMedQA", BlurbTask::QuestionAnswering),
            BlurbDataset::BioAsq => ("BioASQ", BlurbTask::QuestionAnswering),
        }
    }
}

impl fmt::Display for BlurbDataset {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for BlurbDataset {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        BlurbDataset::ALL
            .into_iter()
            .find(|dataset| dataset.name() == name)
            .ok_or_else(|| format!("BLURB has no dataset \"{name}\""))
    }
}

/// The BLURB score, and what of it there is yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct BlurbScore {
    /// The mean over the datasets of each type of task that have a score, in the order of [`BlurbTask::ALL`].
    pub per_type: Vec<(BlurbTask, Option<f64>)>,
    /// The mean over the six types; `None` while one of them has no score at all. It is comparable with published scores
    /// only when complete.
    pub score: Option<f64>,
    /// The datasets without a score.
    pub missing: Vec<BlurbDataset>,
    /// Whether none is missing.
    pub complete: bool,
}

/// The macro average over types of task that BLURB reports: a type with many datasets weighs no more than one with few.
/// Each score is what the dataset's metric says. Of several scores of a dataset the last counts.
pub fn blurb_score(scores: &[(BlurbDataset, f64)]) -> BlurbScore {
    let of = |dataset| scores.iter().rev().find(|(scored, _)| *scored == dataset).map(|(_, score)| *score);
    let of_task = |task| {
        let found = || BlurbDataset::ALL.into_iter().filter(|dataset| dataset.task() == task).filter_map(of);
        found().next().map(|_| mean(found()))
    };
    let per_type: Vec<(BlurbTask, Option<f64>)> = BlurbTask::ALL.map(|task| (task, of_task(task))).into();
    let means: Option<Vec<f64>> = per_type.iter().map(|(_, mean)| *mean).collect();
    let missing: Vec<BlurbDataset> = BlurbDataset::ALL.into_iter().filter(|dataset| of(*dataset).is_none()).collect();
    BlurbScore { score: means.map(|means| mean(means.into_iter())), per_type, complete: missing.is_empty(), missing }
}
