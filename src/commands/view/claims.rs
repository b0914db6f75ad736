//! What evidence says about itself that does not agree with the manifest.

use super::{Findings, View};
use crate::diagnostic::{Code, Diagnostic, printable, shortened};
use crate::gate::{Claim, EvidenceAge};
use crate::judge::Entry;

impl View<'_> {
    /// What evidence says about itself that does not agree with the manifest: errors and warnings.
    pub(super) fn claims(&self, findings: &mut Findings) {
        for Entry { spec, state, .. } in &self.judgement.entries {
            let name = &spec.name.value;
            let (mut silent, mut texts) = (Vec::new(), Vec::new());
            for claim in &state.claims {
                match claim {
                    Claim::Differs(key, claimed, declared) => findings.errors.push(self.finding(
                        &Diagnostic::error(Code::EvidenceMismatch, format!("evidence `{name}` was made with {key} {claimed}; the manifest has {declared}"))
                            .at(spec.path.span, ""),
                    )),
                    Claim::Unknown(key) => texts.push(format!("evidence `{name}` names {key}, which the manifest does not have")),
                    Claim::Silent(key) => silent.push(key.as_str()),
                    Claim::OtherModel(model) => texts.push(format!(
                        "evidence `{name}` was made with the model `{}`, which no model of the manifest is known as (`known_as:` may say so)",
                        printable(shortened(model))
                    )),
                    Claim::OtherPrompt => texts.push(format!(
                        "evidence `{name}` holds the texts of its prompts, and none of them holds a prompt of the manifest"
                    )),
                }
            }
            if !silent.is_empty() {
                texts.push(format!(
                    "evidence `{name}` does not say with which {} it was made",
                    silent.join(", ")
                ));
            }
            let age = match state.age {
                EvidenceAge::Fine => None,
                EvidenceAge::Unknown => Some(format!("evidence `{name}` does not record when it was made")),
                EvidenceAge::TooOld(at) => Some(format!(
                    "evidence `{name}` was made on {}, longer ago than allowed",
                    at.date_naive()
                )),
                EvidenceAge::FromTheFuture(at) => Some(format!(
                    "evidence `{name}` was made on {}, after the day of this judgement",
                    at.date_naive()
                )),
            };
            texts.extend(age);
            let severe = state.blocked.is_some();
            let list = if severe { &mut findings.errors } else { &mut findings.warnings };
            for text in texts {
                let code = if severe { Code::EvidenceIdentity } else { Code::EvidenceUnbound };
                list.push(self.finding(&Diagnostic::error(code, text).at(spec.path.span, "")));
            }
        }
    }
}
