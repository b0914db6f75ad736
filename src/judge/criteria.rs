//! What results are held against, as one digest: the same in another order of keys, with other comments, in another place.

use serde_json::{Map, Value};

use crate::artifact::digest_values;
use crate::diagnostic::Sources;
use crate::document::Content;
use crate::manifest::{Digest, tree};
use crate::release::Inherited;

/// The keys of a manifest that say what must hold.
const CRITERIA: [&str; 3] = ["gates", "metrics", "policy"];
/// The key of the policy that looks share their level by: more of them are stricter, and no other criteria.
const LOOKS: &str = "looks";
/// The keys of an evidence entry that say where it is, and not what of it counts.
const PLACES: [&str; 5] = ["path", "sha256", "format", "baseline", "retired"];

/// The digest of the gates, metrics and policy of a manifest and of the policy files that it extends, and of what selects rows.
#[must_use]
pub fn criteria(manifest: &str, inherited: &[Inherited]) -> Option<Digest> {
    let own = read(manifest)?;
    let mut whole = Map::new();
    for key in CRITERIA {
        whole.insert(key.to_owned(), own.get(key).map(json).unwrap_or_default());
    }
    if let Some(Value::Object(policy)) = whole.get_mut("policy") {
        policy.remove(LOOKS);
    }
    let mut evidence = own.get("evidence").map(json).unwrap_or_default();
    for entry in evidence.as_object_mut().into_iter().flat_map(Map::values_mut) {
        // A bare path says nothing of what counts.
        match entry {
            Value::Object(entry) => entry.retain(|key, _| !PLACES.contains(&key.as_str())),
            other => *other = Value::Object(Map::new()),
        }
    }
    whole.insert("evidence".to_owned(), evidence);
    digest(whole, inherited)
}

fn digest(mut whole: Map<String, Value>, inherited: &[Inherited]) -> Option<Digest> {
    let texts: Option<Vec<Value>> = inherited.iter().map(|file| Some(json(&read(&file.text)?))).collect();
    whole.insert("extends".to_owned(), Value::Array(texts?));
    digest_values(&Value::Object(whole)).ok().map(|(digest, _)| digest)
}

fn read(text: &str) -> Option<Content> {
    let mut sources = Sources::new();
    let file = sources.add("criteria", text);
    tree::parse(&sources, file).ok().flatten().map(|node| Content::from(&node))
}

fn json(content: &Content) -> Value {
    match content {
        Content::Null => Value::Null,
        Content::Bool(value) => Value::Bool(*value),
        // As they are spelled, so that no digit is lost; texts are told apart from them.
        Content::Number(text) => Value::Array(vec![Value::String(text.clone())]),
        Content::Text(text) => Value::String(text.clone()),
        Content::List(items) => Value::Array(vec![Value::Array(items.iter().map(json).collect())]),
        Content::Map(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), json(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::criteria;
    use crate::release::Inherited;

    const PLAIN: &str = "name: a\nversion: 1.0.0\nevidence: { answers: { path: a.jsonl, where: { graded: true } } }\ngates:\n  - 'accuracy >= 85%'\npolicy: { looks: 2 }\n";

    #[test]
    fn only_what_is_asked_of_results_counts() {
        let of = |text: &str| criteria(text, &[]).unwrap();
        let plain = of(PLAIN);
        for same in [
            PLAIN.replace("1.0.0", "1.1.0"),
            PLAIN.replace("a.jsonl", "b.jsonl"),
            PLAIN.replace("gates:\n", "gates: # what counts\n"),
            PLAIN.replace("looks: 2", "looks: 3"),
            format!("policy: {{ looks: 2 }}\n{}", PLAIN.replace("policy: { looks: 2 }\n", "")),
        ] {
            assert_eq!(of(&same), plain, "{same}");
        }
        for other in [
            PLAIN.replace("85%", "84%"),
            PLAIN.replace("graded: true", "graded: false"),
            PLAIN.replace("graded: true", "graded: 'true'"),
            PLAIN.replace("gates:\n", "gates:\n  - 'toxicity < 1%'\n"),
            format!("{PLAIN}metrics: {{ slow: {{ field: latency_ms, above: 2s }} }}\n"),
        ] {
            assert_ne!(of(&other), plain, "{other}");
        }
        let policy = |text: &str| {
            criteria(PLAIN, &[Inherited { path: "p.yaml".to_owned(), text: text.to_owned() }]).unwrap()
        };
        assert_ne!(policy("policy: { looks: 1 }"), plain);
        assert_ne!(policy("policy: { confidence: 95% }"), policy("policy: { confidence: 90% }"));
        assert_eq!(policy("policy: { looks: 1 }"), policy("policy: {looks: 1} # a comment"));
    }
}
