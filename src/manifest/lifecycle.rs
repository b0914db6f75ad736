//! What a release declares of its life after `check`: how it is rolled out, what is watched, when it goes back.

use std::fmt;

use super::rows::{Condition, FieldSource};
use super::rule::{Quantity, Rule};
use super::words::{ArtifactKind, Category, Format, Strategy, TargetKind};
use crate::diagnostic::{Span, Spanned};

/// A length of time in whole seconds, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lasting {
    /// Seconds.
    pub seconds: u32,
}

impl Lasting {
    /// Of so many hours.
    #[must_use]
    pub const fn hours(hours: u32) -> Self {
        Self { seconds: hours * 3600 }
    }
}

impl fmt::Display for Lasting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400, "d"), (3600, "h"), (60, "m")];
        let unit = units.iter().find(|(seconds, _)| self.seconds.is_multiple_of(*seconds));
        let (seconds, letter) = unit.copied().unwrap_or((1, "s"));
        write!(f, "{}{letter}", self.seconds / seconds)
    }
}

/// The share of units that a release serves, in parts of 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrafficWeight {
    /// In `0..=10_000`.
    pub per_10000: u16,
}

impl TrafficWeight {
    /// All of them.
    pub const ALL: Self = Self { per_10000: 10_000 };
    /// None.
    pub const NONE: Self = Self { per_10000: 0 };

    /// As a share in `0..=1`.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.per_10000) / 10_000.0
    }
}

impl fmt::Display for TrafficWeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", f64::from(self.per_10000) / 100.0)
    }
}

/// So many in a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerTime {
    /// How many, at least one.
    pub count: u32,
    /// In which time.
    pub per: Lasting,
}

impl fmt::Display for PerTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", self.count, self.per)
    }
}

/// `deployment`.
#[derive(Debug, Clone)]
pub struct DeploymentSpec {
    /// How traffic moves.
    pub strategy: Spanned<Strategy>,
    /// What the weights are written to; at least one.
    pub targets: Vec<TargetSpec>,
    /// The steps, in order; at least one.
    pub steps: Vec<StepSpec>,
    /// The longest time in a step.
    pub give_up: Lasting,
    /// The field that routing is sticky on; none where every request is routed on its own.
    pub unit: Option<String>,
    /// Requests a day, where they are declared.
    pub traffic: Option<Spanned<f64>>,
    /// Who has to approve.
    pub approvals: Option<ApprovalsSpec>,
    /// What an A/B test is about: it ends when this is shown better.
    pub goal: Option<Spanned<String>>,
    /// The release that serves the rest, as `baseline` is written; the live one by the ledger, else the baseline, where absent.
    pub stable: Option<Spanned<String>>,
    /// The folder of the ledger, where it is not the usual one.
    pub ledger: Option<Spanned<String>>,
    /// The whole mapping.
    pub span: Span,
}

/// What weights are written to.
#[derive(Debug, Clone)]
pub struct TargetSpec {
    /// Which engine reads it.
    pub kind: Spanned<TargetKind>,
    /// The file, relative to the manifest; none of what only a command knows.
    pub path: Option<Spanned<String>>,
    /// What is split there: a variable, a flag, a backend, a group of models, a route; the release's name where absent.
    pub name: Option<Spanned<String>>,
    /// What the stable release is called there.
    pub stable: String,
    /// What the candidate is called there.
    pub candidate: String,
}

/// One step of a rollout.
#[derive(Debug, Clone)]
pub struct StepSpec {
    /// The candidate's share.
    pub weight: Spanned<TrafficWeight>,
    /// The least time in it.
    pub bake: Lasting,
    /// Who gets it first, where a flag is given to people by name.
    pub cohort: Option<Spanned<String>>,
}

/// `deployment: approvals`.
#[derive(Debug, Clone)]
pub struct ApprovalsSpec {
    /// How many before the first step.
    pub start: u32,
    /// How many before all traffic.
    pub full: u32,
    /// Who may; anyone where empty.
    pub from: Vec<Spanned<String>>,
    /// The file of keys that sign (`allowed_signers` of `ssh-keygen`), read from the protected branch.
    pub signers: Option<Spanned<String>>,
}

/// The signals that are watched where none are declared, as far as they are logged.
pub const USUAL_SIGNALS: &[&str] =
    &["user_flagged", "error", "safety_match", "prompt_leakage", "latency_ms", "cost_usd"];

/// `monitoring`.
#[derive(Debug, Clone)]
pub struct MonitoringSpec {
    /// Files of records; globs, also outside the root.
    pub log: Vec<Spanned<String>>,
    /// How they are written, where that is not to be told from their content.
    pub format: Option<Spanned<Format>>,
    /// Records that count.
    pub conditions: Vec<Condition>,
    /// Our names, each with the field of the records.
    pub fields: Vec<FieldSource>,
    /// What is watched; none where the usual signals are.
    pub signals: Vec<SignalSpec>,
    /// The share of records without a signal's field from which on it is blind, in `0..1`.
    pub missing: f64,
    /// The time without a record from which on everything is blind.
    pub silence: Lasting,
    /// The age from which on a record counts for a level of feedback that comes late.
    pub mature: Lasting,
    /// False alarms that are accepted after full rollout, all signals together.
    pub false_alarms: PerTime,
    /// How far back a change after full rollout is looked for.
    pub look_back: Lasting,
    /// Texts that answers may repeat: no leaks of a prompt.
    pub public: Vec<Spanned<String>>,
    /// Texts that stand in prompts only to be found in answers.
    pub canary_tokens: Vec<Spanned<String>>,
    /// Phrases by which answers refuse.
    pub refusals: Vec<Spanned<String>>,
    /// The whole mapping.
    pub span: Span,
}

impl MonitoringSpec {
    /// The ids of what is watched: of the signals that are declared, else of the usual ones.
    #[must_use]
    pub fn signal_ids(&self) -> Vec<String> {
        if self.signals.is_empty() {
            USUAL_SIGNALS.iter().map(|name| signal_id(name)).collect()
        } else {
            self.signals.iter().map(|signal| signal.id.value.clone()).collect()
        }
    }
}

/// The id of a signal that is a bare name.
#[must_use]
pub fn signal_id(name: &str) -> String {
    name.replace('_', "-")
}

/// One signal.
#[derive(Debug, Clone)]
pub struct SignalSpec {
    /// Its identifier: given, or made of the rule's words.
    pub id: Spanned<String>,
    /// What must hold.
    pub asked: SignalAsked,
    /// The metric's exact name, where the rule's words cannot spell it.
    pub metric: Option<Spanned<String>>,
    /// The harm that a step has to be able to see.
    pub detect: Option<Spanned<Quantity>>,
    /// What a value counts as at most.
    pub cap: Option<Spanned<f64>>,
    /// Whether a step ends only when it passed.
    pub shown: bool,
    /// What is done when it fails, where not what its category says.
    pub action: Option<Spanned<ActionSpec>>,
    /// Records that count for it.
    pub conditions: Vec<Condition>,
}

impl SignalSpec {
    /// A signal that says nothing but what it asks.
    #[must_use]
    pub fn bare(id: Spanned<String>, asked: SignalAsked) -> Self {
        Self {
            id,
            asked,
            metric: None,
            detect: None,
            cap: None,
            shown: false,
            action: None,
            conditions: Vec::new(),
        }
    }

    /// One of the [`USUAL_SIGNALS`], standing at `span`.
    #[must_use]
    pub fn usual(name: &str, span: Span) -> Self {
        let asked = SignalAsked::NotWorse(Spanned::new(name.to_owned(), span));
        Self::bare(Spanned::new(signal_id(name), span), asked)
    }
}

/// What a signal asks of production.
#[derive(Debug, Clone)]
pub enum SignalAsked {
    /// A rule, as gates have them.
    Rule(Rule),
    /// That values are spread as the stable release's are, up to the rule's number.
    Drift(Rule),
    /// That it is not shown worse than the stable release: a bare name.
    NotWorse(Spanned<String>),
}

/// What is done when a signal fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionSpec {
    /// All traffic to the last good release.
    RollBack,
    /// Another release with the last good artifacts of these kinds.
    Restore(Vec<ArtifactKind>),
    /// The candidate keeps this share at most, and the last good release serves the rest.
    Throttle(TrafficWeight),
    /// All traffic to this release.
    Switch(String),
    /// The weights stay, and a person is asked.
    Hold,
}

/// `rollback`.
#[derive(Debug, Clone)]
pub struct RollbackSpec {
    /// The version to go back to; the last good one where absent.
    pub to: Option<Spanned<String>>,
    /// Categories that need no person, where they are stated.
    pub automatic: Option<Vec<Category>>,
    /// What a category's failing signals bring about, where not the usual.
    pub actions: Vec<(Category, Spanned<ActionSpec>)>,
    /// How long nothing starts again after going back.
    pub cooldown: Lasting,
    /// So many ways back, and then a person is asked.
    pub most: PerTime,
}

impl Default for RollbackSpec {
    fn default() -> Self {
        Self {
            to: None,
            automatic: None,
            actions: Vec::new(),
            cooldown: Lasting::hours(1),
            most: PerTime { count: 2, per: Lasting::hours(24) },
        }
    }
}
