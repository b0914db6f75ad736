//! Where the fields of a row stand: by our name, exactly or through nested objects.

use std::collections::BTreeMap;

use crate::document::{Fault, Step, Token, steps};
use crate::manifest::{FieldSource, RowKey};

/// What the results call the fields that we have other names for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    by_name: BTreeMap<String, Vec<String>>,
    /// Fields that tell the rows of one id apart, besides `epoch`: who rates, and the versions that are compared.
    rater: Vec<String>,
    /// How many of those name versions, whose order says nothing; they come last.
    sides: usize,
    /// Whether fields are called as the columns of numbers files call them, in which who rates has one.
    in_numbers: bool,
}

impl Paths {
    /// Those of the parts that `relgate summarize` makes: `rated` says whether rows have raters.
    #[must_use]
    pub fn of_numbers(rated: bool) -> Self {
        let rater = if rated { vec!["rater".to_owned()] } else { Vec::new() };
        Self { rater, in_numbers: true, ..Self::default() }
    }

    /// Whether fields are called as the columns of numbers files call them.
    #[must_use]
    pub fn in_numbers(&self) -> bool {
        self.in_numbers
    }

    /// Whether rows of one id are told apart by who rates.
    #[must_use]
    pub fn tells_raters(&self) -> bool {
        !self.rater.is_empty()
    }

    /// Those that a manifest declares.
    #[must_use]
    pub fn declared(fields: &[FieldSource]) -> Self {
        let mut paths = Self::default();
        for field in fields {
            paths.add(&field.name.value, field.paths.iter().map(|path| path.value.clone()).collect());
        }
        paths
    }

    /// These, and for the names that they lack what the tool that wrote the file calls them.
    pub(super) fn or(&self, tools: &[(&str, &[&str])]) -> Self {
        let mut paths = self.clone();
        for (name, own) in tools {
            paths
                .by_name
                .entry((*name).to_owned())
                .or_insert_with(|| own.iter().map(|path| (*path).to_owned()).collect());
        }
        paths
    }

    /// With what tells rows of ratings apart; a `fields:` that says what an id is wins over an item.
    #[must_use]
    pub fn with_raters(mut self, key: Option<&RowKey>) -> Self {
        let Some(RowKey { item, rater, sides, raters: _ }) = key else { return self };
        if let (Some(item), false) = (item, self.by_name.contains_key("id")) {
            self.add("id", vec![item.clone()]);
        }
        self.rater = rater.iter().chain(sides).cloned().collect();
        self.sides = sides.len();
        self
    }

    /// The fields that tell the rows of one id apart, besides `epoch`, and how many of the last ones name versions.
    pub(super) fn rater(&self) -> (&[String], usize) {
        (&self.rater, self.sides)
    }

    /// Says where `name` stands; several places are joined.
    pub fn add(&mut self, name: &str, paths: Vec<String>) {
        self.by_name.insert(name.to_owned(), paths);
    }

    /// Where the field of our name stands; under its own name where nothing else is said.
    pub(super) fn of<'n>(&'n self, name: &'n str) -> Vec<&'n str> {
        match self.by_name.get(name) {
            Some(paths) => paths.iter().map(String::as_str).collect(),
            None => vec![name],
        }
    }

    /// The names under which the field at `path` is known; its own, unless something else has that name.
    pub(super) fn names<'n>(&'n self, path: &'n str) -> Vec<&'n str> {
        let named = self.by_name.iter().filter(|(_, paths)| paths.len() == 1);
        let ours: Vec<&str> = named
            .filter(|(_, paths)| paths.iter().any(|own| own == path))
            .map(|(name, _)| name.as_str())
            .collect();
        let own = ours.is_empty() && !self.by_name.contains_key(path);
        if own { vec![path] } else { ours }
    }
}

/// A way from a field of a row to a value inside of it.
#[derive(Debug, Clone)]
pub(super) struct Way<W> {
    /// The keys, outermost first; never empty.
    pub(super) keys: Vec<String>,
    /// What the value is for.
    pub(super) what: W,
}

/// How far a way was followed.
#[derive(Debug, Clone, Copy, Default)]
struct Followed {
    /// Keys whose objects are open.
    keys: usize,
    /// Whether the next key was met, so that its value comes now.
    met: bool,
    /// A bit for each key that was met.
    seen: u64,
}

/// Follows `ways` into `text`, an object; `found` takes the values at their ends.
///
/// # Errors
/// A key on a way that stands twice, and whatever `found` refuses.
pub(super) fn follow<'a, W: Copy>(
    ways: &[Way<W>],
    text: &'a str,
    mut found: impl FnMut(W, Token<'a>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut followed = vec![Followed::default(); ways.len()];
    let mut depth = 0_usize;
    steps(text, |step| {
        if step == Step::End {
            depth -= 1;
            for one in &mut followed {
                one.keys = one.keys.min(depth.saturating_sub(1));
            }
            return Ok(());
        }
        for (way, one) in ways.iter().zip(&mut followed) {
            if let Step::Key(key) = step {
                one.met = false;
                if one.keys + 1 == depth && way.keys.get(one.keys).is_some_and(|own| key.means(own)) {
                    let bit = 1_u64 << one.keys.min(63);
                    if one.seen & bit != 0 {
                        return Err(Fault::repeated(&way.keys.join(".")));
                    }
                    one.seen |= bit;
                    one.met = true;
                }
            } else if std::mem::take(&mut one.met) {
                let last = one.keys + 1 == way.keys.len();
                match step {
                    Step::Leaf(token) if last => found(way.what, token)?,
                    // What stands in it is not looked at: it is no value where one is asked for.
                    Step::List if last => found(way.what, Token::List { empty: false, text: "" })?,
                    Step::Object if last => found(way.what, Token::Map { empty: false, text: "" })?,
                    Step::Object => one.keys += 1,
                    _ => {}
                }
            }
        }
        depth += usize::from(matches!(step, Step::List | Step::Object));
        Ok(())
    })
}

/// Hands every value inside of `text`, an object, to `found`, with the keys that lead to it joined by points.
pub(super) fn leaves<'a>(
    name: &str,
    text: &'a str,
    mut found: impl FnMut(&str, Token<'a>),
) -> Result<(), Fault> {
    // Of every open collection: how long the path before it was; lists lead nowhere.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut path = name.to_owned();
    let mut base = 0;
    steps(text, |step| {
        match step {
            Step::List | Step::Object => {
                base = path.len();
                open.push((base, step == Step::Object));
            }
            Step::End => {
                open.pop();
                base = open.last().map_or(0, |(length, _)| *length);
            }
            Step::Key(key) => {
                path.truncate(base);
                path.push('.');
                path.push_str(&key.decode()?);
            }
            Step::Leaf(token) if open.iter().all(|(_, object)| *object) => found(&path, token),
            Step::Leaf(_) | Step::Word(_) => {}
        }
        Ok(())
    })
}
