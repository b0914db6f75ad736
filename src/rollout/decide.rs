//! The next step: the first line of a table that holds.

use crate::ledger::{RolloutState, RolloutStatus};
use crate::manifest::TrafficWeight;
use crate::monitor::{Readings, SignalOutcome, SignalReading};

/// Where a rollout stands.
pub struct RolloutStanding<'a> {
    /// By the ledger.
    pub state: &'a RolloutState,
    /// What production shows.
    pub readings: &'a Readings,
    /// The candidate's share that the engines serve, of 10,000; none where nobody can read it back.
    pub served: Option<u16>,
    /// Now, in seconds since 1970.
    pub now: f64,
    /// Whether the strategy ends with everybody on the candidate.
    pub promotes: bool,
    /// The signal that an A/B test is about.
    pub goal: Option<&'a str>,
    /// What is missing before the next step.
    pub approval: StepApproval,
    /// Whether a person overrules what only waits.
    pub anyway: bool,
}

/// Approvals for the step to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepApproval {
    /// None is asked for, or all are there.
    Given,
    /// So many are there of so many.
    Missing(u32, u32),
}

/// What is done.
#[derive(Debug, Clone, PartialEq)]
pub enum NextMove {
    /// An intent was never applied: its weight is written again.
    Apply(u32, u16),
    /// A signal fails: its action.
    Act(String),
    /// A signal of what everybody has again fails: nothing goes back further by itself.
    Tell(String),
    /// It stands still from now on.
    Hold(&'static str, String),
    /// It stands still already, or something is blind; why.
    Stay(&'static str, String),
    /// A step goes on; why, and until when (seconds since 1970) at least.
    Wait(String, Option<f64>),
    /// A person has to approve.
    Ask(String),
    /// The next step with its weight.
    Advance(u32, u16, String),
    /// Everybody has the candidate, and it has seen enough.
    Promote,
    /// An A/B test has its answer.
    Conclude(String),
    /// There is nothing to do.
    Done(&'static str),
}

/// Says what is done.
#[must_use]
pub fn decide(standing: &RolloutStanding<'_>) -> NextMove {
    let RolloutStanding { state, readings, .. } = standing;
    // 1: setting a weight again changes nothing.
    if let Some(intent) = &state.intent
        && matches!(state.status, RolloutStatus::Running | RolloutStatus::RolledBack)
    {
        return NextMove::Apply(intent.step, share(intent.weight));
    }
    let went_back = state.status == RolloutStatus::RolledBack;
    // 2
    if let Some(signal) = readings.signals.iter().find(|signal| signal.outcome == SignalOutcome::Fail) {
        let id = signal.id.clone();
        return if went_back && state.weight == 0 { NextMove::Tell(id) } else { NextMove::Act(id) };
    }
    // 3
    let meant = state.applied.as_ref().map(|applied| share(applied.weight));
    if let Some(meant) = meant.filter(|meant| standing.served != Some(*meant)) {
        let meant = TrafficWeight { per_10000: meant };
        let why = match standing.served {
            Some(per_10000) => {
                let served = TrafficWeight { per_10000 };
                format!(
                    "the engine gives the candidate {served}, and {meant} was written: somebody set it by hand"
                )
            }
            None => format!("nothing says what the engine serves, and {meant} was written: its file is gone"),
        };
        // Held would be less than taken back.
        return if went_back {
            NextMove::Stay("engine-differs", why)
        } else {
            NextMove::Hold("engine-differs", why)
        };
    }
    match state.status {
        RolloutStatus::RolledBack if state.weight > 0 => {
            return NextMove::Stay("throttled", throttled(state));
        }
        RolloutStatus::RolledBack | RolloutStatus::Promoted => return watched_alone(readings),
        RolloutStatus::Running | RolloutStatus::Held => {}
    }
    if !standing.anyway
        && let Some(stays) = stays(standing)
    {
        return stays;
    }
    onward(standing, meant.unwrap_or(0))
}

/// Why a candidate that was taken back to a smaller share stays there: what becomes of that is a person's decision.
#[must_use]
pub fn throttled(state: &RolloutState) -> String {
    let left = TrafficWeight { per_10000: share(state.weight) };
    let why = state.why.as_deref().unwrap_or("nobody said why");
    format!("it was taken back to {left}, and a person decides what becomes of that: {why}")
}

/// After full rollout only a fail or blindness is news.
fn watched_alone(readings: &Readings) -> NextMove {
    match blind(readings) {
        Some(signal) => NextMove::Stay("blind", format!("`{}` is blind: {}", signal.id, signal.reason)),
        None => awaited(readings)
            .unwrap_or(NextMove::Done("it is the release that everybody gets, and nothing got worse")),
    }
}

/// Where nothing is logged yet of what just began: that is no sign of anything until its silence is.
fn awaited(readings: &Readings) -> Option<NextMove> {
    let until = readings.awaits?;
    let why = readings.signals.iter().find(|signal| signal.awaits).map_or("", |signal| &signal.reason);
    Some(NextMove::Wait(why.to_owned(), Some(until)))
}

fn blind(readings: &Readings) -> Option<&SignalReading> {
    readings.signals.iter().find(|signal| signal.outcome == SignalOutcome::Blind)
}

/// Lines 4 to 6: what only waits, and a person may overrule.
fn stays(standing: &RolloutStanding<'_>) -> Option<NextMove> {
    let RolloutStanding { state, readings, now, .. } = standing;
    // 4
    if state.status == RolloutStatus::Held {
        return Some(NextMove::Stay("held", state.why.clone().unwrap_or_else(|| "it is held".to_owned())));
    }
    if let Some(signal) = blind(readings) {
        return Some(NextMove::Stay("blind", format!("`{}` is blind: {}", signal.id, signal.reason)));
    }
    if let Some(awaited) = awaited(readings) {
        return Some(awaited);
    }
    // 5
    let since = state.since.timestamp() as f64;
    let step = state.plan.steps.get(state.step as usize);
    let bakes = since + step.map_or(0.0, |step| step.bake_s as f64);
    let gives_up = since + state.plan.give_up_s as f64;
    let waits = unseen(readings);
    let before = *now < bakes;
    if before || !waits.is_empty() {
        if *now >= gives_up {
            let text =
                format!("not enough was seen in the longest time that a step may take: {}", waits.join("; "));
            return Some(NextMove::Hold("give-up", text));
        }
        let why = match (before, waits.is_empty()) {
            (true, true) => "enough was seen; the step has its least time to go".to_owned(),
            _ => waits.join("; "),
        };
        return Some(NextMove::Wait(why, before.then_some(bakes)));
    }
    // 6
    match standing.approval {
        StepApproval::Missing(have, asked) if next_weight(state).is_some() => {
            Some(NextMove::Ask(format!("{have} of {asked} approvals are there")))
        }
        _ => None,
    }
}

/// Signals that neither passed nor have seen enough, each with what it lacks.
fn unseen(readings: &Readings) -> Vec<String> {
    let lacks = |signal: &SignalReading| {
        let enough = signal.seen.is_some_and(|seen| seen.enough()) && !signal.shown;
        if signal.outcome == SignalOutcome::Pass || enough || signal.method == "split" {
            return None;
        }
        Some(match signal.seen {
            _ if signal.shown => format!("`{}` has to pass first", signal.id),
            Some(seen) => match seen.needed {
                Some(needed) => {
                    format!("`{}` has seen {} of {needed} {}", signal.id, seen.have, seen.counted)
                }
                None => format!("`{}` needs more {} than can be reckoned", signal.id, seen.counted),
            },
            None => format!("`{}` has too few records to say how many it needs", signal.id),
        })
    };
    readings.signals.iter().filter_map(lacks).collect()
}

/// Line 7.
fn onward(standing: &RolloutStanding<'_>, weight: u16) -> NextMove {
    let state = standing.state;
    if let Some(goal) = standing.goal {
        let shown =
            standing.readings.signals.iter().any(|one| one.id == goal && one.outcome == SignalOutcome::Pass);
        return if shown {
            NextMove::Conclude(format!("`{goal}` is shown better"))
        } else {
            NextMove::Wait(format!("`{goal}` is not shown better yet"), None)
        };
    }
    match next_weight(state) {
        Some((step, next)) => {
            NextMove::Advance(step, next, "every signal passed or has seen enough".to_owned())
        }
        None if weight == TrafficWeight::ALL.per_10000 && standing.promotes => NextMove::Promote,
        None => NextMove::Done("its last step has seen enough; this strategy ends here"),
    }
}

fn next_weight(state: &RolloutState) -> Option<(u32, u16)> {
    let step = state.step + 1;
    state.plan.steps.get(step as usize).map(|plan| (step, share(plan.weight)))
}

fn share(weight: u32) -> u16 {
    u16::try_from(weight).unwrap_or(u16::MAX).min(TrafficWeight::ALL.per_10000)
}
