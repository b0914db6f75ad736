//! What a `restore` goes back to: a judged release of exactly that combination, else the last good one, and a hotfix is meant to follow.

use std::collections::BTreeSet;

use super::back::Way;
use super::context::Context;
use crate::ledger::{Chain, CheckedData, EventRelease, Happening, HotfixData, history};
use crate::manifest::ArtifactKind;
use crate::rollout::{combination, next_patch};

impl Context {
    /// The way back that restores some kinds of artifacts.
    pub(super) fn restoring(
        &self,
        chain: &Chain,
        failed: &EventRelease,
        way: Way,
        (kinds, cause): (&[ArtifactKind], &str),
    ) -> Way {
        let Some(good) = way.to.clone() else { return way };
        if let Some(known) = judged_combination(chain, (failed, &good), kinds) {
            return Way { to: Some(known.clone()), ..way };
        }
        let hotfix = self.meant_hotfix(chain, (failed, &good), kinds, cause);
        Way { hotfix, ..way }
    }

    fn meant_hotfix(
        &self,
        chain: &Chain,
        (failed, good): (&EventRelease, &EventRelease),
        kinds: &[ArtifactKind],
        cause: &str,
    ) -> Option<HotfixData> {
        let version = semver::Version::parse(&failed.version).ok()?;
        let own = self.version();
        let known = chain.links().iter().map(|link| &link.event.release);
        let known = known.filter(|release| release.name == self.name());
        let taken: BTreeSet<&str> =
            known.map(|release| release.version.as_str()).chain([own.as_str()]).collect();
        let restores: Vec<String> = kinds.iter().map(|kind| kind.word().to_owned()).collect();
        // Who goes back again means the same one.
        let before = chain
            .state(self.name())
            .filter(|state| state.candidate == *failed && state.went_back_to.as_ref() == Some(good));
        if let Some(same) = before.and_then(|state| state.hotfix).filter(|hotfix| hotfix.restores == restores)
        {
            return Some(same);
        }
        let summary = format!(
            "{cause} on {}: the {} of {} again, and all else of {}.",
            self.now.format("%Y-%m-%d at %H:%M UTC"),
            restores.join(" and "),
            good.version,
            failed.version
        );
        Some(HotfixData { version: next_patch(&version, &taken).to_string(), restores, summary })
    }
}

impl Way {
    /// Why no hotfix is meant to follow one that restores, in a sentence.
    pub(super) fn needs_none(&self, failed: &EventRelease) -> Option<String> {
        let to = self.to.as_ref().filter(|_| self.action == "restore" && self.hotfix.is_none())?;
        Some(format!(
            "{} was judged with what is restored and all else of {}: no hotfix is needed",
            to.version, failed.version
        ))
    }
}

/// The newest release that passed with the artifacts of the one that failed, those of some kinds from the last good one.
fn judged_combination<'c>(
    chain: &'c Chain,
    (failed, good): (&EventRelease, &EventRelease),
    kinds: &[ArtifactKind],
) -> Option<&'c EventRelease> {
    let mix = combination(&passed(chain, failed)?.artifacts, &passed(chain, good)?.artifacts, kinds);
    let is_mix = |release: &&EventRelease| {
        passed(chain, release).is_some_and(|own| {
            let own = &own.artifacts;
            own.len() == mix.len() && own.iter().all(|(key, one)| mix.get(key.as_str()) == Some(&one))
        })
    };
    let usable = |release: &&EventRelease| {
        release.name == failed.name && *release != failed && !history::is_quarantined(chain, release)
    };
    history::releases(chain).into_iter().filter(usable).rfind(is_mix)
}

/// The newest judgement of a release, where that is a pass.
fn passed<'c>(chain: &'c Chain, release: &EventRelease) -> Option<&'c CheckedData> {
    let own = chain.links().iter().rev().filter(|link| link.event.release == *release);
    let mut judged = own.filter_map(|link| match &link.event.happening {
        Happening::Checked(data) => Some(data),
        _ => None,
    });
    judged.next().filter(|data| data.decision == "pass")
}
