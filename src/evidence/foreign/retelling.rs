//! Another tool's file retold as rows of ours, on their way from the thread that reads it to those that judge.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hasher as _;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender};

use chrono::{DateTime, Utc};
use siphasher::sip::SipHasher13;

use super::halt::Halt;
use super::json::Json;
use super::row::Row;
use super::standing::{Search, Standing};
use super::told::{ScoreType, ToolFile, ToolRun};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::formats::{Measured, StatedAggregate};

/// Bytes that are handed over at once.
const BATCH: usize = 1 << 18;
/// Batches that wait at most.
pub(in crate::evidence) const WAITING: usize = 4;
/// More runs than this in one file are no runs.
const MOST_RUNS: usize = 1_000;
/// Rows that a file may count without listing them.
const MOST_UNLISTED: u64 = 10_000_000;
/// Texts of prompts that are kept of a run.
const MOST_PROMPTS: usize = 20;

/// The labels and values that tell the rows of a run from those of others.
pub(in crate::evidence) type Select = BTreeMap<String, String>;

/// Takes what a reader finds in a file.
pub(in crate::evidence) struct Retelling {
    file: String,
    aim: Aim,
    batch: Vec<u8>,
    standing: Standing,
    /// What the file says besides its rows.
    told: ToolFile,
    /// Rows of each (run, id) so far; none of a log, whose rows of one id are no epochs of it.
    repeats: Option<HashMap<u64, u32>>,
}

/// What the rows are for.
enum Aim {
    /// Somebody reads them.
    Read(SyncSender<Vec<u8>>),
    /// Somebody asks on which lines some of them stand.
    Search(Search),
}

impl Retelling {
    /// Hands the rows over to `sender`.
    pub(in crate::evidence) fn new(file: &str, standing: &Standing, sender: SyncSender<Vec<u8>>) -> Self {
        Self::aimed(file, standing, Aim::Read(sender))
    }

    /// The same of a log, of which nothing is kept that grows with it.
    pub(in crate::evidence) fn of_log(file: &str, standing: &Standing, sender: SyncSender<Vec<u8>>) -> Self {
        Self { repeats: None, ..Self::new(file, standing, sender) }
    }

    /// Looks for the lines of the rows of these numbers, from 1.
    pub(in crate::evidence) fn searching(file: &str, standing: &Standing, rows: BTreeSet<u64>) -> Self {
        Self::aimed(file, standing, Aim::Search(Search::new(rows)))
    }

    fn aimed(file: &str, standing: &Standing, aim: Aim) -> Self {
        Self {
            file: file.to_owned(),
            aim,
            batch: Vec::new(),
            standing: standing.clone(),
            told: ToolFile::default(),
            repeats: Some(HashMap::new()),
        }
    }

    /// Says on which line the rows stand that come next, where they are handed over later than they are read.
    pub(in crate::evidence) fn on_line(&self, line: u64) {
        self.standing.enter(line, false);
    }

    /// The run that `select` picks; made where it was not met before.
    ///
    /// # Errors
    /// There are more runs than anybody means.
    pub(in crate::evidence) fn run(&mut self, select: &Select) -> Result<&mut ToolRun, Halt> {
        let at = self.number_of(select)?;
        // It was found or made just now.
        self.told.runs.get_mut(at).ok_or(Halt::Closed)
    }

    fn number_of(&mut self, select: &Select) -> Result<usize, Halt> {
        // Rows of a run mostly follow one another.
        if let Some(at) = self.told.runs.iter().rposition(|run| run.select == *select) {
            return Ok(at);
        }
        if self.told.runs.len() >= MOST_RUNS {
            let text = format!("this file holds more than {MOST_RUNS} runs");
            return Err(Diagnostic::error(Code::TooLarge, text)
                .in_file(&self.file)
                .help("keep one file a run")
                .into());
        }
        self.told.runs.push(ToolRun { select: select.clone(), ..ToolRun::default() });
        Ok(self.told.runs.len() - 1)
    }

    /// Takes a row of a run.
    ///
    /// # Errors
    /// A number that is not finite; nobody takes rows any more.
    pub(in crate::evidence) fn row(&mut self, select: &Select, mut row: Row<'_>) -> Result<(), Halt> {
        let number = self.number_of(select)?;
        for (label, value) in select {
            row.label(label.clone(), value.clone());
        }
        let mut count = 1;
        if let Some(repeats) = &mut self.repeats {
            let seen = repeats.entry(key(number, row.id())).or_insert(0);
            *seen += 1;
            count = u64::from(*seen);
        }
        let first = count == 1;
        if let Some(run) = self.told.runs.get_mut(number) {
            run.rows += 1;
            run.cases += u64::from(first);
            run.epochs = run.epochs.max(count);
            run.errored += u64::from(row.is_errored());
        }
        if let Aim::Search(search) = &mut self.aim {
            return if search.row(&self.standing) { Ok(()) } else { Err(Halt::Closed) };
        }
        row.write(row.told_epoch().unwrap_or(count), &mut self.batch)?;
        if self.batch.len() >= BATCH { self.send() } else { Ok(()) }
    }

    /// Counts lines of a log that could not be read: each is a row that cannot be read either.
    ///
    /// # Errors
    /// Nobody takes rows any more.
    pub(in crate::evidence) fn torn(&mut self, lines: u64) -> Result<(), Halt> {
        for _ in 0..lines {
            self.batch.extend_from_slice(b"{\n");
            if self.batch.len() >= BATCH {
                self.send()?;
            }
        }
        Ok(())
    }

    /// Says how many rows the tool attempted in a run, once all that it lists were taken: those that it does not list are
    /// errors that happened all the same.
    ///
    /// # Errors
    /// It lists more than it attempted, or lacks more than anybody means.
    pub(in crate::evidence) fn attempts(
        &mut self,
        select: &Select,
        attempts: u64,
        why: &str,
    ) -> Result<(), Halt> {
        let run = self.run(select)?;
        let listed = run.rows;
        run.attempts = Some(attempts);
        let Some(unlisted) = attempts.checked_sub(listed) else {
            return Err(
                self.contradiction(&format!("it says that {attempts} were attempted, and lists {listed}"))
            );
        };
        self.unlisted(select, unlisted, why)
    }

    /// Counts rows that the tool attempted and does not list: each is an error that happened all the same.
    ///
    /// # Errors
    /// There are more than anybody means.
    pub(in crate::evidence) fn unlisted(
        &mut self,
        select: &Select,
        unlisted: u64,
        why: &str,
    ) -> Result<(), Halt> {
        let run = self.run(select)?;
        let listed = run.rows;
        run.attempts = Some(run.attempts.unwrap_or(listed + unlisted));
        run.unlisted += unlisted;
        if unlisted > MOST_UNLISTED {
            return Err(self.contradiction(&format!("it counts {unlisted} attempts more than it lists")));
        }
        self.standing.leave();
        for number in 1..=unlisted {
            let mut row = Row::new(format!("(not in the file: {number})"));
            row.error(Some(why.to_owned()));
            self.row(select, row)?;
        }
        // They are no rows of the file.
        if let Some(run) = self.told.runs.iter_mut().find(|run| run.select == *select) {
            run.rows = listed;
        }
        Ok(())
    }

    /// The finding that the file does not add up.
    pub(in crate::evidence) fn contradiction(&self, text: &str) -> Halt {
        Diagnostic::error(Code::Contradiction, format!("this file contradicts itself: {text}"))
            .in_file(&self.file)
            .help("let the tool write the file again, in one run; what does not add up is never judged")
            .into()
    }

    /// The finding that the file is not what the tool writes.
    pub(in crate::evidence) fn unlike(&self, text: &str) -> Halt {
        Diagnostic::error(Code::UnknownFormat, text)
            .in_file(&self.file)
            .help("see whether the file is whole and of a version that relgate knows; `format:` may name another reader")
            .into()
    }

    /// Notes something doubtful that is no error.
    pub(in crate::evidence) fn doubt(&mut self, finding: Diagnostic) {
        if self.told.problems.len() < 20
            && !self.told.problems.iter().any(|known| known.title == finding.title)
        {
            self.told.problems.push(finding.in_file(&self.file));
        }
    }

    /// Names the tool.
    pub(in crate::evidence) fn tool(&mut self, name: &str, version: Option<&str>) {
        self.told.tool = Some(version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}")));
    }

    /// Says what the values of a score are.
    pub(in crate::evidence) fn score(&mut self, field: &str, kind: ScoreType) {
        match self.told.scores.get_mut(field) {
            Some(known) => *known = known.and(kind),
            None => drop(self.told.scores.insert(field.to_owned(), kind)),
        }
    }

    /// Says that high values of a score are good, or true ones.
    pub(in crate::evidence) fn high_is_good(&mut self, field: &str) {
        if !self.told.high_is_good.contains(field) {
            self.told.high_is_good.insert(field.to_owned());
        }
    }

    /// Keeps the text of a prompt that a run was made with.
    ///
    /// # Errors
    /// As [`Retelling::run`].
    pub(in crate::evidence) fn prompt(&mut self, select: &Select, text: &str) -> Result<(), Halt> {
        let run = self.run(select)?;
        let mut keep = |text: &str| {
            if run.prompts.len() < MOST_PROMPTS && !run.prompts.contains(text) {
                run.prompts.insert(text.to_owned());
            }
        };
        keep(text);
        // A chat is often kept as the JSON text of its messages.
        if text.starts_with(['[', '{'])
            && let Ok(chat) = Json::parse(text)
        {
            chat.texts(&mut keep);
        }
        Ok(())
    }

    /// Notes a model that a run evaluated, where its file names one.
    ///
    /// # Errors
    /// As [`Retelling::run`].
    pub(in crate::evidence) fn evaluated(
        &mut self,
        select: &Select,
        model: Option<&str>,
    ) -> Result<(), Halt> {
        self.run(select)?.model(model);
        Ok(())
    }

    /// Notes when something of a run happened: the earliest of all is when it was made.
    ///
    /// # Errors
    /// As [`Retelling::run`].
    pub(in crate::evidence) fn began(
        &mut self,
        select: &Select,
        time: Option<DateTime<Utc>>,
    ) -> Result<(), Halt> {
        let run = self.run(select)?;
        run.created = run.created.into_iter().chain(time).min();
        Ok(())
    }

    /// Says that the tool writes this file beside its results, which `results` names: it holds neither samples nor numbers,
    /// and need not.
    pub(in crate::evidence) fn beside_results(&mut self, results: &str) {
        self.told.beside_results = Some(results.to_owned());
    }

    /// Notes a model that scored answers of a run, where its file names one.
    ///
    /// # Errors
    /// As [`Retelling::run`].
    pub(in crate::evidence) fn judged_by(
        &mut self,
        select: &Select,
        model: Option<&str>,
    ) -> Result<(), Halt> {
        if let Some(model) = model.filter(|model| !model.trim().is_empty()) {
            self.run(select)?.judges.insert(model.to_owned());
        }
        Ok(())
    }

    /// Notes a setting by which the load of a run was made, where its file states it.
    ///
    /// # Errors
    /// As [`Retelling::run`].
    pub(in crate::evidence) fn load(
        &mut self,
        select: &Select,
        setting: &str,
        value: Option<&str>,
    ) -> Result<(), Halt> {
        if let Some(value) = value {
            self.run(select)?.scenario.insert(setting.to_owned(), value.to_owned());
        }
        Ok(())
    }

    /// Takes a number that the tool computed.
    ///
    /// # Errors
    /// There is one of that name already.
    pub(in crate::evidence) fn aggregate(
        &mut self,
        name: &str,
        line: u64,
        measured: Measured,
    ) -> Result<(), Halt> {
        let stated = StatedAggregate { line, measured };
        match self.told.aggregates.insert(name.to_owned(), stated) {
            None => Ok(()),
            Some(_) => Err(self.contradiction(&format!("it states `{}` twice", printable(name)))),
        }
    }

    /// How its messages name the file.
    pub(in crate::evidence) fn file(&self) -> &str {
        &self.file
    }

    fn send(&mut self) -> Result<(), Halt> {
        let batch = std::mem::take(&mut self.batch);
        match &self.aim {
            Aim::Read(sender) if !batch.is_empty() => sender.send(batch).map_err(|_| Halt::Closed),
            _ => Ok(()),
        }
    }

    /// Hands over the last rows.
    pub(in crate::evidence) fn finish(mut self) -> Result<ToolFile, Halt> {
        self.send()?;
        Ok(self.told)
    }

    /// The lines that were looked for, by the numbers of their rows; those without one are not there.
    pub(in crate::evidence) fn lines(self) -> BTreeMap<u64, u64> {
        match self.aim {
            Aim::Search(search) => search.finish(),
            Aim::Read(_) => BTreeMap::new(),
        }
    }
}

/// A key of a case of a run. Two that share one are epochs of one another, which hides neither.
fn key(run: usize, id: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write_usize(run);
    hasher.write(id.as_bytes());
    hasher.finish()
}

/// The rows as one stream.
pub(in crate::evidence) struct Retold {
    receiver: Receiver<Vec<u8>>,
    batch: Vec<u8>,
    handed: usize,
}

impl Retold {
    pub(in crate::evidence) fn new(receiver: Receiver<Vec<u8>>) -> Self {
        Self { receiver, batch: Vec::new(), handed: 0 }
    }
}

impl Read for Retold {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.handed == self.batch.len() {
            let Ok(batch) = self.receiver.recv() else { return Ok(0) };
            (self.batch, self.handed) = (batch, 0);
        }
        let rest = self.batch.get(self.handed..).unwrap_or_default();
        let length = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.handed += length;
        Ok(length)
    }
}
