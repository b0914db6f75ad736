//! A judgement and the ledger: which look it is, and the event that remembers it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::place::{PATIENCE, folder_of};
use crate::artifact::{PinnedArtifact, digest_bytes, digest_tree};
use crate::commands::actor::{actor, is_ci};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::files::{Ledger, Worktree};
use crate::judge::{Entry, criteria};
use crate::ledger::history::{JudgedOn, LookAt, look};
use crate::ledger::{CheckedArtifact, CheckedData, CheckedWaiver, EventRelease, Happening, NewEvent};
use crate::manifest::Digest;
use crate::release::Release;
use crate::report::v1::{Report, ReportGate, ReportWaiver, SliceKey};

/// What the ledger says of a judgement that is under way.
pub(in crate::commands) struct Look {
    folder: PathBuf,
    release: EventRelease,
    gates: Digest,
    evidence: Digest,
    artifacts: BTreeMap<String, CheckedArtifact>,
    at: LookAt,
    looks: u32,
    /// Whether the judgement is to be written down.
    pub(in crate::commands) is_recorded: bool,
}

impl Look {
    /// Asks the ledger; none where there is none.
    ///
    /// # Errors
    /// It is damaged, and the judgement is to be written into it; or it has to be there and is not.
    pub(in crate::commands) fn at(
        candidate: &Release,
        manifest: &str,
        entries: &[Entry],
        root: &Worktree,
        asked: Option<bool>,
    ) -> Result<(Option<Self>, Diagnostics), Diagnostics> {
        let folder = folder_of(None, Some(&candidate.manifest), root)?;
        if asked == Some(true) {
            Ledger::must_be_at(&folder)?;
        }
        let is_recorded = asked.unwrap_or_else(is_ci);
        if !Ledger::is_at(&folder) {
            return Ok((None, Diagnostics::new()));
        }
        let chain = match Ledger::read_sound(&folder) {
            Ok(chain) => chain,
            Err(findings) if is_recorded => return Err(findings),
            // Whoever only tries does not have to repair it, and learns of it.
            Err(findings) => {
                let warned = findings.into_iter();
                let warned = warned.map(|finding| Diagnostic { severity: Severity::Warning, ..finding });
                return Ok((None, warned.collect()));
            }
        };
        let declared = &candidate.manifest;
        let release = EventRelease {
            name: declared.name.value.clone(),
            version: declared.version.value.to_string(),
            lock: candidate.lock.clone(),
        };
        let digest = |entry: &Entry| Ok((entry.spec.name.value.clone(), entry.digest()?));
        let digests = entries.iter().map(digest).collect::<Result<Vec<_>, Diagnostic>>()?;
        let evidence = digest_tree(digests.iter().map(|(name, digest)| (name.as_str(), digest)));
        let gates =
            criteria(manifest, &candidate.inherited).unwrap_or_else(|| digest_bytes(manifest.as_bytes()));
        let at = look(&chain, JudgedOn { release: &release, gates: &gates, evidence: &evidence });
        let artifact = |pinned: &PinnedArtifact| {
            (
                pinned.key(),
                CheckedArtifact { version: pinned.version.clone(), sha256: pinned.digest().cloned() },
            )
        };
        let artifacts = candidate.pinned.iter().map(artifact).collect();
        let own = Self {
            folder,
            release,
            gates,
            evidence,
            artifacts,
            at,
            looks: declared.policy.looks,
            is_recorded,
        };
        let findings = own.findings().into_iter().collect();
        Ok((Some(own), findings))
    }

    /// What every output has to say.
    fn findings(&self) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let LookAt { number, criteria_changed } = self.at;
        if number > self.looks {
            let text = format!(
                "this is look {number} at growing results of {} {}, and `looks` declares {}",
                self.release.name, self.release.version, self.looks
            );
            findings.push(
                Diagnostic::warning(Code::UndeclaredLook, text)
                    .note(
                        "each look is another chance to pass by luck: the error rates are larger than stated",
                    )
                    .help(
                        "judge a fresh run; next time declare `policy: { looks: N }` before the first look",
                    ),
            );
        }
        if criteria_changed {
            let text = "these results were judged before under other gates, metrics or policy: the criteria changed after \
                        the results were known";
            findings.push(
                Diagnostic::warning(Code::CriteriaChanged, text)
                    .note("a gate that is fitted to the results it judges shows nothing")
                    .help(
                        "judge a fresh run under the new criteria, or tell whoever approves why they changed",
                    ),
            );
        }
        findings
    }
}

/// Writes a finished judgement into the ledger; the file of its event.
pub(in crate::commands) fn record(
    look: &Look,
    report: &Report,
    json: &str,
    time: DateTime<Utc>,
) -> Result<String, Diagnostics> {
    let used = report.waivers.iter().filter(|waiver| waiver.state == ReportWaiver::USED);
    let waivers = used.map(|waiver| CheckedWaiver {
        gate: waiver.gate.clone(),
        slice: waiver.slice.as_ref().map(SliceKey::name),
        reason: waiver.reason.clone(),
        owner: waiver.owner.clone(),
        approver: waiver.approver.clone(),
        expires: waiver.expires.to_string(),
        limit: waiver.limit.clone(),
    });
    let data = CheckedData {
        decision: report.decision.0.word().to_owned(),
        report: digest_bytes(json.as_bytes()),
        gates: look.gates.clone(),
        evidence: look.evidence.clone(),
        look: look.at.number,
        looks: look.looks,
        criteria_changed: look.at.criteria_changed,
        artifacts: look.artifacts.clone(),
        waivers: waivers.collect(),
        figures: report.gates.iter().map(|gate| (gate.id.clone(), figures(gate))).collect(),
    };
    let mut ledger = Ledger::open(&look.folder, PATIENCE)?;
    let (actor, release) = (actor(&look.folder), look.release.clone());
    let event = NewEvent { time, actor, release, happening: Happening::Checked(data) };
    Ok(path(&look.folder, ledger.append(event)?.name()))
}

/// `pass: 0.1% [0.0%, 0.3%], n 5,000 (< 0.5%)`.
fn figures(gate: &ReportGate) -> String {
    format!("{}: {} ({})", gate.came_to(), gate.measured(), gate.asked())
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_string_lossy().into_owned()
}
