//! The Markdown headings of a text.

/// Every heading, by its line from 1.
pub(super) struct Headings<'a>(Vec<(usize, &'a str)>);

impl<'a> Headings<'a> {
    /// Those of a text: `# ...` outside of fenced code, and lines that are underlined with `===` or `---`.
    pub(super) fn of(text: &'a str) -> Self {
        let mut found: Vec<(usize, &str)> = Vec::new();
        let (mut fenced, mut before) = (false, "");
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            let underline = |mark: char| line.len() >= 3 && line.chars().all(|letter| letter == mark);
            if line.starts_with("```") || line.starts_with("~~~") {
                fenced = !fenced;
            } else if !fenced {
                let rest = line.trim_start_matches('#');
                let level = line.len() - rest.len();
                if (1..=6).contains(&level) && rest.starts_with(' ') && !rest.trim().is_empty() {
                    found.push((number, line));
                } else if !before.is_empty() && (underline('=') || underline('-')) {
                    found.push((number - 1, before));
                }
            }
            before = line;
        }
        Self(found)
    }

    /// The nearest one at or above a line.
    pub(super) fn above(&self, line: usize) -> Option<&'a str> {
        let behind = self.0.partition_point(|(at, _)| *at <= line);
        Some(self.0.get(behind.checked_sub(1)?)?.1)
    }
}

#[cfg(test)]
mod tests {
    use super::Headings;

    #[test]
    fn the_nearest_heading_above() {
        let text = "Hi\n# One\na\n```\n# no\n```\nTwo\n---\n#no\n- b\n---\n";
        let headings = Headings::of(text);
        let above: Vec<_> = (1..=9).map(|line| headings.above(line)).collect();
        assert_eq!(above[0], None);
        assert_eq!(above[1..6], [Some("# One"); 5]);
        assert_eq!(above[6..], [Some("Two"); 3]);
    }
}
