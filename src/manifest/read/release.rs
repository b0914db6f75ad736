//! The top level of `release.yaml`, and what several of its parts must agree on.

use super::agree;
use super::reader::{Map, Reader};
use crate::diagnostic::{Code, Diagnostic, FileId, Spanned};
use crate::manifest::fields::RELEASE;
use crate::manifest::release::Manifest;
use crate::manifest::tree::{Node, NodeKind};
use crate::manifest::words::ReleaseType;

/// The format version that this relgate reads.
const FORMAT: &str = "1";
/// What is about the time after `check`.
const BEYOND_CHECK: [&str; 4] = ["risks", "deployment", "monitoring", "rollback"];

pub(super) fn read(reader: &mut Reader<'_>, file: FileId, root: &Node) -> Option<Manifest> {
    // Another format version has other keys: its own sentence, and none about those.
    if let NodeKind::Mapping(pairs) = &root.kind
        && let Some((_, version)) = pairs.iter().find(|(key, _)| super::reader::key_text(key) == "relgate")
    {
        check_format(reader, version)?;
    }
    let map = reader.open(root, &RELEASE)?;
    let beyond_check = beyond_check(reader, &map);
    let name = map.get("name").and_then(|node| reader.name(node, "`name`"));
    let version = version(reader, map.get("version"));
    let release_type = reader.word(map.get("type"), "`type`", ReleaseType::WORDS, ReleaseType::from_word);
    let summary = reader.string(map.get("summary"), "`summary`");
    let baseline = reader.string(map.get("baseline"), "`baseline`");
    let anchor = reader.string(map.get("anchor"), "`anchor`");
    let artifacts = super::artifacts::read(reader, map.get("artifacts"));
    let mut evidence = super::evidence::read(reader, map.get("evidence"));
    let metrics = super::evidence::metrics(reader, map.get("metrics"));
    let gates = super::gates::read(reader, map.get("gates"));
    let policy = super::policy::read(reader, map.get("policy"));
    let waivers = super::policy::waivers(reader, map.get("waivers"));
    let deployment = super::deployment::read(reader, map.get("deployment"));
    let monitoring = super::monitoring::read(reader, map.get("monitoring"));
    let rollback = super::deployment::rollback(reader, map.get("rollback"));
    let risks = super::risks::read(reader, map.get("risks"));
    let accept_failed_baseline = reader.string(map.get("accept_failed_baseline"), "`accept_failed_baseline`");
    let changelog = reader.string(map.get("changelog"), "`changelog`");
    // A shared policy may still bring gates and another confidence: what must agree is then checked by `merge`.
    if policy.extends.is_empty() {
        if let (None, Some(field)) =
            (map.get("gates"), RELEASE.fields.iter().find(|field| field.name == "gates"))
        {
            reader.missing_keys(root.span, &RELEASE, &[field]);
        }
        reader.findings.extend(agree::references(&evidence, &metrics, &gates, &waivers, anchor.is_some()));
        reader.findings.extend(agree::confidence(&policy, &gates));
        reader.findings.extend(super::risks::agree(&risks, &gates, monitoring.as_ref(), &policy));
    }
    reader.findings.extend(super::people::row_keys(&evidence, &metrics));
    super::people::tell_rows_apart(&mut evidence, &metrics);
    if reader.findings.is_empty() && (name.is_none() || version.is_none() || release_type.is_none()) {
        return None;
    }
    // What stands for those that are wrong is judged by nobody: there are findings.
    Some(Manifest {
        file,
        name: name.unwrap_or_else(|| Spanned::new("unnamed".to_owned(), root.span)),
        version: version.unwrap_or_else(|| Spanned::new(semver::Version::new(0, 0, 0), root.span)),
        release_type: release_type.unwrap_or_else(|| Spanned::new(ReleaseType::PromptRelease, root.span)),
        summary,
        baseline,
        anchor,
        artifacts,
        evidence,
        metrics,
        gates,
        policy,
        waivers,
        accept_failed_baseline,
        changelog,
        deployment,
        monitoring,
        rollback,
        risks,
        beyond_check,
    })
}

pub(super) fn check_format(reader: &mut Reader<'_>, node: &Node) -> Option<()> {
    match node.scalar() {
        Some(scalar) if scalar.text == FORMAT => Some(()),
        _ => {
            reader.report(
                Diagnostic::error(
                    Code::FormatVersion,
                    format!("this relgate reads manifest format {FORMAT}"),
                )
                .at(node.span, format!("this is {}", node.describe()))
                .help("write `relgate: 1`, or use the relgate that knows the newer format"),
            );
            None
        }
    }
}

/// The keys that say nothing to `check`, in the order of the table.
fn beyond_check(reader: &mut Reader<'_>, map: &Map<'_>) -> Vec<(String, Node)> {
    let mut found = Vec::new();
    for name in BEYOND_CHECK {
        if let Some(node) = map.get(name) {
            reader.mapping(node, &format!("`{name}`"));
            found.push((name.to_owned(), node.clone()));
        }
    }
    found
}

fn version(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Spanned<semver::Version>> {
    let text = reader.string(node, "`version`")?;
    match semver::Version::parse(&text.value) {
        Ok(version) => Some(Spanned::new(version, text.span)),
        Err(error) => {
            let found =
                Diagnostic::error(Code::BadVersion, format!("`version` is not a semantic version: {error}"))
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
