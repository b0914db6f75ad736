//! A text as lines that keep their own ends, so that what is not touched comes out byte for byte.

/// A line and what ends it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// The line without its end.
    pub(super) text: &'a str,
    /// `\n`, `\r\n`, `\r`, or nothing at the end of the file.
    pub(super) end: &'a str,
}

impl Line<'_> {
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// A whole file.
#[derive(Debug)]
pub(super) struct Text<'a> {
    bom: &'a str,
    lines: Vec<Line<'a>>,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (bom, mut rest) = text.split_at(text.len() - body.len());
        let mut lines = Vec::new();
        while !rest.is_empty() {
            let stop = rest.find(['\n', '\r']).unwrap_or(rest.len());
            let (line, after) = rest.split_at(stop);
            // "\r\n" is one end, not two.
            let width = if after.starts_with("\r\n") { 2 } else { after.len().min(1) };
            let (end, next) = after.split_at(width);
            lines.push(Line { text: line, end });
            rest = next;
        }
        Self { bom, lines }
    }

    pub(super) fn lines(&self) -> &[Line<'a>] {
        &self.lines
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// A line's text by index; nothing beyond the last.
    pub(super) fn line(&self, at: usize) -> &'a str {
        self.lines.get(at).map_or("", |line| line.text)
    }

    /// Lines `from..to`, as many of them as there are.
    pub(super) fn range(&self, from: usize, to: usize) -> &[Line<'a>] {
        let to = to.min(self.lines.len());
        self.lines.get(from.min(to)..to).unwrap_or_default()
    }

    /// Whether nobody wrote anything yet.
    pub(super) fn is_blank(&self) -> bool {
        self.lines.iter().all(Line::is_blank)
    }

    /// The end that most lines have; `\n` where there are none or it is a draw.
    pub(super) fn end(&self) -> &'static str {
        let count = |end: &str| self.lines.iter().filter(|line| line.end == end).count();
        let (lf, crlf, cr) = (count("\n"), count("\r\n"), count("\r"));
        if crlf > lf && crlf >= cr {
            "\r\n"
        } else if cr > lf {
            "\r"
        } else {
            "\n"
        }
    }

    /// The text itself.
    pub(super) fn concat(&self) -> String {
        self.splice(self.len(), self.len(), "")
    }

    /// The text with `new` in place of lines `from..to`.
    pub(super) fn splice(&self, from: usize, to: usize, new: &str) -> String {
        let mut text = self.bom.to_owned();
        let mut push = |lines: &[Line<'_>]| {
            let mut part = String::new();
            for line in lines {
                part.push_str(line.text);
                part.push_str(line.end);
            }
            text.push_str(&part);
        };
        push(self.range(0, from));
        let after = self.range(to, self.len());
        push(&[Line { text: new, end: "" }]);
        push(after);
        text
    }
}
