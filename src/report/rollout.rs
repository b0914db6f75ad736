//! Where a rollout stands, told: `relgate/rollout/v1`, and for a terminal.

use serde::Serialize;

use super::monitor::MonitorReport;
use super::page::{Screen, push_wrapped};
use crate::diagnostic::printable;

/// The finished view.
#[derive(Debug, Clone, Serialize)]
pub struct RolloutReport {
    /// The format.
    pub schema: &'static str,
    /// The release's name.
    pub name: String,
    /// The candidate's version.
    pub release: String,
    /// The version that serves the rest.
    pub stable: Option<String>,
    /// `canary` and so on.
    pub strategy: String,
    /// The step, from 0; none before the first.
    pub step: Option<u32>,
    /// The candidate's share that is meant, in `0..=1`.
    pub weight: f64,
    /// When the step began, as RFC 3339.
    pub since: Option<String>,
    /// `none`, `running`, `held`, `rolled-back` or `promoted`.
    pub status: String,
    /// What was done, or would be: `wait`, `advance`, `hold`, `roll-back`, ...
    pub did: String,
    /// Why, in a sentence.
    pub why: String,
    /// What a person does next; none where nothing is to be done.
    pub next: Option<String>,
    /// Further lines.
    pub lines: Vec<String>,
    /// The hotfix that waits to be judged, after a way back that restores; none where there is none.
    pub hotfix: Option<RolloutHotfix>,
    /// What production shows; none where nobody looked.
    pub seen: Option<MonitorReport>,
}

/// A manifest that was written when a release was taken back.
#[derive(Debug, Clone, Serialize)]
pub struct RolloutHotfix {
    /// Where it is, from the current folder.
    pub manifest: String,
    /// Its version.
    pub version: String,
    /// The kinds of artifacts that it takes from `from`; all others are those of the release that failed.
    pub restores: Vec<String>,
    /// The version that serves again.
    pub from: String,
}

impl RolloutReport {
    /// The name of the format.
    pub const SCHEMA: &'static str = "relgate/rollout/v1";

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        super::json::pretty(self)
    }

    /// For a person.
    #[must_use]
    pub fn text(&self, screen: Screen) -> String {
        let width = screen.columns();
        let mut out = String::new();
        let beside =
            self.stable.as_ref().map_or_else(String::new, |stable| format!(" beside {}", printable(stable)));
        let head = format!(
            "{} {}{beside}: {} at {}%",
            printable(&self.name),
            printable(&self.release),
            self.status,
            100.0 * self.weight
        );
        push_wrapped(&mut out, &format!("{}  ", self.did.to_uppercase()), &head, width);
        push_wrapped(&mut out, "why   ", &printable(&self.why), width);
        if screen.quiet {
            return out;
        }
        for line in &self.lines {
            push_wrapped(&mut out, "      ", &printable(line), width);
        }
        if let Some(hotfix) = &self.hotfix {
            let RolloutHotfix { manifest, version, restores, from } = hotfix;
            let text = format!(
                "{manifest} is {version}: {} of {from}, all else of {}",
                restores.join(" and "),
                self.release
            );
            push_wrapped(&mut out, "fix   ", &printable(&text), width);
        }
        if let Some(next) = &self.next {
            push_wrapped(&mut out, "next  ", &printable(next), width);
        }
        if let Some(seen) = &self.seen {
            out.push('\n');
            out.push_str(&seen.text(screen));
        }
        out
    }
}
