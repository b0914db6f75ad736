//! The finished view of a judgement: every renderer reads this and decides nothing.

use crate::diagnostic::Code;
use chrono::{DateTime, NaiveDate, Utc};

use crate::change::Required;
use crate::diff::Record;
use crate::gate::{Outcome, Reason};
use crate::manifest::{Category, Enforcement, Policy, Reference, ReleaseType, Unit};
use crate::metric::{Estimate, Needed};
use crate::verdict::Decision;

/// A whole judgement.
#[derive(Debug, Clone)]
pub struct Report {
    /// Version of relgate.
    pub tool_version: &'static str,
    /// When the report was made.
    pub generated_at: DateTime<Utc>,
    /// The day that expiry and age are judged on.
    pub as_of: NaiveDate,
    /// What is released.
    pub release: Release,
    /// The one word.
    pub decision: Decision,
    /// The gates in the order of the manifest.
    pub gates: Vec<Gate>,
    /// The pinned artifacts in the order of the manifest.
    pub artifacts: Vec<Artifact>,
    /// What changed since the baseline, what got looser first; none without a baseline, or where it could not be told.
    pub changes: Option<Vec<Record>>,
    /// The same a line each, as far as it is known: `prompt system v1.8 -> v1.9: 3 passages changed`.
    pub changed: Vec<String>,
    /// How it was judged.
    pub policy: Policy,
    /// What its gates had to show together.
    pub required: Required,
    /// What it was judged on.
    pub evidence: Vec<Evidence>,
    /// What could not be judged.
    pub errors: Vec<Finding>,
    /// What is worth a look.
    pub warnings: Vec<Finding>,
}

/// What is released.
#[derive(Debug, Clone)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: semver::Version,
    /// Its type.
    pub release_type: ReleaseType,
    /// Its one sentence.
    pub summary: Option<String>,
    /// The digest of the manifest.
    pub manifest_sha256: String,
    /// The digest of the lock that its artifacts were held against; none without a lock.
    pub lock_sha256: Option<String>,
}

/// One gate, judged.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Its identifier.
    pub id: String,
    /// Its rule as written.
    pub rule: String,
    /// The metric's folded name.
    pub metric: String,
    /// What it is about.
    pub category: Option<Category>,
    /// What its outcome does.
    pub enforcement: Enforcement,
    /// What it came to.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// Why, in a sentence.
    pub why: String,
    /// What to do about it, in a sentence; none for a pass.
    pub advice: Option<String>,
    /// The exceptions that it ships under; empty where it needs none.
    pub waived: Vec<Waiver>,
    /// Why the gate is there.
    pub rationale: Option<String>,
    /// The candidate's numbers.
    pub candidate: Estimate,
    /// The baseline's numbers and the change, for a comparison.
    pub comparison: Option<Comparison>,
    /// The slices that were judged on their own.
    pub slices: Vec<Slice>,
    /// The evidence they come from.
    pub evidence: String,
    /// The comparison as written.
    pub op: &'static str,
    /// The threshold in `unit`.
    pub threshold: f64,
    /// The threshold as written.
    pub threshold_text: String,
    /// The unit of the judged numbers and the threshold.
    pub unit: Unit,
    /// p-value of "the rule holds".
    pub p_pass: Option<f64>,
    /// p-value of "the rule is broken".
    pub p_fail: Option<f64>,
    /// The same in the light of all gates.
    pub p_fail_adjusted: Option<f64>,
    /// The size of a fresh run, for a gate that did not pass.
    pub needed: Option<Needed>,
}

/// An accepted exception.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub owner: String,
    /// Who accepted it.
    pub approver: String,
    /// The last day on which it holds.
    pub expires: NaiveDate,
    /// The worst value that it accepts, as written.
    pub limit: Option<String>,
}

/// What a comparison adds to the candidate's numbers.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Which earlier release the candidate is compared with.
    pub against: Reference,
    /// That release's numbers.
    pub baseline: Estimate,
    /// The change, as the rule means it.
    pub change: Estimate,
    /// Whether it is relative to the baseline.
    pub relative: bool,
    /// Whether both were measured on the same ids.
    pub paired: bool,
}

/// One slice of a gate.
#[derive(Debug, Clone)]
pub struct Slice {
    /// Field and value.
    pub key: Vec<(String, String)>,
    /// The same as a person names it.
    pub name: String,
    /// What it came to.
    pub outcome: Outcome,
    /// The candidate's numbers in it.
    pub candidate: Estimate,
    /// The numbers that were judged: the candidate's, or the change.
    pub judged: Estimate,
    /// p-value of "the rule holds".
    pub p_pass: Option<f64>,
    /// p-value of "the rule is broken".
    pub p_fail: Option<f64>,
}

/// One pinned artifact.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// `model`, `prompt`, ...
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its digest, where one is known.
    pub sha256: Option<String>,
    /// `added`, `modified`, `removed`, `unchanged`; none without a baseline.
    pub changed: Option<&'static str>,
}

/// One evidence entry.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Its name.
    pub name: String,
    /// How its files are written.
    pub format: &'static str,
    /// Its digest: of the file, or of `digest  name` lines where there are several.
    pub sha256: String,
    /// The declared digest.
    pub declared: Option<String>,
    /// Rows in it; none for aggregates.
    pub rows: Option<u64>,
    /// Rows that count.
    pub selected: Option<u64>,
    /// Rows that count and have every gated score.
    pub scored: Option<u64>,
    /// Rows that count and carry an error.
    pub errored: Option<u64>,
}

/// An error or a warning.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Stable identifier.
    pub code: Code,
    /// One sentence.
    pub text: String,
    /// The file, if it stands in one.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
}

impl Finding {
    /// The sentence with its place, for a terminal.
    #[must_use]
    pub fn in_a_line(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{} ({file}:{line})", self.text),
            (Some(file), None) => format!("{} ({file})", self.text),
            _ => self.text.clone(),
        }
    }
}

impl Gate {
    /// The numbers that were judged: the change of a comparison, else the candidate's.
    #[must_use]
    pub fn judged(&self) -> &Estimate {
        self.comparison.as_ref().map_or(&self.candidate, |comparison| &comparison.change)
    }
}

impl Report {
    /// What the gates had to show together, and who says so: `quality, safety (default of a hotfix)`.
    #[must_use]
    pub fn requirement(&self) -> String {
        let categories = self.required.categories.iter().map(|category| category.value.word());
        let guard = self.required.no_regression.map(|_| "quality no worse than the baseline's");
        let mut parts: Vec<&str> = categories.chain(guard).collect();
        if parts.is_empty() {
            parts.push("no category");
        }
        let from = match self.required.stated {
            Some(_) => "stated by the policy".to_owned(),
            None => format!("the default of a {}", self.release.release_type),
        };
        format!("{} ({from})", parts.join(", "))
    }

    /// The blocking gates with an outcome.
    pub fn blocking_with(&self, outcome: Outcome) -> impl Iterator<Item = &Gate> {
        self.gates
            .iter()
            .filter(move |gate| gate.enforcement == Enforcement::Block && gate.outcome == outcome)
    }

    /// What kept the release from being judged, in one line: the first error, else the first blocking gate with one.
    #[must_use]
    pub fn first_error(&self) -> Option<String> {
        let finding = self.errors.first().map(Finding::in_a_line);
        finding.or_else(|| {
            self.blocking_with(Outcome::Error).next().map(|gate| format!("{}: {}", gate.id, gate.why))
        })
    }

    /// The verdict in one sentence, without the word itself.
    #[must_use]
    pub fn headline(&self) -> String {
        let name = format!("{} {}", self.release.name, self.release.version);
        let blocking = self.gates.iter().filter(|gate| gate.enforcement == Enforcement::Block).count();
        let of = |outcome| self.blocking_with(outcome).count();
        match self.decision {
            Decision::Pass if self.gates.iter().any(|gate| !gate.waived.is_empty()) => format!(
                "{name} may ship under {}: {} of {} passed, {} waived",
                waivers(self.gates.iter().map(|gate| gate.waived.len()).sum()),
                of(Outcome::Pass),
                gates(blocking),
                self.gates.iter().filter(|gate| !gate.waived.is_empty()).count()
            ),
            Decision::Pass if of(Outcome::Inconclusive) > 0 => format!(
                "{name} may ship: {} of {} passed, {} undecided (the policy warns)",
                of(Outcome::Pass),
                gates(blocking),
                of(Outcome::Inconclusive)
            ),
            Decision::Pass => format!("{name} may ship: {} of {} passed", of(Outcome::Pass), gates(blocking)),
            Decision::Fail => {
                format!("{name} must not ship: {} of {} failed", of(Outcome::Fail), gates(blocking))
            }
            Decision::Inconclusive => format!(
                "{name} may not ship yet: {} of {} could not be decided",
                of(Outcome::Inconclusive),
                gates(blocking)
            ),
            Decision::Error => format!("{name} could not be judged"),
        }
    }
}

fn waivers(n: usize) -> String {
    if n == 1 { "1 waiver".to_owned() } else { format!("{n} waivers") }
}

fn gates(n: usize) -> String {
    if n == 1 { "1 blocking gate".to_owned() } else { format!("{n} blocking gates") }
}
