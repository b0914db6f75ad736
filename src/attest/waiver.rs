//! What the approver of a waiver signs: all of it, so that a signature cannot be moved to another gate, release, limit or day.

use serde_json::json;

use crate::manifest::{Manifest, Reference, WaiverSpec};

/// The format of what is signed.
const SCHEMA: &str = "relgate/waiver/v1";

/// The bytes that the approver signs: what is waived, in which version of which release, by which rule, up to which limit and day,
/// why, for whom. RFC 8785 JSON and a line feed.
#[must_use]
pub fn waiver_bytes(manifest: &Manifest, waiver: &WaiverSpec) -> Vec<u8> {
    let own = |id: &str| id == waiver.gate.value || Reference::Anchor.id_of(id) == waiver.gate.value;
    let gate = manifest.gates.iter().find(|gate| own(&gate.id.value));
    let document = json!({
        "schema": SCHEMA,
        "release": manifest.name.value,
        "version": manifest.version.value.to_string(),
        "gate": waiver.gate.value,
        "rule": gate.map(|gate| &gate.rule.text),
        "slice": waiver.slice.as_ref().map(|slice| &slice.value),
        "limit": waiver.limit.as_ref().map(|limit| limit.value.to_string()),
        "reason": waiver.reason.value,
        "owner": waiver.owner.value,
        "approver": waiver.approver.value,
        "expires": waiver.expires.value.to_string(),
    });
    // Texts and maps of texts always serialise.
    let mut bytes = serde_json_canonicalizer::to_vec(&document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
