//! A manifest with some of its values changed: its own text wherever that can be kept, comments too, else written anew.
//!
//! The tree is changed first and says what is meant; a text is taken only where it reads back as exactly that.

use std::ops::Range;

use super::tree::{self, Node, NodeKind, Scalar};
use crate::diagnostic::{Sources, Span};
use crate::document::{Content, block, flow};

/// One change.
#[derive(Debug, Clone)]
pub struct ManifestEdit {
    path: Vec<String>,
    value: Option<Node>,
    after: Option<&'static str>,
}

impl ManifestEdit {
    /// The value at a path of keys becomes this one; a key that is not there comes last in its mapping.
    #[must_use]
    pub fn set(path: &[&str], value: Node) -> Self {
        Self { path: path.iter().map(|key| (*key).to_owned()).collect(), value: Some(value), after: None }
    }

    /// The same; a key that is not there comes after another one.
    #[must_use]
    pub fn set_after(path: &[&str], value: Node, after: &'static str) -> Self {
        Self { after: Some(after), ..Self::set(path, value) }
    }

    /// The key goes, with its value.
    #[must_use]
    pub fn remove(path: &[&str]) -> Self {
        Self { path: path.iter().map(|key| (*key).to_owned()).collect(), value: None, after: None }
    }
}

/// A text as a value; `plain` where it is a word of the format that needs no quotes.
#[must_use]
pub fn text_node(text: &str, plain: bool, span: Span) -> Node {
    Node { span, kind: NodeKind::Scalar(Scalar { text: text.to_owned(), plain, verbatim: None }) }
}

/// The text of a manifest with some of its values changed; none where a key of a path is no mapping's.
#[must_use]
pub fn edited(text: &str, root: &Node, edits: &[ManifestEdit]) -> Option<String> {
    let meant = edits.iter().try_fold(root.clone(), changed)?;
    let content = Content::from(&meant);
    let is_meant = |text: &String| parsed(text).is_some_and(|read| Content::from(&read) == content);
    spliced(text, root, edits).filter(is_meant).or_else(|| Some(block(&meant, 0)).filter(is_meant))
}

fn parsed(text: &str) -> Option<Node> {
    let mut sources = Sources::new();
    let file = sources.add("", text.to_owned());
    tree::parse(&sources, file).ok().flatten()
}

/// The tree with one change.
fn changed(root: Node, edit: &ManifestEdit) -> Option<Node> {
    let (last, folders) = edit.path.split_last()?;
    let mut whole = root;
    let mut at = &mut whole;
    for key in folders {
        let NodeKind::Mapping(pairs) = &mut at.kind else { return None };
        at = pairs.iter_mut().find(|(own, _)| own.key() == key).map(|(_, value)| value)?;
    }
    let span = at.span;
    let NodeKind::Mapping(pairs) = &mut at.kind else { return None };
    let place = pairs.iter().position(|(own, _)| own.key() == last);
    match (&edit.value, place) {
        (Some(value), Some(place)) => pairs.get_mut(place)?.1 = value.clone(),
        (Some(value), None) => {
            let after = edit.after.and_then(|after| pairs.iter().position(|(own, _)| own.key() == after));
            let at = after.map_or(pairs.len(), |after| after + 1);
            pairs.insert(at, (text_node(last, true, span), value.clone()));
        }
        (None, Some(place)) => drop(pairs.remove(place)),
        (None, None) => {}
    }
    Some(whole)
}

/// The text with every change made where it stands; none where one has no place of its own.
fn spliced(text: &str, root: &Node, edits: &[ManifestEdit]) -> Option<String> {
    let mut places: Vec<(Range<usize>, String)> = Vec::new();
    for edit in edits {
        places.push(splice(text, root, edit)?);
    }
    places.sort_by_key(|(place, _)| place.start);
    if !places.is_sorted_by(|(one, _), (other, _)| one.end <= other.start) {
        return None;
    }
    let mut whole = text.to_owned();
    for (place, new) in places.into_iter().rev() {
        whole.get(place.clone())?;
        whole.replace_range(place, &new);
    }
    Some(whole)
}

/// Which bytes one change replaces by what; an empty place where it changes nothing.
fn splice(text: &str, root: &Node, edit: &ManifestEdit) -> Option<(Range<usize>, String)> {
    let (last, folders) = edit.path.split_last()?;
    let (mut at, mut in_flow) = (root, is_flow(text, root));
    for key in folders {
        at = at.mapping()?.iter().find(|(own, _)| own.key() == key).map(|(_, value)| value)?;
        in_flow |= is_flow(text, at);
    }
    let pairs = at.mapping()?;
    let place = pairs.iter().position(|(own, _)| own.key() == last);
    match (&edit.value, place) {
        (Some(value), Some(place)) => {
            let (_, old) = pairs.get(place)?;
            replaced(text, old, value, in_flow)
        }
        (Some(value), None) => {
            let after = pairs.iter().find(|(own, _)| edit.after == Some(own.key())).or(pairs.last())?;
            inserted(text, (pairs.first()?, after), (last, value), in_flow)
        }
        (None, Some(place)) => removed(text, pairs, place, in_flow),
        (None, None) => Some((0..0, String::new())),
    }
}

fn replaced(text: &str, old: &Node, new: &Node, in_flow: bool) -> Option<(Range<usize>, String)> {
    let place = range(old);
    // Nothing is written where an empty value stands.
    if place.is_empty() {
        return None;
    }
    let one_line = in_flow || is_flow(text, old) || new.scalar().is_some();
    let new = match indent(text, place.start).filter(|_| !one_line) {
        Some(indent) => block(new, indent).trim().to_owned(),
        None => flow(new),
    };
    Some((place, new))
}

fn inserted(
    text: &str,
    (first, after): (&(Node, Node), &(Node, Node)),
    (key, value): (&str, &Node),
    in_flow: bool,
) -> Option<(Range<usize>, String)> {
    let end = range(&after.1).end;
    let key = text_node(key, true, first.0.span);
    if in_flow {
        return Some((end..end, format!(", {}: {}", flow(&key), flow(value))));
    }
    let indent = indent(text, range(&first.0).start)?;
    let end = line_end(text, end);
    let pair = Node { span: key.span, kind: NodeKind::Mapping(vec![(key, value.clone())]) };
    Some((end..end, format!("\n{}", block(&pair, indent).trim_end())))
}

fn removed(
    text: &str,
    pairs: &[(Node, Node)],
    place: usize,
    in_flow: bool,
) -> Option<(Range<usize>, String)> {
    let (key, value) = pairs.get(place)?;
    let (start, end) = (range(key).start, range(value).end);
    if !in_flow {
        let begin = start - indent(text, start)?;
        return Some((begin..(line_end(text, end) + 1).min(text.len()), String::new()));
    }
    let before = place.checked_sub(1).and_then(|before| pairs.get(before));
    let place = match (before, pairs.get(place + 1)) {
        (Some((_, before)), _) => range(before).end..end,
        (None, Some((next, _))) => start..range(next).start,
        (None, None) => return None,
    };
    Some((place, String::new()))
}

fn range(node: &Node) -> Range<usize> {
    node.span.start as usize..node.span.end as usize
}

/// Whether a collection stands between brackets.
fn is_flow(text: &str, node: &Node) -> bool {
    node.scalar().is_none() && text.get(range(node)).is_some_and(|own| own.starts_with(['{', '[']))
}

/// How many spaces stand before a place on its line; none where something else does.
fn indent(text: &str, at: usize) -> Option<usize> {
    let line = text.get(..at)?.rsplit('\n').next()?;
    line.bytes().all(|byte| byte == b' ').then_some(line.len())
}

/// Where the line of a place ends.
fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find('\n').unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# The assistant.
relgate: 1
version: 2.4.0   # keep in step
type: prompt-release
artifacts:
  # Pinned by the team.
  models:
    chat: { version: gpt-4.3, uri: 'openai:gpt-4.3' }
  prompts:
    system: { version: v2, path: prompts/system.md } # short
evidence:
  answers: { path: a.jsonl, sha256: aa, cluster: user }
  load:
    path: b.jsonl
    sha256: bb
    format: promptfoo
";

    fn apply(text: &str, edits: &[ManifestEdit]) -> String {
        edited(text, &parsed(text).unwrap(), edits).unwrap()
    }

    fn node(text: &str) -> Node {
        parsed(text).unwrap()
    }

    #[test]
    fn only_what_changes_is_written_anew() {
        let span = node(TEXT).span;
        let models = node(
            "chat: { version: gpt-4.2, uri: 'openai:gpt-4.2' }\nsmall: { version: '1.10', values: { a: 1.0 } }\n",
        );
        let written = apply(
            TEXT,
            &[
                ManifestEdit::set(&["version"], text_node("2.4.1", true, span)),
                ManifestEdit::set(&["type"], text_node("hotfix", true, span)),
                ManifestEdit::set_after(&["summary"], text_node("It's `x`: back.", false, span), "type"),
                ManifestEdit::set(&["artifacts", "models"], models),
                ManifestEdit::set(
                    &["artifacts", "prompts", "system", "path"],
                    text_node("r/2.4.1/x", true, span),
                ),
                ManifestEdit::set(&["evidence", "answers", "path"], text_node("../a b.jsonl", true, span)),
                ManifestEdit::remove(&["evidence", "answers", "sha256"]),
                ManifestEdit::remove(&["evidence", "load", "sha256"]),
                ManifestEdit::remove(&["evidence", "nowhere"]),
            ],
        );
        let meant = "\
# The assistant.
relgate: 1
version: 2.4.1   # keep in step
type: hotfix
summary: 'It''s `x`: back.'
artifacts:
  # Pinned by the team.
  models:
    chat: { version: gpt-4.2, uri: 'openai:gpt-4.2' }
    small:
      version: '1.10'
      values: { a: 1.0 }
  prompts:
    system: { version: v2, path: r/2.4.1/x } # short
evidence:
  answers: { path: '../a b.jsonl', cluster: user }
  load:
    path: b.jsonl
    format: promptfoo
";
        assert_eq!(written, meant);
    }

    #[test]
    fn what_has_no_place_of_its_own_is_written_anew() {
        let span = node(TEXT).span;
        // The only key of a mapping goes.
        let text = "a: # why\n  b: 1.10\nc: {d: e} # f\n";
        assert_eq!(apply(text, &[ManifestEdit::remove(&["a", "b"])]), "a: {}\nc: { d: e }\n");
        // A value that is not there yet.
        let set = ManifestEdit::set(&["a"], text_node("x", true, span));
        assert_eq!(apply("a:\nb: 1\n", &[set]), "a: x\nb: 1\n");
        // Two neighbours in one line.
        let both = [ManifestEdit::remove(&["c", "d"]), ManifestEdit::remove(&["c", "e"])];
        assert_eq!(apply("c: { d: 1, e: 2, f: 3 }\n", &both), "c: { f: 3 }\n");
        // A path through what is no mapping.
        let root = node("a: 1\n");
        assert_eq!(edited("a: 1\n", &root, &[ManifestEdit::remove(&["a", "b"])]), None);
    }

    #[test]
    fn a_text_over_several_lines_is_replaced_as_a_whole() {
        let span = node(TEXT).span;
        for text in [
            "s: |\n  one\n  two\nt: 1\n",
            "s: >\n  one\n  two\n\nt: 1\n",
            "s: one\n  two\nt: 1",
            "{ s: one, t: 1 }",
        ] {
            let written = apply(text, &[ManifestEdit::set(&["s"], text_node("new", true, span))]);
            assert_eq!(Content::from(&node(&written)), Content::from(&node("{ s: new, t: 1 }")), "{written}");
        }
        let more = apply("{ s: one }", &[ManifestEdit::set(&["t"], text_node("1", true, span))]);
        assert_eq!(more, "{ s: one, t: 1 }");
    }
}
