//! What an event says, in a line for people.

use std::fmt::Write as _;

use super::event::{EventRelease, Happening, SignalCounts};

impl Happening {
    /// The event in a line, without its release and its time. Text of others in it is not escaped yet.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Checked(data) => {
                let mut text = format!("judged {}, look {} of {}", data.decision, data.look, data.looks);
                if data.criteria_changed {
                    text.push_str("; the criteria changed after these results were known");
                }
                match data.waivers.len() {
                    0 => {}
                    1 => text.push_str("; 1 waiver used"),
                    many => {
                        // Writing to a `String` cannot fail.
                        let _ = write!(text, "; {many} waivers used");
                    }
                }
                text
            }
            Self::Approved(data) => {
                let signed = if data.signed { "signed" } else { "not signed" };
                format!("{} approves `{}` ({signed}): {}", data.by, data.what, data.reason)
            }
            Self::Started(data) => {
                let steps: Vec<String> = data.steps.iter().map(|step| percent(step.weight)).collect();
                let beside = beside(data.stable.as_ref());
                let begins = if data.resumes { "goes on" } else { "begins" };
                let again =
                    data.again.as_ref().map(|reason| format!("; tried again: {reason}")).unwrap_or_default();
                let told = data.attestation.as_ref().map(|digest| {
                    format!("; judged elsewhere (sha256:{})", digest.hex().get(..16).unwrap_or_default())
                });
                let again = again + &told.unwrap_or_default();
                format!("{} {begins}, {}{beside}{again}", data.strategy, steps.join(" "))
            }
            Self::Step(data) => {
                let overruled = data.overruled.as_ref();
                let overruled = overruled
                    .map(|who| format!("; {} overrules what speaks against it: {}", who.by, who.reason))
                    .unwrap_or_default();
                format!("{} is meant: {}{overruled}", percent(data.weight), data.why)
            }
            Self::Applied(data) => {
                let read = if data.read_back { "and read back" } else { "not read back" };
                format!("{} was written to {}, {read}", percent(data.weight), data.targets.join(", "))
            }
            Self::Held(data) => match &data.by {
                Some(by) => format!("held by {by}: {}", data.reason),
                None => format!("held ({}): {}", data.code, data.reason),
            },
            Self::Signal(data) => {
                let stable =
                    data.stable.map(|stable| format!(" beside {}", counts(stable))).unwrap_or_default();
                format!(
                    "{} is {}: {}{stable}; {}",
                    data.id,
                    data.outcome,
                    counts(data.candidate),
                    data.reason
                )
            }
            Self::RolledBack(data) => {
                let to = data.to.as_ref().map(|to| format!(", {} serves", to.version)).unwrap_or_default();
                let by = data.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
                let hotfix =
                    data.hotfix.as_ref().map(|hotfix| format!("; {} is meant to follow", hotfix.version));
                format!(
                    "{}{by}, {} to {}{to}: {}{}",
                    data.action,
                    percent(data.from),
                    percent(data.weight),
                    data.cause.text,
                    hotfix.unwrap_or_default()
                )
            }
            Self::Promoted(data) => {
                let instead = data.from.as_ref().map(|from| format!(", in place of {}", from.version));
                format!("everybody gets it{}", instead.unwrap_or_default())
            }
            Self::Yanked(data) => format!("out of use for good, says {}: {}", data.by, data.reason),
        }
    }
}

/// A share of 10,000 as people write it: `2.5%`.
fn percent(weight: u32) -> String {
    format!("{}%", f64::from(weight) / 100.0)
}

fn beside(stable: Option<&EventRelease>) -> String {
    stable
        .map_or_else(|| ", nothing to go back to".to_owned(), |stable| format!(", beside {}", stable.version))
}

fn counts(counted: SignalCounts) -> String {
    match counted.events {
        Some(events) => format!("{events} of {}", counted.n),
        None => format!("{} records", counted.n),
    }
}
