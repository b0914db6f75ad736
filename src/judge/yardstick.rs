//! Whether the candidate was measured as the release was that it is compared with: by the same judge, under the same load.
//!
//! A model that scores is a part of the scale, and latencies of two loads are two things. Only what the tools of both sides
//! say is compared; silence is no difference.

use std::collections::BTreeSet;

use super::entry::{Entry, Past};
use crate::diagnostic::{Code, Diagnostic, list};
use crate::manifest::Reference;

/// Looks at one earlier release's results.
///
/// # Errors
/// Another judge scored them, or another load was put on.
pub(super) fn check(entry: &Entry, past: &Past, reference: Reference) -> Result<(), Diagnostic> {
    let ours = entry.opened.measured_with(&entry.spec.conditions);
    let theirs = past.opened.measured_with(&past.conditions);
    let (name, whose) = (&entry.spec.name.value, reference.word());
    if differ(&ours.judges, &theirs.judges) {
        let text = format!(
            "evidence `{name}` was scored by {}, and the {whose}'s by {}",
            shown(&ours.judges),
            shown(&theirs.judges)
        );
        return Err(Diagnostic::error(Code::OtherJudge, text)
            .at(entry.spec.name.span, "the two sides have other judges")
            .note("a change of the judge cannot be told from a change of the release")
            .help(format!("score the answers of both with the same model, the {whose}'s anew if need be")));
    }
    for (setting, own) in &ours.scenario {
        let Some(other) = theirs.scenario.get(setting).filter(|other| differ(own, other)) else { continue };
        let text = format!(
            "evidence `{name}` was measured with {setting} {}, and the {whose}'s with {}",
            shown(own),
            shown(other)
        );
        return Err(Diagnostic::error(Code::OtherScenario, text)
            .at(entry.spec.name.span, "the two sides were measured under other loads")
            .help(format!("measure both under the same load, the {whose} anew if need be")));
    }
    Ok(())
}

/// Whether both say something, and not the same.
fn differ(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    !one.is_empty() && !other.is_empty() && one != other
}

fn shown(names: &BTreeSet<String>) -> String {
    list(names.iter().map(String::as_str), 6)
}
