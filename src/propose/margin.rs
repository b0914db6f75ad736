//! Gates for what an evidence entry holds: with fixed margins against results from before, or with none.

use super::holding::{HeldField, Holding, LABEL, Taken, known};
use super::spelling::spell;
use crate::manifest::{Category, Dimension, Direction, Quantity, Unit};
use crate::metric::Offer;
use crate::metric::catalog::{Standard, standard_metrics};

/// How much worse a rate or a score from 0 to 1 may be.
const POINTS: &str = "2pp";
/// How much worse another mean may be, as a part of what it was.
const SHARE: &str = "10%";

/// A gate that fits the results, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedGate {
    /// Its own identifier; made of the rule's words where there is none.
    pub id: Option<String>,
    /// The rule.
    pub rule: String,
    /// The exact name of the metric, where the rule's words could mean another.
    pub metric: Option<String>,
    /// The evidence entry, where others have the metric too.
    pub evidence: Option<String>,
    /// Why it is proposed, in a sentence.
    pub why: String,
    /// The field or aggregate that it is about.
    pub field: String,
    /// What the metric is about, where the catalogue knows it.
    pub category: Option<Category>,
    /// Which way it is good, where the catalogue knows it.
    pub direction: Option<Direction>,
}

/// A field that no proposed gate is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// The field or aggregate.
    pub field: String,
    /// Why, in a sentence.
    pub why: String,
    /// Rules that would judge it, for its author to choose from.
    pub rules: Vec<String>,
    /// Whether it is a label, which nobody expects to be judged.
    pub label: bool,
}

/// The gates for an evidence entry, and what they leave out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposals {
    /// The gates, in the order of the catalogue.
    pub gates: Vec<ProposedGate>,
    /// The rest, in the order of the names.
    pub unjudged: Vec<Unjudged>,
}

/// Gates on the change of everything whose good direction the catalogue knows, from the results `old` to the results of
/// `evidence`; `offers` has everything that rules could mean.
#[must_use]
pub fn against(evidence: &str, new: &Holding, old: &Holding, offers: &[Offer]) -> Proposals {
    let mut proposals = Proposals::default();
    let mut names: Vec<&str> = new.all().chain(old.all()).map(|(name, _)| name).collect();
    names.sort_unstable_by_key(|name| (place(known(name)), *name));
    names.dedup();
    for name in names {
        match change(name, (evidence, offers), new.get(name), old.get(name)) {
            Ok(gate) => proposals.gates.push(gate),
            Err(left) => proposals.unjudged.push(left),
        }
    }
    named_apart(&mut proposals.gates);
    proposals
}

/// A gate for everything that can be measured, whichever way it is good: what they ask means nothing, their estimates do.
#[must_use]
pub fn measurable(evidence: &str, holding: &Holding, offers: &[Offer]) -> Proposals {
    let mut proposals = Proposals::default();
    let mut all: Vec<(&str, &HeldField)> = holding.all().collect();
    all.sort_by_key(|(name, _)| (place(known(name)), *name));
    for (name, held) in all {
        let standard = as_scored(name, offers);
        let gate = held.taken(standard).and_then(|taken| {
            let rule = Asked { word: "change", taken, standard };
            gate(name, (evidence, offers), rule, String::new())
        });
        match gate {
            Ok(gate) => proposals.gates.push(gate),
            Err(why) => proposals.unjudged.push(left_out(name, held, why)),
        }
    }
    named_apart(&mut proposals.gates);
    proposals
}

impl ProposedGate {
    /// A gate with a rule and nothing else.
    #[must_use]
    pub fn of_rule(rule: &str) -> Self {
        Self {
            id: None,
            rule: rule.to_owned(),
            metric: None,
            evidence: None,
            why: String::new(),
            field: String::new(),
            category: None,
            direction: None,
        }
    }

    /// A gate of [`measurable`] as one on a level: no worse than `value`, which was measured, by the usual margin, rounded to
    /// what people would write. None where nobody knows which way is good.
    #[must_use]
    pub fn level(&self, value: f64, unit: Unit) -> Option<Self> {
        let good = self.direction.filter(|_| value.is_finite())?;
        let proportion = unit.dimension == Dimension::Fraction;
        let worse = |value: f64, by: f64| if good == Direction::Higher { value - by } else { value + by };
        let limit = if proportion {
            let percent = worse(value * 100.0, 2.0);
            let whole = if good == Direction::Higher { percent.floor() } else { percent.ceil() };
            format!("{whole}%")
        } else if value == 0.0 {
            return None;
        } else {
            let digits = two_digits(worse(value, value * 0.1), good);
            Quantity { value, digits, unit }.to_string()
        };
        let words = self.rule.split(" change < ").next()?;
        let comparator = if good == Direction::Higher { ">=" } else { "<=" };
        Some(Self { rule: format!("{words} {comparator} {limit}"), ..self.clone() })
    }
}

/// The standard metric that a name is; none where a tool scores something under the name of an amount.
fn as_scored(name: &str, offers: &[Offer]) -> Option<&'static Standard> {
    let scored = offers.iter().any(|offer| offer.scores.contains_key(name));
    known(name).filter(|standard| !(scored && standard.is_amount()))
}

/// A number with two digits that count, rounded to the side that asks for less.
fn two_digits(value: f64, good: Direction) -> String {
    let places = value.abs().log10().floor() - 1.0;
    let step = 10f64.powf(places);
    let steps = if good == Direction::Higher { (value / step).floor() } else { (value / step).ceil() };
    let decimals = if places < 0.0 { places.abs().min(12.0) as usize } else { 0 };
    format!("{:.decimals$}", steps * step)
}

/// The place of a metric in the catalogue; what it does not know comes last.
fn place(known: Option<&'static Standard>) -> usize {
    let all = standard_metrics();
    known.and_then(|known| all.iter().position(|other| other.name == known.name)).unwrap_or(all.len())
}

/// Gives gates that would have one identifier an identifier each.
pub fn named_apart(gates: &mut [ProposedGate]) {
    let words = |gate: &ProposedGate| crate::manifest::fold(gate.rule.split(['<', '>']).next().unwrap_or(""));
    let mut seen: Vec<String> = Vec::new();
    for gate in gates {
        let own = words(gate);
        let times = seen.iter().filter(|other| **other == own).count();
        if times > 0 {
            gate.id = Some(format!("{}-{}", own.replace('_', "-"), times + 1));
        }
        seen.push(own);
    }
}

/// The gate on a change, or why there is none.
fn change(
    name: &str,
    place: (&str, &[Offer]),
    new: Option<&HeldField>,
    old: Option<&HeldField>,
) -> Result<ProposedGate, Unjudged> {
    let standard = as_scored(name, place.1);
    let told = place.1.iter().any(|offer| offer.evidence == place.0 && offer.high_is_good.contains(name));
    let (Some(held), Some(before)) = (new.or(old), old) else {
        let why = "the results before have nothing of that name".to_owned();
        return Err(match new {
            Some(held) => left_out(name, held, why),
            None => Unjudged { field: name.to_owned(), why, rules: Vec::new(), label: true },
        });
    };
    let known = standard.map(|metric| (metric.direction, metric.name.replace('_', " ")));
    let Some((direction, of)) =
        known.or_else(|| told.then(|| (Direction::Higher, "its tool says".to_owned())))
    else {
        let why = match (held.taken(None), new) {
            (Err(why), _) => why,
            (Ok(_), None) => "the new results have nothing of that name".to_owned(),
            (Ok(_), Some(_)) => "nothing says whether high or low values are good".to_owned(),
        };
        return Err(left_out(name, held, why));
    };
    let taken = before.taken(standard).map_err(|why| left_out(name, before, why))?;
    // What was measured before and is gone or garbled now is no label: its gate is an error and never left out.
    let taken = match new.and_then(|new| new.taken(standard).ok()) {
        Some(now) if taken == Taken::Rate => now,
        _ => taken,
    };
    if taken == Taken::Mean && before.is_positive() == Some(false) {
        let why = "it was 0 before, and nothing is a share of that; write an amount".to_owned();
        return Err(Unjudged { rules: Vec::new(), ..left_out(name, held, why) });
    }
    let (word, good) = match direction {
        Direction::Higher => ("drop", "high"),
        Direction::Lower => ("increase", "low"),
    };
    let why = format!("{of}: {good} is good");
    gate(name, place, Asked { word, taken, standard }, why).map_err(|why| left_out(name, held, why))
}

/// What a rule says of a field.
#[derive(Clone, Copy)]
struct Asked {
    word: &'static str,
    taken: Taken,
    standard: Option<&'static Standard>,
}

impl Asked {
    /// What is taken of it, where the name alone does not say so.
    fn lead(&self) -> &'static str {
        use crate::metric::catalog::ValueType::Rate;

        match (self.taken, self.standard) {
            (Taken::Rate, None) => "rate ",
            (Taken::Proportion, Some(standard)) if standard.value_type == Rate => "mean ",
            _ => "",
        }
    }

    fn margin(&self) -> &'static str {
        if self.taken == Taken::Mean { SHARE } else { POINTS }
    }
}

fn gate(
    name: &str,
    (evidence, offers): (&str, &[Offer]),
    rule: Asked,
    why: String,
) -> Result<ProposedGate, String> {
    let own = offers.iter().filter(|offer| offer.evidence == evidence);
    let told = offers.iter().any(|offer| offer.evidence == evidence && offer.high_is_good.contains(name));
    // What somebody computed is what it is, whatever a rule would take of samples.
    let stated = own.into_iter().any(|offer| offer.aggregates.iter().any(|other| other == name));
    let lead = if stated { "" } else { rule.lead() };
    let spelled = spell(name, (lead, rule.word), evidence, offers).ok_or("no rule can spell its name")?;
    Ok(ProposedGate {
        id: None,
        rule: format!("{} {} < {}", spelled.words, rule.word, rule.margin()),
        metric: spelled.exact.then(|| name.to_owned()),
        evidence: (spelled.exact && offers.len() > 1).then(|| evidence.to_owned()),
        why,
        field: name.to_owned(),
        category: rule.standard.map(|standard| standard.category),
        direction: rule.standard.map(|standard| standard.direction).or(told.then_some(Direction::Higher)),
    })
}

fn left_out(name: &str, held: &HeldField, why: String) -> Unjudged {
    let standard = known(name);
    let rules = match held.taken(standard) {
        Ok(taken) if standard.is_none() => {
            let rule = |word| {
                let rule = Asked { word, taken, standard };
                let lead = if matches!(held, HeldField::Stated(_)) { "" } else { rule.lead() };
                let spelled = spell(name, (lead, word), "", &[])?;
                Some(format!("{} {word} < {}", spelled.words, rule.margin()))
            };
            ["drop", "increase"].into_iter().filter_map(rule).collect()
        }
        _ => Vec::new(),
    };
    let label =
        why == LABEL || matches!(held, HeldField::Field { kind: crate::evidence::FieldKind::Nested, .. });
    Unjudged { field: name.to_owned(), why, rules, label }
}
