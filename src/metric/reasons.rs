//! What the errors of rows say, counted.

use std::collections::BTreeMap;

use crate::diagnostic::shortened;
use crate::secret::hide_secrets;

/// So many different texts are told apart.
const MOST: usize = 1000;
/// What is kept of a text until secrets in it are masked, in bytes.
const LONGEST: usize = 4096;

/// How often each error text stands in the rows that count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons {
    counts: BTreeMap<String, u64>,
    rest: u64,
}

/// The most frequent of them, fit to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToldReasons {
    /// Text -> how often; what looks like a secret is masked.
    pub texts: BTreeMap<String, u64>,
    /// How many rows have others.
    pub rest: u64,
}

impl Reasons {
    pub(super) fn add(&mut self, text: &str) {
        let text = head(text);
        match self.counts.get_mut(text) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(text.to_owned(), 1);
            }
        }
    }

    /// Adds those of a later part of the file; the first thousand different texts of a run are told apart.
    pub(super) fn append(&mut self, later: Self) {
        self.rest += later.rest;
        for (text, count) in later.counts {
            let full = self.counts.len() >= MOST;
            match self.counts.get_mut(&text) {
                Some(known) => *known += count,
                None if full => self.rest += count,
                None => {
                    self.counts.insert(text, count);
                }
            }
        }
    }

    /// The `most` frequent texts, and how many rows have others.
    #[must_use]
    pub fn told(&self, most: usize) -> ToldReasons {
        let mut shown: BTreeMap<String, u64> = BTreeMap::new();
        for (text, count) in &self.counts {
            *shown.entry(reason(text)).or_default() += count;
        }
        let mut all: Vec<(String, u64)> = shown.into_iter().collect();
        all.sort_by(|(a, x), (b, y)| y.cmp(x).then(a.cmp(b)));
        let others = all.split_off(most.min(all.len()));
        let rest = self.rest + others.iter().map(|(_, count)| count).sum::<u64>();
        ToldReasons { texts: all.into_iter().collect(), rest }
    }
}

/// An error text as a part keeps it: as outputs show it, so that it is counted with those that look alike.
pub(super) fn kept_reason(text: &str) -> String {
    reason(head(text))
}

/// As much of a text as is kept.
fn head(text: &str) -> &str {
    let end = (0..=LONGEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// An error text as outputs show it: on one line, short, without what looks like a secret.
pub(super) fn reason(text: &str) -> String {
    let masked = hide_secrets(text);
    let line = masked.split_whitespace().collect::<Vec<_>>().join(" ");
    shortened(&line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Reasons {
        let mut reasons = Reasons::default();
        for text in texts {
            reasons.add(text);
        }
        reasons
    }

    #[test]
    fn texts_that_look_alike_are_one_and_the_rest_is_counted() {
        let mut reasons = of(&["rate  limit", "timeout", "rate limit\n", "odd"]);
        reasons.append(of(&["timeout", "timeout", "very odd"]));
        let told = reasons.told(2);
        assert_eq!(told.texts, BTreeMap::from([("rate limit".to_owned(), 2), ("timeout".to_owned(), 3)]));
        assert_eq!(told.rest, 2);
        let many: Vec<String> = (0..3000).map(|i| format!("request {i} failed")).collect();
        let mut reasons = Reasons::default();
        for text in &many {
            reasons.append(of(&[text]));
        }
        let told = reasons.told(20);
        assert_eq!((told.texts.len(), told.texts.values().sum::<u64>() + told.rest), (20, 3000));
    }

    #[test]
    fn a_secret_is_masked_however_long_its_text_is() {
        let long = format!("{} api_key=sk-{} {}", "x".repeat(150), "a1B2".repeat(12), "y".repeat(9000));
        let told = of(&[&long, &"é".repeat(5000)]).told(20);
        let shown = told.texts.keys().find(|text| text.starts_with('x')).unwrap();
        assert!(!shown.contains("a1B2") && shown.chars().count() <= 200, "{shown}");
    }
}
