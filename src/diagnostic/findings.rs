//! The findings of a stage.

use super::code::Code;
use super::finding::{Diagnostic, Severity, Unlisted};
use super::source::Sources;

/// The findings of a stage, in the order in which it found them; of a great many the first, and how many more there were.
#[derive(Debug, Default, Clone)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// What stands for those that are only counted; the last of the findings.
    rest: Option<Diagnostic>,
}

impl Diagnostics {
    /// The most that are kept: nobody reads more, and a file that is wrong everywhere must not fill the memory or the screen.
    pub const MOST: usize = 100;

    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding. An error takes the place of a warning where there is no room for both.
    pub fn push(&mut self, finding: Diagnostic) {
        if finding.stands_for != Unlisted::default() {
            self.omit(finding.stands_for);
            return;
        }
        if self.list.len() < Self::MOST {
            self.list.push(finding);
            return;
        }
        let warning = |kept: &Diagnostic| kept.severity == Severity::Warning;
        let error = finding.severity == Severity::Error;
        match self.list.iter().rposition(warning).filter(|_| error) {
            Some(at) => {
                self.list.remove(at);
                self.list.push(finding);
                self.omit(Unlisted { errors: 0, warnings: 1 });
            }
            None => self.omit(Unlisted { errors: u64::from(error), warnings: u64::from(!error) }),
        }
    }

    /// Adds the findings of another stage.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        for finding in other {
            self.push(finding);
        }
    }

    /// The same findings where the texts that they point into are not kept.
    #[must_use]
    pub fn settled(mut self, sources: &Sources) -> Self {
        self.list = self.list.into_iter().map(|finding| finding.settled(sources)).collect();
        self
    }

    fn omit(&mut self, more: Unlisted) {
        let all = self.rest.as_ref().map_or(Unlisted::default(), |rest| rest.stands_for);
        let all = Unlisted { errors: all.errors + more.errors, warnings: all.warnings + more.warnings };
        let text = format!("{} more were found, and are not listed", all.errors + all.warnings);
        let severity = if all.errors > 0 { Severity::Error } else { Severity::Warning };
        let rest = Diagnostic::warning(Code::MoreFindings, text);
        self.rest = Some(Diagnostic { severity, stands_for: all, ..rest });
    }

    /// How many errors there are, those that are not listed among them.
    #[must_use]
    pub fn errors(&self) -> u64 {
        let listed = self.list.iter().filter(|finding| finding.severity == Severity::Error);
        listed.count() as u64 + self.rest.as_ref().map_or(0, |rest| rest.stands_for.errors)
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The findings in order; where there were more, the last says how many.
    pub fn iter(&self) -> Iter<'_> {
        self.list.iter().chain(self.rest.iter())
    }
}

/// Goes through findings.
pub type Iter<'a> = std::iter::Chain<std::slice::Iter<'a, Diagnostic>, std::option::Iter<'a, Diagnostic>>;

impl From<Diagnostic> for Diagnostics {
    fn from(finding: Diagnostic) -> Self {
        Self { list: vec![finding], ..Self::default() }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(findings: I) -> Self {
        let mut all = Self::new();
        for finding in findings {
            all.push(finding);
        }
        all
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::iter::Chain<std::vec::IntoIter<Diagnostic>, std::option::IntoIter<Diagnostic>>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter().chain(self.rest)
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_findings_are_kept_and_no_error_is_lost_behind_warnings() {
        let mut findings: Diagnostics =
            (0..300).map(|i| Diagnostic::warning(Code::WrongType, i.to_string())).collect();
        findings.push(Diagnostic::error(Code::NotFinite, "the error"));
        let more: Diagnostics =
            (0..300).map(|i| Diagnostic::warning(Code::WrongType, i.to_string())).collect();
        findings.extend(more);
        assert!(findings.has_errors() && findings.errors() == 1);
        let told: Vec<&str> = findings.iter().map(|finding| finding.title.as_str()).collect();
        assert_eq!(told.len(), 101);
        assert_eq!((told[0], told[98], told[99]), ("0", "98", "the error"));
        assert_eq!(told[100], "501 more were found, and are not listed");
        assert_eq!(findings.into_iter().count(), 101);
    }
}
