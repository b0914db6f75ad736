//! `relgate attest`: a judgement as signed statements, made of its report and of nothing else.

mod relied_on;
mod waiver;

pub(super) use relied_on::{Relied, relied_on};
use waiver::WaiverTold;

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use super::console::{Console, tell_findings};
use super::hashing::{Switches, hashing};
use super::ledger::folder_of;
use super::report::load;
use crate::artifact::digest_bytes;
use crate::attest::{
    InputAttestation, PublicKey, ResourceDescriptor, Statement, TestResult, VerificationSummary, dsse_json,
    pre_authentication, sigstore_json, uri,
};
use crate::cli::AttestArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, printable};
use crate::files::{Ledger, Output, Worktree, lock_of, public_half, readable_by_all, signed_bytes};
use crate::judge;
use crate::ledger::Checkpoint;
use crate::release::{self, Release, SharedPolicy};
use crate::report::Exit;
use crate::report::attested::{self, SummaryAsked};
use crate::report::v1::Report;

/// Attests one report.
pub(super) fn run(args: &AttestArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut sources = Sources::new();
    if let Some(gate) = &args.waiver {
        return match waiver::sign(gate, args, &mut sources) {
            Ok(WaiverTold::Bytes(bytes)) => console.out.write_all(&bytes).map(|()| Exit::Pass),
            Ok(WaiverTold::Written(text)) => console.tell(&text).map(|()| Exit::Pass),
            Err(findings) => {
                tell_findings(&findings, &sources, console)?;
                writeln!(console.err, "ERROR  nothing was signed")?;
                Ok(Exit::Error)
            }
        };
    }
    match attest(args, &mut sources) {
        Ok(done) => {
            tell_findings(&done.warnings, &sources, console)?;
            console.tell(&done.text(args))?;
            Ok(Exit::Pass)
        }
        Err(findings) => {
            tell_findings(&findings, &sources, console)?;
            writeln!(console.err, "ERROR  nothing was attested")?;
            Ok(Exit::Error)
        }
    }
}

/// The two statements of a judgement.
struct Statements {
    tests: Statement<TestResult>,
    summary: Statement<VerificationSummary>,
}

struct Attested {
    name: String,
    version: String,
    environment: String,
    summary: Statement<VerificationSummary>,
    key: PublicKey,
    written: Vec<PathBuf>,
    warnings: Diagnostics,
}

fn attest(args: &AttestArgs, sources: &mut Sources) -> Result<Attested, Diagnostics> {
    let (Some(path), Some(environment)) = (&args.key, &args.env) else {
        // The command line asks for both.
        return Err(Diagnostic::error(Code::BadKey, "`--key` and `--env` are needed").into());
    };
    let report = load(&args.file)?;
    let root = Worktree::find(&args.manifest, args.root.as_deref())?;
    let release = held(&root, args, sources)?;
    is_of(&report, &release, sources, &args.manifest)?;
    let key = public_half(path)?;
    let statements = statements(&report, (environment, &args.subject), ledger(args, &release, &root)?)?;
    let folder = match &args.out {
        Some(out) => out.clone(),
        None if args.file.is_dir() => args.file.clone(),
        None => args.file.parent().map(Path::to_path_buf).unwrap_or_default(),
    };
    let written = write(&statements, (path, &key), folder)?;
    Ok(Attested {
        name: release.manifest.name.value.clone(),
        version: release.manifest.version.value.to_string(),
        environment: environment.clone(),
        summary: statements.summary,
        key,
        written,
        warnings: readable_by_all(path).into_iter().collect(),
    })
}

/// The release that is here, its artifacts held against its lock.
fn held(root: &Worktree, args: &AttestArgs, sources: &mut Sources) -> Result<Release, Diagnostics> {
    let declared = release::declare(root, SharedPolicy::Whole, sources)?;
    let held = hashing(root, Switches { no_cache: false, quiet: args.quiet }, |tree| declared.hold(tree));
    if held.findings.has_errors() {
        return Err(held.findings);
    }
    Ok(declared.release(held, Box::new(root.clone())))
}

/// # Errors
/// The report is of another release than is here, or nothing was judged.
fn is_of(report: &Report, release: &Release, sources: &Sources, manifest: &Path) -> Result<(), Diagnostic> {
    let stale = |what: &str| {
        Diagnostic::error(Code::StaleReport, format!("the report is not about what is here: {what}"))
            .help(format!("judge it again: `relgate check {}`", printable(&manifest.to_string_lossy())))
    };
    let Some(own) = &report.release else { return Err(stale("nothing was judged")) };
    let Some(lock) = &release.lock else {
        let name = lock_of(manifest)?.to_string_lossy().into_owned();
        return Err(Diagnostic::error(Code::NoLock, format!("there is no lock `{}`", printable(&name)))
            .help("a statement is about the lock: `relgate lock`, commit it, and `relgate check` again"));
    };
    let text = sources.text(release.manifest.file);
    let criteria = judge::criteria(text, &release.inherited);
    let same =
        |stated: Option<&String>, here: Option<&str>| stated.map(String::as_str) == here && here.is_some();
    if own.manifest_sha256 != release.sha256.hex() {
        let (name, version) = (&release.manifest.name.value, &release.manifest.version.value);
        return Err(if own.name == *name && own.version == *version {
            stale("the manifest was edited since")
        } else {
            stale(&format!(
                "it judged {} {}, and here is {name} {version}",
                printable(&own.name),
                own.version
            ))
        });
    }
    if !same(own.lock_sha256.as_ref(), Some(lock.hex())) {
        return Err(stale("it was judged with another lock, or without one"));
    }
    if own.criteria_sha256.is_none() || report.policy.is_none() {
        return Err(stale("nothing was judged"));
    }
    if !same(own.criteria_sha256.as_ref(), criteria.as_ref().map(crate::manifest::Digest::hex)) {
        return Err(stale("a policy file that it extends was edited since"));
    }
    Ok(())
}

fn statements(
    report: &Report,
    (environment, subjects): (&str, &[ResourceDescriptor]),
    inputs: Vec<InputAttestation>,
) -> Result<Statements, Diagnostic> {
    let asked = SummaryAsked { environment, subjects: subjects.to_vec(), inputs };
    let both = attested::test_result(report).zip(attested::summary(report, asked));
    let (tests, summary) = both.ok_or_else(|| {
        Diagnostic::error(Code::StaleReport, "the report holds a digest that is none")
            .help("judge again with this version of relgate")
    })?;
    // Who reads them finds every subject by its name, once.
    let mut names: Vec<&str> = summary.subject.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair.first() == pair.last()) {
        let name = pair.first().copied().unwrap_or_default();
        let text = format!("`--subject {}` has the name of another subject", printable(name));
        return Err(Diagnostic::error(Code::BadAttestation, text).help("call it by the name of its image"));
    }
    Ok(Statements { tests, summary })
}

/// The ends of the ledger, and what it comes to; nothing where there is none.
fn ledger(
    args: &AttestArgs,
    release: &Release,
    root: &Worktree,
) -> Result<Vec<InputAttestation>, Diagnostics> {
    let folder = folder_of(args.ledger.as_deref(), Some(&release.manifest), root)?;
    if args.ledger.is_some() {
        Ledger::must_be_at(&folder)?;
    }
    if !Ledger::is_at(&folder) {
        return Ok(Vec::new());
    }
    let chain = Ledger::read_sound(&folder)?;
    let input = |name: &str, digest| InputAttestation::new(uri("relgate", &format!("ledger/{name}")), digest);
    let heads = chain.links().iter().filter(|link| chain.heads().contains(&link.digest));
    let heads = heads.map(|link| input(&link.name, link.digest.clone()));
    let checkpoint = chain.checkpoint();
    let checkpoint =
        checkpoint.iter().map(|one: &Checkpoint| input(&one.file_name(), digest_bytes(&one.bytes())));
    Ok(heads.chain(checkpoint).collect())
}

/// Signs both statements and writes every form of them.
fn write(
    statements: &Statements,
    (path, key): (&Path, &PublicKey),
    folder: PathBuf,
) -> Result<Vec<PathBuf>, Diagnostic> {
    let forms = [
        ("test-result", statements.tests.text(), statements.tests.predicate_text()),
        ("vsa", statements.summary.text(), statements.summary.predicate_text()),
    ];
    let mut signed = Vec::new();
    for (name, text, predicate) in forms {
        let signature = signed_bytes(path, key, &pre_authentication(text.as_bytes()))?;
        signed.push((format!("{name}.dsse.json"), dsse_json(text.as_bytes(), &signature, key)));
        signed.push((format!("{name}.sigstore.json"), sigstore_json(text.as_bytes(), &signature, key)));
        signed.push((format!("{name}.predicate.json"), predicate));
        signed.push((format!("{name}.statement.json"), text));
    }
    let mut output = Output::begin(folder)?;
    for (name, text) in &signed {
        output.add(name, text.as_bytes())?;
    }
    output.join()
}

impl Attested {
    fn text(&self, args: &AttestArgs) -> String {
        let summary = &self.summary.predicate;
        let mut text = format!(
            "ATTESTED  {} {} for {}: {} ({})\n",
            printable(&self.name),
            printable(&self.version),
            self.environment,
            summary.verification_result.word(),
            summary.verified_levels.join(", "),
        );
        if args.quiet {
            return text;
        }
        let names = self.written.iter().filter_map(|path| path.file_name());
        let names: Vec<String> = names.map(|name| printable(&name.to_string_lossy())).collect();
        let folder = self.written.first().and_then(|path| path.parent()).map(|path| path.to_string_lossy());
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "judged    {}\npolicy    sha256:{}\nkey       {}\n\nwrote {} in {}\n",
            summary.time_verified,
            summary.policy.digest.sha256.hex(),
            self.key.id(),
            names.join(", "),
            folder.filter(|folder| !folder.is_empty()).map_or(".".to_owned(), |folder| printable(&folder)),
        );
        text
    }
}
