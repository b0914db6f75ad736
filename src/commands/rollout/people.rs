//! A person's word: approvals and holds.

use std::path::Path;

use super::context::Context;
use super::done::Done;
use crate::artifact::Tree as _;
use crate::cli::{PersonArgs, RolloutOf};
use crate::commands::ledger::PATIENCE;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Spanned, list};
use crate::files::{Commit, Ledger, sign_approval};
use crate::ledger::{ApprovedData, Chain, Happening, HeldData};
use crate::report::Exit;

/// Writes an approval of the plan as it stands.
pub(super) fn approve(
    of: &RolloutOf,
    person: &PersonArgs,
    key: Option<&Path>,
    sources: &mut Sources,
) -> Result<Done, Diagnostics> {
    let context = Context::of(of, sources)?;
    let Some(approvals) = &context.deployment.approvals else {
        let text = "`deployment` asks for no approval";
        return Err(Diagnostic::error(Code::RolloutPlan, text)
            .at(context.deployment.span, "no `approvals`")
            .help("add `approvals: { full: 1, from: [release-board] }`")
            .into());
    };
    let names = || approvals.from.iter().map(|name| name.value.as_str());
    if !approvals.from.is_empty() && !names().any(|name| name == person.by) {
        return Err(Diagnostic::error(Code::RolloutPlan, format!("`{}` may not approve this", person.by))
            .note(format!("who may: {}", list(names(), 12)))
            .suggest(&person.by, names())
            .into());
    }
    if approvals.signers.is_some() && key.is_none() {
        return Err(Diagnostic::error(Code::RolloutPlan, "approvals of this release are signed")
            .help("give `--key ~/.ssh/id_ed25519`, the key that stands beside your name in `signers`")
            .into());
    }
    let mut ledger = Ledger::open(&context.folder, PATIENCE)?;
    let state =
        ledger.chain().state(context.name()).filter(|state| state.candidate.version == context.version());
    let (what, release) = match &state {
        Some(state) => ("full", state.candidate.clone()),
        None => ("start", super::start::judged_release(&context, ledger.chain())?),
    };
    let data = ApprovedData {
        what: what.to_owned(),
        digest: context.plan.clone(),
        by: person.by.clone(),
        reason: person.reason.clone(),
        signed: key.is_some(),
    };
    let event = context.event(&release, Happening::Approved(data));
    match key {
        Some(key) => {
            let sign = |bytes: &[u8]| sign_approval(key, bytes);
            ledger.append_signed(event, Some(&sign))?;
        }
        None => drop(ledger.append(event)?),
    }
    let why = format!("{} approved `{what}`: {}", person.by, person.reason);
    Ok(Done::new(context.view(state.as_ref(), "approve", &why, None), Exit::Pass))
}

/// Stands still from now on.
pub(super) fn hold(of: &RolloutOf, person: &PersonArgs, sources: &mut Sources) -> Result<Done, Diagnostics> {
    let context = Context::of(of, sources)?;
    let mut ledger = Ledger::open(&context.folder, PATIENCE)?;
    let state = context.state(&ledger)?;
    let data =
        HeldData { code: "person".to_owned(), reason: person.reason.clone(), by: Some(person.by.clone()) };
    context.append(&mut ledger, &state.candidate, Happening::Held(data))?;
    let state = context.state(&ledger)?;
    let why = format!("{} holds it: {}", person.by, person.reason);
    Ok(Done::new(context.view(Some(&state), "hold", &why, None), Exit::Pass))
}

impl Context {
    /// How many people approved this plan of this release since its last rollout ended, each once; signatures are held against
    /// the list that is committed.
    ///
    /// # Errors
    /// The list of signers cannot be read.
    pub(super) fn approvals(&self, chain: &Chain, what: &str) -> Result<u32, Diagnostic> {
        let Some(approvals) = &self.deployment.approvals else { return Ok(0) };
        let signers = approvals.signers.as_ref().map(|declared| self.signers(declared)).transpose()?;
        let named =
            |by: &str| approvals.from.is_empty() || approvals.from.iter().any(|name| name.value == by);
        let counts = chain.approved(self.name(), &self.plan, what).into_iter().filter(|approval| {
            let signed = signers.as_ref().is_none_or(|signers| {
                approval.data.signed && Ledger::is_signed(&self.folder, approval, signers).is_ok()
            });
            named(&approval.data.by) && signed
        });
        Ok(u32::try_from(counts.count()).unwrap_or(u32::MAX))
    }

    /// The list of signers: as it is committed, so that nobody adds himself; outside of git the file.
    fn signers(&self, declared: &Spanned<String>) -> Result<String, Diagnostic> {
        let at = |finding: Diagnostic| finding.at(declared.span, "the list of signers");
        let path = self.root.resolve(&declared.value);
        let path = path.map_err(|trouble| at(trouble.finding(&declared.value)))?;
        match Commit::open(self.root.folder(), "HEAD") {
            Ok(commit) => commit.text_of(&path).map_err(at),
            Err(_) => Ok(self.root.text(&path).map_err(at)?.text),
        }
    }
}
