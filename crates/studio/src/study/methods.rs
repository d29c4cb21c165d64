//! The sentence that answers a study's question, and the paragraph that a paper needs, in English.

use super::report::{StudyReport, StudyVerdict};
use super::{Folds, StudyPlan};
use finetune::Preset;

/// A score times 100 with one digit.
pub fn points(value: f64) -> String {
    format!("{:.1}", 100.0 * value)
}

pub fn p_value(p: f64) -> String {
    if p < 0.001 { "p < 0.001".into() } else { format!("p = {p:.3}") }
}

/// The answer in one sentence or two.
pub fn sentence(report: &StudyReport) -> String {
    let Some(verdict) = &report.verdict else {
        return "No run has ended with scores yet.".into();
    };
    let chosen = &report.arms[verdict.chosen].name;
    let mut text = format!(
        "{chosen} has the best mean score on dev; on test it reaches a mean {} of {}{}",
        report.score,
        spread(verdict.mean, verdict.sd),
        verdict.interval.map_or(String::new(), |interval| format!(
            " ({:.0} % interval {} to {})",
            100.0 * interval.level,
            points(interval.low),
            points(interval.high)
        )),
    );
    text.push_str(&format!(" over {}, {}", runs(verdict.runs), failures(verdict.failed)));
    if let Some(mean) = verdict.reference_mean {
        let reference = &report.arms[verdict.reference].name;
        text.push_str(&format!(
            "; {reference} reaches {} over {}, {}",
            spread(mean, verdict.reference_sd),
            runs(verdict.reference_runs),
            failures(verdict.reference_failed)
        ));
    }
    text.push('.');
    text.push_str(&tests(report, verdict));
    text
}

fn tests(report: &StudyReport, verdict: &StudyVerdict) -> String {
    let Some(p) = verdict.p else { return String::new() };
    let number = report.comparisons.len();
    let difference = match p {
        p if p < 0.05 => "is larger than chance explains",
        _ if verdict.too_few => "cannot be told from chance by so few seeds, however large it is",
        _ => "is not shown to be larger than chance explains",
    };
    let mut text = format!(" The difference {difference} ({}, corrected for {number} comparisons).", p_value(p));
    if let Some(p) = verdict.variance_p {
        let spread = if p < 0.05 { "differs, too" } else { "may well be the same" };
        text.push_str(&format!(" How far the seeds spread {spread} ({}).", p_value(p)));
    }
    text
}

fn spread(mean: f64, sd: Option<f64>) -> String {
    match sd {
        Some(sd) => format!("{} ± {}", points(mean), points(sd)),
        None => points(mean),
    }
}

fn runs(count: usize) -> String {
    if count == 1 { "one run".into() } else { format!("{count} runs") }
}

fn failures(count: usize) -> String {
    match count {
        0 => "none of which failed".into(),
        1 => "one of which failed".into(),
        many => format!("{many} of which failed"),
    }
}

/// Data, splits, recipe, seeds and statistics, for the methods section.
pub fn methods(report: &StudyReport, plan: &StudyPlan) -> String {
    let recipe = &plan.arms[0].recipe;
    let encoders: std::collections::BTreeSet<&str> = plan.arms.iter().map(|arm| arm.encoder_name.as_str()).collect();
    let encoders = encoders.into_iter().collect::<Vec<_>>().join(" and ");
    let arms = plan.arms.iter().map(|arm| arm.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut text =
        format!("{encoders} was fine-tuned for {} with Ballast {}.", task(report), env!("CARGO_PKG_VERSION"));
    text.push_str(&match plan.folds {
        Some(Folds { of, repeats }) if plan.given_test => format!(
            " {of}-fold cross-validation{} over {} examples held out dev; every run was scored on the same {} given test examples, and the scores of a division were averaged.",
            if repeats > 1 { format!(", repeated {repeats} times with other divisions,") } else { String::new() },
            plan.train + plan.dev,
            plan.test,
        ),
        Some(Folds { of, repeats }) => format!(
            " Results are from {of}-fold cross-validation{}{} over {} examples; each example was answered by the run that had not been trained on it, and the score was computed over all of them together (Forman and Scholz 2010).",
            if repeats > 1 { format!(", repeated {repeats} times with other divisions,") } else { String::new() },
            if plan.options.group.is_some() { ", with groups kept together," } else { "" },
            plan.train + plan.dev + if plan.drawn_split { plan.test } else { 0 },
        ),
        None => format!(
            " {} examples were used for training, {} for development and {} for testing; the split was {}.",
            plan.train,
            plan.dev,
            plan.test,
            if plan.drawn_split { "drawn with a fixed seed, stratified by label" } else { "given with the data" }
        ),
    });
    text.push_str(&format!(
        " Compared were: {arms}. Each was run with {} seeds{}, which decide the weights drawn anew, the order of the examples and dropout (Dodge et al. 2020).",
        plan.seeds.len(),
        if plan.order_seeds.is_empty() { String::new() } else { format!(" for the former and {} for the latter two", plan.order_seeds.len()) },
    ));
    text.push_str(&format!(
        " All used AdamW (β 0.9 and 0.999, ε 1e-8, weight decay {}, clipping at norm {}) with linear warm-up over {:.0} % of the steps and linear decay; {}.",
        recipe.weight_decay,
        recipe.clip_norm,
        100.0 * recipe.warmup,
        same_or_listed(plan),
    ));
    if let Some(share) = report.give_up {
        text.push_str(&format!(
            " Runs that were no better than guessing on dev after {:.0} % of their epochs were ended there and count as failed.",
            100.0 * share
        ));
    }
    text.push_str(&format!(
        " The score is {}, in points (times 100). The configuration was chosen by its mean score on dev; test scores played no part in any choice. A run counts as failed when, with its last weights, it is on dev no better than the best constant answer. Intervals are at 95 %, from bootstrap standard errors over seeds and over test examples (Efron and Tibshirani 1993) and Student's t. Differences were tested by paired permutation of seeds and variances by the Brown–Forsythe test, both corrected after Holm (1979).",
        report.score,
    ));
    text
}

fn task(report: &StudyReport) -> &'static str {
    use corpus::Task::*;
    match report.task {
        Classification => "text classification",
        Ner => "named-entity recognition",
        Pico => "labelling of PICO elements",
        Relation => "relation extraction",
        Similarity => "sentence similarity",
        Multilabel => "multi-label classification",
        Qa => "question answering",
    }
}

/// Learning rates, batch sizes and epochs: once where all arms share them, else by those that do.
fn same_or_listed(plan: &StudyPlan) -> String {
    let of = |arm: &super::Arm| {
        let recipe = &arm.recipe;
        let rate = recipe.learning_rate;
        let (batch, epochs) = (recipe.batch_size, recipe.epochs);
        format!("learning rate {rate:e}, batch size {batch}, {epochs} epochs, {}", kept(recipe))
    };
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for arm in &plan.arms {
        let settings = of(arm);
        match groups.iter_mut().find(|(known, _)| *known == settings) {
            Some((_, names)) => names.push(&arm.name),
            None => groups.push((settings, vec![&arm.name])),
        }
    }
    match &groups[..] {
        [(settings, _)] => settings.clone(),
        several => several
            .iter()
            .map(|(settings, names)| format!("{}: {settings}", names.join(", ")))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

fn kept(recipe: &finetune::Recipe) -> &'static str {
    match recipe.keep {
        finetune::Keep::Best => "the weights of the best epoch on dev kept",
        finetune::Keep::Last => "the last weights kept",
    }
}

/// The works that the paragraph and the presets rest on.
pub fn references(plan: &StudyPlan) -> Vec<String> {
    let has = |preset| plan.arms.iter().any(|arm| arm.recipe.presets.contains(&preset));
    let all = [
        (
            true,
            "Tinn R, Cheng H, Gu Y, et al. Fine-tuning large neural language models for biomedical natural language processing. Patterns 4(4), 2023.",
        ),
        (
            true,
            "Gu Y, Tinn R, Cheng H, et al. Domain-specific language model pretraining for biomedical natural language processing. ACM Transactions on Computing for Healthcare 3(1), 2021.",
        ),
        (
            true,
            "Mosbach M, Andriushchenko M, Klakow D. On the stability of fine-tuning BERT: misconceptions, explanations, and strong baselines. ICLR 2021.",
        ),
        (
            true,
            "Dodge J, Ilharco G, Schwartz R, et al. Fine-tuning pretrained language models: weight initializations, data orders, and early stopping. arXiv:2002.06305, 2020.",
        ),
        (
            true,
            "Dodge J, Gururangan S, Card D, et al. Show your work: improved reporting of experimental results. EMNLP 2019.",
        ),
        (true, "Loshchilov I, Hutter F. Decoupled weight decay regularization. ICLR 2019."),
        (true, "Efron B, Tibshirani R J. An introduction to the bootstrap. Chapman and Hall, 1993."),
        (
            true,
            "Brown M B, Forsythe A B. Robust tests for the equality of variances. Journal of the American Statistical Association 69(346), 1974.",
        ),
        (
            true,
            "Holm S. A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6(2), 1979.",
        ),
        (
            plan.folds.is_some(),
            "Forman G, Scholz M. Apples-to-apples in cross-validation studies: pitfalls in classifier performance measurement. SIGKDD Explorations 12(1), 2010.",
        ),
        (
            has(Preset::ReinitTop) || has(Preset::LayerwiseDecay),
            "Zhang T, Wu F, Katiyar A, Weinberger K Q, Artzi Y. Revisiting few-sample BERT fine-tuning. ICLR 2021.",
        ),
        (
            has(Preset::LayerwiseDecay),
            "Clark K, Luong M T, Le Q V, Manning C D. ELECTRA: pre-training text encoders as discriminators rather than generators. ICLR 2020.",
        ),
        (
            has(Preset::Mixout),
            "Lee C, Cho K, Kang W. Mixout: effective regularization to finetune large-scale pretrained language models. ICLR 2020.",
        ),
        (
            has(Preset::PretrainedDecay),
            "Wiese G, Weissenborn D, Neves M. Neural domain adaptation for biomedical question answering. CoNLL 2017.",
        ),
        (
            has(Preset::NoBiasCorrection),
            "Devlin J, Chang M W, Lee K, Toutanova K. BERT: pre-training of deep bidirectional transformers for language understanding. NAACL 2019.",
        ),
    ];
    all.into_iter().filter(|(named, _)| *named).map(|(_, work)| work.to_string()).collect()
}
