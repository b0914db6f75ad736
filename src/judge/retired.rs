//! Ids that were dropped on purpose: an earlier release's cases that nobody misses in the candidate.

use crate::artifact::{ResultsFile, Tree, digest_files};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list, printable, shortened};
use crate::evidence::{Declared, listed_ids};
use crate::manifest::{Digest, EvidenceSpec, Reference};
use crate::metric::{Table, id_of};

/// The ids that an entry's `retired:` lists.
#[derive(Debug, Clone)]
pub struct Retired {
    /// The file, or the first of several, as messages name it.
    pub file: String,
    /// The digest of its bytes.
    pub sha256: Digest,
    /// Ids as they are written, with what a table knows them by.
    ids: Vec<(u64, String)>,
}

impl Retired {
    /// Reads the list of an entry; none where it has none.
    ///
    /// # Errors
    /// It is not there, cannot be read, or lists nothing.
    pub(super) fn of(entry: &EvidenceSpec, tree: &dyn Tree) -> Result<Option<Self>, Diagnostics> {
        let Some(declared) = &entry.retired else { return Ok(None) };
        let files = tree.expand(&entry.name.value, declared)?;
        let how = Declared::new(&entry.fields, None);
        let mut ids = Vec::new();
        for file in &files {
            ids.extend(listed_ids(file.source.as_ref(), &how)?.into_iter().map(|id| (id_of(&id), id)));
        }
        ids.sort_unstable();
        ids.dedup();
        let all: Vec<&ResultsFile> = files.iter().collect();
        let sha256 = digest_files(&all)?;
        files.iter().try_for_each(|file| file.source.check_unchanged())?;
        let file = files.first().map(|file| file.source.name().to_owned()).unwrap_or_default();
        Ok(Some(Self { file, sha256, ids }))
    }

    /// How many ids it lists.
    #[must_use]
    pub fn listed(&self) -> u64 {
        self.ids.len() as u64
    }

    /// What an earlier release's table is read without, in order: a case that was evaluated again is none of them.
    pub(super) fn absent_from(&self, candidate: &Table) -> Vec<u64> {
        let mut own: Vec<u64> = candidate.all_rows().iter().map(|row| candidate.id(*row as usize)).collect();
        own.sort_unstable();
        let ids = self.ids.iter().map(|(id, _)| *id);
        ids.filter(|id| own.binary_search(id).is_err()).collect()
    }

    /// Says that aggregates have no cases which could be left out.
    pub(super) fn without_cases(&self, entry: &EvidenceSpec) -> Option<Diagnostic> {
        let declared = entry.retired.as_ref()?;
        let (name, file) = (&entry.name.value, printable(&self.file));
        let text = format!("{file} retires {} ids, and `{name}` has no samples on both sides", self.listed());
        let found = Diagnostic::warning(Code::RetiredUnknown, text).at(declared.span, "retires nothing");
        Some(found.help("retire ids of results with a row a sample"))
    }

    /// Says how many cases of an earlier release are left out, and which ids of the list are none to leave out.
    pub(super) fn told(
        &self,
        entry: &EvidenceSpec,
        (candidate, earlier): (&Table, &Table),
        reference: Reference,
    ) -> Vec<Diagnostic> {
        let Some(declared) = &entry.retired else { return Vec::new() };
        let (whose, name, file) = (reference.word(), &entry.name.value, printable(&self.file));
        let absent = self.absent_from(candidate);
        let left_out = earlier.left_out();
        let mut told = Vec::new();
        if !left_out.is_empty() {
            let text = format!(
                "{} of the {whose}'s ids of `{name}` are retired by {file}, and left out of what is compared with it",
                left_out.len()
            );
            told.push(Diagnostic::warning(Code::RetiredCases, text).at(declared.span, "dropped on purpose"));
        }
        let named = |with: &dyn Fn(&u64) -> bool| -> Vec<&str> {
            let mut named: Vec<&str> =
                self.ids.iter().filter(|(id, _)| with(id)).map(|(_, id)| shortened(id)).collect();
            named.sort_unstable();
            named
        };
        let still = named(&|id| absent.binary_search(id).is_err());
        if !still.is_empty() {
            let text = format!(
                "{} ids that {file} retires are in the candidate's results of `{name}`, and count like any other: {}",
                still.len(),
                list(still.iter().copied(), 5)
            );
            told.push(
                Diagnostic::warning(Code::RetiredPresent, text)
                    .at(declared.span, "not dropped")
                    .help("take them from the list; a case that is evaluated is never left out"),
            );
        }
        let unknown = named(&|id| absent.binary_search(id).is_ok() && left_out.binary_search(id).is_err());
        if !unknown.is_empty() {
            let text = format!(
                "{} ids that {file} retires are none of the {whose}'s: {}",
                unknown.len(),
                list(unknown.iter().copied(), 5)
            );
            told.push(
                Diagnostic::warning(Code::RetiredUnknown, text)
                    .at(declared.span, "retires what was not there")
                    .help(
                        "mend the ids, or take those from the list that an earlier release dropped already",
                    ),
            );
        }
        told
    }
}
