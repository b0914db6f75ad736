//! The files of a suite on both sides, and the cases in them, of which only hashes are kept.

use std::collections::HashMap;

use super::cases::{self, SuiteCase};
use crate::artifact::PinnedFile;
use crate::diagnostic::{Diagnostics, Nature};
use crate::diff::catalogue::{ChangeRule, Weight};
use crate::diff::config;
use crate::diff::config::keys::compare;
use crate::diff::document::Form;
use crate::diff::files::FilePair;
use crate::diff::pair::Pair;
use crate::diff::plain;
use crate::diff::record::Record;
use crate::evidence::table::Shape;

/// The cases of one side.
#[derive(Default)]
pub(super) struct Side {
    /// By the hash of what names a case.
    pub(super) cases: HashMap<u128, Kept>,
    pub(super) rows: usize,
}

/// What is kept of the cases of one name: sums, so that they count together.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) said: u128,
    pub(super) rows: u32,
}

impl Side {
    pub(super) fn take(&mut self, case: &SuiteCase) {
        let kept = self.cases.entry(case.name()).or_default();
        kept.said = kept.said.wrapping_add(case.said());
        kept.rows = kept.rows.saturating_add(1);
        self.rows += 1;
    }

    fn merge(&mut self, other: Self) {
        for (hash, own) in other.cases {
            let kept = self.cases.entry(hash).or_default();
            kept.said = kept.said.wrapping_add(own.said);
            kept.rows = kept.rows.saturating_add(own.rows);
        }
        self.rows += other.rows;
    }
}

/// A file of rows on one side.
pub(super) type Rows<'a> = Option<(&'a PinnedFile, Shape)>;

/// The files that hold cases, as they are read.
#[derive(Default)]
pub(super) struct Pool<'a> {
    /// Files of rows, before and after.
    streamed: Vec<[Rows<'a>; 2]>,
    /// The cases of documents, before and after.
    documents: [Vec<SuiteCase>; 2],
    /// What was read of all of them.
    pub(super) sides: [Side; 2],
    /// What is known of files that are not read case by case.
    pub(super) records: Vec<Record>,
    not_text: Vec<String>,
}

impl<'a> Pool<'a> {
    /// Reads the files of both sides that differ.
    pub(super) fn read(pair: &Pair<'a>, changed: &[FilePair<'a>]) -> Result<Self, Diagnostics> {
        let mut pool = Self::default();
        pool.records.extend(changed.iter().filter_map(|file| unread(pair, file)));
        for file in changed.iter().filter(|file| file.renamed_from.is_none()) {
            pool.file(pair, file)?;
        }
        pool.records.extend(plain::not_text(pair, &pool.not_text));
        for (side, cases) in pool.sides.iter_mut().zip(&pool.documents) {
            for case in cases {
                side.take(case);
            }
        }
        Ok(pool)
    }

    /// Takes in a file: by its rows, as a document, or as text where it holds no cases that can be read.
    fn file(&mut self, pair: &Pair<'a>, file: &FilePair<'a>) -> Result<(), Diagnostics> {
        let mut rows: [Rows<'a>; 2] = [None, None];
        for ((rows, side), own) in
            rows.iter_mut().zip([pair.before, pair.after]).zip([file.before, file.after])
        {
            if let Some(own) = own {
                *rows = cases::shape(side, own)?.map(|shape| (own, shape));
            }
        }
        let all =
            rows.iter().zip([file.before, file.after]).all(|(rows, own)| rows.is_some() == own.is_some());
        if !all {
            return self.document(pair, file);
        }
        match sides(pair, &rows) {
            Ok(sides) => {
                for (all, own) in self.sides.iter_mut().zip(sides) {
                    all.merge(own);
                }
                self.streamed.push(rows);
                Ok(())
            }
            Err(found) if found.iter().any(|one| matches!(one.nature, Nature::CutOff | Nature::Damaged)) => {
                Err(found)
            }
            Err(found) => {
                let why = found.iter().next().map_or_else(String::new, |first| match first.line() {
                    Some(line) => format!("{} at line {line}", first.title),
                    None => first.title.clone(),
                });
                self.as_text(pair, file, Some(&why))
            }
        }
    }

    /// Takes in a file that is read as a whole.
    fn document(&mut self, pair: &Pair<'_>, file: &FilePair<'_>) -> Result<(), Diagnostics> {
        let path =
            |side: Option<&PinnedFile>| side.map_or_else(|| file.name.clone(), |side| side.path.clone());
        let (old, new) = (path(file.before), path(file.after));
        let Some(texts) = plain::texts(pair, file)? else {
            self.not_text.push(plain::described(file));
            return Ok(());
        };
        if ![&old, &new].iter().any(|path| matches!(Form::of(path, ""), Form::Json | Form::Yaml)) {
            return self.as_text(pair, file, None);
        }
        match (cases::document(&old, &texts.0.body), cases::document(&new, &texts.1.body)) {
            (Ok((old, old_rest)), Ok((new, new_rest))) => {
                let [before, after] = &mut self.documents;
                before.extend(old);
                after.extend(new);
                self.records.extend(config::worded(pair, "", &compare(&old_rest, &new_rest)));
                Ok(())
            }
            (old, new) => {
                let lost = old.is_ok();
                let why = old.err().or(new.err()).unwrap_or_default();
                let told = plain::record(pair, &file.name, &texts, &format!("not read case by case: {why}"));
                // What could be read case by case and no longer can be may have lost any of them.
                self.records.extend(told.map(|told| if lost { told.weighs(Weight::Blocking) } else { told }));
                Ok(())
            }
        }
    }

    /// Takes in a file that is compared as text; `why` says what keeps its cases from being read, and then it may have lost
    /// any of them.
    fn as_text(
        &mut self,
        pair: &Pair<'_>,
        file: &FilePair<'_>,
        why: Option<&str>,
    ) -> Result<(), Diagnostics> {
        let Some(texts) = plain::texts(pair, file)? else {
            self.not_text.push(plain::described(file));
            return Ok(());
        };
        let told = match why {
            Some(why) => plain::record(pair, &file.name, &texts, &format!("not read case by case: {why}"))
                .map(|record| record.weighs(Weight::Blocking)),
            None => plain::record(pair, &file.name, &texts, ""),
        };
        self.records.extend(told);
        Ok(())
    }

    /// Every case of one side (0 before, 1 after), in the order of the files.
    pub(super) fn each(
        &self,
        pair: &Pair<'_>,
        at: usize,
        take: &mut dyn FnMut(&SuiteCase),
    ) -> Result<(), Diagnostics> {
        let side = if at == 0 { pair.before } else { pair.after };
        for (file, shape) in self.streamed.iter().filter_map(|rows| *rows.get(at)?) {
            cases::stream(side, file, shape, &mut |case| take(&case))?;
        }
        self.documents.get(at).into_iter().flatten().for_each(take);
        Ok(())
    }
}

/// What the rows of one file hold on both sides.
fn sides(pair: &Pair<'_>, rows: &[Rows<'_>; 2]) -> Result<[Side; 2], Diagnostics> {
    let mut sides = [Side::default(), Side::default()];
    let mut refused = Diagnostics::new();
    for ((found, side), rows) in sides.iter_mut().zip([pair.before, pair.after]).zip(rows) {
        if let Some((file, shape)) = *rows {
            let read = cases::stream(side, file, shape, &mut |case| found.take(&case));
            if let Err(found) = read {
                refused.extend(found);
            }
        }
    }
    if refused.is_empty() { Ok(sides) } else { Err(refused) }
}

/// A file that is still there under a name by which nobody may read it.
fn unread(pair: &Pair<'_>, file: &FilePair<'_>) -> Option<Record> {
    let from = file.renamed_from.as_deref()?;
    let form = |path: &str| (Form::of(path, ""), path.rsplit_once('.').map(|(_, ending)| ending.to_owned()));
    let lost = form(from) != form(&file.name);
    let text = format!("{from} is now called {}, and its cases may no longer be read", file.name);
    lost.then(|| pair.record(ChangeRule::ArtifactText, &text).weighs(Weight::Blocking))
}
