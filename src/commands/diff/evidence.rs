//! The evaluation results of one side: opened where they are there, read once for everything that is asked of them.
//!
//! A history in git often has no results, which is said and stops nothing; results that are there and damaged do.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::evidence::Declared;
use crate::gate::{self, Claim};
use crate::judge::{self, EntryNumbers, Opened};
use crate::manifest::{Condition, GateSpec, Manifest};
use crate::metric::Bound;
use crate::release::Release;

/// The results of one side.
pub(super) struct Results<'a> {
    side: &'a Release,
    /// The manifest with the entries that are there.
    present: Manifest,
    /// Those entries, in its order.
    opened: Vec<Opened>,
    /// Entries that cannot be used: name, and why in words.
    pub(super) lacking: Vec<(String, String)>,
}

impl<'a> Results<'a> {
    /// Opens every entry that is there.
    ///
    /// # Errors
    /// Entries that are there and cannot be opened.
    pub(super) fn open(side: &'a Release) -> Result<Self, Diagnostics> {
        let mut present = side.manifest.clone();
        let mut findings = Diagnostics::new();
        let (mut opened, mut lacking) = (Vec::new(), Vec::new());
        for entry in &side.manifest.evidence {
            let name = &entry.name.value;
            let said = if side.bundled.is_some() {
                Declared::default()
            } else {
                Declared::new(&entry.fields, entry.format).with_raters(entry.row_key.as_ref())
            };
            let found = side
                .tree
                .expand(name, &entry.path)
                .map_err(Diagnostics::from)
                .and_then(|files| Opened::open(name, files, said))
                .and_then(|opened| Ok(opened.check_made_for(side).map(|()| opened)?));
            match found {
                Ok(opened_entry) => match other_artifacts(&opened_entry, &entry.conditions, side) {
                    None => opened.push(opened_entry),
                    Some(why) => lacking.push((name.clone(), why)),
                },
                Err(found) if found.iter().all(|one| one.nature.is_absence()) => {
                    lacking.push((name.clone(), "are not there".to_owned()));
                }
                Err(found) => findings.extend(found),
            }
        }
        present.evidence.retain(|entry| opened.iter().any(|open: &Opened| open.name == entry.name.value));
        if findings.has_errors() { Err(findings) } else { Ok(Self { side, present, opened, lacking }) }
    }

    /// What a gate measures in these results; none where they do not have it.
    pub(super) fn bind(&mut self, gate: &GateSpec) -> Option<Bound> {
        self.present.gates = vec![gate.clone()];
        let gates = judge::ask(&self.present, &mut self.opened).ok()?;
        gates.into_iter().next().map(|gate| gate.bound)
    }

    /// Whether the results have all that a gate of the other side measures; the first name that they lack.
    ///
    /// # Errors
    /// A file that cannot be read to its end.
    pub(super) fn lacks(&mut self, bound: &Bound) -> Result<Option<String>, Diagnostics> {
        let bundled = self.is_bundle();
        let Some(entry) = self.opened.iter_mut().find(|entry| entry.name == bound.evidence) else {
            return Ok(Some(bound.evidence.clone()));
        };
        // In a bundle selections and what is made of texts are columns of their own.
        let texts = bound.measure.text_fields();
        let mask = |name: &str| {
            let of_texts = texts.is_some_and(|texts| texts.fields().any(|field| field == name));
            bundled && (of_texts || bound.conditions.iter().any(|one| one.field.value == name))
        };
        let columns = if bundled { bound.measure.text_columns() } else { Vec::new() };
        let lacks = |entry: &Opened| {
            let names = bound.names().into_iter().filter(|name| !mask(name));
            let mut names = names.chain(columns.iter().map(String::as_str));
            names.find(|name| !entry.has(name)).map(str::to_owned)
        };
        if lacks(entry).is_some() && entry.is_partial() {
            entry.look_at_all()?;
        }
        Ok(lacks(entry))
    }

    /// Reads the references and schemas that these measure against; a bundle has counts instead.
    ///
    /// # Errors
    /// A file that is not there or cannot be read, or has other rows than the results.
    pub(super) fn read_compared_with<'b>(
        &self,
        bounds: impl Iterator<Item = &'b mut Bound>,
    ) -> Result<(), Diagnostics> {
        if self.is_bundle() {
            return Ok(());
        }
        judge::read_compared_with(bounds, &self.opened, &self.present, self.side.tree.as_ref())
    }

    /// Reads every entry that one of `bounds` is about.
    ///
    /// # Errors
    /// Damaged results, or results of another digest than the manifest declares.
    pub(super) fn read(&self, bounds: &[&Bound]) -> Result<BTreeMap<String, EntryNumbers>, Diagnostics> {
        let mut findings = Diagnostics::new();
        let mut read = BTreeMap::new();
        for (entry, spec) in self.opened.iter().zip(&self.present.evidence) {
            let gates: Vec<&Bound> =
                bounds.iter().copied().filter(|bound| bound.evidence == entry.name).collect();
            if gates.is_empty() {
                continue;
            }
            // A bundle keeps the selected rows only.
            let bundled = self.is_bundle();
            let conditions = if bundled { &[][..] } else { &spec.conditions };
            let one = judge::read_numbers(entry, conditions, bundled, spec, &gates);
            let declared = spec.sha256.as_ref().filter(|_| !bundled);
            match one {
                Ok(one) if declared.is_some_and(|declared| declared.value != one.sha256) => {
                    let finding = Diagnostic::error(
                        Code::EvidenceDigest,
                        format!(
                            "evidence `{}` of {} is not the declared one",
                            entry.name,
                            self.side.source()
                        ),
                    );
                    findings.push(finding.at(spec.path.span, "its bytes have another digest"));
                }
                Ok(one) => {
                    read.insert(entry.name.clone(), one);
                }
                Err(found) => findings.extend(found),
            }
        }
        if findings.has_errors() { Err(findings) } else { Ok(read) }
    }

    /// The ids of cases that failed one of the rates among `bounds`; none where they are too many. A bundle has
    /// hashed ids, which nobody can find again in a suite.
    ///
    /// # Errors
    /// Damaged results.
    pub(super) fn failing(&self, bounds: &[Bound]) -> Result<Option<BTreeSet<String>>, Diagnostics> {
        let mut all = BTreeSet::new();
        if self.is_bundle() {
            return Ok(Some(all));
        }
        for (entry, spec) in self.opened.iter().zip(&self.present.evidence) {
            let own: Vec<&Bound> = bounds.iter().filter(|bound| bound.evidence == entry.name).collect();
            match entry.failing(&spec.conditions, &own)? {
                Some(ids) => all.extend(ids),
                None => return Ok(None),
            }
        }
        Ok(Some(all))
    }

    /// An opened entry.
    pub(super) fn entry(&self, name: &str) -> Option<&Opened> {
        self.opened.iter().find(|entry| entry.name == name)
    }

    /// Whether its samples are known by hashes of their ids only.
    pub(super) fn is_bundle(&self) -> bool {
        self.side.bundled.is_some()
    }
}

/// Results of other artifacts than the side declares say nothing about it.
fn other_artifacts(entry: &Opened, conditions: &[Condition], side: &Release) -> Option<String> {
    gate::check_claims(&entry.identities(conditions), side).into_iter().find_map(|claim| match claim {
        Claim::Differs(key, claimed, declared) => {
            Some(format!("were made with {key} {claimed}, and the manifest has {declared}"))
        }
        _ => None,
    })
}
