//! What the literature compares besides the presets that are recommended, and runs that go wrong.

use crate::small::{BERT, ELECTRA, bench, short};
use burn::tensor::Tensor;
use corpus::Task;
use encoder::{Compute, Parameter, floats};
use finetune::{AdamW, Control, Event, Outcome, Pretrained, Sign, TrainError, Update, collect};

fn losses(events: &[Event]) -> Vec<f64> {
    events.iter().filter_map(|event| if let Event::Step { loss, .. } = event { Some(*loss) } else { None }).collect()
}

/// With β₁ = 0.9 and β₂ = 0.999 the first step without correction is 0.1 / √0.001 times the sign of the gradient.
#[test]
fn without_bias_correction_the_first_steps_are_larger() {
    for (corrected, expected) in [(true, 1.0), (false, 0.1 / 0.001f64.sqrt())] {
        let device = Compute::cpu().training();
        let run = bench(Task::Classification, BERT, &[], short);
        let mut model = run.first_model();
        model.visit(&mut |name, parameter| {
            if let Parameter::Vector(tensor) = parameter {
                let wanted = name == "classifier.bias";
                *tensor = Tensor::from_data(tensor.to_data(), &device).set_require_grad(wanted);
            }
        });
        let before = floats(model.classifier.bias.clone());
        let loss = (model.classifier.bias.clone() * Tensor::<1>::from_floats([3.0, -0.2], &device)).sum();
        let gradients = collect(&mut model, &mut loss.backward());
        let mut update = Update::plain(&|_| Some(0.01), 0.0, 1.0);
        update.bias_correction = corrected;
        AdamW::default().step(&mut model, gradients, &update);
        let after = floats(model.classifier.bias.clone());
        for (place, sign) in [(0, -1.0), (1, 1.0)] {
            let moved = f64::from(after[place] - before[place]);
            assert!((moved - sign * 0.01 * expected).abs() < 1e-5, "{corrected}: {moved}");
        }
    }
}

#[test]
fn mixout_mixes_columns_of_linear_layers_and_their_gradients() {
    let run = bench(Task::Ner, BERT, &[], short);
    let device = Compute::cpu().training();
    let config = run.first_model().config;
    let mut model = encoder::load_pretrained(&run.encoder, encoder::HeadKind::Token, 5, 1, &device).unwrap().0;
    let pretrained = Pretrained::of(&model, |name| name.starts_with("classifier"));
    let place = 5;
    // What training has changed by 0.5 everywhere.
    let mut learnt = 0;
    model.visit(&mut |_, parameter| {
        if let Parameter::Matrix(tensor) = parameter {
            *tensor = (tensor.clone().without_autodiff() + 0.5).autodiff().require_grad();
            learnt += 1;
        }
    });
    assert!(learnt > config.num_hidden_layers);
    let mixed = pretrained.mixed(&model, 0.75, 3, 11);
    let query = |model: &encoder::Model| floats(model.layers[0].query.weight.clone());
    let (before, after) = (query(&model), query(&mixed));
    let hidden = config.hidden_size;
    // U + (W − U) M / (1 − p): the pretrained weight, or that and four times the difference, column by column.
    let changes: Vec<f32> = after.iter().zip(&before).map(|(after, before)| after - (before - 0.5)).collect();
    let first = &changes[..hidden];
    assert!(first.iter().all(|change| change.abs() < 1e-5 || (change - 2.0).abs() < 1e-5), "{first:?}");
    for row in changes.chunks(hidden) {
        assert!(row.iter().zip(first).all(|(a, b)| (a - b).abs() < 1e-5), "all rows of a column go together");
    }
    let kept = first.iter().filter(|change| **change > 1.0).count();
    assert!((1..hidden).contains(&kept), "{kept} of {hidden}");
    assert_eq!(floats(mixed.classifier.weight.clone()), floats(model.classifier.weight.clone()), "drawn anew");
    assert_eq!(floats(mixed.embeddings.word.clone()), floats(model.embeddings.word.clone()), "no linear layer");
    let again = pretrained.mixed(&model, 0.75, 3, 11);
    assert_eq!(query(&again), after);
    assert_ne!(query(&pretrained.mixed(&model, 0.75, 3, 12)), after, "another pass");

    let loss = mixed.layers[0].query.weight.clone().sum();
    let gradients = collect(&mut model, &mut loss.backward());
    let gradient = gradients[place].as_ref().expect("the query's weight learns").values();
    for (row, change) in gradient.chunks(hidden).flat_map(|row| row.iter().zip(first)) {
        assert!(
            (row - if *change > 1.0 { 4.0 } else { 0.0 }).abs() < 1e-5,
            "{row} where the weight changed by {change}"
        );
    }
}

/// One step with a gradient of 0: w ← w − lr λ (w − u), exactly.
#[test]
fn weights_decay_towards_the_pretrained_ones() {
    let device = Compute::cpu().training();
    let run = bench(Task::Ner, BERT, &[], short);
    let mut model = encoder::load_pretrained(&run.encoder, encoder::HeadKind::Token, 5, 1, &device).unwrap().0;
    let pretrained = Pretrained::of(&model, |_| false);
    let pretrained_query = floats(model.layers[0].query.weight.clone());
    let query = &mut model.layers[0].query.weight;
    *query = (query.clone().without_autodiff() + 1.0).autodiff().require_grad();
    let loss = (model.layers[0].query.weight.clone() * 0.0).sum();
    let gradients = collect(&mut model, &mut loss.backward());
    let mut update = Update::plain(&|_| Some(0.1), 0.5, 1.0);
    update.towards = Some(&pretrained);
    AdamW::default().step(&mut model, gradients, &update);
    for (after, before) in floats(model.layers[0].query.weight.clone()).into_iter().zip(pretrained_query) {
        assert!((after - (before + 0.95)).abs() < 1e-5, "{after} from {before} + 1");
    }
}

#[test]
fn every_technique_trains_and_resumes() {
    for (encoder, presets) in
        [(BERT, "mixout"), (ELECTRA, "mixout"), (BERT, "pretrained-decay"), (BERT, "no-bias-correction")]
    {
        let run = bench(Task::Classification, encoder, &[("presets", presets), ("keep", "last")], short);
        let (trained, events) = run.train();
        assert_eq!(trained.outcome, Outcome::Completed);
        assert!(losses(&events).iter().all(|loss| loss.is_finite()));
        let whole = run.weights();

        let parted = bench(Task::Classification, encoder, &[("presets", presets), ("keep", "last")], short);
        let mut steps = 0;
        let paused = parted.go(false, &mut |event| {
            steps += usize::from(matches!(event, Event::Step { .. }));
            if steps == 4 { Control::Pause } else { Control::Continue }
        });
        assert!(matches!(paused, Err(TrainError::Paused)));
        parted.resume();
        assert!(parted.weights() == whole, "{presets} of {encoder}");
    }
}

#[test]
fn the_order_has_a_seed_of_its_own() {
    let with = |seed: &str, order: &[(&str, &str)]| {
        let run = bench(Task::Classification, BERT, &[&[("seed", seed), ("dropout", "0")], order].concat(), short);
        let (_, events) = run.train();
        losses(&events)
    };
    let plain = with("3", &[]);
    assert_eq!(with("3", &[("order-seed", "3")]), plain);
    let other_order = with("3", &[("order-seed", "4")]);
    assert_ne!(other_order, plain);
    let other_weights = with("4", &[("order-seed", "3")]);
    assert_ne!(other_weights, plain);
    assert_ne!(other_weights, other_order);
}

fn collapses(events: &[Event]) -> Vec<(usize, Vec<Sign>)> {
    let found = |event: &Event| match event {
        Event::Collapse { epoch, signs, .. } => Some((*epoch, signs.clone())),
        _ => None,
    };
    events.iter().filter_map(found).collect()
}

#[test]
fn a_run_that_learns_nothing_is_told_and_may_be_given_up() {
    let hopeless = [("learning-rate", "1e-9"), ("epochs", "6")];
    for task in [Task::Classification, Task::Similarity, Task::Multilabel] {
        let run = bench(task, BERT, &hopeless, short);
        let (trained, events) = run.train();
        assert!(trained.failed, "{task}");
        let told = collapses(&events);
        assert_eq!(told.len(), 1, "{task}: once");
        assert_eq!(told[0].0, 3, "{task}: not before half of the epochs");
        assert!(told[0].1.contains(&Sign::LossAtPrior), "{task}: {told:?}");

        let run = bench(task, BERT, &[&hopeless[..], &[("give-up", "0.5")]].concat(), short);
        let (trained, events) = run.train();
        assert_eq!(trained.outcome, Outcome::GivenUp, "{task}");
        let evaluations = events.iter().filter(|event| matches!(event, Event::Evaluation { .. })).count();
        assert_eq!(evaluations, 3, "{task}");
    }
}

#[test]
fn a_run_that_learns_is_left_alone() {
    for task in [Task::Classification, Task::Ner] {
        let settings = [("epochs", "12"), ("give-up", "0.5"), ("learning-rate", "5e-3")];
        let run = bench(task, BERT, &settings, short);
        let (trained, events) = run.train();
        assert!(!trained.failed && trained.outcome == Outcome::Completed, "{task}: {}", trained.test.main());
        assert_eq!(collapses(&events), [], "{task}");
    }
}

#[test]
fn evaluations_tell_how_much_gradient_reaches_each_part() {
    let run = bench(Task::Classification, BERT, &[("presets", "freeze")], short);
    let (_, events) = run.train();
    let parts = events.iter().find_map(|event| match event {
        Event::Evaluation { gradients, .. } => Some(gradients.clone()),
        _ => None,
    });
    let parts = parts.expect("an evaluation");
    let names: Vec<&str> = parts.iter().map(|part| part.part.as_str()).collect();
    assert_eq!(names, ["layer 1", "pooler", "head"], "frozen parts have none");
    assert!(parts.iter().all(|part| part.norm > 0.0));
}
