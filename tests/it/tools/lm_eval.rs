use super::{close, json, read, reference, select};
use relgate::evidence::{Format, Measured};

const TIME: &str = "2026-11-23T03-54-13.732542";

#[test]
fn samples_give_the_figures_that_the_results_state() {
    let Some(path) = reference(&format!("lm_eval/out/z5s3n4sz/results_{TIME}.json")) else { return };
    let own = json(&path);
    let results = read(&path);
    assert_eq!(results.catalog.format, Format::LmEval);
    assert_eq!(results.catalog.told.tool.as_deref(), Some("lm-eval 0.4.13"));
    for (task, metrics) in
        [("toy_mc", &["acc", "acc_norm"][..]), ("toy_sub_a", &["acc"]), ("toy_sub_b", &["acc"])]
    {
        let samples = read(&path.with_file_name(format!("samples_{task}_{TIME}.jsonl")));
        assert_eq!(samples.run().rows, own["n-samples"][task]["effective"].as_u64().unwrap());
        for metric in metrics {
            let stated = own["results"][task][format!("{metric},none")].as_f64().unwrap();
            close(samples.all(metric).mean, stated, 1e-12);
            let aggregate = &results.catalog.aggregates[&format!("{task}/{metric},none")].measured;
            let Measured::Value { value, n } = aggregate else { panic!("{aggregate:?}") };
            assert_eq!((value.value, *n), (stated, samples.run().rows));
        }
    }
    // The group is stated once, though it stands in two places.
    assert!(results.catalog.aggregates.contains_key("toy_group/acc,none"));
    // "N/A" is no standard error.
    assert!(matches!(
        results.catalog.aggregates["toy_ppl/word_perplexity,none"].measured,
        Measured::Point(_)
    ));
    assert!(results.run().models.contains(&vec!["z5s3n4sz".to_owned()]));
    assert_eq!(results.run().created.unwrap().timestamp(), 1_795_406_041);
}

#[test]
fn filters_are_runs_and_a_limit_is_told() {
    let Some(path) = reference("lm_eval/out_gen/qdpv68r5/samples_toy_gen_2026-11-23T03-54-51.135499.jsonl")
    else {
        return;
    };
    let samples = read(&path);
    let filters: Vec<_> =
        samples.catalog.told.runs.iter().map(|run| (select(run)["filter"], run.rows)).collect();
    assert_eq!(filters, [("strict-match", 6), ("flexible-extract", 6)]);
    assert_eq!(samples.ids().len(), 6);
    assert_eq!(samples.of(&[("filter", "strict-match")], "exact_match").n, 6);
    let results = read(&path.with_file_name("results_2026-11-23T03-54-51.135499.json"));
    assert_eq!(results.run().limited, Some(6));
    assert_eq!(results.catalog.told.problems[0].code.word(), "limited-run");
}
