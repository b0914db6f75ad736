//! The lines of a manifest that fit a file: its entry, and gates with limits made of what was measured.

use crate::judge::{Level, LevelKind};
use crate::manifest::Direction;
use crate::propose::{self, DraftEntry, DraftField, ManifestDraft, ProposedGate};
use crate::report::{MeasuredValue, UnderstoodRun};

/// The risk of a wrong pass that limits are made for.
const ALPHA: f64 = 0.05;

/// A run, and what was measured in it.
pub(super) struct MeasuredRun {
    pub(super) told: UnderstoodRun,
    /// What a `where:` has to say.
    pub(super) conditions: Vec<DraftField>,
    /// A gate on everything that can be measured, with what was.
    pub(super) measured: Vec<(ProposedGate, Level)>,
}

/// The lines for the first run of a file.
pub(super) fn lines(path: &str, runs: &[MeasuredRun]) -> String {
    let Some(run) = runs.first() else { return String::new() };
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let mut comments = Vec::new();
    let conditions = if runs.len() > 1 { run.conditions.clone() } else { Vec::new() };
    if runs.len() > 1 {
        comments.push("one of the runs in the file; the others are selected by other values".to_owned());
    }
    let entry = DraftEntry {
        name: propose::name_of(file),
        comments,
        path: path.to_owned(),
        conditions,
        ..DraftEntry::default()
    };
    let mut gates = Vec::new();
    let mut open = Vec::new();
    for (gate, level) in &run.measured {
        match limited(gate, level) {
            Some(limited) => gates.push(limited),
            None => open.push(gate.field.as_str()),
        }
    }
    let mut after_gates = Vec::new();
    if !open.is_empty() {
        after_gates.push(format!("nothing says whether high or low is good of: {}", open.join(", ")));
    }
    ManifestDraft { evidence: vec![entry], gates, after_gates, ..ManifestDraft::empty() }.lines()
}

/// A gate with a limit a little worse than what was measured; what so few samples can never show is counted instead.
fn limited(gate: &ProposedGate, level: &Level) -> Option<ProposedGate> {
    let value = level.estimate.value?;
    let limited = gate.level(value, level.unit)?;
    let measured =
        MeasuredValue { name: gate.field.clone(), estimate: level.estimate.clone(), unit: level.unit };
    let why = format!("PROPOSAL made of these very results ({}): write what users need", measured.cell());
    if level.kind == LevelKind::Rate
        && let Some(counted) = counted(&limited, level)
    {
        return Some(counted);
    }
    Some(ProposedGate { why, ..limited })
}

/// The observed form of a rate that `n` samples cannot show even where every one of them is good.
fn counted(limited: &ProposedGate, level: &Level) -> Option<ProposedGate> {
    let n = level.estimate.n.filter(|n| *n > 0)?;
    let (words, limit) = limited.rule.split_once([' ', '<', '>', '='].as_slice()).map(|_| {
        let at = limited.rule.rfind(' ').unwrap_or(0);
        limited.rule.split_at_checked(at).unwrap_or((&limited.rule, ""))
    })?;
    let share = limit.trim().trim_end_matches('%').parse::<f64>().ok()? / 100.0;
    let good = limited.direction?;
    // All n samples good leave a limit of alpha^(1/n) (Clopper and Pearson).
    let all_good = ALPHA.powf(1.0 / n as f64);
    let tolerated = if good == Direction::Higher { 1.0 - share } else { share };
    if 1.0 - all_good <= tolerated {
        return None;
    }
    let least = if tolerated > 0.0 { (ALPHA.ln() / (1.0 - tolerated).ln()).ceil() } else { f64::INFINITY };
    let field = words.trim_end_matches([' ', '<', '>', '=']).trim_start_matches("rate ").to_owned();
    let events = level.estimate.events?;
    let (comparator, count) = if good == Direction::Higher { (">=", events) } else { ("<=", events) };
    let needed = if least.is_finite() {
        format!("{least} without a bad one are the least")
    } else {
        "no number can".to_owned()
    };
    Some(ProposedGate {
        why: format!(
            "PROPOSAL: {n} samples can never show `{}` ({needed}); this counts these cases and says nothing about others",
            limited.rule
        ),
        rule: format!("count {field} {comparator} {count}"),
        ..limited.clone()
    })
}
