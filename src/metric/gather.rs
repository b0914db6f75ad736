//! Streams the files of one evidence entry into a table, and makes sure that no sample is there twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::people::Unfolded;
use super::plan::{Plan, RowsAs, Untyped};
use super::repeats::Repeats;
use super::row::{key_in, selects, turn};
use super::table::Table;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, printable, shortened};
use crate::evidence::{
    self, Compression, Format, Id, Paths, Projection, RowPlace, Sample, Sink, Source, Value,
};
use crate::manifest::Digest;

/// One per-sample file.
pub struct Input<'a> {
    /// Its bytes.
    pub source: &'a dyn Source,
    /// How it is written.
    pub format: Format,
    /// How it is packed.
    pub compression: Compression,
    /// What it calls the fields that we have other names for.
    pub paths: &'a Paths,
}

impl Input<'_> {
    /// Where its row of this number stands.
    fn place(&self, row: u64) -> RowPlace {
        RowPlace::of(self.source, self.format, self.compression, row)
    }

    /// Folds the samples of the file into `sink`.
    ///
    /// # Errors
    /// What the reader or the sink found wrong.
    pub(super) fn stream<S: Sink>(&self, plan: &Plan, sink: &mut S) -> Result<(), Diagnostics> {
        let projection = self.projection(plan);
        unfolded(plan, sink, |sink| match sink {
            Streamed::Rows(sink) => {
                evidence::stream(self.source, self.format, self.compression, &projection, sink).map(drop)
            }
            Streamed::Unfolded(sink) => {
                evidence::stream(self.source, self.format, self.compression, &projection, sink).map(drop)
            }
        })
    }

    pub(super) fn projection(&self, plan: &Plan) -> Projection {
        Projection { paths: self.paths.clone(), ..plan.projection.clone() }
    }
}

/// What the rows of these files are read from.
pub(super) fn rows_as(inputs: &[Input<'_>]) -> RowsAs {
    if inputs.iter().any(|input| input.paths.in_numbers()) { RowsAs::Stripped } else { RowsAs::Written }
}

/// A sink as a reader sees it: where a row stands for several, they are told apart on the way.
enum Streamed<'s, S> {
    Rows(&'s mut S),
    Unfolded(&'s mut Unfolded<S>),
}

/// Streams into `sink`, through what unfolds rows where there is such a thing.
fn unfolded<S: Sink, T>(
    plan: &Plan,
    sink: &mut S,
    stream: impl FnOnce(Streamed<'_, S>) -> Result<T, Diagnostics>,
) -> Result<T, Diagnostics> {
    let Some(unfolding) = &plan.unfolding else { return stream(Streamed::Rows(sink)) };
    let empty = sink.fork();
    let mut through = Unfolded { unfolding: Arc::clone(unfolding), sink: std::mem::replace(sink, empty) };
    let read = stream(Streamed::Unfolded(&mut through));
    *sink = through.sink;
    read
}

/// The samples of an entry, read.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// Their numbers.
    pub table: Table,
    /// The digest of the bytes of each file that they were read of, in the order of the files.
    pub digests: Vec<Digest>,
}

/// Reads every file of an entry in order.
///
/// # Errors
/// What a reader found wrong, samples whose (id, epoch) repeats, or an id in more than one cluster.
pub fn gather(inputs: &[Input<'_>], plan: Plan) -> Result<Table, Diagnostics> {
    let plan = Arc::new(plan);
    let mut table = Table::new(Arc::clone(&plan));
    for input in inputs {
        table.begin(input.source.name());
        input.stream(&plan, &mut table)?;
    }
    sealed(table, inputs)
}

/// The same, and the digests of what was read.
///
/// # Errors
/// As [`gather`].
pub fn gather_and_digest(inputs: &[Input<'_>], plan: Plan) -> Result<Gathered, Diagnostics> {
    let mut table = Table::new(Arc::new(plan));
    let mut digests = Vec::new();
    for input in inputs {
        table.begin(input.source.name());
        let projection = input.projection(table.plan());
        let plan = Arc::new(table.plan().clone());
        let read = unfolded(&plan, &mut table, |sink| {
            let Input { source, format, compression, .. } = *input;
            match sink {
                Streamed::Rows(sink) => {
                    evidence::stream_and_digest(source, format, compression, &projection, sink)
                }
                Streamed::Unfolded(sink) => {
                    evidence::stream_and_digest(source, format, compression, &projection, sink)
                }
            }
        })?;
        digests.extend(read.sha256);
    }
    Ok(Gathered { table: sealed(table, inputs)?, digests })
}

/// Puts the rows in order, and refuses those that count twice or stand in no one cluster.
fn sealed(mut table: Table, inputs: &[Input<'_>]) -> Result<Table, Diagnostics> {
    let plan = Arc::new(table.plan().clone());
    let repeats = table.seal();
    if repeats.count > 0 {
        refuse_repeats(inputs, &plan, &repeats)?;
    }
    if let Some(id) = table.torn_id() {
        return Err(torn(inputs, &plan, id)?.into());
    }
    if let Some(asked) = table.untyped() {
        return Err(untyped(asked).into());
    }
    if let Some(finding) = table.unknown_version() {
        return Err(finding.into());
    }
    match plan.cluster_at_most {
        Some(most) if table.largest_cluster() > most => Err(too_large(&table, most).into()),
        _ => Ok(table),
    }
}

/// Numbers that happen to be 0 and 1 say nothing of what others may be.
fn untyped(asked: &Untyped) -> Diagnostic {
    let name = printable(&asked.metric);
    Diagnostic::error(
        Code::UntypedMetric,
        format!("nothing says whether `{name}` is a rate or a mean: its values here are all 0 or 1"),
    )
    .at(asked.span, "every value is 0 or 1 so far")
    .help(format!("write `rate {name} ...` in the rule, or `mean {name} ...` if other values are possible"))
    .help(format!("or define it once: `metrics: {{ {name}: {{ as: rate }} }}`"))
}

/// A cluster that its evidence says cannot be.
fn too_large(table: &Table, most: u64) -> Diagnostic {
    let field = table.plan().cluster_name().unwrap_or_default();
    let found = table.largest_cluster();
    Diagnostic::error(
        Code::ClusterTooLarge,
        format!("a `{}` has {found} rows, and `at_most` says {most}", printable(&field)),
    )
    .in_file(table.file())
    .help("declare the largest that can occur, before the run; limits that are taken from the data promise nothing")
}

/// Equal keys are settled by the real ids: a second pass over the files, for the suspects only.
fn refuse_repeats(inputs: &[Input<'_>], plan: &Arc<Plan>, repeats: &Repeats) -> Result<(), Diagnostics> {
    let suspects = Arc::new(repeats.keys());
    let mut seen: BTreeMap<String, Seen<'_>> = BTreeMap::new();
    let mut findings = Vec::new();
    for input in inputs {
        let mut ids = Ids { plan: Arc::clone(plan), suspects: Arc::clone(&suspects), found: BTreeMap::new() };
        input.stream(plan, &mut ids)?;
        let mut found: Vec<(Identity, u64)> = ids.found.into_iter().flat_map(of_each_line).collect();
        found.sort_unstable_by_key(|(_, line)| *line);
        for (identity, line) in found {
            let known = seen.entry(identity.written()).or_default();
            match known.clash(&identity) {
                Some(first) if findings.len() < 3 => {
                    findings.push(repeated(&Standing { identity, input, row: line }, first));
                }
                Some(_) => {}
                None => known.rows.push(Standing { identity, input, row: line }),
            }
        }
    }
    let mut findings = findings.into_iter();
    let Some(first) = findings.next() else {
        // Different ids with one hash: they stay two samples, as long as all of them were looked at.
        return if repeats.all_looked_at() { Ok(()) } else { Err(one_hash(repeats).into()) };
    };
    let first = first
        .note(if repeats.count == 1 {
            "it is the only sample that repeats an (id, epoch)".to_owned()
        } else {
            format!("{} samples repeat an (id, epoch) that came before", repeats.count)
        })
        .help(if plan.rater.is_some() {
            "keep one of the two; ratings that one person gave again need an `epoch` each"
        } else {
            "give every sample its own `id`; several runs of one question need an `epoch` each"
        });
    Err(std::iter::once(first).chain(findings).collect())
}

/// A row, and where it stands.
struct Standing<'i> {
    identity: Identity,
    input: &'i Input<'i>,
    /// Its number in its file, or its line.
    row: u64,
}

/// The rows of one id as it is written, that are no repeats of each other.
#[derive(Default)]
struct Seen<'i> {
    rows: Vec<Standing<'i>>,
}

impl<'i> Seen<'i> {
    /// The row that a sample of this identity repeats: the same epoch, or none on one of the two sides.
    fn clash(&self, new: &Identity) -> Option<&Standing<'i>> {
        self.rows.iter().find(|row| {
            let known = row.identity.epoch;
            let same = known == new.epoch || known.is_none() || new.epoch.is_none();
            same && row.identity.rater == new.rater
        })
    }
}

/// At most two lines of an identity are looked at: the first one, and the one that repeats it.
fn of_each_line((identity, lines): (Identity, Vec<u64>)) -> Vec<(Identity, u64)> {
    lines.into_iter().map(|line| (identity.clone(), line)).collect()
}

fn repeated(again: &Standing<'_>, first: &Standing<'_>) -> Diagnostic {
    let finding = match &again.identity.rater {
        None => {
            let title = format!("{} stands here twice", again.identity.describe());
            Diagnostic::error(Code::DuplicateId, title)
        }
        Some(rater) => {
            let title = format!(
                "{} is rated by {} here a second time",
                again.identity.describe(),
                printable(shortened(rater))
            );
            Diagnostic::error(Code::DuplicateRating, title)
                .note("two ratings of one person may contradict each other, and counting both counts that person twice")
        }
    };
    let finding = again.input.place(again.row).put(finding, again.input.source.name());
    let place = first.input.place(first.row).words(first.input.source.name());
    if first.identity == again.identity {
        finding.note(format!("the first one is {place}"))
    } else {
        finding.note(format!("{} is {place}", first.identity.describe())).note(
            "a number and the same digits as text are one id, and a row without an epoch is no epoch of its own",
        )
    }
}

/// Ids made to collide, or a file that repeats itself so often that nobody can look at all of it.
fn one_hash(repeats: &Repeats) -> Diagnostic {
    Diagnostic::error(Code::DuplicateId, format!("{} samples seem to repeat an id", repeats.count))
        .note("their ids share hashes, and too many of them do to tell them apart")
        .help("give every sample its own short `id`, such as its number")
}

/// An id that stands in more than one cluster, with two rows that say so: a second pass over the files.
fn torn(inputs: &[Input<'_>], plan: &Arc<Plan>, id: u64) -> Result<Diagnostic, Diagnostics> {
    let field = plan.cluster_name().unwrap_or_default();
    let mut first: Option<(Row, &Input<'_>)> = None;
    let mut finding = Diagnostic::error(Code::ClustersDisagree, "an id stands in more than one cluster");
    'files: for input in inputs {
        let mut rows = Rows { plan: Arc::clone(plan), id, found: Vec::new() };
        input.stream(plan, &mut rows)?;
        for row in rows.found {
            let Some((known, other)) = &first else {
                first = Some((row, input));
                continue;
            };
            if known.cluster != row.cluster {
                let text = format!(
                    "{} stands in more than one cluster: `{}` is {} here",
                    row.identity.describe(),
                    printable(&field),
                    row.cluster
                );
                let before = other.place(known.line).words(other.source.name());
                finding = input
                    .place(row.line)
                    .put(Diagnostic::error(Code::ClustersDisagree, text), input.source.name())
                    .note(format!("it is {} in {before}", known.cluster));
                break 'files;
            }
        }
    }
    Ok(finding.help(format!(
        "all epochs of a question belong to one cluster: mend `{0}`, or let `cluster:` name another field",
        printable(&field)
    )))
}

/// A row of one id.
struct Row {
    identity: Identity,
    /// Its cluster, as a message shows it.
    cluster: String,
    line: u64,
}

/// Collects the rows of one id.
struct Rows {
    plan: Arc<Plan>,
    id: u64,
    found: Vec<Row>,
}

impl Sink for Rows {
    fn fork(&self) -> Self {
        Self { plan: Arc::clone(&self.plan), id: self.id, found: Vec::new() }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        if key_in(&self.plan, &sample.id, None) == self.id
            && selects(&self.plan, &self.plan.selection, sample)
        {
            let value = self.plan.cluster.and_then(|at| sample.values.get(at)).unwrap_or(&Value::Absent);
            let cluster = match value {
                Value::Absent | Value::Null => "absent".to_owned(),
                Value::Bool(value) | Value::Truth(_, value) => value.to_string(),
                Value::Number(number) => number.to_string(),
                Value::Written(number) => (*number).to_owned(),
                Value::Text(text) => format!("{:?}", printable(shortened(text))),
                Value::Texts(_) => "a list".to_owned(),
            };
            self.found.push(Row {
                identity: Identity::in_plan(&self.plan, &sample.id, None, None),
                cluster,
                line: sample.line,
            });
        }
        Ok(())
    }

    fn absorb(&mut self, later: Self, line_offset: u64) -> Result<(), Diagnostic> {
        self.found.extend(later.found.into_iter().map(|row| Row { line: row.line + line_offset, ..row }));
        Ok(())
    }
}

/// A real (id, epoch).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    /// What a part knows it by.
    hash: Option<u64>,
    text: Option<String>,
    integer: i64,
    epoch: Option<i64>,
    /// Who rated, where the evidence says it.
    rater: Option<String>,
}

impl Identity {
    fn of(id: &Id<'_>, epoch: Option<i64>, rater: Option<&str>) -> Self {
        let rater = rater.map(str::to_owned);
        match id {
            Id::Text(text) => Self { hash: None, text: Some(text.to_string()), integer: 0, epoch, rater },
            Id::Integer(integer) => Self { hash: None, text: None, integer: *integer, epoch, rater },
        }
    }

    /// The same of a row of a plan. A part keeps some ids as they are and of others the hash: they are one by that.
    fn in_plan(plan: &Plan, id: &Id<'_>, epoch: Option<i64>, rater: Option<&str>) -> Self {
        if plan.rows_as != RowsAs::Stripped {
            return Self::of(id, epoch, rater);
        }
        let hash = key_in(plan, id, None);
        let text = match id {
            Id::Text(text) => text.to_string(),
            Id::Integer(_) => format!("#{hash:016x}"),
        };
        Self { hash: Some(hash), ..Self::of(&Id::Text(text.into()), epoch, rater) }
    }

    /// The id as it is written, or the hash that it is known by, whatever its epoch.
    fn written(&self) -> String {
        if let Some(hash) = self.hash {
            return format!("{hash:016x}");
        }
        self.text.clone().unwrap_or_else(|| self.integer.to_string())
    }

    fn describe(&self) -> String {
        let id = match &self.text {
            Some(text) => format!("the id {:?}", printable(shortened(text))),
            None => format!("the id {}", self.integer),
        };
        match self.epoch {
            Some(epoch) => format!("{id} with epoch {epoch}"),
            None => id,
        }
    }
}

/// Collects the real ids behind suspicious keys, with the first lines on which each stands.
struct Ids {
    plan: Arc<Plan>,
    suspects: Arc<BTreeSet<u64>>,
    found: BTreeMap<Identity, Vec<u64>>,
}

impl Ids {
    fn add(&mut self, identity: Identity, lines: impl IntoIterator<Item = u64>) {
        let known = self.found.entry(identity).or_default();
        known.extend(lines.into_iter().take(2_usize.saturating_sub(known.len())));
    }
}

impl Sink for Ids {
    fn fork(&self) -> Self {
        Self { plan: Arc::clone(&self.plan), suspects: Arc::clone(&self.suspects), found: BTreeMap::new() }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        let suspect = |epoch| self.suspects.contains(&key_in(&self.plan, &sample.id, epoch));
        if (suspect(turn(sample)) || suspect(None)) && selects(&self.plan, &self.plan.selection, sample) {
            self.add(
                Identity::in_plan(&self.plan, &sample.id, sample.epoch, sample.rater.as_deref()),
                [sample.line],
            );
        }
        Ok(())
    }

    fn absorb(&mut self, later: Self, line_offset: u64) -> Result<(), Diagnostic> {
        for (identity, lines) in later.found {
            self.add(identity, lines.into_iter().map(|line| line + line_offset));
        }
        Ok(())
    }
}
