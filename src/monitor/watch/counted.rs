//! Counts of a query: which of them are of the two releases, in which step, and what they leave open.

use std::collections::{BTreeMap, HashMap};

use super::super::arms::Phase;
use super::super::signal::Signal;
use super::super::state::{Lot, Lots, SignalState};
use super::{AHEAD, DAY, Watch, day_of, hour_of};
use crate::evidence::{CountRow, CountTable};

/// Stretches of time up to this tell hours of the day apart, in seconds.
const HOUR: f64 = 3600.0;

/// When stretches of time end: each where the next one begins.
struct Stretches {
    begins: Vec<f64>,
    now: f64,
}

impl Stretches {
    fn of(rows: &[CountRow], now: f64) -> Self {
        let mut begins: Vec<f64> = rows.iter().map(|row| row.time).collect();
        begins.dedup();
        Self { begins, now }
    }

    /// The end of the one that begins at `time`; none where it may go on.
    fn end(&self, time: f64) -> Option<f64> {
        self.begins.get(self.begins.partition_point(|begin| *begin <= time)).copied()
    }

    /// Up to when something was counted: no longer than the shortest stretch is known to be.
    fn until(&self, last: f64) -> f64 {
        let gaps = self.begins.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?));
        let shortest = gaps.fold(f64::INFINITY, f64::min);
        let longest = if shortest.is_finite() { last + shortest } else { last };
        longest.min(self.now).max(last)
    }
}

/// The rows of one time.
struct Moment<'t> {
    time: f64,
    end: Option<f64>,
    rows: &'t [CountRow],
    /// The step that it lies in, as a whole.
    step: Option<usize>,
}

impl Watch {
    /// Takes in what a query counted; `versions` are the candidate's and the stable release's. After all rows of logs.
    pub fn take_counts(&mut self, table: &CountTable, versions: &(String, Option<String>)) {
        let now = self.plan.now;
        let rows =
            table.rows.get(..table.rows.partition_point(|row| row.time <= now + AHEAD)).unwrap_or_default();
        let ahead = (table.rows.len() - rows.len()) as u64;
        // Of records that are logged too only they say how many there are.
        let alone = self.seen.log.rows == 0;
        self.seen.log.rows += table.rows.len() as u64;
        (self.seen.log.outside, self.seen.ahead) = (self.seen.log.outside + ahead, self.seen.ahead + ahead);
        // What serves nobody else is alone.
        let stable = versions.1.as_ref().filter(|_| matches!(self.plan.phase, Phase::Beside));
        let arms = arms(table, &versions.0, stable);
        let signals: Vec<Option<usize>> = table
            .signals
            .iter()
            .map(|name| self.plan.signals.iter().position(|signal| signal.counted && signal.field == *name))
            .collect();
        let stretches = Stretches::of(rows, now);
        let mut lots: Vec<Lots> = self.plan.signals.iter().map(|_| self.no_lots()).collect();
        for rows in rows.chunk_by(|one, other| one.time.total_cmp(&other.time).is_eq()) {
            let Some(first) = rows.first() else { continue };
            let end = stretches.end(first.time);
            let moment = Moment { time: first.time, end, rows, step: self.step_of(first.time, end) };
            let records = self.take_moment(&moment, (&arms, &signals), &mut lots);
            if alone {
                self.note_records(&moment, &records, &arms);
            }
        }
        for (at, lots) in lots.iter_mut().enumerate() {
            lots.span = lots.span.map(|(from, last)| (from, stretches.until(last)));
            if alone && let Some((from, until)) = lots.span {
                (self.seen.oldest, self.seen.newest) =
                    (self.seen.oldest.min(from), self.seen.newest.max(until));
                self.seen.newest_own = self.seen.newest_own.max(until);
            }
            if let (Some(state), true) =
                (self.seen.states.get_mut(at), self.plan.signals.get(at).is_some_and(|own| own.counted))
            {
                state.take_lots(lots);
            }
        }
        if alone {
            // Nobody knows how units were split.
            self.seen.splits.fill_with(|| None);
        }
    }

    fn no_lots(&self) -> Lots {
        Lots { steps: vec![[Lot::default(); 2]; self.plan.times.weights.len()], ..Lots::default() }
    }

    /// The step that a stretch of time lies in, all of it: of one that reaches into another nobody knows which share was served.
    fn step_of(&self, time: f64, end: Option<f64>) -> Option<usize> {
        match &self.plan.phase {
            Phase::Alone(since, _) => (time >= *since).then_some(0),
            Phase::Beside => {
                let span = self.plan.times.spans.iter().find(|span| span.from <= time && time < span.to)?;
                let inside = match end {
                    Some(end) => end <= span.to,
                    None => span.to.is_infinite(),
                };
                inside.then_some(span.step)
            }
        }
    }

    /// Adds the rows of a time to the lots of their signals; how many records each release had.
    fn take_moment(
        &self,
        moment: &Moment<'_>,
        (arms, signals): (&[Option<usize>], &[Option<usize>]),
        lots: &mut [Lots],
    ) -> BTreeMap<u32, u64> {
        let mut records: BTreeMap<u32, u64> = BTreeMap::new();
        let mut told: HashMap<(u32, usize), Lot> = HashMap::new();
        for row in moment.rows {
            let Some(at) = signals.get(row.signal as usize).copied().flatten() else { continue };
            let Some(signal) = self.plan.signals.get(at) else { continue };
            let most = records.entry(row.release).or_default();
            *most = (*most).max(row.n);
            told.insert((row.release, at), Lot::of(signal, row.events, row.n));
        }
        let Some(step) = moment.step else { return records };
        for (release, most) in &records {
            let Some(arm) = arms.get(*release as usize).copied().flatten() else { continue };
            for ((at, signal), lots) in self.plan.signals.iter().enumerate().zip(&mut *lots) {
                if !signal.counted {
                    continue;
                }
                match told.get(&(*release, at)) {
                    Some(lot) => self.take_lot(signal, moment, (step, arm), *lot, lots),
                    // Another signal was counted of records of which this one was not.
                    None => lots.missing.get_mut(arm).into_iter().for_each(|missing| *missing += most),
                }
            }
        }
        records
    }

    fn take_lot(
        &self,
        signal: &Signal,
        moment: &Moment<'_>,
        (step, arm): (usize, usize),
        lot: Lot,
        lots: &mut Lots,
    ) {
        let Moment { time, end, .. } = *moment;
        let (from, last) = lots.span.unwrap_or((time, time));
        lots.span = Some((from.min(time), last.max(time)));
        if let Some(side) = lots.sides.get_mut(arm) {
            side.add(lot);
        }
        let ours = arm == 0;
        if matches!(self.plan.phase, Phase::Alone(..)) {
            let is_final =
                end.unwrap_or(self.plan.now) <= self.plan.now - f64::from(self.plan.mature.seconds);
            if ours && (is_final || !signal.absent_is_no) {
                lots.minutes.push(((time / 60.0).floor() as i64, lot));
            }
            return;
        }
        if let Some(own) = lots.steps.get_mut(step).and_then(|step| step.get_mut(arm)) {
            own.add(lot);
        }
        if !ours {
            return;
        }
        // Its last moment: feedback to all of it is as old as that.
        lots.days.push((day_of(end.map_or(self.plan.now, |end| end - 1.0)), lot));
        if let (true, Some(hour)) =
            (end.is_some_and(|end| end - time <= HOUR), lots.hours.get_mut(usize::from(hour_of(time))))
        {
            hour.n = hour.n.saturating_add(lot.n);
            hour.events = hour.events.saturating_add(lot.events);
        }
    }

    /// Notes how many records there were, where nothing else says it.
    fn note_records(&mut self, moment: &Moment<'_>, records: &BTreeMap<u32, u64>, arms: &[Option<usize>]) {
        for (release, n) in records {
            let arm = arms.get(*release as usize).copied().flatten();
            let (own, all) = self.seen.by_hour.entry((moment.time / HOUR).floor() as i64).or_default();
            (*own, *all) = (*own + if arm.is_some() { *n } else { 0 }, *all + n);
            let Some(arm) = arm else {
                self.seen.log.other += n;
                continue;
            };
            let Some(step) = moment.step else {
                self.seen.log.outside += n;
                continue;
            };
            self.seen.log.selected += n;
            if Some(step) == self.plan.times.current() {
                let (own, others) = &mut self.seen.in_step;
                *(if arm == 0 { own } else { others }) += n;
            }
        }
    }

    /// What has to be said of signals that were counted.
    pub(super) fn counted_note(&self) -> Option<String> {
        let names: Vec<String> = self
            .plan
            .signals
            .iter()
            .filter(|signal| signal.counted)
            .map(|signal| format!("`{}`", signal.field))
            .collect();
        let (last, before) = names.split_last()?;
        let (names, are) = if before.is_empty() {
            (last.clone(), "is")
        } else {
            (format!("{} and {last}", before.join(", ")), "are")
        };
        Some(format!(
            "{names} {are} only known as counts, which tell no units: every record counts by itself, so that users who return and differ alarm falsely in more rollouts than is declared{}",
            if self.seen.log.without_id == 0 && self.population.by_arm() == (0, 0, 0) {
                "; how units were split is not checked"
            } else {
                ""
            }
        ))
    }

    /// Why counts say nothing now.
    pub(super) fn blind_counts(&self, signal: &Signal, state: &SignalState, silence: f64) -> Option<String> {
        let (from, until) = state.counted().filter(|_| signal.counted)?;
        let quiet = self.plan.now - until;
        if quiet > silence && self.early(self.plan.now).is_none() {
            return Some(format!("its last counts are {:.1} hours old", quiet / HOUR));
        }
        if let (Phase::Beside, Some(began)) = (&self.plan.phase, self.plan.times.began())
            && from > began + silence.max(DAY / 24.0)
        {
            return Some("its counts do not reach back to the start of the rollout".to_owned());
        }
        None
    }
}

/// The arm of each release of a table: 0 the candidate, 1 the stable one.
fn arms(table: &CountTable, candidate: &String, stable: Option<&String>) -> Vec<Option<usize>> {
    let arm = |name: &String| match name {
        name if name == candidate => Some(0),
        name if Some(name) == stable => Some(1),
        _ => None,
    };
    table.releases.iter().map(arm).collect()
}
