//! Tests of the bootstrap: sums, draws, counts and refusals.

use super::*;

/// Counts of 150 samples: an event count and a length, both a little noisy.
fn rows(shift: f64) -> Vec<f64> {
    let row = |i: u32| [f64::from(i * 7 % 11) + shift, f64::from(20 + i * 5 % 13)];
    (0..150).flat_map(row).collect()
}

fn ratio(sums: &[f64]) -> f64 {
    sums[0] / sums[1]
}

fn counts(clusters: Option<&[u64]>) -> Counts {
    Counts::new(2, &rows(0.5), Some(&rows(0.0)), clusters).unwrap()
}

#[test]
fn sums_are_those_of_the_rows() {
    let (candidate, baseline) = (rows(0.5), rows(0.0));
    let drawn: Vec<u32> = (0..150).map(|i| i * i % 149).collect();
    let sum = |rows: &[f64], j: usize| drawn.iter().map(|i| rows[2 * *i as usize + j]).sum::<f64>();
    let want = sum(&candidate, 0) / sum(&candidate, 1) - sum(&baseline, 0) / sum(&baseline, 1);
    let got = counts(None).replicate(&drawn, ratio, Contrast::Difference);
    assert!((got - want).abs() < 1e-14, "{got} {want}");
    // More counts than lanes, and a side alone.
    let wide: Vec<f64> = (0..101 * 11).map(f64::from).collect();
    let alone = Counts::new(11, &wide, None, None).unwrap();
    let columns: Vec<f64> = (0..11).map(|j| (0..101).map(|i| f64::from(i * 11 + j)).sum()).collect();
    assert_eq!(alone.value(|sums| f64::from(u8::from(sums == columns)), Contrast::Level), Some(1.0));
    assert_eq!(alone.value(|sums| sums[0], Contrast::Difference), None);
}

#[test]
fn tails_count_and_limits_are_where_they_clear() {
    let values: Vec<f64> = (1..=399).map(f64::from).collect();
    let replicates = Replicates::new(200.0, values);
    let tails = replicates.tails(381.0).unwrap();
    assert!((tails.less - 20.0 / 400.0).abs() < 1e-15 && (tails.greater - 382.0 / 400.0).abs() < 1e-15);
    let bounds = replicates.bounds(0.05).unwrap();
    assert_eq!((bounds.lower, bounds.upper), (Some(20.0), Some(380.0)));
    for (t, clear) in [(380.0, false), (380.1, true)] {
        assert_eq!(crate::stats::clears(replicates.tails(t).unwrap().less, 0.05), clear, "{t}");
        assert_eq!(crate::stats::clears(replicates.tails(400.0 - t).unwrap().greater, 0.05), clear);
    }
}

#[test]
fn what_is_unknown_counts_against_both_claims() {
    let mut values: Vec<f64> = (1..=399).map(f64::from).collect();
    values[..10].fill(f64::NAN);
    let replicates = Replicates::new(200.0, values);
    assert_eq!(replicates.resamples(), 399);
    let tails = replicates.tails(1000.0).unwrap();
    assert!((tails.less - 11.0 / 400.0).abs() < 1e-15 && tails.greater >= 1.0);
    assert_eq!(replicates.bounds(0.05).unwrap().upper, Some(390.0));
    assert_eq!(replicates.bounds(0.02), Some(Bounds::UNBOUNDED));
    assert_eq!(Replicates::new(1.0, vec![f64::NAN; 400]).tails(5.0), None);
}

#[test]
fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
    let draw = |threads: usize, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| counts(None).resample(ratio, Contrast::Ratio, (500, 0.05), seed).unwrap())
    };
    assert_eq!(draw(1, 7), draw(3, 7));
    assert_ne!(draw(2, 7), draw(2, 8));
    // Pinned: a change of the stream changes verdicts of evidence that is already judged.
    assert_eq!(drawn(7, 3, 1000)[..4], PINNED);
    assert_eq!(drawn(7, 3, 100_000)[..2], PINNED_OF_MANY);
}

const PINNED: [u32; 4] = [277, 773, 981, 255];
const PINNED_OF_MANY: [u32; 2] = [27_771, 98_173];

fn drawn(seed: u64, resample: u64, units: usize) -> Vec<u32> {
    let mut drawn = Vec::new();
    Random::new(seed, resample).fill(&mut drawn, units);
    drawn
}

#[test]
fn draws_are_uniform() {
    for units in [9, 10, 70_000] {
        let mut seen = [0_u32; 10];
        for resample in 0..(100_000 / units as u64).max(1) {
            for unit in drawn(1, resample, units) {
                seen[unit as usize * 10 / units] += 1;
            }
        }
        // About 10,000 each with a standard deviation of 95; nine units leave one place of ten empty.
        let places = units.min(10) as u32;
        let all: u32 = seen.iter().sum();
        let near = |count: &u32| count.abs_diff(all / places) < 400;
        assert_eq!(seen.iter().filter(|count| near(count)).count(), places as usize, "{units}: {seen:?}");
        assert_eq!(drawn(1, 0, units).len(), units);
    }
}

#[test]
fn the_spread_is_that_of_the_mean() {
    let values: Vec<f64> = (0..400).map(|i| f64::from(i * 37 % 101)).collect();
    let mean = |sums: &[f64]| sums[0] / 400.0;
    let counts = Counts::new(1, &values, None, None).unwrap();
    let replicates = counts.resample(mean, Contrast::Level, (10_000, 0.05), 5).unwrap();
    let drawn = crate::stats::Moments::from_slice(replicates.sorted()).unwrap();
    let error = crate::stats::Moments::from_slice(&values).unwrap().standard_error().unwrap();
    assert!((drawn.variance().unwrap().sqrt() / error - 1.0).abs() < 0.03);
    assert!((drawn.mean().unwrap() - replicates.value()).abs() < 0.05 * error);
}

#[test]
fn clusters_are_drawn_whole() {
    // Pairs of equal samples: as clusters they are half as many independent values.
    let values: Vec<f64> = (0..400).map(|i| f64::from(i / 2 * 37 % 101)).collect();
    let labels: Vec<u64> = (0..400).map(|i| 1000 - i / 2).collect();
    let variance = |labels: Option<&[u64]>| {
        let counts = Counts::new(1, &values, None, labels).unwrap();
        let drawn = counts.resample(|sums| sums[0], Contrast::Level, (4000, 0.05), 5).unwrap();
        (counts.units(), crate::stats::Moments::from_slice(drawn.sorted()).unwrap().variance().unwrap())
    };
    let ((all, alone), (pairs, paired)) = (variance(None), variance(Some(&labels)));
    assert_eq!((all, pairs), (400, 200));
    assert!((1.8..2.2).contains(&(paired / alone)), "{paired} {alone}");
}

#[test]
fn identical_sides_show_nothing() {
    let same = Counts::new(2, &rows(0.0), Some(&rows(0.0)), None).unwrap();
    let replicates = same.resample(ratio, Contrast::Difference, (400, 0.05), 1).unwrap();
    assert_eq!(replicates.tails(0.1), None);
    assert_eq!(replicates.bounds(0.05), None);
}

#[test]
fn the_level_asks_for_resamples() {
    assert_eq!(least_resamples(0.05), Some(400));
    assert_eq!(least_resamples(0.01), Some(2000));
    let drawn = |asked, alpha| counts(None).resample(ratio, Contrast::Ratio, (asked, alpha), 1);
    assert_eq!(drawn(10, 0.01).unwrap().resamples(), 2000);
    assert_eq!(drawn(2500, 0.01).unwrap().resamples(), 2500);
    for bad in [0.0, 1.0, f64::NAN, 1e-9] {
        assert_eq!(drawn(400, bad), Err(Refused::Level));
    }
}

#[test]
fn nonsense() {
    let few = [1.0; 99];
    let refused = |values: &[f64], labels: Option<&[u64]>| {
        Counts::new(1, values, None, labels)
            .and_then(|counts| counts.resample(|sums| sums[0], Contrast::Level, (400, 0.05), 1))
            .unwrap_err()
    };
    assert_eq!(refused(&few, None), Refused::TooFew(99));
    assert_eq!(refused(&[], None), Refused::TooFew(0));
    assert_eq!(refused(&[1.0; 500], Some(&[7; 500])), Refused::TooFew(1));
    assert_eq!(refused(&[1.0; 500], Some(&[7; 499])), Refused::Mismatch);
    assert_eq!(refused(&[f64::NAN; 500], None), Refused::NotFinite);
    assert_eq!(refused(&[f64::MAX; 500], None), Refused::NotFinite);
    assert_eq!(Counts::new(0, &few, None, None).unwrap_err(), Refused::Mismatch);
    assert_eq!(Counts::new(2, &few, None, None).unwrap_err(), Refused::Mismatch);
    assert_eq!(Counts::new(1, &few, Some(&few[1..]), None).unwrap_err(), Refused::Mismatch);
    let counts = counts(None);
    assert_eq!(counts.value(|_| f64::INFINITY, Contrast::Level), None);
    assert_eq!(counts.value(|sums| -sums[0], Contrast::Ratio), None, "the baseline is not positive");
    let unknown = counts.resample(|_| f64::NAN, Contrast::Level, (400, 0.05), 1);
    assert_eq!(unknown, Err(Refused::NotFinite));
}

/// `hashlib.sha256` over the same parts.
#[test]
fn seeds() {
    assert_eq!(seed("bleu-holds", &["ab", "cd"]), SEED);
    assert_ne!(seed("bleu-holds", &["abc", "d"]), SEED);
    assert_ne!(seed("bleu-holds", &["cd", "ab"]), SEED);
}

const SEED: u64 = 0x51fd_df39_980a_06e6;
