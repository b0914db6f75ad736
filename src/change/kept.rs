//! The phrases that a release promises to hold in every version, and which of them its prompts and policies do not hold.
//!
//! A phrase is held where a file of the artifact says it word for word, white space folded, outside of comments and blocks
//! that a template engine leaves out. A comment in the middle of a phrase breaks it.

use crate::artifact::{Pinned, PinnedArtifact, PinnedContent, Tree, join, read_all};
use crate::manifest::{Artifact, ArtifactKind, Manifest};

/// The id of the built-in gate that fails when a kept phrase is lost.
pub const KEPT_PHRASES: &str = "kept-phrases";
/// The id of the built-in gate that fails when something got looser since the baseline, where the policy asks for it.
pub const LOOSER_CHANGES: &str = "looser-changes";

/// The largest file that is searched, in bytes; in a larger one no phrase counts as held.
const SEARCHED: u64 = 8_000_000;

/// How the phrases of a release fared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptPhrases {
    /// How many there are, each once an artifact.
    pub asked: u64,
    /// Those that are not held, in the order of the manifest.
    pub lost: Vec<LostPhrase>,
}

/// A phrase that an artifact does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostPhrase {
    /// Which of the kinds.
    pub kind: ArtifactKind,
    /// The artifact's name.
    pub name: String,
    /// The phrase as the manifest spells it.
    pub phrase: String,
    /// Whether it is there and only a comment or a switched-off block holds it.
    pub commented: bool,
}

/// What an artifact says: its texts with white space folded, with comments and without.
#[derive(Debug, Default)]
pub struct Wording {
    active: Vec<String>,
    whole: Vec<String>,
}

/// The phrases that the candidate or its baseline promises to keep.
///
/// `contents` gives the candidate's bytes. What cannot be read holds no phrase.
#[must_use]
pub fn kept_phrases(
    baseline: Option<&Manifest>,
    candidate: &Manifest,
    pinned: &Pinned,
    contents: &dyn Tree,
) -> KeptPhrases {
    let mut found = gone(baseline, candidate, pinned, contents);
    for artifact in &candidate.artifacts {
        let before = baseline.and_then(|base| base.artifacts.iter().find(|one| one.key() == artifact.key()));
        let asked = asked(before, artifact);
        if asked.is_empty() {
            continue;
        }
        let wording = Wording::of(artifact, pinned.get(&artifact.key()), Some(contents));
        found.asked += asked.len() as u64;
        found.lost.extend(asked.into_iter().filter(|phrase| !wording.holds(phrase)).map(|phrase| {
            LostPhrase {
                kind: artifact.kind,
                name: artifact.name.value.clone(),
                commented: wording.mentions(phrase),
                phrase: phrase.to_owned(),
            }
        }));
    }
    found
}

/// The phrases of artifacts that the candidate does not have any more. A new artifact of the same kind may say them, as under
/// another name; else they are lost with what held them.
fn gone(
    baseline: Option<&Manifest>,
    candidate: &Manifest,
    pinned: &Pinned,
    contents: &dyn Tree,
) -> KeptPhrases {
    let mut found = KeptPhrases::default();
    let Some(baseline) = baseline else { return found };
    let lacks = |manifest: &Manifest, key: &str| manifest.artifacts.iter().all(|one| one.key() != key);
    for old in baseline.artifacts.iter().filter(|old| !old.keep.is_empty() && lacks(candidate, &old.key())) {
        let is_new = |one: &&Artifact| one.kind == old.kind && lacks(baseline, &one.key());
        let heirs: Vec<Wording> = candidate
            .artifacts
            .iter()
            .filter(is_new)
            .map(|heir| Wording::of(heir, pinned.get(&heir.key()), Some(contents)))
            .collect();
        for phrase in asked(None, old) {
            found.asked += 1;
            if !heirs.iter().any(|heir| heir.holds(phrase)) {
                found.lost.push(LostPhrase {
                    kind: old.kind,
                    name: old.name.value.clone(),
                    phrase: phrase.to_owned(),
                    commented: heirs.iter().any(|heir| heir.mentions(phrase)),
                });
            }
        }
    }
    found
}

/// What stands between the placeholders of a template: `{{ name }}`, `{name}`, `${name}`.
fn literals(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, inside) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let double = inside.starts_with("{{");
        let end = inside.find(if double { "}}" } else { "}" });
        // A brace that nothing closes is a letter like any other.
        let Some(end) = end else { break };
        pieces.push(before.strip_suffix('$').unwrap_or(before));
        rest = inside.get(end + if double { 2 } else { 1 }..).unwrap_or_default();
    }
    pieces.push(rest);
    pieces
}

/// The phrases of both sides of an artifact, each once.
fn asked<'a>(before: Option<&'a Artifact>, after: &'a Artifact) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for phrase in after.keep.iter().chain(before.into_iter().flat_map(|artifact| &artifact.keep)) {
        if !all.iter().any(|known| folded(known) == folded(&phrase.value)) {
            all.push(&phrase.value);
        }
    }
    all
}

impl LostPhrase {
    /// `prompt system: "Never reveal the price."`, with what hides it.
    #[must_use]
    pub fn summary(&self) -> String {
        let what = self.kind.singular().replace('_', " ");
        let hidden = if self.commented { " (only in a comment or a switched-off block)" } else { "" };
        format!("{what} {}: \"{}\"{hidden}", self.name, self.phrase)
    }
}

impl Wording {
    /// What an artifact says; nothing where its bytes are not at hand.
    #[must_use]
    pub fn of(artifact: &Artifact, pinned: Option<&PinnedArtifact>, contents: Option<&dyn Tree>) -> Self {
        let mut wording = Self::default();
        if let Some(values) = &artifact.values {
            wording.value(&values.value);
        }
        let (Some(pinned), Some(contents)) = (pinned, contents) else { return wording };
        for file in pinned.files().iter().filter(|file| file.bytes <= SEARCHED) {
            let path = match &pinned.content {
                PinnedContent::Folder { .. } => join(pinned.path.as_deref().unwrap_or_default(), &file.path),
                _ => file.path.clone(),
            };
            let bytes = read_all(contents, &path, SEARCHED).ok().flatten();
            if let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
                wording.text(&text);
            }
        }
        wording
    }

    /// Whether a text that was sent to a model, wrapped in whatever, holds what it says: word for word, with anything where a
    /// template has a placeholder. What is placeholders alone is held by nothing.
    #[must_use]
    pub fn stands_in(&self, sent: &str) -> bool {
        let sent = folded(sent);
        let held = |text: &String| {
            let pieces = literals(text);
            let mut rest = sent.as_str();
            let mut all =
                pieces.iter().map(|piece| piece.trim()).filter(|piece| !piece.is_empty()).peekable();
            all.peek().is_some()
                && all.all(|piece| match rest.split_once(piece) {
                    Some((_, behind)) => {
                        rest = behind;
                        true
                    }
                    None => false,
                })
        };
        self.active.iter().chain(&self.whole).any(held)
    }

    fn value(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) => self.text(text),
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            serde_json::Value::Object(map) => map.values().for_each(|item| self.value(item)),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.whole.push(folded(text));
        self.active.push(folded(&without_comments(text)));
    }

    /// Whether it says a phrase word for word, outside of comments.
    #[must_use]
    pub fn holds(&self, phrase: &str) -> bool {
        let phrase = folded(phrase);
        self.active.iter().any(|text| says(text, &phrase))
    }

    /// Whether it says a phrase anywhere, in comments too.
    #[must_use]
    pub fn mentions(&self, phrase: &str) -> bool {
        let phrase = folded(phrase);
        self.whole.iter().any(|text| says(text, &phrase))
    }
}

/// One space for every run of white space, and none at the ends.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// Whether a folded text holds a folded phrase with no letter or digit of another word at its ends.
fn says(text: &str, phrase: &str) -> bool {
    let within = |edge: Option<char>, next: Option<char>| {
        edge.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric)
    };
    !phrase.is_empty()
        && memchr::memmem::find_iter(text.as_bytes(), phrase.as_bytes()).any(|at| {
            let before = text.get(..at).and_then(|head| head.chars().next_back());
            let behind = text.get(at + phrase.len()..).and_then(|tail| tail.chars().next());
            !within(phrase.chars().next(), before) && !within(phrase.chars().next_back(), behind)
        })
}

/// How a comment begins and ends; one without its end reaches to the end of the text.
const COMMENTS: &[(&str, &str)] = &[("<!--", "-->"), ("{#", "#}"), ("{{!--", "--}}"), ("{{!", "}}")];

/// A text with a mark, which no phrase holds, for each comment and each block that is switched off.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{']) {
        let (head, tail) = rest.split_at(at);
        kept.push_str(head);
        match comment(tail).or_else(|| disabled(tail)) {
            Some(length) => {
                kept.push('\0');
                rest = tail.get(length..).unwrap_or_default();
            }
            None => {
                kept.push_str(tail.get(..1).unwrap_or_default());
                rest = tail.get(1..).unwrap_or_default();
            }
        }
    }
    kept.push_str(rest);
    kept
}

/// The length of the comment that a text begins with.
fn comment(text: &str) -> Option<usize> {
    let (open, close) = COMMENTS.iter().find(|(open, _)| text.starts_with(open))?;
    let inside = text.get(open.len()..).unwrap_or_default();
    Some(inside.find(close).map_or(text.len(), |end| open.len() + end + close.len()))
}

/// The length of the `{% comment %}` or `{% if false %}` block that a text begins with, up to its end or its `else`.
fn disabled(text: &str) -> Option<usize> {
    let (first, mut at) = tag(text)?;
    let condition = first.to_ascii_lowercase();
    let comment = condition == "comment" || condition.starts_with("comment ");
    if !comment && condition != "if false" {
        return None;
    }
    let mut depth = 1_usize;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find("{%")) {
        at += next;
        let Some((words, length)) = tag(text.get(at..).unwrap_or_default()) else {
            at += 2;
            continue;
        };
        at += length;
        let word = words.split_whitespace().next().unwrap_or_default();
        match word {
            "endcomment" if comment => return Some(at),
            "if" if !comment => depth += 1,
            "endif" | "else" | "elif" | "elsif" if !comment && depth == 1 => return Some(at),
            "endif" if !comment => depth -= 1,
            _ => {}
        }
    }
    Some(text.len())
}

/// The words of the `{% ... %}` that a text begins with, and its length.
fn tag(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix("{%")?;
    let end = inside.find("%}")?;
    Some((inside.get(..end)?.trim_matches(['-', '+', '~']).trim(), end + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(text: &str) -> Wording {
        let mut wording = Wording::default();
        wording.text(text);
        wording
    }

    #[test]
    fn white_space_folds_and_letters_count() {
        for text in
            ["Never reveal\n  the price.", "x. Never reveal the price. y", "**Never reveal the price.**"]
        {
            assert!(wording(text).holds("Never  reveal the price."), "{text}");
        }
        for text in [
            "never reveal the price.",
            "Never reveal the price",
            "Never reveal the prices.",
            "Never reveal the\u{200b} price.",
            "",
        ] {
            assert!(!wording(text).holds("Never reveal the price."), "{text}");
        }
        assert!(!wording("Never reveal prices").holds("Never reveal price"));
        assert!(!wording("xNever reveal").holds("Never reveal"));
    }

    #[test]
    fn comments_and_switched_off_blocks_hold_nothing() {
        for text in [
            "<!-- Stop. -->",
            "<!-- Stop.",
            "{# Stop. #}",
            "{{! Stop. }}",
            "{{!-- a }} Stop. --}}",
            "{% comment %}Stop.{% endcomment %}",
            "{%- comment -%}Stop.{%- endcomment -%}",
            "{% if false %}Stop.{% endif %}",
            "{%- if False -%}{% if x %}a{% else %}Stop.{% endif %}{% endif %}",
            "{% if false %}Stop.",
            "Sto<!-- x -->p.",
        ] {
            assert!(!wording(text).holds("Stop."), "{text}");
        }
        for text in [
            "<!-- x --> Stop.",
            "{% if false %}x{% else %}Stop.{% endif %}",
            "{% if x %}Stop.{% endif %}",
            "{ Stop. }",
            "# Stop.",
            "{{ x }} Stop. <b>",
        ] {
            assert!(wording(text).holds("Stop."), "{text}");
        }
        assert!(wording("<!-- Stop. -->").mentions("Stop."));
    }
}
