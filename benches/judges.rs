//! How often the limits of a rate corrected by labels hold, where the truth is known: `cargo bench --bench judges [-- N]`.
//!
//! Prints Markdown tables over N simulated evaluations a setting (default 4,000). The settings are others than those on which the
//! constant of the bound was chosen: rates of 1 % to 60 %, judges from nearly useless to nearly perfect, 50 to 2,000 labels.
#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "a program that is run by hand")]

use rayon::prelude::*;
use relgate::stats::Tails;
use relgate::stats::corrected::{Corrected, Labelled, Unlabelled, stratified};

/// One kind of evaluation.
#[derive(Clone, Copy)]
struct Setting {
    /// The true rate.
    rate: f64,
    sensitivity: f64,
    specificity: f64,
    labels: u64,
    /// Cases without a label, as a multiple of those with one.
    others: u64,
    /// How much better the judge is among the labelled cases than among the others: labels that are no random part.
    drift: f64,
}

/// A stream of random numbers: `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// By the waiting times between events.
    fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if p > 0.5 {
            return n - self.binomial(n, 1.0 - p);
        }
        let (mut events, mut at, per) = (0, 0.0, (1.0 - p).ln());
        loop {
            at += ((1.0 - self.next()).ln() / per).floor() + 1.0;
            if at > n as f64 || !at.is_finite() {
                return events;
            }
            events += 1;
        }
    }
}

/// The distribution of a binomial count, to be drawn from by its quantiles.
struct Counts {
    from: u64,
    up_to: Vec<f64>,
}

impl Counts {
    fn new(n: u64, p: f64) -> Self {
        let (size, spread) = (n as f64, (n as f64 * p * (1.0 - p)).sqrt());
        let from = (size * p - 12.0 * spread - 12.0).max(0.0) as u64;
        let to = ((size * p + 12.0 * spread + 12.0) as u64).min(n);
        // Relative to the largest, so that nothing underflows.
        let mut logs = vec![0.0];
        for k in from + 1..=to {
            let last = logs.last().copied().unwrap_or(0.0);
            logs.push(last + ((n - k + 1) as f64 / k as f64 * p / (1.0 - p)).ln());
        }
        let most = logs.iter().copied().fold(f64::MIN, f64::max);
        let mut sum = 0.0;
        let mut up_to: Vec<f64> = logs
            .iter()
            .map(|log| {
                sum += (log - most).exp();
                sum
            })
            .collect();
        for share in &mut up_to {
            *share /= sum;
        }
        Self { from, up_to }
    }

    fn draw(&self, random: &mut Random) -> u64 {
        let u = random.next();
        self.from + self.up_to.partition_point(|share| *share < u) as u64
    }
}

/// Runs of which one is looked at for how wide its limits are.
const WIDTHS: u64 = 50;

/// What came of a setting: how often the upper and the lower limit held.
#[derive(Clone, Copy, Default)]
struct Tally {
    runs: u64,
    upper: u64,
    lower: u64,
    /// Upper limits added up over some runs: corrected, of the labels alone, and promised whatever the judge is like.
    tops: [f64; 3],
}

impl Setting {
    fn run(&self, runs: u64, seed: u64) -> Tally {
        let Self { rate, sensitivity, specificity, labels, others, drift } = *self;
        let rest = labels * others;
        let called = rate * sensitivity + (1.0 - rate) * (1.0 - specificity);
        let (events, positives) = (Counts::new(rest, called), Counts::new(labels, rate));
        let mut random = Random(seed);
        let mut tally = Tally { runs, ..Tally::default() };
        let nearer = |share: f64| share + drift * (1.0 - share);
        for run in 0..runs {
            let positive = positives.draw(&mut random);
            let both = random.binomial(positive, nearer(sensitivity));
            let made_up = random.binomial(labels - positive, 1.0 - nearer(specificity));
            let neither = labels - positive - made_up;
            let labelled = Labelled { both, missed: positive - both, made_up, neither };
            let unlabelled = Unlabelled { events: events.draw(&mut random), n: rest };
            let ours =
                Corrected::by_judge(labelled, unlabelled).unwrap_or_else(|_| Corrected::by_labels(labelled));
            // A limit holds where the truth is not refuted.
            let tails = ours.tails(rate).unwrap_or(Tails::NOTHING);
            tally.upper += u64::from(tails.less > ALPHA);
            tally.lower += u64::from(tails.greater > ALPHA);
            if run % WIDTHS == 0 {
                let alone = Corrected::by_labels(labelled).bounds(ALPHA);
                let all = [ours.bounds(ALPHA), alone, stratified(labelled, unlabelled, ALPHA)];
                for (sum, bounds) in tally.tops.iter_mut().zip(all) {
                    *sum += bounds.and_then(|bounds| bounds.upper).unwrap_or(1.0);
                }
            }
        }
        tally
    }

    fn truth(&self) -> String {
        format!(
            "{} % true, sensitivity {}, specificity {}, {} labels, {} other cases",
            100.0 * self.rate,
            self.sensitivity,
            self.specificity,
            self.labels,
            self.labels * self.others
        )
    }
}

impl Tally {
    fn least(&self) -> f64 {
        self.upper.min(self.lower) as f64 / self.runs as f64
    }

    fn top(&self, place: usize) -> f64 {
        self.tops[place] / self.runs.div_ceil(WIDTHS) as f64
    }
}

/// The level of the limits that are tried.
const ALPHA: f64 = 0.05;
const RATES: [f64; 8] = [0.01, 0.02, 0.035, 0.06, 0.12, 0.25, 0.4, 0.6];
const LABELS: [u64; 6] = [50, 100, 200, 400, 800, 2000];

fn settings() -> Vec<Setting> {
    let mut settings = Vec::new();
    for rate in RATES {
        for sensitivity in [0.55, 0.75, 0.9, 0.97, 0.999] {
            for specificity in [0.6, 0.8, 0.92, 0.985, 0.9985] {
                for labels in LABELS {
                    for others in [1, 4, 20] {
                        settings.push(Setting { rate, sensitivity, specificity, labels, others, drift: 0.0 });
                    }
                }
            }
        }
    }
    settings
}

fn main() {
    let asked = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let runs: u64 = asked.filter(|runs| *runs > 0).unwrap_or(4000);
    let told: Vec<(Setting, Tally)> = settings()
        .into_par_iter()
        .enumerate()
        .map(|(i, setting)| (setting, setting.run(runs, 20_261_130 + 7919 * i as u64)))
        .collect();
    by_size(&told, runs);
    lowest(told, 10 * runs);
    drifted(10 * runs);
}

/// The least shares over all judges and numbers of other cases.
fn by_size(told: &[(Setting, Tally)], runs: u64) {
    let error = (ALPHA * (1.0 - ALPHA) / runs as f64).sqrt();
    println!(
        "{} settings, {runs} evaluations each; the standard error of a share is {error:.4}.\n",
        told.len()
    );
    println!(
        "| labels | true rate | least share: upper | lower | mean upper limit | labels alone | rigorous |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|");
    for labels in LABELS {
        for rate in RATES {
            let own = |setting: &Setting| setting.labels == labels && setting.rate.total_cmp(&rate).is_eq();
            let own: Vec<&Tally> =
                told.iter().filter(|(setting, _)| own(setting)).map(|(_, tally)| tally).collect();
            let least = |of: fn(&Tally) -> u64| {
                own.iter().map(|tally| of(tally) as f64 / runs as f64).fold(1.0, f64::min)
            };
            let mean =
                |place: usize| own.iter().map(|tally| tally.top(place)).sum::<f64>() / own.len() as f64;
            println!(
                "| {labels} | {:.1} % | {:.4} | {:.4} | {:.2} % | {:.2} % | {:.2} % |",
                100.0 * rate,
                least(|tally| tally.upper),
                least(|tally| tally.lower),
                100.0 * mean(0),
                100.0 * mean(1),
                100.0 * mean(2)
            );
        }
    }
}

/// The lowest shares of thousands are low by luck as well: those settings are simulated anew.
fn lowest(mut told: Vec<(Setting, Tally)>, runs: u64) {
    told.sort_by(|(_, a), (_, b)| a.least().total_cmp(&b.least()));
    told.truncate(12);
    println!("\nThe 12 lowest, {runs} new evaluations each:\n");
    println!("| setting | upper limit holds | lower limit holds |\n|---|--:|--:|");
    let anew: Vec<(Setting, Tally)> = told
        .into_par_iter()
        .enumerate()
        .map(|(i, (setting, _))| (setting, setting.run(runs, 4_711 + 104_729 * i as u64)))
        .collect();
    for (setting, tally) in anew {
        let share = |count: u64| {
            let share = count as f64 / runs as f64;
            format!("{share:.4} \u{b1} {:.4}", (share * (1.0 - share) / runs as f64).sqrt())
        };
        println!("| {} | {} | {} |", setting.truth(), share(tally.upper), share(tally.lower));
    }
}

/// Labels that are no random part of all cases.
fn drifted(runs: u64) {
    println!("\nLabels that are no random part: the judge errs less among them than among the others.\n");
    println!(
        "| errors that the labelled cases lack | upper limit holds | lower limit holds |\n|--:|--:|--:|"
    );
    for drift in [0.0, 0.1, 0.25, 0.5] {
        let setting =
            Setting { rate: 0.06, sensitivity: 0.8, specificity: 0.96, labels: 500, others: 10, drift };
        let tally = setting.run(runs, 99 + (1000.0 * drift) as u64);
        let share = |count: u64| count as f64 / runs as f64;
        println!("| {} % | {:.3} | {:.3} |", 100.0 * drift, share(tally.upper), share(tally.lower));
    }
}
