//! Argo Rollouts: relgate renders the plan once, and Argo drives; an analysis between steps runs `relgate monitor` as a job. Two that
//! drive one rollout would undo each other's weights, so no weight is ever written here.

use std::fmt::Write as _;

use super::refusal::Refusal;
use crate::document::scalar;
use crate::manifest::{DeploymentSpec, Strategy, TargetSpec};

/// What the objects say besides the plan.
#[derive(Debug, Clone, Copy)]
pub struct ArgoFacts<'a> {
    /// The release's name.
    pub name: &'a str,
    /// The candidate's version.
    pub version: &'a str,
    /// The image in which `relgate` runs, with the manifest and the ledger.
    pub image: &'a str,
}

/// The `Rollout` and the `AnalysisTemplate` of a plan, as YAML.
///
/// # Errors
/// A strategy or a step that Argo cannot express.
pub fn render(
    target: &TargetSpec,
    deployment: &DeploymentSpec,
    facts: ArgoFacts<'_>,
) -> Result<String, Refusal> {
    if deployment.strategy.value != Strategy::Canary {
        let why = format!("a `{}` rollout is no canary of Argo", deployment.strategy.value);
        return Err(Refusal::new(why, "write `strategy: canary`, or another target"));
    }
    let name = target.name.as_ref().map_or(facts.name, |name| name.value.as_str());
    if !is_label(name) {
        return Err(Refusal::new(
            format!("`{name}` is no name of Kubernetes"),
            "name the rollout in `target: { name }` by at most 63 lower-case letters, digits and `-`",
        ));
    }
    let monitor = format!("{name}-relgate");
    let mut steps = String::new();
    for step in &deployment.steps {
        let weight = step.weight.value.per_10000;
        if !weight.is_multiple_of(100) {
            return Err(Refusal::new(
                format!("Argo's steps cannot say {}", step.weight.value),
                "take whole percents",
            ));
        }
        // Writing to a `String` cannot fail.
        let _ = writeln!(steps, "        - setWeight: {}", weight / 100);
        let _ = writeln!(steps, "        - pause: {{ duration: {}s }}", step.bake.seconds);
        let _ = writeln!(steps, "        - analysis: {{ templates: [{{ templateName: {monitor} }}] }}");
    }
    let (version, image) = (scalar(facts.version), scalar(facts.image));
    let (stable, candidate) = (scalar(&target.stable), scalar(&target.candidate));
    Ok(format!(
        "# Rendered by relgate; Argo drives it. Render it again when the plan changes.
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: {name}
  annotations: {{ relgate/release: {version} }}
spec:
  selector: {{ matchLabels: {{ app: {name} }} }}
  workloadRef: {{ apiVersion: apps/v1, kind: Deployment, name: {name} }}
  strategy:
    canary:
      stableService: {stable}
      canaryService: {candidate}
      steps:
{steps}---
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: {monitor}
spec:
  metrics:
    - name: relgate
      # Any other exit code than 0 is no pass: a blind signal stops the rollout as a failing one does.
      failureLimit: 0
      consecutiveErrorLimit: 0
      provider:
        job:
          spec:
            backoffLimit: 0
            template:
              spec:
                restartPolicy: Never
                containers:
                  - name: relgate
                    image: {image}
                    command: [relgate, monitor, release.yaml, --require, pass]
"
    ))
}

/// Why relgate writes no weight here.
pub(super) fn driven() -> Refusal {
    Refusal::new(
        "Argo drives this rollout itself, and two that drive one undo each other's weights",
        "render the plan and apply it: `relgate rollout plan --render FILE`; `relgate monitor` runs as its analysis",
    )
}

/// A label of DNS, as names of Kubernetes are.
fn is_label(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    // Room for the name of the analysis.
    (1..=55).contains(&name.len())
        && name.chars().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::super::tests::refused;
    use super::*;
    use crate::diagnostic::Sources;
    use crate::manifest;

    fn rendered(deployment: &str) -> Result<String, Refusal> {
        let mut sources = Sources::new();
        let text = format!(
            "relgate: 1\nname: assistant\nversion: 2.4.0\ntype: performance-patch\nevidence: {{ m: {{ path: m.json }} }}\ngates: ['toxicity < 1%']\ndeployment: {deployment}\nmonitoring: {{ log: [a.jsonl] }}\n"
        );
        let file = sources.add("release.yaml", text);
        let deployment = manifest::parse(&sources, file).unwrap().deployment.unwrap();
        let facts = ArgoFacts { name: "assistant", version: "2.4.0", image: "reg/relgate: x" };
        render(&deployment.targets[0], &deployment, facts)
    }

    #[test]
    fn the_plan_becomes_steps_with_an_analysis_behind_each() {
        let target =
            "target: { kind: argo-rollouts, path: r.yaml, stable: a-stable, candidate: a-candidate }";
        let text =
            rendered(&format!("{{ strategy: canary, {target}, steps: [5%, 100%], bake: 2h }}")).unwrap();
        let steps = "        - setWeight: 5\n        - pause: { duration: 7200s }\n        - analysis: { templates: [{ templateName: assistant-relgate }] }\n        - setWeight: 100\n";
        assert!(text.contains(steps), "{text}");
        assert!(
            text.contains("stableService: a-stable") && text.contains("image: 'reg/relgate: x'"),
            "{text}"
        );
        assert!(text.contains("command: [relgate, monitor, release.yaml, --require, pass]"), "{text}");
        refused(
            rendered(&format!("{{ strategy: canary, {target}, steps: [0.5%, 100%] }}")),
            None,
            "whole percents",
        );
        refused(rendered(&format!("{{ strategy: blue-green, {target} }}")), None, "no canary of Argo");
        let named = target.replace("path", "name: 'A b', path");
        refused(rendered(&format!("{{ strategy: canary, {named} }}")), None, "no name of Kubernetes");
    }
}
