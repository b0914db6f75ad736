//! One evidence entry, read: its digest, the numbers of its samples, what it says about itself.

use chrono::NaiveDate;

use super::one_run;
use super::opened::Opened;
use super::retired::Retired;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Spanned};
use crate::gate::{self, EvidenceState, Gate};
use crate::manifest::{Condition, Digest, EvidenceSpec, Reference};
use crate::metric::{self, Bound, Need, Plan, Table};
use crate::release::Release;

/// Everything about one evidence entry.
pub struct Entry {
    /// As it is declared.
    pub spec: EvidenceSpec,
    /// Its files.
    pub opened: Opened,
    /// Its digest; none where nothing asked for it.
    pub sha256: Option<Digest>,
    /// The numbers of its samples; none where it has aggregates only.
    pub table: Option<Table>,
    /// What it says about itself, held against the manifest.
    pub state: EvidenceState,
    /// The ids that were dropped on purpose, where something is compared with an earlier release.
    pub retired: Option<Retired>,
    /// The baseline's results for it, where they were read.
    pub baseline: Option<Past>,
    /// The anchor's.
    pub anchor: Option<Past>,
}

/// An earlier release's results for an entry, read.
pub struct Past {
    /// Their files.
    pub opened: Opened,
    /// The numbers of their samples; none where they have aggregates only.
    pub table: Option<Table>,
    /// Which of their rows count.
    pub(super) conditions: Vec<Condition>,
    /// Whether they are those of a bundle, whose ids are hashes.
    pub(super) bundled: bool,
}

impl Entry {
    /// Whether it is the entry of that name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.spec.name.value == name
    }

    /// Its digest, of its files if nothing asked for it before.
    ///
    /// # Errors
    /// A file that cannot be read to its end.
    pub fn digest(&self) -> Result<Digest, Diagnostic> {
        self.sha256.clone().map_or_else(|| self.opened.digest(), Ok)
    }

    /// An earlier release's results for it, where they were read.
    #[must_use]
    pub fn past(&self, reference: Reference) -> Option<&Past> {
        match reference {
            Reference::Baseline => self.baseline.as_ref(),
            Reference::Anchor => self.anchor.as_ref(),
        }
    }
}

/// Reads every entry: numbers, and in one go the digests where `asked`, or where the manifest or a gate asks for one.
pub(super) fn read(
    release: &Release,
    opened: Vec<Opened>,
    gates: &[Gate],
    as_of: NaiveDate,
    asked: bool,
) -> Result<Vec<Entry>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut entries = Vec::new();
    for one in opened {
        let specs = &release.manifest.evidence;
        let Some(spec) = specs.iter().find(|spec| spec.name.value == one.name) else { continue };
        match read_one(release, one, spec, gates, asked) {
            Ok((opened, sha256, table)) => {
                let identities = opened.identities(&spec.conditions);
                let state = gate::check_identity(&identities, release, as_of);
                let spec = spec.clone();
                entries.push(Entry {
                    spec,
                    opened,
                    sha256,
                    table,
                    state,
                    retired: None,
                    baseline: None,
                    anchor: None,
                });
            }
            Err(found) => findings.extend(found),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(entries) }
}

fn read_one(
    release: &Release,
    opened: Opened,
    spec: &EvidenceSpec,
    gates: &[Gate],
    asked: bool,
) -> Result<(Opened, Option<Digest>, Option<Table>), Diagnostics> {
    opened.check_made_for(release)?;
    let bounds: Vec<&Bound> =
        gates.iter().map(|gate| &gate.bound).filter(|bound| bound.evidence == opened.name).collect();
    // What is drawn anew starts at it.
    let is_seed = bounds.iter().any(|bound| bound.measure.resamples());
    let (table, sha256) = if asked || spec.sha256.is_some() || is_seed {
        let numbers = read_numbers(&opened, &spec.conditions, false, spec, &bounds)?;
        (numbers.table, Some(numbers.sha256))
    } else {
        (undigested(&opened, spec, &bounds)?, None)
    };
    opened.check_unchanged()?;
    let is_other = |declared: &&Spanned<Digest>| Some(&declared.value) != sha256.as_ref();
    if let Some(declared) = spec.sha256.as_ref().filter(is_other) {
        return Err(Diagnostic::error(
            Code::EvidenceDigest,
            format!("evidence `{}` is not the declared one", opened.name),
        )
        .at(declared.span, "declared")
        .note(format!("its bytes have sha256 {}", sha256.as_ref().map_or("unknown", Digest::hex)))
        .help("restore the results that were meant, or declare the new digest")
        .into());
    }
    Ok((opened, sha256, table))
}

/// Some fields of an entry's samples as numbers, whatever gates ask.
pub(super) fn numbers(
    opened: &Opened,
    conditions: &[Condition],
    bundled: bool,
    fields: &[&str],
) -> Result<Table, Diagnostics> {
    one_run::check(opened, conditions)?;
    let mut plan = Plan::of_fields(conditions, opened.rows_as(bundled), fields);
    plan.labels_are_text = opened.labels_are_text();
    metric::gather(&opened.samples(), plan)
}

/// Makes sure that no case counts twice among the samples that meet `conditions`, where there are some.
///
/// # Errors
/// Damaged results, and the first cases that do.
pub fn check_cases(opened: &Opened, conditions: &[Condition]) -> Result<(), Diagnostics> {
    if opened.samples().is_empty() { Ok(()) } else { numbers(opened, conditions, false, &[]).map(drop) }
}

/// The numbers of an earlier release's samples for `entry` that `bounds` need, of the rows that meet `conditions` and are not
/// retired; none where it has aggregates only. `bundled` says that its rows are those of a bundle, whose ids are hashes.
///
/// # Errors
/// Damaged results.
pub(super) fn table(
    opened: &Opened,
    conditions: &[Condition],
    bundled: bool,
    entry: &Entry,
    bounds: &[&Bound],
) -> Result<Option<Table>, Diagnostics> {
    let inputs = opened.samples();
    if inputs.is_empty() {
        return Ok(None);
    }
    one_run::check(opened, conditions)?;
    let mut plan = plan(opened, conditions, bundled, &entry.spec, bounds);
    if let Some((retired, candidate)) = entry.retired.as_ref().zip(entry.table.as_ref()) {
        plan.left_out = retired.absent_from(candidate);
    }
    let table = metric::gather(&inputs, plan);
    table.map(Some)
}

/// What was read of an entry.
pub struct EntryNumbers {
    /// The numbers of its samples; none where it has aggregates only.
    pub table: Option<Table>,
    /// The digest of the bytes that they were read of.
    pub sha256: Digest,
}

/// The same with the digest of its bytes, taken while they are read, or known where nobody wrote to them since it was: both are
/// of one file, whatever is written meanwhile.
///
/// # Errors
/// Damaged results.
pub fn read_numbers(
    opened: &Opened,
    conditions: &[Condition],
    bundled: bool,
    spec: &EvidenceSpec,
    bounds: &[&Bound],
) -> Result<EntryNumbers, Diagnostics> {
    let inputs = opened.samples();
    if inputs.is_empty() {
        return Ok(EntryNumbers { table: None, sha256: opened.digest()? });
    }
    one_run::check(opened, conditions)?;
    let plan = plan(opened, conditions, bundled, spec, bounds);
    let metric::Gathered { mut table, digests } = metric::gather_and_digest(&inputs, plan)?;
    table.measured_with = opened.measured_with(conditions);
    Ok(EntryNumbers { table: Some(table), sha256: opened.digest_with(digests)? })
}

/// The numbers of an entry's own samples, without its digest.
fn undigested(opened: &Opened, spec: &EvidenceSpec, bounds: &[&Bound]) -> Result<Option<Table>, Diagnostics> {
    let (inputs, conditions) = (opened.samples(), &spec.conditions);
    if inputs.is_empty() {
        return Ok(None);
    }
    one_run::check(opened, conditions)?;
    let mut table = metric::gather(&inputs, plan(opened, conditions, false, spec, bounds))?;
    table.measured_with = opened.measured_with(conditions);
    Ok(Some(table))
}

/// What has to be read of an entry for these gates.
pub(super) fn plan(
    opened: &Opened,
    conditions: &[Condition],
    bundled: bool,
    spec: &EvidenceSpec,
    bounds: &[&Bound],
) -> Plan {
    let cluster = spec.cluster.as_ref().map(|field| field.value.as_str());
    let needs: Vec<Need<'_>> = bounds.iter().map(|bound| bound.need()).collect();
    let mut plan = Plan::new(conditions, cluster, opened.rows_as(bundled), &needs);
    plan.labels_are_text = opened.labels_are_text();
    plan.cluster_at_most = spec.cluster_at_most.as_ref().map(|most| most.value);
    plan
}
