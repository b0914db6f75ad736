//! What the fields of a row mean: `id`, `epoch`, `error`, and the projected scores and labels.
//!
//! Shared by every per-sample format, so that JSON Lines and CSV judge a value alike.

use std::borrow::Cow;
use std::collections::HashMap;

use super::paths::{Paths, Way, follow};
use super::row_value::{
    cell_epoch, cell_label, cell_says_nothing, cell_score, cell_time, epoch, error, id, label, part, score,
    text, texts, time,
};
use super::sample::{Id, Projection, Role, Sample, Sink, Value};
use super::wrong_value::{missing_id, missing_rater};
use crate::document::{Fault, Fields, RawText, Token};

/// A format's reader hands rows to this.
pub(super) trait Rows<'a>: Fields<'a> {
    /// A row begins.
    fn begin(&mut self);

    /// Takes one CSV cell.
    fn cell(&mut self, slot: u32, cell: Cow<'a, str>) -> Result<(), Fault>;

    /// Whether a row of empty cells is one as any other; else it is nothing, if no row follows it.
    fn takes_hollow(&self) -> bool {
        false
    }

    /// Whether a damaged row is only counted; it has been, then.
    fn puts_up_with_torn(&mut self) -> bool {
        false
    }

    /// The row on this line (from 1, within the block) was read.
    fn end(&mut self, line: u64) -> Result<(), Fault>;
}

/// Where the fields of a projection go, by the names that the results give them.
pub(super) struct Plan {
    slots: HashMap<String, u32>,
    fields: Vec<Field>,
    targets: Vec<Target>,
    width: usize,
    /// How many fields are joined to the id; 0 where it is one field.
    joined: usize,
    /// How many fields tell the rows of one id apart, and how many of the last ones name versions.
    raters: (usize, usize),
    /// Whether a damaged row is only counted, and an id may be missing.
    records: bool,
}

/// One field of the results.
#[derive(Default)]
struct Field {
    /// What its own value is for.
    own: Vec<Use>,
    /// What values inside of it are for.
    ways: Vec<Way<Use>>,
    /// What it is, where it is one thing only.
    single: Option<Single>,
}

/// A field that is for one thing only, as nearly all are.
#[derive(Clone, Copy)]
enum Single {
    /// A score, by its place among the values.
    Score(usize),
    /// A label, likewise.
    Label(usize),
    /// The id, in one field.
    Id,
}

impl Field {
    /// What it is, where it is one thing only.
    fn as_single(&self, targets: &[Target], joined: usize) -> Option<Single> {
        let ([what], []) = (self.own.as_slice(), self.ways.as_slice()) else { return None };
        let target = targets.get(what.target).filter(|_| !what.dotted)?;
        match (target.special, target.fields.as_slice()) {
            (None, [(place, Role::Score)]) => Some(Single::Score(*place)),
            (None, [(place, Role::Label | Role::Unit)]) => Some(Single::Label(*place)),
            (Some(Special::Id), []) if joined == 0 => Some(Single::Id),
            _ => None,
        }
    }
}

/// What a value is for.
#[derive(Clone, Copy)]
struct Use {
    /// Its place among the targets.
    target: usize,
    /// Its place among the fields that are joined.
    part: usize,
    /// Whether its name has points, so that it may stand exactly or inside of another field.
    dotted: bool,
}

/// What one field of ours is used for; a name may be projected several times.
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
    Rater,
}

/// The fields that are always read.
pub(super) const SPECIALS: [&str; 3] = ["id", "epoch", "error"];

impl Plan {
    /// Prepares a projection; `paths` says where its fields stand.
    pub(super) fn new(projection: &Projection, paths: &Paths) -> Self {
        let mut targets: Vec<Target> = SPECIALS
            .into_iter()
            .zip([Special::Id, Special::Epoch, Special::Error])
            .map(|(name, special)| Target {
                name: name.to_owned(),
                special: Some(special),
                fields: Vec::new(),
            })
            .collect();
        for (index, field) in projection.fields.iter().enumerate() {
            let name = if paths.in_numbers() { field.column() } else { field.name.clone() };
            match targets.iter_mut().find(|target| target.name == name) {
                Some(target) => target.fields.push((index, field.role)),
                None => targets.push(Target { name, special: None, fields: vec![(index, field.role)] }),
            }
        }
        let joined = Some(paths.of("id").len()).filter(|parts| *parts > 1).unwrap_or(0);
        let width = projection.fields.len();
        let (rater, sides) = paths.rater();
        let raters = (rater.len(), sides);
        let mut plan = Self {
            slots: HashMap::new(),
            fields: Vec::new(),
            targets: Vec::new(),
            width,
            joined,
            raters,
            records: projection.records,
        };
        for (target, spec) in targets.iter().enumerate() {
            for (part, path) in paths.of(&spec.name).into_iter().enumerate() {
                plan.read(path, Use { target, part, dotted: path.contains('.') });
            }
        }
        for (part, path) in rater.iter().enumerate() {
            plan.read(path, Use { target: targets.len(), part, dotted: path.contains('.') });
        }
        if !rater.is_empty() {
            targets.push(Target { name: rater.join("/"), special: Some(Special::Rater), fields: Vec::new() });
        }
        for field in &mut plan.fields {
            field.single = field.as_single(&targets, joined);
        }
        plan.targets = targets;
        plan
    }

    /// Reads the value at `path` for a target.
    fn read(&mut self, path: &str, what: Use) {
        let slot = self.slot(path);
        if let Some(field) = self.fields.get_mut(slot) {
            field.own.push(what);
        }
        let mut keys = path.split('.').map(str::to_owned);
        if let (true, Some(outer)) = (what.dotted, keys.next()) {
            let slot = self.slot(&outer);
            if let Some(field) = self.fields.get_mut(slot) {
                field.ways.push(Way { keys: keys.collect(), what });
            }
        }
    }

    /// The place of a field of the results.
    fn slot(&mut self, name: &str) -> usize {
        let next = self.fields.len();
        let slot = *self.slots.entry(name.to_owned()).or_insert(next as u32) as usize;
        if slot == next {
            self.fields.push(Field::default());
        }
        slot
    }
}

/// One row being read, and the sink it goes to.
pub(super) struct RowBuffer<'a, 's, S> {
    plan: &'s Plan,
    sink: &'s mut S,
    id: Option<Id<'a>>,
    /// What the id is joined of.
    parts: Vec<Option<Cow<'a, str>>>,
    epoch: Option<i64>,
    /// Who rated, and which versions were compared.
    raters: Vec<Option<Cow<'a, str>>>,
    error: Option<Cow<'a, str>>,
    values: Vec<Value<'a>>,
    /// Targets with points in their names that were met under their exact name; it wins over the way.
    exact: Vec<usize>,
}

impl<'a, 's, S> RowBuffer<'a, 's, S> {
    /// An empty row of this plan.
    pub(super) fn new(plan: &'s Plan, sink: &'s mut S) -> Self {
        Self {
            plan,
            sink,
            id: None,
            parts: vec![None; plan.joined],
            epoch: None,
            raters: vec![None; plan.raters.0],
            error: None,
            values: vec![Value::Absent; plan.width],
            exact: Vec::new(),
        }
    }

    /// Takes a value for all that it is for.
    #[inline(never)]
    fn take_for(&mut self, field: &Field, token: &Token<'a>) -> Result<(), Fault> {
        for what in &field.own {
            self.deliver(*what, token, true)?;
        }
        match *token {
            Token::Map { text, .. } if !field.ways.is_empty() => {
                follow(&field.ways, text, |what, token| self.deliver(what, &token, false))
            }
            _ => Ok(()),
        }
    }

    /// Takes the value of a target.
    fn deliver(&mut self, what: Use, token: &Token<'a>, exactly: bool) -> Result<(), Fault> {
        let plan = self.plan;
        let Some(target) = plan.targets.get(what.target) else { return Ok(()) };
        if what.dotted {
            if !exactly && self.exact.contains(&what.target) {
                return Ok(());
            }
            if exactly {
                self.exact.push(what.target);
            }
        }
        match target.special {
            None => {}
            Some(Special::Id) if plan.joined > 0 => {
                if let Some(place) = self.parts.get_mut(what.part) {
                    *place = Some(part(token)?);
                }
            }
            Some(Special::Id) => self.id = Some(id(token)?),
            Some(Special::Epoch) => self.epoch = epoch(token)?,
            Some(Special::Error) => self.error = error(token),
            Some(Special::Rater) => {
                if let Some(place) = self.raters.get_mut(what.part) {
                    *place = if matches!(token, Token::Null) { None } else { Some(part(token)?) };
                }
            }
        }
        for (index, role) in &target.fields {
            let value = match role {
                Role::Score => score(&target.name, token)?,
                Role::Label | Role::Unit => label(&target.name, token)?,
                Role::Text => text(&target.name, token)?,
                Role::Texts => texts(&target.name, token)?,
                Role::Time => time(&target.name, token)?,
            };
            if let Some(place) = self.values.get_mut(*index) {
                *place = value;
            }
        }
        Ok(())
    }

    /// Who rated and which versions were compared, these in the order of their names; none where the evidence tells no raters.
    fn rater(&mut self) -> Result<Option<Cow<'a, str>>, Fault> {
        let (all, sides) = self.plan.raters;
        if all == 0 {
            return Ok(None);
        }
        let mut names: Vec<Cow<'a, str>> = Vec::with_capacity(all);
        for name in &mut self.raters {
            names.push(name.take().ok_or_else(|| Fault::from(missing_rater()))?);
        }
        if let Some(sides) = names.get_mut(all.saturating_sub(sides)..) {
            sides.sort_unstable();
        }
        Ok(match names.as_mut_slice() {
            [one] => Some(std::mem::take(one)),
            names => Some(names.join("/").into()),
        })
    }

    /// The id that its parts make together.
    fn joined(&mut self) -> Option<Id<'a>> {
        let mut whole = String::new();
        for (number, part) in self.parts.iter_mut().enumerate() {
            let part = part.take()?;
            if number > 0 {
                whole.push('/');
            }
            // Marked, so that no two lists of parts make one id.
            for letter in part.chars() {
                if matches!(letter, '/' | '\\') {
                    whole.push('\\');
                }
                whole.push(letter);
            }
        }
        Some(Id::Text(whole.into()))
    }
}

impl<'a, S: Sink> Fields<'a> for RowBuffer<'a, '_, S> {
    fn slot(&mut self, name: &str) -> Option<u32> {
        self.plan.slots.get(name).copied()
    }

    #[inline]
    fn take(&mut self, slot: u32, token: Token<'a>) -> Result<(), Fault> {
        let plan = self.plan;
        let Some(field) = plan.fields.get(slot as usize) else { return Ok(()) };
        // What `score`, `label` and `id` make of what usually stands there, without a copy on the way.
        match (field.single, token) {
            (Some(Single::Score(place)), Token::Bool(value)) => {
                if let Some(place) = self.values.get_mut(place) {
                    *place = Value::Bool(value);
                }
            }
            (Some(Single::Score(place)), Token::Number(number)) => match number.value() {
                Some(value) => {
                    if let Some(place) = self.values.get_mut(place) {
                        *place = Value::Number(value);
                    }
                }
                None => return self.take_for(field, &token),
            },
            (Some(Single::Label(place)), Token::Text(RawText { inside, escaped: false, .. })) => {
                if let Some(place) = self.values.get_mut(place) {
                    *place = Value::Text(Cow::Borrowed(inside));
                }
            }
            (Some(Single::Id), Token::Text(RawText { inside, escaped: false, .. })) if !inside.is_empty() => {
                self.id = Some(Id::Text(Cow::Borrowed(inside)));
            }
            _ => return self.take_for(field, &token),
        }
        Ok(())
    }
}

impl<'a, S: Sink> Rows<'a> for RowBuffer<'a, '_, S> {
    #[inline]
    fn begin(&mut self) {
        (self.id, self.epoch, self.error) = (None, None, None);
        self.exact.clear();
        self.raters.fill(None);
        self.parts.fill(None);
        for value in &mut self.values {
            *value = Value::Absent;
        }
    }

    fn cell(&mut self, slot: u32, cell: Cow<'a, str>) -> Result<(), Fault> {
        let plan = self.plan;
        let Some(field) = plan.fields.get(slot as usize) else { return Ok(()) };
        for what in &field.own {
            let Some(target) = plan.targets.get(what.target) else { continue };
            for (index, role) in &target.fields {
                let value = match role {
                    _ if cell.is_empty() => Value::Null,
                    Role::Score => cell_score(&target.name, &cell)?,
                    Role::Label | Role::Unit => Value::Text(cell_label(&cell)),
                    Role::Text | Role::Texts => Value::Text(cell.clone()),
                    Role::Time => cell_time(&target.name, &cell)?,
                };
                if let Some(place) = self.values.get_mut(*index) {
                    *place = value;
                }
            }
            match target.special {
                None => {}
                Some(Special::Id) if plan.joined > 0 => {
                    if let Some(place) = self.parts.get_mut(what.part) {
                        *place = (!cell.is_empty()).then(|| cell.clone());
                    }
                }
                Some(Special::Id) => self.id = (!cell.is_empty()).then(|| Id::Text(cell.clone())),
                Some(Special::Epoch) => self.epoch = cell_epoch(&cell)?,
                Some(Special::Error) => self.error = (!cell_says_nothing(&cell)).then(|| cell.clone()),
                Some(Special::Rater) => {
                    if let Some(place) = self.raters.get_mut(what.part) {
                        *place = (!cell.is_empty()).then(|| cell.clone());
                    }
                }
            }
        }
        Ok(())
    }

    fn puts_up_with_torn(&mut self) -> bool {
        if self.plan.records {
            self.sink.torn();
        }
        self.plan.records
    }

    #[inline]
    fn end(&mut self, line: u64) -> Result<(), Fault> {
        let id = if self.plan.joined > 0 { self.joined() } else { self.id.take() };
        let id = match id {
            Some(id) => id,
            None if self.plan.records => Id::Text(Cow::Borrowed("")),
            None => return Err(missing_id().into()),
        };
        let (rater, error) = (self.rater()?, self.error.take());
        let sample = Sample { line, id, epoch: self.epoch, rater, error, values: &self.values };
        self.sink.fold(&sample).map_err(Fault::from)
    }
}
