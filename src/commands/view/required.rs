//! What the policy or the release type requires and no gate stands for, and why the gates that are there do not.

use super::{Findings, View};
use crate::diagnostic::{Code, Diagnostic};
use crate::gate::Hindrance;
use crate::manifest::Category;
use crate::verdict::GateResult;

/// So many gates are named.
const SHOWN: usize = 5;

impl View<'_> {
    pub(super) fn uncovered(&self, findings: &mut Findings) {
        let (verdict, kind) = (&self.judgement.verdict, self.release.manifest.release_type.value);
        let missing = verdict.uncovered.iter().map(|category| {
            let whose = match self.judgement.required.stated {
                Some(_) => format!("the policy requires a blocking gate on {}", category.value),
                None => format!("a {kind} needs a blocking gate on {}", category.value),
            };
            let title = format!("{whose}, and none stands for it: {}", self.why_not(category.value));
            self.finding(&Diagnostic::error(Code::CategoryNotCovered, title).at(category.span, ""))
        });
        let unguarded = verdict.unguarded.map(|span| {
            let how = if self.changes.compared {
                "write a blocking gate such as `accuracy drop < 2pp`"
            } else {
                "name the release to compare with (`baseline: git:v2.3.0`) and write a gate such as `accuracy drop < 2pp`"
            };
            let title = format!(
                "a {kind} must show that quality is no worse than the baseline's, and no blocking gate does: {how}"
            );
            self.finding(&Diagnostic::error(Code::QualityNotGuarded, title).at(span, ""))
        });
        findings.errors.extend(missing.chain(unguarded));
    }

    /// Why each gate on a category does not stand for it; where there is none, what the gates are about instead.
    fn why_not(&self, category: Category) -> String {
        let gates = &self.judgement.verdict.gates;
        let observed = self.release.manifest.policy.observed_counts;
        let own = gates.iter().filter(|gate| gate.judged.category() == Some(category));
        let told: Vec<String> = own
            .filter_map(|gate| Some((gate, gate.judged.hindrance(observed)?)))
            .map(|(gate, why)| format!("`{}` does not stand for it: it {}", gate.judged.id(), words(&why)))
            .collect();
        if !told.is_empty() {
            return some(&told, "; ");
        }
        let write = format!("write one, such as `{}`", example(category));
        let others: Vec<String> = gates.iter().filter_map(about).collect();
        if others.is_empty() { write } else { format!("{}; {write}", some(&others, ", ")) }
    }
}

/// What a gate of the release's own is about.
fn about(gate: &GateResult) -> Option<String> {
    let own = gate.judged.declared()?;
    Some(match own.bound.category {
        Some(category) => format!("`{}` is about {category}", gate.judged.id()),
        None => format!("nothing says what `{}` is about", gate.judged.id()),
    })
}

fn words(why: &Hindrance) -> String {
    match why {
        Hindrance::WarnsOnly => "only warns".to_owned(),
        Hindrance::NotApplicable => "does not apply to this release (`when:`)".to_owned(),
        Hindrance::Unquantified => {
            "is unquantified: let the evaluation write `n` (or `events` and `n`) beside the value".to_owned()
        }
        Hindrance::Observed => {
            "is a fact about the listed cases, and no estimate: ask for a rate or a mean".to_owned()
        }
        Hindrance::LargestClusterSeen(field) => format!(
            "rests on the largest `{field}` that was seen: say how large one can be, `cluster: {{ by: {field}, at_most: N }}`"
        ),
    }
}

fn example(category: Category) -> &'static str {
    match category {
        Category::Quality => "accuracy >= 90%",
        Category::Safety => "Toxicity < 0.1%",
        Category::Robustness => "Perturbation success >= 90%",
        Category::Latency => "p95 latency < 1200ms",
        Category::Cost => "Cost < $0.01",
    }
}

fn some(all: &[String], between: &str) -> String {
    let first = all.get(..SHOWN).unwrap_or(all).join(between);
    if all.len() > SHOWN { format!("{first}; and {} more", all.len() - SHOWN) } else { first }
}
