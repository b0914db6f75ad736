//! What the stages found, in the types of the report.

use chrono::{DateTime, NaiveDate, Utc};

use super::wire::{Schema, Word};
use super::{
    Report, ReportChange, ReportDetail, ReportEstimate, ReportFinding, ReportMissing, ReportNeeded,
    ReportOperating, ReportPolicy, ReportRecord, ReportRelease, ReportTool, ReportWord, SliceKey,
};
use crate::change::Required;
use crate::diagnostic::{Diagnostic, Sources};
use crate::diff::{Detail, Record, WordEdit};
use crate::manifest::{MissingSamples, Policy};
use crate::metric::{Estimate, Needed, Operating, POWER};
use crate::report::exit::Exit;
use crate::report::next::{NextFacts, next};
use crate::verdict::Decision;

impl Report {
    /// The report on a release that could not be judged.
    #[must_use]
    pub fn unjudged(
        manifest: Option<String>,
        release: Option<ReportRelease>,
        generated_at: DateTime<Utc>,
        as_of: NaiveDate,
        errors: Vec<ReportFinding>,
        warnings: Vec<ReportFinding>,
    ) -> Self {
        Self {
            schema: Schema,
            tool: ReportTool::own(),
            generated_at,
            as_of,
            manifest,
            release,
            decision: Word(Decision::Error),
            exit_code: Exit::Error.code(),
            next: next(&NextFacts {
                decision: Decision::Error,
                gates: &[],
                errors: &errors,
                policy: None,
                waivable: &[],
                has_waivers: false,
                passed_before: None,
                is_draft: false,
            }),
            gates: Vec::new(),
            distributions: Vec::new(),
            risks: Vec::new(),
            artifacts: Vec::new(),
            changes: None,
            changes_since: None,
            changed: Vec::new(),
            waivers: Vec::new(),
            policy: None,
            evidence: Vec::new(),
            errors,
            warnings,
            command: None,
            checksum: String::new(),
            remembered: None,
        }
    }
}

impl ReportFinding {
    /// A finding, with its place in the files that `sources` holds.
    #[must_use]
    pub fn of(finding: &Diagnostic, sources: &Sources) -> Self {
        let (file, line, column) = finding.file_line_column(sources);
        Self {
            code: finding.code.word().to_owned(),
            text: finding.title.clone(),
            file,
            line,
            column,
            help: finding.help.clone(),
        }
    }
}

impl ReportEstimate {
    /// An estimate that was made on the entry `evidence`.
    #[must_use]
    pub fn of(estimate: &Estimate, evidence: &str) -> Self {
        Self {
            value: estimate.value.into(),
            lower: estimate.lower.into(),
            upper: estimate.upper.into(),
            unbounded: unbounded(estimate),
            confidence: estimate.confidence.into(),
            n: estimate.n,
            events: estimate.events,
            clusters: estimate.clusters,
            selected: estimate.selected,
            rows: estimate.rows,
            missing: estimate.missing,
            method: Word(estimate.method),
            evidence: evidence.to_owned(),
        }
    }
}

impl ReportChange {
    /// The estimate of a change.
    #[must_use]
    pub fn of(estimate: &Estimate, relative: bool, paired: bool) -> Self {
        Self {
            value: estimate.value.into(),
            lower: estimate.lower.into(),
            upper: estimate.upper.into(),
            unbounded: unbounded(estimate),
            confidence: estimate.confidence.into(),
            n: estimate.n,
            relative,
            paired,
            method: Word(estimate.method),
        }
    }
}

/// The sides that no limit closes.
fn unbounded(estimate: &Estimate) -> Vec<String> {
    let sides = [(estimate.unbounded_below, "lower"), (estimate.unbounded_above, "upper")];
    sides.into_iter().filter(|(open, _)| *open).map(|(_, side)| side.to_owned()).collect()
}

impl ReportNeeded {
    /// The size of a fresh run of the whole, or of a slice of it.
    #[must_use]
    pub fn of(needed: &Needed, slice: Option<SliceKey>) -> Self {
        Self {
            samples: needed.samples,
            slice,
            power: POWER.into(),
            assumed: needed.assumed.into(),
            least: needed.least,
        }
    }
}

impl ReportOperating {
    /// The curve, where there is one.
    #[must_use]
    pub fn of(operating: &Operating) -> Option<Self> {
        let curve = operating.curve();
        (curve.len() > 1).then(|| Self {
            of_share: operating.of_share,
            exact: operating.is_exact(),
            truths: curve.iter().map(|chance| chance.truth.into()).collect(),
            passes: curve.iter().map(|chance| chance.passes.into()).collect(),
        })
    }
}

impl ReportPolicy {
    /// A policy, and what it or the release type requires.
    #[must_use]
    pub fn of(policy: &Policy, required: &Required) -> Self {
        Self {
            confidence: policy.confidence.level().into(),
            fail_confidence: policy.fail_confidence.level().into(),
            looks: policy.looks,
            on_inconclusive: policy.on_inconclusive.word().to_owned(),
            point_estimates: policy.point_estimates.word().to_owned(),
            missing_samples: ReportMissing {
                exclude_up_to: match policy.missing_samples {
                    MissingSamples::WorstCase => 0.0.into(),
                    MissingSamples::ExcludeUpTo(share) => share.into(),
                },
            },
            binding: policy.binding.word().to_owned(),
            unpinned_models: policy.unpinned_models.word().to_owned(),
            looser_changes: policy.looser_changes.word().to_owned(),
            waiver_at_most: policy.waiver_at_most.to_string(),
            max_evidence_age: policy.max_evidence_age.map(|age| age.value.to_string()),
            require: required.categories.iter().map(|category| Word(category.value)).collect(),
            require_stated: required.stated.is_some(),
            no_regression_on_quality: required.no_regression.is_some(),
            observed_counts: policy.observed_counts,
            risks: policy.risks.word().to_owned(),
        }
    }
}

impl From<&Record> for ReportRecord {
    fn from(record: &Record) -> Self {
        Self {
            id: record.rule.id().to_owned(),
            path: record.path.clone(),
            artifact: record.artifact.clone(),
            severity: Word(record.severity),
            direction: Word(record.direction),
            text: record.text.clone(),
            before: record.before.clone(),
            after: record.after.clone(),
            details: record.details.iter().map(ReportDetail::from).collect(),
        }
    }
}

impl From<&Detail> for ReportDetail {
    fn from(detail: &Detail) -> Self {
        let word =
            |(piece, text): &(WordEdit, String)| ReportWord { op: op(*piece).to_owned(), text: text.clone() };
        match detail {
            Detail::Line(line) => Self::Line { line: line.clone() },
            Detail::Words { line, pieces } => {
                Self::Words { at: *line, words: pieces.iter().map(word).collect() }
            }
        }
    }
}

fn op(piece: WordEdit) -> &'static str {
    match piece {
        WordEdit::Same => "same",
        WordEdit::Removed => "removed",
        WordEdit::Added => "added",
    }
}
