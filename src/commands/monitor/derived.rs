//! What is worked out of a response.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::texts::{self, ArtifactText};
use crate::artifact::{Tree, digest_bytes};
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::evidence::FieldKind;
use crate::manifest::{ArtifactKind, Manifest, MonitoringSpec};
use crate::monitor::LogField;
use crate::monitor::derived::{
    Phrases, PhrasesTrouble, PromptIndex, PromptsTrouble, empty_response, response_chars,
};

/// A field that no row has, its kind, and how its value is found.
pub(super) struct DerivedField {
    pub(super) name: &'static str,
    pub(super) kind: FieldKind,
    pub(super) field: LogField,
}

impl DerivedField {
    fn truth(name: &'static str, of: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        let field = LogField::Derived(Arc::new(move |text| f64::from(u8::from(of(text)))));
        Self { name, kind: FieldKind::Bool, field }
    }
}

/// All that can be worked out where rows have a `response`: its length and emptiness; refusals where phrases of them are
/// given; forbidden words where a safety policy lists some; repeated prompts where the release has some.
///
/// # Errors
/// A list or a prompt that cannot be looked for.
pub(super) fn all(
    manifest: &Manifest,
    monitoring: &MonitoringSpec,
    tree: &dyn Tree,
) -> Result<Vec<DerivedField>, Diagnostic> {
    let chars = LogField::Derived(Arc::new(|text| response_chars(text) as f64));
    let mut fields = vec![
        DerivedField { name: "response_chars", kind: FieldKind::Number, field: chars },
        DerivedField::truth("empty_response", empty_response),
    ];
    if let Some(phrases) = refusals(&monitoring.refusals)? {
        fields.push(DerivedField::truth("refusal", move |text| phrases.is_in(text)));
    }
    if let Some(words) = words(&texts::of(manifest, ArtifactKind::SafetyPolicies, tree)?)? {
        fields.push(DerivedField::truth("safety_match", move |text| words.is_in(text)));
    }
    if let Some(index) = prompts(&texts::of(manifest, ArtifactKind::Prompts, tree)?, monitoring)? {
        fields.push(DerivedField::truth("prompt_leakage", move |text| index.leak(text).is_some()));
    }
    Ok(fields)
}

/// The digests of what responses are held against, by path.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn against(manifest: &Manifest, tree: &dyn Tree) -> Result<BTreeMap<String, String>, Diagnostic> {
    let kinds = [ArtifactKind::SafetyPolicies, ArtifactKind::Prompts];
    let mut digests = BTreeMap::new();
    for kind in kinds {
        let digest = |text: ArtifactText| (text.path, digest_bytes(text.text.as_bytes()).hex().to_owned());
        digests.extend(texts::of(manifest, kind, tree)?.into_iter().map(digest));
    }
    Ok(digests)
}

fn refusals(phrases: &[Spanned<String>]) -> Result<Option<Phrases>, Diagnostic> {
    match Phrases::new(phrases.iter().map(|phrase| phrase.value.as_str())) {
        Ok(phrases) => Ok(Some(phrases)),
        Err(PhrasesTrouble::Nothing) => Ok(None),
        Err(trouble) => Err(match trouble {
            PhrasesTrouble::Blank(i) => {
                let finding =
                    Diagnostic::error(Code::SignalSpec, "this phrase has no letter to be looked for");
                match phrases.get(i) {
                    Some(phrase) => finding.at(phrase.span, "punctuation alone is in every answer"),
                    None => finding,
                }
            }
            _ => too_long("`refusals`"),
        }),
    }
}

/// The words of policies that are lists: text files with a word or phrase a line; what follows `#` at the start of a line
/// is a comment.
fn words(policies: &[ArtifactText]) -> Result<Option<Phrases>, Diagnostic> {
    let lists = policies.iter().filter(|policy| has_ending(&policy.name, "txt"));
    let lines =
        lists.flat_map(|list| list.text.lines().enumerate().map(move |(i, line)| (list, i, line.trim())));
    let lines: Vec<_> = lines.filter(|(_, _, line)| !line.is_empty() && !line.starts_with('#')).collect();
    match Phrases::new(lines.iter().map(|(_, _, line)| *line)) {
        Ok(words) => Ok(Some(words)),
        Err(PhrasesTrouble::Nothing) => Ok(None),
        Err(PhrasesTrouble::Blank(i)) => {
            let finding =
                Diagnostic::error(Code::SignalSpec, "this line has no letter to be looked for in responses");
            Err(match lines.get(i) {
                Some((list, line, _)) => finding.at_line(list.name.as_str(), *line as u64 + 1),
                None => finding,
            })
        }
        Err(PhrasesTrouble::TooLong) => Err(too_long("the safety policy's list of words")),
    }
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, own)| own.eq_ignore_ascii_case(ending))
}

fn prompts(prompts: &[ArtifactText], monitoring: &MonitoringSpec) -> Result<Option<PromptIndex>, Diagnostic> {
    let prompts: Vec<&str> = prompts.iter().map(|prompt| prompt.text.as_str()).collect();
    match PromptIndex::new(&prompts, &plain(&monitoring.public), &plain(&monitoring.canary_tokens)) {
        Ok(index) => Ok(Some(index)),
        Err(PromptsTrouble::Nothing) => Ok(None),
        Err(PromptsTrouble::ShortToken(i)) => {
            let finding =
                Diagnostic::error(Code::SignalSpec, "this token is too short: it would be found by chance");
            let finding = match monitoring.canary_tokens.get(i) {
                Some(token) => finding.at(token.span, "fewer than 8 letters and digits"),
                None => finding,
            };
            Err(finding.help("put a longer one into the prompt, such as `zx-canary-81f3a`"))
        }
    }
}

fn plain(texts: &[Spanned<String>]) -> Vec<&str> {
    texts.iter().map(|text| text.value.as_str()).collect()
}

fn too_long(what: &str) -> Diagnostic {
    Diagnostic::error(Code::SignalSpec, format!("{what} cannot be looked for: too many words"))
}
