//! A log that `relgate summarize` made numbers of, in parts: each of them exactly once, all for this release, in the order in which
//! their rows were logged.

use std::cmp::Ordering;

use super::derived;
use super::log_rows::Rows;
use crate::artifact::Source as _;
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::{
    Catalog, NumbersPart, PartSource, Paths, check_part_set, check_parts_against, check_parts_made_for,
};
use crate::files::LogFile;
use crate::judge;
use crate::manifest::Format;
use crate::release::Release;

/// All parts of a log, the oldest rows first.
pub(super) struct LogParts<'f>(Vec<(&'f LogFile, NumbersPart)>);

impl<'f> LogParts<'f> {
    /// None where there are none; `beside` is a file of records among them.
    ///
    /// # Errors
    /// Parts that are missing, there twice, not of one set or for another release; records beside them; rows that would have to be
    /// read between those of another part.
    pub(super) fn of(
        mut found: Vec<(&'f LogFile, NumbersPart)>,
        beside: Option<&LogFile>,
        release: &Release,
    ) -> Result<Option<Self>, Diagnostic> {
        found.sort_by_key(|(_, part)| part.header.number);
        let Some((first, _)) = found.first() else { return Ok(None) };
        if let Some(other) = beside {
            let text = format!("these are records, and {} is a part of a log", printable(first.name()));
            return Err(Diagnostic::error(Code::NumbersParts, text)
                .in_file(other.name())
                .help("give the parts of all records, or the records themselves"));
        }
        let named: Vec<(&str, &NumbersPart)> = found.iter().map(|(file, part)| (file.name(), part)).collect();
        check_part_set(None, &named)?;
        let own = judge::made_for(&release.manifest, &release.sha256, &release.inherited);
        check_parts_made_for(&own, &named)?;
        if named.iter().any(|(_, part)| !part.header.against.is_empty()) {
            check_parts_against(&derived::against(&release.manifest, release.tree.as_ref())?, &named)?;
        }
        once(&named)?;
        found.sort_by(|(_, one), (_, other)| {
            let (one, other) = (one.header.sources.first(), other.header.sources.first());
            one.map(began).partial_cmp(&other.map(began)).unwrap_or(Ordering::Equal)
        });
        in_order(&found)?;
        Ok(Some(Self(found)))
    }

    pub(super) fn catalogs(&self) -> impl Iterator<Item = &Catalog> {
        self.0.iter().flat_map(|(_, part)| &part.header.sources).map(|source| &source.catalog)
    }

    /// Rows that could not be read.
    pub(super) fn torn(&self) -> u64 {
        self.0.iter().flat_map(|(_, part)| &part.header.sources).map(|source| source.torn).sum()
    }

    pub(super) fn rows(self) -> Vec<Rows<'f>> {
        let rows = |(file, part): (&'f LogFile, NumbersPart)| Rows {
            file,
            format: Format::Numbers,
            compression: part.compression,
            paths: Paths::of_numbers(false),
        };
        self.0.into_iter().map(rows).collect()
    }
}

/// By what files of a log are put in order: when they began, else by name.
fn began(source: &PartSource) -> (f64, &str) {
    (source.began.unwrap_or(f64::INFINITY), &source.name)
}

/// Makes sure that no file is in two parts.
fn once(found: &[(&str, &NumbersPart)]) -> Result<(), Diagnostic> {
    let mut sources: Vec<(&PartSource, &str)> = found
        .iter()
        .flat_map(|(file, part)| part.header.sources.iter().map(move |source| (source, *file)))
        .filter(|(source, _)| source.rows > 0)
        .collect();
    sources.sort_by(|(one, _), (other, _)| one.sha256.cmp(&other.sha256));
    let twice = sources.array_windows().find(|[(one, _), (other, _)]| one.sha256 == other.sha256);
    let Some([(one, first), (other, second)]) = twice else { return Ok(()) };
    let text = format!("the rows of {} are in two parts", printable(&other.name));
    Err(Diagnostic::error(Code::NumbersParts, text)
        .in_file(*second)
        .note(format!("{} holds those of {}, byte for byte the same", printable(first), printable(&one.name)))
        .help("give every file to one `relgate summarize` only"))
}

/// Makes sure that reading part by part is reading the files in their order.
fn in_order(found: &[(&LogFile, NumbersPart)]) -> Result<(), Diagnostic> {
    let ends = |part: &NumbersPart| part.header.sources.last().cloned();
    let behind = |(one, other): (&NumbersPart, &NumbersPart)| {
        let (last, next) = (ends(one)?, other.header.sources.first()?);
        (began(&last) > began(next)).then(|| (last.name.clone(), next.name.clone()))
    };
    // Parts of no file stand nowhere.
    let filled: Vec<&(&LogFile, NumbersPart)> =
        found.iter().filter(|(_, part)| !part.header.sources.is_empty()).collect();
    for [(_, one), (file, other)] in filled.array_windows().map(|[one, other]| [*one, *other]) {
        if let Some((last, next)) = behind((one, other)) {
            let text = format!(
                "{} would have to be read before {}, which is in {}",
                printable(&next),
                printable(&last),
                one.words()
            );
            return Err(Diagnostic::error(Code::NumbersParts, text)
                .in_file(file.name())
                .note("records count in the order in which they were logged")
                .help("give files that follow each other to one `relgate summarize`, or each file to one of its own"));
        }
    }
    Ok(())
}
