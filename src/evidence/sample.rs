//! One evaluated item on its way from a reader to a sink.

use std::borrow::Cow;

use super::paths::Paths;
use crate::diagnostic::Diagnostic;
use crate::manifest::Digest;

/// What a projected field is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A score: true/false, a finite number, or a word of a pair that says true or false; anything else but null is an error.
    Score,
    /// A label (slice key, `where:` condition, cluster): text, true/false or a number as written. In CSV always text.
    Label,
    /// A text that is compared with another (an answer, a reference), or a number as written; borrowed from the row.
    Text,
    /// The same, or a list of texts.
    Texts,
    /// A label that is kept as the hash of its value, in hexadecimal digits; only in numbers files.
    Unit,
    /// A time, in seconds since 1970: written with date, time and zone, or as a number of seconds.
    Time,
}

/// One field that a reader must deliver.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Projected {
    /// The field's name: one of [`Projection::paths`], else exactly as the evidence spells it, else the way to it through
    /// nested objects, with points between the keys.
    pub name: String,
    /// What it is read as.
    pub role: Role,
}

impl Projected {
    /// What the column of its values is called in a part of numbers.
    #[must_use]
    pub fn column(&self) -> String {
        let kind = match self.role {
            Role::Score => "score",
            Role::Label => "label",
            Role::Unit => "unit",
            Role::Time => "time",
            Role::Text | Role::Texts => "text",
        };
        format!("{kind} {}", self.name)
    }
}

/// The fields that are needed, in the order in which [`Sample::values`] delivers them.
/// `id`, `epoch` and `error` are always read and need not be named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    /// The fields.
    pub fields: Vec<Projected>,
    /// Whether rows are records of production: one without an `id` has an empty one, and a damaged one is only counted, by
    /// [`Sink::torn`], as a service that crashed writes some. Else both are errors.
    pub records: bool,
    /// What the results call the fields that we have other names for.
    pub paths: Paths,
}

/// One value of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// The row has no such field.
    Absent,
    /// `null`, or an empty CSV cell.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(f64),
    /// A number as it is written, so that `1.10` is not `1.1`; only for [`Role::Label`].
    Written(&'a str),
    /// Text; only for [`Role::Label`], [`Role::Text`] and [`Role::Texts`].
    Text(Cow<'a, str>),
    /// A list of texts; only for [`Role::Texts`].
    Texts(Vec<Cow<'a, str>>),
    /// A word that says true or false; only for [`Role::Score`].
    Truth(TruthWords, bool),
}

/// Two words of which one says true and the other false, whatever their case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TruthWords {
    /// `true` and `false`, as text.
    TrueFalse,
    /// `yes` and `no`.
    YesNo,
    /// `pass` and `fail`.
    PassFail,
    /// `correct` and `incorrect`.
    CorrectIncorrect,
}

impl TruthWords {
    const ALL: [Self; 4] = [Self::TrueFalse, Self::YesNo, Self::PassFail, Self::CorrectIncorrect];

    /// The words for true and for false.
    pub(crate) fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::TrueFalse => ("true", "false"),
            Self::YesNo => ("yes", "no"),
            Self::PassFail => ("pass", "fail"),
            Self::CorrectIncorrect => ("correct", "incorrect"),
        }
    }

    /// What a text says, if it is one of these words.
    #[must_use]
    pub fn said(text: &str) -> Option<(Self, bool)> {
        // Most texts are numbers.
        text.as_bytes().first().filter(|first| first.is_ascii_alphabetic())?;
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        Self::ALL.into_iter().find_map(|words| match words.pair() {
            (yes, _) if is(yes) => Some((words, true)),
            (_, no) if is(no) => Some((words, false)),
            _ => None,
        })
    }

    /// Both words, as messages name them.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::TrueFalse => "\"true\"/\"false\"",
            Self::YesNo => "yes/no",
            Self::PassFail => "pass/fail",
            Self::CorrectIncorrect => "correct/incorrect",
        }
    }

    /// Whether the word for true is praise, so that it fits a metric only where high is good: `toxicity: pass` is not toxic.
    #[must_use]
    pub fn praises(self) -> bool {
        matches!(self, Self::PassFail | Self::CorrectIncorrect)
    }
}

/// The identity of a sample; `1` is not `"1"`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Id<'a> {
    /// A text id.
    Text(Cow<'a, str>),
    /// An integer id.
    Integer(i64),
}

/// One borrowed row. Nothing of it outlives [`Sink::fold`].
#[derive(Debug)]
pub struct Sample<'a> {
    /// The row's line (in packed files: of the unpacked text), from 1 and counted within the block that a
    /// reader works on; [`Sink::absorb`] tells how many lines came before.
    pub line: u64,
    /// `id`.
    pub id: Id<'a>,
    /// `epoch`, where the row has one that is not null.
    pub epoch: Option<i64>,
    /// Who rated, and which versions were compared, where the evidence was declared to say it.
    pub rater: Option<Cow<'a, str>>,
    /// What the row's `error` says, where it says something: neither null, false, 0, empty nor `none`, `null`, `no` or `n/a`.
    pub error: Option<Cow<'a, str>>,
    /// The projected values, in the projection's order.
    pub values: &'a [Value<'a>],
}

/// What takes samples in and turns them into numbers.
///
/// A reader forks one empty sink a block, folds the block's rows in order, and absorbs the blocks in file
/// order: the result never depends on how many threads worked.
pub trait Sink: Send + Sized {
    /// An empty sink for the next block.
    #[must_use]
    fn fork(&self) -> Self;

    /// Takes one row in.
    ///
    /// # Errors
    /// A finding about this row; the reader adds file and line.
    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic>;

    /// A row could not be read, where the projection puts up with that.
    fn torn(&mut self) {}

    /// Appends a later block. `line_offset` is the number of lines before that block.
    ///
    /// # Errors
    /// A finding that only two blocks together show (a field that changes its type). A place without a file
    /// name (`at_line("", line)`) is completed by the reader.
    fn absorb(&mut self, later: Self, line_offset: u64) -> Result<(), Diagnostic>;
}

/// What a reader saw of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Rows that hold a sample (not the header).
    pub rows: u64,
    /// The digest of the bytes that were read, where it was asked for.
    pub sha256: Option<Digest>,
}
