//! Parts of a manifest as its author would write them, and as a person reads them.

use crate::manifest::{Condition, FieldSource, JudgeSpec, Literal, When};

/// `{ changed: [models], type: [hotfix] }`.
pub(super) fn when(when: &When) -> String {
    let changed: Vec<&str> = when.changed.iter().map(|kind| kind.word()).collect();
    let types: Vec<&str> = when.types.iter().map(|kind| kind.word()).collect();
    let mut parts = Vec::new();
    for (key, words) in [("changed", changed), ("type", types)] {
        if !words.is_empty() {
            parts.push(format!("{key}: [{}]", words.join(", ")));
        }
    }
    format!("{{ {} }}", parts.join(", "))
}

/// `always`, or `only when models or prompts changed, for a hotfix`.
pub(super) fn when_in_words(when: Option<&When>) -> String {
    let Some(when) = when else { return "always".to_owned() };
    let changed: Vec<&str> = when.changed.iter().map(|kind| kind.word()).collect();
    let types: Vec<String> = when.types.iter().map(|kind| format!("a {kind}")).collect();
    let mut parts = Vec::new();
    if !changed.is_empty() {
        parts.push(format!("when {} changed", changed.join(" or ").replace('_', " ")));
    }
    if !types.is_empty() {
        parts.push(format!("for {}", types.join(" or ")));
    }
    format!("only {}", parts.join(", "))
}

/// `{ graded: true, lang: [de, en] }`, in the order of the names; none without a condition.
pub(super) fn conditions(conditions: &[Condition]) -> Option<String> {
    let mut lines: Vec<String> = conditions
        .iter()
        .map(|condition| {
            let mut values: Vec<String> = condition.any_of.iter().map(literal).collect();
            values.sort();
            values.dedup();
            match values.as_slice() {
                [one] => format!("{}: {one}", condition.field.value),
                many => format!("{}: [{}]", condition.field.value, many.join(", ")),
            }
        })
        .collect();
    lines.sort();
    (!lines.is_empty()).then(|| format!("{{ {} }}", lines.join(", ")))
}

/// `{ model: models.judge, labels: human_ok }`.
pub(super) fn judge(judge: &JudgeSpec) -> String {
    let JudgeSpec { model, prompt, labels, sensitivity, specificity } = judge;
    let mut parts = vec![format!("model: {}", model.value)];
    for (key, name) in [("prompt", prompt), ("labels", labels)] {
        parts.extend(name.as_ref().map(|name| format!("{key}: {}", name.value)));
    }
    for (key, share) in [("sensitivity", sensitivity), ("specificity", specificity)] {
        parts.extend(
            share.map(|share| format!("{key}: {{ events: {}, n: {} }}", share.value.0, share.value.1)),
        );
    }
    format!("{{ {} }}", parts.join(", "))
}

/// `{ id: [lang, qid], accuracy: scores.correct }`, in the order of the names; none where none is named.
pub(super) fn fields(fields: &[FieldSource]) -> Option<String> {
    let mut lines: Vec<String> = fields
        .iter()
        .map(|field| {
            let paths: Vec<&str> = field.paths.iter().map(|path| path.value.as_str()).collect();
            match paths.as_slice() {
                [one] => format!("{}: {one}", field.name.value),
                many => format!("{}: [{}]", field.name.value, many.join(", ")),
            }
        })
        .collect();
    lines.sort();
    (!lines.is_empty()).then(|| format!("{{ {} }}", lines.join(", ")))
}

/// A text in quotes where it would read as something else: `1` is not `"1"`.
fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Number(number) => number.clone(),
        Literal::Bool(word) => word.to_string(),
        Literal::Text(text) => {
            let plain = text.starts_with(char::is_alphabetic)
                && text.chars().all(|c| c.is_alphanumeric() || "-_ .".contains(c))
                && text != "true"
                && text != "false";
            if plain { text.clone() } else { format!("{text:?}") }
        }
    }
}

/// `3%` of 0.03.
pub(super) fn percent(share: f64) -> String {
    // 0.07 * 100 is not 7 in binary; six decimals are more than any share is written with.
    let digits = format!("{:.6}", share * 100.0);
    format!("{}%", digits.trim_end_matches('0').trim_end_matches('.'))
}
