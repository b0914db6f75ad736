//! What a run would write over although it reads it or somebody else made it: refused before anything is judged.

use std::path::{Path, PathBuf};

use super::earlier::Releases;
use super::report_paths::of_release;
use super::{bundle, changelog};
use crate::artifact::{ResultsFile, Tree as _};
use crate::cli::CheckArgs;
use crate::diagnostic::{Code, Diagnostic};
use crate::files::{
    Made, Output, Worktree, expand_given, in_git_folder, inside, is_bundle, is_part, is_recognised,
    is_unwritten, lock_of, named_relgate, read_text,
};
use crate::judge::Opened;
use crate::manifest::{Manifest, Reference};
use crate::release::Release;
use crate::report::kinds::{CARD, KINDS, Kind};

/// The draft of the entry in the output folder.
const DRAFT: &str = "changelog.md";

/// Something that a run reads.
struct Read {
    /// What it is, in the words of messages.
    what: String,
    /// The file, or the folder with everything in it.
    place: PathBuf,
}

/// Everything on the disk that a release is read from but its results; `whose` is the earlier release that it is.
fn read_of(release: &Release, whose: Option<Reference>) -> Vec<Read> {
    let of = |what: &str| match whose {
        Some(whose) => format!("the {}'s {what}", whose.word()),
        None => format!("the {what}"),
    };
    let on_disk = |what: String, path: &str| release.tree.on_disk(path).map(|place| Read { what, place });
    if release.bundled.is_some() {
        let what = whose.map_or_else(|| of("bundle"), |whose| format!("the {}", whose.word()));
        return on_disk(what, "").into_iter().collect();
    }
    let manifest = on_disk(of("manifest"), release.tree.manifest());
    let lock = manifest.as_ref().and_then(|manifest| lock_of(&manifest.place).ok());
    let lock = lock.map(|place| Read { what: of("lock"), place });
    let policies = release
        .inherited
        .iter()
        .filter_map(|policy| on_disk(format!("a policy file that {} extends", of("manifest")), &policy.path));
    let artifacts = release.pinned.iter().filter(|artifact| artifact.hashed()).filter_map(|artifact| {
        let what = match whose {
            Some(_) => of(&format!("`{}`", artifact.key())),
            None => format!("`{}`", artifact.key()),
        };
        on_disk(format!("part of {what}"), artifact.path.as_deref()?)
    });
    manifest.into_iter().chain(lock).chain(policies).chain(artifacts).collect()
}

/// The results that a release declares, where they are.
fn results_of(release: &Release, whose: Option<Reference>) -> Vec<Read> {
    let entries = release.manifest.evidence.iter().map(|entry| {
        let what = format!("evidence `{}`", entry.name.value);
        (whose.map_or_else(|| what.clone(), |whose| format!("the {}'s {what}", whose.word())), entry)
    });
    entries
        .flat_map(|(what, entry)| files(&what, release.tree.expand(&entry.name.value, &entry.path)))
        .collect()
}

/// Where results are; none where they cannot be found, which others tell.
fn files(what: &str, found: Result<Vec<ResultsFile>, Diagnostic>) -> Vec<Read> {
    let place =
        |file: ResultsFile| Some(Read { what: what.to_owned(), place: file.source.path()?.to_path_buf() });
    found.into_iter().flatten().filter_map(place).collect()
}

/// # Errors
/// Reports would go to one place, over something that `diff` reads, or over what somebody else made.
pub(super) fn reports_of_diff<'a>(
    releases: [&Release; 2],
    paths: impl Iterator<Item = &'a Path> + Clone,
) -> Result<(), Diagnostic> {
    distinct(&paths)?;
    let existing: Vec<&Path> = paths.filter(|path| path.exists() || in_git_folder(path)).collect();
    if existing.is_empty() {
        return Ok(());
    }
    let reads: Vec<Read> = releases
        .into_iter()
        .flat_map(|release| read_of(release, None).into_iter().chain(results_of(release, None)))
        .collect();
    existing.into_iter().try_for_each(|path| check_report(path, &reads, false))
}

/// # Errors
/// A plan would be written over something that it reads, over another one that is asked for, or over what somebody else made.
pub(super) fn reports_of_plan<'a>(
    release: &Release,
    opened: &[Opened],
    paths: &(impl Iterator<Item = &'a Path> + Clone),
) -> Result<(), Diagnostic> {
    let mut reads = read_of(release, None);
    for entry in opened {
        let what = format!("evidence `{}`", entry.name);
        reads.extend(entry.paths().map(|path| Read { what: what.clone(), place: path.to_path_buf() }));
    }
    distinct(paths)?;
    paths.clone().try_for_each(|path| check_report(path, &reads, false))
}

/// # Errors
/// What a look at production writes would go over what it reads, over another file that is asked for, or over what somebody
/// else made.
pub(super) fn outputs_of_monitor(paths: &[&Path], read: &[PathBuf]) -> Result<(), Diagnostic> {
    distinct(&paths.iter().copied())?;
    let what = || "read as the log, or is the manifest".to_owned();
    let reads: Vec<Read> = read.iter().map(|place| Read { what: what(), place: place.clone() }).collect();
    paths.iter().try_for_each(|path| check_report(path, &reads, false))
}

/// # Errors
/// A part would be written over what is no part.
pub(super) fn part(path: &Path) -> Result<(), Diagnostic> {
    if in_git_folder(path) {
        return Err(over(path, "is a file of git's own"));
    }
    if is_unwritten(path) || is_part(path) {
        return Ok(());
    }
    Err(over(path, "is no part that `summarize` made"))
}

/// # Errors
/// Reports of a history would go to one place, over a report that is read, or over what somebody else made.
pub(super) fn reports_of_history<'a>(
    sources: &[PathBuf],
    paths: impl Iterator<Item = &'a Path> + Clone,
) -> Result<(), Diagnostic> {
    distinct(&paths)?;
    paths
        .into_iter()
        .try_for_each(|path| sources.iter().try_for_each(|source| report_of_report(path, source, false)))
}

/// # Errors
/// A saved report would be told over itself, or over something that somebody else made.
pub(super) fn report_of_report(path: &Path, source: &Path, is_card: bool) -> Result<(), Diagnostic> {
    let read = Read { what: "the report that is read".to_owned(), place: source.to_path_buf() };
    check_report(path, &[read], is_card)
}

/// What is read and written by one run of `check`.
pub(super) struct Files<'a> {
    pub(super) candidate: &'a Release,
    pub(super) root: &'a Worktree,
    pub(super) opened: &'a [Opened],
    pub(super) earlier: &'a Releases,
    pub(super) args: &'a CheckArgs,
    /// The folder of the reports.
    pub(super) out: PathBuf,
}

impl Files<'_> {
    /// Everything that the run reads, whatever it is asked to write.
    fn reads(&self) -> Vec<Read> {
        let mut reads = read_of(self.candidate, None);
        for entry in self.opened {
            let what = format!("evidence `{}`", entry.name);
            reads.extend(entry.paths().map(|path| Read { what: what.clone(), place: path.to_path_buf() }));
        }
        let both = [(Reference::Baseline, &self.earlier.baseline), (Reference::Anchor, &self.earlier.anchor)];
        for (reference, release) in both {
            reads.extend(release.iter().flat_map(|release| read_of(release, Some(reference))));
            reads.extend(release.iter().flat_map(|release| results_of(release, Some(reference))));
        }
        for entry in &self.candidate.manifest.evidence {
            let name = &entry.name.value;
            let what = format!("the baseline's evidence `{name}`");
            let listed = entry.retired.iter();
            let what_is_listed = format!("the list of retired ids of `{name}`");
            reads.extend(listed.flat_map(|path| files(&what_is_listed, self.root.expand(name, path))));
            let typed = self.args.baseline_evidence.iter().filter(|(given, _)| given == name);
            reads.extend(typed.flat_map(|(_, path)| files(&what, expand_given(path))));
            reads.extend(
                entry.baseline.iter().flat_map(|own| files(&what, self.root.expand(name, &own.path))),
            );
        }
        reads
    }

    /// The names of the files of the output folder that this run writes.
    fn set(&self) -> impl Iterator<Item = &'static str> {
        let asked =
            |file: &str| self.args.report.iter().any(|(kind, path)| path.is_none() && kind.file == file);
        let kinds = KINDS.iter().filter(move |kind| kind.always || asked(kind.file)).map(|kind| kind.file);
        kinds.chain([DRAFT])
    }

    /// # Errors
    /// The output folder holds something that this run reads, or files of somebody else where its own go.
    fn check_out(&self, reads: &[Read]) -> Result<(), Diagnostic> {
        let bundle = self.out.join(bundle::FOLDER);
        // A bundle is read as a whole, so the new one may not stand inside of it either.
        let clash = |read: &&Read| {
            inside(&read.place, &bundle) || (inside(&bundle, &read.place) && is_bundle(&read.place))
        };
        if let Some(read) = reads.iter().find(clash) {
            let place = read.place.display();
            return Err(Diagnostic::error(
                Code::OutputIsBaseline,
                format!("`{place}` is {}, and this run would write its own bundle there", read.what),
            )
            .note("what a run reads it never writes over: a release that fails would become what the next one is compared with")
            .help("keep the bundle of a shipped release in a folder of its own, or write elsewhere: `--out`"));
        }
        for file in self.set().map(|name| self.out.join(name)) {
            if let Some(read) = reads.iter().find(|read| read.place.is_file() && inside(&file, &read.place)) {
                return Err(over(&file, &format!("is {}", read.what)));
            }
        }
        // In the default folder the writing itself refuses what is somebody else's: what is wrong with the release comes first.
        if named_relgate(&self.out) {
            return Ok(());
        }
        let made = Made::read(&self.out);
        let foreign = self.set().find_map(|file| made.foreign_file(file)).or_else(|| bundle::foreign(&made));
        foreign.map_or(Ok(()), |file| Err(over(&file, "was made by somebody else")))
    }

    /// # Errors
    /// The changelog is a file that this run reads, or one of its outputs.
    fn check_changelog(
        &self,
        manifest: &Manifest,
        changelog: &Path,
        reads: &[Read],
    ) -> Result<(), Diagnostic> {
        let Some(what) = self.taken(changelog, reads) else { return Ok(()) };
        let declared = manifest.changelog.as_ref();
        let name = declared.map_or("", |declared| declared.value.as_str());
        let finding =
            Diagnostic::error(Code::ChangelogIsTaken, format!("`{name}` is {what}, and no changelog"))
                .help("name a file of its own, such as `CHANGELOG.md`");
        Err(match declared {
            Some(declared) => finding.at(declared.span, "an entry would be written into it"),
            None => finding,
        })
    }

    /// What stands at a path already.
    fn taken(&self, file: &Path, reads: &[Read]) -> Option<String> {
        if in_git_folder(file) {
            return Some("a file of git's own".to_owned());
        }
        if let Some(read) = reads.iter().find(|read| inside(file, &read.place)) {
            return Some(read.what.clone());
        }
        let name = self.set().chain([bundle::FOLDER]).find(|name| inside(file, &self.out.join(name)))?;
        Some(format!("written anew by every run (`{name}` of the output folder)"))
    }
}

/// # Errors
/// A report with a path of its own would be written over what else a run writes: its `set` and bundle in `out`, the changelog.
fn beside_the_set(
    kind: &Kind,
    path: &Path,
    out: &Path,
    mut set: impl Iterator<Item = &'static str>,
    changelog: Option<&Path>,
) -> Result<(), Diagnostic> {
    let bundled = || inside(path, &out.join(bundle::FOLDER)).then_some(bundle::FOLDER);
    let own = |name: &&str| same_place(path, &out.join(name)) && kind.file != *name;
    if let Some(name) = set.find(own).or_else(bundled) {
        return Err(over(path, &format!("is written anew by every run (`{name}` of the output folder)")));
    }
    match changelog {
        Some(changelog) if same_place(path, changelog) => Err(over(path, "is the changelog")),
        _ => Ok(()),
    }
}

/// # Errors
/// The report of a release that could not be judged would go where another one that is asked for goes, over what else a run writes, or
/// into what another run made: nobody may know what the release is compared with.
pub(super) fn error_report(
    (kind, path): &(&Kind, PathBuf),
    asked: &[(&Kind, PathBuf)],
    manifest: &Path,
    out: &Path,
    changelog: Option<&Path>,
) -> Result<(), Diagnostic> {
    if asked.iter().filter(|(_, other)| same_place(path, other)).count() > 1 {
        return Err(over(path, "is named for two reports"));
    }
    let set = KINDS.iter().filter(|kind| kind.always).map(|kind| kind.file).chain([DRAFT]);
    beside_the_set(kind, path, out, set, changelog)?;
    let of_another_run =
        |folder: &&Path| is_bundle(folder) || Output::made_in(folder) && !same_place(folder, out);
    if let Some(folder) = path.ancestors().skip(1).find(of_another_run) {
        return Err(over(path, &format!("is in `{}`, which another run made", folder.display())));
    }
    report_of_report(path, manifest, *kind == CARD)
}

fn same_place(one: &Path, other: &Path) -> bool {
    inside(one, other) && inside(other, one)
}

/// # Errors
/// Two reports would go to one place, however it is spelled.
fn distinct<'a>(paths: &(impl Iterator<Item = &'a Path> + Clone)) -> Result<(), Diagnostic> {
    for (place, path) in paths.clone().enumerate() {
        if paths.clone().take(place).any(|other| same_place(path, other)) {
            return Err(over(path, "is named for two reports"));
        }
    }
    Ok(())
}

/// # Errors
/// Reports that are told of a saved one would go to one place, over it or another kind beside it, or over something that
/// somebody else made.
pub(super) fn reports_of_report(paths: &[(&Kind, PathBuf)], source: &Path) -> Result<(), Diagnostic> {
    distinct(&paths.iter().map(|(_, path)| path.as_path()))?;
    for (kind, path) in paths {
        report_of_report(path, source, *kind == CARD)?;
        let other = KINDS
            .iter()
            .find(|other| other.file != kind.file && same_place(path, &source.with_file_name(other.file)));
        if let Some(other) = other.filter(|_| path.exists()) {
            return Err(over(path, &format!("is the report for `{}`", other.name)));
        }
    }
    Ok(())
}

/// # Errors
/// A report that is asked for at a path would replace what is read, or what somebody else made.
fn check_report(path: &Path, reads: &[Read], is_card: bool) -> Result<(), Diagnostic> {
    if in_git_folder(path) {
        return Err(over(path, "is a file of git's own"));
    }
    // What would stand below a file cannot be written anyway, and gets a sentence of its own.
    let clash = |read: &&Read| inside(path, &read.place) && (path.exists() || read.place.is_dir());
    if let Some(read) = reads.iter().find(clash) {
        return Err(over(path, &format!("is {}", read.what)));
    }
    // A card is for people to write into; relgate only minds its block. A link is what it leads to.
    let is_markdown = |path: &Path| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("md"));
    let led_to = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if is_card && !(is_markdown(path) && is_markdown(&led_to)) {
        return Err(over(path, "has not, or does not lead to, the name of a Markdown file (.md)"));
    }
    if path.is_file() && !is_card && !is_recognised(path) {
        return Err(over(path, "was made by somebody else"));
    }
    Ok(())
}

/// # Errors
/// A manual page would replace something that is none.
pub(super) fn page(path: &Path) -> Result<(), Diagnostic> {
    let is_page = || read_text(path, "").ok().flatten().is_some_and(|text| text.contains(".TH relgate"));
    if path.exists() && !is_page() { Err(over(path, "was made by somebody else")) } else { Ok(()) }
}

fn over(path: &Path, what: &str) -> Diagnostic {
    let name = path.display();
    Diagnostic::error(Code::OutputIsTaken, format!("`{name}` {what}, and this run would write over it"))
        .note("what a run reads, or did not make itself, it never writes over or deletes")
        .help("move it, or write elsewhere: `--out` and `--report KIND=PATH`")
}

/// The changelog that an entry goes into; nothing that the run writes may be what it reads.
pub(super) fn outputs(files: &Files<'_>) -> Result<Option<changelog::Target>, Diagnostic> {
    let (manifest, args) = (&files.candidate.manifest, files.args);
    let wanted = manifest.changelog.as_ref().filter(|_| !args.no_changelog);
    let target =
        wanted.map(|declared| changelog::Target::new(declared, files.root, args.adopt)).transpose()?;
    if !args.dry_run {
        let reads = files.reads();
        files.check_out(&reads)?;
        let paths: Vec<(&Kind, PathBuf)> = args
            .report
            .iter()
            .filter_map(|(kind, path)| Some((*kind, of_release(path.as_deref()?, &manifest.name.value))))
            .collect();
        distinct(&paths.iter().map(|(_, path)| path.as_path()))?;
        for (kind, path) in &paths {
            check_report(path, &reads, *kind == CARD)?;
            let set = files.set();
            beside_the_set(kind, path, &files.out, set, target.as_ref().map(changelog::Target::path))?;
        }
        if let Some(target) = &target {
            files.check_changelog(manifest, target.path(), &reads)?;
        }
    }
    if let (Some(target), Some(declared)) = (&target, wanted) {
        target.check_name(declared)?;
    }
    Ok(target)
}
