//! Evidence that `relgate summarize` made numbers of, in parts: each of them exactly once, all for this release, judged as the
//! files that they are of.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::artifact::digest_bytes;
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::evidence::{
    self, Catalog, MadeFor, NumbersPart, PartSource, Paths, ResultsFile, Source, check_part_set,
    check_parts_against, check_parts_made_for,
};
use crate::manifest::{Digest, Format, Manifest};
use crate::metric::Input;
use crate::release::{Inherited, Release};

/// What numbers of a release's evidence are made for: `sha256` is the digest of its manifest's bytes.
#[must_use]
pub fn made_for(manifest: &Manifest, sha256: &Digest, inherited: &[Inherited]) -> MadeFor {
    let mut texts = sha256.hex().to_owned();
    for policy in inherited {
        texts.push('\n');
        texts.push_str(digest_bytes(policy.text.as_bytes()).hex());
    }
    MadeFor {
        name: manifest.name.value.clone(),
        version: manifest.version.value.to_string(),
        sha256: digest_bytes(texts.as_bytes()).hex().to_owned(),
    }
}

/// The parts of an evidence entry, all of them.
pub(super) struct Parts {
    files: Vec<(ResultsFile, NumbersPart)>,
    paths: Paths,
    /// The files that they are of, in byte order of their paths, with their digests.
    sources: Vec<(String, Digest)>,
}

/// Files of an entry: those that are there, or those that parts are of.
pub(super) enum Files {
    Here(Vec<ResultsFile>),
    Parts(Parts, Vec<(ResultsFile, Catalog)>),
}

impl Parts {
    /// The parts among the files of an entry.
    ///
    /// # Errors
    /// Parts that are damaged, missing, there twice or not of one set; parts beside other results.
    pub(super) fn among(name: &str, files: Vec<ResultsFile>) -> Result<Files, Diagnostic> {
        let mut found = Vec::new();
        let mut others = Vec::new();
        for file in files {
            match NumbersPart::of(file.source.as_ref())? {
                Some(part) => found.push((file, part)),
                None => others.push(file),
            }
        }
        let Some((first, _)) = found.first() else { return Ok(Files::Here(others)) };
        if let Some(other) = others.first() {
            let text = format!(
                "this does not read as a part of the evidence `{name}`, and {} is one",
                first.source.name()
            );
            return Err(Diagnostic::error(Code::NumbersParts, text)
                .in_file(other.source.name())
                .help("where it is a part, it is damaged: let `relgate summarize` write it anew")
                .help(
                    "where it is a file of results, judge parts alone, or the results that they were made of",
                ));
        }
        found.sort_by_key(|(_, part)| part.header.number);
        check_part_set(Some(name), &named(&found))?;
        let mut sources: Vec<(&ResultsFile, &PartSource)> = found
            .iter()
            .flat_map(|(file, part)| part.header.sources.iter().map(move |one| (file, one)))
            .collect();
        sources.sort_by(|(_, a), (_, b)| a.member.as_bytes().cmp(b.member.as_bytes()));
        for [(one, source), (other, next)] in sources.array_windows() {
            if source.member == next.member {
                let text = format!("the rows of {} are in two parts", printable(&source.member));
                return Err(Diagnostic::error(Code::NumbersParts, text)
                    .in_file(other.source.name())
                    .note(format!("the other one is {}", printable(one.source.name())))
                    .help("give every file to one `relgate summarize` only"));
            }
        }
        let digest = |source: &PartSource, file: &ResultsFile| {
            Digest::from_hex(&source.sha256).ok_or_else(|| {
                Diagnostic::error(Code::NumbersDamaged, "a digest in the header is none")
                    .nature(Nature::Damaged)
                    .in_file(file.source.name())
                    .help("let `relgate summarize` write it anew")
            })
        };
        let digests = sources
            .iter()
            .map(|(file, source)| Ok((source.member.clone(), digest(source, file)?)))
            .collect::<Result<_, Diagnostic>>()?;
        let opened = sources.iter().map(|(_, source)| opened(source)).collect();
        let rated = found.iter().any(|(_, part)| part.columns.iter().any(|column| column == "rater"));
        Ok(Files::Parts(Self { paths: Paths::of_numbers(rated), sources: digests, files: found }, opened))
    }

    /// Makes sure that they were made for a release.
    ///
    /// # Errors
    /// They were made for another, or its manifest has changed since.
    pub(super) fn check_made_for(&self, release: &Release) -> Result<(), Diagnostic> {
        let own = made_for(&release.manifest, &release.sha256, &release.inherited);
        check_parts_made_for(&own, &named(&self.files))
    }

    /// Makes sure that files which numbers were worked out against are what they were then, by path.
    ///
    /// # Errors
    /// One that is another now.
    pub(super) fn check_against(&self, now: &BTreeMap<String, String>) -> Result<(), Diagnostic> {
        check_parts_against(now, &named(&self.files))
    }

    /// The digest of the files that they are of.
    pub(super) fn digest(&self) -> Digest {
        evidence::digest_of(self.sources.iter().map(|(member, digest)| (member.as_str(), digest.clone())))
    }

    /// Their rows, for whoever streams them.
    pub(super) fn inputs(&self) -> Vec<Input<'_>> {
        self.files
            .iter()
            .map(|(file, part)| Input {
                source: file.source.as_ref(),
                format: Format::Numbers,
                compression: part.compression,
                paths: &self.paths,
            })
            .collect()
    }

    /// Where they stand in the file system.
    pub(super) fn places(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().filter_map(|(file, _)| file.source.path())
    }

    /// Whether each keeps what a field's values are.
    pub(super) fn keep(&self, field: &evidence::Projected) -> bool {
        self.files.iter().all(|(_, part)| part.keeps(field))
    }

    /// # Errors
    /// The first of them that changed while it was read.
    pub(super) fn check_unchanged(&self) -> Result<(), Diagnostic> {
        self.files.iter().try_for_each(|(file, _)| file.source.check_unchanged())
    }
}

fn named(files: &[(ResultsFile, NumbersPart)]) -> Vec<(&str, &NumbersPart)> {
    files.iter().map(|(file, part)| (file.source.name(), part)).collect()
}

fn opened(source: &PartSource) -> (ResultsFile, Catalog) {
    let stripped = StrippedSource { name: source.name.clone(), bytes: source.bytes };
    let results = ResultsFile { source: Box::new(stripped), member: source.member.clone() };
    (results, source.catalog.clone())
}

/// A file of which only numbers are here.
struct StrippedSource {
    name: String,
    bytes: u64,
}

impl Source for StrippedSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "only its numbers are here"))
    }
}
