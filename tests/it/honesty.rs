//! The verdicts keep their error rates: real code from samples to decision, on releases whose truth is known.
//!
//! Seeds are fixed, so a failure is a change of the code and never bad luck. `cargo bench --bench honesty` prints the
//! same settings as a table with more releases.

use crate::simulation::{Random, Setting, Standing, Tally, settings, simulate};
use rayon::prelude::*;
use relgate::stats::bootstrap::{Contrast, Counts};
use relgate::stats::clears;

/// The same releases everywhere.
const SEED: u64 = 20_261_120;

/// Fewer releases where one is large.
fn releases(setting: &Setting) -> u64 {
    (800_000 / setting.n as u64).clamp(300, 2000)
}

/// All settings with what was simulated of each, once for all tests.
fn simulated() -> &'static [(Setting, Tally)] {
    static SIMULATED: std::sync::LazyLock<Vec<(Setting, Tally)>> = std::sync::LazyLock::new(|| {
        let tallied = |(i, setting): (usize, Setting)| {
            let tally = simulate(&setting, releases(&setting), SEED + i as u64);
            (setting, tally)
        };
        settings().into_iter().enumerate().map(tallied).collect()
    });
    &SIMULATED
}

#[test]
fn bad_releases_pass_and_good_ones_fail_no_more_often_than_documented() {
    let found: Vec<String> =
        simulated().iter().flat_map(|(setting, tally)| setting.complaints(tally)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The check above must be able to fail: a gate on point estimates does not survive it anywhere at the limit.
#[test]
fn a_gate_on_point_estimates_is_found_out() {
    let at_limit = simulated().iter().filter(|(setting, _)| setting.standing == Standing::Limit);
    let mut looked_at = 0;
    for (setting, tally) in at_limit {
        let fail = tally.releases - tally.naive_pass;
        let naive = Tally { pass: tally.naive_pass, inconclusive: 0, fail, ..*tally };
        assert!(!setting.complaints(&naive).is_empty(), "{setting:?}: {naive:?}");
        looked_at += 1;
    }
    assert!(looked_at > 10, "{looked_at}");
}

/// Neither does one that never decides, wherever the documented power is asked for.
#[test]
fn a_gate_that_never_decides_is_found_out() {
    let asked = simulated().iter().filter(|(setting, _)| setting.power > 0.2);
    let mut looked_at = 0;
    for (setting, tally) in asked {
        let idle = Tally { pass: 0, inconclusive: tally.releases, fail: 0, ..*tally };
        assert_eq!(setting.complaints(&idle).len(), 1, "{setting:?}");
        looked_at += 1;
    }
    assert!(looked_at > 10, "{looked_at}");
}

#[test]
fn the_same_seed_gives_the_same_tally() {
    let setting = &settings()[1];
    let tally = simulate(setting, 300, 1);
    assert_eq!(simulate(setting, 300, 1), tally);
    assert_ne!(simulate(setting, 300, 2), tally);
    assert_eq!(tally.pass + tally.inconclusive + tally.fail, tally.releases);
}

/// Costs and tokens of a request: a ratio of sums of 2, both lognormal.
fn request(random: &mut Random) -> [f64; 2] {
    let tokens = (0.5 * random.normal()).exp();
    [2.0 * tokens * (0.4 * random.normal() - 0.08).exp(), tokens]
}

/// The machine of BLEU-like metrics holds its level at the margin about nominally (`research/stats.md`: .931 to .954).
#[test]
fn the_bootstrap_holds_its_level_about_nominally() {
    let ratio = |sums: &[f64]| sums.iter().copied().reduce(|cost, tokens| cost / tokens).unwrap_or(f64::NAN);
    let (releases, n, alpha) = (1000_u64, 200, 0.05);
    let judged = |release| {
        let mut random = Random::new(SEED, release);
        let mut rows = || (0..n).flat_map(|_| request(&mut random)).collect::<Vec<_>>();
        let (candidate, baseline) = (rows(), rows());
        let counts = Counts::new(2, &candidate, Some(&baseline), None).ok()?;
        // The same samples under both questions, each at a margin that is exactly true.
        let tails = |contrast, t| counts.resample(ratio, contrast, (400, alpha), release).ok()?.tails(t);
        let (level, relative) = (tails(Contrast::Level, 2.0)?, tails(Contrast::Ratio, 1.0)?);
        Some([level.less, level.greater, relative.less, relative.greater].map(|p| clears(p, alpha)))
    };
    let judged: Vec<[bool; 4]> = (0..releases).into_par_iter().filter_map(judged).collect();
    assert_eq!(judged.len() as u64, releases);
    for claim in 0..4 {
        let share =
            judged.iter().filter(|shown| shown.get(claim) == Some(&true)).count() as f64 / releases as f64;
        let slack = 3.0 * crate::simulation::standard_error(alpha, releases);
        assert!((alpha - slack..alpha + slack).contains(&share), "claim {claim}: {share}");
    }
}
