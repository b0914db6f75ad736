//! One row: whether it counts, what its numbers are, and the key that it is known by.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use super::answers::TextFields;
use super::plan::{Check, MadeOfTexts, Plan, RowsAs, Score, Test};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::{Id, Sample, TruthWords, Value};
use crate::manifest::Literal;
use crate::text::TooLong;

/// The number of a score: finite and within its bounds, or none where the row has no usable one.
#[inline]
pub(super) fn number(score: &Score, value: &Value<'_>) -> Result<Option<f64>, Diagnostic> {
    // What nearly all are, without a call.
    let usual = match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Number(number) => Some(*number),
        _ => None,
    };
    match usual {
        Some(number)
            if number.is_finite()
                && score.checks.iter().all(|check| check.preference.is_none() && fits(check, number)) =>
        {
            Ok(Some(number))
        }
        _ => checked_number(score, value),
    }
}

/// Whether a finite number is as a check wants it.
#[allow(clippy::float_cmp, reason = "0 and 1 are exact")]
fn fits(check: &Check, number: f64) -> bool {
    let scaled = number * check.scale;
    scaled.is_finite()
        && (!check.binary || number == 0.0 || number == 1.0)
        && check.lower.is_none_or(|lower| scaled >= lower)
        && check.upper.is_none_or(|upper| scaled <= upper)
}

/// The same, or what is wrong with it.
#[inline(never)]
fn checked_number(score: &Score, value: &Value<'_>) -> Result<Option<f64>, Diagnostic> {
    if let Some(preference) = score.checks.iter().find_map(|check| check.preference.as_ref()) {
        return preference.score(&score.field, value);
    }
    let number = match value {
        Value::Absent | Value::Null => return Ok(None),
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Number(number) => *number,
        Value::Truth(words, value) => {
            check_words(score, *words)?;
            f64::from(u8::from(*value))
        }
        Value::Written(text) => {
            let title = format!("`{}` is read as a label ({text}) and as a score", printable(&score.field));
            return Err(Diagnostic::error(Code::NotANumber, title));
        }
        Value::Texts(_) => {
            let title =
                format!("`{}` is a list where a number or true/false belongs", printable(&score.field));
            return Err(Diagnostic::error(Code::NotANumber, title));
        }
        Value::Text(text) => {
            return Err(Diagnostic::error(
                Code::NotANumber,
                format!(
                    "`{}` is text ({:?}) where a number or true/false belongs",
                    printable(&score.field),
                    printable(text)
                ),
            ));
        }
    };
    if !number.is_finite() {
        return Err(Diagnostic::error(
            Code::NotFinite,
            format!("`{}` is not a finite number", printable(&score.field)),
        )
        .help("a missing score is `null`"));
    }
    match score.checks.iter().find(|check| !fits(check, number)) {
        Some(check) => Err(unfit(&score.field, number, check)),
        None => Ok(Some(number)),
    }
}

/// The number that is made of the texts of a row; none where one of them is missing, or the row errored.
pub(super) fn score(made: &MadeOfTexts, sample: &Sample<'_>, id: u64) -> Result<Option<f64>, Diagnostic> {
    let texts = made.of.texts.of(sample.values, &made.at, id).filter(|_| sample.error.is_none());
    let Some((answer, references)) = texts.as_ref().and_then(|texts| texts.split_first()) else {
        return Ok(None);
    };
    let scored = made.of.scorer.score(answer, references);
    scored
        .map(|value| Some(value).filter(|value| value.is_finite()))
        .map_err(|long| too_long(&made.of.texts, long))
}

/// A text that nobody should wait for.
pub(super) fn too_long(texts: &TextFields, long: TooLong) -> Diagnostic {
    let TooLong { words, most } = long;
    Diagnostic::error(
        Code::TextTooLong,
        format!("`{}`, or its reference, has {words} words, and this metric takes {most}", printable(&texts.answer)),
    )
    .help("its work grows with the square of the length, or faster: gate `chrf` or `bleu`, which take texts of any length")
    .help("or find out why the evaluation let such a text through: `as: length` says how long texts may be")
}

/// Praise says true only where high is good: nobody knows what `toxicity: pass` counts.
fn check_words(score: &Score, words: TruthWords) -> Result<(), Diagnostic> {
    let unclear = score.checks.iter().find(|check| words.praises() && !check.high_is_good);
    let Some(check) = unclear else { return Ok(()) };
    let text = format!(
        "`{}` says {}, and nobody can tell which of the two counts for `{}`",
        printable(&score.field),
        words.words(),
        check.metric
    );
    Err(Diagnostic::error(Code::NotANumber, text).help(
        "write true and false; or, where high is good, say so: `metrics: { NAME: { direction: higher } }`",
    ))
}

/// What is wrong with a number that does not fit a check.
#[allow(clippy::float_cmp, reason = "0 and 1 are exact")]
fn unfit(field: &str, number: f64, check: &Check) -> Diagnostic {
    let field = printable(field);
    if check.binary && number != 0.0 && number != 1.0 {
        return Diagnostic::error(
            Code::NotBinary,
            format!("`{field}` is {number}, and the rate `{}` is made of true/false or 0/1", check.metric),
        )
        .help(format!("for the mean of a score: `metrics: {{ {}: {{ as: mean }} }}`", check.metric));
    }
    let scaled = number * check.scale;
    if !scaled.is_finite() {
        let text = format!("`{field}` is {number}, which is no finite number once it is scaled");
        return Diagnostic::error(Code::NotFinite, text)
            .help("check the metric's `scale`, and the evaluation");
    }
    let below = check.lower.filter(|lower| scaled < *lower).map(|lower| format!("below {lower}"));
    let above = || format!("above {}", check.upper.unwrap_or(f64::INFINITY));
    let side = below.unwrap_or_else(above);
    Diagnostic::error(
        Code::OutOfBounds,
        format!("`{field}` is {number}, {side}, which `{}` cannot be", check.metric),
    )
    .help("mend the evidence; or declare what is right: `metrics: { NAME: { field: ..., bounds: [0, 5] } }`")
}

/// Whether a sample meets every condition. One that an error left without a field does: nobody knows that it would not
/// have, and dropping it would drop the worst.
#[must_use]
pub(super) fn selects(plan: &Plan, tests: &[Test], sample: &Sample<'_>) -> bool {
    tests.iter().all(|test| {
        let value = sample.values.get(test.at).unwrap_or(&Value::Absent);
        (sample.error.is_some() && matches!(value, Value::Absent | Value::Null))
            || test.any_of.iter().any(|literal| equals(literal, value, plan.labels_are_text))
    })
}

/// Whether a sample has no value in a field by which rows are selected.
#[must_use]
pub(super) fn lacks_field(tests: &[Test], sample: &Sample<'_>) -> bool {
    tests.iter().any(|test| matches!(sample.values.get(test.at), None | Some(Value::Absent | Value::Null)))
}

/// Whether a field has a value, by what is written: `1.10` is not `1.1`; and `1` is not `"1"`, except in CSV, where
/// everything is text.
fn equals(literal: &Literal, value: &Value<'_>, labels_are_text: bool) -> bool {
    match (literal, value) {
        (Literal::Bool(wanted), Value::Text(text)) if labels_are_text => {
            text.eq_ignore_ascii_case(if *wanted { "true" } else { "false" })
        }
        (Literal::Number(wanted), Value::Text(text)) if labels_are_text => wanted == text,
        (Literal::Bool(wanted), Value::Bool(value)) => wanted == value,
        (Literal::Number(wanted), Value::Written(value)) => wanted == value,
        (Literal::Text(wanted), Value::Text(value)) => wanted == value,
        _ => false,
    }
}

/// The key of a sample: a hash with a fixed key, the same on every machine and in every release.
#[must_use]
pub(super) fn key(id: &Id<'_>, epoch: Option<i64>) -> u64 {
    with_epoch(id_hash(id), epoch)
}

/// What an id is known by in a table, whatever its epoch.
#[must_use]
pub fn id_of(written: &str) -> u64 {
    key(&Id::Text(written.into()), None)
}

/// The key of a sample of a run; integer ids of a bundle or a part are hashes already.
#[must_use]
pub(super) fn key_in(plan: &Plan, id: &Id<'_>, epoch: Option<i64>) -> u64 {
    match id {
        Id::Integer(hash) if plan.rows_as != RowsAs::Written => with_epoch(hash.cast_unsigned(), epoch),
        _ => key(id, epoch),
    }
}

/// What tells the rows of one id apart: its epoch, or who rated, and in which epoch.
#[must_use]
pub(super) fn turn(sample: &Sample<'_>) -> Option<i64> {
    let Some(rater) = &sample.rater else { return sample.epoch };
    let mut hasher = hasher();
    hasher.write(b"r");
    hasher.write(rater.as_bytes());
    if let Some(epoch) = sample.epoch {
        hasher.write(&[0xff]);
        hasher.write(&epoch.to_le_bytes());
    }
    Some(hasher.finish().cast_signed())
}

fn with_epoch(id: u64, epoch: Option<i64>) -> u64 {
    let Some(epoch) = epoch else { return id };
    let mut hasher = hasher();
    hasher.write(b"e");
    hasher.write(&id.to_le_bytes());
    hasher.write(&epoch.to_le_bytes());
    hasher.finish()
}

fn hasher() -> SipHasher13 {
    SipHasher13::new_with_keys(0x7265_6c67_6174_6531, 0x7361_6d70_6c65_6b31)
}

/// The hash of an id as it is written: `1` and `"1"` are one sample, or a run and its CSV export would count as two.
fn id_hash(id: &Id<'_>) -> u64 {
    /// Ids of fewer bytes are hashed in one go.
    const SHORT: usize = 64;
    let digits;
    let written = match id {
        Id::Text(text) => text.as_bytes(),
        Id::Integer(integer) => {
            digits = Digits::of(*integer);
            digits.as_bytes()
        }
    };
    let mut whole = [b't'; SHORT];
    if let Some(place) = whole.get_mut(1..=written.len()) {
        place.copy_from_slice(written);
        return hasher().hash(whole.get(..=written.len()).unwrap_or_default());
    }
    let mut hasher = hasher();
    hasher.write(b"t");
    hasher.write(written);
    hasher.finish()
}

/// An integer as it is written, without an allocation a row.
struct Digits {
    bytes: [u8; 20],
    from: usize,
}

impl Digits {
    fn of(integer: i64) -> Self {
        let mut digits = Self { bytes: [b'0'; 20], from: 20 };
        let mut rest = integer.unsigned_abs();
        loop {
            digits.push(b'0' + (rest % 10) as u8);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if integer < 0 {
            digits.push(b'-');
        }
        digits
    }

    fn push(&mut self, byte: u8) {
        self.from -= 1;
        if let Some(place) = self.bytes.get_mut(self.from) {
            *place = byte;
        }
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.from..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_any_length_have_the_hash_of_their_pieces() {
        for length in 0..200 {
            let id = "0123456789".repeat(20)[..length].to_owned();
            let mut pieces = hasher();
            pieces.write(b"t");
            pieces.write(id.as_bytes());
            assert_eq!(id_hash(&Id::Text(id.into())), pieces.finish(), "{length}");
        }
    }

    #[test]
    fn integers_are_hashed_as_they_are_written() {
        for integer in [0, 7, -7, 10, 1_234_567_890, i64::MAX, i64::MIN] {
            let text = integer.to_string();
            assert_eq!(Digits::of(integer).as_bytes(), text.as_bytes());
            assert_eq!(key(&Id::Integer(integer), Some(1)), key(&Id::Text(text.into()), Some(1)));
        }
        assert_ne!(key(&Id::Text("01".into()), None), key(&Id::Integer(1), None));
    }
}
