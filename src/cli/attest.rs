//! `relgate attest`, and what is asked of a statement by whoever deploys.

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;

use super::values::{parse_age, parse_digest, parse_environment, parse_subject};
use crate::attest::ResourceDescriptor;
use crate::manifest::Digest;

/// How to use `attest`, and its exit codes.
pub const ATTEST_HELP: &str = "Examples:
  relgate attest --key ci.pem --env production                      after `relgate check`, from relgate-report
  relgate attest --key ci.pem --env staging --out attestations

  relgate attest --waiver p95-latency --key ~/.ssh/id_ed25519        signs that waiver, by `ssh-keygen`
  relgate attest --waiver p95-latency                                what is signed: for `ssh-keygen -Y sign -n relgate-waiver`

Two statements, each as `.statement.json`, signed as `.dsse.json` and `.sigstore.json`, and as a bare `.predicate.json`:
  test-result   what every gate came to (in-toto test-result)
  vsa           whether the release may be deployed to ENV (SLSA verification summary)
`--subject registry.example/chat@sha256:DIGITS` says that they are about an image too.
A decision that is no pass is attested as FAILED. `relgate verify --attestation` is the other end: docs/attestations.md.

Exit codes:
  0  written, whatever the statements say
  2  error: no report, an edited one, one of another release than is here, a key that cannot be used";

/// What `relgate attest` was asked.
#[derive(Debug, Args)]
pub struct AttestArgs {
    /// The report.json that `relgate check` wrote, or its folder.
    #[arg(value_name = "FILE", default_value = "relgate-report")]
    pub file: PathBuf,
    /// The private key: ECDSA on the curve P-256, in PEM, without a password. `openssl` reads it, relgate does not.
    #[arg(long, value_name = "PEM", required_unless_present = "waiver")]
    pub key: Option<PathBuf>,
    /// What the release is to be deployed to; the statement counts for nothing else.
    #[arg(long, value_name = "NAME", required_unless_present = "waiver", value_parser = parse_environment)]
    pub env: Option<String>,
    /// Sign the waiver of this gate instead, as its approver, with a key of ssh-keygen; without `--key` print what is signed.
    #[arg(long, value_name = "GATE", conflicts_with_all = ["env", "subject", "out", "ledger"])]
    pub waiver: Option<String>,
    /// Further bytes that the statements are about, such as an image: NAME@sha256:DIGITS; may be given several times.
    #[arg(long, value_name = "NAME@sha256:DIGITS", value_parser = parse_subject)]
    pub subject: Vec<ResourceDescriptor>,
    /// The folder that they are written into; that of the report.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The manifest that was judged; its lock stands beside it.
    #[arg(long, default_value = "release.yaml", value_name = "MANIFEST")]
    pub manifest: PathBuf,
    /// The folder of the ledger; what `deployment: ledger` says, else .relgate/ledger below the root, where it is there.
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// The root that no path may leave; the git top level, else the manifest's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Print the first line only.
    #[arg(long, short)]
    pub quiet: bool,
}

/// A statement that lets a release be deployed, and what it has to say.
#[derive(Debug, Clone, Args)]
pub struct AttestationArgs {
    /// The signed summary of `relgate attest` (vsa.dsse.json or vsa.sigstore.json): about this lock, for `--env`, PASSED.
    #[arg(long, value_name = "FILE", requires_all = ["public_key", "env"])]
    pub attestation: Option<PathBuf>,
    /// The public key of whoever may say so, in PEM.
    #[arg(id = "public_key", long = "key", value_name = "PUB", requires = "attestation")]
    pub key: Option<PathBuf>,
    /// What the release is to be deployed to.
    #[arg(long, value_name = "NAME", requires = "attestation", value_parser = parse_environment)]
    pub env: Option<String>,
    /// A policy that it may have been judged by, as `attest` prints it; any where none is given; may be given several times.
    #[arg(long, value_name = "sha256:DIGITS", requires = "attestation", value_parser = parse_digest)]
    pub policy: Vec<Digest>,
    /// How long ago it may have been judged: 12h, 7d.
    #[arg(long, value_name = "TIME", requires = "attestation", value_parser = parse_age)]
    pub max_age: Option<TimeDelta>,
}
