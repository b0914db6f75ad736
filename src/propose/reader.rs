//! Reads the values of the fields for which a proposal depends on them.

use super::holding::Holding;
use super::values::FieldValues;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::evidence::{self, Catalog, Projected, Projection, Role, Sample, Sink, Source, TruthWords, Value};

/// Reads all rows of a file whose fields `holding` knows, and notes what their values are.
///
/// # Errors
/// A file that cannot be read to its end.
pub fn look(holding: &mut Holding, source: &dyn Source, catalog: &Catalog) -> Result<(), Diagnostics> {
    let names: Vec<String> =
        holding.open_fields().filter(|name| catalog.fields.contains_key(*name)).map(str::to_owned).collect();
    if names.is_empty() || !catalog.has_samples() {
        return Ok(());
    }
    let field = |name: &String| Projected { name: name.clone(), role: Role::Label };
    let projection = Projection {
        fields: names.iter().map(field).collect(),
        records: false,
        paths: catalog.paths.clone(),
    };
    let text = catalog.format.labels_are_text();
    let mut seen = Columns { text, seen: vec![FieldValues::default(); names.len()] };
    evidence::stream(source, catalog.format, catalog.compression, &projection, &mut seen)?;
    for (name, seen) in names.iter().zip(seen.seen) {
        holding.note(name, seen);
    }
    Ok(())
}

/// One [`FieldValues`] a field.
struct Columns {
    /// Whether numbers are written as text.
    text: bool,
    seen: Vec<FieldValues>,
}

impl Sink for Columns {
    fn fork(&self) -> Self {
        Self { text: self.text, seen: vec![FieldValues::default(); self.seen.len()] }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        for (seen, value) in self.seen.iter_mut().zip(sample.values) {
            let number = match value {
                Value::Absent | Value::Null | Value::Texts(_) => continue,
                Value::Bool(truth) | Value::Truth(_, truth) => Some(f64::from(*truth)),
                Value::Number(number) => Some(*number),
                Value::Written(written) => written.parse().ok(),
                Value::Text(text) => {
                    let number = if self.text { text.parse().ok() } else { None };
                    number.or_else(|| TruthWords::said(text).map(|(_, truth)| f64::from(truth)))
                }
            };
            match number.filter(|number: &f64| number.is_finite()) {
                Some(number) => seen.number(number),
                None => seen.text(),
            }
        }
        Ok(())
    }

    fn absorb(&mut self, later: Self, _: u64) -> Result<(), Diagnostic> {
        for (seen, later) in self.seen.iter_mut().zip(later.seen) {
            *seen = seen.and(later);
        }
        Ok(())
    }
}
