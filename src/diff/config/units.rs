//! Units that the name of a key tells.

use crate::secret::words;

/// The unit behind a number of this key, with a space; empty where the name tells none.
pub(super) fn of(key: &str) -> &'static str {
    let words = words(key);
    let last = words.last().map_or("", String::as_str);
    match last {
        "ms" | "millis" | "milliseconds" => " ms",
        "s" | "sec" | "secs" | "seconds" => " s",
        "min" | "mins" | "minutes" => " min",
        "hours" => " h",
        "days" => " days",
        "tokens" => " tokens",
        "bytes" => " bytes",
        "kb" => " kB",
        "mb" => " MB",
        "gb" => " GB",
        "percent" | "pct" => " %",
        "usd" => " USD",
        "chars" | "characters" => " characters",
        "retries" => " retries",
        _ if words.iter().any(|word| word == "tokens") => " tokens",
        _ => "",
    }
}
