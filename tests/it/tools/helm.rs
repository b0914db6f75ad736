use super::{close, json, read, read_bytes, reference, select, tried};
use relgate::evidence::{Format, Measured};

#[test]
fn trials_are_epochs_of_their_instance() {
    let Some(path) = reference("helm/run/per_instance_stats.json") else { return };
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Helm);
    let run = read.run();
    assert_eq!((run.rows, run.cases, run.epochs), (30, 10, 3));
    assert_eq!(select(run), [("perturbation", "none"), ("split", "test")].into());
    let stats = json(&path.with_file_name("stats.json"));
    for stat in stats.as_array().unwrap().iter().filter(|stat| stat["name"]["perturbation"].is_null()) {
        let name = stat["name"]["name"].as_str().unwrap();
        let ours = match name {
            "inference_runtime" => "latency_s",
            "num_prompt_tokens" => "input_tokens",
            "num_output_tokens" => "output_tokens",
            // Computed of the whole run.
            "perplexity" | "bits_per_byte" | "logprob_per_byte" | "num_instances" => continue,
            other => other,
        };
        // `count` is of trials; what is missing in all of them has no mean.
        let Some(mean) = stat["mean"].as_f64() else {
            assert_eq!(read.all(ours).n, 0, "{name}");
            continue;
        };
        assert_eq!((read.all(ours).n, stat["count"].as_u64()), (30, Some(3)), "{name}");
        close(read.all(ours).mean, mean, 1e-9);
    }
    assert_eq!(read.epochs("id10", "input_tokens").len(), 3);
}

#[test]
fn means_over_trials_have_no_size_and_are_told_apart_by_perturbation() {
    let Some(path) = reference("helm/run/stats.json") else { return };
    let read = read(&path);
    let aggregates = &read.catalog.aggregates;
    assert!(!read.catalog.has_samples());
    assert!(aggregates.values().all(|stated| matches!(stated.measured, Measured::Point(_))));
    assert!(aggregates.contains_key("num_prompt_tokens/mean"));
    assert!(aggregates.contains_key("num_prompt_tokens/robustness,worst/mean"));
}

#[test]
fn the_other_files_of_the_folder_name_the_model_or_nothing() {
    let Some(path) = reference("helm/run/run_spec.json") else { return };
    for (name, model) in [("run_spec.json", true), ("scenario_state.json", true), ("instances.json", false)] {
        let read = read(&path.with_file_name(name));
        assert!(read.catalog.told.beside_results.is_some() && !read.catalog.has_samples(), "{name}");
        assert_eq!(format!("{:?}", read.catalog.told.runs).contains("simple/model1"), model, "{name}");
    }
    let mut state = json(&path.with_file_name("scenario_state.json"));
    state["request_states"][4]["result"]["success"] = false.into();
    state["request_states"][4]["result"]["error"] = "503".into();
    let failed = read_bytes("scenario_state.json", state.to_string().as_bytes()).unwrap();
    assert_eq!(failed.errors(), ["503"]);
}

#[test]
fn the_folder_of_a_run_is_judged_as_a_whole() {
    let Some(path) = reference("helm/run/run_spec.json") else { return };
    let folder = path.parent().unwrap();
    let (code, text) = tried(&[folder], "mean output_tokens <= 100");
    assert!(code == Some(3) && text.contains("3 tokens") && text.contains("n 30"), "{text}");
    // The means over its trials have no size, and a file beside the results has nothing.
    assert_eq!(tried(&[&folder.join("stats.json")], "output_tokens/mean <= 100").0, Some(2));
    let (code, text) = tried(&[&folder.join("instances.json")], "mean output_tokens <= 100");
    assert!(
        code == Some(2)
            && text.contains("this file holds no results")
            && text.contains("per_instance_stats.json"),
        "{text}"
    );
}
