//! What a ledger held at one moment, in four lines that can be kept elsewhere.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::event::CHECKPOINT_SCHEMA;
use super::flaw::{Flaw, FlawKind};
use super::link::Link;
use crate::artifact::digest_tree;
use crate::manifest::Digest;

/// How the names of checkpoints begin.
const PREFIX: &str = "checkpoint-";

/// All events of a ledger in one digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    schema: String,
    /// The digest of the first event, by which ledgers are told apart.
    pub origin: Digest,
    /// How many events there are.
    pub count: u64,
    /// The digests of the events that nothing follows, sorted.
    pub heads: Vec<Digest>,
    /// The digest of `sha256sum` over the files of all events, in the order of their names:
    /// `LC_ALL=C sha256sum 2*.json | sha256sum`, in the ledger's folder.
    pub root: Digest,
}

impl Checkpoint {
    /// The checkpoint of all events of a chain, in their order; none of an empty one.
    pub(super) fn of(links: &[Link], heads: &[Digest]) -> Option<Self> {
        Some(Self {
            schema: CHECKPOINT_SCHEMA.to_owned(),
            origin: links.first()?.digest.clone(),
            count: links.len() as u64,
            heads: heads.to_vec(),
            root: digest_tree(links.iter().map(|link| (link.name.as_str(), &link.digest))),
        })
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{PREFIX}{:08}-{}.json", self.count, self.root.hex().get(..16).unwrap_or_default())
    }

    /// Whether a file of that name can be nothing else.
    #[must_use]
    pub fn is_named(name: &str) -> bool {
        name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(".json")).is_some()
    }

    /// The one spelling of a checkpoint: RFC 8785 JSON and a line feed.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json_canonicalizer::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// The checkpoint that bytes spell.
    ///
    /// # Errors
    /// Why they are none, as in "the checkpoint ...".
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let read: Self = serde_json::from_slice(bytes).map_err(|error| format!("cannot be read: {error}"))?;
        if read.schema != CHECKPOINT_SCHEMA {
            return Err(format!("is of the schema `{}`, not of {CHECKPOINT_SCHEMA}", read.schema));
        }
        Ok(read)
    }
}

/// What of a chain is not as a checkpoint says; flaws about the checkpoint stand under `name`.
pub(super) fn against(
    checkpoint: &Checkpoint,
    name: &str,
    links: &[Link],
    own_heads: &[Digest],
) -> Vec<Flaw> {
    let differs = |why: String| vec![Flaw { file: name.to_owned(), kind: FlawKind::NotAsCheckpointed(why) }];
    let mut inside = vec![false; links.len()];
    let mut waiting = Vec::new();
    for head in &checkpoint.heads {
        match links.iter().position(|link| link.digest == *head) {
            Some(at) => waiting.push(at),
            None => {
                return differs(format!("its event {} is gone", head.hex().get(..16).unwrap_or_default()));
            }
        }
    }
    while let Some(at) = waiting.pop() {
        if let Some(seen) = inside.get_mut(at).filter(|seen| !**seen) {
            *seen = true;
            waiting.extend(links.get(at).into_iter().flat_map(|link| &link.follows));
        }
    }
    let kept = || links.iter().zip(&inside).filter(|(_, inside)| **inside).map(|(link, _)| link);
    let (count, root) =
        (kept().count() as u64, digest_tree(kept().map(|link| (link.name.as_str(), &link.digest))));
    if count != checkpoint.count || root != checkpoint.root {
        return differs(format!("it counted {}, and {count} of its events are here", checkpoint.count));
    }
    if !kept().any(|link| link.digest == checkpoint.origin) {
        return differs("it is of another ledger".to_owned());
    }
    // A later event follows one that follows the checkpoint; heads that do not were put in beside it.
    let heads: HashSet<&Digest> = checkpoint.heads.iter().collect();
    let ends: HashSet<&Digest> = own_heads.iter().collect();
    let mut after = vec![false; links.len()];
    let mut beside = Vec::new();
    for (at, link) in links.iter().enumerate() {
        let is_after = heads.contains(&link.digest)
            || link.follows.iter().any(|before| after.get(*before) == Some(&true));
        after.get_mut(at).into_iter().for_each(|own| *own = is_after);
        if !is_after && ends.contains(&link.digest) {
            beside.push(Flaw { file: link.name.clone(), kind: FlawKind::BesideCheckpoint(name.to_owned()) });
        }
    }
    beside
}
