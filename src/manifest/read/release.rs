//! The top level of `release.yaml`, and what several of its parts must agree on.

use super::{Map, Reader};
use crate::diagnostic::{Diagnostic, FileId, Spanned, list};
use crate::manifest::fields::{Kind, RELEASE};
use crate::manifest::release::{EvidenceSpec, GateSpec, Manifest, MetricSpec, Policy, WaiverSpec};
use crate::manifest::tree::{Node, NodeKind};
use crate::manifest::words::ReleaseType;

/// The format version that this relgate reads.
const FORMAT: &str = "1";

pub(super) fn read(reader: &mut Reader<'_>, file: FileId, root: &Node) -> Option<Manifest> {
    // Another format version has other keys: its own sentence, and none about those.
    if let NodeKind::Mapping(pairs) = &root.kind
        && let Some((_, version)) = pairs.iter().find(|(key, _)| super::key_text(key) == "relgate")
    {
        check_format(reader, version)?;
    }
    let map = reader.open(root, &RELEASE)?;
    reserved(reader, &map);
    let name = map.get("name").and_then(|node| reader.name(node, "`name`"));
    let version = version(reader, map.get("version"));
    let release_type = reader.word(map.get("type"), "`type`", ReleaseType::WORDS, ReleaseType::from_word);
    let summary = reader.string(map.get("summary"), "`summary`");
    let baseline = reader.string(map.get("baseline"), "`baseline`");
    let anchor = reader.string(map.get("anchor"), "`anchor`");
    let artifacts = super::artifacts::read(reader, map.get("artifacts"));
    let evidence = super::evidence::read(reader, map.get("evidence"));
    let metrics = super::evidence::metrics(reader, map.get("metrics"));
    let gates = super::gates::read(reader, map.get("gates"));
    let policy = super::policy::read(reader, map.get("policy"));
    let waivers = super::policy::waivers(reader, map.get("waivers"));
    let changelog = reader.string(map.get("changelog"), "`changelog`");
    check_references(reader, &evidence, &metrics, &gates, &waivers);
    check_confidence(reader, &policy, &gates);
    Some(Manifest {
        file,
        name: name?,
        version: version?,
        release_type: release_type?,
        summary,
        baseline,
        anchor,
        artifacts,
        evidence,
        metrics,
        gates,
        policy,
        waivers,
        changelog,
    })
}

fn check_format(reader: &mut Reader<'_>, node: &Node) -> Option<()> {
    match node.scalar() {
        Some(scalar) if scalar.text == FORMAT => Some(()),
        _ => {
            reader.report(
                Diagnostic::error("format-version", format!("this relgate reads manifest format {FORMAT}"))
                    .at(node.span, format!("this is {}", node.describe()))
                    .help("write `relgate: 1`, or use the relgate that knows the newer format"),
            );
            None
        }
    }
}

fn reserved(reader: &mut Reader<'_>, map: &Map<'_>) {
    for field in RELEASE.fields.iter().filter(|field| matches!(field.kind, Kind::Reserved)) {
        if let Some(node) = map.get(field.name) {
            reader.mapping(node, &format!("`{}`", field.name));
        }
    }
}

fn version(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Spanned<semver::Version>> {
    let text = reader.string(node, "`version`")?;
    match semver::Version::parse(&text.value) {
        Ok(version) => Some(Spanned::new(version, text.span)),
        Err(error) => {
            let found =
                Diagnostic::error("bad-version", format!("`version` is not a semantic version: {error}"))
                    .at(text.span, "not major.minor.patch");
            let help = match text.value.strip_prefix('v') {
                Some(rest) if semver::Version::parse(rest).is_ok() => format!("write `{rest}`"),
                _ => "for example `2.4.0` or `2.4.0-rc.1`".to_owned(),
            };
            reader.report(found.help(help));
            None
        }
    }
}

/// Names that must exist: evidence of metrics and gates, gates of waivers.
fn check_references(
    reader: &mut Reader<'_>,
    evidence: &[EvidenceSpec],
    metrics: &[MetricSpec],
    gates: &[GateSpec],
    waivers: &[WaiverSpec],
) {
    let known: Vec<&str> = evidence.iter().map(|entry| entry.name.value.as_str()).collect();
    let named = metrics.iter().filter_map(|metric| metric.evidence.as_ref());
    for name in named.chain(gates.iter().filter_map(|gate| gate.evidence.as_ref())) {
        if !known.contains(&name.value.as_str()) {
            reader.report(
                Diagnostic::error("unknown-evidence", format!("no evidence is named `{}`", name.value))
                    .at(name.span, "unknown")
                    .suggest(&name.value, known.iter().copied())
                    .help(format!("`evidence:` names {}", list(known.iter().copied(), 12))),
            );
        }
    }
    let ids: Vec<&str> = gates.iter().map(|gate| gate.id.value.as_str()).collect();
    for waiver in waivers {
        if !ids.contains(&waiver.gate.value.as_str()) {
            reader.report(
                Diagnostic::error(
                    "waiver-for-unknown-gate",
                    format!("no gate has the id `{}`", waiver.gate.value),
                )
                .at(waiver.gate.span, "unknown")
                .suggest(&waiver.gate.value, ids.iter().copied())
                .help(format!("the gates are {}", list(ids.iter().copied(), 12))),
            );
        }
    }
}

/// A gate may raise the policy's confidence, never lower it.
fn check_confidence(reader: &mut Reader<'_>, policy: &Policy, gates: &[GateSpec]) {
    for gate in gates {
        if let Some(own) = gate.confidence.filter(|own| own.value < policy.confidence) {
            reader.report(
                Diagnostic::error(
                    "confidence-lowered",
                    "a gate may raise the policy's confidence, not lower it",
                )
                .at(own.span, format!("the policy asks for {}", policy.confidence))
                .help(format!("write {} or more, or remove the line", policy.confidence)),
            );
        }
    }
}
