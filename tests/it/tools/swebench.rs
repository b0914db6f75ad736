use super::{close, json, read, read_bytes, reference};
use relgate::evidence::Format;

#[test]
fn every_instance_counts() {
    let Some(path) = reference("swebench/acme__mock-1.gate-A.json") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::SweBench);
    let count = |key: &str| own[key].as_u64().unwrap();
    // 3 of 8, of which one errored and one was never submitted; 3 of 5 were completed.
    assert_eq!((read.run().attempts, read.run().rows), (Some(count("total_instances")), 8));
    assert_eq!(read.run().errored, count("error_instances") + 1);
    let resolved = read.all("resolved");
    assert_eq!(resolved.n as u64, count("completed_instances") + count("empty_patch_instances"));
    close(resolved.mean * resolved.n as f64, count("resolved_instances") as f64, 1e-9);
    assert_eq!(read.value("toy__repo-4", "resolved").as_deref(), Some("false"), "an empty patch");
    assert!(format!("{:?}", read.run().models).contains("acme/mock-1"));
}

#[test]
fn what_is_in_no_list_is_an_error_and_what_is_in_two_is_refused() {
    let Some(path) = reference("swebench/acme__mock-1.gate-A.json") else { return };
    let mut own = json(&path);
    for key in ["infra_failure_ids", "ambiguous_failure_ids", "failure_reasons", "infra_failure_instances"] {
        own.as_object_mut().unwrap().remove(key);
    }
    own["total_instances"] = 10.into();
    let older = read_bytes("r.json", own.to_string().as_bytes()).unwrap();
    assert_eq!((older.run().attempts, older.run().unlisted, older.run().errored), (Some(10), 2, 4));
    own["total_instances"] = 8.into();
    let code = |own: &serde_json::Value| {
        let findings = read_bytes("r.json", own.to_string().as_bytes()).err().unwrap();
        findings.iter().next().unwrap().code.word()
    };
    let mut twice = own.clone();
    twice["resolved_ids"][0] = "toy__repo-2".into();
    assert_eq!(code(&twice), "contradiction");
    own["resolved_instances"] = 5.into();
    assert_eq!(code(&own), "contradiction");
}
