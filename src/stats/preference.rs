//! Strengths of several versions from preferences between two at a time: Bradley and Terry's model.
//!
//! `P(i beats j) = 1 / (1 + exp(s_j - s_i))`; a tie counts half for either. Source: Bradley & Terry, *Rank analysis of incomplete
//! block designs* (1952); ties as halves as in Hunter, *MM algorithms for generalized Bradley-Terry models* (2004). The
//! likelihood is concave, so Newton's method with halved steps finds its only maximum.

use super::mean::SampleMean;

/// Newton steps; ten are the rule.
const STEPS: usize = 200;

/// One comparison of two versions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contest {
    /// One version, from 0.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// 1 where the first won, 0 where the other did, 1/2 for a tie.
    pub score: f64,
    /// Which comparisons are not independent: those of one item.
    pub item: u64,
}

/// Why versions have no strengths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unranked {
    /// Nothing leads, from comparison to comparison, from the first of all versions to these.
    Disconnected(Vec<usize>),
    /// These lost to no other and drew with none, so that their strength has no end; or they are all that others lost to.
    Undefeated(Vec<usize>),
    /// Fewer than two versions, or a comparison that names another or has no score between 0 and 1.
    Nonsense,
}

/// The strengths of versions.
#[derive(Debug, Clone)]
pub struct Strengths {
    /// By version, on a logarithmic scale; they add up to 0.
    logs: Vec<f64>,
    comparisons: Vec<Contest>,
    information: Vec<Vec<f64>>,
}

/// The strengths of `versions` versions.
///
/// # Errors
/// See [`Unranked`]: such comparisons have no best strengths.
pub fn strengths(versions: usize, comparisons: &[Contest]) -> Result<Strengths, Unranked> {
    let sound = |one: &Contest| {
        one.one < versions && one.other < versions && one.one != one.other && (0.0..=1.0).contains(&one.score)
    };
    if versions < 2 || !comparisons.iter().all(sound) {
        return Err(Unranked::Nonsense);
    }
    let reached = reached(versions, comparisons, |_| (true, true));
    let apart = places(&reached, false);
    if !apart.is_empty() {
        return Err(Unranked::Disconnected(apart));
    }
    // A way from loser to winner between any two: else one group only ever beats the other (Ford 1957).
    let up = self::reached(versions, comparisons, |score| (score < 1.0, score > 0.0));
    if up.contains(&false) {
        return Err(Unranked::Undefeated(places(&up, true)));
    }
    let down = self::reached(versions, comparisons, |score| (score > 0.0, score < 1.0));
    if down.contains(&false) {
        return Err(Unranked::Undefeated(places(&down, false)));
    }
    let mut logs = vec![0.0; versions];
    for _ in 0..STEPS {
        let (gradient, information) = derivatives(&logs, comparisons);
        let Some(step) = solved(&information, &gradient) else { break };
        let before = likelihood(&logs, comparisons);
        // Close to the maximum a step changes the likelihood by less than it is rounded to.
        let least = before - 1e-12 * before.abs();
        let mut share = 1.0_f64;
        let moved = loop {
            let moved: Vec<f64> =
                logs.iter().zip(&step).map(|(log, step)| share.mul_add(*step, *log)).collect();
            if likelihood(&moved, comparisons) >= least || share < 1e-9 {
                break moved;
            }
            share /= 2.0;
        };
        let far = step.iter().fold(0.0_f64, |far, step| far.max((share * step).abs()));
        logs = moved;
        if far < 1e-13 {
            break;
        }
    }
    let mean = logs.iter().sum::<f64>() / versions as f64;
    for log in &mut logs {
        *log -= mean;
    }
    let information = derivatives(&logs, comparisons).1;
    Ok(Strengths { logs, comparisons: comparisons.to_vec(), information })
}

impl Strengths {
    /// By version, on a logarithmic scale; they add up to 0.
    #[must_use]
    pub fn logs(&self) -> &[f64] {
        &self.logs
    }

    /// How much stronger one version is than another, on the logarithmic scale, with the variance of its error: between items, so
    /// that several raters of one item do not count as several items (the sandwich of Huber 1967; White 1982). None with fewer
    /// than two items.
    #[must_use]
    pub fn difference(&self, one: usize, other: usize) -> Option<SampleMean> {
        let mut contrast = vec![0.0; self.logs.len()];
        *contrast.get_mut(one)? += 1.0;
        *contrast.get_mut(other)? -= 1.0;
        self.contrast(&contrast)
    }

    /// How much stronger a version is than all of them on average.
    #[must_use]
    pub fn of(&self, version: usize) -> Option<SampleMean> {
        let share = 1.0 / self.logs.len() as f64;
        let mut contrast = vec![-share; self.logs.len()];
        *contrast.get_mut(version)? += 1.0;
        self.contrast(&contrast)
    }

    /// A contrast of strengths, whose weights add up to 0.
    fn contrast(&self, weights: &[f64]) -> Option<SampleMean> {
        let influence = solved(&self.information, weights)?;
        let mut items: Vec<(u64, f64)> = self
            .comparisons
            .iter()
            .map(|one| {
                let at = |of: &[f64], version: usize| of.get(version).copied().unwrap_or(0.0);
                let surplus = one.score - chance(at(&self.logs, one.one) - at(&self.logs, one.other));
                (one.item, surplus * (at(&influence, one.one) - at(&influence, one.other)))
            })
            .collect();
        items.sort_by_key(|(item, _)| *item);
        let sums: Vec<f64> = items
            .chunk_by(|(a, _), (b, _)| a == b)
            .map(|of_item| of_item.iter().map(|(_, part)| part).sum())
            .collect();
        let count = sums.len() as f64;
        if sums.len() < 2 {
            return None;
        }
        let variance = sums.iter().map(|sum| sum * sum).sum::<f64>() * count / (count - 1.0);
        let value = weights.iter().zip(&self.logs).map(|(weight, log)| weight * log).sum();
        Some(SampleMean { value, variance, df: count - 1.0 })
    }
}

/// The chance of the first to win at this difference of strengths.
#[must_use]
pub fn chance(difference: f64) -> f64 {
    1.0 / (1.0 + (-difference).exp())
}

/// Which versions can be reached from the first, one comparison after the other: `open` says of a score whether a way leads from
/// the first named version to the other, and whether one leads back.
fn reached(versions: usize, comparisons: &[Contest], open: impl Fn(f64) -> (bool, bool)) -> Vec<bool> {
    let mut ways = vec![Vec::new(); versions];
    for one in comparisons {
        let (there, back) = open(one.score);
        for (is_open, from, to) in [(there, one.one, one.other), (back, one.other, one.one)] {
            if let (true, Some(ways)) = (is_open, ways.get_mut(from)) {
                ways.push(to);
            }
        }
    }
    let mut seen = vec![false; versions];
    let mut next = vec![0];
    while let Some(version) = next.pop() {
        match seen.get_mut(version) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        next.extend(ways.get(version).into_iter().flatten().copied());
    }
    seen
}

/// The versions of which this was found.
fn places(found: &[bool], wanted: bool) -> Vec<usize> {
    found.iter().enumerate().filter(|(_, found)| **found == wanted).map(|(place, _)| place).collect()
}

fn likelihood(logs: &[f64], comparisons: &[Contest]) -> f64 {
    let at = |version: usize| logs.get(version).copied().unwrap_or(0.0);
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    comparisons
        .iter()
        .map(|one| {
            let difference = at(one.one) - at(one.other);
            one.score * difference - softplus(difference)
        })
        .sum()
}

/// The gradient of the likelihood and the information, row by row.
fn derivatives(logs: &[f64], comparisons: &[Contest]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let versions = logs.len();
    let (mut gradient, mut information) = (vec![0.0; versions], vec![vec![0.0; versions]; versions]);
    let at = |version: usize| logs.get(version).copied().unwrap_or(0.0);
    for one in comparisons {
        let wins = chance(at(one.one) - at(one.other));
        let (surplus, weight) = (one.score - wins, wins * (1.0 - wins));
        for (version, sign) in [(one.one, 1.0), (one.other, -1.0)] {
            if let Some(slope) = gradient.get_mut(version) {
                *slope += sign * surplus;
            }
            for (column, own) in [(one.one, 1.0), (one.other, -1.0)] {
                if let Some(cell) = information.get_mut(version).and_then(|row| row.get_mut(column)) {
                    *cell += sign * own * weight;
                }
            }
        }
    }
    (gradient, information)
}

/// The solution that adds up to 0 of a system whose rows add up to 0, by Gauss and Jordan; none where it is singular.
fn solved(rows: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let size = right.len();
    // With the same added everywhere the rows are independent, and a right side that adds up to 0 is solved by the same.
    let most = rows.iter().flatten().fold(0.0_f64, |most, cell| most.max(cell.abs()));
    let mut table: Vec<Vec<f64>> = rows
        .iter()
        .zip(right)
        .map(|(row, right)| row.iter().map(|cell| cell + most / size as f64).chain([*right]).collect())
        .collect();
    for column in 0..size {
        let size_of = |row: &Vec<f64>| row.get(column).map_or(0.0, |cell| cell.abs());
        let (pivot, _) = table
            .iter()
            .enumerate()
            .skip(column)
            .max_by(|(_, a), (_, b)| size_of(a).total_cmp(&size_of(b)))?;
        table.swap(column, pivot);
        let own = table.get(column)?.clone();
        let head = *own.get(column)?;
        if head.abs() < 1e-14 * most || !head.is_finite() {
            return None;
        }
        for (number, row) in table.iter_mut().enumerate() {
            let factor = if number == column { 1.0 - 1.0 / head } else { row.get(column)? / head };
            row.iter_mut().zip(&own).for_each(|(cell, own)| *cell -= factor * own);
        }
    }
    table.iter().map(|row| row.last().copied().filter(|cell| cell.is_finite())).collect()
}
