//! docs/manifest.md and the schema of `release.yaml`: both are the field tables, and every example in them is read.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use relgate::diagnostic::Sources;
use relgate::manifest::fields::{self, Field, FieldType, Mapping};
use relgate::manifest::{parse, parse_policy};

const PAGE: &str = "docs/manifest.md";

/// The tables in the order of the page, each with its key in the manifest.
const TABLES: &[(&str, &Mapping)] = &[
    ("release.yaml", &fields::RELEASE),
    ("artifacts", &fields::ARTIFACTS),
    ("an artifact", &fields::ARTIFACT),
    ("an evidence entry", &fields::EVIDENCE),
    ("the cluster of an evidence entry", &fields::CLUSTER),
    ("the baseline of an evidence entry", &fields::BASELINE_EVIDENCE),
    ("a metric", &fields::METRIC),
    ("a file of references", &fields::REFERENCE),
    ("judge", &fields::JUDGE),
    ("share", &fields::JUDGE_SHARE),
    ("a gate", &fields::GATE),
    ("when", &fields::WHEN),
    ("policy", &fields::POLICY),
    ("missing_samples", &fields::MISSING_SAMPLES),
    ("a waiver", &fields::WAIVER),
    ("a risk", &fields::RISK),
    ("accepted", &fields::RISK_ACCEPTED),
    ("deployment", &fields::DEPLOYMENT),
    ("a target", &fields::TARGET),
    ("a step", &fields::STEP),
    ("approvals", &fields::APPROVALS),
    ("monitoring", &fields::MONITORING),
    ("a signal", &fields::SIGNAL),
    ("rollback", &fields::ROLLBACK),
    ("actions", &fields::ACTIONS),
    ("a policy file", &fields::POLICY_FILE),
];

fn path(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(of)
}

fn page() -> String {
    let mut text = String::from(
        "# release.yaml, key by key\n\nEvery key with its type, its default, an example and what it is for. This page is made of the table that reads\nmanifests (`src/manifest/fields`), as is the JSON Schema that `relgate schema manifest` prints; let an editor check a\nmanifest while it is written by its first line:\n\n```yaml\n# yaml-language-server: $schema=./release.schema.json\n```\n\nAn unknown key is an error. Paths are relative to the file they stand in and do not leave the root. `relgate explain rules`\ntells how rules are written, `relgate explain metrics` which metrics need no definition.\n",
    );
    for (name, mapping) in TABLES {
        let heading = if *name == mapping.name.trim_matches('`') || *name == "release.yaml" {
            *name
        } else {
            mapping.name
        };
        let _ = write!(
            text,
            "\n## {heading}\n\n| key | type | default | example | what it is for |\n|---|---|---|---|---|\n"
        );
        for field in mapping.fields {
            let default = match (field.required, field.default) {
                (true, _) => "required".to_owned(),
                (false, Some(default)) => cell(default),
                (false, None) => String::new(),
            };
            let _ = writeln!(
                text,
                "| `{}` | {} | {default} | {} | {} |",
                field.name,
                cell(&field.kind.describe()),
                format_args!("`{}`", cell(field.example)),
                cell(field.doc)
            );
        }
    }
    text
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn the_page_of_the_manifest_is_the_field_table() {
    if crate::project::blesses() {
        fs::write(path(PAGE), page()).unwrap();
    }
    let written = fs::read_to_string(path(PAGE)).unwrap();
    assert!(written == page(), "{PAGE} is stale: RELGATE_BLESS=1 cargo test --test it manifest_page");
    let readme = fs::read_to_string(path("README.md")).unwrap();
    assert!(readme.contains(&format!("]({PAGE})")), "README.md does not lead to {PAGE}");
}

#[test]
fn the_schemas_of_manifests_are_the_field_table() {
    for (name, schema) in [("manifest", fields::manifest_schema()), ("policy", fields::policy_schema())] {
        let file = path(&format!("schema/{name}.json"));
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if crate::project::blesses() {
            fs::write(&file, &text).unwrap();
        }
        let written = fs::read_to_string(&file).unwrap();
        assert!(
            written == text,
            "schema/{name}.json is stale: RELGATE_BLESS=1 cargo test --test it manifest_page"
        );
    }
}

/// A manifest in which `key: value` stands in a mapping of this kind, with what it needs beside it.
fn manifest_with(mapping: &Mapping, key: &str, value: &str) -> String {
    let mut top = vec![
        ("relgate", "1".to_owned()),
        ("name", "n".to_owned()),
        ("version", "1.0.0".to_owned()),
        ("type", "prompt-release".to_owned()),
        ("evidence", "{ answers: { path: a.jsonl } }".to_owned()),
        ("gates", "['accuracy >= 85%', 'p95 latency < 1200ms']".to_owned()),
    ];
    let mut set = |name: &'static str, value: String| {
        top.retain(|(other, _)| *other != name);
        top.push((name, value));
    };
    let beside = |own: &[(&str, &str)]| {
        let mut pairs: Vec<String> = own
            .iter()
            .filter(|(name, _)| *name != key)
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        pairs.push(format!("{key}: {value}"));
        format!("{{ {} }}", pairs.join(", "))
    };
    match mapping.name {
        "the manifest" => {
            let key: &'static str =
                fields::RELEASE.fields.iter().find(|field| field.name == key).unwrap().name;
            set(key, value.to_owned());
        }
        "`artifacts`" => set("artifacts", beside(&[])),
        "an artifact" => {
            let kind = match key {
                "role" => "datasets",
                "keep" => "prompts",
                "values" => "inference_configs",
                _ => "models",
            };
            let place = if matches!(key, "values" | "uri") { ("version", "v1") } else { ("path", "p.md") };
            let own = [("version", "v1"), place];
            let own = if place.0 == "version" { &own[..1] } else { &own[..] };
            set("artifacts", format!("{{ {kind}: {{ a: {} }} }}", beside(own)));
        }
        "an evidence entry" => set("evidence", format!("{{ answers: {} }}", beside(&[("path", "a.jsonl")]))),
        "the cluster of an evidence entry" => {
            set(
                "evidence",
                format!("{{ answers: {{ path: a.jsonl, cluster: {} }} }}", beside(&[("by", "talk")])),
            );
        }
        "the baseline of an evidence entry" => {
            set(
                "evidence",
                format!("{{ answers: {{ path: a.jsonl, baseline: {} }} }}", beside(&[("path", "b.jsonl")])),
            );
        }
        "a metric" => {
            let own: &[(&str, &str)] = match key {
                "per" => &[("as", "ratio"), ("field", "cost")],
                "cap" => &[("as", "mean"), ("field", "cost")],
                "smooth_value" => &[("as", "bleu"), ("field", "f"), ("reference", "r"), ("smooth", "floor")],
                "reference" | "tokenize" | "smooth" | "lowercase" | "effective_order" | "max_order" => {
                    &[("as", "bleu"), ("field", "f"), ("reference", "r")]
                }
                "char_order" | "word_order" | "beta" | "whitespace" | "eps_smoothing" => {
                    &[("as", "chrf"), ("field", "f"), ("reference", "r")]
                }
                "normalize" | "punctuation" | "asian" => &[("as", "ter"), ("field", "f"), ("reference", "r")],
                "stem" | "score" => &[("as", "rouge-l"), ("field", "f"), ("reference", "r")],
                "strict" => &[("as", "exact-match"), ("field", "f"), ("reference", "r")],
                "empty" => &[("as", "token-f1"), ("field", "f"), ("reference", "r")],
                "schema" => &[("as", "json-schema"), ("field", "f")],
                "pattern" => &[("as", "regex"), ("field", "f")],
                "count" => &[("as", "length"), ("field", "f")],
                "item" | "rater" => &[("as", "rating"), ("field", "f"), ("scale", "[1, 5]")],
                "raters" => &[("as", "rating"), ("scale", "[1, 5]")],
                "statistic" => &[("as", "agreement"), ("field", "f"), ("rater", "who")],
                "ties" | "between" => &[("as", "win-rate"), ("field", "f")],
                "sides" => &[("as", "bradley-terry"), ("field", "f"), ("between", "[v4, v3]")],
                _ => &[("field", "f")],
            };
            set("metrics", format!("{{ m: {} }}", beside(own)));
        }
        "a file of references" => {
            let reference = beside(&[("path", "r.jsonl")]);
            set("metrics", format!("{{ m: {{ as: bleu, field: f, reference: {reference} }} }}"));
        }
        "the judge of a metric" => {
            let own: &[(&str, &str)] = match key {
                "sensitivity" => &[("model", "m"), ("specificity", "{ events: 9, n: 10 }")],
                "specificity" => &[("model", "m"), ("sensitivity", "{ events: 9, n: 10 }")],
                _ => &[("model", "m")],
            };
            set("metrics", format!("{{ m: {{ as: rate, judge: {} }} }}", beside(own)));
        }
        "a share of cases" => {
            let share = beside(&[("events", "9"), ("n", "100")]);
            set(
                "metrics",
                format!(
                    "{{ m: {{ as: rate, judge: {{ model: m, sensitivity: {share}, specificity: {share} }} }} }}"
                ),
            );
        }
        "a gate" => set("gates", format!("[{}]", beside(&[("rule", "'accuracy >= 85%'")]))),
        "`when`" => set("gates", format!("[{{ rule: 'accuracy >= 85%', when: {} }}]", beside(&[]))),
        "`policy`" => set("policy", beside(&[])),
        "`missing_samples`" => set("policy", format!("{{ missing_samples: {} }}", beside(&[]))),
        "a waiver" => {
            let own = [
                ("gate", "accuracy"),
                ("reason", "r"),
                ("owner", "o"),
                ("approver", "b"),
                ("expires", "2026-12-31"),
            ];
            set("waivers", format!("[{}]", beside(&own)));
        }
        "a risk" => {
            let tested = [
                ("likelihood", "low"),
                ("impact", "low"),
                ("residual", "low"),
                ("mitigation", "m"),
                ("accepted", "{ by: b, reason: r }"),
            ];
            let own = if key == "not_applicable" { &[] } else { tested.as_slice() };
            let own: Vec<(&str, &str)> =
                own.iter().copied().chain([("owner", "o"), ("review", "2027-01-01")]).collect();
            set(
                "monitoring",
                "{ log: [a.jsonl], signals: [user_flagged, { id: hallucination-rate, metric: x }] }"
                    .to_owned(),
            );
            set("risks", format!("{{ confabulation: {} }}", beside(&own)));
        }
        "`accepted`" => {
            let accepted = beside(&[("by", "b"), ("reason", "r")]);
            set(
                "risks",
                format!(
                    "{{ cbrn: {{ likelihood: low, impact: low, residual: low, mitigation: m, owner: o, review: 2027-01-01, accepted: {accepted} }} }}"
                ),
            );
        }
        "`deployment`" => {
            let own: &[(&str, &str)] = match key {
                "goal" => &[("strategy", "ab")],
                _ => &[("strategy", "canary")],
            };
            set("deployment", beside(own));
        }
        "a target" => {
            let own = [("kind", "file"), ("path", "deploy/split.json")];
            set("deployment", format!("{{ strategy: canary, target: {} }}", beside(&own)));
        }
        "a step" => {
            let step = beside(&[("weight", "10%")]);
            set("deployment", format!("{{ strategy: flag, steps: [{step}, 100%] }}"));
        }
        "`approvals`" => {
            let approvals = beside(&[("full", "1")]);
            set("deployment", format!("{{ strategy: canary, approvals: {approvals} }}"));
        }
        "`monitoring`" => set("monitoring", beside(&[("log", "[a.jsonl]")])),
        "a signal" => {
            let signal = beside(&[("metric", "user_flagged")]);
            set("monitoring", format!("{{ log: [a.jsonl], signals: [{signal}] }}"));
        }
        "`rollback`" => set("rollback", beside(&[])),
        "`actions`" => set("rollback", format!("{{ actions: {} }}", beside(&[]))),
        other => panic!("no place for {other}"),
    }
    top.iter().fold(String::new(), |text, (name, value)| text + &format!("{name}: {value}\n"))
}

/// What the reader makes of a value at its place.
fn read(mapping: &Mapping, field: &Field, value: &str) -> Result<(), String> {
    let mut sources = Sources::new();
    let findings = if mapping.name == "a policy file" {
        let rest = if field.name == "relgate" { "gates: ['toxicity < 1%']\n" } else { "" };
        let file = sources.add("policy.yaml", format!("{}: {value}\n{rest}", field.name));
        parse_policy(&sources, file).err()
    } else {
        let file = sources.add("release.yaml", manifest_with(mapping, field.name, value));
        parse(&sources, file).err()
    };
    match findings {
        None => Ok(()),
        Some(found) => {
            Err(found.iter().map(|finding| format!("{}: {}\n", finding.code, finding.title)).collect())
        }
    }
}

#[test]
fn every_key_has_an_example_that_is_read() {
    let mut seen = 0;
    for (_, mapping) in TABLES {
        for field in mapping.fields {
            assert!(!field.example.is_empty(), "{}: `{}` has no example", mapping.name, field.name);
            read(mapping, field, field.example).unwrap_or_else(|wrong| {
                panic!("{}: `{}: {}`: {wrong}", mapping.name, field.name, field.example)
            });
            seen += 1;
        }
    }
    assert!(seen > 70, "{seen}");
}

/// A default that is a value, and not words, can be written out.
#[test]
fn every_default_can_be_written_out() {
    for (_, mapping) in TABLES {
        for field in mapping.fields {
            let Some(default) = field.default.filter(|default| !default.starts_with("the ")) else {
                continue;
            };
            read(mapping, field, default)
                .unwrap_or_else(|wrong| panic!("{}: `{}: {default}`: {wrong}", mapping.name, field.name));
        }
    }
}

/// No mapping of the tables is left out of the page.
#[test]
fn the_page_has_every_mapping() {
    fn inner(of: &Mapping, names: &mut Vec<&'static str>) {
        for field in of.fields {
            let next: &[&'static Mapping] = match field.kind {
                FieldType::Mapping(next)
                | FieldType::MapOf(next)
                | FieldType::ListOf(next)
                | FieldType::OneOrMore(next) => &[next],
                FieldType::Steps => &[&fields::STEP],
                FieldType::Signals => &[&fields::SIGNAL],
                FieldType::Gates => &[&fields::GATE],
                FieldType::BaselineEvidence => &[&fields::BASELINE_EVIDENCE],
                FieldType::Cluster => &[&fields::CLUSTER],
                FieldType::Reference => &[&fields::REFERENCE],
                FieldType::MissingSamples => &[&fields::MISSING_SAMPLES],
                _ => &[],
            };
            for next in next {
                if !names.contains(&next.name) {
                    names.push(next.name);
                    inner(next, names);
                }
            }
        }
    }
    let mut names = vec![fields::RELEASE.name];
    inner(&fields::RELEASE, &mut names);
    for name in names {
        assert!(TABLES.iter().any(|(_, mapping)| mapping.name == name), "{name} is not on {PAGE}");
    }
}
