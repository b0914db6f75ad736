//! The files of one evidence entry, open, with what their first rows show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::parts::{Files, Parts};
use super::selected::picked;
use crate::artifact::reason;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list, printable};
use crate::evidence::{
    self, Catalog, Compression, Declared, Depth, Identity, Measured as Stated, MeasuredWith, Projected,
    ResultsFile, ScoreType, Source, StatedAggregate, ToolRun,
};
use crate::manifest::{Condition, Digest};
use crate::metric::{self, Bound, Input, Offer, RowsAs};
use crate::release::Release;

/// One evidence entry, opened.
pub struct Opened {
    /// Its name in the manifest.
    pub name: String,
    /// Its files, in byte order of their paths.
    pub files: Vec<OpenedFile>,
    /// How the manifest says that they are read.
    declared: Declared,
    /// The parts that stand for them, where only numbers are here.
    parts: Option<Parts>,
}

/// One of its files.
pub struct OpenedFile {
    /// Its bytes, and the path under which they count in the digest of several.
    pub results: ResultsFile,
    /// What its first rows show, or all of them.
    pub catalog: Catalog,
}

impl OpenedFile {
    /// Its bytes.
    #[must_use]
    pub fn source(&self) -> &dyn Source {
        self.results.source.as_ref()
    }
}

impl Opened {
    /// Looks at the first rows of the files.
    ///
    /// # Errors
    /// A file that relgate does not understand; none of them holds results.
    pub fn open(name: &str, files: Vec<ResultsFile>, declared: Declared) -> Result<Self, Diagnostics> {
        let opened = Self::look_at(name, files, declared)?;
        opened.nothing_but_beside_results().map_or(Ok(opened), |finding| Err(finding.into()))
    }

    /// The same of files that need not hold results, as long as others do.
    ///
    /// # Errors
    /// A file that relgate does not understand.
    pub fn look_at(name: &str, files: Vec<ResultsFile>, declared: Declared) -> Result<Self, Diagnostics> {
        let probe = |results: ResultsFile| {
            let catalog = evidence::probe_as(results.source.as_ref(), Depth::Head, &declared)?;
            Ok(OpenedFile { results, catalog })
        };
        let (files, parts) = match Parts::among(name, files)? {
            Files::Here(files) => (files.into_iter().map(probe).collect::<Result<_, Diagnostics>>()?, None),
            Files::Parts(parts, files) => {
                let opened = |(results, catalog)| OpenedFile { results, catalog };
                (files.into_iter().map(opened).collect(), Some(parts))
            }
        };
        Ok(Self { name: name.to_owned(), files, declared, parts })
    }

    /// The finding that its tools wrote all of its files beside results, and those are not among them.
    #[must_use]
    pub fn nothing_but_beside_results(&self) -> Option<Diagnostic> {
        let holds = |file: &OpenedFile| file.catalog.has_samples() || !file.catalog.aggregates.is_empty();
        let first = self.files.first().filter(|_| !self.files.iter().any(holds))?;
        let told = &first.catalog.told;
        let results = told.beside_results.as_ref()?;
        let tool = told.tool.as_deref().unwrap_or("its tool");
        let text = format!("this file holds no results: {} writes it beside them", printable(tool));
        let finding = Diagnostic::error(Code::EmptyEvidence, text).in_file(first.source().name());
        Some(finding.help(format!("name {results}")))
    }

    /// Where its files stand in the file system.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let parts = self.parts.iter().flat_map(Parts::places);
        self.files.iter().filter_map(|file| file.source().path()).chain(parts)
    }

    /// What its rows are read from; `bundled` says that they are those of a bundle.
    #[must_use]
    pub(super) fn rows_as(&self, bundled: bool) -> RowsAs {
        match (bundled, &self.parts) {
            (true, _) => RowsAs::Bundled,
            (false, Some(_)) => RowsAs::Stripped,
            (false, None) => RowsAs::Written,
        }
    }

    /// Makes sure that its numbers, where only those are here, were made for a release.
    ///
    /// # Errors
    /// They were made for another.
    pub fn check_made_for(&self, release: &Release) -> Result<(), Diagnostic> {
        self.parts.as_ref().map_or(Ok(()), |parts| parts.check_made_for(release))
    }

    /// Makes sure that its numbers, where only those are here, were worked out against files as they are now.
    ///
    /// # Errors
    /// One of those has changed.
    pub(super) fn check_against(&self, now: &BTreeMap<String, String>) -> Result<(), Diagnostic> {
        self.parts.as_ref().map_or(Ok(()), |parts| parts.check_against(now))
    }

    /// Whether only parts of numbers are here.
    #[must_use]
    pub fn is_parts(&self) -> bool {
        self.parts.is_some()
    }

    /// Whether the values of a field can be read in a role.
    #[must_use]
    pub(super) fn keeps(&self, field: &Projected) -> bool {
        self.parts.as_ref().is_none_or(|parts| parts.keep(field))
    }

    /// The bytes of its files with the ending that says what they are; for aggregates, which are small. Of files that say
    /// other things too the aggregates only.
    ///
    /// # Errors
    /// A file that cannot be read to its end.
    pub fn copies(&self) -> Result<Vec<(String, Vec<u8>)>, Diagnostic> {
        let copies =
            self.files.iter().map(|file| copy(file.source(), &file.catalog)).collect::<Result<_, _>>()?;
        self.check_unchanged()?;
        Ok(copies)
    }

    /// Looks at all rows, where the first did not show everything.
    ///
    /// # Errors
    /// Damaged results.
    pub fn look_at_all(&mut self) -> Result<(), Diagnostics> {
        // Of parts more cannot be seen: whoever made them looked for what the gates ask.
        let here = self.parts.is_none();
        for file in self.files.iter_mut().filter(|file| here && !file.catalog.whole) {
            file.catalog = evidence::probe_as(file.results.source.as_ref(), Depth::Whole, &self.declared)?;
        }
        Ok(())
    }

    /// Whether some rows were not looked at.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.files.iter().any(|file| !file.catalog.whole)
    }

    /// Whether some file has a field or an aggregate of that name, as far as its rows were looked at.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let has =
            |catalog: &Catalog| catalog.fields.contains_key(name) || catalog.aggregates.contains_key(name);
        self.files.iter().any(|file| has(&file.catalog))
    }

    /// The fields that its rows have, as far as they were looked at.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.files.iter().flat_map(|file| file.catalog.fields.keys().map(String::as_str))
    }

    /// The first of its files, as messages show it.
    #[must_use]
    pub fn first_file(&self) -> &str {
        self.files.first().map_or("", |file| file.source().name())
    }

    /// The digest of the entry's bytes.
    ///
    /// # Errors
    /// A file that cannot be read to its end.
    pub fn digest(&self) -> Result<Digest, Diagnostic> {
        if let Some(parts) = &self.parts {
            return Ok(parts.digest());
        }
        let files: Vec<&ResultsFile> = self.files.iter().map(|file| &file.results).collect();
        evidence::digest_files(&files)
    }

    /// The same where the digests of its files of samples are known, in their order.
    ///
    /// # Errors
    /// Another file that cannot be read to its end.
    pub(super) fn digest_with(&self, sampled: Vec<Digest>) -> Result<Digest, Diagnostic> {
        if let Some(parts) = &self.parts {
            return Ok(parts.digest());
        }
        let mut sampled = sampled.into_iter();
        let mut digests = Vec::new();
        for OpenedFile { results, catalog } in &self.files {
            let known = if catalog.has_samples() { sampled.next() } else { None };
            let digest = known.map_or_else(|| evidence::digest_source(results.source.as_ref()), Ok)?;
            digests.push((results.member.as_str(), digest));
        }
        Ok(evidence::digest_of(digests))
    }

    /// The bytes of its files together.
    #[must_use]
    pub(super) fn length(&self) -> u64 {
        self.files.iter().map(|file| file.source().len()).sum()
    }

    /// A file that changed while it was read has told two stories.
    ///
    /// # Errors
    /// The first file that did.
    pub fn check_unchanged(&self) -> Result<(), Diagnostic> {
        self.files.iter().try_for_each(|file| file.source().check_unchanged())?;
        self.parts.as_ref().map_or(Ok(()), Parts::check_unchanged)
    }

    /// How its files are written: the name of their format, `mixed` where they differ.
    #[must_use]
    pub fn format(&self) -> &'static str {
        let mut formats: Vec<&str> = self.files.iter().map(|file| file.catalog.format.word()).collect();
        formats.dedup();
        if let [one] = formats.as_slice() { one } else { "mixed" }
    }

    /// What gates can be bound to.
    #[must_use]
    pub fn offer(&self) -> Offer {
        let mut offer = Offer { evidence: self.name.clone(), ..Offer::default() };
        for file in &self.files {
            offer.fields.extend(file.catalog.fields.keys().cloned());
            offer.aggregates.extend(file.catalog.aggregates.keys().cloned());
            // So many events of so many are a proportion, whatever they are called.
            let is_rate = |stated: &&StatedAggregate| matches!(stated.measured, Stated::Events { .. });
            for (name, _) in file.catalog.aggregates.iter().filter(|(_, stated)| is_rate(stated)) {
                offer.scores.insert(name.clone(), ScoreType::Rate);
            }
            offer.high_is_good.extend(file.catalog.told.high_is_good.iter().cloned());
            for (field, kind) in &file.catalog.told.scores {
                offer
                    .scores
                    .entry(field.clone())
                    .and_modify(|known| *known = known.and(*kind))
                    .or_insert(*kind);
            }
            let asides = file.catalog.asides.iter();
            offer.asides.extend(asides.map(|(name, aside)| (printable(name), aside.what.clone())));
        }
        offer.fields.sort();
        offer.fields.dedup();
        offer
    }

    /// What stands in its metrics files and is no metric, a warning a file.
    pub(super) fn asides(&self) -> impl Iterator<Item = Diagnostic> + '_ {
        self.files.iter().filter_map(|file| {
            let asides = &file.catalog.asides;
            let first = asides.values().map(|aside| aside.line).min()?;
            let is = if asides.len() == 1 {
                "is no number, and no metric"
            } else {
                "are no numbers, and no metrics"
            };
            let names = list(asides.keys().map(String::as_str), 6);
            let finding = Diagnostic::warning(Code::NoMetric, format!("{names} {is}"));
            Some(finding.at_line(file.source().name(), first))
        })
    }

    /// Its files of samples, for whoever streams them; empty where it has aggregates only.
    #[must_use]
    pub fn samples(&self) -> Vec<Input<'_>> {
        if let Some(parts) = &self.parts {
            return parts.inputs();
        }
        let sampled = self.files.iter().filter(|file| file.catalog.has_samples());
        sampled
            .map(|file| Input {
                source: file.source(),
                format: file.catalog.format,
                compression: file.catalog.compression,
                paths: &file.catalog.paths,
            })
            .collect()
    }

    /// The ids of cases that failed one of the rates among `bounds`; none where they are too many.
    ///
    /// # Errors
    /// Damaged results.
    pub fn failing(
        &self,
        conditions: &[Condition],
        bounds: &[&Bound],
    ) -> Result<Option<BTreeSet<String>>, Diagnostics> {
        let found = metric::failing(&self.samples(), conditions, self.labels_are_text(), bounds)?;
        self.check_unchanged()?;
        Ok(found)
    }

    /// Whether labels are all text, so that `true` and `"true"` are one: in CSV nobody can tell them apart.
    #[must_use]
    pub(super) fn labels_are_text(&self) -> bool {
        let sampled = self.files.iter().filter(|file| file.catalog.has_samples());
        sampled.into_iter().any(|file| file.catalog.format.labels_are_text())
    }

    /// What each file says about itself, and of the runs in it whose rows meet `conditions`: one that was made with other
    /// artifacts must not hide behind the others.
    #[must_use]
    pub fn identities(&self, conditions: &[Condition]) -> Vec<Identity> {
        let (tools, own): (Vec<&OpenedFile>, Vec<_>) =
            self.files.iter().partition(|file| !file.catalog.told.runs.is_empty());
        let mut identities: Vec<Identity> =
            own.into_iter().map(|file| file.catalog.identity.clone()).collect();
        // What a tool writes beside its rows may stand in a file without any, and holds for each that has some; a file of rows
        // says nothing about another.
        let (rows, beside): (Vec<&OpenedFile>, Vec<_>) =
            tools.into_iter().partition(|file| file.catalog.has_samples());
        let said = |file: &OpenedFile| {
            let mut said = Identity::default();
            let runs: Vec<&ToolRun> = picked(&file.catalog.told.runs, conditions).collect();
            for run in &runs {
                said.models.extend(run.models.iter().cloned());
                said.prompts.extend(run.prompts.iter().cloned());
                said.datasets.extend(run.dataset.iter().cloned());
            }
            let times: Option<Vec<_>> = runs.iter().map(|run| run.created).collect();
            said.created = times.and_then(|times| times.into_iter().min());
            said
        };
        let mut common = Identity::default();
        for identity in beside.iter().map(|file| said(file)) {
            common.created = [common.created, identity.created].into_iter().flatten().min();
            common.models.extend(identity.models);
            common.prompts.extend(identity.prompts);
            common.datasets.extend(identity.datasets);
        }
        // A file none of whose runs are selected counts for nothing. One with numbers of its own is judged as rows are, and must
        // not hide behind them either.
        let counts = |file: &&OpenedFile| picked(&file.catalog.told.runs, conditions).next().is_some();
        let measured = beside.iter().filter(|file| !file.catalog.aggregates.is_empty());
        for mut identity in rows.iter().chain(measured).copied().filter(counts).map(said) {
            identity.created = identity.created.or(common.created);
            identity.models.extend(common.models.iter().cloned());
            identity.prompts.extend(common.prompts.iter().cloned());
            identity.datasets.extend(common.datasets.iter().cloned());
            identities.push(identity);
        }
        identities.extend((identities.is_empty() && !beside.is_empty()).then_some(common));
        identities
    }

    /// The settings and models that its tools say the runs of its files were measured with, of those whose rows meet
    /// `conditions`.
    pub(super) fn measured_with(&self, conditions: &[Condition]) -> MeasuredWith {
        let mut with = MeasuredWith::default();
        self.files.iter().for_each(|file| with.extend(&file.catalog.measured_with));
        self.runs(conditions).for_each(|run| with.add(run));
        with
    }

    /// The runs of its files whose rows meet `conditions`.
    pub fn runs<'o>(&'o self, conditions: &'o [Condition]) -> impl Iterator<Item = &'o ToolRun> {
        self.files.iter().flat_map(move |file| picked(&file.catalog.told.runs, conditions))
    }

    /// What the tools that wrote its files leave in doubt.
    pub(super) fn problems(&self) -> impl Iterator<Item = Diagnostic> {
        self.files.iter().flat_map(|file| file.catalog.told.problems.iter().cloned())
    }
}

/// An aggregate of an entry, checked against what its metric can be.
///
/// # Errors
/// There is none of that name, or several files have one, or it cannot be.
pub fn stated(entry: Option<&Opened>, bound: &Bound, name: &str) -> Result<Stated, Diagnostic> {
    let files = entry.map_or(&[][..], |entry| &entry.files);
    let mut found = files.iter().filter_map(|file| Some((file.source(), file.catalog.aggregates.get(name)?)));
    let (first, second) = (found.next(), found.next());
    if let (Some((file, _)), Some((other, _))) = (first, second) {
        let text = format!("two files of evidence `{}` state `{name}`", bound.evidence);
        return Err(Diagnostic::error(Code::AmbiguousMetric, text)
            .in_file(other.name())
            .note(format!("the other one is {}", printable(file.name())))
            .help(
                "make an entry of each file, and let the gate name the one that is meant with `evidence:`",
            ));
    }
    let Some((file, aggregate)) = first else {
        return Err(Diagnostic::error(
            Code::UnknownMetric,
            format!("evidence `{}` has no `{name}`", bound.evidence),
        ));
    };
    metric::check_stated(bound, &aggregate.measured)
        .map_err(|finding| finding.at_line(file.name(), aggregate.line))?;
    Ok(aggregate.measured.clone())
}

fn copy(file: &dyn Source, catalog: &Catalog) -> Result<(String, Vec<u8>), Diagnostic> {
    let refuse = |why: &str| {
        Diagnostic::error(
            Code::Unreadable,
            format!("`{}` cannot be copied into the bundle: {why}", file.name()),
        )
        .in_file(file.name())
        .help("run relgate again once the file stands still")
    };
    let length = usize::try_from(file.len()).map_err(|_| refuse("it is too large"))?;
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(filled as u64, rest) {
            Ok(0) => return Err(refuse("it became shorter")),
            Ok(count) => filled += count,
            Err(error) => return Err(refuse(&reason(&error))),
        }
    }
    if !catalog.asides.is_empty() {
        // JSON is YAML too, and a number keeps the digits that only YAML allows.
        let ending = if is_yaml(file) { "yaml" } else { "json" };
        return Ok((ending.to_owned(), catalog.restated().into_bytes()));
    }
    let packed = match catalog.compression {
        Compression::None => "",
        Compression::Gzip => ".gz",
        Compression::Zstd => ".zst",
        // Metrics files are no Parquet.
        #[cfg(feature = "parquet")]
        Compression::Parquet => ".parquet",
    };
    Ok((format!("{}{packed}", if is_yaml(file) { "yaml" } else { "json" }), bytes))
}

fn is_yaml(file: &dyn Source) -> bool {
    [".yaml", ".yml"].iter().any(|ending| file.name().to_lowercase().contains(ending))
}
