//! One of the two releases, as whoever looks into its artifacts needs it.

use std::collections::BTreeSet;

use crate::artifact::{Pinned, Tree};
use crate::manifest::Manifest;

/// One of the two releases.
#[derive(Clone, Copy)]
pub struct ReleaseSide<'a> {
    /// What it declares, everything inherited included.
    pub manifest: &'a Manifest,
    /// Its artifacts, pinned.
    pub pinned: &'a Pinned,
    /// Their bytes, of which some may be [missing](Tree::missing); none where only digests were kept.
    pub contents: Option<&'a dyn Tree>,
    /// The ids of evaluated cases that failed in its own results; empty where nothing is known.
    pub failed: &'a BTreeSet<String>,
}
