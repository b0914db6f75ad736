//! Candidate values beside the stable ones of about the same time.

use std::collections::VecDeque;
use std::mem::take;

use serde::{Deserialize, Serialize};

use super::Arm;

/// Values at each end of a run that are kept: more only reach further away in time. Chosen so that the noise of the mean of
/// both ends adds 3 % to the variance of a single value.
const KEPT: usize = 16;

/// Splits the two streams into blocks: a run of candidate records, and the halves next to it of the stable runs before and
/// after it.
///
/// Stable values on *both* sides in time, so that a level that rises or falls within a block favours neither arm; ranks of
/// values that hardly differ otherwise would see nothing but that. Of a stable run with an odd number of values the middle
/// one goes to the later and to the earlier block in turn. *An empty block is none*: a candidate run to which no stable value
/// falls is left out, and no value is used twice. A block with several of both is cut into as many parts as it has values of
/// the rarer arm, in order of time. Of a run only the first 16 and the last 16 values are kept.
///
/// Which values fall together depends on the order of arms alone, never on values, so the parts are independent where the
/// records are.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Runs {
    /// The half of the stable run before the candidate one.
    before: Vec<f64>,
    candidate: Run,
    after: Run,
    /// Where the middle of the next odd run goes.
    to_earlier: bool,
}

impl Runs {
    /// Adds a value; the block that it completes, if one: the first candidate record after a stable run does.
    pub(super) fn record(&mut self, arm: Arm, value: f64) -> Option<Block> {
        if arm == Arm::Stable {
            self.after.push(value);
            return None;
        }
        let mut block = None;
        if self.after.length > 0 {
            let run = take(&mut self.after);
            let (earlier, later) = run.halves(self.to_earlier);
            self.to_earlier ^= run.length % 2 == 1;
            let mut stable = take(&mut self.before);
            stable.extend(earlier);
            self.before = later;
            let candidate = take(&mut self.candidate).values();
            block = Some(Block { stable, candidate }).filter(Block::is_whole);
        }
        self.candidate.push(value);
        block
    }
}

/// Records of one arm without one of the other in between: the ends of their values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Run {
    first: Vec<f64>,
    last: VecDeque<f64>,
    length: u64,
}

impl Run {
    fn push(&mut self, value: f64) {
        self.length += 1;
        if self.first.len() < KEPT {
            return self.first.push(value);
        }
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(value);
    }

    fn values(&self) -> Vec<f64> {
        self.first.iter().chain(&self.last).copied().collect()
    }

    /// The earlier and the later half of what is kept.
    fn halves(&self, middle_to_earlier: bool) -> (Vec<f64>, Vec<f64>) {
        let mut earlier = self.values();
        let odd = usize::from(middle_to_earlier) * (earlier.len() % 2);
        let later = earlier.split_off(earlier.len() / 2 + odd);
        (earlier, later)
    }
}

/// Values of both arms, in order of time.
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
    fn is_whole(&self) -> bool {
        !self.stable.is_empty() && !self.candidate.is_empty()
    }

    /// As many parts as there are values of the rarer arm.
    pub(super) fn parts(&self) -> impl Iterator<Item = BlockPart<'_>> {
        let parts = self.stable.len().min(self.candidate.len());
        (0..parts).filter_map(move |i| {
            let (stable, candidate) = (part(&self.stable, i, parts)?, part(&self.candidate, i, parts)?);
            Some(BlockPart { stable, candidate })
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of a text of arms, where every value is its place: candidates, then stable ones.
    fn blocks(arms: &str) -> Vec<(Vec<f64>, Vec<f64>)> {
        let mut runs = Runs::default();
        let arm = |c: char| if c == 'c' { Arm::Candidate } else { Arm::Stable };
        let found = arms.chars().enumerate().filter_map(|(i, c)| runs.record(arm(c), i as f64));
        found.map(|block| (block.candidate, block.stable)).collect()
    }

    #[test]
    fn stable_values_stand_on_both_sides() {
        // The first half of the first run has no candidate before it.
        let got = blocks("sssscsssscc");
        assert_eq!(got, [(vec![4.0], vec![2.0, 3.0, 5.0, 6.0])]);
    }

    #[test]
    fn a_middle_goes_to_either_side_in_turn_and_a_run_with_nothing_is_left_out() {
        // The stable records at 1, 3, 5, 7 go to later, earlier, later, earlier: the candidate at 4 has none.
        let got = blocks("cscscscsc");
        assert_eq!(got, [(vec![2.0], vec![1.0, 3.0]), (vec![6.0], vec![5.0, 7.0])]);
    }

    #[test]
    fn no_value_is_used_twice_and_memory_is_bounded() {
        let arms = format!("{}{}{}c", "s".repeat(500), "c".repeat(500), "s".repeat(500));
        let got = blocks(&arms);
        let [(candidate, stable)] = got.as_slice() else { panic!("{got:?}") };
        assert_eq!((candidate.len(), stable.len()), (32, 32));
        assert_eq!((stable[0], stable[15], stable[16]), (484.0, 499.0, 1000.0));
        let block = Block { stable: stable.clone(), candidate: candidate[..5].to_vec() };
        let parts: Vec<_> = block.parts().collect();
        assert_eq!(parts.len(), 5);
        assert_eq!(parts.iter().map(|part| part.stable.len()).sum::<usize>(), 32);
        assert!(parts.iter().all(|part| part.candidate.len() == 1));
    }
}
