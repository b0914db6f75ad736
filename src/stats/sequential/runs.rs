//! Candidate values beside the stable ones of about the same time.

use std::collections::VecDeque;

use super::Arm;

/// Values of one run that are kept: more only reach further back in time. Chosen so that the noise of their mean adds 3 %
/// to the variance of a single value.
const KEPT: usize = 32;

/// Splits the two streams into blocks: a run of stable records and the run of candidate records after it.
///
/// A block is complete at the first stable record after its candidate ones. *An empty block is none*: candidate records
/// without a stable one since the last candidate record join their run, so nothing waits for a partner and no value is used
/// twice. A block with several of both is cut into as many parts as the shorter run has values, in order, so that at equal
/// weights little is lost. Candidate records before the first stable one are left out, and of a run only the last 32 are
/// kept: where one arm is rare the other's older values are of another time of the day.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Runs {
    stable: VecDeque<f64>,
    candidate: VecDeque<f64>,
}

impl Runs {
    /// Adds a value; the block that it completes, if one.
    pub(super) fn record(&mut self, arm: Arm, value: f64) -> Option<Block> {
        match arm {
            Arm::Candidate if self.stable.is_empty() => None,
            Arm::Candidate => {
                keep(&mut self.candidate, value);
                None
            }
            Arm::Stable => {
                let complete = !self.candidate.is_empty();
                let block = complete.then(|| Block {
                    stable: self.stable.drain(..).collect(),
                    candidate: self.candidate.drain(..).collect(),
                });
                keep(&mut self.stable, value);
                block
            }
        }
    }
}

fn keep(run: &mut VecDeque<f64>, value: f64) {
    if run.len() == KEPT {
        run.pop_front();
    }
    run.push_back(value);
}

/// Values of both arms, at least one of each.
#[derive(Debug)]
pub(super) struct Block {
    stable: Vec<f64>,
    candidate: Vec<f64>,
}

/// Some values of both arms, at least one of each, that are in no other part.
#[derive(Debug)]
pub(super) struct BlockPart<'a> {
    pub(super) stable: &'a [f64],
    pub(super) candidate: &'a [f64],
}

impl Block {
    /// As many parts as the shorter run has values.
    pub(super) fn parts(&self) -> impl Iterator<Item = BlockPart<'_>> {
        let parts = self.stable.len().min(self.candidate.len());
        (0..parts).filter_map(move |i| {
            Some(BlockPart {
                stable: part(&self.stable, i, parts)?,
                candidate: part(&self.candidate, i, parts)?,
            })
        })
    }
}

/// The `i`-th of `parts` stretches of nearly equal length.
fn part(values: &[f64], i: usize, parts: usize) -> Option<&[f64]> {
    values.get(i * values.len() / parts..(i + 1) * values.len() / parts)
}

/// The mean of at least one value.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
