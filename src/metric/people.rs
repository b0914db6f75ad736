//! Who rates and what they prefer: rows of several raters told apart, words that name a version read, both told in reports.

use std::borrow::Cow;

use crate::diagnostic::{Code, Diagnostic, list, printable, shortened};
use crate::evidence::{Sample, Sink, Value};
use crate::manifest::Ties;

/// The label that says who rates, where every rater has a field.
pub(super) const RATER: &str = "(rater)";

/// What the word for a tie may be.
const TIES: [&str; 4] = ["tie", "tied", "draw", "equal"];

/// What words mean that say which of two versions is preferred.
#[derive(Debug, Clone, PartialEq)]
pub struct Preference {
    /// This release.
    pub ours: String,
    /// The other version.
    pub theirs: String,
    /// What a tie counts as.
    pub ties: Ties,
}

impl Preference {
    /// 1 for a win, 0 for a loss; a number stands for itself, as in a bundle.
    pub(super) fn score(&self, field: &str, value: &Value<'_>) -> Result<Option<f64>, Diagnostic> {
        let tie = if self.ties == Ties::Half { 0.5 } else { 0.0 };
        match value {
            Value::Absent | Value::Null => return Ok(None),
            Value::Number(number) if [0.0, 0.5, 1.0].contains(number) => return Ok(Some(*number)),
            Value::Text(text) if *text == self.ours => return Ok(Some(1.0)),
            Value::Text(text) if *text == self.theirs => return Ok(Some(0.0)),
            Value::Text(text) if is_tie(text) => return Ok(Some(tie)),
            Value::Written(text) if *text == self.ours => return Ok(Some(1.0)),
            Value::Written(text) if *text == self.theirs => return Ok(Some(0.0)),
            _ => {}
        }
        let Self { ours, theirs, .. } = self;
        Err(unknown(field, value, &[ours, theirs]).help(format!(
            "`between: [{}, {}]` says which versions are compared, this release first",
            printable(ours),
            printable(theirs)
        )))
    }
}

fn is_tie(text: &str) -> bool {
    TIES.iter().any(|tie| text.eq_ignore_ascii_case(tie))
}

fn written<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match value {
        Value::Absent | Value::Null | Value::Texts(_) => None,
        Value::Bool(value) | Value::Truth(_, value) => Some(value.to_string().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Written(text) => Some((*text).into()),
        Value::Text(text) => Some(text.as_ref().into()),
    }
}

fn unknown(field: &str, value: &Value<'_>, versions: &[&str]) -> Diagnostic {
    let said = written(value).unwrap_or_default();
    Diagnostic::error(
        Code::UnknownPreference,
        format!(
            "`{}` is {:?}, which is neither a tie nor one of {}",
            printable(field),
            printable(shortened(&said)),
            list(versions.iter().copied(), 4)
        ),
    )
}

/// Fields of rows that say which of two versions was preferred, and the two that a metric is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duel {
    /// Which one was preferred.
    pub winner: String,
    /// Which ones were compared.
    pub sides: [String; 2],
    /// The two versions that the metric is about, this release first.
    pub between: [String; 2],
}

impl Duel {
    /// Its fields: who was preferred, and the two sides.
    pub(super) fn fields(&self) -> [&str; 3] {
        let [one, other] = &self.sides;
        [&self.winner, one, other]
    }

    /// A row says nothing that cannot be: `at` are the places of its fields.
    ///
    /// # Errors
    /// The winner is none of the two sides, and no tie; or a version is compared with itself.
    pub(super) fn check(&self, at: [usize; 3], sample: &Sample<'_>) -> Result<(), Diagnostic> {
        let [winner, one, other] = at.map(|at| sample.values.get(at).unwrap_or(&Value::Absent));
        let (Some(left), Some(right)) = (written(one), written(other)) else { return Ok(()) };
        if left == right {
            let text = format!("{:?} is compared with itself", printable(shortened(&left)));
            return Err(Diagnostic::error(Code::UnknownPreference, text).help(format!(
                "`{}` and `{}` name the two versions",
                printable(&self.sides[0]),
                printable(&self.sides[1])
            )));
        }
        match written(winner) {
            Some(winner) if winner != left && winner != right && !is_tie(&winner) => {}
            _ => return Ok(()),
        }
        Err(unknown(&self.winner, winner, &[&left, &right]))
    }

    /// The score of the first side, by what a row says; none where it says nothing.
    pub(super) fn score(winner: &str, one: &str, other: &str) -> Option<f64> {
        match winner {
            _ if winner == one => Some(1.0),
            _ if winner == other => Some(0.0),
            _ => is_tie(winner).then_some(0.5),
        }
    }
}

/// The rows that a row of one item stands for: one for each rater who has a rating in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unfolding {
    /// The raters, who are called as their fields are.
    pub raters: Vec<String>,
    /// The place of the label that says who rates.
    pub rater_at: usize,
    /// Places that are filled from one place for each rater.
    pub fields: Vec<(usize, Vec<usize>)>,
}

/// Unfolds rows on their way to a sink.
pub(super) struct Unfolded<S> {
    pub(super) unfolding: std::sync::Arc<Unfolding>,
    pub(super) sink: S,
}

impl<S: Sink> Sink for Unfolded<S> {
    fn fork(&self) -> Self {
        Self { unfolding: std::sync::Arc::clone(&self.unfolding), sink: self.sink.fork() }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        let Unfolding { raters, rater_at, fields } = self.unfolding.as_ref();
        let mut rated = false;
        for (number, rater) in raters.iter().enumerate() {
            let own = |of: &[usize]| of.get(number).and_then(|at| sample.values.get(*at));
            let given = |value: &Value<'_>| !matches!(value, Value::Absent | Value::Null);
            if !fields.iter().any(|(_, of)| own(of).is_some_and(given)) {
                continue;
            }
            rated = true;
            let mut values = sample.values.to_vec();
            for (at, of) in fields {
                if let (Some(place), Some(value)) = (values.get_mut(*at), own(of)) {
                    *place = value.clone();
                }
            }
            if let Some(place) = values.get_mut(*rater_at) {
                *place = Value::Text(rater.as_str().into());
            }
            self.sink.fold(&Sample {
                line: sample.line,
                id: sample.id.clone(),
                epoch: sample.epoch,
                rater: Some(rater.as_str().into()),
                error: sample.error.clone(),
                values: &values,
            })?;
        }
        // An item that nobody rated is missing.
        if rated { Ok(()) } else { self.sink.fold(sample) }
    }

    fn absorb(&mut self, later: Self, line_offset: u64) -> Result<(), Diagnostic> {
        self.sink.absorb(later.sink, line_offset)
    }
}
