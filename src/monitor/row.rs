//! A row of a log as signals see it.

/// A row without its texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogRow {
    /// Of the id; 0 where there is none.
    pub(super) id: u64,
    /// Seconds since 1970; NaN where there is none.
    pub(super) time: f64,
    /// Who served it.
    pub(super) release: Said,
    /// Of the unit; 0 where there is none.
    pub(super) unit: u64,
    /// The signals whose own conditions it meets, a bit each.
    pub(super) mask: u32,
}

/// What a row says of the release that served it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing: it adds to another row of its id.
    Nothing,
    /// The candidate.
    Candidate,
    /// The stable release.
    Stable,
    /// Another one.
    Other,
}
