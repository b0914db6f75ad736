//! Reads the lines of a changelog one by one: what is hidden, what stands in a list, what is a heading.
//!
//! As much of `CommonMark` as keeps an example in a code block from being taken for a heading, and an entry from being
//! put where nobody sees it. A heading in a list or a quote is none here.

use semver::Version;

use super::heading::{Subject, atx, bold, html, mentioned, subject, underline};
use super::lines::Text;
use super::marker::{self, Begin, Marker};
use super::parts::{Block, Damage, Fold, Heading};

/// Where headings mean nothing.
#[derive(Debug, Clone, Copy)]
enum Hidden {
    /// A fence; `base` is the indent of the text of the list item that it stands in.
    Code {
        line: usize,
        mark: char,
        width: usize,
        indent: usize,
        base: usize,
    },
    Comment {
        line: usize,
    },
    /// HTML whose content is no Markdown up to its closing tag.
    Raw {
        line: usize,
        tag: &'static str,
    },
}

/// Tags whose content is shown as it is, or not at all.
const RAW: &[&str] = &["pre", "script", "style", "textarea"];

/// Tags that fold away or frame what stands in them.
const FOLDS: &[&str] = &["details", "table", "blockquote"];

impl Hidden {
    fn line(self) -> usize {
        match self {
            Self::Code { line, .. } | Self::Comment { line } | Self::Raw { line, .. } => line,
        }
    }

    /// A fence, or HTML that is no Markdown, that begins in `body`, whose indent in the line is `indent`.
    fn opens(at: usize, body: &str, indent: usize, base: usize) -> Option<Self> {
        if let Some(tag) = RAW.iter().find(|tag| tag_at(body, "<", tag)) {
            return (!has_tag(body, "</", tag)).then_some(Self::Raw { line: at, tag });
        }
        let mark = body.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = body.trim_start_matches(mark);
        let width = body.len() - info.len();
        // A "`" further on makes it code within a line.
        let is_fence = width >= 3 && !(mark == '`' && info.contains('`'));
        is_fence.then_some(Self::Code { line: at, mark, width, indent, base })
    }

    /// What follows the end in `line`, if it ends there.
    fn closes(self, line: &str) -> Option<&str> {
        match self {
            Self::Comment { .. } => line.split_once("-->").map(|(_, rest)| rest),
            Self::Raw { tag, .. } => has_tag(line, "</", tag).then_some(""),
            Self::Code { mark, width, indent, .. } => {
                let text = line.trim_start_matches(' ');
                let run = text.len() - text.trim_start_matches(mark).len();
                let close_by = line.len() - text.len() <= indent + 3;
                (close_by && run >= width && text.trim_start_matches(mark).trim().is_empty()).then_some("")
            }
        }
    }

    /// Whether the list item that it stands in has ended before `line`, and it with the item.
    fn is_left(self, line: &str) -> bool {
        matches!(self, Self::Code { base, .. } if !line.trim().is_empty() && indent_of(line) < base)
    }
}

/// What was read so far.
#[derive(Debug)]
pub(super) struct Scan<'t> {
    text: &'t Text<'t>,
    name: &'t str,
    pub(super) headings: Vec<Heading>,
    pub(super) blocks: Vec<Block>,
    /// One past the last line of code, comment or block.
    pub(super) solid: usize,
    hidden: Option<Hidden>,
    open: Option<(usize, Begin)>,
    /// The indents of the texts of the list items that the line stands in, the innermost last.
    items: Vec<usize>,
    folds: Vec<Fold>,
    /// The tags that are open, with their lines, the outermost first.
    tags: Vec<(&'static str, usize)>,
}

impl<'t> Scan<'t> {
    pub(super) fn new(text: &'t Text<'t>, name: &'t str) -> Self {
        Self {
            text,
            name,
            headings: Vec::new(),
            blocks: Vec::new(),
            solid: 0,
            hidden: None,
            open: None,
            items: Vec::new(),
            folds: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// What was read, once every line was; a tag that is never closed holds all that follows.
    pub(super) fn finish(mut self) -> Result<(Self, Vec<Fold>), Damage> {
        if let Some(open) = self.hidden {
            return Err(Damage::NeverClosed { line: open.line() });
        }
        if let Some((line, _)) = self.open {
            return Err(Damage::NoEnd { line });
        }
        let mut folds = std::mem::take(&mut self.folds);
        folds.extend(self.tags.first().map(|(_, start)| Fold { start: *start, end: self.text.len() }));
        Ok((self, folds))
    }

    pub(super) fn line(&mut self, at: usize) -> Result<(), Damage> {
        let line = self.text.line(at);
        if self.hidden.is_some_and(|hidden| hidden.is_left(line)) {
            self.hidden = None;
        }
        if outdented(line).is_some_and(marker::claims) {
            self.solid = at + 1;
            self.items.clear();
            return self.marker(at, line);
        }
        if let Some(hidden) = self.hidden {
            self.solid = at + 1;
            if let Some(rest) = hidden.closes(line) {
                self.hidden = None;
                self.comment(at, rest);
            }
            return Ok(());
        }
        if line.starts_with("<<<<<<< ") {
            return Err(Damage::Conflict { line: at });
        }
        if line.trim().is_empty() {
            return Ok(());
        }
        if let Some(level) = underline(line)
            && self.is_underlined(at)
            && let Some(above) = at.checked_sub(1)
        {
            let title = self.text.line(above).trim();
            self.headings.retain(|heading| heading.line != above);
            self.heading(above, level, title);
            return Ok(());
        }
        let (body, indent) = self.enter(line);
        let base = self.items.last().copied().unwrap_or(0);
        if indent >= base + 4 {
            return Ok(());
        }
        self.hidden = Hidden::opens(at, body, indent, base);
        if self.hidden.is_none() && !body.starts_with('>') {
            self.comment(at, body);
            self.tags(at, body);
        }
        if self.hidden.is_none() && self.items.is_empty() {
            self.headed(at, line, body);
        }
        Ok(())
    }

    /// A heading that is one line.
    fn headed(&mut self, at: usize, line: &str, body: &str) {
        if let Some((level, title)) = atx(line).or_else(|| html(body)) {
            self.heading(at, level, title);
        } else if let Some(title) = bold(body).filter(|_| self.starts_alone(at))
            && let Subject::Version(version) = subject(3, title, self.name)
        {
            self.headings.push(Heading {
                line: at,
                level: 2,
                subject: Subject::Version(version),
                mentions: None,
            });
        }
    }

    fn heading(&mut self, line: usize, level: usize, title: &str) {
        let mentions: Option<Version> = mentioned(level, title);
        self.headings.push(Heading { line, level, subject: subject(level, title, self.name), mentions });
    }

    /// Leaves the list items that `line` does not belong to and enters those that it begins; its text and that text's
    /// indent.
    fn enter(&mut self, line: &'t str) -> (&'t str, usize) {
        let mut at = indent_of(line);
        while self.items.last().is_some_and(|indent| *indent > at) {
            self.items.pop();
        }
        let mut body = line.trim_start();
        while at < self.items.last().copied().unwrap_or(0) + 4 && !is_rule(body) {
            let Some(width) = item_mark(body) else { break };
            let after = body.get(width..).unwrap_or_default();
            let space = indent_of(after);
            let text = after.trim_start();
            // Five spaces and more are one, and code behind it.
            self.items.push(at + width + if text.is_empty() || space > 4 { 1 } else { space });
            at += width + space;
            body = text;
        }
        (body, at)
    }

    /// A comment that opens in `text` and goes on below. One that opens inside of a line and never ends is text.
    fn comment(&mut self, at: usize, text: &str) {
        let Some(open) = open_comment(text) else { return };
        let goes_on = || {
            let below = (at + 1..self.text.len()).map(|at| self.text.line(at));
            let mut ends = below.filter(|line| line.contains("-->") || line.trim_start().starts_with("<!--"));
            ends.next().is_some_and(|line| !line.trim_start().starts_with("<!--"))
        };
        if open == 0 || goes_on() {
            self.hidden = Some(Hidden::Comment { line: at });
        }
    }

    /// Opens and closes what folds away the lines below.
    fn tags(&mut self, at: usize, body: &str) {
        let plain = without_code(body).to_ascii_lowercase();
        for (from, _) in plain.match_indices('<') {
            let text = plain.get(from..).unwrap_or_default();
            if let Some(tag) = FOLDS.iter().find(|tag| tag_at(text, "<", tag)) {
                self.tags.push((tag, at));
            } else if let Some(place) = self.tags.iter().rposition(|(tag, _)| tag_at(text, "</", tag)) {
                let start = self.tags.first().map_or(at, |(_, start)| *start);
                self.tags.truncate(place);
                if place == 0 {
                    self.folds.push(Fold { start, end: at });
                }
            }
        }
    }

    fn marker(&mut self, at: usize, line: &str) -> Result<(), Damage> {
        if let Some(hidden) = self.hidden {
            return Err(Damage::Hidden { line: at, open: hidden.line() });
        }
        match (marker::parse(line).ok_or(Damage::Unreadable { line: at })?, self.open.take()) {
            (Marker::Begin(marker), None) => self.open = Some((at, marker)),
            (Marker::Begin(_), Some((outer, _))) => return Err(Damage::Nested { outer, inner: at }),
            (Marker::End(_), None) => return Err(Damage::NoBegin { line: at }),
            (Marker::End(id), Some((begin, marker))) if id == marker.id => {
                self.blocks.push(Block { begin, end: at, marker });
            }
            (Marker::End(_), Some((begin, _))) => return Err(Damage::OtherEnd { begin, end: at }),
        }
        Ok(())
    }

    /// Whether the line above `at` is one line of text on its own.
    fn is_underlined(&self, at: usize) -> bool {
        let Some(above) = at.checked_sub(1) else { return false };
        let is_text = outdented(self.text.line(above)).is_some_and(|line| {
            !line.is_empty() && !line.starts_with(['-', '*', '+', '>', '|', '<', '#', '='])
        });
        above >= self.solid && self.starts_alone(above) && is_text
    }

    /// Whether nothing stands right above a line.
    fn starts_alone(&self, at: usize) -> bool {
        at.checked_sub(1).is_none_or(|above| self.text.line(above).trim().is_empty())
    }
}

/// A line without its indent; none where the indent makes it code.
pub(super) fn outdented(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    (line.len() - text.len() < 4 && !text.starts_with('\t')).then_some(text)
}

/// The column of the first character that is no space.
fn indent_of(line: &str) -> usize {
    line.chars()
        .take_while(|c| matches!(c, ' ' | '\t'))
        .fold(0, |at, c| if c == '\t' { at / 4 * 4 + 4 } else { at + 1 })
}

/// The width of the mark of a list item, if the text begins with one.
fn item_mark(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (mark, width) = match text.as_bytes().get(digits)? {
        b'-' | b'+' | b'*' if digits == 0 => (true, 1),
        b'.' | b')' if (1..=9).contains(&digits) => (true, digits + 1),
        _ => (false, 0),
    };
    let ends = text.get(width..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
    (mark && ends).then_some(width)
}

/// Whether the line is a rule across the page: `---`, `* * *`.
fn is_rule(text: &str) -> bool {
    let marks = |mark: char| {
        text.chars().all(|c| c == mark || c.is_whitespace())
            && text.chars().filter(|c| *c == mark).count() >= 3
    };
    ['-', '*', '_'].into_iter().any(marks)
}

/// Whether `text` begins with a tag of the name; case does not count.
fn tag_at(text: &str, open: &str, name: &str) -> bool {
    let Some(rest) = text.strip_prefix(open) else { return false };
    rest.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name))
        && rest
            .get(name.len()..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['>', '/', ' ', '\t']))
}

fn has_tag(text: &str, open: &str, name: &str) -> bool {
    text.match_indices('<').any(|(at, _)| text.get(at..).is_some_and(|rest| tag_at(rest, open, name)))
}

/// Where a comment opens that does not end in the line.
fn open_comment(text: &str) -> Option<usize> {
    let plain = without_code(text);
    let mut from = 0;
    loop {
        let open = from + plain.get(from..)?.find("<!--")?;
        if plain.get(..open).is_some_and(|before| before.ends_with('\\')) {
            from = open + 4;
            continue;
        }
        match plain.get(open + 4..)?.find("-->") {
            Some(end) => from = open + 4 + end + 3,
            None => return Some(open),
        }
    }
}

/// The line with spaces in place of code within it.
fn without_code(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let (before, code) = rest.split_at(at);
        plain.push_str(before);
        let width = code.len() - code.trim_start_matches('`').len();
        let (mark, inside) = code.split_at(width);
        let mut ends = inside.match_indices(mark).map(|(end, _)| end);
        let end = ends.find(|end| {
            let outside = |part: Option<&str>, at_end: bool| {
                part.is_none_or(|part| !(if at_end { part.ends_with('`') } else { part.starts_with('`') }))
            };
            outside(inside.get(..*end), true) && outside(inside.get(end + width..), false)
        });
        let taken = end.map_or(width, |end| width + end + width);
        plain.extend(std::iter::repeat_n(if end.is_some() { ' ' } else { '`' }, taken));
        rest = code.get(taken..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}
