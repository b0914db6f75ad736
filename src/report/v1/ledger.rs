//! What the ledger says, for reports to people outside; no part of report.json.

/// What a ledger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLedger {
    /// How many events it holds.
    pub count: u64,
    /// The digests of the events that nothing follows yet.
    pub heads: Vec<String>,
    /// The events, none before one that it follows.
    pub events: Vec<ReportEvent>,
    /// All of it as JSON (`relgate/ledger/v1`).
    pub json: String,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportEvent {
    /// When, RFC 3339.
    pub time: String,
    /// Who wrote it, by their own word.
    pub actor: String,
    /// What kind of event.
    pub kind: String,
    /// The name of the release.
    pub name: String,
    /// Its version.
    pub version: String,
    /// In a line.
    pub text: String,
}
