//! The events of a ledger in their order, and whatever is wrong with its files.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use rayon::prelude::*;

use super::checkpoint::{self, Checkpoint};
use super::event::{Event, Happening, NewEvent, event_time_of};
use super::flaw::{Flaw, FlawKind};
use super::link::{LedgerFile, Link, StoredContent};
use super::repeat;
use crate::artifact::digest_bytes;
use crate::manifest::Digest;

/// What is put behind the name of an event for its signature.
pub(super) const SIGNATURE: &str = ".sig";

/// The events of a ledger, none before one that it follows; of those that could be next the earlier one, then the one with the
/// smaller digest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chain {
    links: Vec<Link>,
    /// The digests of the events that nothing follows, sorted.
    heads: Vec<Digest>,
    /// Checkpoints, the one of the fewest events first.
    checkpoints: Vec<Checkpoint>,
    /// The digests of signatures and checkpoints, by the names of their files.
    beside: BTreeMap<String, Digest>,
    flaws: Vec<Flaw>,
}

/// What one file turned out to be.
enum Seen {
    Event(Box<Link>),
    Checkpoint(Checkpoint, Digest),
    Signature(String, Digest),
    Flawed(Flaw),
}

impl Chain {
    /// The chain of all files of a folder, in any order.
    #[must_use]
    pub fn of(files: impl IntoParallelIterator<Item = LedgerFile>) -> Self {
        let seen: Vec<Seen> = files.into_par_iter().map(look).collect();
        let (mut events, mut signatures) = (Vec::new(), BTreeSet::new());
        let mut chain = Self::default();
        for one in seen {
            match one {
                Seen::Event(link) => events.push(link),
                Seen::Checkpoint(checkpoint, digest) => {
                    chain.beside.insert(checkpoint.file_name(), digest);
                    chain.checkpoints.push(checkpoint);
                }
                Seen::Signature(of, digest) => {
                    chain.beside.insert(format!("{of}{SIGNATURE}"), digest);
                    signatures.insert(of);
                }
                Seen::Flawed(flaw) => chain.flaws.push(flaw),
            }
        }
        events.sort_by(|one, other| one.name.cmp(&other.name));
        let is_event = |name: &String| events.binary_search_by(|event| event.name.cmp(name)).is_ok();
        for of in signatures.iter().filter(|of| !is_event(of)) {
            chain.flaw(format!("{of}{SIGNATURE}"), FlawKind::SignatureAlone);
        }
        for link in &events {
            if let Happening::Approved(data) = &link.event.happening
                && data.signed
                && !signatures.contains(&link.name)
            {
                chain.flaw(link.name.clone(), FlawKind::Unsigned);
            }
        }
        chain.order(events);
        chain.checkpoints.sort_by(|a, b| (a.count, &a.root).cmp(&(b.count, &b.root)));
        let repeated = repeat::repeated(&chain.links);
        chain.flaws.extend(repeated);
        if let Some(last) = chain.checkpoints.last().cloned() {
            let flaws = chain.against_checkpoint(&last, &last.file_name());
            chain.flaws.extend(flaws);
        }
        chain.flaws.sort_by(|a, b| a.file.cmp(&b.file));
        chain
    }

    fn flaw(&mut self, file: String, kind: FlawKind) {
        self.flaws.push(Flaw { file, kind });
    }

    /// Puts events, sorted by name, into their order. Left out are those that stand there a second time, and those that follow each
    /// other in a circle, which no digest allows.
    #[allow(clippy::vec_box, reason = "they are large, and were sorted")]
    fn order(&mut self, links: Vec<Box<Link>>) {
        let mut places: HashMap<&Digest, usize> = HashMap::with_capacity(links.len());
        let mut doubled = HashSet::new();
        for (at, link) in links.iter().enumerate() {
            match places.entry(&link.digest) {
                Entry::Occupied(known) => {
                    let first = links.get(*known.get()).map(|first| first.name.clone());
                    self.flaw(link.name.clone(), FlawKind::Doubled(first.unwrap_or_default()));
                    doubled.insert(at);
                }
                Entry::Vacant(place) => drop(place.insert(at)),
            }
        }
        let mut followers: Vec<Vec<usize>> = vec![Vec::new(); links.len()];
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); links.len()];
        for (at, (link, before)) in links.iter().zip(&mut before).enumerate() {
            for prev in link.event.prev.iter().filter(|_| !doubled.contains(&at)) {
                match places.get(prev) {
                    Some(known) => {
                        followers.get_mut(*known).into_iter().for_each(|list| list.push(at));
                        before.push(*known);
                    }
                    None => self.flaw(link.name.clone(), FlawKind::MissingAncestor(prev.clone())),
                }
            }
        }
        drop(places);
        let order = in_order(&links, &followers, before.iter().map(Vec::len).collect());
        let order: Vec<usize> = order.into_iter().filter(|at| !doubled.contains(at)).collect();
        self.heads = order
            .iter()
            .filter(|at| followers.get(**at).is_some_and(Vec::is_empty))
            .filter_map(|at| links.get(*at).map(|link| link.digest.clone()))
            .collect();
        self.heads.sort_unstable();
        let mut placed: Vec<Option<usize>> = vec![None; links.len()];
        let mut links: Vec<Option<Box<Link>>> = links.into_iter().map(Some).collect();
        for at in order {
            let Some(mut link) = links.get_mut(at).and_then(Option::take) else { continue };
            let follows = before.get(at).into_iter().flatten();
            link.follows = follows.filter_map(|before| *placed.get(*before)?).collect();
            placed.get_mut(at).into_iter().for_each(|place| *place = Some(self.links.len()));
            self.links.push(*link);
        }
    }

    /// The events in their order.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The digests of the events that nothing follows yet, sorted.
    #[must_use]
    pub fn heads(&self) -> &[Digest] {
        &self.heads
    }

    /// The places of the events that nothing follows yet.
    pub(super) fn head_places(&self) -> Vec<usize> {
        let heads: HashSet<&Digest> = self.heads.iter().collect();
        (0..self.links.len())
            .filter(|at| self.links.get(*at).is_some_and(|link| heads.contains(&link.digest)))
            .collect()
    }

    /// The newest checkpoint: the one of the most events.
    #[must_use]
    pub fn last_checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoints.last()
    }

    /// The digest of a signature or a checkpoint that stands beside the events; none where no such file is there.
    #[must_use]
    pub fn beside(&self, name: &str) -> Option<&Digest> {
        self.beside.get(name)
    }

    /// What the chain comes to now; none of an empty one.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        Checkpoint::of(&self.links, &self.heads)
    }

    /// What of the chain is not as a checkpoint says; flaws about the checkpoint stand under `name`.
    #[must_use]
    pub fn against_checkpoint(&self, checkpoint: &Checkpoint, name: &str) -> Vec<Flaw> {
        checkpoint::against(checkpoint, name, &self.links, &self.heads)
    }

    /// What is wrong with the files, in the order of their names.
    #[must_use]
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Whether nothing is wrong but what a killed run may leave behind.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.flaws.iter().all(|flaw| flaw.kind == FlawKind::SignatureAlone)
    }

    /// The event that a new one would only say again.
    #[must_use]
    pub fn repeated_by(&self, new: &NewEvent) -> Option<&Link> {
        repeat::before(&self.links, new)
    }

    /// Takes an event that was just written.
    pub fn push(&mut self, event: Event) -> &Link {
        let digest = digest_bytes(&event.bytes());
        let name = Event::name_of(event.time, &digest);
        let follows = self.head_places();
        self.heads = vec![digest.clone()];
        self.links.push(Link { name, digest, event, follows });
        let at = self.links.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "it was pushed just now")]
        &self.links[at]
    }

    /// Whether the event at `earlier` is among those that lead to the one at `later`.
    pub(super) fn leads_to(&self, earlier: usize, later: usize) -> bool {
        let (mut waiting, mut met) = (vec![later], HashSet::new());
        while let Some(at) = waiting.pop() {
            if at == earlier {
                return true;
            }
            // What stands before it in the order cannot follow it.
            let follows = self.links.get(at).into_iter().flat_map(|link| &link.follows);
            waiting.extend(follows.filter(|before| **before >= earlier && met.insert(**before)).copied());
        }
        false
    }
}

/// The places of events in their order, by who follows each and how many it waits for.
fn in_order(links: &[Box<Link>], followers: &[Vec<usize>], mut waits: Vec<usize>) -> Vec<usize> {
    let key = |at: usize| links.get(at).map(|link| (link.event.time, &link.digest, at));
    let mut ready: BinaryHeap<Reverse<_>> =
        (0..links.len()).filter(|at| waits.get(*at) == Some(&0)).filter_map(key).map(Reverse).collect();
    let mut order = Vec::with_capacity(links.len());
    while let Some(Reverse((_, _, at))) = ready.pop() {
        order.push(at);
        for next in followers.get(at).into_iter().flatten() {
            let Some(count) = waits.get_mut(*next) else { continue };
            *count -= 1;
            if *count == 0 {
                ready.extend(key(*next).map(Reverse));
            }
        }
    }
    order
}

/// What a file is, by its name and its bytes.
fn look(file: LedgerFile) -> Seen {
    let LedgerFile { name, content } = file;
    let flawed = |file: String, kind: FlawKind| Seen::Flawed(Flaw { file, kind });
    let bytes = match content {
        StoredContent::Bytes(bytes) => bytes,
        StoredContent::Other(what) => return flawed(name, FlawKind::Foreign(what)),
        StoredContent::Unreadable(why) => return flawed(name, FlawKind::Unreadable(why)),
    };
    if let Some(of) = name.strip_suffix(SIGNATURE).filter(|of| event_time_of(of).is_some()) {
        return Seen::Signature(of.to_owned(), digest_bytes(&bytes));
    }
    if Checkpoint::is_named(&name) {
        return match Checkpoint::read(&bytes) {
            Ok(checkpoint) if checkpoint.file_name() == name => {
                Seen::Checkpoint(checkpoint, digest_bytes(&bytes))
            }
            Ok(_) => flawed(name, FlawKind::BadCheckpoint("was edited: its name is not its own".to_owned())),
            Err(why) => flawed(name, FlawKind::BadCheckpoint(why)),
        };
    }
    if event_time_of(&name).is_none() {
        return flawed(name, FlawKind::Foreign("is no file of a ledger".to_owned()));
    }
    let digest = digest_bytes(&bytes);
    let short = digest.hex().get(..16).unwrap_or_default();
    let is_named_by_digest = name.ends_with(&format!("-{short}.json"));
    match Event::read(&bytes) {
        Ok(event) if Event::name_of(event.time, &digest) == name => {
            Seen::Event(Box::new(Link { name, digest, event, follows: Vec::new() }))
        }
        // The right digest below another time: a second file of one event.
        Ok(event) if is_named_by_digest => {
            let own = Event::name_of(event.time, &digest);
            flawed(name, FlawKind::Doubled(own))
        }
        Ok(_) => flawed(name, FlawKind::Edited(digest)),
        Err(malformed) => Seen::Flawed(Flaw::of(name, malformed, digest, is_named_by_digest)),
    }
}
