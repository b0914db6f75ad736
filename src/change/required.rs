//! What a release of each type must show unless its policy says otherwise, and what a policy left out of that.

use crate::diagnostic::{Code, Diagnostic, Span, Spanned};
use crate::manifest::{Category, GateSpec, Policy, Reference, ReleaseType};

/// The categories that need a blocking gate by default.
#[must_use]
pub fn required(release_type: ReleaseType) -> &'static [Category] {
    use Category::{Cost, Latency, Quality, Robustness, Safety};
    match release_type {
        // Another model may be different in everything.
        ReleaseType::ModelUpgrade => &[Quality, Safety, Robustness, Latency, Cost],
        // Another prompt answers differently and is paid for by its length.
        ReleaseType::PromptRelease => &[Quality, Safety, Cost],
        // Other data teach other things, and may forget the rare ones.
        ReleaseType::DataRelease => &[Quality, Safety, Robustness],
        // A guard must guard; that it does not refuse good questions is the gate on quality below.
        ReleaseType::SafetyPatch | ReleaseType::Hotfix => &[Safety],
        ReleaseType::PerformancePatch => &[Latency, Cost],
    }
}

/// Whether a release of this type also needs a blocking gate that quality is no worse than the baseline's.
#[must_use]
pub fn needs_no_regression_on_quality(release_type: ReleaseType) -> bool {
    match release_type {
        ReleaseType::SafetyPatch | ReleaseType::PerformancePatch => true,
        ReleaseType::ModelUpgrade
        | ReleaseType::PromptRelease
        | ReleaseType::DataRelease
        | ReleaseType::Hotfix => false,
    }
}

/// What the blocking gates of one release must show together; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct Required {
    /// Categories that need a blocking gate, each with the place that asks for it.
    pub categories: Vec<Spanned<Category>>,
    /// The place that asks for a gate that quality is no worse than the baseline's; none where nothing does.
    pub no_regression: Option<Span>,
    /// Where the policy states it; none where it is the default of the release type.
    pub stated: Option<Span>,
}

/// What a release must show: what its policy states, else what its type needs.
#[must_use]
pub fn requirements(policy: &Policy, release_type: Spanned<ReleaseType>) -> Required {
    let Spanned { value: kind, span } = release_type;
    match policy.stated.get("require") {
        Some(stated) => {
            Required { categories: policy.require.clone(), no_regression: None, stated: Some(*stated) }
        }
        None => Required {
            categories: required(kind).iter().map(|category| Spanned::new(*category, span)).collect(),
            no_regression: needs_no_regression_on_quality(kind).then_some(span),
            stated: None,
        },
    }
}

/// The warning for a stated `require` that leaves out what the type would need; `holds` says whether a gate shows all
/// the same that quality is no worse, which no list of categories can ask for.
#[must_use]
pub fn narrowed(required_here: &Required, release_type: ReleaseType, holds: bool) -> Option<Diagnostic> {
    let stated = required_here.stated?;
    let has = |category: &Category| required_here.categories.iter().any(|one| one.value == *category);
    let mut left_out: Vec<&str> = required(release_type)
        .iter()
        .filter(|category| !has(category))
        .map(|category| category.word())
        .collect();
    let default: Vec<&str> = required(release_type).iter().map(|category| category.word()).collect();
    let guarded = needs_no_regression_on_quality(release_type);
    if guarded && !holds {
        left_out.push("that quality is no worse than the baseline's");
    }
    if left_out.is_empty() {
        return None;
    }
    let also = if guarded { " and a gate that quality is no worse than the baseline's" } else { "" };
    Some(
        Diagnostic::warning(
            Code::RequireNarrowed,
            format!(
                "`require` leaves out {}; by default a {release_type} needs [{}]{also}",
                left_out.join(", "),
                default.join(", ")
            ),
        )
        .at(stated, "less than the default of its type"),
    )
}

/// The warning for a release whose type promises that quality is no worse, and whose only `gates` on that allow a loss that
/// anybody would notice.
#[must_use]
pub fn held_loosely(release_type: ReleaseType, gates: &[&GateSpec]) -> Option<Diagnostic> {
    let gates = gates.iter().filter(|gate| gate.against == Reference::Baseline);
    let margins: Vec<(&GateSpec, String)> = gates
        .map(|gate| {
            // `accuracy increase > -50pp` allows a loss of 50pp.
            let margin = gate.rule.threshold.value.to_string();
            (*gate, margin.strip_prefix('-').unwrap_or(&margin).to_owned())
        })
        .collect();
    let (first, _) = margins.first()?;
    let held: Vec<String> =
        margins.iter().map(|(gate, margin)| format!("within {margin} (`{}`)", gate.id.value)).collect();
    let mut finding = Diagnostic::warning(
        Code::WideMargin,
        format!(
            "a {release_type} must show that quality is no worse than the baseline's, and it is held only to {}; a margin \
             of at most 5pp, or of 10% where it is relative, would show it",
            held.join(" and ")
        ),
    )
    .at(first.rule.subject_span(), "this margin allows a release that is plainly worse");
    for (gate, _) in margins.iter().skip(1) {
        finding = finding.also(gate.rule.subject_span(), "and so does this one");
    }
    Some(finding)
}
