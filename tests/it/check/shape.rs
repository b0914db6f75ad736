//! The shape that every report has: closed lists, finite numbers, limits around values.

use std::collections::BTreeSet;

use serde_json::Value;

pub(crate) const ESTIMATE: [&str; 13] = [
    "value",
    "lower",
    "upper",
    "unbounded",
    "confidence",
    "n",
    "events",
    "clusters",
    "selected",
    "rows",
    "missing",
    "method",
    "evidence",
];
const METHODS: [&str; 21] = [
    "clopper-pearson",
    "gaffke",
    "gaffke-open",
    "student-t",
    "cr2-t",
    "order-statistics",
    "melded",
    "two-limits",
    "quantile-pair",
    "fieller",
    "paired-bootstrap",
    "item-bootstrap",
    "bradley-terry",
    "labelled-judge",
    "rogan-gladen",
    "judge-rate",
    "rounded-counts",
    "stated-error",
    "stated-interval",
    "point",
    "observed",
];
const REASONS: [&str; 35] = [
    "bound-clears-threshold",
    "bound-violates-threshold",
    "threshold-inside-interval",
    "too-few-samples",
    "below-min-samples",
    "no-samples",
    "too-few-for-a-variance",
    "zero-variance",
    "no-uncertainty",
    "missing-samples-unbounded",
    "no-pair-differs",
    "rounded",
    "not-finite",
    "few-items-rated-twice",
    "agreement-undefined",
    "not-two-raters",
    "uneven-ratings",
    "too-many-ratings",
    "versions-not-connected",
    "version-undefeated",
    "no-labels",
    "judge-tells-nothing",
    "judge-in-clusters",
    "fail-unadjusted",
    "fact-holds",
    "fact-broken",
    "fact-open",
    "face-value-holds",
    "face-value-broken",
    "evidence-mismatch",
    "evidence-unbound",
    "evidence-too-old",
    "baseline-not-positive",
    "switched-off",
    "silent-change",
];

pub(crate) fn is_digest(value: &Value) -> bool {
    value.as_str().is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

fn number_or_null(value: &Value) -> bool {
    value.is_null() || value.as_f64().is_some_and(f64::is_finite)
}

pub(crate) fn count_or_null(value: &Value) -> bool {
    value.is_null() || value.is_u64()
}

/// What holds for every gate of every report.
pub(crate) fn check_gate(gate: &Value) {
    let word = |pointer: &str, words: &[&str]| {
        assert!(words.contains(&gate.pointer(pointer).unwrap().as_str().unwrap()), "{pointer}: {gate:#}");
    };
    word("/outcome", &["pass", "inconclusive", "fail", "error", "not-applicable"]);
    word("/enforcement", &["block", "warn"]);
    word("/reason/code", &REASONS);
    word("/threshold/op", &["<", "<=", ">", ">=", "==", "!="]);
    assert!(
        gate["category"].is_null()
            || ["quality", "safety", "robustness", "latency", "cost"]
                .contains(&gate["category"].as_str().unwrap())
    );
    assert!(gate["reason"]["text"].as_str().is_some_and(|text| text.len() > 5));
    for key in ["p_pass", "p_fail", "p_fail_adjusted"] {
        assert!(
            gate[key].is_null() || gate[key].as_f64().is_some_and(|p| (0.0..=1.0).contains(&p)),
            "{key}: {gate:#}"
        );
    }
    check_estimate(&gate["candidate"], gate);
    if !gate["needed"].is_null() {
        assert_eq!(gate["outcome"], "inconclusive");
        let keys: BTreeSet<&str> = gate["needed"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(["samples", "slice", "power", "assumed", "least"]));
        assert_eq!(gate["needed"]["power"], 0.8);
    }
    for slice in gate["slices"].as_array().unwrap() {
        assert_eq!(
            names(slice),
            BTreeSet::from(["key", "outcome", "candidate", "change", "p_pass", "p_fail"])
        );
        assert!(slice["key"].as_object().unwrap().values().all(Value::is_string), "{slice:#}");
        check_estimate(&slice["candidate"], gate);
    }
    if !gate["baseline"].is_null() {
        check_estimate(&gate["baseline"], gate);
    }
    if !gate["change"].is_null() {
        assert!(!gate["baseline"].is_null(), "{gate:#}");
        check_change(&gate["change"], gate);
    }
    assert!(gate["waived"].is_null(), "no example has a live waiver: {gate:#}");
}

pub(crate) fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// What holds for the value and limits of every estimate and change.
fn check_limits(estimate: &Value, gate: &Value) {
    assert!(METHODS.contains(&estimate["method"].as_str().unwrap()), "{gate:#}");
    assert!(
        ["value", "lower", "upper", "confidence"].iter().all(|key| number_or_null(&estimate[key])),
        "{gate:#}"
    );
    for (key, side) in [("lower", "lower"), ("upper", "upper")] {
        let open = estimate["unbounded"].as_array().unwrap().contains(&side.into());
        assert!(!open || estimate[key].is_null(), "an open side has no number: {gate:#}");
    }
    if let (Some(lower), Some(upper)) = (estimate["lower"].as_f64(), estimate["upper"].as_f64()) {
        assert!(lower <= upper, "{gate:#}");
        // Counts and other whole numbers are alike so often that both order statistics are one number.
        let exact = ["observed", "order-statistics"].iter().any(|method| estimate["method"] == *method);
        assert!(lower < upper || exact, "never width 0: {gate:#}");
        let value = estimate["value"].as_f64().unwrap_or(lower);
        let missing = estimate["missing"].as_u64().is_some_and(|missing| missing > 0);
        assert!((lower..=upper).contains(&value) || missing, "{gate:#}");
    }
}

/// What holds for the candidate, the baseline and every slice.
fn check_estimate(estimate: &Value, gate: &Value) {
    assert_eq!(names(estimate), BTreeSet::from(ESTIMATE), "{gate:#}");
    check_limits(estimate, gate);
    assert!(
        ["n", "events", "clusters", "selected", "rows", "missing"]
            .iter()
            .all(|key| count_or_null(&estimate[key])),
        "{gate:#}"
    );
    if let (Some(n), Some(missing), Some(selected)) =
        (estimate["n"].as_u64(), estimate["missing"].as_u64(), estimate["selected"].as_u64())
    {
        // Agreement and strengths are of items, labels alone of the rows that have one.
        let of_rows = !["item-bootstrap", "bradley-terry"].iter().any(|method| estimate["method"] == *method);
        if of_rows && gate["judge"]["labels_alone"] != true {
            assert_eq!(n + missing, selected, "{gate:#}");
        }
        assert!(estimate["rows"].as_u64().is_none_or(|rows| selected <= rows), "{gate:#}");
    }
}

/// What holds for the change of a comparison.
fn check_change(change: &Value, gate: &Value) {
    let fields = ["value", "lower", "upper", "unbounded", "confidence", "n", "relative", "paired", "method"];
    assert_eq!(names(change), BTreeSet::from(fields), "{gate:#}");
    check_limits(change, gate);
    assert!(change["relative"].is_boolean() && change["paired"].is_boolean(), "{gate:#}");
}
