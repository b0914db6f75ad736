//! A flag file of `OpenFeature`'s flagd: the weights of one flag's `fractional` targeting, and the versions behind its variants.
//!
//! flagd goes through the pairs of `fractional` in order, so the candidate stands first and growing moves no unit back. Providers in
//! Python and in JavaScript put one unit into different buckets: one unit is to be asked of one kind of provider.

use serde_json::json;

use super::edit::{Edit, apply, share_of, shares};
use super::nodes::{Document, get, items, json_document, text_of};
use super::refusal::Refusal;
use super::split::TrafficSplit;
use crate::document::{Node, NodeKind};
use crate::manifest::TargetSpec;

/// The parts of a flag that are ours.
struct Flag<'a> {
    variants: [Option<&'a Node>; 2],
    /// The weights of candidate and stable release.
    weights: [&'a Node; 2],
    /// What is hashed.
    bucket: Option<&'a Node>,
    /// The list of cohorts that get the candidate.
    cohorts: Option<&'a Node>,
}

pub(super) fn write(
    target: &TargetSpec,
    split: &TrafficSplit,
    existing: Option<&str>,
) -> Result<String, Refusal> {
    let Some(text) = existing else { return Ok(begun(target, split)) };
    let document = json_document(text)?;
    let flag = flag(&document, target, &split.name)?;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut edits = Vec::new();
    let mut set = |node: &Node, new: String| {
        let place = document.place(node);
        if text.get(place.clone()) != Some(new.as_str()) {
            edits.push(Edit::new(place, new));
        }
    };
    for (node, weight) in flag.weights.into_iter().zip(shares(split.candidate_per_10000)) {
        set(node, weight.to_string());
    }
    let versions = [Some(split.candidate.as_str()), split.stable.as_deref()];
    for (node, version) in flag.variants.into_iter().zip(versions) {
        // A variant of another type stands for something that only its author knows.
        if let (Some(node), Some(version)) = (node, version)
            && node.scalar().is_some_and(|scalar| !scalar.plain)
        {
            set(node, quoted(version));
        }
    }
    let salt =
        |node: &&Node| node.scalar().is_some_and(|text| text.text.starts_with(&format!("{}:", split.name)));
    if let Some(node) = items(flag.bucket.and_then(|bucket| get(bucket, "cat"))).iter().find(salt) {
        set(node, quoted(&format!("{}:", split.salt)));
    }
    match flag.cohorts {
        Some(list) => {
            let own: Vec<&str> = items(Some(list))
                .iter()
                .filter_map(|one| one.scalar())
                .map(|one| one.text.as_str())
                .collect();
            if own != split.cohorts {
                set(list, json!(split.cohorts).to_string());
            }
        }
        None if split.cohorts.is_empty() => {}
        None => {
            return Err(Refusal::new(
                "the flag gives nobody the candidate by cohort",
                format!(
                    "put `{{\"if\": [{{\"in\": [{{\"var\": \"cohort\"}}, []]}}, \"{}\", ...]}}` around its `fractional`",
                    target.candidate
                ),
            ));
        }
    }
    Ok(apply(text, edits))
}

pub(super) fn read(target: &TargetSpec, name: &str, existing: &str) -> Result<u16, Refusal> {
    let document = json_document(existing)?;
    let [candidate, stable] = flag(&document, target, name)?.weights;
    let (first, second) =
        (document.count(candidate, "the candidate's weight")?, document.count(stable, "the stable weight")?);
    share_of(first, second).ok_or_else(|| {
        let why = format!("the weights {first} and {second} are no share of hundredths of a percent");
        document.refuse(candidate, why, "let them sum to 100 or 10000")
    })
}

fn flag<'a>(document: &'a Document<'_>, target: &TargetSpec, name: &str) -> Result<Flag<'a>, Refusal> {
    let name = target.name.as_ref().map_or(name, |name| name.value.as_str());
    let Some(flag) = get(&document.root, "flags").and_then(|flags| get(flags, name)) else {
        let help = "name the flag in `target: { name }`, or let relgate begin a file of its own";
        return Err(document.refuse(&document.root, format!("it has no flag `{name}`"), help));
    };
    if let Some(state) =
        get(flag, "state").filter(|state| state.scalar().is_none_or(|state| state.text != "ENABLED"))
    {
        let why = "the flag is not `ENABLED`, so the application's own default is served";
        return Err(document.refuse(state, why, "write `\"state\": \"ENABLED\"`"));
    }
    let refuse = |node: &Node, why: &str| {
        let (candidate, stable) = (&target.candidate, &target.stable);
        let help = format!(
            "write `{{\"fractional\": [{{\"cat\": [\"{name}:\", {{\"var\": \"targetingKey\"}}]}}, [\"{candidate}\", 0], [\"{stable}\", 100]]}}`"
        );
        Err(document.refuse(node, why, help))
    };
    let Some(targeting) = get(flag, "targeting") else {
        return refuse(flag, "the flag has no `targeting`, so everybody gets its default");
    };
    let (mut found, mut cohorts) = (Vec::new(), Vec::new());
    search(targeting, &mut found, &mut cohorts, target);
    let fractional = match found.as_slice() {
        [one] => *one,
        [] => return refuse(targeting, "the targeting of the flag holds no `fractional`"),
        [_, second, ..] => {
            return refuse(second, "the targeting of the flag holds more than one `fractional`");
        }
    };
    let parts = items(Some(fractional));
    let (bucket, pairs) = match parts.split_first() {
        Some((first, rest)) if first.mapping().is_some() => (Some(first), rest),
        _ => (None, parts),
    };
    let weight = |pair: &'a Node, label: &str| match items(Some(pair)) {
        [own, weight] if own.scalar().is_some_and(|own| own.text == label) => Some(weight),
        _ => None,
    };
    let weights = match pairs {
        [first, second] => weight(first, &target.candidate).zip(weight(second, &target.stable)),
        _ => None,
    };
    let Some((candidate, stable)) = weights else {
        let why = format!("this is no split of `{}`, first, and `{}`", target.candidate, target.stable);
        return refuse(fractional, &why);
    };
    let variants = get(flag, "variants");
    let variant = |label: &str| variants.and_then(|variants| get(variants, label));
    let both = [variant(&target.candidate), variant(&target.stable)];
    if both.iter().any(Option::is_none) {
        return refuse(flag, "the flag has not both variants");
    }
    Ok(Flag { variants: both, weights: [candidate, stable], bucket, cohorts: cohorts.first().copied() })
}

/// Collects every `fractional`, and the lists of `{"in": [{"var": "cohort"}, LIST]}` that lead to the candidate.
fn search<'a>(node: &'a Node, found: &mut Vec<&'a Node>, cohorts: &mut Vec<&'a Node>, target: &TargetSpec) {
    match &node.kind {
        NodeKind::Mapping(pairs) => {
            for (key, value) in pairs {
                if key.key() == "fractional" {
                    found.push(value);
                    continue;
                }
                if let ("if", [condition, then, ..]) = (key.key(), items(Some(value)))
                    && then.scalar().is_some_and(|then| then.text == target.candidate)
                    && let [of, list] = items(get(condition, "in"))
                    && text_of(of, "var") == Some("cohort")
                    && matches!(list.kind, NodeKind::Sequence(_))
                {
                    cohorts.push(list);
                }
                search(value, found, cohorts, target);
            }
        }
        NodeKind::Sequence(items) => items.iter().for_each(|item| search(item, found, cohorts, target)),
        NodeKind::Scalar(_) => {}
    }
}

/// A file of our own.
fn begun(target: &TargetSpec, split: &TrafficSplit) -> String {
    let name = target.name.as_ref().map_or(split.name.as_str(), |name| name.value.as_str());
    let [candidate, stable] = shares(split.candidate_per_10000);
    let fractional = json!({ "fractional": [
        { "cat": [format!("{}:", split.salt), { "var": "targetingKey" }] },
        [target.candidate, candidate],
        [target.stable, stable],
    ] });
    let document = json!({
        "$schema": "https://flagd.dev/schema/v0/flags.json",
        "flags": { name: {
            "state": "ENABLED",
            "variants": { &target.stable: split.stable.as_deref().unwrap_or("none"), &target.candidate: split.candidate },
            "defaultVariant": target.stable,
            "targeting": { "if": [{ "in": [{ "var": "cohort" }, split.cohorts] }, target.candidate, fractional] },
        } },
    });
    format!("{document:#}\n")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{is_kept, refused, target};
    use super::*;
    use crate::manifest::TargetKind;

    fn split(per_10000: u16) -> TrafficSplit {
        TrafficSplit::new("assistant", "2.4.0", Some("2.3.0"), per_10000)
    }

    fn write(per_10000: u16, existing: Option<&str>) -> String {
        super::write(&target(TargetKind::Flagd), &split(per_10000), existing).unwrap()
    }

    fn read(existing: &str) -> Result<u16, Refusal> {
        super::read(&target(TargetKind::Flagd), "assistant", existing)
    }

    const FILE: &str = r#"{ "metadata": {"v": 1.10},
  "flags": {
    "dark":   {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"},
    "assistant": {
      "state": "ENABLED", "defaultVariant": "stable",
      "variants": {"stable": "2.2.0", "candidate": "2.3.0", "third": 7},
      "targeting": {"if": [{"in": ["@example", {"var": "email"}]}, "candidate",
        {"fractional": [{"cat": ["assistant:2.3.0:", {"var": "targetingKey"}]}, ["candidate",   5], ["stable", 95]]}]}
    }}}
"#;

    #[test]
    fn only_weights_versions_and_salt_change() {
        let text = write(2550, Some(FILE));
        let expected = FILE
            .replace("\"2.3.0\"", "\"2.4.0\"")
            .replace("\"2.2.0\"", "\"2.3.0\"")
            .replace("assistant:2.3.0:", "assistant:2.4.0:")
            .replace("  5]", "  2550]")
            .replace("95]", "7450]");
        assert_eq!(text, expected);
        is_kept(FILE, &text, &["\"v\": 1.10", "\"third\": 7", "\"dark\":   {"]);
        for share in [0, 1, 100, 2500, 9999, 10_000] {
            assert_eq!(read(&write(share, None)), Ok(share));
            assert_eq!(read(&write(share, Some(FILE))), Ok(share));
            let begun = write(500, None);
            assert_eq!(
                write(share, Some(&begun)),
                write(share, None),
                "edited or begun, it is the same file"
            );
        }
        let cohort = TrafficSplit { cohorts: vec!["staff".to_owned()], ..split(0) };
        let of = |existing: Option<&str>| super::write(&target(TargetKind::Flagd), &cohort, existing);
        assert_eq!(
            of(Some(&write(500, None))).unwrap().replace(char::is_whitespace, ""),
            of(None).unwrap().replace(char::is_whitespace, "")
        );
        refused(of(Some(FILE)), None, "by cohort");
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        for (from, to, line, words) in [
            ("\"ENABLED\", \"defaultVariant\"", "\"DISABLED\", \"defaultVariant\"", 5, "not `ENABLED`"),
            ("\"assistant\": {", "\"other\": {", 1, "no flag `assistant`"),
            ("\"fractional\"", "\"fractionl\"", 7, "no `fractional`"),
            (
                "[\"candidate\",   5], [\"stable\", 95]",
                "[\"stable\", 95], [\"candidate\", 5]",
                8,
                "no split of `candidate`, first",
            ),
            ("[\"stable\", 95]", "[\"stable\", 90], [\"third\", 5]", 8, "no split of"),
            ("   5]", "   \"5\"]", 8, "not a whole number"),
            ("   5]", "   3]", 8, "no share of hundredths"),
            ("\"candidate\": \"2.3.0\", ", "", 4, "not both variants"),
            ("\"flags\": {", "\"flags\": {{", 2, "not JSON"),
        ] {
            let text = FILE.replace(from, to);
            assert_ne!(text, FILE);
            refused(read(&text), Some(line), words);
        }
    }
}
