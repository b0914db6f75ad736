//! A statistic of summed counts of texts, as a measure of its own: what one file has to say for samples, bundles, clusters and
//! comparisons to follow.

use std::fmt::Write as _;
use std::sync::Arc;

use relgate::diagnostic::Sources;
use relgate::evidence::{Compression, Format, Paths};
use relgate::gate::Gate;
use relgate::manifest;
use relgate::metric::{
    self, Assessment, Bound, Counter, Input, Measure, MeasureKind, Method, Offer, Plan, ReferenceOf, RowsAs,
    Side, Table, TextFields, Texts,
};
use relgate::text::TooLong;

use crate::properties::Bytes;

/// The share of a reference's words that stand in the answer, over all words of all references.
#[derive(Debug)]
struct Recall(Texts);

#[derive(Debug)]
struct Words;

impl Counter for Words {
    fn name(&self) -> String {
        "words".to_owned()
    }

    fn width(&self) -> usize {
        2
    }

    fn count(&self, texts: &[&str], counts: &mut [f64]) -> Result<(), TooLong> {
        let answer: Vec<&str> = texts[0].split(' ').collect();
        for word in texts[1].split(' ') {
            counts[0] += f64::from(u8::from(answer.contains(&word)));
            counts[1] += 1.0;
        }
        Ok(())
    }

    fn statistic(&self, sums: &[f64]) -> f64 {
        sums[0] / sums[1]
    }
}

impl Measure for Recall {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Estimated
    }

    fn texts(&self) -> Option<&Texts> {
        Some(&self.0)
    }

    fn usual_method(&self) -> Method {
        Method::PairedBootstrap
    }
}

fn gate(rule: &str) -> Gate {
    let yaml = format!(
        "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nbaseline: b\n\
         evidence: {{ e: {{ path: answers.jsonl }} }}\nmetrics: {{ recall: {{ field: x, as: mean, bounds: [0, 1] }} }}\n\
         gates: ['{rule}']\n"
    );
    let mut sources = Sources::new();
    let file = sources.add("release.yaml", yaml);
    let manifest = manifest::parse(&sources, file).unwrap();
    let offer = Offer { evidence: "e".to_owned(), fields: vec!["x".to_owned()], ..Offer::default() };
    let mut gate = Gate::bind(&manifest, &[offer]).unwrap().remove(0);
    let reference = ReferenceOf::Field("reference".to_owned());
    let fields = TextFields { answer: "answer".to_owned(), reference };
    gate.bound.measure = Arc::new(Recall(Texts { fields, counter: Arc::new(Words) }));
    gate
}

/// Rows whose answer has `good(i)` of the four words of its reference.
fn rows(ids: impl Iterator<Item = usize>, good: impl Fn(usize) -> usize) -> Vec<String> {
    ids.map(|id| {
        let words = ["one", "two", "three", "four"];
        let answer = words[..good(id)].join(" ");
        format!(
            r#"{{"id":"q{id}","answer":"so {answer}","reference":"one two three four","talk":{}}}"#,
            id / 3
        )
    })
    .collect()
}

fn table(rows: &[String], bound: &Bound, (cluster, format, bundled): (bool, Format, bool)) -> Table {
    let mut text = String::new();
    for row in rows {
        writeln!(text, "{row}").unwrap();
    }
    let source = Bytes(text.into_bytes());
    let rows_as = if bundled { RowsAs::Bundled } else { RowsAs::Written };
    let plan = Plan::new(&[], cluster.then_some("talk"), rows_as, &[bound.need()]);
    let paths = Paths::default();
    let input = Input { source: &source, format, compression: Compression::None, paths: &paths };
    metric::gather(&[input], plan).unwrap()
}

const PLAIN: (bool, Format, bool) = (false, Format::Jsonl, false);

fn judged(gate: &Gate, now: &Table, before: Option<&Table>) -> Assessment {
    let yaml =
        "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nevidence: { e: { path: x } }\ngates: ['a < 1']\n";
    let mut sources = Sources::new();
    let file = sources.add("release.yaml", yaml.to_owned());
    let policy = manifest::parse(&sources, file).unwrap().policy;
    let settings = gate.settings(&policy, None);
    let (ours, theirs) = (now.all_rows(), before.map(Table::all_rows).unwrap_or_default());
    let side = Side { table: now, rows: &ours };
    match before {
        None => metric::assess(&gate.bound, side, &settings),
        Some(before) => {
            metric::compare(&gate.bound, side, Side { table: before, rows: &theirs }, true, &settings)
        }
    }
}

#[test]
fn a_level_is_the_statistic_of_all_counts_with_limits_by_resampling() {
    let gate = gate("recall > 60%");
    let rows = rows(0..300, |id| if id % 4 == 0 { 1 } else { 4 });
    let read = judged(&gate, &table(&rows, &gate.bound, PLAIN), None);
    // 75 rows with one of four words, 225 with all.
    assert_eq!(read.estimate.value, Some((75.0 + 900.0) / 1200.0));
    assert_eq!((read.estimate.method, read.estimate.n), (Method::PairedBootstrap, Some(300)));
    let (lower, upper) = (read.estimate.lower.unwrap(), read.estimate.upper.unwrap());
    // The standard error is 0.75 * sqrt(.25 * .75 / 300) = 0.0188, the limits 1.645 of it away.
    assert!((lower - 0.7817).abs() < 0.004 && (upper - 0.8433).abs() < 0.004, "{lower} {upper}");
    assert!(read.tails.unwrap().greater < 0.001 && read.assumptions.greater.spread_seen);
    let mut turned = rows.clone();
    turned.reverse();
    assert_eq!(judged(&gate, &table(&turned, &gate.bound, PLAIN), None), read, "in any order of the rows");
    // Three rows a conversation, each like the others: a third as many things that are drawn.
    let same = self::rows(0..300, |id| if (id / 3) % 4 == 0 { 1 } else { 4 });
    let clustered = judged(&gate, &table(&same, &gate.bound, (true, Format::Jsonl, false)), None);
    let width = clustered.estimate.upper.unwrap() - clustered.estimate.lower.unwrap();
    assert!(width > 1.5 * (upper - lower), "{width}");
    let few = judged(&gate, &table(&same[..120], &gate.bound, (true, Format::Jsonl, false)), None);
    assert!(few.tails.is_none() && few.shortfall.is_some(), "40 conversations are too few: {few:?}");
}

#[test]
fn a_change_draws_both_sides_of_a_sample_together() {
    let gate = gate("recall drop < 2pp");
    let before = rows(0..300, |id| 1 + id % 4);
    // Every tenth answer lost its only word or one of them.
    let now = rows(0..300, |id| (1 + id % 4) - usize::from(id % 20 == 1));
    let base = table(&before, &gate.bound, PLAIN);
    let compared = judged(&gate, &table(&now, &gate.bound, PLAIN), Some(&base));
    let drop = compared.estimate.value.unwrap();
    assert!((drop - 15.0 / 1200.0).abs() < 1e-12, "{drop}");
    // Alone each side is uncertain by three points; of pairs most do not differ at all.
    assert!(compared.estimate.upper.unwrap() < 0.02 && compared.tails.unwrap().less < 0.05);
    let missing: Vec<String> = now
        .iter()
        .enumerate()
        .map(|(id, row)| if id == 7 { row.replace(r#""answer":"#, r#""other":"#) } else { row.clone() })
        .collect();
    let lost = judged(&gate, &table(&missing, &gate.bound, PLAIN), Some(&base));
    assert!(
        lost.tails.is_none() && lost.estimate.missing == Some(1),
        "a lost answer may be anything: {lost:?}"
    );
}

#[test]
fn a_bundle_keeps_the_counts_and_no_text() {
    let gate = gate("recall drop < 2pp");
    let before = table(&rows(0..300, |id| 1 + id % 4), &gate.bound, PLAIN);
    let now = table(&rows(0..300, |id| 1 + (id + 1) % 4), &gate.bound, PLAIN);
    let mut bundle = Vec::new();
    before.write_numbers(&mut bundle).unwrap();
    let bundle = String::from_utf8(bundle).unwrap();
    assert!(bundle.contains("words answer reference 1") && !bundle.contains("three"), "{}", &bundle[..200]);
    let lines: Vec<String> = bundle.lines().map(str::to_owned).collect();
    let read = table(&lines, &gate.bound, (false, Format::Numbers, true));
    assert_eq!(judged(&gate, &now, Some(&read)), judged(&gate, &now, Some(&before)));
}
