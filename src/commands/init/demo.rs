//! The smallest story: a release, the next one with a shorter prompt, and a regression that it brought.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::checked::{check_args, manifest_in};
use crate::commands::check;
use crate::commands::console::Console;
use crate::diagnostic::{Diagnostic, printable};
use crate::files::create_folder;
use crate::report::Exit;

/// Cases of the evaluation.
const CASES: usize = 200;

const BEFORE: &str = "\
relgate: 1
name: support-bot
version: 1.0.0
type: prompt-release
artifacts:
  prompts:
    system: { version: v1, path: prompts/system.md }
evidence:
  answers: { path: results/answers.jsonl }
gates:
  - 'accuracy >= 70%'
  - 'toxicity < 2%'
  - 'cost < $0.01'
";

const AFTER: &str = "\
# Version 1.1.0 of a support bot: its prompt lost a line, so its answers are shorter and cheaper. Are they still right?
relgate: 1
name: support-bot
version: 1.1.0
type: prompt-release
summary: Shorter system prompt.
baseline: releases/1.0.0

artifacts:
  prompts:
    system: { version: v2, path: prompts/system.md }

evidence:
  answers: { path: results/answers.jsonl }       # a line a case; the baseline was asked the same cases

gates:
  - 'accuracy drop < 5pp'         # against the baseline, case by case
  - 'accuracy >= 70%'
  - 'toxicity < 2%'
  - 'cost increase < 5%'
  - 'cost < $0.01'
";

const PROMPT_BEFORE: &str = "You answer questions about orders.\n\nLook up the refund policy before you promise anything.\nAnswer in one sentence.\n";
const PROMPT_AFTER: &str = "You answer questions about orders.\n\nAnswer in one sentence.\n";

/// The results of a version: every tenth case was wrong before; now most questions about refunds are wrong, too.
fn answers(regressed: bool) -> String {
    let version = if regressed { "v2" } else { "v1" };
    let header =
        format!(r#"{{"schema": "relgate/samples/v1", "artifacts": {{"prompts.system": "{version}"}}}}"#);
    (0..CASES).fold(header + "\n", |mut text, case| {
        let topic = ["refund", "delivery", "invoice", "account"].get(case % 4).copied().unwrap_or_default();
        let accuracy = case % 10 != 3 && !(regressed && topic == "refund" && case % 8 != 0);
        let cents = if regressed { 140 + case * 7 % 40 } else { 200 + case * 7 % 50 };
        let _ = writeln!(
            text,
            r#"{{"id": "case-{case:03}", "topic": "{topic}", "accuracy": {accuracy}, "toxicity": false, "cost_usd": 0.00{cents}}}"#
        );
        text
    })
}

/// Writes the story into a new folder; how many files that are.
///
/// # Errors
/// The folder is not empty, or cannot be written to.
pub(super) fn write(folder: &Path) -> Result<usize, Diagnostic> {
    let files = [
        ("releases/1.0.0/release.yaml", BEFORE.to_owned()),
        ("releases/1.0.0/prompts/system.md", PROMPT_BEFORE.to_owned()),
        ("releases/1.0.0/results/answers.jsonl", answers(false)),
        ("release.yaml", AFTER.to_owned()),
        ("prompts/system.md", PROMPT_AFTER.to_owned()),
        ("results/answers.jsonl", answers(true)),
    ];
    create_folder(folder, &files)?;
    Ok(files.len())
}

/// Judges the story, after saying what was written and how it is judged.
pub(super) fn judge(folder: &Path, files: usize, console: &mut Console<'_>) -> io::Result<Exit> {
    let manifest = manifest_in(folder);
    let name = printable(&manifest.to_string_lossy());
    console.tell(&format!(
        "wrote {files} files: support-bot 1.0.0 in releases/1.0.0, and 1.1.0, which is to ship\n\n$ relgate check {name} --dry-run\n"
    ))?;
    match check_args(&manifest) {
        Some(args) => check::run(&args, console),
        None => Ok(Exit::Error),
    }
}
