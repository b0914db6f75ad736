//! Questions about the past: the last good release, looks, waivers, the versions of an artifact.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::chain::Chain;
use super::event::{CheckedData, CheckedWaiver, EventRelease, Happening};
use super::link::Link;
use crate::manifest::Digest;

/// What earlier judgements say about one that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookAt {
    /// Which look at growing results of the same release under the same criteria it is, from 1.
    pub number: u32,
    /// Whether the same results were judged before under other criteria.
    pub criteria_changed: bool,
}

/// A waiver that was used, over all judgements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedWaiver {
    /// The waiver.
    pub waiver: CheckedWaiver,
    /// The name of the release.
    pub name: String,
    /// The versions that it was used for, in the order of their judgements.
    pub versions: Vec<String>,
    /// When it was first used.
    pub first: DateTime<Utc>,
    /// When it was last used.
    pub last: DateTime<Utc>,
    /// How many judgements used it.
    pub times: u64,
}

/// A version of an artifact, over all judgements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactVersion {
    /// The name of the release.
    pub name: String,
    /// Its declared version.
    pub version: String,
    /// The digest of its bytes, where they are known.
    pub sha256: Option<Digest>,
    /// The versions of the release that it was judged in, in the order of their judgements.
    pub releases: Vec<String>,
    /// When it was first judged.
    pub first: DateTime<Utc>,
    /// When it was last judged.
    pub last: DateTime<Utc>,
    /// When a release with it was promoted last; none where none was.
    pub promoted: Option<DateTime<Utc>>,
    /// Who approved releases with it: the person, the version and for what.
    pub approved: Vec<ApprovedRelease>,
    /// What the gates of its last judgement came to, with figures in words.
    pub figures: BTreeMap<String, String>,
}

/// Who approved a release, by the events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedRelease {
    /// The version of the release.
    pub version: String,
    /// Who.
    pub by: String,
    /// What for.
    pub what: String,
    /// Whether a signature stands beside the event; whether it is good is not looked at.
    pub signed: bool,
}

/// What of a judgement tells looks apart.
#[derive(Debug, Clone, Copy)]
pub struct JudgedOn<'a> {
    /// The release.
    pub release: &'a EventRelease,
    /// The digest of its criteria.
    pub gates: &'a Digest,
    /// The digest of its results.
    pub evidence: &'a Digest,
}

fn checked(chain: &Chain) -> impl Iterator<Item = (&Link, &CheckedData)> {
    chain.links().iter().filter_map(|link| match &link.event.happening {
        Happening::Checked(data) => Some((link, data)),
        _ => None,
    })
}

/// Which look a judgement is: results that were looked at before count once, in the order of their first look.
#[must_use]
pub fn look(chain: &Chain, judged: JudgedOn<'_>) -> LookAt {
    let mut seen: Vec<&Digest> = Vec::new();
    let mut criteria_changed = false;
    for (link, data) in checked(chain).filter(|(link, _)| link.event.release.name == judged.release.name) {
        if data.evidence == *judged.evidence && data.gates != *judged.gates {
            criteria_changed = true;
        }
        let same_question = link.event.release == *judged.release && data.gates == *judged.gates;
        if same_question && !seen.contains(&&data.evidence) {
            seen.push(&data.evidence);
        }
    }
    let place = seen.iter().position(|evidence| *evidence == judged.evidence).unwrap_or(seen.len());
    LookAt { number: u32::try_from(place + 1).unwrap_or(u32::MAX), criteria_changed }
}

/// The release of a name that was promoted last and neither taken back nor yanked since; of every name where none is given.
#[must_use]
pub fn last_good<'a>(chain: &'a Chain, name: Option<&str>) -> Vec<&'a Link> {
    let mut good: BTreeMap<&str, Vec<&Link>> = BTreeMap::new();
    let yanked: BTreeSet<(&str, &str)> = chain
        .links()
        .iter()
        .filter(|link| matches!(link.event.happening, Happening::Yanked(_)))
        .map(|link| (link.event.release.name.as_str(), link.event.release.version.as_str()))
        .collect();
    for link in chain.links() {
        let release = &link.event.release;
        if name.is_some_and(|name| name != release.name) {
            continue;
        }
        let list = good.entry(&release.name).or_default();
        match &link.event.happening {
            Happening::Promoted(_)
                if !yanked.contains(&(release.name.as_str(), release.version.as_str())) =>
            {
                list.retain(|earlier| earlier.event.release != *release);
                list.push(link);
            }
            Happening::RolledBack(_) => list.retain(|earlier| earlier.event.release != *release),
            _ => {}
        }
    }
    good.into_values().filter_map(|list| list.last().copied()).collect()
}

/// Whether a release must not be started: taken back by a signal or a person and not started again since, or yanked.
#[must_use]
pub fn is_quarantined(chain: &Chain, release: &EventRelease) -> bool {
    let mut quarantined = false;
    for link in chain.links().iter().filter(|link| link.event.release.name == release.name) {
        let own = &link.event.release;
        let same = if release.lock.is_some() { own.lock == release.lock } else { own == release };
        match &link.event.happening {
            Happening::Yanked(_) if own.version == release.version => return true,
            Happening::RolledBack(_) if same => quarantined = true,
            Happening::Started(data) if same && data.again.is_some() => quarantined = false,
            _ => {}
        }
    }
    quarantined
}

/// Whether the version was yanked.
#[must_use]
pub fn is_yanked(chain: &Chain, name: &str, version: &str) -> bool {
    chain.links().iter().any(|link| {
        matches!(link.event.happening, Happening::Yanked(_))
            && link.event.release.name == name
            && link.event.release.version == version
    })
}

/// The releases that the ledger has met, in the order of their first event.
#[must_use]
pub fn releases(chain: &Chain) -> Vec<&EventRelease> {
    let mut met = BTreeSet::new();
    chain.links().iter().map(|link| &link.event.release).filter(|release| met.insert(*release)).collect()
}

/// Every waiver that a judgement used, in the order of first use.
#[must_use]
pub fn waivers(chain: &Chain) -> Vec<UsedWaiver> {
    let mut used: Vec<UsedWaiver> = Vec::new();
    for (link, data) in checked(chain) {
        let (release, time) = (&link.event.release, link.event.time);
        for waiver in &data.waivers {
            let known = used.iter_mut().find(|one| one.waiver == *waiver && one.name == release.name);
            match known {
                Some(one) => {
                    if !one.versions.contains(&release.version) {
                        one.versions.push(release.version.clone());
                    }
                    (one.first, one.last) = (one.first.min(time), one.last.max(time));
                    one.times += 1;
                }
                None => used.push(UsedWaiver {
                    waiver: waiver.clone(),
                    name: release.name.clone(),
                    versions: vec![release.version.clone()],
                    first: time,
                    last: time,
                    times: 1,
                }),
            }
        }
    }
    used
}

/// The versions of the artifact `kind.name`, in the order of their first judgement.
#[must_use]
pub fn artifact(chain: &Chain, key: &str) -> Vec<ArtifactVersion> {
    let mut promoted: BTreeMap<&EventRelease, DateTime<Utc>> = BTreeMap::new();
    for link in chain.links().iter().filter(|link| matches!(link.event.happening, Happening::Promoted(_))) {
        promoted.insert(&link.event.release, link.event.time);
    }
    let mut versions: Vec<ArtifactVersion> = Vec::new();
    for (link, data) in checked(chain) {
        let Some(found) = data.artifacts.get(key) else { continue };
        let (release, time) = (&link.event.release, link.event.time);
        let known = versions.iter_mut().find(|one| {
            one.name == release.name && one.version == found.version && one.sha256 == found.sha256
        });
        let live = promoted.get(release).copied();
        match known {
            Some(one) => {
                if !one.releases.contains(&release.version) {
                    one.releases.push(release.version.clone());
                }
                (one.first, one.last) = (one.first.min(time), one.last.max(time));
                one.promoted = one.promoted.max(live);
                one.figures.clone_from(&data.figures);
            }
            None => versions.push(ArtifactVersion {
                name: release.name.clone(),
                version: found.version.clone(),
                sha256: found.sha256.clone(),
                releases: vec![release.version.clone()],
                first: time,
                last: time,
                promoted: live,
                approved: Vec::new(),
                figures: data.figures.clone(),
            }),
        }
    }
    for one in &mut versions {
        one.approved = approvals(chain, one);
    }
    versions
}

fn approvals(chain: &Chain, version: &ArtifactVersion) -> Vec<ApprovedRelease> {
    let own = chain.approvals().filter(|approval| {
        let release = &approval.link.event.release;
        release.name == version.name && version.releases.contains(&release.version)
    });
    let told = own.map(|approval| ApprovedRelease {
        version: approval.link.event.release.version.clone(),
        by: approval.data.by.clone(),
        what: approval.data.what.clone(),
        signed: approval.data.signed,
    });
    let mut approved: Vec<ApprovedRelease> = Vec::new();
    for one in told {
        if !approved.contains(&one) {
            approved.push(one);
        }
    }
    approved
}

/// The keys of all artifacts that were judged.
#[must_use]
pub fn artifact_keys(chain: &Chain) -> BTreeSet<&str> {
    checked(chain).flat_map(|(_, data)| data.artifacts.keys().map(String::as_str)).collect()
}
