//! How often rollouts without harm raise an alarm while every request is looked at, and how soon harm does: `cargo bench --bench watching
//! [-- N]`.
//!
//! Prints Markdown tables over N simulated rollouts a line (default 2,000; of the slow ones fewer), relgate's tests beside a z test that is
//! repeated at every request, a window and a tuned CUSUM.
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a program that is run by hand"
)]

#[path = "../tests/it/watching/at_limit.rs"]
mod at_limit;
#[path = "../tests/it/watching/numbers.rs"]
mod numbers;
#[path = "../tests/it/watching/production.rs"]
mod production;
#[path = "../tests/it/simulation/random.rs"]
mod random;
#[path = "../tests/it/watching/rates.rs"]
mod rates;
#[path = "../tests/it/watching/settings.rs"]
mod settings;
#[path = "../tests/it/watching/traffic.rs"]
mod traffic;

use rayon::prelude::*;
use relgate::stats::proportion::clopper_pearson;

use production::{PERIOD, PRODUCTION, PROMOTED, Production};
use random::Random;
use rates::Alarms;
use traffic::Traffic;

fn main() {
    let asked = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let runs: u64 = asked.filter(|runs| *runs > 0).unwrap_or(2000);
    println!("{runs} rollouts a line; exact 95 % intervals in brackets.\n");
    println!("## Rollouts without harm: share with a false alarm (meant: at most .05)\n");
    println!("| traffic | looks | relgate | z test repeated | window | CUSUM |\n|---|--:|--:|--:|--:|--:|");
    let of_rates = |harm: f64, list: &[Traffic], runs: u64, seed: u64| -> Vec<Vec<Alarms>> {
        let one = |(i, traffic): (usize, &Traffic)| {
            let tuned = rates::tune(traffic, 1000, 17 + i as u64);
            let run = |run| rates::rollout(traffic, harm, &tuned, Random::new(seed + i as u64, run));
            (0..runs).into_par_iter().map(run).collect()
        };
        list.iter().enumerate().map(one).collect()
    };
    for (traffic, alarms) in settings::SOUND.iter().zip(of_rates(1.0, &settings::SOUND, runs, 1000)) {
        false_alarms(traffic.title, traffic.requests(), &alarms);
    }
    let of_values = |harm: f64, runs: u64, seed: u64| -> Vec<Vec<Alarms>> {
        let one = |(i, values): (usize, &numbers::Values)| {
            let tuned = numbers::tune(values, 400, 19 + i as u64);
            let run = |run| numbers::rollout(values, harm, tuned, Random::new(seed + i as u64, run));
            (0..runs).into_par_iter().map(run).collect()
        };
        numbers::VALUES.iter().enumerate().map(one).collect()
    };
    for (values, alarms) in numbers::VALUES.iter().zip(of_values(1.0, runs, 2000)) {
        false_alarms(values.title, values.requests, &alarms);
    }
    println!("\n## The same where an assumption is broken\n");
    println!("| traffic | looks | relgate | z test repeated | window | CUSUM |\n|---|--:|--:|--:|--:|--:|");
    for (traffic, alarms) in settings::BROKEN.iter().zip(of_rates(1.0, &settings::BROKEN, runs, 3000)) {
        false_alarms(traffic.title, traffic.requests(), &alarms);
    }
    println!(
        "\n## Exactly at the limit: share of rollouts in which anything was said (meant: at most .05)\n"
    );
    println!("| what | assumptions | share |\n|---|---|--:|");
    for (i, trial) in at_limit::TRIALS.iter().enumerate() {
        let said = |run: &u64| (trial.run)(&mut Random::new(6000 + i as u64, *run));
        let said = (0..runs).into_par_iter().filter(said).count() as u64;
        let kept = if trial.sound { "kept" } else { "**broken**" };
        println!("| {} | {kept} | {} |", trial.title, with_interval(said, runs));
    }
    println!("\n## Harm: share seen, and the median requests until then\n");
    println!("| traffic | harm | relgate | z test repeated | window | CUSUM |\n|---|--:|--:|--:|--:|--:|");
    let fewer = (runs / 4).max(1);
    for harm in [2.0, 4.0] {
        for (traffic, alarms) in settings::SOUND.iter().zip(of_rates(harm, &settings::SOUND, fewer, 4000)) {
            // A rate of 30 % cannot be four times as high.
            if harm * traffic.rates[0] < 0.9 {
                delays(traffic.title, harm, &alarms);
            }
        }
    }
    for harm in [1.5, 2.0] {
        for (values, alarms) in numbers::VALUES.iter().zip(of_values(harm, fewer, 5000)) {
            delays(values.title, harm, &alarms);
        }
    }
    println!("\nOver {fewer} rollouts a line.\n");
    after_rollout((runs / 20).max(1));
    promoted((runs / 20).max(1));
}

/// What an own rate is held against after full rollout, in a rate that does not change but over the day.
fn promoted(runs: u64) {
    println!(
        "\n## A rate held against its own rollout: false alarms in 90 days, and minutes until a tripled rate is seen\n"
    );
    println!(
        "| traffic, rollout | swing | held against the average: alarms | its worst time of day: alarms | tripled |"
    );
    println!("|---|--:|--:|--:|--:|");
    for (i, promoted) in PROMOTED.iter().enumerate() {
        let one = |run| {
            let mut random = Random::new(90 + i as u64, run);
            let [average, worst] = promoted.limits(&mut random);
            let mut alarm =
                |limit: Option<f64>, times, minutes| promoted.alarm(limit?, times, minutes, &mut random);
            let [false_ones, true_one] = [alarm(worst, 1.0, PERIOD), alarm(worst, 3.0, 40_000)];
            (alarm(average, 1.0, PERIOD).is_some(), false_ones.is_some(), true_one.unwrap_or(u64::MAX))
        };
        let all: Vec<(bool, bool, u64)> = (0..runs).into_par_iter().map(one).collect();
        let average = all.iter().filter(|(average, ..)| *average).count();
        let worst = all.iter().filter(|(_, worst, _)| *worst).count();
        let mut delays: Vec<u64> = all.iter().map(|(.., delay)| *delay).collect();
        delays.sort_unstable();
        let median = delays[delays.len() / 2];
        println!(
            "| {} | {:.0} % | in {average} of {runs} | **in {worst} of {runs}** | {median} min |",
            promoted.title,
            100.0 * promoted.swing
        );
    }
}

fn share(alarms: &[Alarms], of: fn(&Alarms) -> Option<u64>) -> (u64, f64) {
    let raised = alarms.iter().filter(|alarms| of(alarms).is_some()).count() as u64;
    (raised, raised as f64 / alarms.len() as f64)
}

fn false_alarms(title: &str, looks: u64, alarms: &[Alarms]) {
    let (raised, _) = share(alarms, |alarms| alarms.ours);
    let ours = with_interval(raised, alarms.len() as u64);
    let others: [fn(&Alarms) -> Option<u64>; 3] =
        [|alarms| alarms.peeking, |alarms| alarms.window, |alarms| alarms.cusum];
    let [peeking, window, cusum] = others.map(|of| share(alarms, of).1);
    println!("| {title} | {looks} | {ours} | {peeking:.3} | {window:.3} | {cusum:.3} |");
}

fn with_interval(count: u64, runs: u64) -> String {
    let bounds = clopper_pearson(count as f64, runs as f64, 0.025).unwrap();
    let (lower, upper) = (bounds.lower.unwrap_or(0.0), bounds.upper.unwrap_or(1.0));
    format!("**{:.3}** [{lower:.3}, {upper:.3}]", count as f64 / runs as f64)
}

fn delays(title: &str, harm: f64, alarms: &[Alarms]) {
    let cell = |of: fn(&Alarms) -> Option<u64>| {
        let mut seen: Vec<u64> = alarms.iter().filter_map(of).collect();
        seen.sort_unstable();
        let share = seen.len() as f64 / alarms.len() as f64;
        seen.get(seen.len() / 2).map_or("0".to_owned(), |median| format!("{share:.2} / {median}"))
    };
    println!(
        "| {title} | x{harm} | {} | {} | {} | {} |",
        cell(|alarms| alarms.ours),
        cell(|alarms| alarms.peeking),
        cell(|alarms| alarms.window),
        cell(|alarms| alarms.cusum)
    );
}

/// The detector; the rates of false alarms are of whole periods of 90 days.
fn after_rollout(runs: u64) {
    println!("## After full rollout: one false alarm in 90 days is allowed\n");
    println!("| production | truth | `e-sr` | window, over twice the limit | CUSUM |\n|---|---|--:|--:|--:|");
    for (i, production) in PRODUCTION.iter().enumerate() {
        let tuned = tune(production, runs, 60 + i as u64);
        let watched = |rate: f64, minutes: u64, runs: u64, seed: u64| -> Vec<production::MinuteAlarms> {
            let one = |run| {
                production::watch(production, rate, minutes, tuned, &mut Random::new(seed + i as u64, run)).0
            };
            (0..runs).into_par_iter().map(one).collect()
        };
        for (name, rate) in [("healthy", production.healthy), ("at the limit", production.limit)] {
            let alarms = watched(rate, PERIOD, runs, 70);
            let share = |of: fn(&production::MinuteAlarms) -> Option<u64>| {
                format!("in {} of {runs}", alarms.iter().filter(|alarms| of(alarms).is_some()).count())
            };
            println!(
                "| {} | {name}, 90 days | **{}** | {} | {} |",
                production.title,
                share(|alarms| alarms.ours),
                share(|alarms| alarms.window),
                share(|alarms| alarms.cusum)
            );
        }
        for times in [2.0, 4.0] {
            let alarms = watched(times * production.limit, 40_000, 4 * runs, 80);
            let median = |of: fn(&production::MinuteAlarms) -> Option<u64>| {
                let mut seen: Vec<u64> = alarms.iter().map(|alarms| of(alarms).unwrap_or(u64::MAX)).collect();
                seen.sort_unstable();
                let median = seen.get(seen.len() / 2).filter(|median| **median < u64::MAX);
                median.map_or("not seen".to_owned(), |median| format!("{median} min"))
            };
            println!(
                "| {} | {times} x the limit: median | **{}** | {} | {} |",
                production.title,
                median(|alarms| alarms.ours),
                median(|alarms| alarms.window),
                median(|alarms| alarms.cusum)
            );
        }
    }
    println!("\n{runs} runs of 90 days, {} of each harm.", 4 * runs);
}

/// The threshold of CUSUM with a mean time of 90 days between false alarms at the limit, if traffic were steady: it is above in one run of
/// 90 days with chance `1 - 1/e`.
fn tune(production: &Production, runs: u64, seed: u64) -> f64 {
    let calm = Production { swing: 0.0, ..*production };
    let one =
        |run| production::watch(&calm, calm.limit, PERIOD, f64::INFINITY, &mut Random::new(seed, run)).1;
    let mut tops: Vec<f64> = (0..runs).into_par_iter().map(one).collect();
    tops.sort_by(f64::total_cmp);
    tops[(0.368 * runs as f64) as usize]
}
