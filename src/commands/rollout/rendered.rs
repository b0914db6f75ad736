//! `relgate rollout plan --render FILE`: the objects of an engine that drives a rollout itself.

use std::path::Path;

use super::context::Context;
use crate::cli::RolloutOf;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::files::replace_file;
use crate::manifest::TargetKind;
use crate::target::{self, ArgoFacts};

/// Writes them.
pub(super) fn write(
    of: &RolloutOf,
    path: &Path,
    image: &str,
    sources: &mut Sources,
) -> Result<(), Diagnostics> {
    let context = Context::of(of, sources)?;
    let targets = &context.deployment.targets;
    let Some(target) = targets.iter().find(|target| target.kind.value == TargetKind::ArgoRollouts) else {
        let text = "no target of this rollout drives it itself, so there is nothing to render";
        return Err(Diagnostic::error(Code::RolloutPlan, text)
            .at(context.deployment.span, "no `argo-rollouts` target")
            .help("write `target: { kind: argo-rollouts, path: rollout.yaml }`, or leave `--render` out")
            .into());
    };
    let facts = ArgoFacts { name: context.name(), version: &context.version(), image };
    let text = target::render(target, &context.deployment, facts).map_err(|why| {
        Diagnostic::error(Code::RolloutPlan, why.text).at(target.kind.span, "this target").help(why.help)
    })?;
    Ok(replace_file(path, text.as_bytes())?)
}
