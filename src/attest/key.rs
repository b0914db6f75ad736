//! Keys in PEM: the public ones that signatures are held against, and what can be said of a private one without reading it.

use super::base64;
use crate::artifact::digest_bytes;

/// How the DER of every public key on the curve P-256 begins, as an uncompressed point: RFC 5480, section 2.
const P256: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
/// Its two coordinates.
const POINT: usize = 64;
/// Object identifiers by which other kinds are told: what they are, and the bytes of the identifier.
const OTHERS: [(&str, &[u8]); 6] = [
    ("an RSA key", &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01]),
    ("an Ed25519 key", &[0x06, 0x03, 0x2b, 0x65, 0x70]),
    ("an Ed448 key", &[0x06, 0x03, 0x2b, 0x65, 0x71]),
    ("a key on the curve P-384", &[0x2b, 0x81, 0x04, 0x00, 0x22]),
    ("a key on the curve P-521", &[0x2b, 0x81, 0x04, 0x00, 0x23]),
    ("a key on the curve secp256k1", &[0x2b, 0x81, 0x04, 0x00, 0x0a]),
];
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----\n";
const END: &str = "-----END PUBLIC KEY-----\n";
/// What every verifier of envelopes takes.
const NEEDED: &str =
    "an ECDSA key on the curve P-256 is needed, which every verifier of such envelopes takes";

/// A public ECDSA key on the curve P-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pem: String,
    id: String,
}

impl PublicKey {
    /// The key that a PEM file holds, and nothing else.
    ///
    /// # Errors
    /// Why it is none, as in "the key ...".
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.replace("\r\n", "\n");
        let text = text.trim_end_matches('\n');
        if text.contains("PRIVATE KEY-----") {
            return Err("is a private one; give the public half: `openssl pkey -in KEY -pubout`".to_owned());
        }
        let body = text.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END.trim_end()));
        let Some(body) = body else {
            return Err(
                "is no public key in PEM and nothing else: `openssl pkey -in KEY -pubout` writes one"
                    .to_owned(),
            );
        };
        let Some(der) = base64::decode(&body.replace('\n', "")) else {
            return Err("is damaged: it is not spelled in base64".to_owned());
        };
        if der.len() != P256.len() + POINT || !der.starts_with(&P256) {
            let holds = |(_, id): &&(&str, &[u8])| der.windows(id.len()).take(40).any(|bytes| bytes == *id);
            let kind = OTHERS.iter().find(holds).map_or("a key of another kind", |(kind, _)| kind);
            return Err(format!("is {kind}: {NEEDED}"));
        }
        let key = Self::of(&der);
        // The id of a key is the digest of its text, so there is one text.
        if key.pem.trim_end() == text {
            Ok(key)
        } else {
            Err("is not spelled as `openssl pkey -pubin -in KEY -pubout` spells it".to_owned())
        }
    }

    fn of(der: &[u8]) -> Self {
        let digits = base64::encode(der);
        let mut pem = BEGIN.to_owned();
        for line in digits.as_bytes().chunks(64) {
            pem.extend(line.iter().copied().map(char::from));
            pem.push('\n');
        }
        pem.push_str(END);
        let id = digest_bytes(pem.as_bytes()).hex().to_owned();
        Self { pem, id }
    }

    /// The key in PEM, in its one spelling.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The SHA-256 of that text, 64 hexadecimal digits: what envelopes call the key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Nothing, where a file whose lines begin so may be a private key in PEM that needs no password.
///
/// # Errors
/// Why not, as in "the key ...".
pub fn usable_private_key(beginning: &str) -> Result<(), String> {
    let says = |words: &str| beginning.lines().any(|line| line.contains(words));
    if says("BEGIN OPENSSH PRIVATE KEY") {
        Err(format!(
            "is one of ssh-keygen: {NEEDED}; `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY` makes one"
        ))
    } else if says("BEGIN ENCRYPTED SIGSTORE PRIVATE KEY") || says("BEGIN ENCRYPTED COSIGN PRIVATE KEY") {
        Err("is in cosign's own form: let cosign sign the bare predicate, `cosign attest --predicate vsa.predicate.json`".to_owned())
    } else if says("BEGIN ENCRYPTED PRIVATE KEY") || says("Proc-Type: 4,ENCRYPTED") {
        Err("asks for a password, and relgate asks for none: let the secret store of the CI keep it, or decrypt it with `openssl pkey`".to_owned())
    } else if says("BEGIN PUBLIC KEY") {
        Err("is a public one; the private half signs".to_owned())
    } else if says("BEGIN CERTIFICATE") {
        Err("is a certificate; the private key signs".to_owned())
    } else if says("PRIVATE KEY-----") || says("BEGIN EC PARAMETERS") {
        Ok(())
    } else {
        Err(format!(
            "is no private key in PEM: {NEEDED}; `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY` makes one"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::PublicKey;

    const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIqHzQiAozOYQbulVDsTijK0L4n1x\n2b3nhjD+7pYDJhEfaG6mX/WPsrY6hpkLw1yqfP+Hxc3YsF6oRFYHDIYwNw==\n-----END PUBLIC KEY-----\n";

    #[test]
    fn a_key_has_one_text_and_its_digest_is_its_name() {
        let key = PublicKey::read(PEM).unwrap();
        // As model-signing names it in what it signed.
        assert_eq!(key.id(), "cb2e5f09bd6b537548bb7b917db85c171442c7a29ceaa79e44686e60dc53fa7d");
        assert_eq!(PublicKey::read(&PEM.replace('\n', "\r\n")), Ok(key.clone()));
        assert_eq!(PublicKey::read(PEM.trim_end()), Ok(key.clone()));
        let mut same = Vec::new();
        for at in 0..PEM.len() {
            for bit in 0..8 {
                let mut bytes = PEM.as_bytes().to_vec();
                bytes[at] ^= 1 << bit;
                let Ok(text) = String::from_utf8(bytes) else { continue };
                if PublicKey::read(&text).is_ok_and(|other| other.id() == key.id()) {
                    same.push((at, bit));
                }
            }
        }
        assert_eq!(same, [], "an edited key is another key, or none");
    }
}
