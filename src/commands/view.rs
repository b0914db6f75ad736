//! The finished view of a judgement, put together from what the stages found.

use chrono::NaiveDate;

use super::clock::Clock;
use crate::artifact::{self, Pinned};
use crate::change::{self, Changes, KeptPhrases, Required};
use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::diff::{Record, Severity};
use crate::gate::{Age, Claim, EvidenceState, Outcome, Part};
use crate::judge::examine;
use crate::manifest::{Digest, Manifest, Reference, Unit};
use crate::metric::{Bound, Table};
use crate::report::changes;
use crate::report::v1::{
    Report, ReportAcceptance, ReportArtifact, ReportChange, ReportEstimate, ReportEvidence, ReportFinding,
    ReportGate, ReportNeeded, ReportPolicy, ReportReason, ReportRecord, ReportRelease, ReportSlice,
    ReportThreshold, ReportTool, ReportWaiver, Schema, SliceKey, Word,
};
use crate::report::words::{self, Facts};
use crate::report::{self, Exit, WaiverFacts, WaiverFinding};
use crate::verdict::{Acceptance, Decision, GateResult, Verdict, WaiverState};

/// What the finished view is made of.
pub(super) struct View<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) sources: &'a Sources,
    pub(super) bound: &'a [Bound],
    pub(super) read: &'a [examine::Read],
    pub(super) pinned: &'a Pinned,
    /// The digest of the lock that they were held against.
    pub(super) lock: Option<&'a Digest>,
    pub(super) states: &'a [(String, EvidenceState)],
    pub(super) changes: &'a Changes,
    /// The phrases that must be kept, and which of them are lost.
    pub(super) kept: &'a KeptPhrases,
    /// What changed in detail; none without a baseline, or where it could not be told.
    pub(super) records: Option<&'a [Record]>,
    /// The waivers with their limits, in the order of the manifest.
    pub(super) accepted: &'a [Acceptance],
    pub(super) required: &'a Required,
    pub(super) odd: &'a [Diagnostic],
}

/// What a built-in gate says.
struct BuiltIn {
    /// What it counts; none may be found.
    what: &'static str,
    /// The sentence where none was.
    holds: String,
    /// The sentence where some were.
    found: String,
    advice: &'static str,
}

/// The first few of a list, and how many more there are.
fn shown(all: &[String]) -> String {
    const SHOWN: usize = 5;
    let first = all.get(..SHOWN).unwrap_or(all).join("; ");
    if all.len() > SHOWN { format!("{first}; and {} more", all.len() - SHOWN) } else { first }
}

impl View<'_> {
    /// The whole report.
    pub(super) fn report(&self, verdict: &Verdict, clock: Clock, manifest_sha256: &Digest) -> Report {
        let manifest = self.manifest;
        let (mut errors, mut warnings) = self.claims();
        errors.extend(self.uncovered(verdict));
        let (useless, idle) = self.waivers(verdict, clock.as_of);
        errors.extend(useless);
        warnings.extend(idle);
        warnings.extend(self.odd.iter().map(|finding| self.finding(finding)));
        if !verdict.asked {
            let title = "no gate blocks and applies, so nothing stands between this release and production";
            errors.push(self.finding(&Diagnostic::error(Code::NoBlockingGate, title)));
        }
        let gates: Vec<ReportGate> = verdict
            .gates
            .iter()
            .zip(self.bound)
            .filter_map(|(result, bound)| self.gate(result, bound))
            .chain(verdict.gates.iter().skip(self.bound.len()).filter_map(|result| self.built_in(result)))
            .collect();
        Report {
            schema: Schema,
            tool: ReportTool::own(),
            generated_at: clock.generated_at,
            as_of: clock.as_of,
            release: ReportRelease {
                name: manifest.name.value.clone(),
                version: manifest.version.value.clone(),
                release_type: Word(manifest.release_type.value),
                summary: manifest.summary.as_ref().map(|summary| summary.value.clone()),
                manifest_sha256: manifest_sha256.hex().to_owned(),
                lock_sha256: self.lock.map(|digest| digest.hex().to_owned()),
            },
            decision: Word(verdict.decision),
            exit_code: Exit::from(verdict.decision).code(),
            next: next(verdict.decision, &gates, &errors),
            gates,
            artifacts: self.artifacts(),
            changes: self.records.map(|records| records.iter().map(ReportRecord::from).collect()),
            changed: changes::lines(self.changes, self.records.unwrap_or_default()),
            waivers: self.declared_waivers(verdict),
            policy: ReportPolicy::of(&manifest.policy, self.required),
            evidence: self.evidence(),
            errors,
            warnings,
        }
    }

    fn gate(&self, result: &GateResult, bound: &Bound) -> Option<ReportGate> {
        let spec = self.manifest.gates.get(bound.gate)?;
        let text = spec.rule.threshold.value.to_string();
        let op = bound.comparator.symbol();
        let part = result.part()?;
        let facts = Facts { result, part, bound, target: format!("{op} {text}") };
        let whole = &result.judged.parts.first()?.assessment;
        let levels = whole.levels.as_ref();
        let (p_fail, p_fail_adjusted) = result.p_fail();
        let needed = part.assessment.needed.as_ref().filter(|_| result.outcome == Outcome::Inconclusive);
        let of = |estimate| ReportEstimate::of(estimate, &bound.evidence);
        Some(ReportGate {
            id: result.judged.id.clone(),
            rule: spec.rule.text.clone(),
            metric: bound.metric.clone(),
            category: bound.category.map(Word),
            enforcement: Word(result.judged.enforcement),
            outcome: Word(result.outcome),
            waived: result.waived.first().and_then(|place| self.acceptance(*place)),
            reason: ReportReason {
                code: result.reason.code().to_owned(),
                kind: result.reason.kind().map(Word),
                text: words::why(&facts),
                advice: words::advice(&facts),
            },
            rationale: spec.rationale.as_ref().map(|rationale| rationale.value.clone()),
            candidate: of(levels.map_or(&whole.estimate, |levels| &levels.candidate)),
            against: levels.and_then(|_| bound.against()).map(Word),
            baseline: levels.map(|levels| of(&levels.baseline)),
            change: levels.map(|levels| ReportChange::of(&whole.estimate, levels.relative, levels.paired)),
            unit: bound.change.map_or(bound.unit, |change| change.level_unit),
            threshold: ReportThreshold {
                op: op.to_owned(),
                value: bound.threshold.into(),
                unit: bound.unit,
                text,
            },
            p_pass: result.p_pass().into(),
            p_fail: p_fail.into(),
            p_fail_adjusted: p_fail_adjusted.into(),
            needed: needed.map(ReportNeeded::from),
            cases: None,
            cases_omitted: None,
            slices: result.judged.parts.iter().skip(1).map(|part| slice(part, &bound.evidence)).collect(),
        })
    }

    fn acceptance(&self, place: usize) -> Option<ReportAcceptance> {
        let waiver = self.manifest.waivers.get(place)?;
        Some(ReportAcceptance {
            reason: waiver.reason.value.clone(),
            owner: waiver.owner.value.clone(),
            approver: waiver.approver.value.clone(),
            expires: waiver.expires.value,
            limit: waiver.limit.as_ref().map(|limit| limit.value.to_string()),
        })
    }

    /// Every waiver with what became of it.
    fn declared_waivers(&self, verdict: &Verdict) -> Vec<ReportWaiver> {
        let told = self.manifest.waivers.iter().zip(&verdict.waivers);
        told.map(|(waiver, state)| ReportWaiver {
            gate: waiver.gate.value.clone(),
            slice: waiver.slice.as_ref().map(|slice| {
                SliceKey(slice.value.iter().map(|(field, label)| (field.clone(), label.clone())).collect())
            }),
            state: match state {
                WaiverState::Used => ReportWaiver::USED,
                WaiverState::Unused => "unused",
                WaiverState::Expired => "expired",
                WaiverState::LimitNotMet(_) => "limit-not-met",
                WaiverState::NotEnough(_) => "not-enough",
                WaiverState::ForAnError => "for-an-error",
                WaiverState::OtherSlice => "other-slice",
            }
            .to_owned(),
            reason: waiver.reason.value.clone(),
            owner: waiver.owner.value.clone(),
            approver: waiver.approver.value.clone(),
            expires: waiver.expires.value,
            limit: waiver.limit.as_ref().map(|limit| limit.value.to_string()),
        })
        .collect()
    }

    /// Waivers that are of no use, or of none any more: errors and warnings.
    fn waivers(&self, verdict: &Verdict, as_of: NaiveDate) -> (Vec<ReportFinding>, Vec<ReportFinding>) {
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        let known = self.accepted.iter().zip(&verdict.waivers);
        for (waiver, (accepted, state)) in self.manifest.waivers.iter().zip(known) {
            let judged = verdict.gates.iter().zip(self.bound);
            let mut own = judged.filter(|(result, _)| result.judged.id == waiver.gate.value);
            // The manifest reader refuses a waiver for a gate that does not exist.
            let Some((result, bound)) = own.next() else { continue };
            let twin = Reference::Anchor.id_of(&waiver.gate.value);
            let in_the_way = |other: &&GateResult| {
                let passed = matches!(other.outcome, Outcome::Pass | Outcome::NotApplicable);
                other.judged.id == twin && other.judged.blocks() && !passed && other.waived.is_empty()
            };
            let facts = WaiverFacts {
                waiver,
                state: *state,
                result,
                bound,
                limit: accepted.limit,
                would_do: accepted.would_do.as_ref(),
                twin: verdict.gates.iter().find(in_the_way),
                as_of,
            };
            let Some(WaiverFinding { severe, code, text }) = report::waiver_finding(&facts) else { continue };
            let finding = self.finding(&Diagnostic::error(code, text).at(waiver.gate.span, ""));
            if severe { errors.push(finding) } else { warnings.push(finding) }
        }
        (errors, warnings)
    }

    /// What a built-in gate says, which no rule of the manifest declares.
    fn told(&self, id: &str) -> BuiltIn {
        match id {
            change::KEPT_PHRASES => {
                let lost: Vec<String> = self.kept.lost.iter().map(change::LostPhrase::summary).collect();
                BuiltIn {
                    what: "lost phrases",
                    holds: format!("every phrase that must be kept is held ({})", self.kept.asked),
                    found: shown(&lost),
                    advice: "put the phrase back word for word, or accept its loss with a waiver",
                }
            }
            change::LOOSER_CHANGES => {
                let grave = self.records.into_iter().flatten();
                let grave = grave.filter(|record| record.severity == Severity::Blocking);
                let texts: Vec<String> = grave.map(|record| record.text.clone()).collect();
                BuiltIn {
                    what: "looser changes",
                    holds: "no change since the baseline weighs as blocking".to_owned(),
                    found: match self.records {
                        Some(_) => shown(&texts),
                        None => "what changed since the baseline cannot be told".to_owned(),
                    },
                    advice: "take the changes back, or accept them with a waiver",
                }
            }
            _ => self.silent_change(),
        }
    }

    fn silent_change(&self) -> BuiltIn {
        let silent: Vec<String> = self.changes.silent().map(change::ArtifactChange::summary).collect();
        let files: Vec<&str> =
            self.changes.silent().filter_map(|one| self.pinned.get(&one.key())?.path.as_deref()).collect();
        let files = if files.is_empty() { String::new() } else { format!(" ({})", files.join(", ")) };
        BuiltIn {
            what: "silent changes",
            holds: format!(
                "no version stands for two contents ({} artifacts compared)",
                self.changes.artifacts.len()
            ),
            found: format!("{}{files}", silent.join("; ")),
            advice: "give what changed a new version, or restore it",
        }
    }

    /// A built-in gate in the report.
    fn built_in(&self, result: &GateResult) -> Option<ReportGate> {
        let part = result.part()?;
        let told = self.told(&result.judged.id);
        let holds = part.outcome == Outcome::Pass;
        Some(ReportGate {
            id: result.judged.id.clone(),
            rule: format!("{} == 0", told.what),
            metric: told.what.replace(' ', "_"),
            category: None,
            enforcement: Word(result.judged.enforcement),
            outcome: Word(result.outcome),
            waived: result.waived.first().and_then(|place| self.acceptance(*place)),
            reason: ReportReason {
                code: result.reason.code().to_owned(),
                kind: result.reason.kind().map(Word),
                text: if holds { told.holds } else { told.found },
                advice: (!holds).then(|| told.advice.to_owned()),
            },
            rationale: None,
            candidate: ReportEstimate::of(&part.assessment.estimate, ""),
            against: None,
            baseline: None,
            change: None,
            unit: Unit::NUMBER,
            threshold: ReportThreshold {
                op: "==".to_owned(),
                value: 0.0.into(),
                unit: Unit::NUMBER,
                text: "0".to_owned(),
            },
            p_pass: None.into(),
            p_fail: None.into(),
            p_fail_adjusted: None.into(),
            needed: None,
            cases: None,
            cases_omitted: None,
            slices: Vec::new(),
        })
    }

    fn artifacts(&self) -> Vec<ReportArtifact> {
        let artifact = |pinned: &artifact::PinnedArtifact| ReportArtifact {
            kind: pinned.kind.singular().to_owned(),
            name: pinned.name.clone(),
            version: pinned.version.clone(),
            sha256: pinned.digest().map(|digest| digest.hex().to_owned()),
            changed: self
                .changes
                .get(pinned.kind, &pinned.name)
                .and_then(|one| one.change)
                .map(|change| change.word().to_owned()),
        };
        self.pinned.iter().map(artifact).collect()
    }

    fn evidence(&self) -> Vec<ReportEvidence> {
        let specs = &self.manifest.evidence;
        self.read
            .iter()
            .zip(specs)
            .map(|(read, spec)| ReportEvidence {
                name: read.name.clone(),
                format: read.format.to_owned(),
                sha256: read.sha256.hex().to_owned(),
                declared: spec.sha256.as_ref().map(|declared| declared.value.hex().to_owned()),
                rows: read.table.as_ref().map(|table| table.rows),
                selected: read.table.as_ref().map(Table::selected),
                scored: read.table.as_ref().map(Table::scored),
                errored: read.table.as_ref().map(|table| table.errored),
                attempts: None,
                refused: None,
                filtered: None,
                limited: None,
                errors: None,
            })
            .collect()
    }

    fn finding(&self, diagnostic: &Diagnostic) -> ReportFinding {
        let (file, line) = diagnostic.file_line(self.sources);
        ReportFinding { code: diagnostic.code.word().to_owned(), text: diagnostic.title.clone(), file, line }
    }

    fn uncovered(&self, verdict: &Verdict) -> Vec<ReportFinding> {
        let kind = self.manifest.release_type.value;
        let missing = verdict.uncovered.iter().map(|category| {
            let title = if self.required.stated.is_some() {
                format!("the policy requires a blocking gate on {}, and none stands for it", category.value)
            } else {
                format!(
                    "a {kind} needs a blocking gate on {}, and none stands for it; `policy: require:` may state what this release needs instead",
                    category.value
                )
            };
            self.finding(&Diagnostic::error(Code::CategoryNotCovered, title).at(category.span, ""))
        });
        let unguarded = verdict.unguarded.map(|span| {
            let how = if self.changes.compared {
                "write a blocking gate such as `accuracy drop < 2pp`"
            } else {
                "name the release to compare with (`baseline: git:v2.3.0`) and write a gate such as `accuracy drop < 2pp`"
            };
            let title = format!(
                "a {kind} must show that quality is no worse than the baseline's, and no blocking gate does: {how}; or state `policy: require:`"
            );
            self.finding(&Diagnostic::error(Code::QualityNotGuarded, title).at(span, ""))
        });
        missing.chain(unguarded).collect()
    }

    /// What evidence says about itself that does not agree with the manifest: errors and warnings.
    fn claims(&self) -> (Vec<ReportFinding>, Vec<ReportFinding>) {
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        for ((name, state), spec) in self.states.iter().zip(&self.manifest.evidence) {
            let (mut silent, mut texts) = (Vec::new(), Vec::new());
            for claim in &state.claims {
                match claim {
                    Claim::Differs(key, claimed, declared) => errors.push(self.finding(
                        &Diagnostic::error(Code::EvidenceMismatch, format!("evidence `{name}` was made with {key} {claimed}; the manifest has {declared}"))
                            .at(spec.path.span, ""),
                    )),
                    Claim::Unknown(key) => texts.push(format!("evidence `{name}` names {key}, which the manifest does not have")),
                    Claim::Silent(key) => silent.push(key.as_str()),
                }
            }
            if !silent.is_empty() {
                texts.push(format!(
                    "evidence `{name}` does not say with which {} it was made",
                    silent.join(", ")
                ));
            }
            let age = match state.age {
                Age::Fine => None,
                Age::Unknown => Some(format!("evidence `{name}` does not record when it was made")),
                Age::TooOld(at) => Some(format!(
                    "evidence `{name}` was made on {}, longer ago than allowed",
                    at.date_naive()
                )),
                Age::FromTheFuture(at) => Some(format!(
                    "evidence `{name}` was made on {}, after the day of this judgement",
                    at.date_naive()
                )),
            };
            texts.extend(age);
            let severe = state.blocked.is_some();
            let list = if severe { &mut errors } else { &mut warnings };
            for text in texts {
                let code = if severe { Code::EvidenceIdentity } else { Code::EvidenceUnbound };
                list.push(self.finding(&Diagnostic::error(code, text).at(spec.path.span, "")));
            }
        }
        (errors, warnings)
    }
}

fn slice(part: &Part, evidence: &str) -> ReportSlice {
    let assessment = &part.assessment;
    let levels = assessment.levels.as_ref();
    ReportSlice {
        key: SliceKey(part.key.iter().map(|(field, label)| (field.clone(), label.to_string())).collect()),
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

/// The step to take: what the first gate that stands in the way asks for, else what the first error says.
fn next(decision: Decision, gates: &[ReportGate], errors: &[ReportFinding]) -> Option<String> {
    let outcome = match decision {
        Decision::Pass => return None,
        Decision::Fail => Outcome::Fail,
        Decision::Error => Outcome::Error,
        Decision::Inconclusive => Outcome::Inconclusive,
    };
    let mut open = gates.iter().filter(|gate| gate.blocks() && gate.waived.is_none());
    let gate = open.find(|gate| gate.outcome.0 == outcome);
    gate.and_then(|gate| gate.reason.advice.as_ref().map(|advice| format!("{}: {advice}", gate.id)))
        .or_else(|| errors.first().map(ReportFinding::in_a_line))
}
