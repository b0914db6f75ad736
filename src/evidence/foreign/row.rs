//! A row of another tool in our words: an id, labels, scores, an error.

use std::borrow::Cow;
use std::io::Write as _;

use super::halt::Halt;
use super::json::Json;
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::row_value::says_nothing;

/// Values within a free-form object of a row beyond these are not offered.
const MOST_NESTED: usize = 200;
/// Texts beyond this length are cut: they are read as labels or compared as answers.
const LONGEST_TEXT: usize = 1 << 20;

/// A value of a row.
#[derive(Debug, Clone)]
enum Cell<'a> {
    Null,
    Bool(bool),
    Written(Cow<'a, str>),
    Number(f64),
    Text(Cow<'a, str>),
}

/// A row in our words.
#[derive(Debug, Clone)]
pub(in crate::evidence) struct Row<'a> {
    id: Cow<'a, str>,
    epoch: Option<u64>,
    error: Option<Cow<'a, str>>,
    fields: Vec<(Cow<'a, str>, Cell<'a>)>,
}

impl<'a> Row<'a> {
    /// A row of a case; every row of it is an epoch of its own.
    pub(in crate::evidence) fn new(id: impl Into<Cow<'a, str>>) -> Self {
        Self { id: id.into(), epoch: None, error: None, fields: Vec::new() }
    }

    /// Says which epoch of its case it is, where the tool counts them.
    pub(in crate::evidence) fn epoch(&mut self, epoch: Option<u64>) {
        self.epoch = epoch;
    }

    /// Says that it ended in an error, where `error` says something: what it scores all the same does not count.
    pub(in crate::evidence) fn error(&mut self, error: Option<impl Into<Cow<'a, str>>>) {
        if let Some(error) = error {
            let text: Cow<'a, str> = error.into();
            // A crash without a word is a crash.
            self.error = Some(if text.trim().is_empty() { "an error without a text".into() } else { text });
        }
    }

    /// Whether it ended in an error.
    pub(in crate::evidence) fn is_errored(&self) -> bool {
        self.error.is_some()
    }

    /// A label.
    pub(in crate::evidence) fn label(
        &mut self,
        name: impl Into<Cow<'a, str>>,
        text: impl Into<Cow<'a, str>>,
    ) {
        let text = cut(text.into());
        self.push(name.into(), Cell::Text(text));
    }

    /// A number that was computed; nothing where there is none.
    pub(in crate::evidence) fn number(&mut self, name: impl Into<Cow<'a, str>>, value: Option<f64>) {
        self.push(name.into(), value.map_or(Cell::Null, Cell::Number));
    }

    /// Whether something holds; nothing where that is not known.
    pub(in crate::evidence) fn truth(&mut self, name: impl Into<Cow<'a, str>>, value: Option<bool>) {
        self.push(name.into(), value.map_or(Cell::Null, Cell::Bool));
    }

    /// A number or truth value as a text says it; a text that is none stays text, and is refused where a number is asked for.
    pub(in crate::evidence) fn written(&mut self, name: impl Into<Cow<'a, str>>, text: &str) {
        let text = text.trim();
        let cell =
            if let Some(truth) = ["false", "true"].iter().position(|word| text.eq_ignore_ascii_case(word)) {
                Cell::Bool(truth == 1)
            } else if text.is_empty() || is_nan(text) {
                Cell::Null
            } else if is_json_number(text) {
                Cell::Written(text.to_owned().into())
            } else {
                match text.parse::<f64>() {
                    Ok(number) if number.is_finite() => Cell::Number(number),
                    _ => Cell::Text(text.to_owned().into()),
                }
            };
        self.push(name.into(), cell);
    }

    /// A value as it stands in the file: a number, truth value or text; `NaN` is no value, and lists and objects are not taken.
    pub(in crate::evidence) fn value(&mut self, name: impl Into<Cow<'a, str>>, value: &Json<'a>) {
        let cell = match value {
            Json::Null => Cell::Null,
            Json::Bool(value) => Cell::Bool(*value),
            Json::Number(text) => Cell::Written((*text).into()),
            Json::Word(word) if is_nan(word) => Cell::Null,
            // An infinite score is no number, and says so where it is asked for.
            Json::Word(word) => Cell::Text((*word).into()),
            Json::Text(text) => Cell::Text(cut(text.clone())),
            Json::List(_) | Json::Object(_) => return,
        };
        self.push(name.into(), cell);
    }

    /// The texts of a list as one label, where there are some.
    pub(in crate::evidence) fn joined(&mut self, name: &'static str, list: &Json<'a>) {
        let texts: Vec<&str> = list.list().iter().filter_map(Json::words).collect();
        if !texts.is_empty() {
            self.label(name, texts.join(", "));
        }
    }

    /// The values within a free-form object, under their own way: `metadata.lang`.
    pub(in crate::evidence) fn within(&mut self, name: &str, object: &Json<'a>) {
        let most = self.fields.len() + MOST_NESTED;
        self.nested(name, object, most, 0);
    }

    fn nested(&mut self, name: &str, object: &Json<'a>, most: usize, depth: usize) {
        for (key, value) in object.entries() {
            if self.fields.len() >= most || depth > 8 {
                return;
            }
            let name = format!("{name}.{key}");
            if value.entries().is_empty() {
                self.value(name, value);
            } else {
                self.nested(&name, value, most, depth + 1);
            }
        }
    }

    /// Takes the fields of `other` whose names are not taken.
    pub(in crate::evidence) fn fill_in(&mut self, other: &'a Row<'_>) {
        for (name, cell) in &other.fields {
            if !self.has(name) {
                let cell = match cell {
                    Cell::Null => Cell::Null,
                    Cell::Bool(value) => Cell::Bool(*value),
                    Cell::Written(text) => Cell::Written(Cow::Borrowed(text)),
                    Cell::Number(value) => Cell::Number(*value),
                    Cell::Text(text) => Cell::Text(Cow::Borrowed(text)),
                };
                self.fields.push((Cow::Borrowed(name), cell));
            }
        }
    }

    /// The same, without what it was read from.
    pub(in crate::evidence) fn into_owned(self) -> Row<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        let cell = |cell: Cell<'a>| match cell {
            Cell::Null => Cell::Null,
            Cell::Bool(value) => Cell::Bool(value),
            Cell::Written(text) => Cell::Written(own(text)),
            Cell::Number(value) => Cell::Number(value),
            Cell::Text(text) => Cell::Text(own(text)),
        };
        Row {
            id: own(self.id),
            epoch: self.epoch,
            error: self.error.map(own),
            fields: self.fields.into_iter().map(|(name, value)| (own(name), cell(value))).collect(),
        }
    }

    /// Whether it has a field of this name.
    pub(in crate::evidence) fn has(&self, name: &str) -> bool {
        matches!(name, "id" | "epoch" | "error") || self.fields.iter().any(|(own, _)| own == name)
    }

    /// Two scores of one name are two scores: which of them is meant is not guessed.
    fn push(&mut self, name: Cow<'a, str>, cell: Cell<'a>) {
        let name = if self.has(&name) {
            let free = (2..=self.fields.len() + 2)
                .map(|number| format!("{name}#{number}"))
                .find(|wanted| !self.has(wanted));
            free.map_or(name, Cow::Owned)
        } else {
            name
        };
        self.fields.push((name, cell));
    }

    /// The case.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The epoch, where the tool counts them.
    pub(super) fn told_epoch(&self) -> Option<u64> {
        self.epoch
    }

    /// Writes it as a line of JSON.
    ///
    /// # Errors
    /// A number that is not finite.
    pub(super) fn write(&self, epoch: u64, line: &mut Vec<u8>) -> Result<(), Halt> {
        line.extend_from_slice(b"{\"id\":");
        text(&self.id, line);
        let _ = write!(line, ",\"epoch\":{epoch}");
        if let Some(error) = &self.error {
            line.extend_from_slice(b",\"error\":");
            if says_nothing(error) {
                // Words that mean no error in a file of ours are errors here: the tool said so.
                text(&format!("error: {error}"), line);
            } else {
                text(error, line);
            }
        }
        for (name, cell) in &self.fields {
            line.push(b',');
            text(name, line);
            line.push(b':');
            match cell {
                Cell::Null => line.extend_from_slice(b"null"),
                Cell::Bool(value) => line.extend_from_slice(if *value { b"true" } else { b"false" }),
                Cell::Written(number) => line.extend_from_slice(number.as_bytes()),
                Cell::Number(value) if value.is_finite() => {
                    let _ = write!(line, "{value}");
                }
                Cell::Number(value) => {
                    let what = format!("`{}` comes out as {value}, which is no number", printable(name));
                    return Err(Diagnostic::error(Code::NotFinite, what).into());
                }
                Cell::Text(words) => text(words, line),
            }
        }
        line.extend_from_slice(b"}\n");
        Ok(())
    }
}

/// Text in JSON; writing to memory cannot fail.
fn text(text: &str, line: &mut Vec<u8>) {
    let _ = serde_json::to_writer(line, text);
}

fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= LONGEST_TEXT {
        return text;
    }
    let end = (0..=LONGEST_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned().into()
}

/// The words by which programs write a number that is none.
fn is_nan(word: &str) -> bool {
    word.trim_start_matches(['-', '+']).eq_ignore_ascii_case("nan")
}

/// Whether a text is a number in JSON's spelling.
fn is_json_number(text: &str) -> bool {
    matches!(Json::parse(text), Ok(Json::Number(_)))
}
