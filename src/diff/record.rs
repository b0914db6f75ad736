//! What one change is to whoever reads the comparison: a rule, a place, how much it matters, which way it goes.

use super::catalogue::{ChangeRule, Direction, Weight};

/// Files, names and entries that a record lists; the rest is counted.
pub(super) const LISTED: usize = 20;

/// One change between two releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which rule of the catalogue it is; its id is stable across releases of relgate.
    pub rule: ChangeRule,
    /// Where it is: `artifacts.prompts.system`, `gates.toxicity.threshold`, `policy.confidence`, `waivers.p95-latency`.
    pub path: String,
    /// The artifact it is about, as `prompts.system`.
    pub artifact: Option<String>,
    /// How much it matters.
    pub severity: Weight,
    /// Which way it goes.
    pub direction: Direction,
    /// One sentence for a person who does not read YAML; not escaped, secrets masked.
    pub text: String,
    /// How many bytes of `text` only say what it is about (`prompt system: v1.8 -> v1.9, `), so that records about one thing
    /// can be told under one heading; 0 where the sentence cannot be taken apart.
    pub subject: usize,
    /// What was; none where it was not there. Not escaped, secrets masked.
    pub before: Option<String>,
    /// What is; none where it is gone.
    pub after: Option<String>,
    /// What shows it: passages of a text word by word, example rows.
    pub details: Vec<Detail>,
}

/// One piece of what shows a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// A line of text.
    Line(String),
    /// A passage of a text, word by word.
    Words {
        /// The line on which it starts, in the new text where that has it, from 1.
        line: usize,
        /// Its pieces in order, spaces included.
        pieces: Vec<(WordEdit, String)>,
    },
}

impl Detail {
    /// The first `most` lines, and how many more there are.
    pub(super) fn lines(lines: impl IntoIterator<Item = String>, most: usize) -> Vec<Self> {
        let mut lines = lines.into_iter();
        let mut shown: Vec<Self> = lines.by_ref().take(most).map(Self::Line).collect();
        let more = lines.count();
        if more > 0 {
            shown.push(Self::Line(format!("and {more} more")));
        }
        shown
    }
}

/// What became of a piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordEdit {
    /// Both have it.
    Same,
    /// Only the text before has it.
    Removed,
    /// Only the text after has it.
    Added,
}

impl Record {
    /// A record with the rule's own severity and direction, and nothing before or after.
    #[must_use]
    pub fn new(rule: ChangeRule, path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            rule,
            path: path.into(),
            artifact: None,
            severity: rule.severity(),
            direction: rule.direction(),
            text: text.into(),
            subject: 0,
            before: None,
            after: None,
            details: Vec::new(),
        }
    }

    /// The sentence in two: what it is about, without the punctuation before the rest, and the rest.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        let (subject, rest) = self.text.split_at_checked(self.subject).unwrap_or(("", &self.text));
        (subject.trim_end_matches([',', ':', ' ']), rest)
    }

    /// With a sentence that goes on after `subject`.
    #[must_use]
    pub fn on(rule: ChangeRule, path: impl Into<String>, subject: &str, goes_on: &str) -> Self {
        Self { subject: subject.len(), ..Self::new(rule, path, format!("{subject}{goes_on}")) }
    }

    /// About this artifact, by its key (`prompts.system`).
    #[must_use]
    pub fn of(mut self, artifact: impl Into<String>) -> Self {
        self.artifact = Some(artifact.into());
        self
    }

    /// With another severity than the rule's own.
    #[must_use]
    pub fn weighs(mut self, severity: Weight) -> Self {
        self.severity = severity;
        self
    }

    /// With another direction than the rule's own.
    #[must_use]
    pub fn goes(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// With what was and what is.
    #[must_use]
    pub fn from_to(mut self, before: Option<String>, after: Option<String>) -> Self {
        (self.before, self.after) = (before, after);
        self
    }

    /// With what shows it.
    #[must_use]
    pub fn showing(mut self, details: impl IntoIterator<Item = Detail>) -> Self {
        self.details.extend(details);
        self
    }

    /// Whether it lets more through than before, or nobody can say that it does not: a gate that asks something else, bytes
    /// that changed in silence, what a safety policy of another tool means by its values.
    #[must_use]
    pub fn may_be_looser(&self) -> bool {
        let policy = || self.artifact.as_deref().is_some_and(|key| key.starts_with("safety_policies."));
        match self.direction {
            Direction::Looser => true,
            Direction::Unknown => self.severity >= Weight::Blocking || policy(),
            Direction::Neutral | Direction::Tighter => false,
        }
    }

    /// What the order of outputs goes by: what got looser first, then by weight, then by rule and place.
    pub(super) fn rank(&self) -> (bool, std::cmp::Reverse<Weight>, ChangeRule, &str) {
        (self.direction != Direction::Looser, std::cmp::Reverse(self.severity), self.rule, &self.path)
    }
}
