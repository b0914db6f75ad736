//! A value of a `where:` as the results have it: text, a number or a truth value.

use crate::document::scalar;
use crate::evidence::{Catalog, FieldKind};

/// How a value is written so that it selects what the files hold: `1` is not `"1"`, unless every label there is text.
#[must_use]
pub fn condition<'c>(key: &str, value: &str, catalogs: impl IntoIterator<Item = &'c Catalog>) -> String {
    let is_text = |catalog: &Catalog| {
        catalog.fields.get(key) == Some(&FieldKind::Text) && !catalog.format.labels_are_text()
    };
    let number = value.parse::<f64>().is_ok_and(f64::is_finite)
        && value.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let plain = number || value == "true" || value == "false";
    if plain && !catalogs.into_iter().any(is_text) { value.to_owned() } else { scalar(value) }
}
