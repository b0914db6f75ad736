//! A text that may not grow past a length: which of its parts go first, and what is said in their place.

use std::fmt::Write as _;

use super::number::count;

/// A part of a text: a heading with rows below it.
pub(super) struct Section {
    head: String,
    rows: Vec<String>,
    foot: &'static str,
    /// The smaller, the sooner it gets room; none for what always stands there.
    rank: Option<u8>,
}

impl Section {
    /// What always stands there.
    pub(super) fn fixed(text: String) -> Self {
        Self { head: text, rows: Vec::new(), foot: "", rank: None }
    }

    /// Rows below a heading, of which as many are shown as there is room for; nothing where there are none.
    pub(super) fn new(head: &str, rows: Vec<String>, rank: u8) -> Self {
        Self { head: head.to_owned(), rows, foot: "", rank: Some(rank) }
    }

    /// With what closes it.
    pub(super) fn closed_by(mut self, foot: &'static str) -> Self {
        self.foot = foot;
        self
    }

    fn stands(&self) -> bool {
        self.rank.is_none() || !self.rows.is_empty()
    }

    /// What it takes without a row: its heading, and the sentence on what is left out.
    fn least(&self) -> usize {
        if self.stands() { self.head.len() + self.foot.len() + LEFT_OUT } else { 0 }
    }
}

/// So many bytes has the sentence on what is left out.
const LEFT_OUT: usize = 80;

/// The parts in their order, in at most `room` bytes; fixed parts and headings stand there whatever room there is.
pub(super) fn fitted(sections: &[Section], room: usize) -> String {
    let mut left = room.saturating_sub(sections.iter().map(Section::least).sum());
    let mut places: Vec<Placed<'_>> = sections.iter().map(|section| Placed { section, shown: 0 }).collect();
    let mut order: Vec<&mut Placed<'_>> = places.iter_mut().collect();
    order.sort_by_key(|placed| placed.section.rank);
    // Everything gets some room before anything gets the rest.
    let share = left / (sections.len() + 1);
    for placed in &mut order {
        left -= placed.show(share);
    }
    for placed in &mut order {
        left -= placed.show(left);
    }
    let mut text = String::new();
    for Placed { section, shown } in places.iter().filter(|placed| placed.section.stands()) {
        text.push_str(&section.head);
        text.extend(section.rows.iter().take(*shown).map(String::as_str));
        let more = section.rows.len() - shown;
        if more > 0 {
            // A line of its own ends a table or list before it.
            let _ = writeln!(text, "\n{} more left out: report.json has all.", count(more as u64));
        }
        text.push_str(section.foot);
    }
    text
}

/// A part, and how many of its rows have room.
struct Placed<'a> {
    section: &'a Section,
    shown: usize,
}

impl Placed<'_> {
    /// Gives it further rows of at most so many bytes; the bytes that they take.
    fn show(&mut self, room: usize) -> usize {
        let mut left = room;
        for row in self.section.rows.iter().skip(self.shown) {
            let Some(rest) = left.checked_sub(row.len()) else { break };
            left = rest;
            self.shown += 1;
        }
        room - left
    }
}

#[cfg(test)]
mod tests {
    use super::{Section, fitted};

    #[test]
    fn what_matters_more_gets_the_room() {
        let rows = |n: usize| (0..n).map(|i| format!("row {i}\n")).collect::<Vec<_>>();
        let parts = |room: usize| {
            let parts = vec![
                Section::fixed("head\n".to_owned()),
                Section::new("few\n", rows(100), 1),
                Section::new("many\n", rows(100), 0).closed_by("end\n"),
                Section::new("none\n", Vec::new(), 0),
                Section::fixed("last\n".to_owned()),
            ];
            fitted(&parts, room)
        };
        let whole = parts(10_000);
        assert!(
            !whole.contains("left out") && !whole.contains("none") && whole.ends_with("row 99\nend\nlast\n")
        );
        let cut = parts(1_300);
        assert!(cut.len() <= 1_300, "{}", cut.len());
        assert!(cut.starts_with("head\nfew\n") && cut.ends_with("end\nlast\n"), "{cut}");
        let many = cut.split("many\n").nth(1).unwrap();
        assert!(many.contains("row 99") && !many.contains("left out"), "{many}");
        assert!(cut.contains("more left out: report.json has all."), "{cut}");
    }
}
