use metrics::{BlurbDataset, BlurbScore, BlurbTask, blurb_score};

/// Percentages in the order of the datasets, as fractions.
fn scores(percent: [f64; 13]) -> Vec<(BlurbDataset, f64)> {
    BlurbDataset::ALL.into_iter().zip(percent.map(|score| score / 100.0)).collect()
}

const PUBMED_BERT: [f64; 13] =
    [93.33, 85.62, 87.82, 84.52, 79.10, 73.38, 77.24, 82.36, 83.96, 92.30, 82.32, 55.84, 87.56];
const BIO_BERT: [f64; 13] = [92.85, 84.70, 89.13, 83.82, 78.55, 73.18, 76.14, 80.88, 82.36, 89.52, 81.54, 60.24, 84.14];
const BERT: [f64; 13] = [89.25, 81.44, 85.67, 80.90, 77.69, 72.34, 71.86, 80.04, 80.41, 82.68, 80.20, 51.62, 70.36];

#[test]
fn gives_the_published_scores() {
    for (percent, published) in [(PUBMED_BERT, 81.16), (BIO_BERT, 80.34), (BERT, 76.11)] {
        let blurb = blurb_score(&scores(percent));
        let score = blurb.score.expect("every type has a score");
        assert_eq!((score * 1e4).round() / 1e2, published);
        assert!(blurb.complete && blurb.missing.is_empty());
    }
}

#[test]
fn a_type_without_any_score_leaves_no_score() {
    let mut some = scores(PUBMED_BERT);
    some.retain(|(dataset, _)| *dataset != BlurbDataset::Biosses);
    let blurb = blurb_score(&some);
    assert_eq!((blurb.score, blurb.complete, blurb.missing), (None, false, vec![BlurbDataset::Biosses]));
    assert_eq!(blurb.per_type[3], (BlurbTask::Similarity, None));
    assert_eq!(blurb.per_type[1], (BlurbTask::Pico, Some(0.7338)));
    let nothing = blurb_score(&[]);
    assert_eq!((nothing.score, nothing.missing), (None, BlurbDataset::ALL.to_vec()));
    assert_eq!(nothing.per_type, BlurbTask::ALL.map(|task| (task, None)));
}

#[test]
fn a_missing_dataset_leaves_the_mean_of_the_others_but_no_complete_score() {
    let mut some = scores(PUBMED_BERT);
    some.retain(|(dataset, _)| *dataset != BlurbDataset::PubMedQa);
    let blurb = blurb_score(&some);
    assert_eq!(blurb.per_type[5], (BlurbTask::QuestionAnswering, Some(0.8756)));
    assert!(blurb.score.is_some() && !blurb.complete);
    assert_eq!(blurb.missing, [BlurbDataset::PubMedQa]);
}

#[test]
fn neither_order_nor_an_earlier_score_matters() {
    let expected = blurb_score(&scores(BERT));
    let mut other = scores(BERT);
    other.reverse();
    other.insert(0, (BlurbDataset::Hoc, 0.1));
    assert_eq!(blurb_score(&other), expected);
}

#[test]
fn names_are_those_of_the_paper_in_json_too() {
    for dataset in BlurbDataset::ALL {
        assert_eq!(dataset.name().parse(), Ok(dataset));
        assert_eq!(serde_json::to_value(dataset).expect("a name"), dataset.name());
        assert!(!dataset.metric().is_empty());
    }
    assert!("BC5".parse::<BlurbDataset>().is_err());
    let sizes = BlurbTask::ALL.map(|task| BlurbDataset::ALL.iter().filter(|dataset| dataset.task() == task).count());
    assert_eq!(sizes, [5, 1, 3, 1, 1, 2]);
    let blurb = blurb_score(&scores(BERT)[1..]);
    let text = serde_json::to_string(&blurb).expect("scores are plain data");
    assert!(text.contains("\"missing\":[\"BC5-chem\"]"), "{text}");
    assert_eq!(serde_json::from_str::<BlurbScore>(&text).expect("its own output"), blurb);
}
