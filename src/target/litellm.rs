//! Weights of two deployments of `LiteLLM`'s proxy, in its YAML file. They hold after a restart.
//!
//! The proxy chooses a deployment for every request anew. Where one deployment of a group has a weight all need one, as those without
//! would be left out or, when the first has none, all weights ignored.

use super::edit::{Edit, apply, share_of, shares};
use super::nodes::{Document, get, items, text_of, yaml_documents};
use super::refusal::Refusal;
use super::split::TrafficSplit;
use crate::document::Node;
use crate::manifest::TargetSpec;

pub(super) fn write(
    target: &TargetSpec,
    split: &TrafficSplit,
    existing: Option<&str>,
) -> Result<String, Refusal> {
    let name = name(target, &split.name);
    let Some(text) = existing else { return Err(begin(name, target)) };
    let documents = yaml_documents(text)?;
    let (document, weights) = weights(&documents, name, target)?;
    let new = weights.into_iter().zip(shares(split.candidate_per_10000)).filter_map(|(node, weight)| {
        let place = document.place(node);
        (text.get(place.clone()) != Some(weight.to_string().as_str()))
            .then(|| Edit::new(place, weight.to_string()))
    });
    Ok(apply(text, new.collect()))
}

pub(super) fn read(target: &TargetSpec, name: &str, existing: &str) -> Result<u16, Refusal> {
    let documents = yaml_documents(existing)?;
    let (document, [candidate, stable]) = weights(&documents, self::name(target, name), target)?;
    let (first, second) =
        (document.count(candidate, "the candidate's weight")?, document.count(stable, "the stable weight")?);
    share_of(first, second).ok_or_else(|| {
        let why = format!("the weights {first} and {second} are no share of hundredths of a percent");
        document.refuse(candidate, why, "let them sum to 100 or 10000")
    })
}

fn name<'a>(target: &'a TargetSpec, release: &'a str) -> &'a str {
    target.name.as_ref().map_or(release, |name| name.value.as_str())
}

fn begin(name: &str, target: &TargetSpec) -> Refusal {
    Refusal::new(
        format!("it has no deployments of the model group `{name}`"),
        format!(
            "add two to `model_list` with `model_name: {name}`, `model_info: {{ id: {} }}` and `{{ id: {} }}`, each with a `weight` in `litellm_params`",
            target.stable, target.candidate
        ),
    )
}

/// The weights of candidate and stable release, and the document that they stand in.
fn weights<'a>(
    documents: &'a [Document<'a>],
    name: &str,
    target: &TargetSpec,
) -> Result<(&'a Document<'a>, [&'a Node; 2]), Refusal> {
    let [document] = documents else { return Err(begin(name, target)) };
    let group = items(get(&document.root, "model_list")).iter();
    let group: Vec<&Node> = group.filter(|entry| text_of(entry, "model_name") == Some(name)).collect();
    if group.is_empty() {
        return Err(begin(name, target));
    }
    let id = |entry: &Node| get(entry, "model_info").and_then(|info| text_of(info, "id")).map(str::to_owned);
    let (mut candidate, mut stable) = (None, None);
    for entry in group {
        let side = match id(entry) {
            Some(id) if id == target.candidate => &mut candidate,
            Some(id) if id == target.stable => &mut stable,
            _ => {
                let why = format!(
                    "this deployment of `{name}` is neither `{}` nor `{}`",
                    target.stable, target.candidate
                );
                let help = "name both by `model_info: { id }`, and let a group have two deployments";
                return Err(document.refuse(entry, why, help));
            }
        };
        let weight = get(entry, "litellm_params").and_then(|params| get(params, "weight"));
        let Some(weight) = weight else {
            let help =
                "add `weight: 0` to its `litellm_params`: without one the proxy does not split as meant";
            return Err(document.refuse(entry, "this deployment has no `weight`", help));
        };
        if side.replace(weight).is_some() {
            return Err(document.refuse(
                entry,
                "this deployment stands here for the second time",
                "leave one of them",
            ));
        }
    }
    match (candidate, stable) {
        (Some(candidate), Some(stable)) => Ok((document, [candidate, stable])),
        _ => Err(begin(name, target)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{refused, target};
    use super::*;
    use crate::manifest::TargetKind;

    const FILE: &str = "# models\nmodel_list:\n  - model_name: assistant\n    litellm_params:\n      model: openai/a   # old\n      weight: 90\n    model_info: {id: stable}\n  - {model_name: assistant, litellm_params: {model: openai/b, weight: 10}, model_info: {id: candidate}}\n  - model_name: small\n    litellm_params: {model: openai/c}\nrouter_settings: {routing_strategy: simple-shuffle}\n";

    fn write(per_10000: u16, existing: &str) -> String {
        let split = TrafficSplit::new("assistant", "2.4.0", None, per_10000);
        super::write(&target(TargetKind::Litellm), &split, Some(existing)).unwrap()
    }

    fn read(existing: &str) -> Result<u16, Refusal> {
        super::read(&target(TargetKind::Litellm), "assistant", existing)
    }

    #[test]
    fn only_two_weights_change() {
        assert_eq!(
            write(2500, FILE),
            FILE.replace("weight: 90", "weight: 75").replace("weight: 10}", "weight: 25}")
        );
        assert_eq!(write(1000, FILE), FILE);
        for share in [0, 1, 2550, 9999, 10_000] {
            assert_eq!(read(&write(share, FILE)), Ok(share));
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        refused(read("model_list: []\n"), None, "no deployments");
        refused(read(&FILE.replace("      weight: 90\n", "")), Some(3), "has no `weight`");
        refused(
            read(&FILE.replace("{id: stable}", "{id: other}")),
            Some(3),
            "neither `stable` nor `candidate`",
        );
        refused(read(&FILE.replace("weight: 90", "weight: 90.5")), Some(6), "not a whole number");
        refused(read(&FILE.replace("model_name: small", "model_name: assistant")), Some(9), "neither");
        refused(read(&FILE.replace("weight: 90", "weight: [90")), Some(7), "");
    }
}
