//! What holds for every input: nothing panics, a rule survives printing, and less or worse data never helps.
//!
//! Judging goes through the library with evidence in memory, so that thousands of releases take seconds.

use std::fmt::Write as _;
use std::io;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use relgate::change::Required;
use relgate::diagnostic::{Diagnostic, Sources};
use relgate::evidence::{
    self, Compression, Depth, Format, Projected, Projection, Role, Sample, Sink, Source,
};
use relgate::gate::{self, Assessed, Gate, Outcome};
use relgate::manifest::{self, rule};
use relgate::metric::{self, Input, Offer, Plan, RowsAs};
use relgate::verdict::{self, GateResult};

/// The same cases everywhere; another seed is a good idea when a parser or a method was changed.
const SEED: u64 = 20_261_120;

/// Evidence in memory.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Source for Bytes {
    fn name(&self) -> &'static str {
        "answers.jsonl"
    }

    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or(&[]);
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// A sink that looks at every value and keeps none.
struct Counts(u64);

impl Sink for Counts {
    fn fork(&self) -> Self {
        Self(0)
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        self.0 += 1 + sample.values.len() as u64;
        Ok(())
    }

    fn absorb(&mut self, later: Self, _line_offset: u64) -> Result<(), Diagnostic> {
        self.0 += later.0;
        Ok(())
    }
}

/// One evaluated case: no score is a missing field.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    score: Option<f64>,
    errored: bool,
}

fn row(score: f64) -> Row {
    Row { score: Some(score), errored: false }
}

/// The kinds of gates that a property is checked for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    LowRate,
    HighRate,
    LowQuantile,
    HighQuantile,
    LowMean,
    HighMean,
    OpenMean,
    Count,
    Max,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::LowRate,
        Self::HighRate,
        Self::LowQuantile,
        Self::HighQuantile,
        Self::LowMean,
        Self::HighMean,
        Self::OpenMean,
        Self::Count,
        Self::Max,
    ];

    fn rule(self) -> &'static str {
        match self {
            Self::LowRate => "rate s < 10%",
            Self::HighRate => "rate s >= 90%",
            Self::LowQuantile => "p90 s < 50%",
            Self::HighQuantile => "p10 s >= 50%",
            Self::LowMean => "mean s < 20%",
            Self::HighMean => "mean s > 80%",
            Self::OpenMean => "mean latency_ms < 500ms",
            Self::Count => "count s <= 3",
            Self::Max => "max s <= 50%",
        }
    }

    fn field(self) -> &'static str {
        if self == Self::OpenMean { "latency_ms" } else { "s" }
    }

    /// The score of case `i` of which `bad` of `n` are on the bad side; `spread` varies the others.
    fn score(self, bad: bool, spread: f64) -> f64 {
        match (self, bad) {
            (Self::LowRate | Self::Count, bad) => f64::from(u8::from(bad)),
            (Self::HighRate, bad) => f64::from(u8::from(!bad)),
            (Self::LowQuantile | Self::Max, true) => 0.5 + spread / 2.0 + 1e-3_f64.min(0.5 - spread / 2.0),
            (Self::LowQuantile | Self::Max, false) => spread * 0.49,
            (Self::HighQuantile, true) => spread * 0.49,
            (Self::HighQuantile, false) => 0.5 + spread / 2.0,
            (Self::LowMean, true) => 0.2 + spread * 0.8,
            (Self::LowMean, false) => spread * 0.2,
            (Self::HighMean, true) => spread * 0.8,
            (Self::HighMean, false) => 0.8 + spread * 0.2,
            (Self::OpenMean, true) => 500.0 + spread * 900.0,
            (Self::OpenMean, false) => spread * 500.0,
        }
    }
}

/// Judges one gate on rows as the command does, at a confidence in percent.
fn judge(kind: Kind, rows: &[Row], confidence: f64, policy: &str) -> Result<GateResult, String> {
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        let score = row.score.map_or(String::new(), |score| format!(r#", "{}": {score}"#, kind.field()));
        let error = if row.errored { r#", "error": "timeout""# } else { "" };
        let _ = writeln!(text, r#"{{"id": {i}, "other": 1{score}{error}}}"#);
    }
    judge_text(kind, text, confidence, policy)
}

fn judge_text(kind: Kind, text: String, confidence: f64, policy: &str) -> Result<GateResult, String> {
    let yaml = format!(
        "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nevidence: {{ e: {{ path: answers.jsonl }} }}\n\
         metrics: {{ s: {{ unit: fraction }} }}\ngates: [{{ id: g, rule: '{}', confidence: {confidence}% }}]\n\
         policy: {{ confidence: 60%{policy} }}\n",
        kind.rule()
    );
    let mut sources = Sources::new();
    let file = sources.add("release.yaml", yaml);
    let told = |findings: relgate::diagnostic::Diagnostics| {
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let manifest = manifest::parse(&sources, file).map_err(told)?;
    let source = Bytes(text.into_bytes());
    let catalog = evidence::probe(&source, Depth::Whole).map_err(told)?;
    let mut offer = Offer { evidence: "e".to_owned(), ..Offer::default() };
    offer.fields.extend(catalog.fields.keys().cloned());
    let mut gate = Gate::bind(&manifest, &[offer]).map_err(told)?.remove(0);
    let plan = Plan::new(&[], None, RowsAs::Written, &[gate.bound.need()]);
    let input = Input {
        source: &source,
        format: catalog.format,
        compression: catalog.compression,
        paths: &catalog.paths,
    };
    let table = metric::gather(&[input], plan).map_err(told)?;
    let rows = metric::select(&gate.bound, &table).whole;
    let side = metric::Side { table: &table, rows: &rows };
    let whole = metric::assess(&gate.bound, side, &gate.settings(&manifest.policy, None));
    gate.assessed = Some(Assessed { whole, slices: Vec::new() });
    let judged = gate::judge(gate, &manifest.policy, None);
    Ok(verdict::decide(
        vec![judged],
        &manifest.policy,
        &Required::default(),
        Vec::new(),
        &verdict::Register::EMPTY,
    )
    .gates
    .remove(0))
}

/// Whether it passed; what cannot be judged is no pass.
fn passes(judged: &Result<GateResult, String>) -> bool {
    judged.as_ref().is_ok_and(|judged| judged.outcome == Outcome::Pass)
}

/// A kind of gate, rows around its threshold, a confidence, and a place among the rows.
fn releases() -> impl Strategy<Value = (Kind, Vec<Row>, f64, usize)> {
    let cases = (
        0..Kind::ALL.len(),
        2_usize..160,
        0.0_f64..0.3,
        prop::collection::vec((0.0_f64..1.0, 0.0_f64..1.0), 160),
        0_usize..6,
    );
    (cases, prop::sample::select(vec![80.0, 90.0, 95.0, 99.0]), any::<prop::sample::Index>()).prop_map(
        |((kind, n, share, random, broken), confidence, at)| {
            let kind = Kind::ALL[kind];
            let mut rows: Vec<Row> =
                random[..n].iter().map(|(bad, spread)| row(kind.score(*bad < share, *spread))).collect();
            for i in 0..broken.min(n / 8) {
                rows[i * 7 % n].errored = true;
            }
            let at = at.index(n);
            (kind, rows, confidence, at)
        },
    )
}

const POLICIES: [&str; 2] = ["", ", missing_samples: { exclude_up_to: 3% }"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, rng_seed: RngSeed::Fixed(SEED), ..ProptestConfig::default() })]

    #[test]
    fn deleting_a_field_never_makes_a_pass((kind, rows, confidence, at) in releases()) {
        let before = judge(kind, &rows, confidence, "");
        let mut fewer = rows.clone();
        fewer[at].score = None;
        let after = judge(kind, &fewer, confidence, "");
        prop_assert!(passes(&before) || !passes(&after), "{kind:?} at row {at}: {before:#?}\n{after:#?}");
    }

    #[test]
    fn an_errored_sample_never_makes_a_pass((kind, rows, confidence, at) in releases(), policy in 0_usize..2) {
        let before = judge(kind, &rows, confidence, POLICIES[policy]);
        let mut more = rows.clone();
        more.insert(at, Row { errored: true, ..rows[at] });
        let after = judge(kind, &more, confidence, POLICIES[policy]);
        prop_assert!(passes(&before) || !passes(&after), "{kind:?} at row {at}: {before:#?}\n{after:#?}");
    }

    #[test]
    fn more_confidence_never_makes_a_pass((kind, rows, confidence, _) in releases(), more in 0.0_f64..1.0) {
        let before = judge(kind, &rows, confidence, "");
        let after = judge(kind, &rows, confidence + (99.99 - confidence) * more, "");
        prop_assert!(passes(&before) || !passes(&after), "{kind:?} {confidence}: {before:#?}\n{after:#?}");
    }

    #[test]
    fn deleting_a_good_sample_never_makes_a_rate_or_quantile_pass((kind, rows, confidence, at) in releases()) {
        let good = |row: &Row| match (kind, row.score) {
            (Kind::LowRate | Kind::LowQuantile, Some(score)) => !row.errored && score < 0.5,
            (Kind::HighRate | Kind::HighQuantile, Some(score)) => !row.errored && score >= 0.5,
            _ => false,
        };
        let candidates: Vec<usize> = (0..rows.len()).filter(|i| good(&rows[*i])).collect();
        let Some(at) = candidates.get(at % candidates.len().max(1)).copied() else { return Ok(()) };
        let mut fewer = rows.clone();
        fewer.remove(at);
        let (before, after) = (judge(kind, &rows, confidence, ""), judge(kind, &fewer, confidence, ""));
        prop_assert!(passes(&before) || !passes(&after), "{kind:?} at row {at}: {before:#?}\n{after:#?}");
    }

    #[test]
    fn permuting_rows_changes_nothing((kind, rows, confidence, at) in releases()) {
        let lines = |order: &[usize]| order.iter().fold(String::new(), |mut text, i| {
            let score = rows[*i].score.map_or(String::new(), |score| format!(r#", "{}": {score}"#, kind.field()));
            let _ = writeln!(text, r#"{{"id": "{i}", "other": 1{score}{}}}"#, if rows[*i].errored { r#", "error": true"# } else { "" });
            text
        });
        let order: Vec<usize> = (0..rows.len()).collect();
        let mut turned = order.clone();
        turned.rotate_left(at);
        turned.reverse();
        let told = |order: &[usize]| judge_text(kind, lines(order), confidence, "").map(|judged| format!("{judged:?}"));
        prop_assert_eq!(told(&turned), told(&order));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, rng_seed: RngSeed::Fixed(SEED), ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_rule_parser_panic(text in "\\PC{0,40}|[a-z0-9<>=!%$., ≤≥≠~_\u{a0}\t+eE-]{0,30}") {
        let mut sources = Sources::new();
        let file = sources.add("rule", text.as_str());
        let _ = rule::parse(&text, rule::Locator::whole_file(file, &text));
        let _ = rule::parse_quantity(&text, rule::Locator::whole_file(file, &text));
    }

    #[test]
    fn a_rule_survives_printing(
        words in prop::collection::vec("[A-Za-zäßİ0-9_.,:@/-]{1,9}|p9[059]|p99\\.9|mean|count|increase|drop|µ|数", 1..5),
        comparator in prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]),
        dollar in any::<bool>(),
        number in "[+-]?[0-9]{1,6}(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?|\\.[0-9]{1,4}",
        unit in prop::sample::select(vec!["", "%", "percent", "pp", "% of baseline", "x", "ms", "s", "seconds", "min", "us", "µs", "tokens", "tokens/s", "req/s", " per 1k tokens", "/1M tokens", "usd", "USD per token"]),
        space in " {0,2}",
    ) {
        let text = format!("{}{space}{comparator}{space}{}{number}{space}{unit}", words.join(&format!("{space} ")), if dollar { "$" } else { "" });
        let parse = |text: &str| {
            let mut sources = Sources::new();
            let file = sources.add("rule", text);
            rule::parse(text, rule::Locator::whole_file(file, text))
        };
        if let Ok(first) = parse(&text) {
            let printed = first.to_string();
            let again = parse(&printed).map_err(|found| TestCaseError::fail(format!("{text:?} -> {printed:?}: {found}")))?;
            let names = |rule: &manifest::Rule| rule.words.iter().map(|word| word.value.clone()).collect::<Vec<_>>();
            prop_assert_eq!(names(&first), names(&again));
            prop_assert_eq!(first.readings(), again.readings());
            prop_assert_eq!(first.comparator.value, again.comparator.value);
            prop_assert_eq!(&first.threshold.value, &again.threshold.value, "{} -> {}", text, printed);
            prop_assert_eq!(again.to_string(), printed);
        }
    }
}

/// Most generated rules must be rules, or the property above says nothing.
#[test]
fn rules_of_the_issue_survive_printing_word_for_word() {
    for text in [
        "Hallucination rate < 1.5%",
        "Toxicity < 0.1%",
        "p95 latency < 1200ms",
        "Cost increase < 5%",
        "cost per 1k tokens < $0.003/1k tokens",
        "accuracy drop < 2pp",
        "throughput >= 20 tokens/s",
        "count toxicity == 0",
    ] {
        let mut sources = Sources::new();
        let file = sources.add("rule", text);
        let parsed = rule::parse(text, rule::Locator::whole_file(file, text)).unwrap();
        assert_eq!(parsed.to_string(), text);
        assert_eq!(parsed.text, text);
    }
}

/// A manifest with everything in it, to be cut and spliced.
const MANIFEST: &str = include_str!("../../release.yaml");
/// What is spliced in.
const SPLICES: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "\t",
    "'",
    "\"",
    "#",
    " #",
    "&a ",
    "*a",
    "<<: ",
    "|\n",
    ">",
    "%",
    "!!int ",
    "null",
    "\u{feff}",
    "\u{2028}",
    "\r",
    "99999999999999999999",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, rng_seed: RngSeed::Fixed(SEED), ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_manifest_parser_panic(text in "(\\PC|\n|[:{}\\[\\]'\"&*#|>%@`-] ){0,120}") {
        parse_and_render(&text);
    }

    #[test]
    fn no_damage_makes_the_manifest_parser_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, 0..SPLICES.len()), 1..5),
    ) {
        let mut text: Vec<char> = MANIFEST.chars().collect();
        for (at, length, splice) in cuts {
            let at = at.index(text.len());
            let end = (at + length).min(text.len());
            text.splice(at..end, SPLICES[splice].chars());
        }
        parse_and_render(&text.into_iter().collect::<String>());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), magic in 0_usize..4) {
        let start: [&[u8]; 4] = [b"", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", b"\xef\xbb\xbf"];
        read_all(&[start[magic], &bytes].concat());
    }

    #[test]
    fn no_damage_makes_a_reader_panic(
        which in 0_usize..3,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..6, prop::collection::vec(any::<u8>(), 0..4)), 1..4),
    ) {
        let good = [
            "{\"schema\": \"relgate/samples/v1\", \"created\": \"2026-11-20T09:00:00Z\", \"artifacts\": {\"models.chat\": \"v\"}}\n{\"id\": \"a\", \"s\": 1.5e-3, \"t\": true, \"n\": null, \"deep\": {\"x\": [1, {\"y\": \"\\u00e9\\ud83d\\ude00\"}]}, \"error\": null}\n{\"id\": 2, \"epoch\": 3, \"s\": -0.0}\n",
            "id,s,t,n\n1,0.5,true,\n\"a,\"\"b\",1e3,false,x\n",
            "{\"schema\": \"relgate/metrics/v1\", \"created\": \"2026-11-20T09:00:00Z\", \"metrics\": {\"s\": {\"value\": 0.87, \"stderr\": 0.011, \"n\": 940}, \"t\": {\"events\": 1, \"n\": 2}, \"u\": 5}}",
        ];
        let mut bytes = good[which].as_bytes().to_vec();
        for (at, length, new) in cuts {
            let at = at.index(bytes.len() + 1).min(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, new);
        }
        read_all(&bytes);
    }
}

/// Parses a manifest and words every finding.
fn parse_and_render(text: &str) {
    let mut sources = Sources::new();
    let file = sources.add("release.yaml", text);
    if let Err(findings) = manifest::parse(&sources, file) {
        assert!(findings.has_errors(), "an error without a finding");
        for finding in &findings {
            let words = relgate::diagnostic::render(finding, &sources, false);
            assert!(!words.is_empty());
            let (_, line, _) = finding.file_line_column(&sources);
            let lines = text.matches('\n').count() as u64 + 1;
            assert!(line.is_none_or(|line| (1..=lines).contains(&line)), "line {line:?} of {lines}");
        }
    }
}

/// Probes and streams bytes as every kind of file.
fn read_all(bytes: &[u8]) {
    let source = Bytes(bytes.to_vec());
    for depth in [Depth::Head, Depth::Whole] {
        let _ = evidence::probe(&source, depth);
    }
    let field = |name: &str, role| Projected { name: name.to_owned(), role };
    let projection = Projection {
        fields: vec![field("s", Role::Score), field("t", Role::Label), field("n", Role::Score)],
        records: false,
        ..Projection::default()
    };
    for format in [Format::Jsonl, Format::Csv] {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let _ = evidence::stream(&source, format, compression, &projection, &mut Counts(0));
        }
    }
}
