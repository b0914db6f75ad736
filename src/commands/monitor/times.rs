//! When which weight was served, by the ledger.

use std::collections::BTreeMap;

use crate::ledger::{Chain, EventRelease, Happening, PromotedData, RolloutState, RolloutStatus, StartedData};
use crate::monitor::{Frozen, Phase, StepSpan, StepTimes};

/// What the ledger says of the time that is watched.
pub(in crate::commands) struct Known {
    pub(in crate::commands) phase: Phase,
    pub(in crate::commands) times: StepTimes,
    /// The share that is meant now.
    pub(in crate::commands) weight: Option<f64>,
    /// Caps that were frozen at the start, by signal.
    pub(in crate::commands) caps: BTreeMap<String, f64>,
}

/// Of a release that everybody has again: since it was promoted it is alone. None where it never was.
pub(in crate::commands) fn alone(chain: &Chain, release: &EventRelease) -> Option<Known> {
    let own = || chain.links().iter().rev().filter(|link| link.event.release == *release);
    let (at, promoted) = own().find_map(|link| match &link.event.happening {
        Happening::Promoted(data) => Some((link.event.time.timestamp() as f64, data)),
        _ => None,
    })?;
    let started = own().find_map(|link| match &link.event.happening {
        Happening::Started(data) => Some(data),
        _ => None,
    });
    let caps = started.map(caps).unwrap_or_default();
    let phase = Phase::Alone(at, frozen(promoted, &caps));
    Some(Known { phase, times: StepTimes::always(1.0), weight: Some(1.0), caps })
}

fn caps(plan: &StartedData) -> BTreeMap<String, f64> {
    plan.signals.iter().filter_map(|signal| Some((signal.id.clone(), signal.cap?))).collect()
}

/// Of the rollout that a state is about.
pub(in crate::commands) fn of(chain: &Chain, state: &RolloutState) -> Known {
    let weights: Vec<f64> = state.plan.steps.iter().map(|step| f64::from(step.weight) / 10_000.0).collect();
    let caps = caps(&state.plan);
    let mut times = StepTimes { weights, spans: Vec::new() };
    let mut phase = Phase::Beside;
    for link in chain.links().iter().filter(|link| link.event.release == state.candidate) {
        let at = link.event.time.timestamp() as f64;
        match &link.event.happening {
            Happening::Started(data) if !data.resumes => {
                times.spans.clear();
                phase = Phase::Beside;
            }
            // From the intent on nobody knows which weight is served.
            Happening::Step(_) | Happening::RolledBack(_) => end(&mut times, at),
            Happening::Applied(data) => {
                let again = times.spans.last().is_some_and(|span| span.to.is_infinite());
                if !again {
                    times.spans.push(StepSpan { step: data.step as usize, from: at, to: f64::INFINITY });
                }
            }
            Happening::Promoted(data) => phase = Phase::Alone(at, frozen(data, &caps)),
            _ => {}
        }
    }
    let weight = match state.status {
        RolloutStatus::Promoted => Some(1.0),
        _ => state.applied.as_ref().map(|applied| f64::from(applied.weight) / 10_000.0),
    };
    Known { phase, times, weight, caps }
}

fn end(times: &mut StepTimes, at: f64) {
    if let Some(span) = times.spans.last_mut().filter(|span| span.to.is_infinite()) {
        span.to = at;
    }
}

fn frozen(data: &PromotedData, caps: &BTreeMap<String, f64>) -> Frozen {
    let mut frozen = Frozen { caps: caps.clone(), requests: data.requests, ..Frozen::default() };
    for (id, reference) in &data.references {
        if let Some(upper) = reference.upper {
            frozen.limits.insert(id.clone(), upper);
        }
        if let Some(cap) = reference.cap {
            frozen.caps.insert(id.clone(), cap);
        }
        if !reference.edges.is_empty() {
            frozen.edges.insert(id.clone(), reference.edges.clone());
        }
    }
    frozen
}
