//! The one table of terminal outputs: a header, a line under it, columns that line up.

use std::ops::Range;

use anstream::adapter::strip_str;
use tabled::builder::Builder;
use tabled::settings::object::{Columns, Rows};
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Padding, Style};
use unicode_width::UnicodeWidthStr;

/// Rows under a header; cells may be coloured and have to be printable.
pub(super) struct Table {
    rows: Builder,
    right: Range<usize>,
}

impl Table {
    /// Without rows; the columns `right` hold numbers.
    pub(super) fn new<const N: usize>(header: [&str; N], right: Range<usize>) -> Self {
        let mut rows = Builder::default();
        rows.push_record(header);
        Self { rows, right }
    }

    /// Adds a row with a cell for every column.
    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push_record(cells);
    }

    /// The lines, without spaces at their ends.
    pub(super) fn render(self) -> String {
        let mut table = self.rows.build();
        table.with(Style::blank().horizontals([(1, HorizontalLine::new('-').intersection(' '))]));
        table.modify(Rows::new(..), Padding::new(0, 1, 0, 0));
        table.modify(Columns::new(self.right), Alignment::right());
        table.to_string().lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
    }
}

/// The columns that a text takes, styles not counted.
pub(super) fn width(text: &str) -> usize {
    text.lines().map(|line| strip_str(line).to_string().width()).max().unwrap_or(0)
}
