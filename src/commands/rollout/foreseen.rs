//! `relgate rollout plan`: what each step can see at this traffic, and when.

use super::context::Context;
use super::done::Done;
use super::start::{nothing_beside, stable};
use crate::cli::RolloutOf;
use crate::commands::monitor::{Looked, Subject};
use crate::diagnostic::{Diagnostics, Sources};
use crate::files::Ledger;
use crate::ledger::Chain;
use crate::manifest::{SignalAsked, Strategy};
use crate::monitor::{Asked, FEEDBACK, RecordEvent, Signal, is_known_rate, tests_of};
use crate::report::Exit;
use crate::stats::sequential::enough_threshold;
use crate::stats::sequential::power::{ENOUGH, RatePower, RatioPower};

/// Says it; writes nothing.
pub(super) fn plan(of: &RolloutOf, stable_rate: f64, sources: &mut Sources) -> Result<Done, Diagnostics> {
    let context = Context::of(of, sources)?;
    // Without a log there is only what the manifest says.
    let (looked, unseen) = match context.look(of, Subject::Own, sources) {
        Ok(looked) => (Some(looked), None),
        Err(found) => (None, found.iter().next().map(|first| first.title.clone())),
    };
    let declared = context.deployment.traffic.as_ref().map(|traffic| traffic.value);
    let measured = looked.as_ref().and_then(|looked| looked.readings.traffic);
    let mut report = context.view(None, "plan", "", None);
    report.next = None;
    let Some(daily) = declared.or(measured).filter(|daily| *daily > 0.0) else {
        "nothing says how many requests a day there are: write `deployment: traffic: 5000/day`"
            .clone_into(&mut report.why);
        return Ok(Done::new(report, Exit::Error));
    };
    let chain = if context.has_ledger() { Ledger::read_sound(&context.folder)? } else { Chain::default() };
    let refused = nothing_beside(&context, stable(&context, &chain).as_ref());
    let foreseen = Foreseen {
        context: &context,
        looked: looked.as_ref(),
        daily,
        stable_rate,
        beside: refused.is_none(),
    };
    let (mut lines, seen) = foreseen.lines();
    lines.extend(unseen.map(|why| format!("the log was not used: {why}")));
    report.lines = lines;
    let days = f64::from(context.deployment.give_up.seconds) / 86_400.0;
    let from = if declared.is_some() { "declared" } else { "measured" };
    if let Some(why) = refused {
        report.why = why;
        report.next = Some("`relgate rollout start` refuses until it is named".to_owned());
        return Ok(Done::new(report, Exit::Inconclusive));
    }
    report.why = format!("{} requests a day ({from}); a step gives up after {days} days", daily.round());
    if seen {
        report.next = Some("`relgate rollout start` takes the first step".to_owned());
        return Ok(Done::new(report, Exit::Pass));
    }
    report.next = Some(foreseen.advice());
    Ok(Done::new(report, Exit::Inconclusive))
}

struct Foreseen<'a> {
    context: &'a Context,
    looked: Option<&'a Looked>,
    daily: f64,
    /// The stable release's rate where nothing shows it.
    stable_rate: f64,
    /// Whether a release is known that it is compared with.
    beside: bool,
}

/// What a signal is reckoned with.
struct Reckoned {
    id: String,
    asked: Asked,
    detect: Option<f64>,
    /// The stable release's rate.
    rate: f64,
    /// Whether it is what people say of the answers that they see.
    is_feedback: bool,
}

impl Foreseen<'_> {
    /// A line a step and signal, and whether every step sees every harm before it gives up.
    fn lines(&self) -> (Vec<String>, bool) {
        let reckoned = self.reckoned();
        let (deployment, mut lines, mut all) = (&self.context.deployment, Vec::new(), true);
        let give_up = f64::from(deployment.give_up.seconds) / 86_400.0;
        let signals = self.looked.map_or(reckoned.len(), |looked| tests_of(&looked.signals)).max(1);
        let alpha = self.context.release.manifest.policy.fail_confidence.alpha();
        let threshold = enough_threshold(signals, deployment.steps.len().max(1), alpha);
        for step in &deployment.steps {
            let weight = step.weight.value;
            let beside = match weight.share() {
                _ if deployment.strategy.value == Strategy::Shadow => Beside::EveryRequest,
                share => Beside::Share(share),
            };
            if matches!(beside, Beside::Share(share) if share <= 0.0 || share >= 1.0) {
                lines.push(format!("{weight}: nothing to compare with beside it; levels are watched"));
                continue;
            }
            for one in &reckoned {
                if one.is_feedback && matches!(beside, Beside::EveryRequest) {
                    lines.push(format!(
                        "{weight}: `{}` says nothing of the candidate: people see the stable release's answers only",
                        one.id
                    ));
                    continue;
                }
                if !self.beside && one.asked.compares() {
                    lines.push(format!("{weight}: `{}` has nothing to compare with", one.id));
                    all = false;
                    continue;
                }
                let requests = threshold.and_then(|threshold| requests(one, beside, threshold));
                let harm = harm(one);
                let Some(requests) = requests else {
                    lines.push(format!(
                        "{weight}: `{}` says how many records it needs when some are logged",
                        one.id
                    ));
                    continue;
                };
                let days = requests as f64 / self.daily;
                let late = days > give_up;
                all &= !late;
                let late = if late { ": it gives up first" } else { "" };
                lines.push(format!(
                    "{weight}: `{}` sees {harm} 8 times in 10 after {requests} requests, {}{late}",
                    one.id,
                    days_in_words(days)
                ));
            }
        }
        if reckoned.is_empty() {
            lines.push(
                "no signal is a rate: how many records means and drifts need is said when some are logged"
                    .to_owned(),
            );
        }
        (lines, all && !reckoned.is_empty())
    }

    fn reckoned(&self) -> Vec<Reckoned> {
        if let Some(looked) = self.looked {
            let one = |(signal, reading): (&Signal, &crate::monitor::SignalReading)| {
                let shown = reading.stable.value.filter(|rate| *rate > 0.0 && reading.stable.n >= 100);
                Reckoned {
                    id: signal.id.clone(),
                    asked: signal.asked,
                    detect: signal.detect,
                    rate: shown.unwrap_or(self.stable_rate),
                    is_feedback: signal.absent_is_no,
                }
            };
            return looked.signals.iter().zip(&looked.readings.signals).map(one).collect();
        }
        let monitoring = self.context.release.manifest.monitoring.as_ref();
        let signals = monitoring.into_iter().flat_map(|monitoring| &monitoring.signals);
        let bare = signals.filter_map(|signal| match &signal.asked {
            SignalAsked::NotWorse(name) => Some((signal, name.value.as_str())),
            _ => None,
        });
        let bare = bare.map(|(signal, name)| Reckoned {
            id: signal.id.value.clone(),
            asked: if is_known_rate(&self.context.release.manifest, name) {
                Asked::Ratio { ratio: 1.0, event: RecordEvent::True }
            } else {
                Asked::NotShifted { low: true }
            },
            detect: None,
            rate: self.stable_rate,
            is_feedback: name == FEEDBACK,
        });
        bare.collect()
    }

    /// What a team with so little traffic does.
    fn advice(&self) -> String {
        let shadow = self.context.deployment.strategy.value != Strategy::Shadow;
        let shadow = if shadow { ", compare answers side by side (`strategy: shadow`)" } else { "" };
        format!(
            "with this traffic: make the first step larger (`steps: [50%, 100%]`){shadow}, watch numbers besides rare events (`latency_ms`, `response_chars`), or name a larger `detect`"
        )
    }
}

/// Which requests the candidate answers.
#[derive(Clone, Copy)]
enum Beside {
    /// A share of them, and the stable release the others.
    Share(f64),
    /// All, and the stable release too.
    EveryRequest,
}

/// Requests until the harm is seen 8 times in 10.
fn requests(one: &Reckoned, beside: Beside, threshold: f64) -> Option<u64> {
    match one.asked {
        Asked::Rate { limit, .. } => {
            let rate = one.detect.unwrap_or((2.0 * limit).min(f64::midpoint(1.0, limit)));
            let records = RatePower::new(limit, rate, threshold)?.records(ENOUGH)?;
            Some(match beside {
                Beside::Share(share) => (records as f64 / share).ceil() as u64,
                Beside::EveryRequest => records,
            })
        }
        Asked::Ratio { ratio, .. } => {
            let harm = one.detect.unwrap_or(2.0 * ratio);
            match beside {
                Beside::Share(share) => {
                    RatioPower::new(share, ratio, harm, threshold)?.requests(one.rate, ENOUGH)
                }
                // Each is two answers.
                Beside::EveryRequest => {
                    let power = RatioPower::of_pairs(ratio, harm, threshold)?;
                    Some(power.requests(one.rate, ENOUGH)?.div_ceil(2))
                }
            }
        }
        _ => None,
    }
}

fn harm(one: &Reckoned) -> String {
    match one.asked {
        Asked::Rate { limit, event } => {
            let rate = one.detect.unwrap_or((2.0 * limit).min(f64::midpoint(1.0, limit)));
            match event {
                RecordEvent::True | RecordEvent::False => format!("a rate of {:.3}%", 100.0 * rate),
                _ => format!("{:.3}% of values beyond its limit", 100.0 * rate),
            }
        }
        _ => {
            let times = one.detect.unwrap_or(2.0);
            format!("{times} times a stable rate of {:.2}%", 100.0 * one.rate)
        }
    }
}

fn days_in_words(days: f64) -> String {
    match days {
        days if days < 1.0 / 24.0 => "less than an hour".to_owned(),
        days if days < 1.5 / 24.0 => "1 hour".to_owned(),
        days if days < 1.0 => format!("{:.0} hours", 24.0 * days),
        days if days < 10.0 => format!("{days:.1} days"),
        days => format!("{days:.0} days"),
    }
}
