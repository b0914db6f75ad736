//! What a release may make of a shared policy and what not: merging refuses it, comparing reports it.

/// For each key: a shared value, a stricter one, a looser one.
pub(crate) const KEYS: &[(&str, &str, &str, &str)] = &[
    ("confidence", "95%", "99%", "90%"),
    ("fail_confidence", "95%", "99%", "90%"),
    ("looks", "2", "3", "1"),
    ("on_inconclusive", "warn", "block", ""),
    ("on_inconclusive", "block", "block", "warn"),
    ("point_estimates", "accept", "refuse", ""),
    ("point_estimates", "refuse", "refuse", "accept"),
    ("missing_samples", "{ exclude_up_to: 1% }", "{ exclude_up_to: 0.5% }", "{ exclude_up_to: 2% }"),
    ("missing_samples", "{ exclude_up_to: 1% }", "worst-case", ""),
    ("missing_samples", "worst-case", "worst-case", "{ exclude_up_to: 1% }"),
    ("binding", "require", "require", "warn"),
    ("binding", "warn", "require", ""),
    ("looser_changes", "warn", "block", ""),
    ("looser_changes", "block", "block", "warn"),
    ("unpinned_models", "warn", "refuse", ""),
    ("unpinned_models", "refuse", "refuse", "warn"),
    ("max_evidence_age", "14d", "1w", "15d"),
    ("waiver_at_most", "90d", "30d", "91d"),
    ("require", "[safety, cost]", "[cost, quality, safety]", "[safety]"),
    ("require", "[safety]", "[safety]", "[]"),
    ("observed_counts", "true", "false", ""),
    ("observed_counts", "false", "false", "true"),
];

/// Gates, and what a release may make of them.
pub(crate) const TIGHTENED: &[(&str, &str)] = &[
    ("'Toxicity < 1%'", "'toxicity < 0.5%'"),
    ("'Toxicity < 1%'", "'toxicity < 0.01'"),
    ("'Accuracy >= 90%'", "'Accuracy >= 91%'"),
    ("'p95 latency < 1200ms'", "'p95 latency < 1.2s'"),
    ("'Cost increase < 5%'", "'Cost increase < 4% of baseline'"),
    ("'Cost increase < 10%'", "'Cost increase < 1.05x'"),
    ("'count toxicity == 0'", "'count toxicity == 0'"),
    ("{ id: g, rule: 'a < 1', min_samples: 5 }", "{ id: g, rule: 'a < 1', min_samples: 6 }"),
    ("{ id: g, rule: 'a < 1', confidence: 97% }", "{ id: g, rule: 'a < 1', confidence: 99% }"),
    ("{ id: g, rule: 'a < 1', by: [x] }", "{ id: g, rule: 'a < 1', by: [y, x] }"),
    (
        "{ id: g, rule: 'a < 1', when: { changed: [models] } }",
        "{ id: g, rule: 'a < 1', when: { changed: [prompts, models] } }",
    ),
    ("{ id: g, rule: 'a < 1', enforcement: warn }", "{ id: g, rule: 'a < 1', enforcement: block }"),
];

/// Gates, and what a release may not make of them, with the code of the finding.
pub(crate) const REFUSED: &[(&str, &str, &str)] = &[
    ("'Toxicity < 1%'", "'Toxicity < 2%'", "gate-loosened"),
    ("'Toxicity < 1%'", "'Toxicity < 0.02'", "gate-loosened"),
    ("'Toxicity < 1%'", "'Toxicity <= 1%'", "gate-differs"),
    ("'Toxicity < 1%'", "'Toxicity < 5ms'", "gate-differs"),
    ("'Accuracy >= 90%'", "'Accuracy >= 89%'", "gate-loosened"),
    ("'p95 latency < 1200ms'", "'p95 latency < 1.3s'", "gate-loosened"),
    ("'Cost increase < 1.1x'", "'Cost increase < 50% of baseline'", "gate-loosened"),
    ("'accuracy drop < 2pp'", "'accuracy drop < 2% of baseline'", "gate-differs"),
    ("'count toxicity == 0'", "'count toxicity == 3'", "gate-differs"),
    ("{ id: g, rule: 'a < 1' }", "{ id: g, rule: 'b < 1' }", "gate-differs"),
    ("{ id: g, rule: 'a < 1' }", "{ id: g, rule: 'a < 1', metric: b }", "gate-differs"),
    ("{ id: g, rule: 'a < 1', min_samples: 5 }", "{ id: g, rule: 'a < 1', min_samples: 4 }", "gate-loosened"),
    (
        "{ id: g, rule: 'a < 1', confidence: 99% }",
        "{ id: g, rule: 'a < 1', confidence: 98% }",
        "gate-loosened",
    ),
    ("{ id: g, rule: 'a < 1', by: [x, z] }", "{ id: g, rule: 'a < 1', by: [x] }", "gate-loosened"),
    ("{ id: g, rule: 'a < 1' }", "{ id: g, rule: 'a < 1', when: { type: [hotfix] } }", "gate-loosened"),
    (
        "{ id: g, rule: 'a < 1', when: { changed: [models, prompts] } }",
        "{ id: g, rule: 'a < 1', when: { changed: [models] } }",
        "gate-loosened",
    ),
    (
        "{ id: g, rule: 'a < 1', when: { changed: [models] } }",
        "{ id: g, rule: 'a < 1', when: { changed: [models], type: [hotfix] } }",
        "gate-loosened",
    ),
    ("{ id: g, rule: 'a < 1' }", "{ id: g, rule: 'a < 1', enforcement: warn }", "gate-loosened"),
];
