//! What a metric says of people who rate, of versions that are compared, and of a judge: declared here, applied later.

use super::words::{Statistic, Ties};
use crate::diagnostic::Spanned;

/// The keys of a metric that is about ratings or preferences.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// `item`: the field that names what is rated; the row's `id` when absent.
    pub item: Option<Spanned<String>>,
    /// `rater`: the field that names who rates, of rows of one rating each.
    pub rater: Option<Spanned<String>>,
    /// `raters`: the fields of which each holds one person's ratings, of rows of one item each.
    pub raters: Vec<Spanned<String>>,
    /// `scale: [1, 5]`: the least and the greatest rating that can be.
    pub range: Option<Spanned<(f64, f64)>>,
    /// `statistic`: how agreement is measured.
    pub statistic: Option<Spanned<Statistic>>,
    /// `ties`: what a tie counts as.
    pub ties: Option<Spanned<Ties>>,
    /// `sides`: the two fields that name the versions that are compared.
    pub sides: Vec<Spanned<String>>,
    /// `between`: the two versions that the metric is about, this release's first.
    pub between: Vec<Spanned<String>>,
}

impl People {
    /// What the ratings of several fields are called together: their names.
    #[must_use]
    pub fn ratings(&self) -> String {
        self.raters.iter().map(|rater| rater.value.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// What tells the rows of a results file apart; none where nothing is said of people.
    pub(in crate::manifest) fn row_key(&self) -> Option<RowKey> {
        let names = |spelled: &[Spanned<String>]| spelled.iter().map(|name| name.value.clone()).collect();
        let one = |spelled: &Option<Spanned<String>>| spelled.as_ref().map(|name| name.value.clone());
        let key = RowKey {
            item: one(&self.item),
            rater: one(&self.rater),
            sides: names(&self.sides),
            raters: names(&self.raters),
        };
        (key != RowKey::default()).then_some(key)
    }
}

/// What tells the rows of a results file apart, where people rate more than once what they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowKey {
    /// The field that names what is rated, where it is not `id`.
    pub item: Option<String>,
    /// The field that names who rates.
    pub rater: Option<String>,
    /// The fields that name the versions that are compared.
    pub sides: Vec<String>,
    /// Fields that hold one person's ratings each: every one is a row of its own.
    pub raters: Vec<String>,
}

/// A judge whose verdicts a metric is made of, and what is known of it.
#[derive(Debug, Clone)]
pub struct JudgeSpec {
    /// `model`: an artifact such as `models.judge`, or the model's name.
    pub model: Spanned<String>,
    /// `prompt`: an artifact such as `prompts.judge`, or the digest of the text.
    pub prompt: Option<Spanned<String>>,
    /// `labels`: the field that holds what people said, of a randomly chosen part of the rows.
    pub labels: Option<Spanned<String>>,
    /// `sensitivity`: how many of so many true cases it called true elsewhere.
    pub sensitivity: Option<Spanned<(u64, u64)>>,
    /// `specificity`: how many of so many false cases it called false elsewhere.
    pub specificity: Option<Spanned<(u64, u64)>>,
}

impl JudgeSpec {
    /// Whether something corrects its verdicts.
    #[must_use]
    pub fn is_corrected(&self) -> bool {
        self.labels.is_some() || self.sensitivity.is_some()
    }
}
