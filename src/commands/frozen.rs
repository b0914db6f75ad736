//! What a rollout began with, held against what its manifest says now.

use std::collections::BTreeMap;

use crate::artifact::digest_bytes;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, printable};
use crate::ledger::{RolloutState, RolloutStatus, StartedData};
use crate::manifest::tree::{Node, NodeKind, Scalar};
use crate::manifest::{Digest, Manifest};
use crate::secret::hide_secrets;

/// The keys that a rollout keeps to its end, also where a person resumes it by new criteria.
const KEPT: [&str; 6] = [
    BASELINE,
    "deployment.bake",
    "deployment.give_up",
    "deployment.stable",
    "deployment.steps",
    "deployment.strategy",
];
/// The key that says what serves the rest where nothing else does.
const BASELINE: &str = "baseline";
/// Values that are longer, or look like a secret, are kept as a digest.
const LONGEST: usize = 200;

/// Over the texts of the tables, in the order of the manifest: an edit of one of them is another plan.
pub(super) fn plan_digest(manifest: &Manifest, sources: &Sources) -> Digest {
    let text = sources.text(manifest.file);
    let parts = manifest.beyond_check.iter().map(|(key, node)| {
        let own = text.get(node.span.start as usize..node.span.end as usize).unwrap_or_default();
        format!("{key}\n{own}\n")
    });
    digest_bytes(parts.collect::<String>().as_bytes())
}

/// What the manifest says of a rollout, by `table.key`; its baseline only where that `serves` the rest.
pub(super) fn declared(manifest: &Manifest, serves: bool) -> BTreeMap<String, String> {
    let mut told: BTreeMap<String, String> =
        placed(manifest).map(|(key, node)| (key, kept(&flow(node)))).collect();
    if let Some(baseline) = manifest.baseline.as_ref().filter(|_| serves) {
        told.insert(BASELINE.to_owned(), kept(&baseline.value));
    }
    told
}

/// What a resumed rollout goes by: the new criteria, and all that it keeps.
pub(super) fn resumed(began: &StartedData, manifest: &Manifest) -> BTreeMap<String, String> {
    if began.declared.is_empty() {
        // Nobody knows what it began with.
        return BTreeMap::new();
    }
    let mut told = declared(manifest, false);
    told.retain(|key, _| !KEPT.contains(&key.as_str()));
    let old = began.declared.iter().filter(|(key, _)| KEPT.contains(&key.as_str()));
    told.extend(old.map(|(key, value)| (key.clone(), value.clone())));
    told
}

/// A key that says something else than when the rollout began.
pub(super) struct ChangedKey {
    key: String,
    before: Option<String>,
    now: Option<String>,
    span: Option<Span>,
}

/// All of them, in the order of their names; none where nobody knows what it began with.
pub(super) fn changed(manifest: &Manifest, plan: &StartedData) -> Vec<ChangedKey> {
    if plan.declared.is_empty() {
        return Vec::new();
    }
    let now = declared(manifest, plan.declared.contains_key(BASELINE));
    let spans: BTreeMap<String, Span> = placed(manifest).map(|(key, node)| (key, node.span)).collect();
    let mut keys: Vec<&String> = plan.declared.keys().chain(now.keys()).collect();
    keys.sort();
    keys.dedup();
    let differs = |key: &&String| plan.declared.get(*key) != now.get(*key);
    keys.into_iter()
        .filter(differs)
        .map(|key| ChangedKey {
            key: key.clone(),
            before: plan.declared.get(key).cloned(),
            now: now.get(key).cloned(),
            span: match key.as_str() {
                BASELINE => manifest.baseline.as_ref().map(|baseline| baseline.span),
                _ => spans.get(key).copied(),
            },
        })
        .collect()
}

impl ChangedKey {
    /// Its values then and now.
    pub(super) fn words(&self) -> String {
        let value = |value: &Option<String>| {
            value.as_ref().map_or("absent".to_owned(), |text| format!("`{}`", printable(text)))
        };
        format!(
            "`{}` was {} when the rollout began, and is {} now",
            self.key.replacen('.', ": ", 1),
            value(&self.before),
            value(&self.now)
        )
    }

    /// Whether the rollout keeps what it began with to its end.
    fn is_kept(&self) -> bool {
        KEPT.contains(&self.key.as_str())
    }
}

/// What a rollout that is under way does not take from the manifest: a warning a key.
pub(super) fn warnings(manifest: &Manifest, state: &RolloutState, sources: &Sources) -> Diagnostics {
    let mut told = Diagnostics::new();
    if !matches!(state.status, RolloutStatus::Running | RolloutStatus::Held) {
        return told;
    }
    for key in changed(manifest, &state.plan) {
        let finding = Diagnostic::warning(Code::RolloutPlan, key.words());
        let finding = match key.span {
            Some(span) => finding.at(span, "not taken while the rollout is under way"),
            None => finding.in_file(sources.name(manifest.file)),
        };
        told.push(finding.help(if key.is_kept() {
            "a rollout keeps this to its end: put it back; or `relgate rollback`, and start anew"
        } else {
            "put it back; or `relgate rollout hold`, then `relgate rollout start`, which resumes by what it says now"
        }));
    }
    told
}

/// The keys of the tables with their values.
fn placed(manifest: &Manifest) -> impl Iterator<Item = (String, &Node)> {
    let tables = manifest.beyond_check.iter();
    tables.flat_map(|(table, node)| {
        let pairs = node.mapping().unwrap_or_default().iter();
        pairs.map(move |(key, value)| (format!("{table}.{}", key.key()), value))
    })
}

/// A value on one line, however it was written.
fn flow(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar(Scalar { text, plain: true, .. }) => text.clone(),
        NodeKind::Scalar(Scalar { text, .. }) => format!("'{text}'"),
        NodeKind::Sequence(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        NodeKind::Mapping(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|(key, value)| format!("{}: {}", key.key(), flow(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

/// As the ledger keeps it, without what looks like a secret.
fn kept(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() <= LONGEST && hide_secrets(&line) == line {
        line
    } else {
        format!("sha256:{}", digest_bytes(line.as_bytes()).hex())
    }
}
