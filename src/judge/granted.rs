//! What the outcomes of gates take for granted, and what was left out for them: told in every output.

use crate::diagnostic::{Code, Diagnostic, printable};
use crate::gate::{Judged, Outcome, Part};
use crate::manifest::{MissingSamples, Policy};
use crate::metric::{Assumed, MeasureKind, Method};

/// A warning for every gate whose outcome rests on more than its numbers.
pub(super) fn warnings<'a>(judged: impl IntoIterator<Item = &'a Judged>, policy: &Policy) -> Vec<Diagnostic> {
    judged.into_iter().flat_map(|one| assumed(one).into_iter().chain(left_out(one, policy))).collect()
}

/// Every part of a gate, as long as it was judged.
fn parts(judged: &Judged) -> &[Part] {
    if judged.barred.is_some() { &[] } else { &judged.parts }
}

/// What has to hold for the outcome to have the error rate that its confidence says.
fn assumed(judged: &Judged) -> Option<Diagnostic> {
    let gate = judged.declared()?;
    let decided = |part: &&Part| {
        matches!(part.outcome, Outcome::Pass | Outcome::Fail | Outcome::Inconclusive)
            && part.assessment.tails.is_some()
            && !part.assumed.nothing()
    };
    let part = parts(judged).iter().find(decided)?;
    let Assumed { largest_cluster, spread_seen } = &part.assumed;
    let labels = gate.bound.judge.as_ref().is_some_and(|judge| judge.labels.is_some());
    let mut texts = Vec::new();
    let mut cures = Vec::new();
    if let Some(largest) = largest_cluster {
        let field = printable(&largest.field);
        texts.push(format!(
            "assumes that no `{field}` has more than the {} samples of the largest seen",
            largest.samples
        ));
        cures.push(format!("declare the largest that can occur: `cluster: {{ by: {field}, at_most: ... }}`"));
    }
    let of_people = match gate.bound.measure.kind() {
        MeasureKind::Judged if labels => Some((
            "takes the labelled cases for a random part of all, and its error rates are known by simulation only",
            "draw the rows that people label at random; without a judge the labels alone promise their level",
        )),
        MeasureKind::Judged => Some((
            "takes what is known of the judge from elsewhere to hold for these cases",
            "let people label a random part of these cases: `labels:`",
        )),
        MeasureKind::Agreement(_) | MeasureKind::Strength => Some((
            "assumes that other items and raters spread as those that were seen",
            "let more people rate more items",
        )),
        _ => None,
    };
    if let (true, Some((text, cure))) = (*spread_seen, of_people) {
        texts.push(text.to_owned());
        cures.push(cure.to_owned());
    } else if *spread_seen {
        texts.push(
            "assumes that values as far out as matter have been seen: what is rare and large may be missing"
                .to_owned(),
        );
        cures.push(match (gate.bound.measure.kind(), part.assessment.estimate.method) {
            (MeasureKind::Stated { .. }, _) => "give relgate the samples, or `events` and `n`".to_owned(),
            (_, Method::StudentT | Method::Cr2T | Method::Fieller) => {
                "declare the metric's `bounds:`, if there are any; or gate a quantile or a rate".to_owned()
            }
            _ => "declare the metric's `bounds:`, if there are any, or a `cap:`; or gate a quantile, or the rate of values that are too large"
                .to_owned(),
        });
    }
    let text = format!("`{}` is not promised: it {}", gate.spec.id.value, texts.join(", and "));
    let finding = Diagnostic::warning(Code::NotPromised, text)
        .at(gate.spec.rule.subject_span(), "judged by what was seen");
    Some(cures.into_iter().fold(finding, Diagnostic::help))
}

/// Samples without a score that the policy leaves out, though the worst of a release is often what has none.
fn left_out(judged: &Judged, policy: &Policy) -> Option<Diagnostic> {
    let gate = judged.declared()?;
    let MissingSamples::ExcludeUpTo(most) = policy.missing_samples else { return None };
    let estimate = &parts(judged).first()?.assessment.estimate;
    let (missing, selected) = (estimate.missing?, estimate.selected?);
    if missing == 0 || missing as f64 > most * selected.max(1) as f64 {
        return None;
    }
    let text = format!(
        "`{}`: {missing} of {selected} selected samples have no score and were left out by policy; they may be the bad ones",
        gate.spec.id.value
    );
    Some(
        Diagnostic::warning(Code::SamplesLeftOut, text)
            .at(gate.spec.rule.subject_span(), "judged without them"),
    )
}
