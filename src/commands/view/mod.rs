//! The finished view of a judgement, put together from what the stages found.

mod built_in;
mod claims;
mod required;
mod risks;
mod waivers;

use super::clock::Clock;
use super::places::Places;
use crate::artifact;
use crate::change::Changes;
use crate::diagnostic::{Code, Diagnostic};
use crate::diff::Record;
use crate::evidence::ToolRun;
use crate::gate::{Gate, Outcome, Part, Subject};
use crate::judge::{self, Distribution, Entry, Judgement, NamedCase, Retired};
use crate::manifest::Digest;
use crate::metric::{Estimate, SHARES, Table};
use crate::release::Release;
use crate::report::Exit;
use crate::report::changes;
use crate::report::v1::{
    Finite, Report, ReportAcceptance, ReportArtifact, ReportCase, ReportChange, ReportDistribution,
    ReportEstimate, ReportEvidence, ReportFinding, ReportGate, ReportJudge, ReportNeeded, ReportOperating,
    ReportPolicy, ReportRater, ReportReason, ReportRecord, ReportRelease, ReportRerun, ReportRetired,
    ReportSlice, ReportThreshold, ReportTool, ReportVersion, Schema, SliceKey, Word,
};
use crate::report::words::{self, Facts};
use crate::report::{NextFacts, next};
use crate::verdict::{Decision, GateResult, Verdict};

/// What the finished view is made of.
pub(super) struct View<'a> {
    /// The release.
    pub(super) release: &'a Release,
    /// Where things stand in its files.
    pub(super) places: &'a Places<'a>,
    pub(super) baseline: Option<&'a Release>,
    /// What changed since the baseline.
    pub(super) changes: &'a Changes,
    /// The same in detail; none without a baseline, or where it could not be told.
    pub(super) records: Option<&'a [Record]>,
    /// What was judged.
    pub(super) judgement: &'a Judgement,
    /// The digest of its criteria.
    pub(super) criteria: Option<Digest>,
    /// Whether its manifest stands in no file.
    pub(super) is_draft: bool,
    /// The command that judges it again.
    pub(super) command: &'a str,
}

/// What the report lists beside the gates.
#[derive(Default)]
struct Findings {
    errors: Vec<ReportFinding>,
    warnings: Vec<ReportFinding>,
}

impl View<'_> {
    /// The whole report.
    pub(super) fn report(&self, clock: Clock) -> Report {
        let (release, judgement) = (self.release, self.judgement);
        let (manifest, verdict) = (&release.manifest, &judgement.verdict);
        let mut findings = Findings::default();
        self.claims(&mut findings);
        self.uncovered(&mut findings);
        self.waivers(&mut findings, clock.as_of);
        let Findings { mut errors, mut warnings } = findings;
        warnings.extend(judgement.warnings.iter().map(|finding| self.finding(finding)));
        if !verdict.asked {
            let title = "no gate blocks and applies, so nothing stands between this release and production";
            errors.push(self.finding(&Diagnostic::error(Code::NoBlockingGate, title)));
        }
        let gates: Vec<ReportGate> = verdict.gates.iter().filter_map(|result| self.gate(result)).collect();
        let policy = ReportPolicy::of(&manifest.policy, &judgement.required);
        let next = next(&NextFacts {
            decision: verdict.decision,
            gates: &gates,
            errors: &errors,
            policy: Some(&policy),
            waivable: if self.is_draft { &[] } else { &judgement.waivable },
            has_waivers: !manifest.waivers.is_empty(),
            passed_before: self.passed_before(),
            is_draft: self.is_draft,
        });
        Report {
            schema: Schema,
            tool: ReportTool::own(),
            generated_at: clock.generated_at,
            as_of: clock.as_of,
            manifest: Some(self.places.manifest()),
            release: Some(ReportRelease {
                name: manifest.name.value.clone(),
                version: manifest.version.value.clone(),
                release_type: Word(manifest.release_type.value),
                summary: manifest.summary.as_ref().map(|summary| summary.value.clone()),
                manifest_sha256: release.sha256.hex().to_owned(),
                lock_sha256: release.lock.as_ref().map(|digest| digest.hex().to_owned()),
                criteria_sha256: self.criteria.as_ref().map(|digest| digest.hex().to_owned()),
            }),
            decision: Word(verdict.decision),
            exit_code: Exit::from(verdict.decision).code(),
            next,
            gates,
            distributions: self.distributions(),
            risks: self.risks(clock.as_of),
            artifacts: self.artifacts(),
            changes: self.records.map(|records| records.iter().map(ReportRecord::from).collect()),
            changes_since: self.baseline.map(|base| base.manifest.version.value.to_string()),
            changed: changes::lines(self.changes, self.records.unwrap_or_default()),
            waivers: self.declared_waivers(),
            policy: Some(policy),
            evidence: self.evidence(),
            errors,
            warnings,
            command: Some(self.command.to_owned()),
            checksum: String::new(),
            remembered: None,
        }
    }

    /// The version of the baseline, where its bundle says that it passed.
    fn passed_before(&self) -> Option<String> {
        let base = self.baseline?;
        let passed = base.bundled.as_ref().is_some_and(|kept| kept.decision == Decision::Pass.word());
        passed.then(|| base.manifest.version.value.to_string())
    }

    fn gate(&self, result: &GateResult) -> Option<ReportGate> {
        match &result.judged.subject {
            Subject::Declared(gate) => self.declared(result, gate),
            Subject::BuiltIn(own) => self.counted(result, self.told(*own)),
            Subject::Risk(id) => self.counted(result, self.risk(id)),
        }
    }

    fn declared(&self, result: &GateResult, gate: &Gate) -> Option<ReportGate> {
        let Gate { spec, bound, .. } = gate;
        let cases = self.judgement.cases.get(result.judged.id());
        let text = spec.rule.threshold.value.to_string();
        let op = bound.comparator.symbol();
        let part = result.part()?;
        let facts = Facts { result, part, bound, target: format!("{op} {text}") };
        let whole = &result.judged.parts.first()?.assessment;
        let levels = whole.levels.as_ref();
        let (p_fail, p_fail_adjusted) = result.p_fail();
        let needed = part.assessment.needed.as_ref().filter(|_| result.outcome == Outcome::Inconclusive);
        let of = |estimate: &Estimate| ReportEstimate::of(estimate, &bound.evidence);
        Some(ReportGate {
            id: result.judged.id().to_owned(),
            rule: spec.rule.text.clone(),
            place: Some(self.places.of(spec.rule.subject_span())),
            metric: bound.metric.clone(),
            category: bound.category.map(Word),
            enforcement: Word(result.judged.enforcement()),
            outcome: Word(result.outcome),
            stops: self.stops(result),
            waived: self.acceptance(result),
            reason: ReportReason {
                code: result.reason.code().to_owned(),
                kind: result.reason.kind().map(Word),
                text: words::why(&facts),
                advice: words::advice(&facts),
            },
            rationale: spec.rationale.as_ref().map(|rationale| rationale.value.clone()),
            candidate: of(levels.map_or(&whole.estimate, |levels| &levels.candidate)),
            against: levels.and_then(|_| bound.against()).map(Word),
            baseline: levels
                .map(|levels| levels.baseline.clone())
                .or_else(|| judge::before(gate, &self.judgement.entries, &self.release.manifest.policy))
                .filter(|_| result.outcome != Outcome::NotApplicable)
                .map(|estimate| of(&estimate)),
            change: levels.map(|levels| ReportChange::of(&whole.estimate, levels.relative, levels.paired)),
            unit: bound.change.map_or(bound.unit, |change| change.level_unit),
            threshold: ReportThreshold {
                op: op.to_owned(),
                value: bound.threshold.into(),
                unit: bound.unit,
                text,
                change: bound.change.map(|change| Word(change.word)),
            },
            p_pass: result.p_pass().into(),
            p_fail: p_fail.into(),
            p_fail_adjusted: p_fail_adjusted.into(),
            needed: needed
                .map(|needed| ReportNeeded::of(needed, (!part.key.is_empty()).then(|| slice_key(part)))),
            cases: cases.map(|cases| cases.named.iter().map(case).collect()),
            cases_omitted: cases.map(|cases| cases.omitted),
            operating: whole.operating.as_ref().and_then(ReportOperating::of),
            distribution: self.judgement.distributions.of_gates.get(result.judged.id()).copied(),
            signature: bound.measure.signature(),
            judge: whole.beside.judge.as_ref().map(ReportJudge::of),
            raters: ReportRater::all(&whole.beside),
            versions: ReportVersion::all(&whole.beside),
            rerun: whole.beside.rerun.as_ref().map(ReportRerun::of),
            slices: result.judged.parts.iter().skip(1).map(|part| slice(part, &bound.evidence)).collect(),
        })
    }

    /// Whether a gate keeps the release from passing.
    fn stops(&self, result: &GateResult) -> bool {
        Verdict::is_in_the_way(result, &self.release.manifest.policy)
    }

    fn acceptance(&self, result: &GateResult) -> Option<ReportAcceptance> {
        let place = result.waived.first()?;
        let waiver = &self.judgement.verdict.waivers.get(*place)?.acceptance.waiver;
        Some(ReportAcceptance {
            reason: waiver.reason.value.clone(),
            owner: waiver.owner.value.clone(),
            approver: waiver.approver.value.clone(),
            expires: waiver.expires.value,
            limit: waiver.limit.as_ref().map(|limit| limit.value.to_string()),
        })
    }

    fn artifacts(&self) -> Vec<ReportArtifact> {
        let declared = &self.release.manifest.artifacts;
        let role = |pinned: &artifact::PinnedArtifact| {
            let own = declared.iter().find(|one| one.kind == pinned.kind && one.name.value == pinned.name);
            own.and_then(|own| own.role.as_ref())
        };
        let artifact = |pinned: &artifact::PinnedArtifact| ReportArtifact {
            kind: pinned.kind.singular().to_owned(),
            name: pinned.name.clone(),
            version: pinned.version.clone(),
            sha256: pinned.digest().map(|digest| digest.hex().to_owned()),
            path: pinned.path.clone(),
            uri: pinned.uri.clone(),
            content: pinned.content.word().to_owned(),
            role: role(pinned).map(|role| role.value.word().to_owned()),
            changed: self
                .changes
                .get(pinned.kind, &pinned.name)
                .and_then(|one| one.change)
                .map(|change| change.word().to_owned()),
        };
        self.release.pinned.iter().map(artifact).collect()
    }

    fn evidence(&self) -> Vec<ReportEvidence> {
        let reasons = |entry: &Entry| entry.table.as_ref().map(|table| table.reasons.told(MOST_REASONS));
        let entry = |entry: &Entry| ReportEvidence {
            name: entry.spec.name.value.clone(),
            format: entry.opened.format().to_owned(),
            sha256: entry.sha256.as_ref().map(|digest| digest.hex().to_owned()),
            declared: entry.spec.sha256.as_ref().map(|declared| declared.value.hex().to_owned()),
            rows: entry.table.as_ref().map(|table| table.rows),
            selected: entry.table.as_ref().map(Table::selected),
            scored: entry.table.as_ref().map(Table::scored),
            errored: entry.table.as_ref().map(|table| table.errored),
            attempts: told(entry, |run| run.attempts),
            refused: told(entry, |run| run.refused),
            filtered: told(entry, |run| run.filtered),
            limited: told(entry, |run| run.limited),
            errors: reasons(entry).map(|told| told.texts),
            errors_omitted: reasons(entry).map(|told| told.rest),
            retired: entry.retired.as_ref().map(|listed| retired(listed, entry)),
        };
        self.judgement.entries.iter().map(entry).collect()
    }

    fn distributions(&self) -> Vec<ReportDistribution> {
        let numbers = |values: &[f64]| values.iter().map(|value| Finite::from(*value)).collect();
        let told = |one: &Distribution| ReportDistribution {
            evidence: one.evidence.clone(),
            field: one.field.clone(),
            unit: one.unit,
            shares: numbers(&SHARES),
            candidate: numbers(&one.candidate),
            baseline: one.baseline.as_deref().map(numbers),
        };
        self.judgement.distributions.all.iter().map(told).collect()
    }

    fn finding(&self, diagnostic: &Diagnostic) -> ReportFinding {
        self.places.finding(diagnostic)
    }
}

/// What the runs of an entry count of something; none where one of them does not tell.
fn told(entry: &Entry, count: fn(&ToolRun) -> Option<u64>) -> Option<u64> {
    let runs = entry.opened.runs(&entry.spec.conditions).filter(|run| run.tried() > 0);
    let counts: Option<Vec<u64>> = runs.map(count).collect();
    counts.filter(|counts| !counts.is_empty()).map(|counts| counts.iter().sum())
}

fn retired(listed: &Retired, entry: &Entry) -> ReportRetired {
    let baseline = entry.baseline.as_ref().and_then(|past| past.table.as_ref());
    ReportRetired {
        sha256: listed.sha256.hex().to_owned(),
        listed: listed.listed(),
        left_out: baseline.map(|table| table.left_out().len() as u64),
    }
}

/// So many error texts of an entry are told apart.
const MOST_REASONS: usize = 20;

fn case(case: &NamedCase) -> ReportCase {
    ReportCase {
        id: case.written.id.clone(),
        epoch: case.written.epoch.map(|epoch| epoch.to_string()),
        value: case.value.into(),
        baseline: case.baseline.into(),
        error: case.written.error.clone(),
    }
}

fn slice(part: &Part, evidence: &str) -> ReportSlice {
    let assessment = &part.assessment;
    let levels = assessment.levels.as_ref();
    ReportSlice {
        key: slice_key(part),
        outcome: Word(part.outcome),
        candidate: ReportEstimate::of(
            levels.map_or(&assessment.estimate, |levels| &levels.candidate),
            evidence,
        ),
        change: levels.map(|levels| ReportChange::of(&assessment.estimate, levels.relative, levels.paired)),
        p_pass: part.p_pass.into(),
        p_fail: part.p_fail.into(),
    }
}

fn slice_key(part: &Part) -> SliceKey {
    SliceKey(part.key.iter().map(|(field, label)| (field.clone(), label.to_string())).collect())
}
