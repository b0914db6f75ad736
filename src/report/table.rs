//! The one table of all outputs: a header, a line under it, a row each; in a terminal its columns line up.

use std::fmt::Write as _;

use std::ops::Range;

use anstream::adapter::strip_str;
use tabled::builder::Builder;
use tabled::settings::object::{Columns, Rows};
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Padding, Style};
use unicode_width::UnicodeWidthStr;

/// Rows under a header; cells have to be printable, and escaped where they are for Markdown.
pub(super) struct Table {
    /// The header first.
    rows: Vec<Vec<String>>,
    right: Range<usize>,
}

impl Table {
    /// Without rows; the columns `right` hold numbers.
    pub(super) fn new<const N: usize>(header: [&str; N], right: Range<usize>) -> Self {
        Self { rows: vec![header.map(str::to_owned).to_vec()], right }
    }

    /// Adds a row with a cell for every column.
    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(Vec::from(cells));
    }

    /// As a table of Markdown, not laid out: a comment has room for few letters, and its page lays it out.
    pub(super) fn markdown(self) -> String {
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            let _ = writeln!(text, "| {} |", row.join(" | "));
            if number == 0 {
                let _ = writeln!(text, "|{}", "---|".repeat(row.len()));
            }
        }
        text
    }

    /// The lines for a terminal, without spaces at their ends.
    pub(super) fn render(self) -> String {
        let mut table = self.rows.into_iter().collect::<Builder>().build();
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
