//! The wanted parts of a JSON document of any length, in the memory of the largest part.
//!
//! Documents may follow one another, so that JSON Lines are read by the same code: the part there is each whole document.
//! What is not wanted is passed over bracket by bracket and not looked at.

use std::io::Read;

use memchr::{memchr_iter, memchr2};

use super::file::ForeignFile;
use super::halt::Halt;
use super::json::Json;
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::document::{Cause, Fault};
use crate::evidence::blocks::unreadable;
use crate::evidence::feed::LONGEST;

/// The way to a part: the keys that lead to it; `*` is every element of a list, no key at all the document itself.
pub(in crate::evidence) type Way = &'static [&'static str];

/// Bytes that are read at once.
const CHUNK: usize = 128 * 1024;

/// A part of a document.
pub(in crate::evidence) struct Part<'t> {
    /// The place of its way among those that were asked for.
    pub(in crate::evidence) way: usize,
    /// As written.
    pub(in crate::evidence) text: &'t str,
    /// The line that it starts on, from 1.
    pub(in crate::evidence) line: u64,
    /// The number of the element of the outermost list on its way that it stands in, from 1 over all documents: parts with
    /// another number belong to something else. 0 where no list is on its way.
    pub(in crate::evidence) element: u64,
}

impl<'t> Part<'t> {
    /// Its value.
    ///
    /// # Errors
    /// It is not JSON, with the line in `file`.
    pub(in crate::evidence) fn json(&self, file: &str) -> Result<Json<'t>, Halt> {
        Json::parse(self.text).map_err(|fault| worded(fault, self.text).at_line(file, self.line).into())
    }
}

/// Says why a part is not JSON.
pub(in crate::evidence) fn worded(fault: Fault, text: &str) -> Diagnostic {
    let again = "let the tool write the file again; evidence that is not whole is never judged";
    match fault.cause() {
        Cause::Finding(finding) => finding,
        Cause::Repeated(key) => {
            Diagnostic::error(Code::DuplicateKey, format!("`{}` stands twice in one object", printable(&key)))
                .note("programs differ in which of the two they take, so neither can be judged")
                .help(again)
        }
        Cause::CutOff | Cause::NotFinite { .. } => {
            Diagnostic::error(Code::CutOff, "what starts on this line is cut off")
                .nature(Nature::CutOff)
                .help(again)
        }
        Cause::Syntax(at, what) => {
            let lines = memchr_iter(b'\n', text.get(..at).unwrap_or_default().as_bytes()).count();
            let place = if lines == 0 { String::new() } else { format!(" ({lines} lines further down)") };
            Diagnostic::error(Code::NotJson, format!("what starts on this line is not JSON: {what}{place}"))
                .help(again)
        }
    }
}

/// Hands the parts of a file at `ways` to `found`, in the order of the file.
///
/// # Errors
/// The file cannot be read, ends in the middle of a document or is none; a part stands twice, or is larger than 64 MiB;
/// and whatever `found` refuses.
pub(in crate::evidence) fn parts(
    file: &ForeignFile<'_>,
    ways: &[Way],
    mut found: impl FnMut(Part<'_>) -> Result<(), Halt>,
) -> Result<(), Halt> {
    parts_of(file.name(), file.text(), ways, |part| {
        file.standing.enter(part.line, !part.text.contains('\n'));
        let taken = found(part);
        file.standing.leave();
        taken
    })
}

/// The same of a stream within a file, in which lines say nothing.
///
/// # Errors
/// As [`parts`].
pub(in crate::evidence) fn parts_of(
    file: &str,
    mut stream: impl Read,
    ways: &[Way],
    mut found: impl FnMut(Part<'_>) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let mut reader = Reader::new(file, ways);
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = match stream.read(&mut chunk) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            other => other.map_err(|error| unreadable(file, &error))?,
        };
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        reader.take(bytes, &mut found)?;
    }
    reader.end(&mut found)
}

/// A place on the ways.
struct Place {
    /// The ways that end here.
    way: Option<usize>,
    /// The keys that lead on, and where.
    next: Vec<(&'static str, usize)>,
    /// Whether it was met since its parent was opened.
    met: bool,
}

/// What comes next outside of what is passed over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    /// A document, or the end of the file.
    Document,
    /// A value; in a list that was just opened its end too.
    Value {
        or_end: bool,
    },
    /// A key; in an object that was just opened its end too.
    Key {
        or_end: bool,
    },
    Colon,
    Comma,
    /// More of a key.
    Letters {
        escaped: bool,
    },
    /// More of a value that is passed over or taken.
    Inside {
        depth: usize,
        text: Text,
    },
}

/// What kind of value the innermost byte belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    /// Quoted text.
    Within { escaped: bool },
    /// A bare number or word.
    Bare,
    /// Neither.
    Outside,
}

struct Reader<'f> {
    file: &'f str,
    places: Vec<Place>,
    /// The open lists (true) and objects on the ways, innermost last.
    open: Vec<(bool, usize)>,
    due: Due,
    key: Vec<u8>,
    /// Where the next value belongs, if it is on a way.
    place: Option<usize>,
    /// The part that is being taken: its way, its bytes, its line.
    taking: Option<usize>,
    taken: Vec<u8>,
    taken_line: u64,
    line: u64,
    /// Bytes of a byte order mark that were seen.
    mark: usize,
    documents: u64,
    /// Elements of outermost lists that were opened.
    elements: u64,
}

impl<'f> Reader<'f> {
    fn new(file: &'f str, ways: &[Way]) -> Self {
        let mut places = vec![Place { way: None, next: Vec::new(), met: false }];
        for (number, way) in ways.iter().enumerate() {
            let mut at = 0;
            for key in *way {
                let known = places.get(at).and_then(|place| place.next.iter().find(|(own, _)| own == key));
                at = match known {
                    Some((_, next)) => *next,
                    None => {
                        let next = places.len();
                        if let Some(place) = places.get_mut(at) {
                            place.next.push((key, next));
                        }
                        places.push(Place { way: None, next: Vec::new(), met: false });
                        next
                    }
                };
            }
            if let Some(place) = places.get_mut(at) {
                place.way = Some(number);
            }
        }
        Self {
            file,
            places,
            open: Vec::new(),
            due: Due::Document,
            key: Vec::new(),
            place: None,
            taking: None,
            taken: Vec::new(),
            taken_line: 0,
            line: 1,
            mark: 0,
            documents: 0,
            elements: 0,
        }
    }

    fn wrong(&self, what: &str) -> Halt {
        Diagnostic::error(Code::NotJson, format!("this is not JSON: {what}"))
            .nature(Nature::Malformed)
            .at_line(self.file, self.line)
            .help("let the tool write the file again; evidence that is not whole is never judged")
            .into()
    }

    fn take(
        &mut self,
        bytes: &[u8],
        found: &mut impl FnMut(Part<'_>) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let mut at = 0;
        let mut counted = 0;
        while let Some(&byte) = bytes.get(at) {
            if let Due::Inside { depth, text } = self.due {
                let rest = bytes.get(at..).unwrap_or_default();
                let (length, next) = inside(rest, depth, text);
                if self.taking.is_some() {
                    if self.taken.len() + length > LONGEST {
                        return Err(self.too_large());
                    }
                    self.taken.extend_from_slice(rest.get(..length).unwrap_or_default());
                }
                at += length;
                match next {
                    Some((depth, text)) => self.due = Due::Inside { depth, text },
                    None => {
                        self.count(bytes, &mut counted, at);
                        self.hand_over(found)?;
                    }
                }
                continue;
            }
            if let Due::Letters { escaped } = self.due {
                at += 1;
                if self.key.len() > LONGEST {
                    return Err(self.too_large());
                }
                self.due = match byte {
                    b'"' if !escaped => Due::Colon,
                    _ => {
                        self.key.push(byte);
                        Due::Letters { escaped: byte == b'\\' && !escaped }
                    }
                };
                if self.due == Due::Colon {
                    self.find_key()?;
                }
                continue;
            }
            if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                at += 1;
                continue;
            }
            self.count(bytes, &mut counted, at);
            at += self.between(byte)?;
        }
        self.count(bytes, &mut counted, at);
        Ok(())
    }

    fn count(&mut self, bytes: &[u8], counted: &mut usize, at: usize) {
        self.line += memchr_iter(b'\n', bytes.get(*counted..at).unwrap_or_default()).count() as u64;
        *counted = at;
    }

    /// Takes a byte between values; how many bytes are done with.
    fn between(&mut self, byte: u8) -> Result<usize, Halt> {
        match (self.due, byte) {
            (Due::Document, _) if self.documents == 0 && b"\xef\xbb\xbf".get(self.mark) == Some(&byte) => {
                self.mark += 1;
            }
            (Due::Document, _) => {
                self.documents += 1;
                for place in &mut self.places {
                    place.met = false;
                }
                self.place = Some(0);
                return self.begin(byte);
            }
            (Due::Value { or_end: true }, b']') | (Due::Key { or_end: true }, b'}') => self.close(),
            (Due::Value { .. }, _) => return self.begin(byte),
            (Due::Key { .. }, b'"') => {
                self.key.clear();
                self.due = Due::Letters { escaped: false };
            }
            (Due::Colon, b':') => self.due = Due::Value { or_end: false },
            (Due::Comma, b',') => {
                let list = self.open.last().is_some_and(|(list, _)| *list);
                if list {
                    self.enter("*");
                    self.due = Due::Value { or_end: false };
                } else {
                    self.due = Due::Key { or_end: false };
                }
            }
            (Due::Comma, b']' | b'}')
                if self.open.last().is_some_and(|(list, _)| *list == (byte == b']')) =>
            {
                self.close();
            }
            (Due::Key { .. }, _) => return Err(self.wrong("a key in double quotes was expected here")),
            (Due::Colon, _) => return Err(self.wrong("`:` was expected here")),
            _ => return Err(self.wrong("`,` or a closing bracket was expected here")),
        }
        Ok(1)
    }

    /// Begins a value with its first byte; how many bytes are done with.
    fn begin(&mut self, byte: u8) -> Result<usize, Halt> {
        let place = self.place.take().and_then(|at| Some((at, self.places.get(at)?)));
        let way = place.and_then(|(_, place)| place.way);
        if let (Some((at, place)), b'[' | b'{', None) = (place, byte, way)
            && !place.next.is_empty()
        {
            let list = byte == b'[';
            let outer = self.open.iter().filter(|(list, _)| *list).count();
            if outer == 1 && self.open.last().is_some_and(|(list, _)| *list) {
                self.elements += 1;
            }
            self.open.push((list, at));
            if list {
                self.enter("*");
            } else {
                for (_, next) in self.next_of(at) {
                    if let Some(place) = self.places.get_mut(next) {
                        place.met = false;
                    }
                }
            }
            self.due = if list { Due::Value { or_end: true } } else { Due::Key { or_end: true } };
            return Ok(1);
        }
        if matches!(byte, b',' | b':' | b']' | b'}') {
            return Err(self.wrong("a value was expected here"));
        }
        self.taking = way;
        self.taken.clear();
        self.taken_line = self.line;
        self.due = Due::Inside { depth: 0, text: Text::Outside };
        Ok(0)
    }

    fn next_of(&self, at: usize) -> Vec<(&'static str, usize)> {
        self.places.get(at).map(|place| place.next.clone()).unwrap_or_default()
    }

    /// The next value stands under `key` of the innermost list or object.
    fn enter(&mut self, key: &str) {
        let inner = self.open.last().map(|(_, at)| *at);
        self.place = inner.and_then(|at| {
            let next = self.places.get(at)?.next.iter().find(|(own, _)| *own == key)?;
            Some(next.1)
        });
    }

    /// A key was read.
    fn find_key(&mut self) -> Result<(), Halt> {
        let mut text = Vec::with_capacity(self.key.len() + 2);
        text.push(b'"');
        text.append(&mut self.key);
        text.push(b'"');
        let key = match std::str::from_utf8(&text).ok().map(Json::parse) {
            Some(Ok(Json::Text(key))) => key.into_owned(),
            _ => return Err(self.wrong("a key is not text")),
        };
        self.enter(&key);
        let Some(place) = self.place.and_then(|at| self.places.get_mut(at)) else { return Ok(()) };
        if std::mem::replace(&mut place.met, true) {
            let text = format!("`{}` stands twice in one object", printable(&key));
            return Err(Diagnostic::error(Code::DuplicateKey, text)
                .at_line(self.file, self.line)
                .note("programs differ in which of the two they take, so neither can be judged")
                .help("let the tool write the file again")
                .into());
        }
        Ok(())
    }

    fn close(&mut self) {
        self.open.pop();
        self.due = if self.open.is_empty() { Due::Document } else { Due::Comma };
    }

    /// A value ended.
    fn hand_over(&mut self, found: &mut impl FnMut(Part<'_>) -> Result<(), Halt>) -> Result<(), Halt> {
        self.due = if self.open.is_empty() { Due::Document } else { Due::Comma };
        let Some(way) = self.taking.take() else { return Ok(()) };
        let Ok(text) = std::str::from_utf8(&self.taken) else {
            return Err(Diagnostic::error(Code::NotUtf8, "what starts on this line is not UTF-8 text")
                .at_line(self.file, self.taken_line)
                .help("write the file as UTF-8")
                .into());
        };
        let element = if self.open.iter().any(|(list, _)| *list) { self.elements } else { 0 };
        found(Part { way, text: text.trim_end(), line: self.taken_line, element })
    }

    /// The file ended.
    fn end(&mut self, found: &mut impl FnMut(Part<'_>) -> Result<(), Halt>) -> Result<(), Halt> {
        if let Due::Inside { depth: 0, text: Text::Bare } = self.due {
            self.hand_over(found)?;
        }
        if self.due != Due::Document {
            return Err(Diagnostic::error(Code::CutOff, "this file is cut off: its JSON does not end")
                .nature(Nature::CutOff)
                .in_file(self.file)
                .help("let the evaluation run to its end; evidence that is not whole is never judged")
                .into());
        }
        Ok(())
    }

    fn too_large(&self) -> Halt {
        Diagnostic::error(
            Code::TooLarge,
            format!("what starts on this line is larger than {} MiB", LONGEST >> 20),
        )
        .at_line(self.file, self.taken_line.max(1))
        .help("let the tool write fewer attachments into each sample")
        .into()
    }
}

/// How many of `bytes` belong to a value, and where it stands then; `None` where it ended.
fn inside(bytes: &[u8], mut depth: usize, mut text: Text) -> (usize, Option<(usize, Text)>) {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match text {
            Text::Within { escaped: true } => {
                text = Text::Within { escaped: false };
                at += 1;
            }
            Text::Within { escaped: false } => {
                let Some(hit) = memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) else {
                    return (bytes.len(), Some((depth, text)));
                };
                at += hit + 1;
                if bytes.get(at - 1) == Some(&b'\\') {
                    text = Text::Within { escaped: true };
                } else if depth == 0 {
                    return (at, None);
                } else {
                    text = Text::Outside;
                }
            }
            Text::Bare if depth == 0 && matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') => {
                return (at, None);
            }
            Text::Outside | Text::Bare => {
                at += 1;
                match byte {
                    b'"' => text = Text::Within { escaped: false },
                    b'[' | b'{' => depth += 1,
                    b']' | b'}' => {
                        depth = depth.saturating_sub(1);
                        if depth == 0 {
                            return (at, None);
                        }
                    }
                    _ if depth == 0 => text = Text::Bare,
                    _ => {}
                }
            }
        }
    }
    (at, Some((depth, text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, ways: &[Way]) -> Result<Vec<(usize, String, u64)>, String> {
        // A byte at a time, so that every state is left and entered between two reads.
        struct Slow<'t>(&'t [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
                let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
                buf[0] = *first;
                self.0 = rest;
                Ok(1)
            }
        }
        let run = |stream: &mut dyn Read| {
            let mut found = Vec::new();
            parts_of("f.json", stream, ways, |part| {
                found.push((part.way, part.text.to_owned(), part.line));
                Ok(())
            })
            .map(|()| found)
            .map_err(|halt| match halt {
                Halt::Finding(finding) => finding.title,
                Halt::Closed => "closed".to_owned(),
            })
        };
        let slow = run(&mut Slow(text.as_bytes()));
        assert_eq!(slow, run(&mut text.as_bytes()), "chunks change the result of {text}");
        slow
    }

    #[test]
    fn parts_are_found_where_they_stand_and_nowhere_else() {
        let text =
            "\u{feff}{\n \"a\": {\"rows\": [1, {\"rows\": [7]}, \"x]\\\"\"]},\n\"rows\": [9], \"b\": null}";
        let found = read(text, &[&["a", "rows", "*"], &["b"]]).unwrap();
        let parts: Vec<(usize, &str, u64)> =
            found.iter().map(|(way, text, line)| (*way, text.as_str(), *line)).collect();
        assert_eq!(parts, [(0, "1", 2), (0, "{\"rows\": [7]}", 2), (0, "\"x]\\\"\"", 2), (1, "null", 3)]);
    }

    #[test]
    fn parts_of_one_element_have_its_number() {
        let text = "{\"a\":[{\"r\":1,\"s\":[2,3]},{\"s\":[4],\"r\":5}, 9, {\"s\":[]}]}\n{\"a\":[{\"s\":[6]}], \"b\": 7}";
        let ways: [Way; 3] = [&["a", "*", "r"], &["a", "*", "s", "*"], &["b"]];
        let mut found = Vec::new();
        parts_of("f", text.as_bytes(), &ways, |part| {
            found.push((part.text.to_owned(), part.element));
            Ok(())
        })
        .unwrap();
        let numbers: Vec<(&str, u64)> = found.iter().map(|(text, number)| (text.as_str(), *number)).collect();
        assert_eq!(numbers, [("1", 1), ("2", 1), ("3", 1), ("4", 2), ("5", 2), ("6", 4), ("7", 0)]);
    }

    #[test]
    fn documents_may_follow_one_another() {
        let found = read("{\"a\":1}\n\n{\"a\":2} 3", &[&[]]).unwrap();
        assert_eq!(
            found.iter().map(|part| (part.1.as_str(), part.2)).collect::<Vec<_>>(),
            [("{\"a\":1}", 1), ("{\"a\":2}", 3), ("3", 3)]
        );
    }

    #[test]
    fn what_is_broken_is_told() {
        for text in [
            "{\"a\": [1, 2",
            "{\"a\": [1], \"a\": [2]}",
            "{\"a\" [1]}",
            "{a: 1}",
            "[1 2]",
            "{\"a\": \"x",
            "{\"a\": ,}",
        ] {
            assert!(read(text, &[&["a", "*"], &["*"]]).is_err(), "{text}");
        }
        assert!(read("{\"a\": [], \"b\": {}}", &[&["a", "*"]]).unwrap().is_empty());
    }
}
