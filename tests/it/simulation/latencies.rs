//! Latencies on which the approximate methods for means and quantiles are tried: apart, paired, and in conversations.

use std::fmt::Write as _;

use super::Evidence;
use super::random::Random;
use super::settings::Population;
use super::settings::Setting;
use super::settings::Standing::Limit;

/// Which samples depend on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Design {
    /// One run, independent samples.
    Alone,
    /// Two runs of the same requests, correlation 0.8 of the logarithms.
    Same,
    /// Two runs of other requests.
    Other,
    /// One run, conversations of 5 in which half of the variance of the logarithm is shared.
    Conversations,
}

/// Lognormal latencies with a mean of one second; a candidate that is compared is slower by 5 % throughout.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Latencies {
    /// Which samples depend on each other.
    pub(crate) design: Design,
    /// The standard deviation of the logarithm.
    pub(crate) sigma: f64,
    /// The rule, at whose limit they stand.
    pub(crate) rule: &'static str,
}

impl Latencies {
    pub(super) fn evidence(&self, n: usize, random: &mut Random) -> Evidence {
        let (mut candidate, mut baseline) = (String::with_capacity(n * 48), String::new());
        let latency = |mean: f64, z: f64| mean * (self.sigma * (z - self.sigma / 2.0)).exp();
        let mut shared = 0.0;
        for i in 0..n {
            let z = random.normal();
            match self.design {
                Design::Alone => row(&mut candidate, i, "", latency(1000.0, z)),
                Design::Same => {
                    row(&mut candidate, i, "", latency(1050.0, 0.8 * z + 0.6 * random.normal()));
                    row(&mut baseline, i, "", latency(1000.0, z));
                }
                Design::Other => {
                    row(&mut candidate, i, "", latency(1050.0, z));
                    row(&mut baseline, n + i, "", latency(1000.0, random.normal()));
                }
                Design::Conversations => {
                    if i % 5 == 0 {
                        shared = random.normal();
                    }
                    let conversation = format!(r#""conversation":{},"#, i / 5);
                    row(&mut candidate, i, &conversation, latency(1000.0, (shared + z) * 0.5_f64.sqrt()));
                }
            }
        }
        Evidence { candidate, baseline: Some(baseline).filter(|text| !text.is_empty()) }
    }
}

fn row(text: &mut String, id: usize, conversation: &str, latency: f64) {
    let _ = writeln!(text, r#"{{"id":{id},{conversation}"latency_ms":{latency}}}"#);
}

/// All of them at the limit, where a method that is wrong shows it.
pub(super) fn settings() -> Vec<Setting> {
    let of = |title, truth, design, sigma, rule| {
        [100, 1000].map(|n| {
            let population = Population::Latencies(Latencies { design, sigma, rule });
            Setting::new(title, n, truth, Limit, population)
        })
    };
    let rows = [
        of("`mean latency < 1000ms`, hardly skewed", "1000 ms", Design::Alone, 0.1, "mean latency < 1000ms"),
        of(
            "`mean latency < 1000ms`, conversations of 5",
            "1000 ms",
            Design::Conversations,
            0.5,
            "mean latency < 1000ms",
        ),
        of(
            "`mean latency increase < 50ms`, same requests",
            "+50 ms",
            Design::Same,
            0.5,
            "mean latency increase < 50ms",
        ),
        of(
            "`mean latency increase < 50ms`, other requests",
            "+50 ms",
            Design::Other,
            0.5,
            "mean latency increase < 50ms",
        ),
        of(
            "`p95 latency increase < 5%`, same requests",
            "+5 %",
            Design::Same,
            0.5,
            "p95 latency increase < 5%",
        ),
        of(
            "`p95 latency increase < 5%`, other requests",
            "+5 %",
            Design::Other,
            0.5,
            "p95 latency increase < 5%",
        ),
    ];
    rows.into_iter().flatten().collect()
}
