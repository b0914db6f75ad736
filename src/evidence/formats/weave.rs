//! Weave: the summary that `Evaluation.evaluate` returns, as JSON. Its rows stay with its service.
//!
//! Truth values are counted over all examples, those that crashed too; numbers are means over the rows that have one, and
//! nothing says how many: those have no size here. `model_latency` is in seconds.

use super::about::{About, Head, Holding};
use super::stated::{Figure, Measured};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Way, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    head.has("model_latency.mean")
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    const WAYS: [Way; 1] = [&[]];
    out.tool("weave", None);
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        let mut found = Vec::new();
        for (key, value) in json.entries() {
            summed(key, value, &mut found);
        }
        // All truth values of a summary are over the same examples.
        let mut examples = None;
        for summed in &found {
            let Summed::Truth { count, fraction, .. } = summed else { continue };
            if *count == 0 || fraction.value <= 0.0 {
                continue;
            }
            let n = (*count as f64 / fraction.value).round();
            if n < *count as f64 || (*count as f64 / n - fraction.value).abs() > 1e-9 {
                return Err(out.contradiction("a `true_fraction` is no share of its `true_count`"));
            }
            if examples.is_some_and(|known| known != n as u64) {
                return Err(out.contradiction("its truth values are over different numbers of examples"));
            }
            examples = Some(n as u64);
        }
        for summed in found {
            let (name, measured) = match (summed, examples) {
                (Summed::Truth { name, count, .. }, Some(n)) => (name, Measured::Events { events: count, n }),
                (Summed::Truth { name, fraction, .. }, None) => (name, Measured::Point(fraction)),
                (Summed::Mean { name, mean }, _) if name == "model_latency" => {
                    ("latency_s".to_owned(), Measured::Point(mean))
                }
                (Summed::Mean { name, mean }, _) => (name, Measured::Point(mean)),
            };
            out.aggregate(&name, part.line, measured)?;
        }
        Ok(())
    })
}

/// What a summary says of one key of a scorer.
enum Summed {
    Truth { name: String, count: u64, fraction: Figure },
    Mean { name: String, mean: Figure },
}

fn summed(name: &str, json: &Json<'_>, found: &mut Vec<Summed>) {
    let name = || name.to_owned();
    if let (Some(count), Some(fraction)) = (json["true_count"].count(), json["true_fraction"].figure()) {
        found.push(Summed::Truth { name: name(), count, fraction });
    } else if let Some(mean) = json["mean"].figure() {
        found.push(Summed::Mean { name: name(), mean });
    } else {
        for (key, value) in json.entries() {
            summed(&format!("{}.{key}", name()), value, found);
        }
    }
}
