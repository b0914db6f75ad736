//! What a row asks: the text that a training row and an evaluation row must not share.
//!
//! Folded, so that case and white space do not hide a copy. Near copies (other words, other punctuation) are not
//! found: only equal text counts.

use super::canonical::{of_bytes, of_member, of_members, of_name, of_value};
use super::tally::KEYS;
use crate::evidence::table::{Piece, RowValue, walk};

/// Fields that hold what is asked, in the order in which they are looked for.
const INPUTS: [&str; 14] = [
    "prompt",
    "question",
    "input",
    "query",
    "messages",
    "conversations",
    "text",
    "instruction",
    "conversation",
    "dialogue",
    "dialog",
    "utterance",
    "user",
    "request",
];
/// Fields that hold an answer or a judgement, or say where the row is from.
const OUTPUTS: [&str; 15] = [
    "label",
    "labels",
    "answer",
    "answers",
    "expected",
    "target",
    "output",
    "completion",
    "response",
    "reference",
    "score",
    "category",
    "split",
    "source",
    "index",
];
/// Roles whose messages ask.
const ASKS: [&str; 2] = ["user", "human"];

/// Finds the inputs of rows with the same names.
#[derive(Default)]
pub(super) struct Inputs {
    /// By slot: the place in [`INPUTS`], else [`OTHER`] or [`LEFT_OUT`].
    places: Vec<u8>,
    numbers: Vec<u128>,
    folded: String,
    members: Vec<u128>,
}

const OTHER: u8 = 100;
const LEFT_OUT: u8 = 101;

impl Inputs {
    /// The number of what a row asks; none where it asks nothing.
    pub(super) fn number(&mut self, names: &[String], fields: &[(u32, RowValue<'_>)]) -> Option<u64> {
        for name in names.iter().skip(self.places.len()) {
            self.places.push(place(name));
            self.numbers.push(of_name(name));
        }
        if self.fold(fields) {
            return Some(of_bytes(b'i', self.folded.as_bytes()) as u64);
        }
        self.members.clear();
        for (slot, value) in fields {
            let slot = *slot as usize;
            let blank = match value {
                RowValue::Null => true,
                RowValue::Text(text) => text.trim().is_empty(),
                _ => false,
            };
            if !blank && self.places.get(slot) != Some(&LEFT_OUT) {
                let name = self.numbers.get(slot).copied().unwrap_or_default();
                let number = match value {
                    RowValue::Text(text) => {
                        self.folded.clear();
                        fold(&mut self.folded, text);
                        of_bytes(b'i', self.folded.as_bytes())
                    }
                    value => of_value(value),
                };
                self.members.push(of_member(name, number));
            }
        }
        (!self.members.is_empty()).then(|| of_members(&mut self.members) as u64)
    }

    /// Folds the first input that says something; whether there is one.
    fn fold(&mut self, fields: &[(u32, RowValue<'_>)]) -> bool {
        let mut tried = None;
        loop {
            let place = |slot: &u32| self.places.get(*slot as usize).copied().unwrap_or(OTHER);
            let next = fields
                .iter()
                .filter(|(slot, _)| place(slot) < OTHER && tried.is_none_or(|tried| place(slot) > tried))
                .min_by_key(|(slot, _)| place(slot));
            let Some((slot, value)) = next else { return false };
            tried = Some(place(slot));
            self.folded.clear();
            match value {
                RowValue::Text(text) => fold(&mut self.folded, text),
                RowValue::List(text) | RowValue::Object(text) => messages(&mut self.folded, text),
                _ => {}
            }
            if !self.folded.is_empty() {
                return true;
            }
        }
    }

    /// The folded text of the last row; empty where all its fields together were its input.
    #[cfg(test)]
    fn text(&self) -> &str {
        &self.folded
    }
}

fn place(name: &str) -> u8 {
    if let Some(place) = INPUTS.iter().position(|known| *known == name) {
        return u8::try_from(place).unwrap_or(OTHER);
    }
    if KEYS.contains(&name) || OUTPUTS.contains(&name) { LEFT_OUT } else { OTHER }
}

/// Whether a field holds what is asked.
pub(super) fn is_input(name: &str) -> bool {
    place(name) < OTHER
}

/// Adds `text` in lower case, with one space between words.
fn fold(into: &mut String, text: &str) {
    for word in text.split_whitespace() {
        if !into.is_empty() {
            into.push(' ');
        }
        if word.is_ascii() {
            let start = into.len();
            into.push_str(word);
            if let Some(word) = into.get_mut(start..) {
                word.make_ascii_lowercase();
            }
        } else {
            into.extend(word.chars().flat_map(char::to_lowercase));
        }
    }
}

/// Adds what the messages of a user say; all text where nobody is a user.
fn messages(into: &mut String, text: &str) {
    let mut asked = String::new();
    let mut all = String::new();
    // Of the object at depth 2, which is a message where `text` is a list of them.
    let mut message = Message::default();
    let mut depth = 0_u32;
    let mut key = String::new();
    walk(text, |piece| match piece {
        Piece::List | Piece::Object => depth += 1,
        Piece::Key(name) => {
            key.clear();
            key.push_str(&name);
        }
        Piece::End => {
            if depth == 2 {
                let done = std::mem::take(&mut message);
                if done.asks {
                    fold(&mut asked, &done.content);
                }
                fold(&mut all, &done.content);
            }
            depth = depth.saturating_sub(1);
        }
        Piece::Leaf(RowValue::Text(value)) => match key.as_str() {
            "role" | "from" if depth == 2 => message.asks = ASKS.contains(&value.as_ref()),
            "type" | "name" | "id" | "role" if depth >= 2 => {}
            _ if depth >= 2 => {
                message.content.push(' ');
                message.content.push_str(&value);
            }
            _ => fold(&mut all, &value),
        },
        Piece::Leaf(_) => {}
    });
    into.push_str(if asked.is_empty() { &all } else { &asked });
}

#[derive(Default)]
struct Message {
    asks: bool,
    content: String,
}

#[cfg(test)]
mod tests {
    use super::Inputs;
    use crate::evidence::table::RowValue;

    fn input(fields: &[(&str, RowValue<'_>)]) -> (Option<u64>, String) {
        let names: Vec<String> = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
        let fields: Vec<_> = (0..).zip(fields.iter().map(|(_, value)| value.clone())).collect();
        let mut inputs = Inputs::default();
        let number = inputs.number(&names, &fields);
        (number, inputs.text().to_owned())
    }

    #[test]
    fn the_first_input_that_says_something_counts() {
        let text = |text: &'static str| RowValue::Text(text.into());
        assert_eq!(input(&[("input", text(" ")), ("instruction", text("Say  HI\n ÄÖ"))]).1, "say hi äö");
        assert_eq!(input(&[("text", text("a")), ("prompt", text("b"))]).1, "b");
        let chat = r#"[{"role":"system","content":"Be kind"},{"role":"user","content":[{"type":"text","text":"Hi"}]},
            {"role":"assistant","content":"Hello"},{"from":"human","value":"Bye"}]"#;
        assert_eq!(input(&[("messages", RowValue::List(chat))]).1, "hi bye");
        assert_eq!(input(&[("prompt", RowValue::List(r#"["A", {"x":"B"}]"#))]).1, "a b");
        let whole = |id, label| {
            input(&[("id", RowValue::Integer(id)), ("label", text(label)), ("body", text("Some  Words"))]).0
        };
        assert_eq!(whole("1", "x"), whole("2", "y"));
        assert_ne!(whole("1", "x"), input(&[("body", text("others"))]).0);
        assert_eq!(input(&[("id", RowValue::Integer("1"))]).0, None);
        assert_eq!(input(&[("prompt", RowValue::Null)]).0, None);
    }
}
