//! RUN: a release and its evidence -> its gates judged, its waivers tried, and what else there is to say. No console.
//!
//! [`open`] opens the evidence, [`ask`] binds the gates to it, [`Case::judge`] reads the numbers and judges; [`release`] does
//! all of it and decides. One [`Entry`] holds everything about one evidence entry, one [`Gate`] everything about one gate.

mod again;
mod anchor;
mod assess;
mod before;
mod cases;
mod compared_with;
mod copied;
mod criteria;
mod distributions;
mod earlier;
mod entry;
mod granted;
mod ids;
mod levels;
mod one_run;
mod opened;
mod parts;
mod people;
pub mod plan;
mod retired;
mod selected;
mod summarized;
mod waivers;
mod yardstick;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rayon::prelude::*;

pub use before::before;
pub use cases::{Cases, NamedCase};
pub use compared_with::read_compared_with;
pub use criteria::criteria;
pub use distributions::{Distribution, Distributions};
pub use earlier::{Earlier, EarlierResults, Given};
pub use entry::{Entry, EntryNumbers, Past, check_cases, read_numbers};
pub use levels::{Level, LevelKind, levels};
pub use opened::{Opened, OpenedFile, stated};
pub use parts::made_for;
pub use retired::Retired;
pub use summarized::{Shard, Summarized, summarize};
pub use waivers::Unsigned;

use crate::artifact::Tree;
use crate::change::{self, Changes, ComparedSide, KeptPhrases, Required};
use crate::diagnostic::{Diagnostic, Diagnostics, Nature};
use crate::evidence::Declared;
use crate::gate::{self, BuiltIn, Gate, Judged};
use crate::manifest::{GateSpec, LooserChanges, Manifest, WaiverSpec};
use crate::metric::{Bound, Offer, Table};
use crate::release::Release;
use crate::verdict::{self, Acceptance, Register, Verdict, Waivable};

/// What is judged.
pub struct Case<'a> {
    /// The release.
    pub candidate: &'a Release,
    /// The earlier releases that it is compared with.
    pub earlier: Earlier<'a>,
    /// What changed since the baseline.
    pub changes: &'a Changes,
    /// What of that weighs as blocking; none where nobody looked, or it cannot be told.
    pub looser: Option<Looser>,
    /// The day of the judgement.
    pub as_of: NaiveDate,
    /// Which waivers are not signed as they have to be.
    pub unsigned: &'a Unsigned<'a>,
    /// Whether the digest of every entry is asked for; those that the judgement needs are taken whether or not.
    pub digested: bool,
}

/// How many changes since the baseline weigh as blocking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looser {
    /// Those that do.
    pub blocking: u64,
    /// All that were found.
    pub all: u64,
}

/// A judgement with what it was made from.
pub struct Judgement {
    /// The gates together.
    pub verdict: Verdict,
    /// The evidence, in the order of the manifest.
    pub entries: Vec<Entry>,
    /// The phrases that must be kept, and which of them are lost.
    pub kept: KeptPhrases,
    /// The cases that speak against the gates that are no pass, by the gate's identifier; none where they are not known.
    pub cases: BTreeMap<String, Cases>,
    /// How the values behind the gates lie.
    pub distributions: Distributions,
    /// What the gates had to show together.
    pub required: Required,
    /// What would have to be accepted for the release to pass; empty where it does, or where that cannot be.
    pub waivable: Vec<Waivable>,
    /// What is odd and decides nothing.
    pub warnings: Vec<Diagnostic>,
}

/// Judges a release without a console: opens its evidence and that of the earlier releases, judges every gate, decides.
///
/// Changes that `diff` would weigh are not looked at: under `policy: looser_changes: block` the gate on them fails.
///
/// # Errors
/// Everything that keeps a gate from being judged: evidence that is not there, damaged, or not what the gates need.
pub fn release(
    candidate: &Release,
    baseline: Option<&Release>,
    as_of: NaiveDate,
) -> Result<Judgement, Diagnostics> {
    let before = baseline.map(|base| ComparedSide { manifest: &base.manifest, pinned: &base.pinned });
    let after = ComparedSide { manifest: &candidate.manifest, pinned: &candidate.pinned };
    let changes = change::between(before.as_ref(), &after);
    let mut opened = open(&candidate.manifest, candidate.tree.as_ref(), &|_| None).whole()?;
    let gates = ask(&candidate.manifest, &mut opened)?;
    let earlier = Earlier { baseline, anchor: None, tree: candidate.tree.as_ref(), given: &|_| None };
    // Nobody has looked at signatures here.
    let unsigned = |_: &WaiverSpec| {
        candidate.manifest.policy.signers.is_some().then(|| "has to be signed, and nobody looked".to_owned())
    };
    let digested = true;
    Case { candidate, earlier, changes: &changes, looser: None, as_of, unsigned: &unsigned, digested }
        .judge(opened, gates)
}

/// Evidence entries, opened as far as that went.
pub struct Opening {
    /// Those that are open.
    pub opened: Vec<Opened>,
    /// What is wrong with the others: entries that are not there or that relgate does not understand.
    pub findings: Diagnostics,
}

impl Opening {
    /// All of them.
    ///
    /// # Errors
    /// What is wrong with some.
    pub fn whole(self) -> Result<Vec<Opened>, Diagnostics> {
        if self.findings.has_errors() { Err(self.findings) } else { Ok(self.opened) }
    }
}

/// Opens every evidence entry: where `given` has its results, else where the manifest says on `tree`.
pub fn open(manifest: &Manifest, tree: &dyn Tree, given: &Given<'_>) -> Opening {
    let mut findings = Diagnostics::new();
    let mut opened = Vec::new();
    for entry in &manifest.evidence {
        let name = &entry.name.value;
        let files = given(name).unwrap_or_else(|| tree.expand(name, &entry.path));
        let declared = Declared::new(&entry.fields, entry.format).with_raters(entry.row_key.as_ref());
        match files.map_err(Diagnostics::from).and_then(|files| Opened::open(name, files, declared)) {
            Ok(entry) => opened.push(entry),
            Err(found) => findings.extend(found),
        }
    }
    Opening { opened, findings }
}

/// Binds the gates. Names that the first rows do not show are looked for in all rows before they are missed.
///
/// # Errors
/// Every gate whose metric, field or unit does not fit the evidence.
pub fn ask(manifest: &Manifest, opened: &mut [Opened]) -> Result<Vec<Gate>, Diagnostics> {
    let first = Gate::bind(manifest, &offers(opened));
    let Err(findings) = first else { return first };
    let unseen = findings.iter().any(|finding| matches!(finding.nature, Nature::Unseen | Nature::Misspelt));
    if !(unseen && opened.iter().any(Opened::is_partial)) {
        return Err(findings);
    }
    for entry in opened.iter_mut() {
        entry.look_at_all()?;
    }
    Gate::bind(manifest, &offers(opened))
}

fn offers(opened: &[Opened]) -> Vec<Offer> {
    opened.iter().map(Opened::offer).collect()
}

impl Case<'_> {
    /// Reads the evidence and judges the gates: those of the manifest, those against the anchor, relgate's own.
    ///
    /// # Errors
    /// Everything that keeps a gate from being judged.
    pub fn judge(self, opened: Vec<Opened>, mut gates: Vec<Gate>) -> Result<Judgement, Diagnostics> {
        let manifest = &self.candidate.manifest;
        for gate in &mut gates {
            gate.applies = self.applies(&gate.spec);
        }
        let bounds = gates.iter_mut().filter(|gate| gate.applies).map(|gate| &mut gate.bound);
        read_compared_with(bounds, &opened, manifest, self.candidate.tree.as_ref())?;
        if self.earlier.anchor.is_some() {
            anchor::add_twins(&mut gates);
        }
        let mut warnings = anchor::drift(&gates);
        warnings.extend(opened.iter().flat_map(Opened::asides));
        for entry in &opened {
            warnings.extend(entry.problems());
        }
        let mut entries = entry::read(
            self.candidate,
            opened,
            &gates,
            self.as_of,
            self.digested || self.earlier.is_bundled(),
        )?;
        earlier::read(&mut entries, &self.earlier, &gates, &mut warnings)?;
        people::same_judges(&gates, self.candidate, |reference| self.earlier.release(reference))?;
        assess(&mut gates, &entries, manifest)?;
        warnings.extend(doubts(&gates, &entries));
        warnings.extend(people::doubts(&gates, &entries)?);
        warnings.extend(ids::told(&gates, &entries));
        let again = again::Again { gates: &gates, entries: &entries, policy: &manifest.policy };
        let accepted = waivers::acceptances(&again, &manifest.waivers, self.as_of, self.unsigned)?;
        let blocked = |gate: &Gate| {
            let entry = entries.iter().find(|entry| entry.is(&gate.bound.evidence));
            entry.and_then(|entry| entry.state.blocked)
        };
        let judged = gates.into_iter().map(|gate| {
            let blocked = blocked(&gate);
            gate::judge(gate, &manifest.policy, blocked)
        });
        self.decide(judged.collect(), accepted, entries, warnings)
    }

    fn applies(&self, gate: &GateSpec) -> bool {
        let release_type = self.candidate.manifest.release_type.value;
        gate.when.as_ref().is_none_or(|when| self.changes.applies(&when.value, release_type))
    }

    fn decide(
        &self,
        mut judged: Vec<Judged>,
        accepted: Vec<Acceptance>,
        entries: Vec<Entry>,
        mut warnings: Vec<Diagnostic>,
    ) -> Result<Judgement, Diagnostics> {
        let Release { manifest, pinned, tree, .. } = self.candidate;
        let base = self.earlier.baseline.map(|base| &base.manifest);
        let kept = change::kept_phrases(base, manifest, pinned, tree.as_ref());
        judged.extend(self.built_in(&kept));
        let required = change::requirements(&manifest.policy, manifest.release_type);
        let register = Register { risks: &manifest.risks, as_of: self.as_of };
        let verdict = verdict::decide(judged, &manifest.policy, &required, accepted, &register);
        warnings.extend(verdict::reviews_due(&register, manifest.policy.risks));
        warnings.extend(promised(manifest, &required, &verdict));
        warnings.extend(granted::warnings(verdict.gates.iter().map(|gate| &gate.judged), &manifest.policy));
        let cases = cases::named(&verdict.gates, &entries)?;
        let waivable = waivers::possible(&verdict, &entries, &manifest.policy);
        let distributions = distributions::of(&verdict.gates, &entries);
        Ok(Judgement { verdict, entries, kept, cases, distributions, required, waivable, warnings })
    }

    /// The gates of relgate's own: the first and the last where there is a baseline to compare with.
    fn built_in(&self, kept: &KeptPhrases) -> Vec<Judged> {
        let mut judged = Vec::new();
        let compared = self.earlier.baseline.is_some();
        if compared {
            let silent = self.changes.silent().count() as u64;
            judged.push(gate::judge_built_in(
                BuiltIn::SilentChange,
                silent,
                self.changes.artifacts.len() as u64,
            ));
        }
        if kept.asked > 0 {
            judged.push(gate::judge_built_in(BuiltIn::KeptPhrases, kept.lost.len() as u64, kept.asked));
        }
        if compared && self.candidate.manifest.policy.looser_changes == LooserChanges::Block {
            // What cannot be told may be anything.
            let Looser { blocking, all } = self.looser.unwrap_or(Looser { blocking: 1, all: 1 });
            judged.push(gate::judge_built_in(BuiltIn::LooserChanges, blocking, all));
        }
        judged
    }
}

/// So many rows need little memory, however many gates look at them at the same time.
const FEW_ROWS: u64 = 100_000;

/// Assesses every gate that applies; all findings in the order of the manifest.
fn assess(gates: &mut [Gate], entries: &[Entry], manifest: &Manifest) -> Result<(), Diagnostics> {
    let one = |gate: &mut Gate| {
        if !gate.applies {
            return Ok(());
        }
        let entry = entries.iter().find(|entry| entry.is(&gate.bound.evidence));
        gate.assessed = Some(assess::gate(
            gate,
            entry,
            &gate.settings(&manifest.policy, entry.and_then(|entry| entry.sha256.as_ref())),
        )?);
        Ok(())
    };
    // At the same time; of many rows one after another, for then they need the memory of one. Clusters take long to resample.
    let slow = manifest.evidence.iter().any(|entry| entry.cluster.is_some());
    let few =
        entries.iter().filter_map(|entry| entry.table.as_ref()).all(|table| table.selected() <= FEW_ROWS);
    let results: Vec<Result<(), Diagnostic>> = if slow || few {
        gates.par_iter_mut().map(one).collect()
    } else {
        gates.iter_mut().map(one).collect()
    };
    let mut findings = Diagnostics::new();
    findings.extend(results.into_iter().filter_map(Result::err));
    if findings.has_errors() { Err(findings) } else { Ok(()) }
}

/// What was judged and may still not be what was meant.
fn doubts(gates: &[Gate], entries: &[Entry]) -> Vec<Diagnostic> {
    use crate::metric::doubts::{of_cap, of_limit, of_selection, of_values};

    let selections = entries.iter().filter_map(|entry| of_selection(&entry.spec, entry.table.as_ref()?));
    let limits = gates.iter().filter(|gate| gate.applies).flat_map(|gate| {
        let entry = entries.iter().find(|entry| entry.is(&gate.bound.evidence));
        let table = entry.and_then(|entry| entry.table.as_ref());
        let of_table =
            |of: fn(&Bound, &Table) -> Option<Diagnostic>| table.and_then(|table| of(&gate.bound, table));
        of_limit(&gate.bound).into_iter().chain(of_table(of_values)).chain(of_table(of_cap))
    });
    selections.chain(limits).collect()
}

/// Where the release shows less than its type promises.
fn promised(manifest: &Manifest, required: &Required, verdict: &Verdict) -> Vec<Diagnostic> {
    let kind = manifest.release_type.value;
    let loose: Vec<&GateSpec> = verdict
        .held_loosely
        .iter()
        .filter_map(|place| Some(&verdict.gates.get(*place)?.judged.declared()?.spec))
        .collect();
    let narrowed = change::narrowed(required, kind, verdict.quality_holds);
    narrowed.into_iter().chain(change::held_loosely(kind, &loose)).collect()
}
