//! `split_clients` of nginx: the share of one variable's value, in a file that people and other tools write too.
//!
//! nginx hashes the block's key and goes through its lines in order, so the candidate's line stands first and growing moves no unit
//! back. `0%` is no share to nginx and `*` takes the rest: at 0 % and at 100 % one line is left.

use std::ops::Range;

use super::edit::{Edit, apply};
use super::refusal::Refusal;
use super::split::TrafficSplit;
use crate::manifest::TargetSpec;

/// A word, and what stands between words.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(Range<usize>),
    Open(usize),
    Close(usize),
    End(usize),
}

/// One line of a block: `10.00%  candidate;`.
#[derive(Debug, Clone)]
struct Share {
    percent: Range<usize>,
    value: Range<usize>,
    /// One past its `;`.
    end: usize,
}

/// A `split_clients` block of our variable.
#[derive(Debug)]
struct Block {
    /// What is hashed, quotes included.
    key: Range<usize>,
    shares: Vec<Share>,
}

pub(super) fn write(
    target: &TargetSpec,
    split: &TrafficSplit,
    existing: Option<&str>,
) -> Result<String, Refusal> {
    let variable = variable(target, split);
    let (stable, candidate) = (plain(&target.stable)?, plain(&target.candidate)?);
    let Some(text) = existing else { return Err(begin(&variable, stable, split)) };
    let block = block(text, &variable, stable, split)?;
    let sides = Sides::of(text, &block, target)?;
    let mut edits: Vec<Edit> = salted(text, &block.key, split).into_iter().collect();
    let rest = |edits: &mut Vec<Edit>, value: &str| {
        if text.get(sides.rest.value.clone()) != Some(value) {
            edits.push(Edit::new(sides.rest.value.clone(), value));
        }
    };
    match (split.candidate_per_10000, &sides.candidate) {
        (0, share) => {
            edits.extend(share.as_ref().map(|share| removed(text, share)));
            rest(&mut edits, stable);
        }
        (10_000, share) => {
            edits.extend(share.as_ref().map(|share| removed(text, share)));
            rest(&mut edits, candidate);
        }
        (per_10000, Some(share)) => {
            if percent(text, share) != Some(per_10000) {
                edits.push(Edit::new(share.percent.clone(), spelled(per_10000)));
            }
            rest(&mut edits, stable);
        }
        (per_10000, None) => {
            let at = sides.rest.percent.start;
            let line = format!("{}  {candidate};{}", spelled(per_10000), indent(text, at));
            edits.push(Edit::new(at..at, line));
            rest(&mut edits, stable);
        }
    }
    Ok(apply(text, edits))
}

pub(super) fn read(target: &TargetSpec, name: &str, existing: &str) -> Result<u16, Refusal> {
    let split = TrafficSplit::new(name, "", None, 0);
    let block = block(existing, &variable(target, &split), plain(&target.stable)?, &split)?;
    let sides = Sides::of(existing, &block, target)?;
    match sides.candidate {
        Some(share) => percent(existing, &share).ok_or_else(|| no_percent(existing, &share)),
        None if sides.rest_is_candidate => Ok(10_000),
        None => Ok(0),
    }
}

/// The lines of a block by what they give.
struct Sides {
    candidate: Option<Share>,
    /// The line of `*`.
    rest: Share,
    rest_is_candidate: bool,
}

impl Sides {
    fn of(text: &str, block: &Block, target: &TargetSpec) -> Result<Self, Refusal> {
        let word = |place: &Range<usize>| unquoted(text.get(place.clone()).unwrap_or_default());
        let refuse =
            |share: &Share, why: String, help: &str| Err(Refusal::at(text, share.percent.start, why, help));
        let Some((rest, before)) = block.shares.split_last().filter(|(last, _)| word(&last.percent) == "*")
        else {
            return Err(Refusal::at(
                text,
                block.key.start,
                "the last line of this `split_clients` block is not `*`",
                format!("end it with `* {};`: nginx gives nothing to whatever is left over", target.stable),
            ));
        };
        let rest_is_candidate = word(&rest.value) == target.candidate;
        if !rest_is_candidate && word(&rest.value) != target.stable {
            let why = format!(
                "`*` gives `{}`, neither `{}` nor `{}`",
                word(&rest.value),
                target.stable,
                target.candidate
            );
            return refuse(
                rest,
                why,
                "name both sides in `target: { stable, candidate }` as they are called here",
            );
        }
        let candidate = match before {
            [] => None,
            [one] if word(&one.value) == target.candidate && !rest_is_candidate => {
                percent(text, one).ok_or_else(|| no_percent(text, one))?;
                Some(one.clone())
            }
            [one, ..] => {
                let why = format!(
                    "this line gives `{}`, beside `{}` for the rest",
                    word(&one.value),
                    word(&rest.value)
                );
                let help = "relgate keeps blocks of two sides: one line of the candidate, then `*` for the stable release";
                return refuse(one, why, help);
            }
        };
        Ok(Self { candidate, rest: rest.clone(), rest_is_candidate })
    }
}

/// `$assistant`: a name of nginx, whose variables have letters, digits and `_`.
fn variable(target: &TargetSpec, split: &TrafficSplit) -> String {
    let name = target.name.as_ref().map_or(split.name.as_str(), |name| name.value.as_str());
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("${}", name.trim_start_matches('$').chars().map(letter).collect::<String>())
}

/// A value that stands in nginx's files without quotes.
fn plain(value: &str) -> Result<&str, Refusal> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.:/@".contains(c);
    if !value.is_empty() && value.chars().all(fits) {
        return Ok(value);
    }
    Err(Refusal::new(
        format!("`{value}` cannot stand in a file of nginx"),
        "name `stable` and `candidate` by letters, digits, `_`, `-`, `.`, `:`, `/`, as upstreams are called",
    ))
}

fn spelled(per_10000: u16) -> String {
    format!("{}.{:02}%", per_10000 / 100, per_10000 % 100)
}

/// The share that a line states.
fn percent(text: &str, share: &Share) -> Option<u16> {
    let text = unquoted(text.get(share.percent.clone())?);
    let number = text.strip_suffix('%')?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if decimals.len() > 2
        || whole.is_empty()
        || !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return None;
    }
    let parts: u16 = format!("{decimals:0<2}").parse().ok()?;
    let share = whole.parse::<u16>().ok()?.checked_mul(100)?.checked_add(parts)?;
    (1..=10_000).contains(&share).then_some(share)
}

fn no_percent(text: &str, share: &Share) -> Refusal {
    let word = text.get(share.percent.clone()).unwrap_or_default();
    Refusal::at(
        text,
        share.percent.start,
        format!("`{word}` is no share of nginx"),
        "write a percentage above 0 with at most two decimals, such as `10.00%`",
    )
}

/// The key with this version behind the name of the release in it, where it holds that name: other units go first each time.
fn salted(text: &str, key: &Range<usize>, split: &TrafficSplit) -> Option<Edit> {
    let own = text.get(key.clone())?;
    let head = format!("{}:", split.name);
    let from = own.find(&head)? + head.len();
    let rest = own.get(from..)?;
    let length = rest.find(|c: char| c.is_whitespace() || "\"'$;{}".contains(c)).unwrap_or(rest.len());
    let place = key.start + from..key.start + from + length;
    let version: String = split.candidate.chars().filter(|c| !"\"'$;{}\\".contains(*c)).collect();
    (text.get(place.clone()) != Some(version.as_str())).then(|| Edit::new(place, version))
}

/// The line of a share with its line end; only the share itself where something else stands on its line.
fn removed(text: &str, share: &Share) -> Edit {
    let before = text.get(..share.percent.start).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let after = text.get(share.end..).unwrap_or_default();
    let end = after.find('\n').map_or(after.len(), |at| at + 1);
    let blank = |part: Option<&str>| part.is_some_and(|part| part.trim().is_empty());
    let place = if blank(before.get(start..)) && blank(after.get(..end)) {
        start..share.end + end
    } else {
        share.percent.start..share.end
    };
    Edit::new(place, "")
}

/// What parts a new line from the one at `at`: its line end and its indentation.
fn indent(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let Some(start) = before.rfind('\n') else { return " ".to_owned() };
    let own = before.get(start + 1..).unwrap_or_default();
    if !own.trim().is_empty() {
        return " ".to_owned();
    }
    let end = if before.get(..start).is_some_and(|text| text.ends_with('\r')) { "\r\n" } else { "\n" };
    format!("{end}{own}")
}

/// The one block of a variable.
fn block(text: &str, variable: &str, stable: &str, split: &TrafficSplit) -> Result<Block, Refusal> {
    let tokens = tokens(text)?;
    let word = |token: Option<&Token>| match token {
        Some(Token::Word(place)) => Some((place.clone(), text.get(place.clone()).unwrap_or_default())),
        _ => None,
    };
    let mut found: Option<Block> = None;
    for (at, token) in tokens.iter().enumerate() {
        let begins = at == 0 || !matches!(tokens.get(at - 1), Some(Token::Word(_)));
        let Token::Word(place) = token else { continue };
        if !begins || text.get(place.clone()) != Some("split_clients") {
            continue;
        }
        let (Some((key, _)), Some((_, own)), Some(Token::Open(_))) =
            (word(tokens.get(at + 1)), word(tokens.get(at + 2)), tokens.get(at + 3))
        else {
            return Err(Refusal::at(
                text,
                place.start,
                "this `split_clients` has no key, variable and block",
                HELP,
            ));
        };
        if own != variable {
            continue;
        }
        if found.is_some() {
            let why = format!("`{variable}` is split for the second time here");
            return Err(Refusal::at(text, place.start, why, "leave one block of the variable"));
        }
        found = Some(Block { key, shares: shares(text, tokens.get(at + 4..).unwrap_or_default())? });
    }
    found.ok_or_else(|| begin(variable, stable, split))
}

const HELP: &str = "write `split_clients KEY $variable { ... }` as nginx documents it";

fn shares(text: &str, tokens: &[Token]) -> Result<Vec<Share>, Refusal> {
    let (mut shares, mut words): (Vec<Share>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
    for token in tokens {
        match token {
            Token::Word(place) => words.push(place.clone()),
            Token::End(at) => match std::mem::take(&mut words).as_slice() {
                [percent, value] => {
                    shares.push(Share { percent: percent.clone(), value: value.clone(), end: at + 1 });
                }
                _ => return Err(Refusal::at(text, *at, "this is no line of a share and a value", HELP)),
            },
            Token::Close(_) if words.is_empty() => return Ok(shares),
            Token::Close(at) | Token::Open(at) => {
                return Err(Refusal::at(text, *at, "a `;` is missing before this", HELP));
            }
        }
    }
    Err(Refusal::new("the `split_clients` block does not end", HELP))
}

/// What a file of nginx has to begin with: only its author knows what tells units apart.
fn begin(variable: &str, stable: &str, split: &TrafficSplit) -> Refusal {
    Refusal::new(
        format!("it has no `split_clients` block of `{variable}`"),
        format!(
            "begin with `split_clients \"$cookie_user {}:0\" {variable} {{ * {stable}; }}`, where `$cookie_user` is what tells your users apart",
            split.name
        ),
    )
}

/// The tokens of a file; comments are none.
fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            byte if byte.is_ascii_whitespace() => at += 1,
            b'#' => {
                at += memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()).unwrap_or(bytes.len() - at);
            }
            b'{' => {
                tokens.push(Token::Open(at));
                at += 1;
            }
            b'}' => {
                tokens.push(Token::Close(at));
                at += 1;
            }
            b';' => {
                tokens.push(Token::End(at));
                at += 1;
            }
            _ => {
                let end = word_end(text, at)?;
                tokens.push(Token::Word(at..end));
                at = end;
            }
        }
    }
    Ok(tokens)
}

/// One past the word that begins at `from`.
fn word_end(text: &str, from: usize) -> Result<usize, Refusal> {
    let bytes = text.as_bytes();
    let mut at = from;
    if let Some(quote) = bytes.get(from).copied().filter(|byte| matches!(byte, b'"' | b'\'')) {
        at += 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' => at += 2,
                byte if *byte == quote => return Ok(at + 1),
                _ => at += 1,
            }
        }
        return Err(Refusal::at(text, from, "this quote does not end", "close it"));
    }
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            // The braces of `${name}` are no block.
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                let rest = bytes.get(at..).unwrap_or_default();
                match memchr::memchr(b'}', rest) {
                    Some(length) => at += length + 1,
                    None => return Err(Refusal::at(text, at, "this `${` does not end", "close it")),
                }
            }
            byte if byte.is_ascii_whitespace() || matches!(byte, b'{' | b'}' | b';') => break,
            _ => at += 1,
        }
    }
    Ok(at.min(bytes.len()))
}

fn unquoted(word: &str) -> &str {
    let inner = |quote: char| word.strip_prefix(quote).and_then(|word| word.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{is_kept, refused, target};
    use super::*;
    use crate::manifest::TargetKind;

    const FILE: &str = "# who gets what\nmap $http_x $y { default 1; }\nsplit_clients \"${cookie_user}assistant:2.3.0\" $assistant {  # ours\n    10.00%  candidate; # new\n    *       stable;\n}\nsplit_clients $remote_addr $other { 50% a; * b; }\n";

    fn write(per_10000: u16, existing: &str) -> String {
        let split = TrafficSplit::new("assistant", "2.4.0", Some("2.3.0"), per_10000);
        super::write(&target(TargetKind::Nginx), &split, Some(existing)).unwrap()
    }

    fn read(existing: &str) -> Result<u16, Refusal> {
        super::read(&target(TargetKind::Nginx), "assistant", existing)
    }

    #[test]
    fn only_our_share_and_salt_change() {
        let text = write(2500, FILE);
        assert_eq!(text, FILE.replace("10.00%", "25.00%").replace("2.3.0", "2.4.0"));
        assert_eq!(write(2500, &text), text, "the same again changes nothing");
        let none = write(0, FILE);
        assert!(none.contains("{  # ours\n     # new\n    *       stable;\n}"), "{none}");
        let all = write(10_000, &none);
        assert!(all.contains("*       candidate;"), "{all}");
        let back = write(2550, &all);
        assert!(back.contains("    25.50%  candidate;\n    *       stable;\n"), "{back}");
        for share in [0, 1, 50, 2550, 9999, 10_000] {
            for from in [FILE, none.as_str(), all.as_str()] {
                assert_eq!(read(&write(share, from)), Ok(share));
                is_kept(
                    from,
                    &write(share, from),
                    &["# who gets what", "map $http_x $y { default 1; }", "$other { 50% a; * b; }", "# new"],
                );
            }
        }
        // On one line, with other line ends, without the name in the key.
        let line = "split_clients $u $assistant { * stable; }";
        assert_eq!(write(700, line), "split_clients $u $assistant { 7.00%  candidate; * stable; }");
        let crlf = "split_clients $u $assistant {\r\n  * stable;\r\n}\r\n";
        assert_eq!(
            write(700, crlf),
            "split_clients $u $assistant {\r\n  7.00%  candidate;\r\n  * stable;\r\n}\r\n"
        );
        assert_eq!(write(0, &write(700, crlf)), crlf);
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        for (text, line, words) in [
            ("", None, "no `split_clients` block of `$assistant`"),
            ("split_clients $u $other { * stable; }", None, "no `split_clients` block"),
            ("# split_clients $u $assistant { * stable; }", None, "no `split_clients` block"),
            ("\nsplit_clients $u $assistant { 10% candidate; 90% stable; }", Some(2), "is not `*`"),
            ("split_clients $u $assistant {\n* stable;\n10% candidate; }", Some(1), "is not `*`"),
            ("split_clients $u $assistant {\n10% a;\n* stable; }", Some(2), "gives `a`"),
            (
                "split_clients $u $assistant {\n10% candidate;\n10% candidate; * stable; }",
                Some(2),
                "two sides",
            ),
            ("split_clients $u $assistant {\n0% candidate;\n* stable; }", Some(2), "no share of nginx"),
            ("split_clients $u $assistant {\n1.234% candidate;\n* stable; }", Some(2), "no share of nginx"),
            ("split_clients $u $assistant {\n* else; }", Some(2), "neither"),
            (
                "split_clients $u $assistant { * stable; }\nsplit_clients $u $assistant { * stable; }",
                Some(2),
                "second time",
            ),
            ("split_clients $u $assistant { 10% candidate\n* stable; }", Some(2), "no line of"),
            ("split_clients $u $assistant { * stable;", None, "does not end"),
            ("x \"abc", Some(1), "quote"),
            ("x ${abc", Some(1), "does not end"),
        ] {
            refused(read(text), line, words);
            let split = TrafficSplit::new("assistant", "2.4.0", None, 1000);
            refused(super::write(&target(TargetKind::Nginx), &split, Some(text)), line, words);
        }
        let mut odd = target(TargetKind::Nginx);
        odd.candidate = "a; include /etc/passwd".to_owned();
        let split = TrafficSplit::new("assistant", "2.4.0", None, 1000);
        refused(super::write(&odd, &split, Some(FILE)), None, "cannot stand in a file of nginx");
    }
}
