//! The finished view of a comparison: every renderer reads this and decides nothing.

use crate::diagnostic::list;
use crate::diff::{Direction, Record, Weight};
use crate::manifest::{ReleaseType, Unit};
use crate::metric::Estimate;
use crate::report::v1::{ReportFinding, ReportTool};

/// Two releases, compared.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Which relgate compared.
    pub tool: ReportTool,
    /// The release before.
    pub before: ComparedRelease,
    /// The release after.
    pub after: ComparedRelease,
    /// Every change, what got looser first, then by weight.
    pub records: Vec<Record>,
    /// What was measured on both sides, in the order of the gates.
    pub figures: Vec<ComparedFigure>,
    /// Why figures are missing, a sentence each.
    pub notes: Vec<String>,
    /// Evidence without usable results.
    pub missing: Missing,
    /// What is worth a look.
    pub warnings: Vec<ReportFinding>,
    /// What was asked to count as a failure: `looser`, `blocking`, `review`, `any`.
    pub fail_on: Option<&'static str>,
    /// The exit code.
    pub exit_code: u8,
}

/// Names of evidence entries whose results are not there or cannot be used.
#[derive(Debug, Clone, Default)]
pub struct Missing {
    /// In the release before.
    pub before: Vec<String>,
    /// In the release after.
    pub after: Vec<String>,
}

/// One of the two releases.
#[derive(Debug, Clone)]
pub struct ComparedRelease {
    /// `name` of its manifest.
    pub name: String,
    /// `version` of its manifest.
    pub version: semver::Version,
    /// `type` of its manifest.
    pub release_type: ReleaseType,
    /// Where it was read from: `release.yaml`, `git:v2.3.0:release.yaml`, a bundle's folder.
    pub source: String,
    /// The digest of the manifest.
    pub manifest_sha256: String,
}

/// One quantity on both sides.
#[derive(Debug, Clone)]
pub struct ComparedFigure {
    /// The gates of the release after that are about it.
    pub gates: Vec<String>,
    /// The metric's folded name.
    pub metric: String,
    /// The evidence it comes from.
    pub evidence: String,
    /// The unit of both sides.
    pub unit: Unit,
    /// The threshold in `unit`, so that no value is rounded onto it; not a number where a gate has none.
    pub threshold: f64,
    /// The release before.
    pub before: Estimate,
    /// The release after.
    pub after: Estimate,
    /// After minus before; none where no difference can be named.
    pub difference: Option<FigureDifference>,
    /// Why there is no difference or no interval.
    pub note: Option<String>,
}

/// After minus before.
#[derive(Debug, Clone)]
pub struct FigureDifference {
    /// The difference with its limits.
    pub estimate: Estimate,
    /// Its unit: points for proportions, a proportion where it is relative.
    pub unit: Unit,
    /// Whether it is a share of the release before.
    pub relative: bool,
    /// Whether both were measured on the same ids.
    pub paired: bool,
}

/// The parts that outputs show one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Looser,
    Blocking,
    Review,
    Info,
}

impl Group {
    pub(super) const ALL: [Self; 4] = [Self::Looser, Self::Blocking, Self::Review, Self::Info];

    fn of(record: &Record) -> Self {
        match (record.direction, record.severity) {
            (Direction::Looser, _) => Self::Looser,
            (_, Weight::Blocking) => Self::Blocking,
            (_, Weight::Review) => Self::Review,
            (_, Weight::Info) => Self::Info,
        }
    }

    /// The heading, and what it means.
    pub(super) fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::Looser => ("Looser", "lets more through than before"),
            Self::Blocking => ("Blocking", "should not ship without a decision"),
            Self::Review => ("To review", "somebody should look at it"),
            Self::Info => ("For information", "good to know"),
        }
    }
}

impl Comparison {
    /// The records of a part, in order.
    pub(super) fn group(&self, group: Group) -> Vec<&Record> {
        self.records.iter().filter(|record| Group::of(record) == group).collect()
    }

    /// Records with a severity.
    pub(super) fn weighing(&self, severity: Weight) -> usize {
        self.records.iter().filter(|record| record.severity == severity).count()
    }

    /// Records with a direction.
    pub(super) fn going(&self, direction: Direction) -> usize {
        self.records.iter().filter(|record| record.direction == direction).count()
    }

    /// `support-assistant 2.3.0 -> 2.4.0`.
    pub(super) fn title(&self) -> String {
        let ComparedRelease { name, version, .. } = &self.before;
        let ComparedRelease { name: new_name, version: new_version, .. } = &self.after;
        if name == new_name {
            format!("{name} {version} -> {new_version}")
        } else {
            format!("{name} {version} -> {new_name} {new_version}")
        }
    }

    /// How many changes there are, by their parts: `2 looser (1 of them blocking), 4 to review`; and whether results
    /// are missing that would have to say that nothing got worse.
    pub(super) fn tally(&self) -> String {
        let missing = self.missing();
        if self.records.is_empty() {
            let same = self.before.manifest_sha256 == self.after.manifest_sha256;
            let otherwise = "; the manifests differ only in what no gate reads (layout, comments, summary)";
            return match missing {
                // The same release twice has nothing to be compared.
                Some(_) if same && self.missing.before == self.missing.after => "no changes".to_owned(),
                Some(missing) => format!("no changes are declared; {missing}"),
                None if same => "no changes".to_owned(),
                None => format!("no changes{otherwise}"),
            };
        }
        let counts = self.counts();
        // Releases compared without any results are compared by what they declare.
        let lost =
            missing.filter(|_| self.missing.after.iter().any(|name| !self.missing.before.contains(name)));
        lost.map_or_else(|| counts.clone(), |missing| format!("{counts}; {missing}"))
    }

    /// Which results are missing; nothing where all are there or nobody asked for them.
    fn missing(&self) -> Option<String> {
        let of = |names: &[String], which: &str| {
            let listed = list(names.iter().map(String::as_str), 4);
            (!names.is_empty()).then(|| format!("{which} (of {listed})"))
        };
        let Missing { before, after } = &self.missing;
        let sides = if before == after {
            of(after, "on both sides")
        } else {
            let sides: Vec<String> =
                [of(before, "before"), of(after, "after")].into_iter().flatten().collect();
            (!sides.is_empty()).then(|| sides.join(" and "))
        };
        sides.map(|sides| format!("results are missing {sides}"))
    }

    /// Why the exit code is 1, where it is.
    pub(super) fn why_it_fails(&self) -> Option<String> {
        let level = self.fail_on.filter(|_| self.exit_code != 0)?;
        let count = |wanted: &dyn Fn(&Record) -> bool| self.records.iter().filter(|one| wanted(one)).count();
        let at_least = |least| count(&|one: &Record| one.severity >= least);
        let what = match level {
            "looser" => {
                let looser = count(&|one: &Record| one.direction == Direction::Looser);
                let unsure = count(&Record::may_be_looser) - looser;
                let unsure = (unsure > 0).then(|| format!("{unsure} that may be looser"));
                let looser = (looser > 0).then(|| format!("{looser} looser"));
                [looser, unsure].into_iter().flatten().collect::<Vec<_>>().join(", and ")
            }
            "blocking" => format!("{} blocking", at_least(Weight::Blocking)),
            "review" => format!("{} to review or blocking", at_least(Weight::Review)),
            _ => format!("{} in all", self.records.len()),
        };
        Some(format!("exit code {} for `--fail-on {level}`: {what}", self.exit_code))
    }

    /// How many changes there are in each part.
    fn counts(&self) -> String {
        let part = |group: Group| {
            let records = self.group(group);
            let count = records.len();
            let blocking = records.iter().filter(|record| record.severity == Weight::Blocking).count();
            let text = match group {
                _ if count == 0 => return None,
                Group::Looser if blocking == count => format!("{count} looser (blocking)"),
                Group::Looser if blocking > 0 => format!("{count} looser ({blocking} of them blocking)"),
                Group::Looser => format!("{count} looser"),
                Group::Blocking => format!("{count} blocking"),
                Group::Review => format!("{count} to review"),
                Group::Info => format!("{count} for information"),
            };
            Some(text)
        };
        Group::ALL.into_iter().filter_map(part).collect::<Vec<_>>().join(", ")
    }
}
