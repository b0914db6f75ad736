//! A route of Kubernetes' Gateway API: the weights of two backends, in every rule that has both. Who applies the file is somebody else.

use super::edit::{Edit, apply, share_of, shares};
use super::nodes::{Document, get, items, text_of, yaml_documents};
use super::refusal::Refusal;
use super::split::TrafficSplit;
use crate::document::Node;
use crate::manifest::TargetSpec;

/// The weights of one rule: of candidate and stable release.
struct Rule<'a> {
    document: &'a Document<'a>,
    weights: [&'a Node; 2],
    node: &'a Node,
}

pub(super) fn write(
    target: &TargetSpec,
    split: &TrafficSplit,
    existing: Option<&str>,
) -> Result<String, Refusal> {
    let name = name(target, &split.name);
    let Some(text) = existing else { return Err(begin(name, target)) };
    let documents = yaml_documents(text)?;
    let mut edits = Vec::new();
    for rule in rules(&documents, name, target)? {
        if split.shadow && !mirrors(rule.node, &target.candidate) {
            let why = "this rule mirrors nothing to the candidate";
            let help = "add a filter of `type: RequestMirror` whose `backendRef` is the candidate";
            return Err(rule.document.refuse(rule.node, why, help));
        }
        for (node, weight) in rule.weights.into_iter().zip(shares(split.candidate_per_10000)) {
            let place = rule.document.place(node);
            if text.get(place.clone()) != Some(weight.to_string().as_str()) {
                edits.push(Edit::new(place, weight.to_string()));
            }
        }
    }
    Ok(apply(text, edits))
}

pub(super) fn read(target: &TargetSpec, name: &str, existing: &str) -> Result<u16, Refusal> {
    let documents = yaml_documents(existing)?;
    let mut found = None;
    for rule in rules(&documents, self::name(target, name), target)? {
        let [candidate, stable] = rule.weights;
        let weight = |node: &Node, what: &str| rule.document.count(node, what);
        let (first, second) =
            (weight(candidate, "the candidate's weight")?, weight(stable, "the stable weight")?);
        let help = "let every rule have the same weights, which sum to 100 or 10000";
        let Some(share) = share_of(first, second) else {
            let why = format!("the weights {first} and {second} are no share of hundredths of a percent");
            return Err(rule.document.refuse(candidate, why, help));
        };
        if found.is_some_and(|other| other != share) {
            return Err(rule.document.refuse(
                candidate,
                "this rule splits otherwise than the one before it",
                help,
            ));
        }
        found = Some(share);
    }
    found.ok_or_else(|| begin(self::name(target, name), target))
}

/// Why units would not stay where they are.
pub(super) fn unsticky(target: &TargetSpec, name: &str, existing: &str) -> Option<Refusal> {
    let documents = yaml_documents(existing).ok()?;
    let rules = rules(&documents, self::name(target, name), target).ok()?;
    let bare = rules.iter().find(|rule| get(rule.node, "sessionPersistence").is_none())?;
    let why = "a rule without `sessionPersistence` sends one user now here, now there";
    Some(bare.document.refuse(
        bare.node,
        why,
        "add it where the gateway knows it, or write `unit: request` in release.yaml",
    ))
}

fn name<'a>(target: &'a TargetSpec, release: &'a str) -> &'a str {
    target.name.as_ref().map_or(release, |name| name.value.as_str())
}

fn begin(name: &str, target: &TargetSpec) -> Refusal {
    Refusal::new(
        format!("it has no `HTTPRoute` called `{name}` with a rule of both backends"),
        format!(
            "write `backendRefs: [{{ name: {}, port: 80, weight: 100 }}, {{ name: {}, port: 80, weight: 0 }}]`",
            target.stable, target.candidate
        ),
    )
}

/// The rules of the route that have both backends; at least one.
fn rules<'a>(
    documents: &'a [Document<'a>],
    name: &str,
    target: &TargetSpec,
) -> Result<Vec<Rule<'a>>, Refusal> {
    let mut found = Vec::new();
    let routes = documents.iter().filter(|document| {
        text_of(&document.root, "kind") == Some("HTTPRoute")
            && get(&document.root, "metadata").and_then(|about| text_of(about, "name")) == Some(name)
    });
    for document in routes {
        for node in items(get(&document.root, "spec").and_then(|spec| get(spec, "rules"))) {
            let refs = items(get(node, "backendRefs"));
            let side = |name: &str| refs.iter().find(|one| text_of(one, "name") == Some(name));
            let (Some(candidate), Some(stable)) = (side(&target.candidate), side(&target.stable)) else {
                continue;
            };
            if let [_, _, third, ..] = refs {
                return Err(document.refuse(
                    third,
                    "this rule has a third backend",
                    "keep rules of two backends",
                ));
            }
            let weight = |one: &'a Node| {
                let help = "write `weight: 100` for the stable backend and `weight: 0` for the candidate";
                get(one, "weight").ok_or_else(|| document.refuse(one, "this backend has no `weight`", help))
            };
            found.push(Rule { document, weights: [weight(candidate)?, weight(stable)?], node });
        }
    }
    if found.is_empty() { Err(begin(name, target)) } else { Ok(found) }
}

fn mirrors(rule: &Node, candidate: &str) -> bool {
    items(get(rule, "filters")).iter().any(|filter| {
        let to = get(filter, "requestMirror").and_then(|mirror| get(mirror, "backendRef"));
        to.and_then(|to| text_of(to, "name")) == Some(candidate)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{refused, target};
    use super::*;
    use crate::manifest::TargetKind;

    const FILE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: assistant}\n---\n# the route\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: assistant}\nspec:\n  parentRefs: [{name: gw}]\n  rules:\n  - matches: [{path: {type: PathPrefix, value: /v1}}]\n    backendRefs: [{name: stable, port: 80, weight: 95}, {name: candidate, port: 80, weight: 5}]\n  - backendRefs:\n    - name: candidate\n      weight: 5 # new\n    - {name: stable, weight: 95}\n  - backendRefs: [{name: stable, port: 80}]\n---\nkind: HTTPRoute\nmetadata: {name: other}\n";

    fn write(per_10000: u16, existing: &str) -> Result<String, Refusal> {
        let split = TrafficSplit::new("assistant", "2.4.0", None, per_10000);
        super::write(&target(TargetKind::Httproute), &split, Some(existing))
    }

    fn read(existing: &str) -> Result<u16, Refusal> {
        super::read(&target(TargetKind::Httproute), "assistant", existing)
    }

    #[test]
    fn the_weights_of_every_rule_with_both_change() {
        assert_eq!(write(500, FILE).unwrap(), FILE);
        let text = write(2500, FILE).unwrap();
        assert_eq!(text, FILE.replace("weight: 95", "weight: 75").replace("weight: 5", "weight: 25"));
        for share in [0, 1, 2550, 10_000] {
            assert_eq!(read(&write(share, FILE).unwrap()), Ok(share));
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        refused(read("kind: Service\n"), None, "no `HTTPRoute` called `assistant`");
        refused(read(&FILE.replace("weight: 5 #", "weight: 6 #")), Some(16), "no share");
        refused(
            read(&FILE.replace(
                "      weight: 5 # new\n    - {name: stable, weight: 95}",
                "      weight: 5 # new\n    - {name: stable, weight: 5}",
            )),
            Some(16),
            "otherwise",
        );
        refused(read(&FILE.replace(", weight: 5}", "}")), Some(13), "no `weight`");
        refused(read(&FILE.replace("weight: 5}]", "weight: 5}, {name: x}]")), Some(13), "third");
        let shadow = TrafficSplit { shadow: true, ..TrafficSplit::new("assistant", "2.4.0", None, 0) };
        refused(
            super::write(&target(TargetKind::Httproute), &shadow, Some(FILE)),
            Some(12),
            "mirrors nothing",
        );
        let refusal = unsticky(&target(TargetKind::Httproute), "assistant", FILE).unwrap();
        assert_eq!(refusal.line, Some(12), "{refusal:?}");
    }
}
