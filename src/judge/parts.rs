//! Evidence that `relgate summarize` made numbers of, in parts: each of them exactly once, all for this release, judged as the
//! files that they are of.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use crate::artifact::digest_bytes;
use crate::diagnostic::{Code, Diagnostic, Nature, list, printable};
use crate::evidence::{self, Catalog, MadeFor, NumbersPart, PartSource, Paths, ResultsFile, Source};
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
        check_set(name, &found)?;
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
        let Some((file, part)) = self.files.iter().find(|(_, part)| part.header.made_for != own) else {
            return Ok(());
        };
        let MadeFor { name, version, .. } = &part.header.made_for;
        let same = (name, version) == (&own.name, &own.version);
        let text = if same {
            "this part was made with another release.yaml".to_owned()
        } else {
            format!(
                "this part was made for {} {}, and {} {} is judged",
                printable(name),
                printable(version),
                printable(&own.name),
                printable(&own.version)
            )
        };
        Err(Diagnostic::error(Code::NumbersMadeFor, text)
            .in_file(file.source.name())
            .note("which columns a part keeps, and how they are read, depends on release.yaml and what it extends")
            .help("let `relgate summarize` read the results again, with the release.yaml that is judged"))
    }

    /// Makes sure that files which numbers were worked out against are what they were then, by path.
    ///
    /// # Errors
    /// One that is another now.
    pub(super) fn check_against(&self, now: &BTreeMap<String, String>) -> Result<(), Diagnostic> {
        for (file, part) in &self.files {
            if let Some((path, _)) =
                part.header.against.iter().find(|(path, known)| now.get(*path) != Some(known))
            {
                let text = format!("`{}` has changed since this part was made with it", printable(path));
                return Err(Diagnostic::error(Code::NumbersMadeFor, text)
                    .in_file(file.source.name())
                    .help("let `relgate summarize` read the results again"));
            }
        }
        Ok(())
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

/// Parts 1 to N of one set, each once.
fn check_set(name: &str, found: &[(ResultsFile, NumbersPart)]) -> Result<(), Diagnostic> {
    let help = "`relgate check` takes all the parts of one `relgate summarize --part K/N`, each once";
    for [(first, one), (second, other)] in found.array_windows() {
        let (a, b) = (&one.header, &other.header);
        let why = if a.of != b.of {
            format!("this is {}, and {} is {}", other.words(), printable(first.source.name()), one.words())
        } else if a.evidence != b.evidence {
            format!(
                "this part is of the evidence `{}`, and others of `{}`",
                printable(&b.evidence),
                printable(&a.evidence)
            )
        } else if a.made_for != b.made_for {
            format!("{} and {} were made for different releases", one.words(), other.words())
        } else if a.number == b.number {
            format!("{} is there twice: {} is one too", other.words(), printable(first.source.name()))
        } else {
            continue;
        };
        return Err(Diagnostic::error(Code::NumbersParts, why).in_file(second.source.name()).help(help));
    }
    let Some((file, first)) = found.first() else { return Ok(()) };
    if first.header.evidence != name {
        let text =
            format!("this part is of the evidence `{}`, not of `{name}`", printable(&first.header.evidence));
        return Err(Diagnostic::error(Code::NumbersParts, text).in_file(file.source.name()).help(help));
    }
    let there: BTreeSet<u32> = found.iter().map(|(_, part)| part.header.number).collect();
    let mut missing = (1..=first.header.of).filter(|number| !there.contains(number));
    let Some(one) = missing.next() else { return Ok(()) };
    let count = first.header.of as usize - there.len();
    let shown: Vec<String> =
        std::iter::once(one).chain(missing.take(9)).map(|number| number.to_string()).collect();
    let text = format!(
        "of {} parts of the evidence `{name}` {count} are missing: {}",
        first.header.of,
        list(shown.iter().map(String::as_str), 10)
    );
    Err(Diagnostic::error(Code::NumbersParts, text)
        .nature(Nature::Incomplete)
        .in_file(file.source.name())
        .help(help))
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
