//! RUN: release and evidence to the verdict, without a console: opened, bound, read, assessed, held against an anchor, and
//! judged again with the limits of waivers.
//!
//! Evidence comes as open [`ResultsFile`](crate::evidence::ResultsFile)s and an earlier release's through a closure, so
//! that nothing here knows where files are.

pub(crate) mod anchor;
pub(crate) mod compare;
pub(crate) mod examine;
pub(crate) mod opened;
pub(crate) mod waivers;
