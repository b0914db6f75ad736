//! The command line: what was typed. One file a command, one doc comment a flag; nothing is looked up here.

mod attest;
mod check;
mod diff;
mod evidence;
mod explain;
mod hints;
mod init;
mod ledger;
mod lock;
mod monitor;
mod plan;
mod report;
mod rollout;
mod summarize;
mod tooling;
mod trial;
mod values;

use clap::{Parser, Subcommand, ValueEnum};

pub use attest::{ATTEST_HELP, AttestArgs, AttestationArgs};
pub use check::{CHECK_HELP, CheckArgs};
pub use diff::{DIFF_HELP, DiffArgs, FailOn};
pub use evidence::{EVIDENCE_HELP, EvidenceArgs, EvidenceFormat};
pub use explain::{EXPLAIN_HELP, ExplainArgs};
pub use hints::hint;
pub use init::{INIT_HELP, InitArgs};
pub use ledger::{LEDGER_HELP, LedgerAct, LedgerArgs, LedgerFormat, LedgerPlace};
pub use lock::{LOCK_HELP, LockArgs, VERIFY_HELP, VerifyArgs, VerifyFormat};
pub use monitor::{MONITOR_HELP, MonitorArgs, MonitorFormat, RequiredOutcome};
pub use plan::{PLAN_HELP, PlanArgs, PlanFormat};
pub use report::{REPORT_HELP, ReportArgs};
pub use rollout::{
    EngineArgs, PersonArgs, ROLLBACK_HELP, ROLLOUT_HELP, RollbackArgs, RolloutAct, RolloutArgs,
    RolloutFormat, RolloutOf,
};
pub use summarize::{PartOf, SUMMARIZE_HELP, SummarizeArgs};
pub use tooling::{
    COMPLETIONS_HELP, CompletionsArgs, MAN_HELP, ManArgs, SCHEMA_HELP, SchemaArgs, SchemaName,
};
pub use trial::{TRY_HELP, TryArgs};
pub use values::DiffFormat;

/// Decides whether a generative-AI release may ship: pass, fail or inconclusive, with known error rates.
#[derive(Debug, Parser)]
#[command(
    name = "relgate",
    version,
    help_template = "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}Options:\n{options}{after-help}",
    before_help = COMMANDS,
    after_help = EXIT_CODES,
    propagate_version = true
)]
pub struct Cli {
    /// When to colour: on a terminal, always or never.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// Spell what is told in ASCII, as a terminal without UTF-8 gets it unasked; documents for programs stay as they are.
    #[arg(long, global = true)]
    pub ascii: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands in the order in which a release meets them. Each has a help of its own.
pub const COMMANDS: &str = "Start:
  try          Judge results without a manifest, and print the manifest that asks the same
  init         Start a manifest from what a folder holds; `--demo` writes and judges a small story
  evidence     Say what relgate understands of results files, and the lines of a manifest that fit
  plan         Plan an evaluation: samples that each gate needs, how likely all pass, what never can

Judge:
  check        Judge a release: pin artifacts, read evidence, judge gates, write the report
               (`relgate check --help` shows a manifest to begin with)
  summarize    Make numbers of a part of the evidence, where the evidence is; `check` judges all parts
  explain      Retell how a gate came to its outcome; explain metrics, rules, codes of findings
  report       Tell a saved report in another form

Roll out and watch:
  rollout      Say where a rollout stands; plan, start, next, approve, hold
  monitor      Say what production shows: every signal, candidate beside stable
  rollback     Go back now

Compare and pin:
  diff         Compare two releases: what changed, how much it matters, and what got looser
  lock         Pin the artifacts: write what their bytes are to the lock file beside the manifest
  verify       Verify that the artifacts are what the lock file says, and the ledger what was written

Record:
  ledger       Tell what happened to releases: judged, approved, rolled out, taken back
  attest       Sign what a judgement came to, in statements that other people's tools read

Tooling:
  schema       Print the JSON Schema of a manifest, a report or another document
  completions  Print the completions of a shell
  man          Print the manual pages, or write them into a folder
  help         Print this, or the help of a command
";

/// The exit codes, the same for every command.
pub const EXIT_CODES: &str = "Exit codes:
  0  pass: the release may ship
  1  fail: a blocking gate failed
  2  error: could not judge (usage, bad input, missing data)
  3  inconclusive: the evidence does not decide, and the policy blocks on that
An interrupted run ends with 130 and leaves nothing half-written.";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge results without a manifest, and print the manifest that asks the same.
    #[command(after_help = TRY_HELP)]
    Try(TryArgs),
    /// Start a manifest from what a folder holds; `--demo` writes a small story and judges it.
    #[command(after_help = INIT_HELP, disable_version_flag = true)]
    Init(InitArgs),
    /// Say what relgate understands of results files, and the lines of a manifest that fit them.
    #[command(after_help = EVIDENCE_HELP)]
    Evidence(EvidenceArgs),
    /// Plan an evaluation before it is paid for: the samples that each gate needs, how likely all pass, what never can.
    #[command(after_help = PLAN_HELP)]
    Plan(PlanArgs),
    /// Judge a release: pin its artifacts, read its evidence, judge its gates, write the report.
    #[command(after_help = EXIT_CODES, after_long_help = CHECK_HELP)]
    Check(CheckArgs),
    /// Make numbers of results, wherever they are: a part of the evidence without its texts, judged with the others on one machine.
    #[command(after_help = SUMMARIZE_HELP)]
    Summarize(SummarizeArgs),
    /// Retell how a gate came to its outcome, for people and in figures; explain metrics, rules and the codes of findings.
    #[command(after_help = EXPLAIN_HELP)]
    Explain(ExplainArgs),
    /// Say where a rollout stands; plan it, start it, take its next step, approve or hold it.
    #[command(after_help = ROLLOUT_HELP)]
    Rollout(Box<RolloutArgs>),
    /// Go back now: the candidate's share becomes 0, and what served before serves everybody.
    #[command(after_help = ROLLBACK_HELP)]
    Rollback(RollbackArgs),
    /// Say what production shows: every signal of the manifest, candidate beside stable, however often one looks.
    #[command(after_help = MONITOR_HELP)]
    Monitor(MonitorArgs),
    /// Pin the artifacts: write what their bytes are to the lock file beside the manifest.
    #[command(after_help = LOCK_HELP)]
    Lock(LockArgs),
    /// Verify that the artifacts are what the lock file says, and the ledger what was written.
    #[command(after_help = VERIFY_HELP)]
    Verify(VerifyArgs),
    /// Tell what happened to releases, from a ledger that shows when somebody changes it.
    #[command(after_help = LEDGER_HELP)]
    Ledger(LedgerArgs),
    /// Sign what a judgement came to, in statements that other people's tools read.
    #[command(after_help = ATTEST_HELP)]
    Attest(AttestArgs),
    /// Compare two releases: what changed, how much it matters, and what got looser.
    #[command(after_help = DIFF_HELP)]
    Diff(DiffArgs),
    /// Tell a saved report in another form: from the report.json of an earlier check, without judging again.
    #[command(after_help = REPORT_HELP)]
    Report(ReportArgs),
    /// Print the JSON Schema of a manifest, a report or another document.
    #[command(after_help = SCHEMA_HELP)]
    Schema(SchemaArgs),
    /// Print the completions of a shell.
    #[command(after_help = COMPLETIONS_HELP)]
    Completions(CompletionsArgs),
    /// Print the manual page of relgate or of a command, or write all of them.
    #[command(after_help = MAN_HELP)]
    Man(ManArgs),
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{COMMANDS, Cli};

    #[test]
    fn help_names_every_command_once() {
        let help = Cli::command().render_help().to_string();
        for command in Cli::command().get_subcommands() {
            let line = format!("\n  {:<12} ", command.get_name());
            assert_eq!(COMMANDS.matches(&line).count(), 1, "{}", command.get_name());
            assert!(help.contains(&line), "{help}");
        }
        assert!(help.contains("--color") && help.contains("Exit codes:"), "{help}");
    }

    /// The words of a line as a shell would split it, as far as examples need one.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                c => words.last_mut().into_iter().for_each(|word| word.push(c)),
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    /// The help of every command has examples, and each of them can be typed.
    #[test]
    fn every_command_has_examples_that_parse() {
        for command in Cli::command().get_subcommands_mut() {
            let name = command.get_name().to_owned();
            let help = command.render_long_help().to_string();
            let start = format!("relgate {name}");
            let mut seen = 0;
            for line in help.lines().map(str::trim).filter(|line| line.starts_with(&start)) {
                // What stands behind a gap says what it does; what stands behind a pipe or an arrow is the shell's.
                let typed =
                    line.split("   ").next().unwrap_or("").split([';', '|', '>']).next().unwrap_or("");
                let typed = if line.contains('\'') { line.split("   ").next().unwrap_or("") } else { typed };
                Cli::try_parse_from(words(typed))
                    .unwrap_or_else(|wrong| panic!("{name}: `{typed}`: {wrong}"));
                seen += 1;
            }
            assert!(seen > 0, "{name} has no example:\n{help}");
            assert!(help.contains("Exit codes:"), "{name}");
        }
    }
}
