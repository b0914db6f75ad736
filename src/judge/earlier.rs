//! The results of the releases that a candidate is compared with: found, opened, read for the gates that need them.

use std::collections::BTreeSet;

use super::copied;
use super::entry::{Entry, Past, table};
use super::opened::Opened;
use super::retired::Retired;
use super::selected::same_conditions;
use super::yardstick;
use crate::artifact::{Replaced, ResultsFile, Tree, replaced};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Nature, Place, printable};
use crate::evidence::Declared;
use crate::gate::{self, Claim, Gate};
use crate::manifest::{Condition, EvidenceSpec, Reference};
use crate::metric::Bound;
use crate::release::Release;

/// Results that somebody names instead of those of a manifest, by the name of their evidence entry; none where nobody does.
pub type Given<'a> = dyn Fn(&str) -> Option<Result<Vec<ResultsFile>, Diagnostic>> + Sync + 'a;

/// The releases that a candidate is compared with, and where their results are.
#[derive(Clone, Copy)]
pub struct Earlier<'a> {
    /// The release before.
    pub baseline: Option<&'a Release>,
    /// A fixed older one.
    pub anchor: Option<&'a Release>,
    /// The candidate's tree, on which it may name results of the baseline itself.
    pub tree: &'a dyn Tree,
    /// Results of the baseline that somebody names instead.
    pub given: &'a Given<'a>,
}

/// An earlier release's results for an entry, opened.
pub struct EarlierResults {
    /// Their files.
    pub opened: Opened,
    /// Which of their rows count.
    pub conditions: Vec<Condition>,
    /// Whether they are those of a bundle.
    pub bundled: bool,
    /// The digest of the results that a bundle was made of, where the same rows of them counted as count now.
    pub bundled_from: Option<String>,
    /// The release's own results, where others are named in their place.
    pub replaced: Option<Replaced>,
}

impl<'a> Earlier<'a> {
    /// The release itself.
    pub(super) fn release(&self, reference: Reference) -> Option<&'a Release> {
        match reference {
            Reference::Baseline => self.baseline,
            Reference::Anchor => self.anchor,
        }
    }

    /// Whether one of them is a bundle, which says by a digest of what results it was made.
    pub(super) fn is_bundled(&self) -> bool {
        [self.baseline, self.anchor].into_iter().flatten().any(|release| release.bundled.is_some())
    }

    /// The results of one of them for an evidence entry of the candidate, and which of their rows count.
    ///
    /// What the candidate and the command line say about the baseline's results says nothing about the anchor's.
    ///
    /// # Errors
    /// There are none, or they cannot be opened, or they were made with other artifacts than their release declares.
    pub fn results(&self, reference: Reference, entry: &EvidenceSpec) -> Result<EarlierResults, Diagnostics> {
        let name = &entry.name.value;
        let is_baseline = reference == Reference::Baseline;
        let release = if is_baseline { self.baseline } else { self.anchor };
        let given = if is_baseline { (self.given)(name) } else { None };
        let declared = entry.baseline.as_ref().filter(|_| is_baseline);
        let own = release.and_then(|release| {
            let other = release.manifest.evidence.iter().find(|other| other.name.value == *name)?;
            Some((release, other))
        });
        let overridden = given.is_some() || declared.is_some();
        let files = match (given, declared, own) {
            (Some(files), _, _) => files?,
            (None, Some(declared), _) => self.tree.expand(name, &declared.path)?,
            (None, None, Some((release, other))) => release.tree.expand(name, &other.path)?,
            (None, None, None) => return Err(nothing(entry, release.is_some(), reference).into()),
        };
        let own_files = own.filter(|_| !overridden);
        let bundle = own_files.and_then(|(release, other)| Some((release.bundled.as_ref()?, other)));
        let bundled = bundle.is_some();
        let conditions = declared
            .and_then(|declared| declared.conditions.clone())
            .or_else(|| own.map(|(_, other)| other.conditions.clone()))
            .unwrap_or_else(|| entry.conditions.clone());
        let bundled_from = bundle
            .filter(|(_, other)| same_conditions(&other.conditions, &entry.conditions))
            .and_then(|(bundled, _)| bundled.results.get(name).cloned());
        // A bundle keeps the selected rows only.
        let conditions = if bundled { Vec::new() } else { conditions };
        // Results that a release brings are read as it says; those that the candidate names, as the candidate's own.
        let said = match own_files {
            Some(_) if bundled => Declared::default(),
            Some((_, other)) => {
                Declared::new(&other.fields, other.format).with_raters(other.row_key.as_ref())
            }
            None => Declared::new(
                declared.and_then(|declared| declared.fields.as_ref()).unwrap_or(&entry.fields),
                declared.and_then(|declared| declared.format).or(entry.format),
            )
            .with_raters(entry.row_key.as_ref()),
        };
        let replaced = release.filter(|_| overridden).and_then(|release| {
            let named: Vec<&ResultsFile> = files.iter().collect();
            replaced(release.tree.as_ref(), &release.manifest, name, Ok(&named))
        });
        let opened = Opened::open(name, files, said)?;
        if let Some(release) = release {
            opened.check_made_for(release)?;
        }
        if let Some(release) = release.filter(|_| !overridden && !bundled) {
            check_identity(&opened, &conditions, release, reference)?;
        }
        Ok(EarlierResults { opened, conditions, bundled, bundled_from, replaced })
    }
}

/// Results of an earlier release that were made with other artifacts than it declares are not its results.
fn check_identity(
    opened: &Opened,
    conditions: &[Condition],
    release: &Release,
    reference: Reference,
) -> Result<(), Diagnostic> {
    let claims = gate::check_claims(&opened.identities(conditions), release);
    let other = claims.into_iter().find_map(|claim| match claim {
        Claim::Differs(key, claimed, declared) => Some((key, claimed, declared)),
        _ => None,
    });
    let Some((key, claimed, declared)) = other else { return Ok(()) };
    let (name, whose) = (&opened.name, reference.word());
    Err(Diagnostic::error(
        Code::BaselineEvidenceMismatch,
        format!("the {whose}'s `{name}` was made with {key} {claimed}; its manifest has {declared}"),
    )
    .in_file(opened.first_file())
    .help(format!(
        "evaluate the {whose} as it was released, or compare with the release that these results belong to"
    )))
}

fn nothing(entry: &EvidenceSpec, named: bool, reference: Reference) -> Diagnostic {
    let (name, whose) = (&entry.name.value, reference.word());
    let found = Diagnostic::error(
        Code::NoBaselineEvidence,
        format!("evidence `{name}` has no results of the {whose}"),
    )
    .nature(Nature::Absent)
    .at(entry.name.span, format!("compared with the {whose} by a gate"));
    match (named, reference) {
        (false, _) => found.help(format!(
            "name the release to compare with: `{whose}: releases/2.3.0`, or `{whose}: git:v2.3.0`; without one (`none`) there is no gate on a change"
        )),
        (true, Reference::Baseline) => found.help(format!(
            "the baseline's manifest has no evidence `{name}`; name its results: `baseline: path/to/results`"
        )),
        (true, Reference::Anchor) => found.help(format!(
            "the anchor's manifest has no evidence `{name}`; name a release as `anchor` that was evaluated with it"
        )),
    }
}

/// What the gates on one entry need of an earlier release.
struct Need<'a> {
    reference: Reference,
    /// The gates that compare with it.
    compared: Vec<&'a Bound>,
    /// The others, whose slices are those of the baseline too: one that the candidate lost must not go unjudged.
    beside: Vec<&'a Bound>,
}

impl<'a> Need<'a> {
    fn of(reference: Reference, entry: &Entry, gates: &'a [Gate]) -> Self {
        let own = gates.iter().filter(|gate| gate.applies && entry.is(&gate.bound.evidence));
        let (mut compared, mut beside) = (Vec::new(), Vec::new());
        for gate in own {
            match gate.bound.against() {
                Some(against) if against == reference => compared.push(&gate.bound),
                None if reference == Reference::Baseline => beside.push(&gate.bound),
                _ => {}
            }
        }
        Self { reference, compared, beside }
    }
}

/// Reads the earlier releases' results of every entry that a gate needs them for, and the baseline's of the others where they
/// are there: a case or a slice that the candidate lost must not go unnoticed.
pub(super) fn read(
    entries: &mut [Entry],
    earlier: &Earlier<'_>,
    gates: &[Gate],
    warnings: &mut Vec<Diagnostic>,
) -> Result<(), Diagnostics> {
    let mut findings = Diagnostics::new();
    for reference in [Reference::Baseline, Reference::Anchor] {
        for entry in &mut *entries {
            let need = Need::of(reference, entry, gates);
            if need.compared.is_empty() && (need.beside.is_empty() || earlier.baseline.is_none()) {
                continue;
            }
            if entry.retired.is_none() {
                match Retired::of(&entry.spec, earlier.tree) {
                    Ok(retired) => entry.retired = retired,
                    Err(found) => {
                        findings.extend(found);
                        continue;
                    }
                }
            }
            let found = earlier.results(reference, &entry.spec);
            let read = found.and_then(|found| {
                warnings.extend(replacement(entry, &found, reference));
                let same = found.is_of(entry)?;
                let past = read_one(entry, found, &need)?;
                let tables = entry.table.as_ref().zip(past.table.as_ref());
                if tables.is_none() {
                    warnings
                        .extend(entry.retired.as_ref().and_then(|listed| listed.without_cases(&entry.spec)));
                }
                if let Some((listed, tables)) = entry.retired.as_ref().zip(tables) {
                    warnings.extend(listed.told(&entry.spec, tables, reference));
                }
                if !need.compared.is_empty() {
                    yardstick::check(entry, &past, reference)?;
                }
                if !need.compared.is_empty() && same_conditions(&past.conditions, &entry.spec.conditions) {
                    warnings.extend(copied::check(entry, &past, reference, same)?);
                }
                Ok(past)
            });
            match (read, reference) {
                (Ok(past), Reference::Baseline) => entry.baseline = Some(past),
                (Ok(past), Reference::Anchor) => entry.anchor = Some(past),
                (Err(found), _) if need.compared.is_empty() => {
                    warnings.extend(unread(entry, &found, reference));
                }
                (Err(found), _) => findings.extend(found),
            }
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(()) }
}

/// Says that other results are read than those of the release.
fn replacement(entry: &Entry, found: &EarlierResults, reference: Reference) -> Option<Diagnostic> {
    let instead = found.replaced.as_ref()?;
    let (name, whose) = (&entry.spec.name.value, reference.word());
    let text = format!(
        "the {whose}'s results of `{name}` are replaced: {} is read {}",
        found.opened.first_file(),
        instead.words()
    );
    let span = entry.spec.baseline.as_ref().map_or(entry.spec.name.span, |declared| declared.path.span);
    Some(
        Diagnostic::warning(Code::BaselineReplaced, text)
            .at(span, "read for the baseline")
            .note("worse results of the baseline make any candidate look good")
            .help(format!(
                "compare with the {whose}'s own results, or with the release that these belong to"
            )),
    )
}

/// Says that results which nothing is compared with cannot be read; nothing where they are only not there, as is usual in a
/// history.
fn unread(entry: &Entry, found: &Diagnostics, reference: Reference) -> Option<Diagnostic> {
    let first = found.iter().find(|one| !one.nature.is_absence())?;
    let file = match &first.place {
        Place::File(file) => format!(" ({file})"),
        Place::Line { file, line } => format!(" ({file}:{line})"),
        Place::Nowhere | Place::Span(_) => String::new(),
    };
    let (name, whose) = (&entry.spec.name.value, reference.word());
    let text = format!(
        "the {whose}'s results of `{name}` cannot be read, so nobody knows whether cases or slices of it are gone: {}{file}",
        first.title
    );
    Some(
        Diagnostic::warning(Code::BaselineUnread, text)
            .at(entry.spec.name.span, "judged without a look at them")
            .help(format!("repair the {whose}'s results, or take them again from where they were kept")),
    )
}

impl EarlierResults {
    /// Whether they are, byte for byte, those of an entry; of a bundle, whether it was made of them.
    fn is_of(&self, entry: &Entry) -> Result<bool, Diagnostics> {
        match &self.bundled_from {
            Some(hex) => Ok(hex == entry.digest()?.hex()),
            // Files of another length are others, without looking into them.
            None if self.opened.length() != entry.opened.length() => Ok(false),
            None => Ok(self.opened.digest()? == entry.digest()?),
        }
    }
}

/// Whether a bundle has not all columns of a metric of texts.
fn lacks_columns(opened: &Opened, bound: &Bound) -> bool {
    bound.measure.text_columns().iter().any(|column| !opened.has(column))
}

/// Figures of texts by other rules are not compared: a bundle keeps counts, of which nobody can make others.
fn check_signature(opened: &Opened, bound: &Bound, whose: &str) -> Result<(), Diagnostic> {
    let (Some(texts), Some(ours)) = (bound.measure.text_fields(), bound.measure.signature()) else {
        return Ok(());
    };
    if !lacks_columns(opened, bound) {
        return Ok(());
    }
    let kind = ours.split('|').next().unwrap_or_default();
    let behind = format!(" {}", texts.name());
    let theirs = opened.fields().find_map(|column| {
        let signature = column.rfind(&behind).and_then(|end| column.get(..end))?;
        signature.strip_prefix(kind).filter(|rest| rest.starts_with('|')).map(|_| signature)
    });
    let name = &opened.name;
    let Some(theirs) = theirs else {
        let text = format!("the {whose}'s `{name}` has no {kind} of {}", printable(&texts.name()));
        return Err(Diagnostic::error(Code::BaselineLacksField, text).in_file(opened.first_file()).help(format!(
            "a bundle keeps what its release had gates on: name the {whose} itself, or its results for this entry"
        )));
    };
    let text = format!("`{}` is worked out by other rules than the {whose}'s", bound.metric);
    Err(Diagnostic::error(Code::TextSignature, text)
        .at(bound.rule.subject_span(), "compared with figures of other rules")
        .note(format!("here:     {}", printable(&ours)))
        .note(format!("{whose}: {}", printable(theirs)))
        .help(format!(
            "name the {whose} itself, or its results, instead of its bundle: they are worked out again; or keep the rules"
        )))
}

fn read_one(entry: &Entry, found: EarlierResults, need: &Need<'_>) -> Result<Past, Diagnostics> {
    let EarlierResults { mut opened, conditions, bundled, .. } = found;
    let (name, whose) = (&entry.spec.name.value, need.reference.word());
    // In a bundle the selections of single metrics and the counts of texts are columns of their own, and slices are the
    // candidate's.
    let of_masks = |name: &&str| {
        let is = |bound: &&Bound| {
            bound.conditions.iter().any(|condition| condition.field.value == **name)
                || bound.by.iter().any(|field| field == *name)
                || bound.measure.text_fields().is_some_and(|texts| texts.fields().any(|field| field == *name))
        };
        bundled && need.compared.iter().any(is)
    };
    if bundled {
        if need.compared.iter().any(|bound| lacks_columns(&opened, bound)) {
            opened.look_at_all()?;
        }
        need.compared.iter().try_for_each(|bound| check_signature(&opened, bound, whose))?;
    }
    let wanted: BTreeSet<&str> =
        need.compared.iter().flat_map(|bound| bound.names()).filter(|name| !of_masks(name)).collect();
    let lacks = |opened: &Opened| wanted.iter().find(|name| !opened.has(name)).copied();
    if lacks(&opened).is_some() {
        opened.look_at_all()?;
    }
    if let Some(field) = lacks(&opened) {
        return Err(Diagnostic::error(
            Code::BaselineLacksField,
            format!("the {whose}'s `{name}` has no `{field}`"),
        )
        .in_file(opened.first_file())
        .help(if bundled {
            format!("a bundle keeps what its release had gates on: name the {whose} itself, or its results for this entry")
        } else {
            format!("evaluate the {whose} with the same suite, so that both can be compared")
        })
        .into());
    }
    let known = |bound: &&Bound| bound.names().iter().all(|name| of_masks(name) || opened.has(name));
    let bounds: Vec<&Bound> =
        need.compared.iter().copied().chain(need.beside.iter().copied().filter(known)).collect();
    let table = table(&opened, &conditions, bundled, entry, &bounds)?;
    opened.check_unchanged()?;
    // A bundle keeps the selected rows only.
    let conditions = if bundled { entry.spec.conditions.clone() } else { conditions };
    Ok(Past { opened, table, conditions, bundled })
}
