//! Which presets to start with: what the user's own studies of the same data have shown, else the rules of the literature.

use crate::library::EncoderEntry;
use crate::study::{read_study, study_folders};
use corpus::Dataset;
use encoder::Config;
use finetune::{Preset, Reason, recommend};
use serde::{Deserialize, Serialize};
use specta::Type;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recommended {
    pub presets: Vec<Preset>,
    /// Empty where there is evidence.
    pub reasons: Vec<Reason>,
    pub evidence: Option<Evidence>,
}

/// What a study of the same data with the same encoder has shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Evidence {
    pub study: String,
    pub presets: Vec<Preset>,
    pub runs: usize,
    pub failed: usize,
    /// Mean and standard deviation of the dev scores, by which they were chosen.
    pub mean: f64,
    pub sd: Option<f64>,
    /// How many recipes were compared.
    pub compared: usize,
}

impl Recommended {
    /// All reasons in words.
    pub fn sentences(&self) -> String {
        match &self.evidence {
            Some(Evidence { study, runs, failed, compared, .. }) => format!(
                "In your study {study} this had the best mean score on dev of {compared} recipes, over {runs} runs of which {failed} failed."
            ),
            None => self.reasons.iter().map(|reason| reason.sentence()).collect::<Vec<_>>().join(" "),
        }
    }
}

pub(crate) fn recommended(dataset: &Dataset, encoder: &EncoderEntry, config: &Config) -> Recommended {
    if let Some(evidence) = evidence(&dataset.fingerprint(), &encoder.sha256) {
        return Recommended { presets: evidence.presets.clone(), reasons: Vec::new(), evidence: Some(evidence) };
    }
    let found = recommend(config, dataset.task, dataset.train.len());
    Recommended { presets: found.presets, reasons: found.reasons, evidence: None }
}

/// The latest study of these data that compared several recipes of this encoder and has ended.
fn evidence(dataset: &str, encoder: &str) -> Option<Evidence> {
    study_folders().ok()?.iter().find_map(|folder| {
        let record = read_study(folder).ok().filter(|record| record.ended.is_some())?;
        let plan = &record.plan;
        // Folds of data without a test split of its own have looked at examples that will be test.
        if plan.sha256 != dataset || (plan.folds.is_some() && !plan.given_test) {
            return None;
        }
        let report = record.report.as_ref()?;
        let own = plan.arms.iter().zip(&report.arms).filter(|(arm, _)| arm.encoder_sha256 == encoder);
        let scored: Vec<_> = own.filter_map(|(_, arm)| Some((arm, arm.dev?))).collect();
        let (arm, dev) = scored.iter().max_by(|a, b| a.1.mean.total_cmp(&b.1.mean))?;
        (scored.len() > 1).then(|| Evidence {
            study: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            presets: arm.presets.clone(),
            runs: arm.ended,
            failed: arm.failed,
            mean: dev.mean,
            sd: dev.sd,
            compared: scored.len(),
        })
    })
}
