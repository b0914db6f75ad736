//! The keys of metrics that are about people and judges: `item`, `rater`, `scale: [1, 5]`, `judge` and their like.

use super::reader::{Map, Reader};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, Spanned};
use crate::manifest::fields::{JUDGE, JUDGE_SHARE};
use crate::manifest::people::{JudgeSpec, People};
use crate::manifest::release::{EvidenceSpec, MetricSpec};
use crate::manifest::tree::{Node, NodeKind};
use crate::manifest::words::{MetricKind, Statistic, Ties};

pub(super) fn read(reader: &mut Reader<'_>, map: &Map<'_>) -> People {
    People {
        item: reader.string(map.get("item"), "`item`"),
        rater: reader.string(map.get("rater"), "`rater`"),
        raters: reader.strings(map.get("raters"), "`raters`"),
        range: map.get("scale").filter(|node| is_list(node)).and_then(|node| range(reader, node)),
        statistic: reader.word(map.get("statistic"), "`statistic`", Statistic::WORDS, Statistic::from_word),
        ties: reader.word(map.get("ties"), "`ties`", Ties::WORDS, Ties::from_word),
        sides: reader.strings(map.get("sides"), "`sides`"),
        between: reader.strings(map.get("between"), "`between`"),
    }
}

fn is_list(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Sequence(_))
}

/// The `scale` that is a factor; the ends of a scale of ratings are none.
pub(super) fn factor(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Spanned<f64>> {
    reader.number(node.filter(|node| !is_list(node)), "`scale`")
}

fn range(reader: &mut Reader<'_>, node: &Node) -> Option<Spanned<(f64, f64)>> {
    let [low, high] = reader.items(node, "`scale`")? else {
        reader.expected(node, "the ends of a scale are two numbers", "for example `[1, 5]`");
        return None;
    };
    let low = reader.number(Some(low), "the least rating")?.value;
    let high = reader.number(Some(high), "the greatest rating")?.value;
    if low < high {
        return Some(Spanned::new((low, high), node.span));
    }
    reader.expected(node, "the least rating comes first", "for example `[1, 5]`");
    None
}

pub(super) fn judge(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Spanned<JudgeSpec>> {
    let node = node?;
    let map = reader.open(node, &JUDGE)?;
    let judge = JudgeSpec {
        model: reader.string(map.get("model"), "`model`")?,
        prompt: reader.string(map.get("prompt"), "`prompt`"),
        labels: reader.string(map.get("labels"), "`labels`"),
        sensitivity: share(reader, map.get("sensitivity")),
        specificity: share(reader, map.get("specificity")),
    };
    let told = |span: Span, title: &str, help: &str| {
        Diagnostic::error(Code::JudgeMisdeclared, title).at(span, "of this judge").help(help)
    };
    match (&judge.labels, &judge.sensitivity, &judge.specificity) {
        (Some(labels), Some(_), _) | (Some(labels), _, Some(_)) => reader.report(told(
            labels.span,
            "a judge is corrected by labels or by what is known of it from elsewhere, not by both",
            "keep `labels:` where people looked at a random part of these rows; else `sensitivity:` and `specificity:`",
        )),
        (None, Some(one), None) | (None, None, Some(one)) => reader.report(told(
            one.span,
            "`sensitivity` and `specificity` belong together",
            "a judge errs in two ways, and one of them says nothing of the other: write both",
        )),
        _ => {}
    }
    Some(Spanned::new(judge, node.span))
}

fn share(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Spanned<(u64, u64)>> {
    let node = node?;
    let map = reader.open(node, &JUDGE_SHARE)?;
    let (events, n) = (reader.count(map.get("events"), "`events`")?, reader.count(map.get("n"), "`n`")?);
    if events.value > n.value {
        reader.expected(node, "`events` are some of `n`", "for example `{ events: 93, n: 100 }`");
        return None;
    }
    Some(Spanned::new((events.value, n.value), node.span))
}

/// What the keys of a metric need of each other.
pub(super) fn check(reader: &mut Reader<'_>, spec: &MetricSpec) {
    for finding in wrong(spec) {
        reader.report(finding);
    }
}

fn misdeclared(title: String, span: Span, help: &str) -> Diagnostic {
    Diagnostic::error(Code::RatingMisdeclared, title).at(span, "of this metric").help(help)
}

fn wrong(spec: &MetricSpec) -> Vec<Diagnostic> {
    use MetricKind::{Agreement, BradleyTerry, Rate, Rating, WinRate};
    let (people, kind) = (&spec.people, spec.kind.map(|kind| kind.value));
    let mut found = Vec::new();
    let mut refuse = |span: Option<Span>, fits: &[MetricKind], key: &str| {
        if let Some(span) = span.filter(|_| !kind.is_some_and(|kind| fits.contains(&kind))) {
            let words: Vec<String> = fits.iter().map(|kind| format!("`as: {kind}`")).collect();
            let text = format!("`{key}` belongs to a metric with {}", words.join(" or "));
            found.push(misdeclared(text, span, "say what the metric is with `as:`, or remove the key"));
        }
    };
    let first = |names: &[Spanned<String>]| names.first().map(|name| name.span);
    let span = |name: &Option<Spanned<String>>| name.as_ref().map(|name| name.span);
    refuse(span(&people.item), &[Rating, WinRate, Agreement, BradleyTerry], "item");
    refuse(span(&people.rater), &[Rating, WinRate, Agreement, BradleyTerry], "rater");
    refuse(first(&people.raters), &[Rating, WinRate, Agreement], "raters");
    refuse(people.range.map(|range| range.span), &[Rating, Agreement], "scale: [LOW, HIGH]");
    refuse(people.statistic.map(|statistic| statistic.span), &[Agreement], "statistic");
    refuse(people.ties.map(|ties| ties.span), &[WinRate], "ties");
    refuse(first(&people.sides), &[BradleyTerry], "sides");
    refuse(first(&people.between), &[WinRate, BradleyTerry], "between");
    let at = spec.kind.map_or(spec.name.span, |kind| kind.span);
    let mut lacks = |lacking: bool, text: &str, help: &str| {
        if lacking {
            found.push(misdeclared(text.to_owned(), at, help));
        }
    };
    lacks(
        kind == Some(Rating) && people.range.is_none(),
        "a rating needs the scale that people were given",
        "for example `scale: [1, 5]`: what lies outside is an error, and the ends limit what nobody has seen",
    );
    lacks(
        kind == Some(Agreement) && people.rater.is_none() && people.raters.is_empty(),
        "agreement needs to know who rates",
        "`rater: FIELD` where a row is one rating, or `raters: [FIELD, FIELD]` where a row is one item",
    );
    lacks(
        kind == Some(BradleyTerry) && people.sides.len() != 2,
        "`bradley-terry` needs the two fields that name the versions that were compared",
        "for example `sides: [model_a, model_b]`",
    );
    lacks(
        kind == Some(BradleyTerry) && people.between.is_empty(),
        "`bradley-terry` needs the two versions that the metric is about",
        "for example `between: [v4, v3]`, this release first",
    );
    lacks(
        !people.between.is_empty() && people.between.len() != 2
            || people.between.windows(2).any(|pair| matches!(pair, [a, b] if a.value == b.value)),
        "`between` names two versions",
        "for example `between: [v4, v3]`, this release first",
    );
    lacks(
        people.rater.is_some() && !people.raters.is_empty(),
        "a row is one rating (`rater`) or one item (`raters`), not both",
        "keep the one that the results have",
    );
    lacks(
        people.raters.len() == 1,
        "`raters` names several people's fields",
        "one person's ratings are `field:`",
    );
    lacks(
        !people.raters.is_empty() && spec.field.is_some(),
        "`raters` names the fields of the ratings already",
        "remove `field:`",
    );
    let mut names: Vec<&str> = people.raters.iter().map(|name| name.value.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    lacks(names.len() < people.raters.len(), "`raters` names a field twice", "name every field once");
    lacks(
        people.range.is_some() && spec.bounds.is_some(),
        "`scale` and `bounds` both say where ratings end",
        "keep `scale`",
    );
    if let Some(judge) = spec.judge.as_ref().filter(|_| kind.is_some_and(|kind| kind != Rate)) {
        found.push(
            Diagnostic::error(Code::JudgeMisdeclared, "a judge's verdicts are true or false")
                .at(judge.span, "of a metric that is no rate")
                .help("`as: rate`; or remove `judge:` and gate the mean of its scores"),
        );
    }
    found
}

/// Metrics that read one evidence entry must tell its rows apart in one way, and say which entry they read.
pub(in crate::manifest) fn row_keys(evidence: &[EvidenceSpec], metrics: &[MetricSpec]) -> Diagnostics {
    let mut findings = Diagnostics::new();
    let keyed: Vec<&MetricSpec> = metrics.iter().filter(|metric| metric.people.row_key().is_some()).collect();
    for (number, metric) in keyed.iter().enumerate() {
        if metric.evidence.is_none() && evidence.len() > 1 {
            let text = format!("`{}` does not say which evidence holds its ratings", metric.name.value);
            findings.push(misdeclared(
                text,
                metric.name.span,
                "add `evidence: NAME`: its rows are told apart by item and rater",
            ));
        }
        let name = |metric: &MetricSpec| metric.evidence.as_ref().map(|name| name.value.clone());
        let other = keyed
            .iter()
            .take(number)
            .find(|other| name(other) == name(metric) && other.people.row_key() != metric.people.row_key());
        let words = |metric: &MetricSpec| {
            let People { between, ties, .. } = &metric.people;
            let between: Vec<String> = between.iter().map(|name| name.value.clone()).collect();
            (between, ties.map(|ties| ties.value))
        };
        let wins = |metric: &MetricSpec| metric.kind.is_some_and(|kind| kind.value == MetricKind::WinRate);
        let field = |metric: &MetricSpec| metric.field.as_ref().unwrap_or(&metric.name).value.clone();
        let reread = keyed.iter().take(number).find(|other| {
            let both =
                wins(other) && wins(metric) && name(other) == name(metric) && field(other) == field(metric);
            both && words(other) != words(metric)
        });
        if let Some(other) = reread {
            let text = format!(
                "`{}` and `{}` read the words of one field in two ways",
                other.name.value, metric.name.value
            );
            findings.push(
                misdeclared(text, metric.name.span, "list the file as two evidence entries, one for each")
                    .also(other.name.span, "the other one"),
            );
        }
        if let Some(other) = other {
            let text = format!(
                "`{}` and `{}` tell the rows of one evidence entry apart in two ways",
                other.name.value, metric.name.value
            );
            findings.push(
                misdeclared(text, metric.name.span, "give both the same `item`, `rater` and `sides`; or list the file as two evidence entries")
                    .also(other.name.span, "the other one"),
            );
        }
    }
    findings
}

/// Tells every evidence entry how its rows are told apart, as the metrics that read it say.
///
/// A metric without `evidence:` reads the only entry; where there are several, the reader of manifests asks for it.
pub(super) fn tell_rows_apart(evidence: &mut [EvidenceSpec], metrics: &[MetricSpec]) {
    let only = evidence.len() == 1;
    for entry in evidence {
        let reads = |metric: &&MetricSpec| {
            metric.evidence.as_ref().map_or(only, |named| named.value == entry.name.value)
        };
        entry.row_key = metrics.iter().filter(reads).find_map(|metric| metric.people.row_key());
    }
}
