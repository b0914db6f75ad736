//! What the fields of a row mean: `id`, `epoch`, `error`, and the projected scores and labels.
//!
//! Shared by every per-sample format, so that JSON Lines and CSV judge a value alike. Deliberately absent:
//! how a row is written, and whether a field keeps its type from row to row (sinks watch that).

use std::borrow::Cow;
use std::collections::HashMap;

use super::sample::{Id, Projection, Role, Sample, Sink, Value};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::document::{Fault, Fields, RawText, Token};

/// A format's reader hands rows to this.
pub(super) trait Rows<'a>: Fields<'a> {
    /// A row begins.
    fn begin(&mut self);

    /// Takes one CSV cell.
    fn cell(&mut self, slot: u32, cell: Cow<'a, str>) -> Result<(), Fault>;

    /// The row on this line (from 1, within the block) was read.
    fn end(&mut self, line: u64) -> Result<(), Fault>;
}

/// Where the fields of a projection go, by name.
pub(super) struct Plan {
    slots: HashMap<String, u32>,
    targets: Vec<Target>,
    width: usize,
}

/// What one field of the evidence is used for; a name may be projected several times.
struct Target {
    name: String,
    special: Option<Special>,
    fields: Vec<(usize, Role)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Special {
    Id,
    Epoch,
    Error,
}

/// The fields that are always read.
const SPECIALS: [(&str, Special); 3] =
    [("id", Special::Id), ("epoch", Special::Epoch), ("error", Special::Error)];

/// The number of the field, where it is one that is always read; `id` is 0.
pub(super) fn special(name: &str) -> Option<u32> {
    (0..).zip(SPECIALS).find(|(_, (special, _))| *special == name).map(|(number, _)| number)
}

/// Checks a field that is always read.
pub(super) fn check_special(number: u32, token: Token<'_>) -> Result<(), Fault> {
    match SPECIALS.get(number as usize) {
        Some((_, Special::Id)) => id(token).map(drop),
        Some((_, Special::Epoch)) => epoch(token).map(drop),
        _ => Ok(()),
    }
}

/// Checks a CSV cell of a field that is always read.
pub(super) fn check_special_cell(number: u32, cell: &str) -> Result<(), Fault> {
    match SPECIALS.get(number as usize) {
        Some((_, Special::Epoch)) => cell_epoch(cell).map(drop),
        _ => Ok(()),
    }
}

impl Plan {
    /// Prepares a projection.
    pub(super) fn new(projection: &Projection) -> Self {
        let mut targets: Vec<Target> = SPECIALS
            .into_iter()
            .map(|(name, special)| Target {
                name: name.to_owned(),
                special: Some(special),
                fields: Vec::new(),
            })
            .collect();
        for (index, field) in projection.fields.iter().enumerate() {
            match targets.iter_mut().find(|target| target.name == field.name) {
                Some(target) => target.fields.push((index, field.role)),
                None => targets.push(Target {
                    name: field.name.clone(),
                    special: None,
                    fields: vec![(index, field.role)],
                }),
            }
        }
        let slots = (0_u32..).zip(&targets).map(|(slot, target)| (target.name.clone(), slot)).collect();
        Self { slots, targets, width: projection.fields.len() }
    }
}

/// One row being read, and the sink it goes to.
pub(super) struct RowBuffer<'a, 's, S> {
    plan: &'s Plan,
    sink: &'s mut S,
    id: Option<Id<'a>>,
    epoch: Option<i64>,
    errored: bool,
    values: Vec<Value<'a>>,
}

impl<'s, S> RowBuffer<'_, 's, S> {
    /// An empty row of this plan.
    pub(super) fn new(plan: &'s Plan, sink: &'s mut S) -> Self {
        Self { plan, sink, id: None, epoch: None, errored: false, values: Vec::with_capacity(plan.width) }
    }
}

impl<'a, S: Sink> Fields<'a> for RowBuffer<'a, '_, S> {
    fn slot(&mut self, name: &str) -> Option<u32> {
        self.plan.slots.get(name).copied()
    }

    #[inline]
    fn take(&mut self, slot: u32, token: Token<'a>) -> Result<(), Fault> {
        let plan = self.plan;
        let Some(target) = plan.targets.get(slot as usize) else { return Ok(()) };
        match target.special {
            None => {}
            Some(Special::Id) => self.id = Some(id(token)?),
            Some(Special::Epoch) => self.epoch = epoch(token)?,
            Some(Special::Error) => self.errored = errored(token),
        }
        for (index, role) in &target.fields {
            let value = match role {
                Role::Score => score(&target.name, token)?,
                Role::Label => label(&target.name, token)?,
            };
            if let Some(place) = self.values.get_mut(*index) {
                *place = value;
            }
        }
        Ok(())
    }
}

impl<'a, S: Sink> Rows<'a> for RowBuffer<'a, '_, S> {
    #[inline]
    fn begin(&mut self) {
        (self.id, self.epoch, self.errored) = (None, None, false);
        self.values.clear();
        self.values.resize(self.plan.width, Value::Absent);
    }

    fn cell(&mut self, slot: u32, cell: Cow<'a, str>) -> Result<(), Fault> {
        let plan = self.plan;
        let Some(target) = plan.targets.get(slot as usize) else { return Ok(()) };
        for (index, role) in &target.fields {
            let value = match role {
                _ if cell.is_empty() => Value::Null,
                Role::Score => cell_score(&target.name, &cell)?,
                Role::Label => Value::Text(cell.clone()),
            };
            if let Some(place) = self.values.get_mut(*index) {
                *place = value;
            }
        }
        match target.special {
            None => {}
            Some(Special::Id) => self.id = (!cell.is_empty()).then_some(Id::Text(cell)),
            Some(Special::Epoch) => self.epoch = cell_epoch(&cell)?,
            Some(Special::Error) => self.errored = !cell.is_empty() && !cell.eq_ignore_ascii_case("false"),
        }
        Ok(())
    }

    #[inline]
    fn end(&mut self, line: u64) -> Result<(), Fault> {
        let Some(id) = self.id.take() else { return Err(missing_id().into()) };
        let sample = Sample { line, id, epoch: self.epoch, errored: self.errored, values: &self.values };
        self.sink.fold(&sample).map_err(Fault::from)
    }
}

#[inline]
fn id(token: Token<'_>) -> Result<Id<'_>, Fault> {
    match token {
        Token::Text(text) if !text.inside.is_empty() => Ok(Id::Text(text.decode()?)),
        Token::Number(number) => match number.integer() {
            Some(integer) => Ok(Id::Integer(integer)),
            None => Err(bad_id(&format!("the number {}", number.text)).into()),
        },
        other => Err(bad_id(&describe(other)).into()),
    }
}

fn epoch(token: Token<'_>) -> Result<Option<i64>, Fault> {
    match token {
        Token::Null => Ok(None),
        Token::Number(number) if number.integer().is_some() => Ok(number.integer()),
        other => Err(bad_epoch(&describe(other)).into()),
    }
}

fn cell_epoch(cell: &str) -> Result<Option<i64>, Fault> {
    if cell.is_empty() {
        return Ok(None);
    }
    cell.parse().map(Some).map_err(|_| bad_epoch(&format!("text ({})", quoted(cell))).into())
}

fn errored(token: Token<'_>) -> bool {
    match token {
        Token::Null | Token::Bool(false) => false,
        Token::Bool(true) | Token::Number(_) => true,
        Token::Text(text) => !text.inside.is_empty(),
        Token::List { empty, .. } | Token::Map { empty, .. } => !empty,
    }
}

#[inline]
fn score<'a>(name: &str, token: Token<'a>) -> Result<Value<'a>, Fault> {
    match token {
        Token::Number(number) => match number.value() {
            Some(value) => Ok(Value::Number(value)),
            None => Err(too_large(name, number.text).into()),
        },
        Token::Bool(value) => Ok(Value::Bool(value)),
        Token::Null => Ok(Value::Null),
        other => Err(not_a_score(name, &describe(other)).into()),
    }
}

#[inline]
fn label<'a>(name: &str, token: Token<'a>) -> Result<Value<'a>, Fault> {
    match token {
        Token::Text(text) => Ok(Value::Text(text.decode()?)),
        Token::Bool(value) => Ok(Value::Bool(value)),
        Token::Null => Ok(Value::Null),
        Token::Number(number) => match number.value() {
            Some(value) if number.whole && value.abs() > EXACT => Err(blurred(name, number.text).into()),
            Some(value) => Ok(Value::Number(value)),
            None => Err(too_large(name, number.text).into()),
        },
        Token::List { .. } | Token::Map { .. } => Err(Diagnostic::error(
            Code::WrongType,
            format!(
                "`{}` is {} where a label (text, true/false or a number) belongs",
                printable(name),
                describe(token)
            ),
        )
        .help("name a field that holds a single value")
        .into()),
    }
}

/// Integers up to here are told apart by a double.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// Reads a CSV cell as a score.
fn cell_score(name: &str, cell: &str) -> Result<Value<'static>, Fault> {
    match cell {
        "true" | "TRUE" | "True" => return Ok(Value::Bool(true)),
        "false" | "FALSE" | "False" => return Ok(Value::Bool(false)),
        _ => {}
    }
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Value::Number(value)),
        Ok(_) if cell.bytes().any(|byte| byte.is_ascii_digit()) => Err(too_large(name, cell).into()),
        Ok(_) => Err(not_finite(name, cell).into()),
        Err(_) => Err(not_a_score(name, &format!("text ({})", quoted(cell))).into()),
    }
}

/// The kind of value, and the value where it is short.
pub(super) fn describe(token: Token<'_>) -> String {
    match token {
        Token::Null => "null".to_owned(),
        Token::Bool(value) => value.to_string(),
        Token::Number(number) => number.text.chars().take(40).collect(),
        Token::Text(RawText { inside: "", .. }) => "empty text".to_owned(),
        Token::Text(text) => format!("text ({})", quoted(text.inside)),
        Token::List { .. } => "a list".to_owned(),
        Token::Map { .. } => "an object".to_owned(),
    }
}

/// Foreign text for a message: in quotes, short, and harmless to a terminal.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    let dots = if short.len() < text.len() { "..." } else { "" };
    format!("\"{}{dots}\"", printable(&short).replace('\n', "\\n"))
}

/// `NaN` and its kin, which Python writes and JSON does not know.
#[cold]
pub(super) fn not_finite(field: &str, word: &str) -> Diagnostic {
    Diagnostic::error(
        Code::NotFinite,
        format!("`{}` is {word}, which is not a number that can be judged", printable(field)),
    )
    .help("find out why the evaluation produced it; write `null` for a sample that has no score")
}

/// The finding that a row has no `id`.
#[cold]
pub(super) fn missing_id() -> Diagnostic {
    Diagnostic::error(Code::MissingId, "this row has no `id`")
        .note("without an id a sample counted twice, or missing from the baseline, would go unseen")
        .help("give every row an `id` (text or an integer), and an `epoch` where one id is run several times")
}

#[cold]
fn bad_id(what: &str) -> Diagnostic {
    Diagnostic::error(Code::WrongType, format!("`id` is {what} where text or an integer belongs"))
        .help("write ids as text, in double quotes")
}

#[cold]
fn bad_epoch(what: &str) -> Diagnostic {
    Diagnostic::error(Code::WrongType, format!("`epoch` is {what} where an integer belongs"))
        .help("write `epoch` as 1, 2, 3, ..., or leave it out")
}

#[cold]
fn not_a_score(name: &str, what: &str) -> Diagnostic {
    Diagnostic::error(
        Code::WrongType,
        format!("`{}` is {what} where a number or true/false belongs", printable(name)),
    )
    .help("write the score as a bare number, or `null` where a sample has none")
}

#[cold]
fn too_large(name: &str, text: &str) -> Diagnostic {
    let text: String = text.chars().take(40).collect();
    Diagnostic::error(
        Code::NotFinite,
        format!("`{}` is {text}, which is too large for a number", printable(name)),
    )
    .help("find out why the evaluation produced it; write `null` for a sample that has no score")
}

#[cold]
fn blurred(name: &str, text: &str) -> Diagnostic {
    Diagnostic::error(
        Code::LabelTooLarge,
        format!(
            "the label `{}` is {text}, an integer too large to be told from its neighbours",
            printable(name)
        ),
    )
    .help("write it as text, in double quotes")
}
