//! A person's word: approvals and holds.

use std::path::Path;

use super::context::Context;
use super::done::Done;
use crate::cli::{PersonArgs, RolloutOf};
use crate::commands::frozen;
use crate::commands::ledger::PATIENCE;
use crate::commands::protected::{Protected, SignerList, signers_of_approvals};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Spanned, list};
use crate::files::{Commit, Ledger, sign_approval};
use crate::ledger::{ApprovedData, Chain, Happening, HeldData, RecordedApproval};
use crate::report::Exit;

/// Writes an approval of the plan as it stands.
pub(super) fn approve(
    of: &RolloutOf,
    person: &PersonArgs,
    key: Option<&Path>,
    sources: &mut Sources,
) -> Result<Done, Diagnostics> {
    let context = Context::of(of, sources)?;
    let manifest = &context.release.manifest;
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
    if context.signers()?.is_some() && key.is_none() {
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
    let mut why = format!("{} approved `{what}`: {}", person.by, person.reason);
    if context.made_by(&person.by) {
        why.push_str("; it is that person's own commit, so somebody else has to approve as well");
    }
    let warnings =
        state.as_ref().map_or_else(Diagnostics::new, |state| frozen::warnings(manifest, state, sources));
    Ok(Done::new(context.view(state.as_ref(), "approve", &why, None), Exit::Pass).warns(warnings))
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
    /// the list of the protected branch. Whoever made the commit does not count alone.
    ///
    /// # Errors
    /// They have to be signed, and nobody can tell by whom.
    pub(super) fn approvals(&self, chain: &Chain, what: &str) -> Result<u32, Diagnostics> {
        let Some(approvals) = &self.deployment.approvals else { return Ok(0) };
        let signers = self.signers()?;
        let counts = |approval: &RecordedApproval<'_>| {
            let by = &approval.data.by;
            let is_named = approvals.from.is_empty() || approvals.from.iter().any(|name| name.value == *by);
            let is_signed = |list: &SignerList| {
                approval.data.signed && Ledger::is_signed(&self.folder, approval, &list.text).is_ok()
            };
            is_named && signers.as_ref().is_none_or(is_signed)
        };
        let counted = chain.approved(self.name(), &self.plan, what, &counts);
        Ok(match counted.as_slice() {
            [alone] if self.made_by(&alone.data.by) => 0,
            all => u32::try_from(all.len()).unwrap_or(u32::MAX),
        })
    }

    /// The list of who may sign approvals, as the protected branch has it; none where they are not signed.
    fn signers(&self) -> Result<Option<SignerList>, Diagnostics> {
        let standing = |_: &Spanned<String>| self.root.manifest_path().to_owned();
        let protected = Protected::of(&self.root, self.protected_ref.as_deref())?;
        Ok(protected.signers(&self.release.manifest, signers_of_approvals, &standing)?)
    }

    /// Whether somebody made the commit that is to be released.
    fn made_by(&self, somebody: &str) -> bool {
        Commit::open(self.root.folder(), "HEAD").is_ok_and(|commit| commit.makers().are(somebody))
    }
}
