//! The register of risks: which are gone or new, what tests them, and how they are assessed.

use super::weighed::{FromTo, direction, record};
use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::{RiskSpec, RiskStanding};

/// The changes of the register, in the order of the one before, then of what is new.
pub(super) fn records(before: &[RiskSpec], after: &[RiskSpec]) -> Vec<Record> {
    let same = |risk: &RiskSpec, all: &'_ [RiskSpec]| -> Option<RiskSpec> {
        all.iter().find(|other| other.id.value == risk.id.value).cloned()
    };
    let mut records = Vec::new();
    for old in before {
        match same(old, after) {
            Some(new) => records.extend(pair(old, &new)),
            None => records.push(gone(old)),
        }
    }
    records.extend(after.iter().filter(|new| same(new, before).is_none()).map(new));
    records
}

fn path(risk: &RiskSpec) -> String {
    format!("risks.{}", risk.id.value)
}

fn gone(risk: &RiskSpec) -> Record {
    let text = format!(
        "risk {} is gone from the register: nothing has to show any more that it is under control",
        risk.id.value
    );
    let went = (Direction::Looser, Weight::Blocking);
    record(ChangeRule::RiskRemoved, path(risk), went, &text, (Some(standing(risk)), None))
}

fn new(risk: &RiskSpec) -> Record {
    let text = format!("risk {} is new in the register: {}", risk.id.value, standing(risk));
    record(
        ChangeRule::RiskAdded,
        path(risk),
        (Direction::Tighter, Weight::Info),
        &text,
        (None, Some(standing(risk))),
    )
}

fn pair(old: &RiskSpec, new: &RiskSpec) -> Vec<Record> {
    let id = &new.id.value;
    let values = |old: String, new: String| -> FromTo { (Some(old), Some(new)) };
    let stands = |risk: &RiskSpec| matches!(risk.standing, RiskStanding::Assessed(_));
    match (stands(old), stands(new)) {
        (true, false) | (false, true) => {
            let looser = stands(old);
            let went = if looser { Direction::Looser } else { Direction::Tighter };
            let text = if looser {
                format!("risk {id} is declared not applicable")
            } else {
                format!("risk {id} is assessed; it was declared not applicable")
            };
            let values = values(standing(old), standing(new));
            return vec![record(
                ChangeRule::RiskAssessment,
                path(new),
                (went, Weight::Blocking),
                &text,
                values,
            )];
        }
        _ => {}
    }
    let mut records = Vec::new();
    let covers = |all: &[String], some: &[String]| some.iter().all(|test| all.contains(test));
    let (before, after) = (tests(old), tests(new));
    if let Some(went) = direction(covers(&after, &before), covers(&before, &after)) {
        let text = format!("risk {id} is tested by {}; before: {}", listed(&after), listed(&before));
        let values = values(listed(&before), listed(&after));
        records.push(record(ChangeRule::RiskTests, path(new), (went, Weight::Blocking), &text, values));
    }
    let (was, is) = (standing(old), standing(new));
    if was != is {
        let text = format!("risk {id} is assessed otherwise: {is}; before: {was}");
        let went = (Direction::Unknown, Weight::Review);
        records.push(record(ChangeRule::RiskAssessment, path(new), went, &text, values(was, is)));
    }
    records
}

fn tests(risk: &RiskSpec) -> Vec<String> {
    risk.tested_by().iter().map(|test| test.value.clone()).collect()
}

fn listed(tests: &[String]) -> String {
    if tests.is_empty() { "nothing".to_owned() } else { tests.join(", ") }
}

/// All that the register says of it but for its tests.
fn standing(risk: &RiskSpec) -> String {
    let said = match &risk.standing {
        RiskStanding::NotApplicable(why) => format!("not applicable ({})", why.value),
        RiskStanding::Assessed(it) => {
            let accepted = it.accepted.iter().map(|who| format!(", accepted by {} ({})", who.by, who.reason));
            format!(
                "likelihood {}, impact {}, residual {}, mitigation: {}{}",
                it.likelihood,
                it.impact,
                it.residual,
                it.mitigation,
                accepted.collect::<String>()
            )
        }
    };
    format!("{said}; {} looks after it, next on {}", risk.owner.value, risk.review.value)
}
