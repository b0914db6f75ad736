//! Simulated releases whose truth is known, judged by the real code from the bytes of their samples to the decision.
//!
//! `tests/honesty.rs` asserts the error rates of every setting with fixed seeds, `honesty_table.rs` prints them as
//! a table. The settings are those of the headline tables of the statistical notes. Beside each verdict stands that
//! of a gate on point estimates: a value on the good side of its threshold passes, any other fails.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a simulation that cannot be judged stops where it stands"
)]

mod hard;
mod latencies;
pub(crate) mod random;
mod settings;

use std::fmt::Write as _;
use std::io;

use rayon::prelude::*;
use relgate::change::Required;
use relgate::diagnostic::{Diagnostics, Sources};
use relgate::evidence::{self, Compression, Depth, Format, Source};
use relgate::gate::{self, Assessed, Gate};
use relgate::manifest::{self, Manifest};
use relgate::metric::{self, Assessment, Bound, Input, Offer, Overlap, Plan, RowsAs, Side, Table};
use relgate::verdict::{self, Decision, Verdict};

pub(crate) use random::Random;
use settings::Population;
pub(crate) use settings::{Setting, Standing, settings};

/// What became of the simulated releases of one setting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Releases.
    pub(crate) releases: u64,
    /// Those that passed.
    pub(crate) pass: u64,
    /// Those that the evidence did not decide.
    pub(crate) inconclusive: u64,
    /// Those that failed.
    pub(crate) fail: u64,
    /// Those that a gate on point estimates lets through.
    pub(crate) naive_pass: u64,
}

impl Tally {
    fn of(verdict: &Verdict) -> Self {
        let good_side = |gate: &verdict::GateResult| gate.part().is_some_and(|part| !part.on_bad_side);
        let is = |decision| u64::from(verdict.decision == decision);
        assert_ne!(
            verdict.decision,
            Decision::Error,
            "a simulated release could not be judged: {verdict:#?}"
        );
        Self {
            releases: 1,
            pass: is(Decision::Pass),
            inconclusive: is(Decision::Inconclusive),
            fail: is(Decision::Fail),
            naive_pass: u64::from(verdict.gates.iter().all(good_side)),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            releases: self.releases + other.releases,
            pass: self.pass + other.pass,
            inconclusive: self.inconclusive + other.inconclusive,
            fail: self.fail + other.fail,
            naive_pass: self.naive_pass + other.naive_pass,
        }
    }

    /// A count as a share of the releases.
    #[must_use]
    pub(crate) fn share(&self, count: u64) -> f64 {
        count as f64 / self.releases as f64
    }
}

/// One standard error of a share seen in `releases` simulated releases.
#[must_use]
pub(crate) fn standard_error(share: f64, releases: u64) -> f64 {
    (share * (1.0 - share) / releases as f64).sqrt()
}

/// Standard errors that a share may lie beyond its limit.
const SLACK: f64 = 4.0;

impl Setting {
    /// What a tally says against the documented error rates and the power of its setting.
    #[must_use]
    pub(crate) fn complaints(&self, tally: &Tally) -> Vec<String> {
        let place = format!("{} at {} (n = {})", self.title, self.truth, self.n);
        let mut found = Vec::new();
        let mut at_most = |what: &str, count: u64, limit: f64| {
            let share = tally.share(count);
            if share > limit + SLACK * standard_error(limit, tally.releases) {
                found.push(format!("{place}: {share:.4} {what}, more than {limit}"));
            }
        };
        if self.standing != Standing::Good {
            at_most("pass", tally.pass, self.false_pass);
        }
        if self.standing != Standing::Bad {
            at_most("fail", tally.fail, self.false_fail);
        }
        let (right, what) = match self.standing {
            Standing::Good => (tally.pass, "pass"),
            Standing::Bad | Standing::Limit => (tally.fail, "fail"),
        };
        let share = tally.share(right);
        if share < self.power - SLACK * standard_error(self.power, tally.releases) {
            found.push(format!("{place}: {share:.4} {what}, less than {}", self.power));
        }
        found
    }
}

/// Simulates releases of a setting. The same seed gives the same tally on every machine and number of threads.
#[must_use]
pub(crate) fn simulate(setting: &Setting, releases: u64, seed: u64) -> Tally {
    let gates = Rules::new(setting);
    (0..releases)
        .into_par_iter()
        .map(|release| {
            let mut random = Random::new(seed, release);
            Tally::of(&gates.judge(&setting.evidence(&mut random)))
        })
        .reduce(Tally::default, Tally::plus)
}

/// Samples in memory.
struct Bytes<'a>(&'a [u8]);

impl Source for Bytes<'_> {
    fn name(&self) -> &'static str {
        "samples.jsonl"
    }

    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or(&[]);
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// JSON Lines of the candidate and, for a comparison, of the baseline.
pub(crate) struct Evidence {
    candidate: String,
    baseline: Option<String>,
}

/// The gates of a setting, bound once to the shape of its evidence.
struct Rules {
    manifest: Manifest,
    gates: Vec<Gate>,
    plan: Plan,
}

impl Rules {
    fn new(setting: &Setting) -> Self {
        let cluster = setting.population.cluster();
        let mut text = format!(
            "relgate: 1\nname: simulated\nversion: 1.0.0\ntype: prompt-release\nbaseline: releases/0.9.0\n\
             evidence: {{ samples: {{ path: samples.jsonl{} }} }}\ngates:\n",
            cluster.map(|field| format!(", cluster: {field}")).unwrap_or_default()
        );
        for rule in setting.rules() {
            let _ = writeln!(text, "  - '{rule}'");
        }
        let mut sources = Sources::new();
        let file = sources.add("release.yaml", text);
        let manifest = done(manifest::parse(&sources, file));
        let sample = setting.evidence(&mut Random::new(0, 0)).candidate;
        let catalog = done(evidence::probe(&Bytes(sample.as_bytes()), Depth::Whole));
        let mut offer = Offer { evidence: "samples".to_owned(), ..Offer::default() };
        offer.fields.extend(catalog.fields.keys().cloned());
        let gates = done(Gate::bind(&manifest, &[offer]));
        let mut plan = Plan::new(
            &[],
            cluster,
            RowsAs::Written,
            &gates.iter().map(|gate| gate.bound.need()).collect::<Vec<_>>(),
        );
        plan.cluster_at_most = setting.population.at_most();
        Self { manifest, gates, plan }
    }

    /// From bytes to the decision, as the command does it.
    fn judge(&self, evidence: &Evidence) -> Verdict {
        let candidate = self.table(&evidence.candidate);
        let baseline = evidence.baseline.as_ref().map(|text| self.table(text));
        let policy = &self.manifest.policy;
        let judged = self.gates.iter().cloned().map(|mut gate| {
            let (bound, settings) = (&gate.bound, gate.settings(policy, None));
            let rows = metric::select(bound, &candidate).whole;
            let assessment = match (bound.change, &baseline) {
                (None, _) => metric::assess(bound, Side { table: &candidate, rows: &rows }, &settings),
                (Some(_), Some(baseline)) => compared(bound, &candidate, &rows, baseline, &settings),
                (Some(_), None) => panic!("`{}` is compared with nothing", gate.spec.id.value),
            };
            gate.assessed = Some(Assessed { whole: assessment, slices: Vec::new() });
            gate::judge(gate, policy, None)
        });
        verdict::decide(judged.collect(), policy, &Required::default(), Vec::new(), &verdict::Register::EMPTY)
    }

    fn table(&self, text: &str) -> Table {
        let source = Bytes(text.as_bytes());
        let input = Input {
            source: &source,
            format: Format::Jsonl,
            compression: Compression::None,
            paths: &relgate::evidence::Paths::default(),
        };
        done(metric::gather(&[input], self.plan.clone()))
    }
}

fn compared(
    bound: &Bound,
    candidate: &Table,
    rows: &[u32],
    baseline: &Table,
    settings: &metric::Settings,
) -> Assessment {
    let theirs = metric::select(bound, baseline).whole;
    let sides = (Side { table: candidate, rows }, Side { table: baseline, rows: &theirs });
    let paired = metric::overlap(sides.0, sides.1) == Overlap::Paired;
    metric::compare(bound, sides.0, sides.1, paired, settings)
}

fn done<T>(result: Result<T, Diagnostics>) -> T {
    result.unwrap_or_else(|findings| {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        panic!("{}", findings.join("; "))
    })
}
