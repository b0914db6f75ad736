//! A byte that is flipped anywhere: nothing that is believed says anything else than what was signed.

use std::fs;

use relgate::attest::{
    Envelope, PublicKey, Statement, VERIFIED_SUMMARY, VerificationSummary, pre_authentication,
};
use relgate::files::is_signed_by;

use super::*;

/// What a reader believes: who signed what.
fn believed(envelope: &str, key: &str) -> Option<(String, Statement<VerificationSummary>)> {
    let key = PublicKey::read(key).ok()?;
    let envelope = Envelope::read(envelope).ok()?;
    if envelope.key.as_deref().is_some_and(|stated| stated != key.id()) {
        return None;
    }
    if !is_signed_by(&key, &pre_authentication(&envelope.payload), &envelope.signature).unwrap() {
        return None;
    }
    let text = String::from_utf8(envelope.payload).ok()?;
    Some((key.id().to_owned(), Statement::read(&text, VERIFIED_SUMMARY).ok()?))
}

/// `RELGATE_ALL_BYTES=1` flips every bit of every byte (some minutes); else one of every `some`.
#[test]
fn no_flipped_byte_is_believed_with_another_meaning() {
    let project = story(&["Toxicity < 1%"], 0, "");
    attested(&project);
    let read = |name: &str| fs::read_to_string(project.path(name)).unwrap();
    let key = read("ci.pub");
    let all = std::env::var_os("RELGATE_ALL_BYTES").is_some();
    let mut tried = 0;
    let mut same = 0;
    for name in ["relgate-report/vsa.dsse.json", "relgate-report/vsa.sigstore.json", "ci.pub"] {
        let text = read(name);
        let envelope = read(if name == "ci.pub" { "relgate-report/vsa.dsse.json" } else { name });
        let truth = believed(&envelope, &key).unwrap();
        let some = if all { 1 } else { 29 };
        for at in (0..text.len() * 8).step_by(some) {
            let mut bytes = text.clone().into_bytes();
            bytes[at / 8] ^= 1 << (at % 8);
            let Ok(edited) = String::from_utf8(bytes) else { continue };
            let found = if name == "ci.pub" { believed(&envelope, &edited) } else { believed(&edited, &key) };
            tried += 1;
            if let Some(found) = found {
                same += 1;
                assert_eq!(found, truth, "{name}: bit {at}");
            }
        }
    }
    println!("{tried} flips, {same} of them of white space that says nothing");
    assert!(tried > 1000);
}
