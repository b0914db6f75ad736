//! What was measured where nothing was asked of it: values with their limits, and no outcome.

use super::cells::cell;
use super::page::{Screen, push_wrapped};
use super::table::{self, Table};
use crate::diagnostic::printable;
use crate::manifest::Unit;
use crate::metric::Estimate;

/// A value with its limits, under the name that people use for it.
#[derive(Debug, Clone)]
pub struct MeasuredValue {
    /// The name.
    pub name: String,
    /// The value.
    pub estimate: Estimate,
    /// Its unit.
    pub unit: Unit,
}

impl MeasuredValue {
    /// Value, limits and n: `93.3% [89.0%, 96.3%], n 150`.
    #[must_use]
    pub fn cell(&self) -> String {
        printable(&cell(&self.estimate, f64::NAN, self.unit))
    }
}

/// A table of values for a terminal.
#[must_use]
pub fn measured(values: &[MeasuredValue], screen: Screen) -> String {
    let mut told = Table::new(["metric", "value [limits]", "method"], 0..0);
    for value in values {
        told.row([printable(&value.name), value.cell(), value.estimate.method.word().to_owned()]);
    }
    let told = told.render();
    if table::width(&told) <= screen.width.unwrap_or(usize::MAX) {
        return told;
    }
    let mut text = String::new();
    for value in values {
        let line = format!("{} ({})", value.cell(), value.estimate.method.word());
        push_wrapped(&mut text, &format!("{}: ", printable(&value.name)), &line, screen.columns());
    }
    text
}
