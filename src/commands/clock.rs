//! The time, read once: what reports are dated with and what expiry and age are judged on.
#![allow(clippy::disallowed_methods, reason = "the only place that reads the clock and its overrides")]

use chrono::{DateTime, NaiveDate, Utc};

use crate::diagnostic::{Code, Diagnostic};

/// The two times of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// `SOURCE_DATE_EPOCH`, else now.
    pub(super) generated_at: DateTime<Utc>,
    /// `--as-of`, else today.
    pub(super) as_of: NaiveDate,
}

impl Clock {
    /// Reads the clock.
    pub(super) fn read(as_of: Option<NaiveDate>) -> Result<Self, Diagnostic> {
        let now = Utc::now();
        let generated_at = match std::env::var("SOURCE_DATE_EPOCH") {
            Err(_) => now,
            Ok(text) => text.trim().parse::<i64>().ok().and_then(|s| DateTime::from_timestamp(s, 0)).ok_or_else(|| {
                Diagnostic::error(Code::BadEnvironment, "SOURCE_DATE_EPOCH is not a number of seconds")
                    .help("unset it, or set it to seconds since 1970: `SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)`")
            })?,
        };
        Ok(Self { generated_at, ..Self::now(as_of) })
    }

    /// The system's clock alone.
    pub(super) fn now(as_of: Option<NaiveDate>) -> Self {
        let now = Utc::now();
        Self { generated_at: now, as_of: as_of.unwrap_or_else(|| now.date_naive()) }
    }
}
