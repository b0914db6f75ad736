//! A metrics file with its metrics only: what a bundle keeps of one that says other things as well.

use crate::evidence::probe::Catalog;
use crate::evidence::{Figure, Measured};

impl Catalog {
    /// What it says of metrics, when it was made and with what, as `relgate/metrics/v1`: the same numbers with the same digits,
    /// and nothing of what else stood beside them, which may be anything (a key of an API).
    #[must_use]
    pub fn restated(&self) -> String {
        let mut parts = vec!["\"schema\": \"relgate/metrics/v1\"".to_owned()];
        let created = self.identity.created.map(|created| created.to_rfc3339());
        parts.extend(created.map(|created| format!("\"created\": {}", text(&created))));
        if !self.identity.artifacts.is_empty() {
            let artifacts = self.identity.artifacts.iter();
            parts.push(format!(
                "\"artifacts\": {}",
                object(artifacts.map(|(name, version)| (name, text(version))))
            ));
        }
        let metrics = self.aggregates.iter().map(|(name, stated)| (name, entry(&stated.measured)));
        parts.push(format!("\"metrics\": {}", object(metrics)));
        format!("{{{}}}\n", parts.join(",\n"))
    }
}

fn object<'a>(entries: impl Iterator<Item = (&'a String, String)>) -> String {
    let entries: Vec<String> = entries.map(|(name, value)| format!("{}: {value}", text(name))).collect();
    format!("{{{}}}", entries.join(", "))
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn entry(measured: &Measured) -> String {
    let figure = |figure: &Figure| Some(figure.text.clone());
    let count = |count: &Option<u64>| count.map(|count| count.to_string());
    let number = |number: &Option<f64>| number.map(|number| number.to_string());
    let parts = match measured {
        Measured::Point(point) => return point.text.clone(),
        Measured::Events { events, n } => {
            vec![("events", Some(events.to_string())), ("n", Some(n.to_string()))]
        }
        Measured::Value { value, n } => vec![("value", figure(value)), ("n", Some(n.to_string()))],
        Measured::Stderr { value, stderr, n, clusters } => vec![
            ("value", figure(value)),
            ("stderr", Some(stderr.to_string())),
            ("n", count(n)),
            ("clusters", count(clusters)),
        ],
        Measured::Interval { value, lower, upper, confidence, n } => vec![
            ("value", value.as_ref().and_then(figure)),
            ("lower", number(lower)),
            ("upper", number(upper)),
            ("confidence", Some(confidence.to_string())),
            ("n", count(n)),
        ],
    };
    let parts = parts.into_iter().filter_map(|(key, value)| Some(format!("\"{key}\": {}", value?)));
    format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
}
