//! The `git` program: a fixed set of reading commands, without hooks, filters, pagers, prompts or the network.
//!
//! What an author wrote (a revision) goes in through standard input and never stands among the arguments.
#![allow(
    clippy::disallowed_methods,
    reason = "git is the one program that relgate runs, and it runs here only"
)]

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::artifact::Trouble;
use crate::files::program::fed;

/// Set by git hooks and by people; they would point the commands at another repository or other bytes.
const FORGOTTEN: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
];
/// No prompt, no lock, no fetch of missing objects (older versions of git know only the protocols), English words.
const SET: [(&str, &str); 7] = [
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("LC_ALL", "C"),
    ("LANGUAGE", "C"),
];

/// Runs git in one folder, and keeps `cat-file --batch` processes that wait for the next question.
#[derive(Debug)]
pub(super) struct Git {
    folder: PathBuf,
    idle: Mutex<Vec<Batch>>,
}

impl Git {
    pub(super) fn new(folder: &Path) -> Self {
        // git on Windows does not know the `\\?\C:\` that `canonicalize` gives.
        let plain = folder.to_str().and_then(|text| text.strip_prefix(r"\\?\")).filter(|_| cfg!(windows));
        Self { folder: plain.map_or_else(|| folder.to_path_buf(), PathBuf::from), idle: Mutex::default() }
    }

    /// The folder in which git runs.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        for name in FORGOTTEN {
            command.env_remove(name);
        }
        command
            .envs(SET)
            .arg("--no-pager")
            .arg("-C")
            .arg(&self.folder)
            .args([
                "-c",
                "core.warnAmbiguousRefs=true",
                "-c",
                "core.hooksPath=",
                "-c",
                "core.fsmonitor=false",
            ])
            .args(arguments);
        command
    }

    /// Runs a command to its end; what it says on both channels.
    pub(super) fn run(&self, arguments: &[&str], input: &[u8]) -> io::Result<Output> {
        fed(&mut self.command(arguments), input)
    }

    /// Runs a command to its end, or until it has said more than `most` bytes: then nothing.
    pub(super) fn run_up_to(&self, arguments: &[&str], most: u64) -> io::Result<Option<Output>> {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdout = Vec::new();
        let mut stderr = Vec::new();
        let (out, errors) = (child.stdout.take(), child.stderr.take());
        let read = thread::scope(|scope| {
            scope.spawn(|| errors.map(|errors| errors.take(1 << 16).read_to_end(&mut stderr)));
            let read = out.map(|out| out.take(most.saturating_add(1)).read_to_end(&mut stdout));
            if stdout.len() as u64 > most {
                // It only reads, so nothing is lost.
                let _ = child.kill();
            }
            read
        });
        let status = child.wait()?;
        read.transpose()?;
        Ok((stdout.len() as u64 <= most).then_some(Output { status, stdout, stderr }))
    }

    /// The lengths of objects, in order.
    pub(super) fn sizes(&self, ids: &[&str]) -> Result<Vec<Result<u64, Trouble>>, Trouble> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let questions = ids.iter().flat_map(|id| [id, "\n"]).collect::<String>();
        let output = self
            .run(&["cat-file", "--batch-check"], questions.as_bytes())
            .map_err(|error| Trouble::unreadable(&error))?;
        let answers = String::from_utf8_lossy(&output.stdout);
        let sizes: Vec<_> = answers.lines().map(size).collect();
        if sizes.len() == ids.len() { Ok(sizes) } else { Err(stopped()) }
    }

    /// The ids of the objects that git would store for files of the working tree (paths from its top): cleaned of what a
    /// checkout puts in, by the filters that git's configuration names. None where git cannot tell.
    pub(super) fn cleaned(&self, paths: &[String]) -> Vec<Option<String>> {
        let mut ids: Vec<Option<String>> = Vec::new();
        while let Some(rest) = paths.get(ids.len()..).filter(|rest| !rest.is_empty()) {
            let questions = rest.iter().map(|path| quoted(path) + "\n").collect::<String>();
            let Ok(output) = self.run(&["hash-object", "--stdin-paths"], questions.as_bytes()) else { break };
            let answers = String::from_utf8_lossy(&output.stdout);
            let told = answers.lines().take(rest.len()).map(|id| Some(id.to_owned()));
            let before = ids.len();
            ids.extend(told);
            if ids.len() - before < rest.len() {
                // git stops at the first file that it cannot clean.
                ids.push(None);
            }
        }
        ids.resize(paths.len(), None);
        ids
    }

    /// The bytes of an object, as a stream.
    pub(super) fn blob(&self, id: &str) -> Result<BlobReader<'_>, Trouble> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut batch = match idle {
            Some(batch) => batch,
            None => self.start().map_err(|error| Trouble::unreadable(&error))?,
        };
        let answer = batch.ask(id).map_err(|_| stopped())?;
        match size(&answer) {
            Ok(left) => Ok(BlobReader { git: self, batch: Some(batch), left }),
            Err(trouble) => {
                self.keep(batch);
                Err(trouble)
            }
        }
    }

    fn start(&self) -> io::Result<Batch> {
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(questions), Some(answers)) => {
                Ok(Batch { child, questions, answers: BufReader::with_capacity(64 * 1024, answers) })
            }
            _ => Err(io::Error::other("git has no pipes")),
        }
    }

    fn keep(&self, batch: Batch) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
    }
}

/// A path as git reads it from a line: in quotes where it begins with one.
fn quoted(path: &str) -> String {
    if path.starts_with('"') {
        format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        path.to_owned()
    }
}

/// The length in an answer such as `0cfbf088... blob 12`.
fn size(answer: &str) -> Result<u64, Trouble> {
    let mut words = answer.split(' ').skip(1);
    match (words.next(), words.next().and_then(|size| size.parse().ok())) {
        (Some("blob"), Some(size)) => Ok(size),
        (Some("missing"), _) => Err(Trouble::Unreadable {
            reason:
                "git does not have its content here (a partial clone leaves it out); clone without `--filter`"
                    .to_owned(),
        }),
        _ => Err(Trouble::Unreadable { reason: format!("git answers `{answer}`") }),
    }
}

/// git ended before it had answered; it does so for damaged objects.
fn stopped() -> Trouble {
    Trouble::Unreadable { reason: "git stopped reading it; `git fsck` says what is damaged".to_owned() }
}

/// One `git cat-file --batch`, which answers one question after the other.
#[derive(Debug)]
struct Batch {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    /// Asks for an object; the line before its bytes.
    fn ask(&mut self, id: &str) -> io::Result<String> {
        writeln!(self.questions, "{id}")?;
        self.questions.flush()?;
        let mut answer = String::new();
        // No answer is longer; a wrong one must not fill the memory.
        (&mut self.answers).take(4096).read_line(&mut answer)?;
        if answer.pop() == Some('\n') { Ok(answer) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // It only reads, so nothing is lost; without the wait a dead process would stay in the table.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The bytes of one object; its process goes back to the others when all of them were read.
pub(super) struct BlobReader<'a> {
    git: &'a Git,
    batch: Option<Batch>,
    left: u64,
}

impl BlobReader<'_> {
    /// The bytes that are still to come.
    pub(super) fn left(&self) -> u64 {
        self.left
    }
}

impl Read for BlobReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(batch) = &mut self.batch else { return Ok(0) };
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        let count = match buf.get_mut(..most) {
            Some(buf) if !buf.is_empty() => batch.answers.read(buf)?,
            _ => 0,
        };
        self.left -= count as u64;
        if count == 0 && most > 0 {
            // Never a silent short file.
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "git stopped in the middle of it"));
        }
        if self.left == 0 {
            let mut end = [0];
            batch.answers.read_exact(&mut end)?;
            self.batch.take().into_iter().for_each(|batch| self.git.keep(batch));
        }
        Ok(count)
    }
}
