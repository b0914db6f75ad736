//! `relgate summarize`: results of an evidence entry, or records of a log, as a part of numbers.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek as _, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;

use super::console::{Console, tell_findings};
use super::monitor::{declared, summarize_log};
use super::overwrites;
use super::progress::watched;
use crate::artifact::{ResultsFile, Source as _, Tree};
use crate::cli::{PartOf, SummarizeArgs};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, Spanned, list};
use crate::files::{StagedFiles, Worktree, expand_given, is_part, logs, scratch, withdraw};
use crate::judge::{self, Shard, Summarized};
use crate::manifest::{EvidenceSpec, Manifest};
use crate::release::{self, SharedPolicy};
use crate::report::Exit;

/// Blocks in the air grow with the number of cores; so many keep any machine's memory small.
const MOST_THREADS: usize = 4;

/// Writes the part.
pub(super) fn run(args: &SummarizeArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut sources = Sources::new();
    match watched(args.quiet, || bounded(|| summarized(args, &mut sources))) {
        Ok(told) => {
            if !args.quiet {
                console.tell(&told)?;
            }
            Ok(Exit::Pass)
        }
        Err(findings) => {
            tell_findings(&findings, &sources, console)?;
            let older = if withdrawn(args) { ", and an older part is gone" } else { "" };
            writeln!(console.err, "ERROR  nothing was written{older}")?;
            Ok(Exit::Error)
        }
    }
}

/// Removes an older part: judged later, it would stand for results that it is not made of. What is read itself stays.
fn withdrawn(args: &SummarizeArgs) -> bool {
    let output = real(&args.output);
    let given = |shard: &String| expand_given(shard).unwrap_or_default();
    let is_given =
        args.shards.iter().flat_map(given).any(|file| place(&file).is_some_and(|path| Some(path) == output));
    !is_given && is_part(&args.output) && withdraw(&args.output)
}

/// Works with few threads where there are many.
fn bounded<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let threads = rayon::current_num_threads().min(MOST_THREADS);
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        // One that cannot be made costs memory and nothing else.
        Err(_) => work(),
    }
}

fn summarized(args: &SummarizeArgs, sources: &mut Sources) -> Result<String, Diagnostics> {
    let root = Worktree::find(&args.manifest, args.root.as_deref())?;
    if args.log { of_log(args, &root, sources) } else { of_evidence(args, &root, sources) }
}

fn of_evidence(args: &SummarizeArgs, root: &Worktree, sources: &mut Sources) -> Result<String, Diagnostics> {
    let declared = release::declare(root, SharedPolicy::Whole, sources)?;
    let manifest = &declared.manifest;
    let mut given = Vec::new();
    for shard in &args.shards {
        given.extend(expand_given(shard)?);
    }
    check_output(args, given.iter().map(|file| (file.source.name(), file.source.path())))?;
    let (spec, files) = of_entry(manifest, root, args.evidence.as_deref(), given)?;
    let PartOf { number, of } = args.part;
    let made_for = judge::made_for(manifest, declared.sha256(), declared.inherited());
    let shard = Shard { manifest, spec, tree: root, made_for, number, of };
    let what = format!("`{}`", spec.name.value);
    written(args, &what, |out| judge::summarize(shard, files, out))
}

fn of_log(args: &SummarizeArgs, root: &Worktree, sources: &mut Sources) -> Result<String, Diagnostics> {
    let release = declared(root, sources)?;
    let span = release.manifest.monitoring.as_ref().map_or(release.manifest.name.span, |own| own.span);
    let given: Vec<Spanned<String>> =
        args.shards.iter().map(|path| Spanned::new(path.clone(), Span { end: span.start, ..span })).collect();
    let files = logs((Path::new(""), Path::new("")), &given)?;
    check_output(args, files.iter().map(|file| (file.name(), file.path())))?;
    let mut lacking = Vec::new();
    let told = written(args, "the log", |out| {
        let (summarized, without) = summarize_log(&release, &files, args.part, out, sources)?;
        lacking = without;
        Ok(summarized)
    })?;
    if lacking.is_empty() {
        return Ok(told);
    }
    let lacking = list(lacking.iter().map(String::as_str), 12);
    Ok(format!(
        "{told}      these files have nothing of {lacking}: where no other has either, `relgate monitor` says so\n"
    ))
}

/// Makes sure that the part goes over nothing that it is made of, or that relgate did not make.
fn check_output<'f>(
    args: &SummarizeArgs,
    mut given: impl Iterator<Item = (&'f str, Option<&'f Path>)>,
) -> Result<(), Diagnostics> {
    let output = real(&args.output);
    let own = given.find(|(_, path)| output.is_some() && path.and_then(real) == output);
    if let Some((name, _)) = own {
        let text = "the part would be written over the results that it is made of";
        let finding = Diagnostic::error(Code::CannotWrite, text).in_file(name);
        return Err(finding.help("name another file with `-o`").into());
    }
    Ok(overwrites::part(&args.output)?)
}

/// Writes the part that `make` makes; a line that says so.
fn written(
    args: &SummarizeArgs,
    what: &str,
    make: impl FnOnce(&mut (dyn Write + Send)) -> Result<Summarized, Diagnostics>,
) -> Result<String, Diagnostics> {
    let PartOf { number, of } = args.part;
    let mut rows = scratch(&args.output)?;
    let mut out = BufWriter::new(&mut rows);
    let Summarized { header, rows: count, files } = make(&mut out)?;
    let flushed = out.flush();
    drop(out);
    let mut staged = StagedFiles::default();
    let packed = args.output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    let mut flushed = Some(flushed);
    staged.add_written(&args.output, &mut |out| {
        flushed.take().unwrap_or(Ok(()))?;
        write(&header, &mut rows, packed, out)
    })?;
    staged.commit()?;
    Ok(format!(
        "{}  part {number} of {of} of {what}: {count} row{} of {files} file{}\n",
        args.output.display(),
        if count == 1 { "" } else { "s" },
        if files == 1 { "" } else { "s" },
    ))
}

/// The header, and the rows that were written before it.
fn write(header: &str, rows: &mut File, packed: bool, out: &mut dyn Write) -> io::Result<()> {
    rows.rewind()?;
    let mut out = BufWriter::new(out);
    let copy = |out: &mut dyn Write, rows: &mut File| {
        out.write_all(header.as_bytes())?;
        io::copy(&mut BufReader::new(rows), out)
    };
    if packed {
        let mut packing = GzEncoder::new(&mut out, flate2::Compression::fast());
        copy(&mut packing, rows)?;
        packing.finish()?;
    } else {
        copy(&mut out, rows)?;
    }
    out.flush()
}

/// The entry that these files are of, and each under the path that it has there.
fn of_entry<'m>(
    manifest: &'m Manifest,
    root: &Worktree,
    named: Option<&str>,
    given: Vec<ResultsFile>,
) -> Result<(&'m EvidenceSpec, Vec<ResultsFile>), Diagnostic> {
    let names = || manifest.evidence.iter().map(|entry| entry.name.value.as_str());
    let asked: Vec<&EvidenceSpec> =
        manifest.evidence.iter().filter(|entry| named.is_none_or(|name| entry.name.value == name)).collect();
    if asked.is_empty() {
        let text = match named {
            Some(name) => format!("the release has no evidence `{name}`"),
            None => "the release has no evidence".to_owned(),
        };
        return Err(Diagnostic::error(Code::UnknownEvidence, text).suggest(named.unwrap_or(""), names()));
    }
    let mut found: Vec<(&EvidenceSpec, Vec<Option<ResultsFile>>)> = Vec::new();
    for entry in &asked {
        let known = root.expand(&entry.name.value, &entry.path).unwrap_or_default();
        let mut known: Vec<(Option<PathBuf>, Option<ResultsFile>)> =
            known.into_iter().map(|file| (place(&file), Some(file))).collect();
        let own = |file: &ResultsFile| {
            let path = place(file)?;
            known.iter_mut().find(|(other, _)| other.as_ref() == Some(&path))?.1.take()
        };
        let own: Vec<Option<ResultsFile>> = given.iter().map(own).collect();
        if own.iter().any(Option::is_some) {
            found.push((entry, own));
        }
    }
    let count = found.len();
    match (found.pop(), asked.as_slice()) {
        (Some((spec, own)), _) if count == 1 => {
            Ok((spec, own.into_iter().zip(given).map(|(own, given)| own.unwrap_or(given)).collect()))
        }
        (None, [only]) => Ok((only, given)),
        _ => Err(Diagnostic::error(
            Code::UnknownEvidence,
            "nothing says which evidence entry these results are of",
        )
        .note(format!("the release has {}", list(names(), 12)))
        .help("say it: `--evidence NAME`")),
    }
}

fn place(file: &ResultsFile) -> Option<PathBuf> {
    file.source.path().and_then(real)
}

#[allow(clippy::disallowed_methods, reason = "two names of one file are told apart by nothing else")]
fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}
