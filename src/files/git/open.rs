//! Opens a revision: from what an author wrote to one commit, or a sentence on why there is none.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, RwLock};

use super::Commit;
use super::objects::Objects;
use super::process::Git;
use super::tree::Names;
use crate::artifact::reason;
use crate::diagnostic::{Code, Diagnostic, list, nearest};
use crate::files::shown::shown;

/// Most bytes of the list of a commit's names: a million files with long paths.
const MOST_NAMES: u64 = 128 << 20;

impl Commit {
    /// Resolves `rev` in the repository that holds `root`, and lists its commit below the root.
    ///
    /// # Errors
    /// git is missing or refuses, `root` is in no repository, or the revision is not one commit that is here.
    pub fn open(root: &Path, rev: &str) -> Result<Self, Diagnostic> {
        check_spelling(rev)?;
        let git = Git::new(root);
        let prefix = prefix(&git)?;
        let id = resolve(&git, rev)?;
        let listed = git
            .run_up_to(&["ls-tree", "-r", "-z", "--full-tree", &id], MOST_NAMES)
            .map_err(|error| not_started(&error))?
            .ok_or_else(|| too_many(rev))?;
        let tree = listed.status.success().then(|| Names::parse(&listed.stdout, &prefix)).flatten();
        let Some(tree) = tree else {
            return Err(Diagnostic::error(Code::GitFailed, format!("git cannot list the files of `{rev}`"))
                .note(said(&listed))
                .help("a partial clone (`--filter=tree:0`) leaves them out: clone without `--filter`; otherwise run `git fsck`"));
        };
        let commit = Objects { git, rev: rev.to_owned(), id, tree, prefix, checkouts: RwLock::default() };
        Ok(Self { commit: Arc::new(commit), manifest: "release.yaml".to_owned() })
    }
}

fn too_many(rev: &str) -> Diagnostic {
    Diagnostic::error(Code::GitFailed, format!("the files of `{rev}` are too many to be listed"))
        .note(format!(
            "their names take more than {} MiB; a few objects of git can stand for millions",
            MOST_NAMES >> 20
        ))
        .help("name a commit of an ordinary repository, or a bundle as the baseline")
}

/// Refuses what is no revision before git sees it.
fn check_spelling(rev: &str) -> Result<(), Diagnostic> {
    let refuse = |why: &str| {
        Err(Diagnostic::error(Code::GitRevision, format!("`{rev}` is not a revision: {why}"))
            .help("name a tag, a branch or a commit: `git:v2.3.0`"))
    };
    if rev.trim().is_empty() {
        return Err(Diagnostic::error(Code::GitRevision, "`git:` names no revision")
            .help("name a tag, a branch or a commit: `git:v2.3.0`"));
    }
    if rev.starts_with('-') {
        return refuse("it starts with `-`");
    }
    if rev.contains(':') || rev.contains(char::is_control) {
        return refuse("it holds a `:` or a control character");
    }
    Ok(())
}

/// The root as a path in the repository: empty, or with a `/` at its end.
fn prefix(git: &Git) -> Result<String, Diagnostic> {
    let output = run(git, &["rev-parse", "--show-prefix"], &[])?;
    if !output.status.success() {
        return Err(no_repository(git, &output));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

/// The full id of the commit that a revision means.
fn resolve(git: &Git, rev: &str) -> Result<String, Diagnostic> {
    let question = format!("{rev}^{{commit}}\n");
    let output = run(git, &["cat-file", "--batch-check"], question.as_bytes())?;
    let warned = String::from_utf8_lossy(&output.stderr);
    let answer = String::from_utf8_lossy(&output.stdout);
    let answer = answer.trim_end();
    // Two things of one name: git takes one of them with a warning, and a judgement must not depend on which.
    if warned.contains("is ambiguous") || answer.ends_with(" ambiguous") {
        return Err(Diagnostic::error(
            Code::GitAmbiguous,
            format!("`{rev}` means more than one thing in git"),
        )
        .note(said(&output))
        .help(format!("write `git:refs/tags/{rev}`, `git:refs/heads/{rev}`, or more digits of the commit")));
    }
    match answer.split(' ').collect::<Vec<_>>().as_slice() {
        [id, "commit", _] if is_id(id) => Ok((*id).to_owned()),
        _ => Err(unknown(git, rev)),
    }
}

/// Whether a text is a full object id, of SHA-1 or SHA-256.
fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A revision that git does not know here; the usual reason in CI is a shallow clone.
fn unknown(git: &Git, rev: &str) -> Diagnostic {
    let shallow = git
        .run(&["rev-parse", "--is-shallow-repository"], &[])
        .is_ok_and(|output| output.stdout.starts_with(b"true"));
    let refs = git.run(
        &["for-each-ref", "--format=%(refname:strip=2)", "refs/tags", "refs/heads", "refs/remotes"],
        &[],
    );
    let refs = refs.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    // In `v2.3.0~2` the slip is in the name.
    let name = rev.split(['~', '^', '@']).next().unwrap_or(rev);
    let near = nearest(name, refs.lines());
    let finding = if shallow {
        Diagnostic::error(Code::GitShallow, format!("`{rev}` is not in this clone, which is a shallow one"))
            .note("a shallow clone holds only the newest commits, and usually no tags")
            .help("fetch the whole history: in GitHub Actions give `actions/checkout` the line `fetch-depth: 0`; elsewhere run `git fetch --unshallow --tags`")
    } else {
        let finding = Diagnostic::error(Code::GitRevision, format!("git knows no commit `{rev}` here"));
        match near {
            // The same name, with a suffix that leads too far back or to no commit.
            Some(near) if near == name => finding.note(format!("`{near}` exists, but not `{rev}`")),
            _ => finding,
        }
        .help("tags may not have been fetched: `git fetch --tags`")
    };
    match near {
        Some(near) if near != name => finding.help(format!("did you mean `{near}`?")),
        Some(_) => finding,
        None if refs.is_empty() => finding,
        None => finding.note(format!("there are {}", list(refs.lines(), 8))),
    }
}

/// git finds no repository, or refuses the one that it finds.
fn no_repository(git: &Git, output: &Output) -> Diagnostic {
    let folder = shown(git.folder());
    let words = String::from_utf8_lossy(&output.stderr);
    if words.contains("dubious ownership") {
        return Diagnostic::error(Code::GitOwnership, format!("git refuses to read `{folder}`, which belongs to another user"))
            .note(said(output))
            .help(format!("if you trust it: `git config --global --add safe.directory {folder}` (usual in containers of a CI job)"));
    }
    if words.contains("not a git repository") {
        return Diagnostic::error(Code::GitNoRepository, format!("`{folder}` is not in a git repository"))
            .note("what starts with `git:` is read from the repository that holds the root folder")
            .help("run relgate in the clone, or name the manifest by its path");
    }
    Diagnostic::error(Code::GitFailed, format!("git does not work in `{folder}`")).note(said(output))
}

/// Runs git; the finding where it cannot even be started.
fn run(git: &Git, arguments: &[&str], input: &[u8]) -> Result<Output, Diagnostic> {
    git.run(arguments, input).map_err(|error| not_started(&error))
}

fn not_started(error: &io::Error) -> Diagnostic {
    if error.kind() == ErrorKind::NotFound {
        return Diagnostic::error(
            Code::GitMissing,
            "a release that starts with `git:` is read with the program `git`, which is not there",
        )
        .note("there is no `git` on the PATH")
        .help("install git, or name the manifest or bundle folder by its path");
    }
    Diagnostic::error(Code::GitFailed, format!("git cannot be started: {}", reason(error)))
}

/// What git said, in its first lines.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(4).collect();
    if lines.is_empty() { "git gave no reason".to_owned() } else { format!("git says: {}", lines.join("; ")) }
}
