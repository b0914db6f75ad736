//! What is worked out of a response.

use std::sync::Arc;

use crate::evidence::FieldKind;
use crate::manifest::MonitoringSpec;
use crate::monitor::LogField;

/// A field that no row has, its kind, and how its value is found.
pub(super) struct DerivedField {
    pub(super) name: &'static str,
    pub(super) kind: FieldKind,
    pub(super) field: LogField,
}

/// All that can be worked out where rows have a `response`.
pub(super) fn all(monitoring: &MonitoringSpec) -> Vec<DerivedField> {
    let truth = |name, of: Arc<dyn Fn(&str) -> bool + Send + Sync>| DerivedField {
        name,
        kind: FieldKind::Bool,
        field: LogField::Derived(Arc::new(move |text| f64::from(u8::from(of(text))))),
    };
    let mut fields = vec![
        DerivedField {
            name: "response_chars",
            kind: FieldKind::Number,
            field: LogField::Derived(Arc::new(|text| text.chars().count() as f64)),
        },
        truth("empty_response", Arc::new(|text| text.trim().is_empty())),
    ];
    let phrases: Vec<String> = monitoring.refusals.iter().map(|phrase| phrase.value.to_lowercase()).collect();
    if !phrases.is_empty() {
        fields.push(truth(
            "refusal",
            Arc::new(move |text| {
                let text = text.to_lowercase();
                phrases.iter().any(|phrase| text.contains(phrase))
            }),
        ));
    }
    fields
}
