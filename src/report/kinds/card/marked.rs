//! Lines between two marks, the first of which has the digest of what stands between them.

use crate::artifact::digest_bytes;
use crate::diagnostic::{Code, Diagnostic};

/// How the lines around a text of ours look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    /// How the first one begins; the digest follows.
    pub(super) begin: &'static str,
    /// The last one.
    pub(super) end: &'static str,
    /// What closes the first one.
    pub(super) close: &'static str,
}

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// Its file.
    pub(super) file: &'a str,
    /// How many lines of the file stand above it.
    pub(super) above: usize,
}

/// Where marked lines stand: the first mark, the last one.
pub(super) type Marked = Option<(usize, usize)>;

impl Marks {
    /// The text with `body` between the marks: in place of what stands there, else at its end; without a body nothing of ours is
    /// left. Line ends are `end`.
    ///
    /// # Errors
    /// What stands there was changed, or the marks do not fit together.
    pub(super) fn put(
        self,
        place: Place<'_>,
        text: &str,
        body: &str,
        end: &str,
    ) -> Result<String, Diagnostic> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let new = self.marked(body, end);
        Ok(match self.find(place, &lines)? {
            Some((first, last)) => {
                let before: String = lines.iter().take(first).copied().collect();
                let after: String = lines.iter().skip(last + 1).copied().collect();
                before + &new + &after
            }
            None if new.is_empty() => text.to_owned(),
            None => {
                let open = if text.is_empty() || text.ends_with('\n') { "" } else { end };
                let apart = if text.is_empty() || text.ends_with("\n\n") || text.ends_with("\n\r\n") {
                    ""
                } else {
                    end
                };
                format!("{text}{open}{apart}{new}")
            }
        })
    }

    /// The body between its marks; nothing for no body.
    pub(super) fn marked(self, body: &str, end: &str) -> String {
        if body.is_empty() {
            return String::new();
        }
        let digest = digest_of(body.lines());
        let text =
            format!("{} sha256={digest}{}\n{}\n{}\n", self.begin, self.close, body.trim_end(), self.end);
        text.replace('\n', end)
    }

    /// Where the marks stand.
    ///
    /// # Errors
    /// What is between them was changed, or they do not fit together.
    pub(super) fn find(self, place: Place<'_>, lines: &[&str]) -> Result<Marked, Diagnostic> {
        let Place { file, above } = place;
        let places = |mark: fn(&Self, &str) -> bool| -> Vec<usize> {
            lines
                .iter()
                .enumerate()
                .filter(|(_, line)| mark(&self, line.trim_end()))
                .map(|(at, _)| at)
                .collect()
        };
        let begins = places(|marks, line| line.starts_with(marks.begin));
        let ends = places(|marks, line| line == marks.end);
        let (first, last) = match (begins.as_slice(), ends.as_slice()) {
            ([], []) => return Ok(None),
            ([first], [last]) if first < last => (*first, *last),
            _ => {
                let at = begins.first().or(ends.first()).map_or(1, |at| at + 1);
                let text = format!("the marks of relgate in `{file}` do not fit together");
                return Err(Diagnostic::error(Code::CardDamaged, text)
                    .at_line(file, (above + at) as u64)
                    .note(format!("one `{} ...` and one `{}` after it are expected", self.begin, self.end))
                    .help(
                        "put them back, or remove both and what is between them: the next run writes it anew",
                    ));
            }
        };
        let between = lines.get(first + 1..last).unwrap_or_default();
        let digest = digest_of(between.iter().map(|line| line.trim_end_matches(['\n', '\r'])));
        let mark = format!("{} sha256={digest}{}", self.begin, self.close);
        if lines.get(first).is_none_or(|line| line.trim_end() != mark) {
            let text = format!("what relgate wrote into `{file}` was changed since");
            return Err(Diagnostic::error(Code::CardEdited, text)
                .at_line(file, (above + first) as u64 + 1)
                .note("people write outside of the marks; between them stands what the report says")
                .help("move what you wrote out of the marked lines, and remove these with what is between them: the next run writes it anew"));
        }
        Ok(Some((first, last)))
    }
}

fn digest_of<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    digest_bytes(text.trim_end().as_bytes()).hex().to_owned()
}
