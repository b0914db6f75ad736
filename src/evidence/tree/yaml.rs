//! YAML into a tree: one document, no anchors, aliases, tags or merge keys.

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::{Broken, DEEPEST, Key, Kind, Node, mark_repeated};

/// Reads one document.
pub(in crate::evidence) fn parse(text: &str) -> Result<Node, Broken> {
    let mut reader = Reader { events: Parser::new_from_str(text), last: 1 };
    loop {
        let (event, line) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(..) => {}
            Event::StreamEnd | Event::DocumentEnd => {
                return Err(Broken { line, what: "empty".to_owned() });
            }
            event => {
                let node = reader.node(event, line, 0)?;
                reader.end()?;
                return Ok(node);
            }
        }
    }
}

struct Reader<I> {
    events: I,
    last: u64,
}

impl<'t, I: Iterator<Item = Result<(Event<'t>, Span), ScanError>>> Reader<I> {
    /// The next event, and its line.
    fn next(&mut self) -> Result<(Event<'t>, u64), Broken> {
        match self.events.next() {
            Some(Ok((event, span))) => {
                self.last = span.start.line() as u64;
                Ok((event, self.last))
            }
            Some(Err(error)) => Err(Broken {
                line: error.marker().line() as u64,
                what: format!("not YAML: {}", error.info()),
            }),
            None => Err(Broken { line: self.last, what: "cut off".to_owned() }),
        }
    }

    /// Nothing may follow the first document.
    fn end(&mut self) -> Result<(), Broken> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentEnd, _) => {}
                (_, line) => {
                    return Err(Broken { line, what: "more than one YAML document; keep one".to_owned() });
                }
            }
        }
    }

    fn node(&mut self, event: Event<'t>, line: u64, depth: usize) -> Result<Node, Broken> {
        if depth > DEEPEST {
            return Err(Broken { line, what: "nested too deeply".to_owned() });
        }
        let refused = match &event {
            Event::Scalar(_, _, anchor, tag)
            | Event::SequenceStart(_, anchor, tag)
            | Event::MappingStart(_, anchor, tag) => *anchor != 0 || tag.is_some(),
            _ => true,
        };
        if refused {
            let what =
                "using an anchor, alias or tag, which evidence may not; write the value out".to_owned();
            return Err(Broken { line, what });
        }
        let kind = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text),
            Event::Scalar(text, ..) => Kind::Text(text.into_owned()),
            Event::SequenceStart(..) => self.list(depth)?,
            _ => self.map(depth)?,
        };
        Ok(Node { line, kind })
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Broken> {
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Kind::List),
                (event, line) => drop(self.node(event, line, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Broken> {
        let mut entries = Vec::new();
        loop {
            let name = match self.next()? {
                (Event::MappingEnd, _) => {
                    mark_repeated(&mut entries);
                    return Ok(Kind::Map(entries));
                }
                (Event::Scalar(name, _, 0, None), line) => {
                    Key { name: name.into_owned(), line, repeated: false }
                }
                (_, line) => return Err(Broken { line, what: "using a key that is not text".to_owned() }),
            };
            let (event, line) = self.next()?;
            entries.push((name, self.node(event, line, depth + 1)?));
        }
    }
}

/// What a scalar without quotes means, by YAML's core schema; numbers in base ten only.
fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        ".nan" | ".NaN" | ".NAN" | "NaN" | "nan" => Kind::Word("NaN".to_owned()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "inf" | "Infinity" => Kind::Word("Infinity".to_owned()),
        "-.inf" | "-.Inf" | "-.INF" | "-inf" | "-Infinity" => Kind::Word("-Infinity".to_owned()),
        _ if is_number(text) => Kind::Number(text.to_owned()),
        _ => Kind::Text(text.to_owned()),
    }
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, without leading zeros, which older
/// YAML reads as base eight.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let power = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    digits(whole)
        && digits(decimals)
        && !(whole.is_empty() && decimals.is_empty())
        && !(whole.len() > 1 && whole.starts_with('0'))
        && !power.is_empty()
        && digits(power)
}
