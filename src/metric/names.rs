//! Which evidence answers to the words of a rule.
//!
//! Four levels, the first that matches wins: `metrics:`, an aggregate of that name, a per-sample field of that
//! name, the catalogue's synonyms.

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::{Standard, split_unit, standard};
use crate::diagnostic::{Code, Diagnostic, Nature, list};
use crate::evidence::ScoreType;
use crate::manifest::{Aggregate, GateSpec, MetricSpec, Reading, fold};

/// What one evidence entry has to offer, by name.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The entry's name in the manifest.
    pub evidence: String,
    /// Per-sample fields, as the evidence spells them.
    pub fields: Vec<String>,
    /// Aggregates, as the evidence spells them.
    pub aggregates: Vec<String>,
    /// What the tool that wrote it says of its scores, by field.
    pub scores: BTreeMap<String, ScoreType>,
    /// The fields of which it says that high values are good.
    pub high_is_good: BTreeSet<String>,
    /// What stands beside the aggregates and is none, with what it is instead.
    pub asides: Vec<(String, String)>,
}

/// A name found in the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A per-sample field.
    Field(String),
    /// An aggregate.
    Aggregate(String),
}

impl Origin {
    /// The name as the evidence spells it.
    #[must_use]
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Field(name) | Self::Aggregate(name) => name,
        }
    }

    /// Whether both are fields, or both are aggregates.
    fn is_like(&self, other: &Self) -> bool {
        matches!(self, Self::Field(_)) == matches!(other, Self::Field(_))
    }
}

/// One answer to the words of a rule.
#[derive(Debug, Clone)]
pub(super) struct Match<'m> {
    /// How the words were read.
    pub reading: Reading,
    /// The evidence entry.
    pub evidence: String,
    /// Where in it.
    pub origin: Origin,
    /// The manifest's own definition.
    pub spec: Option<&'m MetricSpec>,
    /// Whether the rule counts the regressions of the metric.
    pub regressions: bool,
    /// What the catalogue knows of the name.
    pub standard: Option<&'static Standard>,
}

impl Match<'_> {
    /// Where it is, in the words of messages.
    fn place(&self) -> String {
        let (name, evidence) = (self.origin.name(), &self.evidence);
        match &self.origin {
            Origin::Field(_) => format!("`{name}` of the samples in evidence `{evidence}`"),
            Origin::Aggregate(_) => format!("the stated `{name}` in evidence `{evidence}`"),
        }
    }
}

/// Finds what a gate's rule is about.
///
/// # Errors
/// Nothing or more than one thing of that name, with the place and the names that there are.
pub(super) fn find<'m>(
    gate: &GateSpec,
    metrics: &'m [MetricSpec],
    offers: &[Offer],
) -> Result<Match<'m>, Diagnostic> {
    let search = Search { gate, metrics, offers };
    let readings = search.readings();
    let levels: [Level<'_, 'm>; 4] = [
        &|reading| search.defined(reading),
        &|reading| Ok(search.aggregates(reading)),
        &|reading| Ok(search.fields(reading)),
        &|reading| Ok(search.synonyms(reading)),
    ];
    for level in levels {
        let mut found = Vec::new();
        for reading in &readings {
            found.extend(level(reading)?);
        }
        match found.as_slice() {
            [] => {}
            _ => {
                let found = search.settle(found)?;
                search.refuse_rivals(&found, &readings)?;
                return Ok(found);
            }
        }
    }
    search.regressions(&readings)
}

/// Metrics that say whether a case passed, the first that there is.
pub(super) const PASSES: &[&str] = &["pass_rate", "accuracy", "exact_match"];

/// How one level answers to one reading.
type Level<'a, 'm> = &'a dyn Fn(&Reading) -> Result<Vec<Match<'m>>, Diagnostic>;

struct Search<'a, 'm> {
    gate: &'a GateSpec,
    metrics: &'m [MetricSpec],
    offers: &'a [Offer],
}

impl<'m> Search<'_, 'm> {
    /// The offers that the gate may look into.
    fn offers(&self) -> impl Iterator<Item = &Offer> {
        let only = self.gate.evidence.as_ref().map(|name| name.value.as_str());
        self.offers.iter().filter(move |offer| only.is_none_or(|only| offer.evidence == only))
    }

    /// The ways to read the rule; one only where the gate names the exact metric.
    ///
    /// Whatever the words call it, the words at the ends that are no part of an exact name say what is taken of it.
    fn readings(&self) -> Vec<Reading> {
        let mut readings = self.gate.rule.readings();
        if let Some(exact) = &self.gate.metric {
            let exact = fold(&exact.value);
            let named = readings.iter().position(|reading| answers(&exact, &reading.metric));
            let one = named.unwrap_or(readings.len().saturating_sub(1));
            readings = readings.into_iter().skip(one).take(1).collect();
        }
        readings
    }

    /// Level 1: the manifest's own definitions.
    fn defined(&self, reading: &Reading) -> Result<Vec<Match<'m>>, Diagnostic> {
        let wanted = match &self.gate.metric {
            Some(exact) => fold(&exact.value),
            None => reading.metric.clone(),
        };
        let Some(spec) = self.metrics.iter().find(|spec| fold(&spec.name.value) == wanted) else {
            return Ok(Vec::new());
        };
        // Of several raters one stands for all: whether the others are there is checked once it is bound.
        let field = spec.field.as_ref().or(spec.people.raters.first()).unwrap_or(&spec.name);
        let only = spec.evidence.as_ref().or(self.gate.evidence.as_ref()).map(|name| name.value.as_str());
        let offers = || self.offers.iter().filter(|offer| only.is_none_or(|only| offer.evidence == only));
        let mut found = Vec::new();
        for exact in [true, false] {
            for offer in offers() {
                let same = |name: &&String| {
                    if exact { **name == field.value } else { answers(name, &fold(&field.value)) }
                };
                found.extend(
                    offer.fields.iter().filter(same).map(|name| (offer, Origin::Field(name.clone()))),
                );
                if spec.per.is_none() && spec.text.is_none() {
                    let aggregates = offer.aggregates.iter().filter(same);
                    found.extend(aggregates.map(|name| (offer, Origin::Aggregate(name.clone()))));
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        if found.is_empty() {
            let names: Vec<&str> = offers().flat_map(all_names).collect();
            return Err(Diagnostic::error(
                Code::UnknownMetric,
                format!("the evidence has no field `{}`", field.value),
            )
            .nature(Nature::Unseen)
            .at(field.span, "asked for here")
            .suggest(&field.value, names.iter().copied())
            .note(format!("it has {}", list(names, 20))));
        }
        let matches = found.into_iter().map(|(offer, origin)| Match {
            reading: reading.clone(),
            evidence: offer.evidence.clone(),
            origin,
            spec: Some(spec),
            regressions: false,
            // What it is made of is said, whatever it is called.
            standard: standard(&wanted).filter(|_| spec.text.is_none()),
        });
        Ok(matches.collect())
    }

    /// Level 2: aggregates of that name. A quantile or an observed fact cannot be taken of an aggregate.
    fn aggregates(&self, reading: &Reading) -> Vec<Match<'m>> {
        if !matches!(reading.aggregate, None | Some(Aggregate::Mean | Aggregate::Rate)) {
            return Vec::new();
        }
        self.named(reading, |offer| &offer.aggregates, Origin::Aggregate)
    }

    /// Level 3: per-sample fields of that name.
    fn fields(&self, reading: &Reading) -> Vec<Match<'m>> {
        self.named(reading, |offer| &offer.fields, Origin::Field)
    }

    fn named(
        &self,
        reading: &Reading,
        names: impl Fn(&Offer) -> &Vec<String>,
        origin: impl Fn(String) -> Origin,
    ) -> Vec<Match<'m>> {
        let mut found = Vec::new();
        for offer in self.offers() {
            for name in names(offer) {
                let same = match &self.gate.metric {
                    Some(exact) => *name == exact.value,
                    None => answers(name, &reading.metric),
                };
                if same {
                    found.push(matched(reading, offer, origin(name.clone())));
                }
            }
        }
        found
    }

    /// Level 4: names that the catalogue knows as the same metric.
    fn synonyms(&self, reading: &Reading) -> Vec<Match<'m>> {
        if self.gate.metric.is_some() {
            return Vec::new();
        }
        let (quantile, stem) = split_quantile(&reading.metric);
        let Some(metric) = standard(stem) else { return Vec::new() };
        let sampled = quantile.is_none();
        let mut found = Vec::new();
        for offer in self.offers() {
            let same = |name: &str, wanted: Option<&str>| {
                let folded = fold(name);
                let (stem, _) = split_unit(&folded);
                let (quantile, stem) = split_quantile(stem);
                quantile == wanted && metric.names().any(|known| known == stem)
            };
            let takes_aggregate = matches!(reading.aggregate, None | Some(Aggregate::Mean | Aggregate::Rate));
            if takes_aggregate {
                for name in offer.aggregates.iter().filter(|name| same(name, quantile)) {
                    found.push(matched(reading, offer, Origin::Aggregate(name.clone())));
                }
            }
            if sampled {
                for name in offer.fields.iter().filter(|name| same(name, None)) {
                    found.push(matched(reading, offer, Origin::Field(name.clone())));
                }
            }
        }
        found
    }

    /// Several answers on one level: one only if they are the same thing read the same way.
    fn settle(&self, mut found: Vec<Match<'m>>) -> Result<Match<'m>, Diagnostic> {
        let same = found.windows(2).all(|pair| match pair {
            [a, b] => {
                a.evidence == b.evidence && a.origin == b.origin && a.reading.change == b.reading.change
            }
            _ => true,
        });
        if same {
            // The readings come longest metric first.
            found.truncate(1);
            return found.pop().ok_or_else(|| self.unknown(&[]));
        }
        let places: Vec<String> = found.iter().map(Match::place).collect();
        Err(Diagnostic::error(
            Code::AmbiguousMetric,
            format!("`{}` could mean more than one thing", self.subject()),
        )
        .at(self.gate.rule.subject_span(), format!("this is {}", places.join(" or ")))
        .help("write the gate as a mapping and name `evidence:` or the exact `metric:`"))
    }

    /// Refuses a metric that something else answers to as well, whatever the level: numbers that a file states beside the
    /// samples that they were made of, or a second evidence. One of them would be judged, and nobody would see the other.
    fn refuse_rivals(&self, found: &Match<'m>, readings: &[Reading]) -> Result<(), Diagnostic> {
        // A definition that names its field says which one it means.
        if found.spec.is_some_and(|spec| spec.field.is_some() || !spec.people.raters.is_empty()) {
            return Ok(());
        }
        let only = found.spec.and_then(|spec| spec.evidence.as_ref()).map(|name| name.value.as_str());
        let all = readings.iter().flat_map(|reading| {
            let named = self.aggregates(reading).into_iter().chain(self.fields(reading));
            named.chain(self.synonyms(reading))
        });
        let rival = all
            .filter(|other| only.is_none_or(|only| other.evidence == only))
            .find(|other| other.evidence != found.evidence || !other.origin.is_like(&found.origin));
        let Some(rival) = rival else { return Ok(()) };
        let (one, other) = (found.place(), rival.place());
        let finding =
            Diagnostic::error(Code::AmbiguousMetric, format!("two things provide `{}`", self.subject()))
                .at(self.gate.rule.subject_span(), format!("this is {one}, or {other}"))
                .note("relgate judges neither in silence: they may say different things");
        let same_place = rival.evidence == found.evidence;
        Err(match (same_place, rival.origin.name() == found.origin.name()) {
            (false, _) => finding.help("name the one that is meant: write the gate as a mapping with `evidence:`"),
            (true, false) => {
                finding.help("name the one that is meant: write the gate as a mapping with its exact `metric:`")
            }
            (true, true) => finding.help(
                "let `evidence:` list the file of the samples and the file of the stated numbers as two entries, and name \
                 one of them in the gate",
            ),
        })
    }

    /// `accuracy regressions`, or bare `regressions` of whatever says that a case passed.
    fn regressions(&self, readings: &[Reading]) -> Result<Match<'m>, Diagnostic> {
        let of = readings.iter().find_map(|reading| {
            let metric = reading.metric.strip_suffix("regressions")?.trim_end_matches('_');
            (reading.aggregate.is_none() && reading.change.is_none()).then(|| metric.to_owned())
        });
        let Some(metric) = of else { return Err(self.unknown(readings)) };
        let named = [metric.as_str()];
        let wanted: &[&str] = if metric.is_empty() { PASSES } else { &named };
        for metric in wanted {
            let reading = Reading { aggregate: None, metric: (*metric).to_owned(), change: None };
            for mut found in [self.fields(&reading), self.synonyms(&reading)] {
                found.retain(|one| matches!(one.origin, Origin::Field(_)));
                if !found.is_empty() {
                    let found = self.settle(found)?;
                    let reading =
                        Reading { metric: self.gate.rule.default_id().replace('-', "_"), ..reading };
                    return Ok(Match { reading, regressions: true, ..found });
                }
            }
        }
        Err(self.unknown(readings))
    }

    fn subject(&self) -> String {
        let words: Vec<&str> = self.gate.rule.words.iter().map(|word| word.value.as_str()).collect();
        words.join(" ")
    }

    /// What `regressions` needs and the evidence has not.
    fn no_passes(&self, readings: &[Reading]) -> Option<Diagnostic> {
        let asked = readings.iter().any(|reading| {
            reading.aggregate.is_none() && reading.change.is_none() && reading.metric == "regressions"
        });
        asked.then(|| {
            Diagnostic::error(Code::UnknownMetric, "nothing in the evidence says whether a case passed").nature(Nature::Unseen)
                .at(self.gate.rule.subject_span(), "cases that passed before and fail now")
                .note("it counts them by a field of true/false (or 0/1) whose high values are good, such as `correct` or `passed`")
                .note(format!("the evidence has {}", list(self.offers().flat_map(all_names), 20)))
                .help("name the field: `FIELD regressions <= 0`; or let `fields: { correct: FIELD }` of the evidence say which it is")
        })
    }

    /// A rule on what stands in a metrics file and is no number.
    fn no_number(&self, readings: &[Reading]) -> Option<Diagnostic> {
        let mut asides = self.offers().flat_map(|offer| offer.asides.iter().map(move |aside| (offer, aside)));
        let asked = |name: &str| readings.iter().any(|reading| answers(name, &reading.metric));
        let (offer, (name, what)) = asides.find(|(_, (name, _))| asked(name))?;
        let title = format!("`{name}` in evidence `{}` is {what}, and no number", offer.evidence);
        Some(
            Diagnostic::error(Code::UnknownMetric, title)
                .at(self.gate.rule.subject_span(), "nothing can be judged of it")
                .help("gate on a number: let the evaluation write it without quotes and without a unit"),
        )
    }

    fn unknown(&self, readings: &[Reading]) -> Diagnostic {
        if let Some(finding) = self.no_passes(readings) {
            return finding;
        }
        let names: Vec<&str> = self
            .offers()
            .flat_map(all_names)
            .chain(self.metrics.iter().map(|spec| spec.name.value.as_str()))
            .collect();
        let found = Diagnostic::error(
            Code::UnknownMetric,
            format!("nothing in the evidence provides `{}`", self.subject()),
        )
        .nature(Nature::Unseen)
        .at(self.gate.rule.subject_span(), "no field, aggregate or synonym of this name");
        if let Some(finding) = self.no_number(readings) {
            return finding;
        }
        if names.is_empty() {
            return found.note("the evidence holds no scores at all");
        }
        found
            .note(format!("the evidence has {}", list(names, 20)))
            .help("another name in the file? define it: `metrics: { NAME: { field: FIELD } }`")
    }
}

fn matched<'m>(reading: &Reading, offer: &Offer, origin: Origin) -> Match<'m> {
    let by_words = split_quantile(&reading.metric).1;
    let folded = fold(origin.name());
    let by_name = split_quantile(split_unit(&folded).0).1.to_owned();
    let standard = standard(by_words).or_else(|| standard(&by_name));
    let scored = offer.scores.contains_key(origin.name());
    Match {
        reading: reading.clone(),
        evidence: offer.evidence.clone(),
        origin,
        spec: None,
        regressions: false,
        // A score that a tool calls `Latency` says whether a latency was fine, and is none.
        standard: standard.filter(|standard| !(scored && standard.is_amount())),
    }
}

/// Every name of an offer.
pub(super) fn all_names(offer: &Offer) -> impl Iterator<Item = &str> {
    offer.aggregates.iter().chain(&offer.fields).map(String::as_str)
}

/// Whether a spelled name folds to `wanted`, with or without the ending that says its unit.
pub(super) fn answers(name: &str, wanted: &str) -> bool {
    let folded = fold(name);
    folded == wanted || split_unit(&folded).0 == wanted
}

/// `p95_latency` is the 95 % quantile of `latency`: the quantile's word and the rest.
#[must_use]
pub fn split_quantile(folded: &str) -> (Option<&str>, &str) {
    let Some((head, _)) = folded.split_once('_') else { return (None, folded) };
    let digits = head.strip_prefix('p').unwrap_or("");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return (None, folded);
    }
    // `p99.9` folds to `p99_9`: a single digit after the first `_` still belongs to the quantile.
    let rest = folded.get(head.len() + 1..).unwrap_or("");
    let fraction = rest.bytes().take_while(u8::is_ascii_digit).count();
    if fraction > 0 && rest.as_bytes().get(fraction) == Some(&b'_') {
        let end = head.len() + 1 + fraction;
        return (folded.get(..end), folded.get(end + 1..).unwrap_or(""));
    }
    (Some(head), rest)
}
