//! ATTESTED: statements about a judgement for people outside, in the forms that their tools read.
//!
//! [`Statement`] is an in-toto statement, [`TestResult`] and [`VerificationSummary`] say what relgate found in the words of
//! in-toto and SLSA, [`Envelope`] carries one with its signature, as DSSE or as a bundle of Sigstore. [`Expectation`] holds one against
//! what is to be deployed. Nothing is signed here: `files` asks `openssl`.

pub mod base64;
mod dsse;
mod expectation;
mod key;
mod predicate;
mod statement;
mod waiver;

pub use dsse::{Envelope, PAYLOAD_TYPE, dsse_json, pre_authentication, sigstore_json};
pub use expectation::Expectation;
pub use key::{PublicKey, usable_private_key};
pub use predicate::{
    InputAttestation, PolicyReference, SummaryVerifier, TEST_RESULT, TestOutcome, TestResult,
    VERIFIED_SUMMARY, VerificationOutcome, VerificationSummary,
};
pub use statement::{DigestSet, LOCK, Mismatch, ResourceDescriptor, STATEMENT_TYPE, Statement, uri};
pub use waiver::waiver_bytes;
