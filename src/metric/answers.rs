//! Texts of a row as one number: what a measure such as ROUGE says of each answer.

use std::fmt;
use std::sync::Arc;

use super::references::References;
use crate::evidence::Value;
use crate::manifest::ReferenceFile;
use crate::text::TooLong;

/// Which texts of a row are taken.
#[derive(Debug, Clone)]
pub struct TextFields {
    /// The field of the answer.
    pub answer: String,
    /// What it is compared with.
    pub reference: ReferenceOf,
}

/// What an answer is compared with.
#[derive(Debug, Clone)]
pub enum ReferenceOf {
    /// Nothing: it stands for itself.
    Nothing,
    /// A field of the row: a text or a list of them.
    Field(String),
    /// The references that a file has for the row's id; none before the file is read.
    File(ReferenceFile, Option<Arc<References>>),
}

impl TextFields {
    /// The fields of a row that they stand in.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let reference = match &self.reference {
            ReferenceOf::Field(field) => Some(field.as_str()),
            ReferenceOf::Nothing | ReferenceOf::File(..) => None,
        };
        std::iter::once(self.answer.as_str()).chain(reference)
    }

    /// What is behind the signature in the name of a column.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.reference {
            ReferenceOf::Nothing => self.answer.clone(),
            ReferenceOf::Field(field) => format!("{} {field}", self.answer),
            ReferenceOf::File(..) => format!("{} of a file", self.answer),
        }
    }

    /// Answer and references of a row, whose values stand at `at` and whose id is `id`; none where one of them is missing.
    pub(super) fn of<'s>(&'s self, values: &'s [Value<'_>], at: &[usize], id: u64) -> Option<Vec<&'s str>> {
        let value = |place: usize| values.get(*at.get(place)?);
        let Some(Value::Text(answer)) = value(0) else { return None };
        let mut texts = vec![answer.as_ref()];
        match &self.reference {
            ReferenceOf::Nothing => return Some(texts),
            ReferenceOf::Field(_) => match value(1) {
                Some(Value::Text(reference)) => texts.push(reference),
                Some(Value::Texts(references)) => texts.extend(references.iter().map(AsRef::as_ref)),
                _ => return None,
            },
            ReferenceOf::File(_, references) => {
                texts.extend(references.as_ref()?.of(id)?.iter().map(String::as_str));
            }
        }
        // A list without a text is no reference.
        (texts.len() > 1).then_some(texts)
    }
}

/// Makes one number of an answer and what it is compared with.
pub trait Scorer: fmt::Debug + Send + Sync {
    /// Its name with all that changes its numbers: those of another name are others.
    fn name(&self) -> String;

    /// The number of an answer; NaN where it has none.
    ///
    /// # Errors
    /// A text is longer than it is worked out for.
    fn score(&self, answer: &str, references: &[&str]) -> Result<f64, TooLong>;
}

/// A number that is made of the texts of a row.
#[derive(Debug, Clone)]
pub struct TextScore {
    /// What it is known by in a table.
    pub field: String,
    /// The texts.
    pub texts: TextFields,
    /// What makes it.
    pub scorer: Arc<dyn Scorer>,
}

impl TextScore {
    /// What a bundle calls its numbers: others have another name.
    #[must_use]
    pub fn column(&self) -> String {
        format!("{} {}", self.scorer.name(), self.texts.name())
    }
}
