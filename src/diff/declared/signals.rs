//! Signals: which are watched no more or newly, and what each of the others asks of production.

use super::rule::{Whose, comparison, exact_metric};
use super::spelled;
use super::weighed::{FromTo, direction, record};
use crate::diagnostic::Spanned;
use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::extends::no_easier;
use crate::manifest::rule::Rule;
use crate::manifest::{ActionSpec, MonitoringSpec, Quantity, SignalAsked, SignalSpec, USUAL_SIGNALS};

/// The changes of the signals, those that are gone first.
pub(super) fn records(before: Option<&MonitoringSpec>, after: Option<&MonitoringSpec>) -> Vec<Record> {
    let (before, mut new) = (watched(before), watched(after));
    let mut take = |is: &dyn Fn(&SignalSpec) -> bool| {
        let place = new.iter().position(is)?;
        Some(new.remove(place))
    };
    let mut pairs = Vec::new();
    let mut left = Vec::new();
    for old in &before {
        match take(&|signal| signal.id.value == old.id.value) {
            Some(new) => pairs.push((old, new)),
            None => left.push(old),
        }
    }
    let mut records = Vec::new();
    for old in left {
        // Another id, and the same question.
        match take(&|signal| text(signal) == text(old) && metric(signal) == metric(old)) {
            Some(new) => pairs.push((old, new)),
            None => records.push(gone(old)),
        }
    }
    records.extend(pairs.iter().flat_map(|(old, new)| pair(old, new)));
    records.extend(new.iter().map(is_new));
    records
}

/// The signals that are declared, else the usual ones; none where nothing is monitored.
fn watched(monitoring: Option<&MonitoringSpec>) -> Vec<SignalSpec> {
    let Some(monitoring) = monitoring else { return Vec::new() };
    if !monitoring.signals.is_empty() {
        return monitoring.signals.clone();
    }
    USUAL_SIGNALS.iter().map(|name| SignalSpec::usual(name, monitoring.span)).collect()
}

/// What it asks, as its author wrote it.
fn text(signal: &SignalSpec) -> String {
    match &signal.asked {
        SignalAsked::Rule(rule) => rule.text.clone(),
        SignalAsked::Drift(rule) => format!("drift of {}", rule.text),
        SignalAsked::NotWorse(name) => name.value.clone(),
    }
}

fn metric(signal: &SignalSpec) -> Option<&str> {
    signal.metric.as_ref().map(|name| name.value.as_str())
}

fn path(signal: &SignalSpec) -> String {
    format!("monitoring.signals.{}", signal.id.value)
}

fn gone(old: &SignalSpec) -> Record {
    let (id, asked) = (&old.id.value, text(old));
    let text = format!("signal {id} is gone: nobody watches `{asked}` in production any more");
    let went = (Direction::Looser, Weight::Blocking);
    record(ChangeRule::SignalRemoved, path(old), went, &text, (Some(asked), None))
}

fn is_new(new: &SignalSpec) -> Record {
    let (id, asked) = (&new.id.value, text(new));
    let text = format!("signal {id} is new: it watches `{asked}` in production");
    let went = (Direction::Tighter, Weight::Info);
    record(ChangeRule::SignalAdded, path(new), went, &text, (None, Some(asked)))
}

/// What changed in one signal. The parts are named one by one, so that a new one does not compile without its line here.
fn pair(old: &SignalSpec, new: &SignalSpec) -> Vec<Record> {
    let SignalSpec { id: _, asked: _, metric: _, detect: _, cap: _, shown: _, action: _, conditions: _ } =
        new;
    let mut records: Vec<Record> = renamed(old, new).into_iter().collect();
    records.extend(asked(old, new));
    records.extend(detect(old, new));
    records.extend(shown(old, new));
    let conditions = |signal: &SignalSpec| spelled::conditions(&signal.conditions);
    let texts = (conditions(old), conditions(new));
    records.extend(term(new, "where", "it watches", "every record", Weight::Blocking, texts));
    let cap = |signal: &SignalSpec| signal.cap.as_ref().map(|cap| cap.value.to_string());
    let texts = (cap(old), cap(new));
    records.extend(term(new, "cap", "a value counts at most as", "the usual cap", Weight::Review, texts));
    let does = |signal: &SignalSpec| signal.action.as_ref().map(|action| action_text(&action.value));
    let texts = (does(old), does(new));
    records.extend(term(
        new,
        "action",
        "what is done when it fails:",
        "what its category does",
        Weight::Review,
        texts,
    ));
    records
}

fn renamed(old: &SignalSpec, new: &SignalSpec) -> Option<Record> {
    let (was, is) = (&old.id.value, &new.id.value);
    if was == is {
        return None;
    }
    let text = format!("signal {was} is now called {is}; it asks the same");
    let values = (Some(was.clone()), Some(is.clone()));
    let went = (Direction::Neutral, Weight::Info);
    Some(record(ChangeRule::SignalTerms, format!("{}.id", path(new)), went, &text, values))
}

fn asked(old: &SignalSpec, new: &SignalSpec) -> Vec<Record> {
    let whose = Whose {
        path: path(new),
        name: format!("signal {}", new.id.value),
        rule: ChangeRule::SignalRule,
        threshold: ChangeRule::SignalRule,
        stakes: Weight::Blocking,
    };
    let names = (old.metric.as_ref(), new.metric.as_ref());
    let mut records: Vec<Record> = exact_metric(&whose, names).into_iter().collect();
    let (was, is) = (text(old), text(new));
    match (&old.asked, &new.asked) {
        (SignalAsked::Rule(old), SignalAsked::Rule(new))
        | (SignalAsked::Drift(old), SignalAsked::Drift(new)) => records.extend(comparison(&whose, old, new)),
        // A signal that has only a `metric` asks for it by name, and that is told already.
        _ if was == is || !records.is_empty() => {}
        _ => {
            let text = format!("{}: it asks something else: `{was}` became `{is}`", whose.name);
            let went = (Direction::Unknown, whose.stakes);
            let place = format!("{}.rule", whose.path);
            records.push(record(ChangeRule::SignalRule, place, went, &text, (Some(was), Some(is))));
        }
    }
    records
}

/// The harm that a step has to be able to see: a greater one is seen later.
fn detect(old: &SignalSpec, new: &SignalSpec) -> Option<Record> {
    let (was, is) =
        (old.detect.as_ref().map(|detect| &detect.value), new.detect.as_ref().map(|detect| &detect.value));
    if was == is {
        return None;
    }
    let way = match (was, is) {
        (Some(was), Some(is)) => direction(sees_no_less(new, is, was), sees_no_less(new, was, is))?,
        _ => Direction::Unknown,
    };
    let said = |detect: Option<&Quantity>| {
        detect.map_or_else(|| "twice its limit, or a doubling".to_owned(), ToString::to_string)
    };
    let text =
        format!("signal {}: a step has to be able to see {}; before: {}", new.id.value, said(is), said(was));
    let values = (was.map(ToString::to_string), is.map(ToString::to_string));
    let place = format!("{}.detect", path(new));
    Some(record(ChangeRule::SignalTerms, place, (way, Weight::Review), &text, values))
}

/// Whether whoever sees `one` sees `other` too; false both ways where nobody can tell.
fn sees_no_less(signal: &SignalSpec, one: &Quantity, other: &Quantity) -> bool {
    match &signal.asked {
        SignalAsked::Rule(rule) | SignalAsked::Drift(rule) => {
            let with = |detect: &Quantity| Rule {
                threshold: Spanned::new(detect.clone(), rule.threshold.span),
                ..rule.clone()
            };
            no_easier(&with(one), &with(other)).unwrap_or(false)
        }
        SignalAsked::NotWorse(_) => one.unit == other.unit && one.value <= other.value,
    }
}

fn shown(old: &SignalSpec, new: &SignalSpec) -> Option<Record> {
    let way = direction(new.shown || !old.shown, old.shown || !new.shown)?;
    let text = if new.shown {
        format!("signal {}: a step ends only once it passed", new.id.value)
    } else {
        format!("signal {}: a step ends without its pass", new.id.value)
    };
    let said = |signal: &SignalSpec| signal.shown.then(|| "required".to_owned());
    let went = (way, Weight::Blocking);
    Some(record(ChangeRule::SignalTerms, format!("{}.shown", path(new)), went, &text, (said(old), said(new))))
}

/// A term of which nobody can tell which way it goes.
fn term(
    new: &SignalSpec,
    key: &str,
    what: &str,
    absent: &str,
    stakes: Weight,
    (was, is): FromTo,
) -> Option<Record> {
    if was == is {
        return None;
    }
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| absent.to_owned());
    let text = format!("signal {}: {what} {}; before: {}", new.id.value, said(&is), said(&was));
    let went = (Direction::Unknown, stakes);
    Some(record(ChangeRule::SignalTerms, format!("{}.{key}", path(new)), went, &text, (was, is)))
}

fn action_text(action: &ActionSpec) -> String {
    match action {
        ActionSpec::RollBack => "roll-back".to_owned(),
        ActionSpec::Restore(kinds) => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
            format!("{{ restore: [{}] }}", kinds.join(", "))
        }
        ActionSpec::Throttle(weight) => format!("{{ throttle: {weight} }}"),
        ActionSpec::Switch(release) => format!("{{ switch: {release} }}"),
        ActionSpec::Hold => "hold".to_owned(),
    }
}
