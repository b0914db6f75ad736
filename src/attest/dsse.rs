//! A statement and its signature: the Dead Simple Signing Envelope, alone or in a bundle of Sigstore. What carries them is not
//! signed, so only one spelling of everything in it is read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::base64;
use super::key::PublicKey;

/// What the payload of every envelope is.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The bundle of Sigstore that is written and read.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// The largest envelope that is read; relgate writes some kilobytes, and the lists of a release with 100,000 gates stay below.
pub(super) const MOST: usize = 16 << 20;

/// A signed payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What is claimed.
    pub payload: Vec<u8>,
    /// The signature of [`pre_authentication`] of it.
    pub signature: Vec<u8>,
    /// The id of the key that signed, where the envelope says one; nothing but a hint.
    pub key: Option<String>,
}

/// The bytes that are signed: type and payload with their lengths, so that neither can be read as the other.
/// `PAE` of <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>.
#[must_use]
pub fn pre_authentication(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WireEnvelope {
    payload: String,
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature {
    #[serde(default)]
    keyid: String,
    sig: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WireBundle {
    media_type: String,
    verification_material: WireMaterial,
    dsse_envelope: WireEnvelope,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WireMaterial {
    public_key: WireHint,
    #[serde(default)]
    tlog_entries: Vec<Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHint {
    #[serde(default)]
    hint: String,
}

fn wire(payload: &[u8], signature: &[u8], keyid: &str) -> WireEnvelope {
    WireEnvelope {
        payload: base64::encode(payload),
        payload_type: PAYLOAD_TYPE.to_owned(),
        signatures: vec![WireSignature { keyid: keyid.to_owned(), sig: base64::encode(signature) }],
    }
}

fn pretty(document: &impl Serialize) -> String {
    // Serialising structs of strings and lists cannot fail.
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}

/// The envelope alone.
#[must_use]
pub fn dsse_json(payload: &[u8], signature: &[u8], key: &PublicKey) -> String {
    pretty(&wire(payload, signature, key.id()))
}

/// The envelope in a bundle of Sigstore, version 0.3, with the key as a hint and in no log.
#[must_use]
pub fn sigstore_json(payload: &[u8], signature: &[u8], key: &PublicKey) -> String {
    pretty(&WireBundle {
        media_type: BUNDLE.to_owned(),
        verification_material: WireMaterial {
            public_key: WireHint { hint: key.id().to_owned() },
            tlog_entries: Vec::new(),
        },
        dsse_envelope: wire(payload, signature, ""),
    })
}

impl Envelope {
    /// The envelope in a text, alone or in a bundle of Sigstore.
    ///
    /// # Errors
    /// The field that is not as it has to be, and why.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > MOST {
            return Err(format!("it is larger than {} MiB", MOST >> 20));
        }
        let any: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
        let unfit = |error: serde_json::Error| format!("it does not fit its form: {error}");
        if any.get("mediaType").is_none() && any.get("dsseEnvelope").is_none() {
            return Self::of(&serde_json::from_str(text).map_err(unfit)?, None);
        }
        let WireBundle { media_type, verification_material, dsse_envelope } =
            serde_json::from_str(text).map_err(|error| {
                if any.pointer("/verificationMaterial/certificate").is_some() {
                    "`verificationMaterial`: it was signed with a certificate, and relgate holds it against a pinned key".to_owned()
                } else {
                    unfit(error)
                }
            })?;
        if media_type != BUNDLE {
            return Err(format!("`mediaType`: `{media_type}` is not {BUNDLE}"));
        }
        if !verification_material.tlog_entries.is_empty() {
            return Err(
                "`tlogEntries`: entries of a log are not verified here; take the envelope out of the bundle"
                    .to_owned(),
            );
        }
        Self::of(&dsse_envelope, Some(&verification_material.public_key.hint))
    }

    fn of(wire: &WireEnvelope, hint: Option<&str>) -> Result<Self, String> {
        if wire.payload_type != PAYLOAD_TYPE {
            return Err(format!("`payloadType`: `{}` is not {PAYLOAD_TYPE}", wire.payload_type));
        }
        let [signature] = wire.signatures.as_slice() else {
            return Err(format!("`signatures`: there are {}, and one is verified", wire.signatures.len()));
        };
        let decoded = |name: &str, text: &str| {
            base64::decode(text)
                .ok_or_else(|| format!("`{name}`: it is not spelled as base64 in its one form"))
        };
        let named = |id: &str| (!id.is_empty()).then(|| id.to_owned());
        let (keyid, hint) = (named(&signature.keyid), hint.and_then(named));
        if let (Some(keyid), Some(hint)) = (&keyid, &hint)
            && keyid != hint
        {
            return Err("`keyid`: it is another key than `hint` names".to_owned());
        }
        Ok(Self {
            payload: decoded("payload", &wire.payload)?,
            signature: decoded("sig", &signature.sig)?,
            key: keyid.or(hint),
        })
    }
}
