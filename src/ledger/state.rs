//! What the events of one release come to: where its rollout stands.

use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::chain::Chain;
use super::event::{AppliedData, Event, EventRelease, Happening, HotfixData, StartedData, StepData};

/// Where the newest rollout of a release stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RolloutState {
    /// What is rolled out.
    pub candidate: EventRelease,
    /// The plan that it began with.
    pub plan: StartedData,
    /// Whether it goes on.
    pub status: RolloutStatus,
    /// The step of the plan, from 0; the first one before any weight was meant.
    pub step: u32,
    /// The candidate's share that is meant, of 10,000; 0 before the first step.
    pub weight: u32,
    /// A weight that is meant and not applied yet.
    pub intent: Option<StepData>,
    /// The weight that an engine was last told, and read back.
    pub applied: Option<AppliedData>,
    /// When the step that it is in was applied, or the rollout began.
    pub since: DateTime<Utc>,
    /// When it was held, taken back or promoted; none while it runs.
    pub ended: Option<DateTime<Utc>>,
    /// Why it does not run, in a sentence.
    pub why: Option<String>,
    /// What serves everybody else since it was taken back; none while it was not, or where nothing is known.
    pub went_back_to: Option<EventRelease>,
    /// The hotfix that was meant when it was taken back; none while it was not, or where none is.
    pub hotfix: Option<HotfixData>,
    /// Whether branches that were merged told different stories: then it stands as the more careful of them says.
    pub disputed: bool,
}

/// Whether a rollout goes on; what is further down wins where branches disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RolloutStatus {
    /// Everybody gets the candidate, for good.
    Promoted,
    /// It goes on.
    Running,
    /// It stands still until a person decides.
    Held,
    /// The candidate was taken back.
    RolledBack,
}

impl RolloutStatus {
    /// The word that outputs use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::Running => "running",
            Self::Held => "held",
            Self::RolledBack => "rolled-back",
        }
    }
}

/// A state, and the place of the event that brought it about.
#[derive(Debug)]
struct Reached {
    at: usize,
    state: RolloutState,
}

impl Chain {
    /// Where the newest rollout of the release of that name stands; none where there never was one.
    ///
    /// Events apply in their order. Where heads disagree the lower weight wins, and held and rolled back beat running; a branch
    /// on which nothing happened to the rollout disagrees with nobody.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<RolloutState> {
        let mut reached: Vec<Option<Rc<Reached>>> = Vec::with_capacity(self.links().len());
        for (at, link) in self.links().iter().enumerate() {
            let before =
                self.joined(link.follows.iter().filter_map(|at| reached.get(*at).cloned().flatten()));
            let own = link.event.release.name == name;
            let state = own.then(|| after(before.as_ref().map(|one| &one.state), &link.event)).flatten();
            reached.push(match state {
                Some(state) => Some(Rc::new(Reached { at, state })),
                None => before,
            });
        }
        let heads = self.head_places().into_iter();
        let last = self.joined(heads.filter_map(|at| reached.get(at).cloned().flatten()));
        last.map(|one| one.state.clone())
    }

    fn joined(&self, mut sides: impl Iterator<Item = Rc<Reached>>) -> Option<Rc<Reached>> {
        let first = sides.next()?;
        Some(sides.fold(first, |one, other| self.join(&one, &other)))
    }

    /// Two states as one: the later one where it follows the other, else the more careful of both.
    fn join(&self, one: &Rc<Reached>, other: &Rc<Reached>) -> Rc<Reached> {
        if one.at == other.at {
            return Rc::clone(one);
        }
        let (early, late) = if one.at < other.at { (one, other) } else { (other, one) };
        if self.leads_to(early.at, late.at) {
            return Rc::clone(late);
        }
        Rc::new(Reached { at: late.at, state: careful(&early.state, &late.state) })
    }
}

/// The more careful of two stories.
fn careful(one: &RolloutState, other: &RolloutState) -> RolloutState {
    let rank = |state: &RolloutState| (std::cmp::Reverse(state.status), state.weight);
    let (first, second) = if rank(other) < rank(one) { (other, one) } else { (one, other) };
    let lower = if second.weight < first.weight { second } else { first };
    RolloutState {
        weight: lower.weight,
        step: lower.step,
        intent: lower.intent.clone(),
        applied: lower.applied.clone(),
        since: one.since.max(other.since),
        disputed: true,
        ..first.clone()
    }
}

/// The state after an event of the release; none where it changes nothing.
fn after(before: Option<&RolloutState>, event: &Event) -> Option<RolloutState> {
    let time = event.time;
    if let Happening::Started(plan) = &event.happening {
        // What is resumed goes on where it stood.
        let resumed = before.filter(|state| plan.resumes && state.candidate == event.release);
        let begun = || RolloutState {
            candidate: event.release.clone(),
            plan: plan.clone(),
            status: RolloutStatus::Running,
            step: 0,
            weight: 0,
            intent: None,
            applied: None,
            since: time,
            ended: None,
            why: None,
            went_back_to: None,
            hotfix: None,
            disputed: false,
        };
        return Some(match resumed {
            Some(state) => RolloutState {
                plan: plan.clone(),
                status: RolloutStatus::Running,
                since: time,
                ended: None,
                why: None,
                went_back_to: None,
                hotfix: None,
                disputed: false,
                ..state.clone()
            },
            None => begun(),
        });
    }
    let mut state = before?.clone();
    let mut stops = |status: RolloutStatus, why: &str| {
        state.status = status;
        state.ended = Some(time);
        state.why = Some(why.to_owned());
    };
    match &event.happening {
        Happening::Step(data) => {
            state.step = data.step;
            state.weight = data.weight;
            state.intent = Some(data.clone());
            state.disputed = false;
        }
        Happening::Applied(data) => {
            // The same weight written again does not begin the step anew.
            if state.applied.as_ref().is_none_or(|last| (last.step, last.weight) != (data.step, data.weight))
            {
                state.since = time;
            }
            if state.intent.as_ref().is_some_and(|intent| intent.weight == data.weight) {
                state.intent = None;
            }
            state.applied = Some(data.clone());
        }
        Happening::Held(data) => stops(RolloutStatus::Held, &data.reason),
        Happening::RolledBack(data) => {
            stops(RolloutStatus::RolledBack, &data.cause.text);
            state.weight = data.weight;
            state.intent = None;
            state.went_back_to.clone_from(&data.to);
            state.hotfix.clone_from(&data.hotfix);
        }
        Happening::Promoted(_) => {
            state.status = RolloutStatus::Promoted;
            state.ended = Some(time);
            state.why = None;
        }
        Happening::Checked(_)
        | Happening::Approved(_)
        | Happening::Started(_)
        | Happening::Signal(_)
        | Happening::Yanked(_) => return None,
    }
    Some(state)
}
