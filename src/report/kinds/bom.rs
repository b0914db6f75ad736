//! A bill of materials: `CycloneDX` 1.6 with the artifacts of a release, their digests, and of its models the figures and risks.
//!
//! The figures are those of the whole release: its gates judge models, prompts and settings together, and a property says so.

use serde_json::{Map, Value, json};

use super::kind::{Kind, Several};
use crate::artifact::hub;
use crate::diagnostic::printable;
use crate::report::json::pretty;
use crate::report::v1::{Finite, Report, ReportArtifact, ReportEstimate, ReportGate, ReportRisk};

pub(super) const KIND: Kind = Kind {
    name: "bom",
    about: "a bill of materials with digests, figures and risks (CycloneDX 1.6)",
    file: "bom.cdx.json",
    media: "application/vnd.cyclonedx+json",
    always: false,
    report: |report, _| pretty(&document(std::slice::from_ref(report))),
    ending: None,
    several: Several::Whole(|reports, _| pretty(&document(reports))),
    comparison: None,
    history: None,
    is_own: |text| {
        let own: Option<Value> = serde_json::from_str(text).ok();
        let says = |place: &str, what: &str| {
            own.as_ref().and_then(|bom| bom.pointer(place)).and_then(Value::as_str) == Some(what)
        };
        says("/bomFormat", "CycloneDX") && says("/metadata/tools/components/0/name", "relgate")
    },
    shared: None,
};

fn document(reports: &[Report]) -> Value {
    let mut bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial(reports),
        "version": 1,
    });
    let mut metadata = json!({
        "tools": { "components": [{ "type": "application", "name": "relgate", "version": env!("CARGO_PKG_VERSION") }] },
    });
    if let Some(newest) = reports.iter().map(|report| report.generated_at).max() {
        put(&mut metadata, "timestamp", json!(newest.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)));
    }
    if let [report] = reports {
        put(&mut metadata, "component", release(report, 0));
        put(&mut bom, "components", Value::Array(components(report, 0)));
        put(&mut bom, "dependencies", dependencies(report, 0));
    } else {
        let all = reports.iter().enumerate().map(|(at, report)| {
            let mut one = release(report, at);
            put(&mut one, "components", Value::Array(components(report, at)));
            one
        });
        put(&mut bom, "components", all.collect());
    }
    put(&mut bom, "metadata", metadata);
    bom
}

/// A further key of an object.
fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(keys) = object.as_object_mut() {
        keys.insert(key.to_owned(), value);
    }
}

/// A UUID (version 8 of RFC 9562: of our own making) of what the reports say, so that the same judgement is the same document.
fn serial(reports: &[Report]) -> String {
    let sums: String = reports.iter().map(Report::content_checksum).collect();
    let digest = crate::artifact::digest_bytes(sums.as_bytes());
    let hex = digest.hex();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or("0");
    format!("urn:uuid:{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}

/// The release itself, with what its gates came to.
fn release(report: &Report, at: usize) -> Value {
    let version = report.release.as_ref().map(|release| release.version.to_string());
    let mut properties = vec![property("relgate:decision", report.decision.0.word())];
    if let Some(error) = report.first_error() {
        properties.push(property("relgate:error", &error));
    }
    if let Some(release) = &report.release {
        properties.push(property("relgate:manifest:sha256", &release.manifest_sha256));
        properties.extend(release.lock_sha256.iter().map(|lock| property("relgate:lock:sha256", lock)));
    }
    properties.extend(
        report.gates.iter().map(|gate| property(&format!("relgate:gate:{}", gate.id), &gate.came_to())),
    );
    let mut component = json!({
        "type": "application",
        "bom-ref": format!("release-{at}"),
        "name": printable(report.name()),
        "properties": properties,
    });
    if let Some(version) = version {
        put(&mut component, "version", json!(version));
    }
    if let Some(summary) = report.release.as_ref().and_then(|release| release.summary.as_ref()) {
        put(&mut component, "description", json!(printable(summary)));
    }
    component
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": printable(name), "value": printable(value) })
}

fn reference(at: usize, artifact: &ReportArtifact) -> String {
    format!("release-{at}/{}/{}", artifact.kind, artifact.name)
}

fn dependencies(report: &Report, at: usize) -> Value {
    let on: Vec<String> = report.artifacts.iter().map(|artifact| reference(at, artifact)).collect();
    json!([{ "ref": format!("release-{at}"), "dependsOn": on }])
}

fn components(report: &Report, at: usize) -> Vec<Value> {
    report.artifacts.iter().map(|artifact| component(report, at, artifact)).collect()
}

fn component(report: &Report, at: usize, artifact: &ReportArtifact) -> Value {
    let is_model = artifact.kind == "model";
    let mut one = json!({
        "type": if is_model { "machine-learning-model" } else { "data" },
        "bom-ref": reference(at, artifact),
        "name": printable(&artifact.name),
        "version": printable(&artifact.version),
    });
    let mut properties = vec![property("relgate:kind", &artifact.kind)];
    properties.extend(artifact.path.iter().map(|path| property("relgate:path", path)));
    match (&artifact.sha256, artifact.content.as_str()) {
        // Only of one file it is what its name says to everybody else.
        (Some(hex), "file" | "elsewhere") => {
            put(&mut one, "hashes", json!([{ "alg": "SHA-256", "content": hex }]));
        }
        (Some(hex), what) => properties.push(property(&format!("relgate:{what}:sha256"), hex)),
        (None, _) => {}
    }
    if let Some(uri) = &artifact.uri {
        if let Some(found) = hub(uri).filter(|_| is_model) {
            let revision = found.revision.map_or_else(String::new, |revision| format!("@{revision}"));
            put(&mut one, "purl", json!(format!("pkg:huggingface/{}{revision}", found.repository)));
        }
        if is_reference(uri) {
            put(&mut one, "externalReferences", json!([{ "type": "distribution", "url": uri }]));
        } else {
            properties.push(property("relgate:uri", uri));
        }
    }
    if is_model {
        put(&mut one, "modelCard", model_card(report, at));
    } else {
        put(
            &mut one,
            "data",
            json!([{ "type": kind_of_data(&artifact.kind), "name": printable(&artifact.name) }]),
        );
    }
    put(&mut one, "properties", Value::Array(properties));
    one
}

/// Whether a text may stand where a URI has to.
fn is_reference(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c))
}

fn kind_of_data(kind: &str) -> &'static str {
    match kind {
        "dataset" => "dataset",
        "prompt" | "inference_config" => "configuration",
        "safety_policy" => "definition",
        _ => "other",
    }
}

fn model_card(report: &Report, at: usize) -> Value {
    let metrics: Vec<Value> =
        report.gates.iter().filter(|gate| is_measured(gate)).flat_map(metrics).collect();
    let datasets = report.artifacts.iter().filter(|one| one.kind == "dataset");
    let datasets: Vec<Value> = datasets.map(|one| json!({ "ref": reference(at, one) })).collect();
    let risks: Vec<Value> = report.risks.iter().map(risk).collect();
    let mut card = Map::new();
    if !datasets.is_empty() {
        card.insert("modelParameters".to_owned(), json!({ "datasets": datasets }));
    }
    card.insert("quantitativeAnalysis".to_owned(), json!({ "performanceMetrics": metrics }));
    if !risks.is_empty() {
        card.insert("considerations".to_owned(), json!({ "ethicalConsiderations": risks }));
    }
    let of = format!("the figures are of the whole release {}, not of this model alone", report.title());
    card.insert("properties".to_owned(), json!([property("relgate:measured", &of)]));
    Value::Object(card)
}

/// Whether it is a gate about numbers of the evidence.
fn is_measured(gate: &ReportGate) -> bool {
    gate.place.is_some() && gate.candidate.value.get().is_some()
}

/// The figures of a gate and of its slices.
fn metrics(gate: &ReportGate) -> Vec<Value> {
    let whole = metric(gate, &gate.candidate, None);
    let slices = gate.slices.iter().filter(|slice| slice.candidate.value.get().is_some());
    std::iter::once(whole)
        .chain(slices.map(|slice| metric(gate, &slice.candidate, Some(slice.key.name()))))
        .collect()
}

fn metric(gate: &ReportGate, figures: &ReportEstimate, slice: Option<String>) -> Value {
    let number = |value: Finite| value.get().map(|value| value.to_string());
    let mut one = json!({ "type": printable(&gate.metric), "value": number(figures.value) });
    if let Some(slice) = slice {
        put(&mut one, "slice", json!(printable(&slice)));
    }
    if let (Some(lower), Some(upper)) = (number(figures.lower), number(figures.upper)) {
        put(&mut one, "confidenceInterval", json!({ "lowerBound": lower, "upperBound": upper }));
    }
    one
}

fn risk(risk: &ReportRisk) -> Value {
    let mitigation = match &risk.assessment {
        Some(assessment) => format!("{} ({})", assessment.mitigation, risk.shown_by()),
        None => risk.shown_by(),
    };
    json!({ "name": printable(&format!("{}: {}", risk.id, risk.title)), "mitigationStrategy": printable(&mitigation) })
}
