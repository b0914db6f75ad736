//! What the gates of relgate's own say, which no rule of the manifest declares.

use super::View;
use crate::change;
use crate::diff::Weight;
use crate::gate::{BuiltIn, Outcome};
use crate::manifest::Unit;
use crate::report::v1::{ReportEstimate, ReportGate, ReportReason, ReportThreshold, Word};
use crate::verdict::GateResult;

/// What one of them says.
pub(super) struct Told {
    /// What it counts; none may be found.
    pub(super) what: &'static str,
    /// The sentence where none was.
    pub(super) holds: String,
    /// The sentence where some were, or where it does not apply.
    pub(super) found: String,
    /// What to do where some were.
    pub(super) advice: String,
}

/// The first few of a list, and how many more there are.
fn shown(all: &[String]) -> String {
    const SHOWN: usize = 5;
    let first = all.get(..SHOWN).unwrap_or(all).join("; ");
    if all.len() > SHOWN { format!("{first}; and {} more", all.len() - SHOWN) } else { first }
}

impl View<'_> {
    /// What a built-in gate says, which no rule of the manifest declares.
    pub(super) fn told(&self, own: BuiltIn) -> Told {
        match own {
            BuiltIn::KeptPhrases => {
                let kept = &self.judgement.kept;
                let lost: Vec<String> = kept.lost.iter().map(change::LostPhrase::summary).collect();
                Told {
                    what: "lost phrases",
                    holds: format!("every phrase that must be kept is held ({})", kept.asked),
                    found: shown(&lost),
                    advice: "put the phrase back word for word, or accept its loss with a waiver".to_owned(),
                }
            }
            BuiltIn::LooserChanges => {
                let grave = self.records.into_iter().flatten();
                let grave = grave.filter(|record| record.severity == Weight::Blocking);
                let texts: Vec<String> = grave.map(|record| record.text.clone()).collect();
                Told {
                    what: "looser changes",
                    holds: "no change since the baseline weighs as blocking".to_owned(),
                    found: match self.records {
                        Some(_) => shown(&texts),
                        None => "what changed since the baseline cannot be told".to_owned(),
                    },
                    advice: "take the changes back, or accept them with a waiver".to_owned(),
                }
            }
            BuiltIn::SilentChange => self.silent_change(),
        }
    }

    fn silent_change(&self) -> Told {
        let silent: Vec<String> = self.changes.silent().map(change::ArtifactChange::summary).collect();
        let files: Vec<&str> = self
            .changes
            .silent()
            .filter_map(|one| self.release.pinned.get(&one.key())?.path.as_deref())
            .collect();
        let files = if files.is_empty() { String::new() } else { format!(" ({})", files.join(", ")) };
        Told {
            what: "silent changes",
            holds: format!(
                "no version stands for two contents ({} artifacts compared)",
                self.changes.artifacts.len()
            ),
            found: format!("{}{files}", silent.join("; ")),
            advice: "give what changed a new version, or restore it".to_owned(),
        }
    }

    /// A gate that counts things of which none may be found, in the report.
    pub(super) fn counted(&self, result: &GateResult, told: Told) -> Option<ReportGate> {
        let part = result.part()?;
        let away = result.outcome == Outcome::NotApplicable;
        let holds = part.outcome == Outcome::Pass;
        Some(ReportGate {
            id: result.judged.id().to_owned(),
            rule: format!("{} == 0", told.what),
            place: None,
            metric: told.what.replace(' ', "_"),
            category: None,
            enforcement: Word(result.judged.enforcement()),
            outcome: Word(result.outcome),
            stops: self.stops(result),
            waived: self.acceptance(result),
            reason: ReportReason {
                code: result.reason.code().to_owned(),
                kind: result.reason.kind().map(Word),
                text: if holds { told.holds } else { told.found },
                advice: (!holds && !away).then_some(told.advice),
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
                change: None,
            },
            p_pass: None.into(),
            p_fail: None.into(),
            p_fail_adjusted: None.into(),
            needed: None,
            cases: None,
            cases_omitted: None,
            operating: None,
            distribution: None,
            signature: None,
            judge: None,
            raters: Vec::new(),
            versions: Vec::new(),
            rerun: None,
            slices: Vec::new(),
        })
    }
}
