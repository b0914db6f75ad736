//! What only a person knows: name, version and type of the release. Flags answer, else a person at a terminal, else what was
//! found.

use std::io::{self, BufRead, Write};

use super::found::Found;
use crate::cli::InitArgs;
use crate::diagnostic::{Code, Diagnostic, list, printable};
use crate::manifest::ReleaseType;
use crate::propose::name_of;

/// The answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) name: String,
    pub(super) version: semver::Version,
    pub(super) release_type: ReleaseType,
    pub(super) summary: Option<String>,
    /// What was not said on the command line.
    open: Open,
}

/// Which questions nobody answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    name: bool,
    version: bool,
    release_type: bool,
}

impl Answers {
    /// Nothing that no manifest could say.
    ///
    /// # Errors
    /// A hotfix that does not say what it fixes.
    pub(super) fn check(&self) -> Result<(), Diagnostic> {
        if self.release_type == ReleaseType::Hotfix && self.summary.is_none() {
            let text = "a hotfix must name what it fixes or reverts";
            return Err(Diagnostic::error(Code::HotfixWithoutReason, text).help("say it: `--summary TEXT`"));
        }
        Ok(())
    }

    /// What the flags say, and guesses for the rest.
    pub(super) fn of(args: &InitArgs, found: &Found) -> Result<Self, Diagnostic> {
        let folder = args.folder.canonicalize().unwrap_or_else(|_| args.folder.clone());
        // A folder has no ending that says nothing of it.
        let guess = || name_of(&format!("{}.", folder.file_name().unwrap_or_default().to_string_lossy()));
        let name = args.name.clone().unwrap_or_else(guess);
        if !is_name(&name) {
            let text = format!("`{}` is no name for a release", printable(&name));
            return Err(Diagnostic::error(Code::BadName, text).help("use letters, digits, `-`, `_` and `.`"));
        }
        let version = match &args.version {
            Some(text) => version(text)?,
            None => next(found.last.as_ref().map(|(version, _)| version)),
        };
        let open = Open {
            name: args.name.is_none(),
            version: args.version.is_none(),
            release_type: args.release_type.is_none(),
        };
        let release_type = args.release_type.unwrap_or(ReleaseType::PromptRelease);
        let summary = args.summary.clone().filter(|text| !text.trim().is_empty());
        Ok(Self { name, version, release_type, summary, open })
    }
}

fn version(text: &str) -> Result<semver::Version, Diagnostic> {
    semver::Version::parse(text.trim()).map_err(|error| {
        let text = format!("`{}` is no version: {error}", printable(text));
        Diagnostic::error(Code::BadVersion, text).help("write major.minor.patch, for example `1.0.0`")
    })
}

/// What comes after the last release; the first one where there was none.
fn next(last: Option<&semver::Version>) -> semver::Version {
    match last {
        None => semver::Version::new(0, 1, 0),
        Some(last) if !last.pre.is_empty() => semver::Version::new(last.major, last.minor, last.patch),
        Some(last) => semver::Version::new(last.major, last.minor, last.patch.saturating_add(1)),
    }
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    !text.is_empty() && text.chars().count() <= 100 && text.chars().all(fits) && !text.starts_with(['.', '-'])
}

/// Asks a person; an empty line keeps what is in brackets, and so does the end of the input.
pub(super) fn ask(answers: &mut Answers, input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<()> {
    let Open { name, version: version_open, release_type } = answers.open;
    if name {
        let answer = one(input, out, "name", &answers.name, &|text| {
            is_name(text)
                .then(|| text.to_owned())
                .ok_or_else(|| "use letters, digits, `-`, `_` and `.`".to_owned())
        })?;
        answers.name = answer.unwrap_or_else(|| answers.name.clone());
    }
    if version_open {
        let read = |text: &str| version(text).map_err(|finding| finding.title);
        let answer = one(input, out, "version", &answers.version.to_string(), &read)?;
        answers.version = answer.unwrap_or_else(|| answers.version.clone());
    }
    if release_type {
        let read = |text: &str| {
            let words = || format!("one of {}", list(ReleaseType::WORDS.iter().copied(), 10));
            ReleaseType::from_word(text).ok_or_else(words)
        };
        let question = format!("type ({})", ReleaseType::WORDS.join(", "));
        let answer = one(input, out, &question, answers.release_type.word(), &read)?;
        answers.release_type = answer.unwrap_or(answers.release_type);
    }
    if answers.summary.is_none() && answers.release_type == ReleaseType::Hotfix {
        answers.summary = one(input, out, "what it fixes", "nothing", &|text| Ok(text.to_owned()))?;
    }
    Ok(())
}

/// Asks until the answer can be read; none where it is what was proposed.
fn one<T>(
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    question: &str,
    proposed: &str,
    read: &dyn Fn(&str) -> Result<T, String>,
) -> io::Result<Option<T>> {
    loop {
        write!(out, "{question} [{proposed}]: ")?;
        out.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(None);
        }
        match read(line.trim()) {
            Ok(answer) => return Ok(Some(answer)),
            Err(why) => writeln!(out, "  {why}")?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(input: &str) -> (Answers, String) {
        let open = Open { name: true, version: true, release_type: true };
        let mut answers = Answers {
            name: "guess".to_owned(),
            version: semver::Version::new(0, 1, 0),
            release_type: ReleaseType::PromptRelease,
            summary: None,
            open,
        };
        let mut out = Vec::new();
        ask(&mut answers, &mut input.as_bytes(), &mut out).unwrap();
        (answers, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_person_is_asked_until_the_answer_can_be_read() {
        let (answers, told) = asked("my bot\nmy-bot\nv1\n1.2.3\nbig\nhotfix\nINC-4711\n");
        assert_eq!(answers.summary.as_deref(), Some("INC-4711"));
        assert_eq!(
            (answers.name.as_str(), answers.version.to_string().as_str(), answers.release_type),
            ("my-bot", "1.2.3", ReleaseType::Hotfix)
        );
        assert!(told.contains("name [guess]: ") && told.contains("`v1` is no version"), "{told}");
    }

    #[test]
    fn an_empty_line_and_the_end_of_the_input_keep_what_was_proposed() {
        for input in ["\n\n\n", ""] {
            let (answers, _) = asked(input);
            assert_eq!(answers.name, "guess");
            assert_eq!(answers.version.to_string(), "0.1.0");
        }
    }

    #[test]
    fn the_next_version_follows_the_last_tag() {
        let parse = |text: &str| semver::Version::parse(text).unwrap();
        assert_eq!(next(None), parse("0.1.0"));
        assert_eq!(next(Some(&parse("1.2.3"))), parse("1.2.4"));
        assert_eq!(next(Some(&parse("2.0.0-rc.1"))), parse("2.0.0"));
    }
}
