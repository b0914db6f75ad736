//! `risks`: the register, and the gates and signals that it stands on.

use super::policy::skeleton;
use super::reader::{Map, Reader, key_text};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Spanned, list};
use crate::manifest::fields::{RISK, RISK_ACCEPTED};
use crate::manifest::lifecycle::MonitoringSpec;
use crate::manifest::release::{GateSpec, Policy};
use crate::manifest::risks::{NIST_RISKS, RiskAccepted, RiskAssessment, RiskSpec, RiskStanding};
use crate::manifest::tree::Node;
use crate::manifest::words::{RiskLevel, RiskPolicy};

/// What an assessed risk has to say, and what only such a one has.
const ASSESSED: [&str; 4] = ["likelihood", "impact", "residual", "mitigation"];
const SHOWN: [&str; 2] = ["tested_by", "accepted"];

pub(super) fn read(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<RiskSpec> {
    let pairs = node.and_then(|node| reader.mapping(node, "`risks`")).unwrap_or_default();
    pairs.into_iter().filter_map(|(key, value)| risk(reader, key, value)).collect()
}

fn risk(reader: &mut Reader<'_>, key: &Node, node: &Node) -> Option<RiskSpec> {
    let id = reader.name(key, "a risk")?;
    let asks = |map: &Map<'_>| if map.get("not_applicable").is_some() { &[][..] } else { &ASSESSED[..] };
    let map = reader.open_asking(node, &RISK, asks)?;
    let title = reader.string(map.get("title"), "`title`").map(|title| title.value);
    let known = NIST_RISKS.iter().find(|(name, _)| *name == key_text(key)).map(|(_, title)| *title);
    if known.is_none() && map.get("title").is_none() {
        let names = NIST_RISKS.iter().map(|(name, _)| *name);
        reader.report(
            Diagnostic::error(Code::RiskSpec, format!("`{}` is no risk of NIST AI 600-1", id.value))
                .at(id.span, "unknown")
                .suggest(&id.value, names.clone())
                .note(format!("its risks are {}", list(names, 12)))
                .help("give a risk of your own a `title:`"),
        );
    }
    let owner = reader.string(map.get("owner"), "`owner`");
    let review = reader.date(map.get("review"), "`review`");
    let refs = reader.strings(map.get("refs"), "`refs`");
    let standing = match map.get("not_applicable") {
        Some(why) => {
            let assesses = |key: &&str| ASSESSED.contains(key) || SHOWN.contains(key);
            let others = map.pairs.iter().find(|(key, _)| assesses(&key_text(key)));
            if let Some((other, _)) = others {
                let text = format!("`{}` stands beside `not_applicable`", key_text(other));
                reader.report(
                    Diagnostic::error(Code::RiskSpec, text)
                        .at(other.span, "what cannot come up is not assessed")
                        .help("leave one of both out"),
                );
            }
            RiskStanding::NotApplicable(reader.string(Some(why), "`not_applicable`")?)
        }
        None => RiskStanding::Assessed(assessed(reader, &map, owner.as_ref())?),
    };
    let title = title.or_else(|| known.map(str::to_owned))?;
    Some(RiskSpec { id, title, standing, owner: owner?, review: review?, refs })
}

fn assessed(
    reader: &mut Reader<'_>,
    map: &Map<'_>,
    owner: Option<&Spanned<String>>,
) -> Option<RiskAssessment> {
    let level = |reader: &mut Reader<'_>, key: &str| {
        reader.word(map.get(key), &format!("`{key}`"), RiskLevel::WORDS, RiskLevel::from_word)
    };
    let (likelihood, impact, residual) =
        (level(reader, "likelihood"), level(reader, "impact"), level(reader, "residual"));
    let mitigation = reader.string(map.get("mitigation"), "`mitigation`");
    let tested_by = reader.strings(map.get("tested_by"), "`tested_by`");
    let accepted = map.get("accepted").and_then(|node| accepted(reader, node, owner));
    if let Some(high) = residual.as_ref().filter(|level| level.value == RiskLevel::High)
        && map.get("accepted").is_none()
    {
        reader.report(
            Diagnostic::error(Code::RiskSpec, "a high residual risk that nobody accepted")
                .at(high.span, "this much is left")
                .help("mitigate it further; only somebody else than the owner can accept it"),
        );
    }
    if tested_by.is_empty() && map.get("accepted").is_none() {
        let span = mitigation.as_ref().map_or(reader.first_line(map.span), |mitigation| mitigation.span);
        reader.report(
            Diagnostic::error(Code::RiskSpec, "nothing tests this mitigation")
                .at(span, "a sentence is no test")
                .help("name the gates and signals that show it, such as `tested_by: [hallucination-rate]`"),
        );
    }
    Some(RiskAssessment {
        likelihood: likelihood?.value,
        impact: impact?.value,
        residual: residual?.value,
        mitigation: mitigation?.value,
        tested_by,
        accepted,
        span: map.span,
    })
}

fn accepted(reader: &mut Reader<'_>, node: &Node, owner: Option<&Spanned<String>>) -> Option<RiskAccepted> {
    let map = reader.open(node, &RISK_ACCEPTED)?;
    let by = reader.string(map.get("by"), "`by`")?;
    let reason = reader.string(map.get("reason"), "`reason`")?;
    if let Some(owner) = owner.filter(|owner| skeleton(&owner.value) == skeleton(&by.value)) {
        reader.report(
            Diagnostic::error(Code::RiskSpec, "a risk is not accepted by its own owner")
                .at(by.span, "the owner accepts")
                .also(owner.span, "the owner")
                .help("somebody else has to accept it"),
        );
    }
    Some(RiskAccepted { by: by.value, reason: reason.value })
}

/// What the register must agree on with the gates, the signals and the policy, once these are merged.
pub(in crate::manifest) fn agree(
    risks: &[RiskSpec],
    gates: &[GateSpec],
    monitoring: Option<&MonitoringSpec>,
    policy: &Policy,
) -> Diagnostics {
    let mut findings = Diagnostics::new();
    let signals = monitoring.map(MonitoringSpec::signal_ids).unwrap_or_default();
    let gates = gates.iter().map(|gate| gate.id.value.as_str());
    let known: Vec<&str> = gates
        .chain(super::gates::RESERVED.iter().copied())
        .chain(signals.iter().map(String::as_str))
        .collect();
    for test in risks.iter().flat_map(RiskSpec::tested_by) {
        if !known.contains(&test.value.as_str()) {
            findings.push(
                Diagnostic::error(Code::RiskSpec, format!("no gate or signal has the id `{}`", test.value))
                    .at(test.span, "unknown")
                    .suggest(&test.value, known.iter().copied())
                    .help(format!("there are {}", list(known.iter().copied(), 16))),
            );
        }
    }
    let asked = policy.stated.get("risks").filter(|_| policy.risks == RiskPolicy::Require);
    let missing = NIST_RISKS.iter().filter(|(name, _)| !risks.iter().any(|risk| risk.id.value == *name));
    let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
    if let Some(asked) = asked.filter(|_| !missing.is_empty()) {
        findings.push(
            Diagnostic::error(
                Code::RiskSpec,
                format!("the register has no word on {} of the 12 risks of NIST AI 600-1", missing.len()),
            )
            .at(*asked, "asks for all of them")
            .note(format!("missing: {}", missing.join(", ")))
            .help("assess each under `risks:`, or say there why it is `not_applicable`"),
        );
    }
    findings
}
