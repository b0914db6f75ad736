//! The wording of everything that can be wrong with a changelog.

use semver::Version;

use super::parts::Damage;
use crate::diagnostic::{Code, Diagnostic};

/// Words findings about one release in one file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Findings<'a> {
    pub(super) file: &'a str,
    pub(super) version: &'a Version,
}

impl Findings<'_> {
    fn at(self, finding: Diagnostic, line: usize) -> Diagnostic {
        finding.at_line(self.file, line as u64 + 1)
    }

    fn error(self, code: Code, line: usize, title: &str) -> Diagnostic {
        self.at(Diagnostic::error(code, title), line).note("nothing was written to the changelog")
    }

    fn warning(self, code: Code, line: usize, title: String) -> Diagnostic {
        self.at(Diagnostic::warning(code, title), line)
    }

    /// The file is refused.
    pub(super) fn damage(self, damage: &Damage) -> Diagnostic {
        match *damage {
            Damage::Unreadable { line } => self
                .error(Code::ChangelogMarker, line, "this comment of relgate's is damaged")
                .help("restore the line from version control, or delete both comments of the entry and keep its text"),
            Damage::Hidden { line, open } => self
                .error(Code::ChangelogMarker, line, "this comment of relgate's stands in a code block or a comment")
                .note(format!("which begins in line {}", open + 1))
                .help(format!("close what begins in line {}, or take the comment out of it", open + 1)),
            Damage::Nested { outer, inner } => self
                .error(Code::ChangelogMarker, inner, "an entry begins inside of another one")
                .note(format!("the other one begins in line {} and has not ended", outer + 1))
                .help(format!("add the end of the entry of line {} above line {}", outer + 1, inner + 1)),
            Damage::NoBegin { line } => self
                .error(Code::ChangelogMarker, line, "an entry ends here that never began")
                .help("restore its first line from version control, or delete this line"),
            Damage::NoEnd { line } => self
                .error(Code::ChangelogMarker, line, "the entry that begins here never ends")
                .help("restore its last line from version control, or delete this line"),
            Damage::OtherEnd { begin, end } => self
                .error(Code::ChangelogMarker, end, "this line ends the entry of another release")
                .note(format!("the entry that is open begins in line {}", begin + 1))
                .help("restore both lines from version control"),
            Damage::Twice { first, second, ref id } => self
                .error(Code::ChangelogTwoBlocks, second, &format!("the changelog has two entries of {id}"))
                .note(format!("the first one begins in line {}", first + 1))
                .help("delete one of them, with its two comments"),
            Damage::NeverClosed { line } => self
                .error(Code::ChangelogNeverClosed, line, "the code block or comment that begins here never ends")
                .help("close it; everything below it is part of it"),
            Damage::Conflict { line } => self
                .error(Code::ChangelogConflict, line, "the changelog holds a merge conflict")
                .help("finish the merge, then run relgate again"),
        }
    }

    /// A person changed the block in `lines`.
    pub(super) fn edited(self, lines: (usize, usize), is_current: bool) -> Diagnostic {
        let title = format!("the entry of {} was edited, so relgate leaves it as it is", self.version);
        let results = if is_current {
            "the results are those that it was written for"
        } else {
            "the results are not those that it was written for"
        };
        self.warning(Code::ChangelogEdited, lines.0, title).note(results).help(this_or_that(lines))
    }

    /// A person's text was adopted for other results.
    pub(super) fn adopted_behind(self, lines: (usize, usize)) -> Diagnostic {
        let title = format!("the results of {} changed after its entry was adopted", self.version);
        self.warning(Code::ChangelogAdoptedBehind, lines.0, title)
            .note("relgate leaves the adopted text as it is; its figures may be those of before")
            .help(this_or_that(lines))
    }

    /// A section of the version without markers.
    pub(super) fn by_hand(self, line: usize, can_adopt: bool) -> Diagnostic {
        let title = format!("the changelog has a section of {} that relgate did not write", self.version);
        let finding = self.warning(Code::ChangelogByHand, line, title);
        let finding = finding.note("relgate leaves it as it is and adds no second one");
        if can_adopt {
            finding.help("run with `--adopt` to make it the entry, or delete it to have one written")
        } else {
            finding.help("take it out of the entry of the other version")
        }
    }

    /// A section of the version beside its block.
    pub(super) fn twice(self, block: usize, line: usize) -> Diagnostic {
        let title = format!("the changelog has a second section of {}", self.version);
        self.warning(Code::ChangelogSecondSection, line, title)
            .note(format!("relgate's entry begins in line {}", block + 1))
            .help("delete one of them")
    }

    /// The entry of a release that passed before and does not now.
    pub(super) fn behind(self, (begin, end): (usize, usize)) -> Diagnostic {
        let title = format!("the changelog still tells that {} passed", self.version);
        self.warning(Code::ChangelogBehind, begin, title)
            .note("relgate writes an entry for a pass only, and left this one as it is")
            .help(format!(
                "delete lines {} to {}, or repair the release and run again: a pass brings the entry up to date",
                begin + 1,
                end + 1
            ))
    }

    /// A file in another format.
    pub(super) fn not_markdown(self, why: &str) -> Diagnostic {
        not_markdown(self.file, why)
    }

    /// Nothing in the file shows where entries go.
    pub(super) fn no_versions(self, line: usize) -> Diagnostic {
        let title = format!(
            "the changelog has no heading of a version, so relgate guessed where {} goes",
            self.version
        );
        self.warning(Code::ChangelogNoVersions, line, title)
            .help("move the entry with its two comments to where it belongs; relgate will find it there")
    }
}

/// A file that holds something else, or would.
pub(super) fn not_markdown(file: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::ChangelogNotMarkdown, format!("`{file}` is no changelog in Markdown: {why}"))
        .in_file(file)
        .note("relgate writes Markdown, which would damage it; nothing was written to it")
        .help("name a Markdown file: `changelog: CHANGELOG.md`")
}

fn this_or_that((begin, end): (usize, usize)) -> String {
    format!(
        "run with `--adopt` to make the text the entry, or delete lines {} to {} to have it written anew",
        begin + 1,
        end + 1
    )
}
